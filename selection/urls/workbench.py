"""Addresses of the workbench: scenarios, solving, comparing."""

from django.urls import URLPattern, path

from selection.views import cohort_search, compare, fairness, scenarios, solve, workbench

SEARCH = "selection/<slug:cycle>/search"
SCENARIO = "selection/<slug:cycle>/scenarios/<int:pk>"

urlpatterns: list[URLPattern] = [
    path("threshold/", workbench.old_address, name="former_threshold"),
    path("threshold/prepare/", workbench.old_address, name="former_prepare"),
    path("selection/", workbench.WorkbenchHome.as_view(), name="workbench_home"),
    path("selection/<slug:cycle>/", workbench.WorkbenchView.as_view(), name="workbench"),
    path(
        "selection/<slug:cycle>/list/", workbench.WorkbenchListView.as_view(), name="workbench_list"
    ),
    path("selection/<slug:cycle>/scenarios/", scenarios.ScenariosView.as_view(), name="scenarios"),
    path(
        "selection/<slug:cycle>/scenarios/new/", scenarios.SaveAsView.as_view(), name="scenario_new"
    ),
    path(f"{SCENARIO}/", scenarios.EditView.as_view(), name="scenario_edit"),
    path(f"{SCENARIO}/save/", scenarios.SaveView.as_view(), name="scenario_save"),
    path(f"{SCENARIO}/copy/", scenarios.DuplicateView.as_view(), name="scenario_copy"),
    path(f"{SCENARIO}/share/", scenarios.ShareView.as_view(), name="scenario_share"),
    path(f"{SCENARIO}/archive/", scenarios.ArchiveView.as_view(), name="scenario_archive"),
    path(f"{SCENARIO}/comment/", scenarios.CommentView.as_view(), name="scenario_comment"),
    path(
        "selection/<slug:cycle>/comments/<int:pk>/take-back/",
        scenarios.TakeBackView.as_view(),
        name="scenario_uncomment",
    ),
    path("selection/<slug:cycle>/solve/", solve.SolveView.as_view(), name="solve"),
    path(f"{SEARCH}/", solve.StartSearchView.as_view(), name="search_start"),
    path(f"{SEARCH}/<int:pk>/", cohort_search.SearchView.as_view(), name="search"),
    path(
        f"{SEARCH}/<int:pk>/cancel/", cohort_search.CancelSearchView.as_view(), name="search_cancel"
    ),
    path("selection/<slug:cycle>/compare/", compare.CompareView.as_view(), name="compare"),
    path(
        "selection/<slug:cycle>/compare/moves.csv",
        compare.CompareFileView.as_view(),
        name="compare_csv",
    ),
    path("selection/<slug:cycle>/fairness/", fairness.FairnessView.as_view(), name="fairness"),
]
