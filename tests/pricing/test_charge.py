"""Charges: amounts by hand and from published tables, itemised lines, and refusals that say what to change."""

from __future__ import annotations

import dataclasses
import math
from decimal import Decimal
from fractions import Fraction

import pytest

from workbench.errors import ChargeError
from workbench.pricing import Band, Charge
from workbench.pricing.charge import fraction_meant

# https://docs.stripe.com/subscriptions/pricing-models/tiered-pricing (and its older table of five tiers)
STRIPE = (Band(5, 5), Band(10, 4), Band(15, 3), Band(20, 2), Band(None, 1))
# getlago/lago-api: spec/services/charge_models/graduated_service_spec.rb
LAGO = (Band(10, 10, 2), Band(20, 5, 3), Band(None, 5, 3))
# openmeterio/openmeter: openmeter/billing/rating/service/rate/tieredvolume_test.go
OPENMETER = (Band(5, 0, 100), Band(10, 0, 150), Band(15, 10), Band(None, 5))


@pytest.mark.parametrize(
    ("charge", "units", "expected"),
    [
        (Charge("units", "graduated", bands=LAGO), 0, "2"),
        (Charge("units", "graduated", bands=LAGO), 10, "102"),
        (Charge("units", "graduated", bands=LAGO), 11, "110"),
        (Charge("units", "graduated", bands=LAGO), 21, "163"),
        (Charge("units", "volume", bands=STRIPE), 5, "25"),
        (Charge("units", "volume", bands=STRIPE), 6, "24"),
        (Charge("units", "volume", bands=STRIPE), 25, "25"),
        (Charge("units", "volume", bands=OPENMETER), 0, "100"),
        (Charge("units", "volume", bands=OPENMETER), 14, "140"),
        (Charge("units", "volume", bands=OPENMETER, maximum=125), 7, "125"),
        (Charge("units", "volume", bands=OPENMETER, minimum=100), 5, "100"),
        # OpenMeter says a flat fee is due as soon as a band is entered, even by a thousandth
        (Charge("units", "graduated", bands=(Band(5, 0, 100), Band(None, 0, 50))), 5, "100"),
        (Charge("units", "graduated", bands=(Band(5, 0, 100), Band(None, 0, 50))), "5.001", "150"),
        # from OpenMeter, unitconfig_rating_test.go
        (Charge("rows", "per_unit", unit_price=10, unit_factor="0.001", rounding="up"), 1400, "20"),
        # from Stripe, "Transform quantities": minutes billed by the hour begun, 150 of them at $10 cost $30
        (Charge("minutes", "per_unit", unit_price=10, unit_factor="1/60", rounding="up"), 150, "30"),
        (Charge("minutes", "per_unit", unit_price=10, unit_factor="1/60", rounding="up"), 120, "20"),
        (Charge("minutes", "per_unit", unit_price=10, unit_factor="1/60", rounding="down"), 150, "20"),
        (Charge("minutes", "per_unit", unit_price=10, unit_factor="1/60", rounding="up"), 6000, "1000"),
        # the same with a factor that was written as a decimal, short of a sixtieth by less than floats hold
        (Charge("minutes", "per_unit", unit_price=10, unit_factor="0.016666666666666666667", rounding="up"), 60, "10"),
        (Charge("minutes", "per_unit", unit_price=10, unit_factor="0.0166667", rounding="up"), 60, "20"),
        (Charge("mb", "per_unit", unit_price=1, unit_factor="1/1024", rounding="up"), 1024, "1"),
        # from Lago, standard_service_spec.rb, with no rounding inside a charge
        (Charge("units", "per_unit", unit_price="5.12345"), 10, "51.2345"),
        # from Lago, estimate_instant/percentage_service_spec.rb
        (Charge("sales", "percentage", rate_percent="2.99", fixed_fee=10), 20, "10.598"),
        (Charge("sales", "percentage", rate_percent=12, fixed_fee=2, minimum=13), 0, "13"),
        # from Lago, graduated_percentage_service_spec.rb
        (
            Charge(
                "sales", "graduated_percentage", bands=(Band(10, 0, 200, 1), Band(20, 0, 300, 2), Band(None, 0, 400, 3))
            ),
            11,
            "500.12",
        ),
        # from Flexprice, internal/ee/service/price_test.go
        (Charge("calls", "package", package_size=100, package_price=1), 101, "2"),
        (Charge("calls", "package", package_size=100, package_price=1), 100, "1"),
        # from Flexprice, price_test.go: a package that is not full costs nothing when packages are rounded down
        (Charge("calls", "package", package_size=100, package_price=1, package_rounding="down"), 250, "2"),
        (Charge("calls", "package", package_size=100, package_price=1, package_rounding="down"), 99, "0"),
        # from Orb, docs.withorb.com, "Price configuration": bulk tiers of which the last one ends
        (Charge("calls", "volume", bands=(Band(10, "0.50"), Band(1000, "0.40"))), 10, "5.00"),
        (Charge("calls", "volume", bands=(Band(10, "0.50"), Band(1000, "0.40"))), 1000, "400"),
        # from Lago, pull request 2966 of lago-api, and Stripe's meters: usage below zero is billed as none
        (Charge("units", "graduated", bands=LAGO, below_zero="zero"), -5, "2"),
        (Charge("units", "per_unit", unit_price=10, below_zero="zero", minimum=3), -5, "3"),
        # from Zuora, "Negative Quantity Usage": a credit of what so many units cost, without fees and free units
        (Charge("units", "per_unit", unit_price=10, below_zero="credit", free_units=2), -5, "-50"),
        (Charge("units", "graduated", bands=LAGO, below_zero="credit", discount_percent=10), -15, "-112.5"),
        (Charge("units", "package", package_size=10, package_price=3, below_zero="credit", minimum=-0), -15, "0"),
        # from Zuora, charge-level minimum and maximum for per-unit prices
        (Charge("units", "per_unit", unit_price=12, minimum=120, maximum=240), 10, "120"),
        (Charge("seats", "flat", fixed_fee=99), 0, "99"),
    ],
)
def test_amounts_match_published_cases(charge: Charge, units: object, expected: str) -> None:
    """Exact amounts equal those in the engines' own tests and documentation."""
    assert charge.amount(units) == Decimal(expected)
    assert charge.amounts([float(units)])[0] == pytest.approx(float(expected), rel=1e-12)


