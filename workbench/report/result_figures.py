"""The figures a study comes to, each with range, unit, basis, population and period, and how a reader sees them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from workbench.formatting import count, in_format, money, percent, ratio, rounded, short_money
from workbench.growth.recurring_revenue import MovementsError, mrr_ledger, retention
from workbench.impact.price_realisation import STEEP
from workbench.impact.uncertainty.behaviour import LEAVING, MOVING_DOWN, REACTION_MONTHS
from workbench.locales import conventions
from workbench.results import Interval
from workbench.stages.comparison.bills import NET, NEW_LIST, PAID, TODAYS_LIST
from workbench.stats import wilson
from workbench.study.model import slug
from workbench.text import texts, words_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.impact.price_realisation import DesignStanding
    from workbench.report.content import ReportContent
    from workbench.results import KeyFigure
    from workbench.stages.contract import StageOutcome

say = texts(__name__)

# --- One figure of a study's results: a value with its range, unit, basis, population and period

SHARE, ACCOUNTS = "share", "accounts"
_LARGEST = 10
_NO_PAYMENTS = say("no_revenue_is_on_record")
_NO_LIST_TODAY = say("today_s_price_list_is")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFigure:
    """One figure: `value` None is unknown and `reason` says why; `low` and `high` are a 90% range, None without one."""

    id: str
    stage: str
    name: str
    value: float | None
    unit: str
    basis: str
    population: str
    period: str
    low: float | None = None
    high: float | None = None
    reason: str = ""

    def as_row(self) -> dict[str, Any]:
        """Return the figure as JSON holds it."""
        return asdict(self)


def finite_or_none(value: float | None) -> float | None:
    """Return a number, None where it is unknown or no number."""
    return None if value is None or not math.isfinite(value) else float(value)


class Speaks:
    """Makes figures of one stage that share basis, population and period."""

    def __init__(self, stage: str, basis: str, population: str, period: str) -> None:
        self.stage, self.basis, self.population, self.period = stage, basis, population, period

    def __call__(
        self, key: str, value: float | Interval | None, unit: str, *, name: str = "", why: str = ""
    ) -> ResultFigure:
        """Return a figure, named in the text unless here; `why` is its reason where its value is unknown.

        An interval is a value with its range.
        """
        ends = (value.low, value.estimate, value.high) if isinstance(value, Interval) else (None, value, None)
        low, known, high = map(finite_or_none, ends)
        return ResultFigure(
            id=key, stage=self.stage, name=name or words_at(__package__, "figure_names", key), value=known, unit=unit,
            basis=self.basis, population=self.population, period=self.period, low=None if known is None else low,
            high=None if known is None else high,
            reason="" if known is not None else why or say("the_data_does_not_say"),
        )  # fmt: skip


def span(months: Sequence[str]) -> str:
    """Write the months of a basis: 2024-12, or 2024-01 to 2024-12."""
    if not months:
        return ""
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"


def figures_of_standing(
    stands: DesignStanding | None, basis: str, currency: str, *, why: str = "", no_list: str = ""
) -> Iterator[ResultFigure]:
    """Yield a design's money on a study's basis, list with list and paid with paid, and what it does to customers.

    `why` says why nothing can be billed, `no_list` why the design has no bill.
    """
    currency = currency if stands is None else stands.currency or currency
    period = "" if stands is None else span(stands.months)
    paying = "" if stands is None else f"{count('account', stands.accounts)} that paid"
    speaks = Speaks("impact", basis, paying, period)
    for key, name, field, reason in _MONEY:
        value = None if stands is None else getattr(stands, field)
        yield speaks(key, value, currency, name=name, why=why or reason or no_list)
    compared = 0 if stands is None else int(stands.compared.sum())
    people = say("with_a_payment_on_record", compared=compared)
    speaks = Speaks("impact", basis, people, period)
    why = no_list or why or say("no_account_has_a_payment")
    steep = None if stands is None or not compared else float(stands.rises_above(STEEP).sum())
    top = None if stands is None else largest_change(stands)
    yield speaks("pay_more.share", None if stands is None else stands.pay_more, SHARE, why=why)
    yield speaks("pay_less.share", None if stands is None else stands.pay_less, SHARE, why=why)
    yield speaks("rise_over_25.share", None if steep is None else steep / compared, SHARE, why=why)
    yield speaks("rise_over_25.accounts", steep, ACCOUNTS, why=why)
    yield speaks("change.top_ten", top, currency, why=why)


_MONEY = (
    ("revenue.today", PAID, "revenue_today", _NO_PAYMENTS),
    ("revenue.today_list", TODAYS_LIST, "revenue_today_list", _NO_LIST_TODAY),
    ("revenue.list", NEW_LIST, "revenue_list", ""),
    ("revenue.net", NET, "revenue_net", ""),
    ("revenue.not_billed", "", "not_billed", _NO_PAYMENTS),
    ("revenue.without_list_price", "", "without_list_price", _NO_PAYMENTS),
)


def largest_change(stands: DesignStanding) -> float | None:
    """Return how much more the ten accounts that pay most today would pay together; None without any compared."""
    places = np.flatnonzero(stands.compared)
    if not len(places):
        return None
    largest = places[np.argsort(-stands.paid[places], kind="stable")][:_LARGEST]
    return float(stands.change[largest].sum())


# --- Figures of the results written for a reader, each with the id that says where it comes from

UNKNOWN = "unknown"


def amount_in_words(value: float | None, unit: str, *, signed: bool = False, short: bool = False) -> str:
    """Write a figure with its unit: $1,322,476 (short: $1.32M), 34%, 165 accounts, 3.3x."""
    if value is None:
        return UNKNOWN
    if unit == "share":
        return percent(value, 0 if abs(value) >= _WHOLE_PERCENT or value == 0 else 1, signed=signed)
    if unit == "times":
        return ratio(value)
    if len(unit) == _CODE and unit.isupper():
        text = _short(value, unit) if short else money(value, unit, 0 if abs(value) >= _WHOLE_MONEY else None)
        return f"+{text}" if signed and value > 0 else text
    if unit == ACCOUNTS:
        return count(unit.removesuffix("s"), round(value))
    return f"{in_format(value, ',.2f')} {unit}".strip()


_SCALES = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
_WHOLE_PERCENT, _WHOLE_MONEY, _CODE = 0.095, 10, 3


def _short(value: float, currency: str) -> str:
    """Write money to three digits, as an estimate deserves: $1.41M, $68.6k, $412."""
    size = abs(value)
    scale, letter = next(((each, sign) for each, sign in _SCALES if size >= each), (1.0, ""))
    if not conventions().is_house or not letter:
        return short_money(value, currency) if letter else money(value, currency, 0)
    text = f"{rounded(size / scale, max(0, 2 - math.floor(math.log10(size / scale))))}{letter}"
    return conventions().money(text, currency, is_negative=value < 0)


class ResultFigures:
    """The figures of one document by id, for a template: `value`, `range`, `difference`, each marked with its id."""

    def __init__(self, results: Mapping[str, Any]) -> None:
        self._rows = {row["id"]: row for row in results["figures"]}

    def row(self, key: str) -> Mapping[str, Any]:
        """Return a figure with all that is known about it."""
        found: Mapping[str, Any] = self._rows[key]
        return found

    def text(self, key: str) -> str:
        """Return a figure's value in words."""
        row = self.row(key)
        return amount_in_words(row["value"], row["unit"], short=row["low"] is not None)

    def value(self, key: str) -> Markup:
        """Return a figure's value, or the word unknown with its reason in a tooltip."""
        row, text = self.row(key), self.text(key)
        if row["value"] is None:
            return _marked(key, text, row["reason"])
        title = ", ".join(filter(None, (row["name"], row["basis"], row["period"], row["population"])))
        return _marked(key, text, title)

    def range(self, key: str) -> str:
        """Return a figure's 90% range, "" without one."""
        row = self.row(key)
        if row["low"] is None or row["high"] is None:
            return ""
        ends = (row["low"], row["high"])
        if row["unit"] == ACCOUNTS:
            ends = (math.floor(ends[0]), math.ceil(ends[1]))
        low, high = (amount_in_words(end, row["unit"], short=True) for end in ends)
        return f"{low.partition(' ')[0] if row['unit'] == ACCOUNTS else low} to {high}"

    def difference(self, key: str, against: str) -> str:
        """Return by how much a figure differs from another of the same unit, "" where one is unknown."""
        own, other = self.row(key), self.row(against)
        if key == against or own["value"] is None or other["value"] is None:
            return ""
        change = own["value"] - other["value"]
        relative = f" ({percent(change / other['value'], 1, signed=True)})" if other["value"] else ""
        return amount_in_words(change, own["unit"], signed=True, short=own["low"] is not None) + relative


