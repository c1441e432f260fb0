import pytest

from core.csvfiles import FileProblem, decode, lines


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a,b", "a,b"),
        (b"\xef\xbb\xbfa", "a"),
        ("é".encode(), "é"),
        ("é".encode("cp1252"), "é"),
    ],
)
def test_text_is_read_in_the_encodings_of_spreadsheets(data, text):
    assert decode(data, most=100) == text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x" * 101, "larger than"),
        (b"PK\x03\x04", "workbook"),
        (b"\x81\x8d", "no text file"),
    ],
)
def test_what_is_no_csv_is_refused_in_words(data, said):
    with pytest.raises(FileProblem, match=said):
        decode(data, most=100)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,b\n1,2\n", [(1, ["a", "b"]), (2, ["1", "2"])]),
        ("a;b\r\n1;2,5", [(1, ["a", "b"]), (2, ["1", "2,5"])]),
        ("\n\na,b\n , \n 1 ,2", [(3, ["a", "b"]), (5, ["1", "2"])]),
        ('a,b\n"x\ny",2\nz,3', [(1, ["a", "b"]), (2, ["x\ny", "2"]), (4, ["z", "3"])]),
        ("a", [(1, ["a"])]),
    ],
)
def test_lines_are_numbered_and_trimmed(text, found):
    assert lines(text) == found


@pytest.mark.parametrize(
    ("text", "said"), [("", "empty"), (" \n;\n", "empty"), ("a\nb\0", "Line 2")]
)
def test_text_without_rows_is_refused(text, said):
    with pytest.raises(FileProblem, match=said):
        lines(text)
