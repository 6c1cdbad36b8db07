"""Contracts on record say who can be moved when: every way to new prices keeps to them, and says whom they hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.intake import movable
from workbench.impact import compare, replay_many
from workbench.impact.migration import (
    AccountBills,
    AtRenewal,
    EveryoneAtOnce,
    OptIn,
    account_bills,
    action_list,
    bills_of,
    migrate,
    with_term,
)
from workbench.impact.migration.contracts import contract_terms
from workbench.pricing import Plan, PriceBook

START = pd.Timestamp("2025-01-01")


def sold(**terms: object) -> pd.DataFrame:
    """Return one subscription of the account A with these terms."""
    return pd.DataFrame({"account_id": ["A"], **{name: [value] for name, value in terms.items()}})


@pytest.mark.parametrize(
    ("terms", "held"),
    [
        ({"renews_on": None}, 0),  # from month to month
        ({"renews_on": "2025-06-15"}, 5),  # a renewal comes with the bill of its month
        ({"renews_on": "2025-06-15", "price_fixed_until": "2026-03-31"}, 15),
        ({"price_fixed_until": "2025-02-10"}, 2),  # the bill of February is still the old one
        ({"start": "2024-01-01", "end": "2025-12-31"}, 12),  # its last day is named
        ({"start": "2024-01-01", "end": "2026-01-01"}, 12),  # or the day after it
        ({"renews_on": None, "notice_days": 30.0}, 1),
        ({"renews_on": None, "notice_days": 90.0}, 3),
        ({"renews_on": "2025-03-01", "notice_days": 30.0, "auto_renew": 1.0}, 2),
        ({"renews_on": "2025-03-01", "notice_days": 90.0, "auto_renew": 1.0}, 14),  # it is too late for March
        ({"renews_on": "2025-03-01", "notice_days": 90.0}, 14),
        ({"renews_on": "2025-05-01", "notice_days": 90.0, "auto_renew": 0.0}, 4),
        ({"renews_on": "2024-05-01", "notice_days": 0.0, "auto_renew": 1.0}, 4),  # it has renewed since
    ],
)
def test_a_contract_holds_the_price_for_so_many_months(terms: dict[str, Any], held: int) -> None:
    """By its end or renewal, a notice that has passed, and a price lock."""
    found = contract_terms(sold(**terms), np.array(["A", "B"], dtype=object), START)
    assert found.held.tolist() == [held, 0]
    assert found.rise_cap.tolist() == [np.inf, np.inf]


def test_a_notice_that_has_passed_moves_to_the_renewal_after_by_the_term() -> None:
    """A contract of three years renews three years later; several contracts let the least rise."""
    late = sold(renews_on="2025-03-31", notice_days=120.0)
    assert movable(late, START, 36)["from"].tolist() == [pd.Timestamp("2028-03-31")]
    both = pd.concat([sold(renews_on="2025-03-31", price_cap=7.0), sold(renews_on="2025-01-31", price_cap=3.0)])
    assert movable(both, START)[["from", "cap"]].to_numpy().tolist() == [[pd.Timestamp("2025-03-31"), 3.0]]


def test_a_price_lock_waits_for_the_renewal_after_it_where_the_policy_waits_for_renewals() -> None:
    """Everyone at once is everyone whose contract allows it; an offer is the customer's to take."""
    bills = account_bills(
        ["A", "B", "C"], ["s"] * 3, [100] * 3, [150, 150, 80], start="2025-01", renewal=[2, 2, 2], term=6,
        held=[3, 0, 4], renewal_known=True,
    )  # fmt: skip
    at_once = migrate(bills, EveryoneAtOnce(notice_months=1), months=10)
    assert at_once.table["on_old"].tolist() == [3, 2, 2, 1, 0, 0, 0, 0, 0, 0]
    assert at_once.cautions[-1].text == "2 accounts move later than the policy says, when contracts on record allow it."
    assert migrate(bills, AtRenewal(), months=10).table["on_old"].tolist() == [3, 3, 2, 2, 2, 2, 2, 2, 0, 0]
    offer = migrate(bills, OptIn(incentive=0, over_months=1, take_up_low=1, take_up_high=1), months=2)
    assert offer.table["on_new"].tolist() == [3, 3]


def test_a_cap_lets_a_bill_rise_once_a_term_until_the_new_price() -> None:
    """10% at the first change and 10% more a year later; a fall has no cap."""
    bills = account_bills(["A", "B"], ["s", "s"], [100, 100], [125, 80], start="2025-01", rise_cap=0.1)
    path = migrate(bills, EveryoneAtOnce(), months=25)
    assert path.schedule.bills[0, [0, 11, 12, 23, 24]].round(2).tolist() == [110, 110, 121, 121, 125]
    assert path.schedule.bills[1, 0] == 80
    assert path.table["in_between"].iloc[[0, 23, 24]].tolist() == [1, 1, 0]
    assert path.cautions[-1].text == "Contracts on record cap the rise of 1 account below the new price, once a term."


def replayed_bills() -> tuple[AccountBills, CustomerBase]:
    """Return the bills of three customers, whose terms stand in the table of subscriptions alone."""
    accounts = pd.DataFrame({"account_id": ["A", "B", "C"], "signed_up": pd.Timestamp("2024-02-10")})
    terms = pd.DataFrame(
        {
            "account_id": ["A", "B", "C"], "start": pd.Timestamp("2024-02-10"), "amount": 100.0, "period": "month",
            "currency": "USD", "renews_on": pd.to_datetime(["2025-06-01", None, None]),
            "notice_days": [60.0, None, None], "auto_renew": [1.0, None, None],
            "price_fixed_until": pd.to_datetime([None, "2025-03-31", None]), "price_cap": [None, 5.0, None],
        }
    )  # fmt: skip
    used = pd.DataFrame({"account_id": ["A", "B", "C"], "month": "2024-12-01", "metric": "seats", "quantity": 3})
    base = CustomerBase.from_tables({"accounts": accounts, "subscriptions": terms, "usage": used})
    books = {
        "today": PriceBook("today", "USD", [Plan("Team", 100)]),
        "new": PriceBook("new", "USD", [Plan("Team", 120)]),
    }
    both = replay_many(base, books)
    return bills_of(compare(both["today"], both["new"]), base), base


def test_bills_know_the_terms_of_subscriptions() -> None:
    """Renewal, price lock, cap and notice reach the schedule, and the list of whom to tell by when."""
    bills, base = replayed_bills()
    assert (bills.held.tolist(), bills.notice.tolist()) == ([5, 3, 0], [2, 0, 0])
    assert bills.rise_cap.tolist() == [np.inf, 0.05, np.inf]
    assert (bills.renewal.tolist(), bills.renewal_known.tolist()) == ([5, 1, 1], [True, False, False])
    told = action_list(migrate(bills, EveryoneAtOnce(notice_months=1))).set_index("account_id")
    assert {who: (f"{row.notify_by:%m}", f"{row.first_change:%m}", row.first_bill) for who, row in told.iterrows()} == {
        "A": ("04", "06", 120), "B": ("03", "04", 105), "C": ("01", "02", 120),
    }  # fmt: skip
    assert with_term(bills, base.accounts, 24, base.subscriptions).held.tolist() == [5, 3, 0]
