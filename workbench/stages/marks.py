"""The few marks that all charts are made of, and the kinds of chart they make.

Axis, colour by role, room for words, interval and tooltip are written here once. A chart is declared: it says which
column stands where and what it is called, and can be compared and kept in a cache, for it is nothing but values.
"""

# ruff: noqa: ANN401 - settings and places of marks are what the grammar of charts takes

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.stages.figure import AXIS_FORMATS, PALETTE, broken_names, log_axis, money_expression

# --- Frozen of a chart as values that can be compared


class Frozen(tuple[tuple[str, Any], ...]):
    """Names with values, as a dict, but frozen all through."""

    __slots__ = ()


NOTHING = Frozen()


def _frozen(part: Any) -> Any:
    if isinstance(part, Mapping):
        return Frozen((name, _frozen(each)) for name, each in part.items())
    return tuple(_frozen(each) for each in part) if isinstance(part, list | tuple) else part


def _thawed(part: Any) -> Any:
    if isinstance(part, Frozen):
        return {name: _thawed(each) for name, each in part}
    return [_thawed(each) for each in part] if isinstance(part, tuple) else part


# --- What stands on an axis: names, shares, money, counts, months, numbers

NOMINAL, QUANTITATIVE, TEMPORAL = "nominal", "quantitative", "temporal"
_NAME_ROOM = 240  # pixels a name may take before it is cut
_UNSORTED = "unsorted"


@dataclass(frozen=True, slots=True)
class Axis:
    """A column on x or y, with the title, the numbers and the scale of its axis."""

    field: str
    title: str | None = None
    type: str = QUANTITATIVE
    axis: Frozen = NOTHING
    scale: Frozen = NOTHING
    sort: Any = _UNSORTED
    labels: str = ""
    currency: str | None = None
    wrap: int = 0
    more: Frozen = NOTHING

    def encoded(self, channel: str, place: Any = "") -> dict[str, Any]:
        """Return the channel that draws this column, or what is given in its `place`, on the axis."""
        axis = _thawed(self.axis)
        if self.currency is not None:
            label = money_expression(self.currency, self.labels)
            is_log = ("type", "log") in self.scale and not {"values", "tickCount"} & set(axis)
            axis |= log_axis(channel, label, grid=axis.get("grid")) if is_log else {"labelExpr": label}
        if self.wrap:
            axis["labelExpr"] = broken_names(self.sort, self.wrap)
        drawn = {"title": self.title, **_placed(self.field if place == "" else place, self.type), **_thawed(self.more)}
        if axis:
            drawn["axis"] = axis
        if self.scale:
            drawn["scale"] = _thawed(self.scale)
        if self.sort != _UNSORTED:
            drawn["sort"] = _thawed(self.sort)
        return drawn


def _placed(place: Any, kind: str) -> dict[str, Any]:
    if isinstance(place, Frozen):
        return dict(place)
    return {"field": place, "type": kind} if isinstance(place, str) else {"datum": place}


def pixels(at: Any) -> Frozen:
    """Return a place that is so many pixels from the edge of a chart, whatever the numbers are."""
    return Frozen((("value", at),))


def by_name(
    field: str,
    order: tuple[str, ...] | str | None = None,
    title: str | None = None,
    *,
    scale: Mapping[str, Any] | None = None,
    wrap: int = 0,
    **axis: Any,
) -> Axis:
    """Return an axis of names: in this order, by a column that holds their order, or as they stand in the rows.

    `wrap` breaks names into lines of about so many letters.
    """
    sort = {"field": order, "op": "min"} if isinstance(order, str) else order
    settings = {"labelLimit": _NAME_ROOM, **axis}
    return Axis(field, title, NOMINAL, _frozen(settings), _frozen(scale or {}), _frozen(sort), wrap=wrap)


def by_number(
    field: str,
    title: str | None,
    form: str = "",
    *,
    scale: Mapping[str, Any] | None = None,
    ticks: int | None = 5,
    **axis: Any,
) -> Axis:
    """Return an axis of numbers in one of the `AXIS_FORMATS`, or in a format of d3."""
    counted = {} if ticks is None or "values" in axis else {"tickCount": ticks}
    written = {"format": AXIS_FORMATS.get(form, form)} if form else {}
    return Axis(field, title, QUANTITATIVE, _frozen({**counted, **written, **axis}), _frozen(scale or {}))


