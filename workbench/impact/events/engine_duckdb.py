"""DuckDB inside the process: bounded memory, the rest on disk."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any, Self

import duckdb

from workbench.impact.events.event_log import (
    NEEDED,
    NUMBER,
    OPTIONAL,
    TIME,
    TIMES,
    event_files,
    keep_frame,
    memory_amount,
    progress_bar,
    unreadable,
)

if TYPE_CHECKING:
    from pathlib import Path

    import narwhals as nw
    import pandas as pd


class DuckDBEngine:
    """An in-process database that spills into a temporary folder."""

    name = "duckdb"

    def __init__(self, *, memory: str, progress: bool | None = None) -> None:
        self._progress = progress
        amount, unit = memory_amount(memory)
        self._spill = tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True)
        self.connection = duckdb.connect(
            config={
                "memory_limit": f"{amount}{unit}iB",
                "temp_directory": self._spill.name,
                "threads": os.cpu_count() or 1,
                "preserve_insertion_order": False,  # an order nobody asks for costs memory
            }
        )
        self.connection.execute("set TimeZone = 'UTC'")
        self.connection.execute("set enable_progress_bar = true")
        self.connection.execute("set enable_progress_bar_print = false")

    def read(self, path: Path) -> duckdb.DuckDBPyRelation:
        """Return the events as a relation; nothing is read yet but the columns' names."""
        files = event_files(path)
        try:
            if files.kind == "parquet":
                found = self.connection.read_parquet(list(files.paths), union_by_name=True)
            else:
                found = self.connection.read_csv(
                    list(files.paths),  # type: ignore[arg-type]  # its type says one file, its documentation several
                    sep=files.delimiter,
                    header=True,
                    # Left to itself DuckDB guesses them from the first rows, and reads later quotes as text.
                    quotechar='"',
                    escapechar='"',
                    all_varchar=True,
                    union_by_name=True,
                )
        except duckdb.Error as error:
            raise unreadable(path, error, files) from error
        return with_values_read(found)

    def table(self, frame: pd.DataFrame) -> duckdb.DuckDBPyRelation:
        """Return a DataFrame as a relation."""
        return self.connection.from_df(frame)

    def keep(self, frame: nw.LazyFrame, words: str, /) -> nw.LazyFrame:
        """Return a frame as a temporary table."""
        with progress_bar(words, self._share_done, shown=self._progress):
            return keep_frame(frame)

    def _share_done(self) -> float | None:
        percent = self.connection.query_progress()
        return percent / 100 if percent >= 0 else None

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(self, *problem: object) -> None:
        """Close the database and remove what it put on disk."""
        self.connection.close()
        self._spill.cleanup()


def with_values_read(found: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return the columns events have, with times in UTC without a zone, and times and numbers in text read."""
    return found.project(", ".join(_column(name, str(kind)) for name, kind in _documented(found)))


def _documented(found: duckdb.DuckDBPyRelation) -> list[tuple[str, Any]]:
    """Return the columns events have by name, or all when one is missing, so that the error can name them."""
    columns = list(zip(found.columns, found.types, strict=True))
    if not set(NEEDED) <= set(found.columns):
        return columns
    return [(name, kind) for name, kind in columns if name in (*NEEDED, *OPTIONAL)]


def _column(name: str, kind: str) -> str:
    """Return the SQL that reads a column; times and numbers that stand in text are read, where they can be."""
    quoted = '"' + name.replace('"', '""') + '"'
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"({quoted} at time zone 'UTC') as {quoted}"
    if kind != "VARCHAR":
        return quoted
    if name in TIMES:
        # Between the test and the cast, a text that is no time never reaches the cast.
        read = f"try_cast(case when regexp_matches({quoted}, '{TIME}') then {quoted} end as timestamptz)"
        return f"({read} at time zone 'UTC') as {quoted}"
    if name == "quantity":
        return f"try_cast(case when regexp_matches({quoted}, '{NUMBER}') then {quoted} end as double) as {quoted}"
    return quoted
