"""The files of an event log, its columns in standard form, and frames worked out by whatever engine holds them."""

from __future__ import annotations

import csv
import gzip
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Literal, Protocol

import narwhals as nw

from workbench.customers.text_files import find_delimiter
from workbench.files import other_than_file
from workbench.formatting import count as workbench_count
from workbench.impact.errors import EventDataError, ReplayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    from narwhals.dtypes import DType
    from narwhals.typing import IntoFrame

# --- The files of an event log: Parquet or CSV, one or a folder full of them

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
                        return f"{where}row {starts} has {workbench_count('value', len(values))}, the header {header}"
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


# --- Events in standard form: named columns of known types, whatever the engine

NEEDED = ("account_id", "timestamp", "metric", "quantity")
OPTIONAL = ("event_id", "received_at")
TEXTS = ("account_id", "metric", "event_id")
TIMES = ("timestamp", "received_at")
UTC = "UTC"


def lazy_frame(native: IntoFrame, what: str) -> nw.LazyFrame:
    """Wrap a frame of any engine narwhals speaks to; it is read when a result is asked for."""
    try:
        return nw.from_native(native).lazy()
    except TypeError as error:
        raise ReplayError(
            f"{what} cannot be read from a {type(native).__name__}.",
            "Give a pandas or Spark DataFrame, a DuckDB relation, or an ibis table.",
        ) from error


def standard(native: IntoFrame) -> nw.LazyFrame:
    """Return the events with the documented columns only: texts as text, numbers as float, times as UTC without zone.

    Raises ReplayError for a column that is missing or of a type that cannot be read.
    """
    frame = lazy_frame(native, "Events")
    schema = frame.collect_schema()
    missing = [name for name in NEEDED if name not in schema]
    if missing:
        raise EventDataError(
            f"The events have no column {', '.join(missing)}.",
            f"They need {', '.join(NEEDED)}; {' and '.join(OPTIONAL)} are used when present. "
            f"Found: {', '.join(schema) or 'none'}.",
        )
    present = [name for name in (*NEEDED, *OPTIONAL) if name in schema]
    try:
        return frame.select(*(_column(name, schema) for name in present))
    except NotImplementedError as error:  # the engine keeps one time zone for all of its times
        raise ReplayError(
            "The engine's time zone is not UTC, so months would begin at another hour.",
            "Set it: in DuckDB SET TimeZone = 'UTC', in Spark spark.sql.session.timeZone = UTC.",
        ) from error


def utc_time(column: nw.Expr, dtype: DType) -> nw.Expr:
    """Return times as UTC without a zone, from times with a zone (moved to UTC), without (taken as UTC) or days."""
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
        column = column.dt.convert_time_zone(UTC).dt.replace_time_zone(None)
    return column.cast(nw.Datetime("us"))


def _column(name: str, schema: Mapping[str, DType]) -> nw.Expr:
    column, dtype = nw.col(name), schema[name]
    if name in TEXTS:
        if not (dtype == nw.String or dtype.is_integer() or isinstance(dtype, nw.Categorical | nw.Enum)):
            raise _wrong(name, dtype, "text or whole numbers")
        return column if dtype == nw.String else column.cast(nw.String)
    if name in TIMES:
        if not isinstance(dtype, nw.Datetime | nw.Date):
            raise _wrong(name, dtype, "times (dates with hours, with or without a zone)")
        return utc_time(column, dtype).alias(name)
    if not dtype.is_numeric():
        raise _wrong(name, dtype, "numbers")
    return column.cast(nw.Float64).alias(name)


def _wrong(name: str, dtype: DType, expected: str) -> EventDataError:
    return EventDataError(
        f"The column {name} of the events is of the type {dtype}, expected {expected}.", "Convert it before."
    )


# --- Work a frame out, and keep the result where it is (database, Spark, warehouse, memory) or fetch it

_numbers = count(1)
_ENGINES = frozenset({"_duckdb", "duckdb", "pyspark", "py4j"})  # whose errors are about the log or the machine
_UNREADABLE = frozenset({"InvalidInputException", "ConversionException"})


class Keep(Protocol):
    """Works a frame out and returns it ready; the words say what is being done, for whoever waits."""

    def __call__(self, frame: nw.LazyFrame, words: str, /) -> nw.LazyFrame:
        """Return the frame, worked out."""


@contextmanager
def engine_in_words() -> Iterator[None]:
    """Turn what an engine says when it stops into a sentence: it reads files only when a frame is worked out."""
    try:
        yield
    except Exception as error:
        kind = type(error)
        if kind.__module__.partition(".")[0] not in _ENGINES:
            raise
        if kind.__name__ in _UNREADABLE:
            raise unreadable("The event log", error) from error
        said = next((line.strip() for line in str(error).splitlines() if line.strip()), kind.__name__)
        raise ReplayError(
            f"The engine stopped: {said.rstrip('.')}.",
            "Give it more memory, free disk space, or write the files of the log again.",
        ) from error


def keep_frame(frame: nw.LazyFrame, words: str = "") -> nw.LazyFrame:  # noqa: ARG001 - shown by engines that can
    """Return the frame worked out once, held by its engine."""
    native = frame.to_native()
    kind = frame.implementation
    with engine_in_words():
        if kind == nw.Implementation.DUCKDB:
            return nw.from_native(_as_table(native)).lazy()
        if kind.is_pyspark():
            kept = native.persist()
            kept.count()
            return nw.from_native(kept).lazy()
        if kind == nw.Implementation.IBIS:
            return nw.from_native(native.cache()).lazy()
        return frame.collect().lazy()


def _as_table(relation: Any) -> Any:  # noqa: ANN401 - DuckDB loads when used
    """Write a relation into a temporary table of its own connection, which spills to disk when it must."""
    name = f"workbench_kept_{next(_numbers)}"
    view = f"{name}_view"
    relation.query(view, f"create or replace temp table {name} as from {view}")
    return relation.query(view, f"from {name}")


def fetched(frame: nw.LazyFrame) -> pd.DataFrame:
    """Return a frame worked out as a pandas DataFrame."""
    with engine_in_words():
        if frame.implementation.is_pyspark():  # its own way to pandas lags behind pandas, its way to Arrow does not
            return frame.collect("pyarrow").to_native().to_pandas()
        return frame.collect("pandas").to_native()


def row_count(frame: nw.LazyFrame) -> int:
    """Return the number of rows; files of columns know it without being read."""
    return int(fetched(frame.select(nw.len().alias("rows")))["rows"].iloc[0])
