"""The figures of willingness to pay for panel and report: who buys what, demand along a price, a price search."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.demand.changes import ELSEWHERE
from workbench.demand.model import PER_ACCOUNT, fee_of
from workbench.demand.search.result import OBJECTIVES, gain_table, value_in_words
from workbench.formatting import capitalised, money, one_unit, percent, priced
from workbench.stages import marks
from workbench.stages.figure import PALETTE, Figure
from workbench.stages.willingness import evaluation, figures_preferences, figures_stated_prices
from workbench.stages.willingness.evidence import METHODS_SHOWN
from workbench.stages.willingness.price_search import recommended, search_made
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from workbench.demand.changes import Flows
    from workbench.demand.choice_task import ChoiceTask
    from workbench.demand.model import Demand, Fit
    from workbench.demand.price_lines import PriceLine
    from workbench.demand.search.result import PriceSearch
    from workbench.pricing.price_book import PriceBook
    from workbench.stages.willingness.evaluation import WillingnessResult
    from workbench.stages.willingness.evidence import ResearchAnswers

say = texts(__name__)

# --- Share and revenue against the price of one tier: two charts whose marked price can be dragged

_BAND = 0.22
_LINES = ("share", "revenue")
_LARGE = 100.0
DRAGGED = "dragged"
_HELD: dict[str, Any] = {
    "name": DRAGGED,
    "select": {
        "type": "point",
        "encodings": ["x"],
        "on": "pointerdown, [pointerdown, window:pointerup] > pointermove!",
        "clear": "window:pointerup",
        "nearest": True,
        "toggle": False,
    },
}


def line_figures(
    line: PriceLine,
    fee: float,
    currency: str,
    *,
    place: int = 0,
    per: str = PER_ACCOUNT,
    between: Sequence[float] | None = None,
    curve: pd.DataFrame | None = None,
    notes: tuple[str, ...] = (),
    draggable: bool = False,
) -> tuple[Figure, Figure]:
    """Return share and revenue against the price of one tier, the price marked.

    Where it is `draggable`, pressing in the chart and moving tells a selection named DRAGGED the price under the hand.

    A new price changes the marked row only: keep `curve` (from `demand_rows.line_rows`) while a price is dragged.
    """
    if curve is None:
        curve, at = evaluation.line_and_price(line, evaluation.stretch(fee, between), fee)
    else:
        at = evaluation.price_row(line.at(fee))
    unit = "" if per == PER_ACCOUNT else f" per {one_unit(per)}"
    share, revenue = (
        _line_figure(what, place, line.plan, curve, at, currency, unit, notes, draggable=draggable) for what in _LINES
    )
    return share, revenue


def _line_figure(  # noqa: PLR0917 - the parts of one picture
    what: str,
    place: int,
    plan: str,
    curve: pd.DataFrame,
    at: pd.DataFrame,
    currency: str,
    unit: str,
    notes: tuple[str, ...],
    *,
    draggable: bool,
) -> Figure:
    marked = {str(name): float(number) for name, number in at.iloc[0].items()}
    price = f"{priced(marked['price'], currency)}{unit}"
    value, low, high = (_write(what, marked[f"{what}{end}"], currency) for end in ("", "_low", "_high"))
    named = "Share of accounts" if what == "share" else "Revenue of all tiers"
    best = float(curve["price"].iloc[int(curve["revenue"].argmax())])
    reading = say("at_a_month_is_bought", price=price, plan=plan, value=value, low=low, high=high)
    if what == "revenue":
        reading = say(
            "at_a_month_all_tiers", price=price, value=value, low=low, high=high, about=_about(best), currency=currency
        )
    return Figure(
        key=f"line-{what}-{place + 1}",  # a name people typed has no place in the id of an element
        title=say("against_the_price_of", named=named, plan=plan),
        description=say("a_line_at_prices_of", lower=named.lower(), plan=plan),
        reading=reading,
        build=_line_chart(
            what,
            currency,
            say("price_of_and_month", plan=plan, unit=unit) if unit else say("price_of_a_month", plan=plan),
            draggable=draggable,
        ),
        data={"curve": curve, "marked": at}
        if draggable
        else {"curve": _drawn(curve, what), "marked": _drawn(at, what)},
        table=curve[_columns(what)].iloc[:: max(1, len(curve) // 20)].reset_index(drop=True),
        table_caption=say("share_of_the_accounts_asked", plan=plan),
        footnotes=notes,
        height=230,
    )


def _line_chart(what: str, currency: str, title: str, *, draggable: bool) -> marks.Picture:
    here: dict[str, Any] = {"data": "marked", "color": PALETTE.watch}
    layers: tuple[marks.Layer, ...] = (
        marks.areas(f"{what}_low", f"{what}_high", opacity=_BAND, color=PALETTE.ours),
        marks.line_marks(color=PALETTE.ours),
        marks.reference("price", on="x", **here),
        marks.dots(**here),
    )
    # The line under the hand moves in the page at once; the marked price follows when the numbers are there.
    seen = {"condition": {"param": DRAGGED, "empty": False, "value": 0.6}, "value": 0}
    hand = marks.reference(
        "price", on="x", color=PALETTE.watch, strokeDash=marks.SOLID, strokeWidth=2, cursor="ew-resize"
    )
    if draggable:
        layers = (*layers, hand.encoding(opacity=seen).holding(_HELD))
    return marks.picture(
        *layers,
        x=marks.by_money("price", title, currency, ticks=6, scale={**marks.FREE, "nice": False}),
        y=marks.by_share("share", "Share of accounts")
        if what == "share"
        else marks.by_money("revenue", "Revenue a month", currency, marks.BIG_MONEY, scale=marks.FREE),
    )


def _columns(what: str) -> list[str]:
    return ["price", what, f"{what}_low", f"{what}_high"]


def _drawn(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return the columns one line draws, to six digits: finer than any screen shows."""
    return frame[_columns(what)].map(lambda value: float(f"{value:.6g}"))


