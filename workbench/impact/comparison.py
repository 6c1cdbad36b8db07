"""Bills under one price book against bills under another, or against what was paid: account by account."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import percent
from workbench.impact.errors import ReplayError
from workbench.results import Basis, Caution
from workbench.tolerances import LAST_DIGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.reconciliation import Reconciliation
    from workbench.impact.replay import Replay

    Floats = NDArray[np.float64]

RECORDED = "recorded revenue"
MOST_LEFT_OUT = 0.05


@dataclass(frozen=True, slots=True)
class Spread:
    """How a bill change in percent is spread over accounts (0.1 means +10%): 5%, half and 95% lie at or below.

    Accounts that paid nothing before and pay something now have no percentage and are not among them.
    """

    p5: float
    p50: float
    p95: float


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What changes from one set of bills to another.

    `accounts` has one row per account billed on both sides in at least one month: account_id, segment, plan_before,
    plan_after (of the last such month), months, before and after (mean bill per month), change, percent (0 when
    both are zero, infinite when only the first is). `months` and `segments` sum the same account-months: before,
    after, change, percent. All money is in `currency`. `rows` are the account-months compared, `places` where each
    account of `accounts` stands in the base's.
    """

    before_name: str
    after_name: str
    currency: str
    accounts: pd.DataFrame
    months: pd.DataFrame
    segments: pd.DataFrame
    left_out: float
    basis: Basis
    cautions: tuple[Caution, ...]
    after: Replay = field(repr=False)
    before: Replay | None = field(repr=False)
    rows: NDArray[np.intp] = field(repr=False)
    places: NDArray[np.intp] = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"Comparison({self.before_name!r} -> {self.after_name!r}, {len(self.accounts):,} accounts, "
            f"revenue {percent(self.revenue_change, 1, signed=True)})"
        )

    @property
    def period(self) -> str:
        """Say what months money a month speaks of: 2024-12, or the mean of 12 months to 2024-12."""
        last = self.basis.last_month
        return last if len(self.months) == 1 else f"mean of {len(self.months)} months to {last}"

    @property
    def revenue_before(self) -> float:
        """Return the first revenue of all account-months compared."""
        return float(self.months["before"].sum())

    @property
    def revenue_after(self) -> float:
        """Return the second revenue of the same account-months."""
        return float(self.months["after"].sum())

    @property
    def revenue_change(self) -> float:
        """Return the change of revenue as a share; NaN where there was none before."""
        before = self.revenue_before
        return self.revenue_after / before - 1 if before else float("nan")

    @cached_property
    def spread(self) -> Spread:
        """Return the 5%, 50% and 95% points of the accounts' bill change in percent; NaN when none is known."""
        known = self._percent()
        points = np.quantile(known, (0.05, 0.5, 0.95)) if len(known) else np.full(3, np.nan)
        return Spread(*points.tolist())

    @property
    def segment_codes(self) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        """Return the place of every account's segment among the names that follow, in alphabetical order."""
        codes, names = self.after.rows.segment_codes
        return codes[self.places], names

    @property
    def account_ids(self) -> NDArray[np.object_]:
        """Return the ids of `accounts`, in their order, without making text of the whole column again."""
        return self.after.rows.account_ids[self.places]

    def quantile(self, point: float) -> float:
        """Return the bill change in percent that a share of accounts does not exceed."""
        if not 0 <= point <= 1:
            raise ReplayError(f"{point!r} is no share of accounts.", "Write 0.95 for 95%.")
        known = self._percent()
        return float(np.quantile(known, point)) if len(known) else float("nan")

    def share_above(self, bound: float) -> float:
        """Return the share of accounts whose bill rises by more than `bound` (0.25 is +25%)."""
        return self._share(self.accounts["percent"].to_numpy() > bound + LAST_DIGITS)

    def share_below(self, bound: float) -> float:
        """Return the share of accounts whose bill change lies below `bound` (-0.1: falls by more than 10%)."""
        return self._share(self.accounts["percent"].to_numpy() < bound - LAST_DIGITS)

    def bounds(self, *bounds: float) -> pd.DataFrame:
        """Return bound, share_below, share_above, accounts_below, accounts_above for each bound."""
        total = len(self.accounts)
        rows = [(bound, self.share_below(bound), self.share_above(bound)) for bound in bounds]
        table = pd.DataFrame(rows, columns=["bound", "share_below", "share_above"])
        for side in ("below", "above"):
            table[f"accounts_{side}"] = (table[f"share_{side}"] * total).round().astype("Int64")
        return table

    def movers(self, most: int = 10, *, by: str = "change") -> pd.DataFrame:
        """Return the accounts that move most, up and down, by "change" (money) or "percent", with the reason in words.

        Columns: those of `accounts`, and reason.
        """
        from workbench.impact.movers import movers  # noqa: PLC0415 - reasons are worked out when asked for

        return movers(self, most, by=by)

    def _percent(self) -> Floats:
        values = self.accounts["percent"].to_numpy()
        return values[np.isfinite(values)]

    def _share(self, which: NDArray[np.bool_]) -> float:
        return float(which.mean()) if len(which) else float("nan")


