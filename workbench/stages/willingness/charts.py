"""The figures of willingness to pay, of who buys what, and of prices found: one function each for panel and report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.demand.fees import fee_of
from workbench.stages.willingness import (
    charts_choice,
    charts_demand,
    charts_features,
    charts_price_ladder,
    charts_price_segments,
    charts_price_sensitivity,
    charts_search,
)
from workbench.stages.willingness.charts_price_lines import line_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.demand.search import PriceSearch
    from workbench.stages.figure import Figure
    from workbench.stages.willingness.answers import ResearchAnswers
    from workbench.stages.willingness.outcome import WillingnessResult


def method_figures(answers: ResearchAnswers, method: str) -> tuple[Figure, ...]:
    """Return the figures of one research method, none where its answers are missing or cannot be used."""
    makers: Mapping[str, Callable[[ResearchAnswers, Any], tuple[Figure, ...]]] = {
        "price_sensitivity": _sensitivity,
        "price_ladder": lambda answers, found: charts_price_ladder.figures(found, answers.currency),
        "choices": lambda answers, found: charts_choice.figures(found, answers.currency),
        "best_worst": lambda _, found: charts_features.figures(maxdiff=found),
        "feature_fit": lambda _, found: charts_features.figures(kano=found),
        "features": lambda _, found: charts_features.figures(values=found),
    }
    found = getattr(answers, method)
    return () if found is None else makers[method](answers, found)


def demand_figures(result: WillingnessResult) -> tuple[Figure, ...]:
    """Return who buys what, what tiers take from each other, and how well today's plans are explained."""
    design = result.design
    if design is None:
        return ()
    demand = design.sourced.demand
    found = [charts_demand.buyers_figure(demand, design.book, design.task)]
    if len(design.priced) > 1:
        found.append(charts_demand.flows_figure(design.flows, result.currency))
    if design.sourced.fit is not None:
        found.append(charts_demand.fit_figure(design.sourced.fit, result.currency))
    return tuple(found)


def price_figures(result: WillingnessResult, plan: str, *, draggable: bool = False) -> tuple[Figure, ...]:
    """Return share and revenue against the price of one tier, none where it has no price to move.

    On a live panel the price can be dragged in the chart (`draggable`).
    """
    design = result.design
    if design is None or plan not in design.priced:
        return ()
    fee = fee_of(design.book.plan(plan))
    notes = charts_demand.assumptions(design.sourced.demand)
    return line_figures(
        design.line(plan, keep=draggable),
        fee.amount,
        result.currency,
        per=fee.per,
        curve=design.curve(plan) if draggable else None,
        notes=notes,
        draggable=draggable,
    )


def search_figures(search: PriceSearch, *, with_prices: bool = True) -> tuple[Figure, ...]:
    """Return room to move, cost of each rule, other peaks and gain of prices found.

    Where the prices are not recommended they are not to be read off a chart: `with_prices` False leaves what the rules
    cost.
    """
    return charts_search.figures(search) if with_prices else charts_search.rule_figures(search)


def _sensitivity(answers: ResearchAnswers, found: Any) -> tuple[Figure, ...]:  # noqa: ANN401 - as asked for above
    figures = charts_price_sensitivity.figures(found, answers.currency)
    if answers.sensitivity_by_segment is None:
        return figures
    return (*figures, *charts_price_segments.segment_figures(answers.sensitivity_by_segment, answers.currency))


__all__ = ["demand_figures", "method_figures", "price_figures", "search_figures"]
