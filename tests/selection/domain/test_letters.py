from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from accounts.enums import Role
from accounts.models import User
from applications.enums import Status
from applications.models import Application
from core.times import long
from selection.domain import announcing, offers, releasing
from selection.domain.letters import letter_of, reason_for
from selection.enums import Reason
from selection.models import Decision, Offer, Proposal
from selection.pdf.letter import letter_pdf
from selection.presenting.later import Line
from selection.queries.records import public_number
from tests.factories.programs import CycleFactory
from tests.selection.after_release import release
from tests.selection.building import REASON, approved, cohort, owner_of, proposed, released

pytestmark = pytest.mark.django_db
HOSTILE = '#eval("1") $x$ \\ *b* _i_ `c` <t> @r // no /* no */'


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def applications(cycle):
    return cohort(cycle)


@pytest.fixture
def decided(cycle, applications, analyst, approver):
    released(cycle, analyst, approver)
    for one in applications.values():
        one.refresh_from_db()
    return applications


def text_of(content):
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_there_is_no_letter_before_the_release(cycle, applications, analyst):
    proposed(cycle, analyst)
    assert letter_of(applications["above"]) is None


def test_letter_of_a_selected_practice(decided):
    letter = letter_of(decided["lifted"])
    facts = dict(letter.facts)
    assert letter.heading == "Your practice is selected"
    assert facts["Score from your plan"] == "60 of 90 points"
    assert (facts["Priority points from DHCS"], facts["Adjusted score"]) == (
        "20",
        "80 points: both together",
    )
    assert facts["Threshold"] == "77 points: the same for every practice"
    assert facts["Number in the public record"] == public_number(decided["lifted"])
    offer = Offer.objects.get(application=decided["lifted"])
    assert facts["Accept or decline by"] == long(offer.answer_by)
    assert "You can ask for a reconsideration until" not in facts
    assert "$280,600" in " ".join(letter.paragraphs)


@pytest.mark.parametrize(
    ("name", "heading", "why"),
    [
        (
            "near",
            "Your practice is on the waitlist",
            "Your plan recommended your application. Its adjusted score of 75 points is just below the "
            "threshold of 77 points.",
        ),
        (
            "below",
            "The decision about your application",
            "The adjusted score of 60 points is below the threshold of 77 points.",
        ),
        (
            "refused",
            "The decision about your application",
            "Your plan did not recommend your application. Only recommended applications can be "
            "selected.",
        ),
    ],
)
def test_letter_says_why_and_how_to_ask_for_a_reconsideration(decided, name, heading, why):
    letter = letter_of(decided[name])
    facts = dict(letter.facts)
    assert (letter.heading, facts["Why"], letter.plan_says) == (heading, why, REASON)
    until = long(letter.reconsider_by)
    assert facts["You can ask for a reconsideration until"] == until
    assert f"decide anew until {until}" in " ".join(letter.paragraphs)
    assert "$" not in " ".join(letter.paragraphs)


def test_every_reason_of_a_release_has_words(decided):
    later = {Reason.PROMOTED, Reason.RECONSIDERED, Reason.DECLINED, Reason.LEFT}
    decision = Decision.objects.filter(in_force=True).first()
    for reason in set(Reason) - later:
        decision.reason = reason
        words = reason_for(decision)
        assert words.endswith(".")
        assert "%(" not in words


def test_page_is_in_the_language_of_the_reader(as_hat, decided):
    owner = owner_of(decided["near"])
    User.objects.filter(pk=owner.user_id).update(language="es")
    owner.refresh_from_db()
    page = as_hat(owner).get(reverse("selection:letter", args=[decided["near"].pk]))
    assert "Su consultorio está en la lista de espera" in page.content.decode()


@pytest.mark.parametrize("language", ["en-us", "es"])
@pytest.mark.parametrize("name", ["above", "near", "refused"])
def test_pdf_is_tagged_and_says_the_same(decided, name, language):
    with translation.override(language):
        letter = letter_of(decided[name])
        content = letter_pdf(letter)
    reader = PdfReader(BytesIO(content))
    root = reader.root_object
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"].startswith(language[:2])
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert reader.metadata.creation_date == letter.released_at.replace(microsecond=0)
    text = "".join(text_of(content).split())
    for words in (letter.heading, *letter.paragraphs, *(value for _n, value in letter.facts)):
        assert "".join(words.split()) in text


