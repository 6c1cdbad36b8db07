"""Tables people edit: numbers by row and column, and on/off cells such as features by tier."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict

import anywidget
import traitlets

from workbench.ui.assets import script, stylesheet
from workbench.ui.controls import connect, quietly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Column(TypedDict, total=False):
    """A column of a number grid: its label and unit, and what its numbers may be."""

    label: str
    unit: str
    minimum: float
    maximum: float
    step: float
    whole: bool
    optional: bool


class NumberGrid(anywidget.AnyWidget):
    """Numbers by row and column; `value` is a tuple of rows, each a tuple of numbers (None where left empty)."""

    _esm = script("number_grid")
    _css = stylesheet()
    label = traitlets.Unicode().tag(sync=True)
    row_heading = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List(traitlets.Unicode()).tag(sync=True)
    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    cells: Any = traitlets.List().tag(sync=True)
    disabled = traitlets.Bool(default_value=False).tag(sync=True)
    value = traitlets.Tuple()

    @traitlets.observe("cells")
    def _take_cells(self, change: dict[str, Any]) -> None:
        self.value = tuple(tuple(line) for line in change["new"])

    @traitlets.observe("value")
    def _give_cells(self, change: dict[str, Any]) -> None:
        self.cells = [list(line) for line in change["new"]]

    def cell(self, row: str, column: str) -> float | None:
        """Return one number by the labels of its row and column."""
        names = [each["label"] for each in self.columns]
        return self.value[self.rows.index(row)][names.index(column)]


class ChoiceMatrix(anywidget.AnyWidget):
    """On/off cells by row and column; `value` maps each row's key to the keys of the columns that are on.

    `value` is read-only and in the order of rows and columns.
    """

    _esm = script("choice_matrix")
    _css = stylesheet()
    label = traitlets.Unicode().tag(sync=True)
    row_heading = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    cells: Any = traitlets.List().tag(sync=True)
    disabled = traitlets.Bool(default_value=False).tag(sync=True)
    value = traitlets.Any(MappingProxyType({}))

    @property
    def row_keys(self) -> tuple[str, ...]:
        """Return the keys of the rows, from the top."""
        return tuple(row["key"] for row in self.rows)

    @property
    def column_keys(self) -> tuple[str, ...]:
        """Return the keys of the columns, from the left."""
        return tuple(column["key"] for column in self.columns)

    def chosen(self, column: str) -> tuple[str, ...]:
        """Return the keys of the rows that are on in a column."""
        return tuple(key for key, on in self.value.items() if column in on)

    @traitlets.observe("cells")
    def _take_cells(self, change: dict[str, Any]) -> None:
        on = {
            key: tuple(name for name, is_on in zip(self.column_keys, line, strict=True) if is_on)
            for key, line in zip(self.row_keys, change["new"], strict=True)
        }
        if on != dict(self.value):
            self.value = MappingProxyType(on)

    @traitlets.observe("value")
    def _give_cells(self, change: dict[str, Any]) -> None:
        self.cells = cells_of(change["new"], self.row_keys, self.column_keys)


def cells_of(value: Mapping[str, Any], rows: Sequence[str], columns: Sequence[str]) -> list[list[bool]]:
    """Return the cells of a matrix from the keys that are on in each row."""
    return [[column in value.get(row, ()) for column in columns] for row in rows]


def number_grid(
    label: str,
    rows: Sequence[str],
    columns: Sequence[Column],
    value: Sequence[Sequence[float | None]],
    *,
    row_heading: str = "",
    on_change: Callable[[tuple[tuple[float | None, ...], ...]], Any] | None = None,
) -> NumberGrid:
    """Return a table of number boxes; `on_change` gets all numbers when one is entered."""
    grid = NumberGrid(label=label, row_heading=row_heading)
    show_grid(grid, rows, columns, value)
    return connect(grid, on_change)


def choice_matrix(
    label: str,
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[Mapping[str, str]],
    value: Mapping[str, Sequence[str]],
    *,
    row_heading: str = "",
    on_change: Callable[[Mapping[str, tuple[str, ...]]], Any] | None = None,
) -> ChoiceMatrix:
    """Return a table of on/off cells; `on_change` gets the whole mapping when one is pressed.

    Rows are mappings with `key`, `label` and optionally `group` and `note`; columns with `key`, `label`, `note`.
    """
    matrix = ChoiceMatrix(label=label, row_heading=row_heading)
    show_matrix(matrix, rows, columns, value)
    return connect(matrix, on_change)


def show_grid(
    grid: NumberGrid,
    rows: Sequence[str],
    columns: Sequence[Column],
    value: Sequence[Sequence[float | None]],
) -> None:
    """Set rows, columns and numbers of a grid without calling its `on_change`."""
    with quietly(grid), grid.hold_sync():
        grid.rows = list(rows)
        grid.columns = [dict(column) for column in columns]
        grid.value = tuple(tuple(line) for line in value)


def show_matrix(
    matrix: ChoiceMatrix,
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[Mapping[str, str]],
    value: Mapping[str, Sequence[str]],
) -> None:
    """Set rows, columns and cells of a matrix without calling its `on_change`."""
    with quietly(matrix), matrix.hold_sync():
        matrix.rows = [dict(row) for row in rows]
        matrix.columns = [dict(column) for column in columns]
        cells = cells_of(value, matrix.row_keys, matrix.column_keys)
        matrix.value = MappingProxyType(
            {row: tuple(c for c in matrix.column_keys if c in value.get(row, ())) for row in matrix.row_keys}
        )
        matrix.cells = cells
