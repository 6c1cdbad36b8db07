"""A starting point counts as a scenario on the panels of later steps, and is saved by nobody."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from workbench import open_stage
from workbench.rendering.session import Session
from workbench.stages.offers import TierDecision

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(
    make_sample_workspace: Callable[[Path], Workspace], tmp_path_factory: pytest.TempPathFactory
) -> Workspace:
    """Return a folder as `workbench lab` makes it."""
    return make_sample_workspace(tmp_path_factory.mktemp("starting"))


@pytest.fixture
def undecided(workspace: Workspace, tmp_path: Path) -> Session:
    """Return the sample study with nothing decided in any scenario."""
    folder = workspace.folder / "studies" / tmp_path.name
    shutil.copytree(workspace.sample, folder)
    study = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    for scenario in study["scenarios"]:
        if scenario["kind"] == "design":
            scenario["stages"] = {}
    (folder / "study.json").write_text(json.dumps({**study, "decisions": [], "chosen": None}), encoding="utf-8")
    return Session(folder)


def test_computed_tiers_are_sold_to_on_every_later_step(undecided: Session) -> None:
    """Who tests the offer is asked about the tiers on the screen of tier design, and the study stays undecided."""
    tiers = open_stage(undecided, "tiers")
    bills = open_stage(undecided, "impact")
    shown = {tier.name: tier.price for tier in tiers.decision.tiers}
    billed = bills.result.scenario.decision(TierDecision)
    assert {tier.name: tier.price for tier in billed.tiers} == shown
    assert shown
    assert bills.result.key_figures
    assert not undecided.scenario.decided("tiers")
    for panel in (tiers, bills):
        panel.close()


def test_what_is_changed_counts_at_once(undecided: Session) -> None:
    """The first change decides the tiers; later steps then work on what was decided."""
    tiers = open_stage(undecided, "tiers")
    bills = open_stage(undecided, "impact")
    first = tiers.decision.tiers[0]
    tiers.settings["tiers.0.price"].value = float(first.price) + 1
    bills.flush()
    billed = bills.result.scenario.decision(TierDecision)
    assert billed.tiers[0].price == first.price + 1
    for panel in (tiers, bills):
        panel.close()
