"""Storing applications that reached a plan on paper: all of a file or, when asked, its good rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from applications.domain.imported import store_papers
from applications.identifiers import tin_digest
from applications.importing import limits
from applications.importing.paper import Paper
from applications.models import Application, ImportedApplication, Practice
from core.exceptions import DomainError, WrongState
from core.times import to_the_second
from programs.models import Cycle

NEW, UNCHANGED, CHANGED, BAD = "new", "unchanged", "changed", "bad"


@dataclass(frozen=True)
class Judged:
    """A row with what an import would do with it, and why not.

    `tin` is set when its TIN is refused because of what others entered: NPI and the TIN's keyed hash.
    """

    paper: Paper
    state: str
    reasons: list[str] = field(default_factory=list)
    tin: str = ""


@dataclass(frozen=True)
class Outcome:
    """Every row of a file judged; `references` are those of the applications that were stored."""

    rows: list[Judged]
    references: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """Return the number of rows in each state."""
        return Counter(row.state for row in self.rows)

    @property
    def refused(self) -> list[Judged]:
        """Return the rows that can't be stored."""
        return [row for row in self.rows if row.state in (CHANGED, BAD)]

    @property
    def tins(self) -> set[str]:
        """Return what was refused because of what others entered (see `importing.limits`)."""
        return {row.tin for row in self.rows if row.tin}


class Refused(DomainError):
    """Some rows can't be stored, so none was; `outcome` has the reasons."""

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        self.outcome = outcome


def judge(
    papers: Sequence[Paper], *, cycle: Cycle, plan: Organisation, all_tins: bool = True
) -> Outcome:
    """Say what an import would do with every row (at most 4 queries for any number of rows).

    Without `all_tins` a TIN is held against others only where the NPI is of a practice here.
    """
    known = _Known.load(papers, cycle, plan, all_tins)
    return Outcome([known.judge(paper) for paper in papers])


def store_counted(
    papers: Sequence[Paper],
    *,
    cycle: Cycle,
    plan: Organisation,
    by: Membership,
    partial: bool = False,
) -> Outcome:
    """Do the same as `store`, and count the TINs that are refused before any is told.

    Raises limits.TooMany in addition. Must not run in a transaction of the caller, which would take
    the count back.
    """
    limits.require_room(by)
    limits.count_tins(by, judge(papers, cycle=cycle, plan=plan).tins)
    return store(papers, cycle=cycle, plan=plan, by=by, partial=partial)


@transaction.atomic
def store(
    papers: Sequence[Paper],
    *,
    cycle: Cycle,
    plan: Organisation,
    by: Membership,
    partial: bool = False,
) -> Outcome:
    """Store every new row as a submitted application of its practice; the same file twice adds nothing.

    Two imports of one plan run one after the other. Raises Refused when a row can't be stored (unless
    `partial`), WrongState before the cycle opens and after scoring is due, DomainError for somebody of
    another plan or when another write came between; nothing is stored then.
    """
    if by.organisation_id != plan.pk:
        raise DomainError(_("You can import applications for your own plan only."))
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)
    _require_time(Cycle.objects.get(pk=cycle.pk))
    outcome = judge(papers, cycle=cycle, plan=plan)
    if outcome.refused and not partial:
        raise Refused(_("Some rows can't be imported, so nothing was stored."), outcome)
    new = [row.paper for row in outcome.rows if row.state == NEW]
    if not new:
        return outcome
    try:
        with transaction.atomic():
            references = store_papers(new, cycle=cycle, plan=plan, by=by)
    except IntegrityError as error:
        message = _(
            "Somebody changed one of these practices meanwhile. Nothing was stored. Try again."
        )
        raise DomainError(message) from error
    return Outcome(outcome.rows, references)


def _require_time(cycle: Cycle) -> None:
    now = timezone.now()
    if cycle.opens_at <= now <= cycle.scoring_due_at:
        return
    message = _("Paper applications can be imported from %(opens)s to %(due)s. It is now %(now)s.")
    raise WrongState(
        message
        % {
            "opens": to_the_second(cycle.opens_at),
            "due": to_the_second(cycle.scoring_due_at),
            "now": to_the_second(now),
        }
    )


