"""Where each of our tiers is compared, and how far it lies above or below the market there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.stages.anchoring.comparison import premium

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.results import Interval
    from workbench.stages.anchoring.comparison import MarketRange, ProfileComparison


@dataclass(frozen=True, slots=True)
class Standing:
    """One tier at a profile it serves: our price a month, the market's range there and the premium on its median.

    `is_home` tells that the tier is judged here: it is the cheapest of ours for this customer, or, where it is the
    cheapest for none, the largest profile it serves. `market` and `premium` are None where no vendor can be compared.
    """

    tier: str
    comparison: ProfileComparison
    price: float
    is_home: bool
    market: MarketRange | None
    premium: Interval | None

    @property
    def at(self) -> str:
        """Return the name of the profile."""
        return self.comparison.profile.name


def standings(comparisons: Sequence[ProfileComparison]) -> tuple[Standing, ...]:
    """Return every priced tier at every profile it serves, tier by tier."""
    if not comparisons:
        return ()
    found = []
    for name in (price.name for price in comparisons[0].ours):
        serving = [each for each in comparisons if each.of_ours(name).quote.price is not None]
        homes = [each for each in serving if each.of_ours(name).chosen] or serving[-1:]
        found += [_standing(name, each, is_home=each in homes) for each in serving]
    return tuple(found)


def homes_of(tier: str, all_of_them: Sequence[Standing]) -> tuple[Standing, ...]:
    """Return where a tier is judged."""
    return tuple(each for each in all_of_them if each.tier == tier and each.is_home)


def _standing(tier: str, comparison: ProfileComparison, *, is_home: bool) -> Standing:
    price = comparison.of_ours(tier).quote.price or 0.0
    span = comparison.range
    return Standing(
        tier=tier,
        comparison=comparison,
        price=price,
        is_home=is_home,
        market=span,
        premium=None if span is None else premium(price, span.median),
    )