def by_share(field: str, title: str | None, form: str = "percent", **settings: Any) -> Axis:
    """Return an axis of shares, in percent."""
    return by_number(field, title, form, **settings)


def by_count(field: str, title: str | None, **settings: Any) -> Axis:
    """Return an axis of things counted: no tick stands between two of them."""
    return by_number(field, title, "whole", tickMinStep=1, **settings)


def by_money(field: str, title: str | None, currency: str, digits: str = "", **settings: Any) -> Axis:
    """Return an axis of money, every digit written unless `digits` says how many."""
    axis = by_number(field, title, labelOverlap=True, **settings)
    return replace(axis, currency=currency, labels=digits)


def by_month(field: str = "month") -> Axis:
    """Return an axis of months."""
    return Axis(field, None, TEMPORAL, _frozen({"format": AXIS_FORMATS["month"], "tickCount": 6}))


WHOLE = {"domain": [0, 1]}
"""The scale of shares from nothing to all."""
FROM_ZERO = {"domainMin": 0}
FREE = {"zero": False}
"""A scale that need not reach to zero."""
LOG = {"type": "log", "nice": False}
BIG_MONEY = ",.3~s"

# --- What colours, shapes and dashes say

SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down")
SOLID = (1, 0)
DASHES = (SOLID, (6, 3), (2, 2), (8, 3, 2, 3), (4, 2), (10, 4), (1, 3))


@dataclass(frozen=True, slots=True)
class Roles:
    """The column whose values have a colour each, and a shape where points are drawn, a dash where lines are."""

    field: str
    names: tuple[str, ...]
    colours: tuple[str, ...]
    shapes: tuple[str, ...] = ()
    dashes: tuple[Any, ...] = ()
    title: str | None = None
    legend: Frozen | None = NOTHING

    def encoded(self, mark: str) -> dict[str, Any]:
        """Return the channels that tell the roles apart in a mark."""
        told: dict[str, Any] = {"color": self.colours}
        if mark == "point" and self.shapes:
            told["shape"] = self.shapes
        if mark == "line" and self.dashes:
            told["strokeDash"] = self.dashes
        legend = None if self.legend is None else {"symbolOpacity": 1, **_thawed(self.legend)}
        told = {name: {"domain": [*self.names], "range": _thawed(values)} for name, values in told.items()}
        column = {"field": self.field, "type": NOMINAL, "title": self.title, "legend": legend}
        return {channel: {**column, "scale": scale} for channel, scale in told.items()}


def roles(
    field: str,
    colours: Mapping[str, str],
    *,
    shapes: tuple[str, ...] = SHAPES,
    dashes: tuple[Any, ...] = (),
    title: str | None = None,
    legend: bool = True,
    **settings: Any,
) -> Roles:
    """Return the colour of each value of a column; points have a shape each besides, lines a dash where given."""
    shown = Frozen(_frozen(settings)) if legend else None
    names, count = tuple(colours), len(colours)
    return Roles(field, names, tuple(colours.values()), shapes[:count], dashes[:count], title, shown)


def line_roles(field: str, colours: Mapping[str, str], dashes: tuple[Any, ...] = DASHES, **legend: Any) -> Roles:
    """Return the colour and the dash of each line, with a legend that shows both; `legend` sets more of it."""
    dashes = tuple(dashes[place % len(dashes)] for place in range(len(colours)))
    shown = {"columns": 2, "symbolType": "stroke", "symbolSize": 400, "labelLimit": 230, **legend}
    return roles(field, colours, shapes=(), dashes=dashes, **shown)


def in_series(names: tuple[str, ...], **given: str) -> dict[str, str]:
    """Return a colour for each name: the one given for it, else the next of the series."""
    palette = [colour for colour in PALETTE.series if colour not in given.values()]
    free = [name for name in names if name not in given]
    return {name: given.get(name) or palette[free.index(name) % len(palette)] for name in names}


def tips(**columns: Any) -> Frozen:
    """Return what is told when a mark is pointed at: the title of each column, and the format of its numbers."""
    return Frozen(columns.items())


def _tip(field: str, told: str | tuple[str, str]) -> dict[str, Any]:
    if isinstance(told, str):
        return {"field": field, "type": NOMINAL, "title": told}
    title, form = told
    form = AXIS_FORMATS.get(form, form)
    kind = TEMPORAL if form.startswith("%") else QUANTITATIVE
    return {"field": field, "type": kind, "title": title, "format": form}


