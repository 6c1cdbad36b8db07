"""Find the tables in a folder or workbook and read them as they stand; recognise a customer's table by its header."""

from __future__ import annotations

import csv
import logging
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from workbench import progress
from workbench.customers.raw_tables import RawTable, Source, documented_headers
from workbench.customers.tables import TABLES, plain_name, table_name
from workbench.customers.text_files import decode, find_delimiter
from workbench.errors import MissingPlace, Problem
from workbench.files import other_than_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import duckdb

    from workbench.customers.tables import Table

# --- Read Parquet files through DuckDB

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


# --- Find the tables in a folder or workbook and read them as they stand, with the line of every row

_log = logging.getLogger(__name__)
_EXPORT = "It is damaged: copy or export it again. The log says more."
TEXT_FILES = (".csv", ".tsv", ".txt", ".tab")
WORKBOOKS = (".xlsx", ".xlsm")
PACKED = 8  # bytes of text that stand in one of Parquet or Excel
OLD_WORKBOOKS = (".xls", ".xlsb", ".ods", ".numbers")
PARQUET = (".parquet", ".pq")


def read_source(path: Path) -> Source:
    """Read a folder of files, or one workbook. Problems are listed in the source, never raised."""
    if not path.exists():
        remedy = f"Check the spelling, and that the folder is inside {path.absolute().parent}."
        expected = "a folder or workbook that exists"
        return Source((), (), (MissingPlace("", path.name, None, "", str(path), expected, remedy),), path.name)
    if path.is_dir():
        return _read_folder(path)
    kind = other_than_file(path)
    if kind:
        return _no_file(path, kind, "")
    if path.suffix.lower() in (*WORKBOOKS, *OLD_WORKBOOKS):
        return read_file(path, None)
    return _one_problem(
        path, str(path), "a folder with one file per table, or one Excel workbook with one sheet per table",
        "Put the file into a folder and give the folder.",
    )  # fmt: skip


def _read_folder(folder: Path) -> Source:
    """Read every file of a folder whose name means a table; workbooks give all their sheets."""
    tables: list[RawTable] = []
    problems: list[Problem] = []
    ignored: list[str] = []
    paths = sorted(folder.iterdir(), key=lambda path: path.name.casefold())
    for path in progress.each(paths, _size, "reading the data"):
        hidden = path.name.startswith((".", "~$"))  # ~$ is what Excel leaves beside an open workbook
        if hidden or path.is_dir():
            continue
        suffix, name = path.suffix.lower(), table_name(path.stem)
        readable = suffix in WORKBOOKS or (name and suffix in (*TEXT_FILES, *PARQUET, *OLD_WORKBOOKS))
        if not readable:
            ignored.append(path.name)
            continue
        found = read_file(path, name)
        tables += found.tables
        problems += found.problems
        ignored += found.ignored
    if not tables and not problems:
        problems.append(_nothing_found(folder, ignored))
    return Source(tuple(tables), tuple(ignored), tuple(problems), folder.resolve().name)


def _size(path: Path) -> float:
    """Return how much there is to read of a file: its bytes, those of packed kinds as what they unpack to."""
    suffix = path.suffix.lower()
    known = table_name(path.stem) or suffix in WORKBOOKS
    if not known or not path.is_file():
        return 0.0
    return path.stat().st_size * (1 if suffix in TEXT_FILES else PACKED)


