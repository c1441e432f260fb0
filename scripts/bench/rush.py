"""The deadline rush: many practices save every few seconds over 64 connections, then all sign.

Every practice remembers what it typed and what the portal confirmed, as a browser does. In the end the
database is compared with that.
"""

import contextlib
import http.client
import json
import re
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from scripts.bench.figures import Rush, percentile
from scripts.bench.ledger import Answers, answers_in, judge
from scripts.bench.portal import HOST, Plan, Portal, running
from scripts.bench.scenarios import CSRF

NAME, SLUG = "deadline_rush", "bench-rush"
PRACTICES, CONNECTIONS = 719, 64
EVERY = 4.0  # seconds between two saves of one practice
PATIENCE = 120  # seconds in which the last save must be answered
DOUBLE = 5  # every fifth practice submits twice at once
IDLE = 3.0  # seconds after which a connection is opened anew; gunicorn keeps it for 5
TEXT = (
    "Turn %d of practice %d: “our team” leads this work; 100%% of sites – día y noche. "
    + "Word " * 60
)
SEEN = re.compile(r'<input(?=[^>]*name="seen")[^>]*value="([^"]*)"')
ATTESTED = re.compile(r'name="(attest_[^"]+)"')


@dataclass
class Practice:
    """One office manager: a session, the versions of the open page, and what was confirmed."""

    application: int
    session: str
    versions: dict[str, int]
    turn: int = 0
    due: float = 0.0
    confirmed: dict[str, str] = field(default_factory=dict)


