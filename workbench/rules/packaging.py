"""Whether tiers give a choice and a way up (rules T1 to T8), and add-ons are named and priced well (A1 to A8)."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from workbench import formatting
from workbench.formatting import capitalised, count
from workbench.rules import rulebook as rules
from workbench.rules.rulebook import RULEBOOK, Rulebook, at_least, at_most, measure_in_words, threshold_in_words
from workbench.stats import wilson
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from workbench.results import Interval
    from workbench.rules.rulebook import Finding, Rule, Status

    Amount = float | Decimal

say = texts(__name__)
judge = partial(rules.judge, say)


def _number(value: Amount | None) -> float:
    return math.nan if value is None else float(value)


# --- Whether tiers give customers a choice and a way up (rules T1 to T3)

_FEWEST_FOR_A_MIDDLE = 3


def number_of_tiers(public: Sequence[str], *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge the number of tiers on the pricing page (T1); `public` names them."""
    rule = rulebook["T1"]
    if not public:
        return judge(rule, "no_public_tier")
    values = {"names": public, "too_few": rule.low is not None and len(public) < rule.low}
    return judge(rule, "public_tiers", values, measured=len(public), affected=public)


def middle_tiers(tiers: Sequence[str]) -> tuple[str, ...]:
    """Return which tiers are the middle: all but the first and the last, none with fewer than three tiers.

    With three tiers that is the second; with four the two inner ones together, because the rule's share
    describes where customers land between an entry and a top tier.
    """
    return tuple(tiers[1:-1]) if len(tiers) >= _FEWEST_FOR_A_MIDDLE else ()


