"""A chart that stays where it is: the specification is sent once, later changes only send rows."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from workbench.stages import chart_style
from workbench.stages.chart_rows import as_typed
from workbench.ui.assets import script, stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from workbench.stages.figure import Figure

# A page that asks again while the first answer is still on its way gets one answer.
_SAME_REQUEST = 2.0


@cache
def chart_library() -> bytes:
    """Return the script with Vega, Vega-Lite and Vega-Embed (about 0.9 MB), the same for every chart."""
    import vl_convert  # noqa: PLC0415 - its engine starts slowly; loaded when the first page asks

    return vl_convert.javascript_bundle().encode()  # type: ignore[call-arg]  # the snippet may be left out


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
    _default_width = traitlets.Int(chart_style.STATIC_WIDTH).tag(sync=True)
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
        self.send({"kind": "bundle"}, buffers=[chart_library()])