def size_by(field: str, title: str, form: str) -> dict[str, Any]:
    """Return the size of a mark by a column, with a legend of a few sizes."""
    return {"field": field, "type": QUANTITATIVE, "title": title, "legend": {"format": form, "tickCount": 3}}


# --- The marks

Place = str | float | Frozen | None
"""A column, a number of the axis, `pixels`, or None where the mark reaches from edge to edge; "": the axis's column."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of mark: `at` and `to` are its places on the axis of values, `across` and `across_to` on the other."""

    mark: str
    style: Frozen = NOTHING
    at: Place = ""
    to: Place = None
    across: Place = ""
    across_to: Place = None
    on: str = ""
    data: str = ""
    by: bool = True
    told: bool | None = None
    steps: tuple[Frozen, ...] = ()
    more: Frozen = NOTHING
    holds: Frozen = NOTHING

    def where(self, test: str) -> Layer:
        """Return the same mark for the rows that pass a test, an expression of Vega."""
        return self.working_out(({"filter": test},))

    def working_out(self, steps: tuple[Mapping[str, Any], ...]) -> Layer:
        """Return the same mark on columns that the chart works out itself, in the grammar's transforms."""
        return replace(self, steps=(*self.steps, *_frozen(steps)))

    def as_role(self, name: str) -> Layer:
        """Return the same mark in the role of this name, whatever its row holds."""
        return self.working_out(({"role": name},))

    def between(self, start: float, end: float | str) -> Layer:
        """Return the same line, but from one pixel of the chart to another instead of from edge to edge."""
        return replace(self, across=pixels(start), across_to=pixels(end))

    def styled(self, **style: Any) -> Layer:
        """Return the same mark with another look."""
        return replace(self, style=_frozen({**dict(self.style), **style}))

    def telling(self) -> Layer:
        """Return the same mark with the tooltip of the chart, which marks on rows of their own do not have."""
        return replace(self, told=True)

    def silent(self) -> Layer:
        """Return the same mark without a tooltip and without the colours by role."""
        return replace(self, told=False, by=False)

    def holding(self, param: Mapping[str, Any]) -> Layer:
        """Return the same mark with a selection of its own, which the chart on screen tells by its name."""
        return replace(self, holds=_frozen(param))

    def encoding(self, **channels: Any) -> Layer:
        """Return the same mark with further channels."""
        return replace(self, more=Frozen((*self.more, *_frozen(channels))))

    def spec(self, picture: Picture) -> dict[str, Any]:
        """Return the layer of a chart."""
        style, encoding = _thawed(self.style), self._places(picture)
        if gap := style.pop("gap", 0):
            beside = {"align": "left", "dx": gap} if picture.along == "x" else {"baseline": "bottom", "dy": -gap}
            style = {**beside, **style}
        if self.by and picture.by is not None and "color" not in style:
            encoding |= picture.by.encoded(self.mark)
        if self.across is not None and not self.data:
            encoding |= _thawed(picture.more)
        if picture.tips and (not self.data if self.told is None else self.told):
            encoding["tooltip"] = [_tip(name, told) for name, told in picture.tips]
        spec: dict[str, Any] = {"mark": {"type": self.mark, **style}, "encoding": {**encoding, **_thawed(self.more)}}
        if self.data:
            spec["data"] = {"name": self.data}
        elif self.across is None and isinstance(self.at, int | float):
            spec["data"] = {"values": [{}]}  # one line, not one over the other for each row
        if self.steps:
            spec["transform"] = [picture.step(_thawed(each)) for each in self.steps]
        if self.holds:
            spec["name"] = f"{dict(self.holds)['name']}_view"
        return spec

    def _places(self, picture: Picture) -> dict[str, Any]:
        value = self.on or picture.along
        encoding = {}
        for channel, start, end in (
            (value, self.at, self.to),
            ("y" if value == "x" else "x", self.across, self.across_to),
        ):
            if isinstance(start, Frozen):
                encoding[channel] = dict(start)
            elif start is not None:
                encoding[channel] = picture.axis(channel).encoded(channel, start)
            if end is not None:
                encoding[f"{channel}2"] = {"field": end} if isinstance(end, str) else _placed(end, QUANTITATIVE)
        return encoding


