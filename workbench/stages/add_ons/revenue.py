"""What add-ons would bring a month: attach range x price x eligible accounts, and their sum with its range."""

from __future__ import annotations

import zlib
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import bills_of
from workbench.results import Interval
from workbench.stages.price_book import add_on_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.stages.add_ons.decision import AddOnChoice
    from workbench.stages.add_ons.evidence import AddOnEvidence

DRAWS = 2000
_REACH = NormalDist().inv_cdf(0.95)  # a 90% range lies this many standard deviations to each side


def full_revenue(evidence: AddOnEvidence, choice: AddOnChoice, eligible: NDArray[np.bool_]) -> float | None:
    """Return what an add-on would bring a month if every eligible account bought it; None when units are unknown.

    Accounts without a known quantity count with nothing, unless nobody has one.
    """
    bills = account_bills(evidence, choice)
    if bills is None or (eligible.any() and np.isnan(bills[eligible]).all()):
        return None
    return float(np.nansum(bills[eligible]))


def typical_price(evidence: AddOnEvidence, choice: AddOnChoice, eligible: NDArray[np.bool_]) -> float | None:
    """Return the price to hold an add-on against others by, a month and for each unit it is priced per.

    Where it also bills usage, what half of the eligible accounts would pay at most in a month; None when unknown.
    """
    if choice.usage_charge is None:
        return float(choice.price)
    bills = account_bills(evidence, choice)
    known = np.array([]) if bills is None else bills[eligible & np.isfinite(bills)]
    return float(np.median(known)) if known.size else None


def account_bills(evidence: AddOnEvidence, choice: AddOnChoice) -> NDArray[np.float64] | None:
    """Return what each account would pay a month on its latest quantities, NaN unknown; None where none is recorded."""
    offer = add_on_of(choice)
    billed = evidence.needs.billed
    metrics = {charge.metric for charge in offer.charges}
    if not metrics:
        return np.full(len(evidence), float(choice.price))
    return bills_of(offer, {metric: billed[metric] for metric in metrics}) if metrics <= billed.keys() else None


def revenue_range(choice: AddOnChoice, full: float | None) -> Interval | None:
    """Return an add-on's monthly revenue from the low to the high end of its attach range."""
    if full is None:
        return None
    low, high = sorted((choice.attach_low, choice.attach_high))
    return Interval(low * full, (low + high) / 2 * full, high * full)


def total_range(choices: Sequence[AddOnChoice], full: Sequence[float | None], seed: int) -> Interval | None:
    """Return the 90% range of the sum over add-ons whose attach rates vary independently within their ranges.

    Each add-on draws from its own stream, named by its id and the seed, so scenarios that share an add-on share its
    draws and differ only by what was changed. None when no add-on's revenue is known.
    """
    known = [(choice, whole) for choice, whole in zip(choices, full, strict=True) if whole is not None]
    if not known:
        return None
    total = sum(attach_draws(choice, seed) * whole for choice, whole in known)
    low, high = np.quantile(total, (0.05, 0.95))
    middle = sum((choice.attach_low + choice.attach_high) / 2 * whole for choice, whole in known)
    return Interval(float(low), float(middle), float(high))


def attach_draws(choice: AddOnChoice, seed: int) -> NDArray[np.float64]:
    """Return draws of an attach rate: normal around the middle, 90% of them in the range, within 0 and 1."""
    low, high = sorted((choice.attach_low, choice.attach_high))
    return np.clip((low + high) / 2 + (high - low) / (2 * _REACH) * _scores(choice.id, seed), 0.0, 1.0)


@lru_cache(maxsize=64)
def _scores(key: str, seed: int) -> NDArray[np.float64]:
    """Return normal scores in an order of their own; evenly spread, so that few draws give steady ends."""
    normal = NormalDist()
    scores = np.array([normal.inv_cdf((place + 0.5) / DRAWS) for place in range(DRAWS)])
    mixed = np.random.default_rng([seed, zlib.crc32(key.encode())]).permutation(scores)
    mixed.setflags(write=False)
    return mixed
