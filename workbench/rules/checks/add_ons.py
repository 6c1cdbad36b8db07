"""Whether add-ons are named, priced, timed and chosen well, and what customers lose (rules A1 to A5, A7, A8)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench import formatting
from workbench.formatting import capitalised
from workbench.rules.checks.build import at_least, at_most, finding, interval_in_words, listed
from workbench.rules.checks.names import is_specific, suggested_name, vague_words
from workbench.rules.checks.services import services_margin, services_share
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.rules.shares import wilson
from workbench.rules.threshold import decided, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from workbench.results import Interval
    from workbench.rules.finding import Finding

__all__ = [
    "FewUsed",
    "benefit_share",
    "few_in_tiers",
    "named_job",
    "number_of_add_ons",
    "offer_timing",
    "price_evidence",
    "price_share",
    "services_margin",
    "services_share",
    "taken_away",
]


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
        return finding(rule, "unknown", "The add-on has no name yet.", remedy="Name it after the job it does.")
    if is_specific(name):
        return finding(rule, "ok", f"“{name}” names what it does.", subject=name, affected=(name,))
    better = suggested_name(name, job=job, features=features)
    remedy = (
        f"Rename it, for example “{better}”."
        if better
        else "Write down the job it does and name it after that, such as “Revenue attribution dashboard”."
    )
    vague = listed([f"“{word}”" for word in vague_words(name)]) if vague_words(name) else "its words"
    evidence = f"“{name}” could stand for anything: {vague} do not say which job it does."
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
        missing = f"{name} has no price" if math.isnan(own) else f"{core_name} has no price above zero"
        need = name if math.isnan(own) else core_name
        evidence = f"{capitalised(missing)}, so there is no share to judge."
        return finding(rule, "unknown", evidence, remedy=f"Give {need} a price.", subject=name)
    share = own / core
    low, high = at_least((rule.low or 0) * core, currency), at_most((rule.high or 0) * core, currency)
    return finding(
        rule,
        rule.threshold.status(share),
        f"{name} at {formatting.priced(own, currency)} is {written(share, 'share', rule.threshold)} of {core_name} at "
        f"{formatting.priced(core, currency)}.",
        remedy=f"Price it from {low} to {high} ({rule.threshold.in_words()} of {core_name}).",
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
    wait = "It is not said after how many days" if days == "unknown" else f"After {decided(tenure_days or 0, 'days')}"
    use = (
        "the usage condition is open"
        if condition is None
        else f"and {condition}"
        if condition
        else "with no usage condition"
    )
    evidence = f"{wait}{', ' if not condition else ' '}{use}."
    if eligible is not None:
        whole = f" of {formatting.count('account', of_accounts)}" if of_accounts is not None else " accounts"
        evidence += f" {eligible:,}{whole} are eligible now."
    if days == "breach":
        remedy = f"Offer it after {rule.threshold.in_words()}."
        return finding(rule, "breach", evidence, remedy=remedy, measured=tenure_days, subject=name, affected=(name,))
    if condition == "":
        remedy = "Add a condition on use: which feature or metric shows that the customer is ready, and how much of it."
        return finding(rule, "watch", evidence, remedy=remedy, measured=tenure_days, subject=name, affected=(name,))
    is_open = days == "unknown" or condition is None
    remedy = f"Say after how many days ({rule.threshold.in_words()}) and on which use it is offered."
    status: Literal["unknown", "ok"] = "unknown" if is_open else "ok"
    return finding(rule, status, evidence, remedy=remedy, measured=tenure_days, subject=name, affected=(name,))


def number_of_add_ons(names: Sequence[str] | None, *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge how many add-ons there are (A4); None means the stage is still open."""
    rule = rulebook["A4"]
    if names is None:
        return finding(rule, "unknown", "Add-ons are not decided yet.", remedy="Decide which add-ons to sell, if any.")
    which = f": {listed(names, most=8)}" if names else ""
    goal = written(rule.threshold.nearest(len(names)), "count")
    too_few = rule.low is not None and len(names) < rule.low
    verb = f"Add one, to reach at least {goal}" if too_few else f"Merge or drop some, to reach at most {goal}"
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
            f"It is not known how many customers would benefit from {feature}; it is sold in {where}.",
            remedy="Add the table feature_use (account, week, feature, uses) or ask customers about the feature.",
            subject=feature,
        )
    line = rule.high or 0.0
    many = rule.threshold.status_of_interval(share)
    fits = many == "breach" if placed == "tier" else many == "ok"
    status: Literal["ok", "watch", "breach"] = "watch" if many == "watch" else "ok" if fits else "breach"
    verdict = (
        f"The interval straddles {decided(line, 'share')}: more accounts or a survey would settle it."
        if status == "watch"
        else f"Move it from {where} to {'an add-on' if placed == 'tier' else 'a tier'}: its share is "
        f"{'below' if placed == 'tier' else 'above'} {decided(line, 'share')}."
    )
    return finding(
        rule,
        status,
        f"{users:,} of {formatting.count('account', of_accounts)} use {feature}: "
        f"{interval_in_words(share, 'share', rule.threshold)}; it is sold in {where}.",
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
        need = "Add the table feature_use (account, week, feature, uses)."
        return finding(rule, "unknown", "It is not known who uses what is in the tiers.", remedy=need, subject=subject)
    if not features:
        told = f"None of the {formatting.count('feature', judged)} in tiers is used by surely under"
        return finding(
            rule, "ok", f"{told} {decided(line, 'share')} of accounts.", subject=subject, population=population
        )
    rarest = sorted(features, key=lambda each: each.share)
    named = [f"{each.feature} ({formatting.percent(each.share, 1)})" for each in rarest]
    at_entry = [each.feature for each in rarest if each.in_entry]
    earned = [each.feature for each in rarest if each.own_share is not None and each.own_share > line]
    evidence = (
        f"{len(features)} of {formatting.count('feature', judged)} in tiers are used by surely under "
        f"{decided(line, 'share')} of accounts: {listed(named, most=8)}."
    )
    if at_entry:
        evidence += f" In the entry tier everybody pays for {listed(at_entry)}."
    if earned:
        evidence += f" Of the accounts in the tiers that contain it, more than that use {listed(earned)}."
    idle = at_entry or [each.feature for each in rarest if each.feature not in earned] or earned
    return finding(
        rule,
        "breach" if at_entry else "watch",
        evidence,
        remedy=f"Sell {listed(idle)} as add-ons, or say which job in the tier needs them.",
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
        need = "Add the table feature_use (account, week, feature, uses)."
        return finding(rule, "unknown", f"It is not known who uses {name} today.", remedy=need, subject=name)
    if not accounts:
        return finding(rule, "ok", f"No account that uses {name} today would lose it.", measured=0, subject=name)
    who = formatting.count("account", accounts)
    if not is_sold:
        return finding(
            rule,
            "breach",
            f"{who} use what no tier and no add-on contains: {listed(features)}.",
            remedy="Put them into a tier or an add-on, or give them up with notice and say so.",
            measured=accounts,
            subject=name,
            affected=features,
        )
    cost = "" if would_pay is None else f", {formatting.money(would_pay, currency)} a month in all"
    return finding(
        rule,
        rule.threshold.status(accounts),
        f"{who} have and use {name} today at no extra charge; as an add-on they would have to buy it{cost}.",
        remedy=f"Grandfather it: these {who} keep {name} free for a stated time, and new ones buy it. Or announce the "
        "date from which they pay, and count who leaves.",
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
        need = "Ask customers to choose between whole offers with and without it, or try the price on a few."
        evidence = f"No price evidence: nobody was asked what {name} is worth{stands}."
        return finding(rule, "unknown", evidence, remedy=need, subject=name)
    own = float(price)
    low, middle, high = (formatting.priced(max(0.0, end), currency) for end in (worth.low, worth.estimate, worth.high))
    evidence = (
        f"{name} at {formatting.priced(own, currency)}{per} stands against a worth of {middle} ({low} to {high}) to "
        f"the average of {formatting.count('respondent', respondents)}, from choices between offers."
    )
    inside = worth.low <= own <= worth.high
    too_dear = own > worth.high
    remedy = f"Lower it to {high} or less" if too_dear else f"Raise it towards {middle}"
    return finding(
        rule,
        "ok" if inside else "breach" if too_dear else "watch",
        evidence,
        remedy=f"{remedy}, or say why those who would buy it find it worth more than the average."
        if too_dear
        else f"{remedy}, or say why it is sold below what it is worth.",
        measured=own / worth.estimate if worth.estimate > 0 else None,
        subject=name,
        affected=(name,),
    )
