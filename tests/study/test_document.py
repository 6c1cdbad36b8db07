"""Laws of the study document."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from workbench.errors import StudyError
from workbench.study import (
    Assumption,
    ImpossibleDocumentError,
    Scenario,
    StageDecision,
    Study,
    compare_scenarios,
    fresh_id,
    plain_errors,
    slug,
)

if TYPE_CHECKING:
    from datetime import datetime


def test_a_new_study_has_the_baseline_and_one_design(study: Study) -> None:
    """A new study starts with today's prices and one open design, and names itself after its title."""
    assert [(s.id, s.kind) for s in study.scenarios] == [("baseline", "baseline"), ("design-a", "design")]
    assert (study.name, study.title, study.revision) == ("acme-redesign", "Acme redesign", 0)


def test_documents_cannot_be_changed_in_place(study: Study) -> None:
    """A change makes a new study; the old one refuses assignment."""
    with pytest.raises(ValidationError, match="frozen"):
        study.title = "Other"
    assert study.replaced(title="Other").title == "Other"
    assert study.title == "Acme redesign"


def test_what_is_wrong_inside_a_document_is_named_by_its_place() -> None:
    """Every wrong value of a document and of the documents in it stands in one error, in the words of the caller."""
    wrong = {"id": "a", "name": "", "waivers": ({"id": "w", "rule": "T1", "reason": "r", "who": "Ann"},)}
    reasons = "name: must not be empty; waivers > 0 > when: is missing"
    with pytest.raises(ImpossibleDocumentError, match=f"This scenario is not possible: {reasons}"):
        Scenario(**wrong)
    with (
        pytest.raises(ImpossibleDocumentError, match=f"This copy cannot be made: {reasons}"),
        plain_errors("This copy cannot be made"),
    ):
        Scenario(**wrong)


def test_an_unknown_field_is_refused(study: Study) -> None:
    """A field that the schema does not have is named, not kept."""
    with pytest.raises(StudyError, match="colour: is not a known field"):
        study.replaced(colour="red")


def test_the_baseline_cannot_be_redesigned_or_removed(study: Study, price_decision: type[StageDecision]) -> None:
    """Today's prices take no decision and stay in the study."""
    with pytest.raises(StudyError, match="cannot be redesigned"):
        study.baseline.with_decision(price_decision(entry=12))
    with pytest.raises(StudyError, match="cannot be removed"):
        study.remove_scenario("baseline")


def test_a_decision_comes_back_typed_and_others_stay_open(study: Study, price_decision: type[StageDecision]) -> None:
    """What a stage saved comes back as its own class; an untouched stage gives its defaults."""
    scenario = study.scenario("design-a")
    assert not scenario.decided(price_decision)
    assert scenario.decision(price_decision) == price_decision()
    decided = scenario.with_decision(price_decision(entry=12.5))
    assert decided.decided("prices")
    assert decided.decision(price_decision).entry == 12.5
    assert not decided.without_decision(price_decision).decided(price_decision)


def test_a_saved_decision_that_no_longer_fits_is_named(study: Study, price_decision: type[StageDecision]) -> None:
    """A stage decision that its class refuses is reported with scenario, stage and field."""
    broken = study.scenario("design-a").replaced(stages={"prices": {"entry": "dear"}})
    with pytest.raises(StudyError, match=r"prices in scenario 'Design A'.*entry.*'dear'"):
        broken.decision(price_decision)


def test_scenarios_are_duplicated_renamed_and_removed(study: Study, price_decision: type[StageDecision]) -> None:
    """A duplicate holds the same decisions under its own id; a new name keeps the id."""
    decided = study.with_scenario(study.scenario("design-a").with_decision(price_decision(entry=9)))
    copied = decided.duplicate_scenario("design-a", "Bold")
    assert copied.scenario("bold").decision(price_decision).entry == 9
    assert copied.rename_scenario("bold", "Bolder").scenario("bold").name == "Bolder"
    assert copied.remove_scenario("design-a").scenario_ids == ("baseline", "bold")


def test_a_duplicate_of_the_baseline_is_a_design(study: Study) -> None:
    """Copying today's prices gives a scenario that can be redesigned."""
    assert study.duplicate_scenario("baseline", "From today").scenario("from-today").kind == "design"


def test_two_scenarios_never_share_a_name(study: Study) -> None:
    """A name that is taken is refused, whatever its letter case."""
    with pytest.raises(StudyError, match="already has a scenario named"):
        study.duplicate_scenario("design-a", "design a")
    with pytest.raises(StudyError, match="already has a scenario named"):
        study.rename_scenario("design-a", "Today")


def test_the_only_design_and_the_chosen_one_stay(study: Study, when: datetime) -> None:
    """A study keeps at least one design, and the scenario it chose."""
    with pytest.raises(StudyError, match="only one"):
        study.remove_scenario("design-a")
    chosen = study.duplicate_scenario("design-a", "B").choose("b", "best", "Ann", when)
    with pytest.raises(StudyError, match="chosen one"):
        chosen.remove_scenario("b")


