"""Every rule at, below and above its thresholds and with missing input."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.results import Interval
from workbench.rules import Threshold, anchoring, charging, packaging
from workbench.rules.rulebook import interval_in_words, measure_in_words

if TYPE_CHECKING:
    from workbench.rules import Finding

NAN = math.nan
TODAY = date(2025, 6, 30)


def sure(value: float) -> Interval:
    """Return an interval so narrow that it is a number."""
    return Interval(value, value, value)


def wide(low: float, high: float) -> Interval:
    """Return an interval with its estimate in the middle."""
    return Interval(low, (low + high) / 2, high)


def seen(days: int, **details: str) -> anchoring.SeenPrice:
    """Return a competitor's price seen that many days ago."""
    known = {"vendor": "Vendor", "offer": "Pro", "source": "https://example.com", "currency": "USD"} | details
    return anchoring.SeenPrice(seen_on=TODAY - timedelta(days=days), **known)


def growth(score: float | None, interval: Interval | None) -> Finding:
    """Judge VM1."""
    return charging.growth("events", score=score, monthly_growth=interval, accounts=80)


def foreseen(score: float | None, interval: Interval | None) -> Finding:
    """Judge VM2."""
    return charging.predictability("events", score=score, forecast_error=interval, variation=0.1, accounts=80)


def curve(rule_id: str, ratio: float, **details: object) -> Finding:
    """Judge VM3 or U2 on a curve with one ratio everywhere."""
    return charging.curve_ratio([1, 1000], [ratio, ratio], **({"typical": 10, "rule_id": rule_id} | details))


def order(model: str | None, interval: Interval | None) -> Finding:
    """Judge MF1."""
    return charging.adoption_order(interval, model=model, accounts=80, features=9)


def swing(model: str | None, variation: Interval | None, shock: Interval | None) -> Finding:
    """Judge MF4."""
    return charging.volatility(model, variation=variation, shock=shock, accounts=80, months=24)


def hybrid(model: str | None, mine: float | None, other: float | None, interval: Interval | None = None) -> Finding:
    """Judge MF3: what tiers bring, and what a hybrid does."""
    ratios = {} if interval is None else {("tiered", "hybrid"): interval}
    return charging.pure_against_hybrid(model, {"tiered": mine, "hybrid": other}, ratios=ratios)


def brought_in(component: str | None, today: str, billed: str | None) -> Finding:
    """Judge MF2: customers pay per seat today, by usage, or nobody knows how."""
    per_seat = {"seats": True, "usage": False}.get(today)
    return charging.usage_introduction(component, per_seat_today=per_seat, billed=billed, metrics=["calls"])


def ranked(model: str | None, first: float) -> Finding:
    """Judge MF6: tiers come first with this probability, a hybrid in the other draws."""
    return charging.ranked_first(model, (("tiered", 0.8, first), ("hybrid", 0.7, 1 - first)), accounts=80)


def step(features: list[str], benefit: dict[str, float | None], *, raises: bool = False) -> Finding:
    """Judge T3 for one tier above a first one with the feature "base"."""
    steps = [("Entry", ["base"]), ("Top", ["base", *features])]
    return packaging.step_up(steps, benefit, larger_limits={"Top": raises})[0]


def timing(days: float | None, condition: str | None) -> Finding:
    """Judge A3."""
    return packaging.offer_timing("Audit log", tenure_days=days, usage_condition=condition)


def benefit(users: int | None, placed: str) -> Finding:
    """Judge A5 over 1,000 accounts."""
    return packaging.benefit_share("sso", users=users, of_accounts=1000, placed=placed)


def inside(price: float | None, *bounds: tuple[float | None, float | None]) -> Finding:
    """Judge C4 between bounds."""
    return anchoring.corridor("Pro", price, [anchoring.Bound(f"bound {b}", *b) for b in bounds])