def test_above_a_last_band_that_ends_there_is_no_price() -> None:
    """The exact bill says so, arrays leave the amount unknown, and the bands below are as ever."""
    charge = Charge("calls", "graduated", bands=(Band(10, 1), Band(100, "0.5")), free_units=5, maximum=40)
    assert charge.amount(105) == 40
    with pytest.raises(ChargeError, match=r"last band of calls ends at 100, so a quantity of 105\.5 has no price"):
        charge.amount("105.5")
    found = charge.amounts([5, 15, 105, 105.5])
    assert found[:3].tolist() == [0, 10, 40]
    assert math.isnan(found[3])


def test_a_credit_takes_back_what_the_units_cost() -> None:
    """Every model credits a quantity as it bills it; months without a correction are untouched."""
    for charge in (
        Charge("minutes", "volume", bands=STRIPE, unit_factor="1/60", rounding="up"),
        Charge("units", "package", package_size=10, package_price=3, maximum=9),
        Charge("sales", "percentage", rate_percent="2.5", discount_percent=10),
    ):
        both = charge.with_(below_zero="credit")
        units = [0, 7, 61, 900]
        assert [both.amount(-each) for each in units] == [-charge.amount(each) for each in units]
        assert both.amounts([-61, 61]).tolist() == pytest.approx([-float(charge.amount(61)), float(charge.amount(61))])
        assert [line.quantity for line in both.lines(-61) if line.kind == "units"] == [
            -line.quantity for line in charge.lines(61) if line.kind == "units" and line.quantity
        ]


def test_steps_follow_the_documented_order() -> None:
    """Convert, round, free units, bands, discount, maximum, minimum, each visible as a line of its own."""
    charge = Charge(
        "rows",
        "graduated",
        bands=(Band(2, 10), Band(None, 5)),
        unit_factor="0.001",
        rounding="up",
        free_units=1,
        discount_percent=10,
        maximum=30,
        minimum=25,
    )
    lines = charge.lines(5400)  # 6 thousand begun, 1 free, 2 x 10 + 3 x 5 = 35, less 10% = 31.5, capped at 30
    assert [line.kind for line in lines] == ["free", "units", "units", "discount", "maximum"]
    assert [line.amount for line in lines] == [0, 20, 15, Decimal("-3.5"), Decimal("-1.5")]
    low = charge.lines(1001)  # 2 thousand, 1 free, 10, less 10% = 9, topped up to 25
    assert [(line.kind, line.amount) for line in low][-2:] == [("discount", -1), ("minimum", 16)]


