"""What evaluating tiers tells: published prices, today's bills, missing data, findings with their accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.stages.offers import (
    AddOnChoice,
    AddOnDecision,
    Tier,
    TierDecision,
    UsageCharge,
    full_price_words,
    price_words,
)
from workbench.stages.tiers import VIEW, evaluate, figures, gather, summarise
from workbench.stages.tiers.charts import limit_rows, shown_metric
from workbench.stages.tiers.result import recorded_bill_change
from workbench.tables import DataTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.figure import Figure
    from workbench.stages.tiers.result import TierResult
    from workbench.study import Scenario

PUBLISHED = ("25", "80", "165", "330")


def drawn(result: TierResult) -> list[Figure]:
    """Return the figures there are."""
    return [each for each in figures(result).values() if each is not None]


def test_the_published_example_breaks_its_own_rule(base: CustomerBase, scenario: Scenario) -> None:
    """25, 80, 165 and 330 per user and month, published as a model, spread 13.2x: a breach of T4."""
    tiers = tuple(
        Tier(id=f"t{place}", name=name, price=Decimal(price), price_per="users")
        for place, (name, price) in enumerate(
            zip(("Starter", "Professional", "Team", "Enterprise"), PUBLISHED, strict=True)
        )
    )
    result = evaluate(base, scenario.with_decision(TierDecision(tiers=tiers)))
    finding = next(each for each in result.findings if each.rule_id == "T4")
    assert finding.status == "breach"
    assert finding.measured == pytest.approx(13.2)
    assert "13.2x" in finding.evidence
    assert result.revenue is None
    assert any("users" in caution.text and "unknown" in caution.text for caution in result.cautions)


def test_bills_are_compared_with_the_mrr_of_the_same_accounts() -> None:
    """Only accounts with a bill and an MRR count; half a cent is no change; quantiles interpolate."""
    today = np.array([100.0, 100.0, 100.0, np.nan, 0.0])
    new = np.array([150.0, 100.005, 80.0, 70.0, 10.0])
    change = recorded_bill_change(today, new)
    assert (change.accounts, change.without_mrr) == (4, 1)
    assert (change.more, change.same, change.less) == (2, 1, 1)
    assert (change.today, change.new) == (300.0, pytest.approx(340.005))
    assert change.relative == pytest.approx((-0.179995, 0.00005, 0.450005))
    assert change.amount == pytest.approx((-16.99925, 5.0025, 44.0))


def test_every_account_is_accounted_for(base: CustomerBase, scenario: Scenario, ladder: TierDecision) -> None:
    """Accounts in tiers and accounts no tier serves are all active accounts; each unserved one is listed with why."""
    narrow = ladder.with_tier(ladder.tiers[2].replaced(limits={"seats": Decimal(30)}))
    result = evaluate(base, scenario.with_decision(narrow))
    listed = result.tables["unserved"]
    assert result.unplaced.unserved == len(listed) > 0
    assert sum(outcome.accounts for outcome in result.outcomes) + len(listed) == len(result.evidence)
    assert listed["what is missing"].str.startswith("Large does not fit: seats").all()
    paid = listed.frame.filter(like="MRR").sum().item()
    assert result.unplaced.unserved_today == pytest.approx(paid)
    assert any("No tier serves" in caution.text for caution in result.cautions)


def test_a_tier_on_request_holds_accounts_without_a_price(
    base: CustomerBase, scenario: Scenario, ladder: TierDecision
) -> None:
    """Accounts that only a tier on request can hold are counted there; their revenue stays unknown, not zero."""
    asked = ladder.with_tier(ladder.tiers[2].replaced(price=None))
    result = evaluate(base, scenario.with_decision(asked))
    assert result.outcomes[2].revenue is None
    assert result.outcomes[2].accounts == result.unplaced.on_request > 0
    assert np.isnan(result.bill[result.tier_index == 2]).all()
    assert result.change.accounts == len(result.evidence) - result.unplaced.on_request


def test_the_leading_chart_looks_at_no_single_account(
    base: CustomerBase, scenario: Scenario, ladder: TierDecision
) -> None:
    """Its rows come from groups of like accounts, so a million draw as fast as a hundred; the rest agrees with them."""
    result = evaluate(base, scenario.with_decision(ladder))
    (leading,) = (figures(result)[key] for key in VIEW.leading)
    rows = leading.rows()["placement"]["columns"]
    assert not {"plan_index", "bill", "feasible"} & vars(result.placement).keys()
    assert result.compared == result.change.accounts
    for name, measure, share in zip(rows["tier"], rows["measure"], rows["share"], strict=True):
        if measure == "accounts":
            assert share == pytest.approx(len(result.accounts_in(name)) / len(result.evidence))


def test_movers_carry_the_reason_for_their_tier(base: CustomerBase, scenario: Scenario, ladder: TierDecision) -> None:
    """The largest changes come first; accounts above the first tier carry the limit or feature that put them there."""
    table = evaluate(base, scenario.with_decision(ladder)).tables["top_movers"].frame
    change = table.filter(like="change (USD)").iloc[:, 0].abs()
    assert change.is_monotonic_decreasing
    above = table[table["new tier"] != "Small"]
    assert above["why this tier"].str.contains("above the limit of|uses ").all()


def test_missed_middle_names_its_accounts(base: CustomerBase, scenario: Scenario, ladder: TierDecision) -> None:
    """A finding on the middle that is not met names the accounts in it; one that is met names the tier."""
    wide = ladder.with_tier(ladder.tiers[1].replaced(limits={}, features=ladder.tiers[2].features))
    wide = wide.with_tier(wide.tiers[0].replaced(limits={"seats": Decimal(1)}))
    result = evaluate(base, scenario.with_decision(wide))
    finding = next(each for each in result.findings if each.rule_id == "T2")
    assert finding.status == "breach"
    assert set(finding.affected) == set(result.accounts_in("Medium"))


def test_features_of_add_ons_are_no_need_of_a_tier(
    base: CustomerBase, scenario: Scenario, ladder: TierDecision
) -> None:
    """A feature that the scenario sells as an add-on keeps nobody out of a tier."""
    without = ladder.with_tier(ladder.tiers[2].replaced(features=ladder.tiers[2].features[:-1]))
    maps = AddOnChoice(id="maps", name="Maps of every site", features=("Map layers",), price=Decimal(30))
    alone = evaluate(base, scenario.with_decision(without))
    beside = evaluate(base, scenario.with_decision(without).with_decision(AddOnDecision(add_ons=(maps,))))
    assert alone.unplaced.unserved > 0 == beside.unplaced.unserved


def test_a_limit_that_an_add_on_lifts_holds_and_is_said(
    base: CustomerBase, scenario: Scenario, ladder: TierDecision
) -> None:
    """Tiers stand alone: more seats sold beside them move nobody, and a caution says who weighs the add-on."""
    charge = UsageCharge(metric="seats", unit_price=Decimal(3), free_units=Decimal(8))
    more = AddOnChoice(id="more", name="More seats", price=Decimal(0), usage_charge=charge)
    alone = evaluate(base, scenario.with_decision(ladder))
    beside = evaluate(base, scenario.with_decision(ladder).with_decision(AddOnDecision(add_ons=(more,))))
    assert np.array_equal(alone.tier_index, beside.tier_index)
    told = [[each.text for each in found.cautions if "An add-on sells more" in each.text] for found in (alone, beside)]
    assert [len(each) for each in told] == [0, 1]
    assert "more seats than a tier includes" in told[1][0]
    unlimited = ladder.replaced(tiers=tuple(tier.replaced(limits={}) for tier in ladder.tiers))
    free = evaluate(base, scenario.with_decision(unlimited).with_decision(AddOnDecision(add_ons=(more,))))
    assert not any("An add-on sells more" in each.text for each in free.cautions)


def test_a_bill_that_falls_at_a_limit_is_said(base: CustomerBase, scenario: Scenario, ladder: TierDecision) -> None:
    """Where the next tier is cheaper at the limit, a caution names the place; a rising ladder has none."""
    falling = ladder.with_tier(ladder.tiers[0].replaced(price=Decimal(40), price_per="seats"))
    told = [caution.text for caution in evaluate(base, scenario.with_decision(falling)).cautions]
    assert any("At 8 seats the bill falls" in text for text in told)
    rising = evaluate(base, scenario.with_decision(ladder))
    assert not any("falls" in caution.text for caution in rising.cautions)


@pytest.mark.parametrize("table", ["usage", "mrr", "feature_use", "requests", "features"])
def test_a_missing_table_is_named_and_the_rest_still_works(
    make: Callable[..., CustomerBase], scenario: Scenario, ladder: TierDecision, table: str
) -> None:
    """Without a table the stage says what it would add, and still places accounts, finds and draws."""
    base = make(60, leave_out=(table,))
    result = evaluate(base, scenario.with_decision(ladder))
    assert table in {missing.table for missing in result.missing}
    assert sum(outcome.accounts for outcome in result.outcomes) + result.unplaced.unserved == len(result.evidence)
    assert {finding.rule_id for finding in result.findings} == {"T1", "T2", "T3", "T4", "T5", "T6"}
    assert len(drawn(result)) >= 3
    assert (result.change is None) == (table == "mrr")
    for name in result.tables:
        assert isinstance(result.tables[name], DataTable)


def test_an_undecided_scenario_shows_the_needs_and_no_prices(base: CustomerBase, scenario: Scenario) -> None:
    """Without tiers there are needs and open findings, but no figure is invented."""
    result = evaluate(base, scenario)
    assert (result.outcomes, result.revenue, result.key_figures) == ((), None, ())
    assert {figure.key for figure in drawn(result)} == {"benefit", "usage"}
    assert summarise(TierDecision(), result) == "No tiers are designed yet."


def test_what_is_billed_beyond_a_limit_is_said_and_shown(
    base: CustomerBase, scenario: Scenario, ladder: TierDecision
) -> None:
    """The price in words names the price beyond the limit, and the chart of use is that of the metric billed so.

    A limit in the upper half of the axis has its label before its line, where there is room for it.
    """
    first, metric = ladder.tiers[0], "data_processed"
    tier = first.replaced(limits={"seats": Decimal(5), metric: Decimal(10_000)}, overage={metric: Decimal("0.0125")})
    words = full_price_words(tier, "USD")
    assert words == f"{price_words(first, 'USD')} + $0.0125 per unit of data processed beyond 10,000"
    assert full_price_words(first, "USD") == price_words(first, "USD")
    result = evaluate(base, scenario.with_decision(ladder.with_tier(tier)))
    assert shown_metric(result) == metric
    assert list(limit_rows(result, metric)["side"]) == ["before"]
    assert limit_rows(result, "seats")["side"].iloc[-1] == "after"


def test_charts_stay_small_and_are_described(base: CustomerBase, scenario: Scenario, ladder: TierDecision) -> None:
    """Every figure aggregates to fewer than 2,000 marks, and has a table, a description and a reading."""
    found = drawn(evaluate(base, scenario.with_decision(ladder)))
    assert [each.key for each in found] == ["benefit", "usage", "placement", "bill_change", "old_and_new", "ladder"]
    for figure in found:
        assert sum(len(frame) for frame in figure.data.values()) < 2000
        assert figure.table is not None
        assert len(figure.table)
        assert figure.description
        assert figure.reading
        assert "<svg" in figure.static_svg()


def test_other_needs_settings_gather_other_evidence(
    base: CustomerBase, scenario: Scenario, ladder: TierDecision
) -> None:
    """Evidence for three uses is not used for six: nobody used a feature that often, so nobody needs one."""
    evidence = gather(base)
    strict = scenario.with_decision(ladder.replaced(minimum_uses=6))
    result = evaluate(base, strict, evidence=evidence)
    assert not result.evidence.used.any()
    assert evidence.used.any()
