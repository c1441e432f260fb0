"""Sites and members of a returned application change only where a note asks for it."""

import pytest

from applications.domain import rows
from applications.enums import Status
from applications.models import Application, CorrectionNote, MemberCount, Practice, Site
from core.exceptions import WrongState
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.django_db
LOCKED = "Only the sections with a note can change now. This one was not stored."
ACTS = ["save", "add", "add_many", "remove"]


@pytest.fixture
def returned(ready):
    """Return a function that returns the application with notes to some sections."""

    def send_back(*sections):
        columns = {"status": Status.SUBMITTED, "submitted_at": ready.created_at}
        Application.objects.filter(pk=ready.pk).update(**columns)
        Application.objects.filter(pk=ready.pk).update(status=Status.RETURNED)
        step = ready.transitions.create(
            name="return",
            from_status="submitted",
            to_status="returned",
            actor="Lee",
            created_at=ready.created_at,
        )
        for section in sections:
            CorrectionNote.objects.create(transition=step, section=section, text="Look again.")
        return ready.practice.practice

    return send_back


def act_on(model, practice, by, act):
    row = model.objects.get()
    field, value = ("name", "Annex") if model is Site else ("members", 7)
    new = {field: value} | ({} if model is Site else {"plan": OrganisationFactory(kind="mcp")})
    return {
        "save": lambda: rows.save(
            model, practice, changes={row.pk: {field: value}}, bases={}, by=by
        ),
        "add": lambda: rows.add(model, practice, by=by),
        "add_many": lambda: rows.add_many(model, practice, rows=[new], by=by),
        "remove": lambda: rows.remove(row, seen=rows.fingerprint(row), by=by),
    }[act]


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Practice, Site, MemberCount)]


@pytest.mark.parametrize("model", [Site, MemberCount])
@pytest.mark.parametrize("act", ACTS)
def test_a_list_without_a_note_is_locked(returned, owner, model, act):
    practice = returned("contacts")
    before = stored()
    with pytest.raises(WrongState) as refusal:
        act_on(model, practice, owner, act)()
    assert str(refusal.value) == LOCKED
    assert stored() == before


@pytest.mark.parametrize(("model", "section"), [(Site, "sites"), (MemberCount, "members")])
@pytest.mark.parametrize("act", ACTS)
def test_a_list_with_a_note_can_be_changed(returned, owner, model, section, act):
    practice = returned("contacts", section)
    before = stored()
    act_on(model, practice, owner, act)()
    assert stored() != before
