"""What the measured server has beyond production: floor pages, and a header that counts queries."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from scripts.bench.floors import FLOORS

PREFIX = "/bench-floor/"
ASKED, COUNTED = "X-Bench-Count", "X-Bench-Queries"


class FloorMiddleware:
    """Answers `/bench-floor/NAME` before any other middleware has cost anything."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the floor in the path, or hand the request on."""
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        return HttpResponse(FLOORS[request.path.removeprefix(PREFIX)](request.GET))


class QueryCountMiddleware:
    """Says in `X-Bench-Queries` how many statements ran, when the request asks for it.

    BEGIN and COMMIT are not statements here; savepoints are.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Count only on demand, so that timed requests pay nothing for it."""
        if ASKED not in request.headers:
            return self.get_response(request)
        statements: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            statements.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            response = self.get_response(request)
        response[COUNTED] = str(len(statements))
        return response
