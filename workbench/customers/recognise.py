"""Recognise a customer's table by its header, whatever else is wrong with the file."""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING

from workbench.customers.headers import documented_headers
from workbench.customers.readers import PARQUET, WORKBOOKS
from workbench.customers.tables import TABLES, plain_name, table_name
from workbench.customers.text_files import decode, find_delimiter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.customers.columns import Table

_SAMPLE = 100_000  # bytes
_ROWS = 20  # a header stands among the first, and a row below it
_TELLING = 3  # required columns that no other file has by chance


def holds_customer_table(path: Path, *, exactly: bool = False) -> bool:
    """Tell whether a file holds a table, named or not, with a row at least; a file nobody can read holds none.

    `exactly` counts only what is named as its table and has its headers letter by letter.
    """
    try:
        return any(_is_table(name, header, exactly=exactly) for name, header in _headers(path))
    except Exception:  # noqa: BLE001 - a reader of other people's files can be stopped by anything
        return False


def _is_table(name: str | None, header: list[str], *, exactly: bool) -> bool:
    if exactly:
        return name is not None and set(TABLES[name].required_columns) <= set(header)
    named = name is not None and _fits(TABLES[name], header, named=True)
    return named or any(_fits(table, header, named=False) for table in TABLES.values())


def _fits(table: Table, header: list[str], *, named: bool) -> bool:
    wanted, required = documented_headers(table), set(table.required_columns)
    found = [wanted.get(plain_name(each)) for each in header if each]
    return required <= set(found) and (named or len(required) >= _TELLING or None not in found)


def _headers(path: Path) -> Iterator[tuple[str | None, list[str]]]:
    """Yield the header of every table that has rows, with the table that its name means."""
    name, suffix = table_name(path.stem), path.suffix.lower()
    if suffix in WORKBOOKS:
        from workbench.customers.workbook_parts import OpenWorkbook  # noqa: PLC0415 - loads openpyxl

        with OpenWorkbook(path) as workbook:
            for title in workbook.sheets:
                rows = [[str(cell) for _, cell in cells] for _, cells in islice(workbook.rows(title), _ROWS)]
                yield from _first(table_name(title) or name, rows)
    elif suffix in PARQUET:
        import duckdb  # noqa: PLC0415 - slow to load, and needed for Parquet only

        with duckdb.connect(":memory:") as connection:
            found = connection.execute("SELECT * FROM read_parquet(?) LIMIT 1", [str(path)])
            header = [str(column[0]) for column in found.description or ()]
            yield from _first(name, [header, *([str(cell) for cell in row] for row in found.fetchall())])
    else:
        with path.open("rb") as file:
            text = decode(_whole_lines(file.read(_SAMPLE))) or ""
        stated = text[:4].lower() == "sep="  # Excel's own first line
        lines = text.splitlines()[stated:]
        delimiter = text[4] if stated else find_delimiter(text)
        yield from _first(name, list(islice(csv.reader(lines, delimiter=delimiter), _ROWS)))


def _whole_lines(data: bytes) -> bytes:
    """Leave out a last line that may have been cut inside a character."""
    return data if len(data) < _SAMPLE else data[: data.rfind(b"\n")]


def _first(name: str | None, rows: list[list[str]]) -> Iterator[tuple[str | None, list[str]]]:
    """Yield the first row with anything in it as the header, when another follows."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if len(filled) > 1:
        yield name, filled[0]
