"""The panel of scenarios and report without a browser, on the stages as they are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from session_clock import WHEN

from workbench.customers import CustomerBase
from workbench.errors import MissingLibraryError, StudyError
from workbench.pages import scenario_results, scenarios
from workbench.pages.scenario_results import export_report
from workbench.pages.scenarios import ScenariosPanel, open_panel
from workbench.rendering.session import Session
from workbench.stages.comparison import compare_side_by_side
from workbench.stages.contract import with_starting_points
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

ACCOUNTS = 60


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Return sixty accounts over fourteen months with two metrics and revenue."""
    draw = np.random.default_rng(7)
    months = pd.date_range("2023-01-01", periods=14, freq="MS")
    names = [f"c{number:02d}" for number in range(ACCOUNTS)]
    size = draw.lognormal(3, 0.8, ACCOUNTS)
    usage, mrr = [], []
    for at, name in enumerate(names):
        for step, month in enumerate(months):
            seats = max(1.0, round(size[at] * (1 + 0.01 * step)))
            usage += [(name, month, "seats", seats), (name, month, "reports", round(seats * draw.uniform(2, 6)))]
            mrr.append((name, month, 20 * seats))
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": names, "segment": "all"}),
            "usage": pd.DataFrame(usage, columns=["account_id", "month", "metric", "quantity"]),
            "mrr": pd.DataFrame(mrr, columns=["account_id", "month", "amount"]),
        }
    ).in_currency("EUR")


@pytest.fixture(scope="module")
def decided(base: CustomerBase) -> Study:
    """Return a study whose design has a starting point in every stage."""
    study = Study.new("small", "data", title="A small study", currency="EUR")
    return study.with_scenario(with_starting_points(base, study.designs[0]))


@pytest.fixture
def panel(tmp_path: Path, decided: Study, base: CustomerBase) -> Iterator[ScenariosPanel]:
    """Return the panel on a workspace of its own."""
    folder = tmp_path / "studies" / "small"
    session = Session(folder, decided.save(folder), base=base, when=lambda: WHEN)
    opened = open_panel(session)
    yield opened
    opened.close()


def test_the_panel_shows_what_the_pure_comparison_says(panel: ScenariosPanel, base: CustomerBase) -> None:
    """What is remembered between changes equals a comparison worked out anew, after several changes."""
    session = panel.session
    session.duplicate_scenario("Design B")
    session.propose(session.scenario.without_decision("tiers"))
    panel.flush()
    fresh = compare_side_by_side(base, session.study)
    pd.testing.assert_frame_equal(panel.side_by_side.rows().words(), fresh.rows().words())
    pd.testing.assert_frame_equal(panel.side_by_side.rules(), fresh.rules())
    assert "Design B" in panel.comparison.static_html()
    assert "Not decided yet" in panel.comparison.static_html()


