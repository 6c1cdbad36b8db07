"""The widgets that run in the browser.

Pieces of HTML, number boxes, drop-downs, grids people edit, boxes for files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict

import anywidget
import ipywidgets
import traitlets
from IPython import get_ipython

from workbench.locales import conventions, spoken_locale
from workbench.rendering.html import naming, script, stylesheet
from workbench.rendering.screen.glossary import terms_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


def _lose_nothing() -> None:
    """Let the kernel keep every message until the page has taken it.

    A widget is a message or three, a panel a thousand and more. A kernel throws away what comes after the first
    thousand that wait (ZMQ_SNDHWM, https://libzmq.readthedocs.io/en/latest/zmq_setsockopt.html), without a word:
    behind a busy server the page then looks for widgets it has never heard of.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    thread = getattr(getattr(kernel, "iopub_socket", None), "io_thread", None)
    if thread is not None:
        thread.schedule(lambda: setattr(thread.socket, "sndhwm", 0))


_lose_nothing()  # before the first widget there is


def cells_of(value: Mapping[str, Any], rows: Sequence[str], columns: Sequence[str]) -> list[list[bool]]:
    """Return the cells of a matrix from the keys that are on in each row."""
    return [[column in value.get(row, ()) for column in columns] for row in rows]


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


class GridColumn(TypedDict, total=False):
    """A column of a number grid: its label and unit, and what its numbers may be."""

    label: str
    unit: str
    minimum: float
    maximum: float
    step: float
    whole: bool
    optional: bool


# --- A piece of the page: ready HTML from `workbench.rendering.html`


class HtmlBlock(anywidget.AnyWidget):
    """Show escaped HTML; `value` holds it. `role` makes it speak: "status" politely, "alert" at once.

    `pressed` hears the name of a button in it: an element with `data-do`. Where it `explains`, help opens beside the
    terms of the glossary, each where it stands first.
    """

    _esm = script("block")
    _css = stylesheet()
    value = traitlets.Unicode().tag(sync=True)
    role = traitlets.Unicode().tag(sync=True)
    terms = traitlets.Dict().tag(sync=True)
    explains = traitlets.Bool(default_value=False)
    pressed: Callable[[str], Any] | None = None

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - settings of any widget
        super().__init__(**settings)
        self.on_msg(self._heard)
        self.show(self.value)

    def show(self, html: str) -> None:
        """Replace what is shown; the same HTML again costs nothing."""
        if (called := naming()) is not None:
            html = called.told_html(html)
        if self.explains:
            self.terms = terms_in(html)
        self.value = html

    def static_html(self) -> str:
        """Return what is shown, for pages without a kernel."""
        return self.value

    def _heard(self, _widget: HtmlBlock, message: dict[str, Any], _buffers: object) -> None:
        if self.pressed is not None and "do" in message:
            self.pressed(str(message["do"]))


class SectionHead(HtmlBlock):
    """The title of a section and what is said under it; it brings the styles of a page made of sections."""

    _css = stylesheet("screen")

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - settings of any widget
        super().__init__(explains=True, **settings)
        self.add_class("wb-head")


# --- A labelled number box with its unit, and a slider that mirrors it on the page where one helps


class NumberBox(anywidget.AnyWidget):
    """One number. `value` is a float, an int when `whole`, or None when `optional` and left empty.

    A value outside `minimum` and `maximum` is moved to the nearest possible one, and the page says so. `slider_end` is
    where the slider ends when the box itself goes further.
    """

    _esm = script("number_box")
    _css = stylesheet()
    # Not traitlets.Any: that lets None pass without asking the validator.
    # The page that sends a number shows it already: an echo would only stand in the queue before the chart's rows.
    value: Any = traitlets.TraitType(None).tag(sync=True, echo_update=False)
    label = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    minimum = traitlets.Float(None, allow_none=True).tag(sync=True)
    maximum = traitlets.Float(None, allow_none=True).tag(sync=True)
    step = traitlets.Float(None, allow_none=True).tag(sync=True)
    whole = traitlets.Bool(default_value=False).tag(sync=True)
    optional = traitlets.Bool(default_value=False).tag(sync=True)
    slider = traitlets.Bool(default_value=False).tag(sync=True)
    slider_end = traitlets.Float(None, allow_none=True).tag(sync=True)
    disabled = traitlets.Bool(default_value=False).tag(sync=True)
    locale = traitlets.Unicode().tag(sync=True)

    @traitlets.default("locale")
    def _spoken(self) -> str:
        return "en-US" if conventions().is_house else spoken_locale().replace("_", "-")

    @traitlets.validate("value")
    def _possible(self, proposal: dict[str, Any]) -> float | int | None:
        value = proposal["value"]
        if value is None:
            if self.optional or self.value is None:
                return None
            raise traitlets.TraitError(f"{self.label} needs a number.")
        number = float(value)
        if math.isnan(number):
            raise traitlets.TraitError(f"{self.label} needs a number.")
        if self.minimum is not None:
            number = max(number, self.minimum)
        if self.maximum is not None:
            number = min(number, self.maximum)
        return round(number) if self.whole else number


# --- A drop-down list in which one option may stand for None, such as "none" or "not chosen yet"


class DropDown(ipywidgets.Dropdown):
    """A drop-down list that shows the text of the option that stands for None.

    The plain one takes the value None for "nothing chosen" and shows an empty box.
    """

    index: Any

    @traitlets.observe("value")
    def _propagate_value(self, change: dict[str, Any]) -> None:
        """Point at the option that stands for the new value."""
        values = self._options_values
        index = next((place for place, value in enumerate(values) if self._is_same(value, change["new"])), None)
        if self.index != index:
            self.index = index

    @traitlets.observe("options")
    def _propagate_options(self, change: dict[str, Any] | None) -> None:
        """Take the first of new options, also where the list was empty or pointed at none of them."""
        super()._propagate_options(change)
        if change is not None and self.index is None and self._options_values:
            self.index = 0

    def _is_same(self, value: Any, wanted: Any) -> bool:  # noqa: ANN401 - an option can stand for anything
        return value is None if wanted is None else value is not None and bool(self.equals(value, wanted))


# --- How exports are read: yours -> ours, and what whole tables say, answered line by line


class ImportMapBox(anywidget.AnyWidget):
    """Show how exports are read, and take answers: `on_answer(file, line, value)` is called with each.

    `shown` holds tables, findings and rules as plain data; `page` is the same as HTML, for pages without a kernel.
    """

    _esm = script("import_map")
    _css = stylesheet("import_map")
    shown = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    disabled = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, on_answer: Callable[[str, str, str], Any], **settings: Any) -> None:  # noqa: ANN401
        super().__init__(**settings)
        self.page = ""
        self._on_answer = on_answer
        self.on_msg(self._heard)

    def answer(self, file: str, line: str, value: str) -> None:
        """Take an answer as if it had been given on the page."""
        self._on_answer(file, line, value)

    def static_html(self) -> str:
        """Return how the exports are read, for pages without a kernel."""
        return self.page

    def _heard(self, _widget: ImportMapBox, message: dict[str, Any], _buffers: list[Any]) -> None:
        if message.get("kind") == "answer":
            self.answer(*(str(message[name]) for name in ("file", "line", "value")))
            self.send_state("shown")  # the page waits for it, also where nothing has changed


