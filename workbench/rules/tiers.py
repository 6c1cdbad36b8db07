"""Whether tiers give a choice and a way up (T1 to T4), and what they do to the customers of today (T5 to T8)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import formatting
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

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from workbench.rules.rulebook import Finding, Rule

# --- Whether tiers give customers a choice and a way up (rules T1 to T3)

_FEWEST_FOR_A_MIDDLE = 3


def number_of_tiers(public: Sequence[str], *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge the number of tiers on the pricing page (T1); `public` names them."""
    rule = rulebook["T1"]
    if not public:
        return finding(rule, "unknown", "No public tier is set.", remedy="Add the tiers of the offer.", measured=None)
    too_few = rule.low is not None and len(public) < rule.low
    how = "Add a tier" if too_few else "Merge tiers or sell one of them on request"
    return finding(
        rule,
        rule.threshold.status(len(public)),
        f"{formatting.count('public tier', len(public))}: {names_in_words(public, most=8)}.",
        remedy=f"{how}, so that {rule.threshold.in_words()} are on the pricing page.",
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
        why = (
            "Nobody is placed in a tier."
            if middle
            else f"With {formatting.count('tier', len(counts))} there is no middle."
        )
        need = "Load accounts with usage, so that they can be placed." if middle else "Design three or four tiers."
        return finding(rule, "unknown", why, remedy=need, affected=middle)
    inside, band = sum(counts[name] for name in middle), rule.threshold
    share = wilson(inside, total)
    estimate = inside / total
    which = f"the middle tier {middle[0]}" if len(middle) == 1 else f"the inner tiers {names_in_words(middle)} together"
    return finding(
        rule,
        rule.threshold.status(estimate),
        f"{inside:,} of {formatting.count('account', total)} land in {which}: "
        f"{interval_in_words(share, 'share', band) if share else measure_in_words(estimate, 'share', band)}.",
        remedy=_move_the_middle(rule, estimate, total, which),
        measured=estimate,
        affected=middle,
        population=f"{formatting.count('account', total)} placed in a tier",
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
        evidence = f"{formatting.count('tier', len(tiers))}: there is no step to judge."
        return (finding(rule, "unknown", evidence, remedy="Design at least two tiers."),)
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
        f"{name} adds {formatting.count('feature', len(new))} to the tier below",
        f"; valued by those it is for: {names_in_words(named)}" if named else "",
        f"; benefit unknown: {names_in_words(unknown)}" if unknown else "",
        "; it raises limits" if raises else "",
    ]
    need = rule.threshold.in_words()
    remedy = (
        f"Load feature use or a feature survey, to learn whether customers of {name} value {names_in_words(unknown)}."
        if status == "unknown"
        else f"Move features into {name} that its customers value ({need}); analytics, API access and integrations are "
        "the usual gates."
    )
    return finding(
        rule, status, "".join(parts) + ".", remedy=remedy, measured=len(valued), subject=name, affected=(name,)
    )


def _move_the_middle(rule: Rule, share: float, total: int, which: str) -> str:
    goal = rule.threshold.nearest(share)
    accounts = max(1, math.ceil(abs(goal - share) * total - 1e-9))
    direction = "into" if share < goal else "out of"
    return (
        f"Move limits or features so that about {formatting.count('account', accounts)} go {direction} {which}, to "
        f"reach {measure_in_words(goal, 'share')}."
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
    aside = f" Left out, free or on request: {names_in_words(left_out)}." if left_out else ""
    kinds = sorted({units[name] for name in priced if name in units}) if units else []
    if len(kinds) > 1:
        evidence = f"The tiers are priced per {' and per '.join(kinds)}, which cannot be compared.{aside}"
        return finding(rule, "unknown", evidence, remedy="Price all tiers per the same unit.", affected=priced)
    if len(priced) < 2:  # noqa: PLR2004 - a ratio takes two
        evidence = f"{formatting.count('tier', len(priced))} with a price: there is no ratio to judge.{aside}"
        return finding(rule, "unknown", evidence, remedy="Give at least two tiers a price above zero.")
    entry, top = min(priced, key=lambda name: priced[name]), max(priced, key=lambda name: priced[name])
    low, high = priced[entry], priced[top]
    suffix = f" {per}" if per else ""
    times = measure_in_words(high / low, "times", rule.threshold)
    evidence = (
        f"{top} at {formatting.exact_money(high, currency)}{suffix} costs {times} as much as "
        f"{entry} at {formatting.exact_money(low, currency)}{suffix}.{aside}"
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
    aside = f"; or sell {top[0]} on request" if ratio > goal else ""
    return f"{top_move} or {entry_move}, for a spread of {measure_in_words(goal, 'times')}{aside}."


# --- What new tiers do to the customers of today: revenue kept, bill shock, a free plan, contracts (rules T5 to T8)

_LOAD_MRR = "Add the table mrr, so that new bills can be held against what is paid."
PAID_WITH_PAID = "each account's own discount kept"


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
        return finding(rule, "unknown", "No new bill can be held against what is paid.", remedy=_LOAD_MRR)
    share = new / today
    return finding(
        rule,
        rule.threshold.status(share),
        f"{formatting.count('account', accounts)} would pay {formatting.money(new, currency)} a month with "
        f"{PAID_WITH_PAID}; {'they' if paying in {None, accounts} else f'{paying:,} of them'} pay "
        f"{formatting.money(today, currency)}: "
        f"{formatting.percent(share - 1, 1, signed=True)}.",
        remedy=f"Raise prices by about {formatting.percent(1 / share - 1, 1)}, or say what the lower revenue buys."
        if share > 0
        else "Set prices above zero.",
        measured=share,
        population=f"{formatting.count('account', accounts)} with a bill and a recorded MRR{_in(month)}",
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
        return finding(rule, "unknown", "No new bill can be held against what is paid.", remedy=_LOAD_MRR)
    share = shocked / accounts
    evidence = (
        f"{shocked:,} of {formatting.count('account', accounts)} would pay over {line} more, {PAID_WITH_PAID}: "
        f"{measure_in_words(share, 'share', rule.threshold)}."
    )
    if shocked and largest is not None:
        evidence += f" The largest rise is {formatting.percent(largest, signed=True)}."
    if shocked and rise is not None and paid_today is not None:
        evidence += (
            f" They pay {formatting.money(paid_today, currency)} a month today and would pay "
            f"{formatting.money(rise, currency)} more."
        )
    return finding(
        rule,
        rule.threshold.status(share),
        evidence,
        remedy=f"Bring the tiers' prices closer together or limit the rise at renewal, until "
        f"{rule.threshold.in_words()} of accounts pay over {line} more.",
        measured=share,
        affected=affected,
        population=f"{formatting.count('account', accounts)} with both bills{_in(month)}"
        f"{f', {free:,} of them paying nothing today' if free else ''}",
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
        return finding(rule, "unknown", f"It is not known who is on {plans}.", remedy="Load the plan of each account.")
    who = f"{asked.accounts:,} of {formatting.count('account', asked.of_accounts)} on {plans} today"
    if not asked.accounts:
        return finding(rule, "ok", f"All {asked.of_accounts:,} accounts on {plans} today keep a free one.", measured=0)
    bill = ""
    if math.isfinite(asked.typical):
        bill = (
            f": half of them {formatting.priced(asked.typical, currency)} a month or more, "
            f"{formatting.money(asked.total, currency)} in all"
        )
    lost = "would be asked to pay" if math.isfinite(asked.typical) else "would have no free plan"
    return finding(
        rule,
        rule.threshold.status(asked.accounts) if has_free_tier else "breach",
        f"{who} {lost}{bill}. Few who pay nothing begin to pay; that revenue is not to be counted on.",
        remedy="Keep a free tier with the limits of today's, or say when it ends and what happens to these accounts.",
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
    pay = "" if paid is None else f", which pay {formatting.money(paid, currency)} a month,"
    who = f"{formatting.count('account', accounts)}{pay} have no published price today"
    if not custom:
        remedy = "Add a tier on request for them, and leave their contracts as they are."
        return finding(
            rule, "breach", f"{who}, and the design has no tier on request.", remedy=remedy, measured=accounts
        )
    evidence = f"{who}; {names_in_words(custom)} stays on request for them, and they are taken to pay what they pay."
    return finding(rule, "ok", evidence, measured=accounts)


def _in(month: str) -> str:
    return f" in {month}" if month else ""
