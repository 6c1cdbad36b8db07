"""The charts of tier design with their rows.

Who lands where, what bills do, who benefits, how prices and limits lie.
"""

from __future__ import annotations

from collections import Counter
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from workbench.formatting import (
    NO_CURRENCY,
    count,
    exact_money,
    metric_words,
    percent,
)
from workbench.stages.contract import later
from workbench.stages.figure import PALETTE, Figure, log_axis, log_span, money_expression
from workbench.stages.tiers.evidence import CURVE_SHARES, spaced
from workbench.stages.tiers.result import ABOUT_THE_SAME
from workbench.stages.tiers.words import per_words
from workbench.tables import NUMBER, TEXT, DataTable, Number
from workbench.text import texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.stages.tiers.evidence import FeatureBenefit
    from workbench.stages.tiers.result import TierResult

say = texts(__name__)

# --- The rows behind the charts: aggregated first, so that a million accounts draw as fast as a hundred

NOBODY = "no tier serves"
ACCOUNTS, REVENUE = "accounts", "revenue"
MOST_FEATURES = 40
_EDGES = (-1.0, -0.5, -0.25, -0.1, -ABOUT_THE_SAME, ABOUT_THE_SAME, 0.1, 0.25, 0.5, 1.0, np.inf)
BANDS = (
    "more than 50% less", "25% to 50% less", "10% to 25% less", "1% to 10% less", "about the same",
    "1% to 10% more", "10% to 25% more", "25% to 50% more", "50% to 100% more", "more than double",
)  # fmt: skip
LESS, SAME, MORE = "pays less", "about the same", "pays more"
_CELLS = 32


def share_rows(result: TierResult) -> pd.DataFrame:
    """Return tier, measure (accounts or revenue), share of all active accounts or all known revenue, and its label."""
    rows: list[tuple[str, str, float | None]] = []
    for outcome in result.outcomes:
        rows.append((outcome.tier.name, ACCOUNTS, outcome.share))
        rows.append((outcome.tier.name, REVENUE, outcome.revenue_share))
    if result.unplaced.unserved:
        rows.append((NOBODY, ACCOUNTS, result.unplaced.unserved / len(result.evidence)))
    return _labelled(pd.DataFrame(rows, columns=["tier", "measure", "share"]))


def change_rows(result: TierResult) -> pd.DataFrame:
    """Return the share of comparable paying accounts per band of bill change: band, direction, share, label."""
    before, after = _pairs(result)
    change = after / before - 1
    counts = np.histogram(change, bins=np.array(_EDGES))[0]
    total = max(1, int(counts.sum()))
    middle = BANDS.index(SAME)
    direction = [LESS if at < middle else SAME if at == middle else MORE for at in range(len(BANDS))]
    return _labelled(pd.DataFrame({"band": BANDS, "direction": direction, "share": counts / total}))


def cell_rows(result: TierResult) -> pd.DataFrame:
    """Return old bill against new bill in cells: today, new (the middle of a cell) and the share of accounts in it."""
    before, after = _pairs(result)
    both = after > 0
    before, after = before[both], after[both]
    if before.size == 0:
        return pd.DataFrame({"today": [], "new": [], "share": []})
    grid = np.geomspace(min(before.min(), after.min()) * 0.95, max(before.max(), after.max()) * 1.05, _CELLS + 1)
    counts = np.histogram2d(before, after, bins=(grid, grid))[0]
    column, row = np.nonzero(counts)
    middle = np.sqrt(grid[:-1] * grid[1:])
    return pd.DataFrame({"today": middle[column], "new": middle[row], "share": counts[column, row] / before.size})


