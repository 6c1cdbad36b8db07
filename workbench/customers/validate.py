"""Hold raw tables against what is documented, each alone and all together, and list every problem with its place."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.raw_tables import cause, match_headers, shown_cell
from workbench.customers.tables import NUMERIC, SEATS, TABLES, Column, plain_name
from workbench.customers.values import (
    Reading,
    as_written,
    begins_the_evening_before,
    distinct,
    mark_and_thousands,
    order_of_dates,
    places,
    read_column,
)  # fmt: skip
from workbench.errors import ROWS_NAMED, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandera.errors
    import pandera.pandas as pa

    from workbench.customers.raw_tables import RawTable
    from workbench.customers.tables import Table

# --- Build the declared schema of each customer table, and list every way a table departs from it

_TYPES = {
    "text": "str",
    "currency": "str",
    "number": "float64",
    "whole number": "float64",  # a blank count stays unknown, which integers cannot hold
    "date": "datetime64[us]",
    "month": "datetime64[us]",
    "week": "datetime64[us]",
    "yes or no": "float64",
}


def dtype(column: Column) -> str:
    """Return the pandas type a read column has."""
    return _TYPES[column.kind]


@contextmanager
def _spark_stays_quiet() -> Iterator[None]:
    """Hide what PySpark, where it is installed, says of pandas when pandera looks for it: no Spark is used here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support", category=FutureWarning)
        yield


@cache
def schema(name: str) -> pa.DataFrameSchema:
    """Return the pandera schema of the table `name`, with each column's meaning as its description."""
    with _spark_stays_quiet():
        import pandera.pandas as pa  # noqa: PLC0415 - slow to load, and needed only where data is read

    table = TABLES[name]
    columns = {
        column.name: pa.Column(
            dtype(column),
            checks=_checks(column),
            nullable=not column.required or column.may_be_blank,
            required=column.required,
            description=column.meaning,
            title=column.name,
            metadata={"unit": column.unit, "example": column.example, "kind": column.kind},
        )
        for column in table.columns
    }
    unique = list(table.key) or None
    return pa.DataFrameSchema(
        columns, unique=unique, report_duplicates="exclude_first", name=name, description=table.holds
    )


def _checks(column: Column) -> list[pa.Check]:
    """Return the limits of one column as checks."""
    with _spark_stays_quiet():
        import pandera.pandas as pa  # noqa: PLC0415 - as above

    checks = []
    if column.least is not None:
        checks.append(pa.Check.ge(column.least))
    if column.most is not None:
        checks.append(pa.Check.le(column.most))
    if column.choices:
        checks.append(pa.Check.isin(list(column.choices)))
    return checks


