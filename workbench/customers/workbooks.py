"""Read the sheets of an Excel workbook whose names mean a table, each part only as large as Excel makes it."""

from __future__ import annotations

import logging
import re
import warnings
import zipfile
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from xml.parsers import expat

import numpy as np
import pandas as pd

from workbench.customers.raw_tables import RawTable, Source, name_columns, other_kind
from workbench.customers.tables import TABLES, table_name
from workbench.errors import ROWS_NAMED, Problem
from workbench.formatting import first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

# --- Read the XML of a sheet cell by cell: as large as Excel makes sheets, in the memory its cells need

Row: TypeAlias = "tuple[int, list[tuple[int, object]]]"
MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_767  # what Excel allows
MOST_CELLS = 4 * MOST_ROWS
_MOST_ELEMENTS = 26_000_000  # four to six for a cell
_MOST_TEXT = 512 << 20  # characters of all shared texts; each costs some more to keep
_TEXT_COST = 60  # of each, in characters
_LONGEST_TAG = 4 << 20
_MOST_DIGITS = 18
_MOST_PIECES = 16
_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_ROW, _CELL, _VALUE, _TEXT, _SOUND, _ENTRY, _FORMULA, _MERGED = (
    _SPACE + name for name in ("row", "c", "v", "t", "rPh", "si", "f", "mergeCell")
)
HIDDEN, EMPTY_FORMULAS, MERGED = "hidden sheet", "formulas without values", "merged cells"  # notes on a sheet
_LETTERS = re.compile("[A-Z]{1,3}")
_SHORT_CELLS = "cells of the length Excel allows"
_AS_CSV = "Save the sheet as CSV, which is read whatever its size."


class RefusedPartError(Exception):
    """Refuse a part of a workbook: what was found, what was expected, what to do."""

    def __init__(self, found: str, expected: str = "a workbook as Excel writes it", remedy: str = "") -> None:
        super().__init__(found)
        self.found, self.expected = found, expected
        self.remedy = remedy or "Open it in Excel and save it again as .xlsx."


class _Reader(Protocol):
    """Takes what the parser finds."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""

    def end(self, name: str) -> None:
        """Take its end."""

    def text(self, data: str) -> None:
        """Take text between the two."""


def feed(reader: _Reader, chunks: Iterable[bytes]) -> Iterator[None]:
    """Parse XML piece by piece, yielding after each, so that what is read can be taken away at once."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_definitions
    elements = since_tag = 0
    for chunk in chunks:
        elements += chunk.count(b"<")
        last = chunk.rfind(b">")
        since_tag = since_tag + len(chunk) if last < 0 else len(chunk) - last
        if elements > _MOST_ELEMENTS:
            raise RefusedPartError("a sheet with millions of entries that are no cells", remedy=_AS_CSV)
        if since_tag > _LONGEST_TAG:
            raise RefusedPartError("megabytes of text or blanks in one place", _SHORT_CELLS, "Shorten it.")
        parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by position
        yield
    parser.Parse(b"", True)  # noqa: FBT003 - as above


class _Texts:
    """Puts the pieces of a text together, up to the length a cell can have."""

    where = ""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.taking = self.is_sound = False

    def text(self, data: str) -> None:
        """Take a piece of text."""
        if self.taking:
            self.pieces.append(data)
            if len(self.pieces) > _MOST_PIECES:
                self.pieces = [self.joined()]

    def joined(self) -> str:
        """Return the text so far."""
        found = self.pieces[0] if len(self.pieces) == 1 else "".join(self.pieces)
        if len(found) > MOST_CHARACTERS:
            raise RefusedPartError(
                f"a text of more than {MOST_CHARACTERS:,} characters{self.where}", _SHORT_CELLS, "Shorten it."
            )
        return found


