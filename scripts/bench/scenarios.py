"""What is asked of the portal, as whom, and the floor beside it."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from scripts.bench.middleware import PREFIX
from scripts.bench.prepare import QUESTION, SECTION

CSRF = "b" * 32
LETTER = "Synthetic text: our team leads this work together, turn %d."


@dataclass
class Scenario:
    """One request, asked again and again. `body` gives the next form to send; None means GET.

    `heard` gets every answer's body, so that the next form can be based on the new versions. `undo` is
    asked after each request, untimed, so that the next one finds the same state.
    """

    name: str
    path: str
    session: str
    floor: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[], dict[str, Any]] | None = None
    heard: Callable[[bytes], None] = lambda _body: None
    undo: str = ""

    def all_headers(self) -> dict[str, str]:
        """Return the headers of a signed-in browser."""
        cookies = f"sessionid={self.session}; csrftoken={CSRF}"
        form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": CSRF}
        return {"Cookie": cookies, **(form if self.body else {}), **self.headers}


class Sheet:
    """The client's side of a score sheet: versions as a browser's hidden inputs hold them.

    Every save gives other points than the last one, as the same points again are no change.
    """

    def __init__(self, targets: Mapping[str, Any]) -> None:
        self.codes: list[str] = targets["codes"]
        self.points: dict[str, list] = {
            code: targets["points"].get(code, [0, None]) for code in self.codes
        }
        self.comments: dict[str, list] = targets["comments"]

    def one(self) -> dict[str, Any]:
        """Return an autosave of the first criterion's points."""
        return self._other_points(self.codes[0]) | {"autosave": _points(self.codes[0])}

    def saved_one(self, body: bytes) -> None:
        """Keep the version that the autosave's answer names."""
        code = self.codes[0]
        self.points[code][0] = json.loads(body)["versions"][_points(code)]

    def whole(self) -> dict[str, Any]:
        """Return the whole form with other points for every criterion and the comments as they are."""
        form: dict[str, Any] = {}
        for code in self.codes:
            name, (version, text) = _comment(code), self.comments.get(code, (0, ""))
            form |= {name: text, f"version:{name}": version, **self._other_points(code)}
        return form

    def last(self) -> dict[str, Any]:
        """Return the whole form as it is submitted."""
        return self.whole() | {"submit": "1"}

    def saved_whole(self, body: bytes) -> None:
        """Count every criterion's version up, as all of them changed."""
        for row in self.points.values():
            row[0] += 1

    def _other_points(self, code: str) -> dict[str, Any]:
        row = self.points[code]
        row[1] = 1 if row[1] == 2 else 2
        return {_points(code): row[1], f"version:{_points(code)}": row[0]}


class Answer:
    """The client's side of one answer of the practice's draft."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.turns: Iterator[int] = itertools.cycle((1, 2))

    def form(self) -> dict[str, Any]:
        """Return an autosave of the answer."""
        text = LETTER % next(self.turns)
        return {QUESTION: text, f"version:{QUESTION}": self.version, "autosave": QUESTION}

    def saved(self, body: bytes) -> None:
        """Keep the version that the answer names."""
        self.version = json.loads(body)["versions"][QUESTION]


def scenarios(targets: Mapping[str, Any]) -> list[Scenario]:
    """Return every measured request for what `prepare` found."""
    return [
        *_of_dhcs(targets),
        *_of_lead(targets),
        *_of_reviewer(targets),
        _of_practice(targets),
    ]


def _of_dhcs(targets: Mapping[str, Any]) -> list[Scenario]:
    analyst, cycle, pk = targets["analyst"], targets["cycle"], targets["application"]
    workbench = f"/selection/{targets['slug']}/"
    return [
        Scenario("application", f"/queue/{pk}/", analyst, floor_of("application", pk=pk)),
        Scenario("workbench", workbench, analyst, floor_of("threshold", cycle=cycle)),
        Scenario(
            "scenario-recompute",
            f"{workbench}?threshold=76&points_tribal_yes=11",
            analyst,
            floor_of("threshold", cycle=cycle),
            headers={"HX-Request": "true", "HX-Request-Type": "partial"},
        ),
    ]


def _of_lead(targets: Mapping[str, Any]) -> list[Scenario]:
    lead, of_plan = targets["lead"], {"cycle": targets["cycle"], "plan": targets["plan"]}
    list_floor, load_floor = floor_of("plan_list", **of_plan), floor_of("plan_loads", **of_plan)
    return [
        Scenario("plan-list", "/plan/", lead, list_floor),
        Scenario("plan-overview", "/plan/overview/", lead, load_floor),
        Scenario("plan-assign", "/plan/assign/?need=any", targets["assigner"], list_floor),
        Scenario("plan-disagreements", "/plan/disagreements/", lead, list_floor),
        Scenario("plan-recommend", "/plan/recommend/", lead, list_floor),
        Scenario("plan-team", "/plan/team/", lead, load_floor),
    ]


def _of_reviewer(targets: Mapping[str, Any]) -> list[Scenario]:
    reviewer, pk, other = targets["reviewer"], targets["sheet"], targets["floor_sheet"]
    sheet = Sheet(targets)
    page = f"/reviews/{pk}/"
    one = Scenario(
        "score-autosave",
        f"{page}save/",
        reviewer,
        floor_of("points", pk=other, code=targets["floor_code"]),
        headers={"X-Autosave": "1"},
        body=sheet.one,
        heard=sheet.saved_one,
    )
    whole = Scenario(
        "score-save",
        f"{page}save/",
        reviewer,
        floor_of("points", pk=other),
        status=302,
        body=sheet.whole,
        heard=sheet.saved_whole,
    )
    submit = Scenario(
        "score-submit",
        f"{page}save/",
        reviewer,
        floor_of("submit", pk=other),
        status=302,
        body=sheet.last,
        heard=sheet.saved_whole,
        undo=floor_of("reopen", pk=pk),
    )
    return [Scenario("score-sheet", page, reviewer, floor_of("sheet", pk=pk)), one, whole, submit]


def _of_practice(targets: Mapping[str, Any]) -> Scenario:
    answer = Answer(targets["answer_version"])
    return Scenario(
        "section-autosave",
        f"/application/{targets['draft']}/{SECTION}/",
        targets["owner"],
        floor_of("answer", pk=targets["floor_answer"], key=QUESTION),
        headers={"X-Autosave": "1"},
        body=answer.form,
        heard=answer.saved,
    )


def floor_of(name: str, **parameters: Any) -> str:
    """Return the address of a floor."""
    return f"{PREFIX}{name}?{urlencode(parameters)}"


def _points(code: str) -> str:
    return "points_" + code.replace(".", "_")


def _comment(code: str) -> str:
    return "comment_" + code.replace(".", "_")
