"""Migration paths of 100,000 accounts, and 10,000 draws of what customers do about them.

The simulation works on sums per segment and size of rise; beside it stands the same arithmetic account by account,
timed on a few draws and multiplied.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from measure import Row, median_seconds, milliseconds

from workbench.impact.migration import AccountBills, AtRenewal, MigrationPath, account_bills, migrate
from workbench.impact.uncertainty import prepare_simulation, simulate, tornado, value_of_information

ACCOUNTS, DRAWS, SINGLE = 100_000, 10_000, 5
SECOND = 1.0


def rows() -> list[Row]:
    """Return the measurements."""
    bills = _bills()
    path = migrate(bills, AtRenewal(notice_months=3))
    prepared = prepare_simulation({"new": path})
    found = simulate(prepared, draws=DRAWS)
    paths = median_seconds(partial(migrate, bills, AtRenewal(notice_months=3)), 5, 1)
    sums = median_seconds(partial(prepare_simulation, {"new": path}), 5, 1)
    draws = median_seconds(partial(simulate, prepared, draws=DRAWS), 7, 1)
    single = median_seconds(partial(_one_by_one, path), 3, 1) * DRAWS / SINGLE
    bars = median_seconds(partial(tornado, found, "new"), 5, 1)
    knowing = median_seconds(partial(value_of_information, found), 5, 1)
    return [
        Row("revenue path of 24 months", milliseconds(paths), "", ""),
        Row("sums for the simulation, today's prices and new ones", milliseconds(sums), "", ""),
        Row(
            f"{DRAWS:,} draws of both", milliseconds(draws), f"account by account: {milliseconds(single)}",
            f"{single / draws:,.0f}x", "under a second", draws < SECOND,
        ),
        Row("tornado with break-even values", milliseconds(bars), "", ""),
        Row("value of knowing more", milliseconds(knowing), "", ""),
    ]  # fmt: skip


def _bills() -> AccountBills:
    rng = np.random.default_rng(7)
    old = rng.lognormal(6, 1.2, ACCOUNTS)
    new = old * rng.lognormal(0.05, 0.3, ACCOUNTS)
    ids = np.char.add("a", np.arange(ACCOUNTS).astype(str)).astype(object)
    segment = rng.choice(["large", "mid", "partner", "public", "small"], ACCOUNTS)
    renewal = rng.integers(0, 12, ACCOUNTS)
    return account_bills(ids, segment, old, new, start="2025-01", renewal=renewal, metered=new * 0.2, add_ons=new * 0.1)


def _one_by_one(path: MigrationPath) -> float:
    """Do what a simulation of every account would do for a few draws, and nothing else."""
    rng = np.random.default_rng(1)
    billed = path.schedule.bills
    rise = np.maximum(billed / path.bills.old[:, None] - 1, 0)
    total = 0.0
    for churn in rng.uniform(0.05, 0.8, SINGLE):
        total += float((billed * (rng.random(len(billed))[:, None] >= np.minimum(0.5, churn * rise))).sum())
    return total
