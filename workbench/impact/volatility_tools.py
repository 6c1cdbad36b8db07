"""Ways to tame bills by usage: commitments, prepaid pools, smoothing, caps, free baselines.

Each tool turns what an account's usage costs month by month into what it is billed. A tool may look at the months
before (`learned`) to set its terms, never at the months it bills.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from workbench.customers.windows import YEAR
from workbench.formatting import exact, exact_money, exact_percent
from workbench.impact.errors import ReplayError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class VolatilityTool(Protocol):
    """Anything that bills usage its own way; amounts are accounts x months, in currency per month, NaN unknown."""

    @property
    def words(self) -> str:
        """Say what the tool does, for a table."""

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return what is billed for `usage`; `learned` are the months before."""

    def least(self, usage: Floats, learned: Floats) -> Floats:
        """Return what would be billed in each month if nothing were used in it."""


@dataclass(frozen=True, slots=True)
class AsUsed:
    """Bill every month's usage as it is."""

    @property
    def words(self) -> str:
        """Say what the tool does."""
        return "as used"

    def bills(self, usage: Floats, learned: Floats) -> Floats:  # noqa: ARG002 - needs no past
        """Return the usage."""
        return usage.copy()

    def least(self, usage: Floats, learned: Floats) -> Floats:  # noqa: ARG002 - needs no past
        """Return nothing: without use nothing is due."""
        return np.where(np.isnan(usage), np.nan, 0.0)


@dataclass(frozen=True, slots=True)
class MonthlyCommitment:
    """Every account commits to the monthly spend that would have been cheapest for it in the months before.

    `discount` is taken off what is committed, `overage_premium` added to what goes beyond (0.2 is 20%).
    """

    discount: float = 0.15
    overage_premium: float = 0.10

    def __post_init__(self) -> None:
        _check_terms(self.discount, self.overage_premium)

    @property
    def words(self) -> str:
        """Say what the tool does."""
        premium = exact_percent(self.overage_premium)
        return f"monthly commitment, {exact_percent(self.discount)} off, {premium} more beyond it"

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return the committed spend at its discount and what goes beyond at its premium."""
        committed = best_commitment(learned, self.discount, self.overage_premium)[:, None]
        return (1 - self.discount) * committed + (1 + self.overage_premium) * np.maximum(usage - committed, 0.0)

    def least(self, usage: Floats, learned: Floats) -> Floats:
        """Return the committed spend at its discount."""
        return self.bills(np.where(np.isnan(usage), np.nan, 0.0), learned)


@dataclass(frozen=True, slots=True)
class YearlyPool:
    """Every account prepays a pool of `share` of the spend of the year before, in equal instalments.

    That spend is twelve times the mean of the months learned from, for every year billed. Usage draws on the pool;
    beyond it the premium applies, and at the end of a year what is left is gone.
    """

    share: float = 1.0
    discount: float = 0.15
    overage_premium: float = 0.10

    def __post_init__(self) -> None:
        _check_terms(self.discount, self.overage_premium)
        if not self.share > 0:  # nor is NaN
            raise ReplayError(f"A pool of {exact(self.share)} times last year's spend is none.", "Choose more than 0.")

    @property
    def words(self) -> str:
        """Say what the tool does."""
        terms = f"{exact_percent(self.discount)} off, {exact_percent(self.overage_premium)} more beyond it"
        return f"prepaid yearly pool of {exact_percent(self.share)} of last year, {terms}"

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return instalments, and usage beyond the pool at its premium in the months it happens."""
        instalment = self._instalment(learned)
        found = np.empty_like(usage)
        for start in range(0, usage.shape[1], YEAR):
            year = usage[:, start : start + YEAR]
            used = np.nancumsum(year, axis=1)
            beyond = np.maximum(used - YEAR * instalment[:, None], 0.0)
            found[:, start : start + YEAR] = np.diff(beyond, axis=1, prepend=0.0)
        due = (1 - self.discount) * instalment[:, None] + (1 + self.overage_premium) * found
        return np.where(np.isnan(usage), np.nan, due)

    def least(self, usage: Floats, learned: Floats) -> Floats:
        """Return the instalments."""
        due = np.broadcast_to((1 - self.discount) * self._instalment(learned)[:, None], usage.shape)
        return np.where(np.isnan(usage), np.nan, due)

    def _instalment(self, learned: Floats) -> Floats:
        return self.share * _mean(learned)


