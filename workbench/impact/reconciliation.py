"""Today's prices against what was paid: does the replay start from the truth, and if not, why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import percent
from workbench.impact.assignment import KeepPlan
from workbench.impact.coverage import BILLED, REASONS
from workbench.impact.errors import ReplayError
from workbench.impact.explanations import EXPLAINED, NOT_COMPARED, explain
from workbench.impact.replay import Replay, replay
from workbench.results import Caution
from workbench.study import Guardrails

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.impact.account_months import AccountMonths
    from workbench.impact.assignment import Assignment
    from workbench.pricing import PriceBook

MOST_UNEXPLAINED = Guardrails().most_unexplained  # share of recorded revenue
MOST_BELOW_LIST = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class Reconciliation:
    """How well a replay of today's prices meets recorded revenue, account by account.

    `accounts`: account_id, segment, months (compared), months_not_compared, recorded, replayed (sums of the months
    compared), difference, share (difference over replayed), without_bill (recorded revenue of the other months),
    explanation (a class), detail (in words).
    `recorded` is all recorded revenue, `compared` the part of it that has a bill beside it, `off` the sum of all
    absolute monthly differences and `unexplained` the part of that in accounts nothing explains.
    """

    accounts: pd.DataFrame
    recorded: float
    compared: float
    replayed: float
    off: float
    unexplained: float
    most_unexplained: float | None
    replay: Replay

    def __repr__(self) -> str:
        return f"Reconciliation({len(self.accounts):,} accounts, {percent(self.unexplained_share, 1)} unexplained)"

    @property
    def off_share(self) -> float:
        """Return the sum of all monthly differences, up or down, as a share of the recorded revenue compared."""
        return self.off / self.compared if self.compared else float("nan")

    @property
    def not_compared_share(self) -> float:
        """Return the share of recorded revenue without a bill beside it."""
        return 1 - self.compared / self.recorded if self.recorded else float("nan")

    @property
    def unexplained_share(self) -> float:
        """Return unexplained differences and revenue without a bill, as a share of all recorded revenue."""
        if not self.recorded:
            return float("nan")
        return (self.unexplained + self.recorded - self.compared) / self.recorded

    @property
    def below_list(self) -> float:
        """Return by how much recorded revenue stays below today's list, as a share of the list (discounts)."""
        return 1 - self.compared / self.replayed if self.replayed else float("nan")

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what every comparison with this baseline has to say about itself."""
        found = []
        if not self.recorded:
            return (Caution("No revenue is on record for these months, so today's prices could not be checked."),)
        if self.most_unexplained is not None and self.unexplained_share > self.most_unexplained:
            found.append(
                Caution(
                    f"Today's prices do not account for {percent(self.unexplained_share, 1)} of recorded revenue: "
                    f"{percent(self.not_compared_share, 1)} has no bill beside it{self._why_none()}, and differences "
                    f"worth {percent(self.unexplained / self.recorded, 1)} are unexplained. Changes against today's "
                    "prices carry that error."
                )
            )
        if self.below_list > MOST_BELOW_LIST:
            found.append(
                Caution(
                    f"Customers pay {percent(self.below_list, 1)} less than today's list: what a list brings and what "
                    "is paid are two things, and each is compared with its like.",
                )
            )
        return tuple(found)

    def _why_none(self) -> str:
        reasons = self.replay.coverage().query("reason != 'billed'")["reason"]
        return f" ({', '.join(reasons)})" if len(reasons) else ""

    def summary(self) -> pd.DataFrame:
        """Return one row per explanation: explanation, accounts, recorded, without_bill, difference, share_of_recorded.

        The share is that of the recorded revenue compared.
        """
        table = self.accounts.groupby("explanation", sort=False).agg(
            accounts=("account_id", "size"),
            recorded=("recorded", "sum"),
            without_bill=("without_bill", "sum"),
            difference=("difference", "sum"),
        )
        table["share_of_recorded"] = table["recorded"] / self.compared if self.compared else float("nan")
        return table.sort_values("accounts", ascending=False).reset_index()


def reconcile(
    base: CustomerBase | AccountMonths | Replay,
    today_book: PriceBook | None = None,
    *,
    assign: Assignment | None = None,
    tolerance: float = 0.01,
    most_unexplained: float | None = MOST_UNEXPLAINED,
    **settings: Any,  # noqa: ANN401 - passed on to replay, which names them
) -> Reconciliation:
    """Compare a replay of today's prices with recorded revenue, and explain the difference account by account.

    Parameters
    ----------
    base
        A customer base, its account-months, or a replay of today's prices that exists already.
    today_book
        Today's price book; only a replay brings its own.
    assign
        The plan on record (`KeepPlan`) by default.
    tolerance
        What counts as rounding, in currency per month (a thousandth of the bill where that is more).
    most_unexplained
        Share of recorded revenue from which every comparison warns; None: never.

    Raises ReplayError without recorded revenue.
    """
    if isinstance(base, Replay):
        done = base
    elif today_book is None:
        raise ReplayError("Reconciling needs today's price book.", "Give it, or a replay of it.")
    else:
        done = replay(base, today_book, assign=assign or KeepPlan(), **settings)
    rows = done.rows
    if rows.recorded is None:
        raise ReplayError("There is no revenue on record to reconcile with.", "It needs the table mrr.")
    on_record = np.isfinite(rows.recorded)
    both = on_record & np.isfinite(done.amounts)
    recorded, replayed = np.where(both, rows.recorded, 0.0), np.where(both, done.amounts, 0.0)
    difference = recorded - replayed
    found = explain(done, rows.recorded, both, tolerance)
    here = np.bincount(rows.account, on_record, len(rows.account_ids)) > 0
    table = _table(done, both, recorded, replayed).assign(explanation=found.kinds, detail=found.details)
    _say_why_not_compared(table, done, both)
    unexplained = ~np.isin(found.kinds, list(EXPLAINED))
    return Reconciliation(
        accounts=table[here].reset_index(drop=True),
        recorded=float(np.nansum(rows.recorded)),
        compared=float(recorded.sum()),
        replayed=float(replayed.sum()),
        off=float(np.abs(difference).sum()),
        unexplained=float(rows.by_account(np.abs(difference))[unexplained].sum()),
        most_unexplained=most_unexplained,
        replay=done,
    )


def _table(
    done: Replay, both: NDArray[np.bool_], recorded: NDArray[np.float64], replayed: NDArray[np.float64]
) -> pd.DataFrame:
    rows = done.rows
    months = rows.by_account(both.astype(float)).astype(int)
    first, second = rows.by_account(recorded), rows.by_account(replayed)
    unmet = np.zeros(len(rows)) if rows.recorded is None else np.where(both, 0.0, np.nan_to_num(rows.recorded))
    share = np.divide(first - second, second, out=np.full(len(first), np.nan), where=second > 0)
    return pd.DataFrame(
        {
            "account_id": rows.account_ids,
            "segment": rows.segment,
            "months": months,
            "months_not_compared": np.bincount(rows.account, minlength=len(rows.account_ids)) - months,
            "recorded": first,
            "replayed": second,
            "difference": first - second,
            "share": share,
            "without_bill": rows.by_account(unmet),
        }
    )


def _say_why_not_compared(table: pd.DataFrame, done: Replay, both: NDArray[np.bool_]) -> None:
    """Write into the new table why accounts without any month compared have none: their most frequent reason."""
    rows = done.rows
    alone = (table["explanation"] == NOT_COMPARED).to_numpy()
    codes = list(REASONS)
    counts = np.bincount(
        rows.account * len(codes) + np.where(both, BILLED, done.reason), minlength=len(table) * len(codes)
    )
    counts = counts.reshape(len(table), len(codes))
    counts[:, BILLED] = 0
    names = np.array(list(REASONS.values()), dtype=object)
    table.loc[alone, "detail"] = names[counts.argmax(axis=1)][alone]
    table.loc[alone, "explanation"] = NOT_COMPARED + ": " + table.loc[alone, "detail"]
