"""One piece of a panel that a notebook cell shows, its plain HTML without a kernel, and errors as sentences in it."""

from __future__ import annotations

import functools
import logging
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.formatting import exact
from workbench.rendering import html
from workbench.rendering.figure_view import FigureView
from workbench.rendering.widgets import ChoiceMatrix, HtmlBlock, NumberBox, NumberGrid, SectionHead
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from workbench.rendering.session import Session

say = texts(__name__)

# --- What a panel shows, as plain HTML for pages that have no kernel


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
        return under_titles(dict(pages))
    if isinstance(item, ipywidgets.Box):
        return "".join(static_html(child) for child in item.children)
    return _setting(item)


def under_titles(pages: Mapping[str, Any]) -> str:
    """Return what stands behind tabs as HTML: every page, each under its title."""
    return "".join(html.heading_line(title, 4) + static_html(page) for title, page in pages.items())


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
    shown = getattr(item, "widget", item)
    return isinstance(shown, ipywidgets.DOMWidget) and shown.layout.display == "none"


# --- One piece of a panel that a notebook cell shows: a title, controls and what follows from them

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
MOST_ABOVE = 4  # controls in one line above the charts they move; more stand left of them


class Section:
    """A titled piece of a panel: live in JupyterLab, and a static page with tables and pictures in an export.

    `controls` and `parts` are widgets or things with a `widget` (FigureView, Section); a tuple of parts stands side
    by side and wraps. Many controls stand left of what they move, a few above it. `intro` is a sentence under the
    title. `status` is the panel's status line. `finish` brings everything up to date before a page keeps a copy.
    `hand` holds the controls and the status line, `shown` what follows from them: for a page of its own.
    """

    def __init__(
        self,
        title: str,
        *,
        controls: Iterable[Any] = (),
        parts: Iterable[Any] = (),
        intro: str = "",
        status: HtmlBlock | None = None,
        finish: Callable[[], None] | None = None,
    ) -> None:
        self.title = title
        self.finish = finish or _nothing_waits
        self.controls = tuple(controls)
        self.parts = tuple(parts)
        self.head = SectionHead(value=html.heading_line(title) + html.paragraph(intro, soft=True))
        told = () if status is None else (status,)
        self.is_split = bool(self.parts) and sum(map(_inputs, self.controls)) > MOST_ABOVE
        self.hand = tuple(map(widget_of, self.controls)) + told
        self.shown = tuple(stacked(self.parts))
        above = (_side_by_side(self.controls, gap="8px 22px"), *told) if self.controls else told
        inside = (split(self.hand, self.shown),) if self.is_split else (*above, *self.shown)
        self.widget = ipywidgets.VBox((self.head, *inside))
        self.widget.add_class("wb-section")

    def static_html(self) -> str:
        """Return the section as HTML: title, settings, figures as pictures, tables, findings."""
        self.finish()
        settings = "".join(static_html(control) for control in self.controls)
        inside = "".join(static_html(part) for part in flat(self.parts))
        kept = "wb-static mathjax_ignore tex2jax_ignore"  # two amounts in dollars are no formula between two signs
        return f'<section class="{kept}">{self.head.value}{settings}{inside}</section>'

    def close(self) -> None:
        """Close the section's widgets, and those inside them."""
        close_all(self.widget)

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        return mimebundle(self.widget, f"Section: {self.title}", html.style_tag() + self.static_html())


def split(left: Iterable[ipywidgets.Widget], right: Iterable[ipywidgets.Widget]) -> ipywidgets.Box:
    """Return two columns: the hand left, with its own scrolling, and what it moves right."""
    hand, shown = ipywidgets.VBox(tuple(left)), ipywidgets.VBox(tuple(right))
    hand.add_class("wb-hand")
    shown.add_class("wb-shown")
    made = ipywidgets.Box((hand, shown))
    made.add_class("wb-split")
    return made


def _inputs(control: Any) -> int:  # noqa: ANN401 - any control
    """Count what a person can move in a control; a list or a grid is as tall as many."""
    widget = widget_of(control)
    if isinstance(widget, NumberGrid | ChoiceMatrix):
        return MOST_ABOVE + 1
    return sum(map(_inputs, widget.children)) if hasattr(widget, "children") else 1


