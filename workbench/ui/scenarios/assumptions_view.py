"""Keep the guesses a study rests on as ranges, each with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import StudyError
from workbench.impact.uncertainty import Behaviour, check_range, default_assumptions, id_for, kind_of
from workbench.impact.uncertainty.behaviour import MOST, USUAL_CHURN
from workbench.study import Assumption, fresh_id, plain_errors
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, choice, number_box, row, show, text_box
from workbench.ui.plain_panel import SectionView
from workbench.wording import exact_quantity

if TYPE_CHECKING:
    from workbench.stages.comparison import ScenarioComparison
    from workbench.ui.scenarios.panel import ScenariosPanel

INTRO = (
    "What nobody can measure yet is kept as a range meant to hold the truth nine times in ten. "
    "Ranges and their sources are printed in the report. A range about what customers do is the one that the draws "
    'under "Once customers react" come from.'
)
NEW = ""
ANYTHING = ""
EVERYBODY = ""
OFFERED = frozenset(MOST) - {USUAL_CHURN}
"""What a range may be about: who leaves whatever the prices is forecast from the record, so nobody is asked."""


class AssumptionsView(SectionView):
    """The ranges of the study, and a form to add, change or remove one."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        self.table = Block(role="status")
        self.which = choice("Range", {"a new one": NEW}, on_change=self.guarded(lambda _: self._show_one()))
        kinds = {each.label: each.id for each in default_assumptions() if each.id in OFFERED}
        self.about = choice(
            "What it is about",
            {"something else": ANYTHING, **kinds},
            on_change=self.guarded(lambda _: self._suggest()),
        )
        self.whose = choice("Of", {"all customers": EVERYBODY}, on_change=self.guarded(lambda _: self._suggest()))
        self.label = text_box("What is guessed", placeholder="Customers who leave after a 20% rise")
        self.low = number_box("Low", optional=True)
        self.high = number_box("High", optional=True)
        self.unit = text_box("Unit", placeholder="percent, accounts, USD")
        self.source = text_box("Where it comes from", placeholder="Three interviews in March")
        self.note = text_box("Note")
        self.apply = button("Keep this range", self.guarded(self.keep), primary=True)
        self.drop = button("Remove", self.guarded(self.remove))
        self.label.layout.width = self.source.layout.width = "330px"
        first = row(self.which, self.about, self.whose)
        middle = row(self.label, self.low, self.high, self.unit)
        last = row(self.source, self.note, row(self.apply, self.drop, gap="6px"))
        last.layout.align_items = "flex-end"
        middle.layout.margin = last.layout.margin = "6px 0 0"
        self.section = panel.section(
            "Assumptions", status=self.status, parts=(self.table, first, middle, last), intro=INTRO
        )

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the ranges of the study."""
        assumptions = self._panel.desk.study.assumptions
        rows = [
            (
                each.label,
                exact_quantity(each.low, each.unit),
                exact_quantity(each.high, each.unit),
                each.source,
                each.note,
            )
            for each in assumptions
        ]
        frame = pd.DataFrame(rows, columns=["What is guessed", "Low", "High", "Source", "Note"], dtype=object)
        table = html.table(frame, "Ranges that hold the truth nine times in ten")
        self.table.show(table if rows else html.message("The study keeps no ranges of its own yet."))
        segments = {str(each): str(each) for each in self._panel.desk.base.segments}
        own = {each.id.partition(":")[2] for each in assumptions if kind_of(each.id) in OFFERED} - {""}
        everyone = {"all customers": EVERYBODY, **segments, **{each: each for each in sorted(own)}}
        show(self.whose, self.whose.value, options=everyone)
        options = {"a new one": NEW, **{_name(each): each.id for each in assumptions}}
        kept = self.which.value if self.which.value in options.values() else NEW
        show(self.which, kept, options=options)
        self._show_one()

    def keep(self) -> None:
        """Keep the range in the form."""
        desk = self._panel.desk
        label = str(self.label.value).strip()
        if not label or self.low.value is None or self.high.value is None:
            raise StudyError(
                "A range needs to say what is guessed, its low end and its high end.", "Fill in all three."
            )
        changed = _assumption(
            self._id_for(label),
            label,
            self.low.value,
            self.high.value,
            unit=self.unit.value,
            source=self.source.value,
            note=self.note.value,
        )
        study = desk.study
        if self.which.value not in {NEW, changed.id}:  # it is about something else now
            study = study.without_assumption(str(self.which.value))
        desk.keep(study.with_assumption(changed), f"Range {label} kept")
        self._panel.flush()
        show(self.which, changed.id)
        self._show_one()
        self.status.say(f"The range of {label} is kept.", "ok")

    def remove(self) -> None:
        """Remove the range chosen."""
        desk, chosen = self._panel.desk, str(self.which.value)
        if chosen == NEW:
            raise StudyError("There is no range to remove.", "Choose one in the list Range.")
        label = desk.study.assumption(chosen).label
        desk.keep(desk.study.without_assumption(chosen), f"Range {label} removed")
        self.status.say(f"The range of {label} is removed.", "ok")

    def _id_for(self, label: str) -> str:
        """Return the id by which the draws find a range about behaviour; one of its own for anything else."""
        study, chosen = self._panel.desk.study, str(self.which.value)
        if self.about.value != ANYTHING:
            wanted = id_for(str(self.about.value), str(self.whose.value))
            if wanted != chosen and wanted in {each.id for each in study.assumptions}:
                raise StudyError("The study keeps a range about this already.", "Choose it in the list Range.")
            return wanted
        if chosen != NEW and kind_of(chosen) not in OFFERED:
            return chosen
        return fresh_id(label, [each.id for each in study.assumptions])

    def _suggest(self) -> None:
        """Fill the form with the range drawn from so far, when a new one is about what customers do."""
        about, whose = str(self.about.value), str(self.whose.value)
        self.whose.disabled = about == ANYTHING
        if about == ANYTHING or self.which.value != NEW:
            return
        drawn = Behaviour.of(self._panel.desk.study.assumptions).range_for(about, whose)
        label = next(each.label for each in default_assumptions() if each.id == about)
        show(self.label, f"{label}, {whose}" if whose else label)
        show(self.unit, drawn.unit)
        for box, value in ((self.low, drawn.low), (self.high, drawn.high)):
            show(box, value)

    def _show_one(self) -> None:
        """Fill the form with the range chosen; a new one starts empty, and what is being typed stays."""
        known = [each for each in self._panel.desk.study.assumptions if each.id == self.which.value]
        self.drop.disabled = not known
        if not known:
            return
        chosen = known[0]
        kind, _, segment = chosen.id.partition(":")
        about = kind if kind in OFFERED else ANYTHING
        show(self.about, about)
        show(self.whose, segment if about and segment in dict(self.whose.options).values() else EVERYBODY)
        self.whose.disabled = about == ANYTHING
        for box, value in ((self.low, chosen.low), (self.high, chosen.high)):
            show(box, value)
        texts = ((self.label, chosen.label), (self.unit, chosen.unit), (self.source, chosen.source))
        for field, text in (*texts, (self.note, chosen.note)):
            show(field, text)


def _name(assumption: Assumption) -> str:
    return f"{assumption.label} ({assumption.id})"


def _assumption(assumption_id: str, label: str, low: float, high: float, **words: str) -> Assumption:
    with plain_errors("This range cannot be kept"):
        made = Assumption(id=assumption_id, label=label, low=low, high=high, **words)
    check_range(made)
    return made
