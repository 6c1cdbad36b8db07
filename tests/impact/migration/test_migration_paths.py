"""Laws of the ways to new prices, if nobody reacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from workbench.errors import StudyError
from workbench.formatting import figure_sentence, figure_value
from workbench.impact import ReplayError
from workbench.impact.migration import (
    AccountBills,
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    MigrationError,
    NewCustomers,
    NewCustomersOnly,
    OptIn,
    PhasedSteps,
    Policy,
    Step,
    account_bills,
    break_even_by_segment,
    break_even_churn,
    compare_policies,
    migrate,
    months_to_anniversary,
    months_to_contract,
    schedule,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Maker = Callable[..., AccountBills]

POLICIES: tuple[Policy, ...] = (
    NewCustomersOnly(),
    EveryoneAtOnce(notice_months=2),
    AtRenewal(notice_months=2),
    Grandfather(months=9),
    Grandfather(),
    CappedRise(per_year=0.1, notice_months=1),
    CappedRise(per_year=0.1, at_renewal=True, notice_months=1),
    PhasedSteps(notice_months=1),
    PhasedSteps(falls_too=True),
    OptIn(notice_months=1),
    BySegment(segments={"small": OptIn(), "mid": CappedRise()}, otherwise=AtRenewal(notice_months=4)),
)


def named(policy: Policy) -> str:
    """Name a policy in the list of tests."""
    return policy.kind


def test_everyone_at_once_bills_the_new_revenue_after_the_notice(make_bills: Maker) -> None:
    """Everyone at once is the old revenue during the notice and the replayed new revenue from then on."""
    bills = make_bills()
    today = migrate(bills, EveryoneAtOnce(notice_months=3)).table["today"].to_numpy()
    assert today[:3] == pytest.approx(bills.old.sum(), rel=1e-12)
    assert today[3:] == pytest.approx(bills.new.sum(), rel=1e-12)


@pytest.mark.parametrize("policy", [NewCustomersOnly(notice_months=2), Grandfather()], ids=named)
def test_for_ever_is_the_old_revenue(make_bills: Maker, policy: Policy) -> None:
    """Who keeps old prices for ever pays the old revenue in every month, and everybody is still on old prices."""
    bills = make_bills()
    table = migrate(bills, policy).table
    assert table["today"].to_numpy() == pytest.approx(bills.old.sum(), rel=1e-12)
    assert (table["on_old"] == len(bills)).all()


def test_grandfathered_prices_end(make_bills: Maker) -> None:
    """Grandfathering for N months is everyone at once N months later, or after the notice if that is longer."""
    bills = make_bills()
    late = schedule(EveryoneAtOnce(notice_months=9), bills, 24).bills
    assert np.array_equal(schedule(Grandfather(months=9, notice_months=2), bills, 24).bills, late)
    assert np.array_equal(schedule(Grandfather(months=2, notice_months=9), bills, 24).bills, late)


@pytest.mark.parametrize("at_renewal", [False, True])
@pytest.mark.parametrize("cap", [0.03, 0.2, 1.5])
def test_a_capped_rise_keeps_its_cap_and_arrives(make_bills: Maker, cap: float, *, at_renewal: bool) -> None:
    """No bill rises by more than the cap within twelve months or above its new price, and every paid one arrives."""
    bills = make_bills()
    billed = schedule(CappedRise(per_year=cap, at_renewal=at_renewal, notice_months=2), bills, 12 * 80).bills
    assert (billed[:, 12:] <= billed[:, :-12] * (1 + cap) * (1 + 1e-12)).all()
    assert (billed <= np.maximum(bills.old, bills.new)[:, None] * (1 + 1e-12)).all()
    paying = bills.old > 0
    assert billed[paying, -1] == pytest.approx(bills.new[paying], rel=1e-12)
    assert (billed[~paying] == 0).all()


def test_a_capped_rise_by_hand() -> None:
    """From 100 to 125 with 10% a year after a month of notice: 100, then 110, 121 a year on, 125 two years on."""
    bills = account_bills(["A"], ["s"], [100], [125], start="2025-01")
    billed = schedule(CappedRise(per_year=0.1, notice_months=1), bills, 36).bills[0]
    assert billed[[0, 1, 12, 13, 24, 25]] == pytest.approx([100, 110, 110, 121, 121, 125])


def test_phased_steps_by_hand() -> None:
    """From 100 to 160 in halves after the notice: 130 and then 160; a fall to 40 comes whole with the first step."""
    bills = account_bills(["A", "B"], ["s", "s"], [100, 100], [160, 40], start="2025-01")
    halves = (Step(month=0, share=0.5), Step(month=3, share=1))
    assert schedule(PhasedSteps(steps=halves, notice_months=1), bills, 5).bills.tolist() == [
        [100, 130, 130, 130, 160],
        [100, 40, 40, 40, 40],
    ]
    assert schedule(PhasedSteps(steps=halves, falls_too=True), bills, 4).bills[1].tolist() == [70, 70, 70, 40]


def test_renewals_leave_the_notice() -> None:
    """A renewal inside the notice is not used: the account moves a full term later."""
    bills = account_bills(["A", "B", "C"], ["s"] * 3, [1] * 3, [2] * 3, start="2025-01", renewal=[1, 3, 7], term=12)
    moved = schedule(AtRenewal(notice_months=3), bills, 24).moved.argmax(axis=1)
    assert moved.tolist() == [13, 3, 7]


def test_opt_in_by_hand() -> None:
    """Who saves moves; of the rest the take-up moves, at 20% off for two months and then in full."""
    bills = account_bills(["A", "B"], ["s", "s"], [100, 100], [50, 200], start="2025-01")
    policy = OptIn(incentive=0.2, incentive_months=2, over_months=1, take_up_low=0.1, take_up_high=0.3)
    table = migrate(bills, policy, months=4).table
    assert table["today"].tolist() == pytest.approx([40 + 112, 40 + 112, 50 + 120, 50 + 120])
    assert table["revenue_low"].tolist() == pytest.approx([40 + 106, 40 + 106, 50 + 110, 50 + 110])
    assert table["revenue_high"].tolist() == pytest.approx([40 + 118, 40 + 118, 50 + 130, 50 + 130])
    assert table["on_old"].tolist() == pytest.approx([0.8] * 4)
    assert table["on_new"].tolist() == pytest.approx([0, 0, 1.2, 1.2])


@pytest.mark.parametrize("policy", POLICIES, ids=named)
def test_nothing_is_gained_by_waiting_where_every_bill_rises(make_bills: Maker, policy: Policy) -> None:
    """What is forgone against everyone at once is never negative when no bill falls."""
    table = migrate(make_bills(rises=True), policy).table
    assert (table["forgone"] >= -1e-6).all()


@pytest.mark.parametrize("policy", POLICIES, ids=named)
def test_no_bill_changes_within_the_notice(make_bills: Maker, policy: Policy) -> None:
    """Before the notice is over everybody pays the old bill, and accounts always add up."""
    bills = make_bills()
    path = migrate(bills, policy)
    assert (path.schedule.bills[:, : policy.least_notice] == bills.old[:, None]).all()
    people = path.table[["on_old", "in_between", "on_new"]]
    assert people.sum(axis=1).to_numpy() == pytest.approx(len(bills))
    assert (people >= -1e-9).all(axis=None)
    low, middle, high = (path.table[name] for name in ("revenue_low", "revenue", "revenue_high"))
    assert ((low <= middle + 1e-9) & (middle <= high + 1e-9)).all()


def test_a_mixture_is_the_sum_of_its_segments(make_bills: Maker) -> None:
    """The path of a mixture is the sum of each segment's path under its own policy."""
    bills = make_bills()
    mixture = BySegment(segments={"small": OptIn(), "mid": CappedRise(notice_months=2)}, otherwise=AtRenewal())
    columns = ["revenue", "revenue_low", "revenue_high", "today", "on_old", "in_between", "on_new"]
    whole = migrate(bills, mixture).table[columns]
    parts = [migrate(bills.only(bills.segment == each), mixture.of(each)[0]).table[columns] for each in bills.segments]
    pd.testing.assert_frame_equal(whole, sum(parts[1:], parts[0]), rtol=1e-12)


