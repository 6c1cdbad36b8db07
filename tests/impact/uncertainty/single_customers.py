"""Customers one by one: what the simulation of sums is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.migration import AccountBills, OptIn, account_bills

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CAP = 0.5


def made_up(size: int, seed: int, *, spread: float = 1.0, rise: float = 0.1, costs: bool = False) -> AccountBills:
    """Return accounts of three segments, most with a rise, a few free ones and some falls."""
    rng = np.random.default_rng(seed)
    old = rng.lognormal(5, spread, size).round(2)
    old[: size // 50] = 0
    new = old * rng.lognormal(rise, 0.25, size) + 20 * (old == 0)
    return account_bills(
        [f"A{place}" for place in range(size)],
        rng.choice(["large", "mid", "small"], size),
        old,
        new,
        start="2025-01",
        renewal=rng.integers(0, 12, size),
        metered=new * rng.uniform(0, 0.5, size),
        add_ons=new * rng.uniform(0, 0.3, size),
        unit_cost=old * 0.3 if costs else np.nan,
    )


@dataclass(frozen=True)
class Truth:
    """What customers of one world really do; each value holds for all of them or is given by segment."""

    churn: Mapping[str, float]
    usual: float
    downgrade: float
    saving: float
    usage: float
    attach: float


def expected(bills: AccountBills, billed: Floats, moved: Floats, truth: Truth) -> Floats:
    """Return the mean revenue per month, account by account."""
    kept, paid = _reaction(bills, billed, moved, truth)
    months = np.arange(billed.shape[1])
    return (kept * paid * (1 - truth.usual) ** (months / 12)).sum(axis=0)


def expected_of_offer(bills: AccountBills, offer: OptIn, months: int, truth: Truth) -> Floats:
    """Return the mean revenue per month under an offer, from accounts that each move as a whole in one month.

    An account that saves is as likely to move in any of the months over which moves spread, and then has the
    incentive for its time. Of the others the (certain) take-up moves so too; who chose to pay more does not react.
    """
    saves = (bills.new <= bills.old)[:, None]
    month = np.arange(months)
    usual = (1 - truth.usual) ** (month / 12)
    revenue = np.zeros(months)
    for wave in range(offer.over_months):
        since = month - offer.notice_months - wave
        moved = since >= 0
        price = np.where(since < offer.incentive_months, 1 - offer.incentive, 1.0)
        moving = np.where(moved, bills.new[:, None] * price, bills.old[:, None])
        billed = np.where(saves, moving, bills.old[:, None])
        chosen = np.where(saves, 0.0, offer.take_up_low * (moving - bills.old[:, None]))
        revenue += expected(bills, billed, saves & moved, truth) + chosen.sum(axis=0) * usual
    return revenue / offer.over_months


def lived(bills: AccountBills, billed: Floats, moved: Floats, truth: Truth, rng: np.random.Generator) -> Floats:
    """Return the revenue per month of one world in which every account stays or leaves, moves down or does not."""
    kept, _ = _reaction(bills, billed, moved, truth)
    rise = _rise(bills, billed)
    months = np.arange(billed.shape[1])
    usual = rng.random(len(bills))[:, None] < (1 - truth.usual) ** (months / 12)
    stays = rng.random(len(bills))[:, None] < kept
    down = rng.random(len(bills))[:, None] < np.minimum(1, truth.downgrade * np.maximum(rise, 0))
    parts = _parts(bills, billed, moved, rise, truth)
    return (usual * stays * parts * np.where(down, 1 - truth.saving, 1)).sum(axis=0)


def _reaction(bills: AccountBills, billed: Floats, moved: Floats, truth: Truth) -> tuple[Floats, Floats]:
    rise = _rise(bills, billed)
    churn = np.array([truth.churn[each] for each in bills.segment])[:, None]
    kept = 1 - np.minimum(CAP, churn * np.maximum(rise, 0))
    down = 1 - np.minimum(1, truth.downgrade * np.maximum(rise, 0)) * truth.saving
    return kept, _parts(bills, billed, moved, rise, truth) * down


def _parts(bills: AccountBills, billed: Floats, moved: Floats, rise: Floats, truth: Truth) -> Floats:
    """Return what is paid by accounts that have moved or not (never in part), as usage and add-ons answer."""
    new = np.maximum(bills.new, 1e-12)[:, None]
    metered, add_ons = moved * bills.metered[:, None] / new, moved * bills.add_ons[:, None] / new
    factor = 1 - metered - add_ons + metered * np.clip(1 - truth.usage * rise, 0, 2) + add_ons * truth.attach
    return billed * factor


def _rise(bills: AccountBills, billed: Floats) -> Floats:
    old = bills.old[:, None]
    free = np.where(billed > 0, 10.0, 0.0)  # from nothing to something counts as the largest rise there is
    return np.clip(np.where(old > 0, billed / np.maximum(old, 1e-12) - 1, free), -1, 10)
