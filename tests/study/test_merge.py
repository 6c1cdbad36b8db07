"""Laws of merging: different fields come together, the same field is a conflict, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.study import ABSENT, Assumption, StageDecision, Study, StudyConflictError, merge, resolve
from workbench.study.merging import merged_order

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@pytest.fixture
def design(study: Study, price_decision: type[StageDecision]) -> Callable[..., Study]:
    """Return a function that gives the study with these prices decided."""

    def with_prices(start: Study = study, **prices: object) -> Study:
        scenario = start.scenario("design-a")
        decision = scenario.decision(price_decision).replaced(**prices)
        return start.with_scenario(scenario.with_decision(decision))

    return with_prices


def test_different_fields_of_one_stage_merge(design: Callable[..., Study], price_decision: type[StageDecision]) -> None:
    """Two people who change different prices both get their change."""
    base = design(entry=10, top=40)
    merged = merge(base, design(base, entry=12), design(base, top=50))
    decision = merged.scenario("design-a").decision(price_decision)
    assert (decision.entry, decision.top) == (12, 50)


def test_items_of_a_list_merge_by_name(design: Callable[..., Study], price_decision: type[StageDecision]) -> None:
    """Changes to two tiers merge, and a tier added on each side is kept."""
    base = design(tiers=({"name": "Pro", "price": 20}, {"name": "Max", "price": 40}))
    mine = design(base, tiers=({"name": "Pro", "price": 22}, {"name": "Max", "price": 40}, {"name": "M", "price": 1}))
    theirs = design(
        base, tiers=({"name": "Free", "price": 0}, {"name": "Pro", "price": 20}, {"name": "Max", "price": 44})
    )
    tiers = merge(base, mine, theirs).scenario("design-a").decision(price_decision).tiers
    assert [(tier["name"], tier["price"]) for tier in tiers] == [("Free", 0), ("Pro", 22), ("Max", 44), ("M", 1)]


def test_the_same_field_is_a_conflict_that_can_be_settled_either_way(
    design: Callable[..., Study], price_decision: type[StageDecision]
) -> None:
    """A field changed twice is listed in words with both values, and resolving takes the named side."""
    base = design(entry=10)
    mine, theirs = design(base, entry=12), design(base, entry=13, top=99)
    with pytest.raises(StudyConflictError) as caught:
        merge(base, mine, theirs)
    (conflict,) = caught.value.conflicts
    assert (conflict.where, conflict.mine, conflict.theirs) == (
        "scenarios > Design A > stages > prices > entry",
        12,
        13,
    )
    for side, entry in (("mine", 12), ("theirs", 13)):
        decision = resolve(caught.value, side).scenario("design-a").decision(price_decision)
        assert (decision.entry, decision.top) == (entry, 99)
    assert resolve(caught.value, {conflict.path: "mine"}).scenario("design-a").decision(price_decision).entry == 12
    with pytest.raises(StudyConflictError):
        resolve(caught.value, {("other",): "mine"})


def test_the_same_change_on_both_sides_is_no_conflict(design: Callable[..., Study]) -> None:
    """Two people who agree do not disturb each other."""
    base = design(entry=10)
    assert merge(base, design(base, entry=11), design(base, entry=11)) == design(base, entry=11)


def test_both_log_lines_are_kept_under_their_own_ids(study: Study, when: datetime) -> None:
    """Decisions recorded at the same time both stay in the log, whatever ids they were given."""
    mine = study.record_decision("prices", "design-a", what="mine", reason="r", who="Ann", when=when)
    theirs = study.record_decision("prices", "design-a", what="theirs", reason="r", who="Bob", when=when)
    merged = merge(study, mine, theirs)
    assert {record.what for record in merged.decisions} == {"mine", "theirs"}
    assert len({record.id for record in merged.decisions}) == 2


def test_scenarios_added_under_one_name_are_both_kept(study: Study, when: datetime) -> None:
    """Two new scenarios of one name stay two, and what refers to the renumbered one follows it."""
    mine = study.duplicate_scenario("design-a", "Bold").choose("bold", "mine", "Ann", when)
    mine = mine.with_scenario(mine.scenario("bold").replaced(note="mine"))
    mine = mine.record_decision("prices", "bold", what="w", reason="r", who="Ann", when=when)
    theirs = study.duplicate_scenario("design-a", "Bold")
    theirs = theirs.with_scenario(theirs.scenario("bold").replaced(note="theirs"))
    merged = merge(study, mine, theirs)
    assert [(s.name, s.note) for s in merged.designs[1:]] == [("Bold", "theirs"), ("Bold (2)", "mine")]
    assert merged.scenario(merged.chosen.scenario_id).note == "mine"
    assert merged.scenario(merged.decisions[0].scenario_id).note == "mine"


def test_removing_what_the_other_side_changed_is_a_conflict(study: Study) -> None:
    """A scenario removed here and edited there is shown, not dropped."""
    base = study.duplicate_scenario("design-a", "Bold")
    edited = base.with_scenario(base.scenario("bold").replaced(note="better"))
    with pytest.raises(StudyConflictError) as caught:
        merge(base, base.remove_scenario("bold"), edited)
    assert caught.value.conflicts[0].mine is ABSENT
    assert resolve(caught.value, "theirs").scenario("bold").note == "better"
    assert "bold" not in resolve(caught.value, "mine").scenario_ids


def test_choosing_what_the_other_side_removed_is_a_conflict(study: Study, when: datetime) -> None:
    """A chosen scenario that vanished is a conflict; keeping it brings it back, dropping it drops the choice."""
    base = study.duplicate_scenario("design-a", "Bold")
    with pytest.raises(StudyConflictError) as caught:
        merge(base, base.choose("bold", "r", "Ann", when), base.remove_scenario("bold"))
    assert resolve(caught.value, "mine").chosen.scenario_id == "bold"
    dropped = resolve(caught.value, "theirs")
    assert dropped.chosen is None
    assert "bold" not in dropped.scenario_ids


def test_a_range_is_one_statement(study: Study) -> None:
    """The two ends of a range changed by two people are a conflict: together they would be nobody's guess."""
    base = study.with_assumption(Assumption(id="churn", label="Churn", low=0.1, high=0.2))
    mine = base.with_assumption(Assumption(id="churn", label="Churn", low=0.15, high=0.2))
    theirs = base.with_assumption(Assumption(id="churn", label="Churn", low=0.1, high=0.12))
    with pytest.raises(StudyConflictError, match="assumptions > Churn"):
        merge(base, mine, theirs)


