"""The charts of tier design with their rows.

Who lands where, what bills do, who benefits, how prices and limits lie.
"""

from __future__ import annotations

from collections import Counter
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import exact_money, metric_words, percent
from workbench.locales import NO_CURRENCY
from workbench.stages import marks
from workbench.stages.contract import MadeOnDemand, later
from workbench.stages.figure import PALETTE, Figure, figure_maker, log_span
from workbench.stages.needs import CURVE_SHARES, spaced
from workbench.stages.offers import PER_ACCOUNT, per_words
from workbench.stages.tiers.result import ABOUT_THE_SAME
from workbench.tables import NUMBER, TEXT, DataTable, Number
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.stages.needs import FeatureBenefit
    from workbench.stages.tiers.result import TierResult

say, draw = texts(__name__), figure_maker(__package__)

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
_MEASURES = {ACCOUNTS: PALETTE.today, REVENUE: PALETTE.ours}
# The bands say in words who pays more or less; the colour only repeats it.
_DIRECTIONS = {LESS: PALETTE.pays_less, SAME: PALETTE.today, MORE: PALETTE.pays_more}
_VERDICTS = {"tier feature": PALETTE.ours, "too close to call": PALETTE.watch, "add-on": PALETTE.today}


def figures(result: TierResult) -> MadeOnDemand[Figure | None]:
    """Return the figures in the order they are read, made when somebody looks: a moved price waits for one alone."""
    makers: dict[str, Callable[[TierResult], Figure | None]] = {"benefit": _benefit, "usage": _usage}
    if result.outcomes:
        makers |= {"placement": _shares, "bill_change": _change, "old_and_new": _old_and_new, "ladder": _ladder}
    return MadeOnDemand({key: partial(make, result) for key, make in makers.items()})


def _shares(result: TierResult) -> Figure:
    data = share_rows(result)
    order = tuple(dict.fromkeys(data["tier"]))
    return draw(
        "placement",
        marks.bar_chart(
            y=marks.by_name("tier", order),
            x=marks.by_share("share", "Share", ticks=4, scale=marks.FROM_ZERO),
            by=marks.roles("measure", _MEASURES),
            label="label",
            **marks.offset("yOffset", "measure", tuple(_MEASURES)),
        ),
        {"placement": data},
        later(lambda: result.tables["tiers"]),
        largest=max(result.outcomes, key=lambda outcome: outcome.accounts),
        earning=max(result.outcomes, key=lambda outcome: outcome.revenue or 0.0),
        active=len(result.evidence),
        month=result.evidence.billing_month,
        height=46 * max(3, len(order)) + 30,
    )


def _change(result: TierResult) -> Figure | None:
    if not result.compared:
        return None
    return draw(
        "bill_change",
        marks.bar_chart(
            y=marks.by_name("band", BANDS),
            x=marks.by_share("share", "Share of accounts", ticks=4),
            by=marks.roles("direction", _DIRECTIONS, legend=False),
            label="label",
        ),
        later(lambda: {"bill_change": change_rows(result)}),
        later(lambda: result.tables["bill_change"]),
        told=lambda: result.change,
        month=result.evidence.billing_month,
        height=250,
    )


def _old_and_new(result: TierResult) -> Figure | None:
    if not result.compared:
        return None
    currency = result.evidence.currency
    return draw(
        "old_and_new",
        marks.picture(
            marks.line_marks(data="equal", color=PALETTE.today, strokeDash=(5, 4), strokeWidth=1.5),
            marks.dots(opacity=0.65, color=PALETTE.ours).encoding(
                size=marks.size_by("share", "Share of accounts", ".1~%")
            ),
            x=marks.by_money("today", "Bill today, a month", currency, ".2~s", ticks=None, scale=marks.LOG, grid=True),
            y=marks.by_money("new", "New bill, a month", currency, ".2~s", ticks=None, scale=marks.LOG, grid=True),
            tips=marks.tips(
                today=("today about", "whole"), new=("new about", "whole"), share=("share of accounts", ".1%")
            ),
        ),
        later(lambda: _old_and_new_rows(result)),
        later(lambda: result.tables["top_movers"]),
        told=lambda: result.change,
        month=result.evidence.billing_month,
        currency=currency,
        height=300,
    )