def _about(price: float) -> float:
    """Return a price to two or three digits, as far as a grid of prices can tell."""
    return float(f"{price:.2g}") if price < _LARGE else float(f"{price:.3g}")


def _write(what: str, value: float, currency: str) -> str:
    if not np.isfinite(value):
        return "unknown"
    return percent(value, 1) if what == "share" else money(value, currency)


# --- The figures of willingness to pay, of who buys what, and of prices found


def method_figures(answers: ResearchAnswers, method: str) -> tuple[Figure, ...]:
    """Return the figures of one research method, none where its answers are missing or cannot be used."""
    makers: Mapping[str, Callable[[ResearchAnswers, Any], tuple[Figure, ...]]] = {
        "price_sensitivity": _sensitivity,
        "price_ladder": lambda answers, found: figures_stated_prices.ladder_figures(found, answers.currency),
        "choices": lambda answers, found: figures_preferences.choice_figures(found, answers.currency),
        "best_worst": lambda _, found: figures_preferences.feature_figures(maxdiff=found),
        "feature_fit": lambda _, found: figures_preferences.feature_figures(kano=found),
        "features": lambda _, found: figures_preferences.feature_figures(values=found),
    }
    found = getattr(answers, method)
    if method not in answers.drawn:  # they follow from the answers alone, whatever is decided beside them
        answers.drawn[method] = () if found is None else makers[method](answers, found)
    made: tuple[Figure, ...] = answers.drawn[method]
    return made


def demand_figures(result: WillingnessResult) -> tuple[Figure, ...]:
    """Return who buys what, what tiers take from each other, and how well today's plans are explained."""
    design = result.design
    if design is None:
        return ()
    demand = design.sourced.demand
    found = [buyers_figure(demand, design.book, design.task)]
    if len(design.priced) > 1:
        found.append(flows_figure(design.flows, result.currency))
    if design.sourced.fit is not None:
        found.append(fit_figure(design.sourced.fit, result.currency))
    return tuple(found)


def price_figures(result: WillingnessResult, plan: str, *, draggable: bool = False) -> tuple[Figure, ...]:
    """Return share and revenue against the price of one tier, none where it has no price to move.

    On a live panel the price can be dragged in the chart (`draggable`).
    """
    design = result.design
    if design is None or plan not in design.priced:
        return ()
    fee = fee_of(design.book.plan(plan))
    notes = assumptions(design.sourced.demand)
    return line_figures(
        design.line(plan, keep=draggable),
        fee.amount,
        result.currency,
        place=design.priced.index(plan),
        per=fee.per,
        curve=design.curve(plan) if draggable else None,
        notes=notes,
        draggable=draggable,
    )


def all_lines(result: WillingnessResult) -> Iterator[Figure]:
    """Go through share and revenue against the price of every tier that has one to move."""
    for plan in () if result.design is None else result.design.priced:
        yield from price_figures(result, plan)


def search_figures(result: WillingnessResult) -> tuple[Figure, ...]:
    """Return room to move, cost of each rule, other peaks and gain of the prices found; none before any were sought.

    Where the prices are not recommended they are not to be read off a chart: what the rules cost is left.
    """
    made = search_made(result)
    if made is None or made.search is None:
        return ()
    return rule_figures(made.search) if recommended(result) is None else found_price_figures(made.search)


