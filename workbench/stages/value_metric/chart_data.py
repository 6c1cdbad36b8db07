"""The rows the charts draw, ready and small."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import formatting
from workbench.formatting import capitalised
from workbench.stages.chart_style import log_span
from workbench.stages.value_metric.decision import SHORT_CRITERIA
from workbench.stages.value_metric.distributions import GROWTH_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.stages.value_metric.price_curve import Corridor, PriceCurve
    from workbench.stages.value_metric.ranking import Ranked

_OPEN_END = 1e300  # JSON has no infinity; no bill reaches this far
_ROWS_TO_READ = 9
_SLIDER_STEPS = 400
_COUNTED_WHOLE = 20  # quantities of this size are asked for in whole units


def ranking_rows(ranking: Sequence[Ranked]) -> pd.DataFrame:
    """Return one row per candidate: score and interval from 0 to 100, and the words beside them."""
    return pd.DataFrame(
        {
            "candidate": [each.candidate.title for each in ranking],
            "place": list(range(len(ranking))),
            "low": [100 * each.score.low for each in ranking],
            "score": [100 * each.score.estimate for each in ranking],
            "high": [100 * each.score.high for each in ranking],
            "state": ["measured" if each.known_weight > 0 else "nothing known" for each in ranking],
            "score_text": [
                f"{100 * each.score.estimate:.0f} ({100 * each.score.low:.0f} to {100 * each.score.high:.0f})"
                for each in ranking
            ],
            "first_text": [f"first in {formatting.percent(each.probability_first)}" for each in ranking],
            "rank_text": [formatting.number(each.expected_rank, 1) for each in ranking],
        }
    )


def criteria_rows(ranking: Sequence[Ranked]) -> pd.DataFrame:
    """Return one row per candidate and criterion: score from 0 to 100, "?" where unknown."""
    rows = [
        (each.candidate.title, place, SHORT_CRITERIA[key], order, value)
        for place, each in enumerate(ranking)
        for order, (key, value) in enumerate(each.criteria.items())
    ]
    frame = pd.DataFrame(rows, columns=["candidate", "place", "criterion", "order", "value"])
    known = frame["value"].astype(float)
    return pd.DataFrame(
        {
            "candidate": frame["candidate"],
            "place": frame["place"],
            "criterion": frame["criterion"],
            "order": frame["order"],
            "shade": (100 * known).fillna(0.0),
            "text": ["?" if math.isnan(value) else f"{100 * value:.0f}" for value in known],
        }
    )


def growth_rows(growth: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the classes of growth with the place of each metric."""
    return growth.assign(place=growth["metric"].map({name: place for place, name in enumerate(names)}))


def growth_table(growth: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return shares of accounts in words: metrics down, classes of growth across."""
    wide = growth.pivot_table(index="metric", columns="growth", values="share", aggfunc="sum")
    columns: dict[str, list[object]] = {"Metric": list(names)}
    for label, _ in GROWTH_CLASSES:
        columns[label.capitalize()] = [formatting.percent(share) for share in wide[label].reindex(list(names))]
    columns["Accounts"] = [int(growth.loc[growth["metric"] == name, "accounts"].sum()) for name in names]
    return pd.DataFrame(columns)


def curve_rows(curve: PriceCurve) -> pd.DataFrame:
    """Return quantity, bill and ratio along the range."""
    return curve.along.assign(series="these prices")


def span_rows(curve: PriceCurve) -> pd.DataFrame:
    """Return the two ends of the log axes: of quantities, and of the bills on the curve and today."""
    drawn = pd.concat([curve.along, today_rows(curve)])[["quantity", "bill"]]
    positive = drawn.where(drawn > 0)
    return pd.DataFrame({name: log_span(positive[name].min(), positive[name].max()) for name in positive})


def today_rows(curve: PriceCurve) -> pd.DataFrame:
    """Return the median of what accounts pay today along the metric."""
    inside = curve.quantities.today["quantity"].between(curve.quantities.low, curve.quantities.high)
    return curve.quantities.today[inside].assign(series="today (median of accounts)")


def band_rows(curve: PriceCurve) -> pd.DataFrame:
    """Return what the calculator in the chart needs: lower and upper end, price and included units of each band."""
    lower = [0.0, *(float(band.up_to) for band in curve.charge.bands if band.up_to is not None)]
    return pd.DataFrame(
        {
            "lower": lower[: len(curve.charge.bands)],
            "upper": [_OPEN_END if band.up_to is None else float(band.up_to) for band in curve.charge.bands],
            "price": [float(band.unit_price) for band in curve.charge.bands],
            "free": float(curve.charge.free_units),
        }
    )


def corridor_rows(corridors: Sequence[Corridor]) -> pd.DataFrame:
    """Return the corridors the rules ask for."""
    return pd.DataFrame(
        {
            "corridor": [each.label for each in corridors],
            "low": [each.low for each in corridors],
            "high": [each.high for each in corridors],
        }
    )


def along_table(curve: PriceCurve, title: str, currency: str) -> pd.DataFrame:
    """Return a few points along the range in words: quantity, bill, bill at ten times, ratio."""
    places = np.unique(np.linspace(0, len(curve.along) - 1, _ROWS_TO_READ).round().astype(int))
    rows = curve.along.iloc[places]
    return pd.DataFrame(
        {
            f"{capitalised(title)} a month": [formatting.number(value) for value in rows["quantity"]],
            "Bill a month": [formatting.priced(value, currency) for value in rows["bill"]],
            "Bill at ten times": [formatting.priced(value, currency) for value in rows["bill_at_multiple"]],
            "Ratio": [formatting.ratio(value) for value in rows["ratio"]],
        }
    )


def slider_range(curve: PriceCurve) -> tuple[float, float, float, float]:
    """Return smallest and largest quantity of the calculator, its step and where it starts, all round numbers."""
    low, high = curve.quantities.low, curve.quantities.high
    step = 10.0 ** math.floor(math.log10((high - low) / _SLIDER_STEPS))
    if high >= _COUNTED_WHOLE:
        step = max(1.0, step)
    start = max(step, round(curve.quantities.typical / step) * step)
    least = max(step, math.floor(low / step) * step)
    return tuple(float(f"{value:.10g}") for value in (least, math.ceil(high / step) * step, step, start))  # type: ignore[return-value]
