"""A table as it was found: columns of unread values and the line a person sees for every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

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


@dataclass(frozen=True)
class Source:
    """What a folder or workbook holds: tables found, what was left unread, and what could not be read."""

    tables: tuple[RawTable, ...]
    ignored: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    name: str = ""


def raw_frame(table: str, frame: pd.DataFrame) -> RawTable:
    """Wrap a DataFrame given in memory; its rows are numbered as in a file with a header line."""
    return RawTable(table, f"{table} (in memory)", frame.reset_index(drop=True), np.arange(len(frame)) + 2)
