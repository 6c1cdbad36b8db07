"""A table as it was found.

Its kind of file, unread cells, the line of every row, headers matched to documented columns.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from workbench.customers import values
from workbench.customers.tables import plain_name
from workbench.errors import ROWS_NAMED, VALUES_SHOWN, Problem
from workbench.formatting import first_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.customers.tables import Table

# --- Recognise files that are not what their name says: a picture, a PDF or a workbook named .csv


class FileKind(NamedTuple):
    """What a file really is, and what to do about it."""

    name: str
    remedy: str


_EXPORT = "Export the table again as CSV, Excel or Parquet."
_STARTS = (
    (b"%PDF", FileKind("a PDF document", _EXPORT)),
    (b"\x89PNG", FileKind("a PNG picture", _EXPORT)),
    (b"\xff\xd8\xff", FileKind("a JPEG picture", _EXPORT)),
    (b"GIF8", FileKind("a GIF picture", _EXPORT)),
    (b"\x1f\x8b", FileKind("a gzip archive", "Unpack it first.")),
    (b"7z\xbc\xaf", FileKind("a 7-Zip archive", "Unpack it first.")),
    (b"PAR1", FileKind("a Parquet file", "Name it .parquet.")),
    (b"SQLite format 3", FileKind("an SQLite database", _EXPORT)),
    (b"\xd0\xcf\x11\xe0", FileKind("an old Office file", "Open it in Excel and save it as .xlsx.")),
    (b"{\\rtf", FileKind("a rich-text document", _EXPORT)),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table")


def other_kind(data: bytes) -> FileKind | None:
    """Return what a file is when it is not plain text with columns; None when it may be."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data.startswith(b"PK\x03\x04"):
        if b"xl/" in data[:4000] or b"xl/workbook" in data:
            return FileKind("an Excel workbook", "Name it .xlsx.")
        return FileKind("a zip archive", "Unpack it first.")
    opening = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if opening.startswith(_MARKUP):
        return FileKind("a web page or XML file", f"The download may have failed. {_EXPORT}")
    if opening.startswith((b"{", b"[{")):
        return FileKind("a JSON file", _EXPORT)
    return None


# --- A table as it was found: columns of unread values and the line a person sees for every row


@dataclass(frozen=True)
class RawTable:
    """One table before its values are read.

    `frame` has the headers as found; `lines` holds the line number in the file for every row (the header
    is line 1). `delimiter` is "" unless the file is a text file; it settles what a comma can mean. `notes` say what a
    sheet has beside its cells: the kind of note, and where.
    """

    table: str
    file: str
    frame: pd.DataFrame
    lines: np.ndarray
    delimiter: str = ""
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Origin:
    """Where the rows of a table stand: the file, and the line a person sees for each row.

    `thousands` are numbers whose dot parts thousands by what stands beside them.
    """

    file: str
    lines: pd.Index
    thousands: Sequence[str] = ()


@dataclass(frozen=True)
class Source:
    """What a folder or workbook holds: tables found, what was left unread, and what could not be read."""

    tables: tuple[RawTable, ...]
    ignored: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    name: str = ""


def origin(file: str, lines: np.ndarray, thousands: Sequence[str] = ()) -> Origin:
    """Return the origin of rows; lines without a gap take no memory."""
    start, stop = (int(lines[0]), int(lines[-1]) + 1) if len(lines) else (0, 0)
    is_whole = stop - start == len(lines)  # lines only grow
    return Origin(file, pd.RangeIndex(start, stop) if is_whole else pd.Index(lines), thousands)


def raw_frame(table: str, frame: pd.DataFrame) -> RawTable:
    """Wrap a DataFrame given in memory; its rows are numbered as in a file with a header line."""
    named = frame.set_axis(name_columns([str(name) for name in frame.columns]), axis=1)
    return RawTable(table, f"{table} (in memory)", named.reset_index(drop=True), np.arange(len(frame)) + 2)


def name_columns(header: Sequence[str]) -> list[str]:
    """Keep headers apart: an empty one is named by its place, a repeated one gets its place added."""
    seen: set[str] = set()
    names = []
    for place, name in enumerate(header, start=1):
        unique = name or f"(column {place})"
        if unique in seen:
            unique = f"{unique} (column {place})"
        seen.add(unique)
        names.append(unique)
    return names


# --- Cells as a problem report writes them, and one problem for all cells of a cause

_LOOKED_AT = 1000  # cells of a cause in which differing values are looked for


def shown_cell(value: object) -> str:
    """Write a cell for a problem report, shortened when it is long."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - one table cell


def cause(
    place: tuple[str, str, str],
    lines: np.ndarray,
    cells: Iterable[object],
    *,
    expected: str,
    remedy: str,
    neighbours: Sequence[str] = (),
    kind: type[Problem] = Problem,
) -> list[Problem]:
    """Return the one problem of all cells that have a cause in common, nothing where there are none.

    `place` is table, file and column; `lines` has the row of every cell; `neighbours` says what stands around the
    first of them.
    """
    if not len(lines):
        return []
    table, file, column = place
    texts = [shown_cell(value) for value in islice(cells, _LOOKED_AT)]
    rows = tuple(int(line) for line in lines[:ROWS_NAMED])
    values = tuple(dict.fromkeys(text for text in texts if text))[: VALUES_SHOWN + 1]
    return [
        kind(
            table, file, rows[0], column, texts[0], expected, remedy, len(lines), rows, values, tuple(neighbours)
        )
    ]  # fmt: skip


# --- Match the headers of a file to the documented columns of its table

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
    _, unreadable = values.read_dates(np.array(ignored, dtype=object), day_first=True)
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
