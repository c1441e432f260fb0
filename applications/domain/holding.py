"""Text that was not stored because a colleague was faster: kept until its author has settled it."""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from applications.models import Application, HeldText


def hold(
    application: Application,
    *,
    values: Mapping[str, object],
    bases: Mapping[str, int],
    by: Membership,
) -> None:
    """Keep refused `values` (question key → answer), written on versions `bases`, for their author.

    The latest text of a person for a question replaces the earlier one. Call it in the transaction of
    the save. An answer that was emptied is no text and is not kept.
    """
    texts = {key: value for key, value in values.items() if value is not None}
    mine = HeldText.objects.filter(application=application, person=by.user_id)
    mine.filter(key__in=texts).delete()
    HeldText.objects.bulk_create(
        HeldText(
            application=application,
            key=key,
            person_id=by.user_id,
            value=value,
            base=bases.get(key, 0),
            held_at=timezone.now(),
        )
        for key, value in texts.items()
    )


def settle(
    application: Application, *, held: Iterable[int], keys: Collection[str], by: Membership
) -> None:
    """Let go of the texts with ids `held` for questions `keys`: their author has made a choice."""
    HeldText.objects.filter(
        application=application, person=by.user_id, pk__in=list(held), key__in=keys
    ).delete()


@transaction.atomic
def drop(application: Application, *, held: int, by: Membership) -> None:
    """Let go of one text of one's own. Doing it twice changes nothing."""
    HeldText.objects.filter(application=application, person=by.user_id, pk=held).delete()
