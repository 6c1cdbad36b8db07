"""The charts of the stage with their rows.

Price ladders, standing, corridors, economic value, and a quantity to move.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import capitalised, exact, metric_words, money, percent, priced, with_sign
from workbench.results import Interval
from workbench.stages import marks
from workbench.stages.anchoring.evaluation import position_words
from workbench.stages.anchoring.evidence import converted, quote
from workbench.stages.anchoring.result import DRAWS
from workbench.stages.anchoring.tables import offers_at_profile
from workbench.stages.figure import PALETTE, figure_maker, money_expression, priced_expression
from workbench.tables import TEXT, DataTable, Money
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.pricing.price_book import Plan
    from workbench.stages.anchoring.result import AnchoringResult, EconomicValue, MarketStanding, ProfileComparison
    from workbench.stages.figure import Figure

say, draw = texts(__name__), figure_maker(__package__)

# --- The rows the charts of anchoring draw, ready and small

OURS, COUNTS, OTHER = "Ours", "Vendor's cheapest", "Other plans"
MOST_OFFERS = 24


def ladder_rows(comparison: ProfileComparison, result: AnchoringResult) -> pd.DataFrame:
    """Return a row per offer with a price at the profile, cheapest first: label, price, role, words."""
    rows = []
    for ours in comparison.ours:
        price, words = ours.quote.price, " (our cheapest here)" if ours.chosen else ""
        if price is not None:
            rows.append((our_label(ours.name), price, price, price, OURS, priced(price, result.currency) + words))
    for each in comparison.market:
        if each.price is None or not each.offer.competes(result.decision.set_aside):
            continue
        low, middle, high = each.price.low, each.price.estimate, each.price.high
        words = priced(middle, result.currency)
        if low != high:
            words += f" ({priced(low, result.currency)} to {priced(high, result.currency)})"
        if result.state(each.offer) == "stale":
            words += ", stale"
        rows.append((each.offer.name, middle, low, high, COUNTS if each.counts else OTHER, words))
    frame = pd.DataFrame(rows, columns=["offer", "price", "low", "high", "role", "words"])
    frame = frame.sort_values(["price", "offer"], kind="stable").head(MOST_OFFERS).reset_index(drop=True)
    return frame.assign(share=frame["price"] / max(frame["high"].max(), 1e-9) if len(frame) else 0.0)


def our_label(name: str) -> str:
    """Write the name of a tier of ours so that it stands out among others without colour."""
    return f"{name} (ours)"


def range_rows(comparison: ProfileComparison) -> pd.DataFrame:
    """Return the market's range at the profile as one row, or none."""
    span = comparison.range
    rows = [] if span is None else [(span.low.estimate, span.median.estimate, span.high.estimate)]
    return pd.DataFrame(rows, columns=["low", "median", "high"])


def multiple_rows(standings: tuple[MarketStanding, ...], currency: str) -> pd.DataFrame:
    """Return a row per tier where it is judged: our price as a multiple of the market's high, median and low."""
    rows = []
    for each in standings:
        span = each.market
        if not each.is_home or span is None or each.premium is None or span.low.estimate <= 0:
            continue
        low, middle, high = (each.price / end.estimate for end in (span.high, span.median, span.low))
        sign = "above" if middle >= 1 else "below"
        words = f"{percent(abs(middle - 1))} {sign} the median"
        ends = f"{priced(span.low.estimate, currency)} to {priced(span.high.estimate, currency)}"
        prices = f"{priced(each.price, currency)} against {ends}"
        rows.append((f"{each.tier} at {each.at}", low, middle, high, words, prices))
    return pd.DataFrame(rows, columns=["tier", "low", "middle", "high", "words", "prices"])


