"""The inequalities of a linear program, collected one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


class Inequalities:
    """Collect inequalities in `width` variables as a sparse matrix: row, column and value of each coefficient."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.row: list[int] = []
        self.column: list[int] = []
        self.values: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, terms: Sequence[tuple[int, float]], *, low: float = -np.inf, high: float = np.inf) -> None:
        """Add low <= sum of coefficient times variable <= high; terms are (variable, coefficient)."""
        for column, value in terms:
            self.row.append(len(self.low))
            self.column.append(column)
            self.values.append(value)
        self.low.append(low)
        self.high.append(high)