def bars(at: Place = "", to: Place = None, *, data: str = "", **style: Any) -> Layer:
    """Return bars, from zero or from one column to another."""
    return Layer("bar", _frozen(style), at, to, data=data)


def intervals(low: str = "low", high: str = "high", *, on: str = "", data: str = "", **style: Any) -> Layer:
    """Return the interval of a point as a line."""
    return Layer("rule", _frozen({"strokeWidth": 2, **style}), low, high, on=on, data=data)


def range_bars(low: str = "low", high: str = "high", height: int = 8, **style: Any) -> Layer:
    """Return a range as a light bar with round ends."""
    shape = {"height": height, "opacity": 0.5, "cornerRadius": height / 2}
    return Layer("bar", _frozen({**shape, **style}), low, high)


def dots(at: Place = "", *, data: str = "", **style: Any) -> Layer:
    """Return points."""
    return Layer("point", _frozen({"filled": True, "size": 80, "opacity": 1, **style}), at, data=data)


def columns(low: str, high: str, foot: str, **style: Any) -> Layer:
    """Return the columns of a histogram: each from `low` to `high`, and up from `foot`."""
    return Layer("rect", _frozen(style), to=foot, across=low, across_to=high)


def ticks(at: Place = "", height: int = 20, *, data: str = "", **style: Any) -> Layer:
    """Return short strokes across a bar or a row."""
    look = {"thickness": 3, "height": height, "orient": "vertical", "opacity": 1}
    return Layer("tick", _frozen({**look, **style}), at, data=data)


def line_marks(at: Place = "", *, data: str = "", **style: Any) -> Layer:
    """Return lines, one per role."""
    return Layer("line", _frozen(style), at, data=data)


def areas(low: str, high: str, **style: Any) -> Layer:
    """Return the band between two columns."""
    return Layer("area", _frozen({"opacity": 0.18, **style}), low, high, told=False)


def words(
    text: str, form: str = "", *, at: Place = "", across: Place = "", gap: int = 5, data: str = "", **style: Any
) -> Layer:
    """Return words beside their place: to the right of it, or above it where values go up."""
    column = {"field": text, "type": QUANTITATIVE, "format": AXIS_FORMATS.get(form, form)} if form else {"field": text}
    look = _frozen({"gap": gap, **style})
    return Layer("text", look, at, across=across, data=data, by=False, told=False, more=_frozen({"text": column}))


def room(beyond: float | str = 1.15) -> Layer:
    """Return what makes the axis end beyond the longest bar, where words stand: a column, or so many times each bar."""
    unseen = Layer("point", _frozen({"opacity": 0}), "beyond", by=False, told=False)
    return (
        replace(unseen, at=beyond) if isinstance(beyond, str) else replace(unseen, steps=(_frozen({"times": beyond}),))
    )


def reach(data: str = "", at: Place = "", across: Place = "", *, on: str = "") -> Layer:
    """Return what makes the axes reach over the rows of a data set of its own."""
    return Layer("point", _frozen({"opacity": 0}), at, across=across, on=on, data=data, by=False, told=False)


def reference(at: Place, data: str = "", *, on: str = "", by: bool = False, **style: Any) -> Layer:
    """Return a dashed line from edge to edge, to hold the marks against; `by` colours it by its role."""
    look = {"strokeDash": (5, 4), **({} if by else {"color": PALETTE.today}), **style}
    return Layer("rule", _frozen(look), at, across=None, on=on, data=data, told=False)


def shade(low: Place, high: Place, data: str = "", *, on: str = "", **style: Any) -> Layer:
    """Return a light band from edge to edge, to hold the marks against."""
    look = {"opacity": 0.16, **style}
    return Layer("rect", _frozen(look), low, high, across=None, on=on, data=data, told=False)


