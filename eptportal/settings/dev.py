"""Development and the demo: embedded servers unless the environment names real ones."""

from eptportal import logs
from eptportal.local import paths
from eptportal.settings.base import *  # noqa: F403
from eptportal.settings.base import LOCAL_DIR, env

LOGGING = logs.configure(as_json=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="only-for-development-and-the-demo-never-in-production")
FIELD_ENCRYPTION_KEY = env.str(
    "FIELD_ENCRYPTION_KEY", default="ZGV2ZWxvcG1lbnQta2V5LWZvci1kZW1vLW9ubHktMzI="
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])

DATABASES = {"default": paths.database_settings(env, LOCAL_DIR)}
CELERY_BROKER_URL = env.str("REDIS_URL", default=paths.broker_url(LOCAL_DIR))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
vars().update(env.email("EMAIL_URL", default=paths.sink_url(LOCAL_DIR)))

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = LOCAL_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
MEDIA_ROOT = LOCAL_DIR / "media"
DEMO_SIGN_IN = True
