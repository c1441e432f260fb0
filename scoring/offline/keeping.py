"""A filled-in workbook between its preview and the button that stores it: on the server, encrypted, an hour.

It lies in a session of its own in the sessions table, which has no user; the task
`accounts.clear_sessions` deletes it with the other expired ones.
"""

import base64
from dataclasses import dataclass

from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Membership
from applications.identifiers import decrypt, encrypt

SESSION_KEY = "score_form"
SECONDS = 3600


@dataclass(frozen=True)
class Kept:
    """A kept file: its bytes and the name it had."""

    data: bytes
    name: str


def keep(session, kept: Kept, *, hat: Membership) -> None:
    """Keep a file for this person and hat, in place of the one before."""
    forget(session)
    store = SessionStore()
    store["file"] = encrypt(base64.b64encode(kept.data).decode()).decode()
    store["name"], store["hat"] = kept.name, hat.pk
    store.set_expiry(SECONDS)
    store.save()
    session[SESSION_KEY] = store.session_key


def kept_file(session, *, hat: Membership) -> Kept | None:
    """Return the kept file, or None when there is none of this hat any more."""
    key = session.get(SESSION_KEY)
    store = SessionStore(session_key=key) if key else None
    if store is None or store.get("hat") != hat.pk:
        return None
    return Kept(base64.b64decode(decrypt(store["file"].encode())), store["name"])


def forget(session) -> None:
    """Delete the kept file."""
    key = session.pop(SESSION_KEY, None)
    if key:
        SessionStore(session_key=key).delete()
