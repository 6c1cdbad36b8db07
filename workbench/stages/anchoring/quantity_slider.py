"""The bill of every offer along one quantity, as straight pieces that a chart can evaluate without a kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import capitalised
from workbench.stages.anchoring.chart_data import COUNTS, OTHER, OURS, our_label
from workbench.stages.anchoring.competitor_offer import PLAN
from workbench.stages.anchoring.conversion import converted
from workbench.stages.anchoring.quotes import quote
from workbench.wording import metric_words

if TYPE_CHECKING:
    from workbench.pricing import Plan
    from workbench.stages.anchoring.evaluation import AnchoringResult

_GRID = 24
_MOST_OFFERS = 16
_STEPS = 200
_END = 1e12  # JSON has no infinity; no quantity reaches this far


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
        if not offer.plan.priced or offer.kind != PLAN or offer.key in result.decision.set_aside or rate is None:
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
