"""The public page of a cohort as sentences, bars and lists. No queries, no markup."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import times
from core.components import percent
from programs.schema import ProgramDefinition
from selection.engine.judging import share
from selection.models import DecisionRecord
from selection.presenting import choice_labels, dollars
from selection.queries.cohorts import Summary

PLANS = 6
NOT_RATED = "none"
TIE_BREAKS = {
    "hpi_quartile": gettext_lazy("lower HPI quartile"),
    "members": gettext_lazy("more assigned members"),
    "mcp_score": gettext_lazy("higher score of the plan"),
    "payment": gettext_lazy("lower potential payment"),
    "tribal": gettext_lazy("tribal health programs"),
    "reference": gettext_lazy("lower reference number"),
}
ACTS = {
    "promoted": gettext_lazy("Moved up from the waitlist when a place became free"),
    "reconsidered": gettext_lazy("Decided anew after a reconsideration"),
    "declined_place": gettext_lazy("Did not take the place"),
    "left_program": gettext_lazy("Left the program"),
}
OUTCOMES = {
    "selected": gettext_lazy("Selected"),
    "waitlisted": gettext_lazy("Waitlisted"),
    "not_selected": gettext_lazy("Not selected"),
    "left": gettext_lazy("Not taking part"),
}
KINDS = {
    "release": gettext_lazy("The decisions as released"),
    "remodelling": gettext_lazy("New decisions after a change of the rules"),
    "later_act": gettext_lazy("A change to single decisions"),
}


def key_figures(summary: Summary) -> list[dict[str, Any]]:
    """Return how many applied, are in and wait, and what the selected can earn."""
    budget = summary.rules["budget"]
    note = _("of a budget of %(budget)s") % {"budget": dollars(Decimal(budget))} if budget else ""
    cost = dollars(Decimal(summary.totals["cost"]))
    return [
        _figure(_("Applications"), f"{summary.totals['applications']:,}"),
        _figure(_("Selected practices"), f"{summary.totals['selected']:,}"),
        _figure(_("On the waitlist"), f"{summary.outcomes.get('waitlisted', 0):,}"),
        _figure(_("They can earn in all"), cost, note),
    ]


def method(summary: Summary, definition: ProgramDefinition) -> list[str]:
    """Return the steps of the selection as sentences, with the numbers of its rules."""
    rules = summary.rules
    threshold = {"threshold": rules["threshold"]}
    steps = [
        _(
            "The Medi-Cal managed care plan (MCP) that a practice named scored its application: 0 to "
            "%(most)s points, and a recommendation."
        )
        % {"most": definition.rubric.total},
        _points(rules["priority_points"], choice_labels(definition)),
        _("All applications are ranked by that sum. %(tie)s") % {"tie": _tie(rules["tie_break"])},
    ]
    if rules["inclusive"]:
        line = _("A practice is selected with %(threshold)s points or more.") % threshold
    else:
        line = _("A practice is selected with more than %(threshold)s points.") % threshold
    if rules["only_recommended"]:
        line += " " + _("Only applications that the plan recommends can be selected.")
    steps.append(line)
    if rules["budget"]:
        budget = {"budget": dollars(Decimal(rules["budget"]))}
        steps.append(
            _(
                "The list ends where the potential payments would pass the budget of %(budget)s; who comes "
                "after is on the waitlist."
            )
            % budget
        )
    if (margin := int(rules["waitlist_margin"])) > 0:
        text = ngettext(
            "Who is %(n)d point below the threshold is on the waitlist, too.",
            "Who is up to %(n)d points below the threshold is on the waitlist, too.",
            margin,
        )
        steps.append(text % {"n": margin})
    return [*steps, *_by_hand(*summary.pins)]


def mix_bars(summary: Summary, definition: ProgramDefinition) -> list[dict[str, Any]]:
    """Return one chart an attribute: the share of the selected beside that of all who applied."""
    quartiles = {str(n): _("Quartile %(n)s") % {"n": n} for n in range(1, 5)}
    quartiles[NOT_RATED] = _("Not rated")
    chosen = summary.totals["mix"]["mcp"]
    plans = sorted(summary.pool["mcp"], key=lambda name: (-chosen.get(name, 0), name))[:PLANS]
    charts = (
        (_("Population of focus"), "population", _labels(definition.populations)),
        (_("Practice type (one practice can have several)"), "practice_type", _types(definition)),
        (_("Healthy Places Index (HPI), lowest of the sites"), "hpi_quartile", quartiles),
        (
            _("Plan (MCP), those with the most selected"),
            "mcp",
            dict(zip(plans, plans, strict=True)),
        ),
    )
    return [
        {"caption": title, "rows": _bars(summary, definition, attribute, labels)}
        for title, attribute, labels in charts
    ]


def by_county(
    summary: Summary, names: Mapping[str, str], labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the selected practices, grouped by county, both in alphabetical order."""
    counties: dict[str, list[dict[str, str]]] = {}
    for one in summary.chosen:
        row = {
            "name": names.get(one.reference, ""),
            "plan": one.plan,
            "population": labels.get(one.population, one.population),
        }
        counties.setdefault(one.county, []).append(row)
    return [
        {
            "county": county or _("County not stated"),
            "practices": sorted(rows, key=lambda row: row["name"].casefold()),
        }
        for county, rows in sorted(counties.items(), key=lambda pair: (not pair[0], pair[0]))
    ]


