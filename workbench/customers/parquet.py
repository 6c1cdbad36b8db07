"""Read Parquet files through DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.raw import RawTable, Source
from workbench.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path


def read_parquet(path: Path, table: str) -> Source:
    """Read one Parquet file as the table `table`; row 1 of the data is line 2, as under a header."""
    import duckdb  # noqa: PLC0415 - slow to load, and needed for Parquet only

    with duckdb.connect(":memory:") as connection:
        try:
            frame = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()
        except duckdb.Error as error:
            problem = Problem(
                table, path.name, None, "", str(error).splitlines()[0], "a complete Parquet file",
                "Write the file again: it is cut off or of another kind.",
            )  # fmt: skip
            return Source((), problems=(problem,))
    return Source((RawTable(table, path.name, frame, np.arange(len(frame)) + 2),))
