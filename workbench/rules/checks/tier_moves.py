"""What new tiers do to the customers of today: revenue kept, bill shock, a free plan, contracts (rules T5 to T8)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.rules.checks.build import finding, listed
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.rules.threshold import decided, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.rules.finding import Finding

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
    line = decided(rule.also["rise"].high or 0.0, "share")
    if shocked is None or accounts <= 0:
        return finding(rule, "unknown", "No new bill can be held against what is paid.", remedy=_LOAD_MRR)
    share = shocked / accounts
    evidence = (
        f"{shocked:,} of {formatting.count('account', accounts)} would pay over {line} more, {PAID_WITH_PAID}: "
        f"{written(share, 'share', rule.threshold)}."
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
    plans = f"the free plan {listed(names)}" if len(names) == 1 else f"the free plans {listed(names)}"
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
    evidence = f"{who}; {listed(custom)} stays on request for them, and they are taken to pay what they pay."
    return finding(rule, "ok", evidence, measured=accounts)


def _in(month: str) -> str:
    return f" in {month}" if month else ""
