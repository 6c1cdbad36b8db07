"""Read Parquet files through DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.raw import RawTable, Source
from workbench.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINY", "USMALL", "UINT", "UBIG", "FLOAT", "DOUBLE", "BOOLEAN",
            "DATE", "TIME")  # fmt: skip
_MARK = b"PAR1"  # at both ends of a Parquet file
MOST_BYTES = 1_000_000_000
MOST_GROWTH = 50  # times its own size, which a file of real rows stays well below
_OF_TEXT, _OF_NUMBER = 64, 8  # bytes a cell takes in memory


def unpacked_bytes(path: Path, connection: duckdb.DuckDBPyConnection) -> int:
    """Return about how much memory a Parquet file takes once it is read, which its footer tells."""
    rows = connection.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [str(path)]).fetchone()
    kinds = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    per_row = sum(_OF_NUMBER if str(kind[1]).startswith(_NUMBERS) else _OF_TEXT for kind in kinds)
    return int(rows[0] or 0) * per_row if rows else 0


def read_parquet(path: Path, table: str) -> Source:
    """Read one Parquet file as the table `table`; row 1 of the data is line 2, as under a header."""
    import duckdb  # noqa: PLC0415 - slow to load, and needed for Parquet only

    with duckdb.connect(":memory:") as connection:
        try:
            size = unpacked_bytes(path, connection)
            if size > MOST_BYTES and size > MOST_GROWTH * path.stat().st_size:
                problem = Problem(
                    table, path.name, None, "", f"a table of {size / 1e9:,.1f} GB in {path.stat().st_size:,} bytes",
                    "a file that is not mostly the same row again and again",
                    "Look at what wrote it; if it is right, write the table as CSV.",
                )  # fmt: skip
                return Source((), problems=(problem,))
            frame = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()
        except duckdb.Error:
            problem = Problem(
                table, path.name, None, "", _kind_of(path), "a complete Parquet file",
                "Write the file again; a file of another kind needs the ending of its kind, such as .csv.",
            )  # fmt: skip
            return Source((), problems=(problem,))
    return Source((RawTable(table, path.name, frame, np.arange(len(frame)) + 2),))


def _kind_of(path: Path) -> str:
    """Say what a file is that cannot be read as Parquet: one that is cut off or damaged, or one of another kind."""
    with path.open("rb") as file:
        start = file.read(len(_MARK))
        file.seek(-min(len(_MARK), path.stat().st_size), 2)
        end = file.read()
    if start != _MARK:
        return "a file of another kind"
    return "a Parquet file that is damaged inside" if end == _MARK else "a Parquet file that is cut off"