def test_only_what_changed_is_worked_out_again(panel: ScenariosPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second design costs one evaluation, a note in the log none, a moved threshold all."""
    from workbench.pages import scenario_results  # noqa: PLC0415 - patched here only

    seen: list[str] = []
    evaluate = scenario_results.evaluate_scenario

    def counted(base: CustomerBase, study: Study, scenario: object, **settings: object) -> object:
        seen.append(scenario.name)
        return evaluate(base, study, scenario, **settings)

    monkeypatch.setattr(scenario_results, "evaluate_scenario", counted)
    panel.session.duplicate_scenario("Design B")
    assert seen == ["Design B"]
    panel.session.record_decision("tiers", "As it is.", reason="It fits.", who="Ada")
    assert seen == ["Design B"]
    panel.session.keep(panel.session.study.with_threshold("T4", "Wider here.", "Ada", WHEN, high=9))
    assert seen == ["Design B", "Design A", "Design B"]


def test_designs_are_copied_renamed_and_removed(panel: ScenariosPanel) -> None:
    """Each button does what the session's function does, and a missing name is said."""
    view = next(each for each in panel._views if hasattr(each, "rename_it"))
    view.copy.click()
    assert "needs a name" in view.status.text
    view.name.value = "Design B"
    view.copy.click()
    assert [each.name for each in panel.session.study.designs] == ["Design A", "Design B"]
    view.name.value = "Bold"
    view.rename_it.click()
    assert panel.side_by_side.names == ("Design A", "Bold")
    view.remove_it.click()
    assert panel.side_by_side.names == ("Design A",)
    view.back.click()
    assert panel.side_by_side.names == ("Design A", "Bold")


def test_an_opt_in_beside_todays_plans_is_made_in_one_step(panel: ScenariosPanel, base: CustomerBase) -> None:
    """The button adds the design and shows it in the comparison; without a price list it says what is missing."""
    view = next(each for each in panel._views if hasattr(each, "opt_in"))
    view.opt_in.make.click()
    assert "No priced plan" in view.status.text
    listed = pd.DataFrame({"plan": ["Team"], "base_fee": [0.0], "metric": ["seats"], "unit_price": [20.0]})
    panel.session._base = CustomerBase.from_tables({**_tables(base), "plans": listed}).in_currency("EUR")
    view.opt_in.make.click()
    assert panel.side_by_side.names == ("Design A", "Opt-in overage on reports")
    assert view.scenario.value == panel.session.scenario_id == "opt-in-overage-on-reports"
    assert "is made and in view" in view.status.text


def _tables(base: CustomerBase) -> dict[str, pd.DataFrame]:
    return {name: base.frames[name] for name in ("accounts", "usage", "mrr")}


def test_a_design_that_breaks_rules_is_chosen_with_a_reason_only(panel: ScenariosPanel) -> None:
    """The breaches stand beside the form, no reason means no choice, and the choice is on disk at once."""
    session = panel.session
    session.keep(session.study.with_threshold("T1", "We want six.", "Ada", WHEN, low=6, high=7))
    panel.flush()
    view = next(each for each in panel._views if hasattr(each, "warning"))
    assert any(finding.rule_id == "T1" for finding in panel.side_by_side.columns[0].open_breaches)
    assert "does not meet" in view.warning.value
    view.apply.click()
    assert "reason and a name" in view.status.text
    assert session.study.chosen is None
    view.reason.value, view.who.value = "The market leaves no room.", "Ada"
    view.apply.click()
    saved = Study.load(session.folder)
    assert saved.chosen.reason == "The market leaves no room."
    line = saved.decisions[-1]
    assert (line.stage, line.what) == ("scenarios", "Design A is the scenario chosen.")
    assert line.reason == saved.chosen.reason
    assert "a month" in line.evidence[0]
    assert any(text.startswith("T1 ") and "not met" in text for text in line.findings)
    assert "Scenarios and report" in panel.log.static_html()
    assert "The market leaves no room." in panel.choice.static_html()


def test_a_threshold_moves_with_a_reason_and_back(panel: ScenariosPanel) -> None:
    """Shares are typed in percent; the finding names the reason; the rulebook's band comes back."""
    view = next(each for each in panel._views if hasattr(each, "sentence"))
    view.rule.value = "A2"
    assert (view.low.value, view.high.value, view.high.unit) == (20, 40, "%")
    view.high.value = 55
    view.apply.click()
    assert "reason and a name" in view.status.text
    view.reason.value, view.who.value = "Our modules are large.", "Ada"
    view.apply.click()
    moved = panel.session.study.thresholds["A2"]
    assert (moved.low, moved.high) == (None, 0.55)
    assert "20% to 55%" in panel.thresholds.static_html()
    view.low.value = 80
    view.reason.value = "Too far."
    view.apply.click()
    assert panel.session.study.thresholds["A2"] == moved
    view.reset.click()
    assert panel.session.study.thresholds == {}


def test_ranges_are_kept_changed_and_removed(panel: ScenariosPanel) -> None:
    """A range with its ends the wrong way round is refused; a good one is printed with its source."""
    view = next(each for each in panel._views if hasattr(each, "which"))
    view.label.value, view.low.value, view.high.value = "Leave after a rise", 0.2, 0.1
    view.unit.value, view.source.value = "percent", "Three interviews"
    view.apply.click()
    assert "swap them" in view.status.text
    view.high.value = 0.3
    view.apply.click()
    assert "20%" in panel.assumptions.static_html()
    view.high.value = 0.4
    view.apply.click()
    assert [(each.low, each.high) for each in panel.session.study.assumptions] == [(0.2, 0.4)]
    view.drop.click()
    assert panel.session.study.assumptions == ()


def test_the_log_shows_the_latest_decision_first(panel: ScenariosPanel) -> None:
    """Stage and design are named as people know them, and the evidence can be opened."""
    session = panel.session
    session.record_decision("tiers", "First.", reason="A.", who="Ada", evidence=("Seen in March.",))
    session.record_decision("add_ons", "Second.", reason="B.", who="Ben")
    panel.flush()
    shown = panel.log.static_html()
    assert shown.index("Second.") < shown.index("First.")
    assert "Tier design" in shown
    assert "Seen in March." in shown


def test_the_report_is_that_of_the_study_on_disk(panel: ScenariosPanel, tmp_path: Path) -> None:
    """It lies in the workspace under the study's name, carries the saved revision, and its link holds its bytes."""
    view = panel.report_view
    view.xlsx.value = True
    exported = view.write()
    assert [path.relative_to(tmp_path).as_posix() for path in exported.files] == [
        "reports/small.html",
        "reports/small.xlsx",
    ]
    text = exported.files[0].read_text(encoding="utf-8")
    assert f"revision {Study.load(panel.session.folder).revision}" in text
    assert 'download="small.html"' in view.links.value


def test_without_a_browser_the_pdf_is_said_to_be_missing(
    panel: ScenariosPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The HTML is there all the same, and the sentence says what to install."""

    def missing(*_paths: Path) -> Path:
        raise MissingLibraryError("A PDF needs Chromium or Chrome, and none was found.", "Install one.")

    monkeypatch.setattr(scenario_results, "print_pdf", missing)
    exported = export_report(panel.session, pdf=True)
    assert [path.suffix for path in exported.files] == [".html"]
    panel.report_view.pdf.value = True
    panel.report_view.write()
    assert "none was found" in panel.report_view.links.value


def test_the_list_of_designs_waits_while_a_report_is_written(
    panel: ScenariosPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody picks a design and reads another one's rules; afterwards all answers again, also after a fault."""
    view = panel.choice_view
    shown, seen = view.warning.value, []

    def write(*_args: object, **_settings: object) -> None:
        seen.append(
            (view.scenario.disabled, view.apply.disabled, "as soon as the report is written" in view.warning.value)
        )
        raise StudyError("Nothing was written.", "Try again.")

    monkeypatch.setattr(scenarios, "export_report", write)
    panel.report_view.apply.click()
    assert seen == [(True, True, True)]
    assert "Nothing was written." in panel.report_view.status.text
    assert (view.scenario.disabled, view.apply.disabled, view.warning.value) == (False, False, shown)


def test_a_report_is_written_beside_the_page_with_its_steps_and_can_be_called_off(panel: ScenariosPanel) -> None:
    """The page hears what is done and how far it is; called off, nothing is written; begun again, it is there."""
    view, told = panel.report_view, list[str]()
    view.work.told.observe(lambda change: told.append(change["new"]), names=["value"])

    async def pressed(*, call_off: bool) -> None:
        over = asyncio.Event()
        view.apply.observe(lambda change: None if change["new"] else over.set(), names=["disabled"])
        view.apply.click()
        if call_off:
            view.work.stop.click()
        await over.wait()

    asyncio.run(pressed(call_off=True))
    assert "Called off" in view.work.told.value
    assert view.links.value == ""
    assert not panel.choice_view.apply.disabled
    asyncio.run(pressed(call_off=False))
    assert 'download="small.html"' in view.links.value
    assert any("wb-progress" in each for each in told)


def test_the_conclusion_names_every_design(panel: ScenariosPanel, capsys: pytest.CaptureFixture[str]) -> None:
    """Chosen design, revenue and findings, in the same words for the same study."""
    panel.conclusion()
    first = capsys.readouterr().out
    panel.conclusion()
    assert capsys.readouterr().out == first
    assert "Chosen: none yet" in first
    assert "Design A" in first


def test_a_choice_made_elsewhere_is_a_conflict_in_plain_sight(panel: ScenariosPanel) -> None:
    """Two people choose differently: nothing is said to be on record before one of them settles it."""
    session = panel.session
    session.duplicate_scenario("Design B")
    panel.flush()
    other = Session(session.folder, base=session.base, when=lambda: WHEN)
    session.choose_scenario("design-a", "First.", "Ada")
    view = next(each for each in panel._views if hasattr(each, "warning"))
    other.choose_scenario("design-b", "Second.", "Ben")
    assert other.conflict is not None
    other.take_mine()
    view.reason.value, view.who.value = "Third.", "Ada"
    view.apply.click()
    assert "not saved yet" in view.status.text
    assert "Second." in panel.trouble.block.value
    panel.trouble.theirs.click()
    assert panel.trouble.block.value == ""
    assert "Second." in panel.choice.static_html()
