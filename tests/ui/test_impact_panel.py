"""The panel of what a design does to every customer, without a browser, on the sample company."""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import replace
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from session_clock import WHEN

from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.pages import scenarios
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages import impact
from workbench.stages.migration import MigrationDecision
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.stages.impact import ImpactPanel

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sample(sample_company: CustomerBase, decided_sample: Study) -> tuple[CustomerBase, Study]:
    """Return the sample company and its study."""
    return sample_company, decided_sample


@pytest.fixture
def panel(tmp_path: Path, sample: tuple[CustomerBase, Study]) -> Iterator[ImpactPanel]:
    """Return the panel on a session of its own."""
    base, study = sample
    session = Session(tmp_path, study.save(tmp_path), base=base, when=lambda: WHEN)
    with strict_callbacks():
        opened = impact.open_panel(session)
        yield opened
        opened.close()


def turned_down(panel: ImpactPanel) -> None:
    """Show the design that was turned down: it crosses a guardrail."""
    panel.session.select(panel.session.study.designs[1].id)
    panel.flush()


def test_every_section_shows_its_figures_with_tables(panel: ImpactPanel) -> None:
    """Each section says something, and the charts stand in the static page with their tables."""
    turned_down(panel)
    prices = (panel.reconcile, panel.who_pays, panel.guardrails)
    sections = (*prices, panel.migration, panel.uncertainty, panel.steady)
    pages = [section.static_html() for section in sections]
    assert "steady discount" in pages[0]
    assert pages[1].count("<svg") + pages[1].count("data:image/svg") == 3
    assert "FAIL" in pages[2]
    assert "everyone at once" in pages[3]
    assert "Chance of crossing it" in pages[4]
    assert pages[5].count("<svg") + pages[5].count("data:image/svg") == 3
    assert "Prepaid pool" in pages[5]
    for page in pages[1:]:
        assert "<table" in page


def test_a_section_shown_does_not_wait_for_the_others(tmp_path: Path, sample: tuple[CustomerBase, Study]) -> None:
    """Where a page is served, a section shown is complete while those below it are still to be worked out."""
    base, study = sample
    session = Session(tmp_path, study.save(tmp_path), base=base, when=lambda: WHEN)

    async def opened() -> ImpactPanel:
        with strict_callbacks():
            panel = impact.open_panel(session)
            page = str(panel.reconcile._repr_mimebundle_()["text/html"])
            assert "steady discount" in page
            assert not panel.steady_view.tools.value
            page = str(panel.steady._repr_mimebundle_()["text/html"])
            assert "Prepaid pool" in page
            assert not panel.uncertainty_view.tables.value
            panel.flush()
            assert "Chance of crossing it" in panel.uncertainty_view.tables.value
            return panel

    panel = asyncio.run(opened())
    panel.close()
    session.finish()


def test_a_price_tried_out_moves_figures_and_leaves_the_study(panel: ImpactPanel) -> None:
    """Ten percent more on all prices is ten percent more of what they bring, a step in the bridge; the study stays."""
    comparison, study = panel.result.comparison, panel.session.study
    before, accounts = comparison.revenue_after, comparison.accounts
    contracts = float(accounts.loc[accounts["plan_after"] == "Custom", "after"].sum())
    assert 0 < contracts < before
    panel.who_pays_view.change.value = 10
    panel.flush()
    assert panel.result.comparison.revenue_after == pytest.approx(before + 0.1 * (before - contracts), rel=1e-9)
    assert "Prices tried out" in panel.who_pays_view.charts["bridge"].under.value
    assert panel.session.study is study
    panel.session.select(panel.session.study.designs[1].id)
    panel.flush()
    assert panel.who_pays_view.change.value == 0
    assert panel.result.trial.change == 0


def test_a_clicked_account_is_itemised(panel: ImpactPanel) -> None:
    """A click on a mark names the account, shows its months and every line of its bills."""
    account = panel.result.comparison.accounts["account_id"].iloc[3]
    panel.who_pays_view.charts["old_new"].chart.clicked = {"account_id": account, "before": 1.0}
    shown = panel.who_pays_view.bill.value
    assert account in shown
    assert "Line by line" in shown
    assert panel.who_pays_view.account.value == account
    assert "tried out" not in shown
    panel.who_pays_view.change.value = 5
    panel.flush()
    assert "the price tried out is not in them" in panel.who_pays_view.bill.value


def test_a_limit_is_kept_in_the_study_and_decides(panel: ImpactPanel) -> None:
    """Moving a limit changes the study and the verdict; an empty box switches the limit off."""
    turned_down(panel)
    view = panel.guardrails_view
    assert "most_p95_rise" in {check.key for check in panel.result.guardrails.failures}
    view.boxes["most_p95_rise"].value = 900
    panel.flush()
    assert panel.session.study.guardrails.most_p95_rise == pytest.approx(9)
    assert "most_p95_rise" not in {check.key for check in panel.result.guardrails.failures}
    for field, box in view.boxes.items():
        if field != "steep_rise":
            box.value = None
    panel.flush()
    assert panel.result.guardrails.passed
    assert "keeps every limit" in view.verdict.value
    panel.session.undo()
    panel.flush()
    assert view.boxes["most_p95_rise"].value is not None


