"""Cells that deserve a look, as a detector yields them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd


class SomeTables(Protocol):
    """What a detector looks at: the tables of a customer base, by name."""

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """The tables themselves."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Name the tables that are there."""


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
