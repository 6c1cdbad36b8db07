"""The panel without a browser: a control changes the decision, the decision changes what is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from workbench.rendering.declared import DeclaredPanel, open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages.model_fit.decision import DEFAULT_WEIGHTS, ModelFitDecision
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workbench.customers import CustomerBase

pytestmark = pytest.mark.slow


@pytest.fixture
def panel(tmp_path: Path, company: CustomerBase) -> Iterator[DeclaredPanel]:
    """Return the panel on a study of the small company."""
    saved = Study.new("small", "data", title="A small study").save(tmp_path)
    with strict_callbacks():
        opened = open_stage(
            Session(tmp_path, saved, base=company, when=lambda: datetime(2025, 1, 1, tzinfo=UTC)), "model_fit"
        )
        yield opened
        opened.close()


def weights_of(panel: DeclaredPanel) -> dict[str, Any]:
    """Return the boxes of the weights by criterion."""
    return {key.removeprefix("weights."): box for key, box in panel.settings.items() if key.startswith("weights.")}


def test_a_starting_point_is_shown(panel: DeclaredPanel) -> None:
    """Before anything is decided the suggested model stands in the controls, unsaved."""
    assert panel.is_suggestion
    assert panel.settings["model"].value == panel.decision.model is not None
    assert {key: box.value for key, box in weights_of(panel).items()} == DEFAULT_WEIGHTS


def test_choosing_a_model_moves_the_key_figures(panel: DeclaredPanel) -> None:
    """A model chosen in the list is the decision, and the key figures speak of it."""
    panel.settings["model"].value = "value_metric"
    panel.flush()
    assert panel.session.scenario.decision(ModelFitDecision).model == "value_metric"
    assert "Value metric: net revenue retention" in panel.key_figures.value


def test_a_weight_moves_the_scores(panel: DeclaredPanel) -> None:
    """Counting one criterion alone makes the totals that criterion's scores."""
    for key, box in weights_of(panel).items():
        box.value = 1.0 if key == "bills" else 0.0
    panel.flush()
    scores = panel.result.scores
    for model in scores.models:
        assert scores.totals[model] == pytest.approx(scores.cell(model, "bills").score)
    panel.buttons["usual_weights"].click()
    panel.flush()
    assert panel.decision.weights == DEFAULT_WEIGHTS


def test_the_decision_goes_on_record(panel: DeclaredPanel) -> None:
    """The record holds the sentence, the evidence, the findings, the reason and the name."""
    panel.record_decision("Fits how customers grow.", "Ada")
    record = panel.session.study.decisions[-1]
    assert (record.stage, record.who, record.reason) == ("model_fit", "Ada", "Fits how customers grow.")
    assert len(record.findings) == 6
    assert record.evidence


def test_the_baseline_can_only_be_looked_at(panel: DeclaredPanel) -> None:
    """Today's prices take no decision: every control is switched off."""
    panel.session.select(panel.session.study.baseline.id)
    panel.flush()
    assert panel.settings["model"].disabled
    assert all(box.disabled for box in weights_of(panel).values())


def test_every_section_has_a_static_page(panel: DeclaredPanel) -> None:
    """An export without a kernel shows pictures and tables of each section."""
    for section in (panel.needs, panel.usage, panel.models, panel.choose, panel.benchmarks):
        assert section.static_html()
    assert panel.models.static_html().count("<img") == 3
    assert "Reported by the source" in panel.benchmarks.static_html()


@pytest.mark.parametrize("kind", ["overage", "accelerator"])
def test_the_opt_in_is_made_in_one_step(panel: DeclaredPanel, kind: str) -> None:
    """Beside the finding on MF2, one button makes the design, brings it into view and says what it offers."""
    panel.settings["model"].value, panel.settings["usage_component"].value = "hybrid", "replacement"
    panel.flush()
    assert "replace that price at once" in panel.choose.static_html()
    panel.free["opt_in"].kind.value = kind
    panel.free["opt_in"].make.click()
    made = panel.session.scenario
    assert made.name == f"Opt-in {kind} on data"
    assert made.name in Study.load(panel.session.folder).scenarios[-1].name
    assert panel.status.text.startswith(f"“{made.name}” is made and in view. Today's plans stay as they are.")
    assert "as an option they may buy" in panel.choose.static_html()
    panel.session.undo()
    assert made.id not in panel.session.study.scenario_ids


def test_an_opt_in_that_cannot_be_made_says_why(tmp_path: Path, without: Callable[..., CustomerBase]) -> None:
    """Without a price list there is no plan to stand beside; the status line says so and nothing is made."""
    saved = Study.new("small", "data").save(tmp_path)
    with strict_callbacks():
        opened = open_stage(
            Session(tmp_path, saved, base=without("plans"), when=lambda: datetime(2025, 1, 1, tzinfo=UTC)), "model_fit"
        )
        opened.free["opt_in"].make.click()
        assert "No priced plan" in opened.status.text
        assert len(opened.session.study.scenarios) == 2
        opened.close()
