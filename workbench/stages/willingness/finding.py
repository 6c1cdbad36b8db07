"""Find prices for a design under its rules, and put them into the design."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.search import PriceConstraints, best_prices
from workbench.formatting import exact_percent
from workbench.results import Caution
from workbench.rules import RULEBOOK
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.willingness.asked_range import asked_bounds, held_fixed, why_not_searched
from workbench.stages.willingness.decision import searched_off
from workbench.stages.willingness.standing import LEAST_KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.demand.search import BestPrices, PriceSearch
    from workbench.rules import Rulebook
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.study import Scenario

_OF_THE_ROOM = (0.5, 0.2)
"""Parts of the accounts that may be lost that a search uses in turn, when the low end of those kept is too low."""


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
    if result.design is None or (why := why_not_searched(result)):
        raise DemandError(result.why_not or why, "Prices are found once somebody can be asked.")
    decision = result.decision
    constraints = PriceConstraints(
        market=dict(market or {}),
        asked=asked_bounds(result),
        fixed={**held_fixed(result), **(fixed or {})},
        ending=decision.ending,
        kept=decision.kept or None,
        off=searched_off(decision, result.scenario.waivers),
        rulebook=rulebook,
    )

    task, book = result.design.task, result.design.book
    search = partial(best_prices, task, book, decision.objective, seed=seed, starts=starts)
    first = search(constraints)
    found, words = first, tuple[Caution, ...]()
    if constraints.kept is not None and _keeps_too_few(first):
        found, words = _keeping_more(first, constraints, search)
    finished = found.finished(rule_costs=rule_costs, flat=flat)
    return replace(finished, cautions=(*words, *finished.cautions))


def _keeping_more(
    first: BestPrices, constraints: PriceConstraints, search: Callable[..., BestPrices]
) -> tuple[BestPrices, tuple[Caution, ...]]:
    """Return prices that keep more accounts on average, so that enough stay at the low end too; the first if none do.

    The team asks for a share kept; whether that share holds is uncertain, and the most profitable prices use up all
    the room there is. What was found before is climbed from.
    """
    asked = constraints.kept or 0.0
    found = first
    for part in _OF_THE_ROOM:
        least = 1 - (1 - asked) * part
        try:
            found = search(replace(constraints, kept=least), near=found)
        except DemandError:
            return first, ()
        if not _keeps_too_few(found):
            words = (
                f"Prices that keep {exact_percent(asked)} of paying accounts on average might keep too few: these were "
                f"searched to keep {exact_percent(round(least, 4))}."
            )
            return found, (Caution(words, "note"),)
    return first, ()


def _keeps_too_few(found: BestPrices) -> bool:
    return bool(np.quantile(found.outcome.kept_by_draw, 0.05) <= LEAST_KEPT)


class Weighed(NamedTuple):
    """What prices bring: as a share of the best found, in the unit of the objective, and what they keep.

    `kept` is the share of accounts paying today that would still pay.
    """

    share: float
    value: float
    kept: float


def weighed(result: WillingnessResult, search: PriceSearch, prices: Mapping[str, float]) -> Weighed:
    """Return what other prices bring and keep beside the best found.

    `prices` are by the names of tiers and add-ons; those not named stay as found.
    """
    from workbench.demand.search.explore import told_draws  # noqa: PLC0415 - loaded with the first search
    from workbench.demand.search.score import value_of  # noqa: PLC0415 - as above

    if result.design is None:
        return Weighed(1.0, search.value, float(search.outcome.kept_by_draw.mean()))
    task, wanted = result.design.task, {**search.prices, **prices}
    fees, add_on_fees = ([wanted.get(name, np.nan) for name in names] for names in (task.plans, task.add_ons))
    outcome = task.outcome(fees, add_on_fees).of_draws(told_draws(task))
    value = value_of(outcome, search.objective)
    return Weighed(value / search.value if search.value else 1.0, value, float(outcome.kept_by_draw.mean()))


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


__all__ = ["Weighed", "find_prices", "weighed", "with_found_prices"]
