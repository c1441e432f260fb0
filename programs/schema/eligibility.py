"""Questions a practice can answer before it signs up, as data."""

from typing import Literal

from pydantic import Field

from programs.schema.base import Key, SourcedPart, Text

CheckKind = Literal["specialties", "members", "county", "yes_no"]
Need = Literal["start", "submit"]


class EligibilityCheck(SourcedPart):
    """One question of the check before sign-up, and what is said to each answer.

    `kind` says what counts as yes: `specialties` – at least one of the program's; `members` – `minimum`
    or more; `county` – a Medi-Cal plan of the program operates there; `yes_no` – "yes".
    `needed_to` says what is held up by a "not yet": starting an application, or submitting it.
    `date_label` asks for a day with a yes; `answers` names the question of the form that the day answers.
    """

    key: Key
    label: Text
    help: str = ""
    kind: CheckKind
    short: Text
    needed_to: Need = "start"
    minimum: int = Field(default=1, ge=1)
    date_label: str = ""
    answers: Key | None = None
    met: Text
    not_yet: Text
    to_do: Text
    link: str = Field(default="", pattern=r"^(https://\S+)?$")
    link_label: str = ""
