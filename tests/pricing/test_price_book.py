"""Price books: bills by hand, documents that survive JSON, and contradictions refused."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict

from workbench.errors import ChargeError
from workbench.pricing import AddOn, Band, BillingPeriod, Charge, Feature, Limit, Plan, PriceBook

SEATS = Charge("seats", "per_unit", unit_price=10, free_units=5)
YEAR = BillingPeriod("year", 12, 20)
BOOK = PriceBook(
    "2026",
    "EUR",
    plans=(
        Plan("Team", "49.90", (SEATS,), (Limit("seats", 50), Limit("rows", None)), ("reports",)),
        Plan("Enterprise", None, features=("reports", "sso"), public=False),
    ),
    add_ons=(AddOn("Audit trail export", 20, features=("audit",), job="Export an audit trail"),),
    features=(Feature("reports", "analytics"), Feature("sso"), Feature("audit", description="Export")),
    billing_periods=(BillingPeriod("month", 1), YEAR),
)


def test_a_bill_is_itemised_and_exact() -> None:
    """Base fee, charges and add-on are lines that sum to the total."""
    bill = BOOK.bill("Team", {"seats": 8}, add_ons=["Audit trail export"])
    assert bill.total == Decimal("99.90") == sum(line.amount for line in bill.lines)
    assert (bill.currency, bill.period) == ("EUR", "month")
    assert str(bill).splitlines()[-1].split() == ["Total", "per", "month,", "EUR", "99.9"]


def test_a_billing_period_bills_its_months_less_its_discount() -> None:
    """A year at 20% off costs twelve months times 0.8, exactly, one by one and all at once."""
    bill = BOOK.bill("Team", {"seats": 8}, period="year")
    assert bill.total == Decimal("79.90") * 12 * Decimal("0.8")
    assert bill.lines[-1].kind == "discount"
    assert BOOK.bills("Team", {"seats": [8, 5]}, period="year") == pytest.approx([767.04, 479.04], rel=1e-12)


def test_bills_of_many_accounts_equal_single_bills() -> None:
    """The fast path gives every account its own exact bill; unknown quantities give unknown bills."""
    seats = np.array([0, 3, 5, 6, 49.5, np.nan])
    found = BOOK.bills("Team", {"seats": seats}, add_ons=["Audit trail export"])
    exact = [float(BOOK.bill("Team", {"seats": float(units)}, ["Audit trail export"]).total) for units in seats[:-1]]
    assert found[:-1] == pytest.approx(exact, rel=1e-12)
    assert np.isnan(found[-1])
    assert Plan("Flat", 10).bills({"seats": seats}).tolist() == [10] * 6
    assert float(Plan("Flat", 10).bills({})) == 10  # without quantities, one amount for everybody


def test_unknown_is_never_billed_as_nothing() -> None:
    """A missing metric or a price on request raises instead of costing zero."""
    with pytest.raises(ChargeError, match="charges for seats, but no quantity"):
        BOOK.bill("Team", {"rows": 1})
    with pytest.raises(ChargeError, match="sold on request"):
        BOOK.bill("Enterprise", {})
    with pytest.raises(ChargeError, match="sold on request"):
        BOOK.plan("Enterprise").bills({"seats": [1]})


def test_plans_are_found_by_name() -> None:
    """Looking up lists what there is when the name is wrong."""
    assert BOOK.plan("Team").base_fee == Decimal("49.90")
    assert [plan.name for plan in BOOK.priced_plans] == ["Team"]
    assert [plan.name for plan in BOOK.public_plans] == ["Team"]
    with pytest.raises(ChargeError, match=r"no plan 'Pro'.*Team, Enterprise"):
        BOOK.plan("Pro")
    dearer = BOOK.with_plan(dataclasses.replace(BOOK.plan("Team"), base_fee="59"))
    assert dearer.plan("Team").base_fee == 59
    assert dearer.plan_names == BOOK.plan_names
    assert BOOK.with_plan(Plan("Pro", 1)).plan_names == ("Team", "Enterprise", "Pro")


@pytest.mark.parametrize(
    ("charge", "free"),
    [
        ({"model": "per_unit", "unit_price": 0}, True),
        ({"model": "per_unit", "unit_price": 0, "minimum": 5}, False),
        ({"model": "graduated", "bands": [Band(10, 0), Band(None, 2)]}, False),
        ({"model": "volume", "bands": [Band(None, 0, flat_fee=1)]}, False),
        ({"model": "package", "package_size": 10, "package_price": 0}, True),
    ],
)
def test_an_offer_is_free_only_if_no_quantity_costs_anything(charge: dict[str, Any], free: bool) -> None:
    """A fee of nothing is not enough: a charge whose prices are all nothing is, and one with a floor is not."""
    plan = Plan("Start", 0, charges=[Charge("seats", **charge)])
    assert plan.is_free is free
    assert (plan.bill({"seats": 10_000}).total == 0) is free
    assert not Plan("On request", None).is_free


def test_a_price_book_survives_json_and_pydantic() -> None:
    """Text and back gives an equal book, alone and as the field of a frozen document."""

    class Document(BaseModel):
        model_config = ConfigDict(frozen=True, extra="forbid")
        book: PriceBook

    assert PriceBook.from_dict(json.loads(json.dumps(BOOK.to_dict()))) == BOOK
    document = Document(book=BOOK)
    assert Document.model_validate_json(document.model_dump_json()) == document
    assert Document.model_validate({"book": BOOK.to_dict()}) == document
    with pytest.raises(dataclasses.FrozenInstanceError):
        BOOK.name = "other"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Plan("", 1), "plan has the name ''"),
        (lambda: Plan("A", -1), "base fee -1, which is negative"),
        (lambda: Plan("A", float("nan")), "base fee of A is nan"),
        (lambda: Plan("A", 1, features=("x", "x")), "names the feature x more than once"),
        (lambda: Plan("A", 1, limits=(Limit("s", 1), Limit("s", 2))), "limits the metric s more than once"),
        (lambda: Plan("A", 1, charges=("seats",)), r"charges of A\[0\] is 'seats', not a Charge"),
        (lambda: Limit("seats", -1), "limit of seats is -1"),
        (lambda: Limit("", 1), "limit's metric"),
        (lambda: BillingPeriod("year", 0), "lasts 0 months"),
        (lambda: BillingPeriod("year", 12, 120), "discount of 120%"),
        (lambda: Feature(" "), "feature has the name"),
        (lambda: PriceBook("B", "USD", (Plan("A", 1), Plan("A", 2))), "has the plan A more than once"),
        (lambda: PriceBook("B", "USD", (), (AddOn("A", 1), AddOn("A", 1))), "has the add-on A more than once"),
        (lambda: PriceBook("B", "", ()), "currency"),
        (lambda: PriceBook("B", "USD", (), billing_periods=()), "no billing period"),
        (
            lambda: PriceBook("B", "USD", (Plan("A", 1, features=("x",)),), features=(Feature("y"),)),
            "A contains x, which the price book B does not list",
        ),
        (lambda: PriceBook.from_dict({"name": "B", "currency": "USD"}), "lacks plans"),
        (lambda: PriceBook.from_dict({"name": "B", "currency": "USD", "plans": ["A"]}), "needs named fields"),
    ],
)
def test_contradictions_are_refused(make: object, says: str) -> None:
    """Each contradiction names the place and the remedy."""
    with pytest.raises(ChargeError, match=says):
        make()
