"""The tables of a result on tiers, for reading and for export, with the accounts behind the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import metric_words
from workbench.stages.offers import limit_words, overage_words, price_words
from workbench.tables import CENTS, NUMBER, POINTS, TEXT, DataTable
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from workbench.stages.needs import TierEvidence
    from workbench.stages.offers import Tier
    from workbench.stages.tiers.result import Edge, TierResult

say = texts(__name__)


def edge_table(found: Sequence[Edge], currency: str) -> DataTable:
    """Return a row per edge: metric, limit, the two tiers and the bills in them."""
    amounts = ((f"{what} ({currency})", CENTS) for what in ("bill before", "bill after", "jump"))
    columns = (("at the limit of", NUMBER), ("metric", TEXT), ("from", TEXT), ("to", TEXT), *amounts)
    rows = [
        (
            float(e.limit),
            metric_words(e.metric),
            e.below,
            e.above,
            e.bill_below,
            e.bill_above,
            e.bill_above - e.bill_below,
        )
        for e in found
    ]
    return DataTable.of_rows(columns, rows)


# --- In words: which limit or feature kept an account out of a tier

_SHOWN = 3


def unmet_needs(
    tier: Tier, account: int, evidence: TierEvidence, sold_separately: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return why a tier does not serve the account at this position: limits first, then features. Empty: it does."""
    reasons = [
        say("above_the_limit_of", metric=metric, needs=float(evidence.needs[metric][account]), limit=limit)
        for metric, limit in tier.limits.items()
        if metric not in tier.overage and metric in evidence.needs and evidence.needs[metric][account] > float(limit)
    ]
    if evidence.used is not None:
        contained = {*tier.features, *sold_separately}
        used = zip(evidence.feature_names, evidence.used[account], strict=True)
        reasons += [f"uses {name}" for name, is_used in used if is_used and name not in contained]
    return tuple(reasons)


