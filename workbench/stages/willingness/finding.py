"""Find prices for a design under its rules, and put them into the design."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.search import PriceConstraints, search_prices
from workbench.rules import RULEBOOK
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.willingness.asked_range import asked_bounds, held_fixed, why_not_searched
from workbench.stages.willingness.decision import searched_off

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.demand.search import PriceSearch
    from workbench.rules import Rulebook
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.study import Scenario


def find_prices(
    result: WillingnessResult,
    *,
    rulebook: Rulebook = RULEBOOK,
    market: Mapping[str, tuple[float | None, float | None]] | None = None,
    fixed: Mapping[str, float] | None = None,
    seed: int = 0,
    starts: int = 24,
    rule_costs: bool = True,
    flat: float | None = 0.01,
) -> PriceSearch:
    """Return the best prices of a design's tiers and add-ons under the rules its decision keeps.

    `market` holds the corridor of prices per tier or add-on that competitors leave, `fixed` prices that stay; so do
    prices for a unit nobody was asked about, and none is found beyond what was asked or paid. Takes a few seconds.
    Raises DemandError when answers say nothing, nobody was asked, or the rules exclude each other.
    """
    from workbench.demand.errors import DemandError  # noqa: PLC0415 - as everything here, from the demand model

    if result.design is None or (why := why_not_searched(result)):
        raise DemandError(result.why_not or why, "Prices are found once somebody can be asked.")
    decision = result.decision
    constraints = PriceConstraints(
        market=dict(market or {}),
        bounds=asked_bounds(result),
        fixed={**held_fixed(result), **(fixed or {})},
        ending=decision.ending,
        kept=decision.kept or None,
        off=searched_off(decision, result.scenario.waivers),
        rulebook=rulebook,
    )
    return search_prices(
        result.design.task,
        result.design.book,
        decision.objective,
        constraints,
        seed=seed,
        starts=starts,
        rule_costs=rule_costs,
        flat=flat,
    )


def kept_of_the_best(
    result: WillingnessResult, search: PriceSearch, prices: Mapping[str, float]
) -> tuple[float, float]:
    """Return what other prices bring as a share of the best found, and in the unit of the objective.

    `prices` are by the names of tiers and add-ons; those not named stay as found.
    """
    from workbench.demand.search.score import value_of  # noqa: PLC0415 - loaded with the first search

    if result.design is None:
        return 1.0, search.value
    task, wanted = result.design.task, {**search.prices, **prices}
    fees, add_on_fees = ([wanted.get(name, np.nan) for name in names] for names in (task.plans, task.add_ons))
    value = value_of(task.outcome(fees, add_on_fees, by_draw=False), search.objective)
    return (value / search.value if search.value else 1.0), value


def with_found_prices(scenario: Scenario, prices: Mapping[str, float]) -> Scenario:
    """Return the scenario with prices by the names of tiers and add-ons; others, and free or unpriced ones, stay."""
    tiers, add_ons = scenario.decision(TierDecision), scenario.decision(AddOnDecision)
    priced = tuple(
        tier.replaced(price=_exact(prices[tier.name])) if tier.name in prices and tier.price else tier
        for tier in tiers.tiers
    )
    choices = tuple(
        each.replaced(price=_exact(prices[each.name])) if each.name in prices and each.price else each
        for each in add_ons.add_ons
    )
    changed = scenario.with_decision(tiers.replaced(tiers=priced)) if priced else scenario
    return changed.with_decision(add_ons.replaced(add_ons=choices)) if choices else changed


def _exact(price: float) -> Decimal:
    """Return a price as a person writes it: to a cent, or to a millionth where a unit costs less than one."""
    return Decimal(f"{round(price, 2 if price >= 1 else 6):.12g}")


__all__ = ["find_prices", "kept_of_the_best", "with_found_prices"]
