"""A figure: one chart in the one look of all charts, on named rows, with its words and its table."""

from __future__ import annotations

import gzip
import json
import math
import re
import subprocess
import sys
import textwrap
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

import numpy as np
import pandas as pd
from pandas.api import types

from workbench.cache import Recent
from workbench.errors import FileError
from workbench.files import write_bytes
from workbench.locales import affixes, chart_locale, conventions, spoken_locale
from workbench.stages.contract import later, may_come_later
from workbench.text import entry, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    from workbench.tables import DataTable

say = texts(__name__)

# --- The one look of every chart: fonts, sizes, number formats, and colours by the role they play

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
    pays_less: str = "#3D9AA8"
    pays_more: str = "#D5562B"

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
    above, below = affixes(spoken_locale(), currency)
    # In JavaScript $10 is the first group and a nought: 149.5 becomes 149.50.
    exact, point = AXIS_FORMATS["exact"], conventions().decimal
    size = f"replace(format(abs({value}), '{exact}'), regexp('([{point}][0-9])$'), '$10')"
    if digits:
        size = f"(abs({value}) < 1 ? {size} : format(abs({value}), '{digits}'))"
    signed = f"({value} < 0 ? '{below[0]}' : '{above[0]}') + {size}"
    return f"{signed} + '{above[1]}'" if above[1] else signed


LOG_ROOM = 5.0
"""The least span of a log axis, high over low: any span of five has two values of the steps 1, 2, 5."""


def log_span(low: float, high: float) -> tuple[float, float]:
    """Return the ends of a log axis around positive data, widened evenly where the data span less than `LOG_ROOM`."""
    room = max(1.0, math.sqrt(LOG_ROOM * low / high))
    return low / room, high * room


def log_axis(channel: str, label: str, *, grid: bool | None = None) -> dict[str, Any]:
    """Return the axis of a log scale on x or y, with numbers in steps of 1, 2, 5, or of 1, 3 over many decades.

    The steps follow the rows in the chart itself; `label` is a Vega expression such as `money_expression`.
    """
    fine, coarse = ([float(f"{step}e{power}") for power in range(-6, 13) for step in steps] for steps in (_125, _13))
    span = f"domain('{channel}')[1] / domain('{channel}')[0]"
    values = {"expr": f"{span} < {_MANY_STEPS} ? {fine} : {coarse}"}
    settings = {} if grid is None else {"grid": grid}
    return {"labelExpr": label, "values": values, "labelOverlap": True, **settings}


def priced_expression(value: str) -> str:
    """Return a Vega expression for what decided prices come to, to the cent where it has many decimals."""
    few_decimals = f"abs({value} * 1e4 - round({value} * 1e4)) < 1e-6"
    return f"(abs({value}) < 1 || {few_decimals} ? {value} : round({value} * 100) / 100)"


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
        "axisX": {"grid": False, "labelOverlap": True, "labelSeparation": 5},
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


def look() -> dict[str, Any]:
    """Return the settings every chart starts from: the look and, where they are not its own, the locale's numbers."""
    locale = chart_locale()
    return config() if locale is None else {**config(), "locale": locale}


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


def enable() -> None:
    """Use the same look for charts written by hand in a notebook (`import altair` and draw)."""
    import altair as alt  # noqa: PLC0415 - slow to import; only hand-written charts need it here

    def workbench_look() -> Any:  # noqa: ANN401 - a theme is a nested dict that altair types in its own way
        return {"config": merged(config(), ink())}

    alt.theme.register("workbench", enable=True)(workbench_look)


# --- Rows of a chart as JSON can carry them: by column, dates as text, unknown numbers as null

_GUIDES = {
    **dict.fromkeys(("x", "y"), "axis"),
    **dict.fromkeys(("color", "fill", "stroke", "size", "shape", "opacity", "strokeDash"), "legend"),
    **dict.fromkeys(("row", "column", "facet"), "header"),
}
# The chart library keeps groups by name in plain objects, where these names are taken: every object has them.
_TAKEN = frozenset({
    "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__proto__", "constructor",
    "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
})  # fmt: skip
_UNSEEN = "\u2060"  # a word joiner: no width, and no name ends in one


