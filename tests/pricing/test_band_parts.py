"""Band parts: units and fees times prices are the charge's amount before cap and floor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.pricing import Band, Charge
from workbench.pricing.charge_terms import schedule_of
from workbench.pricing.vectorised import band_parts

BANDS = (Band(10, "0.5", 3), Band(100, "0.3", 7), Band(None, "0.1"))
CHARGES = {
    "graduated": Charge("x", "graduated", bands=BANDS, free_units=5, discount_percent=10),
    "no fee at zero": Charge("x", "graduated", bands=BANDS, first_flat_fee_at_zero=False),
    "volume": Charge("x", "volume", bands=BANDS, unit_factor="0.1", free_units=2),
    "package": Charge("x", "package", package_size=7, package_price=3, free_units=5, unit_factor=2),
    "flat": Charge("x", "flat", fixed_fee=9),
    "percentage": Charge("x", "percentage", rate_percent=3, fixed_fee=2, first_flat_fee_at_zero=False),
    "rounded": Charge("x", "per_unit", unit_price=2, rounding="up", unit_factor="0.001"),
}


@pytest.mark.parametrize("charge", CHARGES.values(), ids=CHARGES.keys())
@given(st.lists(st.floats(0, 1e6) | st.sampled_from([0.0, 5.0, 10.0, 15.0, 20.0, 100.0, 105.0, 1000.0]), min_size=1))
@settings(max_examples=60, deadline=None)
def test_parts_times_prices_are_the_amount(charge: Charge, quantities: list[float]) -> None:
    """Summed over bands, units x price + fees x flat fee, less the discount, is what the charge bills."""
    kept = float(schedule_of(charge).kept)
    total = sum(
        (part.units * float(part.segment.price) + part.fees * float(part.segment.fee)) * kept
        for part in band_parts(charge, quantities)
    )
    np.testing.assert_allclose(total, charge.amounts(quantities), rtol=1e-9, atol=1e-9)


def test_units_inside_bands_by_hand() -> None:
    """Fifteen units fill the first band and enter the second by five; unknown stays unknown in every band."""
    first, second, third = band_parts(Charge("x", "graduated", bands=BANDS), [15.0, 10.0, np.nan])
    assert first.units[:2].tolist() == [10, 10]
    assert second.units[:2].tolist() == [5, 0]
    assert second.fees[:2].tolist() == [1, 0]
    assert third.fees[:2].tolist() == [0, 0]
    assert all(np.isnan(part.units[2]) and np.isnan(part.fees[2]) for part in (first, second, third))