def diagonal_rows(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the two ends of the line on which the new bill equals today's."""
    if cells.empty:
        return pd.DataFrame({"today": [], "new": []})
    values = cells[["today", "new"]].to_numpy()
    ends = log_span(values.min(), values.max())
    return pd.DataFrame({"today": ends, "new": ends})


def shown_benefits(result: TierResult) -> tuple[FeatureBenefit, ...]:
    """Return the most used features, as many as a chart can show; none where use is not recorded."""
    return tuple(each for each in result.evidence.benefits if each.share is not None)[:MOST_FEATURES]


def benefit_rows(result: TierResult) -> pd.DataFrame:
    """Return the most used features: feature, share, low, high, verdict; empty where use is not recorded."""
    threshold = result.rulebook.threshold("A5")
    rows = [
        (each.feature, each.share.estimate, each.share.low, each.share.high, each.verdict(threshold))
        for each in shown_benefits(result)
        if each.share is not None
    ]
    return pd.DataFrame(rows, columns=["feature", "share", "low", "high", "verdict"])


def tier_ladder_rows(result: TierResult) -> pd.DataFrame:
    """Return the priced tiers: tier, price, times (over the lowest price above zero), label."""
    priced = [(tier.name, float(tier.price)) for tier in result.decision.tiers if tier.price is not None]
    lowest = min((price for _, price in priced if price > 0), default=float("nan"))
    currency = result.evidence.currency
    rows = [(name, price, price / lowest, exact_money(price, currency)) for name, price in priced]
    return pd.DataFrame(rows, columns=["tier", "price", "times", "label"])


def ladder_table(ladder: pd.DataFrame, price: str) -> DataTable:
    """Return the prices for reading: tier, the price under the given heading, times the lowest price."""
    columns = (("tier", TEXT), (price, Number(exactly=True), "price"), ("times the lowest price", NUMBER, "times"))
    return DataTable.of_frame(ladder.assign(times=ladder["times"].round(2)), columns)


def step_corridor_rows(ladder: pd.DataFrame, low: float | None, high: float | None) -> pd.DataFrame:
    """Return the ends of the band in which the dearest tier should lie: price and label; empty without prices."""
    lowest = ladder.loc[ladder["price"] > 0, "price"].min()
    ends = [
        (end * lowest, say("x_the_lowest_price", end=end))
        for end in (low, high)
        if end is not None and np.isfinite(lowest)
    ]
    return pd.DataFrame(ends, columns=["price", "label"])


def tier_span_rows(result: TierResult, metric: str) -> pd.DataFrame:
    """Return the two ends of the axis of quantities."""
    known = result.evidence.usage_curves[metric]
    known = known[known > 0]
    return pd.DataFrame({"quantity": log_span(known.min(), known.max()) if known.size else []})


def usage_rows(result: TierResult, metric: str) -> pd.DataFrame:
    """Return how many accounts stay within a quantity of a metric: quantity, share of accounts."""
    curve = result.evidence.usage_curves[metric]
    return pd.DataFrame({"quantity": curve, "share": CURVE_SHARES[: curve.size]})


def limit_rows(result: TierResult, metric: str) -> pd.DataFrame:
    """Return the limits of a metric: quantity, a label with the share of accounts within it, its height and its side.

    A label stands on the side of its line where the axis has more room.
    """
    known = result.evidence.needs[metric][spaced(len(result.evidence))]
    known = known[np.isfinite(known)]
    limits = [(tier.name, float(tier.limits[metric])) for tier in result.decision.tiers if metric in tier.limits]
    used = known[known > 0]
    middle = np.sqrt(used.min() * used.max()) if used.size else np.inf
    # Labels stand one above the other, so that limits close to each other stay readable.
    rows = [
        (
            limit,
            f"{name}: {percent(float(np.mean(known <= limit)))} within",
            0.05 + 0.1 * place,
            "before" if limit > middle else "after",
        )
        for place, (name, limit) in enumerate(reversed(limits))
        if known.size
    ]
    return pd.DataFrame(rows, columns=["quantity", "label", "at", "side"])


def shown_metric(result: TierResult) -> str | None:
    """Return the metric that the tiers bill beyond a limit, else one they limit, else the one most accounts use."""
    tiers, known = result.decision.tiers, result.evidence.needs
    named = [
        *(metric for tier in tiers for metric in tier.overage),
        *(metric for tier in tiers for metric in tier.limits),
    ]
    return next((metric for metric in named if metric in known), next(iter(known), None))


def _labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the share in words, so that a bar says what the sentence below it says."""
    return rows.assign(label=[percent(share) for share in rows["share"]])


def _pairs(result: TierResult) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return today's and new bill of the accounts that can be compared and pay something today."""
    picked = spaced(len(result.evidence))
    before, after = result.evidence.mrr[picked], result.net_bill[picked]
    both = (before > 0) & np.isfinite(after)
    return before[both], after[both]


# --- The charts of tier design: who lands where, what bills do, who benefits, how prices and limits lie

_PER_FEATURE = 19
_VERDICTS = ("tier feature", "too close to call", "add-on")
_VERDICT_COLOURS = (PALETTE.ours, PALETTE.watch, PALETTE.today)


def figures(result: TierResult) -> tuple[Figure, ...]:
    """Return the figures that the data allow, in the order they are read."""
    found = [_benefit(result), _usage(result)]
    if result.outcomes:
        found += [_shares(result), _change(result), _old_and_new(result), _ladder(result)]
    return tuple(figure for figure in found if figure is not None)


def _shares(result: TierResult) -> Figure:
    data = share_rows(result)
    order = tuple(dict.fromkeys(data["tier"]))
    largest = max(result.outcomes, key=lambda outcome: outcome.accounts)
    earning = max(result.outcomes, key=lambda outcome: outcome.revenue or 0.0)
    reading = say("holds_of_active_accounts", name=largest.tier.name, share=largest.share)
    if earning.revenue_share is not None:
        reading += say("brings_of_revenue_at_list", name=earning.tier.name, revenue_share=earning.revenue_share)
    return Figure(
        key="placement",
        title=say("accounts_and_revenue_per_tier"),
        description=say("two_bars_per_tier_its"),
        reading=f"{reading}.",
        build=partial(_shares_chart, order),
        data={"placement": data},
        table=later(lambda: result.tables["tiers"]),
        table_caption=say(
            "tiers_placed_by_need_as", evidence=len(result.evidence), billing_month=result.evidence.billing_month
        ),
        signature=order,
        height=46 * max(3, len(order)) + 30,
    )


def _shares_chart(order: tuple[str, ...]) -> alt.LayerChart:
    measures = [ACCOUNTS, REVENUE]
    base = alt.Chart(alt.NamedData("placement")).encode(
        y=alt.Y("tier:N", sort=list(order), title=None),
        yOffset=alt.YOffset("measure:N", sort=measures),
        x=alt.X("share:Q", title="Share", axis=alt.Axis(format="%", tickCount=4), scale=alt.Scale(domainMin=0)),
    )
    colour = alt.Color("measure:N", title=None, scale=alt.Scale(domain=measures, range=[PALETTE.today, PALETTE.ours]))
    bars = base.mark_bar().encode(color=colour)
    labels = base.mark_text(align="left", dx=4).encode(text=alt.Text("label:N"))
    return bars + labels + _room_for_labels(base)


def _room_for_labels(base: alt.Chart) -> alt.Chart:
    """Make the axis end beyond the longest bar, where the words after it stand."""
    return base.transform_calculate(room="1.12 * datum.share").mark_point(opacity=0).encode(x=alt.X("room:Q"))


def _change(result: TierResult) -> Figure | None:
    if not result.compared:
        return None
    return Figure(
        key="bill_change",
        title="How bills change",
        description=say("bars_the_share_of_accounts"),
        reading=later(lambda: _change_in_words(result)),
        build=_change_chart,
        data=later(lambda: {"bill_change": change_rows(result)}),
        table=later(lambda: result.tables["bill_change"]),
        table_caption=say("bill_change_against_the_mrr", billing_month=result.evidence.billing_month),
        footnotes=(say("accounts_that_pay_nothing_today"),),
        height=250,
    )


def _change_in_words(result: TierResult) -> str:
    change = result.change
    if change is None:
        return ""
    low, middle, high = (percent(value, signed=True) for value in change.relative)
    return say(
        "of_accounts_pay_more_and",
        value=change.more / change.accounts,
        value_2=change.less / change.accounts,
        middle=middle,
        low=low,
        high=high,
    )


def _change_chart() -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("bill_change")).encode(
        y=alt.Y("band:N", sort=list(BANDS), title=None),
        x=alt.X("share:Q", title="Share of accounts", axis=alt.Axis(format="%", tickCount=4)),
    )
    # The bands say in words who pays more or less; the colour only repeats it.
    scale = alt.Scale(domain=[LESS, SAME, MORE], range=[PALETTE.ok, PALETTE.today, PALETTE.breach])
    bars = base.mark_bar().encode(color=alt.Color("direction:N", scale=scale, legend=None))
    labels = base.mark_text(align="left", dx=4).encode(text=alt.Text("label:N"))
    return bars + labels + _room_for_labels(base)


