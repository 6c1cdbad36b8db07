"""Round numbers people remember, and graduated bands that charge a steady multiple for ten times the usage."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.errors import CurveError
from workbench.formatting import count, exact, percent
from workbench.pricing.charge import Charge
from workbench.pricing.charge_terms import Band
from workbench.pricing.price_book import Plan
from workbench.results import Caution, Floats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike


# --- Numbers people can remember and repeat: 1-2-5 break points and prices of two digits


def one_two_five(low: float, high: float) -> tuple[Decimal, ...]:
    """Return every number of the series ... 1, 2, 5, 10, 20, 50 ... from `low` to `high`, rising."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    series = (_written_out(Decimal(digit).scaleb(power)) for power in range(first, last + 1) for digit in (1, 2, 5))
    return tuple(number for number in series if low <= number <= high)


def two_digits(price: float) -> Decimal:
    """Return a price rounded to two significant digits; zero stays zero."""
    if price <= 0:
        return Decimal(0)
    return _written_out(Decimal(f"{price:.1e}"))


def next_two_digits(price: Decimal, steps: int) -> Decimal:
    """Return the price `steps` places up or down the ladder of two-digit numbers, never below zero."""
    moved = price
    for _ in range(abs(steps)):
        moved = _one_step(moved, up=steps > 0)
    return moved


def _one_step(price: Decimal, *, up: bool) -> Decimal:
    if price <= 0:
        return price
    power = price.adjusted() - 1
    if not up and price == Decimal(10).scaleb(power):
        power -= 1  # below 1.0 comes 0.99, not 0.9
    unit = Decimal(1).scaleb(power)
    return _written_out(price + unit if up else price - unit)


def _written_out(number: Decimal) -> Decimal:
    """Return the number as people write it: 500, not 5E+2."""
    return Decimal(f"{number.normalize():f}")


# --- Numbers people can remember: round limits, and prices as they stand on a pricing page

Ending = Literal["usual", "nine", "cents", "whole", "fives", "tens", "hundreds"]
"""How prices end: in the usual step for their size, in a 9, on a cent, or on a multiple of 1, 5, 10 or 100."""
_MANTISSAS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10)
_CENT = Decimal("0.01")
_MULTIPLES: dict[Ending, Decimal] = {
    "cents": Decimal("0.01"),
    "whole": Decimal(1),
    "fives": Decimal(5),
    "tens": Decimal(10),
    "hundreds": Decimal(100),
}
# The first price that ends in a 9 of each size, and the step to the next: 19, 29 ... 1,099 ... 10,999.
_NINES = ((Decimal(19), Decimal(10)), (Decimal(1099), Decimal(100)), (Decimal(10_999), Decimal(1000)))
# Up to which price which step is usual on a price list.
_STEPS = (
    (Decimal(1), Decimal("0.05")),
    (Decimal(5), Decimal("0.25")),
    (Decimal(10), Decimal("0.5")),
    (Decimal(50), Decimal(1)),
    (Decimal(250), Decimal(5)),
    (Decimal(1000), Decimal(10)),
    (Decimal(2500), Decimal(50)),
    (Decimal(10000), Decimal(100)),
)


def round_limit(quantity: float) -> Decimal:
    """Return the smallest round number at or above a quantity, for a limit people can remember."""
    if quantity <= 1:
        return Decimal(1)
    scale = Decimal(10) ** math.floor(math.log10(quantity))
    mantissa = next(m for m in _MANTISSAS if Decimal(str(m)) * scale >= Decimal(str(quantity)) * (1 - Decimal("1e-9")))
    limit = Decimal(str(mantissa)) * scale
    return _written_out(limit.to_integral_value(rounding="ROUND_CEILING"))


def round_prices_around(price: float, each_way: int = 2) -> tuple[Decimal, ...]:
    """Return the prices with a usual ending next to `price`, cheapest first, `each_way` below and above it.

    Below a price of one the step keeps two significant digits, so that prices per call or row stay possible.
    """
    if not math.isfinite(price) or price <= 0:
        return (Decimal(0),)
    exact = Decimal(repr(price))
    step = price_step(exact)
    below = exact // step * step
    found = {below + step * offset for offset in range(1 - each_way, each_way + 1)}
    return tuple(_written_out(value) for value in sorted(found) if value > 0)


