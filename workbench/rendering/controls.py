"""The controls of a panel: labelled, keyboard reachable, and quiet when the panel itself sets them."""

from __future__ import annotations

from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import ipywidgets

from workbench.rendering.html import alias_in
from workbench.rendering.widgets import ChoiceMatrix, DropDown, NumberBox, NumberGrid, cells_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from workbench.rendering.widgets import GridColumn

    Change = Callable[[Any], Any]

# --- The controls of a panel: labelled, keyboard reachable, and quiet when the panel itself sets them

_quiet: WeakSet[ipywidgets.Widget] = WeakSet()


def number_box(
    label: str,
    value: float | None = None,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    step: float | None = None,
    unit: str = "",
    whole: bool = False,
    optional: bool = False,
    slider: bool = False,
    slider_end: float | None = None,
    note: str = "",
    on_change: Change | None = None,
) -> NumberBox:
    """Return a number box; `on_change` gets the new number when it is entered.

    `unit` stands beside it. `whole` keeps integers, `optional` lets it be empty (None). `slider` adds a twin
    below it that sends numbers while it is dragged, from `minimum` to `maximum`, or to `slider_end` where the box
    takes larger numbers than one would drag to. `note` says more underneath.
    """
    if slider and (minimum is None or (maximum is None and slider_end is None)):
        raise ValueError(f"the slider of {label!r} needs a minimum and a maximum (or a slider_end)")
    box = NumberBox(
        label=label,
        minimum=minimum,
        maximum=maximum,
        step=step,
        unit=unit,
        whole=whole,
        optional=optional,
        slider=slider,
        slider_end=slider_end,
        note=note,
    )
    box.value = value
    return connect(box, on_change)


def choice(
    label: str, options: Sequence[str] | Mapping[str, Any], value: Any = None, *, on_change: Change | None = None
) -> DropDown:
    """Return a drop-down list; `options` are texts, or texts with the value each stands for."""
    pairs = _pairs(options)
    return _labelled(DropDown(options=pairs, value=_first(pairs, value), description=label), on_change)


def choices(
    label: str,
    options: Sequence[str] | Mapping[str, Any],
    value: Iterable[Any] = (),
    *,
    rows: int = 6,
    on_change: Change | None = None,
) -> ipywidgets.SelectMultiple:
    """Return a list in which several can be chosen; its value is a tuple."""
    pairs = _pairs(options)
    return _labelled(
        ipywidgets.SelectMultiple(options=pairs, value=tuple(value), rows=rows, description=label), on_change
    )


def checkbox(label: str, value: bool = False, *, on_change: Change | None = None) -> ipywidgets.Checkbox:
    """Return a box to tick."""
    return connect(_dressed(ipywidgets.Checkbox(value=value, description=label, indent=False)), on_change)


def text_box(label: str, value: str = "", *, placeholder: str = "", on_change: Change | None = None) -> ipywidgets.Text:
    """Return a line of text; it is taken when the cursor leaves it or Enter is pressed."""
    box = ipywidgets.Text(value=value, placeholder=placeholder, description=label, continuous_update=False)
    return _labelled(box, on_change)


def text_area(
    label: str, value: str = "", *, rows: int = 3, placeholder: str = "", on_change: Change | None = None
) -> ipywidgets.Textarea:
    """Return several lines of text; they are taken when the cursor leaves the box."""
    box = ipywidgets.Textarea(
        value=value, placeholder=placeholder, description=label, rows=rows, continuous_update=False
    )
    return _labelled(box, on_change)


def button(label: str, on_click: Callable[[], Any], *, tooltip: str = "", primary: bool = False) -> ipywidgets.Button:
    """Return a button that calls `on_click()`."""
    made = ipywidgets.Button(description=label, tooltip=tooltip or None, button_style="primary" if primary else "")
    made.add_class("wb-button")
    made.on_click(lambda _button: on_click())
    return made


def tabs(pages: Mapping[str, ipywidgets.Widget]) -> ipywidgets.Tab:
    """Return pages behind tabs, which the arrow keys reach."""
    return ipywidgets.Tab(children=tuple(pages.values()), titles=tuple(pages))


def row(*parts: ipywidgets.Widget, gap: str = "10px 22px") -> ipywidgets.Box:
    """Return controls side by side; they wrap where the place is narrow."""
    layout = ipywidgets.Layout(display="flex", flex_flow="row wrap", grid_gap=gap, align_items="flex-start")
    return ipywidgets.Box(parts, layout=layout)


def level_row(*parts: ipywidgets.Widget, gap: str = "10px 22px") -> ipywidgets.Box:
    """Return controls side by side with their buttons, all on one foot whether they have labels above or not."""
    made = row(*parts, gap=gap)
    made.layout.align_items = "flex-end"
    return made


def column(*parts: ipywidgets.Widget) -> ipywidgets.VBox:
    """Return parts below each other."""
    return ipywidgets.VBox(parts)


def connect(widget: Any, on_change: Change | None) -> Any:
    """Call `on_change(value)` when a person changes the control, never when `show` does; return the control."""
    if on_change is not None:

        def changed(change: dict[str, Any]) -> None:
            if widget not in _quiet:
                on_change(change["new"])

        widget.observe(changed, names="value")
    return widget


def show(widget: Any, value: Any, **traits: Any) -> None:
    """Set what a control shows (and other traits, such as `options`) without calling its `on_change`."""
    with quietly(widget), widget.hold_sync():
        for name, setting in traits.items():
            wanted = _pairs(setting) if name == "options" else setting
            if getattr(widget, name) != wanted:
                setattr(widget, name, wanted)
        if widget.value != value:
            widget.value = value


@contextmanager
def quietly(*widgets: ipywidgets.Widget) -> Iterator[None]:
    """Keep controls from calling their `on_change` inside the block."""
    added = [widget for widget in widgets if widget not in _quiet]
    _quiet.update(added)
    try:
        yield
    finally:
        for widget in added:
            _quiet.discard(widget)


def _labelled(widget: Any, on_change: Change | None) -> Any:
    widget.style.description_width = "initial"
    return connect(_dressed(widget), on_change)


def _dressed(widget: Any) -> Any:
    widget.add_class("wb-control")
    return widget


def _pairs(options: Sequence[str] | Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    if hasattr(options, "items"):
        return tuple((alias_in(str(text)), value) for text, value in options.items())
    return tuple(each if isinstance(each, tuple) else (alias_in(str(each)), each) for each in options)


def _first(pairs: tuple[tuple[str, Any], ...], value: Any) -> Any:
    """Return the value to show first: the one given, where it is one of the options, else the first option's."""
    if value is None and pairs and all(known is not None for _, known in pairs):
        return pairs[0][1]
    return value


# --- Tables people edit: numbers by row and column, and on/off cells such as features by tier


def number_grid(
    label: str,
    rows: Sequence[str],
    columns: Sequence[GridColumn],
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
    grid: NumberGrid, rows: Sequence[str], columns: Sequence[GridColumn], value: Sequence[Sequence[float | None]]
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