def departures(name: str, frame: pd.DataFrame) -> list[tuple[str, str, np.ndarray]]:
    """List (kind, column, row positions) for everything the schema of `name` refuses in `frame`.

    kind is "blank", "limit", "type" or "duplicate"; a duplicate names the key and every row but the first.
    `frame` must have a RangeIndex.
    """
    with _spark_stays_quiet():
        import pandera.errors  # noqa: PLC0415 - as above

    found = key_departures(frame, list(TABLES[name].key))
    try:
        with _spark_stays_quiet():
            _without_key(name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        found += [_departure(error, frame) for error in errors.schema_errors]
    return found


@cache
def _without_key(name: str) -> pa.DataFrameSchema:
    """Return the schema without its key, which takes less memory to look through here than there."""
    rest = copy(schema(name))
    rest.unique = None
    return rest


def key_departures(frame: pd.DataFrame, key: list[str]) -> list[tuple[str, str, np.ndarray]]:
    """Return the rows whose key occurred before, as a departure; keys are numbered, and compared as numbers."""
    if not key or key[0] not in frame:
        return []
    numbers, most = np.zeros(len(frame), dtype=np.int64), 1.0
    for column in key:
        codes, values = frame[column].factorize()
        most *= len(values) + 1
        numbers *= len(values) + 1
        numbers += codes + 1
    if most < np.iinfo(np.int64).max and not (numbers[1:] > numbers[:-1]).all():
        numbers.sort()
    if most < np.iinfo(np.int64).max and (numbers[1:] > numbers[:-1]).all():
        return []
    rows = np.flatnonzero(frame.duplicated(key).to_numpy())
    return [("duplicate", ", ".join(key), rows)] if len(rows) else []


def _departure(error: pandera.errors.SchemaError, frame: pd.DataFrame) -> tuple[str, str, np.ndarray]:
    """Reduce one pandera error to its kind, column and rows."""
    reason = error.reason_code.name
    column = str(error.schema.name)
    if reason == "SERIES_CONTAINS_NULLS":
        return "blank", column, np.flatnonzero(frame[column].isna().to_numpy())
    if reason == "DATAFRAME_CHECK" and "index" in error.failure_cases:
        return "limit", column, error.failure_cases["index"].to_numpy(dtype=np.int64, na_value=-1)
    return "type", column, np.arange(0)


# --- What stands around a cell: the same account before and after, or the rows above and below

_EACH_SIDE = 2
_LABEL_LENGTH = {"month": 7}  # characters of 2024-03


def neighbours(
    table: Table, frame: pd.DataFrame, cells: pd.Series, rows: np.ndarray, lines: np.ndarray
) -> tuple[str, ...]:
    """Say for the first of `rows` (positions in `frame`) what stands around its cell.

    In a table with a history that is what the same series has at the times around it, else the rows above and below.
    `cells` of the column are what is quoted, `lines` the rows a person sees.
    """
    return tuple(_around(table, frame, cells, row, lines) for row in rows[:ROWS_NAMED].tolist())


def _around(table: Table, frame: pd.DataFrame, cells: pd.Series, row: int, lines: np.ndarray) -> str:
    """Say what stands around one cell."""
    series = _series(table, frame, row)
    labels = None
    if len(series) > 1 and table.dated is not None:
        length = _LABEL_LENGTH.get(table.column(table.dated).kind)
        labels = [shown_cell(frame[table.dated].iloc[place])[:length] for place in series]
        who = ", ".join(str(frame[name].iloc[row]) for name in table.history)
    else:
        series = np.arange(max(0, row - _EACH_SIDE), min(len(frame), row + _EACH_SIDE + 1))
        labels = [f"row {lines[place]}" for place in series]
        who = ""
    at = int(np.flatnonzero(series == row)[0])
    near = range(max(0, at - _EACH_SIDE), min(len(series), at + _EACH_SIDE + 1))
    told = ", ".join(
        f"{labels[each]}: {shown_cell(cells.iloc[series[each]]) or 'blank'}" for each in near if each != at
    )
    if not told:
        return ""
    return f"{who} has {told}" if who else told


def _series(table: Table, frame: pd.DataFrame, row: int) -> np.ndarray:
    """Return the rows of the same series through time, in order; none where the table has no such series."""
    if table.dated is None or not table.history or frame[[*table.history, table.dated]].iloc[row].isna().any():
        return np.arange(0)
    places = np.flatnonzero(frame[table.dated].notna().to_numpy())
    for name in table.history:
        places = places[(frame[name].iloc[places] == frame[name].iloc[row]).to_numpy()]
    return places[np.argsort(frame[table.dated].iloc[places].to_numpy(), kind="stable")]


# --- What the declared schema of a table refuses: blanks, values outside their limits, rows said twice

_CREDITS = {"quantity": " To credit returns, say --allow-credits (allow_credits=True in a script)."}


def schema_problems(
    table: Table, read: pd.DataFrame, raw: RawTable, columns: dict[str, str], reported: dict[str, np.ndarray]
) -> list[Problem]:
    """Report what the declared schema refuses, leaving out cells already reported as unreadable."""
    problems: list[Problem] = []
    for kind, name, rows in departures(table.name, read):
        if kind == "duplicate":
            problems += _duplicates(table, read, raw, reported)
        elif name in columns and not (kind == "limit" and table.column(name).is_unlimited):
            new = rows[~reported[name][rows]] if name in reported else rows
            column = table.column(name)
            problems += cause(
                (raw.table, raw.file, name),
                raw.lines[new],
                read[name].iloc[new],
                expected=column.expected,
                remedy=_remedy_for(column, kind),
            )
    return problems


def _remedy_for(column: Column, kind: str) -> str:
    """Say what helps when a cell is blank or its value outside the limits of its column."""
    if kind == "blank":
        return "Fill in the cell or delete the row."
    if column.least == 0 and not column.choices:
        return "Correct the sign, or delete the row when it is a correction of another one." + _CREDITS.get(
            column.name, ""
        )
    return f"Write {column.expected}."


def _duplicates(table: Table, read: pd.DataFrame, raw: RawTable, reported: dict[str, np.ndarray]) -> list[Problem]:
    """Report the rows whose key occurred before, with the line where the first of them did."""
    key = list(table.key)
    unclear = np.zeros(len(read), dtype=bool)
    for name in key:
        unclear |= reported.get(name, False)
        if table.column(name).required:
            unclear |= read[name].isna().to_numpy()
    groups = read.groupby(key, dropna=False, sort=False).ngroup().to_numpy()
    first = pd.Series(raw.lines).groupby(groups).transform("first").to_numpy()
    rows = np.flatnonzero(read.duplicated(key).to_numpy() & ~unclear)
    cells = read[key].iloc[rows].itertuples(index=False)
    texts = (", ".join(filter(None, (shown_cell(value) for value in row))) for row in cells)
    earlier = f"Row {first[rows[0]]} already says what row {raw.lines[rows[0]]} says" if len(rows) else ""
    return cause(
        (table.name, raw.file, ", ".join(key)),
        raw.lines[rows],
        texts,
        expected=f"each {', '.join(key)} once",
        remedy=f"{earlier}: keep one of the two, or add their amounts up into one row.",
    )


# --- Read one raw table into its documented columns, and list every problem in it


@dataclass(frozen=True)
class ReadTable:
    """A table as read: documented columns in order, the file and line of every row, headers left unread.

    `thousands` are numbers whose dot parts thousands by what stands beside them.
    """

    name: str
    file: str
    frame: pd.DataFrame
    lines: np.ndarray
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]
    complete: bool
    thousands: Sequence[str] = ()

    def problem(self, position: int | None, column: str, value: object, expected: str, remedy: str) -> Problem:
        """Return a problem of this table at a row position (None: of the table as a whole)."""
        row = None if position is None else int(self.lines[position])
        return Problem(self.name, self.file, row, column, shown_cell(value), expected, remedy)

    def problems_at(
        self, rows: np.ndarray, column: str, expected: str, remedy: str, cells: Iterable[object] | None = None
    ) -> list[Problem]:
        """Return the one problem of these row positions, nothing where there are none; `cells` are what is quoted."""
        quoted = self.frame[column].iloc[rows] if cells is None else cells
        return cause((self.name, self.file, column), self.lines[rows], quoted, expected=expected, remedy=remedy)


