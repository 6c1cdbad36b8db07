"""Everything a study concludes as one JSON document that other tools read, with the first page it holds."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.cache import meanwhile
from workbench.formatting import exact, exact_money, metric_words, one_unit
from workbench.impact.price_realisation import STEEP
from workbench.locales import in_its_locale
from workbench.outputs import GENERATOR
from workbench.report.privacy import as_named
from workbench.report.result_figures import (
    AFTER_REACTIONS,
    amount_in_words,
    figures_ahead,
    figures_of,
    span,
    why_not_ahead,
)
from workbench.stages.comparison.bills import SURE
from workbench.stages.needs import price_per
from workbench.stages.price_book import list_of_today, price_book
from workbench.stages.study_replay import scenario_standing
from workbench.text import entry, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from workbench.impact.price_realisation import DesignStanding
    from workbench.pricing.price_book import AddOn, Offer, Plan
    from workbench.report.content import ReportContent
    from workbench.report.result_figures import ResultFigure
    from workbench.results import Interval
    from workbench.rules.rulebook import Finding
    from workbench.stages.contract import StageOutcome
    from workbench.study.model import Scenario

say = texts(__name__)

# --- Three lines of evidence behind the first page

# Our own marks: the share of revenue that today's list leaves open, and the width of a range over its middle.
_OPEN_REVENUE = ((0.05, "A"), (0.15, "B"), (0.30, "C"))
_WIDTH = ((0.4, "A"), (0.8, "B"), (float("inf"), "C"))
_INSIDE = 0.8  # of the months of a back-test


def evidence_lines(content: ReportContent) -> list[dict[str, str]]:
    """Return the lines on bills, on what customers would pay, and on the forecast.

    Where one account pays most, what a total bears out is borne out by that account: no line is graded A.
    """
    lines = [_bills_grade(content), _demand_grade(content), _forecast_grade(content)]
    one = None if content.standing is None else content.standing.on_one
    if one is None:
        return lines
    told = say("borne_out_by_one", share=None if content.naming.mode == "none" else one[1])
    return [
        each if each["grade"] == "D" else _line(each["about"], max(each["grade"], "B"), f"{each['text']} {told}")
        for each in lines
    ]


def _line(about: str, grade: str, text: str) -> dict[str, str]:
    return {"about": about, "grade": grade, "text": text}


def _graded(value: float, marks: Sequence[tuple[float, str]]) -> str:
    return next((grade for most, grade in marks if value <= most), "D")


def _bills_grade(content: ReportContent) -> dict[str, str]:
    found = content.asked("impact", "reconciliation")
    if found is None or not found.recorded:
        why = content.asked("impact", "why_not") or say("there_is_no_list_of")
        return _line("Bills", "D", say("today_s_prices_could_not", why=why))
    share = found.unexplained_share
    text = say("today_s_list_accounts_for", value=1 - share, not_compared_share=found.not_compared_share)
    return _line("Bills", _graded(share, _OPEN_REVENUE), text)


def _demand_grade(content: ReportContent) -> dict[str, str]:
    demand = content.demand
    if demand.status != "known" or demand.revenue is None:
        return _line("What customers would pay", "D", f"Unknown: {demand.reason}")
    middle, kept = demand.revenue, demand.accounts_kept
    width = (middle.high - middle.low) / middle.estimate if middle.estimate else float("inf")
    who = "" if kept is None else say("and_to_of_accounts_stay", low=kept.low, high=kept.high)
    at, low, high = (
        amount_in_words(each, content.base.currency, short=True) for each in (middle.estimate, middle.low, middle.high)
    )
    text = say("by_what_customers_would_choose", method=demand.method, at=at, low=low, high=high, who=who)
    grade = _graded(width, _WIDTH)
    billed = None if content.standing is None else content.standing.revenue_net
    if billed is not None and not middle.low <= billed <= middle.high:
        grade, where = max(grade, "B"), "above" if billed > middle.high else "below"
        text += say("bills_by_need_lie_that", where=where)
    return _line("What customers would pay", grade, text)


def _forecast_grade(content: ReportContent) -> dict[str, str]:
    if not content.asked("migration", "forecast"):
        return _line("The years ahead", "D", f"Unknown: {content.asked('migration', 'forecast_reason', '')}")
    tested = content.asked("migration", "backtest")
    if not tested:
        return _line("The years ahead", "C", say("the_history_is_too_short"))
    inside = sum(each.low <= each.was <= each.high for each in tested)
    text = say(
        "a_forecast_from_a_year", inside=inside, tested=len(tested), value=abs(tested[-1].revenue / tested[-1].was - 1)
    )
    return _line("The years ahead", "A" if inside >= _INSIDE * len(tested) else "C", text)


# --- What could go wrong, measured in money: who watches it, and what would show it

_SHOWN = 3
NOBODY = "nobody named yet"


def money_risks(content: ReportContent, figures: Mapping[str, ResultFigure]) -> list[dict[str, Any]]:
    """Return the three largest risks by the monthly money at stake, each with its owner and its trigger."""
    owner = content.study.chosen.who if content.study.chosen is not None else NOBODY
    found = (
        [] if content.standing is None else [*_in_bills(content.standing), *_ahead(figures), *_in_decisions(content)]
    )
    largest = sorted((risk for risk in found if risk["money"] > 0), key=lambda risk: -risk["money"])[:_SHOWN]
    return [{**risk, "owner": owner} for risk in largest]


def _risk(key: str, money_at_stake: float, **values: object) -> dict[str, Any]:
    return {"money": money_at_stake, **entry(__package__, "risks", key).all(values)}


def _in_bills(stands: DesignStanding) -> Iterator[dict[str, Any]]:
    steep = stands.rises_above(STEEP)
    paid, net = float(np.nansum(stands.paid[steep])), float(np.nansum(stands.net[steep]))
    if steep.any():
        yield _risk("steep", paid, accounts=int(steep.sum()), steep=STEEP, even=(net - paid) / net)
    falls = stands.compared & (stands.change < 0)
    given = -float(stands.change[falls].sum())
    if given > 0:
        yield _risk("falls", given, accounts=int(falls.sum()))
    if stands.without_list_price > 0:
        yield _risk("no_list_price", stands.without_list_price)
    if stands.not_billed > 0:
        yield _risk("not_billed", stands.not_billed)


def _in_decisions(content: ReportContent) -> Iterator[dict[str, Any]]:
    for outcome in content.outcomes:
        for each in outcome.result.stakes():
            yield {"money": each.money, "text": each.text, "trigger": each.trigger}


def _ahead(figures: Mapping[str, ResultFigure]) -> Iterator[dict[str, Any]]:
    after, before = figures["revenue.after_reactions.12_months"], figures["revenue.today_ahead.12_months"]
    if after.value is not None and before.value is not None and after.value < before.value:
        yield _risk("ahead", before.value - after.value)


# --- The first page: the decision, its money, what it does to customers, why to believe it

MOST_FOR_ALL_DESIGNS = 20_000  # accounts
_BASELINE = ("arr", "accounts", "arpa", "nrr", "grr", "logo_retention")
_AHEAD = {"12_months": say("after_reactions_a_year_on"), "24_months": "Two years on"}


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
        "basis": f"{content.study.basis}{_months(content.standing)}{_taken_for(content)}",
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
        return {"status": "undecided", "text": say("what_it_brings_cannot_be", reason=lacking.reason)}
    status, likely = "undecided", chance.value
    stands = content.standing
    change = None if stands is None or likely is not None else stands.difference  # of those there are, no more is known
    if likely is not None and likely >= SURE and after >= before:
        status = "launch"
    elif (change is not None and change.high < 0) if likely is None else likely <= 1 - SURE:
        status = "do_not_launch"
    values = {"before": before, "after": after, "likely": likely, "change": change, "reason": chance.reason}
    text = say("verdict", status=status, currency=content.base.currency, **values)
    if stands is not None and stands.on_one is not None:
        place, share = stands.on_one
        account, (paid, net) = "" if content.naming.mode == "none" else str(stands.account_ids[place]), stands.of_others
        text += " " + say(
            "hangs_on_one", currency=content.base.currency, account=account, share=share, paid=paid, net=net
        )
    return {"status": status, "text": text}


def offer_words(plan: Offer, currency: str) -> str:
    """Write the price of a plan or an add-on: $20.00 a month + $44.00 per seat."""
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
        lists = {"today": list_of_today(content.base), **lists}
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
    """Return the steps from what is paid today to two years on: the figure, what it is held against, its chance.

    A list is held against a list, and what is paid against what is paid.
    """
    now = ((say("as_paid"), "today", "today"), (say("new_list"), "list", "today_list"), (say("net"), "net", "today"))
    steps = [(label, f"revenue.{key}", f"revenue.{against}", "") for label, key, against in now]
    for when, label in _AHEAD.items():
        steps.append((label, f"{AFTER_REACTIONS}.{when}", f"revenue.today_ahead.{when}", f"chance_above_today.{when}"))
    return [dict(zip(("label", "figure", "against", "chance"), step, strict=True)) for step in steps]


def _taken_for(content: ReportContent) -> str:
    base = content.base
    return "" if base.names_currency or not base.has("mrr") else say("taken_for", currency=base.currency)


def _months(stands: DesignStanding | None) -> str:
    return "" if stands is None else f" ({span(stands.months)})"


def _segments(stands: DesignStanding) -> list[dict[str, Any]]:
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
    begun = content.begun.get("a year on")
    others = partial(_a_year_on, content) if begun is None else lambda scenario: begun()[scenario.id]
    for scenario in (content.study.baseline, *content.study.designs):
        is_own = scenario.id == content.scenario.id
        stands, why = (content.standing, "") if is_own else scenario_standing(content.base, content.study, scenario)
        unchanged = scenario.kind == "baseline"
        ahead = "today_ahead" if unchanged else "after_reactions"
        known = figures[f"revenue.{ahead}.12_months"] if unchanged or is_own else others(scenario)
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


@as_named
def begin_results(content: ReportContent) -> None:
    """Begin what takes long in the results, so that it is worked out beside what comes next where that can be.

    That is what the other designs come to a year on, which nothing else asks for.
    """
    others = [scenario for scenario, _ in content.others]
    content.begun["a year on"] = meanwhile(lambda: {each.id: _a_year_on(content, each) for each in others})


def _a_year_on(content: ReportContent, scenario: Scenario) -> ResultFigure | None:
    """Return what another design comes to a year on; None for a company so large that one design takes long enough."""
    if len(content.base) > MOST_FOR_ALL_DESIGNS:
        return None
    outcomes = next(found for each, found in content.others if each.id == scenario.id)
    other = replace(content, scenario=scenario, outcomes=outcomes, begun={})
    return next(each for each in figures_ahead(other) if each.id == f"{AFTER_REACTIONS}.12_months")


def _test_first(content: ReportContent) -> str:
    ranges = content.asked("migration", "ranges")
    if ranges is None:
        return say("nothing_can_be_said_about", why=why_not_ahead(content))
    return ranges.value_of_information.sentence()


# --- Everything a study concludes, as one JSON document that other tools read

SCHEMA = 1
STATUSES = {"ok": "met", "watch": "watch", "breach": "not_met", "unknown": "unknown"}
SET_ASIDE = "set_aside"


@in_its_locale
@as_named
def results_of(content: ReportContent) -> dict[str, Any]:
    """Return what a study concludes about the scenario reported on: the same study gives the same document.

    It names neither a revision nor the time of writing. What is unknown is None, with a reason beside it.
    """
    stands = content.standing
    figures = figures_of(content)
    months = [] if stands is None else list(stands.months)
    found = {
        "schema": SCHEMA,
        "generator": GENERATOR,
        "currency": content.base.currency,
        "scenario": {"id": content.scenario.id, "name": content.scenario.name},
        "basis": {
            "name": content.study.basis,
            "months": months,
            "accounts": None if stands is None else stands.accounts,
            "reason": content.why_no_standing,
        },
        "cautions": [
            {"stage": outcome.stage.key, "severity": each.severity, "text": each.text}
            for outcome, each in content.cautions
        ],
        "figures": [each.as_row() for each in figures],
        "stages": {each.stage.key: _stage(each, content) for each in content.designing},
        "offers": _offers(content),
        "findings": [_finding(each, outcome.stage.key) for outcome, each in content.findings],
        "demand": _demand(content),
        **_forecast(content),
        "workshop": content.asked("workshop", "document"),
        "page": page_of(content, {each.id: each for each in figures}),
    }
    known: dict[str, Any] = content.naming.document({key: _finite(value) for key, value in found.items()})
    return known


def as_json(results: Mapping[str, Any]) -> str:
    """Return the document as text, one value a line, numbers in full."""
    return json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def results_schema() -> dict[str, Any]:
    """Return the JSON schema that every document meets."""
    schema: dict[str, Any] = json.loads(files("workbench.report").joinpath("results.schema.json").read_text("utf-8"))
    return schema


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value whose unknown numbers are None."""
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _stage(outcome: StageOutcome, content: ReportContent) -> dict[str, Any]:
    result, key = outcome.result, outcome.stage.key
    found: dict[str, Any] = {
        "title": outcome.stage.title,
        "is_decided": content.scenario.decided(key),
        "decided": _decided(outcome),
        "summary": outcome.summary,
    }
    if result.order is not None:
        found["ranking"] = [{"name": name, "score": score, "first": first} for name, score, first in result.order]
    return found


