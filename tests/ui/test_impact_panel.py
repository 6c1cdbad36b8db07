"""The panels of what a scenario does to every customer and how to get there, without a browser, on the sample."""

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
from workbench.rendering.declared import open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages.impact.view import Limits
from workbench.stages.migration import MigrationDecision
from workbench.stages.migration.view import people_to_talk_to
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.rendering.panel import StagePanel

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sample(sample_company: CustomerBase, decided_sample: Study) -> tuple[CustomerBase, Study]:
    """Return the sample company and its study."""
    return sample_company, decided_sample


@pytest.fixture
def session(tmp_path: Path, sample: tuple[CustomerBase, Study]) -> Session:
    """Return a session of its own."""
    base, study = sample
    return Session(tmp_path, study.save(tmp_path), base=base, when=lambda: WHEN)


@pytest.fixture
def panel(session: Session) -> Iterator[StagePanel]:
    """Return the panel of what a scenario does to every customer."""
    with strict_callbacks():
        opened = open_stage(session, "impact")
        yield opened
        opened.close()


@pytest.fixture
def way(session: Session) -> Iterator[StagePanel]:
    """Return the panel of the way to the new prices on the same session."""
    with strict_callbacks():
        opened = open_stage(session, "migration")
        yield opened
        opened.close()


@pytest.fixture
def terms(session: Session) -> Iterator[StagePanel]:
    """Return the panel of steadier revenue on the same session."""
    with strict_callbacks():
        opened = open_stage(session, "steady")
        yield opened
        opened.close()


def turned_down(panel: StagePanel) -> None:
    """Show the design that was turned down: it crosses a guardrail."""
    panel.session.select(panel.session.study.designs[1].id)
    panel.flush()


def test_every_section_shows_its_figures_with_tables(panel: StagePanel, way: StagePanel, terms: StagePanel) -> None:
    """Each section says something, and the charts stand in the static page with their tables."""
    turned_down(panel)
    way.flush()
    terms.flush()
    sections = (panel.reconcile, panel.who_pays, panel.guardrails, way.way, way.ranges, terms.ways)
    pages = [section.static_html() for section in sections]
    assert "steady discount" in pages[0]
    assert pages[1].count("<svg") + pages[1].count("data:image/svg") == 3
    assert "not met" in pages[2]
    assert "everyone at once" in pages[3]
    assert "Chance of crossing it" in pages[4]
    assert pages[5].count("<svg") + pages[5].count("data:image/svg") == 3
    assert "Prepaid pool" in pages[5]
    for page in pages[1:]:
        assert "<table" in page


def test_a_section_shown_does_not_wait_for_the_others(session: Session) -> None:
    """Where a page is served, a section shown is complete while the draws below it are still to be worked out."""

    async def opened() -> StagePanel:
        with strict_callbacks():
            panel = open_stage(session, "migration")
            panel._turns.cancel()  # as if all of it were still to come
            panel._words_due = panel._resting_due = True
            page = str(panel.way._repr_mimebundle_()["text/html"])
            assert "All policies" in page
            panel.blocks["chances"].value = ""
            panel.finish_words()
            assert not panel.blocks["chances"].value
            panel._turns.request()
            panel.flush()
            assert "Chance of crossing it" in panel.blocks["chances"].value
            return panel

    panel = asyncio.run(opened())
    panel.close()
    session.finish()


def test_a_price_tried_out_moves_figures_and_leaves_the_study(panel: StagePanel) -> None:
    """Ten percent more on all prices is ten percent more of what they bring, a step in the bridge; the study stays."""
    comparison, study = panel.result.comparison, panel.session.study
    before, accounts = comparison.revenue_after, comparison.accounts
    contracts = float(accounts.loc[accounts["plan_after"] == "Custom", "after"].sum())
    assert 0 < contracts < before
    panel.settings["tried.change"].value = 10
    panel.flush()
    assert panel.result.comparison.revenue_after == pytest.approx(before + 0.1 * (before - contracts), rel=1e-9)
    assert "Prices tried out" in panel.figure_view("bridge").under.value
    assert panel.session.study is study
    panel.session.select(panel.session.study.designs[1].id)
    panel.flush()
    assert panel.settings["tried.change"].value == 0
    assert panel.result.trial.change == 0


