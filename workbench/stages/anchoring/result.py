"""What follows from the comparison.

The market at the same usage, price corridors, and economic value to the customer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.tables import SEATS
from workbench.formatting import exact_money
from workbench.impact.billing import bills_at
from workbench.results import Interval
from workbench.rules.anchoring import Bound, add_on_bound, corridor, tier_bound
from workbench.stages.anchoring.evidence import (
    AnchoringEvidence,
    Quote,
    age_in_days,
    converted,
    is_stale,
    middle_profile,
    quote,
)
from workbench.stages.contract import StageResult
from workbench.stages.offers import PER_ACCOUNT, per_words
from workbench.stages.price_book import add_on_of
from workbench.stats import interval_of_draws, normal_reach, stream
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from workbench.pricing.price_book import AddOn, Plan, PriceBook
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.stages.anchoring.decision import AnchoringDecision, Differentiation, OfferKey, UsageProfile
    from workbench.stages.offers import AddOnChoice
    from workbench.stages.placing import CorePlan
    from workbench.stages.price_book import CompetitorOffer

say = texts(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class AnchoringResult(StageResult):
    """The result of the stage competitive anchoring.

    `comparisons` hold every offer at each profile, `standings` each tier of ours where it serves, `corridors` the
    prices left open for each offer, `values` the economic value by profile id (where a reference price is known).
    `offers` are those of the vendors compared; ages are counted to `today`, and prices older than `stale_after` days
    are stale. `add_ons` are ours, names by id, and `core` is the plan that add-ons are held against.
    """

    decision: AnchoringDecision
    evidence: AnchoringEvidence
    book: PriceBook
    profiles: tuple[UsageProfile, ...]
    offers: tuple[CompetitorOffer, ...]
    add_ons: dict[str, str]
    comparisons: tuple[ProfileComparison, ...]
    standings: tuple[MarketStanding, ...]
    corridors: tuple[Corridor, ...]
    values: dict[str, EconomicValue]
    core: CorePlan
    reference: str
    today: date
    stale_after: int

    @property
    def currency(self) -> str:
        """Return the currency of every amount."""
        return self.evidence.currency

    @property
    def value_profile(self) -> UsageProfile | None:
        """Return the profile whose economic value is shown: the one chosen, else the typical one."""
        chosen = (profile for profile in self.profiles if profile.id == self.decision.value_profile)
        return next(chosen, middle_profile(self.profiles))

    @property
    def value(self) -> EconomicValue | None:
        """Return the economic value at the profile shown, None where no reference price is known."""
        profile = self.value_profile
        return None if profile is None else self.values.get(profile.id)

    @property
    def typical(self) -> ProfileComparison | None:
        """Return the comparison at the typical profile."""
        return self.at(middle_profile(self.profiles))

    @property
    def vendors(self) -> tuple[str, ...]:
        """Return the vendors that can be compared at some profile."""
        spans = (each.range for each in self.comparisons)
        return tuple(dict.fromkeys(vendor for span in spans if span is not None for vendor in span.vendors))

    @property
    def homes(self) -> tuple[MarketStanding, ...]:
        """Return where each tier is held against the market first, of those that are."""
        first = (home for name in self.book.plan_names for home in homes_of(name, self.standings)[:1])
        return tuple(home for home in first if home.premium is not None)

    def age(self, offer: CompetitorOffer) -> int:
        """Return how many days ago a price was seen."""
        return age_in_days(offer, self.today)

    def state(self, offer: CompetitorOffer) -> str:
        """Return whether a price is fresh or stale."""
        return "stale" if is_stale(offer, self.today, self.stale_after) else "fresh"

    def at(self, profile: UsageProfile | None) -> ProfileComparison | None:
        """Return the comparison at a profile."""
        return next((each for each in self.comparisons if each.profile == profile), None)


# --- Competitors' offers and ours at the same usage, in the same currency and for one month


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """A competitor's offer at a profile: its price a month as a range, or why it is not compared.

    `counts` tells whether it stands for its vendor: the cheapest plan that serves the profile.
    """

    offer: CompetitorOffer
    price: Interval | None
    quote: Quote
    counts: bool = False


@dataclass(frozen=True, slots=True)
class OurPrice:
    """One of our tiers at a profile; `chosen` tells that it is the cheapest of ours that serves it."""

    plan: Plan
    quote: Quote
    chosen: bool = False

    @property
    def name(self) -> str:
        """Return the tier's name."""
        return self.plan.name


