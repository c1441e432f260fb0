"""Flags: short marks that staff put on an application and take off again. Who and when is kept."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.models import Application
from core.exceptions import DomainError, WrongState
from selection.models import Flag

LONGEST = 40  # characters


def clean_label(text: str) -> str:
    """Return a label as it is stored: single spaces. Raises DomainError for none or a long one."""
    label = " ".join(text.split())
    if not label:
        raise DomainError(_("Choose a flag, or write a new one."))
    if len(label) > LONGEST:
        raise DomainError(_("Shorten the flag to %(n)s characters.") % {"n": LONGEST})
    return label


@transaction.atomic
def put(application: Application, *, label: str, by: Membership) -> Flag:
    """Put a flag on. A second one in the same words, whatever the case, is the one that is there."""
    wanted = clean_label(label)
    there = Flag.objects.filter(application=application, cleared_at=None, label__iexact=wanted)
    if found := there.first():
        return found
    used = Flag.objects.filter(application__cycle=application.cycle_id, label__iexact=wanted)
    spelled = used.values_list("label", flat=True).first() or wanted
    flag, _is_new = Flag.objects.get_or_create(
        application=application, label=spelled, cleared_at=None, defaults={"raised_by": by.user}
    )
    return flag


@transaction.atomic
def clear(flag: Flag, *, by: Membership) -> Flag:
    """Take a flag off. Raises WrongState when somebody did already."""
    stored = Flag.objects.select_for_update(of=("self",)).get(pk=flag.pk)
    if stored.cleared_at is not None:
        raise WrongState(_("This flag is taken off already."))
    stored.cleared_by, stored.cleared_at = by.user, timezone.now()
    stored.save(update_fields=["cleared_by", "cleared_at"])
    return stored
