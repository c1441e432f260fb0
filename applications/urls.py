"""Pages of the practice."""

from django.urls import path

from applications.views import home, practice, sections, signing

app_name = "applications"
urlpatterns = [
    path("practice/new/", home.new_practice, name="new_practice"),
    path("home/", home.HomeView.as_view(), name="home"),
    path("application/", home.ApplicationView.as_view(), name="application"),
    path("application/start/", home.StartView.as_view(), name="start"),
    path("practice/", practice.SummaryView.as_view(), name="practice"),
    path("practice/profile/", practice.ProfileView.as_view(), name="profile"),
    path("practice/sites/", practice.SitesView.as_view(), name="sites"),
    path("practice/members/", practice.MembersView.as_view(), name="members"),
    path("application/<int:pk>/review/", signing.ReviewView.as_view(), name="review"),
    path("application/<int:pk>/submit/", signing.SubmitView.as_view(), name="submit"),
    path("application/<int:pk>/receipt/", signing.ReceiptView.as_view(), name="receipt"),
    path("application/<int:pk>/withdraw/", signing.WithdrawView.as_view(), name="withdraw"),
    path("application/<int:pk>/<slug:key>/", sections.SectionView.as_view(), name="section"),
]