def price_corridor_rows(result: AnchoringResult) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the bounds as bars and our prices as marks, all as bills a month at the profile where each is judged.

    Open ends reach to the end of the axis.
    """
    bars, ours = [], []
    for each in result.corridors:
        price = each.amount if each.price is None or not each.price.units else each.price.as_bill(each.price.price)
        for label, low, high in each.bills:
            kind = "Market" if label.startswith("the market") else "Design rules"
            bars.append((each.label, label, kind, low, high))
        if price is not None and each.bounds:
            words = f"{priced(price, result.currency)}, {each.standing}"
            ours.append((each.label, price, words))
    bar_frame = pd.DataFrame(bars, columns=["offer", "bound", "kind", "low", "high"])
    ends = [
        value for value in (*bar_frame["low"], *bar_frame["high"], *(each[1] for each in ours)) if _is_positive(value)
    ]
    least, most = (0.8 * min(ends), 1.25 * max(ends)) if ends else (1.0, 10.0)
    bar_frame["from"] = [max(least, value) if _is_positive(value) else least for value in bar_frame["low"]]
    bar_frame["to"] = [max(least, value) if value is not None and not math.isnan(value) else most
                       for value in bar_frame["high"]]  # fmt: skip
    bar_frame["words"] = [
        f"{_end(low, result.currency, 'any')} to {_end(high, result.currency, 'any')}"
        for low, high in zip(bar_frame["low"], bar_frame["high"], strict=True)
    ]
    prices = pd.DataFrame(ours, columns=["offer", "price", "words"])
    prices["share"] = [
        math.log(price / least) / math.log(most / least) if price > 0 else 0.0 for price in prices["price"]
    ]
    prices["price"] = prices["price"].clip(lower=least)
    return bar_frame, prices


def value_rows(value: EconomicValue, reference: str, currency: str) -> pd.DataFrame:
    """Return the steps from the reference price to the economic value, with the 90% range of each.

    Without anything that sets us apart the value is not known, and only the reference stands there.
    """
    at = value.reference.estimate
    rows = [_step(reference, "Reference", 0.0, value.reference, currency)]
    for item in value.items:
        worth = item.worth
        kind = "Better here" if worth.estimate >= 0 else "Better there"
        upto = Interval(at + worth.low, at + worth.estimate, at + worth.high)
        rows.append(_step(item.label, kind, at, upto, currency, worth=worth.estimate))
        at = upto.estimate
    if value.is_known:
        rows.append(_step("Economic value", "Value", 0.0, value.total, currency))
    frame = pd.DataFrame(rows)
    frame["words_at"] = [_clear_of(value.price, end, frame["right"].max()) for end in frame["right"]]
    # Labels stay apart even where two items carry the same name.
    again = frame.groupby("step").cumcount()
    frame["step"] = [
        f"{name} ({number + 1})" if number else name for name, number in zip(frame["step"], again, strict=True)
    ]
    return frame


def _clear_of(price: float | None, end: float, longest: float) -> float:
    """Return where the words after a bar start: its end, or our price where its line would cross them."""
    return price if price is not None and end <= price < end + 0.3 * longest else end


def offer_price_rows(value: EconomicValue, currency: str) -> pd.DataFrame:
    """Return our price as one row, or none."""
    rows = [] if value.price is None else [(value.price, f"our price {priced(value.price, currency)}")]
    return pd.DataFrame(rows, columns=["price", "words"])


def _step(
    name: str, kind: str, start: float, upto: Interval, currency: str, *, worth: float | None = None
) -> dict[str, object]:
    """Return a bar from `start` to where a step ends, with the range of that end."""
    end, low, high = upto.estimate, upto.low, upto.high
    amount = end if worth is None else worth
    write = priced if low == high else money  # what has a range is an estimate, and rounded as one
    text = write(amount, currency) if worth is None else with_sign(write(abs(worth), currency), worth)
    if low != high:
        shift = 0.0 if worth is None else start
        text += f" ({write(low - shift, currency)} to {write(high - shift, currency)})"
    return {"step": name, "kind": kind, "start": start, "end": end, "low": low, "high": high, "words": text,
            "right": max(start, end, high)}  # fmt: skip


def _end(value: float | None, currency: str, otherwise: str) -> str:
    return otherwise if value is None or np.isnan(value) else priced(value, currency)


def _is_positive(value: float | None) -> bool:
    return value is not None and not math.isnan(value) and value > 0


# --- The bill of every offer along one quantity

_GRID = 24
_MOST_OFFERS = 16
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Slider:
    """A quantity to move: its metric, lowest and highest value, step and where it starts."""

    metric: str
    low: float
    high: float
    step: float
    start: float

    @property
    def title(self) -> str:
        """Return the metric as a reader sees it."""
        words = metric_words(self.metric)
        return capitalised(words)


def quantity_slider(result: AnchoringResult) -> Slider | None:
    """Return the quantity most offers are billed by, from nothing to twice the largest profile; None without any."""
    metrics = [charge.metric for plan in _plans(result) for charge in plan.charges]
    known = dict.fromkeys(metric for profile in result.profiles for metric in profile.quantities)
    usable = [metric for metric in known if metrics.count(metric)]
    if not usable:
        return None
    metric = max(usable, key=metrics.count)
    amounts = [profile.quantities.get(metric, 0.0) for profile in result.profiles]
    most = max(amounts)
    if most <= 0:
        return None
    step = 10.0 ** math.floor(math.log10(2 * most / _STEPS)) if 2 * most > _STEPS else 1.0
    middle = next((p.quantities.get(metric) for p in result.profiles if p == result.value_profile), None) or most / 2
    return Slider(metric, step, math.ceil(2 * most / step) * step, step, max(step, round(middle / step) * step))


def slider_rows(result: AnchoringResult, slider: Slider) -> pd.DataFrame:
    """Return straight pieces of each offer's monthly bill: offer, role, from (lower) up to (upper), bill, slope.

    The other quantities stay as in the profile whose value is shown. Bills of per-unit and graduated prices are met
    exactly; a curve of another kind is met at the ends of its pieces. Beyond a limit an offer has no piece.
    """
    profile = result.value_profile
    others = {} if profile is None else dict(profile.quantities)
    rows = []
    for name, role, plan, rate in _offers(result)[:_MOST_OFFERS]:
        points = _points(plan, slider)
        bills = [quote(plan, {**others, slider.metric: at}).price for at in points]
        for lower, upper, first, last in zip(points, points[1:], bills, bills[1:], strict=False):
            if first is not None and last is not None:
                rows.append((name, role, lower, upper, first * rate, (last - first) * rate / (upper - lower)))
    return pd.DataFrame(rows, columns=["offer", "role", "lower", "upper", "bill", "slope"])


def _plans(result: AnchoringResult) -> list[Plan]:
    return [plan for _, _, plan, _ in _offers(result)]


def _offers(result: AnchoringResult) -> list[tuple[str, str, Plan, float]]:
    """Return name, role, plan and exchange rate of every offer with a price: ours first."""
    found = [(our_label(plan.name), OURS, plan, 1.0) for plan in result.book.priced_plans]
    counting = {price.offer.key for each in result.comparisons for price in each.counted}
    market = []
    for offer in result.offers:
        rate = converted(1.0, offer.currency, result.currency, result.decision.rates)
        if not offer.plan.priced or not offer.competes(result.decision.set_aside) or rate is None:
            continue
        market.append((offer.name, COUNTS if offer.key in counting else OTHER, offer.plan, rate.estimate))
    return found + sorted(market, key=lambda each: each[1] != COUNTS)


def _points(plan: Plan, slider: Slider) -> list[float]:
    """Return where pieces meet: an even grid, what is included, the ends of bands, and the limit at the end."""
    points = set(np.linspace(0, slider.high, _GRID))
    for charge in plan.charges:
        if charge.metric == slider.metric:
            free = float(charge.free_units)
            points |= {free, *(free + float(band.up_to) for band in charge.bands if band.up_to is not None)}
    limits = [float(each.up_to) for each in plan.limits if each.metric == slider.metric and each.up_to is not None]
    most = min([*limits, slider.high])
    return sorted({at for at in points if at < most} | {most})


# --- The charts of the stage: price ladders, standing, corridors, economic value, and a quantity to move

_ROUND = [digit * 10.0**power for power in range(-3, 8) for digit in (1, 2, 5)]
_NOT_DRAWN = ("on request", "does not serve", "not known")
LADDERS = 4
"""So many profiles get a ladder of their own; the tables hold all of them."""
_ROW = 21  # pixels an offer takes
_ROLE_COLOURS = {OURS: PALETTE.ours, COUNTS: PALETTE.competitor, OTHER: PALETTE.today}
_ROLE_SHAPES = ("circle", "diamond", "triangle-up")
_KIND_COLOURS = {"Design rules": PALETTE.today, "Market": PALETTE.competitor}
_STEP_COLOURS = {
    "Reference": PALETTE.competitor, "Better here": PALETTE.ok, "Better there": PALETTE.breach, "Value": PALETTE.ours
}  # fmt: skip


def ladder_key(place: int) -> str:
    """Return the key of the ladder of the profile in this place."""
    return f"ladder_{place + 1}"


def figures(result: AnchoringResult) -> tuple[Figure, ...]:
    """Return the stage's figures in the order they are read; those without anything to draw are left out."""
    found = [
        _ladder(ladder_key(place), each, result)
        for place, each in enumerate(result.comparisons[:LADDERS])
        if len(ladder_rows(each, result))
    ]
    multiples = multiple_rows(result.standings, result.currency)
    if len(multiples):
        found.append(_standing(multiples, result))
    slider = quantity_slider(result)
    if slider is not None:
        found.append(_along(slider, result))
    bars, prices = price_corridor_rows(result)
    if len(bars):
        found.append(_corridor(bars, prices, result))
    if result.value is not None:
        found.append(_value(result.value, result))
    return tuple(found)


