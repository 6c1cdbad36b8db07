"""Whether a pricing model suits these customers (rules MF1 to MF5)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from workbench import formatting
from workbench.results import Interval
from workbench.rules.rulebook import (
    RULEBOOK,
    Rulebook,
    Threshold,
    finding,
    interval_in_words,
    known,
    measure_in_words,
    names_in_words,
    worst,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.rules.rulebook import Finding, Status

Model = Literal["value_metric", "tiered", "add_on", "usage_based", "hybrid"]
Component = Literal["none", "opt_in", "beside", "replacement"]
Billed = Literal["none", "option", "beside", "instead"]
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
_TIERS_OR_METRIC: tuple[Model, ...] = ("tiered", "value_metric")
_ADD_ONS: tuple[Model, ...] = ("add_on",)
_INTRODUCED: Mapping[Billed | None, tuple[Status, str]] = {
    "option": ("ok", "as an option they may buy"),
    "beside": ("watch", "beside the seats, from every customer of a plan"),
    "instead": ("breach", "and would replace that price at once"),
    None: ("unknown", "no price list yet that says how usage would be charged"),
}
_MEANT: Mapping[Component | None, str] = {
    "opt_in": "as an option",
    "beside": "beside today's price",
    "replacement": "in place of today's price",
}
_BILLED_AS: Mapping[Component | None, Billed] = {"beside": "beside", "replacement": "instead"}


def adoption_order(
    h: Interval | None,
    *,
    model: Model | None,
    accounts: int = 0,
    features: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether the model fits how customers adopt features (MF1).

    `h` is Loevinger's H over accounts and features. A high H (one common order) favours tiers or one price on a value
    metric, a low one a core with add-ons. A model that contradicts what is favoured does not meet the rule; one that is
    merely another is on watch. Where the interval holds both, nothing is favoured and the verdict is unknown.
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
    population = formatting.count("account", accounts)
    if model is None:
        return finding(rule, "unknown", evidence, remedy=_CHOOSE, measured=found.estimate)
    of_order = rule.threshold
    # For add-ons the scale is turned round: no common order is right, and a medium one is a reason for tiers.
    turned = Threshold(high=of_order.watch_low, watch_high=of_order.low)
    if of_order.status(found.low) == "breach" and of_order.status(found.high) == "ok":
        return finding(
            rule,
            "unknown",
            f"{evidence} The interval holds both an order and none, so it favours no model.",
            remedy="Wait for more accounts or months of feature use, and judge the order again.",
            measured=found.estimate,
            population=population,
        )
    for_tiers, for_add_ons = of_order.status_of_interval(found), turned.status_of_interval(found)
    favoured = _TIERS_OR_METRIC if for_tiers == "ok" else _ADD_ONS if for_add_ons == "ok" else ()
    words = " or ".join(MODEL_WORDS[each] for each in favoured)
    says = f"It favours {words}." if favoured else "It favours no model clearly."
    return finding(
        rule,
        _order_status(for_tiers, for_add_ons, model, favoured=favoured),
        f"{evidence} {says} The choice is {MODEL_WORDS[model]}.",
        remedy=_order_remedy(favoured, model),
        measured=found.estimate,
        population=population,
    )


def usage_introduction(
    component: Component | None,
    *,
    per_seat_today: bool | None,
    billed: Billed | None = None,
    metrics: Sequence[str] = (),
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge how a usage component reaches customers on per-seat prices (MF2).

    `billed` says how the price list customers are billed by charges for usage (`metrics`): "none", as an "option" they
    may buy, "beside" the price per seat, or "instead" of it; None while there is no price list. The list decides, and
    what the team means to do counts only where there is none.
    """
    rule = rulebook["MF2"]
    if billed == "none" and component in _MEANT:
        evidence = f"Usage is meant to come {_MEANT[component]}, and the price list has no usage component."
        remedy = "Put the usage component into the price list, or decide on none."
        return finding(rule, "watch", evidence, remedy=remedy)
    if billed == "none" or (billed is None and component == "none"):
        evidence = "The price list has no usage component, so there is nothing to judge."
        return replace(finding(rule, "ok", evidence), by_construction=True)
    if per_seat_today is None:
        remedy = "Add the table plans, with the metric each price is per."
        return finding(rule, "unknown", "It is not known how customers pay today.", remedy=remedy)
    if not per_seat_today:
        return finding(rule, "ok", "Customers do not pay per seat today, so usage replaces no per-seat price.")
    status, how = _INTRODUCED[billed or _BILLED_AS.get(component)]
    charged = f"The price list charges for {names_in_words(metrics)}" if metrics else "Usage is meant to be charged"
    remedy = "Offer usage as an opt-in overage or accelerator first, and replace seats once it is accepted."
    if status == "unknown":
        charged, remedy = "There is", "Decide tiers and add-ons, with the usage component among them."
    return finding(rule, status, f"Customers pay per seat today. {charged} {how}.", remedy=remedy)