@dataclass(frozen=True, slots=True)
class MarketRange:
    """Lowest, median and highest of the vendors' prices; each is a range where currencies were converted."""

    low: Interval
    median: Interval
    high: Interval
    vendors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfileComparison:
    """Every offer at one usage profile."""

    profile: UsageProfile
    market: tuple[MarketPrice, ...]
    ours: tuple[OurPrice, ...]

    @property
    def counted(self) -> tuple[MarketPrice, ...]:
        """Return the cheapest offer of each vendor that serves the profile."""
        return tuple(price for price in self.market if price.counts)

    @property
    def range(self) -> MarketRange | None:
        """Return the span of the vendors' prices, None when no vendor can be compared."""
        return market_range(self.counted)

    @property
    def our_choice(self) -> OurPrice | None:
        """Return our cheapest tier that serves the profile, None when none with a price does."""
        return next((price for price in self.ours if price.chosen), None)

    def of_ours(self, name: str) -> OurPrice:
        """Return the price of one of our tiers."""
        return next(price for price in self.ours if price.name == name)

    def price_of(self, key: tuple[str, str]) -> MarketPrice | None:
        """Return a competitor's offer at this profile, None when there is no such offer."""
        return next((price for price in self.market if price.offer.key == key), None)


def compare_offers(
    profile: UsageProfile,
    offers: Sequence[CompetitorOffer],
    book: PriceBook,
    decision: AnchoringDecision,
    currency: str,
) -> ProfileComparison:
    """Price every offer at a profile and mark each vendor's cheapest plan, and our cheapest tier, that serves it."""
    market = [_market_price(offer, profile, decision, currency) for offer in offers]
    best: dict[str, MarketPrice] = {}
    for price in market:
        if price.price is None or not price.offer.competes(decision.set_aside):
            continue
        known = best.get(price.offer.vendor)
        if known is None or known.price is None or price.price.estimate < known.price.estimate:
            best[price.offer.vendor] = price
    counted = {id(price) for price in best.values()}
    ours = [(plan, quote(plan, profile.quantities, profile.features)) for plan in book.plans]
    amounts = [np.inf if told.price is None else told.price for _, told in ours]
    place = int(np.argmin(amounts)) if amounts and min(amounts) < np.inf else None
    return ProfileComparison(
        profile=profile,
        market=tuple(MarketPrice(p.offer, p.price, p.quote, counts=id(p) in counted) for p in market),
        ours=tuple(OurPrice(plan, told, chosen=at == place) for at, (plan, told) in enumerate(ours)),
    )


def market_range(prices: Iterable[MarketPrice]) -> MarketRange | None:
    """Return lowest, median and highest of known prices, end by end where they are ranges; None without any."""
    known = [(price.offer.vendor, price.price) for price in prices if price.price is not None]
    if not known:
        return None
    ends = np.array([(price.low, price.estimate, price.high) for _, price in known])
    low, median, high = (Interval(*map(float, of(ends, axis=0))) for of in (np.min, np.median, np.max))
    return MarketRange(low, median, high, tuple(dict.fromkeys(vendor for vendor, _ in known)))


def premium(price: float, over: Interval) -> Interval | None:
    """Return how far a price lies above (below: negative) another, as a share of the other; None over nothing."""
    return None if over.low <= 0 else _share(price, over).changed(lambda share: share - 1)


