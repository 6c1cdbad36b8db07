"""Companies that raised prices, and what that truly cost them in customers. Nothing here knows the workbench.

`renewals` raises some accounts by their own amount when their year ends; `one_plan` raises one plan's price for all of
it in one month; `hazard` does both, and who leaves depends on the price as a share of what the product is worth. The
others have nothing to learn from: `still` never moves a price; `usage` bills what is used, more each month, by a list;
`overage` bills it on top of a flat fee that no list on record tells; `everyone` raises all prices in one month;
`once` bills charges made once; `few` has few accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEARNABLE = ("renewals", "one_plan", "hazard")
SILENT = ("still", "usage", "overage", "everyone", "once", "few")
KINDS = (*LEARNABLE, *SILENT)
MONTHS, FOLLOWED, SEEN_BEFORE = 36, 6, 3
_HAZARD, _STEEP = 0.008, 2.5  # of leaving in a month: 0.008 exp(2.5 price / worth)


@dataclass(frozen=True)
class Company:
    """What was billed and used, accounts x months (nothing where no customer), and the truth.

    `listed` is today's list on the account's own quantities, nan where no list tells it; `quantity` is seats and calls.
    `truth` is what a rise of 100% added to the share of customers who left within six months, among those who had been
    there for three; nan without rises.
    """

    kind: str
    paid: np.ndarray
    listed: np.ndarray
    plan: np.ndarray
    quantity: np.ndarray
    age: np.ndarray
    segment: np.ndarray
    truth: float


def company(kind: str, seed: int) -> Company:
    """Live through three years of one company; its parameters are drawn too."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
    accounts = 40 if kind == "few" else int(rng.integers(700, 1_400))
    joined = np.where(rng.random(accounts) < 0.5, rng.integers(-40, 0, accounts), rng.integers(0, MONTHS - 4, accounts))
    age = np.arange(MONTHS) - joined[:, None]
    segment = rng.integers(0, 3, accounts)
    plan = np.where(rng.random(accounts) < 0.3 + 0.2 * segment, 1, 0)
    seats = np.maximum(1, np.round(np.exp(rng.normal(1.5 + 0.8 * segment, 0.6)))[:, None])
    moved = np.cumsum(
        (rng.random(age.shape) < 0.06) * rng.choice((-1, 1, 1), age.shape) * rng.exponential(0.15, age.shape), axis=1
    )
    seats = np.maximum(1, np.round(seats * np.exp(moved)))
    growth = rng.normal(0.02, 0.01, accounts)[:, None] + rng.normal(0, 0.15, age.shape)
    calls = np.exp(rng.normal(6 + segment, 1.2)[:, None] + np.cumsum(growth, axis=1))
    prices = np.array([20.0, 35.0])
    discount = rng.choice((0.0, 0.0, 0.1, 0.2), accounts)
    rise = _rises(kind, age, plan, rng)
    level = np.cumprod(1 + rise, axis=1)
    base = (
        rng.uniform(0.008, 0.02)
        * np.where(age < 12, 1.4, 0.9)
        * (1.3 - 0.3 * segment[:, None])
        * (1.2 - 0.3 * plan[:, None])
    )
    fresh = _recent(rise)
    if kind == "hazard":
        share = rng.uniform(0.2, 0.7, accounts)[:, None]
        hazard, without = (
            _HAZARD * np.exp(_STEEP * share * level),
            _HAZARD * np.exp(_STEEP * share * level / (1 + fresh)),
        )
    elif kind == "one_plan":
        hazard, without = base * np.exp(rng.uniform(0.0, 6.0) * fresh), base
    else:
        hazard, without = base + rng.uniform(0.0, 0.8) / FOLLOWED * fresh, base
    hazard, without = np.clip(hazard, 0, 0.9), np.clip(without, 0, 0.9)
    gone = np.cumsum((rng.random(age.shape) < hazard) & (age > 0), axis=1) > 0
    here = (age >= 0) & ~gone
    list_bill = prices[plan][:, None] * seats * (1 - discount[:, None])
    listed = prices[plan][:, None] * seats * (level[:, -1:] if kind in ("one_plan", "everyone") else 1.0)
    paid = list_bill * level
    if kind == "usage":
        bands = np.minimum(calls, 1_000) + 0.7 * np.maximum(calls - 1_000, 0)
        listed, paid = 20 + 0.1 * bands, (20 + 0.1 * bands) * (1 - discount[:, None])
    elif kind == "overage":
        included = calls[:, :1] * rng.uniform(1.0, 1.6, accounts)[:, None]
        peak = np.maximum.accumulate(calls, axis=1)  # what was reached stays agreed, in steps of a quarter
        steps = np.ceil(np.maximum(np.log(peak / included), 0) / np.log(1.25))
        paid = prices[plan][:, None] * seats[:, :1] * 1.15**steps
        listed = np.full(paid.shape, np.nan)
    elif kind == "once":
        paid = paid * np.where(rng.random(paid.shape) < 0.03, rng.uniform(1.1, 1.5, paid.shape), 1.0)
    paid = np.where(here, np.round(paid, 2), 0.0)
    quantity = np.where(here, np.array([seats, calls]), np.nan)
    seen = (paid > 0).any(axis=1)
    plans = np.where(paid > 0, plan[:, None], -1)
    truth = _truth(rise, hazard, without, paid > 0)
    return Company(
        kind, paid[seen], np.where(paid > 0, listed, np.nan)[seen], plans[seen], quantity[:, seen],
        age[seen].astype(float), segment[seen], truth,
    )  # fmt: skip


def _rises(kind: str, age: np.ndarray, plan: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return by how much each account's price rises in each month."""
    found = np.zeros(age.shape)
    if kind in ("renewals", "hazard", "few"):
        due = (age > 0) & (age % 12 == 0) & (rng.random(age.shape) < rng.uniform(0.25, 0.5))
        found = np.where(due, rng.uniform(0.05, 0.45, age.shape), found)
    if kind in ("one_plan", "hazard"):
        month = int(rng.integers(12, MONTHS - 9))
        found[:, month] = np.where(plan == rng.integers(2), rng.uniform(0.12, 0.3), 0.0)
    if kind == "everyone":
        found[:, int(rng.integers(12, MONTHS - 9))] = rng.uniform(0.1, 0.3)
    return found


def _recent(rise: np.ndarray) -> np.ndarray:
    """Return the rise of the last six months before each month."""
    logs = np.log1p(rise)
    total = np.zeros(rise.shape)
    for back in range(1, FOLLOWED + 1):
        total[:, back:] += logs[:, :-back]
    return np.expm1(total)


def _truth(rise: np.ndarray, hazard: np.ndarray, without: np.ndarray, pays: np.ndarray) -> float:
    """Return what the rises added to the share that left, for a rise of 100%: over all of them, by least squares."""
    who, month = np.nonzero((rise > 0) & pays)
    inside = (month + FOLLOWED < rise.shape[1]) & (month >= SEEN_BEFORE)
    inside &= pays[who, np.maximum(month - SEEN_BEFORE, 0)]
    who, month = who[inside], month[inside]
    if not len(who):
        return float("nan")
    stays = [
        np.prod([1 - each[who, month + ahead] for ahead in range(1, FOLLOWED + 1)], axis=0)
        for each in (hazard, without)
    ]
    size = rise[who, month]
    return float((size * (stays[1] - stays[0])).sum() / (size**2).sum())
