from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutreachConfig(AppConfig):
    name = "outreach"
    verbose_name = _("Face-to-face outreach")

    def ready(self):
        from outreach import checks  # noqa: F401 (registers the system checks)