def read_table(raw: RawTable, currency: str = "", *, allow_credits: bool = False) -> ReadTable:
    """Read one raw table. Columns that cannot be found are present and all missing.

    `currency` is what a sign that several currencies share stands for; with `allow_credits` usage may be below zero.
    """
    table = _with_credits(TABLES[raw.table]) if allow_credits else TABLES[raw.table]
    headers = match_headers(table, raw)
    if not headers.columns:
        return _unread(table, raw, headers.ignored, headers.problems)
    frame = raw.frame.reset_index(drop=True)
    mark, thousands = _mark(table, headers.columns, frame, raw.delimiter)
    dated = [
        headers.columns[each.name] for each in table.columns if each.kind == "date" and each.name in headers.columns
    ]
    first = order_of_dates(distinct(frame[name])[1] for name in dated) if len(dated) > 1 else None
    typed: dict[str, pd.Series] = {}
    refused: dict[Column, Reading] = {}
    for column in table.columns:
        if column.name not in headers.columns:
            typed[column.name] = _all_missing(column, len(frame))
            continue
        reading = read_column(column, frame[headers.columns[column.name]], mark, currency, day_first=first)
        typed[column.name] = reading.known
        if reading.causes:
            refused[column] = reading
    ignored = headers.ignored
    if table.open_ended:
        for name in ignored:
            column, reading = _attribute(frame[name], mark)
            typed[name] = reading.known
            if reading.causes:
                refused[column] = reading
        ignored = ()
    read = pd.DataFrame(typed, copy=False)
    problems = list(headers.problems)
    problems += [_evenings(table, raw, headers.columns[each.name]) for each in table.columns
                 if each.kind in ("month", "date") and each.name in headers.columns
                 and begins_the_evening_before(frame[headers.columns[each.name]])]  # fmt: skip
    for column, reading in refused.items():
        problems += _refused(table, read, column, reading, raw)
    reported = {column.name: reading.bad for column, reading in refused.items()}
    if not len(read):
        problems.append(_no_rows(table, raw))
    problems += _without_what_it_needs(table, read, raw)
    problems += schema_problems(table, read, raw, headers.columns, reported)
    complete = set(table.required_columns) <= set(headers.columns)
    return ReadTable(raw.table, raw.file, read, raw.lines, ignored, tuple(problems), complete, thousands)


