"""What a design and today's list come to a year and two years on, before and after customers react."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.impact.ahead import LEAVING, MOVING_DOWN, REACTION_MONTHS
from workbench.report.result_figure import ACCOUNTS, SHARE, Speaks
from workbench.results import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.report.content import ReportContent
    from workbench.report.result_figure import ResultFigure

AHEAD = (12, 24)
AFTER_REACTIONS = "revenue.after_reactions"
NOBODY_REACTS, REACTIONS = "forecast if nobody reacts", "forecast with assumed reactions"
PEOPLE = "today's customers and new ones"


def figures_ahead(content: ReportContent) -> Iterator[ResultFigure]:
    """Yield both lists' revenue at each time ahead, the chance that the new one brings more, and who leaves."""
    last = content.standing.months[-1] if content.standing else ""
    for months in AHEAD:
        month = str(pd.Period(last, "M") + months) if last else f"{months} months ahead"
        yield from _if_nobody_reacts(content, months, month)
        yield from _after_reactions(content, months, month)
    ranges, unit = content.impact.ranges, ACCOUNTS
    lost = None if ranges is None else ranges.simulation.lost_to_price(ranges.name)
    period = "" if ranges is None else f"{len(ranges.simulation.statistics[ranges.name].months)} months"
    speaks = Speaks("impact", "assumed reactions", "today's customers", period)
    value, name = None if lost is None else lost.estimate, "Expected to leave over their bills"
    yield speaks("expected_to_leave.accounts", name, value, unit, range_=lost, why=_why_not(content))
    people = "accounts whose price rose, beside those whose price stood"
    speaks = Speaks("impact", "own price moves on record", people, f"{REACTION_MONTHS} months after a rise")
    for about, key, name in (
        (LEAVING, "reaction.leaving", "Extra customers lost for a rise of 100%, on record"),
        (MOVING_DOWN, "reaction.moving_down", "Customers moving down for a rise of 100%, on record"),
    ):
        found = next((each for each in content.impact.reactions if each.kind == about), None)
        known = Interval(found.low, found.value, found.high) if found is not None and found.known else None
        why = content.impact.why_not if found is None else found.reason
        yield speaks(key, name, None if known is None else known.estimate, SHARE, range_=known, why=why)


def figures_of_demand(content: ReportContent) -> Iterator[ResultFigure]:
    """Yield what customers would choose at the design's prices, as far as answers and bills tell."""
    demand, unit = content.willingness.demand, content.base.currency
    speaks = Speaks(
        "willingness", f"worth by {demand.method}" if demand.method else "worth", "accounts asked", "a month"
    )
    for key, name, found, of in (
        ("demand.revenue", "Revenue by what customers would choose", demand.revenue, unit),
        ("demand.accounts_kept", "Accounts kept of those that pay today", demand.accounts_kept, SHARE),
        ("demand.found.revenue", "Revenue by what customers would choose, at prices found", demand.found.revenue, unit),
        ("demand.found.accounts_kept", "Accounts kept at prices found", demand.found.accounts_kept, SHARE),
    ):
        why = demand.found.reason if ".found." in key else demand.reason
        yield speaks(key, name, None if found is None else found.estimate, of, range_=found, why=why)


def _why_not(content: ReportContent) -> str:
    impact = content.impact
    return impact.forecast_reason or impact.why_not or "The forecast does not reach so far."


def _if_nobody_reacts(content: ReportContent, months: int, month: str) -> Iterator[ResultFigure]:
    points = {each.scenario: each for each in content.impact.forecast if each.month == month}
    speaks = Speaks("impact", NOBODY_REACTS, PEOPLE, month)
    for key, scenario, name in (
        ("today_ahead", content.study.baseline.id, "Revenue of today's list"),
        ("list_ahead", content.scenario.id, "Revenue of the new list, if nobody reacts"),
    ):
        point = points.get(scenario)
        found = None if point is None else Interval(point.low, point.revenue, point.high)
        value = None if found is None else found.estimate
        why, title = _why_not(content), f"{name}, {months} months on"
        yield speaks(f"revenue.{key}.{months}_months", title, value, content.base.currency, range_=found, why=why)


def _after_reactions(content: ReportContent, months: int, month: str) -> Iterator[ResultFigure]:
    """Yield revenue once customers react; the figure of a year also stands under its name without a time."""
    ranges = content.impact.ranges
    found, chance, why = None, None, _why_not(content)
    if ranges is not None:
        fan = ranges.simulation.fan(ranges.name)
        here = fan["month"].dt.strftime("%Y-%m") == month
        if here.any():
            row = fan[here].iloc[0]
            found = Interval(float(row["p5"]), float(row["p50"]), float(row["p95"]))
            chance = float(ranges.simulation.chance_by_month(ranges.name)[here.to_numpy()][0])
        else:
            why = f"The way to the new prices is followed for {len(fan)} months."
        sign = AHEAD[-1] if ranges.ahead is None else ranges.ahead.reach.sign
        if chance is not None and months > sign:
            chance, why = None, "Which list brings more cannot be told from so short a history."
    speaks = Speaks("impact", REACTIONS, PEOPLE, month)
    value, name = (
        None if found is None else found.estimate,
        f"Revenue of the new list after reactions, {months} months on",
    )
    keys = [f"{AFTER_REACTIONS}.{months}_months", *([AFTER_REACTIONS] if months == AHEAD[0] else [])]
    for key in keys:
        yield speaks(key, name, value, content.base.currency, range_=found, why=why)
    title = f"More than today's list, {months} months on"
    yield speaks(f"chance_above_today.{months}_months", title, chance, SHARE, why=why)