def test_a_choice_is_a_line_of_the_decision_log(study: Study, when: datetime) -> None:
    """What was chosen, why, by whom and against what stands in the log; an earlier choice stays there."""
    study = study.duplicate_scenario("design-a", "Bold")
    study = study.choose("design-a", "first", "Ann", when, findings=("It crosses a guardrail.",))
    study = study.choose("bold", "better", "Ben", when)
    assert [(line.scenario_id, line.reason, line.who) for line in study.decisions] == [
        ("design-a", "first", "Ann"),
        ("bold", "better", "Ben"),
    ]
    assert study.decisions[0].findings == ("It crosses a guardrail.",)
    assert study.decisions[1].what == "Bold is the scenario chosen."
    assert study.chosen.scenario_id == "bold"


def test_an_id_in_the_log_is_not_given_to_a_new_scenario(study: Study, when: datetime) -> None:
    """What the log says of a removed scenario never comes to mean another one."""
    two = study.duplicate_scenario("design-a", "Bold")
    logged = two.record_decision("prices", "bold", what="w", reason="r", who="Ann", when=when)
    again = logged.remove_scenario("bold").duplicate_scenario("design-a", "Bold")
    assert again.scenario_ids == ("baseline", "design-a", "bold-2")


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_every_reason_is_required(study: Study, when: datetime, reason: str) -> None:
    """Decisions, waivers, thresholds and the choice all need a reason that says something."""
    calls = (
        lambda: study.record_decision("prices", "design-a", what="w", reason=reason, who="Ann", when=when),
        lambda: study.scenario("design-a").with_waiver("T4", reason, "Ann", when),
        lambda: study.with_threshold("T4", reason, "Ann", when, high=6),
        lambda: study.choose("design-a", reason, "Ann", when),
    )
    for call in calls:
        with pytest.raises(StudyError, match="reason: must not be empty"):
            call()


def test_too_long_a_text_is_refused_with_its_limit(study: Study) -> None:
    """A title beyond the limit is named with the limit and its length."""
    with pytest.raises(StudyError, match=r"title: may have at most 200 characters .*201 characters"):
        study.replaced(title="x" * 201)


def test_log_lines_have_their_own_ids_and_keep_their_order(study: Study, when: datetime) -> None:
    """Decision ids are counted, not drawn, so the same steps give the same study."""

    def build() -> Study:
        result = study
        for number in range(3):
            result = result.record_decision(
                "prices", "design-a", what=f"step {number}", reason="r", who="Ann", when=when, evidence=["e"]
            )
        return result

    assert [record.id for record in build().decisions] == ["prices-1", "prices-2", "prices-3"]
    assert build() == build()


def test_a_moment_without_time_zone_is_refused(study: Study, when: datetime) -> None:
    """Two people in two places read the log, so a moment says its zone."""
    with pytest.raises(StudyError, match="when: needs a time zone"):
        study.choose("design-a", "r", "Ann", when.replace(tzinfo=None))


def test_a_range_runs_from_low_to_high(study: Study) -> None:
    """An assumption with its ends swapped is refused; one that fits replaces the one of its id."""
    with pytest.raises(StudyError, match="swap them"):
        Assumption(id="churn", label="Churn", low=0.2, high=0.1)
    first = study.with_assumption(Assumption(id="churn", label="Churn", low=0.1, high=0.2))
    second = first.with_assumption(Assumption(id="churn", label="Churn", low=0.1, high=0.3))
    assert [item.high for item in second.assumptions] == [0.3]
    assert second.assumption("churn").middle == pytest.approx(0.2)
    with pytest.raises(StudyError, match="no assumption 'other'"):
        second.assumption("other")


def test_a_waiver_of_the_same_place_is_replaced(study: Study, when: datetime) -> None:
    """One rule and subject have one waiver; withdrawing it puts the rule back in force."""
    once = study.scenario("design-a").with_waiver("T4", "first", "Ann", when, subject="Pro")
    twice = once.with_waiver("T4", "second", "Bob", when, subject="Pro").with_waiver("T4", "all", "Bob", when)
    assert [(w.id, w.reason) for w in twice.waivers] == [("t4-pro", "second"), ("t4", "all")]
    assert [w.id for w in twice.without_waiver("t4").waivers] == ["t4-pro"]
    with pytest.raises(StudyError, match="has no waiver 't9'"):
        twice.without_waiver("t9")


def test_scenarios_compare_field_by_field(study: Study, price_decision: type[StageDecision]) -> None:
    """A comparison names each field that differs, with items of lists matched by their name."""
    cheap = price_decision(entry=9, tiers=({"name": "Pro", "price": 20}, {"name": "Max", "price": 40}))
    dear = price_decision(entry=9, tiers=({"name": "Pro", "price": 25}, {"name": "Max", "price": 40}))
    left = study.scenario("design-a").with_decision(cheap)
    right = study.scenario("design-a").with_decision(dear)
    assert [(d.where, d.left, d.right) for d in compare_scenarios(left, right)] == [
        ("stages > prices > tiers > Pro > price", 20, 25)
    ]
    assert compare_scenarios(left, left) == ()


def test_ids_are_plain_and_unique() -> None:
    """An id is ASCII whatever the name, and a taken one gets the next counter."""
    assert slug("Été à Paris!") == "ete-a-paris"
    assert slug("Große Straße") == "grosse-strasse"
    assert slug("价格") == "item"
    assert fresh_id("Pro", {"pro", "pro-2"}) == "pro-3"


def test_study_and_rules_load_without_the_heavy_libraries() -> None:
    """Reading a study or a rule loads neither tables nor widgets nor charts."""
    code = (
        "import sys, workbench.study, workbench.rules\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'altair', 'ipywidgets', 'IPython', 'duckdb', 'pandera'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
