"""A stage panel without a browser: controls, results, errors, records, and how many widgets live."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING

import ipywidgets
import price_stage
import pytest

from workbench.errors import StudyError
from workbench.rendering import section
from workbench.rendering.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from price_stage import PricePanel


@pytest.fixture
def panel(session: Session) -> Iterator[PricePanel]:
    """Return the small stage's panel."""
    opened = price_stage.open_panel(session)
    yield opened
    opened.close()


def live_widgets() -> int:
    """Count the widgets the kernel holds."""
    return len(ipywidgets.widgets.widget._instances)


def test_an_open_stage_shows_a_starting_point_and_saves_nothing(panel: PricePanel, session: Session) -> None:
    """The suggestion is on screen, marked as such, and the study is untouched until somebody decides."""
    assert panel.is_suggestion
    assert panel.price.value == pytest.approx(16.7)
    assert "starting point" in panel.scenarios.static_html()
    assert not session.scenario.decided("price")


def test_a_control_changes_the_decision_and_the_result(panel: PricePanel, session: Session) -> None:
    """A new number is decided, saved and shown, in the parts that were there before."""
    chart = panel.figure_view("revenue").chart
    revision = chart.revision
    shown = panel.key_figures.value
    panel.price.value = 40
    assert float(session.scenario.decision(price_stage.PriceDecision).price) == 40
    assert panel.key_figures.value != shown
    assert chart.revision == revision + 1
    assert "Not met" in panel.findings.static_html()


def test_undo_puts_the_control_back(panel: PricePanel, session: Session) -> None:
    """The number box follows the study, and following does not make a new change."""
    panel.price.value = 40
    panel.price.value = 50
    session.undo()
    steps = len(session._history.past)
    assert panel.is_suggestion
    assert panel.price.value == pytest.approx(16.7)
    assert len(session._history.past) == steps


def test_grid_and_matrix_change_their_fields(panel: PricePanel, session: Session) -> None:
    """Cells as the page sends them become fields of the decision."""
    panel.matrix.cells = [[True, True], [False, True], [False, False], [False, False]]
    panel.profiles.cells = [[7], [70]]
    decision = session.scenario.decision(price_stage.PriceDecision)
    assert decision.included["Dashboards"] == ("Team", "Business")
    assert decision.profiles == (7, 70)
    assert panel.matrix.chosen("Business") == ("Dashboards", "Exports")


def test_the_baseline_switches_the_controls_off(panel: PricePanel, session: Session) -> None:
    """Today's pricing can be looked at and not changed; a forced change is refused in words and put back."""
    session.select("baseline")
    assert panel.price.disabled
    assert panel.matrix.disabled
    shown = panel.price.value
    panel.price.value = 99
    assert "baseline" in panel.status.text.lower()
    assert panel.price.value == shown


def test_an_impossible_change_is_told_and_put_back(panel: PricePanel) -> None:
    """The domain error stands in the status line with its advice; no traceback, and the control shows what is."""
    shown = panel.rounding.value
    panel.guarded(lambda: panel.revise(price=-5))()
    assert "price" in panel.status.text
    assert "Traceback" not in panel.status.value
    assert panel.rounding.value == shown


def test_unexpected_errors_surface_in_tests_and_not_on_screen(
    panel: PricePanel, caplog: pytest.LogCaptureFixture
) -> None:
    """Strict callbacks raise; otherwise a short sentence is shown and the log has the rest."""

    def fail() -> None:
        raise RuntimeError("secret detail")

    with pytest.raises(RuntimeError):
        panel.guarded(fail)()
    token = section._strict.set(False)
    panel.guarded(fail)()
    section._strict.reset(token)
    assert "secret" not in panel.status.value
    assert "secret detail" in caplog.text


def test_a_decision_is_recorded_with_evidence_and_findings(panel: PricePanel, session: Session) -> None:
    """Recording a starting point decides it, and keeps figures, findings, reason and name."""
    form = panel._record
    form.reason.value, form.who.value = "It covers the cost.", "Ada"
    form.apply.click()
    record = session.study.decisions[-1]
    assert session.scenario.decided("price")
    assert record.who == "Ada"
    assert any("Revenue" in sentence for sentence in record.evidence)
    assert any("T9" in sentence for sentence in record.findings)
    assert form.reason.value == ""
    assert "It covers the cost." in panel.record.static_html()


def test_a_record_without_a_reason_is_refused(panel: PricePanel, session: Session) -> None:
    """The form says what is lacking and records nothing."""
    panel._record.apply.click()
    assert "reason" in panel.status.text
    assert session.study.decisions == ()


