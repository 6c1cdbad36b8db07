"""Starting points agree with each other, and leave alone what somebody decided."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from workbench.stages import STAGES, contract
from workbench.stages.contract import with_starting_points
from workbench.stages.model_fit.decision import ModelFitDecision
from workbench.stages.offers import TierDecision
from workbench.study import Scenario

if TYPE_CHECKING:
    from workbench.customers import CustomerBase

pytestmark = pytest.mark.needs_stage("model_fit")


@pytest.fixture(scope="module")
def base(sample_company: CustomerBase) -> CustomerBase:
    """Return the sample company."""
    return sample_company


@pytest.fixture(scope="module")
def evidence(gathered_sample: dict[str, Any]) -> dict[str, Any]:
    """Return its evidence."""
    return gathered_sample


def test_each_starting_point_is_what_its_stage_suggests_beside_the_others(
    base: CustomerBase, evidence: dict[str, Any]
) -> None:
    """A fixed point: with one stage opened again, it suggests what stands there."""
    done = with_starting_points(base, Scenario(id="design", name="Design"), evidence=evidence)
    for stage in STAGES:
        opened = done.replaced(stages={key: each for key, each in done.stages.items() if key != stage.key})
        assert with_starting_points(base, opened, evidence=evidence) == done, stage.key


def test_what_the_team_decided_is_never_changed(base: CustomerBase, evidence: dict[str, Any]) -> None:
    """A model that ranks last stays decided; the stages around it are filled in."""
    mine = ModelFitDecision(model="usage_based", usage_component="replacement")
    start = Scenario(id="design", name="Design").with_decision(mine)
    done = with_starting_points(base, start, evidence=evidence)
    assert done.decision(ModelFitDecision) == mine
    assert done.decided(TierDecision)


def test_a_stage_that_looks_at_a_later_one_settles(monkeypatch: pytest.MonkeyPatch, base: CustomerBase) -> None:
    """Where an early stage suggests otherwise once a later one is decided, the walk goes on until both agree."""

    def suggest_model(_base: object, scenario: Scenario, *, evidence: object) -> ModelFitDecision:
        del evidence
        return ModelFitDecision(model="tiered" if scenario.decision(TierDecision).tiers else "hybrid")

    tiers = TierDecision.model_validate({"tiers": [{"id": "s", "name": "S", "price": "10"}]})
    stages = [
        SimpleNamespace(key="model_fit", module=SimpleNamespace(suggest=suggest_model), seconds_of=lambda *_: 0.1),
        SimpleNamespace(key="tiers", module=SimpleNamespace(suggest=lambda *_, **__: tiers), seconds_of=lambda *_: 0.1),
    ]
    monkeypatch.setattr(contract, "STAGES", stages)
    start = Scenario(id="design", name="Design")
    done = with_starting_points(base, start, evidence={"model_fit": None, "tiers": None})
    assert done.decision(ModelFitDecision).model == "tiered"


def test_a_stage_whose_package_cannot_be_imported_is_left_out_and_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The other stages open; the log names the stage, its package and what is missing."""
    broken = SimpleNamespace(name="elsewhere", value="a_package_nobody_has")
    monkeypatch.setattr(contract, "entry_points", lambda group: [broken] if group == contract.ENTRY_POINTS else [])
    assert {each.key for each in contract.found_stages()} == {each.key for each in STAGES} - {"discount_policy"}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "elsewhere" in caplog.text
    assert "No module named 'a_package_nobody_has'" in caplog.text
