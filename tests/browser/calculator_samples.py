"""Random charges, quantities and price books for the usage calculator, each from a seed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from workbench.pricing import AddOn, Band, BillingPeriod, Charge, Limit, Plan, PriceBook
from workbench.pricing.values import decimal_near, exactly

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

MODELS = ("flat", "per_unit", "graduated", "volume", "package", "percentage", "graduated_percentage")
METRICS = ("seats", "data_processed", "rows synced")
FACTORS = (1, 1, 1, "0.001", "2.5", "1E+3", "0.0000009537", "1/60", "1/3", "1/1024", "7/3", "0.016666666666666666667")
FEATURES = ("Alerts", "Exports", "Single sign-on", "Audit trail")


class Draw(Protocol):
    """Draws a number that is not negative, ordinary ones up to `most`."""

    def __call__(self, rng: random.Random, most: int = 1000) -> Decimal: ...  # noqa: D102 - as above


def number(rng: random.Random, most: int = 1000) -> Decimal:
    """Draw a price-like number: mostly a few places, at times zero, tiny, huge or written with an exponent."""
    kind = rng.random()
    if kind < 0.08:
        return Decimal(0)
    if kind < 0.14:
        return Decimal(rng.randint(1, 999)).scaleb(-rng.randint(6, 15))
    if kind < 0.18:
        return Decimal(rng.randint(1, 9)).scaleb(rng.randint(2, 12))
    return Decimal(rng.randint(1, most * 1000)).scaleb(-rng.randint(0, 4))


def tame_number(rng: random.Random, most: int = 1000) -> Decimal:
    """Draw a number as price lists have them, with at most two places."""
    return Decimal(rng.randint(0, most * 100)).scaleb(-2)


def bands(rng: random.Random, draw: Draw, *, percentage: bool, may_end: bool) -> list[Band]:
    """Draw one to six bands in rising order, the last one open or, where it may end, at times not."""
    edges = sorted({draw(rng) + Decimal("0.001") for _ in range(rng.randint(0, 5))})
    found = []
    open_end = [] if may_end and edges and rng.random() < 0.1 else [None]
    for edge in [*edges, *open_end]:
        price, fee = draw(rng), rng.choice([Decimal(0), draw(rng, 50)])
        found.append(Band(edge, 0, fee, price) if percentage else Band(edge, price, fee))
    return found


def charge(rng: random.Random, metric: str = "units", draw: Draw = number, *, may_end: bool = False) -> Charge:
    """Draw a charge of any model with any of the options that go with it."""
    model = rng.choice(MODELS)
    fields: dict[str, Any] = {
        "flat": lambda: {"fixed_fee": draw(rng)},
        "per_unit": lambda: {"unit_price": draw(rng)},
        "package": lambda: {"package_size": draw(rng, 100) + Decimal("0.01"), "package_price": draw(rng)},
        "percentage": lambda: {"rate_percent": draw(rng, 100), "fixed_fee": rng.choice([None, draw(rng)])},
        "graduated": lambda: {"bands": bands(rng, draw, percentage=False, may_end=may_end)},
        "volume": lambda: {"bands": bands(rng, draw, percentage=False, may_end=may_end)},
        "graduated_percentage": lambda: {"bands": bands(rng, draw, percentage=True, may_end=may_end)},
    }[model]()
    low, high = sorted([draw(rng, 5000), draw(rng, 50_000)])
    return Charge(
        metric,
        model,
        **fields,
        free_units=rng.choice([0, 0, 1, draw(rng, 500)]),
        minimum=rng.choice([None, None, low]),
        maximum=rng.choice([None, None, high]),
        discount_percent=rng.choice([0, 0, 10, "33.3", "0.0001", 100]),
        unit_factor=rng.choice([1, 1, 1, "0.001", "2.5", "1/60", "7/3"] if draw is tame_number else FACTORS),
        rounding=rng.choice([None, None, "up", "down", "nearest"]),
        first_flat_fee_at_zero=rng.random() < 0.5,
        package_rounding=rng.choice(["up", "up", "down", "nearest"]) if model == "package" else "up",
    )


def quantities(rng: random.Random, of: Charge, count: int = 4) -> list[Decimal]:
    """Draw quantities: zero, tiny, huge and ordinary ones, and those on and beside every bound of the charge."""
    inner = [Decimal(0), *(band.up_to for band in of.bands if band.up_to is not None)]
    if of.package_size is not None:
        inner += [of.package_size, 3 * of.package_size]
    with exactly():
        exact = [Fraction(edge + of.free_units) / of.unit_factor for edge in inner]
        on = [decimal_near(each).quantize(Decimal("1e-12")) for each in exact]
        on += [Decimal(repr(float(each))) for each in exact]  # what floats cannot tell from a bound
    step = Decimal("0.000001")
    with exactly():
        beside = [max(Decimal(0), each + rng.choice([-step, step, Decimal("0.5")])) for each in on]
    ordinary = [Decimal(rng.randint(0, 10**7)).scaleb(-rng.randint(0, 4)) for _ in range(count)]
    return [*on, *beside, *ordinary, Decimal("1E-9"), Decimal("123456789012345.678901")]


def price_book(rng: random.Random, name: str = "New") -> PriceBook:
    """Draw a price book of a few plans and add-ons with limits and features, some unpriced, some for one plan."""
    plans = tuple(_plan(rng, f"Plan {place}") for place in range(rng.randint(1, 5)))
    add_ons = tuple(
        AddOn(
            f"Add-on {place}{rng.choice(['', f' for {rng.choice(plans).name}'])}",
            rng.choice([None, number(rng, 200), number(rng, 200)]),
            charges=[charge(rng, rng.choice(METRICS))] if rng.random() < 0.4 else (),
            features=rng.sample(FEATURES, rng.randint(0, 2)),
            limits=[Limit(rng.choice(METRICS), rng.choice([None, number(rng)]))] if rng.random() < 0.3 else (),
        )
        for place in range(rng.randint(0, 3))
    )
    periods = [BillingPeriod("month", 1), BillingPeriod("quarter", 3, "2.5"), BillingPeriod("year", 12, 10)]
    return PriceBook(name, "USD", plans, add_ons, billing_periods=rng.sample(periods, rng.randint(1, 3)))


def needs(rng: random.Random) -> Iterator[tuple[dict[str, Decimal], list[str]]]:
    """Draw what a few customers use and need."""
    for _ in range(6):
        used = {metric: Decimal(rng.randint(0, 20_000)).scaleb(-rng.randint(0, 2)) for metric in METRICS}
        yield used, rng.sample(FEATURES, rng.randint(0, 2))


def _plan(rng: random.Random, name: str) -> Plan:
    return Plan(
        name,
        None if rng.random() < 0.15 else number(rng, 500),
        charges=[charge(rng, metric) for metric in rng.sample(METRICS, rng.randint(0, 3))],
        limits=[Limit(metric, rng.choice([None, number(rng, 20_000)])) for metric in rng.sample(METRICS, 2)],
        features=rng.sample(FEATURES, rng.randint(0, 4)),
    )
