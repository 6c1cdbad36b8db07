"""Laws every charge obeys, checked on charges and quantities nobody thought of."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.pricing import Band, Charge, edge_drops
from workbench.pricing.charge import total_of

pytestmark = pytest.mark.slow

PRICES = st.decimals(0, 1000, places=3)
SIZES = st.decimals("0.5", 5000, places=1)
QUANTITIES = st.lists(st.integers(0, 200_000).map(lambda units: units / 8), min_size=1, max_size=12)
TOLERANCE = 1e-9


@st.composite
def bands(draw: st.DrawFn, percentage: bool = False) -> list[Band]:
    """Draw one to five bands in rising order, the last one open."""
    edges = sorted(draw(st.sets(SIZES, max_size=4)))
    found = []
    for edge in [*edges, None]:
        price, fee = draw(PRICES), draw(st.sampled_from([Decimal(0), Decimal(7), Decimal("0.5")]))
        found.append(Band(edge, 0, fee, price) if percentage else Band(edge, price, fee))
    return found


@st.composite
def charges(draw: st.DrawFn, *models: str) -> Charge:
    """Draw a charge of one of the models with any of the options that go with it."""
    model = draw(st.sampled_from(models))
    fields = {
        "flat": lambda: {"fixed_fee": draw(PRICES)},
        "per_unit": lambda: {"unit_price": draw(PRICES)},
        "package": lambda: {"package_size": draw(SIZES), "package_price": draw(PRICES)},
        "percentage": lambda: {"rate_percent": draw(PRICES), "fixed_fee": draw(st.none() | PRICES)},
        "graduated": lambda: {"bands": draw(bands())},
        "volume": lambda: {"bands": draw(bands())},
        "graduated_percentage": lambda: {"bands": draw(bands(percentage=True))},
    }[model]()
    low, high = sorted([draw(PRICES), draw(PRICES)])
    return Charge(
        "units",
        model,
        **fields,
        free_units=draw(st.sampled_from([0, 0, 1, 37])),
        minimum=draw(st.sampled_from([None, None, low])),
        maximum=draw(st.sampled_from([None, None, high])),
        discount_percent=draw(st.sampled_from([0, 0, 10, "33.3", 100])),
        unit_factor=draw(st.sampled_from([1, 1, "0.001", "2.5", "1/60", "2/3"])),
        rounding=draw(st.sampled_from([None, None, "up", "down", "nearest"])),
        first_flat_fee_at_zero=draw(st.booleans()),
        package_rounding=draw(st.sampled_from(["up", "down", "nearest"])) if model == "package" else "up",
    )


ANY = charges("flat", "per_unit", "package", "percentage", "graduated", "volume", "graduated_percentage")


def _edges(charge: Charge) -> list[float]:
    """Return the raw quantities where the charge may change its mind, and their neighbours."""
    inner = [Decimal(0), *(band.up_to for band in charge.bands if band.up_to is not None)]
    if charge.package_size is not None:
        inner += [charge.package_size, 3 * charge.package_size]
    on = [float(Fraction(edge + charge.free_units) / charge.unit_factor) for edge in inner]
    return [*on, *(edge + 0.125 for edge in on)]


@given(ANY, QUANTITIES)
@settings(max_examples=150, deadline=None)
def test_three_evaluations_agree(charge: Charge, units: list[float]) -> None:
    """Exact, array and pandas expression give the same amount within a billionth, on edges too."""
    units = [*units, *_edges(charge)]
    exact = np.array([float(charge.amount(quantity)) for quantity in units])
    frame = nw.from_native(pd.DataFrame({"units": units})).select(amount=charge.expression("units"))
    np.testing.assert_allclose(charge.amounts(units), exact, rtol=TOLERANCE, atol=1e-12)
    np.testing.assert_allclose(frame["amount"].to_numpy(), exact, rtol=TOLERANCE, atol=1e-12)


@given(ANY, QUANTITIES)
@settings(max_examples=40, deadline=None)
def test_duckdb_bills_the_same(charge: Charge, units: list[float]) -> None:
    """The same expression run by DuckDB gives the same amounts; unknown rows stay unknown."""
    units = [*units, *_edges(charge)]
    frame = pd.DataFrame({"place": range(len(units) + 1), "units": [*units, None]})
    with duckdb.connect() as connection:
        relation = nw.from_native(connection.from_df(frame)).select("place", amount=charge.expression("units"))
        rows = sorted(relation.to_native().fetchall())
    exact = [float(charge.amount(quantity)) for quantity in units]
    np.testing.assert_allclose([row[1] for row in rows[:-1]], exact, rtol=TOLERANCE, atol=1e-12)
    assert rows[-1][1] is None or np.isnan(rows[-1][1])


@given(ANY, st.decimals(0, 10**7, places=4))
@settings(max_examples=150, deadline=None)
def test_lines_sum_to_the_amount(charge: Charge, units: Decimal) -> None:
    """Nothing is lost between the items and the total, and cap and floor hold."""
    amount = charge.amount(units)
    assert total_of(charge.lines(units)) == amount
    assert charge.minimum is None or amount >= charge.minimum
    assert charge.maximum is None or amount <= charge.maximum


@given(charges("flat", "per_unit", "package", "percentage", "graduated", "graduated_percentage"), QUANTITIES)
@settings(max_examples=100, deadline=None)
def test_more_units_never_cost_less_where_bands_add_up(charge: Charge, units: list[float]) -> None:
    """Every model but volume is monotone in the quantity."""
    amounts = [charge.amount(quantity) for quantity in sorted([*units, *_edges(charge)])]
    assert amounts == sorted(amounts)
    assert edge_drops(charge) == ()


@given(bands(), SIZES, st.decimals(0, 20_000, places=2))
@settings(max_examples=100, deadline=None)
def test_splitting_a_band_changes_nothing(given_bands: list[Band], cut: Decimal, units: Decimal) -> None:
    """A graduated charge costs the same after one of its bands is cut in two at the same price."""
    charge = Charge("units", "graduated", bands=given_bands)
    place = next(n for n, band in enumerate(given_bands) if band.up_to is None or cut < band.up_to)
    if any(band.up_to == cut for band in given_bands):
        return
    whole = given_bands[place]
    parts = [Band(cut, whole.unit_price, whole.flat_fee), Band(whole.up_to, whole.unit_price)]
    split = Charge("units", "graduated", bands=[*given_bands[:place], *parts, *given_bands[place + 1 :]])
    assert split.amount(units) == charge.amount(units)


@given(st.lists(st.tuples(SIZES, PRICES), min_size=1, max_size=4), st.decimals(0, 20_000, places=2))
@settings(max_examples=100, deadline=None)
def test_a_graduated_charge_is_the_sum_of_its_bands(steps: list[tuple[Decimal, Decimal]], units: Decimal) -> None:
    """Pricing each band's own units separately and adding up gives the same amount."""
    edges = sorted({size for size, _ in steps})
    prices = [*[price for _, price in steps][: len(edges)], Decimal(3)]
    charge = Charge(
        "units", "graduated", bands=[Band(up, price) for up, price in zip([*edges, None], prices, strict=True)]
    )
    lowers = [Decimal(0), *edges]
    uppers = [*edges, units + 1]
    parts = (
        max(Decimal(0), min(units, up) - low) * price for low, up, price in zip(lowers, uppers, prices, strict=True)
    )
    assert charge.amount(units) == sum(parts)


@given(charges("volume"), QUANTITIES)
@settings(max_examples=150, deadline=None)
def test_every_fall_at_an_edge_is_found(charge: Charge, units: list[float]) -> None:
    """A fall between neighbouring quantities lies at a reported edge, and every reported edge is a true fall."""
    plain = charge.with_(rounding=None)
    drops = edge_drops(plain)
    for drop in drops:
        assert plain.amount(drop.edge) == drop.amount_at > drop.amount_above
        assert drop.from_units <= drop.edge
        middle = (drop.from_units + drop.edge) / 2
        assert plain.amount(middle) >= drop.amount_above
    tested = sorted({Decimal(str(quantity)) for quantity in [*units, *_edges(plain)]})
    for less, more in pairwise(tested):
        if plain.amount(more) < plain.amount(less):
            assert any(drop.from_units <= less <= drop.edge for drop in drops), (less, more, drops)


@given(ANY)
@settings(max_examples=100, deadline=None)
def test_charges_survive_json(charge: Charge) -> None:
    """A charge written and read again is the same charge."""
    assert Charge.from_dict(charge.to_dict()) == charge
