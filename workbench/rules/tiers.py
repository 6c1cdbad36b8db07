"""Whether tiers give a choice and a way up (T1 to T4), and what they do to the customers of today (T5 to T8)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.formatting import thousands
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
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from workbench.rules.rulebook import Finding, Rule

say = texts(__name__)

# --- Whether tiers give customers a choice and a way up (rules T1 to T3)

_FEWEST_FOR_A_MIDDLE = 3


def number_of_tiers(public: Sequence[str], *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge the number of tiers on the pricing page (T1); `public` names them."""
    rule = rulebook["T1"]
    if not public:
        return finding(rule, "unknown", say("no_public_tier_is_set"), remedy=say("add_the_tiers_of_the"), measured=None)
    too_few = rule.low is not None and len(public) < rule.low
    how = "Add a tier" if too_few else say("merge_tiers_or_sell_one")
    return finding(
        rule,
        rule.threshold.status(len(public)),
        f"{formatting.count('public tier', len(public))}: {names_in_words(public, most=8)}.",
        remedy=say("so_that_are_on_the", how=how, in_words=rule.threshold.in_words()),
        measured=len(public),
        affected=public,
    )


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
    if not middle or total == 0:
        why = say("nobody_is_placed_in_a") if middle else say("with_there_is_no_middle", counts=len(counts))
        need = say("load_accounts_with_usage_so") if middle else say("design_three_or_four_tiers")
        return finding(rule, "unknown", why, remedy=need, affected=middle)
    inside, band = sum(counts[name] for name in middle), rule.threshold
    share = wilson(inside, total)
    estimate = inside / total
    which = (
        f"the middle tier {middle[0]}"
        if len(middle) == 1
        else say("the_inner_tiers_together", middle=names_in_words(middle))
    )
    return finding(
        rule,
        rule.threshold.status(estimate),
        say(
            "of_land_in",
            inside=inside,
            total=total,
            which=which,
            value=interval_in_words(share, "share", band) if share else measure_in_words(estimate, "share", band),
        ),
        remedy=_move_the_middle(rule, estimate, total, which),
        measured=estimate,
        affected=middle,
        population=say("placed_in_a_tier", total=total),
    )


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
    rule = rulebook["T3"]
    findings = []
    seen: set[str] = set(tiers[0][1]) if tiers else set()
    for name, features in tiers[1:]:
        new = [feature for feature in features if feature not in seen]
        seen.update(features)
        findings.append(_step(rule, name, new, benefit, raises=bool((larger_limits or {}).get(name))))
    if not findings:
        evidence = say("there_is_no_step_to", tiers=len(tiers))
        return (finding(rule, "unknown", evidence, remedy=say("design_at_least_two_tiers")),)
    return tuple(findings)


def _step(rule: Rule, name: str, new: Sequence[str], benefit: Mapping[str, float | None], *, raises: bool) -> Finding:
    shares = {feature: benefit.get(feature) for feature in new}
    valued = {feature: share for feature, share in shares.items() if share is not None and share > 0}
    unknown = [feature for feature, share in shares.items() if share is None or math.isnan(share)]
    status = rule.threshold.status(len(valued))
    if status != "ok" and unknown and rule.threshold.status(len(valued) + len(unknown)) == "ok":
        status = "unknown"
    elif status != "ok" and raises:
        status = "watch"
    named = [
        f"{feature} ({formatting.percent(share)})" for feature, share in sorted(valued.items(), key=lambda kv: -kv[1])
    ]
    parts = [
        say("adds_to_the_tier_below", name=name, new=len(new)),
        say("valued_by_those_it_is", named=names_in_words(named)) if named else "",
        f"; benefit unknown: {names_in_words(unknown)}" if unknown else "",
        "; it raises limits" if raises else "",
    ]
    need = rule.threshold.in_words()
    remedy = (
        say("load_feature_use_or_a", name=name, unknown=names_in_words(unknown))
        if status == "unknown"
        else say("move_features_into_that_its", name=name, need=need)
    )
    return finding(
        rule, status, "".join(parts) + ".", remedy=remedy, measured=len(valued), subject=name, affected=(name,)
    )


def _move_the_middle(rule: Rule, share: float, total: int, which: str) -> str:
    goal = rule.threshold.nearest(share)
    accounts = max(1, math.ceil(abs(goal - share) * total - 1e-9))
    direction = "into" if share < goal else "out of"
    return say(
        "move_limits_or_features_so",
        accounts=accounts,
        direction=direction,
        which=which,
        goal=measure_in_words(goal, "share"),
    )


# --- Whether the prices of tiers lie usefully far apart (rule T4)


