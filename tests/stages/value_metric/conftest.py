"""A small company with known properties, shared by the tests of this stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.stages.value_metric import gather

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.value_metric.evidence import ValueMetricEvidence

    Tables = dict[str, pd.DataFrame]

MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")


def long_usage(name: str, quantity: np.ndarray) -> pd.DataFrame:
    """Write accounts x months as rows of the table usage."""
    accounts, months = quantity.shape
    return pd.DataFrame(
        {
            "account_id": np.repeat([f"A{i:04d}" for i in range(accounts)], months),
            "month": np.tile(MONTHS[:months], accounts),
            "metric": name,
            "quantity": quantity.ravel(),
        }
    )


def made_tables(accounts: int = 120, seed: int = 3) -> Tables:
    """Return tables of a company whose metric "good" grows steadily with success, and "noise" means nothing."""
    rng = np.random.default_rng(seed)
    months = len(MONTHS)
    health = rng.normal(0, 1, accounts)
    size = np.exp(rng.normal(2, 0.7, accounts))
    steps = np.arange(months)
    growth = 0.03 + 0.015 * health
    good = size[:, None] * np.exp(growth[:, None] * steps + rng.normal(0, 0.02, (accounts, months)))
    noise = rng.poisson(2, (accounts, months)).astype(float)
    leaves = (health < -0.8) & (rng.random(accounts) < 0.7)
    gone = leaves[:, None] & (steps >= months - 3)
    mrr = np.where(gone, 0.0, 50 * size[:, None] * np.exp(growth[:, None] * steps))
    ids = [f"A{i:04d}" for i in range(accounts)]
    usage = pd.concat([long_usage("good", np.where(gone, 0.0, good)), long_usage("noise", np.where(gone, 0.0, noise))])
    outcomes = pd.DataFrame(
        {
            "account_id": np.tile(ids, 2),
            "date": np.repeat(pd.to_datetime(["2024-08-15", "2024-11-15"]), accounts),
            "kind": "hours saved",
            "value": np.tile(10 + 3 * health + rng.normal(0, 1, accounts), 2),
        }
    )
    return {
        "accounts": pd.DataFrame(
            {
                "account_id": ids,
                "segment": np.where(size > np.median(size), "large", "small"),
                "seats": np.maximum(1, size).round(),
                "unit_cost": 5 * size * np.exp(rng.normal(0, 0.2, accounts)),
            }
        ),
        "usage": usage,
        "mrr": pd.DataFrame(
            {
                "account_id": np.repeat(ids, months),
                "month": np.tile(MONTHS, accounts),
                "amount": mrr.ravel(),
                "currency": "USD",
            }
        ),
        "outcomes": outcomes,
    }


@pytest.fixture
def tables() -> Tables:
    """Return the small company's tables, to be changed freely."""
    return made_tables()


@pytest.fixture(scope="session")
def base_of() -> Callable[..., CustomerBase]:
    """Return a function that makes a customer base of tables: of those named, or of all."""

    def make(tables: Tables, *names: str) -> CustomerBase:
        return CustomerBase.from_tables({name: tables[name] for name in names or tables})

    return make


@pytest.fixture(scope="session")
def usage_rows() -> Callable[[str, np.ndarray], pd.DataFrame]:
    """Return a function that writes accounts x months as rows of the table usage."""
    return long_usage


@pytest.fixture(scope="session")
def made_base() -> CustomerBase:
    """Return the small company."""
    return CustomerBase.from_tables(made_tables())


@pytest.fixture(scope="session")
def made_evidence(made_base: CustomerBase) -> ValueMetricEvidence:
    """Return what its data tells."""
    return gather(made_base)
