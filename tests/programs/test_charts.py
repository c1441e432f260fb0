from decimal import Decimal
from itertools import pairwise

from programs.charts import payment_panels
from programs.packaged import packaged_definition

BANDS = packaged_definition().payment.bands


def percent(text: str) -> float:
    assert text.endswith("%")
    return float(text.removesuffix("%"))


def test_panels_hold_every_band_once_in_order():
    panels = payment_panels(BANDS)
    codes = [line.code for panel in panels for line in panel.lines]
    assert codes == [band.code for band in BANDS]
    assert [(p.members_from, p.members_to) for p in panels] == [(1, 10_000), (10_001, 138_000)]


def test_lines_stay_inside_the_picture_and_go_up():
    for panel in payment_panels(BANDS):
        for line in panel.lines:
            assert 0 <= percent(line.x1) < percent(line.x2) <= 100
            assert 100 >= percent(line.y1) > percent(line.y2) >= 0
        for tick in (*panel.member_ticks, *panel.dollar_ticks):
            assert 0 <= percent(tick.at) <= 100


def test_lines_are_joined_where_a_band_ends():
    for panel in payment_panels(BANDS):
        for line, after in pairwise(panel.lines):
            assert line.drop_y == after.y1
        assert panel.lines[-1].drop_y == panel.lines[-1].y2


def test_first_cliff_is_at_500_members():
    before, after = payment_panels(BANDS)[0].cliff
    assert (before.members, before.amount) == (500, Decimal("290000.00"))
    assert (after.members, after.amount) == (501, Decimal("198897.00"))
    assert percent(after.y) > percent(before.y)


def test_only_the_panel_with_the_members_is_marked():
    small, large = payment_panels(BANDS, 920)
    assert (small.mark.members, small.mark.amount) == (920, Decimal("280600.00"))
    assert large.mark is None
    assert payment_panels(BANDS, 138_000)[1].mark.left


def test_nothing_is_marked_without_members():
    for panel in payment_panels(BANDS):
        assert panel.mark is None


def test_short_table_gives_one_panel_without_a_cliff():
    (panel,) = payment_panels(BANDS[:1])
    assert panel.cliff is None
    assert panel.members_to == 500
