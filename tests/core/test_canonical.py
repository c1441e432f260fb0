"""Canonical JSON is byte-exact, whatever the order of the keys, and its hash is that of the bytes."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canonical import canonical_json, digest

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def test_the_text_is_compact_sorted_and_not_escaped():
    document = {"b": [1, {"z": None, "a": True}], "a": "Muñoz “<&"}
    assert canonical_json(document) == '{"a":"Muñoz “<&","b":[1,{"a":true,"z":null}]}'


@given(DOCUMENTS)
def test_what_is_written_reads_back_the_same_and_writes_the_same(document):
    text = canonical_json(document)
    assert json.loads(text) == document
    assert canonical_json(json.loads(text)) == text


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_refused(number):
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json({"a": number})


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(TypeError):
        canonical_json({"a": {1, 2}})


def test_the_digest_is_sha256_of_the_utf8_bytes():
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest("") == empty
    assert digest("ñ") == hashlib.sha256(b"\xc3\xb1").hexdigest()
