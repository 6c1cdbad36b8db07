"""Read text files with columns: any delimiter and encoding, block by block, or row by row where rows are no lines."""

from __future__ import annotations

import codecs
import csv
import io
import re
from array import array
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from workbench.customers.raw_tables import RawTable, Source, match_headers, name_columns, other_kind, shown_cell
from workbench.customers.tables import LARGEST, TABLES, plain_name
from workbench.customers.values import distinct
from workbench.customers.workbooks import MOST_COLUMNS
from workbench.errors import Problem
from workbench.progress import within
from workbench.tables import without_guards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

# --- Read text files of one line a row, block by block

BLOCK = 8 << 20  # bytes
_OF_NUMBERS = b"0123456789+-.,eE\n"
_DECIMAL_COMMA = re.compile(rb",(\d{1,2}|\d{4,})(?!\d)")
_DECIMAL_POINT = re.compile(rb"\.(\d{1,2}|\d{4,})(?!\d)|(?<!\d)0\.\d|\d{4}\.\d")
_DOT_OF_THREE = re.compile(rb"(?<!\d)[1-9]\d{0,2}\.\d{3}(?!\d)")


class NotPlainError(Exception):
    """A column of numbers holds something else than plain numbers."""


def regular_table(data: bytes, delimiter: str, table: str, file: str) -> tuple[pd.DataFrame, np.ndarray] | None:
    """Return the cells and the line of every row of a UTF-8 file; None when it has to be read row by row.

    Cells of a table's numeric columns are floats when all cells of all of them are plain numbers, and texts else.
    """
    try:
        try:
            return _read(data, delimiter, table, file, _Marks())
        except NotPlainError:
            return _read(data, delimiter, table, file, None)
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return None


def _read(
    data: bytes, delimiter: str, table: str, file: str, marks: _Marks | None
) -> tuple[pd.DataFrame, np.ndarray] | None:
    head, line = b"", 1
    columns: dict[str, _Column] = {}
    lines: list[np.ndarray] = []
    for block in _blocks(data):
        body = block if head else block.lstrip(b"\n")
        rows = np.arange(line + len(block) - len(body), line + block.count(b"\n"), dtype=np.int32)
        line += block.count(b"\n")
        if not body.strip(b"\n"):
            continue
        frame = pd.read_csv(
            io.BytesIO(head + body), sep=delimiter, header=None, dtype=object, keep_default_na=False, na_values=[],
            skip_blank_lines=False, engine="c", encoding="utf-8", low_memory=False,
        )  # fmt: skip
        if len(frame) != len(rows) + bool(head) or frame.iloc[0].isna().any():
            return None  # a quoted cell holds a line break, or rows are longer than the header
        if not head:
            head, rows = body[: body.find(b"\n") + 1], rows[1:]
            columns = _columns([str(name).strip() for name in frame.iloc[0]], table, file, marks)
        cells = [pd.factorize(frame.iloc[1:, place].to_numpy(dtype=object)) for place in range(len(columns))]
        blank = _blank_rows(cells)
        lines.append(rows[~blank])
        for column, (codes, texts) in zip(columns.values(), cells, strict=True):
            column.add(codes[~blank] if blank.any() else codes, texts)
    if marks is not None and not marks.settled:
        raise NotPlainError
    return pd.DataFrame({name: column.whole() for name, column in columns.items()}, copy=False), np.concatenate(lines)


def _blocks(data: bytes) -> Iterator[bytes]:
    """Cut a file between lines, each block with all its line ends the same."""
    at = 0
    while at < len(data):
        end = data.rfind(b"\n", at, at + BLOCK) + 1 if at + BLOCK < len(data) else len(data)
        end = end or data.find(b"\n", at + BLOCK) + 1 or len(data)  # a line longer than a block
        block = data[at:end].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield block if block.endswith(b"\n") else block + b"\n"
        at = end
        within(at / len(data))


