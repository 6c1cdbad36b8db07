"""One piece of a panel that a notebook cell shows: a title, controls and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.figure_view import FigureView
from workbench.ui.static_html import static_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Section:
    """A titled piece of a panel: live in JupyterLab, and a static page with tables and pictures in an export.

    `controls` and `parts` are widgets or things with a `widget` (FigureView, Section); a tuple of parts stands side
    by side and wraps. `intro` is a sentence under the title. `status` is the panel's status line. `finish` brings
    everything up to date before a page keeps a copy.
    """

    def __init__(
        self,
        title: str,
        *,
        controls: Iterable[Any] = (),
        parts: Iterable[Any] = (),
        intro: str = "",
        status: Block | None = None,
        finish: Callable[[], None] | None = None,
    ) -> None:
        self.title = title
        self._finish = finish
        self.controls = tuple(controls)
        self.parts = tuple(parts)
        self.head = Block(value=html.heading(title) + html.paragraph(intro, soft=True))
        self.widget = ipywidgets.VBox(tuple(self._children(status)))
        self.widget.add_class("wb-section")

    def static_html(self) -> str:
        """Return the section as HTML: title, settings, figures as pictures, tables, findings."""
        settings = "".join(static_html(control) for control in self.controls)
        inside = "".join(static_html(part) for part in _flat(self.parts))
        return f'<section class="wb-static">{self.head.value}{settings}{inside}</section>'

    def close(self) -> None:
        """Close the section's widgets, and those inside them."""
        close_all(self.widget)

    def _children(self, status: Block | None) -> Iterable[ipywidgets.Widget]:
        yield self.head
        if self.controls:
            yield _side_by_side(self.controls, gap="8px 22px")
        if status is not None:
            yield status
        for part in self.parts:
            beside = part if isinstance(part, tuple) else (part,)
            # A figure says how wide it wants to be, which only a row understands; in a column it would be a height.
            is_row = isinstance(part, tuple | FigureView)
            yield _side_by_side(beside, gap="4px 26px") if is_row else widget_of(part)

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        if self._finish is not None:
            self._finish()
        return mimebundle(self.widget, f"Section: {self.title}", html.style_tag() + self.static_html())


def mimebundle(widget: ipywidgets.Widget, text: str, page: str) -> dict[str, Any]:
    """Return what a cell keeps: the live widget, and HTML and text for where there is no kernel."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return {"text/plain": text, "text/html": page, WIDGET_VIEW: view}


def widget_of(part: Any) -> ipywidgets.Widget:  # noqa: ANN401 - a widget, or something that has one
    """Return the widget of a part."""
    return part if isinstance(part, ipywidgets.Widget) else part.widget


def close_all(widget: ipywidgets.Widget) -> None:
    """Close a widget with its layout, its style and everything inside it."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    for name in ("layout", "style"):
        if widget.has_trait(name) and isinstance(getattr(widget, name), ipywidgets.Widget):
            getattr(widget, name).close()
    widget.close()


def _side_by_side(parts: Iterable[Any], gap: str) -> ipywidgets.Box:
    layout = ipywidgets.Layout(display="flex", flex_flow="row wrap", grid_gap=gap, align_items="flex-start")
    return ipywidgets.Box(tuple(widget_of(part) for part in parts), layout=layout)


def _flat(parts: Iterable[Any]) -> Iterable[Any]:
    for part in parts:
        yield from part if isinstance(part, tuple) else (part,)
