"""Models billed over the history: calibration, closed forms, what is kept as recorded."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers.windows import carried, recent_peak, recently_used
from workbench.pricing import AddOn, Band, Charge, Limit, Plan, PriceBook
from workbench.stages.add_ons.decision import AddOnChoice, AddOnDecision
from workbench.stages.model_fit.billing import bill_history
from workbench.stages.model_fit.comparison import compare, first_known_month
from workbench.stages.model_fit.history import History
from workbench.stages.model_fit.offers import power_bands
from workbench.stages.model_fit.scaling import factor, scaled_book
from workbench.stages.model_fit.shapes import Shape
from workbench.stages.tiers.decision import Tier, TierDecision
from workbench.stages.value_metric.decision import ValueMetricDecision

if TYPE_CHECKING:
    from workbench.stages.model_fit.evidence import Evidence
    from workbench.study import Scenario


def history_of(
    quantities: list[list[float]], recorded: list[list[float]] | None = None, uses: list | None = None
) -> History:
    """Return a history of one metric named data; an account is a customer while it pays (or uses)."""
    usage = np.array(quantities, dtype=float)
    paid = None if recorded is None else np.array(recorded, dtype=float)
    months = pd.date_range("2024-01-01", periods=usage.shape[1], freq="MS")
    active = usage > 0 if paid is None else paid > 0
    ids = np.array([f"c{row}" for row in range(len(usage))], dtype=object)
    names = () if uses is None else tuple(f"f{n}" for n in range(np.shape(uses)[2]))
    return History(ids, months, active, paid, {"data": carried(usage)}, {}, names,
                   None if uses is None else np.array(uses, dtype=float))  # fmt: skip


def per_unit(price: float, *, metered: bool = True, **plan: object) -> Shape:
    """Return a model that charges one price per unit."""
    book = PriceBook("B", "USD", (Plan("P", 0, charges=(Charge("data", "per_unit", unit_price=price),), **plan),))
    return Shape("usage_based", ((book, 1.0),), frozenset({"data"} if metered else ()), ("per unit",))


@pytest.mark.parametrize("metric", [None, "seats", "data"])
def test_every_model_earns_the_target(company_evidence: Evidence, design: Scenario, metric: str | None) -> None:
    """In the calibration months each model earns what is on record, to 12 digits, whatever metric is decided."""
    scenario = design if metric is None else design.with_decision(ValueMetricDecision(metric=metric))
    comparison = company_evidence.replay(scenario).comparison
    assert {model.key for model in comparison.models} == {"value_metric", "tiered", "add_on", "usage_based", "hybrid"}
    recorded = company_evidence.history.recorded[comparison.population, -3:].sum() / 3
    assert comparison.target == pytest.approx(recorded)
    for model in comparison.models:
        assert model.calibrated == pytest.approx(comparison.target, rel=1e-12)
        assert model.path.revenue[-3:].sum() / 3 == pytest.approx(comparison.target, rel=1e-12)


def test_the_calibrated_price_books_bill_what_the_paths_show(company_evidence: Evidence, design: Scenario) -> None:
    """Billing the history under the calibrated price books gives the path that was measured."""
    comparison = company_evidence.replay(design).comparison
    start = company_evidence.history.size[1] - len(comparison.months)
    for model, metered in (("tiered", ()), ("add_on", ()), ("usage_based", ("data",))):
        shown = comparison.model(model)
        again = sum(bill_history(book, company_evidence.history, metered=metered).bills for book in shown.books)
        assert again[comparison.population, start:] == pytest.approx(shown.path.bills, rel=1e-9)


def test_a_hybrid_brings_its_base_share(company_evidence: Evidence, design: Scenario) -> None:
    """Six tenths of a hybrid's calibrated revenue come from its base and four from usage."""
    hybrid = company_evidence.replay(design).comparison.model("hybrid")
    base = bill_history(hybrid.books[0], company_evidence.history).bills[:, -3:].sum()
    assert base / (3 * hybrid.calibrated) == pytest.approx(0.6, rel=1e-9)


def test_pricing_what_was_recorded_reproduces_the_record() -> None:
    """A price per unit on the quantity that was paid for gives back the record: no change for anyone."""
    usage = [[10, 12, 14, 20], [5, 5, 6, 6]]
    recorded = [[30, 36, 42, 60], [15, 15, 18, 18]]
    (model,) = compare(history_of(usage, recorded), (per_unit(1),), currency="USD").models
    assert model.path.bills == pytest.approx(np.array(recorded, dtype=float))
    assert model.change == pytest.approx([0, 0], abs=1e-12)
    assert model.books[0].plans[0].charges[0].unit_price == Decimal(3)
    assert (model.share_up, model.share_down) == (0, 0)


