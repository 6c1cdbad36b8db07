"""Competitors' offers as the table records them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from workbench.stages.anchoring.evidence import quote
from workbench.stages.price_book import measured_as

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(("period", "monthly"), [("month", "120"), ("quarter", "40"), ("year", "10")])
def test_prices_become_monthly(row: Callable, read: Callable, period: str, monthly: str) -> None:
    """A price for a quarter or a year is divided by its months."""
    (offer,) = read(row("A", "Plan", 120, "account", billing_period=period))
    assert offer.plan.base_fee == Decimal(monthly)


def test_a_price_per_seat_is_billed_by_seats(row: Callable, read: Callable) -> None:
    """Ten a seat is 170 for 17 seats; ten for the account stays ten."""
    per_seat, per_account = read(row("A", "Seat", 10), row("A", "Account", 10, "account"))
    assert quote(per_seat.plan, {"seats": 17}).price == 170
    assert quote(per_account.plan, {"seats": 17}).price == 10


def test_a_fee_and_a_price_per_seat_add_up(row: Callable, read: Callable) -> None:
    """Rows of one offer that differ in what one price buys are parts of one price: 50 + 3 x 10 = 80."""
    (offer,) = read(row("A", "Plan", 50, "account"), row("A", "Plan", 10))
    assert quote(offer.plan, {"seats": 3}).price == 80


def test_an_offer_counts_as_last_seen(row: Callable, read: Callable) -> None:
    """An older sighting of the same offer is left out, also when the price has since gone on request."""
    (dearer,) = read(row("A", "Plan", 5, seen_on="2023-01-01"), row("A", "Plan", 7, seen_on="2024-01-01"))
    assert quote(dearer.plan, {"seats": 1}).price == 7
    (gone,) = read(row("A", "Plan", 5, seen_on="2023-01-01"), row("A", "Plan", None, seen_on="2024-01-01"))
    assert gone.on_request


def test_the_own_currency_and_the_shortest_period_are_preferred(row: Callable, read: Callable) -> None:
    """Of several ways to buy an offer, the one that needs no conversion is compared."""
    (offer,) = read(
        row("A", "Plan", 9, currency="EUR"), row("A", "Plan", 100, billing_period="year"), row("A", "Plan", 10)
    )
    assert (offer.currency, offer.period, quote(offer.plan, {"seats": 1}).price) == ("USD", "month", 10)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency": None}, "no currency"),
        ({"billing_period": None}, "no billing period"),
        ({"limit": 5.0}, "without saying of what"),
    ],
)
def test_an_incomplete_price_is_no_price(row: Callable, read: Callable, changes: dict[str, Any], reason: str) -> None:
    """What a price lacks is said; it is neither assumed nor counted as on request."""
    (offer,) = read(row("A", "Plan", 10, **changes))
    assert reason in offer.problem
    assert not offer.plan.priced
    assert not offer.on_request


def test_two_prices_for_one_unit_are_refused(row: Callable, read: Callable) -> None:
    """Two limits with two prices under one name and unit cannot be told apart."""
    (offer,) = read(
        row("A", "Plan", 10, limit_metric="seats", limit=5), row("A", "Plan", 20, limit_metric="rows", limit=9)
    )
    assert "two prices" in offer.problem


def test_units_are_matched_with_the_names_of_the_data() -> None:
    """A licence for a user is a seat, case and underscores do not matter, other units keep their word."""
    metrics = ("seats", "data_processed")
    assert measured_as("User", metrics) == "seats"
    assert measured_as("Data processed", metrics) == "data_processed"
    assert measured_as("connection", metrics) == "connection"


def test_on_request_never_gets_a_number(row: Callable, read: Callable) -> None:
    """An offer on request has no price at any usage, and says so."""
    (offer,) = read(row("A", "Plan", None))
    told = quote(offer.plan, {"seats": 1})
    assert (told.price, told.standing) == (None, "on request")


def test_a_limit_includes_its_edge(row: Callable, read: Callable) -> None:
    """Five seats fit a limit of five, six do not, and an unstated quantity cannot be checked."""
    (offer,) = read(row("A", "Plan", 10, "account", limit_metric="seats", limit=5))
    assert quote(offer.plan, {"seats": 5}).price == 10
    assert quote(offer.plan, {"seats": 6}).standing == "does not serve"
    assert "up to 5 seats" in quote(offer.plan, {"seats": 6}).reason
    assert quote(offer.plan, {}).standing == "not known"


def test_a_unit_nobody_stated_is_not_zero(row: Callable, read: Callable) -> None:
    """An offer priced by connections has no price where the profile does not state them."""
    (offer,) = read(row("A", "Plan", 59, "connection"))
    told = quote(offer.plan, {"seats": 3})
    assert (told.price, told.standing) == (None, "not known")
    assert quote(offer.plan, {"seats": 3, "connection": 2}).price == 118
