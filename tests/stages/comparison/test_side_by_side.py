"""Designs side by side: what each cell says, and what it refuses to make up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.results import Basis, KeyFigure
from workbench.rules import Finding, with_waivers
from workbench.stages import STAGES
from workbench.stages.comparison import ScenarioComparison, compare_outcomes, differences_frame, figures
from workbench.stages.comparison.side_by_side import decision_in_words, value_today
from workbench.stages.contract import StageOutcome, StageResult
from workbench.stages.migration import MigrationDecision
from workbench.stages.offers import AddOnChoice, AddOnDecision, Tier, TierDecision, ValueMetricDecision
from workbench.stages.study_replay import recorded_figures
from workbench.study import Scenario, Study
from workbench.tables import DataTable, as_table

WHEN = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
MONTHS = pd.date_range("2024-01-01", periods=13, freq="MS")


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Return two accounts over 13 months, of which one grows and one leaves, and today's two plans."""
    grown = [("a1", month, 100.0 + 10 * at) for at, month in enumerate(MONTHS)]
    left = [("a2", month, 50.0) for month in MONTHS[:6]]
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": ["a1", "a2"]}),
            "mrr": pd.DataFrame([*grown, *left], columns=["account_id", "month", "amount"]).assign(currency="EUR"),
            "plans": pd.DataFrame(
                {
                    "plan": ["Team", "Custom"],
                    "base_fee": [40.0, None],
                    "metric": ["seats", None],
                    "unit_price": [5.0, None],
                    "currency": "EUR",
                }
            ),
        }
    )


@pytest.fixture
def study() -> Study:
    """Return a study of two designs that decided tiers, and one that decided nothing."""
    made = Study.new("small", "data")
    decided = made.designs[0].with_decision(TierDecision())
    return (
        made.with_scenario(decided).duplicate_scenario("design-a", "Bold").duplicate_scenario("baseline", "Still open")
    )


def outcome(stage: str, summary: str, *given: KeyFigure, findings: tuple[Finding, ...] = ()) -> StageOutcome:
    """Return the outcome of a stage by hand."""
    known = next(each for each in STAGES if each.key == stage)
    return StageOutcome(
        known, TierDecision(), StageResult(basis=Basis(2, 2), key_figures=given, findings=findings), summary
    )


def finding(rule: str, status: str, subject: str = "") -> Finding:
    """Return a finding by hand."""
    return Finding(rule_id=rule, status=status, title=rule, evidence="Seen.", remedy="Change it.", subject=subject)


def revenue(value: float | None, change: float | None) -> KeyFigure:
    """Return what tiers bring a month."""
    return KeyFigure("Revenue a month", value, "EUR", change=change)


@pytest.fixture
def comparison(base: CustomerBase, study: Study) -> ScenarioComparison:
    """Return the three designs side by side; the open one has a result too, which nobody decided."""
    return compare_outcomes(
        base,
        study,
        {
            "design-a": (outcome("tiers", "Three tiers.", revenue(250, 30), findings=(finding("T1", "ok"),)),),
            "bold": (
                outcome(
                    "tiers",
                    "One tier.",
                    revenue(200, -20),
                    KeyFigure("In the middle", 0.9, "percent"),
                    findings=(finding("T1", "breach"), finding("T3", "watch", "Pro")),
                ),
            ),
            "still-open": (outcome("tiers", "Nothing.", revenue(999, 1), findings=(finding("T1", "unknown"),)),),
        },
    )


def row(table: pd.DataFrame | DataTable, name: str) -> list[str]:
    """Return the words of the row with this name."""
    frame = as_table(table).words()
    return frame[frame.iloc[:, 0] == name].iloc[0, 1:].tolist()


def test_a_decision_stands_in_a_sentence_and_an_open_stage_says_so(comparison: ScenarioComparison) -> None:
    """Today comes from the price list, a design from its summary, and what is open is not made up."""
    decisions = comparison.decisions()
    assert list(decisions.columns) == ["Stage", "Today", "Design A", "Bold", "Still open"]
    today, *designs = row(decisions, "Tier design")
    assert today == "2 plans: Team (€40 + €5 for each seat), Custom (on request)."
    assert designs == ["Three tiers.", "One tier.", "Not decided yet"]
    assert row(decisions, "Add-ons") == ["Not on record", *["Not decided yet"] * 3]


