"""The panel without a browser: a control changes the decision, the decision changes what is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from workbench.stages.model_fit.decision import DEFAULT_WEIGHTS, ModelFitDecision
from workbench.stages.model_fit.panel import ModelFitPanel, open_panel
from workbench.study import Study
from workbench.ui.desk import Desk
from workbench.ui.guard import strict_callbacks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.customers import CustomerBase


@pytest.fixture
def panel(tmp_path: Path, company: CustomerBase) -> Iterator[ModelFitPanel]:
    """Return the panel on a study of the small company."""
    saved = Study.new("small", "data", title="A small study").save(tmp_path)
    with strict_callbacks():
        opened = open_panel(Desk(tmp_path, saved, base=company, when=lambda: datetime(2025, 1, 1, tzinfo=UTC)))
        yield opened
        opened.close()


def test_a_starting_point_is_shown(panel: ModelFitPanel) -> None:
    """Before anything is decided the suggested model stands in the controls, unsaved."""
    assert panel.is_suggestion
    assert panel.model.value == panel.decision.model is not None
    assert {key: box.value for key, box in panel.weights.items()} == DEFAULT_WEIGHTS


def test_choosing_a_model_moves_the_key_figures(panel: ModelFitPanel) -> None:
    """A model chosen in the list is the decision, and the key figures speak of it."""
    panel.model.value = "tiered"
    panel.flush()
    assert panel.desk.scenario.decision(ModelFitDecision).model == "tiered"
    assert "Tiered: net revenue retention" in panel.key_figures.value


def test_a_weight_moves_the_scores(panel: ModelFitPanel) -> None:
    """Counting one criterion alone makes the totals that criterion's scores."""
    for key, box in panel.weights.items():
        box.value = 1.0 if key == "bills" else 0.0
    panel.flush()
    scores = panel.result.scores
    for model in scores.models:
        assert scores.totals[model] == pytest.approx(scores.cell(model, "bills").score)
    panel.usual_weights()
    panel.flush()
    assert panel.decision.weights == DEFAULT_WEIGHTS


def test_the_decision_goes_on_record(panel: ModelFitPanel) -> None:
    """The record holds the sentence, the evidence, the findings, the reason and the name."""
    panel.record_decision("Fits how customers grow.", "Ada")
    record = panel.desk.study.decisions[-1]
    assert (record.stage, record.who, record.reason) == ("model_fit", "Ada", "Fits how customers grow.")
    assert len(record.findings) == 5
    assert record.evidence


def test_the_baseline_can_only_be_looked_at(panel: ModelFitPanel) -> None:
    """Today's prices take no decision: every control is switched off."""
    panel.desk.select(panel.desk.study.baseline.id)
    panel.flush()
    assert panel.model.disabled
    assert all(box.disabled for box in panel.weights.values())


def test_every_section_has_a_static_page(panel: ModelFitPanel) -> None:
    """An export without a kernel shows pictures and tables of each section."""
    for section in (panel.needs, panel.usage, panel.models, panel.choose, panel.benchmarks):
        assert section.static_html()
    assert panel.models.static_html().count("<img") == 3
    assert "Reported by the source" in panel.benchmarks.static_html()
