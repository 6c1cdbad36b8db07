"""Tables for spreadsheets: CSV and Excel in which text stays text, whatever it begins with."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pandas as pd

from workbench.cells import MONEY_HEADING
from workbench.files import write_bytes
from workbench.formatting import exact, is_computed
from workbench.outputs import GENERATOR, check_output
from workbench.written_numbers import written_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where a cell begins for a program that takes another character for the separator, and what makes it a formula there.
_CELL_START, _FORMULA = r"(?<![^,;\t|\r\n])", rf"(?=[ '\u00a0]*[{re.escape(''.join(FORMULA_STARTS))}])"
_UNGUARDED, _GUARDED = re.compile(_CELL_START + _FORMULA), re.compile(_CELL_START + "'" + _FORMULA)
LONGEST_SHEET_NAME = 31
WIDEST_COLUMN = 60
FORBIDDEN_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_CONTROL_CHARACTERS = dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n\r")


def as_csv(frame: pd.DataFrame) -> str:
    """Write a table as CSV that a spreadsheet reads as text and numbers, never as formulas.

    All text stands in quotation marks. Where a cell begins like a formula, also for a program that separates cells by
    semicolons, tabs or bars, an apostrophe comes before that (OWASP, "CSV Injection"); `without_guards` takes it away.
    """
    safe = frame.copy()
    safe.columns = pd.Index([_harmless(str(name)) for name in frame.columns])
    for place, column in enumerate(frame.columns):
        values = frame[column]
        if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)):
            harmless = pd.Series([_harmless(value) for value in values], dtype=object).to_numpy()
            safe.isetitem(place, harmless)
    return str(safe.to_csv(index=False, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC))


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a table as the content of a CSV file: UTF-8 with the mark Excel looks for."""
    return as_csv(frame).encode("utf-8-sig")


def without_guards(text: str) -> str:
    """Return a text as it was before `as_csv` put apostrophes before what looks like a formula."""
    return _GUARDED.sub("", text) if "'" in text else text


def save_csv(frame: pd.DataFrame, path: Path, *, force: bool = False) -> Path:
    """Save a table as CSV for spreadsheets and return its path.

    A file that begins with the same header counts as an earlier one and is replaced, any other only with `force`, a
    customer's table never.
    """
    content = csv_bytes(frame)
    is_earlier = path.is_file() and path.read_bytes().partition(b"\r\n")[0] == content.partition(b"\r\n")[0]
    check_output(path, ".csv", content=content, force=force or is_earlier)
    return write_bytes(path, content)


def save_workbook(
    sheets: Mapping[str, pd.DataFrame] | Iterable[tuple[str, pd.DataFrame]], path: Path, *, force: bool = False
) -> Path:
    """Save tables as the sheets of one Excel file and return its path; no cell becomes a formula.

    A file that the workbench did not write is replaced only with `force`.
    """
    check_output(path, ".xlsx", force=force)
    return write_bytes(path, workbook_bytes(sheets))


def workbook_bytes(sheets: Mapping[str, pd.DataFrame] | Iterable[tuple[str, pd.DataFrame]]) -> bytes:
    """Return tables as the content of an Excel file with a sheet for each."""
    from openpyxl import Workbook  # noqa: PLC0415 - loaded when a file is saved

    book = Workbook()
    book.properties.creator = book.properties.lastModifiedBy = GENERATOR
    book.remove(book.active)
    taken: set[str] = set()
    for name, frame in sheets.items() if hasattr(sheets, "items") else sheets:
        write_sheet(book.create_sheet(sheet_name(name, taken)), frame)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def write_sheet(sheet: Worksheet, frame: pd.DataFrame) -> None:
    """Write a table with a bold header that stays in sight and filters, columns as wide as what they hold.

    Amounts of money and percentages are numbers, those that were written as text for a reader too.
    """
    from openpyxl.styles import Font  # noqa: PLC0415 - loaded when a file is saved
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - the same

    for column, name in enumerate(frame.columns, start=1):
        write_cell(sheet, 1, column, str(name))
        sheet.cell(1, column).font = Font(bold=True)
        longest = max([len(str(name)), *(len(str(value)) for value in frame[name])])
        sheet.column_dimensions[get_column_letter(column)].width = min(WIDEST_COLUMN, longest + 2)
    for column, name in enumerate(frame.columns, start=1):
        values = frame.iloc[:, column - 1].tolist()
        usual = _usual_format(str(name), frame.iloc[:, column - 1])
        for row, (value, written) in enumerate(zip(values, written_numbers(values), strict=True), start=2):
            write_cell(sheet, row, column, value if written is None else written.value)
            if written is not None or (usual and not isinstance(value, str)):
                form = _every_digit(usual, value) if written is None else written.number_format
                sheet.cell(row, column).number_format = form
    sheet.freeze_panes = "A2"
    if len(frame.columns):
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(frame.columns))}{len(frame) + 1}"


def _usual_format(name: str, values: pd.Series) -> str:
    """Return the format of a column's numbers or days; nothing where Excel's own will do."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return "yyyy-mm" if (values.dropna().dt.day == 1).all() else "yyyy-mm-dd"
    if not pd.api.types.is_numeric_dtype(values):
        return ""
    if MONEY_HEADING.search(name):
        return "#,##0.00"
    return "#,##0.0" if name.endswith("(%)") else ""


def _every_digit(form: str, value: object) -> str:
    """Return a number's format with as many decimals as somebody typed; a computed number keeps the usual ones."""
    usual = len(form.partition(".")[2])
    if not usual or not isinstance(value, float) or is_computed(value):
        return form
    return f"{form[:-usual]}{'0' * max(usual, len(exact(value).partition('.')[2]))}"


def write_cell(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write one value; text stays text, whatever it begins with, and what is missing stays empty."""
    from openpyxl.styles import Alignment  # noqa: PLC0415 - loaded when a file is saved

    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = value.translate(_CONTROL_CHARACTERS)
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=len(value) > WIDEST_COLUMN, vertical="top")
        if value.startswith(FORMULA_STARTS):
            cell.quotePrefix = True
    elif isinstance(value, tuple | list | frozenset):
        write_cell(sheet, row, column, ", ".join(map(str, value)))
    elif not pd.isna(value):  # type: ignore[call-overload]
        cell.value = value.item() if hasattr(value, "item") else value


def sheet_name(name: str, taken: set[str]) -> str:
    """Return a sheet name Excel accepts: short, without its forbidden characters, not in `taken`; and add it there."""
    plain = (
        " ".join(name.translate(FORBIDDEN_IN_SHEET_NAMES).split()).strip("'")[:LONGEST_SHEET_NAME].strip() or "Sheet"
    )
    candidate, counter = plain, 2
    while candidate.casefold() in taken:
        ending = f" {counter}"
        candidate, counter = plain[: LONGEST_SHEET_NAME - len(ending)] + ending, counter + 1
    taken.add(candidate.casefold())
    return candidate


def _harmless(value: object) -> object:
    return _UNGUARDED.sub("'", value) if isinstance(value, str) else value
