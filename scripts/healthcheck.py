"""Asks the portal in this container how it is: exit status 0 when /healthz answers 200.

It asks as the proxy in front would, by https and by a host name of ALLOWED_HOSTS; otherwise the
answer would be a redirect or a refusal.
"""

import http.client
import os
import sys


def main() -> int:
    """Return 0 when the portal and its database answer, 1 otherwise."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
    headers = {"Host": "localhost" if host == "*" else host, "X-Forwarded-Proto": "https"}
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4
    )
    try:
        connection.request("GET", "/healthz", headers=headers)
        return int(connection.getresponse().status != 200)
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
