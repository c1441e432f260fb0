"""The two shapes of a view: a page, and an act on one object.

Access is decided in one order everywhere: not signed in → sign in; no organisation → say so; not visible
→ 404; visible but not allowed → 403; allowed but the state says no → a sentence.
"""

from typing import Any, ClassVar

import rules
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.generic import View

from core.exceptions import DomainError
from core.forms import PortalForm


class PortalRequest(HttpRequest):
    """A request after the middleware: the hat worn, all of the person's hats, and the page's cycle.

    A page of a practice that has looked up when one may write notes it as `window`.
    `is_read` is noted for each page of a hat (see `HatView.is_read`).
    A page whose path is not under its place in the navigation sets `place` to the path of that place.
    """

    hat: Any
    hats: list[Any]
    cycle: Any
    place: str
    window: Any
    is_read: bool


PUBLIC = "public"
HAT = "hat"  # the hidden input that says under which hat a form was made
SIGNED_IN = "signed in"


def public(view):
    """Mark a function view as open to everybody."""
    view = login_not_required(view)
    view.permission_required = PUBLIC
    return view


def signed_in(view):
    """Mark a function view as open to every signed-in person, whatever their role."""
    view.permission_required = SIGNED_IN
    return view


class HatView(View):
    """A page for a person with a role. Names the permission; loads the object from what is visible.

    `get_queryset()` returns what this hat may see; None means the page has no object of its own.
    `is_read`: one only reads the page, so that leaving it for another cycle loses nothing typed or
    ticked; None: it is read when it takes no posts. The answer to a post never is.
    """

    permission_required: ClassVar[str]
    template_name: ClassVar[str]
    lookup: ClassVar[str] = "pk"
    is_read: ClassVar[bool | None] = None
    object: Any = None
    request: PortalRequest

    def get_queryset(self) -> models.QuerySet | None:
        """Return the visible objects, or None when the page has no object."""
        return None

    def get_object(self) -> Any:
        """Return the object named in the URL. Raises Http404 when it is not visible."""
        queryset = self.get_queryset()
        if queryset is None:
            return None
        return get_object_or_404(queryset, **{self.lookup: self.kwargs[self.lookup]})

    def dispatch(self, request, *args, **kwargs):
        """Check the hat, then visibility, then the permission, then hand over to the method."""
        if request.hat is None:
            return redirect("accounts:no_organisation")
        if request.method == "POST" and request.POST.get(HAT, str(request.hat.pk)) != str(
            request.hat.pk
        ):
            return _made_under_another_hat(request)
        self.object = self.get_object()
        if not rules.has_perm(self.permission_required, request.hat, self.object):
            raise PermissionDenied
        request.is_read = request.method != "POST" and self._is_read()
        return super().dispatch(request, *args, **kwargs)

    def _is_read(self) -> bool:
        takes_posts = "post" in self.http_method_names and hasattr(self, "post")
        return not takes_posts if self.is_read is None else self.is_read

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Return what the template needs; subclasses add to it."""
        return {"object": self.object, **extra}

    def render(self, status: int = 200, **extra: Any) -> HttpResponse:
        """Return the page."""
        return render(self.request, self.template_name, self.get_context(**extra), status=status)

    def get(self, request, *args, **kwargs):
        """Show the page."""
        return self.render()


def _made_under_another_hat(request: PortalRequest) -> HttpResponse:
    """Store nothing: in another tab the person changed the hat after the form was made (409)."""
    before = next((hat for hat in request.hats if str(hat.pk) == request.POST[HAT]), None)
    sentence = _(
        "You work as %(now)s now, and this page was opened for another organization or role. "
        "Nothing was stored."
    ) % {"now": f"{request.hat.organisation.name} ({request.hat.get_role_display()})"}
    if request.headers.get("X-Autosave"):
        return JsonResponse({"message": sentence, "errors": {}}, status=409)
    context = {"sentence": sentence, "before": before}
    return render(request, "another_hat.html", context, status=409)


class ActionView(HatView):
    """One act on one object: a form, one domain call, a message, a redirect."""

    form_class: ClassVar[type[PortalForm]] = PortalForm
    success_message: ClassVar[Any] = ""

    def get_form(self, data=None, files=None):
        """Return the form, bound when `data` is given."""
        return self.form_class(data, files)

    def perform(self, form) -> Any:
        """Call the use-case. Raises DomainError when the program's rules say no."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        """Return where to go after the act."""
        raise NotImplementedError

    def get(self, request, *args, **kwargs):
        """Show the form."""
        return self.render(form=self.get_form())

    def post(self, request, *args, **kwargs):
        """Validate, act, say what happened; what was typed stays on the page when it was refused."""
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.render(form=form, status=422)
        try:
            self.result = self.perform(form)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.render(form=form, status=409)
        if self.success_message:
            messages.success(request, self.success_message)
        return HttpResponseRedirect(self.get_success_url())
