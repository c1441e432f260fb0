"""One kept connection to each portal, and the clock."""

import http.client
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from scripts.bench.figures import Line, line_of
from scripts.bench.middleware import ASKED, COUNTED
from scripts.bench.scenarios import Scenario

WARM_UP = 10
BLOCK = 10
FEWEST, MOST = 60, 200
SECONDS = 6.0


class WrongAnswer(RuntimeError):
    """The portal answered with another status than the one that is measured."""


class Client:
    """Asks over one connection, as a browser does, so that connecting is not measured."""

    def __init__(self, host: str, port: int) -> None:
        self.connection = http.client.HTTPConnection(host, port, timeout=60)

    def ask(self, scenario: Scenario, *, count: bool = False) -> tuple[float, bytes, int]:
        """Return seconds, the body, and the number of queries (0 unless asked to `count`).

        Raises WrongAnswer.
        """
        body = urlencode(scenario.body()).encode() if scenario.body else None
        headers = scenario.all_headers() | ({ASKED: "1"} if count else {})
        method = "POST" if scenario.body else "GET"
        seconds, answer, content = self._timed(method, scenario.path, body, headers)
        if answer.status != scenario.status:
            raise WrongAnswer(
                f"{scenario.name}: {method} {scenario.path} answered {answer.status}, "
                f"not {scenario.status}: {content[:300].decode(errors='replace')}"
            )
        scenario.heard(content)
        if scenario.undo:
            self._timed("GET", scenario.undo, None, {})
        return seconds, content, int(answer.getheader(COUNTED, "0"))

    def floor(self, scenario: Scenario) -> float:
        """Return the seconds that the scenario's floor takes. Raises WrongAnswer."""
        seconds, answer, _content = self._timed("GET", scenario.floor, None, {})
        if answer.status != 200:
            raise WrongAnswer(f"{scenario.name}: {scenario.floor} answered {answer.status}")
        return seconds

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _timed(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[float, http.client.HTTPResponse, bytes]:
        started = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        return time.perf_counter() - started, answer, content


def measure(portals: Sequence[tuple[int, Client, Scenario]]) -> list[Line]:
    """Return the figures of one scenario at each size: (size, its client, its scenario).

    Sizes, page and floor take turns, block by block, so that what else this machine does falls on
    all of them alike. At least 60 requests of each; up to 200 as long as they fit in some seconds.
    """
    counted = [_warm_up(client, scenario) for _size, client, scenario in portals]
    times: list[list[float]] = [[] for _ in portals]
    floors: list[list[float]] = [[] for _ in portals]
    deadline = time.monotonic() + SECONDS * len(portals)
    while len(times[0]) < FEWEST or (len(times[0]) < MOST and time.monotonic() < deadline):
        for index, (_size, client, scenario) in enumerate(portals):
            times[index] += [client.ask(scenario)[0] for _ in range(BLOCK)]
            floors[index] += [client.floor(scenario) for _ in range(BLOCK)]
    return [
        line_of(scenario.name, size, times[i], floors[i], queries=counted[i][1], size=counted[i][0])
        for i, (size, _client, scenario) in enumerate(portals)
    ]


def _warm_up(client: Client, scenario: Scenario) -> tuple[int, int]:
    """Ask until caches are filled; returns the bytes of an answer and its number of queries."""
    for _ in range(WARM_UP):
        client.ask(scenario)
        client.floor(scenario)
    _seconds, content, queries = client.ask(scenario, count=True)
    return len(content), queries
