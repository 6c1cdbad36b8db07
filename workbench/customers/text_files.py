"""Read text files with columns: any delimiter, UTF-8 with or without mark, UTF-16, Windows-1252."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.file_kind import other_kind
from workbench.customers.raw import RawTable, Source, name_columns
from workbench.customers.tables import TABLES, plain_name
from workbench.customers.text_blocks import regular_table
from workbench.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 100_000  # bytes
_SAMPLE_LINES = 20
_EMPTY = b"\r\n\t ,;|\x00"
_PIECE = 16 << 20  # bytes
_STATED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read_text_file(path: Path, table: str) -> Source:
    """Read one delimited text file as the table `table`; every cell stays text."""
    data = path.read_bytes()
    kind = other_kind(data)
    if kind:
        return _problem(table, path, kind.name, "a text file with columns (CSV)", kind.remedy)
    text = as_utf8(data)
    del data  # a large file is held once
    if text is None:
        return _problem(
            table, path, "", "text in UTF-8, UTF-16 or Windows-1252",
            "Save the file again as UTF-8 (in Excel: CSV UTF-8).",
        )  # fmt: skip
    if not text[:_SAMPLE].strip(_EMPTY) and not text.strip(_EMPTY):
        return _problem(
            table, path, "an empty file", "a header line and at least one row",
            "Fill the file, or remove it when there is nothing to say.",
        )  # fmt: skip
    start = text[:_SAMPLE].decode(errors="ignore")
    stated = _STATED.match(start)
    if stated:  # Excel's own first line sep=; keeps its place, so that line numbers stay right
        text = b"\n" + text[len(stated[0].encode()) :]
    delimiter = stated[1] if stated else find_delimiter(start)
    regular = regular_table(text, delimiter, table, path.name)
    frame, lines, problems = (*regular, ()) if regular else _irregular_cells(text, delimiter, table, path.name)
    return Source((RawTable(table, path.name, _without_empty_columns(frame), lines, delimiter),), problems=problems)


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
    if b"\x00" in data:  # UTF-16 without its mark: every second byte of plain letters is zero
        odd = data[1:2000:2].count(0) > data[0:2000:2].count(0)
        text = _try(data, ("utf-16-le" if odd else "utf-16-be",))
        return text if text is not None and "\x00" not in text else None
    return _try(data, ("utf-8", "cp1252"))


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


def _irregular_cells(
    data: bytes, delimiter: str, table: str, file: str
) -> tuple[pd.DataFrame, np.ndarray, tuple[Problem, ...]]:
    """Read row by row, keeping the line on which each row starts."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"), delimiter=delimiter)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    problems: list[Problem] = []
    line = 1
    try:
        for row in reader:
            starts, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if not header:
                header = [name.strip() for name in row]
                continue
            if any(cell.strip() for cell in row[len(header) :]):
                problems.append(_too_many(table, file, starts, f"{len(row)} cells", len(header)))
            rows.append((row + [""] * len(header))[: len(header)])
            lines.append(starts)
    except csv.Error as error:
        problems.append(
            Problem(
                table, file, reader.line_num, "", str(error), "cells of ordinary length in closed quotes",
                "Look for a quotation mark that is never closed.",
            )
        )  # fmt: skip
    if _is_title(header, table):  # then every row has too many cells, and the missing columns say why
        problems = []
    frame = pd.DataFrame(rows, columns=pd.Index(name_columns(header), dtype=object), dtype=object)
    return frame, np.array(lines, dtype=int), tuple(problems)


def _is_title(header: list[str], table: str) -> bool:
    """Tell whether the first line is one cell that names no column: a title above the header."""
    known = {plain_name(name) for name in TABLES[table].column_names}
    return len(header) == 1 and plain_name(header[0]) not in known


def _without_empty_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop unnamed columns without any content, which trailing delimiters leave."""
    empty = [
        name
        for name in frame.columns
        if name.startswith("(column ") and not any(str(cell).strip() for cell in frame[name].dropna().unique())
    ]
    return frame.drop(columns=empty)


def _too_many(table: str, file: str, line: int, found: str, width: int) -> Problem:
    """Report a row with more cells than the header has names."""
    remedy = "Put cells that contain the delimiter into quotation marks, or remove the extra cells."
    return Problem(table, file, line, "", found, f"{width} cells, as in the header", remedy)


def _problem(table: str, path: Path, value: str, expected: str, remedy: str) -> Source:
    return Source((), problems=(Problem(table, path.name, None, "", value, expected, remedy),))