def test_new_customers_come_as_a_range(make_bills: Maker) -> None:
    """New customers add their bill for every month since they came, from the low to the high end."""
    bills = make_bills()
    table = migrate(bills, NewCustomersOnly(), months=3, new_customers=NewCustomers(low=1, high=3, bill=10)).table
    assert table["new_customers"].tolist() == [20, 40, 60]
    assert (table["revenue_high"] - table["revenue_low"]).tolist() == pytest.approx([20, 40, 60])
    assert (table["forgone"] == migrate(bills, NewCustomersOnly(), months=3).table["forgone"]).all()


def test_break_even_churn_is_the_textbook_one() -> None:
    """A rise of 20% allows 16.7% of customers to leave; with a unit cost of half the price, 28.6%."""
    assert break_even_churn(100, 120) == pytest.approx(1 - 1 / 1.2)
    assert break_even_churn(100, 120, 50) == pytest.approx(1 - 50 / 70)
    assert break_even_churn([100, 100, 10], [80, 40, 100], [0, 50, 20]) == pytest.approx(
        [-0.25, np.nan, 1], nan_ok=True
    )


def test_a_path_breaks_even_where_it_says(make_bills: Maker) -> None:
    """With the break-even share gone from its own change on, a path earns exactly what old prices would."""
    bills = make_bills(rises=True)
    for policy in POLICIES[1:4]:
        path = migrate(bills, policy)
        moved = path.schedule.moved > 0
        left = (path.schedule.bills * np.where(moved, 1 - path.break_even_churn, 1)).sum()
        assert left == pytest.approx(bills.old.sum() * 24)
    once = migrate(bills, EveryoneAtOnce())
    assert once.break_even_churn == pytest.approx(float(break_even_churn(bills.old.sum(), bills.new.sum())))
    assert np.isnan(migrate(bills, NewCustomersOnly()).break_even_churn)


