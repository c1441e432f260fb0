"""Tests: the development settings on a second embedded cluster, with everything strict."""

from eptportal.local import paths
from eptportal.settings.dev import *  # noqa: F403
from eptportal.settings.dev import LOCAL_DIR, env

DEBUG = False
TEST_DIR = LOCAL_DIR / "test"
DATABASES = {"default": paths.database_settings(env, TEST_DIR, durable=False)}
CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:1/0")
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = TEST_DIR / "media"
ACCOUNT_RATE_LIMITS = False
WHITENOISE_AUTOREFRESH = False