def _market_price(
    offer: CompetitorOffer, profile: UsageProfile, decision: AnchoringDecision, currency: str
) -> MarketPrice:
    if offer.problem:
        return MarketPrice(offer, None, Quote(None, "not known", offer.problem))
    told = quote(offer.plan, profile.quantities)
    if told.price is None:
        return MarketPrice(offer, None, told)
    price = converted(told.price, offer.currency, currency, decision.rates)
    if price is None:
        return MarketPrice(offer, None, Quote(None, "not known", say("in_and_no_rate_is", currency=offer.currency)))
    return MarketPrice(offer, price, told)


# --- Where each of our tiers is compared, and how far it lies above or below the market there


@dataclass(frozen=True, slots=True)
class MarketStanding:
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


def standings(comparisons: Sequence[ProfileComparison]) -> tuple[MarketStanding, ...]:
    """Return every priced tier at every profile it serves, tier by tier."""
    if not comparisons:
        return ()
    found = []
    for name in (price.name for price in comparisons[0].ours):
        serving = [each for each in comparisons if each.of_ours(name).quote.price is not None]
        homes = [each for each in serving if each.of_ours(name).chosen] or serving[-1:]
        found += [_standing(name, each, is_home=each in homes) for each in serving]
    return tuple(found)


def homes_of(tier: str, all_of_them: Sequence[MarketStanding]) -> tuple[MarketStanding, ...]:
    """Return where a tier is judged."""
    return tuple(each for each in all_of_them if each.tier == tier and each.is_home)


def _standing(tier: str, comparison: ProfileComparison, *, is_home: bool) -> MarketStanding:
    price = comparison.of_ours(tier).quote.price or 0.0
    span = comparison.range
    return MarketStanding(
        tier=tier,
        comparison=comparison,
        price=price,
        is_home=is_home,
        market=span,
        premium=None if span is None else premium(price, span.median),
    )


# --- The price a tier is listed at, and how it becomes the bill of a profile


@dataclass(frozen=True, slots=True)
class ListPrice:
    """A monthly price for each `per` ("account" or a metric); a profile pays it `units` times and `rest` besides.

    `rest` is what the bill adds for usage beyond what is included. `is_bill` tells that there is no list price and the
    bill of the profile stands in for it.
    """

    price: float
    per: str
    units: float
    rest: float = 0.0
    is_bill: bool = False

    @property
    def grows_beyond(self) -> bool:
        """Tell whether a bill is more than the list price times its units, so that each profile is its own case."""
        return self.is_bill or self.rest > 0

    def as_list_price(self, bill: float | None) -> float | None:
        """Return the list price at which the profile would pay this bill, zero at least; None where open."""
        if bill is None:
            return None
        return max(0.0, (bill - self.rest) / self.units) if self.units else None

    def as_bill(self, price: float | None) -> float | None:
        """Return what the profile would pay at this list price; None where open."""
        return None if price is None else bills_at(price, self.units, self.rest)

    def bound_from_bills(self, label: str, low: float, high: float) -> Bound | None:
        """Return a bound on bills as one on the list price; None where the profile uses nothing of the unit."""
        return Bound(label, self.as_list_price(low), self.as_list_price(high)) if self.units else None


def list_price(offer: Plan | AddOn, quantities: Mapping[str, float], bill: float) -> ListPrice:
    """Return the list price of an offer whose bill at these quantities is known.

    It is the base fee, or for an offer without one the price per unit of its first charge. An offer billed on a curve
    has no single list price: the bill of the profile stands in for it.
    """
    fee = float(offer.base_fee or 0)
    if fee or not offer.charges:
        return ListPrice(fee, PER_ACCOUNT, 1.0, bill - fee)
    charge = offer.charges[0]
    if charge.model == "per_unit" and not charge.free_units and charge.unit_price is not None:
        price, units = float(charge.unit_price), quantities[charge.metric]
        return ListPrice(price, charge.metric, units, bill - bills_at(price, units))
    return ListPrice(bill, PER_ACCOUNT, 1.0, is_bill=True)


