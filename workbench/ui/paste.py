"""A table pasted from a spreadsheet, as a frame."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import ipywidgets
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.ui.controls import button, text_area

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SEPARATORS = "\t;,|"


class PasteError(WorkbenchError, ValueError):
    """Say why pasted text is not the table that is needed."""


def parse_table(text: str, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Read pasted text (tabs, semicolons or commas between the values, names in the first line) as a frame.

    `columns` are those that must be there, found whatever their case. PasteError says what is missing.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:  # noqa: PLR2004 - a header and a row
        raise PasteError(
            "There is no table in the text.", "Copy the cells with their column names in the first line, and paste."
        )
    separator = max(_SEPARATORS, key=lines[0].count)
    header, *rows = csv.reader(lines, delimiter=separator)
    wide = [f"line {at}" for at, row in enumerate(rows, 2) if len(row) > len(header)]
    if wide:
        raise PasteError(f"More values than column names in {', '.join(wide[:5])}.", "Give every column a name.")
    frame = pd.read_csv(io.StringIO("\n".join(lines)), sep=separator, skipinitialspace=True, index_col=False)
    names = {str(name).strip().casefold(): str(name) for name in frame.columns}
    lacking = [name for name in columns if name.casefold() not in names]
    if lacking:
        raise PasteError(
            f"The table lacks {', '.join(lacking)}; it has {', '.join(names.values())}.", "Name the columns as asked."
        )
    return frame.rename(columns={names[name.casefold()]: name for name in columns})


def paste_table(
    label: str,
    columns: Sequence[str],
    on_table: Callable[[pd.DataFrame], object],
    *,
    action: str = "Use this table",
) -> ipywidgets.VBox:
    """Return a box to paste a table into and a button; `on_table` gets the frame, PasteError goes to its guard."""
    area = text_area(label, rows=5, placeholder="\t".join(columns))
    return ipywidgets.VBox((area, button(action, lambda: on_table(parse_table(area.value, columns)))))
