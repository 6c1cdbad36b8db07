"""What a stage may declare beyond settings, figures and tables: questions, work that takes a while, titled parts."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench import progress
from workbench.customers import CustomerBase
from workbench.rendering.declared import DeclaredPanel
from workbench.rendering.scheduler import CalledOff, Job
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages.contract import Stage, evaluate_scenario, with_starting_points
from workbench.stages.view import shown_sections
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CODE = """
from dataclasses import dataclass, field
from typing import ClassVar

import pandas as pd

from workbench.results import Basis
from workbench.stages import marks
from workbench.stages.contract import StageResult
from workbench.stages.figure import Figure
from workbench.stages.view import Action, FiguresOf, Grid, Said, SectionView, Under, View, Work
from workbench.study.model import FrozenModel, StageDecision

LOOKED = []


class Decision(StageDecision):
    stage: ClassVar[str] = "asking"
    number: int = 1


class Name(FrozenModel):
    name: str = ""


class Pick(FrozenModel):
    pick: int = 0


@dataclass(frozen=True, kw_only=True)
class Result(StageResult):
    number: int
    title: str
    scenario: object
    found: list = field(default_factory=list)


def gather(base):
    return {}


def evaluate(base, scenario, *, study, rulebook, seed=0, evidence=None):
    decision = scenario.decision(Decision)
    found = evidence.setdefault(decision.number, [])
    return Result(basis=Basis(1, 1), number=decision.number, title=study.title, scenario=scenario, found=found)


def summarise(decision, result):
    return f"The number is {decision.number}."


def figures(result):
    return ()


def drawn(result):
    LOOKED.append(result.number)
    rows = pd.DataFrame({"name": ["a"], "size": [1.0]})
    chart = marks.bar_chart(y=marks.by_name("name"), x=marks.by_number("size", "Size"), label="size")
    for place in range(result.number):
        yield Figure(key=f"bar-{place}", title=f"Bar {place}", description="A bar.", reading="One.", build=chart,
                     data={"rows": rows}, table=rows, table_caption="Bars")


def rename(decision, result, form):
    return result.scenario.replaced(name=form.name) if form.name else {"number": decision.number + 1}


def larger(decision, result, cells):
    return {"number": int(cells[0][0])}


VIEW = View(sections=(
    SectionView(key="tabs", lazy=True, parts=(
        Under(key="one", parts=(FiguresOf(drawn),)),
        Under(key="two", parts=(Said("two", lambda _: ["Never said"]),), why_not=lambda _: "Nobody was asked."),
    )),
    SectionView(key="asking", parts=(
        Action(key="rename", changes=rename, form=Name),
        Said("picked", lambda result, form: [f"Picked {form.pick}"], form=Pick,
             options={"pick": lambda result: {str(each): each for each in range(result.number + 1)}}),
        Grid(key="typed", rows=lambda _, result: ["row"], columns=lambda *_: [{"label": "Size"}],
             cells=lambda _, result: [(result.number,)], says=lambda result, cells: [f"Typed {cells[0][0]}"],
             actions=(Action(key="larger", changes=larger),)),
    )),
    SectionView(key="search", parts=(
        Work(key="find", run=lambda result: result.found.append(1), is_done=lambda result: bool(result.found),
             parts=(Said("found", lambda result: [f"Found {len(result.found)}"]),)),
    )),
))
"""
TEXT = """
[stage]
title = "Asking"
question = "What is asked?"
notebook = "99_asking"
[sections]
tabs = { title = "Tabs" }
asking = { title = "Asking" }
search = { title = "Search" }
[captions]
one = "One"
two = "Two"
[settings]
pick = { label = "Pick" }
name = { label = "New name" }
[actions]
rename = { label = "Rename" }
larger = { label = "Use it" }
find = { label = "Find" }
[grids]
typed = { title = "Typed", rows = "Row" }
"""


@pytest.fixture
def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage of a package of its own, which puts the offer to a test."""
    package = tmp_path / "asking_stage"
    package.mkdir()
    (package / "__init__.py").write_text(CODE)
    (package / "text.toml").write_text(TEXT)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Stage("asking", "asking_stage")
    monkeypatch.setattr("workbench.rendering.panel.stage", lambda _key: made)
    monkeypatch.setattr("workbench.stages.contract.STAGES", (made,))
    made.module.LOOKED.clear()
    return made


@pytest.fixture
def panel(asking: Stage, tmp_path: Path) -> Iterator[DeclaredPanel]:
    """Return its panel."""
    paid = pd.DataFrame({"account_id": ["a"], "month": "2024-01-01", "amount": [50], "currency": "USD"})
    base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    folder = tmp_path / "study"
    folder.mkdir()
    with strict_callbacks():
        shown = DeclaredPanel(Session(folder, Study.new("acme", "data", title="Acme").save(folder), base=base), asking)
        yield shown
        shown.close()


