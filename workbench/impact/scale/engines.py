"""The engines that turn an event log into months: in memory, DuckDB, Spark."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol, Self

from workbench.impact.errors import ReplayError

if TYPE_CHECKING:
    from pathlib import Path

    import narwhals as nw
    import pandas as pd

MODULES = {"duckdb": "DuckDBEngine", "spark": "SparkEngine", "pandas": "PandasEngine"}


class Engine(Protocol):
    """Something that reads event files and works frames out, with a bar on the terminal while it does.

    Use it in a `with` block: what it holds, on disk or in another process, is released at the end.
    """

    name: str

    def read(self, path: Path) -> Any:  # noqa: ANN401 - a frame of the engine
        """Return the events of a file or a folder of files; a text that is no time or no number is null."""

    def table(self, frame: pd.DataFrame) -> Any:  # noqa: ANN401 - a frame of the engine
        """Return a pandas DataFrame as a frame of the engine."""

    def keep(self, frame: nw.LazyFrame, words: str, /) -> nw.LazyFrame:
        """Return a frame worked out once."""

    def __enter__(self) -> Self:
        """Return the engine."""

    def __exit__(self, *problem: object) -> None:
        """Release what it holds."""


def open_engine(name: str, *, memory: str = "4GiB", progress: bool | None = None) -> Engine:
    """Return the engine of this name: duckdb, spark or pandas.

    Parameters
    ----------
    name
        DuckDB and Spark stay within their memory and put the rest on disk; pandas holds all events at once.
    memory
        What the engine may use for its work, such as "4GiB"; the process takes up to about a gigabyte more.
    progress
        Show bars; None shows them on a terminal only.

    """
    if name not in MODULES:
        raise ReplayError(f"There is no engine {name!r}.", f"Choose one of: {', '.join(MODULES)}.")
    module = importlib.import_module(f"workbench.impact.scale.engine_{name}")
    return getattr(module, MODULES[name])(memory=memory, progress=progress)