CASES = [
    ("VM1", growth(4, sure(0.01)), "ok"),
    ("VM1", growth(3, sure(0.01)), "watch"),
    ("VM1", growth(2, sure(0.01)), "breach"),
    ("VM1", growth(5, wide(-0.01, 0.02)), "watch"),
    ("VM1", growth(5, wide(-0.02, -0.01)), "breach"),
    ("VM1", growth(None, sure(0.01)), "unknown"),
    ("VM1", growth(5, None), "unknown"),
    ("VM1", growth(1, None), "breach"),
    ("VM2", foreseen(4, sure(0.25)), "ok"),
    ("VM2", foreseen(4, sure(0.3)), "watch"),
    ("VM2", foreseen(4, sure(0.5)), "breach"),
    ("VM2", foreseen(1, sure(0.1)), "breach"),
    ("VM2", foreseen(4, sure(NAN)), "unknown"),
    ("VM2", foreseen(None, None), "unknown"),
    *[
        (rule, curve(rule, ratio), status)
        for rule, low, high in (("VM3", 5, 8), ("U2", 7, 8))
        for ratio, status in ((low - 0.01, "breach"), (low, "ok"), (high, "ok"), (high + 0.01, "breach"))
    ],
    ("VM3", curve("VM3", 6, typical=None), "unknown"),
    ("VM3", charging.curve_ratio([], [], typical=10), "unknown"),
    ("VM3", charging.curve_ratio([1, 100], [4, 8], typical=10, customers=[1, 2, 90]), "watch"),
    ("VM3", charging.curve_ratio([1, 100], [4, 8], typical=10, customers=[5, 9, 90]), "ok"),
    ("U2", charging.curve_ratio([1, 10], [7.5, 7.5], typical=3, rule_id="U2"), "ok"),
    ("VM4", charging.success_correlation("events", wide(0.1, 0.3), accounts=80), "ok"),
    ("VM4", charging.success_correlation("events", wide(-0.1, 0.3), accounts=80), "watch"),
    ("VM4", charging.success_correlation("tickets", wide(-0.4, -0.1), accounts=80), "breach"),
    ("VM4", charging.success_correlation("events", None), "unknown"),
    *[
        ("VM5", charging.success_measure("events", score), status)
        for score, status in ((5, "ok"), (4, "ok"), (3.9, "watch"), (2, "breach"), (None, "unknown"), (NAN, "unknown"))
    ],
    ("MF1", order("tiered", sure(0.4)), "ok"),
    ("MF1", order("tiered", sure(0.35)), "watch"),
    ("MF1", order("tiered", sure(0.3)), "breach"),
    ("MF1", order("tiered", wide(0.35, 0.5)), "watch"),
    ("MF1", order("tiered", wide(0.2, 0.5)), "unknown"),
    ("MF1", order("add_on", sure(0.3)), "ok"),
    ("MF1", order("add_on", sure(0.35)), "watch"),
    ("MF1", order("add_on", sure(0.4)), "breach"),
    ("MF1", order("value_metric", sure(0.97)), "ok"),
    ("MF1", order("value_metric", sure(0.01)), "watch"),
    ("MF1", order("usage_based", sure(0.97)), "watch"),
    ("MF1", order("usage_based", sure(0.01)), "watch"),
    ("MF1", order("usage_based", sure(0.35)), "ok"),
    ("MF1", order("hybrid", sure(0.1)), "watch"),
    ("MF1", order("hybrid", wide(0.1, 0.6)), "unknown"),
    ("MF1", order(None, sure(0.4)), "unknown"),
    ("MF1", order("tiered", None), "unknown"),
    ("MF2", brought_in("none", "unknown", None), "ok"),
    ("MF2", brought_in("none", "seats", "none"), "ok"),
    ("MF2", brought_in("opt_in", "seats", "none"), "watch"),
    ("MF2", brought_in("replacement", "seats", "none"), "watch"),
    ("MF2", brought_in("beside", "seats", "none"), "watch"),
    ("MF2", brought_in("beside", "seats", None), "watch"),
    ("MF2", brought_in("opt_in", "seats", "option"), "ok"),
    ("MF2", brought_in("none", "seats", "option"), "ok"),
    ("MF2", brought_in("opt_in", "seats", "beside"), "watch"),
    ("MF2", brought_in("opt_in", "seats", "instead"), "breach"),
    ("MF2", brought_in("replacement", "usage", "instead"), "ok"),
    ("MF2", brought_in("replacement", "seats", None), "breach"),
    ("MF2", brought_in("opt_in", "seats", None), "unknown"),
    ("MF2", brought_in("replacement", "unknown", "instead"), "unknown"),
    ("MF2", brought_in(None, "seats", None), "unknown"),
    ("MF3", hybrid("tiered", 100, 100), "ok"),
    ("MF3", hybrid("tiered", 95, 100), "watch"),
    ("MF3", hybrid("tiered", 90, 100), "breach"),
    ("MF3", hybrid("hybrid", 90, 100), "ok"),
    ("MF3", hybrid("hybrid", 105, 100), "watch"),
    ("MF3", hybrid("hybrid", 150, 100), "breach"),
    ("MF3", hybrid("tiered", 100, 100, wide(0.8, 1.2)), "unknown"),
    ("MF3", hybrid("tiered", 100, 100, wide(0.95, 1.2)), "watch"),
    ("MF3", hybrid("hybrid", None, 100), "unknown"),
    ("MF3", hybrid("tiered", None, 100), "unknown"),
    ("MF3", hybrid("tiered", 100, NAN), "unknown"),
    ("MF3", hybrid(None, 100, 100), "unknown"),
    ("MF6", ranked("tiered", 0.9), "ok"),
    ("MF6", ranked("tiered", 0.4), "watch"),
    ("MF6", ranked("hybrid", 0.65), "watch"),
    ("MF6", ranked("hybrid", 0.9), "breach"),
    ("MF6", ranked("add_on", 0.9), "unknown"),
    ("MF6", ranked(None, 0.9), "unknown"),
    ("MF4", swing("usage_based", sure(0.1), sure(0.05)), "ok"),
    ("MF4", swing("usage_based", sure(0.15), sure(0.05)), "watch"),
    ("MF4", swing("usage_based", sure(0.05), sure(0.2)), "breach"),
    ("MF4", swing("hybrid", sure(0.2), sure(0.01)), "breach"),
    ("MF4", swing("tiered", None, None), "ok"),
    ("MF4", swing("usage_based", sure(0.05), None), "unknown"),
    ("MF4", swing(None, sure(0.05), sure(0.01)), "unknown"),
    ("MF5", charging.disconnect(wide(0.1, 0.2), count=15, of_accounts=100), "ok"),
    ("MF5", charging.disconnect(wide(0.1, 0.3), count=20, of_accounts=100), "watch"),
    ("MF5", charging.disconnect(wide(0.21, 0.3), count=25, of_accounts=100), "breach"),
    ("MF5", charging.disconnect(None), "unknown"),
    *[
        ("T1", packaging.number_of_tiers([f"Tier {n}" for n in range(count)]), status)
        for count, status in ((0, "unknown"), (2, "breach"), (3, "ok"), (4, "ok"), (5, "breach"))
    ],
    *[
        ("T2", packaging.middle_share({"S": 100 - middle, "M": middle, "L": 0}), status)
        for middle, status in ((50, "breach"), (59, "watch"), (60, "ok"), (70, "ok"), (71, "watch"), (80, "breach"))
    ],
    ("T2", packaging.middle_share({"S": 20, "M": 30, "L": 35, "XL": 15}), "ok"),
    ("T2", packaging.middle_share({"S": 20, "L": 30}), "unknown"),
    ("T2", packaging.middle_share({"S": 0, "M": 0, "L": 0}), "unknown"),
    ("T3", step(["api"], {"api": 0.2}), "ok"),
    ("T3", step(["api"], {"api": 0.0}), "breach"),
    ("T3", step([], {}), "breach"),
    ("T3", step([], {}, raises=True), "watch"),
    ("T3", step(["api"], {"api": None}), "unknown"),
    ("T3", packaging.step_up([("Only", ["base"])], {})[0], "unknown"),
    *[
        ("T4", packaging.top_to_entry({"Free": 0, "Entry": 20, "Top": top, "Custom": None}), status)
        for top, status in ((59, "breach"), (60, "ok"), (100, "ok"), (101, "breach"), (None, "unknown"))
    ],
    ("T4", packaging.top_to_entry({"A": 20, "B": 80}, units={"A": "seats", "B": "account"}), "unknown"),
    ("A1", packaging.named_job("Revenue attribution dashboard"), "ok"),
    ("A1", packaging.named_job("Advanced analytics"), "breach"),
    ("A1", packaging.named_job("Premium"), "breach"),
    ("A1", packaging.named_job("  "), "unknown"),
    *[
        ("A2", packaging.price_share("SSO", price, core_price=100), status)
        for price, status in ((19.9, "breach"), (20, "ok"), (40, "ok"), (40.1, "breach"), (None, "unknown"))
    ],
    ("A2", packaging.price_share("SSO", 20, core_price=None), "unknown"),
    ("A2", packaging.price_share("SSO", 20, core_price=0), "unknown"),
    *[
        ("A3", timing(days, "3 reports a week"), status)
        for days, status in ((59, "breach"), (60, "ok"), (90, "ok"), (91, "breach"), (None, "unknown"))
    ],
    ("A3", timing(75, ""), "watch"),
    ("A3", timing(75, None), "unknown"),
    *[
        ("A4", packaging.number_of_add_ons([f"Add-on {n}" for n in range(count)]), status)
        for count, status in ((0, "breach"), (1, "ok"), (5, "ok"), (6, "breach"))
    ],
    ("A4", packaging.number_of_add_ons(None), "unknown"),
    ("A5", benefit(400, "tier"), "ok"),
    ("A5", benefit(400, "add_on"), "breach"),
    ("A5", benefit(200, "add_on"), "ok"),
    ("A5", benefit(200, "tier"), "breach"),
    ("A5", benefit(300, "tier"), "watch"),
    ("A5", benefit(None, "tier"), "unknown"),
    *[
        ("A6", packaging.services_margin(delivery_cost=100, price=price), status)
        for price, status in ((139, "breach"), (140, "ok"), (160, "ok"), (161, "breach"), (None, "unknown"))
    ],
    ("A6", packaging.services_margin(delivery_cost=None, price=100), "unknown"),
    *[
        ("A6", packaging.services_share(services_revenue=part, subscription_revenue=100 - part), status)
        for part, status in ((11.9, "breach"), (12, "ok"), (18, "ok"), (18.1, "breach"))
    ],
    ("A6", packaging.services_share(services_revenue=None, subscription_revenue=1), "unknown"),
    ("U1", charging.free_baseline("events", included=0), "breach"),
    ("U1", charging.free_baseline("events", included=1), "ok"),
    ("U1", charging.free_baseline("events", included=0, has_free_tier=True), "ok"),
    ("U1", charging.free_baseline("events", included=None), "unknown"),
    ("U3", charging.caps_and_calculator(has_cap=True, has_calculator=True), "ok"),
    ("U3", charging.caps_and_calculator(has_cap=True, has_calculator=False), "watch"),
    ("U3", charging.caps_and_calculator(has_cap=False, has_calculator=False), "breach"),
    ("U3", charging.caps_and_calculator(has_cap=True, has_calculator=None), "unknown"),
    ("C1", anchoring.same_terms({"Pro": ["A"], "Max": ["B"]}, on_request=1), "ok"),
    ("C1", anchoring.same_terms({"Pro": ["A"], "Max": []}), "watch"),
    ("C1", anchoring.same_terms({"Pro": [], "Max": []}), "breach"),
    ("C1", anchoring.same_terms(None), "unknown"),
    ("C2", anchoring.position("Pro", 90, wide(90, 150)), "ok"),
    ("C2", anchoring.position("Pro", 100, wide(90, 150)), "watch"),
    ("C2", anchoring.position("Pro", 151, wide(90, 150)), "breach"),
    ("C2", anchoring.position("Pro", 10, wide(-20, -10)), "breach"),
    ("C2", anchoring.position("Pro", None, wide(90, 150)), "unknown"),
    ("C2", anchoring.position("Pro", 90, None), "unknown"),
    ("C3", anchoring.freshness([seen(0), seen(180)], today=TODAY), "ok"),
    ("C3", anchoring.freshness([seen(181)], today=TODAY), "watch"),
    ("C3", anchoring.freshness([seen(1, source="")], today=TODAY), "breach"),
    ("C3", anchoring.freshness([seen(1, currency="")], today=TODAY), "breach"),
    ("C3", anchoring.freshness([seen(-1)], today=TODAY), "breach"),
    ("C3", anchoring.freshness([], today=TODAY), "unknown"),
    ("C3", anchoring.freshness([seen(1)], today=None), "unknown"),
    ("C4", inside(60, (60, 100), (None, 80)), "ok"),
    ("C4", inside(80, (60, 100), (None, 80)), "ok"),
    ("C4", inside(59, (60, 100), (None, 80)), "breach"),
    ("C4", inside(81, (60, 100), (None, 80)), "breach"),
    ("C4", inside(70, (60, 65), (80, 90)), "watch"),
    ("C4", inside(None, (60, 65)), "unknown"),
    ("C4", inside(70), "unknown"),
]


