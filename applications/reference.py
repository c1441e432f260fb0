"""Reference numbers such as EPT1-000123-0: prefix of the program, running number, check digit.

The check digit is Luhn's (ISO/IEC 7812-1 annex B) over the six digits; it catches a mistyped digit and
most swapped neighbours.
"""

from stdnum import luhn


def reference_for(prefix: str, number: int) -> str:
    """Return the reference of application `number` (1 to 999,999) of the program with `prefix`."""
    digits = f"{number:06d}"
    return f"{prefix}-{digits}-{luhn.calc_check_digit(digits)}"


def is_reference(text: str) -> bool:
    """Tell whether `text` has the form of a reference and the right check digit."""
    parts = text.strip().upper().split("-")
    if len(parts) != 3 or not parts[1].isdecimal() or not parts[2].isdecimal():
        return False
    return bool(luhn.is_valid(parts[1] + parts[2]))
