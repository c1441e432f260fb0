"""Conflicts of interest: which rules the portal checks, which a person answers. Pure, no database.

The rules are data of the program (`scoring.conflict_rules`); this module knows their three kinds.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from programs.schema.rules import ConflictRule

# Providers who give an address to anybody: the same one says nothing about an organization.
PROVIDERS = """
126.com 163.com aim.com aol.com att.net bellsouth.net charter.net comcast.net cox.net duck.com
earthlink.net email.com fastmail.com fastmail.fm frontier.com frontiernet.net gmail.com gmx.com
gmx.net gmx.us googlemail.com hey.com hotmail.com hotmail.es hushmail.com icloud.com inbox.com
juno.com live.com live.com.mx mac.com mail.com mail.ru me.com mindspring.com msn.com naver.com
netscape.net netzero.com netzero.net optonline.net outlook.com outlook.es pacbell.net pm.me
prodigy.net proton.me protonmail.ch protonmail.com qq.com roadrunner.com rocketmail.com rr.com
sbcglobal.net sonic.net spectrum.net startmail.com tuta.com tuta.io tutanota.com usa.net
verizon.net windstream.net yahoo.ca yahoo.co.uk yahoo.com yahoo.com.mx yahoo.es yandex.com
yandex.ru ymail.com zoho.com zohomail.com
"""
PUBLIC_MAIL = frozenset(PROVIDERS.split())

Pair = tuple[int, int]


@dataclass(frozen=True)
class Subject:
    """An application: its id, its practice's id, TIN digests, and the email domains of its people."""

    id: int
    practice: int
    tins: frozenset[str]
    domains: frozenset[str]


@dataclass(frozen=True)
class Candidate:
    """A person: id, email domain, and the practices (ids) worked for, with their TIN digests."""

    id: int
    domain: str
    practices: frozenset[int]
    tins: frozenset[str]


def found_by_portal(rules: Iterable[ConflictRule]) -> tuple[ConflictRule, ...]:
    """Return the rules that need no declaration."""
    return tuple(rule for rule in rules if rule.kind != "declared")


def declared(rules: Iterable[ConflictRule]) -> tuple[ConflictRule, ...]:
    """Return the rules that each reviewer answers before an application opens."""
    return tuple(rule for rule in rules if rule.kind == "declared")


def domain_of(email: str) -> str:
    """Return the domain of an address as it is compared, or "" for a public provider's or for none.

    Lower case, international names in their ASCII form. A name under a public provider's is public.
    """
    name = email.rpartition("@")[2].strip().rstrip(".").lower()
    try:
        name = name.encode("idna").decode()
    except UnicodeError:
        return ""
    return "" if "." not in name or PUBLIC_MAIL.intersection(_upward(name)) else name


def same_organisation(one: str, other: str) -> bool:
    """Tell whether two domains are equal, or one is under the other (staff.clinic.org, clinic.org)."""
    return bool(one and other) and (one in _upward(other) or other in _upward(one))


def same_tin(subjects: Iterable[Subject], candidates: Iterable[Candidate]) -> dict[Pair, str]:
    """Return the pairs (subject, candidate) where the person works or worked for the same TIN.

    A hat in the practice itself counts, also when no TIN is stored. The notes are empty.
    """
    by_tin, by_practice = defaultdict(set), defaultdict(set)
    for person in candidates:
        for tin in person.tins - {""}:
            by_tin[tin].add(person.id)
        for practice in person.practices:
            by_practice[practice].add(person.id)
    return {
        (subject.id, person): ""
        for subject in subjects
        for person in by_practice[subject.practice].union(*(by_tin[tin] for tin in subject.tins))
    }


def same_domain(subjects: Iterable[Subject], candidates: Iterable[Candidate]) -> dict[Pair, str]:
    """Return the pairs whose email domains belong together, each with the practice's domain.

    Compares by look-up, so that the work grows with people and findings, not with their product.
    """
    exact, under = defaultdict(set), defaultdict(set)
    for person in candidates:
        if person.domain:
            exact[person.domain].add(person.id)
            for name in _upward(person.domain):
                under[name].add(person.id)
    return {
        (subject.id, person): domain
        for subject in subjects
        for domain in sorted(subject.domains - {""})
        for person in under[domain].union(*(exact[name] for name in _upward(domain)))
    }


FINDERS: Mapping[str, Callable[..., dict[Pair, str]]] = MappingProxyType(
    {"same_tin": same_tin, "email_domain": same_domain}
)


def _upward(domain: str) -> list[str]:
    """Return the name and the names above it that have two parts or more."""
    parts = domain.split(".")
    return [".".join(parts[n:]) for n in range(len(parts) - 1)]