def _with_credits(table: Table) -> Table:
    """Return the table with quantities of usage that may be below zero: returns and corrections."""
    if table.name != "usage":
        return table
    columns = (replace(column, least=None) if column.name == "quantity" else column for column in table.columns)
    return replace(table, columns=tuple(columns))


def _unread(table: Table, raw: RawTable, ignored: tuple[str, ...], problems: Iterable[Problem]) -> ReadTable:
    """Return a table of which no column was recognised."""
    frame = pd.DataFrame({column.name: _all_missing(column, 0) for column in table.columns})
    return ReadTable(raw.table, raw.file, frame, raw.lines[:0], ignored, tuple(problems), complete=False)


def _evenings(table: Table, raw: RawTable, header: str) -> Problem:
    """Report days that all are evenings of the last of a month: each would be counted in the month before."""
    found = shown_cell(as_written(raw.frame[header].dropna().iloc[0]))
    remedy = "Write the month alone, such as 2024-03, or bring the file in with `workbench import`, which asks."
    return Problem(
        table.name, raw.file, None, header, found,
        "a first day of a month, and all begin on the evening before, as in another time zone", remedy,
    )  # fmt: skip


def _no_rows(table: Table, raw: RawTable) -> Problem:
    remedy = f"Add rows ({table.holds}), or remove the file when there is nothing to say."
    return Problem(table.name, raw.file, None, "", "", "at least one row under the header", remedy)


def _mark(table: Table, columns: dict[str, str], frame: pd.DataFrame, delimiter: str) -> tuple[str, list[str]]:
    """Decide the decimal mark from all numeric columns of the file together; and the thousands only they tell."""
    written = [
        value
        for name, header in columns.items()
        if table.column(name).kind in NUMERIC and frame[header].dtype.kind in "OTU"
        for value in distinct(frame[header])[1]
    ]
    return mark_and_thousands(written, delimiter)


def _all_missing(column: Column, rows: int) -> pd.Series:
    """Return a column in which nothing is known."""
    return pd.Series([None] * rows, dtype=dtype(column))


def _attribute(cells: pd.Series, mark: str) -> tuple[Column, Reading]:
    """Read a column nobody documented: numbers when every value is one, else texts.

    A column in which every number is too large for one holds identifiers.
    """
    column = Column(str(cells.name), "number", "", "")
    reading = read_column(column, cells, mark)
    beyond = [cause.bad for cause in reading.causes if cause.in_context]
    if len(beyond) == len(reading.causes) and not (beyond and beyond[0].sum() == reading.typed.notna().sum()):
        return column, reading
    column = replace(column, kind="text")
    return column, read_column(column, cells, mark)