def _nothing_waits() -> None:
    """Do nothing: a section without a panel is up to date."""


def stacked(parts: Iterable[Any]) -> Iterator[ipywidgets.Widget]:
    """Go through the widgets of parts one below the other, those of a tuple side by side."""
    for part in parts:
        beside = part if isinstance(part, tuple) else (part,)
        # A figure says how wide it wants to be, which only a row understands; in a column it would be a height.
        is_row = isinstance(part, tuple | FigureView)
        made = _side_by_side(beside, gap="4px 22px") if is_row else widget_of(part)
        if is_row and any(isinstance(each, FigureView) for each in beside):
            made.add_class("wb-charts")
        yield made


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


def flat(parts: Iterable[Any]) -> Iterator[Any]:
    """Go through parts, of those side by side one after the other."""
    for part in parts:
        yield from part if isinstance(part, tuple) else (part,)


# --- Turn errors in callbacks into a sentence on the panel

_log = logging.getLogger("workbench.rendering")
_strict: ContextVar[bool] = ContextVar("workbench_strict_callbacks", default=False)
UNEXPECTED = say("something_unexpected_went_wrong_your")
UNEXPECTED_ADVICE = say("run_the_cell_again_if")


@contextmanager
def strict_callbacks() -> Iterator[None]:
    """Let unexpected errors out of guarded callbacks, as tests need it."""
    token = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(token)


class StatusLine(HtmlBlock):
    """The line of a panel that says what happened; screen readers hear it."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - settings of any widget
        super().__init__(role="status", **settings)
        self.text = ""

    def say(self, text: str, tone: str = "info", advice: str = "", *, undo: Callable[[], Any] | None = None) -> None:
        """Show a message; `tone` is info, ok, warning or error. `undo` is done by a button beside it, once."""
        self.text = f"{text} {advice}".strip()
        self.pressed = None if undo is None else lambda _name: undo()
        shown = html.message(text, tone, advice, press="" if undo is None else say("undo")) if text else ""
        self.show(shown)

    def clear(self) -> None:
        """Show nothing."""
        self.say("")


class StatusLines:
    """The status lines of a panel's sections: what is said stands where the hand is, and the others are quiet."""

    def __init__(self) -> None:
        self.here = StatusLine()
        self._known: list[StatusLine] = [self.here]

    def add(self) -> StatusLine:
        """Return a line for one more section; what is made from now on speaks there."""
        self.here = StatusLine()
        self._known.append(self.here)
        return self.here

    def move(self, to: StatusLine) -> None:
        """Let a line speak from now on; what another one still says is over."""
        for each in self._known:
            if each is not to and each.text:
                each.clear()
        self.here = to

    @property
    def text(self) -> str:
        """Return what was said last."""
        return self.here.text

    @property
    def value(self) -> str:
        """Return the HTML of what was said last."""
        return self.here.value

    def say(self, text: str, tone: str = "info", advice: str = "", *, undo: Callable[[], Any] | None = None) -> None:
        """Show a message where the hand is."""
        self.here.say(text, tone, advice, undo=undo)

    def clear(self) -> None:
        """Show nothing."""
        self.here.clear()

    def close(self) -> None:
        """Close every line."""
        for each in self._known:
            close_all(each)


