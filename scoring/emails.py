"""Emails of the plan's work, to reviewers and to leads."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.languages import in_language
from accounts.models import Membership
from accounts.queries import people_with_role
from applications.emails import Facts, absolute, compose
from applications.models import Application
from applications.queries import hard_conflicts
from core.times import long
from notifications.outbox import Email, enqueue
from scoring.models import Assignment, CalibrationRound, ScoreSheet, SheetVersion
from scoring.queries.calibration import people_of


def assigned(assignment: Assignment, *, again: str = "") -> None:
    """Tell the reviewer about a new review and its due date; `again` names a resubmission."""
    application, user = assignment.application, assignment.reviewer.user
    facts: Facts = {
        "due": application.cycle.scoring_due_at,
        "url": absolute(reverse("scoring:sheet", args=[assignment.sheet.pk])),
    }
    key = f"assignment:{assignment.pk}:{again}".removesuffix(":")
    enqueue(
        [
            compose(
                application,
                "assigned",
                to=user.email,
                person=user.full_name,
                key=key,
                facts=facts,
                language=user.language,
            )
        ]
    )


def scored(sheet: ScoreSheet) -> None:
    """Tell the plan's leads to whom the application is open that a sheet is in."""
    assignment = sheet.assignment
    application = assignment.application
    facts = {
        "mcp_score": str(sheet.total),
        "url": absolute(reverse("scoring:application", args=[application.pk])),
    }
    _leads, told = _leads_of(assignment)
    enqueue(
        compose(
            application,
            "scored",
            to=lead.user.email,
            person=lead.user.full_name,
            key=f"sheet:{sheet.pk}:{sheet.submitted_at:%Y%m%d%H%M%S%f}",
            facts=facts,
            language=lead.user.language,
        )
        for lead in told
    )


def conflict(assignment: Assignment, *, submitted: bool, counted: bool) -> None:
    """Tell the plan's leads that a review ended by a conflict of interest: who, not which one.

    `submitted`: a sheet that was submitted is void. `counted`: the confirmed score still holds it.
    Leads to whom the application is closed are not told, unless it is closed to every lead.
    """
    leads, told = _leads_of(assignment)
    enqueue(
        _conflict(assignment, lead, submitted=submitted, counted=counted, nobody=not told)
        for lead in told or leads
    )


def declined(assignment: Assignment, reason: str) -> None:
    """Tell the plan's leads to whom the application is open that a reviewer gave it back, and why."""
    _leads, told = _leads_of(assignment)
    enqueue(_declined(assignment, lead, reason) for lead in told)


def own_conflict(application: Application, who: Membership, *, closed: bool, at: datetime) -> None:
    """Tell the plan's other leads that a lead declared a conflict of interest: who, never which one.

    `closed`: the application is closed to that lead now. `at` (UTC) is when it was declared. Leads to
    whom the application is closed are not told.
    """
    barred = hard_conflicts().filter(application=application).values("person")
    others = people_with_role(who.organisation, Role.MCP_LEAD).exclude(user=who.user_id)
    key = f"own_conflict:{application.pk}:{who.user_id}:{at:%Y%m%d%H%M%S%f}"
    enqueue(
        _own_conflict(application, who, lead, key, closed=closed)
        for lead in others.exclude(user__in=barred)
    )


def _own_conflict(
    application: Application, who: Membership, lead: Membership, key: str, *, closed: bool
) -> Email:
    with in_language(lead.user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "person": who.user.full_name,
            "url": absolute(reverse("scoring:application", args=[application.pk])),
        }
        parts = [
            _(
                "%(person)s declared a conflict of interest with %(practice)s (%(reference)s, %(cycle)s)."
            ),
            _(
                "The application is closed to %(person)s. You and the other leads go on with it:\n%(url)s"
            )
            if closed
            else _("The application stays open to %(person)s. Look at it, then decide:\n%(url)s"),
        ]
        subject = _("%(reference)s: %(person)s declared a conflict of interest") % facts
        body = "\n\n".join(parts) % facts + "\n"
    return Email("own_conflict", key, lead.user.email, subject, body)


def _leads_of(assignment: Assignment) -> tuple[list[Membership], list[Membership]]:
    """Return every lead of the plan, and those to whom the application is open (1 query)."""
    closed = hard_conflicts().filter(
        application=assignment.application_id, person=OuterRef("user_id")
    )
    people = people_with_role(assignment.reviewer.organisation, Role.MCP_LEAD)
    leads: list[Any] = list(people.annotate(barred=Exists(closed)))
    return leads, [lead for lead in leads if not lead.barred]


def _declined(assignment: Assignment, lead: Membership, reason: str) -> Email:
    application = assignment.application
    with in_language(lead.user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "person": assignment.reviewer.user.full_name,
            "reason": reason,
            "url": absolute(reverse("scoring:application", args=[application.pk])),
        }
        subject = _("%(reference)s: %(person)s declined the review") % facts
        body = _(
            "%(person)s declined to review %(practice)s (%(reference)s, %(cycle)s).\n\n"
            "Reason: %(reason)s\n\n"
            "Give the application to another reviewer:\n%(url)s\n"
        )
        return Email(
            "declined", f"declined:{assignment.pk}", lead.user.email, subject, body % facts
        )


