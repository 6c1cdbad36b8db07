"""The stage in sentences: reasons for and against a candidate, key figures, cautions and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench import formatting
from workbench.formatting import capitalised, count, money, percent, ratio
from workbench.pricing.charge import factor_doubt
from workbench.pricing.price_curve import share_inside
from workbench.results import Caution, Interval, KeyFigure
from workbench.stages.value_metric.decision import CRITERIA, MEASURES, TeamScores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.rules.rulebook import Rulebook
    from workbench.stages.value_metric.decision import MetricCandidate, ValueMetricDecision
    from workbench.stages.value_metric.evidence import Measurement, ValueMetricEvidence
    from workbench.stages.value_metric.result import PriceCurve, PriceListReading, Ranked, ValueMetricResult

# --- Say in words, from the numbers, what speaks for a candidate and what against it

_LEAST_GAP = 0.005  # half a point out of a hundred: smaller differences are no reason
_MOST_FOR, _MOST_AGAINST = 2, 3
_TEAM_WORDS = {
    "wanted": "how much customers want more of it",
    "visible": "how well customers see and compute it",
    "measured": "how far customers measure success by it",
}
_TARGET_WORDS = {
    "outcomes": "how accounts do later",
    "retention": "later retention",
    "expansion": "later expansion",
}


def strengths(ranked: Ranked, evidence: ValueMetricEvidence, scores: Mapping[str, TeamScores]) -> tuple[str, ...]:
    """Return what puts a candidate above the mean candidate, most important first, at most two."""
    return _reasons(ranked, evidence, scores, sign=1)


def weaknesses(ranked: Ranked, evidence: ValueMetricEvidence, scores: Mapping[str, TeamScores]) -> tuple[str, ...]:
    """Return what puts a candidate below the mean candidate, most important first, at most three."""
    return _reasons(ranked, evidence, scores, sign=-1)


def reason_line(ranked: Ranked, evidence: ValueMetricEvidence, scores: Mapping[str, TeamScores]) -> str:
    """Return strongest and weakest points of a candidate in one line."""
    parts = []
    for word, found in (
        ("For it", strengths(ranked, evidence, scores)),
        ("Against it", weaknesses(ranked, evidence, scores)),
    ):
        if found:
            parts.append(f"{word}: {'; '.join(found)}.")
    parts += _open_points(ranked)
    return " ".join(parts) or "Like the mean of the candidates on every criterion."


def _open_points(ranked: Ranked) -> list[str]:
    """Say what is not known about a candidate."""
    unknown = [key for key, value in ranked.criteria.items() if value is None]
    if len(unknown) == len(ranked.criteria):
        return ["Nothing is known about it yet: no data and no team scores."]
    measured = [short_name(key) for key in unknown if key not in _TEAM_WORDS]
    unscored = [short_name(key) for key in unknown if key in _TEAM_WORDS]
    parts = [f"Not measured: {', '.join(measured)}."] if measured else []
    if len(unscored) == len(_TEAM_WORDS):
        return [*parts, "No team scores yet."]
    return [*parts, f"No team score yet: {', '.join(unscored)}."] if unscored else parts


def criterion_sentence(key: str, measurements: Mapping[str, Measurement] | None, marks: TeamScores | None) -> str:
    """Say what is known about one criterion of one candidate."""
    if key in _TEAM_WORDS:
        mark = getattr(marks, key, None) if marks is not None else None
        return f"the team gives {mark} of 5 for {_TEAM_WORDS[key]}" if mark else "no team score yet"
    if measurements is None:
        return "no data measures it yet"
    return _SENTENCES[key](measurements)


def short_name(key: str) -> str:
    """Return a criterion's name for running text."""
    name = CRITERIA[key].removesuffix(" (team score)")
    return name[0].lower() + name[1:]


def _reasons(
    ranked: Ranked, evidence: ValueMetricEvidence, scores: Mapping[str, TeamScores], sign: int
) -> tuple[str, ...]:
    known = [
        key for key, value in ranked.criteria.items() if value is not None and sign * ranked.gaps[key] > _LEAST_GAP
    ]
    known.sort(key=lambda key: -sign * ranked.gaps[key])
    name = ranked.candidate.name
    return tuple(
        criterion_sentence(key, evidence.measurements.get(name), scores.get(name))
        for key in known[: _MOST_FOR if sign > 0 else _MOST_AGAINST]
    )


def _written(measurements: Mapping[str, Measurement], key: str) -> str:
    return _BY_KEY[key].written(measurements[key].estimate)


def _growth(known: Mapping[str, Measurement]) -> str:
    if known["growth"].interval is None:
        return known["growth"].note
    change = float(np.expm1(known["growth"].estimate))
    size = formatting.percent(abs(change))
    moves = "does not change" if size == "0%" else f"{'grows' if change > 0 else 'shrinks'} by {size} a year"
    return (
        f"it {moves} inside the median account, and grows in {_written(known, 'growing')} "
        f"of {known['growing'].accounts:,} accounts"
    )


def _predictability(known: Mapping[str, Measurement]) -> str:
    parts = []
    if known["variation"].interval is not None:
        parts.append(f"it typically moves {_written(known, 'variation')} from one month to the next")
    if known["forecast_error"].interval is not None:
        parts.append(f"a forecast one month ahead is typically {_written(known, 'forecast_error')} off")
    return " and ".join(parts) or known["variation"].note