def _decided(outcome: StageOutcome) -> str | list[str] | None:
    """Return what a stage decided, by name: one, several, or None."""
    decision, key = outcome.decision, outcome.stage.key
    if key == "value_metric":
        return getattr(decision, "metric", None)
    if key == "model_fit":
        return getattr(decision, "model", None)
    named: Iterable[Any] = getattr(decision, "tiers", ()) or getattr(decision, "add_ons", ())
    return [each.name for each in named] or None


def _offers(content: ReportContent) -> list[dict[str, Any]]:
    book = price_book(content.base, content.scenario)
    return [
        *(_offer("plan", each, content, public=each.public) for each in book.plans),
        *(_offer("add_on", each, content, public=True) for each in book.add_ons),
    ]


def priced_offers(content: ReportContent) -> tuple[tuple[Offer, str], ...]:
    """Return every offer people can see, with its price in words."""
    book = price_book(content.base, content.scenario)
    return tuple((each, offer_words(each, content.base.currency)) for each in (*book.public_plans, *book.add_ons))


def _offer(kind: str, offer: Plan | AddOn, content: ReportContent, *, public: bool) -> dict[str, Any]:
    document = offer.to_dict()
    fee = document.get("base_fee")
    return {
        "kind": kind,
        "name": offer.name,
        "public": public,
        "base_fee": None if fee is None else float(fee),
        "charges": document.get("charges", []),
        "price_per": price_per(offer, content.base, on_it=_accounts_on(offer.name, content)),
        "features": list(offer.features),
        "limits": [{"metric": each.metric, "up_to": _number(each.up_to)} for each in offer.limits],
    }


