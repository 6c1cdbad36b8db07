"""How the bill grows when usage grows tenfold (rules VM3 and U2)."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING, Literal

from workbench import formatting
from workbench.rules.checks.build import finding
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.rules.threshold import decided, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.rules.finding import Finding
    from workbench.rules.threshold import Threshold

_NO_CURVE = "Set a price per unit or bands for the metric, and the quantity a typical customer has."


def curve_ratio(
    quantities: Sequence[float],
    ratios: Sequence[float],
    *,
    typical: float | None,
    customers: Iterable[float] | None = None,
    customers_each: float = 1.0,
    own_ratios: Iterable[float] | None = None,
    billed_by: str = "",
    metric: str = "units",
    rule_id: Literal["VM3", "U2"] = "VM3",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge bill(10q) / bill(q) at the typical quantity, and for the quantities customers have.

    `quantities` (rising, above 0) and `ratios` describe the curve; between two points the ratio is read along the
    logarithm of the quantity. The ratio at `typical` decides between ok and breach. It is only
    "watch" when fewer of the `customers` (one quantity each) than the band "reach" asks for lie inside. Where the
    quantities are means of equal groups, `customers_each` says how many customers one stands for. `own_ratios` are the
    customers' ratios where they hang on more than this metric, in place of those read along the curve; NaN is unknown.
    `billed_by` says which price list the bills are of.
    """
    rule = rulebook[rule_id]
    points = [(q, r) for q, r in zip(quantities, ratios, strict=True) if q > 0 and math.isfinite(r)]
    if not points or typical is None or not typical > 0:
        what = "no price curve" if not points else "no typical quantity"
        return finding(rule, "unknown", f"There is {what} for {metric} to judge.", remedy=_NO_CURVE, subject=metric)
    at_typical = _read(points, typical)
    held = (
        [_read(points, quantity) for quantity in customers or () if quantity > 0]
        if own_ratios is None
        else [ratio for ratio in own_ratios if math.isfinite(ratio)]
    )
    inside = [ratio for ratio in held if rule.threshold.status(ratio) == "ok"]
    share = len(inside) / len(held) if held else None
    status = rule.threshold.status(at_typical)
    if status == "ok" and share is not None and rule.also["reach"].status(share) != "ok":
        status = "watch"
    low, high = min(r for _, r in points), max(r for _, r in points)
    evidence = f"{billed_by} " if billed_by else ""
    evidence += (
        f"At {formatting.number(typical)} {metric}, the typical quantity, ten times as much costs "
        f"{written(at_typical, 'times', rule.threshold)} as much. From {formatting.number(points[0][0])} to "
        f"{formatting.number(points[-1][0])} {metric} the ratio runs from {written(low, 'times', rule.threshold)} to "
        f"{written(high, 'times', rule.threshold)}."
    )
    if share is not None:
        who = formatting.count("customer", round(len(held) * customers_each))
        told = written(share, "share", rule.also["reach"])
        evidence += f" It lies within {rule.threshold.in_words()} for {told} of {who}."
    remedy = _bend(rule.threshold, at_typical, typical, metric)
    if status == "watch":
        reach = decided(rule.also["reach"].low or 0, "share")
        remedy = (
            f"Move the break points of the bands so that the ratio stays within {rule.threshold.in_words()} "
            f"for {reach} of customers ({rule.also['reach'].owner or 'as the source asks'})."
        )
    population = (
        f"{formatting.count('customer', round(len(held) * customers_each))} with a quantity of {metric}" if held else ""
    )
    return finding(rule, status, evidence, remedy=remedy, measured=at_typical, subject=metric, population=population)


def _read(points: Sequence[tuple[float, float]], quantity: float) -> float:
    place = bisect_left(points, (quantity, -math.inf))
    if place == 0:
        return points[0][1]
    if place == len(points):
        return points[-1][1]
    (q0, r0), (q1, r1) = points[place - 1], points[place]
    weight = math.log(quantity / q0) / math.log(q1 / q0)
    return r0 + weight * (r1 - r0)


def _bend(band: Threshold, ratio: float, typical: float, metric: str) -> str:
    at = f"ten times {formatting.number(typical)} {metric}"
    if band.low is not None and ratio < band.low:
        return (
            f"Raise the prices of the later bands or lower the part that does not grow, so that {at} costs at least "
            f"{decided(band.low, 'times')} as much instead of {written(ratio, 'times', band)}."
        )
    return (
        f"Lower the prices of the later bands, so that {at} costs at most "
        f"{decided(band.high or math.nan, 'times')} as much instead of {written(ratio, 'times', band)}."
    )
