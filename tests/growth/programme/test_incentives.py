"""Incentives pay what their terms say by hand, know luck from work, and are gamed in planted cases alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.growth import MrrLedger
from workbench.growth.programme import IncentivePlan, Payouts, ProgrammeError, pay_out

MONTHS = pd.date_range("2023-12-01", periods=13, freq="MS")
SALES = IncentivePlan("sales", "expansion", 0.1)


def ledger_of(*rows: list[float]) -> MrrLedger:
    """Return a ledger of thirteen months; a shorter row goes on as it ended."""
    amounts = np.array([row + [row[-1]] * (len(MONTHS) - len(row)) for row in rows], dtype=float)
    return MrrLedger(np.array([f"A{at}" for at in range(len(rows))], dtype=object), MONTHS, amounts)


def paid(ledger: MrrLedger, *plans: IncentivePlan, people: int = 1, **more: Any) -> Payouts:  # noqa: ANN401
    """Pay plans out, accounts shared among people of the role in turn."""
    who = pd.DataFrame(
        [(account, plan.role, f"{plan.role} {at % people + 1}") for at, account in enumerate(ledger.account_ids)
         for plan in plans],
        columns=["account_id", "role", "person"],
    ).drop_duplicates()  # fmt: skip
    return pay_out(ledger, plans, who, **more)


def test_a_share_of_expansion_by_hand() -> None:
    """Ten percent of twelve months of what was added; losses of others are no deduction."""
    found = paid(ledger_of([100, 150], [80, 80, 110], [50, 20]), SALES, people=3)
    assert found.people["paid"].tolist() == pytest.approx([60, 36, 0])
    row = found.plans.iloc[0]
    assert row["per_dollar"] == pytest.approx(0.1)
    assert row["gini"] == pytest.approx(0.4166667)
    assert found.expansion == pytest.approx(80)


def test_two_people_share_an_account() -> None:
    """Two in one role are paid once together, not twice."""
    ledger = ledger_of([100, 150])
    who = pd.DataFrame({"account_id": "A0", "role": "sales", "person": ["sales 1", "sales 2"]})
    assert pay_out(ledger, [SALES], who).people["paid"].tolist() == pytest.approx([30, 30])


def test_post_sale_counts_from_the_month_named() -> None:
    """What is added in the first months after the first payment is the first sale's."""
    plan = IncentivePlan("sales", "post-sale", 0.1, after_months=3)
    rows = ledger_of([0, 100, 100, 100, 120], [0, 100, 100, 100, 100, 120], [100, 120])
    assert [paid(rows, replace(plan, after_months=each)).plans["paid"].iloc[0] for each in (2, 3, 4, 0)] == (
        pytest.approx([72, 48, 24, 72])
    )


def test_a_clawback_takes_back_what_is_lost_in_time() -> None:
    """Of 50 sold in month 2, 30 are lost in month 4: a window of two months takes 30 back, of one month nothing."""
    ledger = ledger_of([100, 100, 150, 150, 120])
    windows = {window: paid(ledger, replace(SALES, clawback_months=window)).plans.iloc[0] for window in (0, 1, 2, 6)}
    assert {each: row["paid"] for each, row in windows.items()} == pytest.approx({0: 60, 1: 60, 2: 24, 6: 24})
    assert windows[2]["taken_back"] == pytest.approx(36)


def test_adoption_and_company_by_hand() -> None:
    """Two of three accounts took up two use cases; net retention of 110% is half the way to 120%."""
    ledger = ledger_of([100, 120], [100, 110], [100, 100])
    product = IncentivePlan("product", "adoption", 500, goal=2)
    bonus = IncentivePlan("executive", "company", 10_000, goal=1.2)
    found = paid(ledger, product, bonus, gained={"A0": 2, "A1": 3, "A2": 1})
    assert found.plans["paid"].tolist() == pytest.approx([1000, 5000])
    assert paid(ledger_of([100, 90]), bonus).plans["paid"].iloc[0] == 0


def test_a_plan_on_usage_by_hand() -> None:
    """Of four accounts one used 20% more, one exactly the 10% asked for, one less, and one is unknown: two are paid."""
    usage = np.full((4, 13), 100.0)
    usage[0, -3:], usage[1, -3:], usage[2, -3:], usage[3, 0] = 120.0, 110.0, 90.0, np.nan
    ledger = ledger_of([100, 150], [100], [100, 120], [100])
    technical = IncentivePlan("technical", "usage", 50, goal=0.1)
    found = paid(ledger, technical, usage=usage).plans.iloc[0]
    assert (found["paid"], found["words"]) == (100.0, "50 for each account that used 10% more")
    assert paid(ledger, replace(technical, goal=0.15), usage=usage).plans["paid"].iloc[0] == 50
    more = usage.copy()
    more[2, -3:] = 130.0
    assert paid(ledger, technical, usage=more).plans["paid"].iloc[0] == 150
    # Had all done as the middle one of five nobody spoke with, who used 20% more, all six would have been paid for.
    alone = np.full((6, 13), 100.0)
    alone[1:, -3:] = np.array([[80.0], [90.0], [120.0], [130.0], [140.0]])
    lucky = paid(ledger_of(*[[100.0]] * 6), technical, usage=alone, contacted=["A0"]).plans.iloc[0]
    assert (lucky["paid"], lucky["luck"], lucky["luck_by_mean"]) == pytest.approx((150, 300, 180))


