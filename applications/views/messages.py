"""The practice's messages with its plan."""

from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.correspondence import is_open_for_messages, thread_of
from applications.domain import messages
from applications.forms.messages import MessageForm
from applications.views.base import PracticeView
from core.exceptions import DomainError


class MessagesView(PracticeView):
    """What practice and plan wrote to each other, newest last, and the form to write."""

    permission_required = "applications.write_message"
    template_name = "applications/messages.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the thread; the form is there while messages can be sent."""
        application = self.application
        context: dict[str, Any] = {"application": application, "cycle": self.cycle, "form": None}
        if application is not None:
            context["thread"] = thread_of(application, self.request.GET.get("before", ""))
            context["own_side"] = "practice"
            if is_open_for_messages(application):
                context["form"] = MessageForm()
        return super().get_context(**context | extra)

    def post(self, request, *args, **kwargs):
        """Send; what was typed stays on the page when it is refused."""
        if self.application is None:
            return HttpResponseRedirect(reverse("applications:messages"))
        form = MessageForm(request.POST)
        if not form.is_valid():
            return self.render(form=form, status=422)
        try:
            messages.send(self.application, text=form.cleaned_data["text"], by=request.hat)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.render(form=form, status=409)
        notices.success(request, _("Your message is sent. Your plan has been told by email."))
        return HttpResponseRedirect(reverse("applications:messages"))
