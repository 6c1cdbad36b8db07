"""Units and packages are rounded alike in every evaluation of a charge, whatever the factor and the quantity."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.pricing import Band, Charge
from workbench.pricing.charge import total_of

if TYPE_CHECKING:
    from collections.abc import Callable

FACTORS = st.sampled_from(
    ["1/60", "1/3", "1/1024", "0.001", "0.3", "2.5", "7/3", "1/86400", "0.0166667"]
) | st.fractions(Fraction(1, 10**4), 1000, max_denominator=10**4)
ROUNDINGS = st.sampled_from(["up", "down", "nearest", None])
MODELS = {
    "per_unit": {"unit_price": 10},
    "graduated": {"bands": [Band(1, 7, 2), Band(3, 5), Band(None, 1, 30)]},
    "volume": {"bands": [Band(2, 7), Band(50, 5)]},
    "package": {"package_size": "2.5", "package_price": 3, "package_rounding": "down"},
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Charge, list[float]]:
    """Draw a charge and quantities on, one step of a float beside, and far from whole units and ends of bands."""
    model = draw(st.sampled_from(sorted(MODELS)))
    factor = Fraction(draw(FACTORS))
    free = draw(st.sampled_from([0, 0, 1, "0.4"]))
    charge = Charge(
        "units", model, **MODELS[model], unit_factor=factor, rounding=draw(ROUNDINGS), free_units=free
    )  # fmt: skip
    wholes = draw(st.lists(st.integers(0, 60) | st.integers(0, 10**7), min_size=1, max_size=6))
    on = [float((Fraction(whole, draw(st.sampled_from([1, 2]))) + Fraction(free)) / factor) for whole in wholes]
    beside = [math.nextafter(each, toward) for each in on for toward in (0, math.inf)]
    short = draw(st.lists(st.decimals(0, 10**6, places=3).map(float), max_size=4))
    return charge, [*on, *beside, *short, 6000.0, 1e9]


def _exact(charge: Charge, quantity: float) -> float:
    try:
        return float(charge.amount(quantity))
    except ValueError:  # above the last band
        return math.nan


@given(cases())
@settings(max_examples=50, deadline=None)
def test_every_evaluation_rounds_alike(case: tuple[Charge, list[float]]) -> None:
    """Exact amounts, arrays and a pandas expression count the same units and packages; types make no difference."""
    rounds_alike(*case)


def rounds_alike(charge: Charge, units: list[float]) -> None:
    """Hold the three evaluations of a charge against each other."""
    exact = [_exact(charge, quantity) for quantity in units]
    frame = nw.from_native(pd.DataFrame({"units": units})).select(amount=charge.expression("units"))
    np.testing.assert_allclose(charge.amounts(units), exact, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(frame["amount"].to_numpy(), exact, rtol=1e-9, atol=1e-12)
    if not math.isnan(exact[0]):
        assert charge.amount(units[0]) == charge.amount(repr(units[0])) == charge.amount(Decimal(repr(units[0])))


@pytest.mark.torture
def test_thousands_of_charges_round_alike(reliability: Callable[[str, object], None]) -> None:
    """Charges evaluated exactly, over arrays and as an expression."""

    @given(cases())
    @settings(max_examples=2000, deadline=None)
    def hold(case: tuple[Charge, list[float]]) -> None:
        rounds_alike(*case)

    hold()
    reliability("charges whose rounding agrees in all three", 2000)


@given(cases())
@settings(max_examples=20, deadline=None)
def test_duckdb_rounds_alike(case: tuple[Charge, list[float]]) -> None:
    """The expression that DuckDB runs counts the same units and packages."""
    charge, units = case
    frame = pd.DataFrame({"place": range(len(units)), "units": units})
    with duckdb.connect() as connection:
        relation = nw.from_native(connection.from_df(frame)).select("place", amount=charge.expression("units"))
        rows = sorted(relation.to_native().fetchall())
    exact = [_exact(charge, quantity) for quantity in units]
    np.testing.assert_allclose([row[1] for row in rows], exact, rtol=1e-9, atol=1e-12)


@given(
    st.sampled_from(["1/60", "1/3", "1/1024", "0.001", "2.5", "2/125"]),
    ROUNDINGS.filter(bool),
    st.decimals(0, 10**6, places=3),
)
@settings(max_examples=300, deadline=None)
def test_short_quantities_are_rounded_as_fractions_are(factor: str, rounding: str, units: Decimal) -> None:
    """For quantities people write, the units are those of the exact product, worked out with fractions alone."""
    product = Fraction(units) * Fraction(factor)
    expected = {"up": math.ceil(product), "down": math.floor(product), "nearest": math.floor(product + Fraction(1, 2))}
    charge = Charge("units", "per_unit", unit_price=1, unit_factor=factor, rounding=rounding)
    assert charge.amount(units) == charge.amounts(float(units)) == expected[rounding]


@given(
    st.floats(0, allow_nan=False, allow_infinity=False),
    st.sampled_from(["1/60", "1", "1e-300", "1e300", "7/3"]),
    ROUNDINGS,
)
@settings(max_examples=300, deadline=None)
def test_no_quantity_is_too_large_or_too_small(units: float, factor: str, rounding: str | None) -> None:
    """Every number a float holds has an exact amount, and its lines add up to it."""
    charge = Charge(
        "units", "package", package_size="0.001", package_price="0.07", unit_factor=factor, rounding=rounding
    )
    assert charge.amount(units) == total_of(charge.lines(units)) >= 0


@pytest.mark.parametrize("write", [str, float, Fraction])
def test_a_factor_may_be_written_in_any_way(write: type) -> None:
    """Text, float and fraction of a thousandth are the same factor, and a third keeps every digit."""
    charge = Charge("rows", "per_unit", unit_price=1, unit_factor=write("0.001"))
    assert charge == Charge("rows", "per_unit", unit_price=1, unit_factor="1/1000")
    assert charge.to_dict()["unit_factor"] == "0.001"
    third = charge.with_(unit_factor=Fraction(1, 3))
    assert third.to_dict()["unit_factor"] == "1/3"
    assert Charge.from_dict(third.to_dict()) == third
    assert third.amount(3) == 1
    assert third.amount(1) == Decimal("0.3333333333333333333333333333")
