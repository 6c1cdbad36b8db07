"""Which use shows that an account is ready for an add-on, and how much of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.stages.add_ons.gate import usage_of
from workbench.stages.add_ons.interest import interest_in
from workbench.stages.model_fit.association import ranks

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from workbench.stages.add_ons.evidence import AddOnEvidence

WIDELY_USED = 0.3
QUANTILE = 0.25
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Condition:
    """At least so many units (or uses of a feature) a month; three in four interested accounts meet it."""

    metric: str
    at_least: float
    separation: float


def readiness(evidence: AddOnEvidence, features: tuple[str, ...], apart: Collection[str]) -> Condition | None:
    """Return the use that best tells interested accounts from the others.

    It is looked for first among features that more than 30% of accounts use and that are not sold apart, as they are
    what an add-on builds on; then among metrics. None when no use tells interested accounts apart.
    """
    interest = interest_in(evidence, features)
    if interest is None or interest.shown.sum() < FEWEST or interest.shown.all():
        return None
    common = [
        benefit.feature
        for benefit in evidence.needs.benefits
        if benefit.share is not None
        and benefit.share.estimate > WIDELY_USED
        and benefit.feature not in apart
        and benefit.feature not in features
    ]
    for names in (common, list(evidence.needs.billed)):
        found = [_condition(evidence, name, interest.shown) for name in names]
        telling = [each for each in found if each is not None and each.separation > 0.5]  # noqa: PLR2004 - 0.5: by chance
        if telling:
            return max(telling, key=lambda each: (each.separation, each.metric))
    return None


def _condition(evidence: AddOnEvidence, name: str, shown: NDArray[np.bool_]) -> Condition | None:
    quantity = usage_of(evidence, name)
    if quantity is None:
        return None
    known = np.isfinite(quantity)
    own, others = quantity[known & shown], quantity[known & ~shown]
    if own.size < FEWEST or not others.size:
        return None
    at_least = _round_down(float(np.quantile(own, QUANTILE)))
    return Condition(name, at_least, _separation(own, others)) if at_least > 0 else None


def _separation(own: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return how often an interested account uses more than another one (a tie counts half)."""
    places = ranks(np.concatenate([own, others]))
    return float((places[: own.size].sum() - own.size * (own.size + 1) / 2) / (own.size * others.size))


def _round_down(quantity: float) -> float:
    """Return a number people can remember at or below a quantity: one significant digit, 1 at least."""
    if quantity < 1:
        return 1.0 if quantity > 0 else 0.0
    unit = 10.0 ** math.floor(math.log10(quantity))
    return math.floor(quantity / unit) * unit
