"""A study decided with a stage that is not installed here opens, is edited and evaluated, and keeps that decision."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from workbench.stages.contract import STAGES, evaluate_scenario
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.customers import CustomerBase

pytestmark = pytest.mark.slow

DECISION = {"floor": 0.8, "leaving": 0.05, "notes": ["kept as it is"]}


def with_unknown(study: Study, folder: Path) -> Path:
    """Save a study, and put a decision of an unknown stage into each of its scenarios, as a colleague's file has it."""
    study.save(folder)
    path = folder / "study.json"
    document = json.loads(path.read_text())
    for scenario in document["scenarios"]:
        if scenario["kind"] == "design":
            scenario["stages"]["a_stage_of_theirs"] = DECISION
    path.write_text(json.dumps(document))
    return path


def test_it_is_kept_through_an_edit_and_a_save(tmp_path: Path) -> None:
    """Whatever else changes, the decision comes back field by field."""
    path = with_unknown(Study.new("acme", "data"), tmp_path)
    opened = Study.load(tmp_path)
    opened.with_scenario(opened.designs[0].replaced(name="Another name")).save(tmp_path)
    kept = [each for each in json.loads(path.read_text())["scenarios"] if each["kind"] == "design"]
    assert [each["name"] for each in kept] == ["Another name"]
    assert all(each["stages"]["a_stage_of_theirs"] == DECISION for each in kept)


def test_the_stages_that_are_there_are_evaluated(
    sample_company: CustomerBase, decided_sample: Study, tmp_path: Path
) -> None:
    """The unknown decision is in nobody's way: every stage that is installed gives its result."""
    with_unknown(decided_sample, tmp_path)
    opened = Study.load(tmp_path)
    design = opened.designs[0]
    outcomes = evaluate_scenario(sample_company, opened, design)
    assert [each.stage.key for each in outcomes] == [each.key for each in STAGES]
    assert design.stages["a_stage_of_theirs"] == DECISION
