"""Events in standard form: named columns of known types, whatever the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from workbench.impact.errors import EventDataError, ReplayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narwhals.dtypes import DType
    from narwhals.typing import IntoFrame

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
