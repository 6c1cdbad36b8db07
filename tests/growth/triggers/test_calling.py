"""Whom to call: order, capacity, reasons, and probabilities that hold on months they were not fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.triggers import PLAYBOOK, CallList, Past, Playbook, TriggerError, fire, who_to_call
from workbench.workspace import sample_base

if TYPE_CHECKING:
    from collections.abc import Callable

LISTS = {
    **dict.fromkeys(("Core", "Growth", "Scale"), "volume"),
    **dict.fromkeys(("Starter", "Team", "Business", "Enterprise"), "seats"),
}


@pytest.fixture(scope="module")
def past() -> Past:
    """Return the sample with what came after its move."""
    return Past.of(sample_base(whole_history=True))


@pytest.fixture(scope="module")
def listed(past: Past) -> Callable[[dict[str, int] | None], CallList]:
    """Return what lists accounts, each of which could bring its place in the base."""
    bring = {str(each): float(at % 50) for at, each in enumerate(past.base.accounts["account_id"])}
    return lambda capacity: who_to_call(past, PLAYBOOK, bring, capacity, price_lists=LISTS)


def test_the_list_is_in_the_order_of_what_talks_are_expected_to_bring(
    past: Past, listed: Callable[..., CallList]
) -> None:
    """Probability times amount, highest first; reasons are triggers that fired lately; nobody without an amount."""
    found = listed(None).accounts
    assert found["expected"].is_monotonic_decreasing
    np.testing.assert_allclose(found["expected"], found["probability"] * found["amount"])
    assert (found["amount"] > 0).all()
    assert found["probability"].between(0, 1).all()
    entries = fire(past, PLAYBOOK.triggers["higher_tier_request"]).entries
    lately = set(entries.loc[entries["day"] >= "2026-04-01", "account_id"])
    asked = found[found["reasons"].str.contains("Asks for a feature of a higher tier")]
    assert set(asked["account_id"]) <= lately
    assert (found.loc[found["reasons"] == "size and growth, no trigger", "say"] == "").all()
    assert (asked["say"] != "").all()


def test_no_team_is_given_more_talks_than_it_can_hold(listed: Callable[..., CallList]) -> None:
    """So many a week for each team, the next ones the week after; a team without capacity has none."""
    found = listed({"customer success": 7}).accounts
    weeks = found[found["who"] == "customer success"]["week"]
    assert weeks.is_monotonic_increasing
    assert (weeks.value_counts() <= 7).all()
    assert (found.loc[found["who"] == "sales", "week"] == -1).all()
    assert (listed(None).accounts["week"] == 0).all()


def test_probabilities_hold_on_months_they_were_not_fitted_to(listed: Callable[..., CallList]) -> None:
    """What is said to happen in so many cases does, tenth by tenth; and the order catches more than chance."""
    found = listed(None)
    off = (found.calibration["predicted"] - found.calibration["came"]).abs()
    assert off.max() < 0.12
    assert off.mean() < 0.05
    gain = found.gain.set_index("called")
    assert gain.loc[0.3, "in this order"] > 0.33 > gain.loc[0.3, "by chance"]
    assert gain.loc[[0.0, 1.0], "in this order"].tolist() == [0.0, 1.0]
    assert gain["in this order"].is_monotonic_increasing
    assert found.table("USD").rows


def test_too_short_a_past_says_so() -> None:
    """With a few months nobody can say how likely an expansion is."""
    paid = pd.DataFrame({"account_id": "A", "month": pd.date_range("2024-01-01", periods=8, freq="MS"), "amount": 50.0})
    base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid}, currency="USD")
    with pytest.raises(TriggerError, match="0 expansions in 8 months"):
        who_to_call(Past.of(base), Playbook(triggers={}), {"A": 10.0})
