"""Checks that span several parts of a definition.

Each check takes the parts that could be read (a dict by name) and yields faults, so that a
broken file reports everything at once, also when some parts cannot be read.
"""

from collections.abc import Iterable, Iterator, Mapping
from string import Template
from typing import Any, NamedTuple

from programs.schema.form import CHOICE_KINDS, CHOICE_LISTS, NUMBER_KINDS, TEXT_KINDS
from programs.schema.rules import EMAIL_KINDS, LATER_KINDS, PLACEHOLDERS
from programs.schema.translations import wrong_placeholders

Parts = Mapping[str, Any]
SINGLE_SECTION_KINDS = ("practice", "sites", "members", "sign")


class Fault(NamedTuple):
    """Where something is wrong, and the sentence that says what."""

    path: str
    sentence: str


def find_faults(parts: Parts) -> list[Fault]:
    """Every fault between the given parts; parts that are missing are not checked."""
    return [fault for check in CHECKS for fault in check(parts)]


def repeated(values: Iterable[tuple[str, Any]]) -> Iterator[Fault]:
    """Faults for values that occur before: takes (path, value) pairs."""
    seen: set[Any] = set()
    for path, value in values:
        if value in seen:
            yield Fault(path, f"{value} is used twice. Each one needs its own.")
        seen.add(value)


def located_criteria(rubric) -> Iterator[tuple[str, Any]]:
    """Pairs of path and criterion."""
    for i, section in enumerate(rubric.sections):
        for j, criterion in enumerate(section.criteria):
            yield f"rubric.sections[{i}].criteria[{j}]", criterion


def located_questions(sections) -> Iterator[tuple[str, Any]]:
    """Pairs of path and question."""
    for i, section in enumerate(sections):
        for j, question in enumerate(section.questions):
            yield f"sections[{i}].questions[{j}]", question


def check_rubric(parts: Parts) -> Iterator[Fault]:
    """Maxima add up to the total, codes are unique, levels cover 0 to the maximum."""
    rubric = parts.get("rubric")
    if rubric is None:
        return
    criteria = list(located_criteria(rubric))
    total = sum(criterion.max_points for _, criterion in criteria)
    if total != rubric.total:
        yield Fault(
            "rubric.total", f"The maxima add up to {total}, but the stated total is {rubric.total}."
        )
    yield from repeated((f"{path}.code", criterion.code) for path, criterion in criteria)
    yield from repeated(
        (f"rubric.sections[{i}].number", section.number)
        for i, section in enumerate(rubric.sections)
    )
    for path, criterion in criteria:
        points = [level.points for level in criterion.levels]
        if sorted(points) != list(range(criterion.max_points + 1)):
            yield Fault(
                f"{path}.levels",
                f"Describe each whole number of points from 0 to {criterion.max_points} once.",
            )


def check_answers(parts: Parts) -> Iterator[Fault]:
    """Criteria name questions and sections that exist."""
    if parts.get("rubric") is None:
        return
    known = {"answers": parts.get("question_keys"), "sections": parts.get("section_keys")}
    sections = parts.get("sections")
    if sections is not None:
        known = {
            "answers": {question.key for _, question in located_questions(sections)},
            "sections": {section.key for section in sections},
        }
    for path, criterion in located_criteria(parts["rubric"]):
        for k, key in enumerate(criterion.answers):
            if known["answers"] is not None and key not in known["answers"]:
                yield Fault(f"{path}.answers[{k}]", f"There is no question named {key}.")
        for k, key in enumerate(criterion.sections):
            if known["sections"] is not None and key not in known["sections"]:
                yield Fault(f"{path}.sections[{k}]", f"There is no section named {key}.")


def check_sections(parts: Parts) -> Iterator[Fault]:
    """Section and question keys are unique; each special page exists once."""
    sections = parts.get("sections")
    if sections is None:
        return
    yield from repeated((f"sections[{i}].key", s.key) for i, s in enumerate(sections))
    yield from repeated((f"{path}.key", q.key) for path, q in located_questions(sections))
    kinds = [section.kind for section in sections]
    for kind in SINGLE_SECTION_KINDS:
        if kinds.count(kind) != 1:
            yield Fault("sections", f"Exactly one section of kind {kind} is needed.")
    for i, section in enumerate(sections):
        if (section.kind == "questions") != bool(section.questions):
            yield Fault(
                f"sections[{i}].questions",
                "Sections of kind questions need at least one question; others have none.",
            )


