"""Production settings with the floors and the query count on top; only `make bench` uses them."""

from eptportal.settings.production import *  # noqa: F403
from eptportal.settings.production import LOCAL_DIR, MIDDLEWARE

MIDDLEWARE = [
    "scripts.bench.middleware.FloorMiddleware",
    "scripts.bench.middleware.QueryCountMiddleware",
    *MIDDLEWARE,
]
STATIC_ROOT = LOCAL_DIR / "static"
MEDIA_ROOT = str(LOCAL_DIR / "media")