@pytest.mark.parametrize(("rule_id", "finding", "status"), CASES)
def test_each_rule_at_and_around_its_thresholds(rule_id: str, finding: Finding, status: str) -> None:
    """A rule gives the verdict its threshold asks for, with evidence, and a remedy when it is not met."""
    assert (finding.rule_id, finding.status) == (rule_id, status), finding.evidence
    assert finding.evidence.endswith(".")
    assert bool(finding.remedy) == (status != "ok")
    assert "nan" not in f"{finding.evidence} {finding.remedy}".lower().split()


def test_every_rule_is_tested_with_each_verdict_it_can_give() -> None:
    """All 28 rules appear here as met, not met and unknown; C4 and the others with a watch zone also as watch."""
    verdicts: dict[str, set[str]] = {}
    for rule_id, _, status in CASES:
        verdicts.setdefault(rule_id, set()).add(status)
    assert len(verdicts) == 28
    assert {rule for rule, found in verdicts.items() if not {"ok", "breach", "unknown"} <= found} == {"U2"}


def test_the_published_price_list_breaches_its_own_rule() -> None:
    """The published example of 25, 80, 165 and 330 a user and month is a spread of 13.2x, not of 3x to 5x."""
    prices = {"Starter": 25, "Growth": 80, "Scale": 165, "Enterprise": 330}
    finding = packaging.top_to_entry(prices, per="per user and month")
    assert finding.status == "breach"
    assert "13.2x" in finding.evidence
    assert finding.measured == pytest.approx(13.2)
    assert finding.affected == ("Starter", "Enterprise")
    assert finding.remedy.startswith("Lower Enterprise to $125 or raise Starter to $66")