def pure_against_hybrid(
    model: Model | None,
    results: Mapping[Model, float | None],
    *,
    ratios: Mapping[tuple[Model, Model], Interval] | None = None,
    measure: str = "revenue over the history",
    accounts: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge a pure model against the hybrid on the same customers, and a hybrid against the best pure model (MF3).

    `results` holds one figure per model, more being better, all made alike (`measure` says which); `ratios` the
    interval of one model's over another's, where it is known. An interval that holds both better and clearly worse
    leaves the verdict unknown.
    """
    rule, population = rulebook["MF3"], formatting.count("account", accounts) if accounts else ""
    if model is None:
        return finding(rule, "unknown", "No pricing model is chosen yet.", remedy=_CHOOSE)
    figures = {name: found for name, value in results.items() if (found := _figure(value)) is not None}
    pure = sorted((name for name in figures if name != "hybrid"), key=lambda name: -figures[name])
    other: Model | None = "hybrid" if model != "hybrid" else next(iter(pure), None)
    if model not in figures or other is None or figures.get(other, 0.0) <= 0:
        against = "a hybrid" if model != "hybrid" else "a pure model"
        return finding(
            rule,
            "unknown",
            f"The choice, {MODEL_WORDS[model]}, has not been compared with {against} on {measure}.",
            remedy="Load usage and MRR, so that both can be billed over the history.",
        )
    mine, theirs = figures[model], figures[other]
    ratio = Interval(math.nan, mine / theirs, math.nan)
    ratio = (ratios or {}).get((model, other), ratio)
    status = rule.threshold.status_of_interval(ratio)
    if rule.threshold.status(ratio.low) == "breach" and rule.threshold.status(ratio.high) == "ok":
        status = "unknown"
    name = f"the best pure model, {MODEL_WORDS[other]}," if model == "hybrid" else MODEL_WORDS[other]
    gain = formatting.percent(1 / ratio.estimate - 1, 1) if ratio.estimate > 0 else "the difference"
    remedy = f"Choose {MODEL_WORDS[other]}, to gain the {gain} it shows, or say why not."
    if status == "unknown" or ratio.estimate >= 1:
        remedy = "Ask more customers what they would pay: the two are too close to tell apart."
    return finding(
        rule,
        status,
        f"By {measure}, the choice, {MODEL_WORDS[model]}, reaches {interval_in_words(ratio, 'share')} of {name} "
        f"({formatting.number(mine)} against {formatting.number(theirs)}).",
        remedy=remedy,
        measured=ratio.estimate,
        population=population,
    )


def ranked_first(
    model: Model | None,
    ranking: Sequence[tuple[Model, float, float]],
    *,
    accounts: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether the decided model is the one the comparison ranks first (MF6).

    `ranking` holds model, score and probability of coming first, best first.
    """
    rule, population = rulebook["MF6"], formatting.count("account", accounts) if accounts else ""
    if not ranking:
        remedy = "Load revenue, usage and feature use, so that the models can be compared."
        return finding(rule, "unknown", "The models could not be ranked.", remedy=remedy)
    best, score, first = ranking[0]
    leader = f"{formatting.capitalised(MODEL_WORDS[best])} ranks first (score {formatting.number(score, 2)})"
    evidence = f"{leader}, in {formatting.percent(first)} of draws."
    if model is None:
        return finding(rule, "unknown", evidence, remedy=_CHOOSE, population=population)
    if model == best:
        status: Status = "ok" if rule.threshold.status(first) == "ok" else "watch"
        remedy = "Treat the choice as open: another survey or a test with new customers would tell the models apart."
        return finding(
            rule, status, f"{evidence} It is the choice.", remedy=remedy, measured=first, population=population
        )
    of_mine = next(((each[1], each[2]) for each in ranking if each[0] == model), None)
    if of_mine is None:
        remedy = "Load what the chosen model bills, so that it can be compared, or choose another."
        evidence = f"{evidence} The choice, {MODEL_WORDS[model]}, could not be compared."
        return finding(rule, "unknown", evidence, remedy=remedy, population=population)
    mine = f"{MODEL_WORDS[model]}, has score {formatting.number(of_mine[0], 2)}"
    return finding(
        rule,
        "breach" if rule.threshold.status(of_mine[1]) == "breach" else "watch",
        f"{evidence} The choice, {mine} and comes first in {formatting.percent(of_mine[1])} of draws.",
        remedy=f"Choose {MODEL_WORDS[best]}, or set this rule aside with the reason why it was not taken.",
        measured=of_mine[1],
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
        f"customers are in that position; {measure_in_words(found.estimate, 'share', rule.threshold)} are now.",
        measured=found.estimate,
        subject=metric,
        affected=affected,
        population=formatting.count("account", of_accounts),
    )


def _order_status(for_tiers: Status, for_add_ons: Status, model: Model, *, favoured: Sequence[Model]) -> Status:
    if model == "tiered":
        return for_tiers
    if model == "add_on":
        return for_add_ons
    # The others package no features: an order, or none, never contradicts them, but may favour another model.
    return "ok" if not favoured or model in favoured else "watch"


def _order_remedy(favoured: Sequence[Model], model: Model) -> str:
    if model == "tiered":
        return (
            "Sell the features that break the order as add-ons, and keep in the tiers what most customers take up in "
            "order."
        )
    if favoured == _ADD_ONS:
        return "Choose a core with add-ons, or say why features that each customer wants apart are sold together."
    return "Put the features that most customers take up in one order into tiers; sell only the others as add-ons."


def _figure(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