def _refused(table: Table, read: pd.DataFrame, column: Column, reading: Reading, raw: RawTable) -> list[Problem]:
    """Report every cause for which cells of a column were refused, one problem each."""
    problems: list[Problem] = []
    for each in reading.causes:
        rows = np.flatnonzero(each.bad)
        around = neighbours(table, read, reading.found, rows, raw.lines) if each.in_context else ()
        problems += cause(
            (table.name, raw.file, column.name),
            raw.lines[rows],
            reading.found.iloc[rows],
            expected=each.expected or column.expected,
            remedy=each.remedy or _remedy(column),
            neighbours=around,
        )
    return problems


def _without_what_it_needs(table: Table, read: pd.DataFrame, raw: RawTable) -> list[Problem]:
    """Report rows whose value means nothing because the cell it needs is blank; a zero asks for nothing."""
    problems: list[Problem] = []
    for column in table.columns:
        if column.needs:
            rows = np.flatnonzero(((read[column.name] > 0) & read[column.needs].isna()).to_numpy())
            value = shown_cell(read[column.name].iloc[rows[0]]) if len(rows) else ""
            problems += cause(
                (table.name, raw.file, column.needs),
                raw.lines[rows],
                [""] * len(rows),
                expected=f"the {column.needs} that {column.name} {value} is for",
                remedy=f"Fill in the {column.needs}, or leave {column.name} blank.",
            )
    return problems


def _remedy(column: Column) -> str:
    """Say what usually helps when a cell cannot be read."""
    if column.kind in ("date", "month", "week"):
        return f"Write a day that exists between 1990 and 2050 as year-month-day, for example {column.example}."
    if column.kind == "yes or no":
        return "Write 1 for yes and 0 for no."
    leave = "" if column.required else " Leave the cell blank when it is not known."
    return f"Write only the number, without words or signs, for example {column.example}.{leave}"


# --- Check what only several tables together can show: unknown accounts, missing months, mixed currencies

MONTHLY = ("usage", "mrr")
LEDGERS = ("subscriptions", "invoice_lines")  # which say what is paid per month as well
_PRICED = ("mrr", "plans")  # competitors may publish in another currency; our own prices may not


def cross_table_problems(tables: Mapping[str, ReadTable]) -> Iterator[Problem]:
    """Yield every problem between the tables of one customer base."""
    yield from _required_tables(tables)
    yield from _unknown_names(tables, "accounts", "account_id")
    yield from _mergers_of_nobody(tables)
    for name in ("plan_limits", "plan_features"):
        yield from _unknown_names({key: tables[key] for key in ("plans", name) if key in tables}, "plans", "plan")
    yield from _mixed_currencies(tables)
    if "plans" in tables:
        yield from _two_base_fees(tables["plans"])
        yield from _charges_nobody_counts(tables)
    for name in MONTHLY:
        if name in tables and tables[name].complete:
            yield from _months_without_rows(tables[name])


def _required_tables(tables: Mapping[str, ReadTable]) -> Iterator[Problem]:
    """Report when the accounts, or both of usage and MRR, are not there."""
    remedy = "Start from the empty files that `workbench template FOLDER` writes."
    if "accounts" not in tables:
        yield Problem("accounts", "accounts", None, "", "", "a table accounts, one row per customer", remedy)
    if not any(name in tables for name in (*MONTHLY, *LEDGERS)):
        expected = "a table usage or a table mrr: what accounts used or paid per month"
        yield Problem("usage", "usage", None, "", "", expected, remedy)