def changes(summary: Summary) -> list[dict[str, str]]:
    """Return what changed single decisions since the release, the last change first."""
    return [
        {
            "when": times.day(datetime.fromisoformat(act["at"])),
            "number": act["reference"],
            "what": str(ACTS[act["reason"]]),
            "outcome": str(OUTCOMES[act["outcome"]]),
        }
        for act in reversed(summary.acts)
    ]


def chain_rows(records: Sequence[DecisionRecord]) -> list[dict[str, Any]]:
    """Return the records of the chain in words, the last one first."""
    return [
        {
            "sequence": record.sequence,
            "what": str(KINDS[record.kind]),
            "when": times.day(record.created_at),
            "selected": record.selected,
            "sha256": record.public_sha256,
        }
        for record in reversed(records)
    ]


def commands(address: str, count: int, slug: str) -> list[str]:
    """Return three lines of shell that download and check; `address` is that of all cohorts, with "/"."""
    page = f"{address}{slug}/"
    if count == 1:
        return [
            f"curl -sSO {address}verifier.py",
            f"curl -sSO {page}record.json",
            "python3 verifier.py record.json",
        ]
    files = " ".join(f"{slug}-{number}.json" for number in range(1, count + 1))
    return [
        f"curl -sSO {address}verifier.py",
        f'curl -sS -o "{slug}-#1.json" "{page}records/[1-{count}].json"',
        f"python3 verifier.py {files}",
    ]


def _points(rules: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> str:
    if not rules:
        return _("DHCS added no priority points.")
    parts = [
        _("%(points)s for %(what)s") % {"points": rule["points"], "what": _what(rule, labels)}
        for rule in rules
    ]
    listed = "; ".join(parts)
    return _("DHCS added priority points: %(points)s. Points add up.") % {"points": listed}


def _what(rule: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    if rule["attribute"] == "tribal":
        return _("tribal health programs") if rule["value"] else _("all other practices")
    if rule["attribute"] == "hpi_quartile":
        return _("HPI quartile %(n)s") % {"n": rule["value"]}
    if rule["attribute"] == "county":
        return _("%(county)s County") % {"county": rule["value"]}
    return _("“%(name)s”") % {"name": labels.get(rule["value"], rule["value"])}


def _tie(keys: Sequence[str]) -> str:
    if list(keys) == ["reference"]:
        return _("Among equals the lower reference number comes first.")
    listed = ", ".join(str(TIE_BREAKS[key]) for key in keys)
    return _("Among equals these come first, in this order: %(keys)s.") % {"keys": listed}


def _by_hand(put_in: int, left_out: int) -> list[str]:
    if not put_in and not left_out:
        return []
    text = _(
        "By hand, each with a written reason: %(put_in)d selected and %(left_out)d not selected whatever "
        "the score."
    )
    return [text % {"put_in": put_in, "left_out": left_out}]


def _bars(
    summary: Summary, definition: ProgramDefinition, attribute: str, labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    selected, everybody = summary.totals["selected"], summary.totals["applications"]
    chosen, pool = summary.totals["mix"][attribute], summary.pool[attribute]
    if attribute == "hpi_quartile":
        chosen, pool = _with_rest(chosen, selected), _with_rest(pool, everybody)
    targets: dict[tuple[str, str], Decimal] = {
        (t.attribute, t.value): t.minimum_share for t in definition.selection.targets
    }
    bars = []
    for value, label in labels.items():
        if value not in pool:
            continue
        ours, all_ = share(chosen.get(value, 0), selected), share(pool[value], everybody)
        target = targets.get((attribute, value))
        bars.append(
            {
                "label": label,
                "count": chosen.get(value, 0),
                "pool": pool[value],
                "share": ours,
                "pool_share": all_,
                "width": percent(ours),
                "pool_width": percent(all_),
                "target": None if target is None else float(target) * 100,
                "target_at": None if target is None else percent(float(target) * 100),
            }
        )
    return bars


def _with_rest(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """Return counts of values of which everybody has one at most, with those that have none."""
    return {**counts, NOT_RATED: total - sum(counts.values())}


def _labels(choices: Any) -> dict[str, str]:
    return {choice.value: choice.label for choice in choices}


def _types(definition: ProgramDefinition) -> dict[str, str]:
    return _labels(definition.practice_types)


def _figure(label: str, value: str, note: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "note": note, "href": ""}
