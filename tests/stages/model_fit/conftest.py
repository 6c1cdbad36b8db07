"""A small company made up for the laws of model fit, and the sample company as it stood before its move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.stages.model_fit import gather
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.model_fit.evidence import ModelFitEvidence

MONTHS = pd.date_range("2023-01-01", periods=18, freq="MS")
FEATURES = ("Charts", "Reports", "Alerts", "Map", "Audit")


def company_tables(accounts: int = 60, *, seed: int = 3) -> dict[str, pd.DataFrame]:
    """Return tables of a company with seats, data volume, five features, outcomes and a price list."""
    rng = np.random.default_rng(seed)
    ids = [f"c{number:03d}" for number in range(accounts)]
    size = np.exp(rng.normal(2.5, 1.0, accounts))
    usage, mrr, use, outcomes = [], [], [], []
    for row, name in enumerate(ids):
        joined = int(rng.integers(0, 8)) if row % 3 else 0
        left = int(rng.integers(12, 18)) if row % 10 == 9 else len(MONTHS)
        depth = rng.normal()
        for at in range(joined, left):
            seats = float(max(1, round(size[row] * (1 + 0.02 * at))))
            data = float(np.round(size[row] * 20 * (1 + 0.03 * at) * np.exp(rng.normal(0, 0.15)), 1))
            usage += [(name, MONTHS[at], "seats", seats), (name, MONTHS[at], "data", data)]
            mrr.append((name, MONTHS[at], seats * 20.0, "Team", "USD"))
            wants = [depth > -1.5, depth > -0.5, depth > 0.7, row % 5 == 0, row % 7 == 0]
            use += [(name, MONTHS[at], feature, 6) for feature, on in zip(FEATURES, wants, strict=True) if on]
            if at % 3 == 0:
                outcomes.append((name, MONTHS[at] + pd.Timedelta(days=9), "hours saved", round(data / 3, 1)))
    return {
        "accounts": pd.DataFrame({"account_id": ids}),
        "usage": pd.DataFrame(usage, columns=["account_id", "month", "metric", "quantity"]),
        "mrr": pd.DataFrame(mrr, columns=["account_id", "month", "amount", "plan", "currency"]),
        "feature_use": _weeks(pd.DataFrame(use, columns=["account_id", "week", "feature", "uses"])),
        "outcomes": pd.DataFrame(outcomes, columns=["account_id", "date", "kind", "value"]),
        "plans": pd.DataFrame(
            {"plan": ["Team"], "base_fee": [0.0], "metric": ["seats"], "unit_price": [20.0], "currency": ["USD"]}
        ),
    }


def _weeks(use: pd.DataFrame) -> pd.DataFrame:
    """Move each first of a month to the first Monday in it."""
    return use.assign(week=use["week"] + pd.to_timedelta((7 - use["week"].dt.day_of_week) % 7, unit="D"))


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """Return the tables of the small company."""
    return company_tables()


@pytest.fixture(scope="session")
def company(tables: dict[str, pd.DataFrame]) -> CustomerBase:
    """Return the small company."""
    return CustomerBase.from_tables(tables)


@pytest.fixture(scope="session")
def company_evidence(company: CustomerBase) -> ModelFitEvidence:
    """Return the evidence of the small company."""
    return gather(company)


@pytest.fixture(scope="session")
def without(tables: dict[str, pd.DataFrame]) -> Callable[..., CustomerBase]:
    """Return a function that leaves tables of the small company out."""

    def base_without(*names: str) -> CustomerBase:
        return CustomerBase.from_tables({name: table for name, table in tables.items() if name not in names})

    return base_without


@pytest.fixture(scope="session")
def sample(sample_company: CustomerBase) -> CustomerBase:
    """Return the sample company as it stood before its move."""
    return sample_company


@pytest.fixture(scope="session")
def sample_evidence(sample: CustomerBase) -> ModelFitEvidence:
    """Return the evidence of the sample company."""
    return gather(sample)


@pytest.fixture
def design() -> Scenario:
    """Return a design in which nothing is decided."""
    return Scenario(id="design", name="Design")
