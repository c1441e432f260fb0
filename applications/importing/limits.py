"""How much a lead may ask the import pages in a day: files, and TINs that are refused.

A refused TIN says that a practice or an application here has it (or has not), so only a few are told
a day. Kept in the cache under the hat and the day (Pacific); an operator's command is not limited.
"""

from collections.abc import Collection

import structlog
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.importing.parsing import FileProblem

FILES_A_DAY = 60
TINS_A_DAY = 5
SECONDS = 26 * 3600  # longer than any day
SPENT = "spent"
log = structlog.get_logger(__name__)


class TooMany(FileProblem):
    """The lead has asked enough today."""


def require_room(hat: Membership) -> None:
    """Raise TooMany when no file of this lead is looked at any more today."""
    if SPENT in cache.get(_key(hat, "tins"), ()):
        raise TooMany(_spent())


@transaction.atomic
def count_file(hat: Membership) -> None:
    """Count an uploaded file. Raises TooMany after FILES_A_DAY."""
    _lock(hat)
    key = _key(hat, "files")
    files = cache.get(key, 0) + 1
    if files > FILES_A_DAY:
        log.warning("import_files_spent", hat=hat.pk)
        message = _("You have checked %(most)d files today. Go on tomorrow.")
        raise TooMany(message % {"most": FILES_A_DAY})
    cache.set(key, files, SECONDS)


def count_tins(hat: Membership, refused: Collection[str]) -> None:
    """Count the distinct refused TINs (keyed hashes); the same one again costs nothing.

    Raises TooMany beyond TINS_A_DAY, before any of these is told, and for every file from then on.
    """
    if not refused:
        return
    key = _key(hat, "tins")
    with transaction.atomic():
        _lock(hat)
        told = set(cache.get(key, ())) | set(refused)
        spent = SPENT in told or len(told) > TINS_A_DAY
        cache.set(key, [SPENT] if spent else sorted(told), SECONDS)
    if spent:
        log.warning("import_tins_spent", hat=hat.pk, refused=len(refused))
        raise TooMany(_spent())


def _spent() -> str:
    message = _(
        "More than %(most)d TINs in your files do not fit what other practices entered here. We don't "
        "say which ones, and check no other file of yours today. Compare the TINs with your papers "
        "and try again tomorrow."
    )
    return message % {"most": TINS_A_DAY}


def _lock(hat: Membership) -> None:
    Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=hat.pk)


def _key(hat: Membership, what: str) -> str:
    return f"import-{what}-{hat.pk}-{timezone.localdate():%Y-%m-%d}"
