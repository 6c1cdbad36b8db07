"""The prices that the spread of the tiers, the share of an add-on and the market leave open for each offer of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.rules.checks.anchoring import Bound, add_on_bound, corridor, tier_bound
from workbench.stages.anchoring.meeting import Place, at_home, beside, unserving
from workbench.stages.anchoring.standing import homes_of
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.pricing import PriceBook
    from workbench.rules import Finding, Rulebook
    from workbench.stages.add_ons.core_plan import CorePlan
    from workbench.stages.add_ons.decision import AddOnChoice
    from workbench.stages.anchoring.comparison import ProfileComparison
    from workbench.stages.anchoring.decision import OfferKey
    from workbench.stages.anchoring.list_price import ListPrice
    from workbench.stages.anchoring.standing import Standing

_MARKET = "the market at"


@dataclass(frozen=True, slots=True)
class Corridor:
    """What is left open for one offer of ours; bounds hold for `amount`, in `unit`.

    That is its list price, or, where a bill goes beyond it for usage that is not included, the bill of the profile
    (`in_bills`). `price` is None where the offer has none. `at` names the profile the market was read at, "" where
    none serves.
    `matched` are the vendors it is compared with there; from two on, their prices are a bound.
    """

    offer: str
    kind: str
    at: str
    price: ListPrice | None
    in_bills: bool
    bounds: tuple[Bound, ...]
    matched: tuple[str, ...]
    finding: Finding | None = None

    @property
    def label(self) -> str:
        """Return the offer's name, with the profile where it is judged by its bill."""
        return f"{self.offer} (bill at {self.at})" if self.in_bills else self.offer

    @property
    def amount(self) -> float | None:
        """Return the price the bounds hold for, None where there is none."""
        if self.price is None:
            return None
        return self.price.as_bill(self.price.price) if self.in_bills else self.price.price

    @property
    def unit(self) -> str:
        """Return what the price is for: "per seat and month", or the bill of a profile."""
        if self.price is None:
            return ""
        return f"a month in all at {self.at}" if self.in_bills else f"{per_words(self.price.per)} and month"

    @property
    def bills(self) -> tuple[tuple[str, float | None, float | None], ...]:
        """Return the bounds as label and ends of a bill a month at the profile, for one axis."""
        if self.price is None or self.in_bills or not self.price.units:
            return tuple((bound.label, bound.low, bound.high) for bound in self.bounds)
        price = self.price
        return tuple((bound.label, price.as_bill(bound.low), price.as_bill(bound.high)) for bound in self.bounds)

    @property
    def open(self) -> tuple[float | None, float | None]:
        """Return the lowest and the highest price that all bounds allow; the lowest above the highest: none is."""
        lows = [bound.low for bound in self.bounds if bound.low is not None]
        highs = [bound.high for bound in self.bounds if bound.high is not None]
        return max(lows, default=None), min(highs, default=None)

    @property
    def has_market(self) -> bool:
        """Tell whether competitors' prices are among the bounds."""
        return any(bound.label.startswith(_MARKET) for bound in self.bounds)

    @property
    def contradicts(self) -> bool:
        """Tell whether the bounds leave no price open."""
        low, high = self.open
        return low is not None and high is not None and low > high


def tier_corridors(
    book: PriceBook, standings: Sequence[Standing], *, currency: str, rulebook: Rulebook
) -> tuple[Corridor, ...]:
    """Return the corridor of every tier with a price: what T4 leaves given the others, and the market where judged.

    A tier whose bill goes beyond its list price has a corridor for each profile it is judged at.
    """
    plans = [plan for plan in book.plans if plan.priced]  # a price on request stands in no corridor
    homes = {plan.name: homes_of(plan.name, standings) for plan in plans}
    ladder = _ladder(book)
    found = []
    for plan in plans:
        places = [at_home(plan, each) for each in homes[plan.name]] or unserving(plan.name, ladder)
        apart = any(place.price.grows_beyond for place in places)
        spread = [_spread(plan.name, ladder, rulebook)]
        found += [
            _corridor(plan.name, "tier", together, spread, currency=currency, rulebook=rulebook)
            for together in ([[place] for place in places] if apart else [places])
        ]
    return tuple(found)


def add_on_corridors(
    choices: Sequence[AddOnChoice],
    core: CorePlan,
    matches: Mapping[str, Sequence[OfferKey]],
    comparison: ProfileComparison | None,
    *,
    currency: str,
    rulebook: Rulebook,
) -> tuple[Corridor, ...]:
    """Return the corridor of every add-on: its share of the core plan, and the offers the team matched it with."""
    return tuple(
        _corridor(
            choice.name,
            "add-on",
            [beside(choice, matches, comparison)],
            [add_on_bound(core.price_in(choice.price_per), rulebook=rulebook)],
            currency=currency,
            rulebook=rulebook,
        )
        for choice in choices
    )


def _corridor(
    name: str, kind: str, places: Sequence[Place], rules: Sequence[Bound | None], *, currency: str, rulebook: Rulebook
) -> Corridor:
    in_bills = any(place.price.grows_beyond for place in places)
    markets = [_market_bound(place, in_bills=in_bills) for place in places]
    ruled = [_in_bills(bound, places[-1].price) if in_bills else bound for bound in rules if bound is not None]
    made = Corridor(
        offer=name,
        kind=kind,
        at=", ".join(place.at for place in places if place.at),
        price=places[0].price if places else None,
        in_bills=in_bills,
        bounds=(*ruled, *(bound for bound in markets if bound is not None)),
        matched=tuple(dict.fromkeys(vendor for place in places for vendor in place.vendors)),
    )
    return replace(made, finding=corridor(made.label, made.amount, made.bounds, currency=currency, rulebook=rulebook))


def _market_bound(place: Place, *, in_bills: bool) -> Bound | None:
    label = f"{_MARKET} {place.at}"
    if place.span is None:
        return None
    return Bound(label, *place.span) if in_bills else place.price.bound_from_bills(label, *place.span)


def _in_bills(bound: Bound, price: ListPrice) -> Bound:
    return Bound(bound.label, price.as_bill(bound.low), price.as_bill(bound.high))


def _ladder(book: PriceBook) -> tuple[tuple[float, str, str], ...]:
    """Return price, unit and name of every tier with a price above zero, cheapest first."""
    found = []
    for plan in book.priced_plans:
        charge = plan.charges[0] if plan.charges else None
        if plan.base_fee:
            found.append((float(plan.base_fee), PER_ACCOUNT, plan.name))
        elif charge is not None and charge.model == "per_unit" and charge.unit_price:
            found.append((float(charge.unit_price), charge.metric, plan.name))
    return tuple(sorted(found))


def _spread(name: str, ladder: Sequence[tuple[float, str, str]], rulebook: Rulebook) -> Bound | None:
    """Return what T4 leaves for a tier; None for free tiers, those on request, and units that differ."""
    names = [each for _, _, each in ladder]
    if name not in names or len({per for _, per, _ in ladder}) > 1:
        return None
    return tier_bound(names.index(name), [price for price, _, _ in ladder], rulebook=rulebook)
