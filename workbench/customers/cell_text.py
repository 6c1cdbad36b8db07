"""Cells as a problem report writes them, and one problem for all cells of a cause."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ROWS_NAMED, VALUES_SHOWN, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LOOKED_AT = 1000  # cells of a cause in which differing values are looked for


def shown(value: object) -> str:
    """Write a cell for a problem report, shortened when it is long."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - one table cell


def cause(
    place: tuple[str, str, str],
    lines: np.ndarray,
    cells: Iterable[object],
    *,
    expected: str,
    remedy: str,
    neighbours: Sequence[str] = (),
    kind: type[Problem] = Problem,
) -> list[Problem]:
    """Return the one problem of all cells that have a cause in common, nothing where there are none.

    `place` is table, file and column; `lines` has the row of every cell; `neighbours` says what stands around the
    first of them.
    """
    if not len(lines):
        return []
    table, file, column = place
    texts = [shown(value) for value in islice(cells, _LOOKED_AT)]
    rows = tuple(int(line) for line in lines[:ROWS_NAMED])
    values = tuple(dict.fromkeys(text for text in texts if text))[: VALUES_SHOWN + 1]
    return [
        kind(
            table, file, rows[0], column, texts[0], expected, remedy, len(lines), rows, values, tuple(neighbours)
        )
    ]  # fmt: skip
