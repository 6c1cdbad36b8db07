"""Whether add-ons are named, priced, timed and chosen well, and services carry themselves (rules A1 to A8)."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from workbench import formatting
from workbench.formatting import capitalised
from workbench.rules.rulebook import (
    RULEBOOK,
    Rulebook,
    at_least,
    at_most,
    finding,
    interval_in_words,
    measure_in_words,
    names_in_words,
    threshold_in_words,
)
from workbench.stats import wilson
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from workbench.results import Interval
    from workbench.rules.rulebook import Finding

say = texts(__name__)

# --- Whether a name says what an add-on does, and what it could be called instead

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


# --- Whether services are priced to carry themselves (rule A6)

MARK_UP = "mark-up"
SHARE = say("share_of_first_year_revenue")


def services_margin(
    *,
    delivery_cost: float | Decimal | None,
    price: float | Decimal | None,
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge the mark-up of services on their fully loaded delivery cost (A6), both per engagement."""
    rule = rulebook["A6"]
    cost, paid = (math.nan if value is None else float(value) for value in (delivery_cost, price))
    if math.isnan(cost) or cost <= 0 or math.isnan(paid):
        missing = "price" if cost > 0 else "fully loaded delivery cost"
        remedy = say("enter_the_of_one_engagement", missing=missing, currency=currency)
        return finding(rule, "unknown", say("the_of_services_is_not", missing=missing), remedy=remedy, subject=MARK_UP)
    mark_up = float(f"{paid / cost - 1:.10g}")
    decided = formatting.exact_percent(mark_up) if round(mark_up, 6) == mark_up else measure_in_words(mark_up, "share")
    low = at_least(cost * (1 + (rule.low or 0)), currency)
    high = at_most(cost * (1 + (rule.high or 0)), currency)
    return finding(
        rule,
        rule.threshold.status(mark_up),
        say("services_at_stand_on_a", paid=paid, currency=currency, cost=cost, decided=decided),
        remedy=say("price_them_from_to_cost", low=low, high=high, in_words=rule.threshold.in_words()),
        measured=mark_up,
        subject=MARK_UP,
    )


