"""Small companies of different shapes, and scenarios to place them in."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.stages.offers import Tier, TierDecision
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

MONTHS = ("2024-10", "2024-11", "2024-12")
FEATURES = ("Reports", "Alerts", "Exports", "Analytics", "Open API", "Map layers")
AREAS = ("core", "core", "core", "analytics", "integrations", "geography")


def make_base(
    accounts: int = 120, seed: int = 7, spread: float = 1.0, *, noise: float = 0.4, leave_out: tuple[str, ...] = ()
) -> CustomerBase:
    """Make a company whose larger accounts use more seats, data and features; the same for the same seed."""
    rng = np.random.default_rng(seed)
    ids = [f"a{number:04}" for number in range(accounts)]
    size = rng.lognormal(2.2, spread, accounts)
    seats = np.maximum(1, np.round(size)).astype(int)
    data = np.round(size * rng.lognormal(2, noise, accounts), 1)
    rank = size.argsort().argsort() / max(1, accounts - 1)
    chance = np.column_stack(
        [
            np.full(accounts, 0.97),
            0.4 + 0.6 * rank,
            0.15 + 0.6 * rank,
            0.7 * rank**2,
            0.5 * rank**4,
            np.full(accounts, 0.1),
        ]
    )
    uses = rng.random((accounts, len(FEATURES))) < chance
    who, what = np.nonzero(uses)
    tables = {
        "accounts": pd.DataFrame(
            {
                "account_id": ids,
                "name": [f"Company {number}" for number in range(accounts)],
                "segment": np.where(rank > 0.8, "large", "small"),
                "plan": np.where(rank > 0.5, "Pro", "Basic"),
            }
        ),
        "usage": pd.DataFrame(
            [
                (one, month, metric, value)
                for month in MONTHS
                for metric, values in (("seats", seats), ("data_processed", data))
                for one, value in zip(ids, values, strict=True)
            ],
            columns=["account_id", "month", "metric", "quantity"],
        ),
        "mrr": pd.DataFrame(
            {
                "account_id": ids * 3,
                "month": np.repeat(MONTHS, accounts),
                "amount": np.tile(np.round(12 * seats * rng.lognormal(0, 0.15, accounts), 2), 3),
            }
        ),
        "feature_use": pd.DataFrame(
            {
                "account_id": [ids[at] for at in who],
                "week": "2024-12-02",
                "feature": [FEATURES[at] for at in what],
                "uses": 5,
            }
        ),
        "features": pd.DataFrame({"feature": FEATURES, "area": AREAS, "must_have": ["yes", *["no"] * 5]}),
        "requests": pd.DataFrame({"account_id": ids[:4], "date": "2024-11-05", "feature": "Open API"}),
    }
    return CustomerBase.from_tables(
        {name: table for name, table in tables.items() if name not in leave_out}, currency="USD"
    )


@pytest.fixture(scope="session")
def base() -> CustomerBase:
    """Return 120 accounts with every table."""
    return make_base()


@pytest.fixture
def scenario() -> Scenario:
    """Return a design in which nothing is decided yet."""
    return Scenario(id="design", name="Design")


@pytest.fixture
def ladder() -> TierDecision:
    """Return three tiers per account with limits on seats, each with more features than the one before."""
    return three_tiers()


def three_tiers(prices: tuple[str, str, str] = ("60", "150", "240")) -> TierDecision:
    """Return three tiers per account with limits on seats."""
    limits = ({"seats": Decimal(8)}, {"seats": Decimal(25)}, {})
    features = (FEATURES[:2], FEATURES[:4], FEATURES)
    names = ("Small", "Medium", "Large")
    return TierDecision(
        tiers=tuple(
            Tier(id=name.lower(), name=name, price=Decimal(price), limits=limit, features=contained)
            for name, price, limit, contained in zip(names, prices, limits, features, strict=True)
        )
    )


@pytest.fixture
def make() -> Callable[..., CustomerBase]:
    """Return the maker of companies."""
    return make_base