# --- Where an offer of ours meets the market: a profile, our list price there, and competitors' prices

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


def at_home(plan: Plan, home: MarketStanding) -> Place:
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


# --- The prices that the spread of the tiers

_MARKET = "the market at"
_STANDINGS = {"ok": "inside", "watch": "bounds contradict", "breach": "outside", "unknown": "not known"}


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
        return say("a_month_in_all_at", at=self.at) if self.in_bills else f"{per_words(self.price.per)} and month"

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
    def standing(self) -> str:
        """Return in words where the price stands between its bounds."""
        return _STANDINGS["unknown" if self.finding is None else self.finding.status]

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
    book: PriceBook, standings: Sequence[MarketStanding], *, currency: str, rulebook: Rulebook
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
        spread = [_bound_by_spread(plan.name, ladder, rulebook)]
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


def _bound_by_spread(name: str, ladder: Sequence[tuple[float, str, str]], rulebook: Rulebook) -> Bound | None:
    """Return what T4 leaves for a tier; None for free tiers, those on request, and units that differ."""
    names = [each for _, _, each in ladder]
    if name not in names or len({per for _, per, _ in ladder}) > 1:
        return None
    return tier_bound(names.index(name), [price for price, _, _ in ladder], rulebook=rulebook)


# --- What an offer is worth to a customer

DRAWS = 20_000
LEVEL = 0.9
_REACH = normal_reach(LEVEL)  # standard deviations from the middle to either end of a 90% range


@dataclass(frozen=True, slots=True)
class ValueItem:
    """One thing that sets our offer apart, as its worth a month; negative where the alternative is better.

    `worth` is `each` times `quantity` units of `per`, "account" for what is the same for every customer; `is_counted`
    tells that a team counts those units and no metric does.
    """

    label: str
    worth: Interval
    each: Interval
    quantity: float = 1.0
    per: str = PER_ACCOUNT
    is_counted: bool = False

    def formula(self, currency: str) -> str:
        """Return how the worth comes about: "$12 to $31 per insight generated x 29 = $348 to $899"."""
        each = _ends(self.each, currency)
        if self.per == PER_ACCOUNT:
            return f"{each} per account"
        driver = f"per {self.per}" if self.is_counted else per_words(self.per)
        return say("x", each=each, driver=driver, quantity_=self.quantity, ends=_ends(self.worth, currency))