@pytest.mark.parametrize(
    ("new", "policy", "said"),
    [
        (125, EveryoneAtOnce(), "20.0%"),
        (80, EveryoneAtOnce(), "none may leave"),
        (100, EveryoneAtOnce(), "none may leave"),
        (125, NewCustomersOnly(), "unknown"),
    ],
    ids=["rise", "fall", "as before", "no change on the way"],
)
def test_break_even_churn_is_written_as_what_it_means(new: float, policy: Policy, said: str) -> None:
    """Where new prices bring less no customer may leave, and the figure says so instead of a share below nothing."""
    path = migrate(account_bills(["A"], ["s"], [100], [new], start="2025-01"), policy)
    (figure,) = (each for each in path.key_figures() if each.label == "Break-even churn")
    assert figure_value(figure) == said
    assert said in figure_sentence(figure)


def test_break_even_by_segment_uses_known_costs_only() -> None:
    """The figure with cost stands on the accounts whose cost is known, and says how many they are."""
    bills = account_bills(["A", "B"], ["s", "s"], [100, 100], [120, 120], start="2025-01", unit_cost=[50, np.nan])
    row = break_even_by_segment(bills).iloc[-1]
    assert (row["segment"], row["accounts"], row["accounts_with_cost"]) == ("all", 2, 1)
    assert row["break_even_churn_with_cost"] == pytest.approx(1 - 50 / 70)


def test_policies_are_documents() -> None:
    """Every policy survives JSON, and says itself in words."""
    adapter: TypeAdapter[Policy] = TypeAdapter(Policy)
    for policy in POLICIES:
        assert adapter.validate_json(adapter.dump_json(policy)) == policy
        assert policy.describe().endswith(".")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: PhasedSteps(steps=(Step(month=0, share=0.5),)),
        lambda: PhasedSteps(steps=(Step(month=3, share=0.5), Step(month=3, share=1))),
        lambda: OptIn(take_up_low=0.5, take_up_high=0.1),
        lambda: CappedRise(per_year=0),
        lambda: NewCustomers(low=2, high=1),
        lambda: EveryoneAtOnce(notice_months=-1),
    ],
)
def test_impossible_policies_are_refused(wrong: Callable[[], object]) -> None:
    """Steps that do not grow, ranges upside down and caps of nothing are refused."""
    with pytest.raises(StudyError):
        wrong()


def test_a_refused_policy_says_what_would_be_possible() -> None:
    """A rise entered in percent instead of as a share is named with its field, its limit and what was found."""
    with pytest.raises(StudyError, match=r"capped rise is not possible: per year: must be at most 10 \(found 50\)"):
        CappedRise(per_year=50)


def test_unknown_bills_are_counted_and_wrong_ones_refused() -> None:
    """An account without a bill on one side is left out and counted; negative amounts name the account."""
    bills = account_bills(["A", "B"], ["s", None], [1, np.nan], [2, 3], start="2025-01")
    assert (len(bills), bills.left_out) == (1, 1)
    with pytest.raises(MigrationError, match="Account B has"):
        account_bills(["A", "B"], ["s", "s"], [1, 1], [2, -1], start="2025-01")
    with pytest.raises(MigrationError, match="No account"):
        account_bills(["A"], ["s"], [np.nan], [2], start="2025-01")
    with pytest.raises(MigrationError, match="2 accounts, but 3 values"):
        account_bills(["A", "B"], ["s", "s"], [1, 1, 1], [2, 1], start="2025-01")


