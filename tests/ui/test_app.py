"""The app: the steps of a study on a rail, each panel built when it is first visited."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from workbench import Session, Study
from workbench.pages import app as app_module
from workbench.pages.app import App, app_steps, decided_of, steps_standing
from workbench.rendering.panel import StagePanel
from workbench.rendering.studies import make_current
from workbench.stages import STAGES
from workbench.study.document import CHOICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workbench.workspace import Workspace

pytestmark = pytest.mark.slow

DAY = datetime(2025, 3, 1, tzinfo=UTC)
SAMPLE = "seats-with-data-overage"


@pytest.fixture(scope="module")
def workspace(
    make_sample_workspace: Callable[[Path], Workspace], tmp_path_factory: pytest.TempPathFactory
) -> Workspace:
    """Return a folder as `workbench lab` makes it."""
    return make_sample_workspace(tmp_path_factory.mktemp("app"))


@pytest.fixture
def app(workspace: Workspace) -> Iterator[App]:
    """Return the app on the sample study."""
    opened = App(workspace.folder)
    yield opened
    opened.close()


def states(app: App) -> dict[str, str]:
    """Return how each step stands on the rail."""
    return {step["key"]: step["state"] for step in app.rail.steps}


def recorded(study: Study, stage: str, *, findings: tuple[str, ...] = (), when: datetime = DAY) -> Study:
    """Return the study with a decision on record."""
    where = study.designs[0].id
    return study.record_decision(
        stage, where, what="So.", reason="Because.", who="Ana", when=when, evidence=(), findings=findings
    )


def test_the_steps_are_the_sequence_of_the_notebooks_with_data_first() -> None:
    """Every stage stands at its notebook, in their order, and the choice after the stages of its own."""
    steps = app_steps()
    assert steps[0].key == app_module.START
    assert [each.key for each in steps if each.key != CHOICE][1:] == [each.key for each in STAGES]
    chosen = next(at for at, each in enumerate(steps) if each.key == CHOICE)
    assert not [each.key for each in steps[chosen + 1 :] if each.notebook == app_module.LAST_NOTEBOOK]
    assert [each.notebook for each in steps] == sorted(each.notebook for each in steps)


def test_a_step_stands_as_the_study_says() -> None:
    """Decided with a record, next where none is, attention where a rule was not met and nobody set it aside."""
    study = Study.new("acme", "data")
    here = study.designs[0].id
    assert steps_standing(study, here)["value_metric"].state == "next"
    study = recorded(
        study, "value_metric", findings=("VM1 breach: Not at all.", "VM2 ok: Quite.", "breach: Of no rule.")
    )
    found = steps_standing(study, here)
    assert (found["value_metric"].state, found["value_metric"].note) == ("attention", "2 rules not met")
    assert found["model_fit"].state == "next"
    assert decided_of(found) == f"1 of {len([each for each in STAGES if each.designs]) + 1} decided"
    waived = study.scenario(here).with_waiver("VM1", "Known.", "Ana", DAY)
    assert steps_standing(study.with_scenario(waived), here)["value_metric"].note == "1 rule not met"
    assert steps_standing(study, here, {"value_metric": ()})["value_metric"].state == "decided"


def test_a_choice_older_than_a_decision_asks_for_attention() -> None:
    """What was decided after the choice may unsettle it."""
    study = recorded(Study.new("acme", "data"), "value_metric")
    study = study.choose(study.designs[0].id, "It is best.", "Ana", DAY.replace(month=4))
    assert steps_standing(study, study.designs[0].id)[CHOICE].state == "decided"
    later = recorded(study, "value_metric", when=DAY.replace(month=5))
    assert steps_standing(later, later.designs[0].id)[CHOICE].state == "attention"


def test_a_panel_is_built_when_its_step_is_first_visited(app: App) -> None:
    """Opened, the app has the first step alone; a visit builds one panel, a second visit none."""
    assert list(app.panels) == ["start"]
    app.go("tiers")
    built = app.panels["tiers"]
    assert set(app.panels) == {"start", "tiers"}
    app.go("add_ons")
    app.rail.current = "tiers"  # as a press on the rail does
    assert app.panels["tiers"] is built
    assert app.stack.selected_index == [step.key for step in app.steps].index("tiers")


def test_a_panel_nobody_looks_at_works_nothing_out_and_catches_up(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change made at one step reaches another only when that comes into view."""
    app.go("tiers")
    tiers = app.panels["tiers"]
    app.go("value_metric")
    runs: list[str] = []
    monkeypatch.setattr(tiers._turns, "_recompute", lambda: runs.append("tiers"))
    session = app.session
    assert session is not None
    session.duplicate_scenario("Another")
    assert runs == []
    app.go("tiers")
    assert runs == ["tiers"]
    session.remove_scenario(session.scenario_id)


@pytest.mark.parametrize("step", ["willingness", CHOICE])
def test_what_belongs_to_no_stage_is_one_more_tab_built_when_it_is_opened(app: App, step: str) -> None:
    """The tab is there with its step; the panel behind it comes with the first look, and goes with the step's."""
    app.go(step)
    panel = app.panels[step]
    tabs = (panel.page if isinstance(panel, StagePanel) else app._pages[step]._tabs).tabs
    (beside,) = app._pages[step]._beside
    assert (tabs.titles[-1], beside._panel) == (beside.title, None)
    tabs.selected_index = len(tabs.children) - 1
    assert beside._panel.sections
    (shown,) = tabs.children[-1].children
    assert shown.children == tuple(section.widget for section in beside._panel.sections)


def test_opening_another_study_lets_the_panels_of_the_one_before_go(app: App, workspace: Workspace) -> None:
    """The rail shows the study opened at the first step, and its panels are built anew."""
    other = workspace.folder / "studies" / "other"
    Session(workspace.sample).study.replaced(name="other", title="Another study").save(other)
    app.go("value_metric")
    app.go("start")
    app.panels["start"].open("other")
    assert app.rail.title == "Another study"
    assert list(app.panels) == ["start"]
    make_current(workspace.sample)


def test_without_a_study_only_the_first_step_is_open(tmp_path: Path) -> None:
    """Every other step says what to do first, and going there says it as well."""
    app = App(tmp_path)
    assert [step["key"] for step in app.rail.steps if step["open"]] == ["start"]
    app.go("tiers")
    assert list(app.panels) == ["start"]
    assert "Open a study" in app._pages["tiers"].status.text
    app.conclusion()
    app.close()


def test_how_far_a_study_is_is_said_by_its_folder(workspace: Workspace) -> None:
    """The bar above a notebook asks for it; where there is no study nothing is said."""
    done, _, of = app_module.how_far(workspace.sample).removesuffix(" decided").partition(" of ")
    assert int(done) == int(of) > 5
    assert app_module.how_far(workspace.folder / "nowhere") == ""
