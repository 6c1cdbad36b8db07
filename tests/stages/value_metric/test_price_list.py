"""The rules on what ten times the use costs judge the price list customers are billed by."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.pricing import Charge
from workbench.rules.charging import caps_and_calculator, free_baseline
from workbench.stages import value_metric
from workbench.stages.offers import Tier, TierDecision, ValueMetricDecision
from workbench.stages.value_metric.result import read_curve
from workbench.study import Scenario

if TYPE_CHECKING:
    from workbench.stages.value_metric.result import ValueMetricResult

MONTHS = pd.date_range("2024-01-01", periods=12, freq="MS")
SIZES = np.array([4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 36.0, 40.0, 45.0])


@pytest.fixture
def base() -> CustomerBase:
    """Return twelve accounts whose rows grow by 10% a month to SIZES, each with five seats at 20."""
    ids = [f"a{place}" for place in range(len(SIZES))]
    steps = 1.1 ** np.arange(-11, 1)
    rows = SIZES[:, None] * steps
    usage = pd.DataFrame(
        {
            "account_id": np.repeat(ids, 12),
            "month": np.tile(MONTHS, len(ids)),
            "metric": "rows",
            "quantity": rows.ravel(),
        }
    )
    seats = usage.assign(metric="seats", quantity=5.0)
    mrr = usage[["account_id", "month"]].assign(amount=100.0, currency="USD")
    return CustomerBase.from_tables(
        {"accounts": pd.DataFrame({"account_id": ids}), "usage": pd.concat([usage, seats]), "mrr": mrr}
    )


def tier(name: str, price: str, **terms: object) -> Tier:
    """Return a tier priced per account unless told otherwise."""
    return Tier(id=name.lower(), name=name, price=Decimal(price), **terms)


def evaluated(base: CustomerBase, *tiers: Tier, **settings: object) -> ValueMetricResult:
    """Evaluate a design on the metric rows with these tiers."""
    scenario = Scenario(id="d", name="D").with_decision(ValueMetricDecision(metric="rows", **settings))
    if tiers:
        scenario = scenario.with_decision(TierDecision(tiers=tiers))
    return value_metric.evaluate(base, scenario)


def found(result: ValueMetricResult, rule: str):  # noqa: ANN201 - a Finding
    """Return the finding of a rule."""
    return next(each for each in result.findings if each.rule_id == rule)


def test_a_price_per_seat_does_not_grow_with_rows(base: CustomerBase) -> None:
    """Whatever curve was accepted, ten times the rows cost the same on a list per seat: VM3 fails, VM6 says why."""
    charge = Charge("rows", "per_unit", unit_price=5)
    result = evaluated(base, tier("One", "20", price_per="seats"), charge=charge)
    assert result.price_list.typical_ratio == 1.0
    assert found(result, "VM3").status == found(result, "U2").status == "breach"
    share = found(result, "VM6")
    assert (share.status, share.measured) == ("breach", 0.0)
    assert "0% of the price list's revenue is charged by rows, 100% by seats." in share.evidence


def test_a_jump_of_tiers_is_part_of_the_bill(base: CustomerBase) -> None:
    """Ten times the rows of an account below the limit land it in the next tier: the ratio is that of the prices."""
    result = evaluated(base, tier("Small", "30", limits={"rows": Decimal(100)}), tier("Large", "90"))
    jumps = SIZES * 10 > 100
    np.testing.assert_allclose(np.sort(result.price_list.own_ratios), np.sort(np.where(jumps, 3.0, 1.0)))
    assert "Rows only limit Small (100)." in found(result, "VM6").evidence


def test_fee_and_overage_make_the_ratio(base: CustomerBase) -> None:
    """A fee of 20 with 10 rows included and 2 for each more: bill(q) = 20 + 2 max(0, q - 10), at every account."""
    one = tier("One", "20", limits={"rows": Decimal(10)}, overage={"rows": Decimal(2)})
    result = evaluated(base, one)

    def bill(rows: np.ndarray) -> np.ndarray:
        return 20 + 2 * np.maximum(0, rows - 10)

    np.testing.assert_allclose(result.price_list.own_ratios, bill(10 * SIZES) / bill(SIZES))
    charged = bill(SIZES).sum() - 20 * len(SIZES)
    assert found(result, "VM6").measured == pytest.approx(charged / bill(SIZES).sum())
    assert found(result, "U1").measured == 10


def test_the_curve_is_judged_where_it_is_the_price_list(base: CustomerBase) -> None:
    """Without tiers customers are billed by the curve: ten at one price per unit, all revenue charged by rows."""
    result = evaluated(base, charge=Charge("rows", "per_unit", unit_price=5))
    np.testing.assert_allclose(result.price_list.own_ratios, 10.0)
    assert found(result, "VM6").measured == 1.0
    assert "The price grows with rows" in value_metric.summarise(ValueMetricDecision(metric="rows"), result)


def test_a_suggested_curve_meets_its_corridor_because_it_was_made_so(base: CustomerBase) -> None:
    """The starting point was solved for 7 to 8 times: that is set so, until somebody changes the curve."""
    scenario = Scenario(id="d", name="D")
    decision = value_metric.suggest(base, scenario)
    words = {}
    for name, each in (
        ("made", decision),
        ("changed", decision.replaced(charge=decision.charge.with_(discount_percent=1))),
    ):
        result = value_metric.evaluate(base, scenario.with_decision(each))
        words[name] = {each.rule_id: each.status_word for each in result.findings}
    assert words["made"]["VM3"] == "Set so"
    assert words["changed"]["VM3"] == "Met"


def test_a_curve_and_todays_payments_are_of_one_month(base: CustomerBase) -> None:
    """At 5 a row the curve earns 5 x the rows of the last month, not of a mean that growth has left behind."""
    result = evaluated(base, charge=Charge("rows", "per_unit", unit_price=5))
    assert result.curve.from_paying == pytest.approx(5 * SIZES.sum())
    assert result.curve.change == pytest.approx(5 * SIZES.sum() - 100 * len(SIZES))
    figure = next(each for each in result.key_figures if each.label == "Revenue on this curve")
    assert figure.change == pytest.approx(result.curve.change)
    assert "2024-12" in figure.period


def test_accounts_known_on_one_side_alone_are_on_neither(base: CustomerBase) -> None:
    """An account that pays but has no rows in the month is left out of both sides, and its payment is named."""
    frames = {name: base.frames[name] for name in ("accounts", "usage", "mrr")}
    usage = frames["usage"]
    gone = (usage["account_id"] == "a0") & (usage["metric"] == "rows") & (usage["month"] == MONTHS[-1])
    part = CustomerBase.from_tables({**frames, "usage": usage[~gone]})
    result = evaluated(part, charge=Charge("rows", "per_unit", unit_price=5))
    assert result.curve.change == pytest.approx(5 * SIZES[1:].sum() - 100 * (len(SIZES) - 1))
    assert any("$100 a month have no rows on record in 2024-12" in caution.text for caution in result.cautions)


def test_a_large_base_is_compared_exactly_on_one_price() -> None:
    """Means of groups keep both sides exact where the price per unit does not change."""
    quantity = np.exp(np.random.default_rng(3).normal(3, 1.2, 30_000))
    quantities = value_metric_quantities(quantity, np.where(np.arange(30_000) % 3, 2.0, np.nan))
    curve = read_curve(Charge("x", "per_unit", unit_price=2), quantities, target=None, is_accepted=True)
    known = np.arange(30_000) % 3 > 0
    assert curve.from_paying == pytest.approx(2 * quantity[known].sum(), rel=1e-9)
    assert curve.change == pytest.approx(2 * quantity[known].sum() - 2.0 * known.sum(), rel=1e-9)


def value_metric_quantities(quantity: np.ndarray, mrr: np.ndarray):  # noqa: ANN201 - Quantities
    """Describe accounts along a metric."""
    from workbench.stages.value_metric.evidence import summarise_quantities  # noqa: PLC0415 - used once

    return summarise_quantities(quantity, mrr)


def test_nothing_included_never_passes_as_at_least_nothing() -> None:
    """At 0 the rule is not met, and what it asks for is more than 0."""
    none = free_baseline("rows", included=0)
    assert none.status == "breach"
    assert "at least 0" not in none.remedy + none.threshold
    assert "more than 0 rows" in none.remedy
    assert free_baseline("rows", included=0, has_free_tier=True).status == "ok"
    assert free_baseline("rows", included=float("inf")).status == "ok"


def test_a_free_plan_on_the_list_is_a_free_baseline(base: CustomerBase) -> None:
    """U1 looks at the list: the free plan counts, and without it the first seat is paid for."""
    free = tier("Free", "0", limits={"rows": Decimal(5)})
    paid = tier("Paid", "20", price_per="seats")
    assert found(evaluated(base, free, paid), "U1").status == "ok"
    alone = found(evaluated(base, paid), "U1")
    assert (alone.status, alone.subject) == ("breach", "seats")


def test_a_bill_that_does_not_grow_needs_no_cap() -> None:
    """Where no bill grows with usage the calculator alone decides; where one does, both are asked for."""
    assert caps_and_calculator(has_cap=None, has_calculator=True, usage_charged=()).status == "ok"
    grows = caps_and_calculator(has_cap=False, has_calculator=True, usage_charged=("rows",))
    assert (grows.status, "Bills grow with rows." in grows.evidence) == ("watch", True)


def test_a_highest_amount_on_the_charge_is_a_cap(base: CustomerBase) -> None:
    """A maximum in the price list caps spending without anybody ticking a box."""
    charge = Charge("rows", "per_unit", unit_price=5, maximum=200)
    assert "There is a spending cap." in found(evaluated(base, charge=charge), "U3").evidence