def test_a_rule_is_set_aside_with_a_reason_and_stays_visible(panel: PricePanel, session: Session) -> None:
    """The finding keeps its verdict and shows who set it aside; putting the rule in force removes that."""
    panel.price.value = 40
    view = panel._findings
    view.apply.click()
    assert "reason" in panel.status.text
    view.reason.value, view.who.value = "A pilot.", "Ada"
    view.apply.click()
    assert "Not met, set aside" in view.list.value
    assert "A pilot." in view.list.value
    view.withdraw.click()
    assert session.scenario.waivers == ()
    assert "set aside" not in view.list.value


def test_start_over_opens_the_stage_again(panel: PricePanel, session: Session) -> None:
    """The starting point comes back, and can be undone."""
    panel.price.value = 40
    panel._bar.strip.press("start_over")
    assert panel.is_suggestion
    session.undo()
    assert panel.price.value == 40


def test_a_conflict_is_shown_with_both_values(session: Session, panel: PricePanel) -> None:
    """The bar names the field with both values, and a button settles it."""
    other = Session(session.folder, base=session.base)
    other.propose(price_stage.PriceDecision(price=20))
    panel.price.value = 30
    assert panel._bar.settle.layout.display == "flex"
    assert "20" in panel._bar.trouble.value
    assert "30" in panel._bar.trouble.value
    panel._bar.theirs.click()
    assert panel.price.value == 20
    assert panel._bar.settle.layout.display == "none"


def test_many_changes_make_no_new_widgets(panel: PricePanel, session: Session) -> None:
    """Twenty changes, an undo and a look at the baseline leave as many widgets as before."""
    panel._repr_mimebundle_()
    before = live_widgets()
    for price in range(20):
        panel.price.value = 30 + price
    session.undo()
    session.select("baseline")
    assert live_widgets() == before


def test_closing_a_panel_leaves_nothing_behind(session: Session) -> None:
    """Every widget is closed, and the session no longer reaches the panel."""
    before = live_widgets()
    panel = price_stage.open_panel(session)
    panel._repr_mimebundle_()
    panel.close()
    assert live_widgets() == before
    session.propose(price_stage.PriceDecision(price=77))
    assert panel.price.value != 77


def test_a_panel_survives_data_it_cannot_use(session: Session) -> None:
    """When the stage cannot be evaluated the panel still opens and says why."""

    def refuse(*_arguments: object, **_named: object) -> None:
        raise StudyError("There is no usage in the data.", "Bring the table usage.")

    class Refusing(price_stage.PricePanel):
        def find_stage(self) -> SimpleNamespace:
            module = SimpleNamespace(**{**vars(price_stage.STAGE.module), "evaluate": refuse})
            return SimpleNamespace(**{**vars(price_stage.STAGE), "module": module})

    opened = Refusing(session)
    assert "Bring the table usage." in opened.status.text
    assert opened.design.static_html()
    opened.close()


class LeadingPanel(price_stage.PricePanel):
    """The small stage with one chart drawn before anything else."""

    leading = ("revenue",)


def test_the_leading_chart_comes_first_and_the_rest_follows(session: Session) -> None:
    """Where a loop runs, the change draws one chart at once; flush brings everything else up to the same decision."""

    async def drive() -> None:
        panel = LeadingPanel(session)
        panel.price.value = 40
        panel.flush()
        first, other = (panel.figure_view(key).chart for key in ("revenue", "bills"))
        drawn = (first.revision, other.revision)
        figures, table = panel.key_figures.value, panel.figure_view("bills").under.value
        panel._turns.work._free_from = 0.0  # as if the last change were long ago
        panel.price.value = 50
        assert (first.revision, other.revision) == (drawn[0] + 1, drawn[1])
        assert panel.key_figures.value == figures
        panel.flush()
        assert other.revision == drawn[1] + 1
        assert panel.key_figures.value != figures
        assert panel.figure_view("bills").under.value != table
        session.finish()
        panel.close()

    asyncio.run(drive())


def test_what_follows_never_puts_a_moving_control_back(session: Session) -> None:
    """While a newer value waits for its turn, showing the numbers of the older one leaves the control alone."""

    async def drive() -> None:
        panel = LeadingPanel(session)
        panel.price.value = 40
        panel.price.value = 50
        panel._turns.soon.flush()
        panel._turns.rest.flush()
        assert panel.price.value == 50
        panel.flush()
        assert (panel.price.value, panel.decision.price) == (50, 50)
        assert "$50" in panel._record.what.value
        session.finish()
        panel.close()

    asyncio.run(drive())


def test_a_page_that_is_kept_is_complete(session: Session) -> None:
    """What a cell keeps of a section shows the change made a moment before, tables included."""

    async def drive() -> None:
        panel = LeadingPanel(session)
        panel.price.value = 30
        panel.price.value = 40
        kept = panel.design._repr_mimebundle_()["text/html"]
        whole = price_stage.open_panel(session)
        assert kept == whole.design._repr_mimebundle_()["text/html"]
        session.finish()
        whole.close()
        panel.close()

    asyncio.run(drive())
