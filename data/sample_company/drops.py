"""Sudden drops of data volume after the move, drawn without regard to who leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.population import Population

SETTLED = 12  # months an account has been there before its drop, so that there is something to compare with


@dataclass(frozen=True)
class Drop:
    """One account's drop: positions of its first month and of the month it is over (None: not within the data)."""

    account: int
    month: int
    depth: float
    recovers: int | None


def drawn(people: Population) -> list[Drop]:
    """Return the drops, one per account at most, in order of accounts."""
    random = company.random(41)
    month = company.MOVE + random.integers(*company.DROP_MONTHS, len(people.segment))
    depth = random.choice(company.DROP_DEPTHS, len(people.segment))
    lasts = random.integers(*company.DROP_LASTS, len(people.segment))
    recovers = random.random(len(people.segment)) < company.DROP_RECOVERS
    rows = np.arange(len(people.segment))
    there = people.paying[rows, month] & people.paying[rows, month - 1] & (people.age[rows, month] >= SETTLED)
    chosen = random.permutation(np.flatnonzero(there & ~people.efficient))[: company.DROPS]
    back = np.where(recovers & (month + lasts < len(company.MONTHS)), month + lasts, 0)
    return [Drop(int(row), int(month[row]), float(depth[row]), int(back[row]) or None) for row in np.sort(chosen)]


def remaining(people: Population) -> np.ndarray:
    """Return the share of data volume that drops leave, accounts x months."""
    share = np.ones(people.age.shape)
    for drop in drawn(people):
        share[drop.account, drop.month : drop.recovers] = 1 - drop.depth
    return share
