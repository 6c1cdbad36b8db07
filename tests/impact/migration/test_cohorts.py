"""Sums of cohorts against the schedules of single accounts, for every policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.impact.migration import (
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    NewCustomersOnly,
    OptIn,
    Part,
    PhasedSteps,
    Split,
    action_list,
    migrate,
    schedule,
)
from workbench.impact.migration import bills as cohorts_module
from workbench.impact.migration.bills import NEW, UnderCap, sums_of
from workbench.impact.migration.schedules import month_sums, parts_of
from workbench.impact.uncertainty import summarise
from workbench.impact.uncertainty.scenario_revenue import RISES

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.impact.migration import AccountBills, Policy

    Maker = Callable[..., AccountBills]

MONTHS = 30
POLICIES: tuple[Policy, ...] = (
    NewCustomersOnly(),
    EveryoneAtOnce(notice_months=4),
    AtRenewal(notice_months=3),
    Grandfather(months=7, notice_months=1),
    Grandfather(),
    CappedRise(notice_months=2, per_year=0.07),
    CappedRise(notice_months=2, per_year=0.2, at_renewal=True),
    PhasedSteps(notice_months=1),
    PhasedSteps(falls_too=True),
    OptIn(notice_months=2),
    OptIn(incentive=0, over_months=3),
    BySegment(segments={"small": OptIn(notice_months=1), "mid": CappedRise()}, otherwise=AtRenewal()),
    BySegment(
        segments={
            "small": Split(
                parts=(Part(share=0.25, policy=OptIn(notice_months=1)), Part(share=0.75, policy=AtRenewal()))
            )
        },
        otherwise=EveryoneAtOnce(),
    ),
)


def offered(policy: Policy, bills: AccountBills) -> np.ndarray:
    """Return, account by account and month by month, what bills change when all who would pay more take their offer."""
    change = np.zeros((len(bills), MONTHS))
    for part, here in parts_of(policy, bills):
        for account in np.flatnonzero(here & (bills.new > bills.old)) if isinstance(part, OptIn) else ():
            for month in range(part.notice_months, MONTHS):
                since = month - part.notice_months + 1
                moved = min(since / part.over_months, 1)
                in_full = (
                    max(0, min((since - part.incentive_months) / part.over_months, 1)) if part.incentive else moved
                )
                paid = in_full + (1 - part.incentive) * (moved - in_full)
                change[account, month] = paid * bills.new[account] - moved * bills.old[account]
    return change


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.kind)
def test_sums_of_cohorts_are_those_of_single_accounts(make_bills: Maker, policy: Policy) -> None:
    """Month by month, revenue and accounts moved and arrived are those of every single account's schedule."""
    bills = make_bills()
    single, found = schedule(policy, bills, MONTHS), month_sums(policy, bills, MONTHS)
    for values, sums in ((single.bills, found.revenue), (single.moved, found.moved), (single.arrived, found.arrived)):
        np.testing.assert_allclose(sums, values.sum(axis=0), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(found.moved_old, (bills.old[:, None] * single.moved).sum(axis=0), rtol=1e-12, atol=1e-9)
    change = sum((each.change for each in found.offers), start=np.zeros(MONTHS))
    np.testing.assert_allclose(change, offered(policy, bills).sum(axis=0), rtol=1e-9, atol=1e-6)
    assert bool(found.offers) == any(isinstance(part, OptIn) for part, _ in parts_of(policy, bills))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.kind)
