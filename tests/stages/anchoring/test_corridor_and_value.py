"""The corridor of each price, the economic value, and the age of prices."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from workbench.pricing import Band, Charge
from workbench.results import Interval
from workbench.stages.anchoring import Decision, evaluate, summarise
from workbench.stages.anchoring.decision import Differentiation, UsageProfile
from workbench.stages.anchoring.evidence import is_stale
from workbench.stages.anchoring.result import ListPrice, economic_value
from workbench.stages.offers import PER_ACCOUNT, AddOnChoice, AddOnDecision, Tier, TierDecision, ValueMetricDecision
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.rules import Finding
    from workbench.stages.anchoring.result import AnchoringResult


def item(name: str, low: float, high: float | None = None, per: str = PER_ACCOUNT, **more: object) -> Differentiation:
    """Return a differentiation item."""
    return Differentiation(id=name, label=name, low=low, high=low if high is None else high, per=per, **more)


def finding_of(result: AnchoringResult, rule: str, subject: str = "") -> Finding:
    """Return the finding of a rule on a subject."""
    return next(each for each in result.findings if each.rule_id == rule and each.subject == subject)


def test_the_textbook_example_is_met() -> None:
    """A reference of 300 and three advantages of 350, 100 and 200 are worth 950 (Nagle)."""
    value = economic_value(Interval(300, 300, 300), [item("a", 350), item("b", 100), item("c", 200)], price=475)
    assert value.total == Interval(950, 950, 950)
    assert value.over_value is not None
    assert value.over_value.estimate == pytest.approx(0.5)
    assert value.captured is not None
    assert value.captured.estimate == pytest.approx((475 - 300) / 650)
    assert value.left == Interval(475, 475, 475)
    assert value.above == 0.0


@pytest.mark.parametrize(("price", "share"), [(300, 0.0), (950, 1.0), (625, 0.5), (235, -0.1)])
def test_the_share_captured_runs_from_the_alternative_to_the_whole_value(price: float, share: float) -> None:
    """At the price of the alternative nothing is captured, at the whole value all, below it less than nothing."""
    value = economic_value(Interval(300, 300, 300), [item("a", 650)], price=price)
    assert value.captured is not None
    assert value.captured.estimate == pytest.approx(share)


def test_nothing_is_captured_of_nothing() -> None:
    """Where the alternative is as good or better there is no differentiation to take a share of."""
    assert economic_value(Interval(300, 300, 300), [item("a", -50)], price=200).captured is None


def test_value_grows_with_the_customer() -> None:
    """Per seat, per gigabyte, per report and per account, each times what the profile has of it: by hand."""
    items = [
        item("seat", 10, per="seats"),
        item("data", 0.5, per="gigabytes"),
        item("report", -3, per="report", counts={"small": 2, "large": 40}),
        item("once", 100),
    ]
    for seats, data, reports, key in ((4, 20, 2, "small"), (400, 9_000, 40, "large")):
        profile = UsageProfile(id=key, name=key, quantities={"seats": seats, "gigabytes": data})
        value = economic_value(Interval(50, 50, 50), items, profile=profile)
        assert value.total.estimate == pytest.approx(50 + 10 * seats + 0.5 * data - 3 * reports + 100)
        assert value.is_known
    assert [each.formula("USD").replace("\u2212", "") for each in value.items] == [
        "$10 per seat x 400 = $4,000",
        "$0.50 per gigabyte x 9,000 = $4,500",
        "$3 per report x 40 = $120",
        "$100 per account",
    ]


def test_a_range_per_unit_is_scaled_as_a_whole() -> None:
    """Ten seats that are worth the same unknown amount each share one doubt: the range is ten times as wide."""
    profile = UsageProfile(id="p", name="P", quantities={"seats": 10})
    value = economic_value(Interval(0, 0, 0), [item("a", 1, 3, per="seats")], profile=profile)
    assert value.total.low == pytest.approx(10, abs=0.3)
    assert value.total.high == pytest.approx(30, abs=0.3)


def test_a_driver_nobody_counted_leaves_the_value_unknown(base: CustomerBase, design: Scenario) -> None:
    """Without the number of reports at a profile C2 is not answered there, and a caution names what is missing."""
    counted = item("reports", 5, per="report", counts={"typical": 10})
    result = evaluate(base, design.with_decision(Decision(reference=("Cedar", "Flat"), differentiation=(counted,))))
    assert {key: each.is_known for key, each in result.values.items()} == {
        "small": False,
        "typical": True,
        "large": False,
    }
    assert finding_of(result, "C2", "Middle (Typical)").status != "unknown"
    assert "unknown" in {each.status for each in result.findings if each.rule_id == "C2"}
    assert any("At the profile Small the economic value is not known" in each.text for each in result.cautions)


def test_an_older_study_counts_its_items_once_and_is_asked_for_drivers(base: CustomerBase, design: Scenario) -> None:
    """Items written before there were drivers load, are worth the same everywhere, are written back as they were."""
    written = {"id": "a", "label": "a", "low": 100.0, "high": 100.0, "profile": ""}
    old = Differentiation.model_validate(written)
    assert old.model_dump(mode="json") == written
    result = evaluate(base, design.with_decision(Decision(reference=("Cedar", "Flat"), differentiation=(old,))))
    assert {each.total.estimate for each in result.values.values()} == {400}
    assert any("Nothing says what drives the worth of a" in each.text for each in result.cautions)
    said = evaluate(
        base, design.with_decision(Decision(reference=("Cedar", "Flat"), differentiation=(item("a", 100),)))
    )
    assert not any("drives the worth" in each.text for each in said.cautions)


def test_price_over_value_and_share_captured_stand_side_by_side(base: CustomerBase, design: Scenario) -> None:
    """720 against 300 + 600: 80% of the value and 70% of what sets us apart, in figures, finding and table."""
    decision = Decision(reference=("Cedar", "Flat"), differentiation=(item("a", 10, per="seats"),))
    result = evaluate(base, design.with_decision(decision))
    shown = {each.label: each.value for each in result.key_figures}
    assert shown["Price over value"] == pytest.approx(720 / 900)
    assert shown["Differentiation captured"] == pytest.approx(420 / 600)
    evidence = finding_of(result, "C2", "Middle (Typical)").evidence
    assert "80% of the value, and takes 70% of the differentiation" in evidence
    table = result.tables["value_by_profile"].frame.set_index("profile")
    assert table.loc["Typical", "differentiation captured (%)"] == pytest.approx(70)
    assert table["what sets us apart"].str.contains("per seat x").all()


def test_one_uncertain_item_passes_its_range_on() -> None:
    """With a single range of 90%, the value's 90% range is that range, to the error of the draws."""
    value = economic_value(Interval(300, 300, 300), [item("a", 100, 300)])
    assert value.total.estimate == 500
    assert value.total.low == pytest.approx(400, abs=3)
    assert value.total.high == pytest.approx(600, abs=3)