def _columns(header: list[str], table: str, file: str, marks: _Marks | None) -> dict[str, _Column]:
    """Return what takes in each column: numbers where the table says so and `marks` are given, texts elsewhere."""
    names = name_columns(header)
    if table not in TABLES:  # whatever it may be: what its columns hold is found out later
        return {name: TextColumn() for name in names}
    empty = RawTable(table, file, pd.DataFrame(columns=pd.Index(names, dtype=object)), np.arange(0))
    known = match_headers(TABLES[table], empty).columns
    numeric = {known[column.name] for column in TABLES[table].columns if column.is_number and column.name in known}
    return {name: TextColumn() if marks is None or name not in numeric else _Numbers(marks) for name in names}


def _blank_rows(cells: list[tuple[NDArray[np.intp], NDArray[np.object_]]]) -> NDArray[np.bool_]:
    """Mark rows in which every cell, as its number and the texts that differ, is empty."""
    blank = np.ones(len(cells[0][0]), dtype=bool)
    for codes, texts in cells:
        if not blank.any():
            break
        blank &= np.array([*(not text.strip() for text in texts), True], dtype=bool)[codes]
    return blank


class _Column(Protocol):
    """What takes in a column block by block."""

    def add(self, codes: NDArray[np.intp], texts: NDArray[np.object_]) -> None:
        """Take in a block: the number of every row's text, -1 where a row was too short, and the texts."""

    def whole(self) -> pd.Categorical | NDArray[np.float64]:
        """Return the whole column."""


