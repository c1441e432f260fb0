"""Domains and TINs compared: what the portal finds by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.packaged import packaged_definition
from scoring.conflicts import (
    PUBLIC_MAIL,
    Candidate,
    Subject,
    declared,
    domain_of,
    found_by_portal,
    same_domain,
    same_organisation,
    same_tin,
)


def subject(pk=1, practice=10, tins=(), domains=()):
    return Subject(pk, practice, frozenset(tins), frozenset(domains))


def person(pk=5, domain="", practices=(), tins=()):
    return Candidate(pk, domain, frozenset(practices), frozenset(tins))


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ana@clinic.org", "clinic.org"),
        ("ana@CLINIC.Org.", "clinic.org"),
        ("ana@staff.clinic.org", "staff.clinic.org"),
        ('"a@b"@clinic.org', "clinic.org"),
        ("ana@clínica.org", "xn--clnica-4va.org"),
        ("ana@gmail.com", ""),
        ("ana@Yahoo.com", ""),
        ("ana@mail.yahoo.com", ""),
        ("ana@localhost", ""),
        ("ana@", ""),
        ("", ""),
        ("ana@a..org", ""),
        (f"ana@{'x' * 70}.org", ""),
    ],
)
def test_the_domain_of_an_address_as_it_is_compared(email, domain):
    assert domain_of(email) == domain


@pytest.mark.parametrize("provider", sorted(PUBLIC_MAIL))
def test_a_public_provider_never_matches(provider):
    assert domain_of(f"a@{provider}") == ""
    assert same_domain([subject(domains=[domain_of(f"a@{provider}")])], [person(domain="")]) == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("clinic.org", "clinic.org", True),
        ("staff.clinic.org", "clinic.org", True),
        ("clinic.org", "a.b.clinic.org", True),
        ("myclinic.org", "clinic.org", False),
        ("a.clinic.org", "b.clinic.org", False),
        ("clinic.org", "clinic.com", False),
        ("", "", False),
        ("", "clinic.org", False),
    ],
)
def test_domains_belong_together_when_one_is_under_the_other(one, other, same):
    assert same_organisation(one, other) is same
    assert same_organisation(other, one) is same
    found = same_domain([subject(domains=[one])], [person(domain=other)])
    assert found == ({(1, 5): one} if same else {})


NAMES = st.lists(st.sampled_from(["a", "b", "org"]), min_size=2, max_size=4).map(".".join)


@given(st.lists(st.sets(NAMES, max_size=3), max_size=4), st.lists(NAMES | st.just(""), max_size=4))
def test_the_look_up_finds_what_comparing_every_pair_finds(practices, people):
    subjects = [subject(n, domains=names) for n, names in enumerate(practices)]
    candidates = [person(n, domain=name) for n, name in enumerate(people)]
    expected = {
        (one.id, other.id)
        for one in subjects
        for other in candidates
        if any(same_organisation(name, other.domain) for name in one.domains)
    }
    assert set(same_domain(subjects, candidates)) == expected


@pytest.mark.parametrize(
    ("theirs", "works", "same"),
    [
        ({"x"}, {"tins": ["x"]}, True),
        ({"x", ""}, {"tins": ["y", ""]}, False),
        ({""}, {"tins": [""]}, False),
        ({""}, {"practices": [10]}, True),
        ({"x"}, {"practices": [11], "tins": ["y"]}, False),
        (set(), {}, False),
    ],
)
def test_the_same_tin_or_the_practice_itself(theirs, works, same):
    found = same_tin([subject(tins=theirs)], [person(**works)])
    assert found == ({(1, 5): ""} if same else {})


def test_the_program_tells_what_is_found_and_what_is_asked():
    rules = packaged_definition().scoring.conflict_rules
    assert [rule.key for rule in found_by_portal(rules)] == ["same_tin", "email_domain"]
    keys = ["employment", "family", "financial", "helped", "other"]
    assert [rule.key for rule in declared(rules)] == keys
