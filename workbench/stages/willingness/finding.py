"""Find prices for a design under its rules, and put them into the design."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from workbench.demand.search import PriceConstraints, search_prices
from workbench.rules import RULEBOOK
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.tiers.decision import TierDecision

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
) -> PriceSearch:
    """Return the best prices of a design's tiers and add-ons under the rules its decision keeps.

    `market` holds the corridor of prices per tier or add-on that competitors leave, `fixed` prices that stay. Takes a
    few seconds. Raises DemandError when nobody can be asked or the rules exclude each other.
    """
    from workbench.demand.errors import DemandError  # noqa: PLC0415 - as everything here, from the demand model

    if result.design is None:
        raise DemandError(result.why_not, "Prices are found once somebody can be asked.")
    decision = result.decision
    constraints = PriceConstraints(
        market=dict(market or {}),
        fixed=dict(fixed or {}),
        ending=decision.ending,
        off=frozenset(decision.rules_off),
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
    )


def with_found_prices(scenario: Scenario, prices: Mapping[str, float]) -> Scenario:
    """Return the scenario with prices by the names of tiers and add-ons; others, and free or unpriced ones, stay."""
    tiers, add_ons = scenario.decision(TierDecision), scenario.decision(AddOnDecision)
    priced = tuple(
        tier.replaced(price=_exact(prices[tier.name])) if tier.name in prices and tier.price else tier
        for tier in tiers.tiers
    )
    choices = tuple(
        each.replaced(price=_exact(prices[each.name])) if each.name in prices else each for each in add_ons.add_ons
    )
    changed = scenario.with_decision(tiers.replaced(tiers=priced))
    return changed.with_decision(add_ons.replaced(add_ons=choices)) if choices else changed


def _exact(price: float) -> Decimal:
    return Decimal(str(round(price, 2)))


__all__ = ["find_prices", "with_found_prices"]