def check_questions(parts: Parts) -> Iterator[Fault]:
    """The settings of a question fit its kind."""
    for path, question in located_questions(parts.get("sections") or ()):
        sources = bool(question.choices) + bool(question.choices_from)
        if question.kind in CHOICE_KINDS and sources != 1:
            yield Fault(path, "Give either choices or choices_from.")
        if question.kind not in CHOICE_KINDS and sources:
            yield Fault(path, f"A question of kind {question.kind} has no choices.")
        if question.word_limit and question.kind not in TEXT_KINDS:
            yield Fault(f"{path}.word_limit", "Only text questions have a word limit.")
        bounds = (question.minimum, question.maximum)
        if bounds != (None, None) and question.kind not in NUMBER_KINDS:
            yield Fault(path, "Only number questions have a minimum or a maximum.")
        elif None not in bounds and bounds[0] > bounds[1]:
            yield Fault(f"{path}.maximum", "The maximum is less than the minimum.")
        yield from repeated(
            (f"{path}.choices[{k}].value", c.value) for k, c in enumerate(question.choices)
        )


def check_conditions(parts: Parts) -> Iterator[Fault]:
    """`only_if` names an earlier question and one of its answers."""
    earlier: dict[str, Any] = {}
    for path, question in located_questions(parts.get("sections") or ()):
        condition = question.only_if
        if condition is not None:
            asked = earlier.get(condition.question)
            if asked is None:
                yield Fault(
                    f"{path}.only_if.question",
                    f"No earlier question is named {condition.question}.",
                )
            elif not _can_answer(asked, condition.includes, parts):
                yield Fault(
                    f"{path}.only_if.includes",
                    f"{condition.includes} is not an answer to {condition.question}.",
                )
        earlier[question.key] = question


def _can_answer(question, value: str, parts: Parts) -> bool:
    if question.kind == "yes_no":
        return value in {"yes", "no"}
    choices = parts.get(question.choices_from) if question.choices_from else question.choices
    return choices is None or value in {choice.value for choice in choices}


def check_choice_lists(parts: Parts) -> Iterator[Fault]:
    """Values in each list of choices are unique."""
    for name in CHOICE_LISTS:
        yield from repeated(
            (f"{name}[{k}].value", choice.value) for k, choice in enumerate(parts.get(name) or ())
        )


def check_selection(parts: Parts) -> Iterator[Fault]:
    """Priority points and targets name values that exist."""
    selection = parts.get("selection")
    if selection is None:
        return
    lists = {"population": parts.get("populations"), "practice_type": parts.get("practice_types")}
    allowed = {name: {c.value for c in found} for name, found in lists.items() if found}
    allowed |= {"tribal": {"yes", "no"}, "hpi_quartile": {"1", "2", "3", "4"}}
    for name in ("priority_points", "targets"):
        for i, rule in enumerate(getattr(selection, name)):
            if rule.value not in allowed.get(rule.attribute, {rule.value}):
                yield Fault(
                    f"selection.{name}[{i}].value",
                    f"{rule.value} is not a value of {rule.attribute}.",
                )


def check_bands(parts: Parts) -> Iterator[Fault]:
    """Bands start at 1 and follow one another with no gap and no overlap."""
    payment = parts.get("payment")
    if payment is None:
        return
    yield from repeated((f"payment.bands[{i}].code", b.code) for i, b in enumerate(payment.bands))
    expected = 1
    for i, band in enumerate(payment.bands):
        if band.members_from != expected:
            yield Fault(f"payment.bands[{i}].members_from", f"The band has to start at {expected}.")
        if band.members_to < band.members_from:
            yield Fault(f"payment.bands[{i}].members_to", "The band ends before it starts.")
        expected = band.members_to + 1


def check_milestones(parts: Parts) -> Iterator[Fault]:
    """The milestones, with and without those that can drop out, give the stated counts."""
    payment = parts.get("payment")
    if payment is None:
        return
    milestones = payment.milestones
    yield from repeated((f"payment.milestones[{i}].code", m.code) for i, m in enumerate(milestones))
    kept = sum(1 for milestone in milestones if not milestone.can_drop)
    if {kept, len(milestones)} != set(payment.milestone_counts):
        yield Fault(
            "payment.milestone_counts",
            f"There are {len(milestones)} milestones, {kept} without those that can drop out.",
        )


