"""The section of the report on willingness to pay, who buys what, and prices found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from markupsafe import escape
from openpyxl import load_workbook

from workbench.customers import CustomerBase
from workbench.report import gather_content, report_html, write_workbook
from workbench.report.page import unbroken
from workbench.stages.contract import evaluate_scenario
from workbench.stages.willingness import WillingnessDecision, concluded, evaluate, summarise
from workbench.stages.willingness.evidence import METHODS, WOULD_ADD
from workbench.stages.willingness.price_search import found_against_today, search_made

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report import ReportContent
    from workbench.stages.contract import StageOutcome
    from workbench.study import Scenario

pytestmark = pytest.mark.slow

START = '<section aria-labelledby="stage-willingness">'


def section_of(page: str) -> str:
    """Return the section's HTML."""
    start = page.index(START)
    return page[start : page.index("</section>", start)]


def without(base: CustomerBase, *names: str) -> CustomerBase:
    """Return the base without some tables, and without any survey."""
    kept = {name: frame for name, frame in base.frames.items() if not name.startswith("survey_") and name not in names}
    return CustomerBase.from_tables(kept)


def asked_again(content: ReportContent, base: CustomerBase, scenario: Scenario) -> ReportContent:
    """Return the report with this stage evaluated on another base or scenario, the others as they were."""
    (found,) = (each for each in evaluate_scenario(base, content.study, scenario) if each.stage.key == "willingness")
    outcomes = tuple(found if each.stage.key == "willingness" else each for each in content.outcomes)
    return replace(content, base=base, outcomes=outcomes)


def outcome_of(content: ReportContent) -> StageOutcome:
    """Return the stage's outcome."""
    return next(each for each in content.outcomes if each.stage.key == "willingness")


@pytest.fixture(scope="module")
def section(page: str) -> str:
    """Return the section of the sample's report."""
    return section_of(page)


def test_it_stands_after_the_tiers(content: ReportContent, page: str) -> None:
    """The section stands where its notebook does, says what its scenario brings, and the contents lead to it."""
    assert page.index('id="stage-tiers"') < page.index(START) < page.index('id="stage-add_ons"')
    assert '<a href="#stage-willingness">' in page
    assert str(escape(unbroken(outcome_of(content).summary))) in section_of(page)


def test_every_reading_assumption_and_caution_is_printed(section: str, content: ReportContent) -> None:
    """What figures say, what was assumed, and what to know before using it all stand in the section."""
    outcome, result = outcome_of(content), content.willingness
    methods = next(each for each in outcome.sections if each.key == "methods")
    assert [part.kind for part in methods.parts] == ["under"] * 6
    assert "would say" not in section
    figures = [
        each for one in outcome.sections for part in one.all_parts if part.kind == "figures" for each in part.holds
    ]
    assert {each.key for each in figures} == {each.key for each in outcome.figures}
    said = [figure.reading for figure in figures]
    said += [caution.text for caution in result.cautions]
    assumed = [each.sentence for each in result.design.sourced.demand.assumed]
    assert any("0.93 to 1.52" in each for each in assumed)
    for each in (*said, *assumed, result.anchoring.reading, content.demand.found.reason):
        assert str(escape(unbroken(each))) in section


def test_prices_that_are_not_recommended_are_not_printed(section: str, content: ReportContent) -> None:
    """The sample's best prices under its rules lose money: the section says so, and names none of them."""
    search = search_made(content.willingness).search
    assert search is not None
    assert content.demand.found.status == "unknown"
    assert "No prices are recommended" in section
    assert "Flat from" not in section
    assert search.reading not in section
    assert content.demand.status == "known"
    assert "accounts that pay today" in outcome_of(content).summary
    assert "Customers kept, lost and gained" in section


