"""Pages of a plan."""

from django.urls import path

from scoring.views import lead, returns, reviewer

app_name = "scoring"
urlpatterns = [
    path("plan/", lead.PlanApplicationsView.as_view(), name="applications"),
    path("plan/<int:pk>/", lead.PlanApplicationView.as_view(), name="application"),
    path("plan/<int:pk>/assign/", lead.AssignView.as_view(), name="assign"),
    path("plan/<int:pk>/reviews/<int:assignment>/end/", lead.EndView.as_view(), name="end"),
    path("plan/<int:pk>/resume/", lead.ResumeView.as_view(), name="resume"),
    path("plan/<int:pk>/confirm/", lead.ConfirmView.as_view(), name="confirm"),
    path("plan/<int:pk>/recommend/", lead.RecommendView.as_view(), name="recommend"),
    path("plan/<int:pk>/return/", returns.ReturnView.as_view(), name="return"),
    path("queue/<int:pk>/return/", returns.StaffReturnView.as_view(), name="return_by_dhcs"),
    path("plan/<int:pk>/message/", lead.MessageView.as_view(), name="message"),
    path("reviews/", reviewer.MyReviewsView.as_view(), name="mine"),
    path("reviews/<int:pk>/", reviewer.SheetView.as_view(), name="sheet"),
    path("reviews/<int:pk>/save/", reviewer.SaveSheetView.as_view(), name="save"),
]
