"""What a phone keeps of the programme: whose it is, what locks it, the files its pages need."""

import base64
import hashlib
import json
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import salted_hmac

from outreach.models import User

# Besides the pages themselves: what my month and the page of a record load.
ASSETS = [
    "vendor/bootstrap.css",
    "css/app.css",
    "vendor/htmx.js",
    "js/app.js",
    "js/phone-store.js",
    "js/phone-queue.js",
    "js/phone.js",
    "js/photo-small.js",
    "js/record.js",
    "js/record-phone.js",
    "img/seal.svg",
]


def person_of(user: User) -> str:
    """The name under which a phone keeps what is this person's; it tells nobody who that is."""
    return _derived("person", user, settings.SECRET_KEY).hex()[:24]


def keys_of(user: User) -> list[dict[str, str]]:
    """The person's names and keys, the one to write with first.

    A phone is shared and may be lost, so what waits on it is encrypted, and the key is not on it
    while the person is signed out: the server alone can make it, and gives it to the signed-in
    person only. It is derived, not stored: from the installation's secret and the account's number,
    which a change of the password leaves as they are, so that a record locked for a week opens
    again whatever happened in between. After a change of the secret the keys of the former ones
    are given too. Whoever holds the secret and the phone could read what is on it; whoever holds
    the secret can read the database anyway.
    """
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [
        {
            "id": _derived("person", user, secret).hex()[:24],
            "key": base64.b64encode(_derived("key", user, secret)).decode(),
        }
        for secret in secrets
    ]


def _derived(what: str, user: User, secret: Any) -> bytes:
    salt = f"outreach.phone.{what}"
    return salted_hmac(salt, str(user.pk), secret=secret, algorithm="sha256").digest()


def worker_script() -> str:
    """The service worker: which files it keeps, then its own two; it changes when any of them does.

    It is asked for at the root, because a worker sees only what lies below its own address.
    """
    assets = [static(name) for name in ASSETS]
    parts = [static("js/phone-store.js"), static("js/phone-worker.js")]
    names = {"home", "login", "logout", "my_month", "phone", "phone_offline"}
    names |= {"set_language", "set_theme"}
    words = {
        "version": hashlib.sha256(json.dumps(assets).encode()).hexdigest()[:12],
        "assets": assets,
        "static": settings.STATIC_URL,
        "urls": {name: reverse(name) for name in sorted(names)},
    }
    return f"self.PHONE = {json.dumps(words)};\nimportScripts(...{json.dumps(parts)});\n"


def manifest(name: str, short_name: str, language: str) -> dict[str, Any]:
    """What makes the programme a thing on a phone's home screen."""
    sizes = {"img/seal-192.png": "192x192", "img/seal-512.png": "512x512"}
    return {
        "id": "/",
        "name": name,
        "short_name": short_name,
        "lang": language,
        "start_url": reverse("my_month"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f5f2",
        "theme_color": "#b3261e",
        "icons": [
            {"src": static(name), "sizes": size, "type": "image/png", "purpose": purpose}
            for name, size in sizes.items()
            for purpose in ("any", "maskable")
        ],
    }
