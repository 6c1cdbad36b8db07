"""What the tests of replay share: small customer bases and price books made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.pricing import AddOn, Band, Charge, Limit, Plan, PriceBook

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = "2024-01"


def make_base(
    quantities: dict[str, dict[str, list[float | None]]],
    paid: dict[str, list[float | None]] | None = None,
    *,
    plans: dict[str, list[str | None]] | None = None,
    first: str = FIRST,
    uses: dict[str, dict[str, int]] | None = None,
    **columns: dict[str, object],
) -> CustomerBase:
    """Make a base: metric -> account -> monthly quantities (None: no row), payments, plans, account columns.

    `uses` maps an account to features used so often in the first week of every month.
    """
    accounts = sorted({name for rows in quantities.values() for name in rows} | set(paid or {}))
    usage = [
        (name, month, metric, value)
        for metric, rows in quantities.items()
        for name, values in rows.items()
        for month, value in zip(_months(first, len(values)), values, strict=True)
        if value is not None
    ]
    tables = {
        "accounts": pd.DataFrame({"account_id": accounts}),
        "usage": pd.DataFrame(usage, columns=["account_id", "month", "metric", "quantity"]),
    }
    for column, values in columns.items():
        tables["accounts"][column] = [values.get(name) for name in accounts]
    if paid is not None:
        rows = [
            (name, month, value, (plans or {}).get(name, [None] * len(values))[place], "USD")
            for name, values in paid.items()
            for place, (month, value) in enumerate(zip(_months(first, len(values)), values, strict=True))
            if value is not None
        ]
        tables["mrr"] = pd.DataFrame(rows, columns=["account_id", "month", "amount", "plan", "currency"])
    if uses:
        length = max(len(values) for rows in quantities.values() for values in rows.values())
        tables["feature_use"] = pd.DataFrame(
            [
                (name, month + pd.Timedelta(days=(7 - month.weekday()) % 7), feature, often)
                for name, features in uses.items()
                for feature, often in features.items()
                for month in _months(first, length)
            ],
            columns=["account_id", "week", "feature", "uses"],
        )
    return CustomerBase.from_tables(tables)


def _months(first: str, count: int) -> pd.DatetimeIndex:
    return pd.date_range(first, periods=count, freq="MS")


@pytest.fixture(name="base_of")
def base_of_fixture() -> Callable[..., CustomerBase]:
    """Return the function that makes a small base by hand."""
    return make_base


@pytest.fixture(name="varied")
def varied_fixture() -> Callable[..., CustomerBase]:
    """Return the function that makes a base of random histories: accounts, months, seed."""
    return make_varied


@pytest.fixture
def rich_book() -> PriceBook:
    """Return a price book with every kind of charge, limits, features, an add-on and a plan on request."""
    bands = (Band(100, "0.50", 5), Band(1000, "0.30", 2), Band(None, "0.20"))
    return PriceBook(
        "Rich",
        "USD",
        (
            Plan("Start", 20, (Charge("data", "graduated", bands=bands),), (Limit("seats", 10),), ("reports",)),
            Plan(
                "Grow",
                60,
                (
                    Charge("data", "volume", bands=bands, free_units=50, discount_percent=10),
                    Charge("seats", "per_unit", unit_price="3.10", minimum=15, maximum=400),
                ),
                (Limit("seats", 100),),
                ("reports", "api"),
            ),
            Plan("Scale", 200, (Charge("data", "package", package_size=250, package_price=35, free_units=500),)),
            Plan("Custom", None),
        ),
        (AddOn("Audit", 25, (Charge("seats", "per_unit", unit_price="0.5"),), features=("audit",)),),
    )


@pytest.fixture
def varied_base() -> CustomerBase:
    """Return forty accounts over eighteen months with gaps, late starts, leavers, features and payments."""
    return make_varied(40, 18, seed=3)


def make_varied(accounts: int, months: int, seed: int) -> CustomerBase:
    """Return a base of random histories."""
    rng = np.random.default_rng(seed)
    names = [f"A{number:03d}" for number in range(accounts)]
    quantities: dict[str, dict[str, list[float | None]]] = {"data": {}, "seats": {}}
    paid: dict[str, list[float | None]] = {}
    plans: dict[str, list[str | None]] = {}
    uses: dict[str, dict[str, int]] = {}
    for name in names:
        start, stop = sorted(rng.choice(months + 1, 2, replace=False))
        size = rng.lognormal(3, 1.3)
        here = [start <= month < stop for month in range(months)]
        data = np.round(size * rng.lognormal(1, 0.4, months), 2)
        quantities["data"][name] = [
            float(value) if now and rng.random() > 0.04 else None for now, value in zip(here, data, strict=True)
        ]
        quantities["seats"][name] = [float(np.ceil(size / 3)) if now else None for now in here]
        paid[name] = [float(np.round(size * 4, 2)) if now else None for now in here]
        plan = str(rng.choice(["Start", "Grow", "Scale", "Custom", "Gone"], p=[0.3, 0.3, 0.2, 0.1, 0.1]))
        plans[name] = [plan if now else None for now in here]
        uses[name] = {
            str(f): int(rng.integers(1, 5)) for f in rng.choice(["reports", "api", "audit"], 2, replace=False)
        }
    segment = {name: str(rng.choice(["small", "large"])) for name in names}
    cost = {name: float(rng.uniform(5, 200)) for name in names}
    day = {name: pd.Timestamp(FIRST) + pd.Timedelta(days=int(rng.integers(0, 500))) for name in names}
    return make_base(quantities, paid, plans=plans, uses=uses, segment=segment, unit_cost=cost, signed_up=day)
