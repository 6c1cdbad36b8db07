"""Find the tables in a folder or workbook and read them as they stand, with the line of every row."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from workbench import progress
from workbench.customers.raw import Source
from workbench.customers.tables import TABLES, table_name
from workbench.errors import MissingPlace, Problem
from workbench.input_files import other_than_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.customers.raw import RawTable

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


def read_file(path: Path, name: str | None) -> Source:
    """Read one file with the reader of its kind, as the table `name`; whatever stops the reader is a problem."""
    suffix = path.suffix.lower()
    if suffix in OLD_WORKBOOKS:
        return _one_problem(
            path, path.suffix, "an Excel workbook (.xlsx), CSV or Parquet file",
            "Open it and save it as .xlsx or CSV.", name or "",
        )  # fmt: skip
    reader = _reader(suffix)
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


def _reader(suffix: str) -> Callable[[Path, str], Source]:
    """Return the reader of a kind of file; each loads its library only when used."""
    if suffix in WORKBOOKS:
        from workbench.customers.workbooks import read_workbook  # noqa: PLC0415 - loads openpyxl

        return read_workbook
    if suffix in PARQUET:
        from workbench.customers.parquet import read_parquet  # noqa: PLC0415 - loads duckdb

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
