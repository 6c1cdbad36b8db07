"""Documents of prices with anything anywhere: each is read, or refused with a sentence that names the place."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from workbench.errors import ChargeError, WorkbenchError
from workbench.pricing import AddOn, Band, BillingPeriod, Charge, Feature, Limit, Plan, PriceBook
from workbench.pricing.charge import describe_charge
from workbench.stages.offers import ValueMetricDecision

if TYPE_CHECKING:
    from collections.abc import Iterator

GRADUATED = Charge(
    "minutes", "graduated", bands=(Band(10, 2, 1), Band(None, 1)), free_units=1, unit_factor="1/60", rounding="up"
)
PACKAGES = Charge("rows", "package", package_size=10, package_price=3, package_rounding="down", maximum=9)
BOOK = PriceBook(
    "B",
    "USD",
    plans=(Plan("A", 1, charges=(GRADUATED,), limits=(Limit("minutes", 5),), features=("x",)), Plan("C", None)),
    add_ons=(AddOn("D", 2, charges=(PACKAGES,), job="more"),),
    features=(Feature("x", area="y"),),
    billing_periods=(BillingPeriod("month", 1), BillingPeriod("year", 12, 10)),
)
ANYTHING: list[Any] = [None, "", "x", "1e9999", 0, -1, 3, 1.5, 10**400, True, [], [None], ["x"], [[3]], {}, {"x": 1}]


def _places(document: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401
    yield place
    if isinstance(document, dict | list):
        for key, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from _places(value, (*place, key))


def _with(document: Any, place: tuple[str | int, ...], value: Any) -> Any:  # noqa: ANN401
    if not place:
        return value
    changed = copy.deepcopy(document)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


def test_a_price_book_with_anything_anywhere_is_read_or_refused_in_words() -> None:
    """Every node of a price book replaced by every kind of value: never an error of Python."""
    document = json.loads(json.dumps(BOOK.to_dict()))
    refused = 0
    for place in _places(document):
        for value in ANYTHING:
            try:
                PriceBook.from_dict(_with(document, place, value))
            except WorkbenchError as error:
                refused += bool(error.advice)
    assert refused > 500


def test_a_decision_with_anything_in_its_charge_is_read_or_refused_in_words() -> None:
    """The charge that a study keeps goes through another reader, which refuses as well as that of price books."""
    for charge in (GRADUATED, PACKAGES):
        document = json.loads(json.dumps(charge.to_dict()))
        assert ValueMetricDecision(charge=document).charge == charge
        for place in _places(document):
            for value in ANYTHING:
                with suppress(WorkbenchError):
                    ValueMetricDecision(charge=_with(document, place, value))


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (("plans",), None, "lacks plans"),
        (("plans",), "x", "plans is 'x', which is not a list"),
        (("plans", 0), 3, r"plans\[0\]: A Plan needs named fields, not 3"),
        (("plans", 0, "charges"), 3, r"plans\[0\]\.charges is 3, which is not a list"),
        (("plans", 0, "charges", 0, "bands", 1), 3, r"plans\[0\]\.charges\[0\]\.bands\[1\]: A Band needs"),
        (("plans", 0, "charges", 0, "bands", 1, "unit_price"), "x", r"plans\[0\]\.charges\[0\]\.bands\[1\]: The unit"),
        (("plans", 0, "public"), "no", r"plans\[0\]\.public: 'no' is not true or false"),
        (("plans", 0, "features"), [1], r"plans\[0\]: features of A\[0\] is 1, not a str"),
        (("add_ons", 0, "job"), [], r"add_ons\[0\]\.job: \[\] is not a text"),
    ],
)
def test_the_place_is_named(place: tuple[str | int, ...], value: object, says: str) -> None:
    """The sentence says which part of the document is wrong."""
    with pytest.raises(ChargeError, match=says):
        PriceBook.from_dict(_with(BOOK.to_dict(), place, value))


def test_null_is_an_empty_list_where_one_may_be_left_out() -> None:
    """Whoever writes null for no charges, no bands and no limits means none."""
    plan = {"name": "A", "base_fee": 1, "charges": None, "limits": None, "features": None}
    book = PriceBook.from_dict({"name": "B", "currency": "USD", "plans": [plan], "add_ons": None})
    assert book == PriceBook("B", "USD", (Plan("A", 1),))


@pytest.mark.parametrize("field", ["model", "rounding", "package_rounding", "below_zero"])
@pytest.mark.parametrize(
    "value", [10**5000, -(10**5000), float("nan"), "y" * 5000], ids=["huge", "far below zero", "no number", "long"]
)
def test_a_setting_of_a_charge_that_is_no_word_is_a_short_sentence(field: str, value: object) -> None:
    """Whatever stands where a word belongs, a number of any length too, is named and cut."""
    charge = {"metric": "seats", "model": "per_unit", "unit_price": 1, field: value}
    document = {"name": "x", "currency": "USD", "plans": [{"name": "p", "base_fee": 1, "charges": [charge]}]}
    with pytest.raises(ChargeError, match=r"plans\[0\]") as raised:
        PriceBook.from_dict(document)
    assert len(str(raised.value)) < 300
    assert "nan" not in str(raised.value)


def test_a_charge_is_described_and_itemised_without_a_bound_of_nothing() -> None:
    """Large units carry separators, a band of 0% is 0%, and a first band begins nowhere."""
    million = Charge("calls", "per_unit", unit_price=2, unit_factor=Fraction(1, 10**6))
    assert "every 1,000,000 calls" in describe_charge(million)
    free = Charge("sales", "graduated_percentage", bands=(Band(100, rate_percent=0), Band(None, rate_percent=2)))
    assert "up to 100 0%" in describe_charge(free)
    bands = Charge("hours", "graduated", bands=(Band(Decimal("0.1"), 3), Band(None, 2)))
    plan = Plan(name="p", base_fee=Decimal(0), charges=(bands,))
    texts = " ".join(line.text for line in plan.bill({"hours": 1}).lines)
    assert "(up to 0.1)" in texts
    assert "above 0," not in texts