def _unknown_names(tables: Mapping[str, ReadTable], home: str, column: str, place: str = "") -> Iterator[Problem]:
    """Report rows that name, in a column of its name or at some place, an account or plan its own table lacks."""
    place = place or column
    if home not in tables or not tables[home].complete:
        return
    known = pd.Series(tables[home].frame[column].dropna().unique())
    for name, table in tables.items():
        if name == home or place not in table.frame:
            continue
        values = table.frame[place]
        rows = np.flatnonzero(values.notna().to_numpy() & (places(values, known) < 0))
        expected = f"one of the {len(known):,} values of {column} in {tables[home].file}"
        # Identifiers are alike though they are of different accounts.
        meant = nearest(str(values.iloc[rows[0]]), known.tolist()) if column == "plan" and len(rows) else []
        correct = f"Is it {meant[0]}? Then write it so, else add it" if meant else "Add it"
        remedy = f"{correct} to {tables[home].file}, or correct the spelling here."
        yield from table.problems_at(rows, place, expected, remedy)


def merged_into(merges: pd.DataFrame) -> tuple[dict[str, str], str | None]:
    """Return who each account that merged is part of in the end, and an account that merges into itself over others."""
    into = {account: to for account, to in zip(merges["account_id"], merges["into"], strict=True) if account != to}
    ends: dict[str, str] = {}
    for account, first in into.items():
        here, seen = first, {account}
        while here in into and here not in seen:
            seen.add(here)
            here = into[here]
        if here in seen:
            return ends, account
        ends[account] = here
    return ends, None


def _mergers_of_nobody(tables: Mapping[str, ReadTable]) -> Iterator[Problem]:
    """Report mergers into an account that is not there, and those that come back to where they began."""
    if not {"merges", "accounts"} <= tables.keys() or not all(tables[name].complete for name in ("merges", "accounts")):
        return
    merges = tables["merges"]
    yield from _unknown_names({"accounts": tables["accounts"], "merges": merges}, "accounts", "account_id", "into")
    circle = merged_into(merges.frame.dropna(subset=["account_id", "into"]))[1]
    if circle is not None:
        rows = np.flatnonzero((merges.frame["account_id"] == circle).to_numpy())
        yield from merges.problems_at(
            rows, "into", "an account that goes on", "Name who remains: this one ends in itself."
        )


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


def _charges_nobody_counts(tables: Mapping[str, ReadTable]) -> Iterator[Problem]:
    """Report metrics that the price list charges and no usage counts: nothing that is charged by them can be billed."""
    plans, usage = tables["plans"], tables.get("usage")
    if usage is None or not usage.complete:
        return
    frame, counted = plans.frame, {*usage.frame["metric"].dropna()}
    if "accounts" in tables and tables["accounts"].frame["seats"].notna().any():
        counted.add(SEATS)
    charged = frame["unit_price"].gt(0) & frame["metric"].notna() & ~frame["metric"].isin(counted)
    for name in frame["metric"][charged].unique():
        rows = np.flatnonzero((charged & frame["metric"].eq(name)).to_numpy())
        expected = f"a metric that {usage.file} counts: the price list charges {name}, which no usage counts"
        meant = next(iter(nearest(str(name), [str(each) for each in counted])), "")
        correct = f"Is it {meant}? Then write it so, else add" if meant else "Add"
        remedy = f"{correct} its usage, or leave metric and unit_price blank where nobody pays it any more."
        yield from plans.problems_at(rows, "metric", expected, remedy)


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return the name that is most like this one, whatever its capitals and what stands between its words; or none."""
    plain = {plain_name(each): each for each in known}
    return [plain[each] for each in get_close_matches(plain_name(name), plain, n=1)]


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
        plan, fee, line = (
            shown_cell(frame["plan"].iloc[row]),
            shown_cell(float(fees.iloc[before])),
            int(plans.lines[before]),
        )
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
            shown_cell(month)[:7],
            f"rows for every month from {shown_cell(present.min())[:7]} to {shown_cell(present.max())[:7]}",
            "Add the rows of this month (the export may have been cut), or correct a month that is far off.",
        )
