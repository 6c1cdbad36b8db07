"""Match the headers of a file to the documented columns of its table."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers import dates
from workbench.customers.tables import plain_name
from workbench.errors import Problem
from workbench.formatting import first_of

if TYPE_CHECKING:
    from workbench.customers.columns import Table
    from workbench.customers.raw import RawTable

_NAMES_SHOWN = 12
_REPEATED = re.compile(r" \(column \d+\)$")  # what reading adds to the second header of one name
_FEWEST_MONTHS = 2


@dataclass(frozen=True)
class Headers:
    """`columns` maps documented names to headers in the file; `ignored` are headers nothing reads."""

    columns: dict[str, str]
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]


def documented_headers(table: Table) -> dict[str, str]:
    """Return the documented column that each header, reduced to its plain name, means."""
    wanted = {plain_name(name): name for name in table.column_names}
    return wanted | {plain_name(alias): name for alias, name in table.column_aliases.items()}


def match_headers(table: Table, raw: RawTable) -> Headers:
    """Find each documented column of `table` among the headers of `raw`, and report what is wrong."""
    wanted = documented_headers(table)
    columns: dict[str, str] = {}
    ignored: list[str] = []
    problems: list[Problem] = []
    own = {plain_name(name) for name in table.column_names}
    # A column's own name comes first, so that an alias never takes its place.
    for header in sorted(raw.frame.columns, key=lambda text: plain_name(str(text)) not in own):
        name = wanted.get(plain_name(_REPEATED.sub("", str(header))))
        if name is None:
            ignored.append(str(header))
        elif name in columns:
            problems.append(_twice(table, raw, name, str(header)))
        else:
            columns[name] = header
    order = [str(header) for header in raw.frame.columns]
    ignored.sort(key=order.index)
    missing = [name for name in table.required_columns if name not in columns]
    if missing:
        wide = _one_column_per_month(table, raw, missing, ignored)
        problems += [wide] if wide else [_missing(table, raw, name, columns, ignored) for name in missing]
    return Headers(columns, tuple(ignored), tuple(problems))


def _twice(table: Table, raw: RawTable, name: str, header: str) -> Problem:
    return Problem(
        table.name, raw.file, 1, name, header, "each column once", f"Delete or rename one of the {name} columns."
    )


def _missing(table: Table, raw: RawTable, name: str, columns: dict[str, str], ignored: list[str]) -> Problem:
    """Report a column that is not there, with the header that may have been meant."""
    column = table.column(name)
    plain = {plain_name(header): header for header in ignored}
    close = difflib.get_close_matches(plain_name(name), plain, n=1, cutoff=0.6)
    meant = f"Did you mean the column {plain[close[0]]!r}? Rename it to {name}. " if close else ""
    if not columns:
        meant = "The header must be the first line that is not blank: delete any title above it. "
    return Problem(
        table.name,
        raw.file,
        1,
        name,
        "",
        f"a column {name} with {column.meaning}, {column.expected}",
        f"{meant or f'Add a column {name}. '}Known columns found: {_names(columns)}. Ignored: {_names(ignored)}.",
    )


def _one_column_per_month(table: Table, raw: RawTable, missing: list[str], ignored: list[str]) -> Problem | None:
    """Report a sheet that spreads months over columns, and say how to turn it."""
    if "month" not in missing:
        return None
    _, unreadable = dates.read_dates(np.array(ignored, dtype=object), day_first=True)
    months = [header for header, bad in zip(ignored, unreadable, strict=True) if not bad]
    if len(months) < _FEWEST_MONTHS:
        return None
    value = next(name for name in reversed(table.required_columns) if name not in ("month", "account_id"))
    return Problem(
        table.name,
        raw.file,
        1,
        "month",
        f"{len(months)} month columns from {months[0]} to {months[-1]}",
        f"one row per month, with the columns {', '.join(table.required_columns)}",
        f"Turn the sheet: put the month of each column into a column month and its number into {value}. In Excel: "
        "Data, From Table, select the month columns, Unpivot Columns. In pandas: "
        f'frame.melt(id_vars=[...], var_name="month", value_name="{value}").',
    )


def _names(names: list[str] | dict[str, str]) -> str:
    """List names, the first dozen in full."""
    return first_of(list(names), _NAMES_SHOWN) or "none"
