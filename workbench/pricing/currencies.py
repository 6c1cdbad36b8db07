"""Price lists in several currencies: converted at dated rates, rounded as each market prices, and typed where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from workbench.errors import ChargeError
from workbench.locales import minor_digits
from workbench.pricing.values import ZERO, Number, decimal_near, decimal_of, exactly, plain

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from workbench.pricing.charge import Charge
    from workbench.pricing.price_book import AddOn, Plan, PriceBook

    Typed = Mapping[tuple[str, str], Decimal]
    """Prices a team has typed, by offer and item: "" for its base fee, else the metric of a price per unit."""

_Offer = TypeVar("_Offer", "Plan", "AddOn")
BASE = ""
_SIGNIFICANT = 2  # digits of a price too small for the steps of its list


@dataclass(frozen=True, slots=True)
class DatedRate:
    """What one unit of a currency is worth in the currency of the study, from a day on.

    Parameters
    ----------
    currency
        Three letters.
    day
        The first day it holds; it does until the next one given.
    worth
        Above zero.

    Raises
    ------
    ChargeError
        When the worth is no number above zero.

    Examples
    --------
    >>> import datetime as dt
    >>> from workbench.pricing import DatedRate
    >>> DatedRate("EUR", dt.date(2024, 1, 1), "1.08").worth
    Decimal('1.08')
    """

    currency: str
    day: dt.date
    worth: Decimal

    if TYPE_CHECKING:

        def __init__(self, currency: str, day: dt.date, worth: Number) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "worth", _above_zero(self.worth, self.currency))


def rate_on(rates: Iterable[DatedRate], currency: str, day: dt.date) -> DatedRate | None:
    """Return the last rate of a currency given up to a day; None where none is: a later one is no knowledge of then.

    Parameters
    ----------
    rates
        The rates given, in any order.
    currency, day
        Which currency, and the last day that counts.

    Returns
    -------
    DatedRate | None
        The rate.

    Examples
    --------
    >>> import datetime as dt
    >>> from workbench.pricing import DatedRate, rate_on
    >>> rates = [DatedRate("EUR", dt.date(2024, month, 1), worth) for month, worth in ((1, "1.08"), (7, "1.10"))]
    >>> [str(rate_on(rates, "EUR", dt.date(2024, 6, day)).worth) for day in (1, 30)]
    ['1.08', '1.08']
    >>> rate_on(rates, "EUR", dt.date(2023, 12, 31)) is None
    True
    """
    given = [each for each in rates if each.currency == currency and each.day <= day]
    return max(given, key=lambda each: each.day, default=None)


@dataclass(frozen=True, slots=True)
class PriceSteps:
    """Which prices a list may show: every so much, and with which ending.

    With a step of 10 and an ending of 9 prices are 9, 19, 29 and so on; with a step of 1 and 0.99 they are 0.99, 1.99.

    Parameters
    ----------
    currency
        Its smallest unit is the step where none is given.
    step
        From one price to the next.
    ending
        What each price ends on, below the step.

    Raises
    ------
    ChargeError
        When a step is no multiple of the currency's smallest unit, or the ending does not fit into it.

    Examples
    --------
    >>> from workbench.pricing import PriceSteps
    >>> charm, round_yen = PriceSteps("EUR", 1, "0.99"), PriceSteps("JPY", 100)
    >>> [str(charm.nearest(each)) for each in ("45.30", "45.49", "45.48")], str(round_yen.nearest("7250"))
    (['44.99', '45.99', '44.99'], '7300')
    """

    currency: str
    step: Decimal = ZERO
    ending: Decimal = ZERO

    if TYPE_CHECKING:

        def __init__(self, currency: str, step: Number = 0, ending: Number = 0) -> None: ...

    def __post_init__(self) -> None:
        smallest = Decimal(1).scaleb(-minor_digits(self.currency))
        step, ending = (decimal_of(getattr(self, name), f"{name} of prices") for name in ("step", "ending"))
        object.__setattr__(self, "step", step or smallest)
        object.__setattr__(self, "ending", ending)
        for name, value in (("step", self.step), ("ending", ending)):
            if value < 0 or value % smallest:
                raise ChargeError(
                    f"The {name} of prices in {self.currency} is {plain(value)}.",
                    f"Give a multiple of {plain(smallest)}, the smallest unit of that currency.",
                )
        if ending and ending >= self.step:
            raise ChargeError(
                f"Prices cannot end on {plain(ending)} with one every {plain(self.step)}.",
                "Give an ending below the step, such as 9 with 10, or 0.99 with 1.",
            )

    def nearest(self, amount: Number | Fraction) -> Decimal:
        """Return the price nearest to an amount, of two as near the higher; nothing stays, and never becomes, nothing.

        An amount below one step has no such price near it: it keeps two significant digits, as a price per call does.
        """
        exact = amount if isinstance(amount, Fraction) else Fraction(decimal_of(amount, "price"))
        if exact <= 0:
            return ZERO
        if exact < self.step:
            near = decimal_near(exact)
            places = Decimal(1).scaleb(near.adjusted() - _SIGNIFICANT + 1)
            return near.quantize(places, ROUND_HALF_UP).normalize() + ZERO
        steps = (exact - Fraction(self.ending)) / Fraction(self.step)
        whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
        with exactly():
            return whole * self.step + self.ending if whole >= 0 else self.ending


def book_in(book: PriceBook, steps: PriceSteps, worth: Number, typed: Typed | None = None, name: str = "") -> PriceBook:
    """Return a price book in another currency: every price converted and rounded, those a team has typed as they are.

    Parameters
    ----------
    book
        In the currency of the study.
    steps
        The currency, and which prices its list may show.
    worth
        What one unit of that currency is worth in the study's.
    typed
        Prices that are not converted, by offer and item: "" for the base fee, a metric for its price per unit.
    name
        Of the new list; the book's own name and the currency where it is empty.

    Returns
    -------
    PriceBook
        The same offers, limits and features; shares and free units stay.

    Raises
    ------
    ChargeError
        When the worth is no number above zero.

    Examples
    --------
    >>> from workbench.pricing import Charge, Plan, PriceBook, PriceSteps, book_in
    >>> team = Plan("Team", 49, charges=[Charge("seats", "per_unit", unit_price="7.50", free_units=3)])
    >>> euros = book_in(PriceBook("list", "USD", [team]), PriceSteps("EUR", 1, "0.99"), "1.08", {("Team", ""): 45})
    >>> str(euros.plan("Team").base_fee), str(euros.plan("Team").charges[0].unit_price), euros.currency
    ('45', '6.99', 'EUR')
    """
    rate = Fraction(_above_zero(worth, steps.currency))
    own = {key: decimal_of(price, "price") for key, price in (typed or {}).items()}

    def price(value: Decimal) -> Decimal:
        return steps.nearest(Fraction(value) / rate)

    def charge(each: Charge, offer: str) -> Charge:
        bands = tuple(
            replace(band, unit_price=price(band.unit_price), flat_fee=price(band.flat_fee)) for band in each.bands
        )
        amounts = {name: price(value) for name in _AMOUNTS if (value := getattr(each, name)) is not None}
        stated = own.get((offer, each.metric))
        if stated is not None and each.unit_price is not None:
            amounts["unit_price"] = stated
        return each.with_(bands=bands, **amounts)

    def converted(offer: _Offer) -> _Offer:
        fee = own.get((offer.name, BASE)) if offer.base_fee else None
        charges = tuple(charge(each, offer.name) for each in offer.charges)
        if fee is None and offer.base_fee is not None:
            fee = price(offer.base_fee)
        return replace(offer, base_fee=fee, charges=charges)

    return replace(
        book,
        name=name or f"{book.name} in {steps.currency}",
        currency=steps.currency,
        plans=tuple(map(converted, book.plans)),
        add_ons=tuple(map(converted, book.add_ons)),
    )


_AMOUNTS = ("unit_price", "package_price", "fixed_fee", "minimum", "maximum")


def _above_zero(worth: Number, currency: str) -> Decimal:
    found = decimal_of(worth, f"rate of {currency}")
    if found <= 0:
        raise ChargeError(f"One {currency} is worth {plain(found)}.", "Give a rate above zero.")
    return found


def prices_of(book: PriceBook) -> dict[tuple[str, str], Decimal]:
    """Return the prices of a list by offer and item: its base fee under "", each price per unit under its metric.

    Parameters
    ----------
    book
        The list.

    Returns
    -------
    dict
        Offer and item to price.

    Examples
    --------
    >>> from workbench.pricing import Charge, Plan, PriceBook, prices_of
    >>> prices_of(PriceBook("list", "USD", [Plan("Team", 20, [Charge("seats", "per_unit", unit_price=9)])]))
    {('Team', ''): Decimal('20'), ('Team', 'seats'): Decimal('9')}
    """
    found: dict[tuple[str, str], Decimal] = {}
    for offer in (*book.plans, *book.add_ons):
        if offer.base_fee:
            found[offer.name, BASE] = offer.base_fee
        for each in offer.charges:
            if each.unit_price:
                found.setdefault((offer.name, each.metric), each.unit_price)
    return found
