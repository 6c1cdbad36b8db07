"""Check what only several tables together can show: unknown accounts, missing months, mixed currencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.cell_text import shown
from workbench.customers.places import places
from workbench.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workbench.customers.validate import ReadTable

MONTHLY = ("usage", "mrr")
_PRICED = ("mrr", "plans")  # competitors may publish in another currency; our own prices may not


def cross_table_problems(tables: Mapping[str, ReadTable]) -> Iterator[Problem]:
    """Yield every problem between the tables of one customer base."""
    yield from _required_tables(tables)
    yield from _unknown_names(tables, "accounts", "account_id")
    for name in ("plan_limits", "plan_features"):
        yield from _unknown_names({key: tables[key] for key in ("plans", name) if key in tables}, "plans", "plan")
    yield from _mixed_currencies(tables)
    if "plans" in tables:
        yield from _two_base_fees(tables["plans"])
    for name in MONTHLY:
        if name in tables and tables[name].complete:
            yield from _months_without_rows(tables[name])


def _required_tables(tables: Mapping[str, ReadTable]) -> Iterator[Problem]:
    """Report when the accounts, or both of usage and MRR, are not there."""
    remedy = "Start from the empty files that `workbench template FOLDER` writes."
    if "accounts" not in tables:
        yield Problem("accounts", "accounts", None, "", "", "a table accounts, one row per customer", remedy)
    if not any(name in tables for name in MONTHLY):
        expected = "a table usage or a table mrr: what accounts used or paid per month"
        yield Problem("usage", "usage", None, "", "", expected, remedy)


def _unknown_names(tables: Mapping[str, ReadTable], home: str, column: str) -> Iterator[Problem]:
    """Report rows that name an account or plan its own table does not list."""
    if home not in tables or not tables[home].complete:
        return
    known = pd.Series(tables[home].frame[column].dropna().unique())
    remedy = f"Add it to {tables[home].file}, or correct the spelling here."
    for name, table in tables.items():
        if name == home or column not in table.frame:
            continue
        values = table.frame[column]
        rows = np.flatnonzero(values.notna().to_numpy() & (places(values, known) < 0))
        expected = f"one of the {len(known):,} values of {column} in {tables[home].file}"
        yield from table.problems_at(rows, column, expected, remedy)


def _mixed_currencies(tables: Mapping[str, ReadTable]) -> Iterator[Problem]:
    """Report rows in another currency than most of the company's own amounts."""
    own = [tables[name] for name in _PRICED if name in tables]
    codes = [table.frame["currency"].dropna() for table in own]
    counts = pd.concat(codes).value_counts() if codes else pd.Series(dtype=int)
    if len(counts) <= 1:
        return
    usual = counts.index[0]
    remedy = f"Convert the amount to {usual}, or load one currency at a time."
    for table in own:
        values = table.frame["currency"]
        rows = np.flatnonzero((values.notna() & (values != usual)).to_numpy())
        yield from table.problems_at(rows, "currency", f"{usual}, as in most rows", remedy)


def _two_base_fees(plans: ReadTable) -> Iterator[Problem]:
    """Report base fees that differ from the first of their plan and billing period; 0 beside a metric is none."""
    frame = plans.frame
    fees = frame["base_fee"].astype(float)
    period = frame["billing_period"].fillna("month")
    known = ((fees > 0) & frame["plan"].notna()).to_numpy()
    places = pd.Series(np.arange(len(frame)))[known]
    first = places.groupby([frame["plan"][known].to_numpy(), period[known].to_numpy()]).transform("first").to_numpy()
    rows = places.to_numpy()
    differ = fees.to_numpy()[rows] != fees.to_numpy()[first]
    remedy = "Keep the one that is right; a plan's rows for other metrics repeat it, or leave it blank."
    for row, before in zip(rows[differ], first[differ], strict=True):
        plan, fee, line = shown(frame["plan"].iloc[row]), shown(float(fees.iloc[before])), int(plans.lines[before])
        expected = f"one base fee for {plan!r} per {period.iloc[row]}: row {line} says {fee}"
        yield from plans.problems_at(np.array([row]), "base_fee", expected, remedy)


def _months_without_rows(table: ReadTable) -> Iterator[Problem]:
    """Report months between the first and the last in which no account at all has a row."""
    present = table.frame["month"].dropna().drop_duplicates()
    if present.empty:
        return
    for month in pd.date_range(present.min(), present.max(), freq="MS").difference(pd.DatetimeIndex(present)):
        yield table.problem(
            None,
            "month",
            shown(month)[:7],
            f"rows for every month from {shown(present.min())[:7]} to {shown(present.max())[:7]}",
            "Add the rows of this month (the export may have been cut), or correct a month that is far off.",
        )
