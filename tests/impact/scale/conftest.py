"""One log of events with everything that goes wrong in logs, and the engines that read it."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.impact.events import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.impact.events import Engine

COLUMNS = ("event_id", "account_id", "timestamp", "metric", "quantity", "received_at")
MESSY = (
    ("01", "a", "2024-01-31T23:30:00-02:00", "calls", "10", "2024-02-01T02:00:00Z"),  # February in UTC
    ("02", "a", "2024-01-05 10:00:00", "calls", "5.5", "2024-01-05 10:00:01"),
    ("02", "a", "2024-01-05 10:00:00", "calls", "5.5", "2024-01-06 10:00:01"),  # sent twice
    ("03", "a", "2024-01-06", "calls", "7", "2024-01-07T00:00:00"),
    ("03", "a", "2024-01-06", "calls", "8", "2024-01-06T01:00:00"),  # differs, and was received first
    ("04", "", "2024-01-06", "calls", "7", "2024-01-07"),
    ("05", "a", "", "calls", "7", "2024-01-07"),
    ("06", "a", "2024-01-06", "calls", "", "2024-01-07"),
    ("07", "a", "2024-01-06", "calls", "-3", "2024-01-07"),
    ("07", "a", "2024-01-06", "calls", "3", "2024-01-09"),  # its twin does not count, so this one does
    ("08", "a", "2024-01-06", "pings", "3", "2024-01-07"),
    ("09", "b", "2024-01-06", "rows", "3", "2024-02-03T23:59:59Z"),  # the last second of three days of grace
    ("10", "b", "2024-01-06", "rows", "4", "2024-02-04T00:00:00Z"),  # late
    ("11", "b", "yesterday", "rows", "4", ""),
    ("12", "b", "2024-02-30", "rows", "4", ""),
    ("13", "b", "2024-02-03", "rows", "1_0", ""),
    ("14", "b", "2024-02-03", "rows", "nan", ""),
    ("15", "b", "2024-02-03T11:00:00.123456+05:30", "rows", "1e2", ""),
    ("", "b", "2024-02-04", "rows", "1", ""),
    ("", "b", "2024-02-04", "rows", "1", ""),  # alike in everything, without an id
    ("", "b", "2024-02-04", "rows", "2", ""),
)


@pytest.fixture(scope="session")
def messy_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the log as two CSV files, the columns of the second in another order."""
    folder = tmp_path_factory.mktemp("log")
    frame = pd.DataFrame(MESSY, columns=list(COLUMNS))
    frame[:8].to_csv(folder / "2024-01.csv", index=False)
    frame.loc[8:, list(COLUMNS[::-1])].to_csv(folder / "2024-02.csv", index=False)
    return folder


@pytest.fixture(params=["pandas", "duckdb"])
def engine_in_process(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Go through the engines that need no process of their own, for laws that differ in nothing an engine does."""
    with open_engine(request.param, memory="1GiB", progress=False) as found:
        yield found


@pytest.fixture
def ibis_backend() -> object:
    """Return ibis on its DuckDB backend; skip without it, unless it is required."""
    if not importlib.util.find_spec("ibis"):
        reason = "ibis is not installed: `make setup-spark` installs the locked extra"
        (pytest.fail if os.environ.get("WORKBENCH_SPARK_REQUIRED") == "1" else pytest.skip)(reason)
    import ibis  # noqa: PLC0415 - an extra

    return ibis.duckdb.connect()
