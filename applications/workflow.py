"""The way of an application, as data. Code, database guards and buttons all read this table."""

from dataclasses import dataclass

from applications.enums import Status


@dataclass(frozen=True)
class Transition:
    """One step: from any of `sources` to `target`, for who has `permission`.

    `stamp` names the time column that the step sets. The permission says who; the sources say when.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    permission: str
    stamp: str = ""


_STEPS = (
    Transition(
        "submit",
        Status.editable,
        Status.SUBMITTED,
        "applications.submit_application",
        stamp="submitted_at",
    ),
    Transition(
        "import",
        (Status.DRAFT,),
        Status.SUBMITTED,
        "applications.import_applications",
        stamp="submitted_at",
    ),
    Transition(
        "withdraw",
        Status.withdrawable,
        Status.WITHDRAWN,
        "applications.withdraw_application",
        stamp="withdrawn_at",
    ),
    Transition("start_review", (Status.SUBMITTED,), Status.IN_REVIEW, "scoring.assign_reviewer"),
    Transition(
        "return",
        (Status.SUBMITTED, Status.IN_REVIEW),
        Status.RETURNED,
        "scoring.return_application",
    ),
    Transition(
        "confirm_score",
        (Status.IN_REVIEW,),
        Status.SCORED,
        "scoring.confirm_score",
        stamp="scored_at",
    ),
    Transition("reopen_scoring", (Status.SCORED,), Status.IN_REVIEW, "scoring.confirm_score"),
    Transition("recommend", (Status.SCORED,), Status.RECOMMENDED, "scoring.recommend"),
    Transition("do_not_recommend", (Status.SCORED,), Status.NOT_RECOMMENDED, "scoring.recommend"),
    Transition("send_back", Status.handed_over, Status.SCORED, "scoring.send_back"),
    Transition(
        "select",
        Status.handed_over,
        Status.SELECTED,
        "selection.release_decisions",
        stamp="decided_at",
    ),
    Transition(
        "waitlist",
        Status.handed_over,
        Status.WAITLISTED,
        "selection.release_decisions",
        stamp="decided_at",
    ),
    Transition(
        "do_not_select",
        Status.handed_over,
        Status.NOT_SELECTED,
        "selection.release_decisions",
        stamp="decided_at",
    ),
    Transition("promote", (Status.WAITLISTED,), Status.SELECTED, "selection.confirm_offer"),
    Transition(
        "overturn_select",
        (Status.WAITLISTED, Status.NOT_SELECTED),
        Status.SELECTED,
        "selection.decide_reconsideration",
    ),
    Transition(
        "overturn_waitlist",
        (Status.NOT_SELECTED,),
        Status.WAITLISTED,
        "selection.decide_reconsideration",
    ),
    Transition(
        "select_again",
        (Status.WAITLISTED, Status.NOT_SELECTED),
        Status.SELECTED,
        "selection.release_decisions",
        stamp="decided_at",
    ),
    Transition(
        "waitlist_again",
        (Status.SELECTED, Status.NOT_SELECTED, Status.PARTICIPATING),
        Status.WAITLISTED,
        "selection.release_decisions",
        stamp="decided_at",
    ),
    Transition(
        "do_not_select_again",
        (Status.SELECTED, Status.WAITLISTED, Status.PARTICIPATING),
        Status.NOT_SELECTED,
        "selection.release_decisions",
        stamp="decided_at",
    ),
    Transition("expire", (Status.SELECTED,), Status.DECLINED, "selection.confirm_offer"),
    Transition("accept", (Status.SELECTED,), Status.PARTICIPATING, "applications.answer_offer"),
    Transition("decline", (Status.SELECTED,), Status.DECLINED, "applications.answer_offer"),
    Transition("leave", (Status.PARTICIPATING,), Status.LEFT, "applications.answer_offer"),
)

TRANSITIONS: dict[str, Transition] = {step.name: step for step in _STEPS}
PAIRS: list[tuple[str, str]] = sorted(
    {(str(source), str(step.target)) for step in _STEPS for source in step.sources}
)