def test_lines_sum_exactly_whatever_the_digits() -> None:
    """Long prices, quantities and discounts lose no digit between the lines and the amount."""
    price, discount, units = "0.123456789012345", "33.333333333", "123456789.123456789"
    charge = Charge("units", "per_unit", unit_price=price, discount_percent=discount)
    expected = Fraction(price) * Fraction(units) * (100 - Fraction(discount)) / 100
    assert Fraction(charge.amount(units)) == expected
    assert sum(Fraction(line.amount) for line in charge.lines(units)) == expected


def test_floats_are_read_the_way_they_print() -> None:
    """A float from a number box means the decimal it shows."""
    assert Charge("seats", "per_unit", unit_price=0.1) == Charge("seats", "per_unit", unit_price="0.1")
    assert Charge("seats", "per_unit", unit_price=1).amount(0.3) == Decimal("0.3")


def test_zero_quantity_can_be_without_fee() -> None:
    """The first flat fee at zero follows its switch, and comes back with the first unit."""
    charge = Charge("seats", "graduated", bands=(Band(5, 1, 9), Band(None, 1)), first_flat_fee_at_zero=False)
    assert [charge.amount(units) for units in (0, 1)] == [0, 10]
    assert list(charge.amounts([0, 1])) == [0, 10]
    free = charge.with_(free_units=3)
    assert [free.amount(units) for units in (3, 4)] == [0, 10]
    assert list(free.amounts([3, 4])) == [0, 10]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Charge("s", "stepped"), "no charge model 'stepped'.*per_unit"),
        (lambda: Charge("", "per_unit", unit_price=1), "metric is ''.*Name what"),
        (lambda: Charge("s", "per_unit"), "has no unit price.*Give unit_price"),
        (
            lambda: Charge("s", "flat", fixed_fee=1, unit_price=1),
            "unit price, which the flat model does not use.*Remove",
        ),
        (lambda: Charge("s", "per_unit", unit_price=1, fixed_fee=0), "fixed fee, which the per_unit model"),
        (lambda: Charge("s", "package", package_size=0, package_price=1), "package size 0.*above zero"),
        (lambda: Charge("s", "per_unit", unit_price=-1), "negative.*zero or more"),
        (lambda: Charge("s", "per_unit", unit_price=float("nan")), "not a finite number"),
        (lambda: Charge("s", "per_unit", unit_price="inf"), "not a finite number"),
        (lambda: Charge("s", "per_unit", unit_price=True), "yes/no"),
        (lambda: Charge("s", "per_unit", unit_price="ten"), "'ten', which is not a number"),
        (lambda: Charge("s", "graduated", bands=()), "has no bands"),
        (lambda: Charge("s", "graduated", bands=(3,)), "not a Band"),
        (lambda: Charge("s", ["flat"]), "no charge model"),
        (lambda: Charge("s", "per_unit", unit_price=1, rounding=["up"]), "Choose up, down"),
        (lambda: Charge("s", "per_unit", unit_price=1, unit_factor="1/0"), "Write it like 1/60"),
        (lambda: Charge("s", "per_unit", unit_price="1e999"), "more digits than any price"),
        (lambda: Charge("s", "per_unit", unit_price=1, package_rounding="down"), "Remove package_rounding"),
        (lambda: Charge("s", "per_unit", unit_price=1, below_zero="ignore"), "Choose refuse, zero, credit"),
        (lambda: Charge("s", "flat", fixed_fee=1, below_zero="credit"), "credits nothing"),
        (lambda: Charge("s", "volume", bands=(Band(5, 1), Band(5, 1), Band(None, 1))), "not above 5.*rising order"),
        (lambda: Charge("s", "volume", bands=(Band(9, 1), Band(5, 1), Band(None, 1))), "rising order"),
        (lambda: Charge("s", "volume", bands=(Band(None, 1), Band(5, 1))), "open at the end, but more bands"),
        (lambda: Charge("s", "volume", bands=(Band(None, rate_percent=1),)), "rate percent.*Put the price"),
        (lambda: Charge("s", "graduated_percentage", bands=(Band(None, 1),)), "unit price.*rate_percent"),
        (lambda: Charge("s", "per_unit", unit_price=1, minimum=5, maximum=4), "minimum 5 above the maximum 4"),
        (lambda: Charge("s", "per_unit", unit_price=1, discount_percent=101), "discount of 101%.*0 to 100"),
        (lambda: Charge("s", "per_unit", unit_price=1, unit_factor=0), "unit factor 0"),
        (lambda: Charge("s", "per_unit", unit_price=1, free_units=-2), "free units -2"),
        (lambda: Charge("s", "per_unit", unit_price=1, rounding="sideways"), "rounding is 'sideways'.*up, down"),
        (lambda: Band(0, 1), "ends at 0"),
        (lambda: Band(5, -1), "negative"),
        (lambda: Band(float("nan"), 1), "not a finite number"),
    ],
)
def test_impossible_charges_are_refused_with_a_remedy(make: object, says: str) -> None:
    """Each impossible charge names the fault and what to change."""
    with pytest.raises(ChargeError, match=says):
        make()