def figures(result: WillingnessResult) -> Iterator[Figure]:
    """Go through every figure in the order they are shown."""
    for method in METHODS_SHOWN:
        yield from method_figures(result.answers, method)
    yield from all_lines(result)
    yield from demand_figures(result)
    yield from search_figures(result)


def _sensitivity(answers: ResearchAnswers, found: Any) -> tuple[Figure, ...]:  # noqa: ANN401 - as asked for above
    figures = figures_stated_prices.sensitivity_figures(found, answers.currency)
    if answers.sensitivity_by_segment is None:
        return figures
    return (*figures, *figures_stated_prices.segment_figures(answers.sensitivity_by_segment, answers.currency))


_READABLE = 0.07  # a part of a bar this wide has room for its number


# --- The charts of demand: who buys what, the fit to today, what tiers take from each other


def assumptions(demand: Demand) -> tuple[str, ...]:
    """Return the footnote of every chart of demand, one paragraph: where it comes from and what is assumed."""
    return (" ".join((f"Learned from {demand.worth.source}.", *(each.sentence for each in demand.assumed))),)


def buyers_figure(demand: Demand, price_book: PriceBook, task: ChoiceTask | None = None) -> Figure:
    """Return who buys what at these prices, segment by segment, as shares of accounts; `task` where there is one."""
    data = evaluation.buyer_rows(demand, price_book, task)
    everybody = data[data["segment"] == data["segment"].iloc[0]]
    most = everybody.iloc[int(everybody["share"].argmax())]
    elsewhere = float(everybody.loc[everybody["plan"] == ELSEWHERE, "share"].iloc[0])
    names, segments = tuple(dict.fromkeys(data["plan"])), tuple(dict.fromkeys(data["segment"]))
    return Figure(
        key="who-buys-what",
        title="Who buys what",
        description=say("a_bar_per_segment_cut"),
        reading=say(
            "most_would_choose_of_accounts", most=most["plan"], most_2=float(most["share"]), elsewhere=elsewhere
        ),
        build=_stack_chart("segment", "plan", names, segments, "Share of accounts"),
        data={"buyers": data},
        table=data[["segment", "plan", "accounts", "share"]],
        table_caption=say("what_the_accounts_asked_would"),
        footnotes=(*assumptions(demand), say("a_tier_on_request_has")),
        height=46 * max(2, len(segments)) + 40,
    )


def flows_figure(flows: Flows, currency: str) -> Figure:
    """Return where the buyers of each tier would go if it were not on offer."""
    data = evaluation.flow_rows(flows)
    plans = tuple(name for name in flows.plans if name in set(data["plan"]))
    names = tuple(name for name in (*flows.plans, ELSEWHERE) if name in set(data["instead"]))
    weakest = min(plans, key=lambda plan: flows.gains[flows.plans.index(plan)].estimate, default="")
    return Figure(
        key="cannibalisation",
        title=say("where_buyers_would_go_without"),
        description=say("a_bar_per_tier_cut"),
        reading=flows.reading(weakest, currency) if weakest else say("nobody_buys_any_of_the"),
        build=_stack_chart("plan", "instead", names, plans, say("share_of_the_tier_s")),
        data={"flows": data},
        table=data[["plan", "instead", "accounts", "share"]],
        table_caption=say("of_the_accounts_asked_buyers"),
        footnotes=(say("no_effect_of_seeing_a"),),
        height=46 * max(2, len(plans)) + 40,
    )


def _stack_chart(row: str, part: str, parts: tuple[str, ...], order: tuple[str, ...], title: str) -> marks.Picture:
    return marks.stack_chart(
        y=marks.by_name(row, order),
        x=marks.by_share("share", title, scale=marks.WHOLE),
        by=marks.roles(part, marks.in_series(parts, **{ELSEWHERE: PALETTE.today}), columns=3),
        least=_READABLE,
        tips=marks.tips(**{row: row, part: part}, share=("share", ".1%")),
    )