def _ladder(key: str, comparison: ProfileComparison, result: AnchoringResult) -> Figure:
    rows = ladder_rows(comparison, result)
    offered = [*(offer.plan for offer in result.offers), *result.book.plans]
    billed = {charge.metric for plan in offered for charge in plan.charges}
    used = comparison.profile.quantities.items()
    market = [each for each in comparison.market if each.offer.competes(result.decision.set_aside)]
    of = {kind: [each.offer.name for each in market if each.quote.standing == kind] for kind in _NOT_DRAWN}
    return draw(
        "ladder",
        marks.picture(
            marks.shade("low", "high", "range", opacity=0.14, color=PALETTE.competitor),
            marks.reference("median", "range", color=PALETTE.competitor),
            marks.intervals(strokeWidth=3, color=PALETTE.today).silent(),
            marks.dots(size=85),
            # In a narrow chart the price stands, and what is said of it ends where the room does.
            _words_beside(gap=9, limit={"expr": "width * max(datum.share, 1 - datum.share) - 9"}),
            y=marks.by_name("offer", tuple(rows["offer"])),
            x=_a_month("price", result),
            by=marks.roles("role", _ROLE_COLOURS, shapes=_ROLE_SHAPES),
            tips=marks.tips(offer="Offer", words="A month"),
        ),
        {"ladder": rows, "range": range_rows(comparison)},
        offers_at_profile(comparison, result),
        key=key,
        height=_ROW * len(rows) + 10,
        rows=len(rows),
        name=comparison.profile.name,
        currency=result.currency,
        size=", ".join(f"{exact(amount)} {metric_words(metric)}" for metric, amount in used if metric in billed),
        span=comparison.range,
        requests=len(of["on request"]),
        too_small=of["does not serve"],
        unknown=len(of["not known"]),
    )


