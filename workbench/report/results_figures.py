"""The figures a study comes to, each with its range, unit, basis, population and period: what every page reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count
from workbench.growth import mrr_ledger, retention
from workbench.growth.movements import MovementsError
from workbench.impact.standing import STEEP
from workbench.report.result_figure import ACCOUNTS, SHARE, ResultFigure, Speaks, plain, span
from workbench.report.results_ahead import figures_ahead, figures_of_demand
from workbench.results import Interval
from workbench.stages.add_ons.evaluation import AddOnResult
from workbench.stages.impact_view.evaluation import NET
from workbench.stages.tiers.evaluation import TierResult
from workbench.study import slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.customers import CustomerBase
    from workbench.impact.standing import Standing
    from workbench.report.content import ReportContent
    from workbench.results import KeyFigure
    from workbench.stages.add_ons.outcome import AddOnOutcome
    from workbench.stages.walk import StageOutcome

_LARGEST = 10


def figures_of(content: ReportContent) -> tuple[ResultFigure, ...]:
    """Return every figure of a study: its money, its customers, its baseline, and those of the stages."""
    found = (
        *_money(content),
        *_customers(content),
        *figures_ahead(content),
        *figures_of_demand(content),
        *_offers(content),
        *_baseline(content),
        *(each for outcome in content.outcomes for each in _of_stage(outcome, content)),
    )
    return tuple({each.id: each for each in reversed(found)}.values())[::-1]


def _money(content: ReportContent) -> Iterator[ResultFigure]:
    stands, basis = content.standing, content.study.basis
    if stands is None:
        speaks = Speaks("impact", basis, "", "")
        for key, name in _MONEY:
            yield speaks(key, name, None, content.base.currency, why=content.why_no_standing)
        return
    paying = f"{count('account', stands.accounts)} that paid"
    speaks = Speaks("impact", basis, paying, span(stands.months))
    unit = stands.currency
    no_list = content.why_no_list
    values = {
        "revenue.today": (stands.revenue_today, "No revenue is on record."),
        "revenue.list": (stands.revenue_list, no_list),
        "revenue.net": (stands.revenue_net, no_list),
        "revenue.not_billed": (stands.not_billed, "No revenue is on record."),
        "revenue.without_list_price": (stands.without_list_price, "No revenue is on record."),
    }
    for key, name in _MONEY:
        value, why = values[key]
        yield speaks(key, name, value, unit, why=why)


_MONEY = (
    ("revenue.today", "Revenue today, as paid"),
    ("revenue.list", "Revenue of the new list, before discounts"),
    ("revenue.net", NET),
    ("revenue.not_billed", "Revenue today of accounts the new list has no bill for"),
    ("revenue.without_list_price", "Revenue today of accounts that get a list price for the first time"),
)


def _customers(content: ReportContent) -> Iterator[ResultFigure]:
    stands = content.standing
    compared = 0 if stands is None else int(stands.compared.sum())
    population = f"{count('account', compared)} with a payment on record and a new bill"
    speaks = Speaks("impact", content.study.basis, population, "" if stands is None else span(stands.months))
    why = content.why_no_list or "No account has a payment on record and a new bill."
    steep = None if stands is None else stands.rises_above(STEEP)
    top = None if stands is None else largest_change(stands)
    yield speaks("pay_more.share", "Pay more", None if stands is None else stands.pay_more, SHARE, why=why)
    yield speaks("pay_less.share", "Pay less", None if stands is None else stands.pay_less, SHARE, why=why)
    share = None if steep is None or not compared else float(steep.sum()) / compared
    yield speaks("rise_over_25.share", "Share of bills that rise by more than 25%", share, SHARE, why=why)
    number = None if steep is None or not compared else float(steep.sum())
    yield speaks("rise_over_25.accounts", "Bills that rise by more than 25%", number, ACCOUNTS, why=why)
    unit = content.base.currency
    yield speaks("change.top_ten", "Change of the ten that pay most today", top, unit, why=why)


def largest_change(stands: Standing) -> float | None:
    """Return how much more the ten accounts that pay most today would pay together; None without any compared."""
    places = np.flatnonzero(stands.compared)
    if not len(places):
        return None
    largest = places[np.argsort(-stands.paid[places], kind="stable")][:_LARGEST]
    return float(stands.change[largest].sum())


def _offers(content: ReportContent) -> Iterator[ResultFigure]:
    for outcome in content.outcomes:
        result = outcome.result
        if isinstance(result, TierResult):
            active = len(result.evidence)
            period = result.basis.last_month if result.basis else ""
            speaks = Speaks("tiers", "placed by need", f"of {count('active account', active)}", period)
            for each in result.outcomes:
                name = each.tier.name
                yield speaks(f"tier_share.{name}", f"Placed in {name}", each.share, SHARE, why="Nobody is active.")
        elif isinstance(result, AddOnResult):
            for sold in result.outcomes:
                yield from _add_on(sold.name, sold, content.base.currency)


def _add_on(name: str, outcome: AddOnOutcome, currency: str) -> Iterator[ResultFigure]:
    choice = outcome.choice
    low, high = sorted((choice.attach_low, choice.attach_high))
    who = f"{count('account', outcome.eligibility.count)} eligible now"
    speaks = Speaks("add_ons", "expected share of buyers", who, "a month")
    middle = Interval(low, (low + high) / 2, high)
    yield speaks(f"attach.{name}", f"Buy {name}", middle.estimate, SHARE, range_=middle)
    revenue = outcome.revenue
    yield speaks(
        f"add_on_revenue.{name}",
        f"Revenue of {name}",
        None if revenue is None else revenue.estimate,
        currency,
        range_=revenue,
        why="It has no price, or the data does not say who is eligible.",
    )


def _baseline(content: ReportContent) -> Iterator[ResultFigure]:
    base, stands = content.base, content.standing
    no_revenue = "No revenue is on record."
    today = None if stands is None else plain(stands.revenue_today)
    people = 0 if stands is None else stands.accounts
    period = "" if stands is None else span(stands.months)
    speaks = Speaks("baseline", content.study.basis, f"{count('account', people)} that paid", period)
    yield speaks("accounts", "Paying accounts", float(people) if people else None, ACCOUNTS, why=no_revenue)
    monthly = None if today is None or stands is None else today * len(stands.months)
    customer_months = 0.0 if stands is None else float(stands.customer_months.sum())
    each = monthly / customer_months if monthly is not None and customer_months else None
    yield speaks("arpa", "Revenue per account", each, base.currency, why=no_revenue)
    yield speaks(
        "arr", "Annual recurring revenue", None if today is None else 12 * today, base.currency, why=no_revenue
    )
    yield from _retention(base)


def _retention(base: CustomerBase) -> Iterator[ResultFigure]:
    names = {
        "nrr": ("Net revenue retention", "net"),
        "grr": ("Gross revenue retention", "gross"),
        "logo_retention": ("Accounts retained", "logo"),
    }
    try:
        seen = retention(mrr_ledger(base.mrr)) if base.has("mrr") else None
        why = "" if seen else "No revenue is on record."
    except MovementsError as error:
        seen, why = None, f"A year of revenue is needed: {error}"
    people = "" if seen is None else f"{count('account', seen.accounts)} that paid at the start"
    period = "12 months" if seen is None else f"{seen.start_month:%Y-%m} to {seen.end_month:%Y-%m}"
    speaks = Speaks("baseline", "movements of recorded revenue", people, period)
    for key, (name, field) in names.items():
        yield speaks(key, name, None if seen is None else getattr(seen, field), SHARE, why=why)


def _of_stage(outcome: StageOutcome, content: ReportContent) -> Iterator[ResultFigure]:
    """Yield a stage's own key figures, by stage and label."""
    for figure in outcome.result.key_figures:
        unit = {"percent": SHARE, "": "number"}.get(figure.unit, figure.unit)
        speaks = Speaks(outcome.stage.key, _basis_of(outcome, figure), figure.population, figure.period)
        yield speaks(
            f"{outcome.stage.key}.{slug(figure.label)}",
            figure.label,
            figure.value,
            unit,
            range_=figure.interval if figure.interval and figure.interval.level == _LEVEL else None,
            why=figure.note or f"{content.scenario.name} does not say it yet.",
        )


def _basis_of(outcome: StageOutcome, figure: KeyFigure) -> str:
    basis = outcome.result.basis
    stated = "" if basis is None else span(sorted({basis.first_month, basis.last_month} - {""}))
    return stated or figure.period or "decision"


_LEVEL = 0.9
