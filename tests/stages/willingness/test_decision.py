"""The decision about willingness to pay: its ranges, its place in a study, and two people who change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.errors import StudyError
from workbench.rendering.session import Session
from workbench.stages import STAGES
from workbench.stages.contract import decision_class
from workbench.stages.willingness import WillingnessDecision
from workbench.stages.willingness.decision import SOURCES
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.customers import CustomerBase


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"overstated_low": 1.5, "overstated_high": 1.2}, "overstate by 1.5 to 1.2"),
        ({"rivals_lack_low": 0.6, "rivals_lack_high": 0.5}, "lack 0.6 to 0.5"),
    ],
)
def test_a_range_the_wrong_way_round_is_refused_with_a_sentence(fields: dict[str, float], words: str) -> None:
    """The sentence names the numbers and what must hold."""
    with pytest.raises(StudyError, match=f"{words}.*first number must not be above the second"):
        WillingnessDecision(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"overstated_low": 0.1},
        {"overstated_high": 9},
        {"rivals_lack_low": -0.1},
        {"rivals_lack_high": 1.1},
        {"source": "a hunch"},
        {"rules_off": ("T9",)},
        {"objective": "fame"},
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, object]) -> None:
    """Numbers off the scale and names nobody knows do not get into a study."""
    with pytest.raises(StudyError):
        WillingnessDecision(**fields)


def test_a_range_of_one_number_is_a_range() -> None:
    """Who is sure may say so: both ends may be the same."""
    assert WillingnessDecision(overstated_low=1.2, overstated_high=1.2).overstated_high == 1.2


def test_a_study_keeps_the_decision_through_its_file(tmp_path: Path) -> None:
    """What was settled comes back as it was, whatever of it was settled."""
    decision = WillingnessDecision(
        source=SOURCES[2],
        overstated_low=1.1,
        overstated_high=2.0,
        rule="logit",
        rivals=("Dear Pro",),
        objective="margin",
        rules_off=("T2", "C4"),
        ending=None,
    )
    study = Study.new("small", "data", title="A small study")
    study = study.with_scenario(study.designs[0].with_decision(decision))
    study.save(tmp_path)
    assert Study.load(tmp_path).designs[0].decision(WillingnessDecision) == decision


def test_every_decision_a_scenario_keeps_has_its_class() -> None:
    """Stages and the decisions kept beside them are found under their keys; an unknown key is an error."""
    for key in (*(each.key for each in STAGES), "migration", "steady"):
        assert decision_class(key).stage == key
    with pytest.raises(KeyError):
        decision_class("weather")


def two_sessions(folder: Path, base: CustomerBase, decision: WillingnessDecision) -> tuple[Session, Session]:
    """Return two sessions on one study with this decision saved."""
    study = Study.new("small", "data", title="A small study")
    saved = study.with_scenario(study.designs[0].with_decision(decision)).save(folder)
    return Session(folder, saved, base=base), Session(folder, saved, base=base)


def test_changes_of_different_fields_come_together(tmp_path: Path, company: Callable[..., CustomerBase]) -> None:
    """One sets what to maximise, the other how customers choose: both hold."""
    start = WillingnessDecision(objective="revenue", rule="surplus")
    left, right = two_sessions(tmp_path, company(), start)
    left.keep(start.replaced(objective="margin"))
    right.keep(start.replaced(rule="logit"))
    assert right.conflict is None
    found = Study.load(tmp_path).designs[0].decision(WillingnessDecision)
    assert (found.objective, found.rule) == ("margin", "logit")


@pytest.mark.parametrize(("settle", "ends"), [("take_mine", (1.3, 1.4)), ("take_theirs", (1.0, 1.1))])
def test_changes_that_make_an_impossible_range_together_are_a_conflict(
    tmp_path: Path, company: Callable[..., CustomerBase], settle: str, ends: tuple[float, float]
) -> None:
    """Each is fine alone; together the range would be the wrong way round, so a person decides."""
    start = WillingnessDecision(overstated_low=1.0, overstated_high=1.4, objective="margin")
    left, right = two_sessions(tmp_path, company(), start)
    left.keep(start.replaced(overstated_high=1.1))
    right.keep(start.replaced(overstated_low=1.3))
    assert right.conflict is not None
    getattr(right, settle)()
    found = Study.load(tmp_path).designs[0].decision(WillingnessDecision)
    assert (found.overstated_low, found.overstated_high) == ends
