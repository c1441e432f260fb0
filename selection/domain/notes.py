"""Notes of DHCS staff on an application, and the colleagues that they name."""

import re
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from applications.models import Application
from core.exceptions import DomainError, WrongState
from selection.emails import desk as emails
from selection.models import Mention, StaffNote

LONGEST = 4000  # characters
LONGEST_NAME = 80  # characters
MOST_WORDS = 4


@transaction.atomic
def add(
    application: Application,
    *,
    text: str,
    mentioned: Iterable[Membership] = (),
    colleagues: Sequence[Membership] = (),
    by: Membership,
) -> StaffNote:
    """Keep a note; tell by email who is in `mentioned` or is named with an @ in the text.

    `colleagues` are those who can be named: to whom the application is open. Raises DomainError for a
    note without words, one over 4,000 characters, and for somebody who is no colleague.
    """
    words = text.strip()
    if not words:
        raise DomainError(_("Write the note first."))
    if len(words) > LONGEST:
        raise DomainError(_("Shorten the note to %(n)s characters.") % {"n": f"{LONGEST:,}"})
    known = {hat.user_id: hat.user for hat in colleagues if hat.user_id != by.user_id}
    ticked = {hat.user_id for hat in mentioned} - {by.user_id}
    if ticked - known.keys():
        raise DomainError(
            _("Choose colleagues from the list. Reload the page to see who is there.")
        )
    people = ticked | {user.pk for user in named_in(words, known.values())}
    note = StaffNote.objects.create(application=application, author=by.user, text=words)
    Mention.objects.bulk_create(Mention(note=note, person_id=pk) for pk in sorted(people))
    emails.mentioned(note, application, [known[pk] for pk in sorted(people)], by=by)
    return note


@transaction.atomic
def remove(note: StaffNote, *, by: Membership) -> StaffNote:
    """Take one's own note off the page. The row stays; nobody is counted as mentioned in it any more.

    Raises DomainError for another's note, WrongState when it is removed already.
    """
    stored = StaffNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if stored.author_id != by.user_id:
        raise DomainError(_("Only who wrote a note can remove it."))
    if stored.removed_at is not None:
        raise WrongState(_("This note is removed already."))
    stored.removed_at = timezone.now()
    stored.save(update_fields=["removed_at"])
    return stored


def mark_seen(person: User | int, notes: Iterable[int] | None = None) -> int:
    """Note that the person saw where they are mentioned, in `notes` (ids) or everywhere (1 query)."""
    unseen = Mention.objects.filter(person=person, seen_at=None)
    if notes is not None:
        unseen = unseen.filter(note__in=list(notes))
    return unseen.update(seen_at=timezone.now())


def named_in(text: str, people: Iterable[User]) -> list[User]:
    """Return who is named with an @ before the full name, whatever the case.

    A name that is the beginning of a longer one ("Ana Ruiz" in "@Ana Ruiz-Lopez") does not count.
    """
    folded = " ".join(text.casefold().split())
    return [
        person
        for person in people
        if person.full_name.strip() and re.search(rf"@{_whole(person)}", folded)
    ]


def unknown_in(text: str, people: Iterable[User]) -> list[str]:
    """Return what is written as a name with an @ and is the full name of none of `people`.

    A name goes on over words that begin with a capital letter. An @ within a word, as in an email
    address, names nobody.
    """
    words, listed = " ".join(text.split()), [one for one in people if one.full_name.strip()]
    rests = [words[found.end() :] for found in re.finditer(r"(?<!\w)@(?=\w)", words)]
    unknown = [
        _name_at(rest)
        for rest in rests
        if not any(re.match(_whole(one), rest.casefold()) for one in listed)
    ]
    return list(dict.fromkeys(unknown))


def _whole(person: User) -> str:
    """Return the pattern of a full name that no word goes on from, with case folded."""
    return rf"{re.escape(' '.join(person.full_name.casefold().split()))}(?![\w-])"


def _name_at(rest: str) -> str:
    """Return the name with which `rest` begins."""
    words: list[str] = []
    for word in rest.split(" ", MOST_WORDS)[:MOST_WORDS]:
        if words and not word[:1].isupper():
            break
        words.append(word.rstrip(".,;:!?)"))
        if words[-1] != word:
            break
    return " ".join(words)[:LONGEST_NAME]
