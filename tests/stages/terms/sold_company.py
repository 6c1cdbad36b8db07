"""A company with its discounts, contracts and regions planted."""

from __future__ import annotations

import numpy as np
import pandas as pd

MONTHS = pd.date_range("2024-01-01", periods=12, freq="MS")
LIST = {"Team": 10.0, "Pro": 20.0}
SELLERS = {"Ana": 0.05, "Bo": 0.30}
REGIONS = ("Europe", "Japan", "Gulf", "Americas")


def company(accounts: int = 60, churn: float = 0.02, seed: int = 4) -> dict[str, pd.DataFrame]:
    """Return the tables of a company in USD: a price per seat, a discount for each seller, a third paying by the year.

    Who pays by the year has signed for it in January; `churn` is the share of the others that leaves each month.
    """
    random = np.random.default_rng(seed)
    ids = [f"A{number:04}" for number in range(accounts)]
    seats = np.round(np.exp(random.normal(2.5, 0.9, accounts))).clip(1, 400).astype(int)
    seller = random.choice(list(SELLERS), accounts)
    yearly = np.arange(accounts) % 3 == 0
    stays = np.where(yearly, len(MONTHS), random.geometric(max(churn, 1e-9), accounts)).clip(1, len(MONTHS))
    plan = np.where(seats > 20, "Pro", "Team")
    price = np.array([LIST[each] for each in plan])
    paid = np.round(price * seats * (1 - np.array([SELLERS[each] for each in seller])), 2)
    rows = [(at, month) for at in range(accounts) for month in range(stays[at])]
    at, month = np.array(rows).T
    return {
        "accounts": pd.DataFrame(
            {
                "account_id": ids, "segment": np.where(seats > 20, "large", "small"), "plan": plan, "seats": seats,
                "seller": seller, "region": [REGIONS[number % len(REGIONS)] for number in range(accounts)],
                "signed_up": "2024-01-01",
            }
        ),
        "mrr": pd.DataFrame(
            {"account_id": np.array(ids)[at], "month": MONTHS[month], "amount": paid[at], "plan": plan[at],
             "currency": "USD"}
        ),
        "usage": pd.DataFrame(
            {"account_id": np.array(ids)[at], "month": MONTHS[month], "metric": "seats", "quantity": seats[at]}
        ),
        "plans": pd.DataFrame(
            {"plan": list(LIST), "base_fee": 0.0, "metric": "seats", "unit_price": list(LIST.values()),
             "billing_period": "month", "currency": "USD"}
        ),
        "subscriptions": pd.DataFrame(
            {
                "account_id": ids, "item": plan, "start": "2024-01-01",
                "end": [None if y or s == len(MONTHS) else MONTHS[s] for y, s in zip(yearly, stays, strict=True)],
                "amount": np.where(yearly, 12 * paid, paid), "period": np.where(yearly, "year", "month"),
                "currency": "USD",
            }
        ),
    }  # fmt: skip


def section_of(page: str, key: str) -> str:
    """Return the part of a report that shows a stage."""
    start = page.index(f'id="stage-{key}"')
    end = page.find("<section", start)
    return page[start : len(page) if end < 0 else end]
