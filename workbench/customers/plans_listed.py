"""Plans that customers are on and today's price list does not have: legacy plans, or slips of the pen."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from workbench.formatting import count

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase


def plans_not_listed(base: CustomerBase) -> tuple[str, ...]:
    """Say which plans the accounts, or revenue, name and the table of plans does not list, one sentence each.

    Nothing is said where there is no table of plans. A plan may be missing because it is no longer sold; its months
    then have no bill at today's prices.
    """
    if base.plans is None:
        return ()
    listed = base.plans["plan"].dropna().unique().tolist()
    found: dict[str, set[str]] = {}
    for frame in (base.frames["accounts"], base.frames.get("mrr")):
        if frame is None:
            continue
        named = frame.loc[frame["plan"].notna() & ~frame["plan"].isin(listed), ["plan", "account_id"]]
        for plan, accounts in named.groupby("plan")["account_id"]:
            found.setdefault(str(plan), set()).update(accounts.tolist())
    return tuple(_sentence(plan, len(accounts), listed) for plan, accounts in sorted(found.items()))


def _sentence(plan: str, accounts: int, listed: list[str]) -> str:
    close = get_close_matches(plan, listed, n=1)
    meant = f" Is it {close[0]!r}?" if close else ""
    return (
        f"The plan {plan!r} of {count('account', accounts)} is not in the table plans, so today's prices give no bill "
        f"there.{meant}"
    )
