"""The list to act on held against the path: its changes, added up over time, are what revenue does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from account_by_account import accounts_of, any_bills, any_policies, followed, lives

from workbench.impact.migration import (
    AccountBills,
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    MigrationPath,
    OptIn,
    Part,
    PhasedSteps,
    Policy,
    Split,
    Step,
    account_bills,
    action_list,
    migrate,
)

MONTHS = 26
SEEDS = range(8)
HALVES = Split(
    parts=(Part(share=0.5, policy=AtRenewal(notice_months=2)), Part(share=0.5, policy=Grandfather(months=8)))
)
IN_TWO_BILLS: tuple[Policy, ...] = (
    EveryoneAtOnce(notice_months=2),
    AtRenewal(notice_months=2),
    Grandfather(months=5),
    PhasedSteps(notice_months=1, steps=(Step(month=2, share=0.5), Step(month=9, share=1))),
    OptIn(notice_months=3, over_months=1, take_up_low=1, take_up_high=1, incentive=0.2, incentive_months=4),
    BySegment(segments={"small": HALVES, "nobody": HALVES}, otherwise=EveryoneAtOnce(notice_months=3)),
)


@pytest.mark.parametrize("policy", IN_TWO_BILLS, ids=lambda each: each.kind)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_changes_on_the_list_add_up_to_the_path(policy: Policy, seed: int) -> None:
    """Old bills, plus each first bill from its month on, plus each full price from its own, are the path's revenue."""
    bills = any_bills(np.random.default_rng(seed))
    path = migrate(bills, policy, months=MONTHS)
    listed = list(action_list(path).itertuples())
    for month, revenue in zip(path.table["month"], path.table["today"], strict=True):
        total = sum(bills.old)
        for row in listed:
            if month >= row.first_change:
                total += row.first_bill - row.old_bill
            if not pd.isna(row.full_price_from) and month >= row.full_price_from:
                total += row.new_bill - row.first_bill
        assert total == pytest.approx(revenue, abs=0.02 * len(bills))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_account_is_listed_as_it_is_billed(seed: int) -> None:
    """Who is on the list pays what it says, when it says so; who is not never sees another bill."""
    rng = np.random.default_rng(seed)
    bills = any_bills(rng)
    for policy in any_policies(rng):
        path = migrate(bills, policy, months=MONTHS)
        _check_list(path, bills, policy)


def _check_list(path: MigrationPath, bills: AccountBills, policy: Policy) -> None:
    table = action_list(path).set_index("account_id")
    months = list(path.table["month"])
    for name, account, (_, single) in zip(bills.account_ids, accounts_of(bills), followed(policy, bills), strict=True):
        old, new, *_ = account
        offer = isinstance(single, OptIn)
        life = lives(single, account, MONTHS)[1 if offer else 0]  # of an offer: who accepts in its first month
        if all(abs(bill - old) <= 0.005 for bill in life.bill):
            assert name not in table.index
            continue
        row = table.loc[name]
        begins = life.moved.index(True)
        assert (row["old_bill"], row["new_bill"]) == pytest.approx((old, new), abs=0.0051)
        assert row["optional"] == offer
        assert row["first_change"] == months[begins]
        assert row["first_bill"] == pytest.approx(life.bill[begins], abs=0.0051)
        assert row["notify_by"] == months[max(0, begins - single.notice_months)]
        if True in life.arrived:
            assert row["full_price_from"] == months[life.arrived.index(True)]
        else:
            assert pd.isna(row["full_price_from"])
        assert row["reason"]
        assert row["talking_point"]


def test_who_a_cap_holds_at_nothing_is_not_on_the_list() -> None:
    """A capped rise of nothing changes no bill, so there is nobody to tell."""
    bills = account_bills(["free", "paying"], ["s", "s"], [0, 100], [50, 120], start="2025-01")
    assert action_list(migrate(bills, CappedRise()))["account_id"].tolist() == ["paying"]


def test_who_pays_the_same_may_take_an_incentive() -> None:
    """An offer at the same price with 10% off is a lower bill for a while, and is said as one."""
    bills = account_bills(["same"], ["s"], [100], [100], start="2025-01")
    (row,) = action_list(migrate(bills, OptIn(incentive=0.1))).to_dict("records")
    assert (row["first_bill"], row["new_bill"]) == (90, 100)
    assert row["talking_point"].startswith("May move and start at $90 instead of $100")


def test_a_contract_is_broken_when_the_first_step_comes() -> None:
    """Steps that begin after six months change no bill before; a contract that renews then is not broken."""
    bills = account_bills(["A"], ["s"], [100], [120], start="2025-01", renewal=[6], renewal_known=True)
    late = (Step(month=0, share=0), Step(month=6, share=1))
    for steps in (late, late[1:]):
        assert not migrate(bills, PhasedSteps(steps=steps)).cautions
    assert "inside a running contract" in migrate(bills, PhasedSteps(steps=late[1:], notice_months=1)).cautions[0].text
