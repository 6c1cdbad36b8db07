"""Economic value at each profile, against the price of the next best alternative there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.results import Interval
from workbench.stages.anchoring.economic_value import EconomicValue, economic_value

if TYPE_CHECKING:
    from workbench.stages.anchoring.comparison import ProfileComparison
    from workbench.stages.anchoring.decision import AnchoringDecision


def values_by_profile(
    comparisons: tuple[ProfileComparison, ...], decision: AnchoringDecision, seed: int
) -> dict[str, EconomicValue]:
    """Return the economic value at every profile whose reference price is known, typed or from the data."""
    values = {}
    for each in comparisons:
        reference = _reference_price(each, decision)
        if reference is None:
            continue
        items = [item for item in decision.differentiation if item.profile in ("", each.profile.id)]
        ours = each.our_choice
        values[each.profile.id] = economic_value(
            reference, items, None if ours is None else ours.quote.price, profile=each.profile, seed=seed
        )
    return values


def _reference_price(comparison: ProfileComparison, decision: AnchoringDecision) -> Interval | None:
    """Return the price the team typed for the profile, else that of the reference offer there."""
    typed = decision.reference_prices.get(comparison.profile.id)
    if typed is not None:
        return Interval(typed, typed, typed)
    offer = None if decision.reference is None else comparison.price_of(decision.reference)
    return None if offer is None else offer.price
