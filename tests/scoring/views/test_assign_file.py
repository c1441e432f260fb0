import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.csvfiles import FileProblem
from notifications.models import OutboxEmail
from scoring import assignment_file
from scoring.domain import assignments
from tests.scoring.running import World, conflict, standing
from tests.scoring.views.test_assigning import text_of

pytestmark = pytest.mark.django_db
URL = "/plan/assign/file/"
HEADER = "reference,reviewer_email"


@pytest.fixture
def world():
    return World(3, 2)


@pytest.fixture
def web(as_hat, world):
    return as_hat(world.lead)


def send(web, data):
    content = data if isinstance(data, bytes) else data.encode()
    return web.post(URL, {"file": SimpleUploadedFile("a.csv", content, "text/csv")})


def give(web, data):
    preview = send(web, data).context["preview"]
    return web.post(URL, {"text": preview["text"], "promised": preview["given"]})


def rows_of(response):
    found = response.context["preview"]["rows"]
    return [(one["row"].line, one["badge"]["label"], one["why"]) for one in found]


def good(world, eol="\n", sep=","):
    pairs = zip(world.applications, [*world.hats, world.hats[0]], strict=True)
    lines = [f"{one.reference}{sep}{hat.user.email}" for one, hat in pairs]
    return eol.join([HEADER.replace(",", sep), *lines, ""])


def wanted(world):
    pairs = zip(world.applications, [*world.hats, world.hats[0]], strict=True)
    return {(one.pk, hat.pk) for one, hat in pairs}


def test_template_lists_what_needs_reviewers_and_fits_the_upload(web, world):
    practice = world.applications[1].practice
    practice.name = "=cmd()"
    practice.save()
    assignments.assign(world.applications[0], reviewer=world.hats[0], by=world.lead)
    response = web.get(f"{URL}template/")
    assert response["Content-Disposition"] == 'attachment; filename="assignment.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == ["reference", "practice", "county", "reviewer_email"]
    assert [row[0] for row in rows[1:]] == [one.reference for one in world.applications[1:]]
    assert rows[1][1] == "'=cmd()"
    page = send(web, response.content)
    assert rows_of(page) == []
    assert "There is nothing new to give in this file." in text_of(page)


def test_preview_gives_nothing_and_the_button_gives_all_with_one_email_each(web, world):
    page = send(web, good(world))
    assert [row[1] for row in rows_of(page)] == ["Will be given"] * 3
    assert (standing(), OutboxEmail.objects.count()) == (set(), 0)
    response = give(web, good(world))
    assert (response.status_code, standing()) == (302, wanted(world))
    told = sorted(OutboxEmail.objects.values_list("to", flat=True))
    assert told == sorted(hat.user.email for hat in world.hats)
    assert "3 reviews are given." in text_of(web.get(response.url))


def test_same_file_twice_changes_nothing(web, world):
    give(web, good(world))
    assert [row[1:] for row in rows_of(send(web, good(world)))] == [
        ("No change", "Has it already.")
    ] * 3
    give(web, good(world))
    assert (standing(), OutboxEmail.objects.count()) == (wanted(world), 2)


@pytest.mark.parametrize(
    "made",
    [
        lambda w: "\ufeff" + good(w),
        lambda w: good(w, "\r\n", ";"),
        lambda w: good(w, "\r"),
        lambda w: good(w).upper(),
        lambda w: good(w).replace("\n", "\n\n  \n"),
        lambda w: good(w).encode("utf-8-sig"),
        lambda w: good(w) + "\n" * 900_000,
    ],
    ids=["bom", "semicolons", "cr", "upper", "blank", "bytes", "large"],
)
def test_file_is_read_however_it_was_saved(web, world, made):
    assert give(web, made(world)).status_code == 302
    assert standing() == wanted(world)


def test_each_bad_row_has_its_line_and_reason_and_the_good_ones_go(web, world):
    first, second, third = world.applications
    hat, other = world.hats
    conflict(third, hat)
    stranger = World(1, 1)
    text = "\n".join(
        [
            HEADER,
            f"{first.reference},{hat.user.email}",
            f"{first.reference},{hat.user.email}",
            f"NO-1,{hat.user.email}",
            f"{second.reference},nobody@x.example",
            f"{second.reference},{stranger.hats[0].user.email}",
            f"{stranger.applications[0].reference},{hat.user.email}",
            f"{third.reference},{hat.user.email}",
            f"{third.reference},{other.user.email},more",
            f"{third.reference},",
            f"=1+1,@{'x' * 300}",
        ]
    )
    page = send(web, text)
    no_application = "No application of your plan in this cycle has this reference."
    nobody = "Nobody with this email address reviews for your plan."
    assert sorted(rows_of(page)) == [
        (2, "Will be given", ""),
        (3, "No change", "Is named twice."),
        (4, "Not given", no_application),
        (5, "Not given", nobody),
        (6, "Not given", nobody),
        (7, "Not given", no_application),
        (8, "Not given", "Has a conflict of interest."),
        (9, "Not given", "This row has 3 cells; the header has 2."),
        (11, "Not given", "A cell is too long for a reference or an email address."),
    ]
    assert "Give 1 review and leave the rest out" in text_of(page)
    give(web, text)
    assert standing() == {(first.pk, hat.pk)}


def test_change_since_the_preview_is_shown_first(web, world):
    preview = send(web, good(world)).context["preview"]
    conflict(world.applications[0], world.hats[0])
    sent = {"text": preview["text"], "promised": preview["given"]}
    page = web.post(URL, sent)
    assert "Something changed since you opened this page." in text_of(page, 409)
    assert standing() == set()
    assert page.context["preview"]["given"] == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04x", "This is a workbook."),
        (b"\x81\x8d", "This is no text file."),
        (b" \n", "The file is empty."),
        (b"reference\n", "needs the column “reviewer_email” once"),
        (b"reference,reviewer_email,reference\n", "needs the column “reference” once"),
        (HEADER.encode(), "The file has a header and no rows."),
        (f"{HEADER}\na\0,b".encode(), "Line 2 holds bytes that are no text."),
        (f"{HEADER}\n".encode() + b"a,b\n" * 2501, "The file has 2,501 rows; the limit is 2,500."),
        (b"x" * (1024 * 1024 + 1), "The file is larger than 1 MB."),
    ],
    ids=["workbook", "bytes", "empty", "column", "twice", "no-rows", "nul", "rows", "size"],
)
def test_file_that_cant_be_read_says_why(web, world, data, said):
    assert said in text_of(send(web, data), 422)
    assert standing() == set()


def test_no_file_says_so_and_a_spoiled_text_goes_back(web, world):
    assert "Choose a file." in text_of(web.post(URL, {}), 422)
    response = web.post(URL, {"text": "nothing", "promised": "1"})
    assert (response.status_code, response.url) == (302, URL)


@pytest.mark.parametrize("size", [1, 3])
def test_queries_do_not_grow_with_the_file(as_hat, size, django_assert_num_queries):
    world = World(size, 2)
    web = as_hat(world.lead)
    rows = [f"{one.reference},{world.hats[0].user.email}" for one in world.applications]
    text = "\n".join([HEADER, *rows])
    send(web, text)
    with django_assert_num_queries(15):
        send(web, text)


def test_fields_with_quotes_and_line_breaks_are_read_by_line():
    rows, blank = assignment_file.rows_of('"reference","reviewer_email"\n"A\n1",b\nC,d\nE,\n')
    assert [(row.line, row.reference) for row in rows] == [(2, "A\n1"), (4, "C")]
    assert blank == 1
    with pytest.raises(FileProblem):
        assignment_file.text_of(b"\x81\x8d")
