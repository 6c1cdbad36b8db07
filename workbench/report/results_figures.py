"""The figures a study comes to, each with its range, unit, basis, population and period: what every page reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count
from workbench.growth import mrr_ledger, retention
from workbench.growth.movements import MovementsError
from workbench.report.result_figure import ACCOUNTS, SHARE, ResultFigure, Speaks, figures_of_standing, plain, span
from workbench.report.results_ahead import figures_ahead, figures_of_demand
from workbench.results import Interval
from workbench.stages.add_ons.evaluation import AddOnResult
from workbench.stages.tiers.evaluation import TierResult
from workbench.study import slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.customers import CustomerBase
    from workbench.report.content import ReportContent
    from workbench.results import KeyFigure
    from workbench.stages.add_ons.outcome import AddOnOutcome
    from workbench.stages.walk import StageOutcome


def figures_of(content: ReportContent) -> tuple[ResultFigure, ...]:
    """Return every figure of a study: its money, its customers, its baseline, and those of the stages."""
    found = (
        *figures_of_standing(
            content.standing,
            content.study.basis,
            content.base.currency,
            why=content.why_no_standing,
            no_list=content.why_no_list,
        ),
        *figures_ahead(content),
        *figures_of_demand(content),
        *_offers(content),
        *_baseline(content),
        *(each for outcome in content.outcomes for each in _of_stage(outcome, content)),
    )
    return tuple({each.id: each for each in reversed(found)}.values())[::-1]


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
