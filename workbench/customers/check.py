"""Check a folder or workbook without raising, and write its problems as a table for the command line."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.errors import Problem

_WIDTHS = {"file": 26, "row": 7, "column": 18, "found": 22, "expected": 34, "what to do": 50}


def check(folder_or_workbook: str | Path) -> tuple[Problem, ...]:
    """Return every problem in the data; empty when it can be loaded."""
    from workbench.customers.base import read_all  # noqa: PLC0415 - reading loads much more than printing
    from workbench.customers.readers import read_source  # noqa: PLC0415 - as above

    return read_all(read_source(Path(folder_or_workbook)))[1]


def problems_table(problems: Sequence[Problem], limit: int | None = None) -> str:
    """Write problems as a text table with wrapped cells; `limit` shows only the first ones and says so."""
    if not problems:
        return "No problems: the data can be loaded."
    lines = [_row(list(_WIDTHS)), _row(["-" * width for width in _WIDTHS.values()])]
    for problem in problems[:limit]:
        row = "" if problem.row is None else str(problem.row)
        cells = [problem.file, row, problem.column, problem.value, problem.expected, problem.remedy]
        lines.append(_row(cells))
    noun = "problem" if len(problems) == 1 else "problems"
    rest = len(problems) - limit if limit is not None and len(problems) > limit else 0
    lines.append(f"\n{len(problems):,} {noun}." + (f" The last {rest:,} are not shown." if rest else ""))
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    """Set one row of cells, each wrapped to the width of its column."""
    columns = [
        textwrap.wrap(_printable(cell), width) or [""] for cell, width in zip(cells, _WIDTHS.values(), strict=True)
    ]
    height = max(len(column) for column in columns)
    padded = [column + [""] * (height - len(column)) for column in columns]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, _WIDTHS.values(), strict=True)).rstrip()
        for line in zip(*padded, strict=True)
    )


def _printable(text: str) -> str:
    """Keep control characters of a broken file away from the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
