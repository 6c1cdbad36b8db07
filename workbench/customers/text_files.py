"""Read text files with columns: any delimiter, UTF-8 with or without mark, UTF-16, Windows-1252."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.file_kind import other_kind
from workbench.customers.raw import RawTable, Source, name_columns
from workbench.customers.tables import TABLES, plain_name
from workbench.errors import Problem
from workbench.spreadsheet import MAY_BE_GUARDED, without_guards

if TYPE_CHECKING:
    from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE_LINES = 20
_STATED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read_text_file(path: Path, table: str) -> Source:
    """Read one delimited text file as the table `table`; every cell stays text."""
    data = path.read_bytes()
    kind = other_kind(data)
    if kind:
        return _problem(table, path, kind.name, "a text file with columns (CSV)", kind.remedy)
    text = decode(data)
    if text is None:
        return _problem(
            table, path, "", "text in UTF-8, UTF-16 or Windows-1252",
            "Save the file again as UTF-8 (in Excel: CSV UTF-8).",
        )  # fmt: skip
    if not text.strip("\r\n\t ,;|\ufeff\x00"):
        return _problem(
            table, path, "an empty file", "a header line and at least one row",
            "Fill the file, or remove it when there is nothing to say.",
        )  # fmt: skip
    stated = _STATED.match(text)
    if stated:  # Excel's own first line sep=; keeps its place, so that line numbers stay right
        text = "\n" + text[stated.end() :]
    delimiter = stated[1] if stated else find_delimiter(text)
    frame, lines, problems = _cells(text, delimiter, table, path.name)
    if MAY_BE_GUARDED.search(text):  # what a spreadsheet must not run was written with an apostrophe
        frame = frame.map(lambda cell: without_guards(cell) if isinstance(cell, str) else cell)
        frame.columns = pd.Index([without_guards(name) for name in frame.columns], dtype=object)
    return Source((RawTable(table, path.name, frame, lines, delimiter),), problems=problems)


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


def _cells(text: str, delimiter: str, table: str, file: str) -> tuple[pd.DataFrame, np.ndarray, tuple[Problem, ...]]:
    """Return the cells as text, the line of every row, and a problem for every row with too many cells."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    regular = _regular_cells(text, delimiter)
    if regular is not None:
        return *regular, ()
    return _irregular_cells(text, delimiter, table, file)


def _regular_cells(text: str, delimiter: str) -> tuple[pd.DataFrame, np.ndarray] | None:
    """Read a file whose rows are one line each; None when it has to be read row by row."""
    start = len(text) - len(text.lstrip("\n"))
    try:
        frame = pd.read_csv(
            io.StringIO(text[start:]), sep=delimiter, header=None, dtype=object, keep_default_na=False,
            na_values=[], skip_blank_lines=False, engine="c",
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return None
    lines_there = text.count("\n", start) + (not text.endswith("\n"))
    if len(frame) != lines_there or frame.iloc[0].isna().any():
        return None  # a quoted cell holds a line break, or rows are longer than the header
    header = [str(name).strip() for name in frame.iloc[0]]
    lines = np.arange(len(frame)) + 1 + start
    body, lines = frame.iloc[1:], lines[1:]
    blank = _blank_rows(body)
    body = body[~blank].reset_index(drop=True)
    body.columns = pd.Index(name_columns(header), dtype=object)
    return _without_empty_columns(body), lines[~blank]


def _blank_rows(body: pd.DataFrame) -> np.ndarray:
    """Mark rows in which every cell is empty."""
    blank = np.ones(len(body), dtype=bool)
    for position in range(body.shape[1]):
        if not blank.any():
            break
        cells = body.iloc[:, position].to_numpy(dtype=object)[blank]
        blank[blank] = [not isinstance(cell, str) or not cell.strip() for cell in cells]
    return blank


def _irregular_cells(
    text: str, delimiter: str, table: str, file: str
) -> tuple[pd.DataFrame, np.ndarray, tuple[Problem, ...]]:
    """Read row by row, keeping the line on which each row starts."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
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
    return _without_empty_columns(frame), np.array(lines, dtype=int), tuple(problems)


def _is_title(header: list[str], table: str) -> bool:
    """Tell whether the first line is one cell that names no column: a title above the header."""
    known = {plain_name(name) for name in TABLES[table].column_names}
    return len(header) == 1 and plain_name(header[0]) not in known


def _without_empty_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop unnamed columns without any content, which trailing delimiters leave."""
    empty = [
        name
        for name in frame.columns
        if name.startswith("(column ") and not any(str(cell).strip() for cell in frame[name].dropna())
    ]
    return frame.drop(columns=empty)


def _too_many(table: str, file: str, line: int, found: str, width: int) -> Problem:
    """Report a row with more cells than the header has names."""
    remedy = "Put cells that contain the delimiter into quotation marks, or remove the extra cells."
    return Problem(table, file, line, "", found, f"{width} cells, as in the header", remedy)


def _problem(table: str, path: Path, value: str, expected: str, remedy: str) -> Source:
    return Source((), problems=(Problem(table, path.name, None, "", value, expected, remedy),))
