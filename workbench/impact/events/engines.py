"""The engines that turn an event log into months: in memory, DuckDB, Spark."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self

import duckdb
import numpy as np
import pandas as pd

from workbench.errors import MissingLibraryError
from workbench.impact.errors import ReplayError
from workbench.impact.events.event_log import (
    NEEDED,
    NUMBER,
    OPTIONAL,
    TIME,
    TIMES,
    UTC,
    engine_in_words,
    event_files,
    keep_frame,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import narwhals as nw

# --- Amounts of memory as people write them


def memory_amount(text: str) -> tuple[int, str]:
    """Read an amount of memory: "4GiB", "4 GB" and "4g" are (4, "g"); ReplayError when it is none."""
    found = re.fullmatch(r"\s*([1-9][0-9]*)\s*([KMGT])(?:i?B)?\s*", text, re.IGNORECASE)
    if found is None:
        raise ReplayError(f"{text!r} is no amount of memory.", "Write it as 4GiB or 500MiB.")
    return int(found[1]), found[2].lower()


# --- A bar on the terminal while an engine works

EVERY = 0.25  # seconds between two looks at the engine
WHOLE = 100.0


@contextmanager
def progress_bar(words: str, share_done: Callable[[], float | None], *, shown: bool | None) -> Iterator[None]:
    """Show how far a piece of work is, in percent, while the block runs.

    `share_done` is asked from another thread; None means that the engine does not know. `shown` None shows the bar on
    a terminal only.
    """
    from tqdm import tqdm  # noqa: PLC0415 - only those who wait need it

    form = "{desc}: {percentage:3.0f}% |{bar}| {elapsed}"
    with tqdm(total=WHOLE, desc=words, bar_format=form, disable=None if shown is None else not shown) as bar:
        if bar.disable:
            yield
            return
        finished = threading.Event()

        def watch() -> None:
            while not finished.wait(EVERY):
                done = share_done()
                if done is not None and done * WHOLE > bar.n:  # an engine that plans anew must not run backwards
                    bar.update(min(done * WHOLE, WHOLE) - bar.n)
                bar.refresh()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
            bar.update(WHOLE - bar.n)
        finally:
            finished.set()
            watcher.join()


# --- What every engine does


class Engine:
    """Something that reads event files and works frames out, with a bar on the terminal while it does.

    Use it in a `with` block: what it holds, on disk or in another process, is released at the end.

    Attributes
    ----------
    name
        duckdb, spark or pandas.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.events import events_to_months, open_engine
    >>> times = pd.to_datetime(["2024-01-05", "2024-01-09"])
    >>> log = pd.DataFrame({"account_id": "A", "timestamp": times, "metric": "rows", "quantity": 5})
    >>> with open_engine("duckdb") as engine:
    ...     months = events_to_months(engine.table(log)).table()
    >>> months["quantity"].tolist()
    [10.0]
    """

    name: ClassVar[str] = ""

    def __init__(self, *, memory: str, progress: bool | None = None) -> None:  # noqa: ARG002 - not all can be bounded
        self._progress = progress

    def read(self, path: Path) -> Any:  # noqa: ANN401 - a frame of the engine
        """Return the events of a file or a folder of files; a text that is no time or no number is null."""
        raise NotImplementedError

    def table(self, frame: pd.DataFrame) -> Any:  # noqa: ANN401 - a frame of the engine
        """Return a pandas DataFrame as a frame of the engine."""
        raise NotImplementedError

    def keep(self, frame: nw.LazyFrame, words: str, /) -> nw.LazyFrame:
        """Return a frame worked out once."""
        with progress_bar(words, self._share_done, shown=self._progress):
            return keep_frame(frame)

    def _share_done(self) -> float | None:
        """Return how far the engine is, None where it does not know."""
        return None

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(self, *problem: object) -> None:
        """Release what it holds."""


# --- In memory, for logs that fit


class PandasEngine(Engine):
    """All events in the memory of the process; `memory` is not bounded."""

    name = "pandas"

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


def _parquet(path: str) -> pd.DataFrame:
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


# --- DuckDB inside the process: bounded memory, the rest on disk


class DuckDBEngine(Engine):
    """An in-process database that spills into a temporary folder."""

    name = "duckdb"

    def __init__(self, *, memory: str, progress: bool | None = None) -> None:
        super().__init__(memory=memory, progress=progress)
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

    def _share_done(self) -> float | None:
        percent = self.connection.query_progress()
        return percent / 100 if percent >= 0 else None

    def __exit__(self, *problem: object) -> None:
        """Close the database and remove what it put on disk."""
        self.connection.close()
        self._spill.cleanup()


def with_values_read(found: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return the columns events have, with times in UTC without a zone, and times and numbers in text read."""
    return found.project(", ".join(_sql(name, str(kind)) for name, kind in _documented(found)))


def _documented(found: duckdb.DuckDBPyRelation) -> list[tuple[str, Any]]:
    """Return the columns events have by name, or all when one is missing, so that the error can name them."""
    columns = list(zip(found.columns, found.types, strict=True))
    if not set(NEEDED) <= set(found.columns):
        return columns
    return [(name, kind) for name, kind in columns if name in (*NEEDED, *OPTIONAL)]


