"""The panel of scenarios and report: everything the team has designed, side by side, and what it settles on."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import StudyError
from workbench.formatting import count, exact_quantity, figure_sentence
from workbench.impact.uncertainty.behaviour import Behaviour, default_assumptions, id_for, kind_of
from workbench.pages.scenario_results import (
    ANYTHING,
    EVERYBODY,
    NEW_RANGE,
    OFFERED,
    Evaluations,
    ExportedReport,
    assumption_name,
    checked_assumption,
    comparison_in_words,
    export_report,
    file_link,
    log_html,
    no_rule_differs,
    saved_study,
    settings_that_differ,
    threshold_options,
    threshold_shown,
    threshold_title,
    threshold_typed,
    threshold_unit,
    why_moved,
)
from workbench.rendering import html
from workbench.rendering.controls import button, checkbox, choice, level_row, number_box, row, show, text_area, text_box
from workbench.rendering.figure_view import FigureView
from workbench.rendering.panel import OptInMaker, SaveTrouble
from workbench.rendering.parts import LongWork
from workbench.rendering.scheduler import Throttle
from workbench.rendering.screen.page import SectionTabs
from workbench.rendering.section import Conclusion, PlainPanel, PlainSection, Section, StatusLine, guarded, working
from workbench.rendering.widgets import HtmlBlock
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.comparison.bills import crossed_limits
from workbench.stages.comparison.side_by_side import (
    FIGURES_CAPTION,
    ScenarioColumn,
    ScenarioComparison,
    differences_frame,
    figures,
)
from workbench.study.model import fresh_id
from workbench.tables import NUMBER, TEXT, DataTable, Own, Reworded
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workbench.rendering.session import Session

say = texts(__name__)

# --- Designs side by side: charts, decisions and key figures, and how they stand against the rules

COMPARISON_INTRO = say("every_design_on_the_same")
RULES_INTRO = say("the_rules_on_which_designs")
MOST_ROWS = 400


class ComparisonView(PlainSection):
    """Today's figures, revenue and findings as charts, decisions and key figures as tables."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self.today = HtmlBlock()
        self.charts = {key: FigureView() for key in ("revenue", "findings")}
        self.decisions = HtmlBlock()
        self.figures = HtmlBlock()
        for block in (self.decisions, self.figures):
            block.add_class("wb-tall")
        parts = (
            *panel.trouble.parts,
            panel.progress,
            self.today,
            tuple(self.charts.values()),
            self.decisions,
            self.figures,
        )
        self.section = panel.section("Scenarios side by side", status=self.status, parts=parts, intro=COMPARISON_INTRO)

    def refresh(self, comparison: ScenarioComparison) -> None:
        """Show a comparison."""
        self.today.show(html.heading_line("Today, as recorded", 4) + html.key_figure_cards(comparison.today))
        drawn = {figure.key: figure for figure in figures(comparison)}
        for key, view in self.charts.items():
            view.show(drawn.get(key))
        self.decisions.show(html.details(say("decisions_by_stage"), html.table(comparison.decisions())))
        table = html.table(comparison.figures(measured_over=True), FIGURES_CAPTION, most_rows=MOST_ROWS)
        self.figures.show(html.details(say("figures_of_every_stage"), table))


