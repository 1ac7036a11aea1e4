"""Settings of every environment, driven by environment variables and safe by default.

Without `DATABASE_URL` the program runs on its embedded engines (`outreach.engines`) and keeps its
state, secret key included, in the data directory. With it, nothing is invented: a missing
`SECRET_KEY`, `ALLOWED_HOSTS` or `REDIS_URL` stops the start.
"""

import logging.config
import os
import secrets
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from outreach import engines, schedule

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env.str("OUTREACH_DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()
EMBEDDED = "DATABASE_URL" not in os.environ
PLACES = engines.places(DATA_DIR)


def _kept_secret() -> str:
    """The embedded installation's own secret key, made once and kept readable by its owner only."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its key is the one
        finally:
            draft.unlink()
    return path.read_text()


if missing := [
    name
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "REDIS_URL")
    if not EMBEDDED and not os.environ.get(name)
]:
    raise ImproperlyConfigured(
        f"Set {', '.join(missing)}: a deployment with DATABASE_URL invents nothing itself."
    )

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY") if "SECRET_KEY" in os.environ else _kept_secret()
# Former ones, while what they sealed and signed must still be read (a phone may wait for weeks).
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "outreach",
    "contact_points",
    "visits",
    "feedback",
    "reports",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "import_export",
]

MIDDLEWARE = [
    "outreach.middleware.request_id",
    "outreach.middleware.compressed_pages",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "outreach.middleware.session_expiry",
    "outreach.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "outreach.middleware.steady_token",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "outreach.middleware.password_change_required",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "outreach.middleware.private_pages",
    "outreach.middleware.access_audited",
    "outreach.middleware.read_only_get",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "outreach.urls"
WSGI_APPLICATION = "outreach.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "outreach.context_processors.layout",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "components/table.html"
FILTERS_EMPTY_CHOICE_LABEL = _("all")

# Data ---------------------------------------------------------------------------------------

if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "outreach",
            "USER": "app",
            "HOST": str(PLACES.postgres_socket),
        }
    }
else:
    DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
# A page's query is over before its parallel workers have started (10 ms), and they take the
# processors from other people's pages.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
    "options", "-c max_parallel_workers_per_gather=0"
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if redis_url := env.str("REDIS_URL", default=""):
    BROKER = redis_url.replace("unix://", "redis+socket://", 1)
else:
    BROKER = f"redis+socket://{PLACES.valkey_socket}"

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(DATA_DIR / "media")))
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "outreach.staticfiles.PackageFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "outreach.staticfiles.HashedStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 2**20
UPLOAD_MAX_BYTES = 10 * 2**20
UPLOAD_MAX_ROWS = 20_000
ATTACHMENT_MAX_BYTES = 20 * 2**20
PHOTO_MAX_BYTES = 20 * 2**20
# What preparing one may cost: 230 MB at most. WebP holds every pixel four times over.
PHOTO_MAX_PIXELS = {"jpg": 40_000_000, "png": 40_000_000, "webp": 12_000_000}

# People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "outreach.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Sessions live in the database: with Redis down people stay signed in.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_IDLE = timedelta(minutes=env.int("SESSION_IDLE_MINUTES", default=30))
SESSION_ABSOLUTE = timedelta(hours=env.int("SESSION_ABSOLUTE_HOURS", default=12))
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE.total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "outreach.views.csrf_failure"

# By name and address together: one colleague's mistakes never lock the office behind one address.
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "outreach.views.locked_out"
AXES_CLIENT_IP_CALLABLE = "outreach.middleware.client_ip"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Transport ----------------------------------------------------------------------------------

# The embedded engines serve one machine over plain HTTP; every deployment is behind TLS.
SECURE = not EMBEDDED and not DEBUG and env.bool("OUTREACH_HTTPS", default=True)
if SECURE:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
BEHIND_PROXY = env.bool("OUTREACH_BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "outreach" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = "outreach.formats"

# Background work ----------------------------------------------------------------------------

CELERY_BROKER_URL = BROKER
CELERY_TIMEZONE = TIME_ZONE
# What people wait for, and what a night may take: some worker serves only the first.
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("interactive", "bulk")]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # kB; a process that grew is replaced after its task
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,  # longer than the longest task, or it would run twice
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "health_check_interval": 25,
}
CELERY_BEAT_SCHEDULE = schedule.BEAT

# What must follow when the registry changes; the registry itself does not know who listens.
AFTER_REGISTRY_CHANGE = ["visits.tasks.ensure_plan_lines"]
# What apps to the right of the visits know to be due in a county: county id -> reminders.
ALSO_DUE = ["feedback.escalation.due_matters"]
# What parts from contact points when the list that opened them is undone: released contact point
# -> the one whose months it had taken over, or None; returns those that cannot be released.
UNDO_RELEASES = ["visits.services.obligations.release_lines"]

# Where the links of an e-mail and of a receipt lead; `up` tells its port.
_local = f"http://localhost:{env.int('OUTREACH_PORT', default=8000)}"
SITE_URL = env.str("SITE_URL", default=f"https://{ALLOWED_HOSTS[0]}" if SECURE else _local).rstrip(
    "/"
)
# Mail is sent only where an administrator configured it.
EMAIL_ENABLED = "EMAIL_URL" in os.environ
if EMAIL_ENABLED:
    vars().update(env.email_url("EMAIL_URL"))
    EMAIL_TIMEOUT = 20
    DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="outreach@localhost")
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

IMPORT_EXPORT_USE_TRANSACTIONS = True
SILENCED_SYSTEM_CHECKS = (
    # One machine, plain HTTP, own secret: the embedded mode says so itself (outreach.checks).
    ["security.W004", "security.W008", "security.W012", "security.W016"] if EMBEDDED else []
)

LOGGING_CONFIG = None
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "outreach.logs.RequestIdFilter"},
        "villagers": {"()": "outreach.logs.VillagersLeftOut"},
    },
    "formatters": {
        "json": {
            "()": "outreach.logs.SecretsLeftOut",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            "json_ensure_ascii": False,
        }
    },
    "handlers": {
        "stream": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["stream"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "django.request": {"filters": ["villagers"]}},
}
logging.config.dictConfig(LOGGING)
