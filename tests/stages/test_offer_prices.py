"""The price of one more unit at the typical quantity, against closed forms."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.pricing import AddOn, Band, Charge, Plan
from workbench.stages.needs import price_per

ROWS = (50.0, 150.0, 250.0, 350.0, 1000.0)  # their median is 250


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Return five accounts; the two smallest are on the plan Small, whose median is 100."""
    ids = [f"a{at}" for at in range(len(ROWS))]
    accounts = pd.DataFrame({"account_id": ids, "plan": ["Small", "Small", "Large", "Large", "Large"]})
    usage = pd.DataFrame(
        [(one, month, "rows", rows) for one, rows in zip(ids, ROWS, strict=True) for month in ("2024-11", "2024-12")],
        columns=["account_id", "month", "metric", "quantity"],
    )
    return CustomerBase.from_tables({"accounts": accounts, "usage": usage})


BANDS = [Band(200, 3), Band(300, 2), Band(None, 1)]


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        (Charge("rows", "flat", fixed_fee=40), 0),
        (Charge("rows", "per_unit", unit_price="0.4"), 0.4),
        (Charge("rows", "per_unit", unit_price="0.4", free_units=400), 0),
        (Charge("rows", "per_unit", unit_price=2, discount_percent=10), 1.8),
        (Charge("rows", "per_unit", unit_price=2, maximum=300), 0),
        (Charge("rows", "graduated", bands=BANDS), 2),
        (Charge("rows", "volume", bands=BANDS), 2),
        (Charge("rows", "volume", bands=[Band(250, 3), Band(None, 2)]), 251 * 2 - 250 * 3),
        (Charge("rows", "package", package_size=100, package_price=7), 0),
        (Charge("rows", "package", package_size=50, package_price=7), 7),
    ],
)
def test_one_more_unit_costs_what_the_next_bill_adds(base: CustomerBase, charge: Charge, expected: float) -> None:
    """At 250 rows: nothing on a flat fee or inside a package, the band's price, the jump where a volume price falls."""
    found = price_per(Plan("Any", 10, (charge,)), base)
    assert found["rows"] == pytest.approx(expected)
    assert found["account"] == pytest.approx(10 + (40 if charge.model == "flat" else 0))


def test_the_typical_quantity_is_that_of_the_accounts_on_the_offer(base: CustomerBase) -> None:
    """On Small it is 100 rows, on a new offer that of everybody, and of the accounts named where somebody says."""
    graduated = (Charge("rows", "graduated", bands=[Band(120, 5), Band(300, 2), Band(None, 1)]),)
    assert price_per(Plan("Small", 0, graduated), base)["rows"] == 5
    assert price_per(Plan("New", 0, graduated), base)["rows"] == 2
    assert price_per(AddOn("More rows", 0, graduated), base, on_it=["a3", "a4"])["rows"] == 1


def test_a_price_on_request_is_no_number(base: CustomerBase) -> None:
    """Nothing is made up for it, nor for a metric nobody's usage is known of."""
    assert price_per(Plan("Custom", None), base) == {"account": None}
    assert price_per(Plan("Any", 5, (Charge("calls", "per_unit", unit_price=1),)), base) == {
        "account": 5,
        "calls": None,
    }
    assert price_per(Plan("Free", 0), base) == {"account": 0}