class RulesView(PlainSection):
    """The rules on which the designs differ, and all of them on demand."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self.table = HtmlBlock()
        self.section = panel.section("Which rules differ", status=self.status, parts=(self.table,), intro=RULES_INTRO)

    def refresh(self, comparison: ScenarioComparison) -> None:
        """Show a comparison."""
        differing = comparison.rules(differing=True)
        everything = comparison.rules()
        shown = html.table(differing, "Rules with different verdicts")
        if not len(differing):
            shown = html.message(no_rule_differs(comparison))
        inside = html.table(everything, "Every rule checked", most_rows=len(everything))
        self.table.show(shown + html.details(escape(f"All rules checked ({len(everything)})"), inside))


# --- Two scenarios field by field

DIFFERENCES_INTRO = say("every_setting_in_which_two")


class DifferencesView(PlainSection):
    """Two lists to choose from and the table between them."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        redraw = self.guarded(lambda _: self._show())
        self.left = choice("Scenario", _design_names(panel), on_change=redraw)
        self.right = choice("Compared with", _design_names(panel), on_change=redraw)
        show(self.right, panel.session.study.designs[-1].id)
        self.table = HtmlBlock(role="status")
        self.section = panel.section(
            say("what_two_designs_do_differently"),
            status=self.status,
            controls=(self.left, self.right),
            parts=(self.table,),
            intro=DIFFERENCES_INTRO,
        )

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Keep the two scenarios chosen where they are still there, and compare them."""
        designs = self._panel.session.study.designs
        ids = [scenario.id for scenario in designs]
        options = _design_names(self._panel)
        show(self.left, self.left.value if self.left.value in ids else ids[0], options=options)
        right = self.right.value if self.right.value in ids else ids[-1]
        if right == self.left.value:
            right = next((each for each in reversed(ids) if each != self.left.value), right)
        show(self.right, right, options=options)
        self._show()

    def _show(self) -> None:
        study = self._panel.session.study
        left, right = study.scenario(self.left.value), study.scenario(self.right.value)
        if left.id == right.id:
            self.table.show(html.message(say("choose_two_designs_a_design")))
            return
        frame = differences_frame(left, right, study.currency)
        if not len(frame):
            self.table.show(html.message(say("and_decide_the_same", name=left.name, name_2=right.name)))
            return
        self.table.show(html.table(frame, settings_that_differ(frame), most_rows=MOST_ROWS))


def _design_names(panel: ScenariosPanel) -> dict[str, str]:
    return {scenario.name: scenario.id for scenario in panel.session.study.designs}


# --- Add a design as a copy, rename it, remove it

MANAGE_INTRO = say("a_new_design_starts_as")


class ManageView(PlainSection):
    """A scenario, a name, and what to do with them."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        session = panel.session
        self.scenario = choice("Scenario", _scenario_names(panel), session.scenario_id)
        self.name = text_box("New name", placeholder="Scenario B: fewer tiers")
        self.copy = button("Duplicate under this name", self.guarded(self.duplicate), primary=True)
        self.rename_it = button("Rename", self.guarded(self.rename))
        self.remove_it = button("Remove", self.guarded(self.remove))
        self.back = button("Undo", self.guarded(self.undo), tooltip=say("take_the_last_change_back"))
        buttons = row(self.copy, self.rename_it, self.remove_it, self.back, gap="6px")
        buttons.layout.align_self = "flex-end"
        self.opt_in = OptInMaker(session, self.guarded, self._say_made)
        self.section = panel.section(
            say("add_rename_and_remove_designs"),
            status=self.status,
            controls=(self.scenario, self.name, buttons, self.opt_in.row),
            intro=MANAGE_INTRO,
        )

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the scenarios there are."""
        options = _scenario_names(self._panel)
        kept = self.scenario.value in options.values()
        show(self.scenario, self.scenario.value if kept else self._panel.session.scenario_id, options=options)
        self.back.disabled = not self._panel.session.can_undo

    def duplicate(self) -> None:
        """Copy the scenario under the name given."""
        session, name = self._panel.session, self._named("copy")
        session.duplicate_scenario(name, self.scenario.value)
        show(self.name, "")
        self._panel.flush()
        show(self.scenario, session.scenario_id)
        self.status.say(say("is_added_change_it_in", name=name), "ok")

    def rename(self) -> None:
        """Give the scenario the name given."""
        name = self._named("scenario")
        self._panel.session.rename_scenario(self.scenario.value, name)
        show(self.name, "")
        self.status.say(say("the_scenario_is_now_called", name=name), "ok")

    def remove(self) -> None:
        """Remove the scenario."""
        name = self._panel.session.study.scenario(self.scenario.value).name
        self._panel.session.remove_scenario(self.scenario.value)
        self.status.say(say("is_removed_undo_brings_it", name=name), "ok")

    def undo(self) -> None:
        """Take the last change back."""
        self._panel.session.undo()
        self.status.say(say("the_last_change_is_taken"), "ok")

    def _say_made(self, text: str) -> None:
        self._panel.flush()
        show(self.scenario, self._panel.session.scenario_id)
        self.status.say(text, "ok")

    def _named(self, what: str) -> str:
        name = str(self.name.value).strip()
        if not name:
            raise StudyError(f"The {what} needs a name.", "Type it into New name.")
        return name


def _scenario_names(panel: ScenariosPanel) -> dict[str, str]:
    return {scenario.name: scenario.id for scenario in panel.session.study.scenarios}


# --- Move the threshold of a rule for this study, with the reason

THRESHOLDS_INTRO = say("a_rule_is_advice_from")


class ThresholdsView(PlainSection):
    """A rule's band, its two ends, a reason and a name; and the bands this study has moved."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        self.rule = choice("Threshold", threshold_options(), on_change=self.guarded(lambda _: self._show_band()))
        self.rule.layout.width = self.rule.layout.max_width = "620px"
        self.sentence = HtmlBlock()
        self.low = number_box("From", optional=True, minimum=0)
        self.high = number_box("To", optional=True, minimum=0)
        self.reason = text_box("Reason for moving it", placeholder=say("what_you_know_that_the"))
        self.who = text_box("Moved by", panel.session.who)
        self.apply = button("Use this band", self.guarded(self.move), primary=True)
        self.reset = button("Back to the rulebook", self.guarded(self.put_back))
        self.moved = HtmlBlock(role="status")
        ends = row(self.low, self.high, self.reason, self.who)
        self.reason.layout.width = "330px"
        buttons = row(self.apply, self.reset, gap="6px")
        buttons.layout.margin = "8px 0"
        self.section = panel.section(
            "Thresholds of this study",
            status=self.status,
            parts=(self.rule, self.sentence, ends, buttons, self.moved),
            intro=THRESHOLDS_INTRO,
        )
        self._show_band()

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the bands this study has moved."""
        show(self.who, self.who.value or self._panel.session.who)
        self._show_band()
        thresholds = self._panel.session.study.thresholds
        book = RULEBOOK.for_study(self._panel.session.study)
        rows = [
            (
                key,
                threshold_title(key),
                RULEBOOK.threshold(key).in_words(),
                book.threshold(key).in_words(),
                *why_moved(override),
            )
            for key, override in thresholds.items()
            if key in RULEBOOK.threshold_keys
        ]
        columns = ["Rule", "What it asks", "Rulebook", "This study", "Reason", "Who"]
        table = html.table(pd.DataFrame(rows, columns=columns, dtype=object), say("thresholds_this_study_has_moved"))
        self.moved.show(table if rows else html.message(say("this_study_uses_every_threshold")))

    def move(self) -> None:
        """Move the band, for the reason given."""
        session, key = self._panel.session, str(self.rule.value)
        reason, who = str(self.reason.value).strip(), str(self.who.value).strip()
        if not reason or not who:
            raise StudyError("A threshold is moved with a reason and a name.", "Fill in both.")
        band = RULEBOOK.threshold(key)
        low, high = (threshold_typed(box.value, band) for box in (self.low, self.high))
        study = session.study.with_threshold(
            key,
            reason,
            who,
            session.when(),
            low=None if low == band.low else low,
            high=None if high == band.high else high,
        )
        if (low, high) == (band.low, band.high):
            raise StudyError("This is the rulebook's own band.", "Change one of its ends first.")
        RULEBOOK.for_study(study)  # refuses ends that the rule does not have, and a low end above the high one
        session.who = who
        session.keep(study, f"Threshold of {key} moved")
        show(self.reason, "")
        self.status.say(
            say("now_asks_for", key_=key, in_words=RULEBOOK.for_study(study).threshold(key).in_words()), "ok"
        )

    def put_back(self) -> None:
        """Use the rulebook's band again."""
        session, key = self._panel.session, str(self.rule.value)
        if key not in session.study.thresholds:
            raise StudyError(f"This study uses the rulebook's threshold of {key} already.")
        session.keep(session.study.without_threshold(key), say("threshold_of_back_to_the", key_=key))
        self.status.say(say("is_back_to_the_rulebook", key_=key), "ok")

    def _show_band(self) -> None:
        key = str(self.rule.value)
        band = RULEBOOK.for_study(self._panel.session.study).threshold(key)
        rule = RULEBOOK[key.partition(".")[0]]
        self.sentence.show(html.paragraph(f"{rule.sentence} Source: {rule.source}.", soft=True))
        for box, end in ((self.low, band.low), (self.high, band.high)):
            show(box, threshold_shown(end, band), unit=threshold_unit(band))
            box.layout.display = "none" if end is None else None


