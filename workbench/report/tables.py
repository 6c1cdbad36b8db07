"""Turn a frame into the cells a report shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.cells import column_texts, heading, reads_to_the_right

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to be written: header cells, rows of cells, and which columns hold numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]

    @property
    def long(self) -> bool:
        """Tell whether the table is better read in a scrolling box."""
        return len(self.rows) > 15  # noqa: PLR2004 - about a screen


def table_of(frame: pd.DataFrame, caption: str = "") -> Table:
    """Return a frame's cells as text, in its order, without its index."""
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])]
    texts = [column_texts(column) for column in columns]
    numeric = tuple(reads_to_the_right(column, written) for column, written in zip(columns, texts, strict=True))
    return Table(caption, tuple(map(heading, frame.columns)), tuple(zip(*texts, strict=True)), numeric)


def log_moment(moment: datetime) -> str:
    """Write when something was recorded, with its time zone."""
    return moment.strftime("%Y-%m-%d %H:%M ") + (moment.tzname() or "")
