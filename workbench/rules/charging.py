"""Whether a metric is worth charging for (VM1 to VM6), usage safe to charge (U1 to U3), a model fits (MF1 to MF6)."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from workbench import formatting
from workbench.formatting import count as counted
from workbench.results import Interval
from workbench.rules import rulebook as rules
from workbench.rules.rulebook import (
    RULEBOOK,
    Rulebook,
    Threshold,
    interval_in_words,
    known,
    measure_in_words,
    threshold_in_words,
    worst,
)
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.rules.rulebook import Finding, Status

say = texts(__name__)
judge = partial(rules.judge, say)


def _accounts(number: int) -> str:
    return counted("account", number) if number else ""


# --- How the bill grows when usage grows tenfold (rules VM3 and U2)


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
    """Judge bill(10q) / bill(q) at the typical quantity, and for the quantities customers have (VM3).

    U2 asks the same of volume discounts: that ten times the volume still pays seven to eight times the bill.

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
        return judge(rule, "no_curve" if not points else "no_typical", subject=metric)
    band, reach, at_typical = rule.threshold, rule.also["reach"], _read(points, typical)
    read = (
        [_read(points, quantity) for quantity in customers or () if quantity > 0] if own_ratios is None else own_ratios
    )
    held = [ratio for ratio in read if math.isfinite(ratio)]
    share = sum(band.status(ratio) == "ok" for ratio in held) / len(held) if held else None
    too_few = band.status(at_typical) == "ok" and share is not None and reach.status(share) != "ok"
    who, least = round(len(held) * customers_each), band.low or math.nan
    low, high = (measure_in_words(end(r for _, r in points), "times", band) for end in (min, max))
    curve = {"typical": typical, "first": points[0][0], "last": points[-1][0], "low": low, "high": high}
    within = "" if share is None else measure_in_words(share, "share", reach)
    values = curve | {"billed_by": billed_by, "within": within, "who": who, "owner": reach.owner}
    values |= {"reach": threshold_in_words(reach.low or 0, "share"), "least": threshold_in_words(least, "times")}
    values |= {"short": at_typical < least}
    return judge(
        rule,
        ("curve", "curve_reach" if share is not None else ""),
        values,
        measured=at_typical,
        status="watch" if too_few else None,
        remedy="move_the_bands" if too_few else "curve_remedy",
        subject=metric,
        population=say("with_a_quantity", who=who, subject=metric) if held else "",
    )


def _read(points: Sequence[tuple[float, float]], quantity: float) -> float:
    place = bisect_left(points, (quantity, -math.inf))
    if place == 0:
        return points[0][1]
    if place == len(points):
        return points[-1][1]
    (q0, r0), (q1, r1) = points[place - 1], points[place]
    weight = math.log(quantity / q0) / math.log(q1 / q0)
    return r0 + weight * (r1 - r0)