# --- Keep the guesses a study rests on as ranges, each with its source

ASSUMPTIONS_INTRO = say("what_nobody_can_measure_yet")
"""What a range may be about: who leaves whatever the prices is forecast from the record, so nobody is asked."""


class AssumptionsView(PlainSection):
    """The ranges of the study, and a form to add, change or remove one."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        self.table = HtmlBlock(role="status")
        self.which = choice("Range", {"a new one": NEW_RANGE}, on_change=self.guarded(lambda _: self._show_one()))
        kinds = {each.label: each.id for each in default_assumptions() if each.id in OFFERED}
        self.about = choice(
            "What it is about", {"something else": ANYTHING, **kinds}, on_change=self.guarded(lambda _: self._suggest())
        )
        self.whose = choice("Of", {"all customers": EVERYBODY}, on_change=self.guarded(lambda _: self._suggest()))
        self.label = text_box("What is guessed", placeholder=say("customers_who_leave_after_a"))
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
        last = level_row(self.source, self.note, row(self.apply, self.drop, gap="6px"))
        middle.layout.margin = last.layout.margin = "6px 0 0"
        self.section = panel.section(
            "Assumptions", status=self.status, parts=(self.table, first, middle, last), intro=ASSUMPTIONS_INTRO
        )

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the ranges of the study."""
        assumptions = self._panel.session.study.assumptions
        rows = [
            (
                each.label,
                *(Own(end, Reworded(partial(exact_quantity, unit=each.unit))) for end in (each.low, each.high)),
                each.source,
                each.note,
            )
            for each in assumptions
        ]
        columns = (("What is guessed", TEXT), ("Low", NUMBER), ("High", NUMBER), ("Source", TEXT), ("Note", TEXT))
        table = html.table(DataTable.of_rows(columns, rows), say("ranges_that_hold_the_truth"))
        self.table.show(table if rows else html.message(say("the_study_keeps_no_ranges")))
        segments = {str(each): str(each) for each in self._panel.session.base.segments}
        own = {each.id.partition(":")[2] for each in assumptions if kind_of(each.id) in OFFERED} - {""}
        everyone = {"all customers": EVERYBODY, **segments, **{each: each for each in sorted(own)}}
        show(self.whose, self.whose.value, options=everyone)
        options = {"a new one": NEW_RANGE, **{assumption_name(each): each.id for each in assumptions}}
        kept = self.which.value if self.which.value in options.values() else NEW_RANGE
        show(self.which, kept, options=options)
        self._show_one()

    def keep(self) -> None:
        """Keep the range in the form."""
        session = self._panel.session
        label = str(self.label.value).strip()
        if not label or self.low.value is None or self.high.value is None:
            raise StudyError(
                "A range needs to say what is guessed, its low end and its high end.", "Fill in all three."
            )
        changed = checked_assumption(
            self._id_for(label),
            label,
            self.low.value,
            self.high.value,
            unit=self.unit.value,
            source=self.source.value,
            note=self.note.value,
        )
        study = session.study
        if self.which.value not in {NEW_RANGE, changed.id}:  # it is about something else now
            study = study.without_assumption(str(self.which.value))
        session.keep(study.with_assumption(changed), f"Range {label} kept")
        self._panel.flush()
        show(self.which, changed.id)
        self._show_one()
        self.status.say(say("the_range_of_is_kept", label=label), "ok")

    def remove(self) -> None:
        """Remove the range chosen."""
        session, chosen = self._panel.session, str(self.which.value)
        if chosen == NEW_RANGE:
            raise StudyError("There is no range to remove.", "Choose one in the list Range.")
        label = session.study.assumption(chosen).label
        session.keep(session.study.without_assumption(chosen), f"Range {label} removed")
        self.status.say(say("the_range_of_is_removed", label=label), "ok")

    def _id_for(self, label: str) -> str:
        """Return the id by which the draws find a range about behaviour; one of its own for anything else."""
        study, chosen = self._panel.session.study, str(self.which.value)
        if self.about.value != ANYTHING:
            wanted = id_for(str(self.about.value), str(self.whose.value))
            if wanted != chosen and wanted in {each.id for each in study.assumptions}:
                raise StudyError("The study keeps a range about this already.", "Choose it in the list Range.")
            return wanted
        if chosen != NEW_RANGE and kind_of(chosen) not in OFFERED:
            return chosen
        return fresh_id(label, [each.id for each in study.assumptions])

    def _suggest(self) -> None:
        """Fill the form with the range drawn from so far, when a new one is about what customers do."""
        about, whose = str(self.about.value), str(self.whose.value)
        self.whose.disabled = about == ANYTHING
        if about == ANYTHING or self.which.value != NEW_RANGE:
            return
        drawn = Behaviour.of(self._panel.session.study.assumptions).range_for(about, whose)
        label = next(each.label for each in default_assumptions() if each.id == about)
        show(self.label, f"{label}, {whose}" if whose else label)
        show(self.unit, drawn.unit)
        for box, value in ((self.low, drawn.low), (self.high, drawn.high)):
            show(box, value)

    def _show_one(self) -> None:
        """Fill the form with the range chosen; a new one starts empty, and what is being typed stays."""
        known = [each for each in self._panel.session.study.assumptions if each.id == self.which.value]
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