def test_the_policy_is_kept_with_the_design(panel: ImpactPanel) -> None:
    """Another policy is a decision of the scenario, shows its own settings, and draws its own path."""
    view = panel.migration_view
    view.policy.value = "capped rise"
    panel.flush()
    view.cap.value = 20
    panel.flush()
    decision = panel.session.study.scenario(panel.result.scenario.id).decision(MigrationDecision)
    assert (decision.policy, decision.cap_per_year) == ("capped rise", 0.2)
    assert view.cap.layout.display is None
    assert view.kept.layout.display == "none"
    assert "rises by at most 20%" in view.figures.value


def test_the_list_to_act_on_can_be_saved(panel: ImpactPanel) -> None:
    """The links carry a CSV with one line per account on the list, and an Excel file."""
    view = panel.migration_view
    view.make_list()
    csv, excel = (re.search(f'href="data:{kind}[^,]*,([^"]+)"', view.links.value) for kind in ("text/csv", "app"))
    lines = base64.b64decode(csv.group(1)).decode("utf-8-sig").strip().split("\r\n")
    listed = int(re.search(r"([\d,]+) accounts", view.status.text).group(1).replace(",", ""))
    assert len(lines) == listed + 1
    assert "Suggested talking point" in lines[0]
    assert base64.b64decode(excel.group(1))[:2] == b"PK"


def test_without_todays_prices_the_list_says_what_is_missing(
    tmp_path: Path, sample: tuple[CustomerBase, Study]
) -> None:
    """It does not say that nobody's bill changes, for that is not known."""
    base, study = sample
    without = replace(base, frames=MappingProxyType({k: v for k, v in base.frames.items() if k != "plans"}))
    opened = impact.open_panel(Session(tmp_path, study.save(tmp_path), base=without, when=lambda: WHEN))
    with pytest.raises(StudyError, match="cannot be said without plans"):
        opened.migration_view.make_list()
    opened.close()


@pytest.mark.usefixtures("_evidence_at_hand")
def test_the_choice_form_names_guardrails_that_are_crossed(panel: ImpactPanel) -> None:
    """Beside the reason stand the sentences of the guardrails the design crosses, and none when it crosses none."""
    turned_down(panel)
    session = panel.session
    chooser = scenarios.open_panel(session)
    try:
        chooser.choice_view.scenario.value = panel.result.scenario.id
        crossed = panel.result.guardrails.sentences()
        assert crossed
        assert all(escape(sentence) in chooser.choice.static_html() for sentence in crossed)
        off = {field: None for field in panel.guardrails_view.boxes if field != "steep_rise"}
        session.propose(session.study.replaced(guardrails=session.study.guardrails.replaced(**off)))
        chooser.flush()
        assert not any(escape(sentence) in chooser.choice.static_html() for sentence in crossed)
    finally:
        chooser.close()


def test_a_base_without_a_price_list_says_what_it_needs(tmp_path: Path) -> None:
    """Without plans every section stands, says what is missing, and offers nothing to make."""
    base = CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": ["a"]}),
            "usage": pd.DataFrame(
                {"account_id": ["a"], "month": ["2024-01-01"], "metric": ["seats"], "quantity": [3.0]}
            ),
        }
    )
    session = Session(tmp_path, Study.new("bare", "data").save(tmp_path), base=base, when=lambda: WHEN)
    with strict_callbacks():
        opened = impact.open_panel(session)
        for section in (opened.who_pays, opened.guardrails, opened.migration, opened.uncertainty, opened.steady):
            assert "without plans" in section.static_html()
        assert opened.migration_view.make.disabled
        opened.close()


def test_terms_of_steadier_revenue_are_kept_with_the_design(panel: ImpactPanel) -> None:
    """Another smoothing changes its line of the table alone, and is a decision of the design that can be undone."""
    view = panel.steady_view
    before = panel.result.steady.tools.set_index("name")
    view.smoothing.value = 6
    panel.flush()
    after = panel.result.steady.tools.set_index("name")
    assert after.loc["Smoothing", "volatility"] != before.loc["Smoothing", "volatility"]
    pd.testing.assert_frame_equal(after.drop(index="Smoothing"), before.drop(index="Smoothing"))
    assert "mean of the last 6 months" in view.charts["steady_tools"].under.value
    view.groups.value = "usage cycles"
    panel.flush()
    assert "January to March" in view.charts["steady_groups"].under.value
    panel.session.undo()
    panel.session.undo()
    panel.flush()
    assert view.smoothing.value == 3


def test_a_history_too_short_for_swings_says_so(tmp_path: Path, sample: tuple[CustomerBase, Study]) -> None:
    """With a year of history the ways cannot be compared, and the section says what would be needed."""
    base, study = sample
    short = {name: getattr(base, name) for name in ("accounts", "usage", "mrr", "plans")}
    short |= {name: short[name][short[name]["month"] >= "2024-01-01"] for name in ("usage", "mrr")}
    session = Session(tmp_path, study.save(tmp_path), base=CustomerBase.from_tables(short), when=lambda: WHEN)
    with strict_callbacks():
        opened = impact.open_panel(session)
        assert "cannot be split" in opened.steady.static_html()
        opened.close()
