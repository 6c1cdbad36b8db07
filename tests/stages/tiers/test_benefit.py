"""Who benefits from each feature, and on which side of the line it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.rules import RULEBOOK
from workbench.stages.needs import feature_benefits
from workbench.stages.tiers import gather
from workbench.stages.tiers.result import plan_moves

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("users", "verdict"), [(45, "tier feature"), (10, "add-on"), (30, "too close to call"), (25, "too close to call")]
)
def test_the_interval_decides_not_the_estimate(users: int, verdict: str) -> None:
    """Of 100 accounts, 45 users are clearly above 30% and 10 clearly below; 25 and 30 are too close to call."""
    used = np.zeros((100, 1), dtype=bool)
    used[:users] = True
    (benefit,) = feature_benefits(("Alerts",), used)
    assert benefit.share.estimate == users / 100
    assert benefit.verdict(RULEBOOK.threshold("A5")) == verdict


def test_unrecorded_use_is_unknown_not_zero() -> None:
    """Without feature use the share is unknown and so is the verdict; requests are still counted."""
    (benefit,) = feature_benefits(("Alerts",), None, requests={"Alerts": 4})
    assert benefit.share is None
    assert benefit.requests == 4
    assert benefit.verdict(RULEBOOK.threshold("A5")) == "unknown"


def test_use_is_also_told_for_those_who_have_the_feature() -> None:
    """A feature that only one plan contains shows its share among that plan's accounts."""
    base = CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": ["a", "b", "c", "d"], "plan": ["Pro", "Pro", "Basic", "Basic"]}),
            "mrr": pd.DataFrame({"account_id": ["a", "b", "c", "d"], "month": "2024-12", "amount": 10}),
            "feature_use": pd.DataFrame({"account_id": ["a"], "week": "2024-12-02", "feature": "Alerts", "uses": 4}),
            "plan_features": pd.DataFrame({"plan": ["Pro"], "feature": ["Alerts"]}),
            "plans": pd.DataFrame({"plan": ["Basic", "Pro"], "base_fee": [5, 10]}),
        }
    )
    benefit = gather(base).benefit("Alerts")
    assert benefit.share.estimate == 0.25
    assert benefit.share_where_included == 0.5


def test_a_feature_only_asked_for_is_listed(make: Callable[..., CustomerBase]) -> None:
    """Requests for a feature nobody has count as benefit unknown to use, with the accounts that ask."""
    benefit = gather(make(20)).benefit("Open API")
    assert benefit.requests == 4


def test_moves_are_counted_from_the_tier_most_of_a_plan_lands_in() -> None:
    """A plan is compared with the tier of its name, else with the one most of its accounts land in."""
    codes, tier_index = np.array([0, 0, 0, 0, 1, 1, 2]), np.array([1, 1, 0, 2, 1, 2, -1])
    found = ("Old", "Top", "unknown")
    moves = plan_moves(codes, found, ("Old", "Top"), tiers=("Start", "Mid", "Top"), tier_index=tier_index)
    assert moves.plans == ("Old", "Top")
    assert moves.home == (1, 2)
    assert (moves.up, moves.down, moves.stay) == (1, 2, 3)
    assert moves.table()["move down"].tolist() == [1, 1]