@pytest.mark.parametrize("units", [-1, "-0.001", float("nan"), float("inf"), "many", None])
def test_impossible_quantities_are_refused(units: object) -> None:
    """A bill needs a finite quantity of zero or more."""
    with pytest.raises(ChargeError):
        Charge("seats", "per_unit", unit_price=1).amount(units)


def test_a_charge_survives_json_and_cannot_be_changed() -> None:
    """Writing and reading gives an equal charge; fields cannot be assigned."""
    charge = Charge("rows", "graduated", bands=LAGO, free_units="0.10", maximum=9, rounding="ceil")
    assert Charge.from_dict(charge.to_dict()) == charge
    assert charge.to_dict()["free_units"] == "0.10"
    with pytest.raises(dataclasses.FrozenInstanceError):
        charge.metric = "seats"
    with pytest.raises(ChargeError, match=r"no field price.*It has"):
        Charge.from_dict({"metric": "rows", "model": "per_unit", "price": 1})
    with pytest.raises(ChargeError, match=r"lacks model"):
        Charge.from_dict({"metric": "rows"})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"unit_factor": "1/60", "rounding": "up"}, "$10 for every 60 minutes begun."),
        ({"unit_factor": "1/60", "rounding": "down"}, "$10 for every full 60 minutes."),
        ({"unit_factor": "1/60"}, "$10 for every 60 minutes."),
        ({"unit_factor": "2/3"}, "$10 for each minute. Quantities are multiplied by 2/3 first."),
        (
            {"unit_factor": "0.0167", "rounding": "up"},
            (
                "$10 for each minute. Quantities are multiplied by 0.0167 first. Quantities are rounded up. The unit "
                "factor 0.0167 of minutes with rounding counts 60 as 1.002, not 1: write 1/60 if that is meant."
            ),
        ),
    ],
)
def test_words_say_what_a_unit_is(changes: dict[str, str], says: str) -> None:
    """A unit of sixty minutes is said with the price, and a factor that only comes near a fraction is pointed out."""
    assert Charge("minutes", "per_unit", unit_price=10, **changes).describe() == says


@pytest.mark.parametrize(
    ("factor", "meant"),
    [
        ("0.016666666666666666667", "1/60"), ("0.016666666666666666", "1/60"), ("0.0166667", "1/60"),
        ("0.000976563", "1/1024"), ("0.333", "1/3"), ("0.67", "2/3"), ("0.001", None), ("0.0009765625", None),
        ("0.7", None), ("0.12", None), ("0.0125", None), ("1.5", None), ("1/60", None), ("1000", None),
    ],
)  # fmt: skip
def test_a_factor_that_stands_for_a_fraction_is_told(factor: str, meant: str | None) -> None:
    """Only a rounded factor with so many digits that they cannot be chance is taken for a fraction."""
    charge = Charge("minutes", "per_unit", unit_price=1, unit_factor=factor, rounding="up")
    assert fraction_meant(charge) == (None if meant is None else Fraction(meant))
    assert fraction_meant(charge.with_(rounding=None)) is None


def test_plain_words_tell_the_whole_price() -> None:
    """The description names every price, bound and condition."""
    charge = Charge("rows", "graduated", bands=(Band(10, "0.005", 2), Band(None, "0.003")), free_units=5, maximum=900)
    assert charge.describe() == (
        "Each row at the price of its band: up to 10 $0.005 plus $2; above that $0.003. "
        "The first 5 are included. At most $900 a month."
    )