def test_today_follows_from_a_value_and_its_change(comparison: ScenarioComparison) -> None:
    """Value less change is today's value; a figure that today or a design cannot have is a dash, not unknown."""
    assert row(comparison.figures(), "Tier design: Revenue a month") == [
        "€220",
        "€250 (+€30)",
        "€200 (\N{MINUS SIGN}€20)",
        "\N{EN DASH}",
    ]
    assert row(comparison.figures(), "Tier design: In the middle") == [
        "\N{EN DASH}", "\N{EN DASH}", "90%", "\N{EN DASH}",
    ]  # fmt: skip


def test_a_figure_that_today_has_but_nobody_recorded_is_unknown() -> None:
    """Net revenue retention without revenue on record is unknown today; a score is nothing today could have."""
    kept = KeyFigure("Net revenue retention", 1.1, "percent", held_against_today=True)
    assert value_today([kept]) == "unknown"
    assert value_today([KeyFigure("Score", 0.7)]) == "\N{EN DASH}"
    assert value_today([kept, replace(kept, change=0.1)]) == "100%"


def test_today_is_a_range_where_designs_are_measured_on_different_accounts(base: CustomerBase, study: Study) -> None:
    """Two values of today are both shown, and why they differ; an unknown figure adds none."""
    outcomes = {
        "design-a": (outcome("tiers", "A", revenue(250, 30)),),
        "bold": (outcome("tiers", "B", revenue(200, -30)),),
    }
    cells = row(compare_outcomes(base, study, outcomes).figures(), "Tier design: Revenue a month")
    assert cells[0] == "€220 to €230, by the accounts compared"
    outcomes["bold"] = (outcome("tiers", "B", revenue(None, None)),)
    assert row(compare_outcomes(base, study, outcomes).figures(), "Tier design: Revenue a month") == [
        "€220", "€250 (+€30)", "unknown",
    ]  # fmt: skip


def test_rules_that_differ_are_those_with_different_verdicts_where_the_stage_is_decided(
    comparison: ScenarioComparison,
) -> None:
    """A design that has not come to a stage differs from nobody; one that lacks the subject does."""
    assert comparison.rules(differing=True).iloc[:, [0, 2, 3, 4, 5]].to_numpy().tolist() == [
        ["T1", "", "Met", "Not met", "not checked"],
        ["T3", "Pro", "not checked", "Watch", "not checked"],
    ]
    agreeing = replace(comparison, columns=(comparison.columns[0], comparison.columns[2]))
    assert agreeing.rules(differing=True).empty
    assert len(agreeing.rules()) == 1


def test_a_rule_set_aside_is_counted_apart_and_is_no_open_breach(base: CustomerBase, study: Study) -> None:
    """What the team overrode is neither met nor open, whatever its verdict was."""
    waived = study.scenario("bold").with_waiver("T1", "One tier on purpose.", "Ada", WHEN)
    found = with_waivers((finding("T1", "breach"), finding("T2", "breach")), waived.waivers)
    outcomes = {"bold": (outcome("tiers", "One tier.", findings=found),)}
    column = compare_outcomes(base, study.with_scenario(waived), outcomes).column("bold")
    assert column.counts == {"ok": 0, "set so": 0, "unknown": 0, "watch": 0, "breach": 1, "set aside": 1}
    assert [each.rule_id for each in column.open_breaches] == ["T2"]


def test_the_table_of_a_report_holds_every_row_under_the_same_columns(comparison: ScenarioComparison) -> None:
    """Decisions, figures and counts stand under each other, and no cell is empty or not-a-number."""
    rows = comparison.rows().words()
    assert list(rows.columns) == ["", "Today", "Design A", "Bold", "Still open"]
    assert len(rows) == sum(each.designs for each in STAGES) + 2 + 6  # one row per verdict
    assert not rows.isna().to_numpy().any()


def test_charts_show_each_design_once_and_today_beside_it(comparison: ScenarioComparison) -> None:
    """Only designs with decided tiers have revenue; the reading names best and worst with their change."""
    drawn = {figure.key: figure for figure in figures(comparison)}
    frame = drawn["revenue"].data["revenue"]
    assert frame[["scenario", "revenue", "today"]].to_numpy().tolist() == [["Design A", 250, 220], ["Bold", 200, 220]]
    assert "Design A brings the most, €250 a month (+13.6%" in drawn["revenue"].reading
    assert drawn["findings"].data["findings"]["findings"].sum() == 3
    for figure in drawn.values():
        assert figure.static_svg().startswith("<svg")


