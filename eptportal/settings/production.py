"""Production: everything that matters comes from the environment, and a missing value stops the start."""

from base64 import urlsafe_b64decode

from django.core.exceptions import ImproperlyConfigured

from eptportal import logs
from eptportal.settings.base import *  # noqa: F403
from eptportal.settings.base import env

REQUIRED = (
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEY",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "SITE_BASE_URL",
)
missing = [name for name in REQUIRED if not env.str(name, default="")]
if missing:
    raise ImproperlyConfigured(
        "These environment variables are not set: " + ", ".join(missing) + "."
    )

LOGGING = logs.configure(as_json=True)
try:
    KEY_BYTES = len(urlsafe_b64decode(env.str("FIELD_ENCRYPTION_KEY")))
except ValueError:
    KEY_BYTES = 0
if KEY_BYTES != 32:
    raise ImproperlyConfigured("FIELD_ENCRYPTION_KEY is not 32 bytes in URL-safe base64.")

DEBUG = False
DEMO_SIGN_IN = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["OPTIONS"] = {
    "options": "-c jit=off -c pgtrigger.ignore={}",
    **DATABASES["default"].get("OPTIONS", {}),
    "pool": {
        "min_size": 2,
        "max_size": env.int("DATABASE_POOL_SIZE", default=8),
        "timeout": 5,  # seconds to wait for a connection
    },
}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = 0
CELERY_BROKER_URL = env.str("REDIS_URL")
vars().update(env.email("EMAIL_URL"))
CACHES = {  # in the database: people can sign in while the broker is away
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},  # beyond it, counts of tries would be dropped
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1)

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31536000
# Other hosts of the same domain, and a browser's preload list, are not ours to decide on.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
MEDIA_ROOT = env.str("MEDIA_ROOT", default="/var/lib/eptportal/media")