@pytest.mark.parametrize("status", [Status.SELECTED, Status.PARTICIPATING, Status.LEFT])
def test_letter_does_not_invite_to_ask_where_nothing_can_be_asked_any_more(decided, status):
    asks = "you can ask DHCS to decide anew"
    name = "You can ask for a reconsideration until"
    letter = letter_of(decided["near"])
    assert (asks in " ".join(letter.paragraphs), name in dict(letter.facts)) == (True, True)
    decided["near"].status = status
    letter = letter_of(decided["near"])
    assert (asks in " ".join(letter.paragraphs), name in dict(letter.facts)) == (False, False)


def test_pdf_says_who_writes_to_whom_and_what_changed_since(decided):
    letter = letter_of(decided["near"])
    later = [Line("Your practice moved up from the waitlist", "Fri, Dec 8, 2023, 5:00 pm PT.")]
    text = text_of(letter_pdf(letter, later)).replace("\n", " ")
    assert "California Department of Health Care Services" in text
    assert decided["near"].practice.name in text
    assert "What changed since Your practice moved up from the waitlist" in text
    assert text.index("What changed since") < text.index("The decision as released")
    assert "What changed since" not in text_of(letter_pdf(letter))


def test_hostile_words_of_the_plan_are_printed_as_typed(decided):
    application = decided["below"]
    application.recommendation_reason = HOSTILE
    application.save()
    text = text_of(letter_pdf(letter_of(application)))
    assert HOSTILE.replace(" ", "") in text.replace(" ", "")


def test_file_is_for_saving_and_kept_by_no_cache(as_hat, decided):
    application = decided["above"]
    response = as_hat(owner_of(application)).get(
        reverse("selection:letter_pdf", args=[application.pk])
    )
    assert response.headers["Content-Type"] == "application/pdf"
    assert f"{application.reference}-decision.pdf" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "private, no-store"


def test_other_practice_finds_no_letter(as_hat, decided):
    other = owner_of(decided["near"])
    for name in ("letter", "letter_pdf"):
        address = reverse(f"selection:{name}", args=[decided["above"].pk])
        assert as_hat(other).get(address).status_code == 404


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DHCS_ANALYST, Role.DHCS_ADMINISTRATOR])
def test_staff_read_the_letter_and_go_back_to_the_application(as_hat, hat_of, decided, role):
    application = decided["above"]
    page = as_hat(hat_of(role)).get(reverse("selection:letter", args=[application.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    assert reverse("selection:application", args=[application.pk]) in text
    assert reverse("applications:status") not in text


def test_letter_made_anew_keeps_the_deadline_of_the_open_offer(
    cycle, analyst, approver, time_machine
):
    rows, owners = release(cycle, analyst, approver)
    offers.accept(rows["two"], by=owners["two"])
    before = Offer.objects.get(application=rows["one"]).answer_by
    time_machine.move_to(timezone.now() + timedelta(days=10), tick=True)
    released(cycle, analyst, approver)
    letters = {name: letter_of(Application.objects.get(pk=rows[name].pk)) for name in rows}
    assert letters["one"].answer_by == before
    assert dict(letters["one"].facts)["Accept or decline by"] == long(before)
    assert f"in the portal by {long(before)}." in " ".join(letters["one"].paragraphs)
    assert letters["two"].answer_by is None
    assert "Accept or decline by" not in dict(letters["two"].facts)
    assert "accepts or declines" not in " ".join(letters["two"].paragraphs)
    assert len(letters["two"].paragraphs) == 2


def test_letter_says_until_when_before_the_offer_is_opened(cycle, applications, analyst, approver):
    releasing.release(approved(cycle, analyst, approver), by=approver)
    application = Application.objects.get(pk=applications["above"].pk)
    before = letter_of(application).answer_by
    announcing.carry_on(Proposal.objects.get().pk)
    assert before == letter_of(application).answer_by
    assert before == Offer.objects.get(application=application).answer_by


def test_letter_of_a_place_taken_since_says_until_when_it_was_to_be_answered(
    cycle, analyst, approver
):
    rows, owners = release(cycle, analyst, approver)
    offers.accept(rows["two"], by=owners["two"])
    until = Offer.objects.get(application=rows["two"]).answer_by
    assert dict(letter_of(rows["two"]).facts)["Accept or decline by"] == long(until)