def _marked(key: str, text: str, title: str) -> Markup:
    return Markup('<span data-figure="{}" title="{}">{}</span>').format(key, title, text)


# --- What a design and today's list come to a year and two years on, before and after customers react

AHEAD = (12, 24)
AFTER_REACTIONS = "revenue.after_reactions"
NOBODY_REACTS, REACTIONS = "forecast if nobody reacts", "forecast with assumed reactions"
PEOPLE = say("today_s_customers_and_new")


def figures_ahead(content: ReportContent) -> Iterator[ResultFigure]:
    """Yield both lists' revenue at each time ahead, the chance that the new one brings more, and who leaves."""
    last = content.standing.months[-1] if content.standing else ""
    for months in AHEAD:
        month = str(pd.Period(last, "M") + months) if last else f"{months} months ahead"
        yield from _if_nobody_reacts(content, months, month)
        yield from _after_reactions(content, months, month)
    ranges = content.asked("migration", "ranges")
    followed = 0 if ranges is None else len(ranges.simulation.statistics[ranges.name].months)
    far = ranges is not None and followed >= AHEAD[0]  # in a few months few leave, whatever they make of the prices
    lost = ranges.simulation.lost_to_price(ranges.name) if far else None
    speaks = Speaks("impact", "assumed reactions", "today's customers", f"{followed} months" if followed else "")
    why = why_not_ahead(content) if ranges is None else say("the_way_to_the_new", fan=followed)
    yield speaks("expected_to_leave.accounts", lost, ACCOUNTS, why=why)
    people = say("accounts_whose_price_rose_beside")
    speaks = Speaks(
        "impact", say("own_price_moves_on_record"), people, say("months_after_a_rise", reaction_months=REACTION_MONTHS)
    )
    for about, key in ((LEAVING, "reaction.leaving"), (MOVING_DOWN, "reaction.moving_down")):
        found = next((each for each in content.asked("migration", "reactions", ()) if each.kind == about), None)
        known = Interval(found.low, found.value, found.high) if found is not None and found.known else None
        why = content.asked("impact", "why_not", "") if found is None else found.reason
        yield speaks(key, known, SHARE, why=why)


