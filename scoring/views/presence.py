"""A heartbeat of an open score page, so that “score next” leaves the sheet alone elsewhere."""

from django.http import JsonResponse

from applications.domain import presence
from core.views import HatView
from scoring.queries.pages import own_sheets

MARK = 20  # characters of the mark by which a page knows itself


class SheetPresenceView(HatView):
    """Note that the own sheet is open in a window, named by `page`; with `left`, that it was closed."""

    permission_required = "scoring.score"
    http_method_names = ("post",)

    def get_queryset(self):
        """Return the hat's own sheets whose review stands."""
        return own_sheets(self.request.hat).select_related("assignment__application")

    def post(self, request, *args, **kwargs):
        """Note it; nothing is told back."""
        given = request.POST.get("page", "")[:MARK]
        section = f"sheet-{given}" if given.isalnum() and given.isascii() else "sheet"
        application = self.object.assignment.application
        if "left" in request.POST:
            presence.leave(application, section=section, by=request.hat)
        elif not self.object.is_submitted:
            presence.note(application, section=section, by=request.hat)
        return JsonResponse({})