def test_sums_for_the_draws_keep_every_bill_and_rise(make_bills: Maker, policy: Policy) -> None:
    """Per segment and month the sums hold each account's bill and its rise within the grid, at the right month."""
    bills = make_bills()
    found, single = summarise(migrate(bills, policy, months=MONTHS)), schedule(policy, bills, MONTHS)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.where((bills.old == 0)[:, None] & (single.bills == 0), 0, single.bills / bills.old[:, None] - 1)
    rise = np.clip(rise, RISES[0], RISES[-1])
    for place, segment in enumerate(found.segments):
        here = bills.segment == segment
        billed = found.flat[place] + found.metered[place] + found.add_ons[place]
        np.testing.assert_allclose(billed.sum(axis=0), single.bills[here].sum(axis=0), rtol=1e-10)
        np.testing.assert_allclose(found.accounts[place].sum(axis=0), here.sum())
        mean = np.tensordot(RISES, found.accounts[place], axes=1)
        np.testing.assert_allclose(mean, rise[here].sum(axis=0), rtol=1e-9, atol=1e-7)
        change = offered(policy, bills)[here]
        np.testing.assert_allclose(found.offered[place], change.sum(axis=0), rtol=1e-9, atol=1e-6)


def test_another_notice_looks_at_no_account_again(make_bills: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a place on the way comes to is summed once; another notice, or a policy with the same places, is free."""
    bills = make_bills()
    migrate(bills, AtRenewal(notice_months=3))
    monkeypatch.setattr(cohorts_module.Cohorts, "total", None)
    migrate(bills, AtRenewal(notice_months=9))
    migrate(bills, Grandfather(months=5))
    with pytest.raises(TypeError):
        migrate(bills, CappedRise())


def test_what_is_kept_is_bounded(make_bills: Maker) -> None:
    """However often a cap is moved, no more than a fixed number of sums is kept, and the latest ones are."""
    bills = make_bills()
    kept = sums_of(bills, bills.cohorts, NEW)
    for number in range(2 * cohorts_module.MOST_KEPT):
        sums_of(bills, bills.cohorts, UnderCap(0.01 * number, 1))
        assert sums_of(bills, bills.cohorts, NEW) is kept
    assert len(bills.cohorts._kept) == cohorts_module.MOST_KEPT


def test_a_split_segment_is_shared_out_by_ids(make_bills: Maker) -> None:
    """The shares hold to within one account, and an account keeps its policy when others come or go."""
    bills = make_bills()
    halves = Split(parts=(Part(share=0.5, policy=EveryoneAtOnce()), Part(share=0.5, policy=NewCustomersOnly())))
    moved = schedule(BySegment(segments={"small": halves}, otherwise=NewCustomersOnly()), bills, 1).moved[:, 0] > 0
    small = bills.segment == "small"
    assert abs(int(moved[small].sum()) - small.sum() / 2) <= 1
    assert not moved[~small].any()
    fewer = bills.only(np.arange(len(bills)) % 10 != 0)
    again = schedule(BySegment(segments={"small": halves}, otherwise=NewCustomersOnly()), fewer, 1).moved[:, 0] > 0
    stays = moved[np.arange(len(bills)) % 10 != 0] == again
    assert stays.mean() > 0.9


def test_a_share_too_small_for_any_account_moves_nobody(make_bills: Maker) -> None:
    """Where a share of a segment comes to no account, the path, its sums and its list are those without that share."""
    bills = make_bills(20)
    tiny = Split(parts=(Part(share=0.999, policy=AtRenewal()), Part(share=0.001, policy=OptIn())))
    with_it = BySegment(segments=dict.fromkeys(bills.segments, tiny), otherwise=OptIn())
    found, without = migrate(bills, with_it), migrate(bills, AtRenewal())
    pd.testing.assert_frame_equal(found.table, without.table, rtol=1e-12)
    np.testing.assert_array_equal(found.schedule.bills, without.schedule.bills)
    assert not any(isinstance(part, OptIn) for part, _ in parts_of(with_it, found.bills))
    pd.testing.assert_frame_equal(action_list(found), action_list(without))
    np.testing.assert_allclose(summarise(found).flat, summarise(without).flat, rtol=1e-12, atol=1e-9)


def test_shares_of_a_segment_are_whole() -> None:
    """Shares that do not sum to everybody, or a policy named twice, are refused in words."""
    half = Part(share=0.5, policy=AtRenewal())
    for parts in ((half,), (half, half)):
        with pytest.raises(ValueError, match=r"sum to 100%|same policy twice"):
            Split(parts=parts)
