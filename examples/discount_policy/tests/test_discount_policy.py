"""Discount policy on companies counted by hand and on the sample, and shown wherever a stage is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pytest
from discount_policy import VIEW, Decision, evaluate, gather, suggest, summarise
from discount_policy.evidence import DiscountEvidence

from workbench import Session, check_stage, open_stage
from workbench.rendering.section import strict_callbacks
from workbench.report import gather_content, report_html, write_workbook
from workbench.results import Basis
from workbench.stages import STAGES, stage
from workbench.study import Scenario, Study
from workbench.workspace import sample_base, sample_folder, sample_study

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.customers import CustomerBase


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Return the sample company."""
    return sample_base()


@pytest.fixture(scope="module")
def study(base: CustomerBase) -> Study:
    """Return the sample study with the floor decided in its first design."""
    made = sample_study(base, sample_folder())
    design = made.designs[0]
    return made.with_scenario(design.with_decision(suggest(base, design)))


def counted() -> DiscountEvidence:
    """Return five accounts at a list of 100, which pay 100, 90, 60, 50 and 120."""
    names = np.array(list("abcde"), dtype=object)
    paid = np.array([100.0, 90.0, 60.0, 50.0, 120.0])
    return DiscountEvidence(Basis(5, 5, "2025-12", "2025-12"), "USD", names, np.full(5, 100.0), paid)


@pytest.mark.parametrize(
    ("floor", "leaving", "gain"), [(0.8, 0.0, 50.0), (0.8, 1.0, -110.0), (0.8, 0.1, 0.9 * 50 - 11), (0.0, 0.5, 0.0)]
)
def test_a_floor_brings_the_rise_less_who_leaves(base: CustomerBase, floor: float, leaving: float, gain: float) -> None:
    """Those below rise to the floor, and of what they paid the share that leaves is lost: counted by hand."""
    scenario = Scenario(id="s", name="S").with_decision(Decision(floor=floor, leaving=leaving))
    assert evaluate(base, scenario, evidence=counted()).gain == pytest.approx(gain)


def test_at_the_break_even_the_floor_brings_nothing(base: CustomerBase) -> None:
    """When just the share that may leave does, what is gained and what is lost are the same."""
    scenario = Scenario(id="s", name="S").with_decision(Decision(floor=0.8, leaving=0.0))
    may_leave = evaluate(base, scenario, evidence=counted()).break_even
    assert may_leave is not None
    at_it = scenario.with_decision(Decision(floor=0.8, leaving=may_leave))
    assert evaluate(base, at_it, evidence=counted()).gain == pytest.approx(0)


@pytest.mark.parametrize(("floor", "verdict"), [(0.5, "Met"), (0.6, "Watch"), (0.95, "Not met")])
def test_a_floor_under_many_is_said(base: CustomerBase, floor: float, verdict: str) -> None:
    """Of five accounts none, one, three pay less than the floor: at most 15% is the rule, 30% the end of watch."""
    scenario = Scenario(id="s", name="S").with_decision(Decision(floor=floor))
    (finding,) = evaluate(base, scenario, evidence=counted()).findings
    assert (finding.rule_id, finding.verdict) == ("D1", verdict)


def test_nothing_is_wrong_with_it() -> None:
    """What the command `workbench stages discount_policy` looks at."""
    assert check_stage("discount_policy") == ()


def test_the_starting_point_is_kept_by_nine_in_ten(base: CustomerBase) -> None:
    """At most one account in ten pays less than the floor a team starts from."""
    known = gather(base)
    floor = suggest(base, Scenario(id="s", name="S"), evidence=known).floor
    assert (known.share < floor).mean() <= 0.1


def test_the_shares_are_those_of_the_record(base: CustomerBase) -> None:
    """What is given away is list less paid, account by account, of accounts that have both."""
    known = gather(base)
    given = evaluate(base, Scenario(id="s", name="S"), evidence=known).key_figures[0].value
    assert given == pytest.approx(sum(known.listed) - sum(known.paid))
    assert len(known.paid) > 400


def test_it_stands_in_the_sequence(study: Study) -> None:
    """The stage is found, after the add-ons and before the market, without a line elsewhere."""
    keys = [each.key for each in STAGES]
    assert keys.index("add_ons") < keys.index("discount_policy") < keys.index("anchoring")
    assert stage("discount_policy").title == "Discount floor"
    assert study.designs[0].decided("discount_policy")


def test_the_panel_moves_the_decision_and_undo_takes_it_back(tmp_path: Path, base: CustomerBase, study: Study) -> None:
    """The box has the field's bounds in percent; a number entered is the decision, and undo takes it back."""
    with strict_callbacks():
        session = Session(tmp_path, study.save(tmp_path), base=base, when=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        panel = open_stage(session, "discount_policy")
        box = panel.settings["floor"]
        assert (box.minimum, box.maximum, box.unit) == (0, 100, "%")
        before = session.scenario.decision(Decision).floor
        box.value = 60
        panel.flush()
        assert session.scenario.decision(Decision).floor == 0.6
        assert "60%" in panel.floor.static_html()
        session.undo()
        panel.flush()
        assert session.scenario.decision(Decision).floor == before
        assert box.value == pytest.approx(100 * before)
        panel.close()


def test_report_and_workbook_show_it_as_the_panel_does(tmp_path: Path, base: CustomerBase, study: Study) -> None:
    """The picture first, then title, sentence and caption in the order of the view; its tables in the workbook."""
    content = gather_content(base, study)
    page = report_html(content)
    begin = page.index('id="stage-discount_policy"')
    own = page[begin : page.index('id="stage-', begin + 1)]
    said = [
        "Discount by size of the deal",
        "A floor under discounts",
        "as long as less than",
        "Accounts below the floor,",
    ]
    places = [own.index(text) for text in said]
    assert places == sorted(places)
    assert len(VIEW.sections) == own.count("<h3>") - 1  # and the findings
    book = openpyxl.load_workbook(write_workbook(content, tmp_path / "tables.xlsx"))
    titles = [row[1].value for row in book["Contents"].iter_rows(min_row=2)]
    assert "Discount floor Discount by size of the deal" in titles
    assert any(title.startswith("Discount floor Accounts below the floor") for title in titles)


def test_without_payments_it_says_what_it_needs(base: CustomerBase) -> None:
    """With nothing to compare there is no figure, no error, and a sentence on what is lacking."""
    nothing = np.array([])
    empty = DiscountEvidence(Basis(0, 5), "USD", np.array([], dtype=object), nothing, nothing, "No plan is known.")
    found = evaluate(base, Scenario(id="s", name="S"), evidence=empty)
    assert (found.gain, found.break_even, found.key_figures) == (0, None, ())
    assert found.missing
    assert "not known" in summarise(Decision(), found)