def guarded(
    callback: Callable[..., Any], status: StatusLine | StatusLines, *, after_error: Callable[[], Any] | None = None
) -> Callable[..., Any]:
    """Return the callback with its errors shown in the status line.

    A WorkbenchError is shown with its advice; anything else as a short sentence, and logged with its traceback.
    `after_error` runs afterwards, for example to put the controls back to what is saved.
    """

    @functools.wraps(callback)
    def run(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the callback takes and gives
        try:
            return callback(*arguments, **named)
        except WorkbenchError as error:
            if after_error is not None:
                after_error()
            status.say(error.message, "error", error.advice)
        except Exception:
            if _strict.get():
                raise
            _log.exception(say("a_callback_of_a_panel"))
            status.say(UNEXPECTED, "error", UNEXPECTED_ADVICE)
        return None

    return run


# --- Say in a notebook cell what is being worked out, as long as it takes, and what it comes to at the end


def _is_in_notebook() -> bool:
    from IPython import get_ipython  # noqa: PLC0415 - slow to import, and only notebooks have it loaded

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show a text in the running cell until the block ends; outside a notebook nothing is shown."""
    from IPython.display import clear_output, display  # noqa: PLC0415 - slow to import, and only notebooks have it loaded

    in_notebook = _is_in_notebook()
    if in_notebook:
        display({"text/plain": text}, raw=True)
    try:
        yield
    finally:
        if in_notebook:
            clear_output()


class Conclusion:
    """What a panel comes to, as the text of the cell that asked for it, which follows the panel from then on.

    Outside a notebook it is printed once.
    """

    def __init__(self, told: Callable[[], str]) -> None:
        self._told = told
        self._shown = ""
        self._cell: Any = None

    def show(self) -> None:
        """Show it in the running cell; a cell that showed it before stays as it is."""
        self._shown = self._told()
        if not _is_in_notebook():
            print(self._shown)  # noqa: T201 - what the last cell of a notebook shows
            return
        from IPython.display import display  # noqa: PLC0415 - slow to import, and only notebooks have it loaded

        self._cell = display({"text/plain": self._shown}, raw=True, display_id=True)

    def refresh(self) -> None:
        """Show it as things are now, where it was shown."""
        if self._cell is not None and (text := self._told()) != self._shown:
            self._shown = text
            self._cell.update({"text/plain": text}, raw=True)


# --- A panel that belongs to no stage: sections one below the other, errors as sentences where they happen


class PlainSection:
    """One section of a plain panel: its parts, and a status line of its own that speaks where the person acts."""

    def __init__(self) -> None:
        self.status = StatusLine()

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback with its errors in this section's status line."""
        return guarded(callback, self.status)


class PlainPanel:
    """A panel of sections. A subclass makes them with `section`; shown alone, it shows all of them."""

    title = ""

    def __init__(self) -> None:
        self._sections: list[Section] = []
        self._all: ipywidgets.VBox | None = None

    def section(
        self,
        title: str,
        *,
        controls: Iterable[Any] = (),
        parts: Iterable[Any] = (),
        intro: str = "",
        status: StatusLine | None = None,
        finish: Callable[[], None] | None = None,
    ) -> Section:
        """Return a new section of this panel; `finish` brings it up to date when it is shown, the panel otherwise."""
        finish = finish or self.flush
        made = Section(title, controls=controls, parts=parts, intro=intro, status=status, finish=finish)
        self._sections.append(made)
        return made

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections in the order they are read."""
        return tuple(self._sections)

    def flush(self) -> None:
        """Finish what is waiting; a panel that waits for nothing has nothing to do."""

    def pause(self) -> None:
        """Work nothing out while nobody looks; a panel that follows nothing has nothing to pause."""

    def resume(self) -> None:
        """Catch up, and follow again."""

    def close(self) -> None:
        """Close every widget of the panel."""
        for section in self._sections:
            section.close()
        if self._all is not None:
            close_all(self._all)

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        self.flush()
        if self._all is None:
            self._all = ipywidgets.VBox(tuple(section.widget for section in self._sections))
        page = html.style_tag() + "".join(section.static_html() for section in self._sections)
        return mimebundle(self._all, self.title, page)


class StudyPanel(PlainPanel):
    """A plain panel on a study: what it follows with is done again whenever the study changes."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._refreshes: tuple[Callable[[], None], ...] = ()

    def follow(self, *refreshes: Callable[[], None]) -> None:
        """Bring its views up to date, now and after every change of the study."""
        self._refreshes = refreshes
        self.session.observe(self._session_changed, names=["study"])
        self._session_changed()

    def close(self) -> None:
        """Stop watching the session and close every widget of the panel."""
        self.session.unobserve(self._session_changed, names=["study"])
        super().close()

    def _session_changed(self, _change: object = None) -> None:
        for refresh in self._refreshes:
            refresh()