def test_calibration_does_not_hang_on_the_price_level_it_starts_from() -> None:
    """A model at ten times the price ends at the same bills."""
    history = history_of([[10, 12, 14], [5, 9, 6]], [[30, 30, 42], [15, 15, 18]])
    one = compare(history, (per_unit(1),), currency="USD").models[0]
    ten = compare(history, (per_unit(10),), currency="USD").models[0]
    assert one.path.bills == pytest.approx(ten.path.bills)


def test_a_subscription_follows_the_peak_of_three_months() -> None:
    """Unless metered, a month is billed on the highest quantity of it and the two before."""
    usage = [[10, 2, 2, 2, 2]]
    book = per_unit(1, metered=False).parts[0][0]
    assert bill_history(book, history_of(usage)).bills[0].tolist() == [10, 10, 10, 2, 2]
    assert bill_history(book, history_of(usage), metered=["data"]).bills[0].tolist() == [10, 2, 2, 2, 2]


def test_tiers_follow_needs_and_nobody_is_billed_when_no_customer() -> None:
    """An account moves to the tier that holds its recent peak; months without a customer are 0 with no plan."""
    small = Plan("Small", 10, limits=(Limit("data", 5),))
    book = PriceBook("B", "USD", (small, Plan("Large", 30)))
    billed = bill_history(book, history_of([[0, 4, 6, 5, 5, 5]]))
    assert billed.bills[0].tolist() == [0, 10, 30, 30, 30, 10]
    assert billed.plan_index[0].tolist() == [-1, 0, 1, 1, 1, 0]


def test_add_ons_are_billed_while_their_features_are_used() -> None:
    """An add-on costs in the months its features are used (and the two after), unless the plan includes them."""
    uses = [[[5, 5], [0, 5], [0, 5], [0, 5]]]
    add_ons = (AddOn("A", 7, features=("f0",)), AddOn("B", 9, features=("f1",)))
    book = PriceBook("B", "USD", (Plan("P", 20, features=("f1",)),), add_ons)
    billed = bill_history(book, history_of([[1, 1, 1, 1]], uses=uses))
    assert billed.bills[0].tolist() == [27, 27, 27, 20]
    assert billed.add_on_bills[0].tolist() == [7, 7, 7, 0]


def test_decided_add_ons_keep_their_share_of_the_core(company_evidence: Evidence, design: Scenario) -> None:
    """An add-on at a quarter of the core tier costs a quarter of the core for each seat, whatever the level."""
    tier = Tier(id="core", name="Core", price=Decimal(80))
    add_on = AddOnChoice(id="map", name="Map builder", features=("Map",), price=Decimal(20))
    scenario = design.with_decision(TierDecision(tiers=(tier,)))
    scenario = scenario.with_decision(AddOnDecision(add_ons=(add_on,), core_tier="core"))
    book = company_evidence.replay(scenario).comparison.model("add_on").books[0]
    core, sold = book.plans[0].charges[0], book.add_ons[0].charges[0]
    assert core.metric == sold.metric == "seats"
    assert sold.unit_price / core.unit_price == Decimal("0.25")
    assert "Map" not in book.plans[0].features


def test_decided_tiers_are_billed_as_decided(company_evidence: Evidence, design: Scenario) -> None:
    """The tiered model takes the decided tiers: their price steps stay, only the level is calibrated."""
    tiers = (
        Tier(id="s", name="S", price=Decimal(10), limits={"data": Decimal(200)}),
        Tier(id="l", name="L", price=Decimal(40)),
    )
    model = company_evidence.replay(design.with_decision(TierDecision(tiers=tiers))).comparison.model("tiered")
    small, large = model.books[0].plans
    assert large.base_fee / small.base_fee == 4
    assert small.limits == (Limit("data", 200),)
    assert "decided" in model.how[0]


def test_a_price_on_request_keeps_what_is_on_record() -> None:
    """Months that only a plan on request holds keep the recorded amount, and are counted."""
    book = PriceBook("B", "USD", (Plan("S", 1, limits=(Limit("data", 5),)), Plan("Custom", None)))
    shape = Shape("tiered", ((book, 1.0),), frozenset(), ("tiers",))
    history = history_of([[1, 1, 1], [9, 9, 9]], [[10, 10, 10], [70, 80, 90]])
    (model,) = compare(history, (shape,), currency="USD").models
    assert model.path.bills[1].tolist() == [70, 80, 90]
    assert model.path.bills[0] == pytest.approx([10, 10, 10])
    assert model.kept == 0.5