def test_a_clicked_account_is_itemised(panel: StagePanel) -> None:
    """A click on a mark names the account, shows its months and every line of its bills."""
    account = panel.result.comparison.accounts["account_id"].iloc[3]
    panel.figure_view("old_new").chart.clicked = {"account_id": account, "before": 1.0}
    shown = panel.free["account"].bill.value
    assert account in shown
    assert "Line by line" in shown
    assert panel.free["account"].account.value == account
    assert "tried out" not in shown
    panel.settings["tried.change"].value = 5
    panel.flush()
    assert "the price tried out is not in them" in panel.free["account"].bill.value


def test_a_limit_is_kept_in_the_study_and_decides(panel: StagePanel) -> None:
    """Moving a limit changes the study and the verdict; an empty box switches the limit off."""
    turned_down(panel)
    boxes = {path.partition(".")[2]: box for path, box in panel.settings.items() if path.startswith("limits.")}
    assert "most_p95_rise" in {check.key for check in panel.result.guardrails.failures}
    boxes["most_p95_rise"].value = 900
    panel.flush()
    assert panel.session.study.guardrails.most_p95_rise == pytest.approx(9)
    assert "most_p95_rise" not in {check.key for check in panel.result.guardrails.failures}
    for field, box in boxes.items():
        if field not in ("steep_rise", "note"):
            box.value = None
    panel.flush()
    assert panel.result.guardrails.passed
    assert "meets every limit" in panel.blocks["verdict"].value
    panel.session.undo()
    panel.flush()
    assert boxes["most_p95_rise"].value is not None


def test_the_policy_is_kept_with_the_design(way: StagePanel) -> None:
    """Another policy is a decision of the scenario, shows its own settings, and draws its own path."""
    way.settings["policy"].value = "capped rise"
    way.flush()
    way.settings["cap_per_year"].value = 20
    way.flush()
    decision = way.session.study.scenario(way.result.scenario.id).decision(MigrationDecision)
    assert (decision.policy, decision.cap_per_year) == ("capped rise", 0.2)
    assert way.settings["cap_per_year"].layout.display is None
    assert way.settings["kept_months"].layout.display == "none"
    assert "rises by at most 20%" in way.figure_view("paths").head.value


def test_the_list_to_act_on_can_be_saved(way: StagePanel) -> None:
    """The links carry a CSV with one line per account on the list, and an Excel file."""
    way.buttons["list"].click()
    page = way.made["list"].value
    csv, excel = (re.search(f'href="data:{kind}[^,]*,([^"]+)"', page) for kind in ("text/csv", "app"))
    lines = base64.b64decode(csv.group(1)).decode("utf-8-sig").strip().split("\r\n")
    listed = int(re.search(r"([\d,]+) accounts", way.status.text).group(1).replace(",", ""))
    assert len(lines) == listed + 1
    assert "Suggested talking point" in lines[0]
    assert base64.b64decode(excel.group(1))[:2] == b"PK"


def test_without_todays_prices_and_payments_the_list_says_what_is_missing(
    tmp_path: Path, sample: tuple[CustomerBase, Study]
) -> None:
    """It does not say that nobody's bill changes, for that is not known."""
    base, study = sample
    frames = {name: frame for name, frame in base.frames.items() if name not in ("plans", "mrr")}
    without = replace(base, frames=MappingProxyType(frames))
    opened = open_stage(Session(tmp_path, study.save(tmp_path), base=without, when=lambda: WHEN), "migration")
    with pytest.raises(StudyError, match="cannot be said without plans"):
        people_to_talk_to(opened.decision, opened.result)
    opened.close()


