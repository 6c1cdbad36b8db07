"""The tables of a result on tiers, for reading and for export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.stages.tiers import movers
from workbench.stages.tiers.edges import edge_table
from workbench.stages.tiers.words import limit_words, overage_words, price_words
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.tiers.decision import Tier
    from workbench.stages.tiers.evaluation import TierResult


def makers(result: TierResult) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return what makes each table of a result."""
    tiers, found = result.decision.tiers, result.evidence
    apart = result.sold_separately
    return {
        "tiers": lambda: tier_table(result),
        "feature_benefit": lambda: feature_table(result),
        "usage_levels": lambda: found.usage_levels.assign(metric=found.usage_levels["metric"].map(metric_words)),
        "step_up": lambda: step_table(result),
        "bill_change": lambda: change_table(result),
        "plan_moves": lambda: result.moves.table(),  # noqa: PLW0108 - the moves are counted when asked for
        "top_movers": lambda: movers.top_movers(
            found, tiers, result.tier_index, result.net_bill, sold_separately=apart
        ),
        "unserved": lambda: movers.unserved_accounts(found, tiers, result.tier_index, apart),
        "not_compared": lambda: movers.not_comparable(found, result.net_bill, result.tier_index),
        "bill_at_limits": lambda: edge_table(result.edges, found.currency),
    }


def tier_table(result: TierResult) -> pd.DataFrame:
    """Return a row per tier: price, limits, features, accounts, revenue and today's MRR of the same accounts."""
    currency = result.evidence.currency
    rows = [
        {
            "tier": outcome.tier.name,
            "price": price_words(outcome.tier, currency),
            "limits": _limits(outcome.tier, currency),
            "features": len(outcome.tier.features),
            "accounts": outcome.accounts,
            "share of accounts (%)": round(100 * outcome.share, 1),
            f"revenue a month at list prices ({currency})": _rounded(outcome.revenue),
            "share of that revenue (%)": None
            if outcome.revenue_share is None
            else round(100 * outcome.revenue_share, 1),
            f"MRR today ({currency})": round(outcome.today, 2) if outcome.compared else None,
        }
        for outcome in result.outcomes
    ]
    missing = result.unplaced
    if missing.unserved:
        rows.append(
            {
                "tier": "no tier serves",
                "accounts": missing.unserved,
                "share of accounts (%)": round(100 * missing.unserved / len(result.evidence), 1),
                f"MRR today ({currency})": round(missing.unserved_today, 2),
                "price": "",
                "limits": "",
                "features": 0,
            }
        )
    return pd.DataFrame(rows)


def feature_table(result: TierResult) -> pd.DataFrame:
    """Return a row per feature: who uses it (90% interval), who of those that have it, who asks, the verdict."""
    threshold = result.rulebook.threshold("A5")
    rows = []
    for benefit in result.evidence.benefits:
        share, inside = benefit.share, benefit.share_where_included
        rows.append(
            {
                "feature": benefit.feature,
                "area": benefit.area,
                "must have": benefit.must_have,
                "accounts using it": benefit.users if share else None,
                "share (%)": None if share is None else round(100 * share.estimate, 1),
                "90% from (%)": None if share is None else round(100 * share.low, 1),
                "90% to (%)": None if share is None else round(100 * share.high, 1),
                "share where included today (%)": None if inside is None else round(100 * inside, 1),
                "accounts asking": benefit.requests,
                "verdict": benefit.verdict(threshold),
                "from tier": _first_tier(result, benefit.feature),
            }
        )
    return pd.DataFrame(rows)


def step_table(result: TierResult) -> pd.DataFrame:
    """Return a row per feature a tier adds: who of its accounts uses or asked for it."""
    columns = ["tier", "adds", "usual gate", "accounts in tier", "use it or asked", "share (%)", "accounts asking"]
    rows = [
        (
            up.step.tier,
            added.feature,
            added.usual_gate,
            up.accounts,
            added.users if added.share else None,
            None if added.share is None else round(100 * added.share.estimate, 1),
            added.requests,
        )
        for up in result.step_ups
        for added in up.added
    ]
    return pd.DataFrame(rows, columns=columns)


def change_table(result: TierResult) -> pd.DataFrame:
    """Return the bill change in numbers: how many pay more, less or the same, and its quantiles."""
    change = result.change
    if change is None:
        return pd.DataFrame(columns=["what", "value", "unit"])
    currency = result.evidence.currency
    labels = ("one account in twenty pays at most", "half of the accounts pay at most", "19 in 20 accounts pay at most")
    rows: list[tuple[str, float, str]] = [
        ("compared", change.accounts, "accounts"),
        ("pay more", change.more, "accounts"),
        ("pay the same", change.same, "accounts"),
        ("pay less", change.less, "accounts"),
        ("MRR today", round(change.today, 2), f"{currency} a month"),
        ("new bills", round(change.new, 2), f"{currency} a month"),
    ]
    rows += [
        (f"{label}: change", round(100 * value, 1), "%") for label, value in zip(labels, change.relative, strict=True)
    ]
    rows += [
        (f"{label}: change", round(value, 2), f"{currency} a month")
        for label, value in zip(labels, change.amount, strict=True)
    ]
    return pd.DataFrame(rows, columns=["what", "value", "unit"])


def _limits(tier: Tier, currency: str) -> str:
    told = [
        " ".join(part for part in (limit_words(metric, most), overage_words(tier, metric, currency)) if part)
        for metric, most in tier.limits.items()
    ]
    return "; ".join(told) or "no limits"


def _first_tier(result: TierResult, feature: str) -> str:
    for tier in result.decision.tiers:
        if feature in tier.features:
            return tier.name
    return "sold separately" if feature in result.sold_separately else "in no tier"


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)