def _old_and_new(result: TierResult) -> Figure | None:
    if not result.compared:
        return None
    currency = result.evidence.currency
    return Figure(
        key="old_and_new",
        title=say("today_s_bill_against_the"),
        description=say("circles_cells_of_today_s"),
        reading=later(lambda: _totals_in_words(result)),
        build=partial(_old_and_new_chart, currency),
        data=later(lambda: _old_and_new_rows(result)),
        table=later(lambda: result.tables["top_movers"]),
        table_caption=say("accounts_whose_bill_changes_most", billing_month=result.evidence.billing_month),
        signature=currency,
        height=300,
    )


def _totals_in_words(result: TierResult) -> str:
    change, currency = result.change, result.evidence.currency
    if change is None:
        return ""
    return say(
        "circles_above_the_line_pay", today=change.today, currency=currency, new=change.new, change=change.change
    )


def _old_and_new_rows(result: TierResult) -> dict[str, pd.DataFrame]:
    cells = cell_rows(result)
    return {"cells": cells, "equal": diagonal_rows(cells)}


def _old_and_new_chart(currency: str) -> alt.LayerChart:
    def axis(channel: str, title: str) -> dict[str, Any]:
        labels = log_axis(channel, money_expression(currency, ".2~s"), grid=True)
        return {"title": title, "scale": alt.Scale(type="log", nice=False), "axis": labels}

    sizes = alt.Legend(format=".1~%", tickCount=3)
    circles = (
        alt.Chart(alt.NamedData("cells"))
        .mark_circle(opacity=0.65, color=PALETTE.ours)
        .encode(
            x=alt.X("today:Q", **axis("x", "Bill today, a month")),
            y=alt.Y("new:Q", **axis("y", "New bill, a month")),
            size=alt.Size("share:Q", title="Share of accounts", legend=sizes),
            tooltip=[
                alt.Tooltip("today:Q", title="today about", format=",.0f"),
                alt.Tooltip("new:Q", title="new about", format=",.0f"),
                alt.Tooltip("share:Q", title="share of accounts", format=".1%"),
            ],
        )
    )
    line = (
        alt.Chart(alt.NamedData("equal"))
        .mark_line(color=PALETTE.today, strokeDash=[5, 4], strokeWidth=1.5)
        .encode(x=alt.X("today:Q"), y=alt.Y("new:Q"))
    )
    return line + circles


