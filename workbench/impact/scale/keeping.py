"""Work a frame out, and keep the result where it is (database, Spark, warehouse, memory) or fetch it."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Protocol

import narwhals as nw

from workbench.impact.errors import ReplayError
from workbench.impact.scale.event_files import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import pandas as pd

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
