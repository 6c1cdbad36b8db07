"""What every account pays today and would pay under new prices: all that a migration needs to know."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers.windows import YEAR
from workbench.formatting import count, exact
from workbench.impact.migration.errors import MigrationError
from workbench.impact.months_given import month_of
from workbench.results import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from workbench.impact.migration.cohorts import Cohorts

    Floats = NDArray[np.float64]

UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False, repr=False)
class AccountBills:
    """Today's accounts, one entry each in every array; money per month in `currency`.

    `old` and `new` are the bills today and under the new prices. `renewal` counts the months from `start` (the month
    in which the new prices are announced) to the account's next renewal, `term` the months from one renewal to the
    next; `renewal_known` tells contracts from assumptions. `unit_cost` is NaN where unknown. `metered` and `add_ons`
    are the parts of the new bill that move with usage and that come from add-ons.
    """

    account_ids: NDArray[np.object_]
    segment: NDArray[np.object_]
    old: Floats
    new: Floats
    renewal: NDArray[np.intp]
    term: NDArray[np.intp]
    renewal_known: NDArray[np.bool_]
    unit_cost: Floats
    metered: Floats
    add_ons: Floats
    plan_before: NDArray[np.object_]
    plan_after: NDArray[np.object_]
    currency: str
    start: pd.Timestamp
    left_out: int = 0
    cautions: tuple[Caution, ...] = ()

    def __len__(self) -> int:
        """Count the accounts."""
        return len(self.old)

    def __repr__(self) -> str:
        return f"AccountBills({len(self):,} accounts, {self.old.sum():,.0f} -> {self.new.sum():,.0f} {self.currency})"

    @property
    def segments(self) -> tuple[str, ...]:
        """Name the segments, in alphabetical order."""
        return self.cohorts.segments

    @cached_property
    def cohorts(self) -> Cohorts:
        """Return the accounts that go the same way together under any policy."""
        from workbench.impact.migration.cohorts import cohorts_of  # noqa: PLC0415 - made when a path is asked for

        return cohorts_of(self)

    @property
    def rise(self) -> Floats:
        """Return each bill's relative change: 0.2 is +20%; infinite from nothing, 0 from nothing to nothing."""
        with np.errstate(divide="ignore", invalid="ignore"):
            change = self.new / self.old - 1
        return np.where((self.old == 0) & (self.new == 0), 0.0, change)

    def months(self, count: int = 2 * YEAR) -> pd.DatetimeIndex:
        """Return the first `count` months from the announcement on."""
        return pd.date_range(self.start, periods=count, freq="MS")

    def only(self, which: NDArray[np.bool_]) -> AccountBills:
        """Return some of the accounts."""
        parts: dict[str, Any] = {
            each.name: value[which]
            for each in fields(self)
            if isinstance(value := getattr(self, each.name), np.ndarray)
        }
        return replace(self, **parts)


def account_bills(
    account_ids: ArrayLike,
    segment: ArrayLike,
    old: ArrayLike,
    new: ArrayLike,
    *,
    start: str | pd.Timestamp,
    currency: str = "USD",
    renewal: ArrayLike | None = None,
    term: ArrayLike = YEAR,
    renewal_known: ArrayLike = False,
    unit_cost: ArrayLike = np.nan,
    metered: ArrayLike = 0.0,
    add_ons: ArrayLike = 0.0,
    plan_before: ArrayLike = UNKNOWN,
    plan_after: ArrayLike = UNKNOWN,
) -> AccountBills:
    """Return the bills of accounts, checked; accounts with an unknown bill are left out and counted.

    `renewal` is in months from `start`; an unknown one (NaN, or None for all) is taken as late as it can be, at the
    end of a full term, and a caution says how many. Raises MigrationError where lengths differ, a bill is negative
    or no account is left.
    """
    ids = np.asarray(account_ids, dtype=object)
    size = len(ids)
    floats = {"old": old, "new": new, "unit_cost": unit_cost, "metered": metered, "add_ons": add_ons, "term": term}
    values: dict[str, Any] = {name: _column(name, value, size, np.float64) for name, value in floats.items()}
    words = {"segment": segment, "plan_before": plan_before, "plan_after": plan_after}
    values |= {name: _column(name, value, size, object) for name, value in words.items()}
    values["segment"] = np.array([UNKNOWN if pd.isna(each) else str(each) for each in values["segment"]], dtype=object)
    values["renewal_known"] = _column("renewal_known", renewal_known, size, bool)
    values["term"] = _terms(values["term"])
    dates = _column("renewal", np.nan if renewal is None else renewal, size, np.float64)
    unknown_dates = np.isnan(dates)
    values["renewal"] = np.where(unknown_dates, values["term"] - 1, dates).astype(np.intp)
    values["renewal_known"] = values["renewal_known"] & ~unknown_dates
    known = np.isfinite(values["old"]) & np.isfinite(values["new"])
    if not known.any():
        raise MigrationError("No account has both an old and a new bill.", "Replay the new prices first.")
    _check_amounts(ids, values, known)
    left_out = int((~known).sum())
    month = month_of(start)
    cautions = _cautions(left_out, int((unknown_dates & known).sum()))
    whole = AccountBills(
        account_ids=ids, currency=currency, start=month, left_out=left_out, cautions=cautions, **values
    )
    return whole if known.all() else whole.only(known)


def _column(name: str, value: ArrayLike, size: int, kind: type) -> Any:  # noqa: ANN401 - an array of that kind
    given: NDArray[Any] = np.asarray(value, dtype=kind)
    if given.ndim and given.shape != (size,):
        raise MigrationError(f"There are {size} accounts, but {len(given)} values of {name}.", "Give one each.")
    found = np.broadcast_to(given, (size,))
    found.setflags(write=False)
    return found


def _terms(months: Floats) -> NDArray[np.intp]:
    if not np.all(months >= 1):
        raise MigrationError("A contract term is shorter than a month.", "Terms are in whole months, one or more.")
    return months.astype(np.intp)


def _check_amounts(ids: NDArray[np.object_], values: dict[str, Any], known: NDArray[np.bool_]) -> None:
    for name in ("old", "new", "metered", "add_ons"):
        wrong = np.flatnonzero(known & ~(values[name] >= 0))
        if len(wrong):
            raise MigrationError(
                f"Account {ids[wrong[0]]} has {exact(values[name][wrong[0]])} as {name.replace('_', ' ')}.",
                "Amounts are zero or more.",
            )
    parts = values["metered"] + values["add_ons"]
    wrong = np.flatnonzero(known & (parts > values["new"] * (1 + 1e-6) + 1e-6))
    if len(wrong):
        raise MigrationError(
            f"Usage and add-ons of account {ids[wrong[0]]} come to {exact(parts[wrong[0]])}, more than its new bill.",
            "An add-on charged by usage counts as one of the two, not as both.",
        )
    wrong = np.flatnonzero(known & (values["renewal"] < 0))
    if len(wrong):
        raise MigrationError(f"The next renewal of account {ids[wrong[0]]} lies in the past.", "Count from the start.")


def _cautions(left_out: int, no_date: int) -> tuple[Caution, ...]:
    found = []
    if left_out:
        found.append(Caution(f"{count('account', left_out)} without a known bill on both sides are in no figure."))
    if no_date:
        text = f"The renewal of {count('account', no_date)} is not known and taken as late as it can be."
        found.append(Caution(text, "note"))
    return tuple(found)