def _a_month(field: str, result: AnchoringResult, **settings: Any) -> marks.Axis:  # noqa: ANN401 - settings of an axis
    return marks.by_money(field, f"{result.currency} a month", result.currency, marks.BIG_MONEY, **settings)


def _words_beside(*, gap: int, data: str = "", dy: int = 0, **style: Any) -> marks.Layer:  # noqa: ANN401 - of a mark
    """Write words to the right of their place, and to the left of it where the axis ends."""
    align, dx = ({"expr": f"datum.share > 0.55 ? {far} : {near}"} for far, near in (("'right'", "'left'"), (-gap, gap)))
    return marks.words("words", at="price", data=data, align=align, dx=dx, dy=dy, fontSize=11, **style)


def _standing(rows: pd.DataFrame, result: AnchoringResult) -> Figure:
    # Words that would run out of the chart begin further left.
    within = {"expr": "min(-7, width - 6.5 * length(datum.words) - scale('x', datum.middle))"}
    return draw(
        "standing",
        marks.picture(
            marks.reference(1),
            marks.range_bars(height=12, color=PALETTE.ours),
            marks.dots(size=95, shape="diamond", color=PALETTE.ours),
            marks.words("words", dx=within, dy=-14, fontSize=11),
            y=marks.by_name("tier", tuple(rows["tier"])),
            # A label at the very end of the axis would be cut: it is drawn inside.
            x=marks.by_number(
                "middle",
                say("our_price_over_the_vendor"),
                labelExpr="format(datum.value, '.3~g') + 'x'",
                values=_ROUND,
                scale={**marks.LOG, "padding": 40},
                grid=True,
                labelOverlap=True,
                labelSeparation=6,
                labelFlush=16,
            ),
            tips=marks.tips(tier="Tier", words="Ours is", prices="A month"),
        ),
        {"standing": rows},
        result.tables["standing"],
        height=46 * len(rows) + 20,
        rows=len(rows),
        position=position_words(result),
        currency=result.currency,
    )


def _corridor(bars: pd.DataFrame, prices: pd.DataFrame, result: AnchoringResult) -> Figure:
    offers = tuple(dict.fromkeys(bars["offer"]))
    return draw(
        "corridor",
        _corridor_chart(offers, result),
        {"bounds": bars[["offer", "bound", "kind", "from", "to", "words"]], "prices": prices},
        result.tables["corridor"],
        height=66 * len(offers) + 10,
        offers=len(offers),
        clashing=[each.label for each in result.corridors if each.contradicts],
        currency=result.currency,
    )