class TextsReader(_Texts):
    """Collects the texts that cells refer to by number."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._all = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - the parser gives them
        """Take the start of an element."""
        if name == _TEXT:
            self.taking = not self.is_sound
        elif name == _SOUND:  # how a Japanese text is read aloud, which is no part of it
            self.is_sound = True

    def end(self, name: str) -> None:
        """Keep a text that is complete."""
        if name == _TEXT:
            self.taking = False
        elif name == _SOUND:
            self.is_sound = False
        elif name == _ENTRY:
            self.texts.append(self.joined().replace("x005F_", ""))
            self._all += len(self.texts[-1]) + _TEXT_COST
            self.pieces = []
            if self._all > _MOST_TEXT:
                raise RefusedPartError("texts of more than 500 MB", "a workbook of ordinary size", _AS_CSV)


class SheetReader(_Texts):
    """Collects the rows of a sheet; cells without content are left out."""

    def __init__(self, texts: list[str], dates: Dates) -> None:
        super().__init__()
        self._texts, self._dates = texts, dates
        self._columns: dict[str, int] = {}
        self._rows: list[Row] = []
        self._cells: list[tuple[int, object]] = []
        self._cell: dict[str, str] = {}
        self._line = self._column = self._rows_seen = self._cells_seen = 0
        self._is_formula = False
        self.empty_formulas: list[str] = []
        self.merged: list[str] = []

    @property
    def where(self) -> str:  # type: ignore[override]  # it moves on
        """Say where the reader is."""
        return f" in row {self._line:,}"

    def taken(self) -> list[Row]:
        """Return the rows complete since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        if name == _CELL:
            self._cell = attributes
            self.pieces = []
            self._is_formula = False
        elif name in (_VALUE, _TEXT):
            self.taking = not self.is_sound
        elif name == _ROW:
            self._start_row(attributes)
        elif name == _FORMULA:
            self._is_formula = True
        elif name == _MERGED:
            self.merged.append(attributes.get("ref", ""))
        elif name == _SOUND:
            self.is_sound = True

    def end(self, name: str) -> None:
        """Keep a cell or a row that is complete."""
        if name == _CELL:
            self._end_cell()
        elif name in (_VALUE, _TEXT):
            self.taking = False
        elif name == _ROW:
            if self._cells:
                self._rows.append((self._line, self._cells))
                self._cells_seen += len(self._cells)
                self._cells = []
                if self._cells_seen > MOST_CELLS:
                    raise RefusedPartError(f"more than {MOST_CELLS:,} cells", "a sheet of ordinary size", _AS_CSV)
        elif name == _SOUND:
            self.is_sound = False

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._line = int(float(attributes["r"])) if "r" in attributes else self._line + 1
        self._column = 0
        self._rows_seen += 1
        last = max(self._line, self._rows_seen)
        if last > MOST_ROWS:
            raise RefusedPartError(f"row {last:,}", f"at most {MOST_ROWS:,} rows, as Excel allows", _AS_CSV)

    def _end_cell(self) -> None:
        cell = self._cell
        place = cell.get("r")
        self._column = self._place(place) if place else self._column + 1
        if not self.pieces:
            if self._is_formula and place:
                self.empty_formulas.append(place)
            return
        kind = cell.get("t", "n")
        text = self.joined()
        value = _VALUES[kind](text, self._texts) if kind in _VALUES else text
        if kind == "n" and int(cell.get("s", 0)) in self._dates.styles:
            value = self._dates.read(value, int(cell.get("s", 0)) in self._dates.durations)
        if not (isinstance(value, str) and not value.strip()):
            self._cells.append((self._column, value))

    def _place(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = 0
            if _LETTERS.fullmatch(letters.upper()):
                for letter in letters.upper():
                    column = column * 26 + ord(letter) - ord("A") + 1
            if not 1 <= column <= MOST_COLUMNS:
                raise RefusedPartError(f"a cell at {reference[:20]!r}", "cells in the columns A to XFD")
            self._columns[letters] = column
        return column


def _number(text: str, _texts: list[str]) -> object:
    if text.isdigit() and len(text) <= _MOST_DIGITS:
        return int(text)
    number = float(text)
    return int(text) if text[:1] == "-" and text[1:].isdigit() and len(text) <= _MOST_DIGITS else number


def _shared(text: str, texts: list[str]) -> object:
    number = int(text)
    if not 0 <= number < len(texts):
        raise RefusedPartError(f"a cell whose text (number {number:,}) is missing")
    return texts[number]


def _truth(text: str, _texts: list[str]) -> object:
    return bool(int(text))


def _iso(text: str, _texts: list[str]) -> object:
    from openpyxl.utils.datetime import from_ISO8601  # noqa: PLC0415 - loaded when a workbook is

    return from_ISO8601(text)


_VALUES: dict[str, Callable[[str, list[str]], object]] = {
    "n": _number, "s": _shared, "b": _truth, "d": _iso,
}  # fmt: skip


def _refuse_definitions(*_: object) -> None:
    raise RefusedPartError("definitions of its own (a DTD) in its XML")


# --- Open a workbook: its sheets, its texts and how its dates are written

_MOST_PART_BYTES = 2 << 30  # of one sheet as XML; the largest table the reader takes has about 0.8 GB
_MOST_SETTING_BYTES = 16 << 20  # of the parts that say which sheets and styles there are
_MOST_SETTINGS = 500_000  # elements in them; Excel allows 65,490 styles
_TEXTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_USUAL_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Dates:
    """Which cell styles write a number as a date or as a duration, and how it is read."""

    styles: frozenset[int]
    durations: frozenset[int]
    read: Callable[[Any, bool], object]


class OpenWorkbook:
    """A workbook whose sheets are read one by one; `sheets` maps the titles of worksheets to their parts.

    Raises RefusedPartError for what Excel never writes; whatever else a damaged file makes the libraries raise is
    left to the caller.
    """

    def __init__(self, path: Path) -> None:
        from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415 - slow to load, and needed for workbooks only
        from openpyxl.styles.stylesheet import apply_stylesheet  # noqa: PLC0415 - as above

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on styles and extensions no table needs
            book = ExcelReader(path, read_only=True, data_only=True, keep_links=False)
            self._archive = book.archive
            try:
                self._refuse_large_settings()
                book.read_manifest()
                book.read_workbook()
                apply_stylesheet(book.archive, book.wb)
                known = set(book.archive.namelist())
                found_sheets = [
                    (sheet, relation.target)
                    for sheet, relation in book.parser.find_sheets()
                    if relation.target in known and "chartsheet" not in relation.Type
                ]
                self.sheets = {sheet.name: target for sheet, target in found_sheets}
                self.hidden = {sheet.name for sheet, _ in found_sheets if sheet.state != "visible"}
                strings = book.package.find(_TEXTS)
            except BaseException:
                self.close()
                raise
        found = book.wb
        self.notes: tuple[tuple[str, str], ...] = ()
        self._texts_part = strings.PartName.removeprefix("/") if strings is not None else ""
        self._texts: list[str] | None = None
        styles = found._date_formats, found._timedelta_formats  # noqa: SLF001 - openpyxl has no other name for them
        self._dates = Dates(frozenset(styles[0]), frozenset(styles[1]), _date_reader(found.epoch))

    def rows(self, title: str) -> Iterator[Row]:
        """Yield the line and the cells with content of every row of a sheet that has any; `notes` are on it then."""
        if self._texts is None:
            self._texts = self._shared_texts()
        reader = SheetReader(self._texts, self._dates)
        for _ in feed(reader, self._chunks(self.sheets[title])):
            yield from reader.taken()
        found = ((EMPTY_FORMULAS, reader.empty_formulas), (MERGED, sorted(reader.merged, key=_first_row)))
        self.notes = tuple((kind, first_of(places, ROWS_NAMED)) for kind, places in found if places)

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def __enter__(self) -> Self:
        """Return the workbook."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def _shared_texts(self) -> list[str]:
        reader = TextsReader()
        if self._texts_part in self._archive.namelist():
            for _ in feed(reader, self._chunks(self._texts_part)):
                pass
        return reader.texts

    def _chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part of the workbook piece by piece; its checksum is compared at the end."""
        part = self._archive.getinfo(name)
        if part.compress_type not in _USUAL_PACKING:
            raise RefusedPartError(f"{name} packed in a way Excel never does")
        if part.file_size > _MOST_PART_BYTES:
            raise RefusedPartError(f"{name} of {part.file_size:,} bytes", "a sheet of ordinary size")
        with self._archive.open(part) as file:
            while chunk := file.read(1 << 18):
                yield chunk

    def _refuse_large_settings(self) -> None:
        """Refuse parts that are read as a whole when they are larger than any program writes them."""
        for part in self._archive.infolist():
            name = part.filename
            if not (name.endswith((".rels", "styles.xml", "workbook.xml")) or name == "[Content_Types].xml"):
                continue
            elements = 0
            if part.file_size <= _MOST_SETTING_BYTES:
                elements = sum(chunk.count(b"<") for chunk in self._chunks(name))
            if part.file_size > _MOST_SETTING_BYTES or elements > _MOST_SETTINGS:
                raise RefusedPartError(f"{name} of {part.file_size:,} bytes", "settings of ordinary size")


def _first_row(cells: str) -> int:
    """Return the row a range such as A4:B9 begins in."""
    return int("".join(each for each in cells.partition(":")[0] if each.isdigit()) or 0)


def _date_reader(epoch: Any) -> Callable[[Any, bool], object]:  # noqa: ANN401 - the day openpyxl counts from
    """Return what makes a date or a duration of a number, and remembers both; what is no day stays a number."""
    from openpyxl.utils.datetime import from_excel  # noqa: PLC0415 - loaded when a workbook is

    @lru_cache(maxsize=1 << 16)
    def read(value: Any, is_duration: bool) -> object:  # noqa: ANN401 - a number
        try:
            return from_excel(value, epoch, timedelta=is_duration)
        except (OverflowError, ValueError):
            return value

    return read


# --- Read the sheets of an Excel workbook whose names mean a table

_log = logging.getLogger(__name__)
EMPTY_SHEET = "an empty sheet"
_MOST_UNNAMED = 100  # columns without a name that are kept; they are listed as not read
_MOST_PLACES = 64_000_000  # rows times columns of a table


def read_workbook(path: Path, table: str = "") -> Source:
    """Read every sheet named as a table. A workbook named as `table` with one other sheet is that table."""
    return _whole(path, table, _read)


def read_every_sheet(path: Path, table: str = "") -> Source:
    """Read every sheet, whatever its name; what is beside the cells of one is noted."""
    return _whole(path, table, _read_all)


def _whole(path: Path, table: str, read: Callable[[Path, str], Source]) -> Source:
    """Read a workbook; whatever stops its reader is a problem."""
    try:
        return read(path, table)
    except RefusedPartError as error:
        return _problem(table, path.name, error.found, error.expected, error.remedy)
    except OSError as error:
        if error.errno is not None:  # the disk's, not the workbook's
            raise
        return _damaged(table, path, error)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - zip and XML libraries fail in any way on a damaged file
        return _damaged(table, path, error)


def _read_all(path: Path, _table: str) -> Source:
    tables: list[RawTable] = []
    empty: list[str] = []
    problems: list[Problem] = []
    with OpenWorkbook(path) as workbook:
        for title in workbook.sheets:
            file = f"{path.name}, sheet {title}"
            found = _read_sheet("", file, workbook.rows(title))
            hidden = ((HIDDEN, title),) if title in workbook.hidden else ()
            tables += [replace(raw, notes=hidden + workbook.notes) for raw in found.tables]
            is_empty = all(each.value == EMPTY_SHEET for each in found.problems)
            empty += [file] if found.problems and is_empty else []
            problems += () if is_empty else found.problems
    return Source(tuple(tables), tuple(empty), tuple(problems), path.name)


def _read(path: Path, table: str) -> Source:
    with OpenWorkbook(path) as workbook:
        sheets = {title: table_name(title) or "" for title in workbook.sheets}
        if not sheets:
            return _problem(
                table, path.name, "no worksheet", f"sheets named as the tables: {', '.join(TABLES)}",
                "Its sheets are lost, or it holds only charts: open it in Excel, and save the tables as .xlsx.",
            )  # fmt: skip
        if table and not any(sheets.values()):
            sheets = dict.fromkeys(sheets, "") | {next(iter(sheets)): table}
        sources = [
            _read_sheet(name, f"{path.name}, sheet {title}", workbook.rows(title))
            for title, name in sheets.items()
            if name
        ]
    if not sources:
        return _problem(
            table or "accounts", path.name, f"sheets {', '.join(sheets)}",
            f"sheets named as the tables: {', '.join(TABLES)}",
            "Name each sheet after its table, for example accounts and usage.",
        )  # fmt: skip
    return Source(
        tables=tuple(raw for source in sources for raw in source.tables),
        ignored=tuple(f"{path.name}, sheet {title}" for title, name in sheets.items() if not name),
        problems=tuple(problem for source in sources for problem in source.problems),
        name=path.name,
    )


def _damaged(table: str, path: Path, error: Exception) -> Source:
    """Report a workbook that is none, or no whole one."""
    expected = "a whole Excel workbook"
    _log.debug("%s cannot be read", path, exc_info=error)
    with path.open("rb") as file:
        kind = other_kind(file.read(1 << 16))
    if zipfile.is_zipfile(path):
        found = "a workbook that is damaged"
        remedy = "Copy or export it again; Excel can often repair it (Open and Repair), then save it as .xlsx."
    elif kind and kind.name in ("an Excel workbook", "a zip archive"):
        found, remedy = "a workbook whose end is missing", "Copy or export it again: it was cut off."
    else:
        found = kind.name if kind else "a file Excel cannot open"
        expected = "an Excel workbook without a password"
        remedy = "Open it in Excel and save it again as .xlsx, without a password."
    return _problem(table, path.name, found, expected, remedy)


def _read_sheet(table: str, file: str, rows: Iterable[Row]) -> Source:
    """Read one sheet; cells keep the type they have in the workbook, those beside the header's columns are left out."""
    sheet = _Sheet(may_have_title=not table)
    try:
        for line, cells in rows:
            sheet.add(line, cells)
    except RefusedPartError as error:
        return _problem(table, file, error.found, error.expected, error.remedy)
    if not sheet.names:
        return _problem(
            table, file, EMPTY_SHEET, "a header line and at least one row",
            "Fill the sheet, or remove it when there is nothing to say.",
        )  # fmt: skip
    return Source((RawTable(table, file, sheet.frame(), np.array(sheet.lines, dtype=int)),))


class _Sheet:
    """A table that grows row by row; a column takes memory from the first to the last row it has a cell in."""

    def __init__(self, *, may_have_title: bool) -> None:
        self.names: dict[int, str] = {}
        self.columns: dict[int, list[object]] = {}
        self.lines: list[int] = []
        self._width = self._unnamed = 0
        self._may_have_title = may_have_title

    def add(self, line: int, cells: list[tuple[int, object]]) -> None:
        """Take a row; the first one is the header, or a title above it where that is possible."""
        is_title = self._may_have_title and not self.lines and len(self.names) == 1 and len(cells) > 1
        if not self.names or is_title:
            self.names = {place: _header(cell) for place, cell in cells}
            self._width = max(self.names)
            self.columns = {place: [] for place in self.names}
            return
        row = len(self.lines)
        inside = False
        for place, cell in cells:
            if place > self._width:
                continue
            inside = True
            column = self.columns.get(place)
            if column is None:
                if self._unnamed == _MOST_UNNAMED:
                    continue
                self._unnamed += 1
                column = self.columns[place] = []
            if len(column) < row:
                column.extend([None] * (row - len(column)))
            if len(column) == row:
                column.append(cell)
        if inside:
            self.lines.append(line)
        if row * len(self.columns) > _MOST_PLACES:
            raise RefusedPartError(
                f"{row:,} rows of {len(self.columns):,} columns", "a table of ordinary size",
                "Keep the columns of the table and remove the others.",
            )  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """Return the table; columns without a name are called by their place."""
        headers = name_columns([self.names.get(place, "") for place in range(1, self._width + 1)])
        filled = {
            headers[place - 1]: pd.Series(cells + [None] * (len(self.lines) - len(cells)), dtype=object)
            for place, cells in sorted(self.columns.items())
        }
        return pd.DataFrame(filled, columns=pd.Index(list(filled), dtype=object), dtype=object)


def _header(cell: object) -> str:
    """Write a header cell as text; a date cell, as wide sheets have, becomes 2024-03-01."""
    return str(cell.date()) if hasattr(cell, "date") else str(cell).strip()


def _problem(table: str, file: str, value: str, expected: str, remedy: str) -> Source:
    return Source((), problems=(Problem(table, file, None, "", value, expected, remedy),), name=file)
