"""What leaves the room, on the screen: states, slides, letters, the record and remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.pages.leaving import open_panel
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.study import Study, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.pages.leaving import LeavingPanel


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[LeavingPanel]:
    """Return the panel on a study of two accounts."""
    paid = pd.DataFrame({"account_id": ["Acme", "Bolt"], "month": "2024-01", "amount": [50, 90], "currency": "USD"})
    base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    folder = tmp_path / "studies" / "acme"
    study = save(Study.new("acme", "data"), folder).study
    session = Session(folder, study, base=base, who="Ana")
    made = open_panel(session)
    with strict_callbacks():
        yield made
    made.close()


def test_a_scenario_is_proposed_approved_and_opened_again(panel: LeavingPanel) -> None:
    """Each press is a line of the log; a changed assumption is said where the state stands, and undo takes it back."""
    view, session = panel.state_view, panel.session
    for to, who in (("proposed", "Ana"), ("approved", "Ben")):
        view.to.value, view.who.value, view.reason.value = to, who, "It is ready."
        view.apply.click()
    assert "Design A: approved by Ben" in panel.states.static_html()
    assert [each.who for each in session.study.decisions] == ["Ana", "Ben"]
    session.keep(session.study.with_guardrails(steep_rise=0.5), "Limits")
    assert "draft again: it was approved by Ben" in panel.states.static_html()
    assert "assumptions changed since" in panel.states.static_html()
    session.undo()
    assert "Design A: approved by Ben" in panel.states.static_html()


def test_what_is_missing_is_asked_for(panel: LeavingPanel) -> None:
    """A state without a reason and a comment without words are refused, and nothing is kept."""
    with pytest.raises(StudyError, match="with a name and a reason"):
        panel.state_view.put()
    with pytest.raises(StudyError, match="needs its words"):
        panel.comments_view.add()
    assert panel.session.study.decisions == ()


def test_remarks_are_kept_and_removed(panel: LeavingPanel) -> None:
    """A remark shows with its section, its author and its day."""
    view = panel.comments_view
    view.about.value, view.text.value, view.who.value = "tiers", "Too many?", "Cy"
    view.add_it.click()
    assert "Too many?" in panel.comments.static_html()
    assert panel.session.study.comments[0].section == "tiers"
    view.remove_it.click()
    assert panel.session.study.comments == ()
    assert "Nobody has remarked" in panel.comments.static_html()


def test_slides_and_the_record_are_written(panel: LeavingPanel) -> None:
    """The file lies in the workspace, by alias unless somebody says otherwise; letters need somebody to write to."""
    pytest.importorskip("pptx")
    written = panel.files_view.slides()
    assert written.suffix == ".pptx"
    assert "Save the slides" in panel.files.static_html()
    panel.files_view.trail_it.click()
    assert "acme record.csv" in panel.files.static_html()
    with pytest.raises(StudyError, match="nobody to write to"):
        panel.files_view.letters(sample=2)