def check_emails(parts: Parts) -> Iterator[Fault]:
    """Every kind of email has a text, and its placeholders are known.

    A definition that was stored before a kind existed has no text for it; the packaged one is used.
    """
    emails = parts.get("emails")
    if emails is None:
        return
    for kind in EMAIL_KINDS:
        if kind not in emails and kind not in LATER_KINDS:
            yield Fault("emails", f"The text of the email {kind} is missing.")
    for kind, text in emails.items():
        for name in ("subject", "body"):
            template = Template(getattr(text, name))
            if not template.is_valid():
                yield Fault(f"emails.{kind}.{name}", "Write $$ for a dollar sign.")
                continue
            for unknown in sorted(set(template.get_identifiers()) - PLACEHOLDERS[kind]):
                yield Fault(f"emails.{kind}.{name}", f"The placeholder ${unknown} is not known.")


def check_comments(parts: Parts) -> Iterator[Fault]:
    """Points that need a comment can be given on some criterion."""
    rubric, scoring = parts.get("rubric"), parts.get("scoring")
    if rubric is None or scoring is None:
        return
    most = max(criterion.max_points for _, criterion in located_criteria(rubric))
    for i, points in enumerate(scoring.comment_required_at):
        if not 0 <= points <= most:
            yield Fault(
                f"scoring.comment_required_at[{i}]", f"No criterion can be given {points} points."
            )


def check_attestations(parts: Parts) -> Iterator[Fault]:
    """Keys of attestations are unique."""
    yield from repeated(
        (f"attestations[{i}].key", a.key) for i, a in enumerate(parts.get("attestations") or ())
    )


def check_translations(parts: Parts) -> Iterator[Fault]:
    """A translated email fills in the same facts as the English one."""
    for language, english in wrong_placeholders(parts.get("translations") or {}):
        start = " ".join(english.split())[:60]
        yield Fault(f"translations.{language}", f"Keep every $name of “{start}” as it is.")


def check_eligibility(parts: Parts) -> Iterator[Fault]:
    """Keys of the checks before sign-up are unique, and their days answer date questions."""
    checks = parts.get("eligibility") or ()
    yield from repeated((f"eligibility[{i}].key", check.key) for i, check in enumerate(checks))
    if parts.get("sections") is None:
        return
    dates = {q.key for _, q in located_questions(parts["sections"]) if q.kind == "date"}
    for i, check in enumerate(checks):
        if check.answers and check.answers not in dates:
            yield Fault(f"eligibility[{i}].answers", f"No date question is named {check.answers}.")


def check_documents(parts: Parts) -> Iterator[Fault]:
    """Keys of kinds of documents are unique."""
    yield from repeated(
        (f"documents[{i}].key", kind.key) for i, kind in enumerate(parts.get("documents") or ())
    )


def check_samples(parts: Parts) -> Iterator[Fault]:
    """Samples answer questions that exist, and their reference points fit the rubric."""
    samples, sections, rubric = (parts.get(name) for name in ("samples", "sections", "rubric"))
    samples = samples or ()
    yield from repeated((f"samples[{i}].key", sample.key) for i, sample in enumerate(samples))
    questions = {q.key: q for _, q in located_questions(sections or ())}
    most = {c.code: c.max_points for _, c in located_criteria(rubric)} if rubric else {}
    for i, sample in enumerate(samples):
        for key, value in sample.answers.items() if sections else ():
            yield from _wrong_answer(
                f"samples[{i}].answers.{key}", questions.get(key), value, parts
            )
        yield from repeated(
            (f"samples[{i}].reference[{k}].code", one.code)
            for k, one in enumerate(sample.reference)
        )
        for k, one in enumerate(sample.reference if rubric else ()):
            if one.points > most.get(one.code, -1):
                sentence = f"Criterion {one.code} can't be given {one.points} points."
                yield Fault(f"samples[{i}].reference[{k}]", sentence)


def _wrong_answer(path: str, question, value, parts: Parts) -> Iterator[Fault]:
    if question is None:
        yield Fault(path, "There is no such question.")
    elif question.kind in CHOICE_KINDS:
        for one in value if isinstance(value, tuple) else (value,):
            if not _can_answer(question, one, parts):
                yield Fault(path, f"{one} is not one of the choices.")
    elif isinstance(value, tuple):
        yield Fault(path, "This question takes one answer.")


CHECKS = (
    check_sections,
    check_questions,
    check_conditions,
    check_choice_lists,
    check_rubric,
    check_answers,
    check_selection,
    check_bands,
    check_milestones,
    check_comments,
    check_attestations,
    check_emails,
    check_translations,
    check_eligibility,
    check_documents,
    check_samples,
)
