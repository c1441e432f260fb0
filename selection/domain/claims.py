"""Claiming applications: whoever works on one has it for themselves until they end the claim."""

import contextlib

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.models import Application
from applications.queries import hard_conflicts
from core.exceptions import WrongState
from selection.models import Claim
from selection.queries.queue import open_claim

TRIES = 20


def claim_next(rows: QuerySet[Application], *, by: Membership) -> Claim | None:
    """Claim the first of `rows` that nobody has, or return None when somebody has each.

    Two people at once get two applications: a row that another is claiming is passed over.
    """
    for _try in range(TRIES):
        with contextlib.suppress(IntegrityError):  # another was quicker: look again
            return _claim_first(rows, by)
    return None


@transaction.atomic
def claim(application: Application, *, by: Membership) -> Claim:
    """Claim one application; a second call returns the same claim.

    Raises WrongState when it is taken, or when a conflict has closed it to the person meanwhile.
    """
    _lock([application.pk])
    if hard_conflicts().filter(application=application, person=by.user_id).exists():
        raise WrongState(_("A conflict of interest closes this application to you."))
    now = Claim.objects.filter(application=application, ended_at=None)
    if there := now.select_related("person").first():
        if there.person_id != by.user_id:
            message = _("%(who)s has it. Ask them to give it back, or release it.")
            raise WrongState(message % {"who": there.person.full_name})
        return there
    return Claim.objects.create(
        application=application, person_id=by.user_id, claimed_at=timezone.now()
    )


@transaction.atomic
def end(claim: Claim, *, is_done: bool) -> Claim:
    """End a claim: the work is done, or it is given back for others. Raises WrongState when it ended."""
    stored = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if stored.ended_at is not None:
        raise WrongState(_("This claim has ended already."))
    stored.ended_at, stored.is_done = timezone.now(), is_done
    stored.save(update_fields=["ended_at", "is_done"])
    return stored


@transaction.atomic
def _claim_first(rows: QuerySet[Application], by: Membership) -> Claim | None:
    free = (
        rows.select_related(None)
        .filter(~open_claim())
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
        .only("pk")
        .first()
    )
    if free is None:
        return None
    return Claim.objects.create(
        application_id=free.pk, person_id=by.user_id, claimed_at=timezone.now()
    )


def _lock(pks: list[int]) -> None:
    rows = Application.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks)
    list(rows.order_by("pk").values_list("pk", flat=True))