def _benefit(result: TierResult) -> Figure | None:
    shown = tuple(each.feature for each in shown_benefits(result))
    threshold = result.rulebook.threshold("A5").high
    if not shown or threshold is None:
        return None
    evidence = result.evidence
    return Figure(
        key="benefit",
        title=say("who_benefits_from_each_feature"),
        description=say("dots_with_intervals_the_share", threshold=threshold),
        reading=later(lambda: _benefit_in_words(result)),
        build=partial(_benefit_chart, shown, threshold),
        data=later(lambda: {"benefit": benefit_rows(result)}),
        table=later(lambda: result.tables["feature_benefit"]),
        table_caption=say(
            "features_at_least_uses_in",
            evidence=len(evidence),
            minimum_uses=evidence.minimum_uses,
            needs_months=evidence.needs_months,
        ),
        signature=(shown, threshold),
        footnotes=_benefit_notes(result, len(shown)),
        height=_PER_FEATURE * len(shown) + 20,
    )


def _benefit_in_words(result: TierResult) -> str:
    told = Counter(benefit_rows(result)["verdict"])
    clear = [count(name, told[name]) for name in (_VERDICTS[0], _VERDICTS[2])]
    verdicts = say("too_close_to_call", clear=clear[0], clear_2=clear[1], told=told[_VERDICTS[1]])
    return say("clearly_right_of_the_line", total=told.total(), verdicts=verdicts)


def _benefit_notes(result: TierResult, shown: int) -> tuple[str, ...]:
    left = len(result.evidence.benefits) - shown
    return (say("the_used_least_are_in", left=left),) if left > 0 else ()


