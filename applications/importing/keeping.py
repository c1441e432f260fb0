"""An uploaded file between its preview and the button that imports it: on the server, encrypted, an hour.

It lies in a session of its own in the sessions table, which has no user; the task
`accounts.clear_sessions` deletes it with the other expired ones.
"""

import base64
from dataclasses import dataclass

from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Membership
from applications.identifiers import decrypt, encrypt
from programs.models import Cycle

SESSION_KEY = "import_file"
SECONDS = 3600


@dataclass(frozen=True)
class Kept:
    """A kept file: its bytes, the name it had, and how many rows the preview promised to import.

    `all_tins`: an import was tried, so its page shows every TIN that is refused.
    """

    data: bytes
    name: str
    promised: int
    all_tins: bool = False


def keep(session, kept: Kept, *, hat: Membership, cycle: Cycle) -> None:
    """Keep a file for this person, hat and cycle, in place of the one before."""
    forget(session)
    store = SessionStore()
    store["file"] = encrypt(base64.b64encode(kept.data).decode()).decode()
    store["name"], store["promised"] = kept.name, kept.promised
    store["all_tins"] = kept.all_tins
    store["hat"], store["cycle"] = hat.pk, cycle.pk
    store.set_expiry(SECONDS)
    store.save()
    session[SESSION_KEY] = store.session_key


def kept_file(session, *, hat: Membership, cycle: Cycle) -> Kept | None:
    """Return the kept file, or None when there is none of this hat and cycle any more."""
    key = session.get(SESSION_KEY)
    store = SessionStore(session_key=key) if key else None
    if store is None or (store.get("hat"), store.get("cycle")) != (hat.pk, cycle.pk):
        return None
    data = base64.b64decode(decrypt(store["file"].encode()))
    return Kept(data, store["name"], store["promised"], store.get("all_tins", False))


def forget(session) -> None:
    """Delete the kept file."""
    key = session.pop(SESSION_KEY, None)
    if key:
        SessionStore(session_key=key).delete()
