"""Three lines of evidence behind the first page, each with a grade from A (checked on own history) to D (unknown)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, percent
from workbench.report.results_words import amount_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.report.content import ReportContent

# Our own marks: the share of revenue that today's list leaves open, and the width of a range over its middle.
_OPEN_REVENUE = ((0.05, "A"), (0.15, "B"), (0.30, "C"))
_WIDTH = ((0.4, "A"), (0.8, "B"), (float("inf"), "C"))
_INSIDE = 0.8  # of the months of a back-test


def evidence_lines(content: ReportContent) -> list[dict[str, str]]:
    """Return the lines on bills, on what customers would pay, and on the forecast."""
    return [_bills(content), _demand(content), _forecast(content)]


def _line(about: str, grade: str, text: str) -> dict[str, str]:
    return {"about": about, "grade": grade, "text": text}


def _graded(value: float, marks: Sequence[tuple[float, str]]) -> str:
    return next((grade for most, grade in marks if value <= most), "D")


def _bills(content: ReportContent) -> dict[str, str]:
    found = content.impact.reconciliation
    if found is None or not found.recorded:
        why = content.impact.why_not or "There is no list of today's prices beside recorded revenue."
        return _line("Bills", "D", f"Today's prices could not be held against what was paid. {why}")
    share = found.unexplained_share
    text = (
        f"Today's list accounts for {percent(1 - share, 1)} of what was paid in the last year; "
        f"{percent(found.not_compared_share, 1)} of revenue has no list price to be held against."
    )
    return _line("Bills", _graded(share, _OPEN_REVENUE), text)


def _demand(content: ReportContent) -> dict[str, str]:
    demand = content.willingness.demand
    if demand.status != "known" or demand.revenue is None:
        return _line("What customers would pay", "D", f"Unknown: {demand.reason}")
    middle, kept = demand.revenue, demand.accounts_kept
    width = (middle.high - middle.low) / middle.estimate if middle.estimate else float("inf")
    who = "" if kept is None else f", and {percent(kept.low)} to {percent(kept.high)} of accounts stay"
    at, low, high = (
        amount_in_words(each, content.base.currency, short=True) for each in (middle.estimate, middle.low, middle.high)
    )
    text = f"By {demand.method}, what customers would choose brings {at} ({low} to {high}) a month{who}."
    grade = _graded(width, _WIDTH)
    billed = None if content.standing is None else content.standing.revenue_net
    if billed is not None and not middle.low <= billed <= middle.high:
        grade, where = max(grade, "B"), "above" if billed > middle.high else "below"
        text += f" Bills by need lie {where} that: a finding says why."
    return _line("What customers would pay", grade, text)


def _forecast(content: ReportContent) -> dict[str, str]:
    impact = content.impact
    if not impact.forecast:
        return _line("The years ahead", "D", f"Unknown: {impact.forecast_reason}")
    tested = impact.backtest
    if not tested:
        return _line("The years ahead", "C", "The history is too short to hold a forecast against what came.")
    inside = sum(each.low <= each.was <= each.high for each in tested)
    text = (
        f"A forecast from a year before the last month held what came in {inside} of {count('month', len(tested))}; "
        f"at the end it was off by {percent(abs(tested[-1].revenue / tested[-1].was - 1))}."
    )
    return _line("The years ahead", "A" if inside >= _INSIDE * len(tested) else "C", text)