def price_step(price: Decimal) -> Decimal:
    """Return the step in which prices of this size are usually set."""
    if price < _STEPS[0][1] * 4:
        return Decimal(1).scaleb(price.adjusted() - 1) if price > 0 else _STEPS[0][1]
    for upper, step in _STEPS:
        if price < upper:
            return step
    return Decimal(1).scaleb(price.adjusted() - 1)


def prices_ending(ending: Ending, low: float, high: float, most: int = 20_000) -> tuple[Decimal, ...]:
    """Return the prices from `low` to `high`, above zero, that end as asked, cheapest first; at most `most` of them.

    Usual prices below a cent have two significant digits; with `low` at 0 they start at a cent, as all others do.
    """
    floor, ceiling = Decimal(repr(float(low))), Decimal(repr(float(high)))
    if floor <= 0 or ending != "usual":
        floor = max(floor, _CENT)
    found: list[Decimal] = []
    for start, end, step in _ladders(ending, floor, ceiling):
        first = start + max(Decimal(0), ((floor - start) / step).to_integral_value(rounding="ROUND_CEILING")) * step
        while first < end and first <= ceiling and len(found) < most:
            if first >= floor:
                found.append(_written_out(first))
            first += step
    return tuple(found)


def _ladders(ending: Ending, floor: Decimal, ceiling: Decimal) -> list[tuple[Decimal, Decimal, Decimal]]:
    """List the stretches of prices with the same step: first price, end (outside), step."""
    beyond = ceiling + 1
    if ending == "nine":
        stretches = [(Decimal("0.99"), Decimal("9.5"), Decimal(1)), (Decimal("9.99"), Decimal(10), Decimal(10))]
        ends = [*(start for start, _ in _NINES[1:]), beyond]
        return stretches + [(start, end, step) for (start, step), end in zip(_NINES, ends, strict=True)]
    if ending != "usual":
        step = _MULTIPLES[ending]
        return [(step, beyond, step)]
    stretches, start = [], min(_CENT, Decimal(1).scaleb(floor.adjusted()))
    while start <= ceiling:
        step, tens = price_step(start), Decimal(1).scaleb(start.adjusted() + 1)
        end = min([tens, *(upper for upper, _ in _STEPS if upper > start)])
        stretches.append((start, end, step))
        start = end
    return stretches


def price_ceiling(price: float) -> float:
    """Return a round number well above a price, for the end of a slider."""
    if price <= 0:
        return 100.0
    scale = Decimal(10) ** math.floor(math.log10(price * 4))
    return float(next(m for m in (1, 2, 5, 10) if m * scale >= Decimal(repr(price * 4))) * scale)


# --- How much more a customer pays for ten times the usage, along the whole range of quantities

LEAST_RATIO, MOST_RATIO = 5.0, 8.0