cents = st.integers(100, 50_000).map(lambda amount: amount / 100)


@given(cents, cents)
def test_following_the_remedy_of_the_spread_meets_the_rule(one: float, other: float) -> None:
    """Either price the remedy names, as it is written, brings the spread into the band."""
    entry, top = sorted((one, other))
    found = packaging.top_to_entry({"Entry": entry, "Top": top})
    if found.status == "ok" or entry == top:
        return
    new_top, new_entry = (float(text.replace(",", "")) for text in re.findall(r"\$([\d,]+(?:\.\d+)?)", found.remedy))
    for prices in ({"Entry": entry, "Top": new_top}, {"Entry": new_entry, "Top": top}):
        assert packaging.top_to_entry(prices).status == "ok", found.remedy


@given(cents, cents)
def test_following_the_remedy_of_an_add_on_price_meets_the_rule(price: float, core: float) -> None:
    """Both ends of the range the remedy names, as written, are prices that meet the rule."""
    found = packaging.price_share("SSO", price, core_price=core)
    if found.status == "ok":
        return
    ends = [float(text.replace(",", "")) for text in re.findall(r"\$([\d,]+(?:\.\d+)?)", found.remedy)]
    assert [packaging.price_share("SSO", end, core_price=core).status for end in ends] == ["ok", "ok"], found.remedy


