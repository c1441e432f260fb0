"""URLs of the demo and of development: sign-in buttons, components, the mail that was sent."""

from django.urls import path

from accounts.views import demo_sign_in
from core.dev_views import components_page
from eptportal.dev_views import outbox_list, outbox_message

urlpatterns = [
    path("demo/sign-in/", demo_sign_in, name="demo_sign_in"),
    path("dev/components/", components_page, name="dev_components"),
    path("dev/outbox/", outbox_list, name="dev_outbox"),
    path("dev/outbox/<str:key>/", outbox_message, name="dev_outbox_message"),
]
