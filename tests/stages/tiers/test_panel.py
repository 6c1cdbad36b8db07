"""The panel without a browser: what follows from a changed control."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import ipywidgets
import pytest

from workbench.rendering.declared import open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.customers import CustomerBase
    from workbench.rendering.declared import DeclaredPanel
    from workbench.stages.offers import TierDecision

WHEN = datetime(2025, 1, 15, 10, tzinfo=UTC)


@pytest.fixture
def panel(base: CustomerBase, ladder: TierDecision, tmp_path: Path) -> Iterator[DeclaredPanel]:
    """Return the panel of a study with three tiers, on 120 accounts."""
    study = Study.new("small", tmp_path)
    study = study.with_scenario(study.designs[0].with_decision(ladder)).save(tmp_path)
    with strict_callbacks():
        opened = open_stage(Session(tmp_path, study, base=base, when=lambda: WHEN), "tiers")
        yield opened
        opened.close()


def chart_columns(panel: DeclaredPanel, key: str, name: str) -> dict[str, list]:
    """Return the rows a live chart was last given."""
    return panel.figure_view(key).chart._rows[name]["columns"]


def test_a_price_changes_figures_finding_and_chart(panel: DeclaredPanel) -> None:
    """One entered price: the saved decision, key figures, the finding on the spread and the charts all follow."""
    before = panel.key_figures.value
    shares = chart_columns(panel, "placement", "placement")["share"]
    embedded = panel.figure_view("placement").chart._spec
    assert "4.0x" in panel.key_figures.value
    panel.settings["tiers.2.price"].value = 900
    panel.flush()
    assert panel.decision.tiers[2].price == Decimal("900.0")
    assert panel.key_figures.value != before
    finding = next(each for each in panel.all_findings() if each.rule_id == "T4")
    assert finding.status == "breach"
    assert "15x" in finding.evidence
    assert chart_columns(panel, "placement", "placement")["share"] != shares
    assert chart_columns(panel, "ladder", "ladder")["price"][2] == 900
    assert panel.figure_view("placement").chart._spec is embedded, "the chart is given rows, not built anew"


def test_a_dragged_price_is_one_step_to_undo(panel: DeclaredPanel) -> None:
    """Quick changes of one price are taken back together."""
    for price in (155, 160, 165):
        panel.settings["tiers.1.price"].value = price
    panel.session.undo()
    panel.flush()
    assert panel.settings["tiers.1.price"].value == 150


def test_an_emptied_price_is_on_request(panel: DeclaredPanel) -> None:
    """An empty price box means on request, on the panel and on the pricing page."""
    panel.settings["tiers.2.price"].value = None
    panel.flush()
    assert panel.decision.tiers[2].price is None
    assert "Talk to us" in panel.free["page"].widget.value


def test_a_name_that_is_taken_is_refused_in_words(panel: DeclaredPanel) -> None:
    """The status line says why, and the box shows the saved name again."""
    panel.settings["tiers.0.name"].value = "Large"
    assert "already" in panel.status.text
    assert panel.settings["tiers.0.name"].value == "Small"


def test_limits_and_features_are_edited_in_their_tables(panel: DeclaredPanel) -> None:
    """A limit typed and a cell pressed end in the decision and on the pricing page."""
    panel.pages["limits"].value = "seats"
    panel.grids["limits"].value = ((10, 2), (25, None), (None, None))
    panel.flush()
    assert panel.decision.tiers[0].overage == {"seats": Decimal(2)}
    panel.grids["features"].value = {**panel.grids["features"].value, "Map layers": ("medium", "large")}
    panel.flush()
    assert "Map layers" in panel.decision.tiers[1].features
    assert "10 seats included, then $2 each" in panel.free["page"].widget.value


def test_tiers_are_added_computed_and_removed(panel: DeclaredPanel) -> None:
    """Buttons call functions: a fourth tier appears with controls, goes again, and the data can propose three."""
    panel.buttons["tiers.add"].click()
    assert [slot.widget.layout.display for slot in panel.items["tiers"].slots] == ["flex"] * 4 + ["none"]
    panel.buttons["tiers.3.remove"].click()
    assert len(panel.decision.tiers) == 3
    panel.buttons["compute"].click()
    assert [tier.name for tier in panel.decision.tiers] == ["Essentials", "Growth", "Scale"]
    assert "scaled to the MRR" in panel.blocks["why"].value


def test_the_decision_is_recorded_in_the_study_file(panel: DeclaredPanel, tmp_path: Path) -> None:
    """Recording keeps the tiers, the figures and the findings in study.json, with reason, name and time."""
    panel.settings["tiers.0.price"].value = 65
    panel.record_decision("Entry price tested with sales", "Ana")
    document = json.loads((tmp_path / "study.json").read_text())
    (record,) = document["decisions"]
    assert record["stage"] == "tiers"
    assert record["who"] == "Ana"
    assert "Small ($65 per account and month)" in record["what"]
    assert any("Revenue a month" in line for line in record["evidence"])
    assert any(line.startswith("T4") for line in record["findings"])
    assert document["scenarios"][1]["stages"]["tiers"]["tiers"][0]["price"] == "65.0"


def test_twenty_changes_make_no_new_widgets(panel: DeclaredPanel) -> None:
    """Everything is updated in place."""
    panel.settings["tiers.1.price"].value = 151
    before = set(ipywidgets.widgets.widget._instances)
    for price in range(160, 180):
        panel.settings["tiers.1.price"].value = price
    panel.flush()
    # Widgets of panels closed by other tests may be collected meanwhile; none may be added.
    assert set(ipywidgets.widgets.widget._instances) <= before


def test_the_page_without_a_kernel_shows_tables_and_pictures(panel: DeclaredPanel) -> None:
    """Every section has a static page with its title; the placement section has its pictures and its tables."""
    for section in (
        panel.needs,
        panel.tiers,
        panel.limits,
        panel.features,
        panel.placement,
        panel.step_up,
        panel.preview,
    ):
        assert section.title in section.static_html()
    page = panel.placement.static_html()
    assert page.count("<img") + page.count("<svg") >= 2
    assert "Why this tier" in page
