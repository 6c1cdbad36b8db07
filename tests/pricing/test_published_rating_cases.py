"""Rating cases published in the test suites and documentation of billing engines, all of them."""

from __future__ import annotations

import datetime as dt
import json
import os
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from workbench.pricing import Band, Charge, Limit, Plan, PriceBook, place
from workbench.pricing.charge import (
    after_credits,
    fixed_discount,
    percentage_discount,
    share_of_days,
    share_of_period,
    true_up,
)

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))
FILE = ORACLES / "rating_vectors.json"
BANDED = {"graduated", "volume", "graduated_percentage"}
# These need the events or the days behind a total, which a charge on a period's quantity does not have.
NEED_EVENTS = {
    "percentage",
    "graduated_prorated",
    "dynamic",
    "graduated_tier_slice",
    "graduated_percentage_tier_slice",
    "bucketed_volume",
    "bucketed_graduated",
    "bucketed_package",
    "commitment_overage_factor",
    "proration_change",
    "proration_cycles",
}


def _cases() -> list:
    if not FILE.exists():
        reason = f"the published cases are not at {FILE}; set WORKBENCH_ORACLES to their folder"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["id"]) for case in found if case["cls"] == "core"]


def _charge(case: dict) -> Charge:
    model, params = case["model"], case["params"]
    common = {
        "minimum": params.get("minimum_spend"),
        "maximum": params.get("maximum_spend"),
        "free_units": params.get("free_units") or 0,
        # Where the expected amount at zero has no fee although the first tier has one, the engine does not charge it.
        "first_flat_fee_at_zero": case.get("zero_units", "charge_first_tier_flat") == "charge_first_tier_flat",
    }
    if conversion := params.get("unit_conversion"):
        common["unit_factor"] = f"1/{conversion['divide_by']}"
        common["rounding"] = conversion["round"]
    if model in BANDED:
        return Charge("units", model, bands=_bands(params["tiers"]), **common)
    if model in {"package", "package_count"}:
        common["package_rounding"] = params.get("round", "up")
        price = params.get("package_price", 1)
        return Charge("units", "package", package_size=params["package_size"], package_price=price, **common)
    if model == "percentage_single_event":
        common |= {"minimum": params["min"], "maximum": params["max"]}
        return Charge("units", "percentage", rate_percent=params["rate_pct"], fixed_fee=params["fixed"], **common)
    if model == "flat":
        return Charge("units", "flat", fixed_fee=params["amount"])
    price = {"per_unit": params.get("unit"), "multiplier": params.get("multiplier"), "free_units": 1}[model]
    return Charge("units", "per_unit", unit_price=price, **common)


def _bands(tiers: list[dict]) -> tuple[Band, ...]:
    return tuple(
        Band(tier["up_to"], tier.get("unit") or 0, tier.get("flat") or 0, tier.get("rate_pct") or 0) for tier in tiers
    )


def _block_tiers_all(case: dict) -> Decimal:
    """Bill consumable blocks: one package charge per tier, capped at the tier's blocks, after the units below it."""
    total, below = Decimal(0), Decimal(0)
    tiers = case["params"]["tiers"]
    for number, tier in enumerate(tiers):
        size, price = Decimal(tier["block_size"]), Decimal(tier["block_price"])
        cap = None if tier["max_blocks"] is None or number == len(tiers) - 1 else Decimal(tier["max_blocks"]) * price
        charge = Charge("units", "package", package_size=size, package_price=price, free_units=below, maximum=cap)
        total += charge.amount(case["units"])
        below += size * Decimal(tier["max_blocks"] or 0)
    return total


def _block_tiers_top(case: dict) -> Decimal:
    """Bill all blocks at the tier reached: a volume charge on whole blocks of the smallest size."""
    tiers = case["params"]["tiers"]
    smallest = Decimal(tiers[0]["block_size"])
    bands, reached = [], Decimal(0)
    for number, tier in enumerate(tiers):
        blocks = Decimal(tier["block_size"]) / smallest
        reached += blocks * Decimal(tier["max_blocks"])
        bands.append(Band(None if number == len(tiers) - 1 else reached, Decimal(tier["block_price"]) / blocks))
    return Charge("units", "volume", bands=bands, unit_factor=1 / Fraction(smallest), rounding="up").amount(
        case["units"]
    )


def _capacity(case: dict) -> float:
    """Bill peak capacity: the cheapest plan whose inclusive limits hold."""
    plans = [
        Plan(f"tier {number}", tier["price"], limits=[Limit(m, most) for m, most in tier["max"].items()])
        for number, tier in enumerate(case["params"]["tiers"])
    ]
    book = PriceBook("capacity", "USD", tuple(plans))
    return float(place(book, {metric: [float(units)] for metric, units in case["units"].items()}).bill[0])


def _adjusted(case: dict) -> Decimal:
    params = case["params"]
    if case["model"] == "coupon_fixed":
        return fixed_discount(case["base"], params["amount"])
    if case["model"] == "coupon_percentage":
        return percentage_discount(case["base"], params["rate_pct"])
    share = share_of_days(params.get("days", 1), params.get("period_days", 1))
    if case["model"] == "minimum_true_up":
        return true_up(params["minimum"], params["used"], share)
    return true_up(params["commitment"], params["usage"], share, fees=params["plan_fee"])


def _amount(case: dict) -> Decimal:
    model = case["model"]
    if model == "block_tier_all":
        return _block_tiers_all(case)
    if model == "block_tier_top":
        return _block_tiers_top(case)
    if model == "capacity_tier":
        return Decimal(str(_capacity(case)))
    if model in {"coupon_fixed", "coupon_percentage", "minimum_true_up", "plan_commitment_true_up"}:
        return _adjusted(case)
    if model == "proration_days":
        params = case["params"]
        start, end = dt.date.fromisoformat(params["start"]), dt.date.fromisoformat(params["end"])
        share = share_of_period(start, end, params["period_days"])
        return Decimal(share.numerator) / Decimal(share.denominator)
    amount = _charge(case).amount(case["units"])
    return after_credits(amount, case["params"].get("prepaid_credits", ()))


@pytest.mark.parametrize("case", _cases())
def test_every_published_core_case_is_billed_to_the_digit(case: dict) -> None:
    """The amount equals the published one, rounded only where the source rounds."""
    amount = _amount(case)
    expected = Decimal(case["expected"])
    if digits := case.get("round"):
        amount = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    assert amount == expected
    if "expected_this_line" in case:
        assert _this_line(case, amount) == Decimal(case["expected_this_line"])


def _this_line(case: dict, amount: Decimal) -> Decimal:
    """Return what is new on the bill when part of the period was billed before."""
    if "previously_billed" in case:
        return amount - Decimal(case["previously_billed"])
    return amount - _charge(case).amount(case["previous_units"])


@pytest.mark.skipif(not FILE.exists(), reason=f"the published cases are not at {FILE}")
def test_only_cases_that_need_events_or_days_are_left_out() -> None:
    """Every model of the published file is either billed above or listed as needing more than a quantity."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    extended = {case["model"] for case in found if case["cls"] != "core"}
    assert extended <= NEED_EVENTS | {"graduated"}