def test_independent_doubts_partly_cancel() -> None:
    """Four ranges of plus or minus 100 make plus or minus 200, not 400: the root of the summed squares."""
    value = economic_value(Interval(0, 0, 0), [item(name, 0, 200) for name in "abcd"])
    assert value.total.estimate == 400
    assert value.total.high - value.total.low == pytest.approx(400, rel=0.03)


def test_disadvantages_lower_the_value() -> None:
    """An item below zero takes away, and low and high may be given in either order."""
    value = economic_value(Interval(300, 300, 300), [item("worse", -40, -120)])
    assert value.total.estimate == 220
    assert value.items[0].worth == Interval(-120, -80, -40)


def test_the_same_seed_gives_the_same_value_and_items_keep_their_draws() -> None:
    """Results repeat; adding an exact item shifts both ends by exactly its worth."""
    reference = Interval(300, 300, 300)
    one = economic_value(reference, [item("a", 100, 300)], seed=4)
    assert one == economic_value(reference, [item("a", 100, 300)], seed=4)
    assert one != economic_value(reference, [item("a", 100, 300)], seed=5)
    both = economic_value(reference, [item("a", 100, 300), item("b", 50)], seed=4)
    assert both.total.low == pytest.approx(one.total.low + 50)
    assert both.total.high == pytest.approx(one.total.high + 50)


def test_without_differentiation_the_value_is_unknown(base: CustomerBase, design: Scenario) -> None:
    """C2 is not answered and a caution says so, although the reference price is known."""
    result = evaluate(base, design.with_decision(Decision(reference=("Cedar", "Flat"))))
    assert result.value is not None
    assert result.value.reference == Interval(300, 300, 300)
    assert {each.status for each in result.findings if each.rule_id == "C2"} == {"unknown"}
    assert any("sets our offer apart" in each.text for each in result.cautions)
    assert list(result.tables["value"].frame.iloc[:, 0]) == ["reference: Cedar Flat", "our price"]


def test_a_price_above_its_value_is_a_breach(base: CustomerBase, design: Scenario) -> None:
    """Middle asks 720 at 60 seats: too much for 300 + 100, well within 300 + 600."""
    decision = Decision(reference=("Cedar", "Flat"), differentiation=(item("a", 100),))
    dear = evaluate(base, design.with_decision(decision))
    assert finding_of(dear, "C2", "Middle (Typical)").status == "breach"
    fair = evaluate(base, design.with_decision(decision.replaced(differentiation=(item("a", 600),))))
    assert finding_of(fair, "C2", "Middle (Typical)").status == "ok"


