"""The account-months a replay bills: who was a customer when, what they used, what they paid.

Prepared once per customer base and shared by every scenario, so that scenarios differ by their prices alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.customers import mrr_matrix, usage_cube
from workbench.customers.windows import carried, recent_peak
from workbench.formatting import count, percent
from workbench.impact.errors import ReplayError
from workbench.impact.feature_needs import FeatureNeeds, feature_needs
from workbench.impact.months_given import month_of, window_of
from workbench.impact.recorded_plans import recorded_plans
from workbench.impact.whole_months import WHOLE, MonthShares, month_shares
from workbench.recent import Recent
from workbench.results import Caution

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Hashable, Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.impact.months_given import Span
    from workbench.impact.recorded_plans import RecordedPlans

    Floats = NDArray[np.float64]

UNKNOWN = "unknown"
Population = Literal["paying", "using"]
Gaps = Literal["unknown", "last"]
POPULATIONS: tuple[Population, ...] = ("paying", "using")
GAPS: tuple[Gaps, ...] = ("unknown", "last")
MOST_REMEMBERED = 64  # arrays of one value per account-month


@dataclass(frozen=True, eq=False)
class AccountMonths:
    """Every month in which an account was a customer, one row each, accounts in the order of the base.

    `account` and `month` are each row's places in `account_ids` and `months`. `recorded` is the revenue on record
    per row (NaN unknown), None without a table of revenue. `window` are the months billed; earlier ones only say
    what an account needed. `used_unpaid` counts months with usage but no payment, which are left out.
    """

    account_ids: NDArray[np.object_]
    segment: NDArray[np.object_]
    months: pd.DatetimeIndex
    window: slice
    account: NDArray[np.int32]
    month: NDArray[np.int32]
    recorded: Floats | None
    plans: RecordedPlans
    shares: MonthShares
    unit_cost: Floats
    currency: str
    features: FeatureNeeds | None
    cautions: tuple[Caution, ...]
    used_unpaid: int
    needs_months: int
    cube: Mapping[str, Floats] = field(repr=False)
    allow_credits: bool = False
    _kept: Recent[Hashable, NDArray] = field(default_factory=lambda: Recent(MOST_REMEMBERED), repr=False)

    def __len__(self) -> int:
        """Count the account-months."""
        return len(self.account)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Name the metrics with usage on record."""
        return tuple(self.cube)

    @property
    def shown_months(self) -> pd.DatetimeIndex:
        """Return the months that are billed."""
        return self.months[self.window]

    def quantity(self, metric: str, peak_of: int = 1) -> Floats:
        """Return what each row used in its month, or at most in that month and the `peak_of` - 1 before; NaN unknown.

        A metric that nobody's usage names is unknown everywhere.
        """
        if metric not in self.cube:
            return np.full(len(self), np.nan)
        block = self.cube[metric]
        if peak_of == 1:
            return self.remembered((metric, 1), lambda: self._rows(block))
        return self.remembered((metric, peak_of), lambda: self._rows(recent_peak(block, peak_of)))

    def remembered(self, key: Hashable, make: Callable[[], NDArray]) -> NDArray:
        """Return what was made under this key before, or make it: scenarios share what does not depend on prices."""
        return self._kept.once(key, make)

    def any_usage(self) -> NDArray[np.bool_]:
        """Tell per row whether any usage at all is on record for the month."""
        seen = np.zeros(len(self), dtype=bool)
        for metric in self.cube:
            seen |= ~np.isnan(self.quantity(metric))
        return seen

    def matrix(self, values: Floats, fill: float = 0.0) -> Floats:
        """Arrange one value per row as accounts x shown months; `fill` where the account was no customer."""
        found = np.full((len(self.account_ids), len(self.shown_months)), fill)
        found[self.account, self.month - self.window.start] = values
        return found

    @cached_property
    def months_of_account(self) -> Floats:
        """Return the number of rows of each account."""
        return np.bincount(self.account, minlength=len(self.account_ids)).astype(np.float64)

    def by_account(self, values: Floats) -> Floats:
        """Add up one value per row over each account's rows."""
        if self._is_full:
            return values.reshape(len(self.account_ids), -1).sum(axis=1)
        return np.bincount(self.account, values, len(self.account_ids)).astype(np.float64, copy=False)

    def by_month(self, values: Floats) -> Floats:
        """Add up one value per row over each shown month's rows."""
        if self._is_full:
            return values.reshape(-1, len(self.shown_months)).sum(axis=0)
        month = self.month - self.window.start
        return np.bincount(month, values, len(self.shown_months)).astype(np.float64, copy=False)

    @cached_property
    def segment_codes(self) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        """Return the place of every account's segment among the names that follow, in alphabetical order."""
        codes, names = pd.factorize(self.segment, sort=True)
        return codes, np.asarray(names, dtype=object)

    @property
    def _is_full(self) -> bool:
        """Tell whether every account was a customer in every shown month, so that rows are a full matrix."""
        return len(self) == len(self.account_ids) * len(self.shown_months)

    def position(self, account_id: str, month: str | pd.Timestamp) -> int:
        """Return the row of one account-month; ReplayError says when there is none."""
        wanted = month_of(month)
        if account_id not in set(self.account_ids):
            raise ReplayError(f"There is no account {account_id!r}.", "Account ids are those of the accounts table.")
        account = int(np.flatnonzero(self.account_ids == account_id)[0])
        here = np.flatnonzero((self.account == account) & (self.months[self.month] == wanted))
        if not here.size:
            first, last = self.shown_months[0], self.shown_months[-1]
            raise ReplayError(
                f"Account {account_id} was no customer in {wanted:%Y-%m}, so it has no bill then.",
                f"The replay covers {first:%Y-%m} to {last:%Y-%m}.",
            )
        return int(here[0])

    def _rows(self, block: Floats) -> Floats:
        if len(self) == block.size:
            return np.ascontiguousarray(block).reshape(-1)
        return block[self.account, self.month]


