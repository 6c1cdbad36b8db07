"""What an offer costs per account, and for one more unit of each metric at the quantity its customers have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import amount_of
from workbench.pricing.decimals import decimal_of
from workbench.stages.tiers.decision import PER_ACCOUNT, TierDecision
from workbench.stages.tiers.evidence import evidence_for

if TYPE_CHECKING:
    from collections.abc import Collection

    from workbench.customers import CustomerBase
    from workbench.pricing import AddOn, Charge, Plan

_FLAT = "flat"


def price_per(
    offer: Plan | AddOn, base: CustomerBase, *, on_it: Collection[str] | None = None
) -> dict[str, float | None]:
    """Return what an offer costs a month per account, and what one more unit of each metric it charges costs.

    "account" holds the base fee with charges that do not grow, None for a price on request, whose metrics are None too.
    A metric holds amount(q + 1) - amount(q) at the median latest quantity q of the active accounts on the offer: within
    free units and inside a package that is 0, and where a volume price falls it can be below 0. A metric nobody's usage
    is known of has None.

    Parameters
    ----------
    on_it
        Ids of the accounts on the offer. Without them those whose plan on record bears its name, and where there are
        none, all active accounts.
    """
    metrics = tuple(dict.fromkeys(charge.metric for charge in offer.charges))
    if offer.base_fee is None:
        return {PER_ACCOUNT: None, **dict.fromkeys(metrics)}
    fixed = sum((charge.fixed_fee or decimal_of(0, "fee") for charge in _flat(offer)), start=offer.base_fee)
    typical = _typical(base, offer.name, on_it)
    return {PER_ACCOUNT: float(fixed), **{metric: _one_more(offer, metric, typical.get(metric)) for metric in metrics}}


def _flat(offer: Plan | AddOn) -> tuple[Charge, ...]:
    return tuple(charge for charge in offer.charges if charge.model == _FLAT)


def _one_more(offer: Plan | AddOn, metric: str, quantity: float | None) -> float | None:
    if quantity is None:
        return None
    at = decimal_of(repr(quantity), f"quantity of {metric}")
    charges = [charge for charge in offer.charges if charge.metric == metric]
    return float(amount_of(charges, at + 1) - amount_of(charges, at))


def _typical(base: CustomerBase, name: str, on_it: Collection[str] | None) -> dict[str, float]:
    """Return the median quantity per metric of the accounts on an offer."""
    needs = evidence_for(base, TierDecision(), None)
    inside = (
        needs.plan == name if on_it is None else np.isin(needs.account_ids.astype(str), [str(each) for each in on_it])
    )
    if not inside.any() and on_it is None:
        inside = np.ones(len(needs), dtype=bool)
    known = {metric: values[inside & np.isfinite(values)] for metric, values in needs.billed.items()}
    return {metric: float(np.median(values)) for metric, values in known.items() if values.size}