class TextColumn:
    """A column of texts: each text that differs once, and its number for every row."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._codes: list[NDArray[np.int32]] = []

    def add(self, codes: NDArray[np.intp], texts: NDArray[np.object_]) -> None:
        """Take in a block."""
        numbers = self._numbers
        own = np.array([*(numbers.setdefault(text, len(numbers)) for text in texts), -1], dtype=np.int32)
        self._codes.append(own[codes])

    def whole(self) -> pd.Categorical:
        """Return the whole column."""
        return pd.Categorical.from_codes(np.concatenate(self._codes), pd.Index(list(self._numbers), dtype=object))


class _Marks:
    """Which decimal marks the numbers of a file have: what a lone 1,234 means depends on all of them."""

    def __init__(self) -> None:
        self.point = self.comma = self.comma_is_certain = False
        self.may_be_thousands = self.point_is_certain = False

    @property
    def settled(self) -> bool:
        """Tell whether all numbers have the same mark, and nothing that looks like a thousand is in doubt."""
        if self.may_be_thousands and not self.point_is_certain:
            return False
        return not self.comma or (self.comma_is_certain and not self.point)


class _Numbers:
    """A column of plain numbers, as floats; NaN where a cell holds no value. NotPlainError for any other."""

    def __init__(self, marks: _Marks) -> None:
        self._marks = marks
        self._values: list[NDArray[np.float64]] = []

    def add(self, codes: NDArray[np.intp], texts: NDArray[np.object_]) -> None:
        values = np.full(len(texts) + 1, np.nan)
        try:
            values[:-1] = self._read(texts)
        except NotPlainError:
            places, bare = distinct(pd.Series(texts, dtype=object))
            known = places >= 0
            values[:-1][known] = self._read(bare[known])
        self._values.append(values[codes])

    def whole(self) -> NDArray[np.float64]:
        return np.concatenate(self._values)

    def _read(self, texts: NDArray[np.object_]) -> NDArray[np.float64]:
        joined = "\n".join(texts)
        raw = joined.encode()
        comma, point = b"," in raw, b"." in raw
        if raw.translate(None, _OF_NUMBERS) or (comma and (point or b"e" in raw.lower() or b",\n" in raw + b"\n")):
            raise NotPlainError
        try:
            values = np.array(joined.replace(",", ".").split("\n") if comma else texts, dtype=object).astype(float)
        except ValueError as error:
            raise NotPlainError from error
        if np.abs(values).max(initial=0) >= LARGEST:  # the cell's own text is kept: a problem has to show it
            raise NotPlainError
        marks = self._marks
        marks.comma, marks.point = marks.comma or comma, marks.point or point
        if point and not (marks.point_is_certain and marks.may_be_thousands):
            marks.may_be_thousands = marks.may_be_thousands or bool(_DOT_OF_THREE.search(raw))
            marks.point_is_certain = marks.point_is_certain or bool(_DECIMAL_POINT.search(raw))
        marks.comma_is_certain = marks.comma_is_certain or bool(comma and _DECIMAL_COMMA.search(raw))
        return values


# --- Read text files row by row where rows are no lines

_BLOCK_ROWS = 50_000
_BREAKS = re.compile(rb"\n+")


def irregular_table(
    data: bytes, delimiter: str, table: str, file: str
) -> tuple[pd.DataFrame | None, np.ndarray, tuple[Problem, ...]]:
    """Return the cells, the line on which each row starts, and a problem for every row with too many cells.

    Where a quotation mark is never closed there is no table: nobody can tell what the rows after it hold.
    """
    feed = _Lines(data)
    header: list[str] = []
    columns: list[TextColumn] = []
    rows: list[list[str]] = []
    lines = array("q")
    problems: list[Problem] = []
    try:
        for row in csv.reader(feed, delimiter=delimiter):
            starts = feed.end_row()
            if not "".join(row).strip():
                continue
            if not header:
                header = [name.strip() for name in row]
                columns = [TextColumn() for _ in header]
                continue
            if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
                problems.append(_too_many(table, file, starts, f"{len(row)} cells", len(header)))
            rows.append(row)
            lines.append(starts)
            if len(rows) == _BLOCK_ROWS:
                _take(columns, rows)
        stopped = feed.is_open
    except csv.Error:  # a cell longer than any person writes
        stopped = True
    if stopped:
        return None, np.arange(0), (_never_ends(feed, table, file),)
    _take(columns, rows)
    if _is_title(header, table):  # then every row has too many cells, and the missing columns say why
        problems = []
    names = name_columns(header)
    frame = pd.DataFrame({name: column.whole() for name, column in zip(names, columns, strict=True)}, copy=False)
    return frame, np.array(lines, dtype=int), tuple(problems)


class _Lines:
    """Gives the lines of a file one by one, without the empty ones between rows, and knows where a row starts."""

    def __init__(self, data: bytes) -> None:
        self._data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
        self._line = self.start = 1
        self._at = self._row_at = 0
        self._is_between = True
        self._last: tuple[int, int] = (0, 0)

    def __iter__(self) -> Iterator[str]:
        data = self._data
        while self._at < len(data):
            if self._is_between:
                if data.startswith(b"\n", self._at) and (breaks := _BREAKS.match(data, self._at)):
                    self._line += breaks.end() - self._at
                    self._at = breaks.end()
                    continue
                self._is_between = False
                self.start, self._row_at = self._line, self._at
            end = data.find(b"\n", self._at) + 1 or len(data)
            text = data[self._at : end].decode()
            self._at = end
            self._line += 1
            yield text

    def end_row(self) -> int:
        """Return the line of the row that is complete now."""
        self._is_between = True
        self._last = (self._row_at, self._at)
        return self.start

    @property
    def is_open(self) -> bool:
        """Tell whether the last row has a quotation mark that is never closed."""
        return self._data.count(b'"', *self._last) % 2 == 1

    def row_text(self) -> str:
        """Return how the present row begins."""
        return self._data[self._row_at : self._row_at + 200].decode(errors="ignore").partition("\n")[0]

    def has_quotes(self) -> bool:
        """Tell whether a quotation mark stands in the present row, as far as it has been read."""
        return self._data.find(b'"', self._row_at, self._at) >= 0


def _take(columns: list[TextColumn], rows: list[list[str]]) -> None:
    """Add rows to their columns, which is quicker for many at a time."""
    for place, column in enumerate(columns):
        cells = np.empty(len(rows), dtype=object)
        cells[:] = [row[place] if place < len(row) else "" for row in rows]
        column.add(*pd.factorize(cells))
    rows.clear()


def _never_ends(feed: _Lines, table: str, file: str) -> Problem:
    """Report the row in which a cell begins that does not end."""
    if feed.has_quotes():
        expected, remedy = "a closing quotation mark", "Close the quotation mark that opens in this row, or remove it."
    else:
        expected = f"cells of at most {csv.field_size_limit():,} characters"
        remedy = "Shorten the cell, or look for rows without line breaks between them."
    return Problem(table, file, feed.start, "", shown_cell(feed.row_text()), expected, remedy)


def _is_title(header: list[str], table: str) -> bool:
    """Tell whether the first line is one cell that names no column: a title above the header."""
    known = {plain_name(name) for name in TABLES[table].column_names} if table in TABLES else set()
    return len(header) == 1 and plain_name(header[0]) not in known


def _too_many(table: str, file: str, line: int, found: str, width: int) -> Problem:
    """Report a row with more cells than the header has names."""
    remedy = "Put cells that contain the delimiter into quotation marks, or remove the extra cells."
    return Problem(table, file, line, "", found, f"{width} cells, as in the header", remedy)


# --- Read text files with columns: any delimiter, UTF-8 with or without mark, UTF-16, encodings of Windows

DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 100_000  # bytes
_SAMPLE_LINES = 20
_EMPTY = b"\r\n\t ,;|\x00"
_ZEROS = 0.05  # share of zero bytes from which a text can be UTF-16
_MOST_PLACES = 64_000_000  # cells of a block, those included that its rows are short of
_PIECE = 16 << 20  # bytes
_FEWEST_UNDER_A_TITLE = 3  # columns of a table whose first lines can be told from it
_STATED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read_text_file(path: Path, table: str) -> Source:  # noqa: PLR0911 - one branch for each thing that can be wrong
    """Read one delimited text file as the table `table`; every cell stays text."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
        if b"\x00" in head and not _is_utf16(head) and not other_kind(head):
            return _nul(table, path, head)  # before the rest is read: a disk's empty blocks can be endless
        found = head + file.read()
    kind = other_kind(found)
    if kind:
        return _problem(table, path, kind.name, "a text file with columns (CSV)", kind.remedy)
    data = as_utf8(found)
    del found
    if data is None:
        return _problem(
            table, path, "", "text in UTF-8, UTF-16 or an encoding of Windows for European or Japanese letters",
            "Save the file again as UTF-8 (in Excel: CSV UTF-8).",
        )  # fmt: skip
    if b"\x00" in data:
        return _nul(table, path, data)
    if not data[:_SAMPLE].strip(_EMPTY) and not data.strip(_EMPTY):
        return _problem(
            table, path, "an empty file", "a header line and at least one row",
            "Fill the file, or remove it when there is nothing to say.",
        )  # fmt: skip
    start = data[:_SAMPLE].decode(errors="ignore")
    stated = _STATED.match(start)
    if stated:  # Excel's own first line sep=; keeps its place, so that line numbers stay right
        data = b"\n" + data[len(stated[0].encode()) :]
    delimiter = stated[1] if stated else find_delimiter(start)
    data = data if table in TABLES else _without_title(data, start, delimiter)
    too_wide = _too_wide(data, delimiter)
    if too_wide:
        return _problem(
            table, path, too_wide, f"at most {MOST_COLUMNS:,} columns, and rows as long as the header",
            "Keep the columns of the table, with one row for each entry.",
        )  # fmt: skip
    regular = regular_table(data, delimiter, table, path.name)
    frame, lines, problems = (*regular, ()) if regular else irregular_table(data, delimiter, table, path.name)
    if frame is None:
        return Source((), problems=problems)
    if b"'" in data:
        frame = _without_guards(frame)
    return Source((RawTable(table, path.name, _without_empty_columns(frame), lines, delimiter),), problems=problems)