@dataclass(frozen=True, slots=True)
class Smoothing:
    """Bill the mean of the month and the `months` - 1 before it."""

    months: int = 3

    def __post_init__(self) -> None:
        if self.months < 2:  # noqa: PLR2004 - one month is no smoothing
            raise ReplayError(f"{self.months} months smooth nothing.", "Choose 2 or more.")

    @property
    def words(self) -> str:
        """Say what the tool does."""
        return f"mean of the last {self.months} months"

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return trailing means; a month before an account's first known one is not counted."""
        total, known = self._past(usage, learned)
        now = np.isfinite(usage)
        return np.where(now, (total + np.where(now, usage, 0.0)) / (known + 1), np.nan)

    def least(self, usage: Floats, learned: Floats) -> Floats:
        """Return what the months before still bring."""
        total, known = self._past(usage, learned)
        return np.where(np.isfinite(usage), total / (known + 1), np.nan)

    def _past(self, usage: Floats, learned: Floats) -> tuple[Floats, Floats]:
        """Return the sum and the number of the known months before each month."""
        every = np.concatenate([learned, usage], axis=1)
        total, known = np.zeros(usage.shape), np.zeros(usage.shape)
        for back in range(1, self.months):
            first = learned.shape[1] - back
            taken = every[:, max(0, first) : every.shape[1] - back]
            missing = max(0, -first)
            total[:, missing:] += np.nan_to_num(taken)
            known[:, missing:] += np.isfinite(taken)
        return total, known


@dataclass(frozen=True, slots=True)
class Cap:
    """Bill at most `times` the account's usual month, the median of the months before."""

    times: float = 1.5

    def __post_init__(self) -> None:
        if not self.times > 0:  # nor is NaN
            raise ReplayError(
                f"A cap at {exact(self.times)} times the usual month bills nothing.", "Choose more than 0."
            )

    @property
    def words(self) -> str:
        """Say what the tool does."""
        return f"capped at {exact(self.times)} times the usual month"

    def bills(self, usage: Floats, learned: Floats) -> Floats:
        """Return the usage, capped; an account without a past has no cap yet."""
        usual = _quantile(learned, 0.5)[:, None]
        return np.where(usual > 0, np.minimum(usage, self.times * usual), usage)

    def least(self, usage: Floats, learned: Floats) -> Floats:
        """Return nothing: without use nothing is due."""
        return AsUsed().least(usage, learned)


@dataclass(frozen=True, slots=True)
class FreeBaseline:
    """Leave the first `amount` of what usage costs in a month free, in `currency`; `charged` says what that is for."""

    amount: float
    charged: str = "usage"
    currency: str = ""

    def __post_init__(self) -> None:
        if not self.amount >= 0:  # nor is NaN
            raise ReplayError(f"The free baseline is {exact(self.amount)}, which is no amount.", "Choose 0 or more.")

    @property
    def words(self) -> str:
        """Say what the tool does."""
        amount = exact_money(self.amount, self.currency).strip()
        return f"the first {amount} a month of what is billed for {self.charged} free"

    def bills(self, usage: Floats, learned: Floats) -> Floats:  # noqa: ARG002 - needs no past
        """Return the usage beyond the baseline."""
        return np.maximum(usage - self.amount, 0.0)

    def least(self, usage: Floats, learned: Floats) -> Floats:
        """Return nothing: without use nothing is due."""
        return AsUsed().least(usage, learned)


def best_commitment(spend: Floats, discount: float, overage_premium: float) -> Floats:
    """Return each account's cheapest commitment for spend like this: its (d + o) / (1 + o) quantile.

    A customer who commits c pays (1 - d) c + (1 + o) max(0, x - c); the expected cost is least where the chance of
    needing more is (1 - d) / (1 + o). This is the newsvendor solution (Arrow, Harris & Marschak 1951). 0 for an
    account without a past.
    """
    _check_terms(discount, overage_premium)
    return np.nan_to_num(_quantile(spend, (discount + overage_premium) / (1 + overage_premium), higher=True))


def _quantile(values: Floats, point: float, *, higher: bool = False) -> Floats:
    """Return a quantile of each row's known values, NaN where none is; `higher` takes a value that occurred."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    known = np.isfinite(values).sum(axis=1)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    rows = np.arange(len(values))
    if higher:
        return ordered[rows, np.maximum(np.ceil(point * known - 1e-9).astype(int) - 1, 0)]
    place = np.maximum(known - 1, 0) * point
    low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
    return ordered[rows, low] + (ordered[rows, high] - ordered[rows, low]) * (place - low)


def _mean(values: Floats) -> Floats:
    """Return the mean of each row's known values, 0 where none is."""
    known = np.isfinite(values).sum(axis=1)
    return np.divide(np.nansum(values, axis=1), known, out=np.zeros(len(values)), where=known > 0)


def _check_terms(discount: float, overage_premium: float) -> None:
    if not 0 <= discount < 1 or overage_premium < 0:
        raise ReplayError(
            f"A discount of {exact(discount)} with a premium of {exact(overage_premium)} is no commitment.",
            "Give shares: a discount from 0 to below 1, a premium of 0 or more.",
        )