def test_an_item_can_hold_for_one_profile_only(base: CustomerBase, design: Scenario) -> None:
    """What only large customers value is not counted for the small one."""
    only = Differentiation(id="x", label="x", low=100, high=100, profile="large")
    result = evaluate(base, design.with_decision(Decision(reference=("Cedar", "Flat"), differentiation=(only,))))
    assert {key: each.total.estimate for key, each in result.values.items()} == {
        "small": 300,
        "typical": 300,
        "large": 400,
    }


def test_a_typed_reference_price_needs_no_competitor(base_of: Callable, design: Scenario) -> None:
    """Without the table the stage says what it would need, and still gives profiles, corridor and value."""
    base = base_of()
    decision = Decision(reference_prices={"typical": 500.0}, differentiation=(item("a", 300),))
    result = evaluate(base, design.with_decision(decision))
    assert [each.table for each in result.missing] == ["competitor_offers"]
    assert len(result.profiles) == 3
    assert result.value is not None
    assert result.value.total.estimate == 800
    assert finding_of(result, "C1").status == "unknown"
    assert finding_of(result, "C3").status == "unknown"
    assert finding_of(result, "C4", "Start").status == "ok"
    assert "No competitor's price" in summarise(decision, result)


def test_the_corridor_of_a_tier_is_given_in_the_unit_of_its_price(base: CustomerBase, design: Scenario) -> None:
    """Start at 20 seats: T4 leaves 24 / 5 to 24 / 3 a seat, the market 200 to 400, so 10 to 20 a seat."""
    result = evaluate(base, design)
    start = result.corridors[0]
    assert start.unit == "per seat and month"
    ends = {bound.label: (bound.low, bound.high) for bound in start.bounds}
    assert ends["T4, spread of the tiers"] == (pytest.approx(4.8), pytest.approx(8))
    assert ends["the market at Small"] == (pytest.approx(10), pytest.approx(20))


def test_bounds_that_contradict_each_other_are_named(base: CustomerBase, design: Scenario) -> None:
    """T4 lets Start cost 8 at most and the market starts at 10: on watch, with both named."""
    result = evaluate(base, design)
    told = finding_of(result, "C4", "Start")
    assert result.corridors[0].contradicts
    assert told.status == "watch"
    assert "T4, spread of the tiers" in told.remedy
    assert "the market at Small" in told.remedy


def test_a_price_inside_all_bounds_is_fine(base: CustomerBase) -> None:
    """Entry at 300 and top at 1,100 lie in 220 to 367 with 200 to 400, and in 900 to 1,500 with 300 to 2,000."""
    tiers = TierDecision(
        tiers=(
            Tier(id="s", name="Start", price=300, limits={"seats": 30}),
            Tier(id="l", name="Top", price=1100),
        )
    )
    result = evaluate(base, design_with(tiers))
    assert finding_of(result, "C4", "Start").status == "ok"
    assert result.corridors[0].open == (pytest.approx(220), pytest.approx(1100 / 3))


def design_with(decision: TierDecision) -> Scenario:
    """Return a design with these tiers."""
    return Scenario(id="d", name="D").with_decision(decision)


def test_usage_beyond_the_included_one_is_judged_by_the_bill(base: CustomerBase) -> None:
    """100 for 10 seats and 5 each beyond: at 20 seats the bill of 150 stands against the market's 200 to 400."""
    tiers = TierDecision(tiers=(Tier(id="o", name="Open", price=100, limits={"seats": 10}, overage={"seats": 5}),))
    profiles = evaluate(base, design_with(tiers)).profiles[:1]
    result = evaluate(base, design_with(tiers).with_decision(Decision(profiles=profiles)))
    corridor = result.corridors[0]
    assert corridor.in_bills
    assert corridor.amount == pytest.approx(150)
    assert [(bound.low, bound.high) for bound in corridor.bounds] == [(200, 400)]
    assert finding_of(result, "C4", "Open (bill at Small)").status == "breach"


def test_one_vendor_makes_no_range(base_of: Callable, row: Callable, design: Scenario) -> None:
    """A single competitor's price is a point: it sets no corridor, and a caution says so."""
    result = evaluate(base_of(row("A", "Plan", 10)), design)
    assert [bound.label for bound in result.corridors[0].bounds] == ["T4, spread of the tiers"]
    assert any("only A can be compared" in each.text for each in result.cautions)


