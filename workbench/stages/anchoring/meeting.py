"""Where an offer of ours meets the market: a profile, our list price there, and competitors' prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.stages.anchoring.comparison import market_range
from workbench.stages.anchoring.list_price import ListPrice, list_price
from workbench.stages.anchoring.quotes import quote
from workbench.stages.price_book import add_on_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.pricing import Plan
    from workbench.stages.add_ons.decision import AddOnChoice
    from workbench.stages.anchoring.comparison import MarketPrice, ProfileComparison
    from workbench.stages.anchoring.decision import OfferKey
    from workbench.stages.anchoring.standing import Standing

FEWEST_VENDORS = 2
"""One vendor's price is a point, not a range that could leave prices open."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an offer meets the market: the profile's name, our list price there, competitors' prices."""

    at: str
    price: ListPrice
    market: tuple[MarketPrice, ...] = ()

    @property
    def vendors(self) -> tuple[str, ...]:
        """Return the vendors met here."""
        return tuple(dict.fromkeys(each.offer.vendor for each in self.market))

    @property
    def span(self) -> tuple[float, float] | None:
        """Return the lowest and highest bill the market asks; None with fewer than two vendors."""
        found = market_range(self.market)
        return None if found is None or len(found.vendors) < FEWEST_VENDORS else (found.low.low, found.high.high)


def at_home(plan: Plan, home: Standing) -> Place:
    """Return where a tier is judged."""
    price = list_price(plan, home.comparison.profile.quantities, home.price)
    return Place(home.at, price, home.comparison.counted)


def unserving(name: str, ladder: Sequence[tuple[float, str, str]]) -> list[Place]:
    """Return the list price of a tier that serves no profile, nothing where it has none."""
    return [Place("", ListPrice(price, per, 1.0)) for price, per, each in ladder if each == name]


def beside(
    choice: AddOnChoice, matches: Mapping[str, Sequence[OfferKey]], comparison: ProfileComparison | None
) -> Place:
    """Return where an add-on is judged: at the typical profile, beside the offers the team matched it with."""
    offer = add_on_of(choice)
    told = None if comparison is None else quote(offer, comparison.profile.quantities).price
    if comparison is None or told is None:
        return Place("", ListPrice(float(choice.price), choice.price_per, 0.0))
    price = list_price(offer, comparison.profile.quantities, told)
    return Place(comparison.profile.name, price, matched(choice, matches, comparison))


def matched(
    choice: AddOnChoice, matches: Mapping[str, Sequence[OfferKey]], comparison: ProfileComparison
) -> tuple[MarketPrice, ...]:
    """Return the competitors' offers the team matched with an add-on that have a price at the profile."""
    keys = matches.get(choice.id, ())
    return tuple(each for each in comparison.market if each.offer.key in keys and each.price is not None)
