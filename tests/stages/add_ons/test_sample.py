"""What the stage must find in the sample company, which was made with needs that only a minority has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from workbench.stages import tiers
from workbench.stages.add_ons import evaluate, gather, suggest
from workbench.study import Scenario
from workbench.workspace import sample_folder

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.add_ons.evidence import AddOnEvidence

pytestmark = pytest.mark.needs_stage("tiers")
OPEN = Scenario(id="design", name="Design", kind="design")


@pytest.fixture(scope="module")
def evidence(sample_company: CustomerBase) -> AddOnEvidence:
    """Return what the sample's data tells before its move."""
    return gather(sample_company)


@pytest.fixture(scope="module")
def minority() -> set[str]:
    """Return the features the sample was made to have for a minority, outside the common order."""
    return set(json.loads((sample_folder().parent / "sample_truth.json").read_text())["minority_features"])


def test_the_needs_of_a_minority_are_candidates_apart_from_the_order(
    sample_company: CustomerBase, evidence: AddOnEvidence, minority: set[str]
) -> None:
    """Every feature made for a minority is clearly few, and none of them belongs to the common order."""
    result = evaluate(sample_company, OPEN, evidence=evidence)
    found = {each.name: each for each in result.candidates if each.name in minority}
    assert set(found) == minority
    assert {each.group for each in found.values()} == {"clearly few"}
    assert sum(each.order == "apart from it" for each in found.values()) >= len(minority) - 1
    assert "part of it" not in {each.order for each in found.values()}


def test_the_starting_point_is_made_of_them(
    sample_company: CustomerBase, evidence: AddOnEvidence, minority: set[str]
) -> None:
    """Beside suggested tiers the suggested add-ons sell needs of a minority; what was measured sets its price."""
    base = sample_company
    design = OPEN.with_decision(tiers.suggest(base, OPEN))
    decision = suggest(base, design, evidence)
    assert len(decision.add_ons) == 3
    assert {name for choice in decision.add_ons for name in choice.features} <= minority
    result = evaluate(base, design.with_decision(decision), evidence=evidence)
    measured = {"Audit trail export"}
    met = {(each.rule_id, each.subject): each.status_word for each in result.findings}
    for choice in decision.add_ons:
        assert {met[rule, choice.name] for rule in ("A1", "A3")} == {"Set so"}
        assert met["A2", choice.name] == ("Not met" if choice.name in measured else "Set so")
        assert met["A8", choice.name] == ("Set so" if choice.name in measured else "Unknown")
        assert met["A7", choice.name] == "Watch"
    # The average worth by the utilities the survey was made of, in the interval the price was set within.
    truth = json.loads((sample_folder().parent / "sample_truth.json").read_text())["surveys"]["choice_utility"]
    worth = -10 * truth["audit_trail"]["mean"] / truth["price"]["mean"]
    found = evidence.prices.worth["Audit trail export"]
    assert found.low <= worth <= found.high