# --- Whether a metric is worth charging for (rules VM1, VM2 and VM4 to VM6)


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
    rule, grown, growing = rulebook["VM1"], known(monthly_growth), known(share_growing)
    status = worst(rule.also["score"].status(score), rule.threshold.status_of_interval(grown))
    values = {"score": score, "scored": _scored(score), "known": grown is not None, "accounts": accounts}
    values |= {"least": threshold_in_words(rule.also["score"].low or 0, "score")}
    values |= {"growing": "" if growing is None else interval_in_words(growing, "share")}
    return judge(
        rule,
        ("scored", "growth", "they_grow" if growing else ""),
        values,
        measured=grown,
        status=status,
        remedy="growth_unknown" if status == "unknown" else "growth_remedy",
        subject=metric,
        population=_accounts(accounts),
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
    rule, error, varies = rulebook["VM2"], known(forecast_error), not formatting.is_unknown(variation)
    status = worst(rule.also["score"].status(score), rule.threshold.status_of_interval(error))
    values = {"score": score, "scored": _scored(score), "known": error is not None, "accounts": accounts}
    values |= {"variation": measure_in_words(variation, "share") if varies and variation is not None else ""}
    return judge(
        rule,
        ("scored", "foreseen", "they_vary" if varies else ""),
        values,
        measured=error,
        status=status,
        remedy="foreseen_unknown" if status == "unknown" else "foreseen_remedy",
        subject=metric,
        population=_accounts(accounts),
    )


def _scored(score: float | None) -> str:
    """Write the team's mark, "" where it has given none."""
    return "" if score is None or formatting.is_unknown(score) else measure_in_words(score, "score")


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
        return judge(rule, "no_outcomes", {"outcome": outcome}, subject=metric)
    values = {"outcome": outcome, "accounts": accounts}
    return judge(rule, "success", values, measured=found, subject=metric, population=_accounts(accounts))


def success_measure(metric: str, score: float | None, *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge from the team's mark (1 to 5) whether customers measure their success by the metric (VM5)."""
    rule = rulebook["VM5"]
    need = "measured_unknown" if rule.threshold.status(score) == "unknown" else "measured_remedy"
    return judge(rule, "scored", {"scored": _scored(score)}, measured=score, remedy=need, subject=metric)


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
        return judge(rule, "no_list", subject=metric)
    rest = [f"{measure_in_words(part, 'share')} by {what}" for what, part in (others or {}).items() if part > 0]
    values = {"rest": rest, "limits": limits}
    keys = ("charged", "only_limit" if limits else "")
    return judge(rule, keys, values, measured=share, subject=metric, population=population)


# --- Whether charging by usage is safe for a customer (rules U1 and U3)


def free_baseline(
    metric: str, *, included: float | None, has_free_tier: bool | None = None, rulebook: Rulebook = RULEBOOK
) -> Finding:
    """Judge whether some usage is free or included (U1).

    `included` is the smallest quantity any plan includes, infinite where none counts or charges it.
    """
    rule = rulebook["U1"]
    if has_free_tier:
        return judge(rule, "free_tier", measured=included, status="ok", subject=metric)
    if included is not None and math.isinf(included):
        return judge(rule, "uncounted", status="ok", subject=metric)
    if included is None or math.isnan(included):
        return judge(rule, "not_said_included", subject=metric)
    return judge(rule, "included", {"included": included}, measured=included, subject=metric)


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
    parts = {"a spending cap": has_cap, "a usage calculator": has_calculator}
    if usage_charged is not None and not usage_charged:
        del parts["a spending cap"]
    lacking, open_, present = ([name for name, has in parts.items() if has is what] for what in (False, None, True))
    status: Status = "unknown" if open_ else "ok"
    if lacking:
        status = "breach" if len(lacking) == len(parts) else "watch"
    bare = [name.removeprefix("a ") for name in lacking]
    values = {"grows": usage_charged, "present": present, "lacking": lacking, "bare": bare, "open_": open_}
    keys = (
        "bills_grow" if usage_charged is not None else "",
        "there_is" if present else "",
        "there_is_no" if lacking else "",
        "not_said" if open_ else "",
    )
    return judge(rulebook["U3"], keys, values, status=status, remedy="offer" if lacking else "say_whether")


# --- Whether a pricing model fits how customers adopt, use and pay (rules MF1 to MF6)

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
    h: Interval | None, *, model: Model | None, accounts: int = 0, features: int = 0, rulebook: Rulebook = RULEBOOK
) -> Finding:
    """Judge whether the model fits how customers adopt features (MF1).

    `h` is Loevinger's H over accounts and features. A high H (one common order) favours tiers or one price on a value
    metric, a low one a core with add-ons. A model that contradicts what is favoured does not meet the rule; one that is
    merely another is on watch. Where the interval holds both, nothing is favoured and the verdict is unknown.
    """
    rule, found = rulebook["MF1"], known(h)
    if found is None:
        return judge(rule, "no_order")
    word = next(word for mark, word in _MOKKEN if found.estimate < mark - 1e-12)
    said = {"h": interval_in_words(found, "correlation"), "word": word, "accounts": accounts, "features": features}
    if model is None:
        return judge(rule, "order", said, measured=found, status="unknown", remedy="choose")
    population, of_order = counted("account", accounts), rule.threshold
    # For add-ons the scale is turned round: no common order is right, and a medium one is a reason for tiers.
    turned = Threshold(high=of_order.watch_low, watch_high=of_order.low)
    if of_order.status(found.low) == "breach" and of_order.status(found.high) == "ok":
        both = ("order", "holds_both")
        return judge(rule, both, said, measured=found, status="unknown", remedy="wait", population=population)
    for_tiers, for_add_ons = of_order.status_of_interval(found), turned.status_of_interval(found)
    favoured = _TIERS_OR_METRIC if for_tiers == "ok" else _ADD_ONS if for_add_ons == "ok" else ()
    values = said | {"favoured": [MODEL_WORDS[each] for each in favoured], "chosen": MODEL_WORDS[model]}
    need = "order_remedy"
    # The others package no features: an order, or none, never contradicts them, but may favour another model.
    status: Status = "ok" if not favoured or model in favoured else "watch"
    if model == "tiered":
        status, need = for_tiers, "sell_what_breaks_the_order"
    elif favoured == _ADD_ONS:
        need = "choose_add_ons"
    if model == "add_on":
        status = for_add_ons
    keys = ("order", "favours", "the_choice")
    return judge(rule, keys, values, measured=found, status=status, remedy=need, population=population)


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
        return judge(rule, "meant_to_come", {"meant": _MEANT[component]}, status="watch")
    if billed == "none" or (billed is None and component == "none"):
        return replace(judge(rule, "no_usage", status="ok"), by_construction=True)
    if per_seat_today is None:
        return judge(rule, "pay_how")
    if not per_seat_today:
        return judge(rule, "no_seats", status="ok")
    status, how = _INTRODUCED[billed or _BILLED_AS.get(component)]
    need = "decide_the_list" if status == "unknown" else "per_seat_remedy"
    return judge(
        rule, "per_seat", {"metrics": metrics, "how": how, "open_": status == "unknown"}, status=status, remedy=need
    )


def pure_against_hybrid(
    model: Model | None,
    results: Mapping[Model, float | None],
    *,
    ratios: Mapping[tuple[Model, Model], Interval] | None = None,
    measure: str = "revenue over the history",
    currency: str = "",
    accounts: int = 0,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge a pure model against the hybrid on the same customers, and a hybrid against the best pure model (MF3).

    `results` holds one figure per model, more being better, all made alike (`measure` says which), money in
    `currency` where there is one; `ratios` the interval of one model's over another's, where it is known. An interval
    that holds both better and clearly worse leaves the verdict unknown.
    """
    rule = rulebook["MF3"]
    if model is None:
        return judge(rule, "no_model", remedy="choose")
    figures = {name: float(value) for name, value in results.items() if value is not None and not math.isnan(value)}
    pure = sorted((name for name in figures if name != "hybrid"), key=lambda name: -figures[name])
    other: Model | None = "hybrid" if model != "hybrid" else next(iter(pure), None)
    held = {"chosen": MODEL_WORDS[model], "measure": measure, "is_hybrid": model == "hybrid"}
    if model not in figures or other is None or figures.get(other, 0.0) <= 0:
        return judge(rule, "not_compared", held)
    mine, theirs = figures[model], figures[other]
    ratio = (ratios or {}).get((model, other), Interval(math.nan, mine / theirs, math.nan))
    status = rule.threshold.status_of_interval(ratio)
    if rule.threshold.status(ratio.low) == "breach" and rule.threshold.status(ratio.high) == "ok":
        status = "unknown"
    gain = formatting.percent(1 / ratio.estimate - 1, 1) if ratio.estimate > 0 else "the difference"
    reached = {"reached": interval_in_words(ratio, "share"), "gain": gain, "mine": mine, "theirs": theirs}
    values, population = held | reached | {"currency": currency, "other": MODEL_WORDS[other]}, _accounts(accounts)
    need = "ask_more" if status == "unknown" or ratio.estimate >= 1 else "against_remedy"
    return judge(rule, "against", values, measured=ratio, status=status, remedy=need, population=population)


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
    rule, population = rulebook["MF6"], _accounts(accounts)
    if not ranking:
        return judge(rule, "no_ranking")
    best, score, first = ranking[0]
    leads = {"best": MODEL_WORDS[best], "score": score, "first": first}
    if model is None:
        return judge(rule, "ranked", leads, remedy="choose", population=population)
    if model == best:
        status: Status = "ok" if rule.threshold.status(first) == "ok" else "watch"
        same, need = ("ranked", "is_the_choice"), "treat_as_open"
        return judge(rule, same, leads, measured=first, status=status, remedy=need, population=population)
    values = leads | {"chosen": MODEL_WORDS[model]}
    own_score, chance = next(((score, chance) for each, score, chance in ranking if each == model), (None, None))
    if chance is None:
        return judge(rule, ("ranked", "not_ranked"), values, remedy="load_its_bill", population=population)
    own = values | {"own_score": own_score, "chance": chance}
    status = "breach" if rule.threshold.status(chance) == "breach" else "watch"
    keys = ("ranked", "another_is_chosen")
    return judge(rule, keys, own, measured=chance, status=status, remedy="choose_the_best", population=population)


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
    rule, swing, jumps = rulebook["MF4"], known(variation), known(shock)
    jump = rule.also["shock"]
    status = worst(rule.threshold.status_of_interval(swing), jump.status_of_interval(jumps))
    need, measured = "volatility_unknown" if status == "unknown" else "volatility_remedy", swing
    by_usage = model in _CHARGED_BY_USAGE
    if model is None:
        status, need, measured = "unknown", "choose", None
    elif not by_usage:
        status = "ok"
    keys = (
        "no_usage_charge" if model is not None and not by_usage else "",
        "revenue_varies" if swing else "",
        "bills_jump" if jumps else "",
        "" if swing or jumps else "swing_unknown",
    )
    values = {
        "chosen": "" if model is None else MODEL_WORDS[model],
        "swing": "" if swing is None else interval_in_words(swing, "share", rule.threshold),
        "jumps": "" if jumps is None else interval_in_words(jumps, "share", jump),
        "most": jump.in_words(),
    }
    population = f"{counted('account', accounts)} over {counted('month', months)}" if accounts else ""
    return judge(rule, keys, values, measured=measured, status=status, remedy=need, population=population)


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
        return judge(rule, "no_disconnect", subject=metric)
    estimate, population = measure_in_words(found.estimate, "share", rule.threshold), counted("account", of_accounts)
    values = {"count_": count, "of_accounts": of_accounts, "estimate": estimate}
    return judge(rule, "disconnect", values, measured=found, subject=metric, affected=affected, population=population)
