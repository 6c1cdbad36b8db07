"""The panel without a browser: controls change the decision, and the parts follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from ipywidgets.widgets import widget as registry

from workbench.rendering.declared import DeclaredPanel, open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages import value_metric
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.customers import CustomerBase

pytestmark = pytest.mark.slow

WHEN = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def panel(tmp_path: Path, made_base: CustomerBase) -> Iterator[DeclaredPanel]:
    """Return the panel on a new study of the small company."""
    study = Study.new("small", "data").save(tmp_path)
    with strict_callbacks():
        opened = open_stage(Session(tmp_path, study, base=made_base, when=lambda: WHEN), "value_metric")
        yield opened
        opened.close()


def test_it_opens_with_a_starting_point_that_is_not_saved(panel: DeclaredPanel) -> None:
    """Before anybody decides, the computed starting point is shown and nothing is in the study."""
    assert panel.is_suggestion
    assert panel.settings["metric"].value == "good"
    assert not panel.session.scenario.decided("value_metric")


def test_a_weight_moves_the_order(panel: DeclaredPanel) -> None:
    """A weight entered in its box is in the study at once, and the ranking's rows change."""
    before = panel.figure_view("ranking").figure.data["ranking"]["score"].tolist()
    panel.settings["weights.breadth"].value = 5
    panel.flush()
    assert panel.session.scenario.decision(value_metric.Decision).weights["breadth"] == 5
    assert panel.figure_view("ranking").figure.data["ranking"]["score"].tolist() != before


def test_marks_go_to_the_candidate_of_their_row(panel: DeclaredPanel) -> None:
    """Marks entered in a row belong to the candidate named there, also after the order changed."""
    rows = list(panel.grids["scores"].rows)
    panel.grids["scores"].value = tuple((1, 1, 1) if name == "good" else (None, None, None) for name in rows)
    panel.flush()
    assert panel.decision.scores["good"].wanted == 1
    panel.grids["scores"].value = tuple(
        (5, None, 5) if name == "noise" else old
        for name, old in zip(panel.grids["scores"].rows, panel.grids["scores"].value, strict=True)
    )
    panel.flush()
    assert panel.decision.scores["noise"].measured == 5
    assert panel.decision.scores["noise"].visible is None
    assert panel.decision.scores["good"].wanted == 1


def test_candidates_are_added_and_taken_away(panel: DeclaredPanel) -> None:
    """Names separated by commas become candidates, and an emptied box takes them away."""
    panel.settings["added"].value = "API calls, rows synced, API calls"
    panel.flush()
    assert panel.decision.added == ("API calls", "rows synced")
    assert "API calls" in panel.grids["scores"].rows
    panel.settings["added"].value = ""
    panel.flush()
    assert panel.decision.added == ()


def test_a_new_multiple_is_a_proposal_until_it_is_accepted(panel: DeclaredPanel) -> None:
    """Changing the multiple opens the curve again; the button takes the new one into the decision."""
    panel.settings["target_ratio"].value = 6.0
    panel.flush()
    assert panel.decision.charge is None
    assert panel.buttons["use_curve"].layout.display != "none"
    panel.buttons["use_curve"].click()
    panel.flush()
    assert panel.decision.charge == panel.result.curve.charge
    assert panel.result.curve.is_accepted
    panel.session.undo()
    assert panel.decision.charge is None


def test_another_metric_needs_another_curve(panel: DeclaredPanel) -> None:
    """Choosing another metric lets go of the old curve and proposes one on the new metric."""
    panel.settings["metric"].value = "noise"
    panel.flush()
    assert panel.decision.metric == "noise"
    assert panel.result.curve.charge.metric == "noise"
    assert not panel.result.curve.is_accepted


def test_answers_change_the_findings(panel: DeclaredPanel) -> None:
    """Saying that customers get a cap and a calculator meets rule U3; taking it back leaves it unknown."""
    panel.settings["has_spending_cap"].value = panel.settings["has_calculator"].value = True
    panel.flush()
    statuses = {finding.rule_id: finding.status for finding in panel.all_findings()}
    assert statuses["U3"] == "ok"
    panel.settings["has_spending_cap"].value = ""
    panel.flush()
    assert panel.decision.has_spending_cap is None


def test_the_decision_goes_on_record_with_its_evidence(panel: DeclaredPanel) -> None:
    """Recording keeps the sentence, the evidence and the findings, and saves the starting point shown."""
    panel.record_decision("It grows with what customers get.", "Ana")
    record = panel.session.study.decisions[-1]
    assert record.stage == "value_metric"
    assert "good" in record.what
    assert record.evidence
    assert record.findings
    assert panel.session.scenario.decided("value_metric")


def test_the_baseline_can_be_looked_at_and_not_changed(panel: DeclaredPanel) -> None:
    """On today's prices the evidence shows, and every control is off."""
    panel.session.select("baseline")
    panel.flush()
    assert panel.result.ranked
    assert panel.settings["weights.growth"].disabled
    assert panel.settings["metric"].disabled


def test_changes_make_no_widgets(panel: DeclaredPanel) -> None:
    """Twenty changes leave as many widgets as before."""
    before = len(registry._instances)
    for value in range(20):
        panel.settings["weights.growth"].value = value / 4
        panel.flush()
    after = len(registry._instances)
    assert after == before


def test_the_panel_stands_on_paper_too(panel: DeclaredPanel) -> None:
    """Exported without a kernel, every section keeps its settings, pictures and tables."""
    page = panel._repr_mimebundle_()["text/html"]
    for words in ("What the data tells", "Weights and order", "Team scores", "Price curve", "Why, from the numbers"):
        assert words in page
    assert page.count('src="data:image/svg+xml') == 5


def test_the_conclusion_is_the_same_twice(panel: DeclaredPanel, capsys: pytest.CaptureFixture[str]) -> None:
    """The notebook's last lines name stage, decision and what is open, and do not change by themselves."""
    panel.conclusion()
    first = capsys.readouterr().out
    panel.conclusion()
    assert capsys.readouterr().out == first
    assert first.startswith("Value metric, scenario Design A\nThe price grows with good")
    assert "VM5 unknown" in first
