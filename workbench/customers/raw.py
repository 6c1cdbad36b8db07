"""A table as it was found: columns of unread values and the line a person sees for every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.errors import Problem


@dataclass(frozen=True)
class RawTable:
    """One table before its values are read.

    `frame` has the headers as found; `lines` holds the line number in the file for every row (the header
    is line 1). `delimiter` is "" unless the file is a text file; it settles what a comma can mean.
    """

    table: str
    file: str
    frame: pd.DataFrame
    lines: np.ndarray
    delimiter: str = ""


@dataclass(frozen=True, eq=False)
class Origin:
    """Where the rows of a table stand: the file, and the line a person sees for each row."""

    file: str
    lines: pd.Index


@dataclass(frozen=True)
class Source:
    """What a folder or workbook holds: tables found, what was left unread, and what could not be read."""

    tables: tuple[RawTable, ...]
    ignored: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    name: str = ""


def origin(file: str, lines: np.ndarray) -> Origin:
    """Return the origin of rows; lines without a gap take no memory."""
    start, stop = (int(lines[0]), int(lines[-1]) + 1) if len(lines) else (0, 0)
    is_whole = stop - start == len(lines)  # lines only grow
    return Origin(file, pd.RangeIndex(start, stop) if is_whole else pd.Index(lines))


def raw_frame(table: str, frame: pd.DataFrame) -> RawTable:
    """Wrap a DataFrame given in memory; its rows are numbered as in a file with a header line."""
    named = frame.set_axis(name_columns([str(name) for name in frame.columns]), axis=1)
    return RawTable(table, f"{table} (in memory)", named.reset_index(drop=True), np.arange(len(frame)) + 2)


def name_columns(header: Sequence[str]) -> list[str]:
    """Keep headers apart: an empty one is named by its place, a repeated one gets its place added."""
    seen: set[str] = set()
    names = []
    for place, name in enumerate(header, start=1):
        unique = name or f"(column {place})"
        if unique in seen:
            unique = f"{unique} (column {place})"
        seen.add(unique)
        names.append(unique)
    return names