def _corridor_chart(offers: tuple[str, ...], result: AnchoringResult) -> marks.Picture:
    """Return bounds as bars by offer, and our price as a mark across them."""
    told = [{"field": "offer", "title": "Offer"}, {"field": "words", "title": "Our price a month"}]
    kinds = marks.offset("yOffset", "kind", tuple(_KIND_COLOURS), paddingInner=0.15)
    return marks.picture(
        marks.bars(to="to", opacity=0.55, cornerRadius=2).encoding(**kinds),
        marks.ticks("price", 38, data="prices", color=PALETTE.ours).encoding(tooltip=told),
        _words_beside(gap=-4, data="prices", dy=-25),
        y=marks.by_name("offer", offers, scale={"paddingInner": 0.5, "paddingOuter": 0.35}),
        x=_a_month("from", result, scale=marks.LOG, values=_ROUND, grid=True),
        by=marks.roles("kind", _KIND_COLOURS),
        tips=marks.tips(offer="Offer", bound="By", words="Open"),
    )


def _value(value: EconomicValue, result: AnchoringResult) -> Figure:
    rows = value_rows(value, result.reference, result.currency)
    return draw(
        "value",
        _value_chart(tuple(rows["step"]), result),
        {"steps": rows, "price": offer_price_rows(value, result.currency)},
        result.tables["value"],
        height=38 * len(rows) + 10,
        name="" if result.value_profile is None else result.value_profile.name,
        reference=result.reference,
        value=value,
        currency=result.currency,
        draws=DRAWS,
    )


def _value_chart(steps: tuple[str, ...], result: AnchoringResult) -> marks.Picture:
    """Return the steps from reference to value as bars that start where the last one ended."""
    ours: dict[str, Any] = {"data": "price", "color": PALETTE.ours}
    chart = marks.step_chart(
        y=marks.by_name("step", steps, wrap=26),
        x=_a_month("start", result),
        by=marks.roles("kind", _STEP_COLOURS, columns=2),
        end="end",
        label="words",
        beside="words_at",
        beyond=1.8,
        tips=marks.tips(step="Step", words="A month"),
    )
    return chart.over(
        marks.intervals().silent(),
        marks.reference("price", strokeWidth=2, **ours),
        marks.words("words", at="price", across=marks.pixels(-3), gap=0, baseline="bottom", fontSize=11, **ours),
    )


def _along(slider: Slider, result: AnchoringResult) -> Figure:
    rows = slider_rows(result, slider)
    return draw(
        "along",
        _along_chart(slider, result),
        {"pieces": rows},
        _along_table(rows, slider, result.currency),
        height=_ROW * max(3, rows["offer"].nunique()) + 10,
        metric=slider.metric,
        profile=result.value_profile,
    )


def _along_chart(slider: Slider, result: AnchoringResult) -> marks.Picture:
    """Return each offer's bill at the slider's quantity, worked out from straight pieces in the chart itself."""
    return marks.bar_chart(
        y=marks.by_name("offer", "amount"),
        x=_a_month("amount", result, scale={"zero": True}),
        by=marks.roles("role", _ROLE_COLOURS),
        label="words",
        beyond=1.22,
        height=13,
        tips=marks.tips(offer="Offer", words="A month"),
        params=(marks.asked_by_slider(slider.title, slider.low, slider.high, slider.step, slider.start),),
    ).worked_out(
        {"filter": "datum.lower < quantity_asked && quantity_asked <= datum.upper"},
        {"calculate": "datum.bill + datum.slope * (quantity_asked - datum.lower)", "as": "amount"},
        {"calculate": money_expression(result.currency, value=priced_expression("datum.amount")), "as": "words"},
    )


def _along_table(rows: pd.DataFrame, slider: Slider, currency: str) -> DataTable:
    """Return a row per offer with its bill at a few quantities; "limit exceeded" beyond its limit."""
    places = [
        slider.start * share for share in (0.25, 0.5, 1, 2, 4) if slider.low <= slider.start * share <= slider.high
    ]
    bill_of, table = Money(currency, "priced", missing="limit exceeded"), []
    for offer in dict.fromkeys(rows["offer"]):
        pieces = rows[rows["offer"] == offer]
        found = [pieces[(pieces["lower"] < at) & (at <= pieces["upper"])] for at in places]
        bills = [
            (each["bill"] + each["slope"] * (at - each["lower"])).tolist()
            for each, at in zip(found, places, strict=True)
        ]
        table.append((offer, *(bill[0] if bill else None for bill in bills)))
    quantities = ((f"{exact(at)} {metric_words(slider.metric)}", bill_of) for at in places)
    return DataTable.of_rows((("Offer", TEXT), *quantities), table)
