"""The terms of a charge, refused where nobody could bill them, and the schedule every evaluation reads."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from workbench.errors import ChargeError
from workbench.pricing.values import (
    AS_MEASURED,
    HUNDRED_PERCENT,
    ZERO,
    Document,
    Factor,
    Number,
    Ratio,
    decimal_of,
    decimal_or_none,
    exactly,
    factor_of,
    float_near,
    plain,
    shown,
    tuple_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# --- Refuse charges nobody can bill, each with a sentence that says what to change

_NEEDS = {
    "flat": ("fixed_fee",),
    "per_unit": ("unit_price",),
    "graduated": ("bands",),
    "volume": ("bands",),
    "package": ("package_size", "package_price"),
    "percentage": ("rate_percent",),
    "graduated_percentage": ("bands",),
}
_MAY_HAVE = {"percentage": ("fixed_fee",)}
_MODEL_FIELDS = ("unit_price", "bands", "package_size", "package_price", "rate_percent", "fixed_fee")
_NOT_NEGATIVE = ("unit_price", "package_price", "rate_percent", "fixed_fee", "free_units", "minimum", "maximum")
_BELOW_ZERO = ("refuse", "zero", "credit")
# The words billing engines use for the same three roundings.
_ROUNDINGS = {
    "up": "up",
    "ceil": "up",
    "down": "down",
    "floor": "down",
    "nearest": "nearest",
    "round": "nearest",
    "half_up": "nearest",
    "none": None,
    None: None,
}


def read_rounding(rounding: str | None) -> str | None:
    """Return up, down, nearest or None, whatever word was used for it."""
    if not isinstance(rounding, str | None) or rounding not in _ROUNDINGS:
        raise ChargeError(f"The rounding is {shown(rounding)}.", "Choose up, down or nearest, or leave it out.")
    return _ROUNDINGS[rounding]


def _check_fields(charge: ChargeTerms) -> None:
    where = _where(charge)
    for name in _NEEDS[charge.model]:
        value = getattr(charge, name)
        if value is None or value == ():
            raise ChargeError(f"{where} has no {_words(name)}.", f"Give {name}; the {charge.model} model needs it.")
    used = (*_NEEDS[charge.model], *_MAY_HAVE.get(charge.model, ()))
    for name in _MODEL_FIELDS:
        value = getattr(charge, name)
        if name not in used and value is not None and value != ():
            raise ChargeError(
                f"{where} has a {_words(name)}, which the {charge.model} model does not use.",
                f"Remove {name}, or choose a model that uses it; {charge.model} uses {', '.join(used)}.",
            )


def _check_signs(charge: ChargeTerms) -> None:
    where = _where(charge)
    for name in _NOT_NEGATIVE:
        value = getattr(charge, name)
        if value is not None and value < 0:
            raise ChargeError(
                f"{where} has the {_words(name)} {plain(value)}, which is negative.", "Set it to zero or more."
            )
    for name in ("package_size", "unit_factor"):
        value = getattr(charge, name)
        if value is not None and value <= 0:
            raise ChargeError(f"{where} has the {_words(name)} {value}.", "Set it above zero.")


def _check_range(charge: ChargeTerms) -> None:
    where = _where(charge)
    if not ZERO <= charge.discount_percent <= HUNDRED_PERCENT:
        raise ChargeError(
            f"{where} has a discount of {plain(charge.discount_percent)}%.", "Choose a discount from 0 to 100."
        )
    low, high = charge.minimum, charge.maximum
    if low is not None and high is not None and low > high:
        raise ChargeError(
            f"{where} has the minimum {plain(low)} above the maximum {plain(high)}.",
            "Lower the minimum or raise the maximum.",
        )


def _check_choices(charge: ChargeTerms) -> None:
    where = _where(charge)
    if not isinstance(charge.below_zero, str) or charge.below_zero not in _BELOW_ZERO:
        raise ChargeError(
            f"{where} says {shown(charge.below_zero)} of quantities below zero.", f"Choose {', '.join(_BELOW_ZERO)}."
        )
    if charge.below_zero == "credit" and charge.model == "flat":
        raise ChargeError(f"{where} has no price per unit, so it credits nothing.", 'Set below_zero to "zero".')
    if charge.package_rounding != "up" and charge.model != "package":
        raise ChargeError(
            f"{where} has a package rounding, which the {charge.model} model does not use.",
            "Remove package_rounding; rounding rounds units.",
        )


def _check_bands(charge: ChargeTerms) -> None:
    where = _where(charge)
    wrong = "unit_price" if charge.model == "graduated_percentage" else "rate_percent"
    right = "rate_percent" if charge.model == "graduated_percentage" else "unit_price"
    reached = ZERO
    for place, band in enumerate(charge.bands, start=1):
        if getattr(band, wrong):
            raise ChargeError(
                f"Band {place} of {where} has a {_words(wrong)}, which the {charge.model} model does not use.",
                f"Put the price into {right}.",
            )
        last = place == len(charge.bands)
        if band.up_to is None:
            if not last:
                raise ChargeError(
                    f"Band {place} of {where} is open at the end, but more bands follow it.",
                    "Give it an upper bound, or remove the bands after it.",
                )
            continue
        if band.up_to <= reached:
            raise ChargeError(
                f"Band {place} of {where} ends at {plain(band.up_to)}, not above {plain(reached)} "
                "where the band before it ends.",
                "Put the bands in rising order.",
            )
        reached = band.up_to


def _where(charge: ChargeTerms) -> str:
    return f"the {charge.model} charge on {charge.metric}"


def _words(name: str) -> str:
    return name.replace("_", " ")


# --- The terms of a charge, each checked: what is counted, how it is priced, rounded, discounted and bounded

ChargeModel = Literal["flat", "per_unit", "graduated", "volume", "package", "percentage", "graduated_percentage"]
Rounding = Literal["up", "down", "nearest"]
BelowZero = Literal["refuse", "zero", "credit"]


@dataclass(frozen=True, slots=True)
class Band(Document):
    """One step of a charge: up to and including `up_to` units (None: open at the end).

    Above a last band that ends there is no price: `amount` refuses such a quantity, and in arrays it is unknown.

    Parameters
    ----------
    up_to
        Last unit of the band, counted from zero; None for the open end.
    unit_price
        Amount per unit that falls into the band.
    flat_fee
        Due once the band is entered.
    rate_percent
        For graduated_percentage only: percent of the quantity that falls into the band.

    Raises
    ------
    ChargeError
        When a number is no number.

    Examples
    --------
    >>> from workbench.pricing import Band, Charge
    >>> charge = Charge("GB", "graduated", bands=[Band(100, 0, flat_fee=20), Band(None, "0.15")])
    >>> charge.amount(100), charge.amount(140)
    (Decimal('20'), Decimal('26'))
    """

    up_to: Decimal | None
    unit_price: Decimal = ZERO
    flat_fee: Decimal = ZERO
    rate_percent: Decimal = ZERO

    if TYPE_CHECKING:  # callers may give any number; the fields always hold decimals

        def __init__(
            self, up_to: Number | None, unit_price: Number = 0, flat_fee: Number = 0, rate_percent: Number = 0
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "up_to", decimal_or_none(self.up_to, "upper bound of a band"))
        for name in ("unit_price", "flat_fee", "rate_percent"):
            words = f"{name.replace('_', ' ')} of a band"
            object.__setattr__(self, name, decimal_of(getattr(self, name), words))
        for name in ("unit_price", "flat_fee", "rate_percent"):
            if getattr(self, name) < 0:
                raise ChargeError(
                    f"A band has the {_words(name)} {plain(getattr(self, name))}, and prices cannot be negative.",
                    "Set it to zero or more; use discount_percent on the charge to take something off.",
                )
        if self.up_to is not None and self.up_to <= 0:
            raise ChargeError(
                f"A band ends at {plain(self.up_to)}, so no unit falls into it.",
                "Set its upper bound above zero, or remove the band.",
            )


@dataclass(frozen=True, slots=True)
class ChargeTerms(Document):
    """What a charge says, each term checked; `Charge`, which explains them, bills by them."""

    _nested: ClassVar[Mapping[str, type[Document]]] = MappingProxyType({"bands": Band})

    metric: str
    model: ChargeModel
    unit_price: Decimal | None = None
    bands: tuple[Band, ...] = ()
    package_size: Decimal | None = None
    package_price: Decimal | None = None
    rate_percent: Decimal | None = None
    fixed_fee: Decimal | None = None
    free_units: Decimal = ZERO
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    discount_percent: Decimal = ZERO
    unit_factor: Factor = AS_MEASURED
    rounding: Rounding | None = None
    first_flat_fee_at_zero: bool = True
    package_rounding: Rounding = "up"
    below_zero: BelowZero = "refuse"

    if TYPE_CHECKING:  # callers may give any number; the fields always hold decimals

        def __init__(
            self,
            metric: str,
            model: str,
            *,
            unit_price: Number | None = None,
            bands: Iterable[Band] = (),
            package_size: Number | None = None,
            package_price: Number | None = None,
            rate_percent: Number | None = None,
            fixed_fee: Number | None = None,
            free_units: Number = 0,
            minimum: Number | None = None,
            maximum: Number | None = None,
            discount_percent: Number = 0,
            unit_factor: Ratio = 1,
            rounding: str | None = None,
            first_flat_fee_at_zero: bool = True,
            package_rounding: str = "up",
            below_zero: str = "refuse",
        ) -> None: ...

    def __post_init__(self) -> None:
        optional = ("unit_price", "package_size", "package_price", "rate_percent", "fixed_fee", "minimum", "maximum")
        for name in optional:
            object.__setattr__(self, name, decimal_or_none(getattr(self, name), name.replace("_", " ")))
        for name in ("free_units", "discount_percent"):
            object.__setattr__(self, name, decimal_of(getattr(self, name), name.replace("_", " ")))
        object.__setattr__(self, "unit_factor", factor_of(self.unit_factor, "unit factor"))
        object.__setattr__(self, "bands", tuple_of(self.bands or (), f"bands of {self.metric}", Band))
        object.__setattr__(self, "rounding", read_rounding(self.rounding))
        object.__setattr__(self, "package_rounding", read_rounding(self.package_rounding) or "up")
        if not isinstance(self.metric, str) or not self.metric.strip():
            raise ChargeError(f"The metric is {shown(self.metric)}.", "Name what the charge counts, such as seats.")
        if not isinstance(self.model, str) or self.model not in _NEEDS:
            raise ChargeError(f"There is no charge model {shown(self.model)}.", f"Choose one of {', '.join(_NEEDS)}.")
        _check_fields(self)
        _check_signs(self)
        _check_range(self)
        _check_choices(self)
        if self.bands:
            _check_bands(self)

    def with_(self, **changes: Any) -> Self:  # noqa: ANN401 - any field
        """Return a copy with some fields changed, checked like a new charge."""
        return replace(self, **changes)


# --- The one definition of how charges are billed; exact lines, arrays and expressions all read it

_PER_CENT = -2  # a percentage is its number shifted by two places


@dataclass(frozen=True, slots=True)
class Segment:
    """The price between two billable quantities: above `lower` (the first one from zero), up to and with `upper`."""

    lower: Decimal
    upper: Decimal | None
    price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class PriceSchedule:
    """A charge in the one form all evaluations share.

    `cumulative`: every segment entered prices the quantity inside it (graduated); otherwise the reached segment
    prices all of it (volume). `kept` is the share left by the discount. Above `end` there is no price.
    """

    charge: ChargeTerms
    segments: tuple[Segment, ...]
    cumulative: bool
    kept: Decimal

    @property
    def end(self) -> Decimal | None:
        """Return the last billable quantity that has a price, None where every one has."""
        return self.segments[-1].upper


@lru_cache(maxsize=1024)
def schedule_of(charge: ChargeTerms) -> PriceSchedule:
    """Return the schedule of a charge."""
    with exactly():
        kept = (Decimal(100) - charge.discount_percent).scaleb(_PER_CENT)
        return PriceSchedule(charge, _segments(charge), charge.model != "volume", kept)


@lru_cache(maxsize=1024)
def credited(charge: ChargeTerms) -> ChargeTerms:
    """Return what a credit of units is worth: the charge without what is not priced by the unit."""
    return charge.with_(
        bands=[replace(band, flat_fee=ZERO) for band in charge.bands],
        fixed_fee=None,
        free_units=0,
        minimum=None,
        below_zero="refuse",
    )


def _segments(charge: ChargeTerms) -> tuple[Segment, ...]:
    if charge.bands:
        return _from_bands(charge)
    price = ZERO
    if charge.unit_price is not None:
        price = charge.unit_price
    elif charge.package_price is not None:
        price = charge.package_price
    elif charge.rate_percent is not None:
        price = charge.rate_percent.scaleb(_PER_CENT)
    return (Segment(ZERO, None, price, charge.fixed_fee or ZERO),)


def _from_bands(charge: ChargeTerms) -> tuple[Segment, ...]:
    found = []
    lower = ZERO
    for band in charge.bands:
        price = band.unit_price + band.rate_percent.scaleb(_PER_CENT)
        found.append(Segment(lower, band.up_to, price, band.flat_fee))
        lower = lower if band.up_to is None else band.up_to
    return tuple(found)


# --- A charge as straight pieces over raw quantities, the shared form of the fast evaluations

_MOST_EXACT = 2**53  # up to here floats hold every whole number
_MOST_COUNTED = 1e15  # above it a unit more or less is beyond what floats tell apart


@dataclass(frozen=True, slots=True)
class CountStep:
    """Count whole units or packages: a new one begins above (`up`), or at, start + k x size for every whole k.

    As floats these edges are (k x `over` + `first`) / `under`, so that each is the float nearest to the exact one.
    """

    up: bool
    start: Fraction
    size: Fraction
    first: float
    over: float
    under: float

    def count(self, units: Fraction, *, is_held: bool) -> int:
        """Return the whole units of a quantity, one that floats hold just as `arrays` and `expression` count it."""
        quantity = float_near(units)
        if not is_held or quantity > _MOST_COUNTED * self.over / self.under:
            whole = (units - self.start) / self.size
            return max(0, math.ceil(whole) if self.up else math.floor(whole))
        count = math.floor(quantity * (self.under / self.over) - self.first / self.over + 0.5)
        edge = (count * self.over + self.first) / self.under
        return max(0, count + (quantity > edge if self.up else -(quantity < edge)))


@dataclass(frozen=True, slots=True)
class Pieces:
    """Amount = base + slope x (quantity - pivot) in the first piece whose bound is not exceeded.

    `start` is the quantity where billing begins; bounds and pivots count what the steps return. Above `end` the
    amount is unknown; it is infinite where the last piece is open.
    """

    steps: tuple[CountStep, ...]
    start: float
    bounds: tuple[float, ...]
    base: tuple[float, ...]
    slope: tuple[float, ...]
    pivot: tuple[float, ...]
    end: float
    maximum: float | None
    minimum: float | None


@lru_cache(maxsize=1024)
def pieces_of(charge: ChargeTerms) -> Pieces:
    """Return the pieces of a charge."""
    schedule = schedule_of(charge)
    steps, factor, free = counting(charge)
    zero = free / factor  # the raw quantity at which billing begins
    kept = Fraction(schedule.kept)
    first = schedule.segments[0]
    at_zero = kept * Fraction(first.fee) if charge.first_flat_fee_at_zero else Fraction(0)
    bounds: list[Fraction] = []
    rows: list[tuple[Fraction, Fraction, Fraction]] = []
    if zero > 0 or (first.fee and not charge.first_flat_fee_at_zero):
        bounds.append(zero)
        rows.append((at_zero, Fraction(0), Fraction(0)))
    reached = Fraction(0)
    for segment in schedule.segments:
        lower, price = Fraction(segment.lower), Fraction(segment.price)
        fee = kept * Fraction(segment.fee)
        base = reached + fee if schedule.cumulative else fee
        pivot = lower / factor + zero if schedule.cumulative else zero
        rows.append((base, kept * price * factor, pivot))
        if segment.upper is not None:
            upper = Fraction(segment.upper)
            bounds.append(upper / factor + zero)
            reached = base + kept * price * (upper - lower)
    end = math.inf if schedule.end is None else float_near(bounds.pop())
    return Pieces(
        steps=steps,
        start=float_near(zero),
        bounds=tuple(map(float_near, bounds)),
        base=tuple(float_near(row[0]) for row in rows),
        slope=tuple(float_near(row[1]) for row in rows),
        pivot=tuple(float_near(row[2]) for row in rows),
        end=end,
        maximum=None if charge.maximum is None else float(charge.maximum),
        minimum=None if charge.minimum is None else float(charge.minimum),
    )


@lru_cache(maxsize=1024)
def counting(charge: ChargeTerms) -> tuple[tuple[CountStep, ...], Fraction, Fraction]:
    """Return the counting steps, and the unit factor and free units that still apply after them."""
    factor, free = Fraction(charge.unit_factor), Fraction(charge.free_units)
    steps: list[CountStep] = []
    if charge.rounding is not None:
        steps.append(_step(charge.rounding, Fraction(0), 1 / factor))
        factor = Fraction(1)
    if charge.package_size is not None:
        size = Fraction(charge.package_size)
        steps.append(_step(charge.package_rounding, free / factor, size / factor))
        factor, free = Fraction(1), Fraction(0)
    return tuple(steps), factor, free


def _step(rounding: Rounding, start: Fraction, size: Fraction) -> CountStep:
    if rounding == "nearest":
        start -= size / 2
    under = math.lcm(start.denominator, size.denominator)
    parts = [int(start * under), int(size * under), under]
    if max(map(abs, parts)) > _MOST_EXACT:
        return CountStep(rounding == "up", start, size, float_near(start), float_near(size), 1.0)
    return CountStep(rounding == "up", start, size, *map(float, parts))