def _benefit_chart(order: tuple[str, ...], threshold: float) -> alt.LayerChart:
    y = alt.Y("feature:N", sort=list(order), title=None, axis=alt.Axis(labelLimit=220))
    colour = alt.Color("verdict:N", title=None, scale=alt.Scale(domain=list(_VERDICTS), range=list(_VERDICT_COLOURS)))
    shape = alt.Shape(
        "verdict:N", title=None, scale=alt.Scale(domain=list(_VERDICTS), range=["circle", "diamond", "square"])
    )
    base = alt.Chart(alt.NamedData("benefit"))
    x = alt.X("low:Q", title="Share of active accounts", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    whiskers = base.mark_rule(strokeWidth=2).encode(y=y, x=x, x2=alt.X2("high:Q"), color=colour)
    dots = base.mark_point(size=55, filled=True, opacity=1).encode(y=y, x=alt.X("share:Q"), color=colour, shape=shape)
    line = base.mark_rule(strokeDash=[5, 4], color=PALETTE.breach).encode(x=alt.datum(threshold))
    return whiskers + dots + line


def _ladder(result: TierResult) -> Figure | None:
    priced = tuple(tier.name for tier in result.decision.tiers if not tier.on_request)
    units = {tier.price_per for tier in result.decision.tiers if tier.price}
    if not priced or len(units) > 1:
        return None
    band = result.rulebook.threshold("T4")
    currency = result.evidence.currency
    per = per_words(units.pop()) if units else "per account"
    on_request = [tier.name for tier in result.decision.tiers if tier.on_request]

    within_reach = say("keeps_the_step_within_reach", in_words=band.in_words())

    @cache
    def ladder() -> pd.DataFrame:
        return tier_ladder_rows(result)

    return Figure(
        key="ladder",
        title="Price ladder",
        description=say("bars_the_price_of_each", per_=per, in_words=band.in_words()),
        reading=later(
            lambda: say("the_dearest_tier_costs_the", max=ladder()["times"].max(), within_reach=within_reach)
        ),
        build=partial(_ladder_chart, priced, currency, per),
        data=later(lambda: {"ladder": ladder(), "corridor": step_corridor_rows(ladder(), band.low, band.high)}),
        table=later(lambda: ladder_table(ladder(), say("price_and_month", per_=per, currency=currency))),
        table_caption="Prices per tier",
        signature=(priced, currency, per),
        footnotes=(say("on_request_so_without_a", on_request=", ".join(on_request)),) if on_request else (),
        height=220,
    )


def _ladder_chart(order: tuple[str, ...], currency: str, per: str) -> alt.LayerChart:
    y = alt.Y(
        "price:Q",
        title=f"Price {per} and month",
        axis=alt.Axis(labelExpr=money_expression(currency), tickCount=5),
        scale=alt.Scale(domainMin=0),
    )
    x = alt.X("tier:N", sort=list(order), title=None, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(alt.NamedData("ladder"))
    bars = base.mark_bar(color=PALETTE.ours, size=56).encode(x=x, y=y)
    labels = base.mark_text(dy=-8).encode(x=x, y=y, text=alt.Text("label:N"))
    limits = alt.Chart(alt.NamedData("corridor"))
    lines = limits.mark_rule(color=PALETTE.watch, strokeDash=[5, 4]).encode(y=alt.Y("price:Q"))
    names = limits.mark_text(align="left", dx=4, dy=-3, baseline="bottom", color=PALETTE.watch).encode(
        x=alt.value(0), y=alt.Y("price:Q"), text=alt.Text("label:N")
    )
    return bars + labels + lines + names


def _usage(result: TierResult) -> Figure | None:
    metric = shown_metric(result)
    if metric is None:
        return None
    curve = result.evidence.usage_curves[metric]
    if curve.size == 0:
        return None
    half = curve[curve.size // 2 - 1]
    words = metric_words(metric)
    return Figure(
        key="usage",
        title=say("how_much_accounts_use", words=words),
        description=say("a_rising_line_the_share", words=words),
        reading=say("half_of_the_accounts_stay", half=half, words=words),
        build=partial(_usage_chart, words),
        data=later(
            lambda: {
                "usage": usage_rows(result, metric),
                "limits": limit_rows(result, metric),
                "span": tier_span_rows(result, metric),
            }
        ),
        table=later(lambda: result.tables["usage_levels"]),
        table_caption=say("the_quantity_within_which_half"),
        signature=words,
        height=230,
    )


def _usage_chart(words: str) -> alt.LayerChart:
    log = alt.Scale(type="log", nice=False)
    title = say("in_the_peak_month", words=words)
    x = alt.X("quantity:Q", title=title, scale=log, axis=log_axis("x", money_expression(NO_CURRENCY, "~s")))
    line = (
        alt.Chart(alt.NamedData("usage"))
        .mark_line(interpolate="step-after", color=PALETTE.ours)
        .encode(x=x, y=alt.Y("share:Q", title=say("share_of_accounts_within_it"), axis=alt.Axis(format="%")))
    )
    limits = alt.Chart(alt.NamedData("limits"))
    marks = limits.mark_rule(color=PALETTE.watch, strokeDash=[5, 4]).encode(x=alt.X("quantity:Q"))
    where = {"x": alt.X("quantity:Q"), "y": alt.Y("at:Q"), "text": alt.Text("label:N")}
    after = limits.transform_filter("datum.side === 'after'").mark_text(align="left", dx=5).encode(**where)
    before = limits.transform_filter("datum.side === 'before'").mark_text(align="right", dx=-5).encode(**where)
    room = alt.Chart(alt.NamedData("span")).mark_point(opacity=0).encode(x=x)
    return line + marks + after + before + room
