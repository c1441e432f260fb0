"""An uploaded file between its preview and the button that stores it: on the server, encrypted, an hour.

A `slot` is the key of the person's session under which a page finds its file; there is one file a slot.
It lies in a session of its own in the sessions table, which has no user; the task
`accounts.clear_sessions` deletes it with the other expired ones.
"""

import base64
from dataclasses import dataclass

from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Membership
from applications.identifiers import decrypt, encrypt
from programs.models import Cycle

IMPORT = "import_file"
SECONDS = 3600


@dataclass(frozen=True)
class Kept:
    """A kept file: its bytes and the name it had; of an import also how many rows the preview promised.

    `all_tins`: an import was tried, so its page shows every TIN that is refused.
    """

    data: bytes
    name: str
    promised: int = 0
    all_tins: bool = False


def keep(session, kept: Kept, *, hat: Membership, cycle: Cycle | None, slot: str = IMPORT) -> None:
    """Keep a file for this person, hat and cycle (None: any), in place of the one before."""
    forget(session, slot)
    store = SessionStore()
    store["file"] = encrypt(base64.b64encode(kept.data).decode()).decode()
    store["name"], store["promised"] = kept.name, kept.promised
    store["all_tins"] = kept.all_tins
    store["hat"], store["cycle"] = hat.pk, cycle and cycle.pk
    store.set_expiry(SECONDS)
    store.save()
    session[slot] = store.session_key


def kept_file(session, *, hat: Membership, cycle: Cycle | None, slot: str = IMPORT) -> Kept | None:
    """Return the kept file, or None when there is none of this hat and cycle any more."""
    key = session.get(slot)
    store = SessionStore(session_key=key) if key else None
    if store is None or (store.get("hat"), store.get("cycle")) != (hat.pk, cycle and cycle.pk):
        return None
    data = base64.b64decode(decrypt(store["file"].encode()))
    return Kept(data, store["name"], store["promised"], store.get("all_tins", False))


def forget(session, slot: str = IMPORT) -> None:
    """Delete the kept file."""
    key = session.pop(slot, None)
    if key:
        SessionStore(session_key=key).delete()
