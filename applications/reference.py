"""Reference numbers such as EPT1-000123-0: prefix of the program, running number, check digit.

The check digit is Luhn's (ISO/IEC 7812-1 annex B) over the six digits; it catches a mistyped digit and
most swapped neighbours.
"""

from stdnum import luhn


def reference_for(prefix: str, number: int) -> str:
    """Return the reference of application `number` (1 to 999,999) of the program with `prefix`."""
    digits = f"{number:06d}"
    return f"{prefix}-{digits}-{luhn.calc_check_digit(digits)}"
