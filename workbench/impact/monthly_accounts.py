"""The account-months a replay bills: periods, shares of months, plans on record, features, usage and payments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from workbench.cache import Recent
from workbench.customers.base import CustomerBase, account_places, mrr_matrix, usage_cube
from workbench.customers.needs import carried, recent_peak, recently_used, uses_that_count
from workbench.formatting import UNKNOWN, count, percent
from workbench.impact.errors import ReplayError
from workbench.pricing.charge import share_of_days
from workbench.pricing.placement import NO_PLAN
from workbench.results import Caution, Floats

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Hashable, Mapping

    from numpy.typing import NDArray


# --- Months as people write them

Span: TypeAlias = "int | tuple[str, str] | None"
_EARLIEST = 1900  # what is read as an earlier year names none
_ENDS = 2


def window_of(months: pd.DatetimeIndex, wanted: Span) -> slice:
    """Return the place of the last so many months, or of those from a first to a last one, among all months."""
    if wanted is None:
        return slice(0, len(months))
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        if wanted < 1:
            raise ReplayError(f"{wanted} months cannot be replayed.", "Choose one month or more.")
        return slice(max(0, len(months) - wanted), len(months))
    if not isinstance(wanted, tuple | list) or len(wanted) != _ENDS:
        raise ReplayError(
            f"months={wanted!r} says neither how many months nor from when to when.",
            'Write a whole number, or the first and the last month: ("2024-01", "2024-12").',
        )
    first, last = (month_of(each) for each in wanted)
    start, stop = months.searchsorted(first), months.searchsorted(last, side="right")
    if start >= stop:
        raise ReplayError(
            f"There is no month from {first:%Y-%m} to {last:%Y-%m} in the data.",
            f"It covers {months[0]:%Y-%m} to {months[-1]:%Y-%m}.",
        )
    return slice(int(start), int(stop))


def month_of(when: str | pd.Timestamp) -> pd.Timestamp:
    """Return the first day of the month written or given; ReplayError when it is none."""
    try:
        found = pd.Timestamp(when)
    except (ValueError, TypeError) as error:
        raise _no_month(when) from error
    if pd.isna(found) or found.year < _EARLIEST:
        raise _no_month(when)
    return found.to_period("M").to_timestamp()


def _no_month(when: object) -> ReplayError:
    return ReplayError(f"{when!r} is no month.", "Write year and month, such as 2024-12.")


# --- The share of a month an account was a customer, where the data know the day


@dataclass(frozen=True, slots=True, eq=False)
class MonthShares:
    """Rows that were customers for a part of the month, and which part of `parts` each of them takes."""

    rows: NDArray[np.intp]
    code: NDArray[np.intp]
    parts: tuple[Fraction, ...]

    def of(self, row: int) -> Fraction:
        """Return the share of the month of one row."""
        here = np.flatnonzero(self.rows == row)
        return self.parts[self.code[here[0]]] if here.size else Fraction(1)


WHOLE = MonthShares(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), ())


def month_shares(
    base: CustomerBase,
    account: NDArray[np.int32],
    month: NDArray[np.int32],
    months: pd.DatetimeIndex,
    ended: Mapping[str, dt.date],
) -> MonthShares:
    """Return the shares by days: from the day of sign-up on, and up to the day before the one in `ended`."""
    accounts = base.frames["accounts"]
    start = accounts["signed_up"].to_numpy(dtype="datetime64[D]")[account]
    stop = pd.to_datetime(accounts["account_id"].map(dict(ended))).to_numpy(dtype="datetime64[D]")[account]
    first = months.to_numpy().astype("datetime64[D]")[month]
    after = (first.astype("datetime64[M]") + 1).astype("datetime64[D]")
    length = (after - first).astype(int)
    begins = np.where(np.isnat(start) | (start <= first), first, start)
    ends = np.where(np.isnat(stop) | (stop >= after), after, stop)
    days = (ends - begins).astype(int)
    # A sign-up after the month it was billed in, or an end before it, is no part of the month that could be billed.
    partial = np.flatnonzero((days > 0) & (days < length))
    pairs, code = np.unique(np.column_stack([days[partial], length[partial]]), axis=0, return_inverse=True)
    return MonthShares(partial, code.reshape(-1), tuple(share_of_days(int(d), int(n)) for d, n in pairs))


# --- The plan each account was on in each month, as the revenue on record says


@dataclass(frozen=True, slots=True, eq=False)
class RecordedPlans:
    """Each row's place in `names`, -1 where no plan is on record; `from_accounts` when only accounts name plans."""

    code: NDArray[np.int32]
    names: tuple[str, ...]
    from_accounts: bool = False


def recorded_plans(
    base: CustomerBase, account: NDArray[np.int32], month: NDArray[np.int32], months: pd.DatetimeIndex
) -> RecordedPlans:
    """Return the plan of each account-month; where revenue names no plan at all, the plan on the account."""
    mrr = base.frames.get("mrr")
    if mrr is None or not mrr["plan"].notna().any():
        codes, names = pd.factorize(base.frames["accounts"]["plan"])
        return RecordedPlans(codes.astype(np.int32)[account], tuple(map(str, names)), from_accounts=True)
    codes, names = pd.factorize(mrr["plan"])
    row = account_places(base, mrr)
    column = (mrr["month"].to_numpy(dtype="datetime64[M]") - np.datetime64(months[0], "M")).astype(int)
    matrix = np.full((len(base), len(months)), NO_PLAN, dtype=np.int32)
    matrix[row, column] = codes
    return RecordedPlans(matrix[account, month], tuple(map(str, names)))


