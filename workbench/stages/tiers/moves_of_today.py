"""The findings on what tiers do to the customers of today: rules T5 to T8."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.rules.checks.tier_moves import Asked, bill_shock, contracts, free_plan, revenue_kept
from workbench.tolerances import HALF_A_CENT, LAST_DIGITS

if TYPE_CHECKING:
    from workbench.rules import Finding
    from workbench.stages.tiers.evaluation import TierResult

_NAMED_UP_TO = 50_000


def moves_of_today(result: TierResult) -> tuple[Finding, ...]:
    """Return what the tiers do to revenue, bills, free plans and contracts of today; nothing before there are tiers."""
    if not result.decision.tiers:
        return ()
    return (_kept(result), _shock(result), *_free(result), *_on_request(result))


def _kept(result: TierResult) -> Finding:
    change = result.change
    known = change is not None and change.accounts > 0
    return revenue_kept(
        change.new if change is not None and known else None,
        change.today if change is not None and known else None,
        accounts=change.accounts if change is not None else 0,
        paying=change.paying if change is not None else None,
        month=result.evidence.billing_month,
        currency=result.evidence.currency,
        rulebook=result.rulebook,
    )


def _shock(result: TierResult) -> Finding:
    """Judge the rises of all accounts with both bills; to pay at all after paying nothing is a steep rise too."""
    paid, bill = result.evidence.mrr, result.net_bill
    both = np.isfinite(paid) & np.isfinite(bill)
    line = result.rulebook.threshold("T6.rise").high or 0.0
    steep = both & (bill > paid * (1 + line + LAST_DIGITS) + HALF_A_CENT * (paid == 0))
    rise = np.divide(bill, paid, out=np.full(paid.shape, np.nan), where=both & (paid > 0)) - 1
    paying = steep & (paid > 0)
    order = np.argsort(-np.where(steep, np.nan_to_num(rise, nan=np.inf), -np.inf), kind="stable")[: int(steep.sum())]
    return bill_shock(
        int(steep.sum()) if both.any() else None,
        int(both.sum()),
        largest=float(np.nanmax(rise[paying])) if paying.any() else None,
        paid_today=float(paid[steep].sum()),
        rise=float((bill - paid)[steep].sum()),
        affected=[str(each) for each in result.evidence.account_ids[order]] if paid.size <= _NAMED_UP_TO else (),
        free=int((both & (paid == 0)).sum()),
        month=result.evidence.billing_month,
        currency=result.evidence.currency,
        rulebook=result.rulebook,
    )


def _free(result: TierResult) -> tuple[Finding, ...]:
    """Judge the free plan of today; nothing where there is none or nobody is on it."""
    found = result.evidence.on_list
    if not found.free.any():
        return ()
    asked = found.free & ~(np.nan_to_num(result.bill, nan=np.inf) == 0)
    bills = result.net_bill[asked]
    known = bills[np.isfinite(bills)]
    names = [plan.name for plan in found.free_plans if (result.evidence.plan == plan.name).any()]
    typical = float(np.median(known)) if known.size else float("nan")
    told = Asked(int(asked.sum()), int(found.free.sum()), typical, float(known.sum()) if known.size else float("nan"))
    return (
        free_plan(
            names,
            told,
            has_free_tier=any(tier.is_free for tier in result.decision.tiers),
            currency=result.evidence.currency,
            rulebook=result.rulebook,
        ),
    )


def _on_request(result: TierResult) -> tuple[Finding, ...]:
    """Judge the accounts without a published price today; nothing where there are none."""
    on_it = result.evidence.on_list.on_request
    if not on_it.any():
        return ()
    paid = result.evidence.mrr[on_it]
    return (
        contracts(
            int(on_it.sum()),
            float(np.nansum(paid)) if np.isfinite(paid).any() else None,
            custom=[tier.name for tier in result.decision.tiers if tier.on_request],
            currency=result.evidence.currency,
            rulebook=result.rulebook,
        ),
    )
