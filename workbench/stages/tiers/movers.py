"""The accounts behind the numbers: whose bill moves most, whom no tier serves, who cannot be compared - and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.stages.tiers.needs_met import reason_in_words, unmet_needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.stages.tiers.decision import Tier
    from workbench.stages.tiers.evidence import TierEvidence

MOST = 25
_SCANNED = 5_000


def top_movers(
    evidence: TierEvidence,
    tiers: Sequence[Tier],
    tier_index: NDArray[np.intp],
    bill: NDArray[np.float64],
    *,
    sold_separately: frozenset[str],
    most: int = MOST,
) -> pd.DataFrame:
    """Return the accounts whose bill changes most, largest change first, each with the reason for its tier."""
    change = bill - evidence.mrr
    rows = _largest(np.abs(change), most)
    before = evidence.mrr[rows]
    relative = np.divide(100 * change[rows], before, out=np.full(rows.size, np.nan), where=before > 0)
    currency = evidence.currency
    reasons = [why_this_tier(evidence, tiers, int(tier_index[row]), int(row), sold_separately) for row in rows]
    return pd.DataFrame(
        {
            **_who(evidence, rows),
            "new tier": [tiers[tier_index[row]].name for row in rows],
            f"MRR today ({currency})": before,
            f"new bill ({currency})": bill[rows],
            f"change ({currency})": change[rows],
            "change (%)": relative.round(1),
            "why this tier": reasons,
        }
    )


def why_this_tier(
    evidence: TierEvidence, tiers: Sequence[Tier], placed: int, account: int, sold_separately: frozenset[str]
) -> str:
    """Say which limit or feature kept an account out of the tier below the one it is in."""
    if tiers[placed].on_request and evidence.on_list.on_request[account]:
        return "has no published price today, and keeps its contract"
    for below in range(placed - 1, -1, -1):
        unmet = unmet_needs(tiers[below], account, evidence, sold_separately)
        if unmet:
            return reason_in_words(tiers[below], unmet)
    return "needs no more than the first tier" if placed == 0 else "the cheapest tier for what it uses"


def unserved_accounts(
    evidence: TierEvidence,
    tiers: Sequence[Tier],
    tier_index: NDArray[np.intp],
    sold_separately: frozenset[str],
    most: int = _SCANNED,
) -> pd.DataFrame:
    """Return the accounts no tier serves, those that pay most today first, with what the closest tier lacks."""
    outside = np.flatnonzero(tier_index < 0)
    order = np.argsort(-np.nan_to_num(evidence.mrr[outside], nan=-1.0), kind="stable")
    rows = outside[order][:most]
    return pd.DataFrame(
        {
            **_who(evidence, rows),
            f"MRR today ({evidence.currency})": evidence.mrr[rows],
            "what is missing": [_closest(evidence, tiers, int(row), sold_separately) for row in rows],
        }
    )


def not_comparable(evidence: TierEvidence, bill: NDArray[np.float64], tier_index: NDArray[np.intp]) -> pd.DataFrame:
    """Return the accounts in a tier whose new bill cannot be set beside today's, and why."""
    lacks = np.flatnonzero((tier_index >= 0) & (np.isnan(bill) | np.isnan(evidence.mrr)))[:_SCANNED]
    month = evidence.billing_month or "any month"
    return pd.DataFrame(
        {
            **_who(evidence, lacks),
            "why": [
                f"no MRR recorded for {month}"
                if np.isnan(evidence.mrr[row])
                else "no bill: on request or usage unknown"
                for row in lacks
            ],
        }
    )


def _who(evidence: TierEvidence, rows: NDArray[np.intp]) -> dict[str, NDArray]:
    """Return the columns that say who an account is."""
    columns = {
        "account": evidence.account_ids[rows],
        "name": evidence.account_names[rows],
        "segment": evidence.segment[rows],
        "plan today": evidence.plan[rows],
    }
    # A column that says the same of everybody (no names, no segments) only takes room.
    return {name: values for name, values in columns.items() if name == "account" or np.any(values != "")}


def _closest(evidence: TierEvidence, tiers: Sequence[Tier], account: int, sold_separately: frozenset[str]) -> str:
    lacking = [(tier, unmet_needs(tier, account, evidence, sold_separately)) for tier in tiers]
    if not lacking:
        return "there are no tiers"
    # Of tiers that lack equally much the last is the largest, and so the one to extend.
    tier, unmet = min(reversed(lacking), key=lambda each: len(each[1]))
    return reason_in_words(tier, unmet)


def _largest(values: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """Return where the largest known values stand, largest first; equal ones in their order."""
    known = np.flatnonzero(~np.isnan(values))
    if known.size > most:
        cut = np.partition(values[known], known.size - most)[known.size - most]
        known = known[values[known] >= cut]
    return known[np.argsort(-values[known], kind="stable")][:most]
