"""Settings shared by every environment, read from the environment once, grouped by topic."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOCAL_DIR = Path(env.str("EPT_LOCAL_DIR", default=str(BASE_DIR / ".local")))

# Applications. Short on purpose: each one costs every start.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "rules.apps.AutodiscoverRulesConfig",
    "core",
    "notifications",
    "accounts",
    "programs",
    "applications",
    "scoring",
    "selection",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "eptportal.cookieless.CookielessMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.HatMiddleware",
    "accounts.middleware.HistoryContextMiddleware",
    "accounts.languages.AccountLanguageMiddleware",
]

ROOT_URLCONF = "eptportal.urls"
WSGI_APPLICATION = "eptportal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_BASE_URL = env.str("SITE_BASE_URL", default="http://127.0.0.1:8000")
BUILD_VERSION = env.str("BUILD_VERSION", default="dev")

# Templates and forms
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "eptportal.shell.context",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ("uswds",)
CRISPY_TEMPLATE_PACK = "uswds"
CRISPY_CLASS_CONVERTERS = dict.fromkeys(
    (
        "textinput",
        "urlinput",
        "numberinput",
        "emailinput",
        "dateinput",
        "textarea",
        "passwordinput",
        "select",
        "checkboxinput",
        "radioselect",
        "checkboxselectmultiple",
        "clearablefileinput",
        "fileinput",
    ),
    "",
)

# Language and time: stored in UTC, shown in Pacific time.
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", _("English")), ("es", _("Spanish")), ("zh-hant", _("Traditional Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "core.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Los_Angeles"

# Static files and uploads
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
LOCAL_FILES = {"BACKEND": "django.core.files.storage.FileSystemStorage"}  # in MEDIA_ROOT
S3_FILES = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": env.str("FILES_S3_BUCKET", default=""),
        "endpoint_url": env.str("FILES_S3_ENDPOINT", default="") or None,
        "region_name": env.str("FILES_S3_REGION", default="") or None,
        "access_key": env.str("FILES_S3_KEY", default="") or None,
        "secret_key": env.str("FILES_S3_SECRET", default="") or None,
        "location": "files",
        "file_overwrite": False,
        "default_acl": None,
        "signature_version": "s3v4",
        "addressing_style": "path" if env.str("FILES_S3_ENDPOINT", default="") else "auto",
    },
}
STORAGES = {
    "default": S3_FILES if env.str("FILES_S3_BUCKET", default="") else LOCAL_FILES,
    "staticfiles": {"BACKEND": "eptportal.staticfiles.PortalStaticFiles"},
}
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",  # requests up to 2.5 MB
    "applications.uploads.LimitedUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # bytes of a form without its files
# A list of sites: 10 inputs for each of practices.ROWS_AT_MOST entries, and some for the page.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10 * 200 + 100
DATA_UPLOAD_MAX_NUMBER_FILES = 5
CLAMD_URL = env.str(
    "CLAMD_URL", default=""
)  # tcp://host:3310 or unix:///path; none: no virus check
SCAN_SWEEP_SECONDS = 60.0
RUN_SWEEP_SECONDS = 60.0
EXPORT_SWEEP_SECONDS = 60.0
RELEASE_SWEEP_SECONDS = env.float("RELEASE_SWEEP_SECONDS", default=30.0)
ANNOUNCE_BATCH = env.int("ANNOUNCE_BATCH", default=500)  # decisions told in one transaction
FAIRNESS_SECONDS = 600.0
SEARCH_SWEEP_SECONDS = env.float("SEARCH_SWEEP_SECONDS", default=60.0)
BULK_SWEEP_SECONDS = 30.0
OFFER_SWEEP_SECONDS = 60.0

# People and sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds for which a password typed again counts
INVITATION_DAYS = 14
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
COOKIELESS_PATHS = ("/cohorts/",)  # public pages that any cache may share
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
DEMO_SIGN_IN = False

# What browsers may load: our own origin and nothing else.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# Queue: the broker is disposable, the outbox table is the truth (docs/adr/0005).
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "max_retries": 0,  # publishing to a dead broker fails at once; the sweep delivers
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
OUTBOX_SWEEP_SECONDS = env.float("OUTBOX_SWEEP_SECONDS", default=60.0)
OUTBOX_STALE_SECONDS = env.float("OUTBOX_STALE_SECONDS", default=900.0)
OUTBOX_BATCH_SIZE = 100
CELERY_BEAT_SCHEDULE = {
    "sweep-outbox": {
        "task": "notifications.sweep_outbox",
        "schedule": OUTBOX_SWEEP_SECONDS,
        "options": {"expires": OUTBOX_SWEEP_SECONDS},
    },
    "sweep-scans": {
        "task": "applications.sweep_scans",
        "schedule": SCAN_SWEEP_SECONDS,
        "options": {"expires": SCAN_SWEEP_SECONDS},
    },
    "sweep-runs": {
        "task": "scoring.sweep_runs",
        "schedule": RUN_SWEEP_SECONDS,
        "options": {"expires": RUN_SWEEP_SECONDS},
    },
    "renew-fairness": {
        "task": "scoring.renew_fairness",
        "schedule": FAIRNESS_SECONDS,
        "options": {"expires": FAIRNESS_SECONDS},
    },
    "sweep-exports": {
        "task": "scoring.sweep_exports",
        "schedule": EXPORT_SWEEP_SECONDS,
        "options": {"expires": EXPORT_SWEEP_SECONDS},
    },
    "sweep-releases": {
        "task": "selection.sweep_releases",
        "schedule": RELEASE_SWEEP_SECONDS,
        "options": {"expires": RELEASE_SWEEP_SECONDS},
    },
    "sweep-searches": {
        "task": "selection.sweep_searches",
        "schedule": SEARCH_SWEEP_SECONDS,
        "options": {"expires": SEARCH_SWEEP_SECONDS},
    },
    "sweep-bulk-acts": {
        "task": "selection.sweep_bulk_acts",
        "schedule": BULK_SWEEP_SECONDS,
        "options": {"expires": BULK_SWEEP_SECONDS},
    },
    "sweep-offers": {
        "task": "selection.sweep_offers",
        "schedule": OFFER_SWEEP_SECONDS,
        "options": {"expires": OFFER_SWEEP_SECONDS},
    },
    "clear-sessions": {
        "task": "accounts.clear_sessions",
        "schedule": 3600.0,  # seconds: as long as an import file is kept at most
        "options": {"expires": 3600.0},
    },
}
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="EPT Portal <no-reply@portal.example>")

# History: rows of events can be added, never changed.
PGHISTORY_APPEND_ONLY = True

# Identifiers kept encrypted (TIN): one key, rotated by re-encrypting.
FIELD_ENCRYPTION_KEY = env.str("FIELD_ENCRYPTION_KEY", default="")

SILENCED_SYSTEM_CHECKS: list[str] = []