def fit_figure(fit: Fit, currency: str) -> Figure:
    """Return how the model puts today's customers on today's plans, beside where they are."""
    data = evaluation.fit_rows(fit)
    order = tuple(dict.fromkeys(data["plan"]))
    return Figure(
        key="fit-to-today",
        title="Fit to today's plans",
        description=say("two_bars_per_plan_of"),
        reading=fit.reading(currency),
        build=marks.bar_chart(
            y=marks.by_name("plan", order),
            x=marks.by_share("share", "Share of accounts", ticks=6, scale=marks.FROM_ZERO),
            by=marks.roles("who", {evaluation.TODAY: PALETTE.today, evaluation.MODEL: PALETTE.ours}),
            label="share",
            form="percent",
            **marks.offset("yOffset", "who", (evaluation.TODAY, evaluation.MODEL)),
        ),
        data={"fit": data},
        table=fit.table,
        table_caption=say("accounts_on_today_s_plans"),
        footnotes=(say("nothing_is_fitted_to_today"),),
        height=46 * max(2, len(order)) + 40,
    )


# --- Charts of a price search

_BINS = 30
_ROW, _HEAD = 34, 60
_FOUND = "found price"


def found_price_figures(search: PriceSearch) -> tuple[Figure, ...]:
    """Return the charts of a price search; those that were not asked for are left out."""
    flat = (_flat(search),) if search.flat is not None else ()
    rules = (_rules(search),) if search.rule_costs else ()
    peaks = (_peaks(search),) if len(search.peaks) > 1 else ()
    return (*flat, *rules, *peaks, _gain(search))


def rule_figures(search: PriceSearch) -> tuple[Figure, ...]:
    """Return what each rule costs, without any prices."""
    drawn = (_rules(search),) if search.rule_costs else ()
    return tuple(replace(each, table=search.rule_table.without(*search.searched)) for each in drawn)


def _notes(search: PriceSearch) -> tuple[str, ...]:
    return tuple(caution.text for caution in search.cautions)


def _flat(search: PriceSearch) -> Figure:
    assert search.flat is not None  # noqa: S101 - asked for above
    within = percent(1 - search.flat.kept)
    rows = [
        (name, *search.flat.alone[name], *search.flat.together[name], search.prices[name], search.today[name])
        for name in search.searched
    ]
    columns = ["offer", "low", "high", "lowest", "highest", "found", "today"]
    narrow = min(search.searched, key=lambda name: search.flat.alone[name][1] / search.flat.alone[name][0])  # type: ignore[union-attr]
    low, high = search.flat.alone[narrow]
    return Figure(
        key="price-search-flat",
        title=say("how_far_prices_can_move"),
        description=(say("one_row_per_offer_on", whose=search.whose)),
        reading=(
            say(
                "anywhere_on_a_thick_bar",
                kept=search.flat.kept,
                narrow=narrow,
                low=low,
                currency=search.currency,
                high=high,
            )
        ),
        build=_flat_chart(search.searched, search.currency, f"{search.whose} price"),
        data={"flat": pd.DataFrame(rows, columns=columns)},
        table=search.price_table,
        table_caption=say("prices_a_month_and_how", within=within),
        footnotes=(
            say("thick_bar_this_price_alone"),
            (say("the_thin_bars_come_from", designs=len(search.flat.designs), within=within)),
            *_notes(search),
        ),
        height=_HEAD + _ROW * len(search.searched),
    )


def _flat_chart(offers: tuple[str, ...], currency: str, listed: str) -> marks.Picture:
    # The outline keeps a price without any room visible.
    look = {"color": PALETTE.ours, "stroke": PALETTE.ours, "strokeWidth": 2, "strokeOpacity": 1, "cornerRadius": 2}
    return marks.picture(
        marks.range_bars("lowest", "highest", 4, opacity=0.55, **look).silent(),
        marks.range_bars("low", "high", 14, opacity=0.55, **look).silent(),
        marks.dots("today").as_role(listed),
        marks.dots("found").as_role(_FOUND),
        y=marks.by_name("offer", offers),
        x=marks.by_money("found", "Price a month", currency, ticks=6, scale={**marks.LOG, "padding": 12}),
        by=marks.roles("kind", {_FOUND: PALETTE.watch, listed: PALETTE.today}),
        tips=marks.tips(offer="Offer", found=(capitalised(_FOUND), "exact"), today=(capitalised(listed), "exact")),
    )