@pytest.fixture(scope="module")
def recommended(content: ReportContent) -> ReportContent:
    """Return the report of a part of the sample that charges three tenths of its prices: better ones are found."""
    frames = content.base.frames
    some = set(frames["accounts"]["account_id"].iloc[::6])
    slow = ("survey_choice", "survey_best_worst", "feature_use", "outcomes")
    kept = {
        name: frame[frame["account_id"].isin(some)] if "account_id" in frame else frame
        for name, frame in frames.items()
        if name not in slow
    }
    for name, column in {"plans": "unit_price", "mrr": "amount"}.items():
        kept[name] = kept[name].assign(**{column: kept[name][column] * 0.3})
    base = CustomerBase.from_tables({name: frame.reset_index(drop=True) for name, frame in kept.items() if len(frame)})
    settled = WillingnessDecision(rules_off=("T2", "T4", "A2", "C4"))
    return asked_again(content, base, content.scenario.with_decision(settled))


def test_recommended_prices_are_held_against_the_scenarios_own_and_todays(recommended: ReportContent) -> None:
    """Found prices stand in a table, bring more than today at the low end, and keep nine in ten at the low end."""
    result, found = recommended.willingness, recommended.demand.found
    search = search_made(result).search
    assert found.status == "known"
    assert found.prices == {name: search.prices[name] for name in search.searched}
    assert found.accounts_kept.low > 0.9
    text = section_of(report_html(recommended))
    text = text[text.index("<h3>Find prices</h3>") :]
    assert "at this scenario&#39;s prices" in text
    assert "at today&#39;s prices" not in text
    assert "This scenario</th>" in text
    assert str(escape(unbroken(search.reading))) in text
    assert str(escape(unbroken(found_against_today(result).reading(result.currency)))) in text
    for caution in search.cautions:
        assert str(escape(unbroken(caution.text))) in text
    assert "Prices found" in text[text.index("<h3>Against today") :]


def test_what_rules_cost_is_a_share_of_the_same_value(content: ReportContent) -> None:
    """Costs counted on a sample are scaled, keep their order of size, and a caution says what they stand on."""
    search = search_made(content.willingness).search
    assert search is not None
    assert search.rule_costs
    assert all(cost.gain >= 0 and cost.value == pytest.approx(search.value + cost.gain) for cost in search.rule_costs)
    together = next(cost.gain for cost in search.rule_costs if cost.rule == "all")
    assert together >= 0.98 * max(cost.gain for cost in search.rule_costs)
    assert any("drawn at random, and scaled to all" in caution.text for caution in search.cautions)


def test_a_name_that_is_a_script_stays_a_name(section: str) -> None:
    """Tier names are escaped in text and tables, and are in no id."""
    assert "<script" not in section
    assert "&lt;script&gt;" in section
    assert 'id="figure-willingness-line-share-1"' in section


def test_without_surveys_each_method_is_a_sentence(content: ReportContent) -> None:
    """What customers pay stands in for answers, and every method says what it would add."""
    base = without(content.base)
    told = asked_again(content, base, content.scenario)
    section = section_of(report_html(told))
    assert told.willingness.source == "what customers pay"
    assert told.demand.status == told.demand.found.status == "unknown"
    assert told.demand.revenue.low < told.demand.revenue.high
    for method, table in METHODS.items():
        assert f"The table {table} would say {WOULD_ADD[method]}." in section


def test_with_nothing_to_go_by_the_report_says_so(content: ReportContent, tmp_path: Path) -> None:
    """A base without surveys and without revenue gives a whole report, a sentence in the section, and a workbook."""
    base = without(content.base, "mrr")
    bare = gather_content(base, content.study, content.scenario.id)
    section = section_of(report_html(bare))
    assert search_made(bare.willingness).search is None
    assert "Nothing says what customers would pay" in section
    assert bare.demand.status == "unknown"
    assert bare.demand.revenue is None
    assert load_workbook(write_workbook(bare, tmp_path / "bare.xlsx")).sheetnames


def test_an_undecided_design_is_not_an_error(content: ReportContent) -> None:
    """A scenario without tiers has nothing to put before customers, and the section says that."""
    empty = content.scenario.model_copy(update={"stages": {}})
    result = evaluate(content.base, empty)
    assert concluded(result).found.reason == summarise(result.decision, result) == result.why_not
    assert search_made(result).search is None
    assert result.why_not
