"""`/healthz`: whether this process can serve."""

from django.db import connection
from django.http import HttpRequest, HttpResponse

from core.views import public


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer "ok" when the database does; an unreachable database is a 500 for the balancer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