# --- The kinds of chart


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: marks on two axes, the first at the bottom. Called, it is a specification.

    It draws the first of the data sets of its figure, but for marks that name another.
    """

    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    by: Roles | None = None
    tips: Frozen = NOTHING
    more: Frozen = NOTHING
    params: tuple[Any, ...] = ()
    facet: Frozen = NOTHING
    steps: tuple[Any, ...] = ()

    def over(self, *layers: Layer) -> Picture:
        """Return the same chart with further marks, the last on top."""
        return replace(self, layers=(*self.layers, *layers))

    def worked_out(self, *steps: Mapping[str, Any]) -> Picture:
        """Return the same chart with columns and filters that it works out itself, in the grammar's transforms."""
        return replace(self, steps=_frozen(steps))

    @property
    def along(self) -> str:
        """Return the axis along which values are drawn: the one that has no names."""
        return "x" if self.y.type == NOMINAL else "y"

    @property
    def across(self) -> str:
        """Return the other axis."""
        return "y" if self.along == "x" else "x"

    def axis(self, channel: str) -> Axis:
        """Return the axis on x or y."""
        return self.x if channel == "x" else self.y

    def step(self, step: dict[str, Any]) -> dict[str, Any]:
        """Return a transform; the room beyond bars is so many times the column they are drawn from."""
        if "role" in step and self.by is not None:
            return {"calculate": json.dumps(step["role"]), "as": self.by.field}
        if "times" not in step:
            return step
        return {"calculate": f"{step['times']} * datum['{self.axis(self.along).field}']", "as": "beyond"}

    def __call__(self) -> dict[str, Any]:
        """Return the specification."""
        drawn = [each.spec(self) for each in self.layers]
        # A selection stands at the top, where whoever shows the chart looks for it, and names the mark it is of.
        held = [_thawed(each.holds) for each in self.layers if each.holds]
        params = [*_thawed(self.params), *({**each, "views": [f"{each['name']}_view"]} for each in held)]
        spec: dict[str, Any] = drawn[0] if len(drawn) == 1 else {"layer": drawn}
        if self.facet:
            facet = _thawed(self.facet)
            spec = {**facet, "spec": {**spec, **facet["spec"]}}
        if self.steps:
            spec["transform"] = [*_thawed(self.steps), *spec.get("transform", ())]
        return {**spec, "params": params} if params else spec


def picture(
    *layers: Layer,
    x: Axis,
    y: Axis,
    by: Roles | None = None,
    tips: Frozen = NOTHING,
    params: tuple[Any, ...] = (),
    facet: Mapping[str, Any] | None = None,
    **more: Any,
) -> Picture:
    """Return a chart of any marks, the first at the bottom."""
    return Picture(x, y, layers, by, tips, _frozen(more), _frozen(params), _frozen(facet or {}))


ASKED = "quantity_asked"


def asked_by_slider(title: str, low: float, high: float, step: float, start: float) -> dict[str, Any]:
    """Return a slider under the chart that asks for a quantity; expressions read it as `quantity_asked`."""
    bound = {"input": "range", "min": low, "max": high, "step": step, "name": f"{title} "}
    return {"name": ASKED, "value": start, "bind": bound}


def offset(channel: str, field: str, order: tuple[str, ...], **scale: Any) -> dict[str, Any]:
    """Return what sets the marks of a row beside each other: `**offset("yOffset", "kind", kinds)`."""
    return {channel: {"field": field, "type": NOMINAL, "sort": order, "scale": {"domain": order, **scale}}}


def bar_chart(
    *, x: Axis, y: Axis, label: str, form: str = "", beyond: float | str = 1.15, height: int = 0, **rest: Any
) -> Picture:
    """Return bars with their amounts in words beside them; the axis ends `beyond` the longest."""
    drawn = bars(height=height) if height else bars()
    return picture(drawn, words(label, form), room(beyond), x=x, y=y, **rest)


def interval_chart(
    *, x: Axis, y: Axis, line: float | None = None, low: str = "low", high: str = "high", **rest: Any
) -> Picture:
    """Return points with their intervals, held against a `line` where one is given."""
    colour = {} if "by" in rest else {"color": PALETTE.ours}
    held = () if line is None else (reference(line),)
    return picture(*held, intervals(low, high, **colour), dots(**colour), x=x, y=y, **rest)


def stack_chart(
    *,
    x: Axis,
    y: Axis,
    by: Roles,
    least: float | None = None,
    form: str = "percent",
    ink: str | Mapping[str, Any] = "white",
    height: int = 0,
    **rest: Any,
) -> Picture:
    """Return bars cut into parts, in the order of the column "order"; parts of `least` and more carry their number."""
    x = replace(x, more=_frozen({"stack": "zero"}))
    drawn = [bars(cornerRadius=0, height=height) if height else bars(cornerRadius=0)]
    if least is not None:
        test = f"datum['{x.field}'] >= {least}"
        text = {"field": x.field, "type": QUANTITATIVE, "format": AXIS_FORMATS.get(form, form)}
        number = {"text": {"condition": {"test": test, **text}, "value": ""}}
        middle = {"x": {**x.encoded("x"), "bandPosition": 0.5}}
        label = Layer("text", _frozen({"fontWeight": 600}), by=False, told=False)
        drawn.append(label.encoding(**number, **middle, detail={"field": by.field, "type": NOMINAL}, color=_inked(ink)))
    return picture(*drawn, x=x, y=y, by=by, order={"field": "order", "type": QUANTITATIVE}, **rest)


