"""A company of ten accounts counted by hand, companies of other shapes, and scenarios to sell add-ons in."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.stages.add_ons import gather
from workbench.stages.offers import AddOnChoice, AddOnDecision, Tier, TierDecision
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.add_ons.evidence import AddOnEvidence

AS_OF = "2024-12-31"
WEEKS = ("2024-12-02", "2024-12-09", "2024-12-16", "2024-12-23")
IDS = tuple(f"a{number}" for number in range(10))
# a6 is there for 60 days, a7 for 30, a8 since nobody knows when.
SIGNED_UP = ("2023-01-01",) * 6 + ("2024-11-01", "2024-12-01", None, "2023-01-01")


def hand_tables() -> dict[str, pd.DataFrame]:
    """Write ten accounts with 0, 10 ... 90 queries and 1 ... 10 seats, of which few use Map and Audit.

    a0 uses Map in every week, a1 in one; a2 asked for it. a0 and a1 use Audit in every week; everybody uses Core.
    """
    use = [(one, week, "Core", 5) for one in IDS for week in WEEKS]
    use += [("a0", week, "Map", 1) for week in WEEKS] + [("a1", WEEKS[0], "Map", 3)]
    use += [(one, week, "Audit", 1) for one in ("a0", "a1") for week in WEEKS]
    usage = [(one, "2024-12", "queries", 10.0 * place) for place, one in enumerate(IDS)]
    usage += [(one, "2024-12", "seats", place + 1.0) for place, one in enumerate(IDS)]
    return {
        "accounts": pd.DataFrame(
            {"account_id": IDS, "name": [f"Company {one}" for one in IDS], "signed_up": SIGNED_UP, "plan": "Old"}
        ),
        "usage": pd.DataFrame(usage, columns=["account_id", "month", "metric", "quantity"]),
        "mrr": pd.DataFrame({"account_id": IDS, "month": "2024-12", "amount": 100.0}),
        "feature_use": pd.DataFrame(use, columns=["account_id", "week", "feature", "uses"]),
        "features": pd.DataFrame({"feature": ["Core", "Map", "Audit"], "must_have": ["yes", "no", "no"]}),
        "requests": pd.DataFrame({"account_id": ["a2"], "date": "2024-12-05", "feature": "Map"}),
    }


def make_base(accounts: int = 200, seed: int = 5, *, rare: int = 4, leave_out: tuple[str, ...] = ()) -> CustomerBase:
    """Make a company in which everybody uses two features and about one in ten each of the rare ones."""
    rng = np.random.default_rng(seed)
    ids = [f"c{number:04}" for number in range(accounts)]
    names = ["Boards", "Search", *(f"Special {number} export" for number in range(rare))]
    size = rng.lognormal(2, 0.8, accounts)
    uses = rng.random((accounts, len(names))) < np.array([0.95, 0.6, *[0.1] * rare])
    who, what = np.nonzero(uses)
    tables = {
        "accounts": pd.DataFrame(
            {
                "account_id": ids,
                "segment": np.where(size > np.median(size), "large", "small"),
                "signed_up": pd.Timestamp(AS_OF) - pd.to_timedelta(rng.integers(5, 900, accounts), unit="D"),
            }
        ),
        "usage": pd.DataFrame(
            {"account_id": ids, "month": "2024-12", "metric": "queries", "quantity": np.round(100 * size)}
        ),
        "mrr": pd.DataFrame({"account_id": ids, "month": "2024-12", "amount": np.round(20 * size, 2)}),
        "feature_use": pd.DataFrame(
            {
                "account_id": [ids[at] for at in who],
                "week": np.asarray(WEEKS)[rng.integers(0, 4, who.size)],
                "feature": [names[at] for at in what],
                "uses": rng.integers(3, 30, who.size),
            }
        ),
    }
    kept = {name: table for name, table in tables.items() if name not in leave_out}
    return CustomerBase.from_tables(kept, as_of=AS_OF, currency="USD")


def make_add_on(**changes: Any) -> AddOnChoice:  # noqa: ANN401 - fields of an add-on
    """Make an add-on that sells Map at 10 an account after 75 days, to 10% to 30% of the eligible."""
    fields: dict[str, Any] = {
        "id": "map",
        "name": "Map layers",
        "features": ("Map",),
        "price": Decimal(10),
        "attach_low": 0.1,
        "attach_high": 0.3,
        "tenure_days": 75,
    }
    return AddOnChoice(**{**fields, **changes})


def make_tiers(**features: tuple[str, ...]) -> TierDecision:
    """Make three tiers at 50, 100 and 200: three accounts fit the first, four the second, three the third."""
    limits = ({"queries": Decimal(20)}, {"queries": Decimal(60)}, {})
    return TierDecision(
        tiers=tuple(
            Tier(id=name.lower(), name=name, price=price, limits=limit, features=("Core", *features.get(name, ())))
            for name, price, limit in zip(
                ("Small", "Mid", "Large"), (Decimal(50), Decimal(100), Decimal(200)), limits, strict=True
            )
        ),
        sold_separately=("Map", "Audit"),
    )


@pytest.fixture(scope="session")
def hand_base() -> CustomerBase:
    """Return the ten accounts."""
    return CustomerBase.from_tables(hand_tables(), as_of=AS_OF, currency="USD")


@pytest.fixture(scope="session")
def hand(hand_base: CustomerBase) -> AddOnEvidence:
    """Return what the data of the ten accounts says."""
    return gather(hand_base)


@pytest.fixture(scope="session")
def base_without() -> Callable[..., CustomerBase]:
    """Return a function that makes the ten accounts without some tables."""

    def make(*names: str) -> CustomerBase:
        tables = {name: table for name, table in hand_tables().items() if name not in names}
        return CustomerBase.from_tables(tables, as_of=AS_OF, currency="USD")

    return make


@pytest.fixture(scope="session")
def base_of() -> Callable[..., CustomerBase]:
    """Return a function that makes companies of other shapes."""
    return make_base


@pytest.fixture(scope="session")
def add_on() -> Callable[..., AddOnChoice]:
    """Return a function that makes add-ons."""
    return make_add_on


@pytest.fixture(scope="session")
def three_tiers() -> Callable[..., TierDecision]:
    """Return a function that makes three tiers."""
    return make_tiers


@pytest.fixture(scope="session")
def scenario() -> Callable[..., Scenario]:
    """Return a function that makes a scenario of add-ons, with tiers or without."""

    def make(*add_ons: AddOnChoice, tiers: TierDecision | None = None, **fields: Any) -> Scenario:  # noqa: ANN401
        made = Scenario(id="design", name="Design", kind="design")
        made = made.with_decision(AddOnDecision(add_ons=add_ons, **fields))
        return made if tiers is None else made.with_decision(tiers)

    return make