# --- Put on record which design the team settles on, with the rules it breaks in plain sight

CHOICE_INTRO = say("the_design_the_report_is")


class ChoiceView(PlainSection):
    """A design, what stands against it, a reason and a name."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        session = panel.session
        self.present = HtmlBlock(role="status")
        warn = self.guarded(lambda _: self._warn())
        self.scenario = choice("Scenario to choose", _design_names(panel), on_change=warn)
        self.warning = HtmlBlock(role="status")
        self.reason = text_area("Reason for choosing it", placeholder=say("why_this_one_and_not"))
        self.who = text_box("Decided by", session.who)
        self.apply = button("Choose this scenario", self.guarded(self.choose), primary=True)
        form = level_row(self.reason, self.who, self.apply)
        self.section = panel.section(
            "Choose a scenario",
            status=self.status,
            parts=(*panel.trouble.parts, self.present, self.scenario, self.warning, form),
            intro=CHOICE_INTRO,
        )

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show what is chosen, and what stands against the design in the list."""
        session, options = self._panel.session, _design_names(self._panel)
        kept = self.scenario.value in options.values()
        show(self.scenario, self.scenario.value if kept else next(iter(options.values())), options=options)
        show(self.who, self.who.value or session.who)
        self.present.show(html.message(self._told()))
        self._warn()

    def choose(self) -> None:
        """Choose the design, for the reason given."""
        reason, who = str(self.reason.value).strip(), str(self.who.value).strip()
        if not reason or not who:
            raise StudyError("A scenario is chosen with a reason and a name.", "Fill in both.")
        column = self._column()
        revenue = () if column.revenue is None else (figure_sentence(column.revenue),)
        self._panel.session.choose_scenario(
            self.scenario.value,
            reason,
            who,
            evidence=revenue,
            findings=(*self._against(column), *self._crossed(column)),
        )
        if self._panel.session.conflict is not None:
            raise StudyError("The choice is not saved yet: the study was changed elsewhere.", "Settle that first.")
        show(self.reason, "")
        self.status.say(say("is_chosen_your_reason_is", name=column.name), "ok")

    @contextmanager
    def waiting(self, until: str) -> Iterator[None]:
        """Hold list and button still while something else works, so that nobody reads one design's rules as another's.

        A design chosen meanwhile could not be looked at before that is done.
        """
        held = (self.scenario, self.apply)
        before, shown = [each.disabled for each in held], self.warning.value
        for each in held:
            each.disabled = True
        self.warning.show(waits := html.message(say("you_can_choose_again_as", until=until)) + shown)
        try:
            yield
        finally:
            for each, was in zip(held, before, strict=True):
                each.disabled = was
            if self.warning.value == waits:  # else the page has gone on meanwhile
                self.warning.show(shown)

    @staticmethod
    def _against(column: ScenarioColumn) -> tuple[str, ...]:
        """Return the rules it does not meet and nobody set aside, a sentence each."""
        return tuple(finding.sentence for finding in column.open_breaches)

    def _crossed(self, column: ScenarioColumn) -> tuple[str, ...]:
        """Return the guardrails it crosses, a sentence each."""
        session = self._panel.session
        return crossed_limits(session.base, session.study, column.scenario)

    def _column(self) -> ScenarioColumn:
        return self._panel.side_by_side.column(self.scenario.value)

    def _told(self) -> str:
        study = self._panel.session.study
        if study.chosen is None:
            return say("no_design_is_chosen_yet")
        chosen = study.chosen
        name = study.scenario(chosen.scenario_id).name
        return say("is_chosen_reason", name=name, who=chosen.who, when=chosen.when, reason=chosen.reason)

    def _warn(self) -> None:
        column = self._column()
        breaches = self._against(column)
        designing = [each.stage for each in column.outcomes if each.stage.designs]
        open_stages = [stage.title for stage in designing if not column.has_decided(stage.key)]
        told = ""
        if breaches:
            said = say("does_not_meet_that_nobody", name=column.name, breaches=len(breaches))
            said += say("it_can_be_chosen_all")
            told += html.message(said, "warning") + html.details(say("which_rules"), html.lines(breaches))
        crossed = self._crossed(column)
        if crossed:
            said = say("crosses_say_in_the_reason", name=column.name, crossed=len(crossed))
            told += html.message(said, "warning") + html.lines(crossed)
        if open_stages:
            told += html.message(
                say("has_not_decided", name=column.name, open_stages=", ".join(open_stages)), "warning"
            )
        kept = say("breaks_no_rule_that_is", name=column.name)
        self.warning.show(told or html.message(kept, "ok"))


