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
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.rules.rulebook import Finding, Status

say = texts(__name__)

Model = Literal["value_metric", "tiered", "add_on", "usage_based", "hybrid"]
Component = Literal["none", "opt_in", "beside", "replacement"]
Billed = Literal["none", "option", "beside", "instead"]
MODEL_WORDS: dict[Model, str] = {
    "value_metric": "value metric pricing",
    "tiered": "tiers",
    "add_on": say("a_core_with_add_ons"),
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
    "option": ("ok", say("as_an_option_they_may")),
    "beside": ("watch", say("beside_the_seats_from_every")),
    "instead": ("breach", say("and_would_replace_that_price")),
    None: ("unknown", say("no_price_list_yet_that")),
}
_MEANT: Mapping[Component | None, str] = {
    "opt_in": "as an option",
    "beside": "beside today's price",
    "replacement": say("in_place_of_today_s"),
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
        remedy = say("add_the_table_feature_use")
        return finding(rule, "unknown", say("it_is_not_known_in"), remedy=remedy)
    word = next(word for mark, word in _MOKKEN if found.estimate < mark - 1e-12)
    evidence = say(
        "loevinger_s_h_is_common",
        found=interval_in_words(found, "correlation"),
        word=word,
        accounts=accounts,
        features=features,
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
            say("the_interval_holds_both_an", evidence=evidence),
            remedy=say("wait_for_more_accounts_or"),
            measured=found.estimate,
            population=population,
        )
    for_tiers, for_add_ons = of_order.status_of_interval(found), turned.status_of_interval(found)
    favoured = _TIERS_OR_METRIC if for_tiers == "ok" else _ADD_ONS if for_add_ons == "ok" else ()
    words = " or ".join(MODEL_WORDS[each] for each in favoured)
    says = f"It favours {words}." if favoured else say("it_favours_no_model_clearly")
    return finding(
        rule,
        _order_status(for_tiers, for_add_ons, model, favoured=favoured),
        say("the_choice_is", evidence=evidence, says=says, model_words=MODEL_WORDS[model]),
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
        evidence = say("usage_is_meant_to_come", meant=_MEANT[component])
        remedy = say("put_the_usage_component_into")
        return finding(rule, "watch", evidence, remedy=remedy)
    if billed == "none" or (billed is None and component == "none"):
        evidence = say("the_price_list_has_no")
        return replace(finding(rule, "ok", evidence), by_construction=True)
    if per_seat_today is None:
        remedy = say("add_the_table_plans_with")
        return finding(rule, "unknown", say("it_is_not_known_how"), remedy=remedy)
    if not per_seat_today:
        return finding(rule, "ok", say("customers_do_not_pay_per"))
    status, how = _INTRODUCED[billed or _BILLED_AS.get(component)]
    charged = (
        say("the_price_list_charges_for", metrics=names_in_words(metrics)) if metrics else say("usage_is_meant_to_be")
    )
    remedy = say("offer_usage_as_an_opt")
    if status == "unknown":
        charged, remedy = "There is", say("decide_tiers_and_add_ons")
    return finding(rule, status, say("customers_pay_per_seat_today", charged=charged, how=how), remedy=remedy)


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
        return finding(rule, "unknown", say("no_pricing_model_is_chosen"), remedy=_CHOOSE)
    figures = {name: found for name, value in results.items() if (found := _figure(value)) is not None}
    pure = sorted((name for name in figures if name != "hybrid"), key=lambda name: -figures[name])
    other: Model | None = "hybrid" if model != "hybrid" else next(iter(pure), None)
    if model not in figures or other is None or figures.get(other, 0.0) <= 0:
        against = "a hybrid" if model != "hybrid" else "a pure model"
        return finding(
            rule,
            "unknown",
            say("the_choice_has_not_been", model_words=MODEL_WORDS[model], against=against, measure=measure),
            remedy=say("load_usage_and_mrr_so"),
        )
    mine, theirs = figures[model], figures[other]
    ratio = Interval(math.nan, mine / theirs, math.nan)
    ratio = (ratios or {}).get((model, other), ratio)
    status = rule.threshold.status_of_interval(ratio)
    if rule.threshold.status(ratio.low) == "breach" and rule.threshold.status(ratio.high) == "ok":
        status = "unknown"
    name = say("the_best_pure_model", model_words=MODEL_WORDS[other]) if model == "hybrid" else MODEL_WORDS[other]
    gain = formatting.percent(1 / ratio.estimate - 1, 1) if ratio.estimate > 0 else "the difference"
    remedy = say("choose_to_gain_the_it", model_words=MODEL_WORDS[other], gain=gain)
    if status == "unknown" or ratio.estimate >= 1:
        remedy = say("ask_more_customers_what_they")
    return finding(
        rule,
        status,
        say(
            "by_the_choice_reaches_of",
            measure=measure,
            model_words=MODEL_WORDS[model],
            ratio_=interval_in_words(ratio, "share"),
            name=name,
            mine=mine,
            theirs=theirs,
        ),
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
        remedy = say("load_revenue_usage_and_feature")
        return finding(rule, "unknown", say("the_models_could_not_be"), remedy=remedy)
    best, score, first = ranking[0]
    leader = say("ranks_first_score", model_words=MODEL_WORDS[best], score=score)
    evidence = say("in_of_draws", leader=leader, first=first)
    if model is None:
        return finding(rule, "unknown", evidence, remedy=_CHOOSE, population=population)
    if model == best:
        status: Status = "ok" if rule.threshold.status(first) == "ok" else "watch"
        remedy = say("treat_the_choice_as_open")
        return finding(
            rule,
            status,
            say("it_is_the_choice", evidence=evidence),
            remedy=remedy,
            measured=first,
            population=population,
        )
    of_mine = next(((each[1], each[2]) for each in ranking if each[0] == model), None)
    if of_mine is None:
        remedy = say("load_what_the_chosen_model")
        evidence = say("the_choice_could_not_be", evidence=evidence, model_words=MODEL_WORDS[model])
        return finding(rule, "unknown", evidence, remedy=remedy, population=population)
    mine = f"{MODEL_WORDS[model]}, has score {formatting.number(of_mine[0], 2)}"
    return finding(
        rule,
        "breach" if rule.threshold.status(of_mine[1]) == "breach" else "watch",
        say("the_choice_and_comes_first", evidence=evidence, mine=mine, of_mine=of_mine[1]),
        remedy=say("choose_or_set_this_rule", model_words=MODEL_WORDS[best]),
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
        say("monthly_revenue_would_vary_by", swing=interval_in_words(swing, "share", rule.threshold)) if swing else "",
        say("of_monthly_bills_would_jump", jumps=interval_in_words(jumps, "share", rule.also["shock"]))
        if jumps
        else "",
    ]
    population = f"{formatting.count('account', accounts)} over {formatting.count('month', months)}" if accounts else ""
    numbers = " ".join(part for part in said if part) or say("neither_the_swing_of_revenue")
    if model is None:
        return finding(rule, "unknown", numbers, remedy=_CHOOSE, population=population)
    if model not in _CHARGED_BY_USAGE:
        evidence = say("the_choice_does_not_charge", model_words=MODEL_WORDS[model], numbers=numbers)
        return finding(rule, "ok", evidence, measured=swing.estimate if swing else None, population=population)
    status = worst(rule.threshold.status_of_interval(swing), rule.also["shock"].status_of_interval(jumps))
    remedy = (
        say("load_monthly_usage_over_at")
        if status == "unknown"
        else say(
            "add_a_minimum_commitment_a", in_words=rule.threshold.in_words(), in_words_2=rule.also["shock"].in_words()
        )
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
            say("it_is_not_known_whether"),
            remedy=say("add_the_table_outcomes_account"),
            subject=metric,
        )
    return finding(
        rule,
        rule.threshold.status_of_interval(found),
        say(
            "in_of_value_rose_while",
            count_=count,
            of_accounts=of_accounts,
            metric=metric,
            found=interval_in_words(found, "share", rule.threshold),
        ),
        remedy=say(
            "charge_for_the_outcome_or",
            in_words=rule.threshold.in_words(),
            estimate=measure_in_words(found.estimate, "share", rule.threshold),
        ),
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
        return say("sell_the_features_that_break")
    if favoured == _ADD_ONS:
        return say("choose_a_core_with_add")
    return say("put_the_features_that_most")


def _figure(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