def compare(before: Replay | None, after: Replay, *, reconciliation: Reconciliation | None = None) -> Comparison:
    """Compare two replays of the same account-months; None compares with the revenue on record.

    An account-month counts where both sides are known, so that an unknown bill is no rise and no fall. With a
    reconciliation the comparison warns when today's prices do not reproduce what was paid.
    """
    for given in (before, after):
        if given is not None and not hasattr(given, "amounts"):
            raise ReplayError(
                f"A {type(given).__name__} is no replay.", "Give what `replay` or `replay_many` returned."
            )
    rows = after.rows
    first = rows.recorded if before is None else before.amounts
    if first is None:
        raise ReplayError("There is no revenue on record to compare with.", "Compare with a replay of today's prices.")
    if before is not None and before.rows is not rows:
        raise ReplayError(
            "The two replays were made from different account-months.",
            "Make both with `replay_many`, or prepare the base once with `account_months`.",
        )
    both = np.flatnonzero(np.isfinite(first) & np.isfinite(after.amounts))
    old, new = np.zeros(len(rows)), np.zeros(len(rows))
    old[both], new[both] = first[both], after.amounts[both]
    counted = np.zeros(len(rows))
    counted[both] = 1.0
    sums = tuple(rows.by_account(each) for each in (old, new, counted))
    places = np.flatnonzero(sums[2])
    accounts = _accounts(before, after, both, sums)
    shown = rows.shown_months
    left_out = 1 - len(both) / len(rows)
    cautions = list(after.cautions) if before is None else list(dict.fromkeys((*before.cautions, *after.cautions)))
    cautions += _cautions(left_out, reconciliation)
    codes, names = rows.segment_codes
    group = codes[rows.account]
    before_name = RECORDED if before is None else before.name
    return Comparison(
        before_name=before_name,
        after_name=after.name,
        currency=after.currency,
        accounts=accounts,
        months=_sums("month", shown, rows.by_month(old), rows.by_month(new)),
        segments=_sums("segment", names, *(np.bincount(group, each, len(names)).astype(float) for each in (old, new))),
        left_out=left_out,
        basis=Basis(len(accounts), len(rows.account_ids), f"{shown[0]:%Y-%m}", f"{shown[-1]:%Y-%m}"),
        cautions=tuple(cautions),
        after=after,
        before=before,
        rows=both,
        places=places,
    )


def relative(before: Floats, after: Floats) -> Floats:
    """Return the change as a share: 0 where nothing changes, infinite from zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        change = after / before - 1
    return np.where((before == 0) & (after == 0), 0.0, change)


def _sums(name: str, labels: object, before: Floats, after: Floats) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: labels,
            "before": before,
            "after": after,
            "change": after - before,
            "percent": relative(before, after),
        }
    )


def _accounts(before: Replay | None, after: Replay, both: NDArray[np.intp], sums: tuple[Floats, ...]) -> pd.DataFrame:
    rows = after.rows
    old, new, months = sums
    here = np.flatnonzero(months)
    last = np.zeros(len(rows.account_ids), dtype=np.intp)
    last[rows.account[both]] = both
    last = last[here]
    first, second = old[here] / months[here], new[here] / months[here]
    # The share is taken of sums, so that dividing by the months adds no rounding to a change of zero.
    return pd.DataFrame(
        {
            "account_id": rows.account_ids[here],
            "segment": rows.segment[here],
            "plan_before": _recorded_names(after, last) if before is None else _names(before, last),
            "plan_after": _names(after, last),
            "months": months[here].astype(int),
            "before": first,
            "after": second,
            "change": (new[here] - old[here]) / months[here],
            "percent": relative(old[here], new[here]),
        }
    )


def _names(replay: Replay, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    return np.array(replay.book.plan_names, dtype=object)[replay.plan_index[rows]]


def _recorded_names(replay: Replay, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    return np.array([*replay.rows.plans.names, "unknown"], dtype=object)[replay.rows.plans.code[rows]]


def _cautions(left_out: float, reconciliation: Reconciliation | None) -> list[Caution]:
    found = []
    if left_out > MOST_LEFT_OUT:
        text = f"{percent(left_out, 1)} of account-months are not compared, because one of the two bills is unknown."
        found.append(Caution(text))
    if reconciliation is not None:
        found += reconciliation.cautions
    return found
