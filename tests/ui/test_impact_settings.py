"""What is entered on screen about customers and policies is what paths and draws are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from session_clock import WHEN

from workbench.pages import scenarios
from workbench.rendering.declared import open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages.migration import MigrationDecision
from workbench.study import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.customers import CustomerBase
    from workbench.pages.scenarios import AssumptionsView
    from workbench.rendering.panel import StagePanel
    from workbench.study import Study

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sample(sample_company: CustomerBase, decided_sample: Study) -> tuple[CustomerBase, Study]:
    """Return the sample company and its study, without ranges of its own."""
    return sample_company, decided_sample.replaced(assumptions=())


@pytest.fixture
def session(tmp_path: Path, sample: tuple[CustomerBase, Study]) -> Session:
    """Return a session of its own."""
    base, study = sample
    return Session(tmp_path, study.save(tmp_path), base=base, when=lambda: WHEN)


@pytest.fixture
def panel(session: Session) -> Iterator[StagePanel]:
    """Return the panel of the way to new prices."""
    with strict_callbacks():
        opened = open_stage(session, "migration")
        yield opened
        opened.close()


@pytest.fixture
def form(session: Session, _evidence_at_hand: None) -> Iterator[AssumptionsView]:
    """Return the form of assumptions on the same session."""
    with strict_callbacks():
        opened = scenarios.open_panel(session)
        yield next(view for view in opened._views if hasattr(view, "about"))
        opened.close()


def enter(form: AssumptionsView, about: str, low: float, high: float, *, of: str = "all customers") -> None:
    """Enter a range about something customers do, as a person does."""
    form.which.value = ""
    form.about.value = dict(form.about.options)[about]
    form.whose.value = dict(form.whose.options)[of]
    form.low.value, form.high.value = low, high
    form.keep()


def test_an_assumption_entered_on_screen_drives_fan_and_tornado(panel: StagePanel, form: AssumptionsView) -> None:
    """A narrow range about churn narrows its bar in the tornado and moves the fan; it is the one in the guesses."""
    words = "Extra customers lost for a rise of 100%"
    before = panel.result.ranges
    assert before is not None
    enter(form, words, 0.70, 0.75)
    panel.flush()
    after = panel.result.ranges
    assert after is not None
    bars = [each.drivers.set_index("id")["swing"].abs() for each in (before, after)]
    assert bars[1]["churn-per-rise"] < bars[0]["churn-per-rise"] / 5
    fans = [each.simulation.fan(each.name) for each in (before, after)]
    assert fans[1]["mean"].iloc[-1] < fans[0]["mean"].iloc[-1]
    assert np.isclose(after.simulation.behaviour.range_for("churn-per-rise", "any").low, 0.70)
    drawn = panel.figure_view("fan").figure
    assert drawn is not None
    np.testing.assert_allclose(drawn.data["fan"]["p50"][1:], fans[1]["p50"])  # the first is the last on record


def test_a_range_of_one_segment_holds_for_it_alone(panel: StagePanel, form: AssumptionsView) -> None:
    """A range of one segment has its id, its name in the label, and leaves the others as they were."""
    segment = panel.session.base.segments[0]
    enter(form, "Extra customers lost for a rise of 100%", 0.3, 0.4, of=segment)
    panel.flush()
    (kept,) = panel.session.study.assumptions
    assert kept.id == f"churn-per-rise:{segment}"
    assert segment in kept.label
    behaviour = panel.result.ranges.simulation.behaviour
    assert behaviour.range_for("churn-per-rise", segment).low == 0.3
    assert behaviour.range_for("usual-churn", panel.session.base.segments[1]).low == 0.02


def test_a_new_range_starts_from_the_one_drawn_so_far(form: AssumptionsView) -> None:
    """Choosing what a range is about fills in words, unit and the range used until now."""
    form.about.value = "downgrade-saving"
    assert (form.low.value, form.high.value) == (0.1, 0.4)
    assert form.unit.value == "share of its bill"
    assert form.label.value == "What a customer who moves down saves"


def test_a_range_that_cannot_be_is_refused_where_it_is_entered(panel: StagePanel, form: AssumptionsView) -> None:
    """A share of customers above what is possible is said in the form, and the study stays as it was."""
    form.about.value = "downgrade-saving"
    form.low.value, form.high.value = 0.5, 30
    form.apply.click()
    assert "It can be from 0 to 1" in form.status.text
    assert panel.session.study.assumptions == ()


def test_who_leaves_whatever_the_prices_is_not_asked_for(panel: StagePanel, form: AssumptionsView) -> None:
    """The record says it, so the form offers no range of it; one that an old study holds opens and can be removed."""
    assert "usual-churn" not in dict(form.about.options).values()
    old = Assumption(id="usual-churn", label="Lost a year", low=0.1, high=0.2, unit="share of customers a year")
    panel.session.keep(panel.session.study.with_assumption(old), "An old range")
    panel.flush()
    form.refresh(None)
    form.which.value = "usual-churn"
    assert (form.about.value, form.low.value) == ("", 0.1)
    form.low.value = 0.05
    form.keep()
    (kept,) = panel.session.study.assumptions
    assert (kept.id, kept.low) == ("usual-churn", 0.05)
    form.which.value = "usual-churn"
    form.remove()
    assert panel.session.study.assumptions == ()


def test_anything_else_keeps_an_id_of_its_own(form: AssumptionsView) -> None:
    """A range about something the draws do not know is kept under its words."""
    form.label.value = "Sales people hired"
    form.low.value, form.high.value = 1, 4
    form.keep()
    assert form._panel.session.study.assumptions[0].id == "sales-people-hired"


def test_an_existing_range_can_become_one_the_draws_know(form: AssumptionsView) -> None:
    """Giving a range its meaning moves it to the id the draws read, and leaves no copy behind."""
    form.label.value = "How many leave"
    form.low.value, form.high.value = 0.1, 0.2
    form.keep()
    form.about.value = "churn-per-rise"
    form.keep()
    (kept,) = form._panel.session.study.assumptions
    assert (kept.id, kept.label, kept.low) == ("churn-per-rise", "How many leave", 0.1)


def test_a_mixture_is_kept_once_its_shares_are_whole(panel: StagePanel) -> None:
    """Shares of a segment that sum to 150% are said and not kept; at 100% accounts move at a pace in between."""
    grid = panel.grids["mixture"]
    assert grid.layout.display == "none"
    panel.settings["policy"].value = "by segment"
    panel.flush()
    assert grid.layout.display is None
    names = [each["label"] for each in grid.columns]
    rows = [list(line) for line in grid.value]
    assert all(line[names.index("at renewal")] == 100 for line in rows)
    rows[0][names.index("at once")] = 50
    grid.value = tuple(map(tuple, rows))
    assert "sum to 150%" in panel.status.text
    assert [list(line) for line in grid.value] == rows  # typed numbers stay until they are whole
    for line in rows:  # one segment alone could move against the total
        line[names.index("at once")] = line[names.index("at renewal")] = 50
    grid.value = tuple(map(tuple, rows))
    panel.flush()
    decision = panel.session.study.scenario(panel.result.scenario.id).decision(MigrationDecision)
    segment = grid.rows[0]
    assert decision.mixture[segment] == {"everyone at once": 0.5, "at renewal": 0.5}
    left = {name: each.table["on_old"].to_numpy() for name, each in panel.result.paths.items()}
    assert (left["everyone at once"] <= left["by segment"]).all()
    assert (left["by segment"] <= left["at renewal"]).all()
    assert left["everyone at once"].sum() < left["by segment"].sum() < left["at renewal"].sum()


def test_contracts_and_new_customers_have_controls(panel: StagePanel) -> None:
    """A shorter term brings renewals forward; new customers are an assumption of the study and join every path."""
    said = panel.blocks["way"]
    assert "No contract is on record" in said.value
    before = panel.result.paths
    panel.settings["term_months"].value = 3
    panel.flush()
    now = panel.result.paths
    assert now["at renewal"].months_to_new < before["at renewal"].months_to_new
    assert "every 3 months" in said.value
    panel.settings["comers.high"].value = 4
    panel.flush()
    (kept,) = panel.session.study.assumptions
    assert (kept.id, kept.low, kept.high) == ("new-customers", 0, 4)
    assert panel.result.paths["at renewal"].table["new_customers"].iloc[-1] > 0
    panel.settings["comers.low"].value = 6
    panel.flush()
    (kept,) = panel.session.study.assumptions
    assert (kept.low, kept.high) == (6, 6)
    assert panel.result.ranges.simulation.behaviour.range_for("new-customers", "any").low == 6