def step_chart(
    *,
    x: Axis,
    y: Axis,
    end: str,
    label: str,
    by: Roles,
    beside: str = "",
    beyond: float = 1.45,
    foot: str = "",
    **rest: Any,
) -> Picture:
    """Return bars that each begin where the last one ended, with words beyond them, or from the column `beside` on.

    `foot` is a column that says where the axis begins, where that is not at 0.
    """
    far = f"datum['{beside}']" if beside else f"max(datum['{x.field}'], datum['{end}'])"
    low = f"datum['{foot}']" if foot else "0"
    told = words(label, at="far", gap=6).working_out(({"calculate": far, "as": "far"},))
    drawn = (
        bars(to=end, height=18, cornerRadius=1),
        told,
        room("far").working_out(({"calculate": f"{low} + {beyond} * ({far} - {low})", "as": "far"},)),
    )
    return picture(*drawn, x=x, y=y, by=by, **rest)


def cell_chart(
    *,
    x: Axis,
    y: Axis,
    text: str,
    shade: Mapping[str, Any],
    ink: str | Mapping[str, Any] = "",
    strong: str = "",
    **rest: Any,
) -> Picture:
    """Return a table of cells, shaded by a channel such as `fill` or `strength`, with words in each.

    Words are bold where the expression `strong` holds.
    """
    cells = Layer("rect", _frozen({"cornerRadius": 3, "color": PALETTE.ours})).encoding(**shade)
    inside = words(text, gap=0)
    if strong:
        inside = inside.styled(fontWeight={"expr": f"{strong} ? 'bold' : 'normal'"})
    if ink:
        inside = inside.encoding(color=_inked(ink))
    x, y = (replace(axis, scale=_frozen({"padding": 0.06})) for axis in (x, y))
    return picture(cells, inside, x=x, y=y, **rest)


HEADINGS: dict[str, Any] = {
    "labelAngle": 0, "labelOverlap": False, "labelFontSize": 11, "labelPadding": 6, "ticks": False, "domain": False,
}  # fmt: skip
"""Settings of the axis of names over the columns of a table."""


def fill(field: str, colours: Mapping[float, str], unknown: str = "") -> dict[str, Any]:
    """Return the shade of cells by a number: the colours at a few of them, and between."""
    scale = {"domain": [*colours], "range": [*colours.values()]}
    shade = {"field": field, "type": QUANTITATIVE, "legend": None, "scale": scale}
    known = {"test": f"isValid(datum['{field}'])", **shade}
    return {"color": {"condition": known, "value": unknown} if unknown else shade}


def strength(field: str, most: float, strongest: float = 0.6) -> dict[str, Any]:
    """Return the shade of cells by a number from nothing to the `most`."""
    scale = {"domain": [0, most], "range": [0.04, strongest]}
    return {"opacity": {"field": field, "type": QUANTITATIVE, "legend": None, "scale": scale}}


DARK_INK = "#1F2328"
"""The ink on marks that keep their colours on dark pages."""


def _inked(ink: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return {"value": ink} if isinstance(ink, str) else ink


def light_where(test: str) -> dict[str, Any]:
    """Return the ink of words inside marks: light where a test is passed, an expression of Vega, else dark."""
    return {"condition": {"test": test, "value": "white"}, "value": DARK_INK}


def small_multiples(field: str, order: tuple[str, ...], *, width: int, height: int) -> dict[str, Any]:
    """Return what draws a chart once for each value of a column, each with an axis of its own."""
    column = {"field": field, "type": NOMINAL, "title": None, "sort": order, "header": {"labelOrient": "top"}}
    return {
        "facet": {"column": column},
        "spec": {"width": width, "height": height},
        "spacing": 22,
        "resolve": {"scale": {"x": "independent"}},
    }
