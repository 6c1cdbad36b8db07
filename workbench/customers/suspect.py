"""Cells that deserve a look, as a detector yields them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, eq=False)
class Suspect:
    """Cells of one cause: their positions in a column of a table, what was expected, and what to do.

    `in_context` says that the values around a cell help to judge it.
    """

    table: str
    column: str
    rows: np.ndarray
    expected: str
    remedy: str
    in_context: bool = False
