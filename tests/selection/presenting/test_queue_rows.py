import re
from html import unescape

from applications.enums import Status
from applications.models import Application
from selection.presenting.queue import COLUMNS, columns_for
from selection.presenting.queue_rows import table_rows
from tests.factories.accounts import OrganisationFactory
from tests.hostile import ALERT, NASTY

NAME = " ".join(NASTY)
LABELS = {"children_youth": ALERT}


def row_of(**kwargs):
    practice = OrganisationFactory.build(name=NAME)
    application = Application(
        pk=7,
        practice=practice,
        designated_mcp=practice,
        status=Status.SUBMITTED,
        population="children_youth",
        county=NAME,
    )
    application.flag_labels = [ALERT]
    application.claimed_by = ALERT
    columns = columns_for([column.key for column in COLUMNS])
    [html] = table_rows([application], columns, LABELS, **{"query": "", "may_pick": True} | kwargs)
    return str(html)


def test_every_text_of_a_row_is_escaped():
    html = row_of(query=f'q="{ALERT}')
    assert ALERT not in html
    assert "<script" not in html
    assert NAME in unescape(html)
    assert re.search(r'href="/queue/7/\?view=[^"<>]+"', html)


def test_a_row_without_picks_has_no_box():
    assert 'name="pick" value="7"' in row_of()
    assert "checkbox" not in row_of(may_pick=False)
