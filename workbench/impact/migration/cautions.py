"""What a reader has to know about a way to new prices before trusting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, percent
from workbench.impact.migration.courses import course, first_renewal
from workbench.impact.migration.policies import AtRenewal, BySegment, CappedRise, OptIn
from workbench.impact.migration.schedules import parts_of
from workbench.results import Caution

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.policies import OnePolicy, Policy


def cautions_of(policy: Policy, bills: AccountBills, months: int) -> list[Caution]:
    """Return what to know about a policy over some months: assumed renewals, caps on nothing, broken contracts."""
    assumed = stuck = inside = 0
    for part, here in parts_of(policy, bills):
        waits = isinstance(part, AtRenewal) or (isinstance(part, CappedRise) and part.at_renewal)
        assumed += int((here & ~bills.renewal_known).sum()) if waits else 0
        stuck += int((here & _stuck(part, bills)).sum())
        if not isinstance(part, OptIn):  # who takes an offer chooses the day
            inside += _inside_contracts(part, bills.only(here & bills.renewal_known), months)
    found = []
    if isinstance(policy, BySegment) and (strangers := sorted(set(policy.segments) - set(bills.segments))):
        text = f"No account is in the segment {' or '.join(strangers)}: what is agreed for it holds for nobody."
        found.append(Caution(text))
    if assumed:
        share = percent(assumed / len(bills))
        text = f"The renewal of {count('account', assumed)} ({share}) is an assumption: no contract is on record."
        found.append(Caution(text, "note"))
    if stuck:
        text = (
            f"{count('account', stuck)} pay nothing today; a capped rise of nothing is nothing, so they never arrive."
        )
        found.append(Caution(text))
    if inside:
        text = f"The bills of {count('account', inside)} would change inside a running contract."
        found.append(Caution(text))
    return found


def _stuck(policy: OnePolicy, bills: AccountBills) -> NDArray[np.bool_]:
    return (bills.old == 0) & (bills.new > 0) & isinstance(policy, CappedRise)


def _inside_contracts(policy: OnePolicy, bills: AccountBills, months: int) -> int:
    """Count the accounts whose first changed bill of the path comes between two renewals."""
    first = course(policy, bills.renewal, bills.term, months).first
    early = first_renewal(bills.renewal, bills.term, first) > first
    return int((early & (first < months) & (bills.new != bills.old) & ~_stuck(policy, bills)).sum())
