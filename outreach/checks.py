"""System checks: a misconfigured installation says so before it serves."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from outreach.staticfiles import PACKAGES


@register(Tags.database, deploy=True)
def real_servers(app_configs, **kwargs):
    """A deployment does not run on the embedded engines."""
    if settings.EMBEDDED:
        return [
            Warning(
                "The embedded engines are for one machine and for trying out.",
                hint="Set DATABASE_URL and REDIS_URL to real servers.",
                id="outreach.W001",
            )
        ]
    return []


@register(deploy=True)
def hosts_named(app_configs, **kwargs):
    """Host names are named, and none of them is a wildcard."""
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        return [Error("ALLOWED_HOSTS must name the site's hosts.", id="outreach.E001")]
    return []


@register()
def front_end_installed(app_configs, **kwargs):
    """Third-party front-end files are there, or pages would come without their style."""
    root = Path(settings.BASE_DIR) / "node_modules"
    collected = Path(settings.STATIC_ROOT)
    missing = [
        source
        for path, source in PACKAGES.items()
        if not (root / source).exists() and not (collected / path).exists()
    ]
    if missing:
        return [
            Warning(
                f"Front-end files are missing: {', '.join(missing)}.",
                hint="Run `npm ci`, or `make run`, which does it.",
                id="outreach.W002",
            )
        ]
    return []