def read_file(path: Path, name: str | None, *, every_sheet: bool = False) -> Source:
    """Read one file with the reader of its kind, as the table `name`; whatever stops the reader is a problem.

    With `every_sheet` the sheets of a workbook are read whatever they are called.
    """
    suffix = path.suffix.lower()
    if suffix in OLD_WORKBOOKS:
        return _one_problem(
            path, path.suffix, "an Excel workbook (.xlsx), CSV or Parquet file",
            "Open it and save it as .xlsx or CSV.", name or "",
        )  # fmt: skip
    reader = _reader(suffix, every_sheet=every_sheet)
    try:
        kind = other_than_file(path)
        return _no_file(path, kind, name or "") if kind else reader(path, name or "")
    except OSError as error:
        return _one_problem(
            path, error.strerror or "", "a file that can be opened", "Check that you may read it.", name or ""
        )
    except MemoryError:
        return _one_problem(
            path, "a table larger than the memory", "a table this machine can hold", "Split it, or use a larger one.",
            name or "",
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - a reader of other people's files can be stopped by anything
        _log.warning("%s cannot be read", path, exc_info=error)
        return _one_problem(
            path, f"something that stops its reader ({type(error).__name__})", "a whole file", _EXPORT, name or ""
        )


def _no_file(path: Path, kind: str, table: str) -> Source:
    """Report what would be waited for without end, or never end."""
    return _one_problem(path, kind, "an ordinary file", "Put a file there, or remove it.", table)


def _reader(suffix: str, *, every_sheet: bool) -> Callable[[Path, str], Source]:
    """Return the reader of a kind of file; each loads its library only when used."""
    if suffix in WORKBOOKS:
        from workbench.customers.workbooks import read_every_sheet, read_workbook  # noqa: PLC0415 - loads openpyxl

        return read_every_sheet if every_sheet else read_workbook
    if suffix in PARQUET:
        return read_parquet
    from workbench.customers.text_files import read_text_file  # noqa: PLC0415 - kept beside the others

    return read_text_file


def _nothing_found(folder: Path, ignored: list[str]) -> Problem:
    """Report a folder in which no file is named as a table."""
    seen = ", ".join(ignored[:5]) or "nothing"
    return Problem(
        "accounts", folder.resolve().name, None, "", seen, f"files named as the tables: {', '.join(TABLES)}",
        "Name each file after its table, for example accounts.csv and usage.csv.",
    )  # fmt: skip


def _one_problem(path: Path, value: str, expected: str, remedy: str, table: str = "") -> Source:
    return Source((), (), (Problem(table, path.name, None, "", value, expected, remedy),), path.name)


# --- Recognise a customer's table by its header, whatever else is wrong with the file

_SAMPLE = 100_000  # bytes
_ROWS = 20  # a header stands among the first, and a row below it
_TELLING = 3  # required columns that no other file has by chance


def holds_customer_table(path: Path, *, exactly: bool = False) -> bool:
    """Tell whether a file holds a table, named or not, with a row at least; a file nobody can read holds none.

    `exactly` counts only what is named as its table and has its headers letter by letter.
    """
    try:
        return any(_is_table(name, header, exactly=exactly) for name, header in _headers(path))
    except Exception:  # noqa: BLE001 - a reader of other people's files can be stopped by anything
        return False


def _is_table(name: str | None, header: list[str], *, exactly: bool) -> bool:
    if exactly:
        return name is not None and set(TABLES[name].required_columns) <= set(header)
    named = name is not None and _fits(TABLES[name], header, named=True)
    return named or any(_fits(table, header, named=False) for table in TABLES.values())


def _fits(table: Table, header: list[str], *, named: bool) -> bool:
    wanted, required = documented_headers(table), set(table.required_columns)
    found = [wanted.get(plain_name(each)) for each in header if each]
    return required <= set(found) and (named or len(required) >= _TELLING or None not in found)


def _headers(path: Path) -> Iterator[tuple[str | None, list[str]]]:
    """Yield the header of every table that has rows, with the table that its name means."""
    name, suffix = table_name(path.stem), path.suffix.lower()
    if suffix in WORKBOOKS:
        from workbench.customers.workbooks import OpenWorkbook  # noqa: PLC0415 - loads openpyxl

        with OpenWorkbook(path) as workbook:
            for title in workbook.sheets:
                rows = [[str(cell) for _, cell in cells] for _, cells in islice(workbook.rows(title), _ROWS)]
                yield from _first(table_name(title) or name, rows)
    elif suffix in PARQUET:
        import duckdb  # noqa: PLC0415 - slow to load, and needed for Parquet only

        with duckdb.connect(":memory:") as connection:
            found = connection.execute("SELECT * FROM read_parquet(?) LIMIT 1", [str(path)])
            header = [str(column[0]) for column in found.description or ()]
            yield from _first(name, [header, *([str(cell) for cell in row] for row in found.fetchall())])
    else:
        with path.open("rb") as file:
            text = decode(_whole_lines(file.read(_SAMPLE))) or ""
        stated = text[:4].lower() == "sep="  # Excel's own first line
        lines = text.splitlines()[stated:]
        delimiter = text[4] if stated else find_delimiter(text)
        yield from _first(name, list(islice(csv.reader(lines, delimiter=delimiter), _ROWS)))


def _whole_lines(data: bytes) -> bytes:
    """Leave out a last line that may have been cut inside a character."""
    return data if len(data) < _SAMPLE else data[: data.rfind(b"\n")]


def _first(name: str | None, rows: list[list[str]]) -> Iterator[tuple[str | None, list[str]]]:
    """Yield the first row with anything in it as the header, when another follows."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if len(filled) > 1:
        yield name, filled[0]
