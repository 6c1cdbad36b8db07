"""Whether the prices of tiers lie usefully far apart (rule T4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.rules.checks.build import at_least, at_most, finding, listed
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.rules.threshold import written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from workbench.rules.finding import Finding
    from workbench.rules.rulebook import Rule


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
    aside = f" Left out, free or on request: {listed(left_out)}." if left_out else ""
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
    times = written(high / low, "times", rule.threshold)
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
    return f"{top_move} or {entry_move}, for a spread of {written(goal, 'times')}{aside}."