def _rules(search: PriceSearch) -> Figure:
    rows = pd.DataFrame(
        [(capitalised(cost.name), cost.gain, value_in_words(search, cost.gain)) for cost in search.rule_costs],
        columns=["rule", "gain", "words"],
    )
    single = [cost for cost in search.rule_costs if cost.rule != "all"]
    dearest = max(single or search.rule_costs, key=lambda cost: cost.gain)
    return Figure(
        key="price-search-rules",
        title="What each rule costs",
        description=say("one_bar_per_rule_how", objectives=OBJECTIVES[search.objective]),
        reading=(
            say(
                "the_dearest_rule_is_without",
                name=dearest.name,
                value_in_words=value_in_words(search, dearest.gain),
                value=dearest.gain / abs(search.value),
            )
            if search.value
            else say("the_prices_found_bring_nothing")
        ),
        build=_bars("rule", tuple(rows["rule"]), _value_axis("gain", say("more_than_with_all_rules"), search, 4)),
        data={"rules": rows},
        table=search.rule_table,
        table_caption=say("prices_searched_again_without_each"),
        footnotes=(say("costs_do_not_add_up"), *_notes(search)),
        height=_HEAD + _ROW * len(rows),
    )


def _peaks(search: PriceSearch) -> Figure:
    names = tuple(f"Peak {place + 1}" for place in range(len(search.peaks)))
    rows = pd.DataFrame(
        [
            (name, peak.value, value_in_words(search, peak.value))
            for name, peak in zip(names, search.peaks, strict=True)
        ],
        columns=["peak", "value", "words"],
    )
    best, second = search.peaks[0], search.peaks[1]
    return Figure(
        key="price-search-peaks",
        title=say("other_places_where_prices_settle"),
        description=say("one_bar_per_local_peak", objectives=OBJECTIVES[search.objective]),
        reading=(
            say(
                "from_starts_ended_about_as",
                starts=search.starts,
                agreeing=search.agreeing,
                value=percent(second.value / best.value, 1) if best.value else "as much",
            )
        ),
        build=_bars("peak", names, _value_axis("value", "A month", search, 4)),
        data={"peaks": rows},
        table=search.peak_table,
        table_caption=say("local_peaks_no_single_price"),
        footnotes=_notes(search),
        height=_HEAD + _ROW * len(rows),
    )


def _bars(field: str, order: tuple[str, ...], amount: marks.Axis) -> marks.Picture:
    return marks.bar_chart(y=marks.by_name(field, order), x=amount, label="words", beyond=1.5, height=16)


def _gain(search: PriceSearch) -> Figure:
    values = search.gain.drawn
    counts, edges = np.histogram(values, bins=_bin_edges(values))
    rows = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "share": counts / max(values.size, 1)}).assign(
        nothing=0.0
    )
    rows["side"] = np.where((rows["low"] + rows["high"]) / 2 > 0, *_sides(search.whose))
    interval = search.gain.interval
    drawn = say("draws_of_what_customers_would") if search.gain.by == "draws" else "samples of these customers"
    more, less = _sides(search.whose)
    return Figure(
        key="price-search-gain",
        title=f"Gain over {search.whose} prices",
        description=(say("bars_of_how_often_the", whose=search.whose, size=values.size, drawn=drawn)),
        reading=(
            say(
                "in_of_the_found_prices",
                probability=search.gain.probability,
                size=values.size,
                drawn=drawn,
                whose=search.whose,
                value_in_words=value_in_words(search, interval.estimate),
                value_in_words_2=value_in_words(search, interval.low),
                value_in_words_3=value_in_words(search, interval.high),
                level=interval.level,
            )
        ),
        build=marks.picture(
            marks.columns("low", "high", "nothing"),
            marks.reference(0, on="x"),
            x=_value_axis("low", say("gain_a_month_over_prices", whose=search.whose), search),
            y=marks.by_share("share", "Share of the draws"),
            by=marks.roles("side", {more: PALETTE.ours, less: PALETTE.breach}),
            tips=marks.tips(low=("From", "number"), high=("To", "number"), share=("Share of the draws", ".1%")),
        ),
        data={"gain": rows},
        table=gain_table(search),
        table_caption=f"Gain in {OBJECTIVES[search.objective]}",
        footnotes=(say("both_sets_of_prices_meet"), *_notes(search)),
    )


def _bin_edges(values: np.ndarray) -> np.ndarray:
    """Return bins of equal width with an edge at zero, so that a bar is a gain or a loss and never both."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    width = (high - low) / _BINS or 1.0
    first, last = int(np.floor(low / width)), int(np.ceil(high / width))
    return np.arange(first, max(last, first + 1) + 1) * width


def _sides(whose: str) -> tuple[str, str]:
    return f"brings more than {whose}", f"brings less than {whose}"


def _value_axis(field: str, title: str, search: PriceSearch, ticks: int = 5) -> marks.Axis:
    if search.objective == "share":
        return marks.by_share(field, title, ".1%", ticks=ticks)
    return marks.by_money(field, title, search.currency, marks.BIG_MONEY, ticks=ticks)