def _without_title(data: bytes, start: str, delimiter: str) -> bytes:
    """Blank the lines above a header, of one cell where the rows have several; every line keeps its number."""
    rows = list(csv.reader(start.splitlines()[:_SAMPLE_LINES], delimiter=delimiter))
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    width = max(filled, default=0)
    above = next((place for place, cells in enumerate(filled) if cells > 1), 0)
    if not above or width < _FEWEST_UNDER_A_TITLE or start.count('"', 0, start.find("\n")) % 2:
        return data
    at = 0
    for _ in range(above):
        at = data.find(b"\n", at) + 1
    return b"\n" * above + data[at:] if at else data


def _without_guards(frame: pd.DataFrame) -> pd.DataFrame:
    """Take off the apostrophes before what a spreadsheet must not run."""
    frame = frame.set_axis([without_guards(str(name)) for name in frame.columns], axis=1)
    for place, (_, cells) in enumerate(frame.items()):
        if not pd.api.types.is_numeric_dtype(cells.dtype):
            frame.isetitem(place, cells.map(without_guards, na_action="ignore").array)
    return frame


def as_utf8(data: bytes) -> bytes | None:
    """Return a file in UTF-8 without mark, None when it is in none of the encodings people export."""
    if b"\x00" not in data and _is_utf8(data):
        return data.removeprefix(_MARKS[0][0])
    text = decode(data)
    return None if text is None else text.encode()


