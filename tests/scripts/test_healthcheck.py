"""The container's health check, against a real HTTP server."""

import http.server
import threading

import pytest

from scripts import healthcheck


@pytest.fixture
def portal(monkeypatch):
    """Serve one status on every path and note what was asked."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        status = 200

        def do_GET(self):
            asked.append((self.path, self.headers["Host"], self.headers["X-Forwarded-Proto"]))
            self.send_response(self.status)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.setenv("PORT", str(server.server_port))
        monkeypatch.setenv("ALLOWED_HOSTS", ".portal.example,other.example")
        yield Handler, asked
        server.shutdown()
        thread.join()


def test_it_asks_as_the_proxy_would(portal):
    assert healthcheck.main() == 0
    assert portal[1] == [("/healthz", "portal.example", "https")]


@pytest.mark.parametrize("status", [301, 400, 503])
def test_any_other_answer_is_unhealthy(portal, status):
    portal[0].status = status
    assert healthcheck.main() == 1


def test_no_answer_is_unhealthy(monkeypatch):
    monkeypatch.setenv("PORT", "1")
    assert healthcheck.main() == 1
