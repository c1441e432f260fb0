"""The chips that lead to another cycle stand where leaving loses nothing typed or ticked."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from tests.factories.programs import CycleFactory
from tests.selection.building import handed_over

pytestmark = pytest.mark.django_db
CHIPS = 'class="cycles"'


@pytest.fixture
def cycle():
    CycleFactory(closed=True)
    return CycleFactory()


def has_chips(response):
    assert response.status_code in (200, 409, 422)
    return CHIPS in response.content.decode()


@pytest.mark.parametrize(
    "name", ["queue", "facets", "bulk", "decisions", "waitlist", "records", "reports"]
)
def test_lists_of_staff_have_the_chips(as_hat, analyst, cycle, name):
    assert has_chips(as_hat(analyst).get(reverse(f"selection:{name}")))


@pytest.mark.parametrize("name", ["workbench", "scenarios", "compare", "solve", "fairness"])
def test_pages_of_the_workbench_have_the_chips(as_hat, analyst, cycle, name):
    assert has_chips(as_hat(analyst).get(reverse(f"selection:{name}", args=[cycle.slug])))


@pytest.mark.parametrize(
    "name", ["overview", "applications", "assign_many", "confirm_many", "team"]
)
def test_lists_of_a_plan_have_the_chips(as_hat, hat_of, cycle, name):
    assert has_chips(as_hat(hat_of(Role.MCP_LEAD)).get(reverse(f"scoring:{name}")))


@pytest.mark.parametrize("name", ["scenario_new", "propose"])
def test_forms_of_the_workbench_do_not(as_hat, analyst, cycle, name):
    handed_over(cycle, 80)
    address = reverse(f"selection:{name}", args=[cycle.slug])
    web = as_hat(analyst)
    assert not has_chips(web.get(address))
    assert not has_chips(web.post(address, {"name": "", "rationale": ""}))


@pytest.mark.parametrize("kind", ["flag", "claim", "send_back"])
def test_words_and_effects_of_an_act_on_many_do_not(as_hat, analyst, cycle, kind):
    row, web = handed_over(cycle, 80), as_hat(analyst)
    given = {"kind": kind, "pick": [row.pk]}
    values = {"label": "Call back", "person": analyst.user_id, "note": "Look again."}
    address = f"{reverse('selection:bulk')}?cycle={cycle.slug}"
    assert not has_chips(web.post(address, given))
    shown = web.post(address, {**given, "words": "1", **values})
    assert "nothing is done yet" in shown.content.decode()
    assert not has_chips(shown)


@pytest.mark.parametrize("name", ["exports", "import"])
def test_forms_of_a_plan_do_not(as_hat, hat_of, cycle, name):
    app = "applications" if name == "import" else "scoring"
    assert not has_chips(as_hat(hat_of(Role.MCP_LEAD)).get(reverse(f"{app}:{name}")))
