"""Addresses of what staff note and flag, and of their conflicts of interest."""

from django.urls import path

from selection.views import desk, staff_conflicts

urlpatterns = [
    path("mentions/", desk.MentionsView.as_view(), name="mentions"),
    path("queue/conflicts/", staff_conflicts.MyConflictsView.as_view(), name="my_conflicts"),
    path("queue/<int:pk>/notes/", desk.NotesView.as_view(), name="notes"),
    path("queue/<int:pk>/flags/", desk.FlagsView.as_view(), name="flags"),
    path("queue/<int:pk>/declare/", staff_conflicts.DeclareView.as_view(), name="declare"),
    path(
        "queue/<int:pk>/conflicts/",
        staff_conflicts.StaffConflictsView.as_view(),
        name="staff_conflicts",
    ),
    path(
        "queue/<int:pk>/conflicts/clear/",
        staff_conflicts.ClearStaffConflictView.as_view(),
        name="clear_staff_conflict",
    ),
    path("notes/<int:pk>/remove/", desk.RemoveNoteView.as_view(), name="remove_note"),
    path("flags/<int:pk>/clear/", desk.ClearFlagView.as_view(), name="clear_flag"),
]
