"""What is kept so that the database alone gives it away to nobody: sealed texts and marks.

The keys come from SECRET_KEY and, after it was changed, from SECRET_KEY_FALLBACKS.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "outreach.sealing"


def _secrets() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _box() -> MultiFernet:
    keys = [salted_hmac(_SALT, "box", key, algorithm="sha256").digest() for key in _secrets()]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def seal(text: str) -> str:
    """The text encrypted; the same text never looks the same twice."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The text again, or None where no present key opens it."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def mark(text: str) -> str:
    """A name of the text, 64 characters, from which nobody without the key gets it back."""
    return _mark(text, settings.SECRET_KEY)


def marks(text: str) -> list[str]:
    """The text's mark under the present key and under each former one, to look it up by."""
    return [_mark(text, key) for key in _secrets()]


def _mark(text: str, secret: str) -> str:
    return salted_hmac(_SALT, text, secret, algorithm="sha256").hexdigest()


def has_mark(text: str, known: str) -> bool:
    """Whether this is the text's mark; it takes as long when it is not."""
    same = [constant_time_compare(each, known) for each in marks(text)]
    return any(same)
