"""Starting, signing and withdrawing an application."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from applications import content as contents
from applications import emails, signals
from applications.domain.locking import lock, require_writable
from applications.domain.numbering import take_references
from applications.domain.transitions import apply_transition
from applications.dossier import Dossier
from applications.enums import Status
from applications.models import Application, Practice, Submission
from applications.queries import current_application, last_step, last_submission
from applications.times import window_for
from core.canonical import canonical_json, digest
from core.exceptions import DomainError, WrongState
from core.times import to_the_second
from programs.models import Cycle


class Incomplete(DomainError):
    """The application lacks something; `missing` is the list."""

    def __init__(self, message: str, missing: list) -> None:
        super().__init__(message)
        self.missing = missing


@transaction.atomic
def start(*, cycle: Cycle, practice: Organisation, by: Membership) -> Application:
    """Return the practice's application in `cycle`, making a draft when there is none.

    Two colleagues starting at once get the same draft. Raises WrongState outside the practice's times:
    the cycle's, or until the end of late access. Raises DomainError when another open application in the
    cycle has the practice's TIN.
    """
    profile = Practice.objects.select_for_update(of=("self",), no_key=True)
    tin = profile.filter(pk=practice.pk).values_list("tin_digest", flat=True).first() or ""
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=practice.pk)
    locked = Cycle.objects.get(pk=cycle.pk)
    existing = current_application(practice, locked)
    if existing and existing.status != Status.WITHDRAWN:
        return existing
    window = window_for(practice, locked)
    if not window.is_open():
        message = _("%(cycle)s takes applications from %(opens)s to %(closes)s.")
        raise WrongState(
            message
            % {
                "cycle": locked.shown_title,
                "opens": to_the_second(window.opens_at),
                "closes": to_the_second(window.closes_at),
            }
        )
    [reference] = take_references(locked)
    try:
        with transaction.atomic():
            return Application.objects.create(
                cycle=locked, practice=practice, reference=reference, tin_digest=tin
            )
    except IntegrityError as error:
        raise _tin_is_taken() from error


@transaction.atomic
def submit(
    application: Application, *, signed_name: str, signed_title: str, by: Membership, seen: str = ""
) -> Submission:
    """Freeze the content, move the application on, and queue the receipt; return what was signed.

    `seen` is the digest of the content that the signer read; nobody signs what changed since.
    Idempotent: until the practice may write again, a second call returns what was signed and writes
    nothing. Raises Incomplete with the list of what is missing, WrongState when it is too late,
    DomainError when the content is not what was seen, or when another open application in the cycle
    has the practice's TIN: the application takes the TIN that the profile has now.
    """
    profile = Practice.objects.select_for_update(of=("self",), no_key=True)
    practice = profile.get(pk=application.practice_id)
    locked = lock(application)
    done = not locked.is_editable and locked.status != Status.WITHDRAWN
    if done and (signed := last_submission(locked)):
        return signed
    require_writable(locked)
    dossier = Dossier.load(locked)
    if seen and seen != dossier.digest:
        raise DomainError(
            _("The application changed after you opened this page. Read it again, then sign.")
        )
    if dossier.missing:
        raise Incomplete(
            _("This application is not complete yet. Mend what is listed, then submit."),
            dossier.missing,
        )
    bands = dossier.definition.payment.bands
    columns = contents.frozen_columns(dossier.content, bands)
    columns |= {"return_note": "", "tin_digest": practice.tin_digest}
    try:
        moved = apply_transition(locked, "submit", by=by, changes=columns)
    except IntegrityError as error:
        raise _tin_is_taken() from error
    submission = _sign(moved, dossier, signed_name, signed_title, by)
    signals.submitted.send(Application, applications=[locked], by=by)
    emails.submitted(locked, submission)
    return submission


@transaction.atomic
def withdraw(application: Application, *, reason: str, by: Membership) -> Application:
    """Take a submitted application back, until the decision; tell the owners and the plan's leads.

    Raises WrongState after the decision.
    """
    locked = lock(application)
    moved = apply_transition(locked, "withdraw", by=by, reason=reason)
    emails.withdrawn(locked, last_step(moved), by=by)
    return moved


def _tin_is_taken() -> DomainError:
    return DomainError(
        _(
            "Another application in this cycle has the TIN of your practice. A TIN can be in one "
            "application. Check the TIN in your practice's profile."
        )
    )


def _sign(
    application: Application, dossier: Dossier, name: str, title: str, by: Membership
) -> Submission:
    previous = last_submission(application)
    now = timezone.now()
    document = contents.signed(dossier.content, dossier.definition, name=name, title=title, at=now)
    content = canonical_json(document)
    return Submission.objects.create(
        application=application,
        number=previous.number + 1 if previous else 1,
        content=content,
        sha256=digest(content),
        signed_name=name,
        signed_title=title,
        signed_by=by.label,
        created_at=now,
    )