def _conflict(
    assignment: Assignment, lead: Membership, *, submitted: bool, counted: bool, nobody: bool
) -> Email:
    application = assignment.application
    with in_language(lead.user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "person": assignment.reviewer.user.full_name,
            "url": absolute(reverse("scoring:application", args=[application.pk])),
        }
        parts = [
            _(
                "%(person)s has a conflict of interest with %(practice)s (%(reference)s, %(cycle)s)."
            ),
            _("The review has ended. This person does not see the application any more."),
        ]
        if submitted:
            parts.append(_("The submitted score sheet is void. You can still read it."))
        if counted:
            parts.append(
                _("The confirmed MCP score still holds its points. Tell DHCS before a decision.")
            )
        parts.append(
            _("Every lead of your plan has a conflict here. Invite another lead to assign it.")
            if nobody
            else _("Give the application to another reviewer:\n%(url)s")
        )
        subject = _("%(reference)s: %(practice)s needs a new reviewer") % facts
        body = "\n\n".join(parts) % facts + "\n"
    return Email("conflict", f"conflict:{assignment.pk}", lead.user.email, subject, body)


def reopened(version: SheetVersion) -> None:
    """Tell the reviewer that the lead reopened the sheet, and why."""
    sheet = version.sheet
    assignment, application = sheet.assignment, sheet.assignment.application
    user = assignment.reviewer.user
    with in_language(user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "due": long(application.cycle.scoring_due_at),
            "reason": version.reason,
            "url": absolute(reverse("scoring:sheet", args=[sheet.pk])),
        }
        subject = _("%(reference)s: your score sheet is open again") % facts
        body = _(
            "Your lead reopened your scores of %(practice)s (%(reference)s, %(cycle)s).\n\n"
            "Reason: %(reason)s\n\n"
            "Your points and comments are kept. Change what is asked for and submit again. Scores are "
            "due %(due)s:\n%(url)s\n"
        )
        key = f"reopened:{version.pk}"
        enqueue([Email("reopened", key, user.email, subject, body % facts)])


def sent_back(application: Application, *, note: str, key: str) -> None:
    """Tell the plan's leads that DHCS gave an application back, and why; not whom it is closed to."""
    plan = application.designated_mcp
    if plan is None:
        return
    closed = set(hard_conflicts().filter(application=application).values_list("person", flat=True))
    leads = people_with_role(plan, Role.MCP_LEAD)
    enqueue(
        _sent_back(application, lead, note, key) for lead in leads if lead.user_id not in closed
    )


def _sent_back(application: Application, lead: Membership, note: str, key: str) -> Email:
    with in_language(lead.user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "note": note,
            "url": absolute(reverse("scoring:application", args=[application.pk])),
        }
        parts = [
            _("DHCS sent %(practice)s (%(reference)s, %(cycle)s) back to your plan."),
            _("What DHCS writes:\n%(note)s"),
            _("Look at it, change your recommendation if needed, and hand it over again:\n%(url)s"),
        ]
        subject = _("%(reference)s: DHCS sent %(practice)s back") % facts
        body = "\n\n".join(part % facts for part in parts) + "\n"
    return Email("sent_back", key, lead.user.email, subject, body)


def taken(assignment: Assignment) -> None:
    """Tell the reviewer that the application is closed by a conflict of interest that a lead noted.

    The lead's reason is not in it, and no link: the page is closed to the person.
    """
    user = assignment.reviewer.user
    application = assignment.application
    with in_language(user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
        }
        subject = _("%(reference)s: this review was taken from you") % facts
        body = _(
            "Your lead noted a conflict of interest between you and %(practice)s (%(reference)s, "
            "%(cycle)s).\n\n"
            "The application is closed to you, and there is nothing left to do for it. If this is a "
            "mistake, talk to your lead.\n"
        )
        key = f"taken:{assignment.pk}"
        enqueue([Email("taken", key, user.email, subject, body % facts)])


def practice_round(practice: CalibrationRound) -> None:
    """Tell the plan's reviewers once that a practice round is open, and whether it comes first."""
    enqueue(_practice_round(practice, reviewer) for reviewer in people_of(practice.plan))


def _practice_round(practice: CalibrationRound, reviewer: Membership) -> Email:
    with in_language(reviewer.user):
        facts: dict[str, str | int] = {
            "cycle": practice.cycle.shown_title,
            "url": absolute(reverse("scoring:practice_round") + f"?cycle={practice.cycle.slug}"),
        }
        number = len(practice.samples)
        parts = [
            ngettext(
                "Your lead opened a practice round for %(cycle)s with %(n)d sample application.",
                "Your lead opened a practice round for %(cycle)s with %(n)d sample applications.",
                number,
            ),
            _("Finish it before you score: real applications stay closed to you until then.")
            if practice.required
            else _(
                "You choose whether you take part. You can score real applications at any time."
            ),
            _(
                "Score the samples, then see how your points compare with those of your group:\n%(url)s"
            ),
        ]
        subject = (
            _("%(cycle)s: finish the practice round before you score")
            if practice.required
            else _("%(cycle)s: a practice round is open")
        )
        facts |= {"n": number}
        body = "\n\n".join(parts) % facts + "\n"
        key = f"practice_round:{practice.pk}"
        return Email("practice_round", key, reviewer.user.email, subject % facts, body)
