import io
from collections import Counter

from programs.domain.reference import HPI_SAMPLE_FILE
from programs.geography import california_zips
from programs.sample_hpi import SOURCE, sample_rows, write


def test_the_file_is_what_the_rule_gives():
    stream = io.StringIO()
    write(stream)
    assert HPI_SAMPLE_FILE.read_text(encoding="utf-8") == stream.getvalue()


def test_every_row_says_it_is_synthetic_and_some_zips_are_not_rated():
    rows = list(sample_rows())
    assert {row[2] for row in rows} == {SOURCE}
    assert "SYNTHETIC" in SOURCE
    assert 100 < len(california_zips()) - len(rows) < 250
    assert set(Counter(row[1] for row in rows)) == {"1", "2", "3", "4"}
