"""Makes complete drafts of seeded ones and signs their owners in; prints them as JSON.

Run as a program with the bench settings: `python -m scripts.bench.prepare_rush CYCLE N SECONDS`.
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import django
from django.apps import apps

from scripts.bench.prepare import open_until, signed_in

TYPED = ("long_text", "short_text")
METHODS = "account_authentication_methods"  # where allauth keeps when a password was typed
WHOSE = "account_authentication_methods_user"


def main(slug: str, practices: int, seconds: float) -> dict[str, Any]:
    """Return the questions to type in, and each practice's application, session and versions.

    The owners count as having typed their password again when `seconds` are over.
    """
    cycle = open_until(slug, days=1)
    drafts = apps.get_model("applications", "Application").objects.filter(
        cycle=cycle, status="draft"
    )
    hats = apps.get_model("accounts", "Membership").objects.filter(
        role="practice_owner", organisation__applications__in=drafts
    )
    owners = hats.exclude(user__email__endswith="@demo.example").select_related("user")
    by_practice = {hat.organisation_id: hat for hat in owners}
    mine = [draft for draft in drafts.order_by("pk") if draft.practice_id in by_practice]
    mine = mine[:practices]
    _complete(mine, cycle.definition)
    versions = _versions(mine)
    return {
        "questions": [
            [section.key, question.key]
            for section, question in _questions(cycle.definition)
            if question.kind in TYPED and question.only_if is None
        ],
        "practices": [
            {
                "application": draft.pk,
                "session": _confirmed(by_practice[draft.practice_id], time.time() + seconds),
                "versions": versions[draft.pk],
            }
            for draft in mine
        ],
    }


def _confirmed(owner: Any, at: float) -> str:
    """Return the key of a session whose owner typed the password again at `at` (Unix time)."""
    typed = [{"method": "password", "at": at, "reauthenticated": True}]
    return signed_in(owner, **{METHODS: typed, WHOSE: str(owner.user_id)})


def _questions(definition: Any) -> Iterator[tuple[Any, Any]]:
    for section in definition.sections:
        if section.kind == "questions":
            for question in section.questions:
                yield section, question


def _complete(drafts: list[Any], definition: Any) -> None:
    """Answer what is not answered, so that every draft can be submitted."""
    model, values = apps.get_model("applications", "Answer"), _values(drafts)
    added = []
    for draft in drafts:
        given = values[draft.pk]
        for _section, question in _questions(definition):
            if question.required and not given.get(question.key) and _is_asked(question, given):
                given[question.key] = value = _value(question, definition)
                kept = {"version": 1, "updated_by": "Bench"}
                added.append(model(application=draft, key=question.key, value=value, **kept))
    model.objects.bulk_create(added, batch_size=2000)


def _is_asked(question: Any, given: dict[str, Any]) -> bool:
    """Tell whether the question applies, given the answer that it depends on."""
    if question.only_if is None:
        return True
    before, wanted = given.get(question.only_if.question) or "", question.only_if.includes
    return wanted in before if isinstance(before, list) else wanted == before


def _values(drafts: list[Any]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {draft.pk: {} for draft in drafts}
    rows = apps.get_model("applications", "Answer").objects.filter(application__in=drafts)
    for application, key, value in rows.values_list("application", "key", "value"):
        found[application][key] = value
    return found


def _value(question: Any, definition: Any) -> str | list[str]:
    choices = [choice.value for choice in definition.choices_of(question)]
    plain = {
        "email": "office@practices.example",
        "integer": str(int(question.minimum or 0) + 3),
        "decimal": str(int(question.minimum or 0) + 3),
        "date": date(2026, 1, 15).isoformat(),
        "yes_no": "yes",
    }
    if question.kind == "choice":
        return choices[0]
    if question.kind == "multi_choice":
        return choices[:1]
    return plain.get(question.kind, "Synthetic text of an office manager.")


def _versions(drafts: list[Any]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {draft.pk: {} for draft in drafts}
    rows = apps.get_model("applications", "Answer").objects.filter(application__in=drafts)
    for application, key, version in rows.values_list("application", "key", "version"):
        found[application][key] = version
    return found


if __name__ == "__main__":
    django.setup()
    json.dump(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])), sys.stdout)
