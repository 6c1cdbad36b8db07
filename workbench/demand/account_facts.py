"""What worth is imputed from: what is known of the accounts, and what respondents said per unit."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is known of the accounts.

    Parameters
    ----------
    segment
        A whole number per account.
    quantity
        Of the value metric, per account.
    units
        What answers are per: seats, or 1 where they are per account.
    bill
        What each pays a month today; 0 on a free plan, or where it is not recorded.
    uses
        Accounts x features: recorded use.
    has
        Accounts x features: inside the own plan.
    """

    segment: NDArray[np.int64]
    quantity: NDArray[np.float64]
    units: NDArray[np.float64]
    bill: NDArray[np.float64]
    uses: NDArray[np.bool_]
    has: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.bill)

    def taken(self, places: NDArray[np.intp]) -> AccountFacts:
        """Return what is known of the accounts at these places."""
        return AccountFacts(**{each.name: getattr(self, each.name)[places] for each in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLimits:
    """What respondents said they would pay per unit: still `low`, no longer `high`; above 0.

    `account` is the place of the account each answered for, -1 where nobody knows; `segment` theirs, -1 unknown.
    `together` says that where the limit lies between the two is the same unknown for all (as between "expensive" and
    "too expensive"), not each one's own. `spread` is the standard error of an estimated limit, in logarithms: of
    choices, where low and high are the same.
    """

    account: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    weight: NDArray[np.float64]
    segment: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    spread: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    together: bool = False

    def __post_init__(self) -> None:
        if not len(self.segment):
            object.__setattr__(self, "segment", np.full(len(self), -1))
        if not len(self.spread):
            object.__setattr__(self, "spread", np.zeros(len(self)))

    def __len__(self) -> int:
        return len(self.low)

    @property
    def middle(self) -> NDArray[np.float64]:
        """Return the middle of each range, in logarithms."""
        return (np.log(self.low) + np.log(self.high)) / 2

    def drawn(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return one limit per respondent, in logarithms, from what their answers leave open."""
        low, high = np.log(self.low), np.log(self.high)
        place = rng.random() if self.together else rng.random(len(self))
        return low + place * (high - low) + self.spread * rng.standard_normal(len(self))
