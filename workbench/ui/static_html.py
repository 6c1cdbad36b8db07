"""What a panel shows, as plain HTML for pages that have no kernel."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets
import pandas as pd

from workbench.formatting import exact
from workbench.ui import html
from workbench.ui.grid import ChoiceMatrix, NumberGrid
from workbench.ui.number_box import NumberBox


def static_html(item: Any) -> str:  # noqa: ANN401 - any part of a panel
    """Return a part of a panel as HTML: its own static form, a table of a grid, or "label: value" of a control."""
    if _is_hidden(item) or isinstance(item, ipywidgets.Button):
        return ""
    if hasattr(item, "static_html"):
        return item.static_html()
    if isinstance(item, NumberGrid | ChoiceMatrix):
        return _grid(item)
    if isinstance(item, ipywidgets.Tab):
        pages = zip(item.titles, item.children, strict=True)
        return "".join(html.heading(title, 4) + static_html(page) for title, page in pages)
    if isinstance(item, ipywidgets.Box):
        return "".join(static_html(child) for child in item.children)
    return _setting(item)


def _grid(item: NumberGrid | ChoiceMatrix) -> str:
    if isinstance(item, NumberGrid):
        names = [_with_unit(column) for column in item.columns]
        rows, cells = item.rows, [list(line) for line in item.value]
    else:
        names = [column["label"] for column in item.columns]
        rows, cells = [row["label"] for row in item.rows], [["✓" if on else "-" for on in line] for line in item.cells]
    frame = pd.DataFrame(cells, columns=names, dtype=object)
    frame.insert(0, item.row_heading, rows, allow_duplicates=True)
    return html.table(frame, item.label, most_rows=len(frame))


def _setting(item: Any) -> str:  # noqa: ANN401 - any control
    label = getattr(item, "label", "") if isinstance(item, NumberBox) else getattr(item, "description", "")
    if not label or not hasattr(item, "value"):
        return ""
    return f"<div>{escape(label)}: <b>{escape(_value(item))}</b></div>"


def _value(item: Any) -> str:  # noqa: ANN401 - any control
    if isinstance(item, NumberBox):
        return "not set" if item.value is None else f"{exact(item.value)} {item.unit}".strip()
    if isinstance(item.value, bool):
        return "yes" if item.value else "no"
    if isinstance(item, ipywidgets.Dropdown):
        return str(item.label or "")
    if isinstance(item.value, tuple):
        return ", ".join(str(each) for each in item.value)
    return str(item.value)


def _with_unit(column: dict[str, Any]) -> str:
    return f"{column['label']} ({column['unit']})" if column.get("unit") else column["label"]


def _is_hidden(item: Any) -> bool:  # noqa: ANN401 - any part of a panel
    return isinstance(item, ipywidgets.DOMWidget) and item.layout.display == "none"
