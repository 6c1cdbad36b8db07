"""Events in memory, for logs that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from workbench.impact.events.event_log import NUMBER, TIME, TIMES, event_files, keep_frame, progress_bar, unreadable

if TYPE_CHECKING:
    from pathlib import Path

    import narwhals as nw


class PandasEngine:
    """All events in the memory of the process; `memory` is not bounded."""

    name = "pandas"

    def __init__(self, *, memory: str = "", progress: bool | None = None) -> None:  # noqa: ARG002 - memory is all there is
        self._progress = progress

    def read(self, path: Path) -> pd.DataFrame:
        """Return the events as a DataFrame."""
        files = event_files(path)
        frames, done = [], 0
        with progress_bar("Reading files", lambda: done / len(files.paths), shown=self._progress):
            for each in files.paths:
                frames.append(_parquet(each) if files.kind == "parquet" else _text(each, files.delimiter))
                done += 1
        frame = pd.concat(frames, ignore_index=True)
        return frame.assign(**{name: _read(frame[name], name) for name in frame.columns})

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the DataFrame."""
        return frame

    def keep(self, frame: nw.LazyFrame, words: str, /) -> nw.LazyFrame:
        """Return the frame worked out."""
        with progress_bar(words, lambda: None, shown=self._progress):
            return keep_frame(frame)

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(self, *problem: object) -> None:
        """Nothing to release."""


def _parquet(path: str) -> pd.DataFrame:
    import duckdb  # noqa: PLC0415 - needed for Parquet only

    from workbench.impact.events.engine_duckdb import with_values_read  # noqa: PLC0415

    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            return with_values_read(connection.read_parquet(path)).df()
        except duckdb.Error as error:
            raise unreadable(path, error) from error


def _text(path: str, delimiter: str) -> pd.DataFrame:
    try:
        return pd.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False, na_values=[""])
    except (ValueError, OSError) as error:  # an empty file, rows of other lengths, another encoding
        raise unreadable(path, error) from error


def _read(column: pd.Series, name: str) -> pd.Series:
    """Return a column of text as times or numbers where it should be; what cannot be read is missing."""
    if not pd.api.types.is_string_dtype(column.dtype):
        return column
    if name in TIMES:
        fitting = column.where(column.str.match(TIME, na=False))
        times = pd.to_datetime(fitting, utc=True, errors="coerce", format="ISO8601")
        return times.dt.tz_localize(None).astype("datetime64[us]")
    if name == "quantity":
        fitting = column.where(column.str.match(NUMBER, na=False))
        return pd.to_numeric(fitting, errors="coerce").astype(np.float64)
    return column
