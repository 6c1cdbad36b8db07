"""Where accounts are placed by need against what they would choose: by how much both differ, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count, money, percent
from workbench.rules import Finding
from workbench.stages.willingness.standing import standing_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.demand.outcome import Outcome
    from workbench.impact.standing import Standing
    from workbench.stages.tiers.evaluation import TierResult
    from workbench.stages.willingness.outcome import WillingnessResult

TITLE = "Placed by need, chosen by worth"
OURS = "This workbench"
_ASK = (
    "Ask more customers what they would pay, until their range is narrow enough to hold against where need puts them."
)
_COUNT_ON = "Count on what customers would choose; revenue by need holds only if everybody stays on the tier that fits."
_SMALLEST = 0.005  # a share that is written as 0% is no reason


def placed_and_chosen(tiers: TierResult, stands: Standing | None, asked: WillingnessResult) -> Finding | None:
    """Return by how much shares per tier and revenue differ, and why; None where one of the two is not there.

    It is met where the revenue of the tiers lies within what customers would choose, 90%.

    Parameters
    ----------
    tiers
        The tiers with where need puts active accounts.
    stands
        The design's money on the study's basis, accounts placed by need.
    asked
        The same design before the accounts asked.

    """
    if stands is None or asked.design is None or not np.isfinite(stands.revenue_net):
        return None
    outcome = asked.design.outcome
    placed = {each.tier.name: each.share for each in tiers.outcomes if np.isfinite(each.share)}
    chosen = {name: float(share) for name, share in zip(outcome.plans, outcome.shares, strict=True) if name in placed}
    if not chosen or not np.isfinite(list(chosen.values())).all():
        return None
    name = max(chosen, key=lambda tier: abs(chosen[tier] - placed[tier]))
    by_need = (
        f"Placed by need, {percent(placed[name])} of {count('active account', len(tiers.evidence))} are in {name} and "
        f"the new list brings {money(stands.revenue_net, stands.currency)} a month, each account keeping its discount"
    )
    known = standing_of(asked.design.sourced, outcome, asked.currency)
    revenue = known.revenue
    if not known.is_known or revenue is None:
        evidence = f"{by_need}; what customers would choose is not known. {known.reason}"
        return Finding(rule_id="", status="unknown", title=TITLE, evidence=evidence, remedy=_ASK, source=OURS)
    low, middle, high = (money(each, asked.currency) for each in (revenue.low, revenue.estimate, revenue.high))
    within = revenue.low <= stands.revenue_net <= revenue.high
    return Finding(
        rule_id="",
        status="ok" if within else "watch",
        title=TITLE,
        evidence=f"{by_need}; by what customers would choose, {percent(chosen[name])} of "
        f"{count('account', round(outcome.accounts))} asked take it and the list brings {middle} ({low} to {high}), "
        f"because {_joined(_reasons(stands, outcome, asked.currency))}.",
        remedy="" if within else _COUNT_ON,
        measured=revenue.estimate - stands.revenue_net,
        population=f"{count('account', stands.accounts)} that paid; {count('account', round(outcome.accounts))} asked",
        source=OURS,
    )


def _joined(reasons: Iterator[str]) -> str:
    *several, last = reasons
    return f"{', '.join(several)} and {last}" if several else last


def _reasons(stands: Standing, outcome: Outcome, currency: str) -> Iterator[str]:
    """Say what moves revenue from where need puts accounts to what they would choose, with its size where known."""
    left = outcome.elsewhere / outcome.accounts if outcome.accounts else 0.0
    if left >= _SMALLEST:
        yield f"{percent(left)} would leave"
    add_ons = float(outcome.add_on_revenue.sum())
    if add_ons >= _SMALLEST * outcome.revenue:
        yield f"add-ons worth {money(add_ons, currency)} count"
    contracts = stands.on_contract & np.isfinite(stands.paid)
    if contracts.any():
        paid = float((stands.paid * stands.customer_months)[contracts].sum()) / len(stands.months)
        yield (
            f"{count('account', int(contracts.sum()))} with contracts worth {money(paid, currency)} are put before the "
            "list"
        )
    yield "who stays takes the tier worth most above its bill, not the cheapest that fits"


__all__ = ["placed_and_chosen"]
