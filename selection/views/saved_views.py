"""Named views of the queue: keep one, rename it, share it, delete it."""

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.views import ActionView
from selection.domain import saved_views
from selection.forms.queue import ViewForm
from selection.queries.own_desk import own_views, views_visible_to


class ViewsView(ActionView):
    """Every view that the person sees; a new one is kept by posting its name and what it asks."""

    permission_required = "selection.view_queue"
    template_name = "selection/queue/views.html"
    form_class = ViewForm

    def get_form(self, data=None, files=None):
        """Return the form, with the view that the address names."""
        return ViewForm(data, initial={"query": self.request.GET.get("view", "")[:8000]})

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the views."""
        rows = list(views_visible_to(self.request.hat))
        mine = [row for row in rows if row.owner_id == self.request.hat.user_id]
        shared = [row for row in rows if row.owner_id != self.request.hat.user_id]
        return super().get_context(mine=mine, shared=shared, **extra)

    def perform(self, form):
        """Keep the view."""
        return saved_views.save(**form.cleaned_data, by=self.request.hat)

    def get_success_url(self) -> str:
        """Return to the view."""
        messages.success(self.request, _t("The view “%(name)s” is kept.") % {"name": self.result})
        query = self.result.query
        return reverse("selection:queue") + (f"?{query}" if query else "")


class ViewView(ActionView):
    """Rename or share one's own view."""

    permission_required = "selection.view_queue"
    template_name = "selection/queue/view.html"
    form_class = ViewForm
    success_message = _("The view is changed.")

    def get_queryset(self):
        """Return the views that the person may change."""
        return own_views(self.request.hat)

    def get_form(self, data=None, files=None):
        """Return the form with what the view is now."""
        view = self.object
        initial = {"name": view.name, "is_shared": view.is_shared, "query": view.query}
        return ViewForm(data, initial=initial)

    def perform(self, form):
        """Change it."""
        given = form.cleaned_data
        return saved_views.change(self.object, name=given["name"], is_shared=given["is_shared"])

    def get_success_url(self) -> str:
        """Return to the list of views."""
        return reverse("selection:views")


class DeleteViewView(ActionView):
    """Delete one's own view."""

    permission_required = "selection.view_queue"
    template_name = "selection/queue/view_delete.html"
    success_message = _("The view is deleted.")

    def get_queryset(self):
        """Return the views that the person may delete."""
        return own_views(self.request.hat)

    def perform(self, form):
        """Delete it."""
        return saved_views.delete(self.object)

    def get_success_url(self) -> str:
        """Return to the list of views."""
        return reverse("selection:views")