def test_luck_is_what_accounts_without_contact_did() -> None:
    """Those without contact grow by 10% in the middle, so of pay for growth by 10% all is luck, by 30% a third."""
    alone = [[100.0, 100 + rise] for rise in (0, 5, 10, 15, 20)]
    found = paid(ledger_of([200.0, 260.0], *alone), SALES, contacted=["A0"])
    mine = pd.DataFrame({"account_id": ["A0"], "role": "sales", "person": "sales 1"})
    only = pay_out(ledger_of([200.0, 260.0], *alone), [SALES], mine, contacted=["A0"]).plans.iloc[0]
    assert (only["paid"], only["luck"], only["luck_by_mean"]) == pytest.approx((72, 24, 24))
    assert found.plans["luck"].iloc[0] == pytest.approx(0.1 * 12 * 0.1 * 700)
    unknown = paid(ledger_of([200.0, 260.0], *alone), SALES)
    assert np.isnan(unknown.plans["luck"].iloc[0])
    assert unknown.reason == "it is not known who was spoken with"
    assert (
        paid(ledger_of([200.0, 260.0], alone[1]), SALES, contacted=["A0"]).reason
        == "only 1 account stayed and had no contact"
    )


def test_each_way_to_game_it_is_found_where_it_was_planted() -> None:
    """One account each: sold and lost, lost and sold, sold without use; an honest one is in none."""
    ledger = ledger_of(
        [100, 100, 100, 100, 150, 150, 100],
        [100, 100, 100, 60, 60, 100],
        [100, 100, 100, 100, 130],
        [100, 100, 100, 100, 140],
    )
    usage = np.tile(np.linspace(10, 22, 13), (4, 1))
    usage[2] = 10.0
    found = paid(ledger, SALES, usage=usage)
    cases = {game: set(each["account_id"]) for game, each in found.cases.groupby("game")}
    assert cases == {"sold and lost again": {"A0"}, "lost and sold again": {"A1"}, "sold and not used": {"A2"}}
    assert found.games["verdict"].tolist() == ["found"] * 3
    assert found.games["paid"].tolist() == pytest.approx([60, 48, 36])
    honest = paid(ledger_of([100, 100, 100, 100, 140]), SALES, usage=usage[3:])
    assert honest.games["verdict"].tolist() == ["absent"] * 3
    assert paid(ledger_of([100, 140]), SALES).games["verdict"].tolist() == ["absent", "absent", "unknown"]


def test_what_is_not_over_is_counted_apart() -> None:
    """Expansion of the last months can still be lost; it is counted as open, not as absent for good."""
    found = paid(ledger_of([100] * 12 + [150]), SALES).games.set_index("game")
    assert found.loc["sold and lost again", "open"] == 1
    assert found.loc["sold and not used", "open"] == 1


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: IncentivePlan("sales", "expansion", 1.5), "Give a share from 0 to 1"),
        (lambda: IncentivePlan("executive", "company", 100, goal=1.0), "pays without growth"),
        (lambda: paid(ledger_of([100, 150])), "There is no plan to pay out"),
        (lambda: paid(ledger_of([100, 150]), IncentivePlan("product", "adoption", 5)), "Add the table feature_use"),
        (lambda: paid(ledger_of([100, 150]), IncentivePlan("technical", "usage", 5, goal=0.1)), "Add the table usage"),
        (lambda: IncentivePlan("technical", "usage", 5, goal=0.0), "Name a growth such as 0.1"),
        (lambda: paid(ledger_of([100, 150]), SALES, usage=np.ones((2, 13))), "Give accounts x months alike"),
        (
            lambda: pay_out(ledger_of([1, 2]), [SALES], pd.DataFrame(columns=["account_id", "role", "person"])),
            "Nobody in sales looks after an account",
        ),
    ],
)
def test_what_cannot_be_paid_is_told(make: Any, told: str) -> None:  # noqa: ANN401
    """Each impossible plan says what is wrong and what to do."""
    with pytest.raises(ProgrammeError, match=told):
        make()
