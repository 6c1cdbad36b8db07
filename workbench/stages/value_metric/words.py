"""The stage in sentences: reasons for and against a candidate, key figures, cautions and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench import formatting
from workbench.formatting import capitalised, count, money, percent
from workbench.pricing.charge import factor_doubt
from workbench.pricing.price_curve import share_inside
from workbench.results import Caution, Interval, KeyFigure
from workbench.stages.value_metric.decision import CRITERIA, MEASURES, TeamScores
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.rules.rulebook import Rulebook
    from workbench.stages.value_metric.decision import MetricCandidate, ValueMetricDecision
    from workbench.stages.value_metric.evidence import Measurement, ValueMetricEvidence
    from workbench.stages.value_metric.result import PriceCurve, PriceListReading, Ranked, ValueMetricResult

say = texts(__name__)

# --- Say in words, from the numbers, what speaks for a candidate and what against it

_LEAST_GAP = 0.005  # half a point out of a hundred: smaller differences are no reason
_MOST_FOR, _MOST_AGAINST = 2, 3
_TEAM_WORDS = {
    "wanted": say("how_much_customers_want_more"),
    "visible": say("how_well_customers_see_and"),
    "measured": say("how_far_customers_measure_success"),
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
    return " ".join(parts) or say("like_the_mean_of_the")


def _open_points(ranked: Ranked) -> list[str]:
    """Say what is not known about a candidate."""
    unknown = [key for key, value in ranked.criteria.items() if value is None]
    if len(unknown) == len(ranked.criteria):
        return [say("nothing_is_known_about_it")]
    measured = [short_name(key) for key in unknown if key not in _TEAM_WORDS]
    unscored = [short_name(key) for key in unknown if key in _TEAM_WORDS]
    parts = [f"Not measured: {', '.join(measured)}."] if measured else []
    if len(unscored) == len(_TEAM_WORDS):
        return [*parts, "No team scores yet."]
    return [*parts, say("no_team_score_yet", unscored=", ".join(unscored))] if unscored else parts


def criterion_sentence(key: str, measurements: Mapping[str, Measurement] | None, marks: TeamScores | None) -> str:
    """Say what is known about one criterion of one candidate."""
    if key in _TEAM_WORDS:
        mark = getattr(marks, key, None) if marks is not None else None
        return say("the_team_gives_of_for", mark=mark, team_words=_TEAM_WORDS[key]) if mark else "no team score yet"
    if measurements is None:
        return say("no_data_measures_it_yet")
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
    moves = "does not change" if size == "0%" else say("by_a_year", change=change, size=size)
    return say(
        "it_inside_the_median_account",
        moves=moves,
        written=_written(known, "growing"),
        accounts=known["growing"].accounts,
    )


def _predictability(known: Mapping[str, Measurement]) -> str:
    parts = []
    if known["variation"].interval is not None:
        parts.append(say("it_typically_moves_from_one", written=_written(known, "variation")))
    if known["forecast_error"].interval is not None:
        parts.append(say("a_forecast_one_month_ahead", written=_written(known, "forecast_error")))
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
    return say(
        "rank_correlation_accounts_mean_of",
        what=what,
        direction=direction,
        target_words=_TARGET_WORDS[target],
        written=_written(known, strongest),
        accounts=known[strongest].accounts,
        told=len(told),
        written_2=_BY_KEY[strongest].written(mean),
    )


def _breadth(known: Mapping[str, Measurement]) -> str:
    if known["breadth"].interval is None:
        return known["breadth"].note
    return say("of_active_accounts_use_it", written=_written(known, "breadth"), accounts=known["breadth"].accounts)


def _spread(known: Mapping[str, Measurement]) -> str:
    if known["top_tenth"].interval is None:
        return known["top_tenth"].note
    return say("the_largest_of_accounts_hold", written=_written(known, "top_tenth"), written_2=_written(known, "gini"))


def _cost(known: Mapping[str, Measurement]) -> str:
    if known["cost"].interval is None:
        return known["cost"].note
    accounts = formatting.count("account", known["cost"].accounts)
    return say("its_rank_correlation_with_the", written=_written(known, "cost"), accounts=accounts)


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
                population=f"among {count('candidate', len(ranking))}", digits=0,
                note=say("when_weights_and_evidence_vary"),
            ),
            KeyFigure(f"Score of {metric.title}", score.estimate, "points", interval=score, note="of 100", digits=0),
            KeyFigure(
                say("weight_resting_on_something_known"), place.known_weight, "percent",
                note=say("the_rest_waits_for_data"), digits=0,
            ),
        ]  # fmt: skip
    if curve is None or listed is None or listed.is_proposal or listed.is_on_one_charge(curve.charge):
        return (*found, *_curve_figures(curve, rulebook), *_revenue(evidence, curve, ""))
    return (*found, *_list_figures(listed, rulebook), *_revenue(evidence, curve, say("nobody_is_billed_by_this")))


def _list_figures(listed: PriceListReading, rulebook: Rulebook) -> tuple[KeyFigure, ...]:
    """Return what the price list itself does along the metric."""
    band = rulebook.threshold("VM3")
    inside = share_inside(listed.own_ratios, band.low or 0.0, band.high or float("inf"))
    known = int(np.isfinite(listed.own_ratios).sum())
    return (
        KeyFigure(
            "Revenue charged by it", listed.share, "percent", period=listed.month,
            population=say("billed_by_the_price_list", accounts=listed.accounts), digits=0,
        ),
        KeyFigure(
            say("ten_times_the_use_costs"), listed.typical_ratio, "times",
            population=say("at_the_typical_quantity_on"), digits=1,
        ),
        KeyFigure(
            say("accounts_for_whom_that_is", in_words=band.in_words()), inside if known else None, "percent",
            population=say("other_quantities_as_they_are", known=known), digits=0,
        ),
    )  # fmt: skip


def _curve_figures(curve: PriceCurve | None, rulebook: Rulebook) -> tuple[KeyFigure, ...]:
    if curve is None:
        return ()
    band = rulebook.threshold("VM3")
    accounts = say("accounts_that_use_it", accounts=curve.quantities.accounts)
    return (
        KeyFigure(
            say("ten_times_the_use_costs"), curve.typical_ratio, "times",
            population="at the typical quantity", digits=1,
        ),
        KeyFigure(
            say("accounts_for_whom_that_is", in_words=band.in_words()),
            curve.share_between(band.low or 0.0, band.high or float("inf")), "percent", population=accounts, digits=0,
        ),
    )  # fmt: skip


def _revenue(evidence: ValueMetricEvidence, curve: PriceCurve | None, note: str) -> tuple[KeyFigure, ...]:
    """Return what a curve on the metric alone earns, against what the same accounts paid in the same month."""
    if curve is None:
        return ()
    used = curve.quantities
    known = curve.from_paying is not None
    population = say("accounts_whose_use_and_payment", compared=used.compared) if known else ""
    return (
        KeyFigure(
            "Revenue on this curve", curve.from_paying if known else curve.revenue, evidence.currency,
            period=say("a_month_use_and_payments" if known else "a_month_use_of", month=evidence.month),
            population=population or say("accounts_that_use_it", accounts=used.accounts), change=curve.change, digits=0,
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
            say(
                "the_order_is_not_settled",
                title=first.candidate.title,
                probability_first=first.probability_first,
                title_2=second.candidate.title,
                probability_first_2=second.probability_first,
            )
        )
    if not any(weight > 0 for weight in decision.weights.values()):
        found.append(say("every_weight_is_zero_so"))
    if evidence.split is None and evidence.candidates:
        found.append(say("history_is_too_short_to"))
    if metric is not None and decision.charge is not None and decision.charge.metric != metric.name:
        found.append(
            say("the_accepted_price_curve_is", replace=decision.charge.metric.replace("_", " "), title=metric.title)
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
        told = "the revenue target" if curve.target else say("what_the_same_accounts_pay")
        found.append(say("the_curve_earns_of_from", value=earned / goal, told=told, month=evidence.month))
    if used.unmeasured and used.compared and metric is not None:
        paid = money(used.unmeasured, evidence.currency)
        found.append(say("accounts_that_pay_a_month", paid=paid, title=metric.title, month=evidence.month))
    return found


# --- The stage in one sentence, for the report, the decision log and the command line

_MOST_OF_IT = 0.5


def _passed_over(result: ValueMetricResult) -> str:
    """Say so where the metric that ranks first was left aside because nothing of its past is on record."""
    first = next(iter(result.ranked), None)
    if first is None or first.candidate == result.metric or first.candidate.source == "usage":
        return ""
    share = percent(first.probability_first)
    return say("ranks_first_in_but_has", title=first.candidate.title, share=share)


def _grows(result: ValueMetricResult) -> str:
    """Say that the price grows with the metric only where the price list does, or nothing else is decided."""
    title = "" if result.metric is None else result.metric.title
    listed = result.price_list
    charged = listed is None or listed.is_proposal or (listed.share or 0.0) >= _MOST_OF_IT
    return say("the_price_grows_with", title=title) if charged else say("the_value_metric_is", title=title)


def _billed(result: ValueMetricResult) -> str:
    """Say what the price list does along the metric, where there is one."""
    listed = result.price_list
    if listed is None or listed.is_proposal or listed.share is None:
        return ""
    known = listed.typical_ratio
    times = "" if known is None else say("ten_times_the_typical_use_2", known=known)
    return say("of_the_price_list_s", share=listed.share, times=times)


def summarise(decision: ValueMetricDecision, result: ValueMetricResult) -> str:
    """Say which metric was chosen, how sure its first place is, and what the price curve does."""
    if result.metric is None:
        return say("no_value_metric_yet_the")
    place = result.place
    sure = (
        ""
        if place is None
        else say("first_of_in_of_draws", ranked=len(result.ranked), probability_first=place.probability_first)
    )
    if not result.is_chosen:
        return say("no_value_metric_is_chosen", title=result.metric.title, sure=sure)
    sentence = f"{_grows(result)}{sure}.{_passed_over(result)}{_billed(result)}"
    if result.price_list is not None and not result.price_list.is_on_one_charge(decision.charge):
        return sentence
    if result.curve is None or decision.charge is None or not result.curve.is_accepted:
        return say("no_price_curve_is_accepted", sentence=sentence)
    curve = result.curve
    revenue = money(curve.revenue if curve.from_paying is None else curve.from_paying, result.currency)
    return say(
        "ten_times_the_typical_use", sentence=sentence, typical_ratio=result.curve.typical_ratio, revenue=revenue
    )
