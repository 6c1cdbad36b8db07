"""Read text files with columns: any delimiter, UTF-8 with or without mark, UTF-16, Windows-1252."""

from __future__ import annotations

import codecs
import csv
import re
from typing import TYPE_CHECKING

import pandas as pd

from workbench.customers.file_kind import other_kind
from workbench.customers.raw import RawTable, Source
from workbench.customers.sheet_xml import MOST_COLUMNS
from workbench.customers.text_blocks import BLOCK, regular_table
from workbench.customers.text_rows import irregular_table
from workbench.errors import Problem
from workbench.spreadsheet import without_guards

if TYPE_CHECKING:
    from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 100_000  # bytes
_SAMPLE_LINES = 20
_EMPTY = b"\r\n\t ,;|\x00"
_ZEROS = 0.05  # share of zero bytes from which a text can be UTF-16
_MOST_PLACES = 64_000_000  # cells of a block, those included that its rows are short of
_PIECE = 16 << 20  # bytes
_STATED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read_text_file(path: Path, table: str) -> Source:  # noqa: PLR0911 - one for each thing that can be wrong
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
            table, path, "", "text in UTF-8, UTF-16 or Windows-1252",
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
    return _try(data, ("utf-8", "cp1252"))


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