@dataclass(frozen=True, slots=True)
class EconomicValue:
    """The worth of our offer to one customer a month, as a range, and where our price stands in it.

    `differentiation` is the value beyond the reference price. `over_value` is our price over the value, its range the
    other way round than the value's. `captured` is the share of the differentiation that our price takes, (price -
    reference) / (value - reference): 0 at the price of the alternative, 1 where the customer keeps nothing, below 0
    where we are cheaper than the alternative. `above` is the probability that the price exceeds the value. All are None
    without a price, the shares also where what they are shares of may not be positive. `unmeasured` names items whose
    driver has no quantity at this profile: the value is not known then.
    """

    reference: Interval
    items: tuple[ValueItem, ...]
    total: Interval
    differentiation: Interval
    price: float | None = None
    over_value: Interval | None = None
    captured: Interval | None = None
    above: float | None = None
    unmeasured: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Tell whether anything sets the offer apart and all of it could be worked out here."""
        return bool(self.items) and not self.unmeasured

    @property
    def left(self) -> Interval | None:
        """Return what the customer keeps: value minus price."""
        price = self.price
        return None if price is None else self.total.changed(lambda end: end - price)


def economic_value(
    reference: Interval,
    differentiation: Sequence[Differentiation],
    price: float | None = None,
    *,
    profile: UsageProfile | None = None,
    seed: int = 0,
) -> EconomicValue:
    """Return the economic value over a reference price to the customer of a profile, with its 90% range by simulation.

    Without a profile every item counts once. An item keeps its draws whatever the other items are, so that adding one
    changes the total by that item alone.
    """
    quantities = {each.id: 1.0 if profile is None else each.quantity(profile) for each in differentiation}
    known = [(each, many) for each in differentiation if (many := quantities[each.id]) is not None]
    metrics = {PER_ACCOUNT, ""} | (set() if profile is None else set(profile.quantities))
    items = tuple(_item(each, many, is_counted=each.per not in metrics) for each, many in known)
    apart = np.zeros(DRAWS)
    for (each, many), item in zip(known, items, strict=True):
        apart = apart + many * _draws(item.each, each.id, seed)
    alternative = _draws(reference, "reference price", seed)
    draws = alternative + apart
    beyond = sum(item.worth.estimate for item in items)
    total = _interval_of_draws(draws, reference.estimate + beyond)
    extra = _interval_of_draws(apart, beyond)
    return EconomicValue(
        reference=reference,
        items=items,
        total=total,
        differentiation=extra,
        price=price,
        over_value=None if price is None or total.low <= 0 else _share(price, total),
        captured=None if price is None or extra.low <= 0 else _captured(price, reference, extra, alternative, apart),
        above=None if price is None else float(np.mean(draws < price)),
        unmeasured=tuple(each.label for each in differentiation if quantities[each.id] is None),
    )


def _item(each: Differentiation, quantity: float, *, is_counted: bool) -> ValueItem:
    worth = _range(each.low, each.high)
    times = worth.changed(lambda end: quantity * end)
    return ValueItem(each.label, times, worth, quantity, each.per or PER_ACCOUNT, is_counted)


def _captured(
    price: float, reference: Interval, extra: Interval, alternative: NDArray[np.float64], apart: NDArray[np.float64]
) -> Interval:
    taken = (price - alternative) / np.where(apart > 0, apart, np.nan)
    return _interval_of_draws(taken[np.isfinite(taken)], (price - reference.estimate) / extra.estimate)


def _interval_of_draws(draws: NDArray[np.float64], middle: float) -> Interval:
    found = interval_of_draws(draws, middle, LEVEL)
    return Interval(min(found.low, middle), middle, max(found.high, middle), LEVEL)


def _range(low: float, high: float) -> Interval:
    first, last = sorted((low, high))
    return Interval(first, (first + last) / 2, last, LEVEL)


def _draws(worth: Interval, name: str, seed: int) -> NDArray[np.float64]:
    if worth.low == worth.high:
        return np.full(DRAWS, worth.estimate)
    random = stream(seed, name)
    spread = (worth.high - worth.low) / 2 / _REACH
    return (worth.low + worth.high) / 2 + spread * random.standard_normal(DRAWS)


def _share(price: float, total: Interval) -> Interval:
    return Interval(price / total.high, price / total.estimate, price / total.low, total.level)


def _ends(worth: Interval, currency: str) -> str:
    low, high = exact_money(worth.low, currency), exact_money(worth.high, currency)
    return low if worth.low == worth.high else f"{low} to {high}"


# --- Economic value at each profile, against the price of the next best alternative there


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


# --- What the comparison depends on


def relevant_metrics(result: AnchoringResult) -> tuple[str, ...]:
    """Return the metrics that decide a bill or a limit of any offer: those the profiles state first, then others.

    Seats are among them wherever they are known, because prices are also shown per seat.
    """
    wanted = {metric for offer in result.offers for metric in offer.metrics}
    for plan in result.book.plans:
        wanted |= {charge.metric for charge in plan.charges} | {limit.metric for limit in plan.limits}
    stated = dict.fromkeys(metric for profile in result.profiles for metric in profile.quantities)
    known = [metric for metric in stated if metric in wanted or metric == SEATS]
    return (*(known or stated), *sorted(wanted - set(stated)))


def foreign_currencies(offers: Iterable[CompetitorOffer], own: str) -> tuple[str, ...]:
    """Return the currencies of priced offers that need a rate, in the order they appear."""
    return tuple(dict.fromkeys(each.currency for each in offers if each.plan.priced and each.currency != own))