# --- Which features each account needed in each month, as a few patterns that many account-months share

_BITS = 62  # features packed into one signed word


@dataclass(frozen=True, slots=True, eq=False)
class FeatureNeeds:
    """`patterns` is patterns x `names`, True where needed; `code` is the pattern of each account-month."""

    names: tuple[str, ...]
    patterns: NDArray[np.bool_]
    code: NDArray[np.intp]


def feature_needs(
    base: CustomerBase,
    account: NDArray[np.int32],
    month: NDArray[np.int32],
    months: pd.DatetimeIndex,
    *,
    needs_months: int,
    minimum_uses: int,
) -> FeatureNeeds | None:
    """Return the features used at least `minimum_uses` times in the month and those just before; None without a record.

    A week counts in the month it ends in. Features are taken one at a time, so memory stays that of one matrix.
    """
    if not base.has("feature_use"):
        return None
    table = base.frames["feature_use"]
    ends = table["week"].to_numpy(dtype="datetime64[D]") + 6
    column = (ends.astype("datetime64[M]") - np.datetime64(months[0], "M")).astype(int)
    row = account_places(base, table)
    place = row * len(months) + column
    inside = (row >= 0) & (column >= 0) & (column < len(months))
    feature, names = pd.factorize(table["feature"], sort=True)
    order = np.argsort(feature, kind="stable")
    edges = np.searchsorted(feature[order], np.arange(len(names) + 1))
    uses = table["uses"].to_numpy(dtype=float)
    size = len(base) * len(months)
    codes = np.zeros(len(account), dtype=np.int64)
    word = np.zeros(len(account), dtype=np.int64)
    needed, enough = [], uses_that_count(base, minimum_uses)
    for number in range(len(names)):
        here = order[edges[number] : edges[number + 1]]
        here = here[inside[here]]
        counted = (
            np.bincount(place[here], uses[here], size).astype(np.float64, copy=False).reshape(len(base), len(months))
        )
        need = recently_used(counted, enough, needs_months)[account, month]
        needed.append(np.packbits(need))
        word |= need.astype(np.int64) << (number % _BITS)
        if number % _BITS == _BITS - 1 or number == len(names) - 1:
            codes = _joined(codes, word)
            word[:] = 0
    first = _first_of(codes)
    patterns = np.column_stack([np.unpackbits(bits, count=len(account)).astype(bool)[first] for bits in needed])
    return FeatureNeeds(tuple(map(str, names)), patterns, codes)


def _joined(codes: NDArray[np.int64], word: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return codes that tell apart what either of two columns tells apart."""
    found, values = pd.factorize(word)
    joined, _ = pd.factorize(codes * len(values) + found)
    return joined


def _first_of(codes: NDArray[np.intp]) -> NDArray[np.intp]:
    first = np.empty(int(codes.max(initial=-1)) + 1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


# --- The account-months a replay bills: who was a customer when, what they used, what they paid

Population = Literal["paying", "using"]
Gaps = Literal["unknown", "last"]
POPULATIONS: tuple[Population, ...] = ("paying", "using")
GAPS: tuple[Gaps, ...] = ("unknown", "last")
MOST_REMEMBERED = 64  # arrays of one value per account-month


@dataclass(frozen=True, eq=False)
class AccountMonths:
    """Every month in which an account was a customer, one row each, accounts in the order of the base.

    Attributes
    ----------
    account_ids, segment
        The accounts of the base, in its order.
    months, window
        All months, and which of them are billed; earlier ones only say what an account needed.
    account, month
        Each row's places in `account_ids` and `months`.
    recorded
        Revenue on record per row (NaN unknown); None without a table of revenue.
    plans
        Plans on record.
    shares
        The share of days each row is billed for.
    unit_cost
        Per account and month, NaN unknown.
    currency
        What money is in.
    features, needs_months
        Which features are needed, and from how many months that is seen.
    cautions
        What to know before using it.
    used_unpaid
        Months with usage but no payment, which are left out.
    cube
        Metric to quantities, accounts x months.
    allow_credits
        Whether quantities may be below zero.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import account_months
    >>> rows = account_months(base)
    >>> len(rows.account), rows.quantity("seats").tolist(), rows.quantity("seats", peak_of=2).tolist()
    (4, [2.0, 3.0, 10.0, 12.0], [2.0, 3.0, 10.0, 12.0])
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

    @property
    def in_last_month(self) -> NDArray[np.bool_]:
        """Tell which rows are of the last month that is billed."""
        return self.month == self.window.stop - 1

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

    def with_usage(self, cube: Mapping[str, Floats]) -> AccountMonths:
        """Return the same account-months with other quantities (metric to accounts x months), used instead."""
        return replace(self, cube={**self.cube, **cube}, _kept=Recent(MOST_REMEMBERED))

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
        Bill base fees of the month of sign-up, and of the month in `ended`, by the share of days; whole months
        otherwise.
    ended
        Account to the first day it was no customer any more.
    needs_months, minimum_uses
        A feature is needed when it was used at least so often in the month and those just before it.

    Returns
    -------
    AccountMonths
        One row per account and month in which it was a customer.

    Raises
    ------
    ReplayError
        When no month is left, or a setting means nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import account_months
    >>> rows = account_months(base, months=1)
    >>> rows.shown_months.strftime("%Y-%m").tolist(), rows.by_account(rows.quantity("seats")).tolist()
    (['2024-02'], [3.0, 12.0])
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