def figures_of_demand(content: ReportContent) -> Iterator[ResultFigure]:
    """Yield what customers would choose at the design's prices, as far as answers and bills tell."""
    demand, unit = content.demand, content.base.currency
    worth = f"worth by {demand.method}" if demand.method else "worth"
    speaks = Speaks("willingness", worth, "accounts asked", "a month")
    for key, found, of in (
        ("demand.revenue", demand.revenue, unit),
        ("demand.accounts_kept", demand.accounts_kept, SHARE),
        ("demand.found.revenue", demand.found.revenue, unit),
        ("demand.found.accounts_kept", demand.found.accounts_kept, SHARE),
    ):
        why = demand.found.reason if ".found." in key else demand.reason
        yield speaks(key, found, of, why=why)


def why_not_ahead(content: ReportContent) -> str:
    """Say why what lies ahead is unknown."""
    reasons = (content.asked("migration", name, "") for name in ("forecast_reason", "why_not"))
    return next(filter(None, reasons), "") or say("the_forecast_does_not_reach")


def _if_nobody_reacts(content: ReportContent, months: int, month: str) -> Iterator[ResultFigure]:
    points = {each.scenario: each for each in content.asked("migration", "forecast", ()) if each.month == month}
    speaks = Speaks("impact", NOBODY_REACTS, PEOPLE, month)
    for key, scenario, name in (
        ("today_ahead", content.study.baseline.id, "Revenue of today's list"),
        ("list_ahead", content.scenario.id, say("revenue_of_the_new_list_2")),
    ):
        point = points.get(scenario)
        found = None if point is None else Interval(point.low, point.revenue, point.high)
        title, full = f"{name}, {months} months on", f"revenue.{key}.{months}_months"
        yield speaks(full, found, content.base.currency, name=title, why=why_not_ahead(content))


def _after_reactions(content: ReportContent, months: int, month: str) -> Iterator[ResultFigure]:
    """Yield revenue once customers react; the figure of a year also stands under its name without a time."""
    ranges = content.asked("migration", "ranges")
    found, chance, why = None, None, why_not_ahead(content)
    if ranges is not None:
        fan = ranges.simulation.fan(ranges.name)
        here = fan["month"].dt.strftime("%Y-%m") == month
        if here.any():
            row = fan[here].iloc[0]
            found = Interval(float(row["p5"]), float(row["p50"]), float(row["p95"]))
            chance = float(ranges.simulation.chance_by_month(ranges.name)[here.to_numpy()][0])
        else:
            why = say("the_way_to_the_new", fan=len(fan))
        sign = AHEAD[-1] if ranges.ahead is None else ranges.ahead.reach.sign
        if chance is not None and months > sign:
            chance, why = None, say("which_list_brings_more_cannot")
    speaks = Speaks("impact", REACTIONS, PEOPLE, month)
    name = say("revenue_of_the_new_list", months=months)
    keys = [f"{AFTER_REACTIONS}.{months}_months", *([AFTER_REACTIONS] if months == AHEAD[0] else [])]
    for key in keys:
        yield speaks(key, found, content.base.currency, name=name, why=why)
    name = say("more_than_today_s_list", months=months)
    yield speaks(f"chance_above_today.{months}_months", chance, SHARE, name=name, why=why)


