"""The charts of prices people state: price sensitivity (van Westendorp), stated intent, price ladders, segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import exact_money, exact_percent, money, percent, priced, thousands
from workbench.research.price_sensitivity import POINT_WORDS, price_range, prices_per
from workbench.stages import marks
from workbench.stages.figure import PALETTE, figure_maker
from workbench.tables import DataTable, Number
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.research.price_ladders import PriceLadder
    from workbench.research.price_sensitivity import PriceSensitivity, SegmentPrices
    from workbench.results import Interval
    from workbench.stages.figure import Figure

say, draw = texts(__name__), figure_maker(__package__)

# --- What the charts of stated prices share: axes, words, and fewer corners than there are prices

MOST_CORNERS = 250


def price_axis(result: PriceSensitivity | PriceLadder) -> marks.Axis:
    """Return the axis of prices, from the lowest shown to the highest, with what one buys."""
    scale = {**marks.FREE, "nice": False, "padding": 12}
    return marks.by_money("price", prices_per(result.per, "Price"), result.currency, ticks=6, scale=scale)


def _price_tip(currency: str) -> tuple[str, str]:
    return f"Price ({currency})", "exact"


def _money_tip(title: str, currency: str) -> tuple[str, str]:
    return f"{title} ({currency})", ",.2~f"


def _by_price(rows: pd.DataFrame) -> DataTable:
    """Return rows by the prices that were asked, which keep every digit."""
    return DataTable.plain(rows, {"price": Number(exactly=True)})


def thinned(rows: pd.DataFrame, most: int = MOST_CORNERS) -> pd.DataFrame:
    """Return at most so many rows, evenly chosen, the first and the last among them."""
    if len(rows) <= most:
        return rows
    return rows.iloc[np.unique(np.linspace(0, len(rows) - 1, most).round().astype(int))].reset_index(drop=True)


def interval_text(interval: Interval, currency: str) -> str:
    """Write an estimate with its interval."""
    ends = price_range(interval.low, interval.high, currency)
    return f"{money(interval.estimate, currency)} ({ends})"


# --- The charts of stated intent: who would buy at each price, and what each price would bring

_INTENT_TAIL = 0.04


def intent_figures(result: PriceSensitivity) -> tuple[Figure, ...]:
    """Return the figures of reach and of revenue; none where nobody was asked for their intent."""
    if result.reach_curve is None:
        return ()
    return intent_figure(result, "reach"), intent_figure(result, "revenue")


def intent_figure(result: PriceSensitivity, what: str) -> Figure:
    """Return the share who would buy, or price times share, along the prices named."""
    curve = result.reach_curve
    assert curve is not None  # noqa: S101 - asked for only where people stated their intent
    best = result.intervals[f"{what}_price"]
    top = curve[what].max()
    revenue = say("revenue_per_person_asked", currency=result.currency)
    scale = result.settings.intent_scale
    return draw(
        f"price_{what}",
        marks.picture(
            marks.shade("low", "high", "best", on="x", color=PALETTE.ours),
            marks.reference("price", "best", on="x", color=PALETTE.ours),
            marks.line_marks(color=PALETTE.ours),
            x=price_axis(result),
            y=marks.by_share(what, "Share who would buy")
            if what == "reach"
            else marks.by_money(what, revenue, result.currency),
            tips=marks.tips(
                price=_price_tip(result.currency),
                reach=("Would buy", "percent"),
                revenue=_money_tip("Revenue per person", result.currency),
            ),
        ),
        {
            "intent": thinned(_without_tail(curve)),
            "best": pd.DataFrame({"low": [best.low], "price": [best.estimate], "high": [best.high]}),
        },
        _by_price(thinned(curve, 40)),
        key=f"price-{what}",
        found=result, best=best, stated=prices_per(result.per),
        amount=percent(top) if what == "reach" else money(top, result.currency),
        span=price_range(curve["price"].min(), curve["price"].max(), result.currency),
        ends=price_range(best.low, best.high, result.currency),
        chances=[exact_percent(scale[step]) for step in sorted(scale)[::-1]],
    )  # fmt: skip


def _without_tail(curve: pd.DataFrame) -> pd.DataFrame:
    """Leave out the high prices at which next to nobody would buy: they only stretch the axis."""
    some = curve["reach"] > _INTENT_TAIL * curve["reach"].max()
    return curve[: int(some.to_numpy().nonzero()[0][-1]) + 2]


# --- The chart of price points: how sure they are, as stated and in earnest

STATED, EARNEST = "as stated", say("in_earnest_by_the_assumption")
_POINT_ROW = 46


def points_figure(result: PriceSensitivity) -> Figure:
    """Return every point with its interval, as stated and in earnest."""
    rows = pd.DataFrame(
        [
            (POINT_WORDS[name], place, kind, each.low, each.estimate, each.high, interval_text(each, result.currency))
            for place, name in enumerate(POINT_WORDS) if name in result.intervals
            for kind, each in ((STATED, result.intervals[name]), (EARNEST, result.in_earnest[name]))
        ],
        columns=["point", "place", "kind", "low", "price", "high", "text"],
    )  # fmt: skip
    return draw(
        "price_points",
        _ranges_chart(
            "point",
            "place",
            marks.roles("kind", {STATED: PALETTE.ours, EARNEST: PALETTE.series[1]}),
            price_axis(result),
            point="Point",
            kind="Price",
            text="Estimate",
        ),
        {"points": rows},
        result.table,
        key="price-points",
        height=_POINT_ROW * rows["point"].nunique() + 60,
        found=result, stated=prices_per(result.per),
        each="; ".join(f"{row.point} {row.kind} {row.text}" for row in rows.itertuples()),
    )  # fmt: skip


def _ranges_chart(
    row: str, order: tuple[str, ...] | str, by: marks.Roles, prices: marks.Axis, **told: str
) -> marks.Picture:
    """Return prices with their intervals, those of one row beside each other."""
    return marks.picture(
        marks.range_bars(),
        marks.dots(),
        y=marks.by_name(row, order),
        x=prices,
        by=by,
        tips=marks.tips(**told),
        **marks.offset("yOffset", by.field, by.names, paddingOuter=0.35),
    )


# --- The charts of the four price questions: the curves with their points, and how sure the points are

# The four curves in which every point of the range can be seen as a crossing.
CURVES = {
    "standard": {"too_cheap": "too cheap", "not_cheap": "not cheap", "not_expensive": "not expensive",
                 "too_expensive": "too expensive"},
    "narrower": {"too_cheap": "too cheap", "expensive": "expensive", "cheap": "cheap",
                 "too_expensive": "too expensive"},
}  # fmt: skip
# A curve that passes through each point.
_ON = {
    "standard": {"pmc": "too_cheap", "opp": "too_cheap", "idp": "not_cheap", "pme": "too_expensive"},
    "narrower": {"pmc": "too_cheap", "opp": "too_cheap", "idp": "cheap", "pme": "too_expensive"},
}
_STYLES = {
    "too cheap": PALETTE.competitor,
    "not cheap": PALETTE.ours,
    "cheap": PALETTE.ours,
    "not expensive": PALETTE.ok,
    "expensive": PALETTE.ok,
    "too expensive": PALETTE.breach,
}
_DASHED = (6, 3)
_CURVE_TAIL = 0.93  # beyond it a few people stretch the axis
_MARKS: dict[str, tuple[str, str, int, int]] = {
    "pmc": ("triangle-right", "right", -9, 0),
    "opp": ("circle", "left", 11, -4),
    "idp": ("diamond", "center", 0, -18),
    "pme": ("triangle-left", "left", 9, 0),
}
"""The mark of each point, and where its price stands beside it."""


def sensitivity_figures(result: PriceSensitivity, currency: str) -> tuple[Figure, ...]:
    """Return the figures of the price questions: curves, points and, where intent was asked, reach and revenue."""
    shown = result.in_currency(currency)
    found = [curves_figure(shown), points_figure(shown)]
    return (*found, *intent_figures(shown))


def curves_figure(result: PriceSensitivity) -> Figure:
    """Return the curves of the price questions with the points where they cross."""
    points = _points_on_curves(result)
    named = ", ".join(f"{row.point} {row.text}" for row in points.itertuples())
    names = tuple(words for column, words in CURVES[result.settings.range_].items() if column in result.curves)
    return draw(
        "price_curves",
        _curves_chart(names, tuple(result.points), result),
        {"curves": _curve_rows(result), "points": points, "range": _acceptable(result)},
        result.table,
        key="price-curves",
        height=320,
        found=result, stated=prices_per(result.per), names=", ".join(names), named=named,
    )  # fmt: skip


def _curves_chart(names: tuple[str, ...], had: tuple[str, ...], result: PriceSensitivity) -> marks.Picture:
    """Return the curves over the acceptable range, each crossing marked with its price."""
    here: dict[str, Any] = {"data": "points", "color": PALETTE.today}
    told = [{"field": "point", "title": "Point"}, {"field": "text", "title": "Price"}]
    shapes = {"domain": [POINT_WORDS[name] for name in had], "range": [_MARKS[name][0] for name in had]}
    legend = {"orient": "bottom", "columns": 2, "symbolFillColor": PALETTE.today, "symbolStrokeColor": PALETTE.today}
    shape = {"field": "point", "title": None, "scale": shapes, "legend": {**legend, "labelLimit": 260}}
    dashes = tuple(_DASHED if name.startswith("too") else marks.SOLID for name in names)
    return marks.picture(
        marks.shade("price", "high", "range", on="x", color=PALETTE.today, opacity=0.13),
        marks.line_marks(clip=True),
        marks.intervals(on="x", strokeWidth=6, opacity=0.55, **here).encoding(tooltip=told),
        marks.dots(size=140, **here).encoding(tooltip=told, shape=shape),
        *(
            marks.words("label", data="points", gap=0, align=align, dx=dx, dy=dy, fontWeight=600).where(
                f"datum.point === '{POINT_WORDS[name]}'"
            )
            for name in had
            for _, align, dx, dy in (_MARKS[name],)
        ),
        x=price_axis(result),
        y=marks.by_share("share", "Share of respondents", scale=marks.WHOLE),
        by=marks.line_roles("curve", {name: _STYLES[name] for name in names}, dashes),
        tips=marks.tips(curve="Curve", price=_price_tip(result.currency), share=("Share", "percent")),
    )


def _curve_rows(result: PriceSensitivity) -> pd.DataFrame:
    """Return the shown curves by price, without the tail a few people stretch."""
    curves = result.curves
    inside = thinned(curves[curves["too_expensive"].shift(fill_value=0) <= _CURVE_TAIL].reset_index(drop=True))
    named = {column: words for column, words in CURVES[result.settings.range_].items() if column in curves}
    tall = inside.melt("price", list(named), var_name="curve", value_name="share")
    return tall.assign(curve=tall["curve"].map(named))


def _points_on_curves(result: PriceSensitivity) -> pd.DataFrame:
    """Return every point where it stands on the curves, with its price in words."""
    rows = []
    for name, point in result.points.items():
        height = np.interp(point.middle, result.curves["price"], result.curves[_ON[result.settings.range_][name]])
        text = interval_text(point.interval, result.currency)
        rows.append(
            (
                POINT_WORDS[name],
                point.first,
                point.middle,
                point.last,
                height,
                text,
                price_range(*point, result.currency),
            )
        )
    return pd.DataFrame(rows, columns=["point", "low", "price", "high", "share", "text", "label"])


def _acceptable(result: PriceSensitivity) -> pd.DataFrame:
    """Return the acceptable range, where both its ends are known."""
    ends = [(result.pmc.middle, result.pme.middle)] if result.pmc and result.pme else []
    return pd.DataFrame(ends, columns=["price", "high"])


# --- The chart of price points segment by segment

_SEGMENT_ROW = 92
_SHOWN = ("pmc", "opp", "idp", "pme")
_SHAPES = tuple(_MARKS[name][0] for name in _SHOWN)
_COLOURS = dict(
    zip(
        (POINT_WORDS[name] for name in _SHOWN),
        (PALETTE.competitor, PALETTE.ours, PALETTE.ok, PALETTE.breach),
        strict=True,
    )
)


def segment_figures(result: SegmentPrices, currency: str) -> tuple[Figure, ...]:
    """Return the price points of the segments side by side, each with its interval."""
    rows = pd.DataFrame(
        [
            (segment, POINT_WORDS[name], each.low, each.estimate, each.high, interval_text(each, currency))
            for segment, one in result.results.items()
            for name, each in one.intervals.items() if name in _SHOWN
        ],
        columns=["segment", "point", "low", "price", "high", "text"],
    )  # fmt: skip
    first = next(iter(result.results.values()))
    people = {name: one.valid for name, one in result.results.items()}
    return (
        draw(
            "price_segments",
            _ranges_chart(
                "segment",
                tuple(people),
                marks.roles("point", _COLOURS, shapes=_SHAPES, columns=2, labelLimit=260),
                price_axis(first.in_currency(currency)),
                segment="Segment",
                point="Point",
                text="Price",
            ),
            {"segments": rows},
            result.difference_table,
            key="price-segments",
            height=_SEGMENT_ROW * len(people) + 60,
            found=result.in_currency(currency), first=first, currency=currency,
            each="; ".join(f"{row.segment}, {row.point}: {row.text}" for row in rows.itertuples()),
            people=", ".join(f"{name} {thousands(count)}" for name, count in people.items()),
        ),
    )  # fmt: skip


# --- The charts of price ladders and single prices: demand, and revenue and profit, by price

_STEPS = 80
REVENUE, PROFIT = "revenue", "profit"
_KINDS = {REVENUE: PALETTE.ours, PROFIT: PALETTE.ok}


def ladder_figures(result: PriceLadder, currency: str) -> tuple[Figure, ...]:
    """Return the figures of a ladder or of single prices: demand, and revenue with profit."""
    shown = result.in_currency(currency)
    return demand_figure(shown), earnings_figure(shown)


def demand_figure(result: PriceLadder) -> Figure:
    """Return the share who would buy at each price, with its interval."""
    said = ", ".join(
        f"{percent(share)} at {exact_money(price, result.currency)}"
        for price, share in zip(result.prices, result.demand, strict=True)
    )
    fitted = _smooth(result)
    return draw(
        "ladder_demand",
        _demand_chart(result, smooth=bool(len(fitted))),
        {"demand": _demand_rows(result), "fitted": fitted},
        _by_price(result.table),
        key="ladder-demand",
        found=result, said=said, between=_first_dear_rise(result),
    )  # fmt: skip


def _demand_chart(result: PriceLadder, *, smooth: bool) -> marks.Picture:
    """Return demand at the prices asked with intervals, and the smooth curve where there is one."""
    line = marks.line_marks(color=PALETTE.ours, strokeWidth=2.5 if smooth else 1.5, data="fitted" if smooth else "")
    colour = PALETTE.today if smooth else PALETTE.ours
    return marks.picture(
        marks.intervals(strokeWidth=7, opacity=0.4, color=colour, strokeCap="round"),
        line.silent(),
        marks.dots(color=colour),
        x=price_axis(result),
        y=marks.by_share("share", "Share who would buy", scale=marks.WHOLE),
        tips=marks.tips(
            price=_price_tip(result.currency),
            share=("Would buy", "percent"),
            interval="Interval",
            raw=("As answered", ".1%"),
            asked=("People asked", "whole"),
        ),
    )


def earnings_figure(result: PriceLadder) -> Figure:
    """Return revenue, and with a unit cost profit, per person asked at each price."""
    kinds = (REVENUE, PROFIT) if result.unit_cost else (REVENUE,)
    best = pd.DataFrame(
        [(kind, each.low, each.estimate, each.high) for kind in kinds for each in (result.intervals[f"{kind}_price"],)],
        columns=["kind", "low", "price", "high"],
    )
    named = "; ".join(
        f"best for {kind}: {priced(result.intervals[f'{kind}_price'].estimate, result.currency)}" for kind in kinds
    )
    return draw(
        "ladder_earnings",
        marks.picture(
            marks.shade("low", "high", "best", on="x"),
            marks.reference("price", "best", on="x", by=True),
            marks.line_marks(strokeWidth=2),
            marks.dots(size=70).where("datum.asked"),
            x=price_axis(result),
            y=marks.by_money("amount", f"Per person asked ({result.currency})", result.currency),
            by=marks.roles("kind", {kind: _KINDS[kind] for kind in kinds}, legend=len(kinds) > 1),
            tips=marks.tips(
                kind="Of each person asked",
                price=_price_tip(result.currency),
                amount=_money_tip("Amount", result.currency),
            ),
        ),
        {"earnings": _earnings_rows(result, kinds), "best": best},
        _by_price(result.table),
        key="ladder-earnings",
        found=result, kinds=kinds, named=named,
    )  # fmt: skip


def _first_dear_rise(result: PriceLadder) -> str:
    """Return between which prices a rise first loses a larger share of buyers than it adds, "" where none does."""
    known = np.flatnonzero(~np.isnan(result.elasticity))
    steep = [int(at) for at in known if result.elasticity[at] < -1]
    if not steep:
        return ""
    return price_range(result.prices[steep[0]], result.prices[steep[0] + 1], result.currency, exact_money)


def _demand_rows(result: PriceLadder) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "price": result.prices,
            "share": result.demand,
            "raw": result.raw_demand,
            "low": [each.low for each in result.demand_intervals],
            "high": [each.high for each in result.demand_intervals],
            "interval": [f"{percent(each.low)} to {percent(each.high)}" for each in result.demand_intervals],
            "asked": result.asked,
        }
    )


def _smooth(result: PriceLadder) -> pd.DataFrame:
    """Return the fitted curve along the prices asked; empty where there is none."""
    if result.logit is None:
        return pd.DataFrame({"price": [], "share": []}, dtype=float)
    prices = np.linspace(result.prices[0], result.prices[-1], _STEPS)
    return pd.DataFrame({"price": prices, "share": result.logit.curve.demand(prices)[0]})


def _earnings_rows(result: PriceLadder, kinds: tuple[str, ...]) -> pd.DataFrame:
    """Return revenue and profit at the prices asked, and along the fitted curve where the best price comes from it."""
    smooth = _smooth(result) if result.logit is not None and result.logit.slope < 0 else None
    prices = result.prices if smooth is None else smooth["price"].to_numpy()
    share = result.demand if smooth is None else smooth["share"].to_numpy()
    costs = {REVENUE: 0.0, PROFIT: result.unit_cost}
    rows = [
        pd.DataFrame({"kind": kind, "price": prices, "amount": (prices - costs[kind]) * share, "asked": smooth is None})
        for kind in kinds
    ]
    return pd.concat(rows, ignore_index=True)