def _is_utf8(data: bytes) -> bool:
    """Tell whether all of a file is UTF-8, without holding it a second time."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), _PIECE):
            decoder.decode(data[at : at + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes) -> str | None:
    """Return the text of a file, None when it is in none of the encodings people export."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _try(data, (encoding,))
    if _is_utf16(data):  # without its mark
        odd = data[1:2000:2].count(0) > data[0:2000:2].count(0)
        return _try(data, ("utf-16-le" if odd else "utf-16-be",))
    text = _try(data, ("utf-8",))
    return _by_words(data) if text is None else text


def _by_words(data: bytes) -> str | None:
    """Return a text by the words its bytes make; None where those of no encoding, or of two, are words."""
    start = data[:_PIECE]
    high = start.translate(None, bytes(range(128)))
    japanese = sum(map(len, _JAPANESE.findall(start))) > len(high) / 3 and _try(data, ("cp932",)) is not None
    if japanese and max(_in_words(_try(start, (each,)) or "") for each in _OTHER_LETTERS) <= _MOSTLY * len(high):
        return _try(data, ("cp932",))
    if sum(map(len, _ALL_FOREIGN.findall(start))) > len(high) / 2:  # words without a Latin letter
        best = max(_OTHER_LETTERS, key=lambda each: _in_words(_try(start, (each,)) or ""))
        return _try(data, (best,)) if _in_words(_try(start, (best,)) or "") > len(high) / 2 else None
    text = _try(data, ("cp1252", "cp1250"))  # no cp1251: it reads nearly any bytes, words alone speak for it
    if text and _CENTRAL.search(text[:_PIECE]):
        return _try(data, ("cp1250",))
    for letters, speak, against, encoding in _NEARLY_WESTERN:
        if text and letters.search(text[:_PIECE]) and not against.search(text[:_PIECE]):
            return _try(data, (encoding,)) if speak.search(text[:_PIECE]) else None
    return text


# Two and more of the kana and of the usual kanji in a row; two such bytes in a row are no word of another encoding.
_JAPANESE = re.compile(rb"(?:\x82[\x9f-\xf1]|\x83[\x40-\x96]|\x81[\x58\x5b]|[\x88-\x97][\x40-\x7e\x80-\xfc]){2,}")
_MOSTLY = 0.8  # of the letters of a text
_ALL_FOREIGN = re.compile(rb"(?<![A-Za-z])[\x80-\xff]{3,}(?![A-Za-z])")
_OTHER_LETTERS = ("cp1251", "cp1253", "koi8-r", "cp866")
_WORD = re.compile(r"[^\W\d_]{3,}")
# What letters of Central Europe are in the encoding of Western Europe: signs within words, accents where none stand.
_CENTRAL = re.compile(
    r"[^\W\d_][\xb3\xb9\xbf\xa3\xa5\xbe\xbc][^\W\d_]|z\xb3|[^\W\d_]\xba[^\W\d_]|\xec[a-z]|\xf8[\xed\xe1\xec]"
)

