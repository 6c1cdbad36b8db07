"""Offers at the same usage, and where each of our tiers stands among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.results import Interval
from workbench.stages.anchoring import Decision, evaluate, gather, suggest
from workbench.stages.anchoring.decision import ExchangeRate, UsageProfile
from workbench.stages.anchoring.evidence import converted
from workbench.stages.anchoring.result import premium

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.anchoring.result import AnchoringResult
    from workbench.study import Scenario

RATE = {"EUR": ExchangeRate(low=1.0, high=1.2)}


@pytest.fixture
def result(base: CustomerBase, design: Scenario) -> AnchoringResult:
    """Return the comparison at the profiles the data suggests."""
    return evaluate(base, design)


def test_profiles_are_quantiles_of_active_accounts(base: CustomerBase) -> None:
    """Of 10, 20, ... 110 seats, one account in ten has up to 20, half up to 60, nine in ten up to 100."""
    assert [(each.id, each.quantities) for each in gather(base).profiles] == [
        ("small", {"seats": 20.0}),
        ("typical", {"seats": 60.0}),
        ("large", {"seats": 100.0}),
    ]


def test_a_vendor_counts_with_its_cheapest_plan_that_serves(result: AnchoringResult) -> None:
    """At 20 seats: Alder 200, Birch 240 / 12 x 20 = 400 (its tiny plan stops at 5 seats), Cedar 300."""
    small = result.comparisons[0]
    assert {each.offer.name: each.price.estimate for each in small.counted if each.price} == {
        "Alder Team": 200,
        "Birch Yearly": 400,
        "Cedar Flat": 300,
    }
    tiny = small.price_of(("Birch", "Tiny"))
    assert tiny is not None
    assert tiny.quote.standing == "does not serve"


def test_the_market_runs_from_the_cheapest_to_the_dearest_vendor(result: AnchoringResult) -> None:
    """Lowest, median and highest of 200, 300 and 400; named by vendor."""
    span = result.comparisons[0].range
    assert span is not None
    assert [each.estimate for each in (span.low, span.median, span.high)] == [200, 300, 400]
    assert span.vendors == ("Alder", "Birch", "Cedar")


def test_premiums_are_worked_out_where_a_tier_is_judged(result: AnchoringResult) -> None:
    """Start costs 8 x 20 = 160 against 300; Middle 720 at 60 seats against 600; Large 2,400 at 100 against 1,000."""
    homes = {each.tier: each for each in result.standings if each.is_home}
    assert {name: each.at for name, each in homes.items()} == {"Start": "Small", "Middle": "Typical", "Large": "Large"}
    premiums = {name: each.premium.estimate for name, each in homes.items() if each.premium is not None}
    assert premiums == pytest.approx({"Start": 160 / 300 - 1, "Middle": 720 / 600 - 1, "Large": 2400 / 1000 - 1})


def test_prices_are_shown_per_account_and_per_seat(result: AnchoringResult) -> None:
    """A flat 300 is 15 a seat at 20 seats and 3 at 100."""
    table = result.tables["comparison"].frame
    flat = table[table["offer"] == "Flat"].set_index("profile")["per seat (USD a month)"]
    assert flat.to_dict() == {"Small": 15.0, "Typical": 5.0, "Large": 3.0}


def test_our_tier_that_does_not_serve_has_no_price(result: AnchoringResult) -> None:
    """Start stops at 30 seats, so it meets nobody at 60."""
    assert result.comparisons[1].of_ours("Start").quote.standing == "does not serve"
    assert not any(each.tier == "Start" and each.at == "Typical" for each in result.standings)


def test_a_needed_feature_rules_a_tier_out(base: CustomerBase, design: Scenario) -> None:
    """A profile that needs a feature none of our tiers contains is served by none of them."""
    profile = UsageProfile(id="p", name="Picky", quantities={"seats": 20.0}, features=("Export",))
    result = evaluate(base, design.with_decision(Decision(profiles=(profile,))))
    assert result.comparisons[0].our_choice is None
    assert any("Picky" in each.text for each in result.cautions)


def test_another_currency_counts_only_with_a_rate(base: CustomerBase, design: Scenario) -> None:
    """Without a rate the offer in euros is counted and named, and its vendor is not in the market."""
    without = evaluate(base, design)
    euro = without.comparisons[0].price_of(("Elm", "Euro"))
    assert euro is not None
    assert (euro.price, euro.quote.standing) == (None, "not known")
    assert any("Elm Euro" in each.text and "no rate" in each.text for each in without.cautions)
    with_rate = evaluate(base, design.with_decision(Decision(rates=RATE)))
    span = with_rate.comparisons[0].range
    assert span is not None
    assert "Elm" in span.vendors


def test_a_rate_given_as_a_range_widens_the_price() -> None:
    """15 euros at 1.0 to 1.2 are 15 to 18 dollars, 16.5 in the middle."""
    assert converted(15, "EUR", "USD", RATE) == Interval(15, pytest.approx(16.5), pytest.approx(18))
    assert converted(15, "USD", "USD", RATE) == Interval(15, 15, 15)
    assert converted(15, "GBP", "USD", RATE) is None


def test_a_wider_rate_never_narrows_a_premium() -> None:
    """The premium over 300 to 400 holds the one over any price between."""
    wide = premium(350, Interval(300, 350, 400))
    assert wide is not None
    assert wide.low == pytest.approx(-0.125)
    assert wide.high == pytest.approx(1 / 6)
    assert premium(350, Interval(0, 0, 0)) is None


def test_offers_set_aside_and_vendors_left_out_do_not_count(base: CustomerBase, design: Scenario) -> None:
    """With Alder's cheap plan set aside its next one counts, and with two vendors chosen there are two."""
    decision = Decision(set_aside=(("Alder", "Team"),), vendors=("Alder", "Cedar"))
    result = evaluate(base, design.with_decision(decision))
    assert {each.offer.name for each in result.comparisons[0].counted} == {"Alder Pro", "Cedar Flat"}


def test_the_starting_point_takes_the_plan_nearest_to_our_middle_tier(base: CustomerBase, design: Scenario) -> None:
    """Middle costs 720 at 60 seats; Alder's 600 is nearer than Cedar's 300, Birch's 1,200 and Alder's 1,800."""
    decision = suggest(base, design)
    assert decision.reference == ("Alder", "Team")
    assert decision.differentiation == ()
    assert decision.profiles == gather(base).profiles


def test_free_offers_start_set_aside(base_of: Callable, row: Callable, design: Scenario) -> None:
    """A plan that costs nothing is no price to stand against."""
    base = base_of(row("A", "Free", 0), row("A", "Pro", 5))
    assert suggest(base, design).set_aside == (("A", "Free"),)


def test_every_offer_is_in_the_table_with_its_provenance(result: AnchoringResult) -> None:
    """Source, day, currency and age stand beside every price, also those on request."""
    table = result.tables["offers"].frame
    assert len(table) == 9
    assert (table["source"].str.len() > 0).all()
    assert (table["age (days)"] == 181).all()
    assert table.set_index("offer").loc["Dogwood Custom", "price as published"] == "on request"
    assert table.set_index("offer").loc["Birch Yearly", "price as published"] == "240 per seat and year"
