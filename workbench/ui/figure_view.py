"""The place of one figure on a panel: its title and reading, the live chart, and the table under it."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

import ipywidgets

from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.live_chart import LiveChart

if TYPE_CHECKING:
    from workbench.stages.figure import Figure

# Two of these fit side by side on a 1280-wide screen; alone in a row, one takes the whole width up to the limit.
_NARROWEST, _WIDEST = "400px", "860px"


class FigureView:
    """Show one figure after another in the same place. `chart` is the live chart, `figure` what is shown.

    `table` False leaves the table out, for panels that show the same numbers in the open below.
    """

    def __init__(self, figure: Figure | None = None, *, table: bool = True) -> None:
        self.figure: Figure | None = None
        self._has_table = table
        self.head = Block()
        self.chart = LiveChart()
        self.under = Block()
        self.under.add_class("wb-under")
        self.widget = ipywidgets.VBox(
            (self.head, self.chart, self.under),
            layout=ipywidgets.Layout(flex=f"1 1 {_NARROWEST}", min_width="320px", max_width=_WIDEST, display="none"),
        )
        if figure is not None:
            self.show(figure)

    def show(self, figure: Figure | None) -> None:
        """Show a figure, or nothing; the chart on screen is kept and given new rows where it can be."""
        self.show_chart(figure)
        self.show_words()

    def show_chart(self, figure: Figure | None) -> None:
        """Show the chart of a figure at once; its words and its table follow with `show_words`."""
        self.figure = figure
        drawn = figure is not None and not figure.why_not_drawn
        if figure is not None and drawn:
            self.chart.show(figure)
        for part, shown in ((self.chart, drawn), (self.widget, figure is not None)):
            display = None if shown else "none"
            if part.layout.display != display:
                part.layout.display = display

    def show_words(self) -> None:
        """Show title and reading of the figure on screen, and the table under it."""
        if self.figure is not None:
            self.head.show(_head(self.figure))
            self.under.show(_under(self.figure, table=self._has_table))

    def static_html(self) -> str:
        """Return the figure as a picture with its words and its table, for pages without a kernel."""
        if self.figure is None:
            return ""
        image = ""
        if not self.figure.why_not_drawn:
            picture = base64.b64encode(self.figure.static_svg().encode()).decode()
            image = f'<img alt="{escape(self.figure.description)}" src="data:image/svg+xml;base64,{picture}">'
        return f"<figure>{_head(self.figure)}{image}{_under(self.figure)}</figure>"


def _head(figure: Figure) -> str:
    return html.heading(figure.title, 4) + html.paragraph(figure.why_not_drawn or figure.reading, soft=True)


def _under(figure: Figure, *, table: bool = True) -> str:
    notes = "".join(html.paragraph(note, soft=True) for note in figure.footnotes)
    if not table:
        return notes
    return notes + html.details("Show as a table", html.table(figure.table, figure.table_caption or figure.title))
