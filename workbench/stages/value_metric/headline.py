"""What is read first about the stage: its key figures, and the cautions it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import capitalised, count
from workbench.pricing.fraction_meant import factor_doubt
from workbench.results import Caution, Interval, KeyFigure

if TYPE_CHECKING:
    from workbench.rules import Rulebook
    from workbench.stages.value_metric.candidates import Candidate
    from workbench.stages.value_metric.decision import ValueMetricDecision
    from workbench.stages.value_metric.evidence import Evidence
    from workbench.stages.value_metric.price_curve import PriceCurve
    from workbench.stages.value_metric.ranking import Ranked

_CLOSE_RACE = 0.6
_OFF_TARGET = 0.05


def key_figures(
    metric: Candidate | None, ranking: tuple[Ranked, ...], evidence: Evidence, curve: PriceCurve | None,
    rulebook: Rulebook,
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
    return (*found, *_curve_figures(evidence, curve, rulebook))


def _curve_figures(evidence: Evidence, curve: PriceCurve | None, rulebook: Rulebook) -> tuple[KeyFigure, ...]:
    if curve is None:
        return ()
    today = evidence.revenue
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
        KeyFigure(
            "Revenue on this curve", curve.revenue, evidence.currency, period="a month", population=accounts,
            change=None if today is None else curve.revenue - today, digits=0, held_against_today=True,
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
    if curve is not None and curve.target and abs(curve.revenue / curve.target - 1) > _OFF_TARGET:
        found.append(
            f"The curve earns {curve.revenue / curve.target:.0%} of the revenue target from today's quantities."
        )
    return tuple(Caution(text) for text in found)