# --- A button that takes files from a person's computer, however many, each up to a stated size

LIMIT = 200 * 1024 * 1024
"""Bytes of one file: what a kernel takes in without getting slow. Larger data is better named by its folder."""


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file a person chose: its name on their computer, and its content."""

    name: str
    content: bytes


class FileBox(anywidget.AnyWidget):
    """Take several files. `on_files` is called with all of them once the last has arrived.

    The page sends them in pieces of 1 MB and waits for each to be answered: one message beyond about 10 MB would be
    dropped by the server without a word. A file above `limit` is refused on the page, with what to do instead.
    """

    _esm = script("file_box")
    _css = stylesheet()
    label = traitlets.Unicode("Files").tag(sync=True)
    accept = traitlets.Unicode().tag(sync=True)
    limit = traitlets.Int(LIMIT).tag(sync=True)
    disabled = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, on_files: Callable[[tuple[TakenFile, ...]], Any], **settings: Any) -> None:  # noqa: ANN401
        super().__init__(**settings)
        self._on_files = on_files
        self._arriving: dict[str, list[bytes]] = {}
        self.on_msg(self._heard)

    def take(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Take files as if they had been chosen on the page."""
        self._on_files(tuple(TakenFile(name, content) for name, content in files))

    def static_html(self) -> str:
        """Return nothing: a page without a kernel takes no files."""
        return ""

    def _heard(self, _widget: FileBox, message: dict[str, Any], buffers: list[Any]) -> None:
        kind = message.get("kind")
        if kind == "begin":
            self._arriving = {}
        elif kind == "piece":
            pieces = self._arriving.setdefault(str(message["name"]), [])
            pieces.extend(bytes(each) for each in buffers)
        elif kind == "end":
            arrived, self._arriving = self._arriving, {}
            self.send({"kind": "next"})
            self.take((name, b"".join(pieces)) for name, pieces in arrived.items())
            return
        self.send({"kind": "next"})