@dataclass
class Log:
    """What one connection measured: seconds of each save and each signature, and what went wrong."""

    saves: list[float] = field(default_factory=list)
    submits: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Line:
    """One kept connection that any of its practices uses in turn."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self.used = 0.0

    def ask(
        self, practice: Practice, path: str, form: dict[str, Any] | None = None, **headers: str
    ) -> tuple[int, str, str]:
        """Return status, where a redirect leads to, and the body."""
        if time.monotonic() - self.used > IDLE:
            self.connection.close()
        kept = {"Cookie": f"sessionid={practice.session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        body = None
        if form is not None:
            kept["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form).encode()
        self.connection.request("GET" if body is None else "POST", path, body, kept | headers)
        answer = self.connection.getresponse()
        content = answer.read().decode()
        self.used = time.monotonic()
        return answer.status, answer.getheader("Location", ""), content


def rush(local: Path, seconds: float, practices: int = PRACTICES) -> Rush:
    """Run the rush for `seconds` of saving on a fresh copy of the seeded drafts."""
    cohort = ("--cycle", SLUG, "--applications", str(practices), "--through", "draft")
    prepare = ("scripts.bench.prepare_rush", SLUG, str(practices), str(seconds))
    with running(local, Plan("rush", (cohort,), prepare, fresh=True)) as portal:
        crowd = [Practice(**row) for row in portal.prepared["practices"]]
        applications = [practice.application for practice in crowd]
        expected = answers_in(portal.conninfo, applications)
        logs, spent = _run(portal, crowd, seconds)
        expected |= _confirmed(crowd)
        found = judge(portal.conninfo, applications, expected)
    saves = [one for log in logs for one in log.saves]
    submits = [one for log in logs for one in log.submits]
    errors = [one for log in logs for one in log.errors]
    for error in errors[:5]:
        print(f"{NAME}: {error}")
    return Rush(
        name=NAME,
        n=len(crowd),
        p50_ms=round(statistics.median(saves) * 1000, 2),
        p95_ms=round(percentile(saves, 95) * 1000, 2),
        rps=round(len(saves) / spent, 1),
        saves=len(saves),
        submit_p50_ms=round(statistics.median(submits) * 1000, 2),
        submit_p95_ms=round(percentile(submits, 95) * 1000, 2),
        doubled=len(crowd[::DOUBLE]),
        answers=len(expected),
        errors=len(errors) + found.not_submitted,
        lost_answers=found.lost_answers,
        duplicate_submissions=found.duplicates,
    )


def _confirmed(crowd: list[Practice]) -> Answers:
    return {(one.application, key): text for one in crowd for key, text in one.confirmed.items()}


def _run(portal: Portal, crowd: list[Practice], seconds: float) -> tuple[list[Log], float]:
    """Let everybody save, then everybody sign; returns the logs and the seconds of saving."""
    questions = portal.prepared["questions"]
    twice = {practice.application for practice in crowd[::DOUBLE]}
    logs = [Log() for _ in range(CONNECTIONS)]
    saved = threading.Barrier(CONNECTIONS)
    began = time.monotonic()
    ended = [began] * CONNECTIONS

    def work(index: int) -> None:
        mine, log = crowd[index::CONNECTIONS], logs[index]
        line, second = Line(portal.port), Line(portal.port)
        _save_until(began + seconds, line, mine, questions, log)
        ended[index] = time.monotonic()
        saved.wait(timeout=PATIENCE)
        for practice in mine:
            lines = [line, second] if practice.application in twice else [line]
            with _noting(log, practice):
                _sign(lines, practice, log)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(work, range(CONNECTIONS)))
    return logs, max(ended) - began


def _save_until(
    end: float, line: Line, mine: list[Practice], questions: list[list[str]], log: Log
) -> None:
    """Save for each practice in turn, each every few seconds, spread over them, until `end`."""
    for index, practice in enumerate(mine):
        practice.due = time.monotonic() + EVERY * index / len(mine)
    while mine:
        practice = min(mine, key=lambda one: one.due)
        if practice.due >= end:
            return
        time.sleep(max(0.0, practice.due - time.monotonic()))
        practice.due = max(practice.due + EVERY, time.monotonic())
        with _noting(log, practice):
            _save(line, practice, questions, log)


def _save(line: Line, practice: Practice, questions: list[list[str]], log: Log) -> None:
    """Autosave one answer and keep it as confirmed when the portal says that it is stored."""
    section, key = questions[(practice.turn + practice.application) % len(questions)]
    practice.turn += 1
    text = (TEXT % (practice.turn, practice.application)).strip()
    version = practice.versions.get(key, 0)
    form = {key: text, f"version:{key}": version, "autosave": key}
    path = f"/application/{practice.application}/{section}/"
    started = time.perf_counter()
    status, _to, body = line.ask(practice, path, form, **{"X-Autosave": "1"})
    log.saves.append(time.perf_counter() - started)
    answer = json.loads(body) if status == 200 else {}
    if answer.get("errors") or answer.get("versions") != {key: version + 1}:
        raise Refused(f"{path} {key} answered {status}: {body[:200]}")
    practice.versions[key] = version + 1
    practice.confirmed[key] = text


def _sign(lines: list[Line], practice: Practice, log: Log) -> None:
    """Read the review page and submit, over every one of `lines` at the same moment."""
    page = f"/application/{practice.application}"
    status, _to, body = lines[0].ask(practice, f"{page}/review/")
    seen = SEEN.search(body)
    if status != 200 or seen is None:
        raise Refused(f"{page}/review/ answered {status}")
    form: dict[str, Any] = dict.fromkeys(ATTESTED.findall(body), "on")
    form |= {"signed_name": "Ana Ruiz", "signed_title": "Office manager"}
    form["seen"] = seen[1]
    start = threading.Barrier(len(lines))

    def submit(line: Line) -> tuple[float, int, str]:
        start.wait()
        started = time.perf_counter()
        status, to, _body = line.ask(practice, f"{page}/submit/", form)
        return time.perf_counter() - started, status, to

    with ThreadPoolExecutor(len(lines)) as pool:
        answers = list(pool.map(submit, lines))
    log.submits += [seconds for seconds, _status, _to in answers]
    for _seconds, status, to in answers:
        if (status, to) != (302, f"{page}/receipt/"):
            raise Refused(f"{page}/submit/ answered {status} {to}")


class Refused(RuntimeError):
    """The portal did not do what a person was promised."""


@contextlib.contextmanager
def _noting(log: Log, practice: Practice) -> Iterator[None]:
    try:
        yield
    except (Refused, OSError, http.client.HTTPException, ValueError) as error:
        log.errors.append(f"application {practice.application}: {type(error).__name__}: {error}")
