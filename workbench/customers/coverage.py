"""What the data covers: accounts, months, share of accounts per metric, gaps, rows per table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.needs import mrr_matrix, usage_cube
from workbench.results import Basis

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from workbench.customers.base import CustomerBase

MRR = "mrr"


@dataclass(frozen=True, slots=True)
class Gap:
    """Months without a row between an account's first and last month of a metric (or "mrr")."""

    account_id: str
    metric: str
    months: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableCoverage:
    """One table: its rows, the accounts in it, its first and last date, and the columns left unread."""

    table: str
    rows: int
    accounts: int | None
    first: str
    last: str
    ignored_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a customer base covers. Shares are of all accounts, 0 to 1; months are written 2024-03.

    `share_per_metric` counts accounts with at least one row of the metric ("mrr" included).
    """

    accounts: int
    months: int
    first_month: str
    last_month: str
    share_per_metric: Mapping[str, float]
    gaps: tuple[Gap, ...]
    tables: tuple[TableCoverage, ...]
    ignored_files: tuple[str, ...] = ()

    def basis(self, accounts: int | Collection[str] | None = None, metric: str | None = None, note: str = "") -> Basis:
        """Say which part of the base a result stands on.

        Parameters
        ----------
        accounts
            How many accounts the result uses, or which; None means all that have `metric`, or all.
        metric
            A metric (or "mrr") the result needs.
        note
            What else a reader should know; gaps in the metric are added.

        """
        if accounts is None:
            share = 1.0 if metric is None else self.share_per_metric.get(metric, 0.0)
            used = round(share * self.accounts)
        else:
            used = accounts if isinstance(accounts, int) else len(accounts)
        holes = sum(gap.metric == metric for gap in self.gaps)
        if holes:
            accounts_word = "account has" if holes == 1 else "accounts have"
            note = f"{note} {holes:,} {accounts_word} months missing in {metric}.".strip()
        return Basis(used, self.accounts, self.first_month, self.last_month, note)

    def frame(self) -> pd.DataFrame:
        """Return one row per table, for showing: table, rows, accounts, first, last, ignored columns."""
        return pd.DataFrame(
            {
                "table": [table.table for table in self.tables],
                "rows": [table.rows for table in self.tables],
                "accounts": pd.array([table.accounts for table in self.tables], dtype="Int64"),
                "first": [table.first for table in self.tables],
                "last": [table.last for table in self.tables],
                "ignored columns": [", ".join(table.ignored_columns) for table in self.tables],
            }
        )

    def metrics_frame(self) -> pd.DataFrame:
        """Return one row per metric, for showing: share of accounts, accounts with gaps, months missing."""
        names = list(self.share_per_metric)
        return pd.DataFrame(
            {
                "metric": names,
                "share of accounts": [self.share_per_metric[name] for name in names],
                "accounts with gaps": [sum(gap.metric == name for gap in self.gaps) for name in names],
                "months missing": [sum(len(gap.months) for gap in self.gaps if gap.metric == name) for name in names],
            }
        )


def coverage(base: CustomerBase) -> Coverage:
    """Measure what `base` covers."""
    account_ids, months, blocks = usage_cube(base)
    if base.has(MRR):
        blocks = {MRR: mrr_matrix(base)[2], **blocks}
    labels = np.array([f"{month:%Y-%m}" for month in months], dtype=object)
    gaps: list[Gap] = []
    for metric, block in blocks.items():
        gaps += _gaps(account_ids, labels, metric, block)
    return Coverage(
        accounts=len(base),
        months=len(months),
        first_month=str(labels[0]),
        last_month=str(labels[-1]),
        share_per_metric={name: float((~np.isnan(block)).any(axis=1).mean()) for name, block in blocks.items()},
        gaps=tuple(gaps),
        tables=tuple(_table(base, name) for name in base.tables),
        ignored_files=base.ignored_files,
    )


def _gaps(account_ids: np.ndarray, labels: np.ndarray, metric: str, block: np.ndarray) -> list[Gap]:
    """Find months without a row between the first and last row of each account."""
    known = ~np.isnan(block)
    begun = np.maximum.accumulate(known, axis=1)
    goes_on = np.maximum.accumulate(known[:, ::-1], axis=1)[:, ::-1]
    holes = begun & goes_on & ~known
    return [Gap(str(account_ids[row]), metric, tuple(labels[holes[row]])) for row in np.flatnonzero(holes.any(axis=1))]


def _table(base: CustomerBase, name: str) -> TableCoverage:
    """Measure one table."""
    from workbench.customers.tables import TABLES  # noqa: PLC0415 - keeps the result types free of schemas

    frame = base.frames[name]
    dated = TABLES[name].dated
    days = frame[dated].dropna() if dated else pd.Series(dtype="datetime64[us]")
    accounts = int(frame["account_id"].nunique()) if "account_id" in frame else None
    first, last = (f"{days.min():%Y-%m-%d}", f"{days.max():%Y-%m-%d}") if len(days) else ("", "")
    return TableCoverage(name, len(frame), accounts, first, last, base.ignored_columns.get(name, ()))
