"""Files for others to open: which ones may be replaced, and tables as CSV and Excel in which text stays text."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import FileError
from workbench.files import check_place, write_bytes
from workbench.tables import FORMULA_STARTS, DataTable, as_table, formula_guarded

if TYPE_CHECKING:
    from openpyxl.styles.cell_style import StyleArray
    from openpyxl.worksheet.worksheet import Worksheet

# --- Which files may be replaced

GENERATOR = "pricing-design-workbench"
PDF_MARK = f"\n% {GENERATOR}\n".encode()  # a comment after the end, which readers pass over
_HEAD, _LONGEST_PROPERTIES = 1 << 18, 1 << 16
_RESULTS_MARK = f'"generator": "{GENERATOR}"'.encode()
_PAGE_MARK = f'<meta name="generator" content="{GENERATOR}">'.encode()
# A spreadsheet that saves the workbook puts its user's name here, so what somebody worked on counts as theirs.
_WORKBOOK_MARK = re.compile(rb"<(\w+:)?lastModifiedBy>" + GENERATOR.encode() + rb"</")
CALENDAR_MARK = f"PRODID:-//{GENERATOR}//EN"
_STUDY = re.compile(r"study\.json|study\.replaced-\d+\.json|\.study\.lock.*", re.IGNORECASE)
KINDS = {
    ".html": "a web page",
    ".pdf": "a PDF",
    ".xlsx": "an Excel file",
    ".csv": "a CSV file",
    ".json": "a JSON file",
    ".pptx": "a presentation",
}


def check_output(
    path: Path, *endings: str, inputs: Iterable[Path | None] = (), force: bool = False, content: bytes | None = None
) -> None:
    """Refuse to write a file that would replace what must not be lost; FileError says what it is.

    Parameters
    ----------
    path
        The file to write. A symbolic link counts as the file it leads to.
    endings
        How the name may end; any way when none is named.
    inputs
        Files the result is made from, and folders of such files: never replaced, nor joined by what would be read as
        one of them.
    force
        Replace a file that the workbench did not write, unless it is a customer's table.
    content
        What will be written. A file whose lines are all among its lines can be replaced, as an empty one can: nothing
        is lost.

    """
    check_place(path)
    target = Path(os.path.realpath(path))
    if endings and path.suffix.lower() not in endings:
        raise FileError(f"{path.name} is no name of {KINDS[endings[0]]}.", f"End it in {endings[0]}.")
    if _belongs_to_a_study(target):
        raise FileError(f"{path} belongs to a study, which is never replaced.", "Name another file.")
    given = [Path(os.path.realpath(each)) for each in inputs if each is not None]
    if target in given:
        raise FileError(f"{path} is what this is made from, and never replaced.", "Name another file.")
    folders = [each for each in given if each.is_dir()]
    if target.parent in folders and target.suffix.lower() in _readable():
        raise FileError(f"{path} would be read as data, where this is made from.", "Name another folder.")
    if not target.exists() or _keeps_all(target, content or b""):
        return
    ours = _is_ours(target, path.suffix.lower())
    if not ours and any(target.is_relative_to(each) for each in folders):
        raise FileError(f"{path} is among the data this is made from, and never replaced.", "Name another file.")
    if _is_customers(target, ours=ours):
        raise FileError(f"{path} is a table of customers' data, which is never replaced.", "Name another file.")
    if not force and not ours:
        raise FileError(
            f"{path} is there already, and was not written by the workbench.",
            "Name another file, move that one away, or replace it with --force (in a script: force=True).",
        )


def check_outputs(
    outputs: Iterable[tuple[Path | None, tuple[str, ...]]], *, inputs: Iterable[Path | None] = (), force: bool = False
) -> None:
    """Check several files of one result, each with its endings; None stands for one that is not asked for."""
    sources = tuple(inputs)
    places: dict[str, Path] = {}
    for path, endings in outputs:
        if path is None:
            continue
        check_output(path, *endings, inputs=sources, force=force)
        other = places.setdefault(os.path.realpath(path), path)
        if other is not path:
            raise FileError(f"{other} and {path} are one file.", "Name a file for each.")


def check_table(path: Path, content: bytes, *, force: bool = False) -> None:
    """Refuse to write a CSV table over one with rows that are not all in it, even with force, or as `check_output`."""
    check_place(path)
    if path.is_file() and _has_rows(path) and not _keeps_all(path, content):
        raise FileError(f"{path} is a table with rows that the new one lacks.", "Choose an empty folder.")
    check_output(path, ".csv", content=content, force=force)


def _has_rows(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(file.readline()) and any(line.strip() for line in file)


def _readable() -> tuple[str, ...]:
    from workbench.customers.readers import PARQUET, TEXT_FILES, WORKBOOKS  # noqa: PLC0415 - it writes files, too

    return (*TEXT_FILES, *WORKBOOKS, *PARQUET)


def _is_customers(path: Path, *, ours: bool) -> bool:
    from workbench.customers.readers import holds_customer_table  # noqa: PLC0415 - as above

    return path.suffix.lower() in _readable() and holds_customer_table(path, exactly=ours)


def _belongs_to_a_study(path: Path) -> bool:
    is_revision = path.parent.name == "history" and path.stem.isdecimal()
    return bool(_STUDY.fullmatch(path.name)) or (is_revision and (path.parent.parent / "study.json").exists())


def _keeps_all(path: Path, content: bytes) -> bool:
    if not path.stat().st_size:
        return True
    return bool(content) and set(path.read_bytes().splitlines()) <= set(content.splitlines())


def _is_ours(path: Path, ending: str) -> bool:
    """Tell whether a file carries the mark of the workbench."""
    try:
        return _MARKED.get(ending, lambda _path: False)(path)
    except (OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile):
        return False


def _begins_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return mark in file.read(_HEAD)


def _is_marked_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(PDF_MARK)))
        return file.read() == PDF_MARK


def _is_marked_workbook(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        properties = archive.getinfo("docProps/core.xml")
        return properties.file_size < _LONGEST_PROPERTIES and bool(_WORKBOOK_MARK.search(archive.read(properties)))


PAGE = (".html", ".htm")
_MARKED: dict[str, Callable[[Path], bool]] = {
    **dict.fromkeys(PAGE, partial(_begins_with, mark=_PAGE_MARK)),
    ".pdf": _is_marked_pdf,
    ".xlsx": _is_marked_workbook,
    ".pptx": _is_marked_workbook,  # the properties of both are kept alike
    ".json": partial(_begins_with, mark=_RESULTS_MARK),
    ".ics": partial(_begins_with, mark=CALENDAR_MARK.encode()),
}

# --- Tables for spreadsheets: CSV and Excel in which text stays text, whatever it begins with

LONGEST_SHEET_NAME = 31
WIDEST_COLUMN = 60
FORBIDDEN_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_CONTROL_CHARACTERS = dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n\r")


Tabular = pd.DataFrame | DataTable
Sheets = Mapping[str, Tabular] | Iterable[tuple[str, Tabular]]


def as_csv(table: Tabular) -> str:
    """Write a table as CSV that a spreadsheet reads as text and numbers, never as formulas.

    All text stands in quotation marks. Where a cell begins like a formula, also for a program that separates cells by
    semicolons, tabs or bars, an apostrophe comes before that (OWASP, "CSV Injection"); `without_guards` takes it away.
    """
    frame = table.numbers() if isinstance(table, DataTable) else table
    safe = frame.copy()
    safe.columns = pd.Index([formula_guarded(str(name)) for name in frame.columns])
    for place, column in enumerate(frame.columns):
        values = frame[column]
        if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)):
            harmless = pd.Series([formula_guarded(value) for value in values], dtype=object).to_numpy()
            safe.isetitem(place, harmless)
    return str(safe.to_csv(index=False, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC))


def csv_bytes(table: Tabular) -> bytes:
    """Return a table as the content of a CSV file: UTF-8 with the mark Excel looks for."""
    return as_csv(table).encode("utf-8-sig")


def save_csv(table: Tabular, path: Path, *, force: bool = False) -> Path:
    """Save a table as CSV for spreadsheets and return its path.

    A file that begins with the same header counts as an earlier one and is replaced, any other only with `force`, a
    customer's table never.
    """
    content = csv_bytes(table)
    is_earlier = path.is_file() and path.read_bytes().partition(b"\r\n")[0] == content.partition(b"\r\n")[0]
    check_output(path, ".csv", content=content, force=force or is_earlier)
    return write_bytes(path, content)


def save_workbook(sheets: Sheets, path: Path, *, force: bool = False) -> Path:
    """Save tables as the sheets of one Excel file and return its path; no cell becomes a formula.

    A file that the workbench did not write is replaced only with `force`.
    """
    check_output(path, ".xlsx", force=force)
    return write_bytes(path, workbook_bytes(sheets))


def workbook_bytes(sheets: Sheets) -> bytes:
    """Return tables as the content of an Excel file with a sheet for each."""
    from openpyxl import Workbook  # noqa: PLC0415 - loaded when a file is saved

    book = Workbook()
    book.properties.creator = book.properties.lastModifiedBy = GENERATOR
    book.remove(book.active)
    taken: set[str] = set()
    for name, table in sheets.items() if hasattr(sheets, "items") else sheets:
        write_sheet(book.create_sheet(sheet_name(name, taken)), _as_named(table))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _as_named(table: Tabular) -> DataTable:
    """Return a table to be saved: a plain frame keeps the names of its columns, by which files are told apart."""
    found = as_table(table)
    if isinstance(table, DataTable):
        return found
    names = map(str, table.columns)
    columns = (replace(each, heading=name) for each, name in zip(found.columns, names, strict=True))
    return replace(found, columns=tuple(columns))


def write_sheet(sheet: Worksheet, table: DataTable) -> None:
    """Write a table with a bold header that stays in sight and filters, columns as wide as what they hold.

    Numbers stay numbers, in the format a reader sees them in.
    """
    from openpyxl.styles import Font  # noqa: PLC0415 - loaded when a file is saved
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - the same

    for at, (column, texts) in enumerate(zip(table.columns, table.cells(), strict=True), start=1):
        write_cell(sheet, 1, at, column.heading)
        sheet.cell(1, at).font = Font(bold=True)
        longest = max(map(len, (column.heading, *texts)))
        sheet.column_dimensions[get_column_letter(at)].width = min(WIDEST_COLUMN, longest + 2)
        for row, value in enumerate(column.values(table.frame), start=2):
            held, form = column.kind.spreadsheet(value)
            write_cell(sheet, row, at, held)
            if form:
                sheet.cell(row, at).number_format = form
    sheet.freeze_panes = "A2"
    if table.columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table) + 1}"


def write_cell(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write one value; text stays text, whatever it begins with, and what is missing stays empty."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = value.translate(_CONTROL_CHARACTERS)
        cell.data_type = "s"
        cell._style = _look(sheet.parent, value)  # noqa: SLF001 - as openpyxl's own copies of cells do
    elif isinstance(value, tuple | list | frozenset):
        write_cell(sheet, row, column, ", ".join(map(str, value)))
    elif not pd.isna(value):  # type: ignore[call-overload]
        cell.value = value.item() if hasattr(value, "item") else value


def _look(book: Any, value: str) -> StyleArray:  # noqa: ANN401 - openpyxl's own, with what it keeps to itself
    """Return how a text cell looks: a long one on several lines, what begins like a formula marked as text.

    Each look is entered in its book once: entering it anew with every cell took longer than writing the cell.
    """
    from openpyxl.styles import Alignment  # noqa: PLC0415 - loaded when a file is saved
    from openpyxl.styles.cell_style import StyleArray  # noqa: PLC0415 - the same

    looks, kind = vars(book).setdefault("looks", {}), (len(value) > WIDEST_COLUMN, value.startswith(FORMULA_STARTS))
    if kind not in looks:
        looks[kind] = StyleArray()
        looks[kind].alignmentId = book._alignments.add(Alignment(wrap_text=kind[0], vertical="top"))  # noqa: SLF001
        looks[kind].quotePrefix = int(kind[1])
    return copy(looks[kind])


def sheet_name(name: str, taken: set[str]) -> str:
    """Return a sheet name Excel accepts: short, without its forbidden characters, not in `taken`; and add it there."""
    plain = (
        " ".join(name.translate(FORBIDDEN_IN_SHEET_NAMES).split()).strip("'")[:LONGEST_SHEET_NAME].strip() or "Sheet"
    )
    candidate, counter = plain, 2
    while candidate.casefold() in taken:
        ending = f" {counter}"
        candidate, counter = plain[: LONGEST_SHEET_NAME - len(ending)].rstrip() + ending, counter + 1
    taken.add(candidate.casefold())
    return candidate
