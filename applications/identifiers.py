"""NPI and TIN: checks, and the TIN's keyed hash and encryption.

NPI: ten digits, Luhn over "80840" + NPI (CMS, "Requirements for NPI and NPI check digit", 2004).
TIN: nine digits; an employer identification number with a prefix that the IRS has assigned.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.translation import gettext as _
from stdnum import luhn
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.us import ein

from core.exceptions import DomainError

NPI_PREFIX = "80840"


def clean_npi(text: str) -> str:
    """Return the ten digits of an NPI. Raises DomainError with what is wrong."""
    digits = "".join(text.split())
    if not digits.isascii() or not digits.isdigit() or len(digits) != 10:
        raise DomainError(_("An NPI has 10 digits, such as 1234567893."))
    if not luhn.is_valid(NPI_PREFIX + digits):
        raise DomainError(_("This NPI does not add up. Check it for a mistyped or swapped digit."))
    return digits


def clean_tin(text: str) -> str:
    """Return the nine digits of a TIN. Raises DomainError with what is wrong."""
    try:
        return str(ein.validate(text))
    except StdnumError as error:
        message = _(
            "A TIN has 9 digits, such as 94-1234567. Use the employer number (EIN) of the practice, "
            "not a person's Social Security number."
        )
        raise DomainError(message) from error


def tin_digest(digits: str) -> str:
    """Return the keyed SHA-256 of a TIN (64 hexadecimal digits): finds equal ones, reveals none."""
    return hmac.new(_key(), digits.encode(), hashlib.sha256).hexdigest()


def encrypt(digits: str) -> bytes:
    """Return `digits` encrypted with FIELD_ENCRYPTION_KEY (Fernet: AES-128-CBC with HMAC)."""
    return _cipher().encrypt(digits.encode())


def decrypt(secret: bytes) -> str:
    """Return what `encrypt` was given."""
    return _cipher().decrypt(bytes(secret)).decode()


def _key() -> bytes:
    return urlsafe_b64decode(settings.FIELD_ENCRYPTION_KEY)


def _cipher() -> Fernet:
    return Fernet(urlsafe_b64encode(_key()))