def _success(known: Mapping[str, Measurement]) -> str:
    """Name the success each account later has that the metric goes with best, or that speaks most against it."""
    told = [m.key for m in MEASURES if m.criterion == "success" and known[m.key].interval and known[m.key].counted]
    if not told:
        return known["outcomes_level"].note
    values = {key: known[key].estimate for key in told}
    strongest = max(told, key=lambda key: abs(values[key]))
    target, _, kind = strongest.partition("_")
    what = "its level" if kind == "level" else "its growth"
    direction = "goes with" if values[strongest] >= 0 else "goes against"
    mean = sum(values.values()) / len(values)
    return (
        f"{what} {direction} {_TARGET_WORDS[target]} (rank correlation {_written(known, strongest)}, "
        f"{known[strongest].accounts:,} accounts; mean of {len(told)} such measures {_BY_KEY[strongest].written(mean)})"
    )


def _breadth(known: Mapping[str, Measurement]) -> str:
    if known["breadth"].interval is None:
        return known["breadth"].note
    return f"{_written(known, 'breadth')} of {known['breadth'].accounts:,} active accounts use it"


def _spread(known: Mapping[str, Measurement]) -> str:
    if known["top_tenth"].interval is None:
        return known["top_tenth"].note
    return f"the largest 10% of accounts hold {_written(known, 'top_tenth')} of it (Gini {_written(known, 'gini')})"


def _cost(known: Mapping[str, Measurement]) -> str:
    if known["cost"].interval is None:
        return known["cost"].note
    accounts = formatting.count("account", known["cost"].accounts)
    return f"its rank correlation with the cost to serve is {_written(known, 'cost')} ({accounts})"


_BY_KEY = {measure.key: measure for measure in MEASURES}
_SENTENCES = {
    "growth": _growth,
    "predictability": _predictability,
    "success": _success,
    "breadth": _breadth,
    "spread": _spread,
    "cost": _cost,
}

# --- What is read first about the stage: its key figures, and the cautions it carries

_CLOSE_RACE = 0.6
_OFF_TARGET = 0.05


def value_metric_key_figures(
    metric: MetricCandidate | None, ranking: tuple[Ranked, ...], evidence: ValueMetricEvidence,
    curve: PriceCurve | None, *, listed: PriceListReading | None, rulebook: Rulebook,
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


def _revenue(evidence: ValueMetricEvidence, curve: PriceCurve | None, note: str) -> tuple[KeyFigure, ...]:
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


def value_metric_cautions(
    metric: MetricCandidate | None, decision: ValueMetricDecision, evidence: ValueMetricEvidence,
    ranking: tuple[Ranked, ...], curve: PriceCurve | None,
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


def _about_revenue(metric: MetricCandidate | None, evidence: ValueMetricEvidence, curve: PriceCurve) -> list[str]:
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


# --- The stage in one sentence, for the report, the decision log and the command line

_MOST_OF_IT = 0.5


def _passed_over(result: ValueMetricResult) -> str:
    """Say so where the metric that ranks first was left aside because nothing of its past is on record."""
    first = next(iter(result.ranked), None)
    if first is None or first.candidate == result.metric or first.candidate.source == "usage":
        return ""
    share = percent(first.probability_first)
    return f" {capitalised(first.candidate.title)} ranks first in {share} but has no history, so it was passed over."


def _grows(result: ValueMetricResult) -> str:
    """Say that the price grows with the metric only where the price list does, or nothing else is decided."""
    title = "" if result.metric is None else result.metric.title
    listed = result.price_list
    charged = listed is None or listed.is_proposal or (listed.share or 0.0) >= _MOST_OF_IT
    return f"The price grows with {title}" if charged else f"The value metric is {title}"


def _billed(result: ValueMetricResult) -> str:
    """Say what the price list does along the metric, where there is one."""
    listed = result.price_list
    if listed is None or listed.is_proposal or listed.share is None:
        return ""
    known = listed.typical_ratio
    times = "" if known is None else f"; ten times the typical use costs {ratio(known)} as much on it"
    return f" {percent(listed.share)} of the price list's revenue is charged by it{times}."


def summarise(decision: ValueMetricDecision, result: ValueMetricResult) -> str:
    """Say which metric was chosen, how sure its first place is, and what the price curve does."""
    if result.metric is None:
        return "No value metric yet: the data names no candidate."
    place = result.place
    sure = "" if place is None else f", first of {len(result.ranked)} in {percent(place.probability_first)} of draws"
    if not result.is_chosen:
        return f"No value metric is chosen yet; {result.metric.title} leads{sure}."
    sentence = f"{_grows(result)}{sure}.{_passed_over(result)}{_billed(result)}"
    if result.price_list is not None and not result.price_list.is_on_one_charge(decision.charge):
        return sentence
    if result.curve is None or decision.charge is None or not result.curve.is_accepted:
        return f"{sentence} No price curve is accepted yet."
    curve = result.curve
    revenue = money(curve.revenue if curve.from_paying is None else curve.from_paying, result.currency)
    return (
        f"{sentence} Ten times the typical use costs {ratio(result.curve.typical_ratio)} as much; "
        f"the curve earns {revenue} a month from today's quantities."
    )
