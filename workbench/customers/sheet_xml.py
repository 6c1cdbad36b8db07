"""Read the XML of a sheet cell by cell: as large as Excel makes sheets, in the memory its cells need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, TypeAlias
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from workbench.customers.workbook_parts import Dates

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
_ROW, _CELL, _VALUE, _TEXT, _SOUND, _ENTRY = (_SPACE + name for name in ("row", "c", "v", "t", "rPh", "si"))
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
        elif name in (_VALUE, _TEXT):
            self.taking = not self.is_sound
        elif name == _ROW:
            self._start_row(attributes)
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
