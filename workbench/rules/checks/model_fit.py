"""Whether a pricing model suits these customers (rules MF1 to MF5)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from workbench import formatting
from workbench.rules.checks.build import finding, interval_in_words, known, worst
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.rules.threshold import Threshold, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.results import Interval
    from workbench.rules.finding import Finding, Status

Model = Literal["value_metric", "tiered", "add_on", "usage_based", "hybrid"]

MODEL_WORDS: dict[Model, str] = {
    "value_metric": "value metric pricing",
    "tiered": "tiers",
    "add_on": "a core with add-ons",
    "usage_based": "usage-based pricing",
    "hybrid": "a hybrid",
}
# Mokken's marks for H, lowest first: Mokken (1971); Sijtsma & Molenaar (2002).
_MOKKEN = ((0.3, "no"), (0.4, "a weak"), (0.5, "a medium"), (math.inf, "a strong"))
_CHARGED_BY_USAGE = frozenset({"value_metric", "usage_based", "hybrid"})
_CHOOSE = "Choose a pricing model."


def adoption_order(
    h: Interval | None,
    *,
    model: Model | None,
    accounts: int = 0,
    features: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether the model fits how customers adopt features (MF1).

    `h` is Loevinger's H over accounts and features. A high H (one common order) speaks for tiers, a low one for
    add-ons; an interval that straddles a mark is on watch. The other models do not hang on the order.
    """
    rule, found = rulebook["MF1"], known(h)
    if found is None:
        remedy = "Add the table feature_use (account, week, feature, uses), with at least two features."
        return finding(rule, "unknown", "It is not known in which order customers adopt features.", remedy=remedy)
    word = next(word for mark, word in _MOKKEN if found.estimate < mark - 1e-12)
    evidence = (
        f"Loevinger's H is {interval_in_words(found, 'correlation')}: {word} common order of adoption, over "
        f"{formatting.count('account', accounts)} and {formatting.count('feature', features)}."
    )
    if model is None:
        return finding(rule, "unknown", evidence, remedy=_CHOOSE, measured=found.estimate)
    remedy = (
        "Sell the features that break the order as add-ons, and keep in the tiers what most customers take up in order."
        if model == "tiered"
        else "Put the features that most customers take up in one order into tiers; sell only the others as add-ons."
    )
    return finding(
        rule,
        _order_status(rule.threshold, found, model),
        f"{evidence} The choice is {MODEL_WORDS[model]}.",
        remedy=remedy,
        measured=found.estimate,
        population=formatting.count("account", accounts),
    )