def test_a_decision_that_does_not_fit_together_is_one_conflict(
    design: Callable[..., Study], price_decision: type[StageDecision]
) -> None:
    """Two valid changes that make an invalid decision together are shown as a conflict of the whole stage."""
    base = design(entry=10, top=40)

    def fits(stage: str, document: object) -> bool:
        return stage != "prices" or document["entry"] < document["top"]

    with pytest.raises(StudyConflictError) as caught:
        merge(base, design(base, entry=35), design(base, top=30), accepts=fits)
    assert caught.value.conflicts[0].path == ("scenarios", "design-a", "stages", "prices")
    kept = resolve(caught.value, "mine", accepts=fits).scenario("design-a").decision(price_decision)
    assert (kept.entry, kept.top) == (35, 40)


@given(st.floats(0, 9), st.floats(0, 9), st.text(max_size=5), st.text(max_size=5))
def test_merging_with_an_unchanged_side_changes_nothing(entry: float, top: float, note: str, title: str) -> None:
    """Against an unchanged base, a merge returns the side that changed, from either direction."""
    base = Study.new("Acme", "data")
    scenario = base.scenario("design-a").replaced(note=note, stages={"prices": {"entry": entry, "top": top}})
    changed = base.with_scenario(scenario).replaced(title=f"T {title}")
    assert merge(base, changed, base) == changed
    assert merge(base, base, changed) == changed


names = st.lists(st.sampled_from("abcdefg"), unique=True)


@given(names, names, names)
def test_a_merged_order_holds_everything_once_and_respects_one_side(
    base: list[str], mine: list[str], theirs: list[str]
) -> None:
    """The merged order holds each key of both sides once, in the order of at least one side."""
    order = merged_order(base, mine, theirs)
    if order is None:
        return
    assert sorted(order) == sorted({*mine, *theirs})
    assert [key for key in order if key in mine] == mine or [key for key in order if key in theirs] == theirs