def words(html: str) -> str:
    """Return what a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_stage_that_tests_the_offer_is_given_the_study_and_starts_nothing(
    asking: Stage, panel: DeclaredPanel
) -> None:
    """It opens with its defaults, which are no suggestion; starting points are found without it."""
    assert not asking.designs
    assert not panel.is_suggestion
    assert panel.result.title == "Acme"
    study = panel.session.study
    design = study.designs[0]
    assert with_starting_points(panel.base, design) == design
    (outcome,) = evaluate_scenario(panel.base, study, design)
    assert outcome.summary == "The number is 1."


def test_a_lazy_section_is_worked_out_when_it_is_looked_at(asking: Stage, panel: DeclaredPanel) -> None:
    """Before that nothing of it is; from then on it follows every change, with as many figures as there are."""
    assert asking.module.LOOKED == []
    page = panel.tabs.static_html()
    assert asking.module.LOOKED == [1]
    assert [page.count(f"Bar {place}") > 0 for place in range(3)] == [True, False, False]
    assert "Nobody was asked." in page
    assert "Never said" not in page
    assert "<h4>One</h4>" in page
    assert "<h4>Two</h4>" in page
    panel.revise(number=3)
    panel.flush()
    assert [panel.tabs.static_html().count(f"Bar {place}") > 0 for place in range(4)] == [True, True, True, False]
    panel.revise(number=2)
    panel.flush()
    assert "Bar 2" not in panel.tabs.static_html()


def test_what_is_tried_is_kept_nowhere(panel: DeclaredPanel) -> None:
    """A form of a sentence, and a grid that changes nothing; a choice stays while it is there."""
    study = panel.session.study
    panel.forms["picked"]["pick"].value = 1
    assert "Picked 1" in words(panel.asking.static_html())
    panel.grids["typed"].value = ((7.0,),)
    assert "Typed 7" in words(panel.asking.static_html())
    assert panel.session.study is study
    panel.buttons["larger"].click()
    panel.flush()
    assert panel.decision.number == 7
    page = words(panel.asking.static_html())
    assert "Picked 1" in page
    assert "Typed 7" in page
    panel.revise(number=5)
    panel.flush()
    assert "Typed 5" in words(panel.asking.static_html())


def test_a_button_may_change_the_whole_scenario(panel: DeclaredPanel) -> None:
    """Where its function returns one; a text of its form is empty again once it is used."""
    panel.forms["rename"]["name"].value = "Another name"
    panel.buttons["rename"].click()
    assert panel.session.scenario.name == "Another name"
    assert panel.forms["rename"]["name"].value == ""
    panel.buttons["rename"].click()
    assert panel.decision.number == 2


def test_work_is_begun_by_a_button_and_shown_for_the_result_it_was_done_for(panel: DeclaredPanel) -> None:
    """Until then its parts are not there; a change that it would differ for puts them away."""
    assert "Found" not in words(panel.search.static_html())
    panel.buttons["find"].click()
    assert "Found 1" in words(panel.search.static_html())
    panel.revise(number=2)
    panel.flush()
    assert "Found" not in words(panel.search.static_html())
    panel.revise(number=1)
    panel.flush()
    assert "Found 1" in words(panel.search.static_html())


def test_a_page_shows_the_same_parts_without_what_is_for_the_hand(asking: Stage, panel: DeclaredPanel) -> None:
    """Titled parts with their title, a reason in place of parts, work done at once; nothing that was asked."""
    tabs, asked, search = shown_sections(asking.package, asking.module.VIEW, panel.result, {})
    assert [(part.kind, part.caption) for part in tabs.parts] == [("under", "One"), ("under", "Two")]
    assert [part.kind for part in tabs.all_parts] == ["figures", "said"]
    assert [each for part in tabs.all_parts if part.kind == "said" for each in part.holds] == ["Nobody was asked."]
    assert asked.parts == ()
    assert [part.holds for part in search.parts] == [("Found 1",)]


class Loop:
    """A loop that runs what is due when it is told to."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def timer(self, _delay: float, action: Callable[[], None]) -> object:
        """Plan an action."""
        self.due.append(action)
        return object()

    def run(self) -> None:
        """Run what is due."""
        due, self.due = self.due, []
        for action in due:
            action()


def test_work_stands_aside_and_can_be_called_off() -> None:
    """While it runs the loop hears how far it is; called off, it ends at its next step and says so."""
    loop, ready, told, ended = Loop(), threading.Event(), [], []

    def work() -> None:
        for _ in progress.each(range(1000), label="looking"):
            ready.set()
            time.sleep(0.005)

    job = Job(work, told=lambda share, _left, label: told.append((share, label)), ended=ended.append, timer=loop.timer)
    job.start()
    assert ready.wait(60)
    loop.run()
    assert told[-1][1] == "looking"
    assert ended == []
    job.call_off()
    for _ in range(12_000):
        loop.run()
        if ended:
            break
        time.sleep(0.005)
    assert [type(each) for each in ended] == [CalledOff]