def usage_introduction(
    component: Literal["none", "opt_in", "replacement"] | None,
    *,
    per_seat_today: bool | None,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge how a usage component reaches customers on per-seat prices (MF2)."""
    rule = rulebook["MF2"]
    if component == "none":
        return finding(rule, "ok", "The design brings in no usage component.")
    if per_seat_today is None or component is None:
        open_one = "how customers pay today" if per_seat_today is None else "how the usage component is brought in"
        remedy = (
            "Add the table plans, with the metric each price is per."
            if per_seat_today is None
            else "Say whether the usage component is opt-in or replaces the per-seat price."
        )
        return finding(rule, "unknown", f"It is not known {open_one}.", remedy=remedy)
    if not per_seat_today:
        return finding(rule, "ok", "Customers do not pay per seat today, so usage replaces no per-seat price.")
    if component == "opt_in":
        return finding(rule, "ok", "Customers pay per seat today, and the usage component is opt-in.")
    return finding(
        rule,
        "breach",
        "Customers pay per seat today, and usage would replace that price at once.",
        remedy="Offer usage as an opt-in overage or accelerator first, and replace seats once it is accepted.",
    )


def pure_against_hybrid(
    model: Model | None,
    results: Mapping[Model, float | None],
    *,
    measure: str = "revenue over the history",
    accounts: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge a pure model against a hybrid on the same customers (MF3).

    `results` holds one figure per model, more being better, all calibrated alike (`measure` says which).
    """
    rule, population = rulebook["MF3"], formatting.count("account", accounts) if accounts else ""
    if model is None:
        return finding(rule, "unknown", "No pricing model is chosen yet.", remedy=_CHOOSE)
    if model == "hybrid":
        return finding(rule, "ok", "The choice is a hybrid; there is no pure model to compare.", population=population)
    mine, hybrid = (_figure(results.get(name)) for name in (model, "hybrid"))
    if mine is None or hybrid is None or hybrid <= 0:
        return finding(
            rule,
            "unknown",
            f"The choice, {MODEL_WORDS[model]}, has not been compared with a hybrid on {measure}.",
            remedy="Load usage and MRR, so that both can be billed over the history.",
        )
    ratio = mine / hybrid
    return finding(
        rule,
        rule.threshold.status(ratio),
        f"By {measure}, {MODEL_WORDS[model]} reaches {formatting.percent(ratio, 1)} of the hybrid "
        f"({formatting.number(mine)} against {formatting.number(hybrid)}).",
        remedy=f"Add a base or a usage component to {MODEL_WORDS[model]}, to gain the "
        f"{formatting.percent(1 / ratio - 1, 1) if ratio > 0 else 'difference'} the hybrid shows, or say why not.",
        measured=ratio,
        population=population,
    )


def volatility(
    model: Model | None,
    *,
    variation: Interval | None,
    shock: Interval | None,
    accounts: int = 0,
    months: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge how revenue would swing and how often bills would jump under the model (MF4).

    `variation` is that of monthly revenue around its trend, `shock` the share of account-months whose bill jumps,
    both as shares. A model that does not charge by usage meets the rule.
    """
    rule = rulebook["MF4"]
    swing, jumps = known(variation), known(shock)
    said = [
        f"Monthly revenue would vary by {interval_in_words(swing, 'share', rule.threshold)} around its trend."
        if swing
        else "",
        f"{interval_in_words(jumps, 'share', rule.also['shock'])} of monthly bills would jump." if jumps else "",
    ]
    population = f"{formatting.count('account', accounts)} over {formatting.count('month', months)}" if accounts else ""
    numbers = " ".join(part for part in said if part) or "Neither the swing of revenue nor that of bills is known."
    if model is None:
        return finding(rule, "unknown", numbers, remedy=_CHOOSE, population=population)
    if model not in _CHARGED_BY_USAGE:
        evidence = f"The choice, {MODEL_WORDS[model]}, does not charge by usage. {numbers}"
        return finding(rule, "ok", evidence, measured=swing.estimate if swing else None, population=population)
    status = worst(rule.threshold.status_of_interval(swing), rule.also["shock"].status_of_interval(jumps))
    remedy = (
        "Load monthly usage over at least a year, so that the swings can be seen."
        if status == "unknown"
        else f"Add a minimum commitment, a base fee or billing by quarterly average, until revenue varies by "
        f"{rule.threshold.in_words()} and {rule.also['shock'].in_words()} of bills jump."
    )
    return finding(
        rule, status, numbers, remedy=remedy, measured=swing.estimate if swing else None, population=population
    )


def disconnect(
    share: Interval | None,
    *,
    count: int = 0,
    of_accounts: int = 0,
    metric: str = "usage",
    affected: Iterable[str] = (),
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether customers get more value from less usage (MF5).

    `share` is that of accounts whose value rose while their usage fell, `count` of `of_accounts` compared.
    """
    rule, found = rulebook["MF5"], known(share)
    if found is None:
        return finding(
            rule,
            "unknown",
            "It is not known whether value rises while usage falls.",
            remedy="Add the table outcomes (account, date, kind, value) and usage over at least a year.",
            subject=metric,
        )
    return finding(
        rule,
        rule.threshold.status_of_interval(found),
        f"In {count:,} of {formatting.count('account', of_accounts)} value rose while {metric} fell: "
        f"{interval_in_words(found, 'share', rule.threshold)}.",
        remedy=f"Charge for the outcome, or for a metric that rises with it, until {rule.threshold.in_words()} of "
        f"customers are in that position; {written(found.estimate, 'share', rule.threshold)} are now.",
        measured=found.estimate,
        subject=metric,
        affected=affected,
        population=formatting.count("account", of_accounts),
    )


def _order_status(threshold: Threshold, h: Interval, model: Model) -> Status:
    if model == "tiered":
        return threshold.status_of_interval(h)
    if model != "add_on":
        return "ok"
    # For add-ons the scale is turned round: no common order is right, and a medium one is a reason for tiers.
    turned = Threshold(high=threshold.watch_low, watch_high=threshold.low)
    return turned.status_of_interval(h)


def _figure(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
