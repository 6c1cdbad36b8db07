"""Companies in which entries of a trigger multiply the hazard of expanding by a known factor, or by one: do nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class EnteredCompany:
    """Accounts by months: who pays, entries, what followed, and what accounts are alike in; their true lift."""

    months: pd.DatetimeIndex
    paying: np.ndarray
    fired: np.ndarray
    moved: dict[str, np.ndarray]
    segment: np.ndarray
    traits: np.ndarray
    truth: float


def entered_company(
    chance: np.random.Generator, factor: float, accounts: int = 500, months: int = 24, often: float = 0.04
) -> EnteredCompany:
    """Return accounts whose growth brings both entries and expansions.

    An entry multiplies the hazard of expanding by `factor` for three months. The truth of each is worked out with it
    and without, where in both another entry may come.
    """
    segment = chance.integers(0, 3, accounts)
    size, growth = chance.normal(0, 1, accounts) + segment, chance.normal(0, 0.5, accounts)
    hazard = np.array([0.03, 0.05, 0.07])[segment] * np.exp(0.8 * growth + 0.2 * (size - segment))
    chance_of_entry = np.clip(often * np.exp(0.8 * growth + 0.3 * (size - segment)), 0, 0.4)
    fired, expanded = np.zeros((2, accounts, months), dtype=bool)
    last = np.full(accounts, -99)
    for month in range(months):
        under = (month - last >= 1) & (month - last <= 3)
        expanded[:, month] = chance.random(accounts) < -np.expm1(-hazard * np.where(under, factor, 1.0))
        fired[:, month] = (month - last >= 3) & (chance.random(accounts) < chance_of_entry)
        last = np.where(fired[:, month], month, last)
    gone = chance.random((accounts, months)) < 0.008
    paying = np.cumsum(gone, axis=1) == 0
    fired &= paying
    row, month = np.nonzero(fired)
    h, p = hazard[row[month + 3 < months]], chance_of_entry[row[month + 3 < months]]
    raised, usual = np.exp(-factor * h), np.exp(-h)
    without = usual * (p * raised**2 + (1 - p) * usual * (p * raised + (1 - p) * usual))
    return EnteredCompany(
        pd.date_range("2023-01-01", periods=months, freq="MS"),
        paying,
        fired,
        {"expansion": expanded & paying, "contraction": gone, "churn": gone & (np.cumsum(gone, axis=1) == 1)},
        np.repeat(segment[:, None], months, axis=1),
        np.stack([np.repeat((each / each.std())[:, None], months, axis=1) for each in (size, growth)], axis=2),
        float((1 - raised**3).sum() / (1 - without).sum()),
    )
