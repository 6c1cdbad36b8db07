"""Models billed over the history: calibration, closed forms, what is kept as recorded."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.needs import carried, recent_peak, recently_used
from workbench.impact import account_months
from workbench.pricing import AddOn, Band, Charge, Limit, Plan, PriceBook
from workbench.stages.model_fit.decision import DEFAULT_WEIGHTS
from workbench.stages.model_fit.evidence import compare_models, first_known_month, model_bills
from workbench.stages.model_fit.models import Shape, factor, power_bands, scaled_book, shapes
from workbench.stages.offers import AddOnChoice, AddOnDecision, Tier, TierDecision, ValueMetricDecision
from workbench.stages.usage import Current, read_billing_history
from workbench.stats import rank_correlation

if TYPE_CHECKING:
    from workbench.impact import AccountMonths
    from workbench.stages.model_fit.evidence import ModelFitEvidence
    from workbench.stages.usage import BillingHistory
    from workbench.study import Scenario


def company_of(
    quantities: list[list[float]], recorded: list[list[float]] | None = None, uses: list | None = None
) -> tuple[BillingHistory, AccountMonths]:
    """Return a company with one metric named data; an account is a customer while it pays (or uses)."""
    months = pd.date_range("2024-01-01", periods=len(quantities[0]), freq="MS")
    ids = [f"c{row}" for row in range(len(quantities))]
    tables = {"accounts": pd.DataFrame({"account_id": ids})}
    grid = [(ids[row], month, row, at) for row in range(len(ids)) for at, month in enumerate(months)]
    usage = [(name, month, "data", quantities[row][at]) for name, month, row, at in grid]
    tables["usage"] = pd.DataFrame(usage, columns=["account_id", "month", "metric", "quantity"]).dropna()
    if recorded is not None:
        paid = [(name, month, float(recorded[row][at])) for name, month, row, at in grid]
        tables["mrr"] = pd.DataFrame(paid, columns=["account_id", "month", "amount"])
    if uses is not None:
        monday = [month + pd.Timedelta(days=(7 - month.day_of_week) % 7) for month in months]
        seen = [(name, monday[at], f"f{n}", many) for name, _, row, at in grid for n, many in enumerate(uses[row][at])]
        tables["feature_use"] = pd.DataFrame(seen, columns=["account_id", "week", "feature", "uses"])
    base = CustomerBase.from_tables(tables)
    rows = account_months(base, gaps="last")
    return read_billing_history(base, rows), rows


def bills_under(
    book: PriceBook, company: tuple[BillingHistory, AccountMonths], **settings: list[str]
) -> list[list[float]]:
    """Return what the accounts of a small company would have been billed."""
    return model_bills(book, company[1], **settings).tolist()


def per_unit(price: float, *, metered: bool = True, **plan: object) -> Shape:
    """Return a model that charges one price per unit."""
    book = PriceBook("B", "USD", (Plan("P", 0, charges=(Charge("data", "per_unit", unit_price=price),), **plan),))
    return Shape("usage_based", ((book, 1.0),), frozenset({"data"} if metered else ()), ("per unit",))


@pytest.mark.parametrize("metric", [None, "seats", "data"])
def test_every_model_earns_the_target(company_evidence: ModelFitEvidence, design: Scenario, metric: str | None) -> None:
    """In the calibration months each model earns what is on record, to 12 digits, whatever metric is decided."""
    scenario = design if metric is None else design.with_decision(ValueMetricDecision(metric=metric))
    comparison = company_evidence.replay(scenario).comparison
    assert {model.key for model in comparison.models} == {"value_metric", "tiered", "add_on", "usage_based", "hybrid"}
    recorded = company_evidence.history.recorded[comparison.population, -3:].sum() / 3
    assert comparison.target == pytest.approx(recorded)
    for model in comparison.models:
        assert model.calibrated == pytest.approx(comparison.target, rel=1e-12)
        assert model.path.revenue[-3:].sum() / 3 == pytest.approx(comparison.target, rel=1e-12)


def test_the_calibrated_price_books_bill_what_the_paths_show(
    company_evidence: ModelFitEvidence, design: Scenario
) -> None:
    """Billing the history under the calibrated price books gives the path that was measured."""
    comparison = company_evidence.replay(design).comparison
    rows = account_months(company_evidence.base, gaps="last")
    start = company_evidence.history.size[1] - len(comparison.months)
    for model, metered in (("tiered", ()), ("add_on", ()), ("usage_based", ("data",))):
        shown = comparison.model(model)
        again = sum(model_bills(book, rows, metered=metered) for book in shown.books)
        assert again[comparison.population, start:] == pytest.approx(shown.path.bills, rel=1e-9)


def test_base_and_usage_each_bring_a_fifth_of_a_hybrid(company_evidence: ModelFitEvidence, design: Scenario) -> None:
    """A hybrid is one: base and usage each bring at least a fifth of what is billed, in the share it says."""
    replay = company_evidence.replay(design)
    hybrid, shares = replay.comparison.model("hybrid"), replay.brought.drafts["hybrid"].shares
    base = model_bills(hybrid.books[0], account_months(company_evidence.base, gaps="last"))[:, -3:].sum()
    assert min(shares) >= 0.2 * 0.9  # tuned on every eighth draw, told on all of them
    assert base / (3 * hybrid.calibrated) == pytest.approx(shares[0], rel=1e-9)


def test_pricing_what_was_recorded_reproduces_the_record() -> None:
    """A price per unit on the quantity that was paid for gives back the record: no change for anyone."""
    usage = [[10, 12, 14, 20], [5, 5, 6, 6]]
    recorded = [[30, 36, 42, 60], [15, 15, 18, 18]]
    (model,) = compare_models(*company_of(usage, recorded), (per_unit(1),), currency="USD").models
    assert model.path.bills == pytest.approx(np.array(recorded, dtype=float))
    assert model.change == pytest.approx([0, 0], abs=1e-12)
    assert model.books[0].plans[0].charges[0].unit_price == Decimal(3)
    assert (model.share_up, model.share_down) == (0, 0)


def test_calibration_does_not_hang_on_the_price_level_it_starts_from() -> None:
    """A model at ten times the price ends at the same bills."""
    company = company_of([[10, 12, 14], [5, 9, 6]], [[30, 30, 42], [15, 15, 18]])
    one = compare_models(*company, (per_unit(1),), currency="USD").models[0]
    ten = compare_models(*company, (per_unit(10),), currency="USD").models[0]
    assert one.path.bills == pytest.approx(ten.path.bills)


def test_a_subscription_follows_the_peak_of_three_months() -> None:
    """Unless metered, a month is billed on the highest quantity of it and the two before."""
    usage = [[10, 2, 2, 2, 2]]
    book = per_unit(1, metered=False).parts[0][0]
    assert bills_under(book, company_of(usage)) == [[10, 10, 10, 2, 2]]
    assert bills_under(book, company_of(usage), metered=["data"]) == [[10, 2, 2, 2, 2]]


def test_tiers_follow_needs_and_nobody_is_billed_when_no_customer() -> None:
    """An account moves to the tier that holds its recent peak; months without a customer are 0."""
    small = Plan("Small", 10, limits=(Limit("data", 5),))
    book = PriceBook("B", "USD", (small, Plan("Large", 30)))
    assert bills_under(book, company_of([[0, 4, 6, 5, 5, 5]])) == [[0, 10, 30, 30, 30, 10]]


def test_add_ons_are_billed_while_their_features_are_used() -> None:
    """An add-on costs in the months its features are used (and the two after), unless the plan includes them."""
    uses = [[[5, 5], [0, 5], [0, 5], [0, 5]]]
    add_ons = (AddOn("A", 7, features=("f0",)), AddOn("B", 9, features=("f1",)))
    book = PriceBook("B", "USD", (Plan("P", 20, features=("f1",)),), add_ons)
    assert bills_under(book, company_of([[1, 1, 1, 1]], uses=uses)) == [[27, 27, 27, 20]]


def test_a_week_of_use_counts_in_the_month_it_ends_in() -> None:
    """Needs are those of a replay: a week that begins in January and ends in February is one of February."""
    usage = pd.DataFrame(
        {
            "account_id": "c0",
            "month": pd.date_range("2024-01-01", periods=4, freq="MS"),
            "metric": "data",
            "quantity": 1.0,
        }
    )
    week = pd.DataFrame({"account_id": ["c0"], "week": [pd.Timestamp("2024-01-29")], "feature": ["f0"], "uses": [9]})
    tables = {"accounts": pd.DataFrame({"account_id": ["c0"]}), "usage": usage, "feature_use": week}
    rows = account_months(CustomerBase.from_tables(tables))
    book = PriceBook("B", "USD", (Plan("P", 20),), (AddOn("A", 7, features=("f0",)),))
    assert model_bills(book, rows).tolist() == [[20, 27, 27, 27]]


def test_what_later_stages_decide_changes_nothing(company_evidence: ModelFitEvidence, design: Scenario) -> None:
    """The models are drafts from the data: with tiers and add-ons decided they and their ranking are the same."""
    before = company_evidence.replay(design)
    add_on = AddOnChoice(id="map", name="Map builder", features=("Map",), price=Decimal(20))
    tiers = (
        Tier(id="s", name="S", price=Decimal(10), limits={"data": Decimal(200)}),
        Tier(id="l", name="L", price=Decimal(40)),
    )
    later = design.with_decision(TierDecision(tiers=tiers, needs_months=1))
    later = later.with_decision(AddOnDecision(add_ons=(add_on,), core_tier="s"))
    assert company_evidence.replay(later) is before
    ranked = [company_evidence.scores(each, DEFAULT_WEIGHTS).ranking for each in (design, later)]
    assert ranked[0] == ranked[1]


def test_modules_can_be_sold_without_a_paid_core(company_evidence: ModelFitEvidence, design: Scenario) -> None:
    """With the core at nothing only users of an add-on's features are billed, and the model still earns the target."""
    replay = company_evidence.replay(design)
    draft = replay.brought.drafts["add_on"]
    alone = replace(draft, prices=np.r_[0.0, np.full(len(draft.prices) - 1, 5.0)])
    (shape,) = shapes(replay.choice, Current({}, {}), "USD", {"add_on": alone})
    assert "sold on its own" in shape.how[0]
    history, rows = company_evidence.history, company_evidence.rows
    (model,) = compare_models(history, rows, (shape,), currency="USD").models
    assert model.calibrated == pytest.approx(replay.comparison.target)
    share = float((model.path.bills[:, -1] > 0).sum() / history.active[:, -1].sum())
    assert 0 < share < 1


