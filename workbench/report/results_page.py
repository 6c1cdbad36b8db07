"""The first page: the decision, its money, what it does to customers, why to believe it, what could go wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.formatting import exact, exact_money, money, percent
from workbench.impact.standing import STEEP
from workbench.report.evidence_grades import evidence_lines
from workbench.report.money_risks import money_risks
from workbench.report.result_figure import span
from workbench.report.results_ahead import AFTER_REACTIONS, figures_ahead
from workbench.stages.impact_view.evaluation import evaluate
from workbench.stages.impact_view.range_tables import SURE
from workbench.stages.price_book import price_book, today
from workbench.stages.standing import scenario_standing
from workbench.wording import metric_words, one_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.impact.standing import Standing
    from workbench.pricing import Plan
    from workbench.report.content import ReportContent
    from workbench.report.result_figure import ResultFigure
    from workbench.study import Scenario

MOST_FOR_ALL_DESIGNS = 20_000  # accounts
_BASELINE = ("arr", "accounts", "arpa", "nrr", "grr", "logo_retention")
_AHEAD = {"12_months": "After reactions, a year on", "24_months": "Two years on"}


def page_of(content: ReportContent, figures: Mapping[str, ResultFigure]) -> dict[str, Any]:
    """Return what stands on the first page, in its order; figures are named by their ids."""
    chosen = content.study.chosen
    is_chosen = chosen is not None and chosen.scenario_id == content.scenario.id
    return {
        "verdict": verdict(figures, content),
        "decision": {
            "scenario": content.scenario.name,
            "who": chosen.who if chosen is not None and is_chosen else "",
            "day": f"{chosen.when:%Y-%m-%d}" if chosen is not None and is_chosen else "",
            "reason": chosen.reason if chosen is not None and is_chosen else "",
        },
        "changes": _changes(content),
        "basis": f"{content.study.basis}{_months(content.standing)}",
        "bridge": _bridge(),
        "customers": ["rise_over_25.accounts", "expected_to_leave.accounts", "change.top_ten"],
        "segments": [] if content.standing is None else _segments(content.standing),
        "evidence": evidence_lines(content),
        "risks": money_risks(content, figures),
        "alternatives": _alternatives(content, figures),
        "test_first": _test_first(content),
        "baseline": list(_BASELINE),
    }


def verdict(figures: Mapping[str, ResultFigure], content: ReportContent) -> dict[str, str]:
    """Say whether the money speaks for launching: launch, do_not_launch or undecided, with the numbers behind it."""
    before, after = figures["revenue.today"].value, figures["revenue.net"].value
    chance = figures["chance_above_today.12_months"]
    if before is None or after is None:
        lacking = figures["revenue.net"] if after is None else figures["revenue.today"]
        return {"status": "undecided", "text": f"What it brings cannot be said. {lacking.reason}"}
    now = (
        f"from today's customers it brings {money(abs(after - before), content.base.currency)} a month "
        f"{'more' if after >= before else 'less'} than they pay ({percent(after / before - 1, 1, signed=True)})"
    )
    if chance.value is None:
        if after < before:
            return {"status": "do_not_launch", "text": f"Do not launch it for the money: {now}. {chance.reason}"}
        return {
            "status": "undecided",
            "text": f"Not to be decided yet: {now}; what follows is unknown. {chance.reason}",
        }
    ahead = f"a year on it brings more than today's list in {percent(chance.value)} of draws"
    if chance.value >= SURE and after >= before:
        return {"status": "launch", "text": f"The money speaks for it: {now}, and {ahead}."}
    if chance.value <= 1 - SURE:
        return {"status": "do_not_launch", "text": f"Do not launch it for the money: {now}, and {ahead}."}
    return {"status": "undecided", "text": f"It cannot be told from this history: {now}, and {ahead}."}


def offer_words(plan: Plan, currency: str) -> str:
    """Write a plan's price: $20.00 a month + $44.00 per seat."""
    if not plan.priced:
        return "on request"
    parts = [f"{exact_money(plan.base_fee, currency)} a month"] if plan.base_fee else []
    for charge in plan.charges:
        if charge.model == "per_unit":
            beyond = f" beyond {exact(charge.free_units)}" if charge.free_units else ""
            parts.append(f"{exact_money(charge.unit_price, currency)} per {one_unit(charge.metric)}{beyond}")
        else:
            parts.append(f"{metric_words(charge.metric)} at {charge.model.replace('_', ' ')} prices")
    return " + ".join(parts) or "free"