# What letters of Hungary and Turkey are in the encoding of Western Europe, what speaks for them, and what against: a
# Portuguese and an Estonian have those letters, too, and an Icelander; where neither speaks, nobody can tell.
_NEARLY_WESTERN = (
    (
        re.compile(r"\xf5(?!e)|\xd5(?!E)|(?<![oaOA])[\xfb\xdb](?![nc]|ts?\b)"),
        re.compile(
            r"[\xe1\xed\xf3\xfa\xc1\xcd\xd3\xda]|\b(?:Kft|Zrt|Bt|Nyrt)\b|[Gg]y[\xf5\xfb]|[Ss]z[\xf5\xfb]|cs[\xf5\xfb]"
        ),
        re.compile(
            r"[\xe4\xe3\xe7\xe2\xea\xee\xe0\xf4\xeb\xe8\xf1\xc4\xc7]|[\xf5\xd5][eE]|[oO][\xfb\xdb]|O\xdc|[bBdD]\xfb|[fF]l\xfb|[sm]\xfbr"
        ),
        "cp1250",
    ),
    (
        re.compile(r"[\xf0\xfe\xd0\xde]|\b\xdd[b-df-hj-np-tv-z]"),
        re.compile(r"[\xe7\xfc\xc7\xdc]|\xfd\b|\b\xdd|\xdeti"),
        re.compile(r"[\xe1\xed\xf3\xfa\xe6\xf8\xc1\xcd\xd3\xda\xc6\xd8]"),
        "cp1254",
    ),
)


def _in_words(text: str) -> int:
    """Return how many letters, none of them Latin, stand in words in which no capital follows a small letter."""
    words = (word for word in _WORD.findall(text) if word.islower() or word.isupper() or word.istitle())
    return sum(len(word) for word in words if min(word) > "\xff")


def _is_utf16(data: bytes) -> bool:
    """Tell whether a file is UTF-16: it says so, or every second byte is zero, as plain letters make it."""
    if data.startswith(tuple(mark for mark, encoding in _MARKS if encoding == "utf-16")):
        return True
    fewer, more = sorted(data[side:2000:2].count(0) for side in (0, 1))
    return more > _ZEROS * len(data[:2000]) and fewer * 5 < more


def _try(data: bytes, encodings: tuple[str, ...]) -> str | None:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def find_delimiter(text: str) -> str:
    """Choose the delimiter that splits the first lines into the same number of columns, the more the better."""
    sample = [line for line in text[:100_000].splitlines() if line.strip()][:_SAMPLE_LINES]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter)]
        same = sum(width == widths[0] for width in widths) if widths and widths[0] > 1 else 0
        return same, widths[0] if widths else 0

    return max(DELIMITERS, key=evenness)


def _without_empty_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop unnamed columns without any content, which trailing delimiters leave."""
    empty = [
        name
        for name in frame.columns
        if name.startswith("(column ") and not any(str(cell).strip() for cell in frame[name].dropna().unique())
    ]
    return frame.drop(columns=empty)


def _too_wide(data: bytes, delimiter: str) -> str:
    """Say what makes a table larger than its text: too many columns, or rows far shorter than their header."""
    header = data.lstrip(b"\r\n").partition(b"\n")[0] if data[:1] in b"\r\n" else data[: data.find(b"\n")]
    width = header.count(delimiter.encode()) + 1
    if width > MOST_COLUMNS:
        return f"{width:,} columns"
    longest = max(map(len, header.split(delimiter.encode())))
    if longest > csv.field_size_limit():
        return f"a first row with a cell of {longest:,} characters"
    if width * BLOCK > _MOST_PLACES:
        rows = max(data.count(b"\n", at, at + BLOCK) for at in range(0, len(data), BLOCK))
        if rows * width > _MOST_PLACES:
            return f"{width:,} columns over rows of a few cells"
    return ""


def _nul(table: str, path: Path, data: bytes) -> Source:
    """Report a byte no text has."""
    row = data.count(b"\n", 0, data.index(0)) + 1
    return _problem(
        table, path, "a NUL byte", "text",
        "The file was damaged while it was copied or is no text file: export it again, as CSV in UTF-8.", row=row,
    )  # fmt: skip


def _problem(table: str, path: Path, value: str, expected: str, remedy: str, *, row: int | None = None) -> Source:
    return Source((), problems=(Problem(table, path.name, row, "", value, expected, remedy),))
