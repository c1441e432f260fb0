"""The rules of the selection once more, as slowly and plainly as can be: what the engine must equal."""

from decimal import Decimal

from programs.priority import priority_points


def sort_key(row, adjusted, keys):
    """Return what one application is sorted by."""
    facts = row.facts
    values = {
        "hpi_quartile": 5 if facts.hpi_quartile is None else facts.hpi_quartile,
        "members": -facts.members,
        "mcp_score": -row.mcp_score,
        "payment": row.payment or Decimal(0),
        "tribal": not facts.tribal,
        "reference": row.reference,
    }
    return (-adjusted, *(values[key] for key in keys if key != "reference"), row.reference)


def outcomes(rows, rules):
    """Return (reference, adjusted score, reason) of everybody in rank order."""
    adjusted = {r.reference: r.mcp_score + priority_points(r.facts, rules.points) for r in rows}
    ranked = sorted(rows, key=lambda r: sort_key(r, adjusted[r.reference], rules.tie_break))
    pins = {pin.reference: pin.selected for pin in rules.pins}
    line = rules.threshold + (0 if rules.inclusive else 1)
    spent = sum((r.payment or 0 for r in rows if pins.get(r.reference)), Decimal(0))
    ended, last, found = False, None, []
    for row in ranked:
        score = adjusted[row.reference]
        if row.reference in pins:
            reason = "pinned_in" if pins[row.reference] else "pinned_out"
        elif rules.only_recommended and not row.recommended:
            reason = "not_recommended"
        elif score >= line:
            spent += row.payment or 0
            ended = ended or (rules.budget is not None and spent > rules.budget)
            if not ended:
                reason, last = "at_or_above_threshold", score
            else:
                reason = "lost_tie" if score == last else "over_budget"
        elif score >= line - rules.waitlist_margin:
            reason = "near_threshold"
        else:
            reason = "below_threshold"
        found.append((row.reference, score, reason))
    return found