def _accounts_on(offer: str, content: ReportContent) -> tuple[str, ...] | None:
    """Return the accounts a design places in a plan, or that may buy an add-on; None where the design says neither."""
    found = (outcome.result.on_offer(offer) for outcome in content.outcomes)
    return next((accounts for accounts in found if accounts is not None), None)


def _number(value: Any) -> float | None:  # noqa: ANN401 - a Decimal or None
    return None if value is None else float(value)


def _finding(finding: Finding, stage: str) -> dict[str, Any]:
    return {
        "rule": finding.rule_id,
        "subject": finding.subject,
        "status": SET_ASIDE if finding.waiver is not None else STATUSES[finding.status],
        "by_construction": finding.by_construction,
        "evidence": finding.evidence,
        "source": finding.source,
        "stage": stage,
        "measured": _number(finding.measured),
        "threshold": finding.threshold,
        "remedy": finding.remedy,
    }


def _interval(interval: Interval | None) -> dict[str, float | None]:
    if interval is None:
        return {"value": None, "low": None, "high": None}
    return {"value": interval.estimate, "low": interval.low, "high": interval.high}


def _demand(content: ReportContent) -> dict[str, Any]:
    demand = content.demand
    found = demand.found
    return {
        "status": demand.status,
        "reason": demand.reason,
        "method": demand.method,
        "at_design": {"revenue": _interval(demand.revenue), "accounts_kept": _interval(demand.accounts_kept)},
        "found": {
            "status": found.status,
            "reason": found.reason,
            "prices": {name: float(price) for name, price in found.prices.items()},
            "revenue": _interval(found.revenue),
            "accounts_kept": _interval(found.accounts_kept),
        },
    }


def _forecast(content: ReportContent) -> dict[str, Any]:
    return {
        "forecast": [asdict(each) for each in content.asked("migration", "forecast", ())],
        "forecast_reason": content.asked("migration", "forecast_reason", ""),
        "backtest": [asdict(each) for each in content.asked("migration", "backtest", ())],
    }
