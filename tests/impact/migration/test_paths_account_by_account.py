"""Every path held against plain loops over accounts and months, on books and policies nobody thought of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from account_by_account import (
    any_bills,
    any_policies,
    ends_of_revenue,
    followed,
    month_by_month,
    revenue_when_some_leave,
    with_contracts,
)

from workbench.impact.migration import (
    AtRenewal,
    EveryoneAtOnce,
    NewCustomers,
    account_bills,
    break_even_by_segment,
    migrate,
)
from workbench.impact.migration.contracts import renewals_of

MONTHS = 26
SEEDS = range(16)


@pytest.mark.parametrize("contracts", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_paths_are_the_sums_of_single_accounts(seed: int, *, contracts: bool) -> None:
    """Revenue, its ends, who is where and what is forgone are those of every account followed by itself."""
    rng = np.random.default_rng(seed)
    bills = with_contracts(rng, any_bills(rng)) if contracts else any_bills(rng)
    for policy in any_policies(rng):
        path = migrate(bills, policy, months=MONTHS)
        table = path.table
        found = month_by_month(policy, bills, MONTHS)
        least, most = ends_of_revenue(policy, bills, MONTHS)
        notice = min(single.notice_months for _, single in followed(policy, bills))
        at_once = month_by_month(EveryoneAtOnce(notice_months=notice), bills, MONTHS).revenue
        wanted = {
            "today": found.revenue,
            "revenue": found.revenue,
            "revenue_low": least,
            "revenue_high": most,
            "on_old": found.on_old,
            "in_between": found.in_between,
            "on_new": found.on_new,
            "at_once": at_once,
            "forgone": [a - b for a, b in zip(at_once, found.revenue, strict=True)],
            "old_prices": [float(bills.old.sum())] * MONTHS,
            "new_customers": [0.0] * MONTHS,
        }
        assert list(table["month"]) == list(pd.date_range("2025-11", periods=MONTHS, freq="MS"))
        for column, values in wanted.items():
            np.testing.assert_allclose(table[column], values, rtol=1e-9, atol=1e-6, err_msg=f"{column} of {policy}")
        done = [month for month, there in enumerate(found.on_new) if there > len(bills) - 1e-6]
        assert path.months_to_new == (done[0] if done else None)
        assert path.forgone == pytest.approx(sum(at_once) - sum(found.revenue), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("contracts", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_at_its_break_even_churn_a_path_brings_what_old_prices_do(seed: int, *, contracts: bool) -> None:
    """When that share of every account leaves as new prices begin for it, all revenue is that of old prices."""
    rng = np.random.default_rng(seed)
    bills = with_contracts(rng, any_bills(rng)) if contracts else any_bills(rng)
    for policy in any_policies(rng):
        share = migrate(bills, policy, months=MONTHS).break_even_churn
        old = float(bills.old.sum()) * MONTHS
        if np.isnan(share):  # nobody moves, or who moves pays nothing: whoever leaves changes nothing
            at_all, at_none = (revenue_when_some_leave(policy, bills, MONTHS, each) for each in (1.0, 0.0))
            assert at_all == pytest.approx(at_none)
        else:
            assert revenue_when_some_leave(policy, bills, MONTHS, share) == pytest.approx(old, rel=1e-9, abs=1e-6)


def test_new_customers_add_up_month_after_month() -> None:
    """Each month as many come as the month before, and all of them stay and pay the new prices."""
    bills = any_bills(np.random.default_rng(3))
    table = migrate(bills, EveryoneAtOnce(notice_months=4), new_customers=NewCustomers(low=1, high=4)).table
    mean = sum(bills.new) / len(bills)
    there = 0.0
    for row in table.itertuples():
        there += 2.5
        assert row.new_customers == pytest.approx(there * mean)
        assert row.revenue == pytest.approx(row.today + there * mean)
        assert row.revenue_low == pytest.approx(row.today + there / 2.5 * mean)
        assert row.revenue_high == pytest.approx(row.today + there / 2.5 * 4 * mean)


@pytest.mark.parametrize("seed", SEEDS)
def test_break_even_of_a_segment_leaves_its_contribution_as_it_was(seed: int) -> None:
    """When that share of a segment's accounts leaves, revenue, or revenue less cost, is what old prices bring."""
    rng = np.random.default_rng(seed)
    bills = any_bills(rng)
    costs = np.where(rng.random(len(bills)) < 0.3, np.nan, rng.uniform(0, 20, len(bills)))
    table = break_even_by_segment(replace(bills, unit_cost=costs)).set_index("segment")
    assert list(table.index) == [*sorted(set(bills.segment)), "all"]
    for segment, row in table.iterrows():
        for figure, serving in (("break_even_churn", np.zeros(len(bills))), ("break_even_churn_with_cost", costs)):
            before = after = 0.0
            for place in range(len(bills)):
                if segment in {bills.segment[place], "all"} and not np.isnan(serving[place]):
                    before += bills.old[place] - serving[place]
                    after += bills.new[place] - serving[place]
            if np.isnan(row[figure]):
                assert after <= 1e-9  # new prices do not cover their cost, or no cost is known
            else:  # at most everybody may leave, where old prices earned nothing
                assert (1 - row[figure]) * after == pytest.approx(max(before, 0.0), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_renewals_are_found_by_walking_through_the_months(seed: int) -> None:
    """The next renewal is the first month from the announcement on in which a contract, or else a sign-up, comes up."""
    rng = np.random.default_rng(seed)
    start, term = pd.Timestamp("2025-05-01"), int(rng.choice([1, 6, 12, 24]))
    signed, contract, given = (
        [pd.NaT if rng.random() < 0.3 else start + pd.Timedelta(days=int(rng.integers(-1500, 900))) for _ in range(12)]
        for _ in range(3)
    )
    ids = np.array([f"A{place}" for place in range(12)], dtype=object)
    told = {name: str(day)[:10] for name, day in zip(ids, given, strict=True) if not pd.isna(day)}
    accounts = pd.DataFrame({"account_id": ids, "signed_up": signed, "renews_on": contract})
    months, known = renewals_of(accounts, ids, start, term, contracts=told)
    for place in range(12):
        on_record = next((each for each in (given[place], contract[place]) if not pd.isna(each)), None)
        assert known[place] == (on_record is not None)
        day = signed[place] if on_record is None else on_record
        if pd.isna(day):
            assert np.isnan(months[place])
            continue
        comes_up = pd.Timestamp(day).to_period("M")
        while comes_up < start.to_period("M"):
            comes_up += term
        while on_record is None and comes_up - term >= start.to_period("M"):
            comes_up -= term
        assert start.to_period("M") + int(months[place]) == comes_up


def test_an_unknown_renewal_is_the_latest_there_can_be() -> None:
    """A contract of six months renews in one of the six months from the announcement on: in the last, if not known."""
    bills = account_bills(["A"], ["s"], [100], [120], start="2025-01", term=6)
    assert migrate(bills, AtRenewal(), months=8).table["today"].tolist() == [100] * 5 + [120] * 3