def account_months(
    base: CustomerBase,
    *,
    months: Span = None,
    population: Population = "paying",
    gaps: Gaps = "unknown",
    by_day: bool = False,
    ended: Mapping[str, dt.date] | None = None,
    needs_months: int = 3,
    minimum_uses: int = 3,
) -> AccountMonths:
    """Return the account-months of a customer base, ready to be billed under any price book.

    Parameters
    ----------
    base
        Cut it with `up_to` to see it as on an earlier day.
    months
        The last so many months, or the first and the last one ("2024-01", "2024-12"); all when None.
    population
        "paying": accounts in the months they paid; where no revenue is on record at all, those in which they used
        something. "using": also months with usage and no payment (free accounts).
    gaps
        A month without a quantity is "unknown", or takes the "last" known one; a caution then says how often.
    by_day
        Bill base fees of the month of sign-up, and of the month in `ended` (account to the first day it was no
        customer any more), by the share of days. Whole months otherwise.
    needs_months, minimum_uses
        A feature is needed when it was used at least so often in the month and those just before it.

    """
    for value, choices in ((population, POPULATIONS), (gaps, GAPS)):
        if value not in choices:
            raise ReplayError(f"{value!r} is no way to read account-months.", f"Choose one of: {', '.join(choices)}.")
    for name, number in (("needs_months", needs_months), ("minimum_uses", minimum_uses)):
        if number < 1:
            raise ReplayError(f"{name} is {number}: no need can be read from that.", "Choose 1 or more.")
    account_ids, all_months, cube = usage_cube(base)
    recorded = mrr_matrix(base)[2] if base.has("mrr") else None
    window = window_of(all_months, months)
    active, used_unpaid = _active(recorded, cube, population, window)
    if not active.any():
        done = "used" if recorded is None else "paid"
        raise ReplayError(f"Nobody {done} anything in the months chosen.", "Choose other months.")
    cautions = []
    if gaps == "last":
        cube, note = _filled(cube, active)
        cautions += note
    if used_unpaid:
        text = f"{count('account-month', used_unpaid)} with usage but no payment are left out."
        cautions.append(Caution(text, "note"))
    account, month = (places.astype(np.int32) for places in np.nonzero(active))
    accounts = base.accounts
    shares = month_shares(base, account, month, all_months, ended or {}) if by_day else WHOLE
    return AccountMonths(
        account_ids=account_ids,
        segment=accounts["segment"].to_numpy(dtype=object, na_value=UNKNOWN),
        months=all_months,
        window=window,
        account=account,
        month=month,
        recorded=None if recorded is None else recorded[active],
        plans=recorded_plans(base, account, month, all_months),
        shares=shares,
        unit_cost=accounts["unit_cost"].to_numpy(dtype=float, na_value=np.nan),
        currency=base.currency,
        features=feature_needs(base, account, month, all_months, needs_months=needs_months, minimum_uses=minimum_uses),
        cautions=tuple(cautions),
        used_unpaid=used_unpaid,
        allow_credits=base.allow_credits,
        needs_months=needs_months,
        cube=cube,
    )


def _active(
    recorded: Floats | None, cube: Mapping[str, Floats], population: str, window: slice
) -> tuple[NDArray[np.bool_], int]:
    """Return who was a customer when (accounts x months), and how many months with usage that leaves out."""
    shape = recorded.shape if recorded is not None else next(iter(cube.values())).shape
    used = np.zeros(shape, dtype=bool)
    for block in cube.values():
        used |= np.abs(block) > 0  # a month of returns alone is billed, too
    if recorded is None:
        active = used
    else:
        active = recorded > 0
        if population == "using":
            active = active | used
    inside = np.zeros(shape, dtype=bool)
    inside[:, window] = True
    return active & inside, int((used & ~active & inside).sum())


def _filled(cube: Mapping[str, Floats], active: NDArray[np.bool_]) -> tuple[dict[str, Floats], list[Caution]]:
    found, notes = {}, []
    for metric, block in cube.items():
        found[metric] = carried(block)
        gaps = int((np.isnan(block) & ~np.isnan(found[metric]) & active).sum())
        if gaps:
            found_in = f"{count('account-month', gaps)} ({percent(gaps / active.sum(), 1)})"
            text = f"{metric} is not on record in {found_in}; the last known quantity is billed there."
            notes.append(Caution(text, "note"))
    return found, notes