def ratio_along(
    offer: Charge | Plan,
    quantities: ArrayLike,
    factor: float = 10,
    *,
    metric: str = "",
    others: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return what `factor` times the usage costs, for every quantity given.

    Parameters
    ----------
    offer
        A charge, or a plan whose base fee is then part of the bill.
    quantities
        Quantities of `metric` in a month, any length; kept in their order.
    factor
        How many times the usage.
    metric, others
        For a plan that charges for several metrics: the one that grows, and steady quantities of the rest.

    Returns
    -------
    pd.DataFrame
        One row per quantity: quantity, bill, bill_at_multiple (at `factor` times the quantity), ratio (NaN where
        nothing is paid).

    Raises
    ------
    CurveError
        When the factor or the quantities make no sense.
    ChargeError
        When the plan charges for a metric whose quantity is not given.

    Examples
    --------
    >>> from workbench.pricing import Band, Charge, ratio_along
    >>> charge = Charge("GB", "graduated", bands=[Band(100, 1), Band(None, "0.4")])
    >>> ratio_along(charge, [10, 100, 500])["ratio"].round(2).tolist()
    [10.0, 4.6, 7.92]
    """
    import pandas as pd  # noqa: PLC0415 - loads when used

    if not factor > 0:
        raise CurveError(f"The factor is {factor}.", "Give how many times the usage grows, such as 10.")
    units = np.asarray(quantities, dtype=np.float64).ravel()
    bill = _bills(offer, units, metric, others)
    multiple = _bills(offer, units * factor, metric, others)
    ratio = np.divide(multiple, bill, out=np.full(units.shape, np.nan), where=bill > 0)
    return pd.DataFrame({"quantity": units, "bill": bill, "bill_at_multiple": multiple, "ratio": ratio})


def share_inside(ratios: ArrayLike, low: float = LEAST_RATIO, high: float = MOST_RATIO) -> float:
    """Return the share of known ratios from `low` to `high`, both included; NaN when none is known.

    Parameters
    ----------
    ratios
        What ten times the usage costs, one ratio per customer; NaN is unknown.
    low, high
        The ends, both included; ours, for a price that neither doubles with usage nor stands still.

    Returns
    -------
    float
        A share between 0 and 1 of the known ratios; NaN when none is known.

    Examples
    --------
    >>> from workbench.pricing import share_inside
    >>> share_inside([4.0, 5.0, 6.5, 9.0, float("nan")])
    0.5
    """
    known = np.asarray(ratios, dtype=np.float64)
    known = known[~np.isnan(known)]
    slack = 1e-9  # a ratio of exactly 8 must not drop out by a rounding error
    return float(((known >= low - slack) & (known <= high + slack)).mean()) if known.size else float("nan")


def spread(low: float, high: float, points: int = 60) -> Floats:
    """Return quantities from `low` to `high` in equal proportions."""
    found = np.geomspace(low, high, points)
    found[0], found[-1] = low, high
    return found


def _bills(offer: Charge | Plan, units: Floats, metric: str, others: Mapping[str, float] | None) -> Floats:
    if isinstance(offer, Charge):
        return offer.amounts(units)
    charged = sorted({charge.metric for charge in offer.charges} - set(others or {}))
    if not metric and len(charged) > 1:
        raise CurveError(
            f"The plan {offer.name} charges for {', '.join(charged)}.",
            "Say which metric grows, and give steady quantities of the others.",
        )
    growing = metric or (charged[0] if charged else "usage")
    steady = {name: np.full(units.shape, float(value)) for name, value in (others or {}).items()}
    return offer.bills({growing: units, **steady})


# --- What a price curve is asked for: the quantities it stands on, and a request that can be met

MOST_MULTIPLE = 10


def known_and_used(quantities: ArrayLike) -> tuple[Floats, Floats]:
    """Return the known quantities and, of these, the ones above zero."""
    found = np.asarray(quantities, dtype=np.float64).ravel()
    known = found[~np.isnan(found)]
    if (known < 0).any() or np.isinf(known).any():
        raise CurveError("Some quantities are negative or infinite.", "Give what customers used in a month.")
    used = known[known > 0]
    if not used.size:
        raise CurveError("No customer has a quantity above zero.", "Choose a metric that customers use.")
    return known, used


def check_request(ratio: float, revenue: float, base_fee: float, most_bands: int, customers: int) -> None:
    """Raise CurveError for a multiple, target, base fee or number of bands no falling price list can meet."""
    if not 1 < ratio <= MOST_MULTIPLE:
        raise CurveError(
            f"Ten times the usage cannot cost {exact(ratio)} times as much on falling prices.",
            "Choose a multiple above 1 and at most 10.",
        )
    if not 0 < revenue < float("inf"):
        raise CurveError(f"The revenue target is {exact(revenue)}.", "Give a month's revenue above zero.")
    if not 0 <= base_fee < float("inf"):
        raise CurveError(f"The base fee is {exact(base_fee)}.", "Give zero or more.")
    if base_fee * customers >= revenue:
        raise CurveError(
            f"The base fee alone brings in {base_fee * customers:g}, and the target is {exact(revenue)}.",
            "Lower the base fee or raise the revenue target.",
        )
    if most_bands < 1:
        raise CurveError(f"{most_bands} bands are no price list.", "Allow at least one band.")


# --- Fit graduated bands to a power curve: the smallest largest relative error, then round prices

_MOST_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Target:
    """What the bands should follow: `bills` at the quantities of `grid`, and `revenue` from `customers`' quantities."""

    grid: Floats
    bills: Floats
    customers: Floats
    revenue: float
    base_fee: float


@dataclass(frozen=True, slots=True)
class BandFit:
    """Break points, rounded unit prices (one more than break points) and how far they are off."""

    breaks: tuple[Decimal, ...]
    prices: tuple[Decimal, ...]
    error: float
    revenue: float

    def score(self, target: Target) -> float:
        """Return the largest relative error plus the relative miss of the revenue; smaller is better."""
        return self.error + abs(self.revenue / target.revenue - 1)


def fit_bands(target: Target, candidates: Sequence[Decimal], bands: int) -> BandFit:
    """Return the best fit with `bands` bands whose break points are among `candidates`.

    Starts from break points in equal proportions and moves one at a time while that helps.
    """
    places = _even_places(len(candidates), bands - 1)
    best = _fit_at(target, [candidates[place] for place in places])
    for _ in range(_MOST_ROUNDS):
        found = [
            (_fit_at(target, [candidates[place] for place in moved]), moved)
            for moved in _neighbours(places, len(candidates))
        ]
        if not found:
            break
        better, moved = min(found, key=lambda pair: pair[0].score(target))
        if better.score(target) >= best.score(target) - 1e-9:
            break
        best, places = better, moved
    return best


def _even_places(candidates: int, wanted: int) -> list[int]:
    if wanted > candidates:
        raise CurveError(f"{wanted + 1} bands do not fit between the quantities.", "Ask for fewer bands.")
    return [round((number + 0.5) * candidates / wanted - 0.5) for number in range(wanted)] if wanted else []


def _neighbours(places: list[int], candidates: int) -> list[list[int]]:
    found = []
    for number, place in enumerate(places):
        for step in (-1, 1):
            moved = [*places[:number], place + step, *places[number + 1 :]]
            if all(0 <= spot < candidates for spot in moved) and moved == sorted(set(moved)):
                found.append(moved)
    return found


def _fit_at(target: Target, breaks: list[Decimal]) -> BandFit:
    inside = _units_inside(target.grid, breaks)
    totals = _units_inside(target.customers, breaks).sum(axis=0)
    prices = tuple(two_digits(price) for price in _best_prices(target, inside, totals))
    fit = _measured(target, breaks, prices, inside, totals)
    return _polished(target, fit, inside, totals)


def _units_inside(quantities: Floats, breaks: Sequence[Decimal]) -> Floats:
    """Return the units of each quantity in each band: quantities x bands."""
    lower = np.array([0.0, *map(float, breaks)])
    upper = np.array([*map(float, breaks), np.inf])
    return np.clip(quantities[:, None] - lower, 0.0, upper - lower)


def _best_prices(target: Target, inside: Floats, totals: Floats) -> Floats:
    """Solve for the falling prices that earn the revenue: the minimax (Chebyshev) fit to a power law, relative."""
    from scipy.optimize import linprog  # noqa: PLC0415 - heavy, loads when used

    bands = inside.shape[1]
    relative = inside / target.bills[:, None]
    wanted = 1 - target.base_fee / target.bills
    ones = np.ones((len(wanted), 1))
    falling = np.zeros((bands - 1, bands + 1))
    for band in range(bands - 1):
        falling[band, band : band + 2] = -1, 1
    solution = linprog(
        np.append(np.zeros(bands), 1.0),
        A_ub=np.vstack([np.hstack([relative, -ones]), np.hstack([-relative, -ones]), falling]),
        b_ub=np.concatenate([wanted, -wanted, np.zeros(bands - 1)]),
        A_eq=np.append(totals, 0.0)[None, :] / target.revenue,
        b_eq=[1 - target.base_fee * target.customers.size / target.revenue],
        bounds=[(0, None)] * (bands + 1),
        method="highs",
    )
    if not solution.success:
        raise CurveError("No falling prices earn this revenue.", "Raise the revenue target or lower the base fee.")
    return np.asarray(solution.x[:bands])


def _polished(target: Target, fit: BandFit, inside: Floats, totals: Floats) -> BandFit:
    """Move one rounded price a step or two at a time while error and revenue get better together."""
    for _ in range(_MOST_ROUNDS):
        moves = [
            (*fit.prices[:band], next_two_digits(price, step), *fit.prices[band + 1 :])
            for band, price in enumerate(fit.prices)
            for step in (-2, -1, 1, 2)
        ]
        falling = [prices for prices in moves if list(prices) == sorted(prices, reverse=True)]
        found = [_measured(target, fit.breaks, prices, inside, totals) for prices in falling]
        better = min(found, key=lambda one: one.score(target), default=fit)
        if better.score(target) >= fit.score(target) - 1e-12:
            return fit
        fit = better
    return fit


def _measured(
    target: Target, breaks: Sequence[Decimal], prices: tuple[Decimal, ...], inside: Floats, totals: Floats
) -> BandFit:
    numbers = np.array([float(price) for price in prices])
    bills = inside @ numbers + target.base_fee
    error = float(np.abs(bills / target.bills - 1).max())
    revenue = float(totals @ numbers) + target.base_fee * target.customers.size
    return BandFit(tuple(breaks), prices, error, revenue)


# --- Propose graduated bands that charge a steady multiple for ten times the usage

_TEN = 10
_GOOD_ENOUGH = 0.04  # a bill within 4% of the curve keeps the multiple within about 8%
_POINTS = 160
_FEW = 20
_FAR_OFF = 0.1
_OFF_TARGET = 0.01


@dataclass(frozen=True)
class CurveProposal:
    """Bands that follow a price curve, and how well.

    Attributes
    ----------
    charge, base_fee
        The bands found, and the fee paid beside them per month.
    target_ratio, exponent
        The multiple asked for, and the power of the curve that gives it.
    low_quantity, high_quantity
        The 5th and the 95th percentile of usage, between which the curve is followed.
    ratio_along
        Columns quantity, bill, bill_at_multiple (at ten times the quantity) and ratio, from the 5th to the 95th
        percentile.
    share_inside
        Share of `customers` whose ratio is from 5 to 8; between 0 and 1.
    fit_error
        Largest relative distance of a bill to the curve, up to ten times the 95th percentile.
    revenue, revenue_target
        A month's revenue from the given quantities at the rounded prices, base fees included, and what was asked for.
    customers, without_usage
        How many have usage, and how many have none.

    Examples
    --------
    >>> from workbench.pricing import propose_bands
    >>> found = propose_bands(6, [10, 40, 150, 600, 2500], 2000, metric="GB")
    >>> found.customers, len(found.charge.bands), bool(abs(found.revenue / 2000 - 1) < 0.05)
    (5, 6, True)
    """

    charge: Charge
    base_fee: float
    target_ratio: float
    exponent: float
    low_quantity: float
    high_quantity: float
    ratio_along: pd.DataFrame
    share_inside: float
    fit_error: float
    revenue: float
    revenue_target: float
    customers: int
    without_usage: int

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before trusting the proposal."""
        found = []
        if self.customers < _FEW:
            found.append(Caution(f"Only {count('customer', self.customers)} with usage stand behind this curve."))
        if self.fit_error > _FAR_OFF:
            found.append(Caution(f"Some bills are {percent(self.fit_error)} off the curve; allow more bands."))
        if abs(self.revenue / self.revenue_target - 1) > _OFF_TARGET:
            found.append(Caution(f"Rounded prices earn {percent(self.revenue / self.revenue_target)} of the target."))
        return tuple(found)

    @property
    def plan(self) -> Plan:
        """Return the base fee and the charge as one plan."""
        return Plan("Proposal", str(self.base_fee), (self.charge,))


def propose_bands(
    target_ratio: float,
    quantities: ArrayLike,
    revenue_target: float,
    *,
    metric: str = "units",
    base_fee: float = 0,
    most_bands: int = 6,
    percentiles: tuple[float, float] = (5, 95),
) -> CurveProposal:
    """Return round graduated bands with bill(10q)/bill(q) close to `target_ratio` along the real quantities.

    Parameters
    ----------
    target_ratio
        What ten times the usage should cost, in multiples of the bill: above 1, at most 10.
    quantities
        One monthly quantity per customer; zero and unknown ones count as customers without usage.
    revenue_target
        A month's revenue from all these customers, base fees included.
    metric
        What the quantities count, for the charge.
    base_fee
        Paid monthly by every customer with a known quantity, and part of the bill whose multiple is meant.
    most_bands
        No more bands than this; fewer when they already come within 4% of the curve.
    percentiles
        Between which the curve is followed, from 0 to 100.

    Returns
    -------
    CurveProposal
        The charge, the plan made of it, and how well they follow the curve.

    Raises
    ------
    CurveError
        When no falling price list can do it.

    Examples
    --------
    >>> from workbench.pricing import propose_bands
    >>> found = propose_bands(6, [10, 40, 150, 600, 2500], 2000, metric="GB")
    >>> [(f"{band.up_to:f}" if band.up_to else "above", f"{band.unit_price:f}") for band in found.charge.bands]
    [('20', '1.6'), ('100', '1'), ('500', '0.7'), ('2000', '0.5'), ('5000', '0.4'), ('above', '0.3')]
    >>> bool(found.ratio_along["ratio"].between(5, 8).all())
    True
    """
    known, used = known_and_used(quantities)
    check_request(target_ratio, revenue_target, base_fee, most_bands, known.size)
    low, high = (float(value) for value in np.percentile(used, percentiles))
    exponent = float(np.log10(target_ratio))
    target = _target(exponent, known, used, (low, high), revenue=revenue_target, base_fee=base_fee)
    fit = _smallest_good_fit(target, low, high, most_bands)
    charge = _charge(metric, fit)
    offer: Charge | Plan = Plan("Proposal", str(base_fee), (charge,)) if base_fee else charge
    return CurveProposal(
        charge=charge,
        base_fee=float(base_fee),
        target_ratio=float(target_ratio),
        exponent=exponent,
        low_quantity=low,
        high_quantity=high,
        ratio_along=ratio_along(offer, spread(low, high)),
        share_inside=share_inside(ratio_along(offer, used)["ratio"], LEAST_RATIO, MOST_RATIO),
        fit_error=fit.error,
        revenue=fit.revenue,
        revenue_target=float(revenue_target),
        customers=int(used.size),
        without_usage=int(np.size(quantities) - used.size),
    )


def _target(
    exponent: float, known: Floats, used: Floats, around: tuple[float, float], *, revenue: float, base_fee: float
) -> Target:
    """Scale the power curve to the revenue; customers without usage pay the base fee only."""
    from_usage = revenue - base_fee * (known.size - used.size)
    scale = from_usage / float((used**exponent).sum())
    grid = spread(around[0], around[1] * _TEN, _POINTS)
    return Target(grid, scale * grid**exponent, known, revenue, base_fee)


def _smallest_good_fit(target: Target, low: float, high: float, most_bands: int) -> BandFit:
    """Return the fit with the fewest bands that is good enough, or the best one allowed."""
    candidates = one_two_five(low, high * _TEN)
    best: BandFit | None = None
    for bands in range(1, min(most_bands, len(candidates) + 1) + 1):
        fit = fit_bands(target, candidates, bands)
        if best is None or fit.score(target) < best.score(target):
            best = fit
        if best.score(target) <= _GOOD_ENOUGH:
            break
    if best is None:
        raise CurveError("No bands fit between these quantities.", "Allow at least one band.")
    return best


def _charge(metric: str, fit: BandFit) -> Charge:
    """Return the fit as a charge; neighbouring bands that ended up at one price become one."""
    bands: list[Band] = []
    for upper, price in zip((*fit.breaks, None), fit.prices, strict=True):
        if bands and bands[-1].unit_price == price:
            bands.pop()
        bands.append(Band(upper, price))
    return Charge(metric, "graduated", bands=bands)
