"""The fast evaluation: unknown quantities, refusals, shapes, whole units, and many bands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.errors import ChargeError
from workbench.pricing import Band, Charge

pytestmark = pytest.mark.slow

GRADUATED = Charge("rows", "graduated", bands=(Band(10, 2, 1), Band(20, 1), Band(None, "0.5", 3)))


@pytest.mark.parametrize(
    "charge",
    [
        GRADUATED,
        GRADUATED.with_(free_units=5, maximum=12, minimum=2),
        Charge("rows", "package", package_size=10, package_price=3, free_units=2),
        Charge("rows", "per_unit", unit_price=1, rounding="down", minimum=1),
        Charge("rows", "flat", fixed_fee=5),
    ],
)
def test_unknown_quantities_have_unknown_amounts(charge: Charge) -> None:
    """NaN stays NaN and leaves its neighbours alone."""
    found = charge.amounts([3.0, np.nan, 30.0])
    assert np.isnan(found).tolist() == [False, True, False]
    assert found[0] == float(charge.amount(3))


def test_impossible_quantities_are_refused_even_beside_unknown_ones() -> None:
    """A negative or infinite quantity is named, wherever it stands."""
    with pytest.raises(ChargeError, match="2, which is negative"):
        GRADUATED.amounts([np.nan, 1, -2])
    with pytest.raises(ChargeError, match="infinite"):
        GRADUATED.amounts([np.nan, np.inf])
    with pytest.raises(ChargeError, match="not all numbers"):
        GRADUATED.amounts(["three"])


def test_shape_is_kept_and_input_untouched() -> None:
    """A table of accounts x months gives a table; strided views, integers and nullable columns work."""
    table = np.arange(12.0).reshape(3, 4)
    before = table.copy()
    assert GRADUATED.amounts(table).shape == (3, 4)
    assert np.array_equal(GRADUATED.amounts(table[:, ::2]), GRADUATED.amounts(table)[:, ::2])
    assert np.array_equal(table, before)
    assert GRADUATED.amounts([]).shape == (0,)
    assert GRADUATED.amounts(7).shape == ()
    nullable = GRADUATED.amounts(pd.Series([1, None], dtype="Int64"))
    assert nullable[0] == 3
    assert np.isnan(nullable[1])


def test_blocks_join_without_seam() -> None:
    """Quantities beyond one block of work are billed like those in the first."""
    units = np.linspace(0, 40, 40_001)
    parts = np.concatenate([GRADUATED.amounts(units[:100]), GRADUATED.amounts(units[100:])])
    assert np.array_equal(GRADUATED.amounts(units), parts)


def test_hundreds_of_bands_are_billed_too() -> None:
    """A list of 300 bands, more than a byte counts, equals the exact amount at every edge."""
    bands = [Band(place, 400 - place, place % 3) for place in range(1, 300)] + [Band(None, 1)]
    for model in ("graduated", "volume"):
        charge = Charge("rows", model, bands=bands)
        units = np.arange(0, 310, 0.5)
        exact = [float(charge.amount(quantity)) for quantity in units]
        assert np.allclose(charge.amounts(units), exact, rtol=1e-12, atol=0)


@pytest.mark.parametrize("factor", ["0.001", "0.01", "3", "0.7", "1000"])
@pytest.mark.parametrize("rounding", ["up", "down", "nearest"])
def test_whole_units_are_never_missed_by_float_noise(factor: str, rounding: str) -> None:
    """Quantities that convert to a whole number count as that number, exactly as in decimals."""
    charge = Charge("rows", "per_unit", unit_price=1, unit_factor=factor, rounding=rounding)
    units = np.concatenate([np.arange(0, 5000), np.arange(0, 5000) / 10])
    assert np.array_equal(charge.amounts(units), [float(charge.amount(float(quantity))) for quantity in units])


def test_converted_bounds_are_met_exactly() -> None:
    """A quantity on a bound stays in its band after unit conversion and free units."""
    charge = Charge(
        "rows", "graduated", bands=(Band("0.7", 1), Band(None, 1, 100)), unit_factor="0.001", free_units="0.1"
    )
    assert charge.amounts([800.0])[0] == pytest.approx(float(charge.amount(800)), rel=1e-12)
    assert charge.amounts([800.5])[0] > 100
