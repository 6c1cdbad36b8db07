"""Companies of any size as files: accounts, usage and revenue over 12 months, and today's prices, from a seed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20_248
MONTHS = pd.date_range("2024-01-01", periods=12, freq="MS").strftime("%Y-%m-%d").to_numpy(dtype=object)
BLOCK = 20_000  # accounts written at a time, so that making a large company takes no memory
SEGMENTS = ("small", "mid", "large")
PLANS = ("Starter", "Team", "Business")
LAST_SEATS = (10, 60)  # of Starter and of Team
PRICE_PER_SEAT = (12.0, 16.0, 22.0)
PRICE_LIST = {
    "plans.csv": "plan,base_fee,metric,unit_price,included_units,billing_period,currency\n"
    + "".join(f"{plan},0,seats,{price},0,month,USD\n" for plan, price in zip(PLANS, PRICE_PER_SEAT, strict=True)),
    "plan_limits.csv": "plan,metric,limit\n"
    + "".join(f"{plan},seats,{most}\n" for plan, most in zip(PLANS, LAST_SEATS, strict=False)),
}


def write_company(folder: Path, accounts: int) -> Path:
    """Write a company into a folder, account by account, and return the folder; the same size gives the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in PRICE_LIST.items():
        (folder / name).write_text(text, encoding="utf-8")
    draw = np.random.default_rng(SEED)
    for first in range(0, accounts, BLOCK):
        for name, frame in _block(first, min(BLOCK, accounts - first), draw).items():
            start = {"mode": "w", "header": True} if first == 0 else {"mode": "a", "header": False}
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", **start)
    return folder


def _block(first: int, accounts: int, draw: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Draw the tables of some accounts: seats that grow, jobs with decimals, what was paid with a discount."""
    ids = np.array([f"A{number:07d}" for number in range(first, first + accounts)], dtype=object)
    months = len(MONTHS)
    size = draw.lognormal(2.2, 1.0, accounts)
    seats = np.ceil(size[:, None] * np.linspace(1, 1.3, months) * draw.lognormal(0, 0.05, (accounts, months)))
    jobs = np.round(size[:, None] ** 1.2 * 40 * draw.lognormal(0, 0.3, (accounts, months)), 2)
    place = np.digitize(seats, LAST_SEATS, right=True)
    paid = np.round(seats * np.array(PRICE_PER_SEAT)[place] * draw.uniform(0.8, 1.0, (accounts, 1)), 2)
    account, month = np.repeat(ids, months), np.tile(MONTHS, accounts)
    plan = np.array(PLANS, dtype=object)[place]
    return {
        "accounts": pd.DataFrame(
            {
                "account_id": ids,
                "segment": np.array(SEGMENTS, dtype=object)[np.digitize(size, (6, 30))],
                "signed_up": draw.choice(pd.date_range("2020-01-01", "2023-12-31").strftime("%Y-%m-%d"), accounts),
                "plan": plan[:, -1],
                "seats": seats[:, -1].astype(int),
            }
        ),
        "usage": pd.DataFrame(
            {
                "account_id": np.repeat(account, 2),
                "month": np.repeat(month, 2),
                "metric": np.tile(np.array(["seats", "jobs"], dtype=object), accounts * months),
                "quantity": np.stack([seats.ravel(), jobs.ravel()], axis=1).ravel(),
            }
        ),
        "mrr": pd.DataFrame(
            {"account_id": account, "month": month, "amount": paid.ravel(), "plan": plan.ravel(), "currency": "USD"}
        ),
    }


if __name__ == "__main__":
    write_company(Path(sys.argv[1]), int(sys.argv[2]))