def test_add_ons_stand_in_the_share_of_the_core_plan_and_the_market_matched(
    base: CustomerBase, design: Scenario
) -> None:
    """The core plan costs 12 x 60 = 720: 144 to 288 by A2, 50 to 80 by the two offers that do the same job."""
    add_on = AddOnDecision(add_ons=(AddOnChoice(id="x", name="Audit export", price=150),))
    scenario = design.with_decision(add_on)
    alone = evaluate(base, scenario)
    assert [(b.low, b.high) for b in alone.corridors[-1].bounds] == [(pytest.approx(144), pytest.approx(288))]
    assert "Audit export" in finding_of(alone, "C1").affected
    matches = {"x": (("Fir", "Audit"), ("Gum", "Audit"))}
    matched = evaluate(base, scenario.with_decision(Decision(add_on_matches=matches)))
    assert [(b.low, b.high) for b in matched.corridors[-1].bounds][1] == (50, 80)
    assert matched.corridors[-1].contradicts
    assert finding_of(matched, "C1").status == "ok"


def test_list_price_and_bill_are_two_sides_of_one_price() -> None:
    """Turning a list price into a bill and back changes nothing; a bill below what usage adds leaves nothing."""
    price = ListPrice(12, "seats", 20, 30)
    assert price.as_bill(12) == 270
    assert price.as_list_price(270) == 12
    assert price.as_list_price(10) == 0
    assert ListPrice(12, "seats", 0).bound_from_bills("x", 1, 2) is None


def test_a_price_is_stale_the_day_after_the_limit(base: CustomerBase, design: Scenario) -> None:
    """Seen on 1 January 2024: 181 days old on 30 June, so fresh with a limit of 181 days and stale with 180."""
    for days, status, stale in ((181, "ok", False), (180, "watch", True)):
        result = evaluate(base, design.with_decision(Decision(stale_after_days=days)))
        assert result.today == date(2024, 6, 30)
        assert finding_of(result, "C3").status == status
        assert is_stale(result.offers[0], result.today, result.stale_after) is stale
        assert set(result.tables["offers"]["state"]) == {"stale" if stale else "fresh"}


def test_ages_count_to_the_day_passed_in(base: CustomerBase, design: Scenario) -> None:
    """The day is a parameter, so the same study gives the same ages on any day it is opened."""
    result = evaluate(base, design, today=date(2024, 1, 11))
    assert set(result.tables["offers"]["age (days)"]) == {10}


def test_prices_on_request_are_counted(base: CustomerBase, design: Scenario) -> None:
    """One of nine offers is on request: it is a key figure and part of C1, and never a number."""
    result = evaluate(base, design)
    assert next(each.value for each in result.key_figures if each.label == "Prices on request") == 1
    assert "1 competitor price on request" in finding_of(result, "C1").evidence
    rows = result.tables["comparison"].frame
    assert rows.loc[rows["offer"] == "Custom", "per account (USD a month)"].isna().all()


def test_the_baseline_is_compared_with_todays_prices(base: CustomerBase) -> None:
    """Without a table of plans today's book is empty, and the stage says so instead of failing."""
    result = evaluate(base, Scenario(id="b", name="Today", kind="baseline"))
    assert result.corridors == ()
    assert any("no tiers" in each.text for each in result.cautions)


def test_a_bill_on_a_curve_is_judged_at_each_profile(base: CustomerBase) -> None:
    """A single plan on a price curve has no list price: its bills of 200, 600 and 1,000 each meet their market."""
    curve = Charge("seats", "graduated", bands=(Band(None, unit_price=10),))
    scenario = Scenario(id="d", name="D").with_decision(ValueMetricDecision(metric="seats", charge=curve))
    corridors = evaluate(base, scenario).corridors
    assert [each.label for each in corridors] == [f"Standard (bill at {at})" for at in ("Small", "Typical", "Large")]
    assert [each.amount for each in corridors] == [200, 600, 1000]


def test_a_scenario_that_decided_nothing_leaves_free_offers_out(
    base_of: Callable, row: Callable, design: Scenario
) -> None:
    """Today's prices take no decision, and a market that starts at nothing would say nothing about them."""
    base = base_of(row("A", "Free", 0), row("A", "Pro", 5), row("B", "Free", 0))
    span = evaluate(base, design).comparisons[0].range
    assert span is not None
    assert span.vendors == ("A",)
    kept = evaluate(base, design.with_decision(Decision())).comparisons[0].range
    assert kept is not None
    assert kept.low.estimate == 0


def test_a_tier_on_request_stands_in_no_corridor(base: CustomerBase, design: Scenario) -> None:
    """A price nobody publishes is neither inside nor outside of one, and is not asked about."""
    tiers = design.decision(TierDecision)
    custom = Tier(id="custom", name="Custom", price=None, public=False)
    result = evaluate(base, design.with_decision(tiers.replaced(tiers=(*tiers.tiers, custom))))
    assert "Custom" not in {each.offer for each in result.corridors}
    assert "Custom" not in {each.subject for each in result.findings}