def test_without_revenue_on_record_the_result_is_an_index() -> None:
    """No record: each customer month is worth 100 on average, nobody's change is known."""
    comparison = compare(history_of([[1, 2, 3], [3, 2, 1]]), (per_unit(1),), currency="USD")
    assert (comparison.unit, comparison.recorded, comparison.target) == ("index", None, 200)
    assert np.isnan(comparison.models[0].change).all()
    assert np.isnan(comparison.models[0].share_up)


def test_a_model_that_bills_nothing_is_named_and_left_out() -> None:
    """A free offer cannot be calibrated; the comparison says so instead of dividing by zero."""
    comparison = compare(history_of([[1, 2, 3]], [[5, 5, 5]]), (per_unit(0),), currency="USD")
    assert comparison.models == ()
    assert "Usage-based" in comparison.not_built[0]


def test_a_metric_counted_from_later_on_starts_the_comparison_there() -> None:
    """Months before nearly all customers have a record of the metric are left out, not their accounts."""
    unknown = float("nan")
    history = history_of([[unknown, unknown, 2, 2, 2, 2]] * 3, [[9, 9, 9, 9, 9, 9]] * 3)
    assert first_known_month(history, {"data"}) == 2
    comparison = compare(history, (per_unit(1),), currency="USD")
    assert (len(comparison.months), int(comparison.population.sum())) == (4, 3)


def test_gaps_are_filled_forward_and_never_backward() -> None:
    """A missing month takes the last known quantity; before the first record nothing is known."""
    filled = carried(np.array([[np.nan, 3, np.nan, np.nan, 5]]))
    assert np.isnan(filled[0, 0])
    assert filled[0, 1:].tolist() == [3, 3, 3, 5]


def test_recent_peak_and_recent_use_look_back_only() -> None:
    """Windows reach two months back and never forward."""
    assert recent_peak(np.array([[1.0, 5, 2, 1, 0, 0]])).tolist() == [[1, 5, 5, 5, 2, 1]]
    uses = np.array([[[0.0], [2], [1], [0], [0]]])
    assert recently_used(uses, 3)[0, :, 0].tolist() == [False, False, True, True, False]


@pytest.mark.parametrize("ratio", [5.0, 6.5, 7.5])
def test_bands_follow_the_power_curve(ratio: float) -> None:
    """Ten times the quantity pays the ratio, exactly, from the 5th to the 95th percentile of use; prices fall."""
    quantities = np.array([3.0, 40, 900, 20000])
    bands = power_bands(quantities, ratio)
    charge = Charge("data", "graduated", bands=bands)
    used = np.geomspace(*np.quantile(quantities, (0.05, 0.95)), 60)
    assert charge.amounts(used * 10) / charge.amounts(used) == pytest.approx(ratio, rel=1e-9)
    prices = [band.unit_price for band in bands]
    assert prices == sorted(prices, reverse=True)


def test_scaling_multiplies_every_kind_of_charge() -> None:
    """Twice the prices are twice the bills, for every charge model, cap, floor and add-on."""
    charges = (
        Charge("data", "flat", fixed_fee=5),
        Charge("data", "per_unit", unit_price="0.3", free_units=2, minimum=1, maximum=40, discount_percent=10),
        Charge("data", "graduated", bands=(Band(10, 2, 1), Band(None, 1, 3))),
        Charge("data", "volume", bands=(Band(10, 2), Band(None, "1.5"))),
        Charge("data", "package", package_size=10, package_price=7),
        Charge("data", "percentage", rate_percent=2, fixed_fee=1),
        Charge("data", "graduated_percentage", bands=(Band(50, 0, 0, 2), Band(None, 0, 0, 1))),
    )
    book = PriceBook("B", "USD", (Plan("P", 10, charges=charges), Plan("Custom", None)), (AddOn("A", 3),))
    twice = scaled_book(book, factor(2.0))
    units = {"data": np.array([0.0, 1, 9, 10, 11, 500])}
    assert twice.plans[0].bills(units) == pytest.approx(2 * book.plans[0].bills(units))
    assert twice.add_ons[0].base_fee == 6
    assert twice.plans[1].base_fee is None
