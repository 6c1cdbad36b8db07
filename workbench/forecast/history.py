"""What a forecast stands on: usage per metric, account and month, with ages, segments and the calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

AGE_UNKNOWN = 1_000
"""The age of an account whose sign-up is not known: it counts to the oldest band."""


@dataclass(frozen=True, slots=True)
class UsageHistory:
    """Monthly usage of every account, complete months only.

    Parameters
    ----------
    quantity
        Metrics x accounts x months. Not a number while an account is no customer, 0 while it is one without use.
    age
        Months since sign-up at the first month, per account; negative for those who joined later, `AGE_UNKNOWN`
        where nobody knows.
    segment
        A whole number from 0 on per account.
    first_calendar_month
        The calendar month of the first month, 0 for January.
    """

    quantity: NDArray[np.float64]
    age: NDArray[np.int64]
    segment: NDArray[np.int64]
    first_calendar_month: int = 0

    @property
    def metrics(self) -> int:
        """Return how many metrics there are."""
        return self.quantity.shape[0]

    @property
    def accounts(self) -> int:
        """Return how many accounts there are, those that left included."""
        return self.quantity.shape[1]

    @property
    def months(self) -> int:
        """Return how many months were seen."""
        return self.quantity.shape[2]

    @property
    def active(self) -> NDArray[np.bool_]:
        """Return, accounts x months, who is a customer when."""
        return np.asarray(~np.isnan(self.quantity).all(axis=0))

    def until(self, months: int) -> UsageHistory:
        """Return the first so many months, with the accounts that had joined by then."""
        quantity = self.quantity[:, :, :months]
        known = ~np.isnan(quantity).all(axis=(0, 2))
        return replace(self, quantity=quantity[:, known], age=self.age[known], segment=self.segment[known])

    def known_by(self, months: int) -> NDArray[np.int64]:
        """Return the places of the accounts that `until` keeps."""
        return np.flatnonzero(~np.isnan(self.quantity[:, :, :months]).all(axis=(0, 2)))
