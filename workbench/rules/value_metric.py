"""Whether a metric is worth charging for (VM1 to VM6), and whether charging by usage is safe (U1 to U3)."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING, Literal

from workbench import formatting
from workbench.rules.rulebook import (
    RULEBOOK,
    Rulebook,
    finding,
    interval_in_words,
    known,
    measure_in_words,
    names_in_words,
    threshold_in_words,
    worst,
)
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.results import Interval
    from workbench.rules.rulebook import Finding, Status, Threshold

say = texts(__name__)

# --- How the bill grows when usage grows tenfold (rules VM3 and U2)

_NO_CURVE = say("set_a_price_per_unit")


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
        return finding(
            rule, "unknown", say("there_is_for_to_judge", what=what, metric=metric), remedy=_NO_CURVE, subject=metric
        )
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
    evidence += say(
        "at_the_typical_quantity_ten",
        typical=typical,
        metric=metric,
        at_typical=measure_in_words(at_typical, "times", rule.threshold),
        points=points[0][0],
        points_2=points[-1][0],
        low=measure_in_words(low, "times", rule.threshold),
        high=measure_in_words(high, "times", rule.threshold),
    )
    if share is not None:
        who = formatting.count("customer", round(len(held) * customers_each))
        told = measure_in_words(share, "share", rule.also["reach"])
        evidence += say("it_lies_within_for_of", in_words=rule.threshold.in_words(), told=told, who=who)
    remedy = _bend(rule.threshold, at_typical, typical, metric)
    if status == "watch":
        reach = threshold_in_words(rule.also["reach"].low or 0, "share")
        remedy = say(
            "move_the_break_points_of",
            in_words=rule.threshold.in_words(),
            reach=reach,
            value=rule.also["reach"].owner or "as the source asks",
        )
    population = say("with_a_quantity_of", value=round(len(held) * customers_each), metric=metric) if held else ""
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
        return say(
            "raise_the_prices_of_the",
            at=at,
            low=threshold_in_words(band.low, "times"),
            ratio_=measure_in_words(ratio, "times", band),
        )
    return say(
        "lower_the_prices_of_the",
        at=at,
        threshold_in_words=threshold_in_words(band.high or math.nan, "times"),
        ratio_=measure_in_words(ratio, "times", band),
    )


# --- Whether a metric is worth charging for (rules VM1 to VM6)


def growth(
    metric: str,
    *,
    score: float | None,
    monthly_growth: Interval | None,
    share_growing: Interval | None = None,
    accounts: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether customers want more of the metric (VM1).

    `score` is the team's mark, 1 to 5; `monthly_growth` the median growth inside accounts a month, as a share.
    """
    rule, grown = rulebook["VM1"], known(monthly_growth)
    status = worst(rule.also["score"].status(score), rule.threshold.status_of_interval(grown))
    parts = [_score_in_words(score)]
    if grown is None:
        parts.append(say("growth_of_inside_accounts_is", metric=metric))
    else:
        parts.append(
            say(
                "the_median_account_s_grow",
                metric=metric,
                grown=interval_in_words(grown, "share", rule.threshold),
                accounts=accounts,
            )
        )
    growing = known(share_growing)
    if growing is not None:
        parts.append(say("they_grow_in_of_accounts", growing=interval_in_words(growing, "share")))
    remedy = (
        _ask(score, say("whether_customers_want_more", metric=metric), None if grown else f"monthly usage of {metric}")
        if status == "unknown"
        else say(
            "look_for_a_metric_that",
            metric=metric,
            threshold_in_words=threshold_in_words(rule.also["score"].low or 0, "score"),
            in_words=rule.threshold.in_words(),
        )
    )
    return finding(
        rule,
        status,
        " ".join(parts),
        remedy=remedy,
        measured=grown.estimate if grown else None,
        subject=metric,
        population=_population(accounts),
    )


