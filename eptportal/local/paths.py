"""Where the local servers keep data and sockets, and the settings that point at them.

Sockets live in a folder that only its owner can enter (0700). A socket's path may have at most
about 100 characters, and libpq takes a comma in it for a list, so a deep or oddly named checkout
keeps its sockets in a short folder of the temporary directory.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

import environ

SOCKET_PATH_LIMIT = 80
PLAIN_PATH = re.compile(r"[\w./+-]+", re.ASCII)  # libpq splits a host at commas


def private_dir(path: Path) -> Path:
    """Return `path`, made if needed, with mode 0700."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.lstat().st_uid != os.getuid():
        raise PermissionError(f"{path} belongs to somebody else: remove it and try again.")
    path.chmod(0o700)
    return path


def socket_dir(local_dir: Path) -> Path:
    """Return the folder of the sockets that belong to `local_dir` (not created here)."""
    wanted = local_dir / "run"
    if len(str(wanted)) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(str(wanted)):
        return wanted
    digest = hashlib.sha256(str(local_dir).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"eptportal-{os.getuid()}-{digest}"


def database_settings(env: environ.Env, local_dir: Path, *, durable: bool = True) -> dict:
    """Return Django's settings of the default database.

    `DATABASE_URL` decides when it is set; otherwise the embedded cluster of `local_dir`, which
    starts with the first connection. `durable=False` switches fsync off and is for tests only.
    """
    if env.str("DATABASE_URL", default=""):
        return env.db("DATABASE_URL")
    return {
        "ENGINE": "eptportal.local.backend",
        "NAME": "eptportal",
        "USER": "portal",
        "HOST": str(socket_dir(local_dir)),
        "PORT": "5432",
        "OPTIONS": {"options": "-c jit=off -c pgtrigger.ignore={}"},
        "EMBEDDED": {"data": str(local_dir / "postgres"), "durable": durable},
    }


def broker_socket(local_dir: Path) -> Path:
    """Return the path of the embedded Valkey's socket."""
    return socket_dir(local_dir) / "valkey.sock"


def broker_url(local_dir: Path) -> str:
    """Return the Celery URL of the embedded Valkey."""
    return f"redis+socket://{quote(str(broker_socket(local_dir)))}"


def sink_url(local_dir: Path) -> str:
    """Return the `EMAIL_URL` of the local SMTP sink; its port is set by `EPT_SINK_PORT` (8025)."""
    return f"smtp://127.0.0.1:{os.environ.get('EPT_SINK_PORT', '8025')}"
