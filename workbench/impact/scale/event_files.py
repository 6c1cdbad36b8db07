"""The files of an event log: Parquet or CSV, one or a folder full of them."""

from __future__ import annotations

import csv
import gzip
import zlib
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from workbench.customers.text_files import find_delimiter
from workbench.formatting import count
from workbench.impact.errors import EventDataError, ReplayError
from workbench.input_files import other_than_file

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["parquet", "csv"]
ENDINGS: dict[str, Kind] = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv"}
_SAMPLE = 64 * 1024
_ROWS_SEARCHED = 1_000_000  # of each file, for one of another length, once a file could not be read
_LINES_SHOWN = 2  # of what an engine says: the line that is wrong, and what it holds

# What counts as a number and as a time in text, so that every engine reads the same.
NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
)


@dataclass(frozen=True, slots=True)
class EventFiles:
    """Files of one kind, in the order of their names; `delimiter` separates the columns of text files."""

    paths: tuple[str, ...]
    kind: Kind
    delimiter: str = ","


def event_files(path: Path) -> EventFiles:
    """Return the files of a path: one file, or all Parquet or CSV files below a folder."""
    if not path.exists():
        raise ReplayError(f"There is nothing at {path}.", "Name a Parquet or CSV file, or a folder of them.")
    kind = "" if path.is_dir() else other_than_file(path)
    if kind:
        raise ReplayError(f"{path} is {kind}, not a file.", "Name a Parquet or CSV file, or a folder of them.")
    paths = sorted(each for each in path.rglob("*") if _kind(each) and each.is_file()) if path.is_dir() else [path]
    kinds = {_kind(each) for each in paths}
    if not kinds or kinds == {None}:
        raise EventDataError(f"{path} holds no Parquet and no CSV file.", f"Files end in {', '.join(ENDINGS)}.")
    if len(kinds) > 1:
        raise EventDataError(f"{path} holds both Parquet and CSV files.", "Name a folder with files of one kind.")
    paths = [each for each in paths if each.stat().st_size]  # a part without events may have no header either
    if not paths:
        raise EventDataError(f"{path} cannot be read: it is empty.", "Write the log again: a header, then its events.")
    names = tuple(str(each) for each in paths)
    if kinds == {"parquet"}:
        return EventFiles(names, "parquet")
    return EventFiles(names, "csv", _delimiter(paths[0]))


def unreadable(path: Path | str, error: Exception, files: EventFiles | None = None) -> EventDataError:
    """Return the error that says which files cannot be read, what stopped it, and how a log is written.

    With the `files` it names the first row of another length than its header, where the engine does not say.
    """
    odd = None if files is None else _odd_row(files)
    said = [odd] if odd else [line.strip() for line in str(error).splitlines() if line.strip()]
    if str(path).lower().endswith(".parquet"):
        advice = "The file is damaged or no Parquet: write it again."
    else:
        advice = (
            "Every row of a CSV file has as many values as the header, a value that contains the separator stands in "
            "quotes, and the text is UTF-8."
        )
    return EventDataError(f"{path} cannot be read: {'; '.join(said[:_LINES_SHOWN]).rstrip('.')}.", advice)


def _odd_row(files: EventFiles) -> str | None:
    """Name the first row that has not as many values as its header, among the first of each text file."""
    if files.kind != "csv":
        return None
    for name in files.paths:
        where = f"{name}, " if len(files.paths) > 1 else ""
        opened = gzip.open if name.endswith(".gz") else open
        starts = 1
        try:
            with opened(name, "rt", encoding="utf-8-sig", errors="replace", newline="") as text:
                rows = csv.reader(text, delimiter=files.delimiter)
                header = len(next(rows, []))
                starts = rows.line_num + 1
                for values in islice(rows, _ROWS_SEARCHED):
                    if values and len(values) != header:
                        return f"{where}row {starts} has {count('value', len(values))}, the header {header}"
                    starts = rows.line_num + 1
        except csv.Error:
            return f"{where}in row {starts} a cell begins that does not end: look for a quotation mark never closed"
        except (OSError, EOFError, zlib.error):  # the engine has said so of a damaged archive
            return None
    return None


def _kind(path: Path) -> Kind | None:
    return next((kind for ending, kind in ENDINGS.items() if path.name.lower().endswith(ending)), None)


def _delimiter(path: Path) -> str:
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
            start = file.read(_SAMPLE)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(path, error) from error
    return find_delimiter(start.decode("utf-8-sig", errors="replace"))