def _sql(name: str, kind: str) -> str:
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


# --- Spark: on this machine, or on the cluster the session in use belongs to

ZONE = "spark.sql.session.timeZone"
NO_JAVA = "JAVA_GATEWAY_EXITED"
PARTITIONS_PER_CORE = 4


def _spark_sessions() -> Any:  # noqa: ANN401 - Spark is optional
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingLibraryError(
            "Spark is not installed.", "Install it: pip install 'pricing-design-workbench[spark]'; it needs Java 17."
        ) from error
    return SparkSession


def _local_session(allowed: str) -> Any:  # noqa: ANN401 - Spark is optional
    """Return a session on all cores of this machine, in UTC; MissingLibraryError where there is no Java for it."""
    from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415 - an extra

    partitions = str(PARTITIONS_PER_CORE * (os.cpu_count() or 1))
    settings = {
        "spark.master": "local[*]",
        "spark.driver.memory": allowed,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": tempfile.gettempdir(),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": partitions,
        "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
        "spark.sql.ansi.enabled": "false",
        ZONE: UTC,
    }
    builder = _spark_sessions().builder.appName("workbench")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        if error.getCondition() != NO_JAVA:
            raise
        raise MissingLibraryError(
            "Spark could not start Java.", "Install Java 17 or newer, or set JAVA_HOME to where it is."
        ) from error


class SparkEngine(Engine):
    """The Spark session in use, or a local one that ends with the engine."""

    name = "spark"

    def __init__(self, *, memory: str, progress: bool | None = None) -> None:
        super().__init__(memory=memory, progress=progress)
        active = _spark_sessions().getActiveSession()
        allowed = "{}{}".format(*memory_amount(memory))  # as Java writes it: 4g
        self._own = active is None
        self.session = active or _local_session(allowed)
        if self.session.conf.get(ZONE) != UTC:
            zone = self.session.conf.get(ZONE)
            raise ReplayError(
                f"The Spark session reads times in {zone}, so months would begin at another hour.",
                f"Set {ZONE} to UTC.",
            )

    def read(self, path: Path) -> Any:  # noqa: ANN401 - a Spark DataFrame
        """Return the events as a Spark DataFrame."""
        files = event_files(path)
        with engine_in_words():
            if files.kind == "parquet":
                found = self.session.read.option("mergeSchema", "true").parquet(*files.paths)
            else:
                text = self.session.read.option("header", "true").option("sep", files.delimiter)
                # Files of a log can have more columns as time goes by, so each is read by its own header.
                frames = [text.option("escape", '"').option("multiLine", "true").csv(each) for each in files.paths]
                found = frames[0]
                for frame in frames[1:]:
                    found = found.unionByName(frame, allowMissingColumns=True)
        return found.select(*(_typed(name, kind) for name, kind in found.dtypes))

    def table(self, frame: pd.DataFrame) -> Any:  # noqa: ANN401 - a Spark DataFrame
        """Return a DataFrame as one of Spark's."""
        import pyarrow as pa  # noqa: PLC0415 - an extra

        return self.session.createDataFrame(pa.Table.from_pandas(frame, preserve_index=False))

    def _share_done(self) -> float | None:
        tracker = self.session.sparkContext.statusTracker()
        stages = [tracker.getStageInfo(each) for each in tracker.getActiveStageIds()]
        tasks = sum(stage.numTasks for stage in stages if stage)
        return sum(stage.numCompletedTasks for stage in stages if stage) / tasks if tasks else None

    def __exit__(self, *problem: object) -> None:
        """Stop the session, unless it was there before."""
        if self._own:
            self.session.stop()


def _typed(name: str, kind: str) -> Any:  # noqa: ANN401 - a Spark column
    """Read times and numbers that stand in text, where they can be."""
    from pyspark.sql import functions as sql  # noqa: PLC0415 - an extra

    column = sql.col(f"`{name}`")
    if kind != "string":
        return column
    if name in TIMES:
        fitting = sql.when(column.rlike(TIME), column)
        return fitting.try_cast("timestamp").alias(name)
    if name == "quantity":
        return sql.when(column.rlike(NUMBER), column).try_cast("double").alias(name)
    return column


# --- Choose one

_ENGINES: dict[str, type[Engine]] = {each.name: each for each in (DuckDBEngine, SparkEngine, PandasEngine)}


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

    Returns
    -------
    Engine
        The engine; use it in a `with` block.

    Raises
    ------
    ReplayError
        When there is no engine of this name.
    MissingLibraryError
        When what it needs is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.events import events_to_months, open_engine
    >>> times = pd.to_datetime(["2024-01-05", "2024-02-09"])
    >>> log = pd.DataFrame({"account_id": "A", "timestamp": times, "metric": "rows", "quantity": 5})
    >>> with open_engine("pandas") as engine:
    ...     months = events_to_months(engine.table(log)).table()
    >>> months[["month", "quantity"]]
           month  quantity
    0 2024-01-01       5.0
    1 2024-02-01       5.0
    """
    if name not in _ENGINES:
        raise ReplayError(f"There is no engine {name!r}.", f"Choose one of: {', '.join(_ENGINES)}.")
    return _ENGINES[name](memory=memory, progress=progress)
