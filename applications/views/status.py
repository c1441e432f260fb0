"""Where the practice's application is, what happens next, and by when."""

from typing import Any

from django.shortcuts import redirect

from applications.correspondence import thread_of
from applications.queries import steps_of
from applications.views.base import PracticeView
from applications.views.correcting import notes_for
from applications.whereabouts import events, standing, timeline


class StatusView(PracticeView):
    """The state in public words, what has happened, and the last message."""

    permission_required = "applications.practice_home"
    template_name = "applications/status.html"

    def get(self, request, *args, **kwargs):
        """Show the page; without an application there is only the home page."""
        if self.application is None:
            return redirect("applications:home")
        return self.render()

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add standing, timeline, events and the last message."""
        application, cycle, window = self.application, self.cycle, self.window
        thread = thread_of(application)
        context = {
            "application": application,
            "cycle": cycle,
            "standing": standing(application, cycle, window),
            "timeline": timeline(cycle, window, application),
            "events": events(steps_of(application)),
            "notes": notes_for(self.dossier),
            "last_message": thread.rows[-1] if thread.rows else None,
        }
        return super().get_context(**context | extra)