class ChartRows(TypedDict):
    """A data set by column; `dates` names the columns that hold dates as local ISO text."""

    columns: dict[str, list[Any]]
    dates: list[str]


def chart_rows(frame: pd.DataFrame) -> ChartRows:
    """Return a frame's columns as plain lists, in order; the index is left out."""
    series = {only_names(str(name)): column for name, column in frame.items()}
    dates = [name for name, column in series.items() if types.is_datetime64_any_dtype(column)]
    return {"columns": {name: _plain(column) for name, column in series.items()}, "dates": dates}


def records(rows: ChartRows) -> list[dict[str, Any]]:
    """Return the same rows one by one, as Vega-Lite's inline data wants them."""
    columns = rows["columns"]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def only_names(part: Any) -> Any:  # noqa: ANN401 - any part of a specification or a row
    """Return a part of a chart in which a name that every object of a page has is only a name."""
    if isinstance(part, str):
        return part + _UNSEEN if part in _TAKEN else part
    if isinstance(part, dict):
        return {only_names(key): only_names(value) for key, value in part.items()}
    return [only_names(each) for each in part] if isinstance(part, list) else part


def titles_as_text(part: Any) -> Any:  # noqa: ANN401 - any part of a specification
    """Return a part of a chart whose titles may hold backslashes.

    Vega-Lite writes the title of a channel into expressions, for tooltips and descriptions, and escapes quotes alone.
    What is drawn as text, the title of the axis or legend, stays as it is.
    """
    if isinstance(part, list):
        return [titles_as_text(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {key: titles_as_text(value) for key, value in part.items()}
    for channel, stated in kept.get("encoding", {}).items():
        for each in stated if isinstance(stated, list) else [stated]:
            title, guide = each.get("title"), _GUIDES.get(channel)
            if isinstance(title, str) and "\\" in title:
                if guide and each.get(guide, {}) is not None:
                    each[guide] = {"title": title, **each.get(guide, {})}
                each["title"] = title.replace("\\", "\\\\")
    return kept


def as_typed(name: Any) -> Any:  # noqa: ANN401 - any value of a row
    """Return what a chart tells of its rows as people typed it: the other way round of `only_names`."""
    return name.removesuffix(_UNSEEN) if isinstance(name, str) else name


def _plain(column: pd.Series) -> list[Any]:
    if types.is_datetime64_any_dtype(column):
        # Without a zone a browser reads the text as local time, which keeps the first of a month the first.
        text = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
        return [None if pd.isna(value) else value for value in text]
    if types.is_bool_dtype(column) and not column.isna().any():
        return column.astype(bool).tolist()
    if types.is_numeric_dtype(column):
        return _numbers(column.to_numpy(dtype="float64", na_value=np.nan), whole=types.is_integer_dtype(column))
    return [_plain_value(value) for value in column]


def _numbers(values: np.ndarray, *, whole: bool) -> list[Any]:
    if np.isfinite(values).all():
        return values.astype("int64").tolist() if whole else values.tolist()
    return [float(value) if np.isfinite(value) else None for value in values]


def _plain_value(value: Any) -> Any:  # noqa: ANN401 - whatever a column of objects holds
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | int | str):
        return only_names(value)
    if isinstance(value, float | Decimal):
        return float(value) if np.isfinite(float(value)) else None
    return only_names(str(value))


# --- What of a chart has rows to draw: layers without any are left out, and a chart without any is not drawn

_PLACES = ("x", "x2", "y", "y2")
Spec = dict[str, Any]


def has_marks(spec: Spec, data: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether anything would be seen of the first data set, which is what a chart is about."""
    main = next(iter(data), None)
    views = [view for view in _views(spec) if view["data"] == main] or [*_views(spec)]
    return any(_is_seen(view["mark"]) and _has_rows(view, data) for view in views)


def without_empty_layers(spec: Spec, data: Mapping[str, pd.DataFrame]) -> Spec:
    """Return a specification without the layers that have no row to draw; their scales would reach to infinity."""
    return _kept(spec, data, {"data": None, "encoding": {}})


def _kept(spec: Spec, data: Mapping[str, pd.DataFrame], above: Spec) -> Spec:
    inside = _inherited(spec, above)
    if "layer" in spec:
        full = [each for each in spec["layer"] if any(_has_rows(view, data) for view in _views(each, inside))]
        return {**spec, "layer": [_kept(each, data, inside) for each in full or spec["layer"]]}
    return {**spec, "spec": _kept(spec["spec"], data, inside)} if "spec" in spec else spec


def _views(spec: Spec, above: Spec | None = None) -> Iterator[Spec]:
    """Return every single view of a chart as its mark, the name of its data, and its encoding with what it inherits."""
    inside = _inherited(spec, above or {"data": None, "encoding": {}})
    if "mark" in spec:
        yield {**inside, "mark": spec["mark"]}
    for each in (*spec.get("layer", ()), *([spec["spec"]] if "spec" in spec else ())):
        yield from _views(each, inside)


def _inherited(spec: Spec, above: Spec) -> Spec:
    return {
        "data": spec["data"].get("name") if "data" in spec else above["data"],
        "encoding": {**above["encoding"], **spec.get("encoding", {})},
    }


def _is_seen(mark: str | Spec) -> bool:
    return isinstance(mark, str) or mark.get("opacity") != 0


def _has_rows(view: Spec, data: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether a view has a row whose places are known; what its chart works out itself is taken as known."""
    frame = data.get(view["data"])
    if frame is None:
        return True  # rows of its own
    fields = {view["encoding"].get(place, {}).get("field") for place in _PLACES} & set(frame.columns)
    known = np.ones(len(frame), dtype=bool)
    for name in fields:
        known = known & _known(frame[name])
    return bool(known.any())


def _known(column: pd.Series) -> np.ndarray:
    if types.is_float_dtype(column):
        return np.isfinite(column.to_numpy(dtype="float64", na_value=np.nan))
    return column.notna().to_numpy(dtype=bool)


# --- A figure: one chart on named data with its words and its table, drawn live

NOTHING_TO_DRAW = say("there_is_nothing_to_draw")
checks_charts = False
"""Whether charts are held against the grammar of the chart package as they are built: tests do, a report need not."""
_specs: Recent[Hashable, dict[str, Any]] = Recent(128)


@dataclass(frozen=True, eq=False, kw_only=True)
class Figure:
    """One chart with everything a reader needs to use it.

    `build` is a chart declared with `workbench.stages.marks`, or a function that returns an Altair chart or a
    specification (unit or layered charts stretch with their place; leave `width` unset) whose data are
    ``alt.NamedData(name)`` for the names in `data`. It is called once per `key` and `signature`; a declared chart, and
    what a `partial` binds, are part of the signature by themselves. What the chart looks like may depend on these only,
    and what it shows on the rows only. `description` says what is
    drawn, for those who cannot see it; `reading` what the numbers mean. `table` stands under the chart.
    `if_empty` says why there is nothing to draw where no row can be drawn. Description, reading, data, table, footnotes
    and `if_empty` may be given as `later(function)`, run when somebody reads them.
    """

    key: str
    title: str
    description: str = may_come_later()
    reading: str = may_come_later()
    build: Callable[[], Any]
    data: Mapping[str, pd.DataFrame] = may_come_later()
    table: pd.DataFrame | DataTable | None = may_come_later(None)
    table_caption: str = ""
    signature: Hashable = ()
    footnotes: tuple[str, ...] = may_come_later(())
    if_empty: str = may_come_later(NOTHING_TO_DRAW)
    height: int = field(default=HEIGHT)

    @property
    def identity(self) -> Hashable:
        """Return what decides whether a chart on screen can be kept and given new rows."""
        maker, given = getattr(self.build, "func", self.build), getattr(self.build, "args", ())
        named = tuple(getattr(self.build, "keywords", {}).items())
        home = (maker.__module__, maker.__qualname__) if hasattr(maker, "__qualname__") else maker
        return (home, given, named, self.key, self.signature, self.height, spoken_locale())

    @property
    def why_not_drawn(self) -> str:
        """Return why there is nothing to draw, "" where there is something."""
        return "" if has_marks(self.spec(), self.data) else self.if_empty

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite specification on named data, without rows, width or text colours."""
        return {**_specs.once(self.identity, self._compose), "description": self.description}

    def rows(self) -> dict[str, ChartRows]:
        """Return the rows of every data set by column, ready for JSON (unknown numbers are None)."""
        return {name: chart_rows(frame) for name, frame in self.data.items()}

    def full_spec(self, *, width: int = STATIC_WIDTH, dark: bool = False) -> dict[str, Any]:
        """Return the specification with its rows, its width and its ink: complete in itself.

        Layers without a row to draw are left out.
        """
        spec = without_empty_layers(self.spec(), self.data)
        sized = {"width": width, "autosize": {"type": "fit-x", "contains": "padding"}} if stretches(spec) else {}
        datasets = {name: records(rows) for name, rows in self.rows().items()}
        inked = merged(ink(dark=dark), spec.get("config", {}))
        return {**spec, **sized, "config": inked, "datasets": datasets}

    def static_svg(self, *, width: int = STATIC_WIDTH) -> str:
        """Return the chart as an SVG picture for white paper, the same bytes for the same figure.

        Where nothing can be drawn, the picture says why.
        """
        if self.why_not_drawn:
            return _written(self.why_not_drawn, width)
        return _own_ids(_picture(self.full_spec(width=width)), self.key)

    def _compose(self) -> dict[str, Any]:
        built = self.build()
        if isinstance(built, dict):
            built = {"data": {"name": next(iter(self.data), "")}, **built}
        spec = built if isinstance(built, dict) and not checks_charts else _checked(built)
        spec.pop("$schema", None)
        if stretches(spec):
            spec.setdefault("height", self.height)
        spec["config"] = merged(look(), spec.get("config", {}))
        return titles_as_text(only_names(spec))


def start_pictures() -> None:
    """Start the engine that draws pictures: the first one takes twenty times as long as those after it."""
    _picture({"data": {"values": [{}]}, "mark": "point"})


def _picture(spec: dict[str, Any]) -> str:
    import vl_convert  # noqa: PLC0415 - loaded when a picture is asked for

    return str(vl_convert.vegalite_to_svg(spec))


def figure_maker(package: str) -> Callable[..., Figure]:
    """Return what makes a stage's figures: ``draw(key, build, data, table, **values)``.

    A figure's words stand in the stage's text under ``[figures.<key>]``: title, description, reading and, where there
    are any, the caption of its table, its notes (a list of sentences; those that come to nothing are left out), and
    empty, why there is nothing to draw. `values` are what these words write; one that takes long is handed over as a
    function, which the text calls: ``{{ told() }}``. `notes` are sentences worded elsewhere, such as cautions; they
    follow those of the text.

    Parameters
    ----------
    package
        The stage's folder, ``__package__`` in its modules.
    """

    def draw(
        words: str,
        build: Callable[[], Any],
        data: Mapping[str, pd.DataFrame],
        table: pd.DataFrame | DataTable | None = None,
        /,
        *,
        key: str = "",
        height: int = HEIGHT,
        signature: Hashable = (),
        notes: Iterable[str] = (),
        **values: Any,  # noqa: ANN401 - a template can write any value
    ) -> Figure:
        said = entry(package, "figures", words)

        def written(part: str) -> str:
            return said.said(part, values)

        return Figure(
            key=key or words,
            title=written("title"),
            description=later(lambda: written("description")),
            reading=later(lambda: written("reading")),
            build=build,
            data=data,
            table=table,
            table_caption=written("caption"),
            signature=signature,
            footnotes=later(lambda: (*said.lines("notes", values), *notes)),
            if_empty=later(lambda: written("empty") or NOTHING_TO_DRAW),
            height=height,
        )

    return draw


def _checked(built: Any) -> dict[str, Any]:  # noqa: ANN401 - a chart of altair, or a specification
    import altair as alt  # noqa: PLC0415 - slow to import; charts that are declared are drawn without it
    from altair.utils.schemapi import debug_mode  # noqa: PLC0415 - as above

    if isinstance(built, dict):
        shapes: dict[str, Any] = {
            "layer": alt.TopLevelLayerSpec,
            "facet": alt.TopLevelFacetSpec,
            "mark": alt.TopLevelUnitSpec,
        }
        for view in _views(built):  # first, for what it finds wrong it names
            alt.MarkDef.validate(view["mark"] if isinstance(view["mark"], dict) else {"type": view["mark"]})
        next(shape for part, shape in shapes.items() if part in built).validate(built)
        return built
    with alt.theme.enable("none"), debug_mode(checks_charts):
        return cast("dict[str, Any]", built.to_dict(validate=checks_charts))


def _written(sentence: str, width: int) -> str:
    """Return a picture of a sentence, in lines that fit its width."""
    size = 13
    lines = textwrap.wrap(sentence, int(width / (0.55 * size)))
    spans = "".join(f'<tspan x="0" dy="{1.4 * size:g}">{escape(line)}</tspan>' for line in lines)
    height = round(1.4 * size * (len(lines) + 0.5))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<text font-family="{escape(FONT)}" font-size="{size}" fill="#57606A">{spans}</text></svg>'
    )


def _own_ids(svg: str, key: str) -> str:
    """Give the ids of a picture numbers of its own: the engine counts on, and a page holds many pictures."""
    seen: dict[str, str] = {}

    def own(match: re.Match[str]) -> str:
        before, name = match.groups()
        return before + seen.setdefault(name, f"{key}-{len(seen) + 1}")

    return re.sub(r'(id="|url\(#|href="#)((?:clip|gradient_)\d+)', own, svg)


def stretches(spec: Mapping[str, Any]) -> bool:
    """Tell whether a chart takes the width of its place: one view, no facets, no width of its own."""
    encoding = spec.get("encoding", {})
    is_single = ("mark" in spec or "layer" in spec) and not {"row", "column", "facet"} & set(encoding)
    return is_single and spec.get("width", "container") == "container"


# --- The scripts that draw charts on a page, the same for every chart and every page


@cache
def chart_library() -> str:
    """Return the script with Vega, Vega-Lite and Vega-Embed (about 0.9 MB), as the chart package bundles it.

    Bundling takes more than a second, so it is kept beside the compiled modules, as Python keeps those, by version.
    """
    kept = Path(__file__).parent / "__pycache__" / f"chart_library-{version('vl-convert-python')}.js.gz"
    with suppress(OSError, EOFError, ValueError, zlib.error):  # there is none yet, or it is damaged
        return gzip.decompress(kept.read_bytes()).decode()
    library = _bundled()
    if not sys.dont_write_bytecode:
        with suppress(FileError):  # somebody else's installation
            write_bytes(kept, gzip.compress(library.encode(), mtime=0), durable=False)
    return library


def _bundled() -> str:
    """Return the bundle made in a process of its own: for a second it would let nothing else of this one run."""
    program = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"
    try:
        made = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, check=True)  # noqa: S603 - our own
        return made.stdout.decode()
    except (OSError, subprocess.SubprocessError):
        import vl_convert  # noqa: PLC0415 - large; mostly the other process has it

        return vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub is stricter than it is
