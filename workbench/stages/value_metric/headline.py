"""What is read first about the stage: its key figures, and the cautions it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import capitalised, count, money
from workbench.pricing.fraction_meant import factor_doubt
from workbench.pricing.ratio import share_inside
from workbench.results import Caution, Interval, KeyFigure

if TYPE_CHECKING:
    from workbench.rules import Rulebook
    from workbench.stages.value_metric.candidates import Candidate
    from workbench.stages.value_metric.decision import ValueMetricDecision
    from workbench.stages.value_metric.evidence import Evidence
    from workbench.stages.value_metric.price_curve import PriceCurve
    from workbench.stages.value_metric.price_list import PriceListReading
    from workbench.stages.value_metric.ranking import Ranked

_CLOSE_RACE = 0.6
_OFF_TARGET = 0.05


def key_figures(
    metric: Candidate | None, ranking: tuple[Ranked, ...], evidence: Evidence, curve: PriceCurve | None,
    *, listed: PriceListReading | None, rulebook: Rulebook,
) -> tuple[KeyFigure, ...]:  # fmt: skip
    """Return the numbers to read first: how sure the metric is, and what its price curve does."""
    place = next((each for each in ranking if each.candidate == metric), None)
    if metric is None:
        return ()
    found = []
    if place is not None:
        score = Interval(*(100 * end for end in (place.score.low, place.score.estimate, place.score.high)))
        found += [
            KeyFigure(
                f"{capitalised(metric.title)} ranks first", place.probability_first, "percent",
                population=f"among {count('candidate', len(ranking))}", note="when weights and evidence vary", digits=0,
            ),
            KeyFigure(f"Score of {metric.title}", score.estimate, "points", interval=score, note="of 100", digits=0),
            KeyFigure(
                "Weight resting on something known", place.known_weight, "percent",
                note="the rest waits for data or team scores", digits=0,
            ),
        ]  # fmt: skip
    if curve is None or listed is None or listed.is_proposal or listed.is_on_one_charge(curve.charge):
        return (*found, *_curve_figures(curve, rulebook), *_revenue(evidence, curve, ""))
    return (*found, *_list_figures(listed, rulebook), *_revenue(evidence, curve, "nobody is billed by this curve"))


def _list_figures(listed: PriceListReading, rulebook: Rulebook) -> tuple[KeyFigure, ...]:
    """Return what the price list itself does along the metric."""
    band = rulebook.threshold("VM3")
    inside = share_inside(listed.own_ratios, band.low or 0.0, band.high or float("inf"))
    known = int(np.isfinite(listed.own_ratios).sum())
    return (
        KeyFigure(
            "Revenue charged by it", listed.share, "percent", period=listed.month,
            population=f"{count('account', listed.accounts)} billed by the price list", digits=0,
        ),
        KeyFigure(
            "Ten times the use costs", listed.typical_ratio, "times",
            population="at the typical quantity, on the price list", digits=1,
        ),
        KeyFigure(
            f"Accounts for whom that is {band.in_words()}", inside if known else None, "percent",
            population=f"{count('account', known)}, other quantities as they are", digits=0,
        ),
    )  # fmt: skip


def _curve_figures(curve: PriceCurve | None, rulebook: Rulebook) -> tuple[KeyFigure, ...]:
    if curve is None:
        return ()
    band = rulebook.threshold("VM3")
    accounts = f"{curve.quantities.accounts:,} accounts that use it"
    return (
        KeyFigure(
            "Ten times the use costs", curve.typical_ratio, "times",
            population="at the typical quantity", digits=1,
        ),
        KeyFigure(
            f"Accounts for whom that is {band.in_words()}",
            curve.share_between(band.low or 0.0, band.high or float("inf")), "percent", population=accounts, digits=0,
        ),
    )  # fmt: skip


def _revenue(evidence: Evidence, curve: PriceCurve | None, note: str) -> tuple[KeyFigure, ...]:
    """Return what a curve on the metric alone earns, against what the same accounts paid in the same month."""
    if curve is None:
        return ()
    used = curve.quantities
    known = curve.from_paying is not None
    population = f"{used.compared:,} accounts whose use and payment are known" if known else ""
    return (
        KeyFigure(
            "Revenue on this curve", curve.from_paying if known else curve.revenue, evidence.currency,
            period=f"a month, use and payments of {evidence.month}" if known else f"a month, use of {evidence.month}",
            population=population or f"{used.accounts:,} accounts that use it", change=curve.change, digits=0,
            held_against_today=True, note=note,
        ),
    )  # fmt: skip


def cautions(
    metric: Candidate | None, decision: ValueMetricDecision, evidence: Evidence, ranking: tuple[Ranked, ...],
    curve: PriceCurve | None,
) -> tuple[Caution, ...]:  # fmt: skip
    """Return what a reader should know before trusting the order and the curve."""
    found = []
    if len(ranking) > 1 and ranking[0].probability_first < _CLOSE_RACE:
        first, second = ranking[0], ranking[1]
        found.append(
            f"The order is not settled: {first.candidate.title} ranks first in {first.probability_first:.0%} of draws, "
            f"{second.candidate.title} in {second.probability_first:.0%}. Team scores and more evidence narrow it."
        )
    if not any(weight > 0 for weight in decision.weights.values()):
        found.append("Every weight is zero, so all criteria count the same.")
    if evidence.split is None and evidence.candidates:
        found.append("History is too short to hold a metric against later success: nine months are needed.")
    if metric is not None and decision.charge is not None and decision.charge.metric != metric.name:
        found.append(
            f"The accepted price curve is on {decision.charge.metric.replace('_', ' ')}, not on {metric.title}: "
            "a new proposal is shown, accept it to bring them together."
        )
    if decision.charge is not None and (doubt := factor_doubt(decision.charge)):
        found.append(doubt)
    if curve is not None:
        found += _about_revenue(metric, evidence, curve)
    return tuple(Caution(text) for text in found)


def _about_revenue(metric: Candidate | None, evidence: Evidence, curve: PriceCurve) -> list[str]:
    """Say where the curve misses what it should earn, and whose payments stand on neither side."""
    found = []
    used = curve.quantities
    goal, earned = (curve.target, curve.revenue) if curve.target else (used.paid, curve.from_paying)
    if goal and earned is not None and abs(earned / goal - 1) > _OFF_TARGET:
        told = "the revenue target" if curve.target else "what the same accounts pay"
        found.append(f"The curve earns {earned / goal:.0%} of {told}, from the quantities of {evidence.month}.")
    if used.unmeasured and used.compared and metric is not None:
        paid = money(used.unmeasured, evidence.currency)
        found.append(
            f"Accounts that pay {paid} a month have no {metric.title} on record in {evidence.month}: they stand on "
            "neither side of the comparison."
        )
    return found