@pytest.mark.parametrize("metric", ["seats", "data"])
def test_no_model_is_flat_because_the_decided_metric_is_todays(
    company_evidence: ModelFitEvidence, design: Scenario, metric: str
) -> None:
    """Core, tiers and the hybrid's base stay priced per seat, whichever metric is decided: bills grow with size."""
    scenario = design.with_decision(ValueMetricDecision(metric=metric))
    replay = company_evidence.replay(scenario)
    assert replay.choice.size_metric == "seats"
    seats = np.nan_to_num(company_evidence.history.usage["seats"][replay.comparison.population, -1])
    here = seats > 0
    for model in replay.comparison.models:
        bills = model.path.bills[here, -1]
        assert rank_correlation(bills, seats[here]).estimate > 0.5, model.key


def test_a_price_on_request_keeps_what_is_on_record() -> None:
    """Months that only a plan on request holds keep the recorded amount, and are counted."""
    book = PriceBook("B", "USD", (Plan("S", 1, limits=(Limit("data", 5),)), Plan("Custom", None)))
    shape = Shape("tiered", ((book, 1.0),), frozenset(), ("tiers",))
    company = company_of([[1, 1, 1], [9, 9, 9]], [[10, 10, 10], [70, 80, 90]])
    (model,) = compare_models(*company, (shape,), currency="USD").models
    assert model.path.bills[1].tolist() == [70, 80, 90]
    assert model.path.bills[0] == pytest.approx([10, 10, 10])
    assert model.kept == 0.5


