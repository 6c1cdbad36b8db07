"""The place of one figure on a panel: title, reading and table, and a live chart that only receives changed rows."""

from __future__ import annotations

import base64
import time
from html import escape
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import traitlets

from workbench.rendering import html
from workbench.rendering.html import script, stylesheet
from workbench.rendering.widgets import HtmlBlock
from workbench.stages import figure
from workbench.stages.figure import as_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable

    from workbench.stages.figure import Figure

# --- A chart that stays where it is: the specification is sent once, later changes only send rows

# A page that asks again while the first answer is still on its way gets one answer.
_SAME_REQUEST = 2.0


class LiveChart(anywidget.AnyWidget):
    """Draw figures in place.

    `drawn` is the revision last drawn on a page and `embeds` how often that page built its chart anew; `clicked`
    is the datum last clicked, `selected` the last selection as (name, value), `failure` why a page could not draw.
    These are for observing. They stay as they are when no page shows the chart.
    """

    _esm = script("live_chart")
    _css = stylesheet()
    _spec = traitlets.Dict().tag(sync=True)
    _rows = traitlets.Dict().tag(sync=True)
    _description = traitlets.Unicode().tag(sync=True)
    _default_width = traitlets.Int(figure.STATIC_WIDTH).tag(sync=True)
    _revision = traitlets.Int(0).tag(sync=True)
    drawn = traitlets.Int(0)
    embeds = traitlets.Int(0)
    clicked = traitlets.Dict()
    selected = traitlets.Tuple()
    failure = traitlets.Unicode()

    def __init__(
        self,
        figure: Figure | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        **settings: Any,  # noqa: ANN401 - settings of any widget
    ) -> None:
        super().__init__(**settings)
        self._clock = clock
        self._identity: Hashable = None
        self._answered: dict[str, float] = {}
        self.on_msg(self._hear)
        if figure is not None:
            self.show(figure)

    @property
    def revision(self) -> int:
        """Return the number of the latest change sent; a page has caught up when `drawn` equals it."""
        return self._revision

    def show(self, figure: Figure) -> None:
        """Show a figure: new rows into the chart on screen, a new chart when it looks different, else nothing."""
        rows, description = figure.rows(), figure.description
        if figure.identity == self._identity and rows == self._rows and description == self._description:
            return
        with self.hold_sync():
            if figure.identity != self._identity:
                self._spec = figure.spec()
                self._identity = figure.identity
            self._description = description
            self._rows = rows
            self._revision += 1

    def _hear(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        match content:
            case {"kind": "bundle", "page": str(page)}:
                self._send_library(page)
            case {"kind": "drawn", "revision": int(revision), "embeds": int(embeds)}:
                self.embeds = embeds
                self.failure = ""
                self.drawn = revision
            case {"kind": "clicked", "datum": dict(datum)}:
                self.clicked = {as_typed(name): as_typed(value) for name, value in datum.items()}
            case {"kind": "selected", "name": str(name), "value": value}:
                self.selected = (name, value)
            case {"kind": "failed", "reason": str(reason)}:
                self.failure = reason

    def _send_library(self, page: str) -> None:
        now = self._clock()
        if now - self._answered.get(page, float("-inf")) < _SAME_REQUEST:
            return
        self._answered[page] = now
        self.send({"kind": "bundle"}, buffers=[figure.chart_library().encode()])


# --- The place of one figure on a panel: its title and reading, the live chart, and the table under it

# Two of these fit side by side on a 1280-wide screen; alone in a row, one takes the whole width up to the limit.
_NARROWEST, _WIDEST = "320px", "860px"


class FigureView:
    """Show one figure after another in the same place. `chart` is the live chart, `figure` what is shown.

    `table` False leaves the table out, for panels that show the same numbers in the open below.
    """

    def __init__(self, figure: Figure | None = None, *, table: bool = True) -> None:
        self.figure: Figure | None = None
        self._has_table = table
        self.head = HtmlBlock(explains=True)
        self.chart = LiveChart()
        self.under = HtmlBlock()
        self.under.add_class("wb-under")
        self.widget = ipywidgets.VBox(
            (self.head, self.chart, self.under),
            layout=ipywidgets.Layout(flex=f"1 1 {_NARROWEST}", min_width="300px", max_width=_WIDEST, display="none"),
        )
        if figure is not None:
            self.show(figure)

    def show(self, figure: Figure | None) -> None:
        """Show a figure, or nothing; the chart on screen is kept and given new rows where it can be."""
        self.show_chart(figure)
        self.show_words()

    def show_chart(self, figure: Figure | None) -> None:
        """Show the chart of a figure at once; its words and its table follow with `show_words`."""
        if figure is not None and (called := html.naming()) is not None:
            figure = called.drawn(figure)
        self.figure = figure
        drawn = figure is not None and not figure.why_not_drawn
        if figure is not None and drawn:
            self.chart.show(figure)
        for part, shown in ((self.chart, drawn), (self.widget, figure is not None)):
            display = None if shown else "none"
            if part.layout.display != display:
                part.layout.display = display

    def show_words(self, said: Collection[str] = ()) -> None:
        """Show title and reading of the figure on screen, notes that are not `said` beside it, and the table under."""
        if self.figure is not None:
            self.head.show(_head(self.figure))
            self.under.show(_under(self.figure, table=self._has_table, said=said))

    def static_html(self) -> str:
        """Return the figure as a picture with its words and its table, for pages without a kernel."""
        if self.figure is None:
            return ""
        image = ""
        if not self.figure.why_not_drawn:
            picture = base64.b64encode(self.figure.static_svg().encode()).decode()
            image = f'<img alt="{escape(self.figure.description)}" src="data:image/svg+xml;base64,{picture}">'
        return f"<figure>{_head(self.figure)}{image}{_under(self.figure)}</figure>"


class FigureRow:
    """Figures side by side in the same places, as many as there are."""

    def __init__(self) -> None:
        self.views: list[FigureView] = []
        self.widget = ipywidgets.Box(
            layout=ipywidgets.Layout(
                display="flex", flex_flow="row wrap", grid_gap="4px 22px", align_items="flex-start"
            )
        )
        self.widget.add_class("wb-charts")

    def show_charts(self, figures: Iterable[Figure]) -> None:
        """Show the charts of figures at once; their words and tables follow with `show_words`."""
        given = list(figures)
        if len(self.views) < len(given):
            self.views += [FigureView() for _ in given[len(self.views) :]]
            self.widget.children = tuple(view.widget for view in self.views)
        for view, each in zip_longest(self.views, given):
            view.show_chart(each)

    def show_words(self) -> None:
        """Show titles and readings of the figures on screen, and the tables under them; what several note, once."""
        said: set[str] = set()
        for view in self.views:
            view.show_words(said)
            said |= set() if view.figure is None else set(view.figure.footnotes)

    def static_html(self) -> str:
        """Return the figures as pictures, for pages without a kernel."""
        return "".join(view.static_html() for view in self.views)


def _head(figure: Figure) -> str:
    return html.heading_line(figure.title, 4) + html.paragraph(figure.why_not_drawn or figure.reading, soft=True)


def _under(figure: Figure, *, table: bool = True, said: Collection[str] = ()) -> str:
    notes = "".join(html.paragraph(note, soft=True) for note in figure.footnotes if note not in said)
    if not table:
        return notes
    return notes + html.details("Show as a table", html.table(figure.table, figure.table_caption or figure.title))