def _changes(content: ReportContent) -> dict[str, Any]:
    """Return today's plans and the new ones with their prices, and what each list charges for."""
    lists = {"new": price_book(content.base, content.scenario)}
    if content.base.has("plans"):
        lists = {"today": today(content.base), **lists}
    return {
        name: {
            "plans": [
                {"name": plan.name, "price": offer_words(plan, content.base.currency)} for plan in book.public_plans
            ],
            "charges_for": sorted({charge.metric for plan in book.plans if plan.priced for charge in plan.charges}),
        }
        for name, book in lists.items()
    }


def _bridge() -> list[dict[str, str]]:
    steps = [
        ("Today, as paid", "revenue.today"),
        ("New list", "revenue.list"),
        ("After discounts", "revenue.net"),
    ]
    found = [{"label": label, "figure": key, "against": "revenue.today", "chance": ""} for label, key in steps]
    for when, label in _AHEAD.items():
        found.append(
            {
                "label": label,
                "figure": f"revenue.after_reactions.{when}",
                "against": f"revenue.today_ahead.{when}",
                "chance": f"chance_above_today.{when}",
            }
        )
    return found


def _months(stands: Standing | None) -> str:
    return "" if stands is None else f" ({span(stands.months)})"


def _segments(stands: Standing) -> list[dict[str, Any]]:
    """Return every segment's money, the largest first."""
    names = stands.segment
    found = []
    for name in np.unique(names[stands.compared].astype(str)):
        here = stands.compared & (names.astype(str) == name)
        before, after = float(stands.paid[here].sum()), float(stands.net[here].sum())
        found.append(
            {
                "segment": name,
                "accounts": int(here.sum()),
                "revenue_today": before,
                "revenue_net": after,
                "rise_over_25": int((stands.rises_above(STEEP) & here).sum()),
            }
        )
    return sorted(found, key=lambda row: -row["revenue_today"])


def _alternatives(content: ReportContent, figures: Mapping[str, ResultFigure]) -> list[dict[str, Any]]:
    """Return today and every design on the same rows."""
    rows = []
    for scenario in (content.study.baseline, *content.study.designs):
        is_own = scenario.id == content.scenario.id
        stands, why = (content.standing, "") if is_own else scenario_standing(content.base, content.study, scenario)
        unchanged = scenario.kind == "baseline"
        ahead = "today_ahead" if unchanged else "after_reactions"
        known = figures[f"revenue.{ahead}.12_months"] if unchanged or is_own else _a_year_on(content, scenario)
        rows.append(
            {
                "scenario": scenario.id,
                "name": scenario.name,
                "is_reported": is_own,
                "revenue_list": None if stands is None else stands.revenue_list,
                "revenue_net": None if stands is None else stands.revenue_today if unchanged else stands.revenue_net,
                "pay_more": None if stands is None else 0.0 if unchanged else stands.pay_more,
                "rise_over_25": None if stands is None or unchanged else int(stands.rises_above(STEEP).sum()),
                "in_12_months": None if known is None else known.value,
                "in_12_months_low": None if known is None else known.low,
                "in_12_months_high": None if known is None else known.high,
                "reason": why,
            }
        )
    return rows


def _a_year_on(content: ReportContent, scenario: Scenario) -> ResultFigure | None:
    """Return what another design comes to a year on; None for a company so large that one design takes long enough."""
    if len(content.base) > MOST_FOR_ALL_DESIGNS:
        return None
    other = replace(content, scenario=scenario, impact=evaluate(content.base, content.study, scenario))
    return next(each for each in figures_ahead(other) if each.id == f"{AFTER_REACTIONS}.12_months")


def _test_first(content: ReportContent) -> str:
    ranges = content.impact.ranges
    if ranges is None:
        return "Nothing can be said about what to test first without customers to bring over."
    return ranges.knowing.sentence()