def _old_and_new_rows(result: TierResult) -> dict[str, pd.DataFrame]:
    cells = cell_rows(result)
    return {"cells": cells, "equal": diagonal_rows(cells)}


def _benefit(result: TierResult) -> Figure | None:
    shown = tuple(each.feature for each in shown_benefits(result))
    threshold, evidence = result.rulebook.threshold("A5").high, result.evidence
    if not shown or threshold is None:
        return None
    return draw(
        "benefit",
        marks.picture(
            marks.intervals(),
            marks.dots(),
            marks.reference(threshold, color=PALETTE.breach),
            y=marks.by_name("feature", shown),
            x=marks.by_share("share", "Share of active accounts", scale=marks.WHOLE),
            by=marks.roles("verdict", _VERDICTS),
        ),
        later(lambda: {"benefit": benefit_rows(result)}),
        later(lambda: result.tables["feature_benefit"]),
        threshold=threshold,
        verdicts=lambda: Counter(benefit_rows(result)["verdict"]),
        active=len(evidence),
        minimum_uses=evidence.minimum_uses,
        needs_months=evidence.needs_months,
        left=len(evidence.benefits) - len(shown),
        height=_PER_FEATURE * len(shown) + 20,
    )


def _ladder(result: TierResult) -> Figure | None:
    tiers, band, currency = result.decision.tiers, result.rulebook.threshold("T4"), result.evidence.currency
    priced = tuple(tier.name for tier in tiers if not tier.on_request)
    units = {tier.price_per for tier in tiers if tier.price}
    if not priced or len(units) > 1:
        return None
    per = per_words(units.pop() if units else PER_ACCOUNT)

    @cache
    def ladder() -> pd.DataFrame:
        return tier_ladder_rows(result)

    return draw(
        "ladder",
        marks.picture(
            marks.bars(color=PALETTE.ours, size=56),
            marks.words("label"),
            marks.reference("price", "corridor", color=PALETTE.watch),
            marks.words(
                "label", data="corridor", across=marks.pixels(0), align="left", dx=4, dy=-3, color=PALETTE.watch
            ),
            x=marks.by_name("tier", priced, labelAngle=0),
            y=marks.by_money("price", f"Price {per} and month", currency, scale=marks.FROM_ZERO),
        ),
        later(lambda: {"ladder": ladder(), "corridor": step_corridor_rows(ladder(), band.low, band.high)}),
        later(lambda: ladder_table(ladder(), say("price_and_month", per_=per, currency=currency))),
        per=per,
        band=band.in_words(),
        prices=ladder,
        on_request=[tier.name for tier in tiers if tier.on_request],
        height=220,
    )


def _usage(result: TierResult) -> Figure | None:
    metric = shown_metric(result)
    curve = None if metric is None else result.evidence.usage_curves[metric]
    if metric is None or curve is None or curve.size == 0:
        return None
    unit, after = metric_words(metric), "datum.side === 'after'"
    beside: dict[str, Any] = {
        "align": {"expr": f"{after} ? 'left' : 'right'"},
        "dx": {"expr": f"{after} ? 5 : -5"},
        "dy": 0,
    }
    return draw(
        "usage",
        marks.picture(
            marks.line_marks(interpolate="step-after", color=PALETTE.ours),
            marks.reference("quantity", "limits", on="x", color=PALETTE.watch),
            marks.words("label", at="at", data="limits", **beside),
            marks.reach("span", on="x", across=None),
            x=marks.by_money(
                "quantity", say("in_the_peak_month", words=unit), NO_CURRENCY, "~s", ticks=None, scale=marks.LOG
            ),
            y=marks.by_share("share", say("share_of_accounts_within_it")),
        ),
        later(
            lambda: {
                "usage": usage_rows(result, metric),
                "limits": limit_rows(result, metric),
                "span": tier_span_rows(result, metric),
            }
        ),
        later(lambda: result.tables["usage_levels"]),
        half=curve[curve.size // 2 - 1],
        unit=unit,
        height=230,
    )
