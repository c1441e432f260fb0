"""The boxes of the queue: hit anywhere in their cell, with a ring around the box in the keyboard's hand."""

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from tests.factories.accounts import OrganisationFactory
from tests.factories.programs import CycleFactory
from tests.selection.building import handed_over

pytestmark = pytest.mark.browser
RING = (
    "e => { const s = getComputedStyle(e, '::before'); return [s.outlineStyle, s.outlineWidth]; }"
)


@pytest.mark.parametrize("width", [1280, 390])
def test_box_of_a_row_is_hit_in_the_whole_cell(transactional_db, colleague, come_in, width):
    department = OrganisationFactory(kind="dhcs", name="Department of Health Care Services")
    analyst = colleague(Role.DHCS_ANALYST, "Helen Zhou", department)
    cycle = CycleFactory(title="EPT Cohort 1")
    rows = [handed_over(cycle, score) for score in (90, 80)]
    page = come_in(analyst, viewport={"width": width, "height": 800}).go("/queue/")
    cells, boxes = page.locator("td.pick-cell"), page.locator('input[name="pick"]')
    size = cells.first.bounding_box()
    assert (size["width"] >= 44, size["height"] >= 44) == (True, True)
    cells.first.click()
    expect(boxes.first).to_be_checked()
    corner = {"x": size["width"] - 3, "y": size["height"] - 3}
    cells.first.click(position=corner)
    expect(boxes.first).not_to_be_checked()
    page.keyboard.press("Space")
    label = page.locator(f'label[for="pick-{rows[0].pk}"]')
    assert label.evaluate(RING) == ["solid", "3px"]
    assert label.evaluate("e => getComputedStyle(e).outlineStyle") == "none"
