"""The one look of every chart: fonts, sizes, number formats, and colours by the role they play."""

from __future__ import annotations

import json
import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from workbench.formatting import NO_CURRENCY, currency_symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

    import altair as alt

FONT = 'system-ui, "Segoe UI", Helvetica, Arial, sans-serif'
STATIC_WIDTH = 520
"""Width in pixels where nothing says how much room there is; two fit side by side on a 1280-wide screen."""
HEIGHT = 260


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by role. Each reads on white and on JupyterLab's dark background (contrast of at least 3 to 1).

    The hues stay apart for readers with red-green colour blindness; still, never let colour carry a meaning
    alone: add a word, a shape or a dash.
    """

    ours: str = "#2878C8"
    today: str = "#808890"
    competitor: str = "#B05CA8"
    ok: str = "#00966B"
    watch: str = "#B07D00"
    breach: str = "#D5562B"

    @property
    def series(self) -> tuple[str, ...]:
        """Return the colours for categories without a role, in the order they are used."""
        return (self.ours, "#C77A1F", self.ok, self.competitor, "#3D9AA8", self.breach, self.today)

    @property
    def statuses(self) -> dict[str, str]:
        """Return the colour of each verdict: ok, watch, breach, unknown."""
        return {"ok": self.ok, "watch": self.watch, "breach": self.breach, "unknown": self.today}


PALETTE = Palette()

_125, _13 = (1, 2, 5), (1, 3)
_MANY_STEPS = 50  # high over low

AXIS_FORMATS = {
    "exact": ",.12~r",
    "money": "$,.2~f",
    "short money": "$,.3~s",
    "number": ",.4~g",
    "whole": ",d",
    "percent": ".0%",
    "ratio": ".2~f",
    "month": "%b %Y",
}
"""d3 formats by the kind of number on an axis: `alt.Axis(format=AXIS_FORMATS["percent"])`."""


def money_expression(currency: str = "USD", digits: str = "", value: str = "datum.value") -> str:
    """Return a Vega label expression that writes an axis in `currency`: `alt.Axis(labelExpr=...)`.

    Without `digits` every digit is written, cents in full. Parts of one unit are never abbreviated: a cent is no 10m.
    """
    symbol = currency_symbol(currency)
    # In JavaScript $10 is the first group and a nought: 149.5 becomes 149.50.
    size = f"replace(format(abs({value}), '{AXIS_FORMATS['exact']}'), regexp('([.][0-9])$'), '$10')"
    if digits:
        size = f"(abs({value}) < 1 ? {size} : format(abs({value}), '{digits}'))"
    signed = f"({value} < 0 ? '\N{MINUS SIGN}' : '') + '{symbol}' + {size}"
    return signed if symbol or currency == NO_CURRENCY else f"{signed} + ' {currency}'"


LOG_ROOM = 5.0
"""The least span of a log axis, high over low: any span of five has two values of the steps 1, 2, 5."""


def log_span(low: float, high: float) -> tuple[float, float]:
    """Return the ends of a log axis around positive data, widened evenly where the data span less than `LOG_ROOM`."""
    room = max(1.0, math.sqrt(LOG_ROOM * low / high))
    return low / room, high * room


def log_axis(channel: str, label: str, *, grid: bool | None = None) -> alt.Axis:
    """Return the axis of a log scale on x or y, with numbers in steps of 1, 2, 5, or of 1, 3 over many decades.

    The steps follow the rows in the chart itself; `label` is a Vega expression such as `money_expression`.
    """
    import altair as alt  # noqa: PLC0415 - slow to import; whoever has charts has it already

    fine, coarse = ([float(f"{step}e{power}") for power in range(-6, 13) for step in steps] for steps in (_125, _13))
    span = f"domain('{channel}')[1] / domain('{channel}')[0]"
    values = alt.expr(f"{span} < {_MANY_STEPS} ? {fine} : {coarse}")
    return alt.Axis(labelExpr=label, values=values, labelOverlap=True, grid=alt.Undefined if grid is None else grid)


def priced_expression(value: str) -> str:
    """Return a Vega expression for what decided prices come to, to the cent where it has many decimals."""
    return (
        f"(abs({value}) < 1 || abs({value} * 1e4 - round({value} * 1e4)) < 1e-6 ? {value} : round({value} * 100) / 100)"
    )


def broken_names(names: Iterable[str], width: int) -> str:
    """Return a Vega label expression that breaks these names into lines of about `width` letters.

    Marks keep their room, and no name is cut short.
    """
    # Two lists and not an object, in which a name such as "constructor" would find what every object has.
    broken = {name: lines for name in names if len(lines := textwrap.wrap(name, width, break_long_words=False)) > 1}
    listed, written = (json.dumps([*each], ensure_ascii=False) for each in (broken, broken.values()))
    return f"{written}[indexof({listed}, datum.label)] || datum.label"


def config() -> dict[str, Any]:
    """Return the Vega-Lite settings of the look, without ink: where a chart is shown decides text colours."""
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None, "continuousWidth": STATIC_WIDTH, "continuousHeight": HEIGHT},
        "axis": {
            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 500, "labelLimit": 170,
            "titlePadding": 8, "gridOpacity": 0.7, "tickSize": 4,
        },
        "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
        "axisX": {"grid": False, "labelOverlap": True},
        "legend": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 500, "orient": "top",
                   "symbolType": "circle", "labelLimit": 220},
        "header": {"labelFontSize": 12, "titleFontSize": 12},
        "title": {"fontSize": 13, "anchor": "start", "fontWeight": 600},
        "text": {"fontSize": 12},
        "line": {"strokeWidth": 2.5},
        "rule": {"strokeWidth": 1.5},
        "point": {"size": 60, "filled": True},
        "circle": {"size": 60},
        "bar": {"cornerRadiusEnd": 2, "color": PALETTE.ours},
        "range": {"category": list(PALETTE.series), "ramp": {"scheme": "blues"}},
        "mark": {"color": PALETTE.ours},
    }  # fmt: skip


def ink(*, dark: bool = False) -> dict[str, Any]:
    """Return the text, axis and grid colours for a picture on white (or dark) paper."""
    text, soft, line, grid = (
        ("#F0F0F0", "#C0C0C0", "#757575", "#424242") if dark else ("#1F2328", "#57606A", "#BDBDBD", "#E3E6E8")
    )
    return {
        "axis": {"labelColor": soft, "titleColor": text, "domainColor": line, "tickColor": line, "gridColor": grid},
        "legend": {"labelColor": soft, "titleColor": text},
        "header": {"labelColor": text, "titleColor": text},
        "title": {"color": text, "subtitleColor": soft},
        "text": {"color": text},
        "rule": {"color": soft},
        "tick": {"color": soft},
        "style": {"guide-label": {"fill": soft}, "guide-title": {"fill": text}, "text": {"fill": text}},
    }


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with the settings of `over` laid over it, level by level; neither is changed."""
    result = dict(base)
    for key, value in over.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result


def layered(*charts: alt.Chart) -> alt.LayerChart:
    """Lay charts over each other, the first at the bottom."""
    import altair as alt  # noqa: PLC0415 - slow to import; whoever has charts has it already

    return cast("alt.LayerChart", alt.layer(*charts))


def enable() -> None:
    """Use the same look for charts written by hand in a notebook (`import altair` and draw)."""
    import altair as alt  # noqa: PLC0415 - slow to import; only hand-written charts need it here

    def workbench_look() -> Any:  # noqa: ANN401 - a theme is a nested dict that altair types in its own way
        return {"config": merged(config(), ink())}

    alt.theme.register("workbench", enable=True)(workbench_look)
