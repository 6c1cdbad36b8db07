"""The offers the models start from where nothing is decided: a core plan, three tiers, a price curve."""

from __future__ import annotations

from decimal import Decimal
from math import log10
from typing import TYPE_CHECKING

import numpy as np

from workbench.pricing import AddOn, Band, Charge, Limit, Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.stages.model_fit.current import Current
    from workbench.stages.model_fit.metric_choice import MetricChoice

    Floats = NDArray[np.float64]

TIER_NAMES = ("Essential", "Professional", "Complete")
TIER_STEPS = (("Essential", 1), ("Professional", 2), ("Complete", 4))
TIER_MARKS = (0.20, 0.85)  # the middle tier is to hold about 65% of customers
FEATURE_MARKS = (0.5, 0.2)  # in every tier from half of the customers on; from the middle tier on from a fifth


def power_bands(quantities: Floats, ratio: float) -> tuple[Band, ...]:
    """Return graduated bands along which ten times the quantity pays `ratio` times as much.

    The amount at each band's edge lies exactly on the curve quantity ** log10(ratio). Edges stand three to a decade,
    from the 5th percentile of use to ten times the 95th, so the ratio holds exactly for all customers in between.
    """
    power = log10(ratio)
    used = quantities[np.isfinite(quantities) & (quantities > 0)]
    low, high = (np.quantile(used, (0.05, 0.95))) if len(used) else (1.0, 10.0)
    first = np.floor(3 * np.log10(low)) / 3
    steps = max(1, int(np.ceil(3 * (np.log10(10 * max(high, low)) - first))))
    edges = 10 ** (first + np.arange(steps + 1) / 3)
    starts = np.concatenate([[0.0], edges[:-1]])
    prices = (edges**power - starts**power) / (edges - starts)
    last = (10 ** (power / 3) - 1) / (10 ** (1 / 3) - 1) * edges[-1] ** (power - 1)
    bands = [Band(exact(edge), exact(price)) for edge, price in zip(edges, prices, strict=True)]
    return (*bands, Band(None, exact(last)))


def default_tiers(choice: MetricChoice, current: Current) -> tuple[Plan, ...]:
    """Return three tiers by quantity and features, whose prices stand 1 : 2 : 4."""
    limits: list[tuple[Limit, ...]] = [(), (), ()]
    if choice.metric is not None and len(current.peaks[choice.metric]):
        low, high = (rounded(float(q), up=True) for q in np.quantile(current.peaks[choice.metric], TIER_MARKS))
        if low < high:
            limits = [(Limit(choice.metric, low),), (Limit(choice.metric, high),), ()]
    plans = []
    marks = (*FEATURE_MARKS, -1.0)
    for (name, price), limit, mark in zip(TIER_STEPS, limits, marks, strict=True):
        features = tuple(feature for feature, share in current.feature_share.items() if share >= mark)
        charges = (Charge(choice.size_metric, "per_unit", unit_price=price),) if choice.size_metric else ()
        plans.append(Plan(name, 0 if charges else price, charges=charges, limits=limit, features=features))
    return tuple(plans)


def unit_plan(name: str, unit: str | None, *, limits: tuple[Limit, ...] = (), features: tuple[str, ...] = ()) -> Plan:
    """Return a plan at a price of one, per unit of a metric or per account."""
    charges = () if unit is None else (Charge(unit, "per_unit", unit_price=1),)
    return Plan(name, 0 if charges else 1, charges, limits, features)


def unit_add_on(feature: str, unit: str | None) -> AddOn:
    """Return an add-on of one feature at a price of one, per unit of a metric or per account."""
    if unit is None:
        return AddOn(feature, 1, features=(feature,))
    return AddOn(feature, 0, charges=(Charge(unit, "per_unit", unit_price=1),), features=(feature,))


def rounded(quantity: float, *, up: bool = False) -> Decimal:
    """Return the quantity with two significant digits, as a limit people can remember."""
    if quantity <= 0:
        return Decimal(0)
    place = 10.0 ** (np.floor(np.log10(quantity)) - 1)
    rounded = np.ceil(quantity / place - 1e-9) if up else np.round(quantity / place)
    return exact(rounded * place)


def exact(value: float) -> Decimal:
    """Return a number as a decimal with 12 significant digits."""
    return Decimal(f"{value:.12g}")