def reason_in_words(tier: Tier, unmet: Sequence[str]) -> str:
    """Say in one phrase what keeps an account out of a tier, such as "Starter: seats 34 above the limit of 20"."""
    if not unmet:
        return ""
    more = len(unmet) - _SHOWN
    shown = "; ".join(unmet[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
    return say("does_not_fit", name=tier.name, shown=shown)


# --- The accounts behind the numbers

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
) -> DataTable:
    """Return the accounts whose bill changes most, largest change first, each with the reason for its tier."""
    change = bill - evidence.mrr
    rows = _largest(np.abs(change), most)
    before = evidence.mrr[rows]
    relative = np.divide(100 * change[rows], before, out=np.full(rows.size, np.nan), where=before > 0)
    currency = evidence.currency
    reasons = [why_this_tier(evidence, tiers, int(tier_index[row]), int(row), sold_separately) for row in rows]
    amounts = [f"{what} ({currency})" for what in ("MRR today", "new bill", "change")]
    frame = pd.DataFrame(
        {
            **_who(evidence, rows),
            "new tier": [tiers[tier_index[row]].name for row in rows],
            **dict(zip(amounts, (before, bill[rows], change[rows]), strict=True)),
            "change (%)": relative.round(1),
            "why this tier": reasons,
        }
    )
    return DataTable.plain(frame, {**dict.fromkeys(amounts, CENTS), "change (%)": POINTS})


def why_this_tier(
    evidence: TierEvidence, tiers: Sequence[Tier], placed: int, account: int, sold_separately: frozenset[str]
) -> str:
    """Say which limit or feature kept an account out of the tier below the one it is in."""
    if tiers[placed].on_request and evidence.on_list.on_request[account]:
        return say("has_no_published_price_today")
    for below in range(placed - 1, -1, -1):
        unmet = unmet_needs(tiers[below], account, evidence, sold_separately)
        if unmet:
            return reason_in_words(tiers[below], unmet)
    return say("needs_no_more_than_the") if placed == 0 else say("the_cheapest_tier_for_what")


def unserved_accounts(
    evidence: TierEvidence,
    tiers: Sequence[Tier],
    tier_index: NDArray[np.intp],
    sold_separately: frozenset[str],
    most: int = _SCANNED,
) -> DataTable:
    """Return the accounts no tier serves, those that pay most today first, with what the closest tier lacks."""
    outside = np.flatnonzero(tier_index < 0)
    order = np.argsort(-np.nan_to_num(evidence.mrr[outside], nan=-1.0), kind="stable")
    rows = outside[order][:most]
    today = f"MRR today ({evidence.currency})"
    frame = pd.DataFrame(
        {
            **_who(evidence, rows),
            today: evidence.mrr[rows],
            "what is missing": [_closest(evidence, tiers, int(row), sold_separately) for row in rows],
        }
    )
    return DataTable.plain(frame, {today: CENTS})


def not_comparable(evidence: TierEvidence, bill: NDArray[np.float64], tier_index: NDArray[np.intp]) -> DataTable:
    """Return the accounts in a tier whose new bill cannot be set beside today's, and why."""
    lacks = np.flatnonzero((tier_index >= 0) & (np.isnan(bill) | np.isnan(evidence.mrr)))[:_SCANNED]
    month = evidence.billing_month or "any month"
    why = [
        say("no_mrr_recorded_for", month=month) if np.isnan(evidence.mrr[row]) else say("no_bill_on_request_or")
        for row in lacks
    ]
    return DataTable.plain(pd.DataFrame({**_who(evidence, lacks), "why": why}))


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


# --- The tables of a result on tiers, for reading and for export


def tier_table_makers(result: TierResult) -> dict[str, Callable[[], DataTable]]:
    """Return what makes each table of a result."""
    tiers, found = result.decision.tiers, result.evidence
    apart = result.sold_separately
    return {
        "tiers": lambda: tier_table(result),
        "feature_benefit": lambda: feature_table(result),
        "usage_levels": lambda: DataTable.plain(
            found.usage_levels.assign(metric=found.usage_levels["metric"].map(metric_words))
        ),
        "step_up": lambda: step_table(result),
        "bill_change": lambda: change_table(result),
        "plan_moves": lambda: DataTable.plain(result.moves.table()),
        "top_movers": lambda: top_movers(found, tiers, result.tier_index, result.net_bill, sold_separately=apart),
        "unserved": lambda: unserved_accounts(found, tiers, result.tier_index, apart),
        "not_compared": lambda: not_comparable(found, result.net_bill, result.tier_index),
        "bill_at_limits": lambda: edge_table(result.edges, found.currency),
    }


def tier_table(result: TierResult) -> DataTable:
    """Return a row per tier: price, limits, features, accounts, revenue and today's MRR of the same accounts."""
    currency = result.evidence.currency
    revenue, today = say("revenue_a_month_at_list", currency=currency), f"MRR today ({currency})"
    rows = [
        {
            "tier": outcome.tier.name,
            "price": price_words(outcome.tier, currency),
            "limits": _limits(outcome.tier, currency),
            "features": len(outcome.tier.features),
            "accounts": outcome.accounts,
            "share of accounts (%)": round(100 * outcome.share, 1),
            revenue: _rounded(outcome.revenue),
            "share of that revenue (%)": None
            if outcome.revenue_share is None
            else round(100 * outcome.revenue_share, 1),
            today: round(outcome.today, 2) if outcome.compared else None,
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
                today: round(missing.unserved_today, 2),
                "price": "",
                "limits": "",
                "features": 0,
            }
        )
    shares = dict.fromkeys(("share of accounts (%)", "share of that revenue (%)"), POINTS)
    return DataTable.plain(pd.DataFrame(rows), {revenue: CENTS, today: CENTS, **shares})


def feature_table(result: TierResult) -> DataTable:
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
    shares = ("share (%)", "90% from (%)", "90% to (%)", "share where included today (%)")
    return DataTable.plain(pd.DataFrame(rows), dict.fromkeys(shares, POINTS))


def step_table(result: TierResult) -> DataTable:
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
    return DataTable.plain(pd.DataFrame(rows, columns=columns), {"share (%)": POINTS})


def change_table(result: TierResult) -> DataTable:
    """Return the bill change in numbers: how many pay more, less or the same, and its quantiles."""
    change = result.change
    if change is None:
        return DataTable.plain(pd.DataFrame(columns=["what", "value", "unit"]))
    currency = result.evidence.currency
    labels = (say("one_account_in_twenty_pays"), say("half_of_the_accounts_pay"), say("in_accounts_pay_at_most"))
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
    return DataTable.plain(pd.DataFrame(rows, columns=["what", "value", "unit"]))


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
