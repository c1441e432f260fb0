"""Named views of the queue: a name for what an address asks."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from core.exceptions import DomainError
from selection.filters import rewritten
from selection.models import DeskSettings, SavedView

MOST_VIEWS = 100


@transaction.atomic
def save(*, name: str, query: str, is_shared: bool, by: Membership) -> SavedView:
    """Keep a view under a name; the same name again replaces the person's earlier view.

    Raises DomainError for a name that is empty or for too many views.
    """
    name = _clean_name(name)
    mine = SavedView.objects.filter(owner=by.user_id)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        message = _("You have %(n)s views. Delete one that you no longer use.")
        raise DomainError(message % {"n": MOST_VIEWS})
    view, _is_new = SavedView.objects.update_or_create(
        owner_id=by.user_id,
        name=name,
        defaults={"query": rewritten(query), "is_shared": is_shared},
    )
    return view


@transaction.atomic
def change(view: SavedView, *, name: str, is_shared: bool) -> SavedView:
    """Rename a view, share it with everybody who sees the queue, or keep it for its owner alone.

    Raises DomainError when its owner has another view of that name.
    """
    name = _clean_name(name)
    others = SavedView.objects.filter(owner=view.owner_id, name=name).exclude(pk=view.pk)
    if others.exists():
        raise DomainError(_("You have another view with this name. Choose a different one."))
    view.name, view.is_shared = name, is_shared
    view.save(update_fields=["name", "is_shared", "updated_at"])
    return view


def delete(view: SavedView) -> None:
    """Delete a view. What it showed stays as it is."""
    view.delete()


def choose_columns(keys: list[str], *, by: Membership) -> None:
    """Keep the columns that the person sees, in order; none means the usual ones."""
    DeskSettings.objects.update_or_create(person_id=by.user_id, defaults={"columns": keys})


def _clean_name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise DomainError(_("Give the view a name."))
    return name
