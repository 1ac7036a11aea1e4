"""The web server's access log, without the addresses that open something without a sign-in."""

from typing import Any

from gunicorn.glogging import Logger

from outreach.logs import without_secrets


class AccessLog(Logger):
    """gunicorn's own log lines; named in the Dockerfile."""

    def atoms(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        atoms = super().atoms(*args, **kwargs)
        return {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in atoms.items()
        }