@dataclass
class _Known:
    """What is stored already and what came earlier in the same file."""

    imported: Mapping[str, str]
    practices: Mapping[str, Practice]
    busy_practices: set[int]
    busy_tins: set[str]
    all_tins: bool
    papers_seen: dict[str, int] = field(default_factory=dict)
    npis_seen: dict[str, int] = field(default_factory=dict)
    tins_seen: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(
        cls, papers: Sequence[Paper], cycle: Cycle, plan: Organisation, all_tins: bool
    ) -> "_Known":
        """Read what the rows of a file have to be held against."""
        readable = [paper for paper in papers if not paper.reasons]
        ids = [paper.paper_id for paper in papers]
        rows = ImportedApplication.objects.filter(cycle=cycle, plan=plan, paper_id__in=ids)
        practices = Practice.objects.filter(npi__in=[paper.facts["npi"] for paper in readable])
        standing = Application.objects.filter(cycle=cycle).exclude(status="withdrawn")
        tins = [tin_digest(paper.facts["tin"]) for paper in readable]
        by_npi = {practice.npi: practice for practice in practices}
        mine = [practice.pk for practice in by_npi.values()]
        return cls(
            imported=dict(rows.values_list("paper_id", "row_sha256")),
            practices=by_npi,
            busy_practices=set(
                standing.filter(practice__in=mine).values_list("practice_id", flat=True)
            ),
            busy_tins=set(
                standing.filter(tin_digest__in=tins).values_list("tin_digest", flat=True)
            ),
            all_tins=all_tins,
        )

    def judge(self, paper: Paper) -> Judged:
        """Return what becomes of one row; call it for the rows in their order."""
        earlier = self.papers_seen.setdefault(paper.paper_id, paper.line) if paper.paper_id else 0
        if earlier and earlier != paper.line:
            message = _("paper_id: Line %(line)d has the same one. Each paper needs its own.")
            return Judged(paper, BAD, [message % {"line": earlier}])
        if paper.paper_id in self.imported and paper.digest:
            if self.imported[paper.paper_id] == paper.digest:
                return Judged(paper, UNCHANGED)
            message = _(
                "This paper was imported with other content. A submitted application can't be "
                "overwritten; return it to the practice for correction."
            )
            return Judged(paper, CHANGED, [message])
        if paper.reasons:
            return Judged(paper, BAD, paper.reasons)
        return self._twice(paper) or self._conflict(paper) or Judged(paper, NEW)

    def _twice(self, paper: Paper) -> Judged | None:
        """Refuse what came earlier in the file, without a word about what is stored."""
        same_npi = self.npis_seen.setdefault(paper.facts["npi"], paper.line)
        same_tin = self.tins_seen.setdefault(tin_digest(paper.facts["tin"]), paper.line)
        if same_npi != paper.line:
            reason = _("npi: Line %(line)d has the same one.") % {"line": same_npi}
        elif same_tin != paper.line:
            reason = _("tin: Line %(line)d has the same one.") % {"line": same_tin}
        else:
            return None
        return Judged(paper, BAD, [reason])

    def _conflict(self, paper: Paper) -> Judged | None:
        npi, digest = paper.facts["npi"], tin_digest(paper.facts["tin"])
        practice = self.practices.get(npi)
        if practice and practice.pk in self.busy_practices:
            reason = _("npi: This practice has an application in this cycle already.")
            return Judged(paper, BAD, [reason])
        if practice is None and not self.all_tins:
            return None
        if digest in self.busy_tins:
            reason = _("tin: Another application in this cycle has this TIN.")
        elif practice and practice.tin_digest and practice.tin_digest != digest:
            reason = _("tin: The practice with this NPI has another TIN here. Check both.")
        else:
            return None
        return Judged(paper, BAD, [reason], tin=f"{npi} {digest}")
