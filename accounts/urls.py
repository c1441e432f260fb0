"""Hats, the people of an organisation, invitations, and the first page of people without a hat."""

from django.urls import path

from accounts.views import hats, invitations, people

app_name = "accounts"
urlpatterns = [
    path("hats/<int:pk>/", hats.switch, name="switch"),
    path("welcome/", hats.WelcomeView.as_view(), name="welcome"),
    path("start/", hats.no_organisation, name="no_organisation"),
    path("people/", people.PeopleView.as_view(), name="people"),
    path("people/invite/", people.InviteView.as_view(), name="invite"),
    path("people/<int:pk>/role/", people.RoleView.as_view(), name="role"),
    path("people/<int:pk>/remove/", people.RemoveView.as_view(), name="remove"),
    path("people/<int:pk>/restore/", people.RestoreView.as_view(), name="restore"),
    path("people/invitations/<int:pk>/resend/", people.ResendView.as_view(), name="resend"),
    path("people/invitations/<int:pk>/revoke/", people.RevokeView.as_view(), name="revoke"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
]
