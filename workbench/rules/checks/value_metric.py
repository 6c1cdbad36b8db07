"""Whether a metric is worth charging for (rules VM1 to VM6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench import formatting
from workbench.rules.checks.build import finding, interval_in_words, known, listed, worst
from workbench.rules.checks.curve import curve_ratio
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.rules.threshold import decided, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.results import Interval
    from workbench.rules.finding import Finding

__all__ = ["charged_by_metric", "curve_ratio", "growth", "predictability", "success_correlation", "success_measure"]


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
        parts.append(f"Growth of {metric} inside accounts is not known.")
    else:
        parts.append(
            f"The median account's {metric} grow by {interval_in_words(grown, 'share', rule.threshold)} a month, "
            f"{formatting.count('account', accounts)}."
        )
    growing = known(share_growing)
    if growing is not None:
        parts.append(f"They grow in {interval_in_words(growing, 'share')} of accounts.")
    remedy = (
        _ask(score, f"whether customers want more {metric}", None if grown else f"monthly usage of {metric}")
        if status == "unknown"
        else f"Look for a metric that customers add to by themselves: {metric} should score at least "
        f"{decided(rule.also['score'].low or 0, 'score')} and grow by {rule.threshold.in_words()} a month."
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
        parts.append(f"How well {metric} can be foreseen is not known.")
    else:
        missed = interval_in_words(error, "share", rule.threshold)
        parts.append(
            f"One month ahead, {metric} are missed by {missed} in the median account, "
            f"{formatting.count('account', accounts)}."
        )
    if variation is not None and not formatting.is_unknown(variation):
        parts.append(f"From month to month they vary by {written(variation, 'share')}.")
    remedy = (
        _ask(score, f"whether customers can see {metric}", None if error else f"monthly usage of {metric}")
        if status == "unknown"
        else f"Show customers their {metric} in the product and bill an average or a commitment, so that a month can "
        f"be foreseen within {decided(rule.high or 0, 'share')}."
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
            f"It is not known how {metric} go with {outcome}.",
            remedy="Add the table outcomes (account, date, kind, value), or MRR for retention and expansion.",
            subject=metric,
        )
    return finding(
        rule,
        rule.threshold.status_of_interval(found),
        f"The rank correlation of {metric} with {outcome} is "
        f"{interval_in_words(found, 'correlation', rule.threshold)} over {formatting.count('account', accounts)}.",
        remedy=f"Choose a metric whose whole interval lies above {decided(rule.low or 0, 'correlation')}, or record "
        f"{outcome} for more accounts to narrow it.",
        measured=found.estimate,
        subject=metric,
        population=_population(accounts),
    )


def success_measure(metric: str, score: float | None, *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge from the team's mark (1 to 5) whether customers measure their success by the metric (VM5)."""
    rule = rulebook["VM5"]
    status = rule.threshold.status(score)
    remedy = (
        _ask(None, f"whether customers track {metric} for their own purposes", None)
        if status == "unknown"
        else f"Ask customers which number they report to their own management; {metric} should score at least "
        f"{decided(rule.low or 0, 'score')}."
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
        need = "Design tiers or accept a price curve, and load usage, so that the list can be billed."
        return finding(rule, "unknown", "There is no price list to bill yet.", remedy=need, subject=metric)
    rest = [f"{written(part, 'share')} by {what}" for what, part in (others or {}).items() if part > 0]
    evidence = f"{written(share, 'share', rule.threshold)} of the price list's revenue is charged by {metric}"
    evidence += f", {listed(rest)}." if rest else "."
    if limits:
        evidence += f" {formatting.capitalised(metric)} only limit {listed(limits)}."
    remedy = (
        f"Charge for {metric} in the tiers (a price per unit or an overage), offer it as an option first, or decide on "
        "the metric that customers are billed by."
    )
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
        return "The team has not scored it yet."
    return f"The team scores it {written(score, 'score')} of 5."


def _ask(score: float | None, about: str, data: str | None) -> str:
    asks = [] if score is not None else [f"have the team score from 1 to 5 {about}"]
    asks += [f"load {data}"] if data else []
    return f"To answer this, {' and '.join(asks)}."


def _population(accounts: int) -> str:
    return formatting.count("account", accounts) if accounts else ""
