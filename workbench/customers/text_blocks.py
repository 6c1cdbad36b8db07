"""Read text files of one line a row, block by block, so that a large file takes little more memory than its values.

Texts are numbered: a column holds the number of every row's text, and the texts that differ. Columns of plain numbers
become floats at once.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from workbench.customers.columns import LARGEST
from workbench.customers.headers import match_headers
from workbench.customers.raw import RawTable, name_columns
from workbench.customers.tables import TABLES
from workbench.customers.values import distinct
from workbench.progress import within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BLOCK = 8 << 20  # bytes
_OF_NUMBERS = b"0123456789+-.,eE\n"
_DECIMAL_COMMA = re.compile(rb",(\d{1,2}|\d{4,})(?!\d)")


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

    @property
    def settled(self) -> bool:
        """Tell whether all numbers have the same mark, and nothing that looks like a thousand is in doubt."""
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
        marks.comma_is_certain = marks.comma_is_certain or bool(comma and _DECIMAL_COMMA.search(raw))
        return values
