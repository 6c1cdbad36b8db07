"""Documents of prices with anything anywhere: each is read, or refused with a sentence that names the place."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from workbench.errors import ChargeError, WorkbenchError
from workbench.pricing import AddOn, Band, BillingPeriod, Charge, Feature, Limit, Plan, PriceBook
from workbench.stages.value_metric.decision import ValueMetricDecision

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