def top_to_entry(
    prices: Mapping[str, float | Decimal | None],
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
    priced = {
        name: float(price)
        for name, price in prices.items()
        if price is not None and price > 0 and not math.isnan(price)
    }
    left_out = [name for name in prices if name not in priced]
    aside = say("left_out_free_or_on", left_out=names_in_words(left_out)) if left_out else ""
    kinds = sorted({units[name] for name in priced if name in units}) if units else []
    if len(kinds) > 1:
        evidence = say("the_tiers_are_priced_per", kinds=" and per ".join(kinds), aside=aside)
        return finding(rule, "unknown", evidence, remedy=say("price_all_tiers_per_the"), affected=priced)
    if len(priced) < 2:  # noqa: PLR2004 - a ratio takes two
        evidence = say("with_a_price_there_is", priced_=len(priced), aside=aside)
        return finding(rule, "unknown", evidence, remedy=say("give_at_least_two_tiers"))
    entry, top = min(priced, key=lambda name: priced[name]), max(priced, key=lambda name: priced[name])
    low, high = priced[entry], priced[top]
    suffix = f" {per}" if per else ""
    times = measure_in_words(high / low, "times", rule.threshold)
    evidence = say(
        "at_costs_as_much_as",
        top=top,
        high=high,
        currency=currency,
        suffix=suffix,
        times=times,
        entry=entry,
        low=low,
        aside=aside,
    )
    return finding(
        rule,
        rule.threshold.status(high / low),
        evidence,
        remedy=_spread(rule, (entry, low), (top, high), currency),
        measured=high / low,
        affected=(entry, top),
    )


def _spread(rule: Rule, entry: tuple[str, float], top: tuple[str, float], currency: str) -> str:
    ratio = top[1] / entry[1]
    goal = rule.threshold.nearest(ratio)
    if ratio > goal:
        top_move = f"Lower {top[0]} to {at_most(goal * entry[1], currency)}"
        entry_move = f"raise {entry[0]} to {at_least(top[1] / goal, currency)}"
    else:
        top_move = f"Raise {top[0]} to {at_least(goal * entry[1], currency)}"
        entry_move = f"lower {entry[0]} to {at_most(top[1] / goal, currency)}"
    aside = say("or_sell_on_request", top=top[0]) if ratio > goal else ""
    return say(
        "or_for_a_spread_of",
        top_move=top_move,
        entry_move=entry_move,
        goal=measure_in_words(goal, "times"),
        aside=aside,
    )


# --- What new tiers do to the customers of today

_LOAD_MRR = say("add_the_table_mrr_so")
PAID_WITH_PAID = say("each_account_s_own_discount")


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
        return finding(rule, "unknown", say("no_new_bill_can_be"), remedy=_LOAD_MRR)
    share = new / today
    return finding(
        rule,
        rule.threshold.status(share),
        say(
            "would_pay_a_month_with",
            accounts=accounts,
            new=new,
            currency=currency,
            paid_with_paid=PAID_WITH_PAID,
            value="they" if paying in {None, accounts} else f"{thousands(paying)} of them",
            today=today,
            value_2=share - 1,
        ),
        remedy=say("raise_prices_by_about_or", value=1 / share - 1) if share > 0 else "Set prices above zero.",
        measured=share,
        population=say("with_a_bill_and_a", accounts=accounts, in_=_in(month)),
    )


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
    line = threshold_in_words(rule.also["rise"].high or 0.0, "share")
    if shocked is None or accounts <= 0:
        return finding(rule, "unknown", say("no_new_bill_can_be"), remedy=_LOAD_MRR)
    share = shocked / accounts
    evidence = say(
        "of_would_pay_over_more",
        shocked=shocked,
        accounts=accounts,
        line=line,
        paid_with_paid=PAID_WITH_PAID,
        share=measure_in_words(share, "share", rule.threshold),
    )
    if shocked and largest is not None:
        evidence += say("the_largest_rise_is", largest=largest)
    if shocked and rise is not None and paid_today is not None:
        evidence += say("they_pay_a_month_today", paid_today=paid_today, currency=currency, rise=rise)
    return finding(
        rule,
        rule.threshold.status(share),
        evidence,
        remedy=say("bring_the_tiers_prices_closer", in_words=rule.threshold.in_words(), line=line),
        measured=share,
        affected=affected,
        population=say(
            "with_both_bills",
            accounts=accounts,
            in_=_in(month),
            value=say("paying_nothing_today", free=free) if free else "",
        ),
    )


def free_plan(
    names: Sequence[str],
    asked: Asked | None,
    *,
    has_free_tier: bool,
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether those on a free plan today keep one, and what the others would be asked (T7)."""
    rule = rulebook["T7"]
    plans = f"the free plan {names_in_words(names)}" if len(names) == 1 else f"the free plans {names_in_words(names)}"
    if asked is None:
        return finding(rule, "unknown", say("it_is_not_known_who", plans=plans), remedy=say("load_the_plan_of_each"))
    who = say("of_on_today", accounts=asked.accounts, of_accounts=asked.of_accounts, plans=plans)
    if not asked.accounts:
        return finding(
            rule, "ok", say("all_accounts_on_today_keep", of_accounts=asked.of_accounts, plans=plans), measured=0
        )
    bill = ""
    if math.isfinite(asked.typical):
        bill = say("half_of_them_a_month", typical=asked.typical, currency=currency, total=asked.total)
    lost = say("would_be_asked_to_pay") if math.isfinite(asked.typical) else say("would_have_no_free_plan")
    return finding(
        rule,
        rule.threshold.status(asked.accounts) if has_free_tier else "breach",
        say("few_who_pay_nothing_begin", who=who, lost=lost, bill=bill),
        remedy=say("keep_a_free_tier_with"),
        measured=asked.accounts,
        population=formatting.count("account", asked.of_accounts),
    )


def contracts(
    accounts: int,
    paid: float | None,
    *,
    custom: Sequence[str],
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge whether accounts without a published price today keep a tier on request (T8).

    `custom` names the design's tiers on request, in which they are taken to pay what they pay.
    """
    rule = rulebook["T8"]
    pay = "" if paid is None else say("which_pay_a_month", paid=paid, currency=currency)
    who = say("have_no_published_price_today", accounts=accounts, pay=pay)
    if not custom:
        remedy = say("add_a_tier_on_request")
        return finding(rule, "breach", say("and_the_design_has_no", who=who), remedy=remedy, measured=accounts)
    evidence = say("stays_on_request_for_them", who=who, custom=names_in_words(custom))
    return finding(rule, "ok", evidence, measured=accounts)


def _in(month: str) -> str:
    return f" in {month}" if month else ""