def test_without_revenue_on_record_the_result_is_an_index() -> None:
    """No record: each customer month is worth 100 on average, nobody's change is known."""
    comparison = compare_models(*company_of([[1, 2, 3], [3, 2, 1]]), (per_unit(1),), currency="USD")
    assert (comparison.unit, comparison.recorded, comparison.target) == ("index", None, 200)
    assert np.isnan(comparison.models[0].change).all()
    assert np.isnan(comparison.models[0].share_up)


def test_a_model_that_bills_nothing_is_named_and_left_out() -> None:
    """A free offer cannot be calibrated; the comparison says so instead of dividing by zero."""
    comparison = compare_models(*company_of([[1, 2, 3]], [[5, 5, 5]]), (per_unit(0),), currency="USD")
    assert comparison.models == ()
    assert "Usage-based" in comparison.not_built[0]


def test_a_metric_counted_from_later_on_starts_the_comparison_there() -> None:
    """Months before nearly all customers have a record of the metric are left out, not their accounts."""
    unknown = float("nan")
    company = company_of([[unknown, unknown, 2, 2, 2, 2]] * 3, [[9, 9, 9, 9, 9, 9]] * 3)
    assert first_known_month(company[0], {"data"}) == 2
    comparison = compare_models(*company, (per_unit(1),), currency="USD")
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
