"""Spark: on this machine, or on the cluster the session in use belongs to."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any, Self

from workbench.errors import MissingLibraryError
from workbench.impact.errors import ReplayError
from workbench.impact.events.event_log import (
    NUMBER,
    TIME,
    TIMES,
    UTC,
    engine_in_words,
    event_files,
    keep_frame,
    memory_amount,
    progress_bar,
)

if TYPE_CHECKING:
    from pathlib import Path

    import narwhals as nw
    import pandas as pd

ZONE = "spark.sql.session.timeZone"
NO_JAVA = "JAVA_GATEWAY_EXITED"
PARTITIONS_PER_CORE = 4


def spark_session(memory: str = "4GiB") -> Any:  # noqa: ANN401 - Spark is optional
    """Return the Spark session in use, or a local one on all cores within the memory given, in UTC."""
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingLibraryError(
            "Spark is not installed.", "Install it: pip install 'pricing-design-workbench[spark]'; it needs Java 17."
        ) from error
    allowed = "{}{}".format(*memory_amount(memory))  # as Java writes it: 4g
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
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
    builder = SparkSession.builder.appName("workbench")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return _started(builder)


def _started(builder: Any) -> Any:  # noqa: ANN401 - Spark is optional
    """Return the session a builder starts; MissingLibraryError where there is no Java to start it with."""
    from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415 - an extra

    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        if error.getCondition() != NO_JAVA:
            raise
        raise MissingLibraryError(
            "Spark could not start Java.", "Install Java 17 or newer, or set JAVA_HOME to where it is."
        ) from error


class SparkEngine:
    """The Spark session in use, or a local one that ends with the engine."""

    name = "spark"

    def __init__(self, *, memory: str = "4GiB", progress: bool | None = None) -> None:
        before = _active()
        self.session = spark_session(memory)
        self._own = before is None
        self._progress = progress
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
        return found.select(*(_column(name, kind) for name, kind in found.dtypes))

    def table(self, frame: pd.DataFrame) -> Any:  # noqa: ANN401 - a Spark DataFrame
        """Return a DataFrame as one of Spark's."""
        import pyarrow as pa  # noqa: PLC0415 - an extra

        return self.session.createDataFrame(pa.Table.from_pandas(frame, preserve_index=False))

    def keep(self, frame: nw.LazyFrame, words: str, /) -> nw.LazyFrame:
        """Return a frame that Spark holds, in memory or on disk."""
        with progress_bar(words, self._share_done, shown=self._progress):
            return keep_frame(frame)

    def _share_done(self) -> float | None:
        tracker = self.session.sparkContext.statusTracker()
        stages = [tracker.getStageInfo(each) for each in tracker.getActiveStageIds()]
        tasks = sum(stage.numTasks for stage in stages if stage)
        return sum(stage.numCompletedTasks for stage in stages if stage) / tasks if tasks else None

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(self, *problem: object) -> None:
        """Stop the session, unless it was there before."""
        if self._own:
            self.session.stop()


def _active() -> Any:  # noqa: ANN401 - Spark is optional
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    return SparkSession.getActiveSession()


def _column(name: str, kind: str) -> Any:  # noqa: ANN401 - a Spark column
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
