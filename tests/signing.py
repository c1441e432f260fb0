"""What the page to sign an application sends."""

from applications.dossier import Dossier

ATTESTED = {
    f"attest_{key}": "on"
    for key in ("accurate", "authorized", "payments_depend", "no_member_information")
}


def seen(application):
    """Return the digest of the content as it is now: what the page shows to who signs it."""
    return {"seen": Dossier.load(type(application).objects.get(pk=application.pk)).digest}
