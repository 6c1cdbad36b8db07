"""Customer bases of any size, drawn from a seed, and a session with a study on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers import CustomerBase
from workbench.rendering.session import Session
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20_240
MONTHS = pd.date_range("2024-01-01", periods=3, freq="MS")
WEEK = pd.Timestamp("2024-03-04")
FEATURES = {"Dashboards": 0.8, "Exports": 0.5, "Integrations": 0.3, "Audit log": 0.1}
PLANS = ("Starter", "Team", "Business")
PRICE_PER_SEAT = 12.0


def many_accounts(accounts: int) -> CustomerBase:
    """Return a base of that many accounts: three months of one metric, one month of MRR, four features."""
    draw = np.random.default_rng(SEED)
    ids = np.char.add("a", np.arange(accounts).astype(str)).astype(object)
    seats = np.ceil(draw.lognormal(2.2, 1.0, accounts)).astype(int)
    projects = np.ceil(seats[:, None] * draw.lognormal(0.3, 0.6, (accounts, len(MONTHS))))
    plan = np.array(PLANS, dtype=object)[np.digitize(seats, (5, 30))]
    use = [np.flatnonzero(draw.random(accounts) < share) for share in FEATURES.values()]
    tables = {
        "accounts": pd.DataFrame({"account_id": ids, "plan": plan, "seats": seats}),
        "usage": pd.DataFrame(
            {
                "account_id": np.repeat(ids, len(MONTHS)),
                "month": np.tile(MONTHS.to_numpy(), accounts),
                "metric": "projects",
                "quantity": projects.ravel(),
            }
        ),
        "mrr": pd.DataFrame(
            {
                "account_id": ids,
                "month": MONTHS[-1],
                "amount": np.round(seats * PRICE_PER_SEAT * draw.lognormal(0, 0.2, accounts), 2),
            }
        ),
        "feature_use": pd.DataFrame(
            {
                "account_id": np.concatenate([ids[users] for users in use]),
                "week": WEEK,
                "feature": np.repeat(list(FEATURES), [users.size for users in use]),
                "uses": 20,
            }
        ),
    }
    return CustomerBase.from_tables(tables)


def open_session(accounts: int, folder: Path | str) -> Session:
    """Return a session with a fresh study of that many accounts, kept in a folder and saved after every change."""
    study = Study.new(f"accounts-{accounts}", "data", title=f"{accounts:,} accounts").save(folder)
    return Session(folder, study, base=many_accounts(accounts))