def test_what_is_on_record_needs_no_design(base: CustomerBase) -> None:
    """Revenue of the last month, revenue per paying account and retention over a year, by hand."""
    found = {figure.label: figure for figure in recorded_figures(base)}
    assert found["Monthly recurring revenue"].value == 220
    assert found["Revenue per paying account"].value == 220
    assert found["Net revenue retention"].value == pytest.approx(220 / 150)
    assert found["Months on record"].value == 13


def test_what_is_not_on_record_is_unknown(base: CustomerBase) -> None:
    """Without revenue nothing is zero; with less than a year retention is unknown."""
    usage = pd.DataFrame({"account_id": ["a1"], "month": ["2024-01"], "metric": ["seats"], "quantity": [3]})
    bare = CustomerBase.from_tables({"accounts": base.accounts, "usage": usage})
    assert [figure.value for figure in recorded_figures(bare)][2:] == [None, None, None]
    short = {figure.label: figure.value for figure in recorded_figures(base.up_to("2024-06-30"))}
    assert short["Net revenue retention"] is None
    assert short["Monthly recurring revenue"] == 200


def test_differences_are_named_by_stage_and_written_in_words() -> None:
    """A field set, a list, a stage one design has not decided, and a waiver each read as words."""
    left = Scenario(id="a", name="A").with_decision(TierDecision(needs_months=3))
    right = Scenario(id="b", name="B", note="Bolder").with_decision(TierDecision(needs_months=6))
    right = right.with_decision(ValueMetricDecision()).with_waiver("T1", "On purpose.", "Ada", WHEN)
    cells = {where: (a, b) for where, a, b in differences_frame(left, right).itertuples(index=False, name=None)}
    assert cells["Note"] == ("not set", "Bolder")
    assert cells["Tier design: needs months"] == ("3", "6")
    assert cells["Value metric: whole decision"][0] == "not there"
    assert cells["Rule set aside: T1"] == ("in force", "On purpose. (Ada)")
    assert differences_frame(left, left).empty


def test_an_add_on_only_one_design_sells_is_written_as_a_customer_meets_it() -> None:
    """Price, when it is offered and who should buy it, instead of its settings; the other design does not sell it."""
    offered = {"usage_metric": "api_calls", "usage_at_least": 9, "attach_low": 0.03, "attach_high": 0.17}
    audit = AddOnChoice(id="audit", name="Audit trail", price=Decimal(13), price_per="seats", **offered)
    left = Scenario(id="a", name="A").with_decision(AddOnDecision(add_ons=(audit,)))
    right = Scenario(id="b", name="B").with_decision(AddOnDecision())
    cells = {where: (a, b) for where, a, b in differences_frame(left, right, "USD").itertuples(index=False, name=None)}
    price = "$13 per seat and month, offered after 75 days and 9 a month of api calls"
    expected = "3% to 17% of those eligible expected to buy"
    assert cells["Add-ons: Audit trail"] == (f"{price}; {expected}", "not sold")


def test_a_way_to_the_new_prices_only_one_design_has_is_told_in_a_sentence() -> None:
    """The policy with its terms, under the title of its section, instead of every setting of every policy."""
    left = Scenario(id="a", name="A").with_decision(MigrationDecision(policy="grandfather"))
    rows = differences_frame(left, Scenario(id="b", name="B")).to_numpy().tolist()
    told = "Customers of today keep their old prices for 12 months, then pay the new ones."
    assert rows == [["The way to the new prices: whole decision", told, "not there"]]


def test_prices_that_differ_carry_the_currency() -> None:
    """A price is money, a limit a quantity, a choice among fixed ones words."""
    tier = Tier(id="one", name="One", price=1200, price_per="seats", limits={"rows": 2500})
    left = Scenario(id="a", name="A").with_decision(TierDecision(tiers=(tier,)))
    dearer = tier.model_copy(update={"price": Decimal("1350.5"), "limits": {"rows": Decimal(40)}})
    right = Scenario(id="b", name="B").with_decision(TierDecision(tiers=(dearer,)))
    cells = {where: (a, b) for where, a, b in differences_frame(left, right, "EUR").itertuples(index=False, name=None)}
    assert cells["Tier design: One > price"] == ("€1,200", "€1,350.50")
    assert cells["Tier design: One > limits > rows"] == ("2,500", "40")
    assert decision_in_words("usage_based") == "usage based"