# --- The decision log: what was decided, when, by whom and why

LOG_INTRO = say("the_latest_first_each_line")


class LogView(PlainSection):
    """The log as a table, and the evidence behind each line."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        self.table = HtmlBlock()
        self.table.add_class("wb-tall")
        self.section = panel.section("Decision log", status=self.status, parts=(self.table,), intro=LOG_INTRO)

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the log of the study."""
        study = self._panel.session.study
        self.table.show(log_html(study) if study.decisions else html.message(say("no_decision_is_on_record")))


# --- The buttons that write the report, and the links to take it along

REPORT_INTRO = say("one_html_file_with_the")
CHOSEN_DESIGN = ""


class ReportView(PlainSection):
    """Which design, which files, a button, and links."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        self.scenario = choice("Report on", {"the chosen scenario": CHOSEN_DESIGN})
        self.pdf = checkbox("Also as PDF")
        self.xlsx = checkbox("Also as Excel tables")
        self.work = LongWork(
            "Write the report",
            self._prepared,
            self._written,
            guard=self.guarded,
            meanwhile=lambda: panel.choice_view.waiting("the report is written"),
        )
        self.apply = self.work.begin
        self.links = HtmlBlock(role="status")
        form = level_row(self.scenario, self.pdf, self.xlsx, self.work.buttons)
        parts = (form, self.work.told, self.links)
        self.section = panel.section("Report", status=self.status, parts=parts, intro=REPORT_INTRO)

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the designs a report can be about."""
        study = self._panel.session.study
        first = "the chosen scenario" if study.chosen else f"the first scenario ({study.designs[0].name})"
        options = {first: CHOSEN_DESIGN, **{each.name: each.id for each in study.designs}}
        kept = self.scenario.value if self.scenario.value in options.values() else CHOSEN_DESIGN
        show(self.scenario, kept, options=options)

    def write(self) -> ExportedReport:
        """Write the report, and show where it lies and how to save a copy elsewhere."""
        exported = self._prepared()()
        self._written(exported)
        return exported

    def _prepared(self) -> Callable[[], ExportedReport]:
        """Read the page, and return what writes the report without it."""
        panel = self._panel
        self.status.clear()
        self.links.show("")
        return partial(
            export_report,
            panel.session,
            study=saved_study(panel.session),
            scenario_id=self.scenario.value or None,
            pdf=self.pdf.value,
            xlsx=self.xlsx.value,
            evidence=panel.evaluations.evidence(panel.session.base),
        )

    def _written(self, exported: ExportedReport) -> None:
        troubles = "".join(html.message(each.message, "warning", each.advice) for each in exported.troubles)
        self.links.show("".join(file_link(path) for path in exported.files) + troubles)
        self.status.say(say("the_report_is_written_to", files=exported.files[0]), "ok")