# --- The figures a study comes to, each with its range, unit, basis, population and period


def figures_of(content: ReportContent) -> tuple[ResultFigure, ...]:
    """Return every figure of a study: its money, its customers, its baseline, and those of the stages."""
    found = (
        *_money(content),
        *figures_ahead(content),
        *figures_of_demand(content),
        *_measured(content),
        *_baseline(content),
        *(each for outcome in content.designing for each in _of_stage(outcome, content)),
    )
    return tuple({each.id: each for each in reversed(found)}.values())[::-1]


def _money(content: ReportContent) -> Iterator[ResultFigure]:
    why, no_list = content.why_no_standing, content.why_no_list
    return figures_of_standing(content.standing, content.study.basis, content.base.currency, why=why, no_list=no_list)


def _measured(content: ReportContent) -> Iterator[ResultFigure]:
    """Yield what stages measure beside their key figures."""
    for outcome in content.outcomes:
        for each in outcome.result.measures():
            speaks = Speaks(outcome.stage.key, each.basis, each.population, each.period)
            yield speaks(each.key, _ranged(each.value, each.interval), each.unit, name=each.name, why=each.reason)


def _baseline(content: ReportContent) -> Iterator[ResultFigure]:
    base, stands = content.base, content.standing
    no_revenue = say("no_revenue_is_on_record")
    today = None if stands is None else finite_or_none(stands.revenue_today)
    people = 0 if stands is None else stands.accounts
    period = "" if stands is None else span(stands.months)
    speaks = Speaks("baseline", content.study.basis, f"{count('account', people)} that paid", period)
    yield speaks("accounts", float(people) if people else None, ACCOUNTS, why=no_revenue)
    monthly = None if today is None or stands is None else today * len(stands.months)
    customer_months = 0.0 if stands is None else float(stands.customer_months.sum())
    each = monthly / customer_months if monthly is not None and customer_months else None
    yield speaks("arpa", each, base.currency, why=no_revenue)
    yield speaks("arr", None if today is None else 12 * today, base.currency, why=no_revenue)
    yield from _retention(base)


def _retention(base: CustomerBase) -> Iterator[ResultFigure]:
    try:
        seen = retention(mrr_ledger(base.mrr)) if base.has("mrr") else None
        why = "" if seen else say("no_revenue_is_on_record")
    except MovementsError as error:
        seen, why = None, say("a_year_of_revenue_is", error=error)
    people = "" if seen is None else say("that_paid_at_the_start", accounts=seen.accounts)
    period = "12 months" if seen is None else f"{seen.start_month:%Y-%m} to {seen.end_month:%Y-%m}"
    speaks = Speaks("baseline", "movements of recorded revenue", people, period)
    for key, field in {"nrr": "net", "grr": "gross"}.items():
        yield speaks(key, None if seen is None else getattr(seen, field), SHARE, why=why)
    stayed = None if seen is None else wilson(seen.logo * seen.accounts, seen.accounts)  # nobody left yet is not never
    yield speaks("logo_retention", stayed, SHARE, why=why)


def _of_stage(outcome: StageOutcome, content: ReportContent) -> Iterator[ResultFigure]:
    """Yield a stage's own key figures, by stage and label."""
    for figure in outcome.result.key_figures:
        unit = {"percent": SHARE, "": "number"}.get(figure.unit, figure.unit)
        speaks = Speaks(outcome.stage.key, _basis_of(outcome, figure), figure.population, figure.period)
        usual = figure.interval if figure.interval and figure.interval.level == _LEVEL else None
        key, why = f"{outcome.stage.key}.{slug(figure.label)}", say("does_not_say_it_yet", name=content.scenario.name)
        yield speaks(key, _ranged(figure.value, usual), unit, name=figure.label, why=figure.note or why)


def _ranged(value: float | None, interval: Interval | None) -> float | Interval | None:
    """Return a value with its range, where it has one."""
    return value if value is None or interval is None else replace(interval, estimate=value)


def _basis_of(outcome: StageOutcome, figure: KeyFigure) -> str:
    basis = outcome.result.basis
    stated = "" if basis is None else span(sorted({basis.first_month, basis.last_month} - {""}))
    return stated or figure.period or "decision"


_LEVEL = 0.9
