"""Without a price list what was paid is the baseline: bridge, guardrails and the way to new prices stand on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.stages import impact, migration
from workbench.stages.migration.tables import contracts_sentence, contracts_table
from workbench.stages.offers import Tier, TierDecision
from workbench.stages.study_replay import replay_study
from workbench.study import Scenario, Study

MONTHS = ("2024-11", "2024-12")
PAID = {"A": 40.0, "B": 90.0, "C": 155.5, "D": 12.0}
SEATS = {"A": 3, "B": 9, "C": 14, "D": 2}
PER_SEAT = 10


def company(**more: pd.DataFrame) -> CustomerBase:
    """Return four accounts with seats and payments, and no list of prices."""
    rows = [(who, month) for who in PAID for month in MONTHS]
    tables = {
        "accounts": pd.DataFrame({"account_id": list(PAID), "segment": ["small", "small", "large", "small"]}),
        "usage": pd.DataFrame(
            [(who, month, "seats", SEATS[who]) for who, month in rows],
            columns=["account_id", "month", "metric", "quantity"],
        ),
        "mrr": pd.DataFrame(
            [(who, month, PAID[who], "Old") for who, month in rows], columns=["account_id", "month", "amount", "plan"]
        ),
    }
    return CustomerBase.from_tables({**tables, **more}, currency="EUR")


@pytest.fixture(scope="module")
def study() -> Study:
    """Return a study whose scenario charges 10 a seat."""
    made = Study.new("paid", "data", currency="EUR")
    tiers = TierDecision(tiers=(Tier(id="all", name="All", price=PER_SEAT, price_per="seats"),))
    return made.with_scenario(made.designs[0].with_decision(tiers))


def design(study: Study) -> Scenario:
    """Return the scenario of a study."""
    return study.designs[0]


def test_the_bridge_begins_with_what_was_paid_and_ends_with_the_new_list(study: Study) -> None:
    """By hand: 297.5 paid, 280 under 10 a seat; who pays more and who pays less make up the difference."""
    found = impact.evaluate(company(), design(study), study=study)
    change = {who: SEATS[who] * PER_SEAT - paid for who, paid in PAID.items()}
    assert found.bridge is not None
    assert (found.bridge.before, found.bridge.after) == (sum(PAID.values()), sum(SEATS.values()) * PER_SEAT)
    steps = dict(found.bridge.table().itertuples(index=False))
    assert steps == {
        "Accounts that pay more": sum(each for each in change.values() if each > 0),
        "Accounts that pay less": sum(each for each in change.values() if each < 0),
    }
    assert (
        dict(zip(found.comparison.accounts["account_id"], found.comparison.accounts["change"], strict=True)) == change
    )
    assert found.is_paid
    assert found.reconciliation is None
    assert [each.text for each in found.cautions] == []
    assert found.key_figures[0].label == "Revenue of the new list, before discounts"


FLAT, UNRECORDED = "a flat price for all", "a price for seats nobody has recorded"


@pytest.mark.parametrize("today", [None, FLAT, UNRECORDED])
def test_what_is_paid_today_is_known_without_usage_too(today: str | None) -> None:
    """Recurring revenue is enough for flat prices: every bill of the new list stands beside what is paid.

    A list of today whose prices bill nobody, since what they charge is not on record, is none.
    """
    fee = {"plan": ["Old"], "base_fee": [60.0], "metric": [None], "unit_price": [None]}
    per_seat = {"plan": ["Old"], "base_fee": [None], "metric": ["seats"], "unit_price": [9.0]}
    lists = {None: {}, FLAT: {"plans": pd.DataFrame(fee)}, UNRECORDED: {"plans": pd.DataFrame(per_seat)}}[today]
    whole = company(**lists)
    base = CustomerBase.from_tables({name: whole.table(name) for name in ("accounts", "mrr", *lists)}, currency="EUR")
    made = Study.new("paid", "data", currency="EUR")
    tiers = TierDecision(tiers=(Tier(id="all", name="All", price=70),))
    made = made.with_scenario(made.designs[0].with_decision(tiers))
    found = impact.evaluate(base, design(made), study=made)
    assert found.why_not == ""
    assert found.comparison is not None
    assert found.comparison.accounts["before"].sum() == pytest.approx(sum(PAID.values()))
    assert found.from_paid == (today != FLAT)


def test_guardrails_are_held_against_what_was_paid(study: Study) -> None:
    """The command finds the same bills as the panel."""
    base = company()
    found = impact.evaluate(base, design(study), study=study)
    replayed = replay_study(base, study)
    assert replayed.baseline is None
    assert replayed.scenarios[0].comparison.before_name == "recorded revenue"
    ours, theirs = ([(each.key, each.subject, each.verdict, each.measured) for each in report.checks]
                    for report in (found.guardrails, replayed.scenarios[0].guardrails))  # fmt: skip
    assert ours == theirs
    assert not replayed.passed


def test_the_way_to_new_prices_begins_with_what_was_paid(study: Study) -> None:
    """At once, everybody pays the new bill from the first month on; what customers would do is not drawn."""
    found = migration.evaluate(company(), design(study), study=study)
    assert found.path is not None
    bills = found.path.bills
    assert dict(zip(bills.account_ids, bills.old, strict=True)) == PAID
    assert dict(zip(bills.account_ids, bills.new, strict=True)) == {who: n * PER_SEAT for who, n in SEATS.items()}
    assert found.ranges is None
    assert "takes a list of today's prices" in found.forecast_reason


def test_contracts_say_who_can_be_moved_when(study: Study) -> None:
    """A term, a price lock with a cap, and an account without either."""
    contracts = pd.DataFrame(
        {
            "account_id": ["A", "B", "C"], "item": "Old", "start": pd.Timestamp("2024-01-01"),
            "end": [pd.NaT, pd.NaT, pd.NaT], "amount": [40.0, 90.0, 155.5], "period": "month",
            "renews_on": [pd.Timestamp("2025-06-01"), pd.NaT, pd.NaT], "notice_days": [30.0, np.nan, np.nan],
            "price_fixed_until": [pd.NaT, pd.Timestamp("2026-12-31"), pd.NaT], "price_cap": [np.nan, 5.0, np.nan],
        }
    )  # fmt: skip
    base = company(subscriptions=contracts)
    found = migration.evaluate(base, design(study), study=study)
    assert found.contracts is not None
    said = contracts_sentence(found.contracts)
    assert "1 of 3 accounts can be moved at once; 2 are held" in said
    assert "the first until 2025-06-01, 1 of them no longer than a year from then; 1 have a cap" in said
    table = contracts_table(found.contracts)
    assert [text[:2] for text in zip(*table.cells(), strict=True)] == [
        ("C", "2024-12-31"), ("A", "2025-06-01"), ("B", "2026-12-31"),
    ]  # fmt: skip
    assert next(each for each in zip(*table.cells(), strict=True) if each[0] == "A")[2] == "2025-05-02"
    assert migration.evaluate(company(), design(study), study=study).contracts is None