# --- The panel of scenarios and report


class ScenariosPanel(PlainPanel):
    """Scenarios side by side, and what follows from the comparison.

    Sections: `comparison`, `rules`, `differences`, `scenarios`, `thresholds`, `assumptions`, `choice`, `log`, `report`.
    `side_by_side` is the comparison shown.
    """

    title = "Scenarios and report"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.progress = StatusLine()
        self._conclusion = Conclusion(lambda: comparison_in_words(session.study, self.side_by_side))
        self.trouble = SaveTrouble(session, lambda callback: guarded(callback, self.progress))
        self.evaluations = Evaluations(self.progress.say)
        self.side_by_side: ScenarioComparison
        self._views = (
            comparison := ComparisonView(self),
            rules := RulesView(self),
            differences := DifferencesView(self),
            manage := ManageView(self),
            thresholds := ThresholdsView(self),
            assumptions := AssumptionsView(self),
            choice := ChoiceView(self),
            log := LogView(self),
            report := ReportView(self),
        )
        self.comparison: Section = comparison.section
        self.rules: Section = rules.section
        self.differences: Section = differences.section
        self.scenarios: Section = manage.section
        self.thresholds: Section = thresholds.section
        self.assumptions: Section = assumptions.section
        self.choice: Section = choice.section
        self.log: Section = log.section
        self.report: Section = report.section
        self.choice_view = choice
        self.report_view = report
        self._work: Throttle[None] = Throttle(guarded(lambda _: self.recompute(), self.progress), lock=session.lock)
        self._is_paused = self._is_due = False
        self._page: SectionTabs | None = None
        session.observe(self._session_changed, names=["study"])
        self.recompute()

    def recompute(self) -> None:
        """Compare what the session holds now, and show it."""
        self.side_by_side = self.evaluations.comparison(self.session.base, self.session.study)
        for view in self._views:
            view.refresh(self.side_by_side)
        self._conclusion.refresh()
        self.progress.clear()

    @property
    def page(self) -> SectionTabs:
        """Return what stands beside the comparison behind tabs of one screen; choice and report stand apart."""
        if self._page is None:
            apart = (self.choice, self.report)
            self._page = SectionTabs({each.title: (each,) for each in self.sections if each not in apart})
        return self._page

    def flush(self) -> None:
        """Finish what is waiting, so that everything shown is up to date."""
        if self._is_due:
            self._is_due = False
            self._work.submit(None)
        self._work.flush()

    def pause(self) -> None:
        """Compare nothing while nobody looks."""
        self._is_paused = True

    def resume(self) -> None:
        """Catch up, and follow the session again."""
        self._is_paused = False
        self.flush()

    def close(self) -> None:
        """Stop watching the session and close every widget of the panel."""
        if self._page is not None:
            self._page.close()
        self.session.unobserve(self._session_changed, names=["study"])
        self._work.cancel()
        self.trouble.detach()
        super().close()

    def conclusion(self) -> None:
        """Show what the comparison says, in the same words for the same study; it follows the study."""
        self.flush()
        self._conclusion.show()

    def _session_changed(self, _change: object) -> None:
        self._is_due = self._is_paused
        if not self._is_paused:
            self._work.submit(None)


def open_panel(session: Session) -> ScenariosPanel:
    """Return the panel of scenarios and report on a session; the first comparison is worked out at once."""
    designs = count("scenario", len(session.study.designs))
    with working(say("comparing_on_the_customers_of", designs=designs, title=session.study.title)):
        return ScenariosPanel(session)
