"""What follows from a set of add-ons, with everything recorded and with tables missing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from workbench.outputs import as_csv
from workbench.rules import RULEBOOK
from workbench.stages.add_ons import evaluate, figures, summarise
from workbench.stages.add_ons.tables import eligible_accounts
from workbench.stages.offers import AddOnDecision, ServicesChoice
from workbench.study import Scenario, Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.add_ons.evidence import AddOnEvidence
    from workbench.stages.offers import AddOnChoice, TierDecision

    Make = Callable[..., Scenario]


def statuses(result: object, rule: str) -> list[str]:
    """Return the verdicts of one rule."""
    return [each.status for each in result.findings if each.rule_id == rule]


def test_a_design_by_hand(
    hand_base: CustomerBase,
    hand: AddOnEvidence,
    add_on: Callable[..., AddOnChoice],
    three_tiers: Callable[..., TierDecision],
    scenario: Make,
) -> None:
    """One add-on at 30 of a core plan of 100 brings 21 to 63 of a core revenue of 1,150 a month."""
    design = scenario(add_on(price=Decimal(30)), tiers=three_tiers())
    result = evaluate(hand_base, design, evidence=hand)
    (outcome,) = result.outcomes
    assert outcome.price_share == pytest.approx(0.3)
    assert outcome.bounds == pytest.approx((20, 40))
    assert (outcome.revenue.low, outcome.revenue.high) == pytest.approx((21, 63))
    assert result.places.revenue == 1150
    revenue, share, eligible, soon = result.key_figures
    assert revenue.value == pytest.approx(42)
    assert share.value == pytest.approx(42 / 1150)
    assert (eligible.value, soon.value) == (7, 2)
    assert statuses(result, "A1") == statuses(result, "A2") == statuses(result, "A4") == ["ok"]
    assert statuses(result, "A3") == ["watch"], "days are met, a usage condition is missing"
    assert statuses(result, "A5") == ["watch", "ok"], "two of ten is too close to call; nobody idles in a tier"
    assert statuses(result, "A7") == ["watch", "breach"], "a0 and a1 lose Map to the add-on, and Audit is sold nowhere"
    assert statuses(result, "A8") == ["unknown"], "nobody was asked"
    assert summarise(result.decision, result).startswith(
        "1 add-on: Map layers ($30 per account and month); together $21"
    )


def test_a_feature_sold_twice_is_named(
    hand_base: CustomerBase,
    add_on: Callable[..., AddOnChoice],
    three_tiers: Callable[..., TierDecision],
    scenario: Make,
) -> None:
    """Map inside Large and in an add-on: the three accounts there buy nothing, and the caution says why."""
    result = evaluate(hand_base, scenario(add_on(), tiers=three_tiers(Large=("Map",))))
    (outcome,) = result.outcomes
    assert outcome.also_in == {"Map": ("Large",)}
    assert int(outcome.eligibility.included.sum()) == 3
    assert outcome.eligibility.count == 6
    assert any("also inside Large: 3 accounts" in each.text and each.severity == "warning" for each in result.cautions)
    clean = evaluate(hand_base, scenario(add_on(), tiers=three_tiers()))
    assert not any("also inside" in each.text for each in clean.cautions)


def test_one_feature_in_two_add_ons_is_named(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """Who buys both would pay for it twice."""
    result = evaluate(hand_base, scenario(add_on(), add_on(id="two", name="Map export")))
    assert any("Map is in 2 add-ons" in each.text for each in result.cautions)


def test_a_vague_name_gets_a_better_one(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """Advanced analytics fails the name check, and the suggestion in the table is the one of the finding."""
    result = evaluate(hand_base, scenario(add_on(name="Advanced analytics")))
    assert statuses(result, "A1") == ["breach"]
    assert result.tables["names"]["suggested instead"].tolist() == ["Map analytics"]
    assert "Map analytics" in next(each.remedy for each in result.findings if each.rule_id == "A1")


def test_prices_outside_the_band_are_breaches(
    hand_base: CustomerBase,
    add_on: Callable[..., AddOnChoice],
    three_tiers: Callable[..., TierDecision],
    scenario: Make,
) -> None:
    """19 and 41 of a core plan of 100 miss the band, 20 and 40 meet it."""
    prices = (19, 20, 40, 41)
    choices = [add_on(id=f"p{price}", name=f"Map at {price}", price=Decimal(price)) for price in prices]
    result = evaluate(hand_base, scenario(*choices, tiers=three_tiers()))
    assert statuses(result, "A2") == ["breach", "ok", "ok", "breach"]


def test_six_add_ons_are_too_many(hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Make) -> None:
    """One to five add-ons meet the rule; none decided and six do not."""
    six = [add_on(id=f"n{number}", name=f"Map {number}") for number in range(6)]
    assert statuses(evaluate(hand_base, scenario(*six)), "A4") == ["breach"]
    assert statuses(evaluate(hand_base, scenario(*six[:5])), "A4") == ["ok"]
    assert statuses(evaluate(hand_base, scenario()), "A4") == ["breach"]
    assert statuses(evaluate(hand_base, Scenario(id="open", name="Open", kind="design")), "A4") == ["unknown"]


def test_without_feature_use_the_teams_add_ons_still_stand(
    base_without: Callable[..., CustomerBase], add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """Without feature use and requests nothing is guessed; price and revenue stand."""
    base = base_without("feature_use", "requests", "features")
    result = evaluate(base, scenario(add_on(price=Decimal(30))))
    (outcome,) = result.outcomes
    assert outcome.attach is None
    assert outcome.revenue is not None
    assert statuses(result, "A5") == ["unknown"]
    assert statuses(result, "A2") == ["ok"]
    assert {"feature_use", "requests"} <= {each.table for each in result.missing}
    assert [each.group for each in result.candidates] == ["from the team"]
    assert any("guess of the team" in each.text for each in result.cautions)
    assert {"prices", "revenue"} <= {figure.key for figure in figures(result)}


def test_without_money_prices_cannot_be_judged(
    base_without: Callable[..., CustomerBase], add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """Neither tiers nor MRR: the share of the core plan is unknown, and no number stands in for it."""
    result = evaluate(base_without("mrr"), scenario(add_on()))
    assert statuses(result, "A2") == ["unknown"]
    assert result.key_figures[1].value is None
    assert "prices" not in {figure.key for figure in figures(result)}


def test_without_usage_a_condition_on_it_cannot_be_checked(
    base_without: Callable[..., CustomerBase], add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """Who is eligible and what it brings are unknown, not zero."""
    result = evaluate(base_without("usage"), scenario(add_on(usage_metric="queries", usage_at_least=5)))
    assert result.revenue is None
    assert result.key_figures[0].value is None
    assert result.eligible_for_any is None
    assert any("not recorded: who is eligible is unknown" in each.text for each in result.cautions)


def test_unknown_ages_are_counted_and_missing_dates_named(
    base_without: Callable[..., CustomerBase], add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """An account of unknown age is not eligible, and is said to be so."""
    result = evaluate(base_without(), scenario(add_on()))
    assert any("1 account of unknown tenure or usage" in each.text for each in result.cautions)


def test_hoping_for_more_buyers_than_the_data_shows_is_a_caution(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """An attach range above the interest in the data is pointed out."""
    hopeful = evaluate(hand_base, scenario(add_on(attach_high=0.95)))
    assert any("the data shows interest of at most" in each.text for each in hopeful.cautions)


def test_thresholds_of_the_study_are_used(
    hand_base: CustomerBase,
    add_on: Callable[..., AddOnChoice],
    three_tiers: Callable[..., TierDecision],
    scenario: Make,
) -> None:
    """A study that moves the price band moves bounds and verdict with it."""
    from datetime import UTC, datetime  # noqa: PLC0415 - only here

    from workbench.study import ThresholdOverride  # noqa: PLC0415 - only here

    moved = ThresholdOverride(
        low=0.05, high=0.15, reason="a large core plan", who="team", when=datetime(2025, 1, 1, tzinfo=UTC)
    )
    study = Study.new("s", "data").model_copy(update={"thresholds": {"A2": moved}})
    result = evaluate(hand_base, scenario(add_on(), tiers=three_tiers()), rulebook=RULEBOOK.for_study(study))
    assert result.outcomes[0].bounds == pytest.approx((5, 15))
    assert statuses(result, "A2") == ["ok"]


def test_the_list_of_accounts(hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Make) -> None:
    """Accounts eligible now come first, the most interested on top; then those with fewest days to go."""
    result = evaluate(hand_base, scenario(add_on()))
    listed = eligible_accounts(result, "map")
    assert listed["account_id"].tolist()[:3] == ["a0", "a2", "a1"]
    assert listed["account_id"].tolist()[-2:] == ["a6", "a7"]
    assert listed["days to go"].tolist()[-2:] == [15, 45]
    assert len(eligible_accounts(result, "nobody")) == 0


def test_a_saved_list_runs_no_formulas(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """Text that a spreadsheet would run is saved as text; numbers stay numbers."""
    result = evaluate(hand_base, scenario(add_on(name="=HYPERLINK(1)")))
    saved = as_csv(result.tables["eligible"])
    assert '\n"\'=HYPERLINK(1)",' in saved
    assert '\n"=HYPERLINK' not in saved


def test_the_result_is_the_same_twice(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """The same base, scenario and seed give the same figures, sentence and tables."""
    design = scenario(add_on(), add_on(id="audit", name="Audit trail", features=("Audit",)))
    one, two = evaluate(hand_base, design), evaluate(hand_base, design)
    assert one.key_figures == two.key_figures
    assert one.findings == two.findings
    assert all(one.tables[name].frame.equals(two.tables[name].frame) for name in one.tables)


def test_every_figure_draws_and_reads(
    hand_base: CustomerBase,
    add_on: Callable[..., AddOnChoice],
    three_tiers: Callable[..., TierDecision],
    scenario: Make,
) -> None:
    """All six figures have a description, a table and a picture, also with markup in a name."""
    audit = add_on(id="audit", name="</script><b>Audit", features=("Audit",))
    result = evaluate(hand_base, scenario(add_on(), audit, tiers=three_tiers(), services=ServicesChoice()))
    drawn = figures(result)
    assert [figure.key for figure in drawn] == ["candidates", "prices", "revenue", "overlap", "eligibility", "gate"]
    for figure in drawn:
        assert figure.description
        assert figure.reading
        assert len(figure.table)
        assert sum(len(rows) for rows in figure.data.values()) < 2000
        assert figure.static_svg().startswith("<svg")
        assert "</script>" not in figure.static_svg()


def test_every_account_stands_somewhere(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Make
) -> None:
    """The standings at a gate add up to all active accounts."""
    result = evaluate(hand_base, scenario(add_on(usage_metric="queries", usage_at_least=30, tenure_days=300)))
    rows = next(figure for figure in figures(result) if figure.key == "eligibility").data["standing"]
    assert rows["accounts"].sum() == 10
    assert (rows["accounts"] > 0).all()


def test_the_baseline_is_evaluated_without_add_ons(hand_base: CustomerBase) -> None:
    """Today sells none of these add-ons: candidates are shown, nothing is decided."""
    result = evaluate(hand_base, Scenario(id="baseline", name="Today", kind="baseline"))
    assert result.outcomes == ()
    assert result.candidates
    assert summarise(AddOnDecision(), result) == "No add-ons are sold."
