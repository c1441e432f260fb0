"""Reviews in the state that a test needs, made by the use-cases themselves."""

from dataclasses import dataclass

from accounts.enums import Role
from accounts.models import Membership
from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.models import Application
from scoring.domain import assignments, recommending, scores, sheets
from scoring.models import ScoreSheet
from scoring.queries import comments_of, scores_of
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory


@dataclass
class Review:
    """An application in review with its plan's lead, one reviewer, and that reviewer's sheet."""

    application: Application
    lead: Membership
    reviewer: Membership
    sheet: ScoreSheet


def a_lead() -> Membership:
    """Return the lead of a plan of its own."""
    return MembershipFactory(role=Role.MCP_LEAD)


def a_reviewer(lead: Membership) -> Membership:
    """Return a reviewer of the lead's plan."""
    return MembershipFactory(role=Role.MCP_REVIEWER, organisation=lead.organisation)


def submitted(lead: Membership, **kwargs) -> Application:
    """Return a submitted application that names the lead's plan."""
    return ApplicationFactory(
        status=kwargs.pop("status", Status.SUBMITTED),
        designated_mcp=lead.organisation,
        **kwargs,
    )


def in_review(lead: Membership | None = None, **kwargs) -> Review:
    """Return an application that was given to one reviewer."""
    lead = lead or a_lead()
    application = submitted(lead, **kwargs)
    sheet = give(application, lead)
    application.refresh_from_db()
    return Review(application, lead, sheet.assignment.reviewer, sheet)


def give(application: Application, lead: Membership) -> ScoreSheet:
    """Give the application to a new reviewer and return the sheet."""
    return assignments.assign(application, reviewer=a_reviewer(lead), by=lead).sheet


def store(sheet: ScoreSheet, points=None, comments=None, **bases) -> sheets.SavedSheet:
    """Save as the sheet's reviewer, on the newest versions unless bases are given."""
    newest_points = {code: row.version for code, row in scores_of(sheet).items()}
    newest_comments = {code: row.version for code, row in comments_of(sheet).items()}
    return sheets.save(
        sheet,
        points=points or {},
        comments=comments or {},
        point_bases=bases.get("point_bases", newest_points),
        comment_bases=bases.get("comment_bases", newest_comments),
        by=sheet.assignment.reviewer,
    )


def fill(sheet: ScoreSheet, total: int = 54, comment: str = "Clear and specific.") -> None:
    """Give every criterion points that add up to `total` (0 to 90), each with a comment."""
    codes = codes_of(sheet)
    each, more = divmod(total, len(codes))
    points = {code: each + (n < more) for n, code in enumerate(codes)}
    store(sheet, points, dict.fromkeys(codes, comment))


def hand_in(sheet: ScoreSheet, total: int = 54) -> ScoreSheet:
    """Fill the sheet and submit it."""
    fill(sheet, total)
    return sheets.submit(sheet, by=sheet.assignment.reviewer)


def scored(total: int = 54, **kwargs) -> Review:
    """Return a review whose one sheet was submitted and confirmed."""
    review = in_review(**kwargs)
    hand_in(review.sheet, total)
    scores.confirm(review.application, by=review.lead)
    review.application.refresh_from_db()
    return review


def recommend(
    application: Application, *, recommended: bool, reason: str, note: str, by: Membership
) -> Application:
    """Prepare the recommendation, hand over all that is prepared, and return the application."""
    words = recommending.Words(recommended, reason, note)
    recommending.prepare_one(application, words=words, by=by)
    cycle = application.cycle
    recommending.hand_over(cycle, mark=recommending.ready_counts(cycle, by).mark, by=by)
    application.refresh_from_db()
    return application


def send_back_and_again(review: Review, by: Membership) -> Application:
    """Return the application for correction, then submit it again unchanged."""
    scores.return_to_practice(review.application, reason="Add the members.", by=review.lead)
    apply_transition(review.application, "submit", by=by)
    review.application.refresh_from_db()
    return review.application


def codes_of(sheet: ScoreSheet) -> list[str]:
    """Return the codes of the rubric's criteria in order."""
    return [c.code for c in sheet.assignment.application.cycle.definition.criteria()]