def test_what_makes_no_path_is_refused_or_said(make_bills: Maker) -> None:
    """A month that is none and a path of no months are refused; a segment nobody is in is named."""
    with pytest.raises(ReplayError, match="'soon' is no month"):
        account_bills(["a"], ["s"], [1], [2], start="soon")
    for months in (0, -3):
        with pytest.raises(MigrationError, match="one month or more"):
            migrate(make_bills(), EveryoneAtOnce(), months=months)
    policy = BySegment(segments={"smal": AtRenewal(), "mid": AtRenewal()}, otherwise=EveryoneAtOnce())
    said = [caution.text for caution in migrate(make_bills(), policy).cautions if "No account is in" in caution.text]
    assert said == ["No account is in the segment smal: what is agreed for it holds for nobody."]


def test_assumed_renewals_and_broken_contracts_are_said() -> None:
    """A path says when renewals are assumed, when it changes bills inside contracts, and who can never arrive."""
    known = account_bills(["A"], ["s"], [0], [5], start="2025-01", renewal=[5], renewal_known=True)
    assumed = account_bills(["A"], ["s"], [1], [5], start="2025-01")
    assert "inside a running contract" in migrate(known, EveryoneAtOnce()).cautions[0].text
    assert "never arrive" in migrate(known, CappedRise()).cautions[0].text
    assert any("is an assumption" in each.text for each in migrate(assumed, AtRenewal()).cautions)


@pytest.mark.parametrize(
    ("policy", "inside"),
    [
        (EveryoneAtOnce(notice_months=3), 2),
        (CappedRise(notice_months=3), 2),
        (PhasedSteps(notice_months=3), 2),
        (Grandfather(months=3), 2),
        (BySegment(segments={"s": PhasedSteps(notice_months=3)}, otherwise=AtRenewal()), 2),
        (EveryoneAtOnce(notice_months=9), 2),
        (BySegment(segments={"other": EveryoneAtOnce()}, otherwise=AtRenewal()), 0),
        (AtRenewal(notice_months=3), 0),
        (CappedRise(notice_months=3, at_renewal=True), 0),
        (OptIn(notice_months=3), 0),
        (NewCustomersOnly(), 0),
        (Grandfather(), 0),
        (Grandfather(months=40), 0),
    ],
    ids=lambda each: getattr(each, "kind", ""),
)
def test_every_policy_that_does_not_wait_says_whose_contract_it_breaks(policy: Policy, inside: int) -> None:
    """Bills that change in month 3 break contracts that renew in month 6 or 9; not others, offers, or what stays."""
    bills = account_bills(
        ["A", "B", "on the day", "bill stays", "no contract on record"],
        ["s"] * 5,
        [100] * 5,
        [150, 80, 150, 100, 150],
        start="2025-01",
        renewal=[6, 9, 3, 6, 6],
        renewal_known=[True] * 4 + [False],
    )
    said = [each.text for each in migrate(bills, policy).cautions if "inside a running contract" in each.text]
    assert said == ([f"The bills of {inside} accounts would change inside a running contract."] if inside else [])


def test_renewals_are_counted_from_the_announcement() -> None:
    """An anniversary this month is 0 months away, last month's is 11; a contract that passed repeats."""
    start = pd.Timestamp("2025-03-01")
    signed = pd.Series(pd.to_datetime(["2020-03-17", "2024-02-29", "2024-12-01", None]))
    assert months_to_anniversary(signed, start).tolist() == pytest.approx([0, 11, 9, np.nan], nan_ok=True)
    found = months_to_contract(["A", "B", "C"], {"A": "2026-05-10", "B": "2025-01-31"}, start)
    assert found.tolist() == pytest.approx([14, 10, np.nan], nan_ok=True)


def test_policies_compare_by_their_figures(make_bills: Maker) -> None:
    """Every policy has a path of its own, and its figures are those of its months."""
    paths = compare_policies(make_bills(), {"once": EveryoneAtOnce(notice_months=2), "never": Grandfather()})
    assert paths["once"].months_to_new == 2
    assert paths["never"].months_to_new is None
    assert paths["never"].forgone == pytest.approx(paths["never"].table["forgone"].sum())
    assert paths["once"].key_figures()[0].value == pytest.approx(paths["once"].table["revenue"].sum())
