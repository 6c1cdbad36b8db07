"""Prices found for a design: under the rules its decision keeps, and put into the design alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from workbench.demand import DemandError
from workbench.pricing.price_curve import prices_ending
from workbench.stages.offers import AddOnDecision, TierDecision, ValueMetricDecision
from workbench.stages.willingness import WillingnessDecision, evaluate, find_prices
from workbench.stages.willingness.decision import SEARCHED_RULES
from workbench.stages.willingness.price_search import with_found_prices
from workbench.study import compare_scenarios

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.demand.search import PriceSearch
    from workbench.stages.willingness import DemandEvidence
    from workbench.study import Scenario

LADDER = WillingnessDecision(
    source="price ladder", overstated_low=1.0, overstated_high=1.1, objective="revenue", kept=0, rules_off=("T2",)
)
Find = "Callable[..., PriceSearch]"


@pytest.fixture(scope="module")
def find(asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]) -> Find:
    """Return a function from changes of the decision to the prices found."""

    def search(*, seed: int = 0, rule_costs: bool = False, **changes: object) -> PriceSearch:
        fixed, market = changes.pop("fixed", None), changes.pop("market", None)
        design = scenario().with_decision(LADDER.replaced(**changes))
        result = evaluate(asked, design, evidence=evidence)
        return find_prices(result, seed=seed, starts=6, rule_costs=rule_costs, fixed=fixed, market=market)

    return search


@pytest.fixture(scope="module")
def found(find: Find) -> PriceSearch:
    """Return prices found under the usual decision, with the cost of each rule."""
    return find(rule_costs=True)


def test_found_prices_bring_at_least_as_much_as_the_designs_own(found: PriceSearch) -> None:
    """The tiers with a price and the add-on are searched; free and on-request tiers are not."""
    assert set(found.searched) == {"Team", "Firm", "Audit pack"}
    assert found.prices["Free"] == 0
    assert "Group" not in found.prices
    assert found.today == {"Free": 0, "Team": 12, "Firm": 22, "Audit pack": 30}
    assert found.value >= found.today_value


def test_one_seed_finds_the_same_prices(find: Find, found: PriceSearch) -> None:
    """Searching twice is no reason to doubt the first answer."""
    assert find().prices == found.prices
    assert find().value == found.value


def test_rules_switched_off_are_not_kept(find: Find, found: PriceSearch) -> None:
    """What the decision keeps is what the search keeps, and only rules in force have a cost."""
    assert found.constraints.off == {"T2"}
    assert "T2" not in {each.rule for each in found.rule_costs}
    free = find(rules_off=SEARCHED_RULES)
    assert free.constraints.off == set(SEARCHED_RULES)
    assert free.value >= found.value * 0.999


def test_prices_end_as_asked(find: Find, found: PriceSearch) -> None:
    """Every searched price ends as on a price list, or comes as it is when no ending is asked for."""
    for name in found.searched:
        price = found.prices[name]
        assert [float(each) for each in prices_ending("usual", price - 1e-9, price + 1e-9)] == [price]
    assert find(ending=None).constraints.ending is None


def test_the_objective_of_the_decision_is_maximised(find: Find, found: PriceSearch) -> None:
    """Looking for share reaches at least the share that looking for revenue does."""
    share = find(objective="share", ending=None)
    assert share.objective == "share"
    assert share.outcome.elsewhere <= found.outcome.elsewhere + 1e-6


def test_contribution_is_revenue_where_no_costs_are_known_and_says_so(find: Find) -> None:
    """What is maximised unless the team says otherwise is revenue less cost; without costs that is revenue."""
    assert WillingnessDecision().objective == "margin"
    found = find(objective="margin")
    assert found.value == pytest.approx(found.outcome.revenue)
    assert any("contribution is revenue here" in each.text for each in found.cautions)


def test_fixed_prices_stay_and_the_market_bounds_the_others(find: Find) -> None:
    """A price held fixed comes back as it was given, and another keeps to its corridor."""
    held = find(fixed={"Team": 11}, market={"Firm": (None, 35.0)})
    assert held.prices["Team"] == pytest.approx(11)
    assert 33 <= held.prices["Firm"] <= 35  # at least three times the entry tier (T4)
    with pytest.raises(DemandError, match=r"T4.*C4.*exclude each other"):
        find(fixed={"Team": 11}, market={"Firm": (None, 21.0)})
    assert find(fixed={"Team": 11}, market={"Firm": (None, 21.0)}, rules_off=("T2", "T4")).prices["Firm"] <= 21


def test_without_answers_prices_are_refused_with_the_reason(
    company: Callable[..., CustomerBase], scenario: Callable[..., Scenario]
) -> None:
    """The error is the sentence that says why nobody can be asked."""
    result = evaluate(company(without=("mrr",)), scenario())
    with pytest.raises(DemandError, match="no price survey"):
        find_prices(result)


def test_found_prices_go_into_tiers_and_add_ons_and_nothing_else_changes(
    scenario: Callable[..., Scenario], found: PriceSearch
) -> None:
    """The only differences are the prices themselves."""
    before = scenario().with_decision(LADDER)
    after = with_found_prices(before, found.prices)
    changed = {".".join(map(str, each.path)) for each in compare_scenarios(before, after)}
    assert changed
    assert all(path.endswith("price") for path in changed), changed
    tiers = {tier.name: tier.price for tier in after.decision(TierDecision).tiers}
    assert {name: float(price) for name, price in tiers.items() if price} == {
        name: pytest.approx(found.prices[name]) for name in ("Team", "Firm")
    }
    assert float(after.decision(AddOnDecision).add_ons[0].price) == pytest.approx(found.prices["Audit pack"])


def test_free_and_on_request_tiers_stay(scenario: Callable[..., Scenario]) -> None:
    """Even a price given for them by name does not make them priced; nor does it price a free add-on."""
    before = scenario(add_on=0)
    after = with_found_prices(before, {"Free": 5.0, "Group": 900.0, "Team": 14.0, "Audit pack": 20.0})
    prices = [tier.price for tier in after.decision(TierDecision).tiers]
    assert prices == [Decimal(0), Decimal(14), Decimal(22), None]
    assert after.decision(AddOnDecision).add_ons[0].price == 0


def test_prices_of_less_than_a_cent_stay_prices(scenario: Callable[..., Scenario]) -> None:
    """A price per call is no rounding error, and a price that did not move is written as it was."""
    small = with_found_prices(scenario(), {"Team": 0.0012, "Firm": 22.0}).decision(TierDecision)
    assert small.tiers[1].price == Decimal("0.0012")
    assert str(small.tiers[2].price) == "22"
    assert with_found_prices(scenario(), {"Team": 13.123456}).decision(TierDecision).tiers[1].price == Decimal("13.12")


def test_names_the_design_does_not_have_change_nothing(scenario: Callable[..., Scenario]) -> None:
    """Prices of another design do not slip in."""
    assert with_found_prices(scenario(), {"Other": 5.0}) == scenario()
    assert with_found_prices(scenario(add_on=None), {}) == scenario(add_on=None)


def test_a_design_without_tiers_does_not_come_to_have_decided_them(scenario: Callable[..., Scenario]) -> None:
    """One plan on the value metric has no tier to price: the scenario stays as it is."""
    bare = type(scenario())(id="design-b", name="Design B").with_decision(ValueMetricDecision())
    assert with_found_prices(bare, {"Standard": 5.0}) == bare
    assert not with_found_prices(bare, {"Standard": 5.0}).decided(TierDecision)


def test_found_prices_bring_what_was_promised(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario], found: PriceSearch
) -> None:
    """The design with found prices in it has the outcome the search reported."""
    after = with_found_prices(scenario().with_decision(LADDER), found.prices)
    result = evaluate(asked, after, evidence=evidence)
    unseen = result.design.outcome.revenue_by_draw[1::2]  # the draws that were not searched on
    assert unseen.mean() == pytest.approx(found.value, rel=1e-6)
