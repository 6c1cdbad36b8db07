"""What a price search found: prices, what they bring, how sure that is, and what a strategist can still choose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, TypeVar

from workbench.demand.errors import DemandError
from workbench.demand.fees import fee_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from workbench.demand.outcome import Outcome
    from workbench.demand.search.constraints import PriceConstraints
    from workbench.demand.search.flat import FlatRegion
    from workbench.demand.search.gain import Gain
    from workbench.demand.search.score import Objective
    from workbench.pricing import AddOn, Plan, PriceBook
    from workbench.results import Caution

_Kind = TypeVar("_Kind", "Plan", "AddOn")
_FINEST = Decimal("0.000001")


@dataclass(frozen=True, eq=False)
class LocalPeak:
    """Prices from which no move tried leads up: a place where a search with one start could have ended."""

    prices: Mapping[str, float]
    value: float


@dataclass(frozen=True, eq=False)
class RuleCost:
    """What the objective gains when one rule is switched off and prices are searched again.

    `rule` is "all" for switching off everything at once. `value` is what the prices found without it bring.
    """

    rule: str
    name: str
    gain: float
    value: float
    prices: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceSearch:
    """The best prices found for tiers and add-ons, per month, with everything needed to judge them.

    `prices` and `today` hold the monthly price of every plan and add-on on offer, searched or not; `searched` names
    those that were searched. `value` and `today_value` are the objective at both: money per month, or the share of
    accounts that buy (objective "share"). `peaks` are the distinct local peaks, the best first. `looks` counts looks
    at all customers searched on (`rows` of them), `looks_at_part` those at a small sample. `agreeing` of `starts`
    ended as high as the best one. `flat` and `rule_costs` are empty when they were not asked for. `whose` says in words
    whose prices `today` holds: "this design's" for a design that is not on sale yet.
    """

    currency: str
    objective: Objective
    constraints: PriceConstraints
    plans: tuple[str, ...]
    add_ons: tuple[str, ...]
    searched: tuple[str, ...]
    prices: Mapping[str, float]
    today: Mapping[str, float]
    value: float
    today_value: float
    outcome: Outcome
    today_outcome: Outcome
    peaks: tuple[LocalPeak, ...]
    rule_costs: tuple[RuleCost, ...]
    flat: FlatRegion | None
    gain: Gain
    starts: int
    agreeing: int
    looks: int
    looks_at_part: int
    rows: int
    of_rows: int
    cautions: tuple[Caution, ...]
    whose: str = "today's"

    @property
    def reading(self) -> str:
        """Return what was found in a few plain sentences."""
        from workbench.demand.search.words import reading  # noqa: PLC0415 - words are made when somebody reads them

        return reading(self)

    @property
    def price_table(self) -> pd.DataFrame:
        """Return one row per plan and add-on: today's price, the found one, its flat range, buyers then and now."""
        from workbench.demand.search.words import price_table  # noqa: PLC0415 - as above

        return price_table(self)

    @property
    def rule_table(self) -> pd.DataFrame:
        """Return one row per rule: what switching it off gains, and the prices that brings."""
        from workbench.demand.search.words import rule_table  # noqa: PLC0415 - as above

        return rule_table(self)

    @property
    def peak_table(self) -> pd.DataFrame:
        """Return one row per local peak: its prices and what they bring."""
        from workbench.demand.search.words import peak_table  # noqa: PLC0415 - as above

        return peak_table(self)


def with_prices(price_book: PriceBook, search: PriceSearch | Mapping[str, float]) -> PriceBook:
    """Return the price book with found prices, by plan and add-on name; everything else stays.

    A price is the base fee, or the unit price of an offer sold by units (as in `workbench.demand.fees`). Prices are
    kept to a millionth; ask the search for an ending to have prices for a price list. DemandError when a name is
    neither a plan nor an add-on.
    """
    prices = search if not isinstance(search, PriceSearch) else {name: search.prices[name] for name in search.searched}
    names = {each.name for each in (*price_book.plans, *price_book.add_ons)}
    for name in prices:
        if name not in names:
            raise DemandError(
                f"There is a price for {name!r}, which the price book does not have.",
                f"It has {', '.join(sorted(names))}.",
            )

    def priced(offer: _Kind) -> _Kind:
        if offer.name not in prices:
            return offer
        price, place = _decimal(prices[offer.name]), fee_of(offer).charge
        if place < 0:
            return replace(offer, base_fee=price)
        charges = [replace(each, unit_price=price) if at == place else each for at, each in enumerate(offer.charges)]
        return replace(offer, charges=tuple(charges))

    return replace(
        price_book,
        plans=tuple(priced(plan) for plan in price_book.plans),
        add_ons=tuple(priced(add_on) for add_on in price_book.add_ons),
    )


def _decimal(price: float) -> Decimal:
    exact = Decimal(repr(float(price))).quantize(_FINEST, rounding=ROUND_HALF_UP).normalize()
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact
