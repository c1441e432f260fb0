"""One include for each app; what only the demo needs is in `dev_urls`."""

from django.conf import settings
from django.urls import include, path

from accounts.views.language import set_language
from eptportal.health import healthz
from programs.views import home

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("language/", set_language, name="set_language"),
    path("", include("core.urls")),
    path("", include("programs.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("accounts.urls")),
    path("", include("applications.urls")),
    path("", include("scoring.urls")),
    path("", include("selection.urls")),
]

if settings.DEMO_SIGN_IN:
    urlpatterns.append(path("", include("eptportal.dev_urls")))
