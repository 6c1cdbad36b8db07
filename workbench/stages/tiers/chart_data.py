"""The rows behind the charts: aggregated first, so that a million accounts draw as fast as a hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.cells import decided
from workbench.formatting import exact, exact_money, percent
from workbench.stages.chart_style import log_span
from workbench.stages.tiers.bill_change import ABOUT_THE_SAME, spaced
from workbench.stages.tiers.usage_levels import CURVE_SHARES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.stages.tiers.benefit import FeatureBenefit
    from workbench.stages.tiers.evaluation import TierResult

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


def ladder_rows(result: TierResult) -> pd.DataFrame:
    """Return the priced tiers: tier, price, times (over the lowest price above zero), label."""
    priced = [(tier.name, float(tier.price)) for tier in result.decision.tiers if tier.price is not None]
    lowest = min((price for _, price in priced if price > 0), default=float("nan"))
    currency = result.evidence.currency
    rows = [(name, price, price / lowest, exact_money(price, currency)) for name, price in priced]
    return pd.DataFrame(rows, columns=["tier", "price", "times", "label"])


def ladder_table(ladder: pd.DataFrame, price: str) -> pd.DataFrame:
    """Return the prices for reading: tier, the price under the given heading, times the lowest price."""
    times = "times the lowest price"
    return pd.DataFrame({"tier": ladder["tier"], price: decided(ladder["price"]), times: ladder["times"].round(2)})


def corridor_rows(ladder: pd.DataFrame, low: float | None, high: float | None) -> pd.DataFrame:
    """Return the ends of the band in which the dearest tier should lie: price and label; empty without prices."""
    lowest = ladder.loc[ladder["price"] > 0, "price"].min()
    ends = [
        (end * lowest, f"{exact(end)}x the lowest price")
        for end in (low, high)
        if end is not None and np.isfinite(lowest)
    ]
    return pd.DataFrame(ends, columns=["price", "label"])


def span_rows(result: TierResult, metric: str) -> pd.DataFrame:
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
