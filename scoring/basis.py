"""What an official score rests on, in words: for pages and for the record."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def in_words(basis: str) -> str:
    """Return the stored basis of a score as a sentence; "" for none or one that is not known."""
    fixed = {
        "one_sheet": _("The total of the one score sheet."),
        "third_reader": _("The sheet of a third reader, because two sheets differed too much."),
        "consensus": _("The consensus of the lead, because two sheets differed too much."),
    }
    if basis in fixed:
        return fixed[basis]
    way, _of, number = basis.partition("_of_")
    if not number.isdecimal():
        return ""
    count = int(number)
    sentences = {
        "mean": ngettext(
            "The mean of %(n)d score sheet, rounded half up.",
            "The mean of %(n)d score sheets, rounded half up.",
            count,
        ),
        "lowest": ngettext("The lowest of %(n)d total.", "The lowest of %(n)d totals.", count),
        "highest": ngettext("The highest of %(n)d total.", "The highest of %(n)d totals.", count),
    }
    return sentences.get(way, "") % {"n": count} if way in sentences else ""


def in_short(basis: str) -> str:
    """Return the stored basis of a score in two or three words, for a table; "" when not known."""
    fixed = {
        "one_sheet": _("One sheet"),
        "third_reader": _("Third reader"),
        "consensus": _("Consensus"),
    }
    way, _of, number = basis.partition("_of_")
    words = {
        "mean": _("Mean of %(n)s"),
        "lowest": _("Lowest of %(n)s"),
        "highest": _("Highest of %(n)s"),
    }
    return fixed.get(basis) or (words[way] % {"n": number} if way in words else "")