def services_share(
    *,
    services_revenue: float | Decimal | None,
    subscription_revenue: float | Decimal | None,
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge services as a share of a customer's first-year revenue (A6): services over services and subscription."""
    rule = rulebook["A6"]
    band = rule.also["share"]
    services, rest = (math.nan if value is None else float(value) for value in (services_revenue, subscription_revenue))
    whole = services + rest
    if math.isnan(whole) or whole <= 0:
        missing = "services" if math.isnan(services) else "subscriptions"
        return finding(
            rule,
            "unknown",
            say("first_year_revenue_from_is", missing=missing),
            remedy=say("enter_the_first_year_revenue", missing=missing, currency=currency),
            subject=SHARE,
            threshold=band,
        )
    share = services / whole
    goal = band.nearest(share)
    target = formatting.money(goal / (1 - goal) * rest, currency) if goal < 1 else "another amount"
    return finding(
        rule,
        band.status(share),
        say(
            "services_bring_of_in_the",
            services=services,
            currency=currency,
            whole=whole,
            share=measure_in_words(share, "share", band),
            in_words=band.in_words(),
        ),
        remedy=say("change_scope_or_price_of", target=target, goal=measure_in_words(goal, "share")),
        measured=share,
        subject=SHARE,
        threshold=band,
    )


# --- Whether add-ons are named, priced, timed and chosen well, and what customers lose (rules A1 to A5


@dataclass(frozen=True, slots=True)
class FewUsed:
    """A feature that surely few use: its share of all accounts, and of those in the tiers that contain it.

    `own_share` is None where nobody is in those tiers; `in_entry` tells that the first tier contains it.
    """

    feature: str
    share: float
    own_share: float | None = None
    in_entry: bool = False


def named_job(name: str, *, job: str = "", features: Sequence[str] = (), rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge whether an add-on's name says which job it does (A1), with a suggested rewrite where it does not."""
    rule = rulebook["A1"]
    if not name.strip():
        return finding(rule, "unknown", say("the_add_on_has_no"), remedy=say("name_it_after_the_job"))
    if is_specific(name):
        return finding(rule, "ok", say("names_what_it_does", name=name), subject=name, affected=(name,))
    better = suggested_name(name, job=job, features=features)
    remedy = say("rename_it_for_example", better=better) if better else say("write_down_the_job_it")
    vague = names_in_words([f"“{word}”" for word in vague_words(name)]) if vague_words(name) else "its words"
    evidence = say("could_stand_for_anything_do", name=name, vague=vague)
    return finding(rule, "breach", evidence, remedy=remedy, subject=name, affected=(name,))


def price_share(
    name: str,
    price: float | Decimal | None,
    *,
    core_price: float | Decimal | None,
    core_name: str = "the core plan",
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge the price of an add-on over that of its core plan (A2), both per the same unit and period."""
    rule = rulebook["A2"]
    own, core = (math.nan if value is None else float(value) for value in (price, core_price))
    if math.isnan(own) or math.isnan(core) or core <= 0:
        missing = f"{name} has no price" if math.isnan(own) else say("has_no_price_above_zero", core_name=core_name)
        need = name if math.isnan(own) else core_name
        evidence = say("so_there_is_no_share", missing=missing)
        return finding(rule, "unknown", evidence, remedy=f"Give {need} a price.", subject=name)
    share = own / core
    low, high = at_least((rule.low or 0) * core, currency), at_most((rule.high or 0) * core, currency)
    return finding(
        rule,
        rule.threshold.status(share),
        say(
            "at_is_of_at",
            name=name,
            own=own,
            currency=currency,
            share=measure_in_words(share, "share", rule.threshold),
            core_name=core_name,
            core=core,
        ),
        remedy=say("price_it_from_to_of", low=low, high=high, in_words=rule.threshold.in_words(), core_name=core_name),
        measured=share,
        subject=name,
        affected=(name,),
    )


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
    days = rule.threshold.status(tenure_days)
    condition = usage_condition.strip() if usage_condition is not None else None
    wait = say("it_is_not_said_after") if days == "unknown" else f"After {threshold_in_words(tenure_days or 0, 'days')}"
    use = (
        say("the_usage_condition_is_open")
        if condition is None
        else f"and {condition}"
        if condition
        else "with no usage condition"
    )
    evidence = f"{wait}{', ' if not condition else ' '}{use}."
    if eligible is not None:
        whole = f" of {formatting.count('account', of_accounts)}" if of_accounts is not None else " accounts"
        evidence += say("are_eligible_now", eligible=eligible, whole=whole)
    if days == "breach":
        remedy = f"Offer it after {rule.threshold.in_words()}."
        return finding(rule, "breach", evidence, remedy=remedy, measured=tenure_days, subject=name, affected=(name,))
    if condition == "":
        remedy = say("add_a_condition_on_use")
        return finding(rule, "watch", evidence, remedy=remedy, measured=tenure_days, subject=name, affected=(name,))
    is_open = days == "unknown" or condition is None
    remedy = say("say_after_how_many_days", in_words=rule.threshold.in_words())
    status: Literal["unknown", "ok"] = "unknown" if is_open else "ok"
    return finding(rule, status, evidence, remedy=remedy, measured=tenure_days, subject=name, affected=(name,))


def number_of_add_ons(names: Sequence[str] | None, *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge how many add-ons there are (A4); None means the stage is still open."""
    rule = rulebook["A4"]
    if names is None:
        return finding(rule, "unknown", say("add_ons_are_not_decided"), remedy=say("decide_which_add_ons_to"))
    which = f": {names_in_words(names, most=8)}" if names else ""
    goal = measure_in_words(rule.threshold.nearest(len(names)), "count")
    too_few = rule.low is not None and len(names) < rule.low
    verb = say("add_one_to_reach_at", goal=goal) if too_few else say("merge_or_drop_some_to", goal=goal)
    return finding(
        rule,
        rule.threshold.status(len(names)),
        f"{formatting.count('add-on', len(names))}{which}.",
        remedy=f"{verb}.",
        measured=len(names),
        affected=names,
    )


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
    where = "a tier" if placed == "tier" else "an add-on"
    if share is None:
        return finding(
            rule,
            "unknown",
            say("it_is_not_known_how", feature=feature, where=where),
            remedy=say("add_the_table_feature_use_2"),
            subject=feature,
        )
    line = rule.high or 0.0
    many = rule.threshold.status_of_interval(share)
    fits = many == "breach" if placed == "tier" else many == "ok"
    status: Literal["ok", "watch", "breach"] = "watch" if many == "watch" else "ok" if fits else "breach"
    verdict = (
        say("the_interval_straddles_more_accounts", line=threshold_in_words(line, "share"))
        if status == "watch"
        else say("move_it_from_to_its", where=where, placed=placed, line=threshold_in_words(line, "share"))
    )
    return finding(
        rule,
        status,
        say(
            "of_use_it_is_sold",
            users=users,
            of_accounts=of_accounts,
            feature=feature,
            share=interval_in_words(share, "share", rule.threshold),
            where=where,
        ),
        remedy=verdict,
        measured=share.estimate,
        subject=feature,
        affected=(feature,),
        population=formatting.count("account", of_accounts),
    )


def few_in_tiers(
    features: Sequence[FewUsed], *, judged: int, of_accounts: int, rulebook: Rulebook = RULEBOOK
) -> Finding:
    """Judge the features that tiers contain although surely few customers use them (A5), all together.

    They are those of `judged` features in tiers whose use is known. One in the entry tier, which everybody pays for,
    is a breach; in a higher tier it may be what makes the step up, and is on watch.
    """
    rule = rulebook["A5"]
    line, population = rule.high or 0.0, formatting.count("account", of_accounts)
    subject = "features in tiers"
    if not judged:
        need = say("add_the_table_feature_use")
        return finding(rule, "unknown", say("it_is_not_known_who"), remedy=need, subject=subject)
    if not features:
        told = say("none_of_the_in_tiers", judged=judged)
        return finding(
            rule,
            "ok",
            f"{told} {threshold_in_words(line, 'share')} of accounts.",
            subject=subject,
            population=population,
        )
    rarest = sorted(features, key=lambda each: each.share)
    named = [f"{each.feature} ({formatting.percent(each.share, 1)})" for each in rarest]
    at_entry = [each.feature for each in rarest if each.in_entry]
    earned = [each.feature for each in rarest if each.own_share is not None and each.own_share > line]
    evidence = say(
        "of_in_tiers_are_used",
        features=len(features),
        judged=judged,
        line=threshold_in_words(line, "share"),
        named=names_in_words(named, most=8),
    )
    if at_entry:
        evidence += say("in_the_entry_tier_everybody", at_entry=names_in_words(at_entry))
    if earned:
        evidence += say("of_the_accounts_in_the", earned=names_in_words(earned))
    idle = at_entry or [each.feature for each in rarest if each.feature not in earned] or earned
    return finding(
        rule,
        "breach" if at_entry else "watch",
        evidence,
        remedy=say("sell_as_add_ons_or", idle=names_in_words(idle)),
        measured=rarest[-1].share,
        subject=subject,
        affected=[each.feature for each in rarest],
        population=population,
    )


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
        need = say("add_the_table_feature_use")
        return finding(rule, "unknown", say("it_is_not_known_who_2", name=name), remedy=need, subject=name)
    if not accounts:
        return finding(rule, "ok", say("no_account_that_uses_today", name=name), measured=0, subject=name)
    who = formatting.count("account", accounts)
    if not is_sold:
        return finding(
            rule,
            "breach",
            say("use_what_no_tier_and", who=who, features=names_in_words(features)),
            remedy=say("put_them_into_a_tier"),
            measured=accounts,
            subject=name,
            affected=features,
        )
    cost = "" if would_pay is None else say("a_month_in_all", would_pay=would_pay, currency=currency)
    return finding(
        rule,
        rule.threshold.status(accounts),
        say("have_and_use_today_at", who=who, name=name, cost=cost),
        remedy=say("grandfather_it_these_keep_free", who=who, name=name),
        measured=accounts,
        subject=name,
        affected=(name,),
    )


def price_evidence(
    name: str,
    price: float | Decimal | None,
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
        stands = f"; it stands on {rests_on}" if rests_on else ""
        need = say("ask_customers_to_choose_between")
        evidence = say("no_price_evidence_nobody_was", name=name, stands=stands)
        return finding(rule, "unknown", evidence, remedy=need, subject=name)
    own = float(price)
    low, middle, high = (formatting.priced(max(0.0, end), currency) for end in (worth.low, worth.estimate, worth.high))
    evidence = say(
        "at_stands_against_a_worth",
        name=name,
        own=own,
        currency=currency,
        per_=per,
        middle=middle,
        low=low,
        high=high,
        respondents=respondents,
    )
    inside = worth.low <= own <= worth.high
    too_dear = own > worth.high
    remedy = say("lower_it_to_or_less", high=high) if too_dear else f"Raise it towards {middle}"
    return finding(
        rule,
        "ok" if inside else "breach" if too_dear else "watch",
        evidence,
        remedy=say("or_say_why_those_who", remedy=remedy) if too_dear else say("or_say_why_it_is", remedy=remedy),
        measured=own / worth.estimate if worth.estimate > 0 else None,
        subject=name,
        affected=(name,),
    )