def test_the_middle_of_four_tiers_is_said_to_be_the_inner_two() -> None:
    """With four tiers the finding says that both inner tiers count, with their accounts and the interval."""
    finding = packaging.middle_share({"S": 20, "M": 30, "L": 35, "XL": 15})
    assert "65 of 100 accounts land in the inner tiers M and L together: 65% (90% interval" in finding.evidence


@pytest.mark.parametrize(
    ("name", "job", "features", "suggestion"),
    [
        ("Advanced analytics", "", ["revenue_attribution"], "Revenue attribution analytics"),
        ("Premium pack", "", ["cohort comparison", "churn alerts"], "Cohort comparison and churn alerts"),
        ("Pro", "To see which campaign brought the revenue. And more", [], "See which campaign brought the revenue"),
        ("Insights plus", "", ["reports"], "job it does"),
    ],
)
def test_a_vague_name_gets_a_rewrite_from_job_or_features(
    name: str, job: str, features: list[str], suggestion: str
) -> None:
    """The suggestion says what the add-on contains or does, and passes the check itself."""
    finding = packaging.named_job(name, job=job, features=features)
    assert finding.status == "breach"
    assert suggestion in finding.remedy
    if suggestion in {"Revenue attribution analytics", "Cohort comparison and churn alerts"}:
        assert packaging.named_job(suggestion).status == "ok"