@pytest.mark.usefixtures("_evidence_at_hand")
def test_the_choice_form_names_guardrails_that_are_crossed(panel: StagePanel) -> None:
    """Beside the reason stand the sentences of the guardrails the design crosses, and none when it crosses none."""
    turned_down(panel)
    session = panel.session
    chooser = scenarios.open_panel(session)
    try:
        chooser.choice_view.scenario.value = panel.result.scenario.id
        crossed = panel.result.guardrails.sentences()
        assert crossed
        assert all(escape(sentence) in chooser.choice.static_html() for sentence in crossed)
        off = {field: None for field in Limits.model_fields if field not in ("steep_rise", "note")}
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
        opened = {key: open_stage(session, key) for key in ("impact", "migration", "steady")}
        shown = {"impact": ("who_pays", "guardrails"), "migration": ("way", "ranges"), "steady": ("ways",)}
        for key, sections in shown.items():
            for section in sections:
                assert "without plans" in getattr(opened[key], section).static_html()
        assert opened["migration"].way.parts[0].inside.layout.display == "none"
        for each in opened.values():
            each.close()


def test_terms_of_steadier_revenue_are_kept_with_the_design(terms: StagePanel) -> None:
    """Another smoothing changes its line of the table alone, and is a decision of the scenario that can be undone."""
    before = terms.result.steady.tools.set_index("name")
    terms.settings["smoothing_months"].value = 6
    terms.flush()
    after = terms.result.steady.tools.set_index("name")
    assert after.loc["Smoothing", "volatility"] != before.loc["Smoothing", "volatility"]
    pd.testing.assert_frame_equal(after.drop(index="Smoothing"), before.drop(index="Smoothing"))
    assert "mean of the last 6 months" in terms.figure_view("steady_tools").under.value
    terms.settings["groups"].value = "usage cycles"
    terms.flush()
    assert "January to March" in terms.figure_view("steady_groups").under.value
    terms.session.undo()
    terms.session.undo()
    terms.flush()
    assert terms.settings["smoothing_months"].value == 3


def test_what_is_not_read_is_not_worked_out_again(panel: StagePanel, way: StagePanel, terms: StagePanel) -> None:
    """Another term of steadier revenue leaves the other two panels' results as they are."""
    before = (panel.result, way.result)
    terms.settings["smoothing_months"].value = 5
    for each in (panel, way, terms):
        each.flush()
    assert (panel.result, way.result) == before


def test_while_today_is_in_view_the_first_scenario_is_shown(way: StagePanel) -> None:
    """Today's prices have no way to themselves: the panel stays about the first scenario, and decides there."""
    study = way.session.study
    way.session.select(study.baseline.id)
    way.flush()
    assert way.result.scenario.id == study.designs[0].id
    way.settings["notice_months"].value = 7
    way.flush()
    assert way.session.study.designs[0].decision(MigrationDecision).notice_months == 7


def test_a_history_too_short_for_swings_says_so(tmp_path: Path, sample: tuple[CustomerBase, Study]) -> None:
    """With a year of history the ways cannot be compared, and the section says what would be needed."""
    base, study = sample
    short = {name: getattr(base, name) for name in ("accounts", "usage", "mrr", "plans")}
    short |= {name: short[name][short[name]["month"] >= "2024-01-01"] for name in ("usage", "mrr")}
    session = Session(tmp_path, study.save(tmp_path), base=CustomerBase.from_tables(short), when=lambda: WHEN)
    with strict_callbacks():
        opened = open_stage(session, "steady")
        assert "cannot be split" in opened.ways.static_html()
        opened.close()


def test_the_strip_holds_figures_before_and_now(way: StagePanel, terms: StagePanel) -> None:
    """What the view makes of a result stays in view as well: moved terms are held against what stood before."""
    for panel, least, moved in ((way, 4, {"notice_months": 6}), (terms, 4, {"cap_times": 1.1})):
        for section in panel.view.sections:
            panel.look(section.key)
        panel.flush()
        strip = panel._bar.strip
        assert len(strip.figures) >= least
        assert [each["before"] for each in strip.figures] == [""] * len(strip.figures)
        before = {each["label"]: each["value"] for each in strip.figures}
        panel.revise(**moved)
        panel.flush()
        changed = [each for each in strip.figures if each["before"]]
        assert changed
        assert all(before[each["label"]] == each["before"] != each["value"] for each in changed)