def predictability(
    metric: str,
    *,
    score: float | None,
    forecast_error: Interval | None,
    variation: float | None = None,
    accounts: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether customers can see the metric and compute the bill (VM2).

    `forecast_error` is the median relative error one month ahead; `variation` the usual month-to-month
    variation inside an account, as a share.
    """
    rule, error = rulebook["VM2"], known(forecast_error)
    status = worst(rule.also["score"].status(score), rule.threshold.status_of_interval(error))
    parts = [_score_in_words(score)]
    if error is None:
        parts.append(say("how_well_can_be_foreseen", metric=metric))
    else:
        missed = interval_in_words(error, "share", rule.threshold)
        parts.append(say("one_month_ahead_are_missed", metric=metric, missed=missed, accounts=accounts))
    if variation is not None and not formatting.is_unknown(variation):
        parts.append(say("from_month_to_month_they", variation=measure_in_words(variation, "share")))
    remedy = (
        _ask(score, say("whether_customers_can_see", metric=metric), None if error else f"monthly usage of {metric}")
        if status == "unknown"
        else say(
            "show_customers_their_in_the", metric=metric, threshold_in_words=threshold_in_words(rule.high or 0, "share")
        )
    )
    return finding(
        rule,
        status,
        " ".join(parts),
        remedy=remedy,
        measured=error.estimate if error else None,
        subject=metric,
        population=_population(accounts),
    )


def success_correlation(
    metric: str,
    correlation: Interval | None,
    *,
    outcome: str = "outcomes",
    accounts: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether the metric, and so the price, moves with customer success (VM4).

    `correlation` is a rank correlation (-1 to 1) between the metric and the outcome over accounts.
    """
    rule, found = rulebook["VM4"], known(correlation)
    if found is None:
        return finding(
            rule,
            "unknown",
            say("it_is_not_known_how", metric=metric, outcome=outcome),
            remedy=say("add_the_table_outcomes_account"),
            subject=metric,
        )
    return finding(
        rule,
        rule.threshold.status_of_interval(found),
        say(
            "the_rank_correlation_of_with",
            metric=metric,
            outcome=outcome,
            found=interval_in_words(found, "correlation", rule.threshold),
            accounts=accounts,
        ),
        remedy=say(
            "choose_a_metric_whose_whole",
            threshold_in_words=threshold_in_words(rule.low or 0, "correlation"),
            outcome=outcome,
        ),
        measured=found.estimate,
        subject=metric,
        population=_population(accounts),
    )


def success_measure(metric: str, score: float | None, *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge from the team's mark (1 to 5) whether customers measure their success by the metric (VM5)."""
    rule = rulebook["VM5"]
    status = rule.threshold.status(score)
    remedy = (
        _ask(None, say("whether_customers_track_for_their", metric=metric), None)
        if status == "unknown"
        else say(
            "ask_customers_which_number_they",
            metric=metric,
            threshold_in_words=threshold_in_words(rule.low or 0, "score"),
        )
    )
    return finding(rule, status, _score_in_words(score), remedy=remedy, measured=score, subject=metric)


def charged_by_metric(
    metric: str,
    share: float | None,
    *,
    others: Mapping[str, float] | None = None,
    limits: Sequence[str] = (),
    population: str = "",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge which share of the price list's revenue is charged by the decided metric (VM6).

    `others` are the shares of what else is charged for, in words; `limits` the tiers that only limit the metric.
    """
    rule = rulebook["VM6"]
    if share is None:
        need = say("design_tiers_or_accept_a")
        return finding(rule, "unknown", say("there_is_no_price_list"), remedy=need, subject=metric)
    rest = [f"{measure_in_words(part, 'share')} by {what}" for what, part in (others or {}).items() if part > 0]
    evidence = say("of_the_price_list_s", share=measure_in_words(share, "share", rule.threshold), metric=metric)
    evidence += f", {names_in_words(rest)}." if rest else "."
    if limits:
        evidence += f" {formatting.capitalised(metric)} only limit {names_in_words(limits)}."
    remedy = say("charge_for_in_the_tiers", metric=metric)
    return finding(
        rule,
        rule.threshold.status(share),
        evidence,
        remedy=remedy,
        measured=share,
        subject=metric,
        population=population,
    )


def _score_in_words(score: float | None) -> str:
    if score is None or formatting.is_unknown(score):
        return say("the_team_has_not_scored")
    return say("the_team_scores_it_of", score=measure_in_words(score, "score"))


def _ask(score: float | None, about: str, data: str | None) -> str:
    asks = [] if score is not None else [say("have_the_team_score_from", about=about)]
    asks += [f"load {data}"] if data else []
    return f"To answer this, {' and '.join(asks)}."


def _population(accounts: int) -> str:
    return formatting.count("account", accounts) if accounts else ""


# --- Whether charging by usage is safe for a customer (rules U1 to U3)


def free_baseline(
    metric: str,
    *,
    included: float | None,
    has_free_tier: bool | None = None,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether some usage is free or included (U1).

    `included` is the smallest quantity any plan includes, infinite where none counts or charges it.
    """
    rule = rulebook["U1"]
    if has_free_tier:
        return finding(rule, "ok", say("there_is_a_free_tier"), measured=included, subject=metric)
    if included is not None and math.isinf(included):
        return finding(rule, "ok", say("are_included_without_a_count", metric=metric), subject=metric)
    if included is None or math.isnan(included):
        return finding(
            rule,
            "unknown",
            say("it_is_not_known_how_2", metric=metric),
            remedy=say("set_the_free_or_included", metric=metric),
            subject=metric,
        )
    return finding(
        rule,
        rule.threshold.status(included),
        say("are_included_before_they_are", included=included, metric=metric),
        remedy=say("include_in_the_base_fee", in_words=rule.threshold.in_words(), metric=metric),
        measured=included,
        subject=metric,
    )


def volume_discount(
    quantities: Sequence[float],
    ratios: Sequence[float],
    *,
    typical: float | None,
    customers: Iterable[float] | None = None,
    customers_each: float = 1.0,
    own_ratios: Iterable[float] | None = None,
    billed_by: str = "",
    metric: str = "units",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether volume discounts leave ten times the volume at seven to eight times the bill (U2)."""
    return curve_ratio(
        quantities,
        ratios,
        typical=typical,
        customers=customers,
        customers_each=customers_each,
        own_ratios=own_ratios,
        billed_by=billed_by,
        metric=metric,
        rule_id="U2",
        rulebook=rulebook,
    )


def caps_and_calculator(
    *,
    has_cap: bool | None,
    has_calculator: bool | None,
    usage_charged: Sequence[str] | None = None,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether customers can cap their spending and foresee a bill (U3); None means not said yet.

    `usage_charged` names what bills grow with from month to month, None where that is not known; where it is nothing,
    no bill needs a cap and the calculator alone decides.
    """
    rule = rulebook["U3"]
    parts = {"a spending cap": has_cap, "a usage calculator": has_calculator}
    grows = ""
    if usage_charged is not None:
        grows = (
            f"Bills grow with {names_in_words(usage_charged)}." if usage_charged else say("no_bill_grows_with_usage")
        )
    if usage_charged is not None and not usage_charged:
        del parts["a spending cap"]
    lacking = [name for name, there in parts.items() if there is False]
    open_ones = [name for name, there in parts.items() if there is None]
    present = [name for name, there in parts.items() if there]
    status = _both(len(lacking), len(open_ones), of=len(parts))
    said = [
        grows,
        f"There is {names_in_words(present)}." if present else "",
        f"There is no {' and no '.join(n.removeprefix('a ') for n in lacking)}." if lacking else "",
    ]
    said += [say("nothing_is_said_about", open_ones=names_in_words(open_ones))] if open_ones else []
    remedy = (
        f"Offer {names_in_words(lacking)}."
        if lacking
        else say("say_whether_the_offer_has", open_ones=names_in_words(open_ones))
    )
    return finding(rule, status, " ".join(part for part in said if part), remedy=remedy)


def _both(lacking: int, still_open: int, *, of: int) -> Status:
    if lacking:
        return "breach" if lacking == of else "watch"
    return "unknown" if still_open else "ok"
