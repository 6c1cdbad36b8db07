"""Find prices while somebody waits, or a report is made: in a few seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.search import search_prices
from workbench.demand.search.explore import sampled
from workbench.results import Caution
from workbench.rules import RULEBOOK
from workbench.stages.willingness.finding import find_prices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.demand.search import PriceSearch
    from workbench.demand.search.result import RuleCost
    from workbench.demand.task import ChoiceTask
    from workbench.pricing import PriceBook
    from workbench.rules import Rulebook
    from workbench.stages.willingness.outcome import WillingnessResult

STARTS = 8
STARTS_OF_SAMPLE = 2
ROWS = 4_000
OF_A_DESIGN = "this design's"
_BREAKS_RULES = (
    "The design's own prices bring more than the best under the rules: they break rules the search keeps. What each "
    "rule costs says which."
)


def find_prices_quickly(
    result: WillingnessResult,
    *,
    rulebook: Rulebook = RULEBOOK,
    market: Mapping[str, tuple[float | None, float | None]] | None = None,
    seed: int = 0,
    starts: int = STARTS,
) -> PriceSearch:
    """Return the best prices of a design, from fewer starts; what rules cost is counted on a sample, and says so.

    Prices, what they bring and their gain stand on all customers and draws. The cost of a rule is a share of the value
    on a random sample of ROWS customers and draws, times the value on all. Raises DemandError as `find_prices` does.
    """
    design = result.design
    is_small = design is None or design.task.rows <= ROWS
    found = find_prices(result, rulebook=rulebook, market=market, seed=seed, starts=starts, rule_costs=is_small)
    said = [
        Caution(f"Prices were searched from {found.starts} starts; find_prices in a script takes more of them.", "note")
    ]
    if found.value < found.today_value:
        said.append(Caution(_BREAKS_RULES))
    costs = found.rule_costs
    if design is not None and not is_small:
        small = sampled(design.task, ROWS, np.random.default_rng(seed))
        costs, words = _costs_on(small, design.book, found, seed=seed)
        said.append(Caution(words, "note"))
    return replace(found, whose=OF_A_DESIGN, rule_costs=costs, cautions=(*found.cautions, *said))


def _costs_on(
    sample: ChoiceTask, book: PriceBook, found: PriceSearch, *, seed: int
) -> tuple[tuple[RuleCost, ...], str]:
    """Return what rules cost on a sample, scaled to the value on all, and the sentence that says so."""
    rows = f"{ROWS:,} of {found.of_rows:,} rows (customers and draws), drawn at random"
    try:
        again = search_prices(
            sample, book, found.objective, found.constraints, seed=seed, starts=STARTS_OF_SAMPLE, flat=None
        )
    except DemandError as error:
        return (), f"What each rule costs was asked of {rows}, and no prices were found for them: {error}"
    times = found.value / again.value if again.value else 1.0
    costs = tuple(
        replace(cost, gain=cost.gain * times, value=found.value + cost.gain * times) for cost in again.rule_costs
    )
    return costs, f"What each rule costs was counted on {rows}, and scaled to all: read it as a size, not to the digit."


__all__ = ["find_prices_quickly"]
