"""A decision on tiers and what follows from it, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, money, percent
from workbench.stages.tiers.words import full_price_words

if TYPE_CHECKING:
    from workbench.stages.tiers.decision import TierDecision
    from workbench.stages.tiers.evaluation import TierResult


def summarise(decision: TierDecision, result: TierResult) -> str:
    """Return one sentence: the tiers with their prices, where accounts land, and revenue against today."""
    if not decision.tiers:
        return "No tiers are designed yet."
    currency = result.evidence.currency
    offers = ", ".join(f"{tier.name} ({full_price_words(tier, currency)})" for tier in decision.tiers)
    shares = ", ".join(percent(outcome.share) for outcome in result.outcomes)
    text = f"{count('tier', len(decision.tiers))}: {offers}; they hold {shares} of active accounts"
    change = result.change
    if change is not None and change.accounts:
        whole = change.paying == change.accounts
        who = f"{count('account', change.accounts)}{' that' if whole else f', of which {change.paying:,}'}"
        text += (
            f" and bring {money(change.new, currency)} a month, each account's own discount kept, from {who} "
            f"pay {money(change.today, currency)} today"
        )
    if result.unplaced.unserved:
        text += f"; {count('account', result.unplaced.unserved)} would have no tier"
    return text + "."