def test_the_curve_is_read_between_its_points_along_the_logarithm() -> None:
    """Half way between 1 and 100 on a logarithmic scale is 10, and beyond the ends the ratio stays."""
    halfway = charging.curve_ratio([1, 100], [4, 8], typical=10)
    assert halfway.measured == pytest.approx(6)
    assert charging.curve_ratio([1, 100], [4, 8], typical=1e6).measured == 8


def test_corridors_follow_from_the_other_rules() -> None:
    """The top tier may cost three to five times the entry tier, an add-on 20% to 40% of its core plan."""
    top = anchoring.tier_bound(2, [20, 50, 200])
    entry = anchoring.tier_bound(0, [20, 50, 150])
    assert (top.low, top.high, entry.low, entry.high) == (60, 100, 30, 50)
    middle, add_on = anchoring.tier_bound(1, [20, 50, 200]), anchoring.add_on_bound(100)
    assert (middle.low, middle.high, add_on.low, add_on.high) == (20, 200, 20, 40)
    assert anchoring.tier_bound(0, [20]) is anchoring.add_on_bound(None) is None


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_the_interval_of_a_share_holds_the_share(count: int, extra: int) -> None:
    """A Wilson interval lies in 0 to 1 and contains the share it was counted from."""
    share = packaging.wilson(count, count + extra)
    assert 0 <= share.low <= share.estimate <= share.high <= 1


def test_the_interval_of_a_share_matches_the_published_formula() -> None:
    """For 10 of 20 at 95% Wilson's interval is 0.299 to 0.701 (Brown, Cai & DasGupta 2001, formula 4)."""
    share = packaging.wilson(10, 20, 0.95)
    assert (share.low, share.high) == pytest.approx((0.2993, 0.7007), abs=1e-4)


@given(st.floats(0.5, 20), st.sampled_from(["times", "share", "score", "correlation"]))
def test_a_written_value_keeps_digits_only_near_an_end_of_its_band(value: float, unit: str) -> None:
    """Read back, a value has the verdict it got; away from the ends it has no more digits than without a band."""
    band = Threshold(low=3, high=5, unit=unit)
    text = measure_in_words(value, unit, band)
    read = float(text.rstrip("x%").replace(",", "")) / (100 if unit == "share" else 1)
    assert band.status(read) == band.status(value) or min(abs(value - end) for end in (3, 5)) < 1e-4
    if min(abs(value - end) for end in (3, 5)) > 0.05:
        assert text == measure_in_words(value, unit)


def test_interval_ends_near_whole_numbers_are_rounded_like_the_estimate() -> None:
    """Only what decides is written finely: 5.04x is above 5x, but 8.999% is 9.0%."""
    told = interval_in_words(Interval(0.08999, 0.094, 0.7301), "share", Threshold(high=0.3, unit="share"))
    assert told == "9.4% (90% interval 9.0% to 73.0%)"
    assert measure_in_words(5.04, "times", Threshold(low=3, high=5, unit="times")) == "5.04x"
    assert measure_in_words(7.04, "times", Threshold(low=3, high=5, unit="times")) == "7.0x"


def test_what_models_bring_is_money_where_a_currency_is_known() -> None:
    """The two figures behind a ratio carry their unit."""
    brought = {"tiered": 34_528.0, "hybrid": 33_188.0}
    said = charging.pure_against_hybrid("tiered", brought, measure="what each would bring", currency="GBP").sentence
    assert "(£34,528 against £33,188)" in said
