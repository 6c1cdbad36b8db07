"""A small company whose comparison with its competitors can be worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.stages.offers import Tier, TierDecision
from workbench.stages.price_book import CompetitorOffer, read_offers
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

SEEN = "2024-01-01"


def offer_row(vendor: str, offer: str, price: float | None, per: str = "seats", **more: object) -> dict[str, Any]:
    """Return a row of competitor_offers, in dollars a month unless said otherwise."""
    row = {
        "vendor": vendor,
        "offer": offer,
        "kind": "plan",
        "price": price,
        "per": per,
        "limit_metric": None,
        "limit": None,
        "billing_period": "month",
        "currency": "USD",
        "seen_on": SEEN,
        "source": f"https://example.com/{vendor}",
    }
    return row | more


OFFERS = (
    offer_row("Alder", "Team", 10),
    offer_row("Alder", "Pro", 30),
    offer_row("Birch", "Yearly", 240, billing_period="year"),
    offer_row("Birch", "Tiny", 1, limit_metric="seats", limit=5),
    offer_row("Cedar", "Flat", 300, "account"),
    offer_row("Dogwood", "Custom", None),
    offer_row("Elm", "Euro", 15, currency="EUR"),
    offer_row("Fir", "Audit", 50, "account", kind="add-on"),
    offer_row("Gum", "Audit", 80, "account", kind="add-on"),
)


def company_tables(offers: tuple[dict[str, Any], ...] = OFFERS) -> dict[str, pd.DataFrame]:
    """Return eleven accounts with 10, 20, ... 110 seats, so that the quantiles are 20, 60 and 100."""
    seats = [10 * (place + 1) for place in range(11)]
    ids = [f"a{place}" for place in range(11)]
    months = pd.to_datetime(["2024-05-01", "2024-06-01"])
    tables = {
        "accounts": pd.DataFrame({"account_id": ids, "seats": seats}),
        "usage": pd.DataFrame(
            [(name, month, "seats", count) for name, count in zip(ids, seats, strict=True) for month in months],
            columns=["account_id", "month", "metric", "quantity"],
        ),
        "mrr": pd.DataFrame(
            [(name, month, 12.0 * count, "USD") for name, count in zip(ids, seats, strict=True) for month in months],
            columns=["account_id", "month", "amount", "currency"],
        ),
    }
    if offers:
        tables["competitor_offers"] = pd.DataFrame(offers)
    return tables


@pytest.fixture
def row() -> Callable[..., dict[str, Any]]:
    """Return a function that writes a row of competitor_offers."""
    return offer_row


@pytest.fixture
def read() -> Callable[..., tuple[CompetitorOffer, ...]]:
    """Return a function that reads rows of competitor_offers as the stage does."""

    def read_rows(*rows: dict[str, Any], metrics: tuple[str, ...] = ("seats",)) -> tuple[CompetitorOffer, ...]:
        frame = pd.DataFrame(rows)
        return read_offers(frame.assign(seen_on=pd.to_datetime(frame["seen_on"])), "USD", metrics)

    return read_rows


@pytest.fixture(scope="session")
def base() -> CustomerBase:
    """Return the small company."""
    return CustomerBase.from_tables(company_tables())


@pytest.fixture(scope="session")
def base_of() -> Callable[..., CustomerBase]:
    """Return a function that makes the small company with other competitors' offers, or none."""

    def make(*offers: dict[str, Any]) -> CustomerBase:
        return CustomerBase.from_tables(company_tables(offers))

    return make


@pytest.fixture
def design() -> Scenario:
    """Return a design with three tiers: 8 a seat up to 30 seats, 12 a seat up to 80, 2,000 for the account."""
    tiers = (
        Tier(id="s", name="Start", price=8, price_per="seats", limits={"seats": 30}),
        Tier(id="m", name="Middle", price=12, price_per="seats", limits={"seats": 80}),
        Tier(id="l", name="Large", price=24, price_per="seats"),
    )
    return Scenario(id="design", name="Design").with_decision(TierDecision(tiers=tiers))