def middle_share(counts: Mapping[str, int], *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge the share of customers in the middle (T2); `counts` gives accounts per tier, smallest tier first.

    The share itself decides, because it counts every account that could be placed; its interval says how far the
    next customers could move it. See `middle_tiers` for which tiers count.
    """
    rule, total = rulebook["T2"], sum(counts.values())
    middle = middle_tiers(tuple(counts))
    inside = sum(counts[name] for name in middle)
    share = wilson(inside, total)
    if not middle or share is None:
        return judge(rule, "nobody_placed" if middle else "no_middle", {"tiers": len(counts)}, affected=middle)
    goal = rule.threshold.nearest(share.estimate)
    moving = max(1, math.ceil(abs(goal - share.estimate) * total - 1e-9))
    landed = {"inside": inside, "total": total, "which": say("which_middle", middle=middle)}
    values = landed | {"moving": moving, "into": share.estimate < goal, "goal": measure_in_words(goal, "share")}
    status, population = rule.threshold.status(share.estimate), say("placed", total=total)
    return judge(rule, "middle", values, measured=share, status=status, affected=middle, population=population)


def step_up(
    tiers: Sequence[tuple[str, Sequence[str]]],
    benefit: Mapping[str, float | None],
    *,
    larger_limits: Mapping[str, bool] | None = None,
    rulebook: Rulebook = RULEBOOK,
) -> tuple[Finding, ...]:
    """Judge for every tier above the first whether it adds something its customers value (T3).

    `tiers` are (name, all features) from smallest to largest; `benefit` is the share of the customers a feature is
    meant for who value it, None where unknown; `larger_limits` says which tiers raise a limit over the
    one below. A tier that only raises limits is on watch.
    """
    rule, findings = rulebook["T3"], []
    seen: set[str] = set(tiers[0][1]) if tiers else set()
    for name, features in tiers[1:]:
        new = [feature for feature in features if feature not in seen]
        seen.update(features)
        findings.append(_step(rule, name, new, benefit, raises=bool((larger_limits or {}).get(name))))
    return tuple(findings) or (judge(rule, "no_step", {"tiers": len(tiers)}),)


def _step(rule: Rule, name: str, new: Sequence[str], benefit: Mapping[str, float | None], *, raises: bool) -> Finding:
    shares = {feature: _number(benefit.get(feature)) for feature in new}
    valued = sorted((feature for feature, share in shares.items() if share > 0), key=lambda feature: -shares[feature])
    unknown = [feature for feature, share in shares.items() if math.isnan(share)]
    status = rule.threshold.status(len(valued))
    if status != "ok" and unknown and rule.threshold.status(len(valued) + len(unknown)) == "ok":
        status = "unknown"
    elif status != "ok" and raises:
        status = "watch"
    named = [f"{feature} ({formatting.percent(shares[feature])})" for feature in valued]
    values = {"new": len(new), "named": named, "unknown": unknown, "raises": raises}
    need = "learn_the_benefit" if status == "unknown" else "step_remedy"
    known, who = len(valued), (name,)
    return judge(rule, "step", values, measured=known, status=status, remedy=need, subject=name, affected=who)


# --- Whether the prices of tiers lie usefully far apart (rule T4)


def top_to_entry(
    prices: Mapping[str, Amount | None],
    *,
    units: Mapping[str, str] | None = None,
    currency: str = "USD",
    per: str = "",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge the price of the dearest tier over that of the cheapest (T4).

    `prices` are per tier for the same unit and period; 0 (free) and None (on request) are left out and named.
    `units` says what each price is per ("account", "seats"); prices per different things are not compared.
    """
    rule = rulebook["T4"]
    priced = {name: _number(price) for name, price in prices.items() if _number(price) > 0}
    left_out = [name for name in prices if name not in priced]
    aside = "left_out" if left_out else ""
    kinds = sorted({units[name] for name in priced if name in units}) if units else []
    if len(kinds) > 1:
        return judge(rule, ("unlike_prices", aside), {"kinds": kinds, "left_out": left_out}, affected=priced)
    if len(priced) < 2:  # noqa: PLR2004 - a ratio takes two
        return judge(rule, ("few_prices", aside), {"with_price": len(priced), "left_out": left_out})
    entry, top = min(priced, key=lambda name: priced[name]), max(priced, key=lambda name: priced[name])
    low, high = priced[entry], priced[top]
    goal = rule.threshold.nearest(high / low)
    wide = high / low > goal
    to_top, to_entry = (at_most, at_least) if wide else (at_least, at_most)
    moves = {"top_to": to_top(goal * low, currency), "entry_to": to_entry(high / goal, currency), "wide": wide}
    of_prices = {
        "top": top,
        "high": high,
        "entry": entry,
        "low": low,
        "currency": currency,
        "per_": f" {per}" if per else "",
    }
    values = of_prices | moves | {"goal": measure_in_words(goal, "times"), "left_out": left_out}
    return judge(rule, ("spread", aside), values, measured=high / low, affected=(entry, top))


# --- What new tiers do to the customers of today (rules T5 to T8)


@dataclass(frozen=True, slots=True)
class Asked:
    """Accounts that lose a plan: how many of how many, what half of them would be asked at most, and all together."""

    accounts: int
    of_accounts: int
    typical: float = math.nan
    total: float = math.nan


def revenue_kept(
    new: float | None,
    today: float | None,
    *,
    accounts: int = 0,
    paying: int | None = None,
    month: str = "",
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge what the same accounts would pay, each with its own discount, over what they pay today (T5).

    `paying` of the `accounts` pay anything today; all of them where it is not said.
    """
    rule = rulebook["T5"]
    if new is None or not today:
        return judge(rule, "no_bill")
    population = say("with_a_bill", accounts=accounts, month=month)
    money = {"new": new, "today": today, "share": new / today, "currency": currency}
    values = money | {"accounts": accounts, "paying": None if paying == accounts else paying}
    return judge(rule, "revenue_kept", values, measured=new / today, population=population)


def bill_shock(
    shocked: int | None,
    accounts: int,
    *,
    largest: float | None = None,
    paid_today: float | None = None,
    rise: float | None = None,
    free: int = 0,
    affected: Sequence[str] = (),
    month: str = "",
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge how many accounts' bills rise steeply, and by how much at most (T6).

    `shocked` of `accounts` compared rise by more than the band "rise" allows; `largest` is the largest rise as a share,
    None where nobody pays today, `rise` what the shocked pay more together and `paid_today` what they pay now;
    `free` of the accounts pay nothing today.
    """
    rule = rulebook["T6"]
    if shocked is None or accounts <= 0:
        return judge(rule, "no_bill")
    told_largest = "largest_rise" if shocked and largest is not None else ""
    told_rise = "they_pay" if shocked and rise is not None and paid_today is not None else ""
    population = say("with_both_bills", accounts=accounts, month=month, free=free)
    money = {"largest": largest, "paid_today": paid_today, "rise": rise, "currency": currency}
    values = money | {"shocked": shocked, "accounts": accounts, "steep": rule.also["rise"].high or 0.0}
    keys, share = ("bill_shock", told_largest, told_rise), shocked / accounts
    return judge(rule, keys, values, measured=share, affected=affected, population=population)


def free_plan(
    names: Sequence[str],
    asked: Asked | None,
    *,
    has_free_tier: bool,
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether those on a free plan today keep one, and what the others would be asked (T7)."""
    rule, plans = rulebook["T7"], say("free_plans", names=names)
    if asked is None:
        return judge(rule, "who_is_on_free", {"plans": plans})
    if not asked.accounts:
        return judge(rule, "all_keep_a_free_one", {"asked": asked, "plans": plans}, measured=0, status="ok")
    values = {"asked": asked, "plans": plans, "currency": currency, "has_price": math.isfinite(asked.typical)}
    status: Status | None = None if has_free_tier else "breach"
    population = count("account", asked.of_accounts)
    key = "lose_their_free_plan"
    return judge(rule, key, values, measured=asked.accounts, status=status, population=population)


def contracts(
    accounts: int, paid: float | None, *, custom: Sequence[str], currency: str = "USD", rulebook: Rulebook = RULEBOOK
) -> Finding:
    """Judge whether accounts without a published price today keep a tier on request (T8).

    `custom` names the design's tiers on request, in which they are taken to pay what they pay.
    """
    rule, who = rulebook["T8"], say("without_a_price", accounts=accounts, paid=paid, currency=currency)
    if not custom:
        return judge(rule, "nothing_on_request", {"who": who}, measured=accounts, status="breach")
    return judge(rule, "stays_on_request", {"who": who, "custom": custom}, measured=accounts, status="ok")


# --- Whether a name says what an add-on does, and what it could be called instead (rule A1)

_LISTS = tomllib.loads(files("workbench.rules").joinpath("name_words.toml").read_text(encoding="utf-8"))
RANK_WORDS = frozenset(_LISTS["rank"])
CATEGORY_WORDS = frozenset(_LISTS["category"])
_FILLERS = frozenset(_LISTS["fillers"])
_LONGEST_NAME = 60
_MOST_WORDS = 7


def vague_words(name: str) -> tuple[str, ...]:
    """Return the words of a name that say nothing about the job, in order."""
    return tuple(word for word in _words(name) if word in RANK_WORDS or word in CATEGORY_WORDS)


def is_specific(name: str) -> bool:
    """Tell whether at least one word of a name says which job is done."""
    return any(word not in RANK_WORDS | CATEGORY_WORDS | _FILLERS for word in _words(name))


def suggested_name(name: str, *, job: str = "", features: Sequence[str] = ()) -> str:
    """Return a name built from what the add-on contains, else from its job; "" when neither says enough.

    Where the vague name has one category word ("Advanced analytics"), it stays as the last word.
    """
    named = [_plain(feature) for feature in features if is_specific(_plain(feature))]
    if named:
        kept = " and ".join(named[:2]) if len(named[0]) + len(named[-1]) <= _LONGEST_NAME else named[0]
        return capitalised(_with_category(kept, name) if len(named) == 1 else kept)
    words = re.split(r"[.;:,(\n]", _plain(job))[0].split()[:_MOST_WORDS]
    text = " ".join(words).removeprefix("to ").removeprefix("To ")
    return capitalised(text) if is_specific(text) else ""


def _with_category(text: str, vague_name: str) -> str:
    categories = [word for word in _words(vague_name) if word in CATEGORY_WORDS and word != "addon"]
    has_noun_already = any(word in CATEGORY_WORDS for word in _words(text))
    return text if has_noun_already or len(categories) != 1 else f"{text} {categories[0]}"


def _words(text: str) -> list[str]:
    plain = text.casefold().replace("add-on", "addon")
    return re.findall(r"[^\W_]+", plain)


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").split())


def named_job(name: str, *, job: str = "", features: Sequence[str] = (), rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge whether an add-on's name says which job it does (A1), with a suggested rewrite where it does not."""
    rule = rulebook["A1"]
    if not name.strip():
        return judge(rule, "no_name")
    if is_specific(name):
        return judge(rule, "clear_name", status="ok", subject=name, affected=(name,))
    vague, better = [f"“{word}”" for word in vague_words(name)], suggested_name(name, job=job, features=features)
    values = {"vague": vague, "better": better}
    return judge(rule, "vague_name", values, status="breach", subject=name, affected=(name,))


# --- Whether add-ons are priced and timed well, and few enough (rules A2 to A4)


def price_share(
    name: str,
    price: Amount | None,
    *,
    core_price: Amount | None,
    core_name: str = "the core plan",
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge the price of an add-on over that of its core plan (A2), both per the same unit and period."""
    rule = rulebook["A2"]
    own, core = _number(price), _number(core_price)
    if math.isnan(own) or not core > 0:
        return judge(rule, "no_price" if math.isnan(own) else "no_core", {"core_name": core_name}, subject=name)
    ends = {"low": at_least((rule.low or 0) * core, currency), "high": at_most((rule.high or 0) * core, currency)}
    values = ends | {"own": own, "core": core, "core_name": core_name, "currency": currency}
    return judge(rule, "price_share", values, measured=own / core, subject=name, affected=(name,))


def offer_timing(
    name: str,
    *,
    tenure_days: float | None,
    usage_condition: str | None,
    eligible: int | None = None,
    of_accounts: int | None = None,
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge when an add-on is offered (A3): after how many days, and on which shown use.

    `usage_condition` is the condition in words, "" when there is none, None when nobody has said.
    Days in the band without a usage condition are on watch.
    """
    rule = rulebook["A3"]
    status = rule.threshold.status(tenure_days)
    wait = "" if status == "unknown" else threshold_in_words(tenure_days or 0, "days")
    condition = None if usage_condition is None else usage_condition.strip()
    need = "too_early_or_late" if status == "breach" else "timing_remedy"
    if status != "breach" and condition == "":
        status, need = "watch", "no_condition"
    elif status != "breach" and condition is None:
        status = "unknown"
    keys = ("timing", "" if eligible is None else "eligible")
    values = {"wait": wait, "condition": condition, "eligible": eligible, "of_accounts": of_accounts}
    return judge(rule, keys, values, measured=tenure_days, status=status, remedy=need, subject=name, affected=(name,))


def number_of_add_ons(names: Sequence[str] | None, *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge how many add-ons there are (A4); None means the stage is still open."""
    rule = rulebook["A4"]
    if names is None:
        return judge(rule, "add_ons_open")
    goal = measure_in_words(rule.threshold.nearest(len(names)), "count")
    values = {"names": names, "goal": goal, "too_few": rule.low is not None and len(names) < rule.low}
    return judge(rule, "add_ons", values, measured=len(names), affected=names)


# --- Whether features are sold where their share of users says (rule A5)


@dataclass(frozen=True, slots=True)
class FewUsed:
    """A feature that surely few use: its share of all accounts, and of those in the tiers that contain it.

    `own_share` is None where nobody is in those tiers; `in_entry` tells that the first tier contains it.
    """

    feature: str
    share: float
    own_share: float | None = None
    in_entry: bool = False


def benefit_share(
    feature: str,
    *,
    users: int | None,
    of_accounts: int,
    placed: Literal["tier", "add_on"],
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether a feature is sold where its share of users says (A5).

    Above the threshold it belongs in a tier, below it in an add-on; where the 90% interval of the share straddles
    the threshold the data cannot tell, and the finding is on watch wherever the feature is sold.
    """
    rule = rulebook["A5"]
    share = None if users is None else wilson(users, of_accounts)
    if share is None:
        return judge(rule, "who_benefits", {"placed": placed}, subject=feature)
    many = rule.threshold.status_of_interval(share)
    fits = many == "breach" if placed == "tier" else many == "ok"
    status: Status = "watch" if many == "watch" else "ok" if fits else "breach"
    values = {"users": users, "of_accounts": of_accounts, "placed": placed}
    need = "straddling" if status == "watch" else "benefit_remedy"
    verdict = judge(rule, "benefit", values, measured=share, status=status, remedy=need, subject=feature)
    return replace(verdict, affected=(feature,), population=count("account", of_accounts))


def few_in_tiers(
    features: Sequence[FewUsed], *, judged: int, of_accounts: int, rulebook: Rulebook = RULEBOOK
) -> Finding:
    """Judge the features that tiers contain although surely few customers use them (A5), all together.

    They are those of `judged` features in tiers whose use is known. One in the entry tier, which everybody pays for,
    is a breach; in a higher tier it may be what makes the step up, and is on watch.
    """
    rule, subject = rulebook["A5"], "features in tiers"
    if not judged:
        return judge(rule, "who_uses_tiers", subject=subject)
    population = count("account", of_accounts)
    if not features:
        values = {"judged": judged}
        return judge(rule, "none_rarely_used", values, status="ok", subject=subject, population=population)
    rarest = sorted(features, key=lambda each: each.share)
    names = [each.feature for each in rarest]
    at_entry = [each.feature for each in rarest if each.in_entry]
    earned = [each.feature for each in rarest if each.own_share is not None and each.own_share > (rule.high or 0.0)]
    idle = at_entry or [name for name in names if name not in earned] or earned
    named = [f"{each.feature} ({formatting.percent(each.share, 1)})" for each in rarest]
    told = {"named": named, "judged": judged, "at_entry": at_entry, "earned": earned, "idle": idle}
    keys = ("rarely_used", "at_entry" if at_entry else "", "earned" if earned else "")
    status: Status = "breach" if at_entry else "watch"
    verdict = judge(rule, keys, told, measured=rarest[-1].share, status=status, subject=subject, affected=names)
    return replace(verdict, population=population)


# --- Whether services are priced to carry themselves (rule A6)

MARK_UP = "mark-up"
SHARE = say("share_of_first_year_revenue")


def services_margin(
    *, delivery_cost: Amount | None, price: Amount | None, currency: str = "USD", rulebook: Rulebook = RULEBOOK
) -> Finding:
    """Judge the mark-up of services on their fully loaded delivery cost (A6), both per engagement."""
    rule = rulebook["A6"]
    cost, paid = _number(delivery_cost), _number(price)
    if not cost > 0 or math.isnan(paid):
        missing = "price" if cost > 0 else "fully loaded delivery cost"
        return judge(rule, "services_unknown", {"missing": missing, "currency": currency}, subject=MARK_UP)
    mark_up = float(f"{paid / cost - 1:.10g}")
    decided = formatting.exact_percent(mark_up) if round(mark_up, 6) == mark_up else measure_in_words(mark_up, "share")
    low, high = cost * (1 + (rule.low or 0)), cost * (1 + (rule.high or 0))
    ends = {"low": at_least(low, currency), "high": at_most(high, currency)}
    values = ends | {"paid": paid, "cost": cost, "currency": currency, "decided": decided}
    return judge(rule, "services", values, measured=mark_up, subject=MARK_UP)


def services_share(
    *,
    services_revenue: Amount | None,
    subscription_revenue: Amount | None,
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge services as a share of a customer's first-year revenue (A6): services over services and subscription."""
    rule, band = rulebook["A6"], rulebook["A6"].also["share"]
    services, rest = _number(services_revenue), _number(subscription_revenue)
    whole = services + rest
    if not whole > 0:
        lacks = {"missing": "services" if math.isnan(services) else "subscriptions", "currency": currency}
        return judge(rule, "first_year_unknown", lacks, subject=SHARE, threshold=band)
    share = services / whole
    goal = band.nearest(share)
    target = formatting.money(goal / (1 - goal) * rest, currency) if goal < 1 else "another amount"
    moves = {"target": target, "goal": measure_in_words(goal, "share")}
    values = moves | {"services": services, "whole": whole, "currency": currency}
    return judge(rule, "first_year", values, measured=share, subject=SHARE, threshold=band)


# --- What customers lose, and what the price of an add-on stands on (rules A7 and A8)


def taken_away(
    name: str,
    accounts: int | None,
    *,
    would_pay: float | None = None,
    is_sold: bool = True,
    features: Sequence[str] = (),
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge what customers who have and use a feature today would lose, or have to buy as an add-on (A7).

    `accounts` counts them, None where nobody's use is known; `would_pay` is what they would pay for it a month. What is
    sold nowhere (`is_sold` False) is a breach for anybody who uses it.
    """
    rule = rulebook["A7"]
    if accounts is None:
        return judge(rule, "who_uses_it", subject=name)
    if not accounts:
        return judge(rule, "nobody_loses", measured=0, status="ok", subject=name)
    if not is_sold:
        values = {"accounts": accounts, "features": features}
        return judge(rule, "sold_nowhere", values, measured=accounts, status="breach", subject=name, affected=features)
    paying = {"accounts": accounts, "would_pay": would_pay, "currency": currency}
    return judge(rule, "taken_away", paying, measured=accounts, subject=name, affected=(name,))


def price_evidence(
    name: str,
    price: Amount | None,
    worth: Interval | None,
    *,
    respondents: int = 0,
    per: str = "",
    rests_on: str = "",
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether an add-on's price lies within what customers were measured to find it worth (A8).

    `worth` is the average worth a month with its 90% interval, in the unit of the price (`per`); None where nobody was
    asked, and `rests_on` then says what the price stands on instead.
    """
    rule = rulebook["A8"]
    if worth is None or price is None:
        return judge(rule, "nobody_was_asked", {"rests_on": rests_on}, subject=name)
    own = float(price)
    ends = {"low": max(0.0, worth.low), "middle": max(0.0, worth.estimate), "high": max(0.0, worth.high)}
    values = ends | {"own": own, "currency": currency, "per_": per, "respondents": respondents}
    status: Status = "breach" if own > worth.high else "ok" if worth.low <= own else "watch"
    need, over = "raise_it" if status == "watch" else "lower_it", own / worth.estimate if worth.estimate > 0 else None
    return judge(rule, "worth", values, measured=over, status=status, remedy=need, subject=name, affected=(name,))
