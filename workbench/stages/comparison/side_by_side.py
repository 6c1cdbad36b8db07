"""Compare the scenarios of a study on the same customers: decisions, figures and findings as tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.formatting import NO_CURRENCY
from workbench.stages.comparison.column import VERDICTS, ScenarioColumn
from workbench.stages.comparison.today import NOT_RECORDED, NOT_THERE, TODAY, decisions_today, value_today
from workbench.stages.recorded import recorded_figures
from workbench.stages.registry import STAGES
from workbench.stages.walk import evaluate_scenario, gather_evidence
from workbench.wording import figure_change, figure_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.customers import CustomerBase
    from workbench.results import KeyFigure
    from workbench.rules import Finding
    from workbench.stages.walk import StageOutcome
    from workbench.study import Study

FIGURES_CAPTION = "Change against today in brackets; a dash where today or a design has no such figure"
VERDICT_WORDS = {
    "ok": "Met",
    "set so": "Set so",
    "watch": "Watch",
    "breach": "Not met",
    "unknown": "Unknown",
    "set aside": "Set aside",
}
NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class ScenarioComparison:
    """The designs of a study side by side, in the study's order, with today's figures on record.

    `today` are recorded figures of the whole customer base, `decided_today` what today's price list says where a
    stage asks. The frames are ready for reading; their first column names the rows.
    """

    columns: tuple[ScenarioColumn, ...]
    today: tuple[KeyFigure, ...]
    decided_today: Mapping[str, str]
    currency: str

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the designs."""
        return tuple(column.name for column in self.columns)

    def column(self, scenario_id: str) -> ScenarioColumn:
        """Return one design; KeyError when it is not compared."""
        found = next((each for each in self.columns if each.scenario.id == scenario_id), None)
        if found is None:
            known = ", ".join(each.scenario.id for each in self.columns)
            raise KeyError(f"no scenario {scenario_id!r} in this comparison; it has {known}")
        return found

    def decisions(self) -> pd.DataFrame:
        """Return one row per stage: its decision today and in each design, in a sentence each."""
        today = self.decided_today
        rows = [
            (stage.title, today.get(stage.key, NOT_RECORDED), *(each.decision_on(stage.key) for each in self.columns))
            for stage in STAGES
        ]
        return self._frame("Stage", rows)

    def figures(self, *, measured_over: bool = False) -> pd.DataFrame:
        """Return one row per key figure that a design has: its value today and in each design, with the change.

        `measured_over` adds period and population, as the first design says them.
        """
        keys = dict.fromkeys(key for column in self.columns for key in column.figures)
        rows = []
        for stage, label in keys:
            found = [column.figures.get((stage, label)) for column in self.columns]
            known = [figure for figure in found if figure is not None]
            rows.append((f"{stage}: {label}", value_today(known), *(_figure_cell(figure) for figure in found)))
        frame = self._frame("Key figure", rows)
        if measured_over:
            firsts = [next(each for each in (c.figures.get(key) for c in self.columns) if each) for key in keys]
            frame["Period and population"] = [", ".join(filter(None, (e.period, e.population))) for e in firsts]
        return frame

    def verdicts(self) -> pd.DataFrame:
        """Return one row per verdict: how many findings of each design have it."""
        counts = [column.counts for column in self.columns]
        rows = [(VERDICT_WORDS[verdict], *(count[verdict] for count in counts)) for verdict in VERDICTS]
        return pd.DataFrame(rows, columns=["Findings", *self.names])

    def rules(self, *, differing: bool = False) -> pd.DataFrame:
        """Return one row per rule and subject: its verdict in each design; `differing` leaves out where all agree."""
        places = {_place(finding): stage for column in self.columns for stage, finding in column.findings_by_stage}
        found = [{_place(finding): finding for finding in column.findings} for column in self.columns]
        rows = []
        for place in sorted(places, key=lambda place: _order(place[0])):
            words = [each[place].status_word if place in each else NOT_CHECKED for each in found]
            # A design that has not come to the stage agrees and disagrees with nobody.
            told = {word for word, column in zip(words, self.columns, strict=True) if column.has_decided(places[place])}
            if not differing or len(told) > 1:
                rows.append((*place, *words))
        return pd.DataFrame(rows, columns=["Rule", "What it asks", "About", *self.names])

    def rows(self) -> pd.DataFrame:
        """Return decisions, key figures and counts of findings as one table, for a report."""
        counts = self.verdicts().set_axis(["", *self.names], axis=1).astype(object)
        counts[""] = "Rules: " + counts[""].str.lower()
        counts.insert(1, TODAY, NOT_THERE)
        parts = [part.set_axis(["", TODAY, *self.names], axis=1) for part in (self.decisions(), self.figures())]
        return pd.concat([*parts, counts], ignore_index=True)

    def _frame(self, heading: str, rows: Sequence[tuple[str, ...]]) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=[heading, TODAY, *self.names], dtype=object)


def compare(
    base: CustomerBase, study: Study, evidence: Mapping[str, Any] | None = None, *, seed: int = 0
) -> ScenarioComparison:
    """Evaluate every design of a study on the same customers and draws, and put them side by side.

    `evidence` may hold what `stages.walk.gather_evidence` returned, to save the time it takes.
    """
    shared = gather_evidence(base) if evidence is None else evidence
    outcomes = {each.id: evaluate_scenario(base, study, each, seed=seed, evidence=shared) for each in study.designs}
    return compare_outcomes(base, study, outcomes)


def compare_outcomes(
    base: CustomerBase, study: Study, outcomes: Mapping[str, tuple[StageOutcome, ...]]
) -> ScenarioComparison:
    """Put designs side by side whose stages have been evaluated already; designs without outcomes are left out."""
    chosen = study.chosen.scenario_id if study.chosen else ""
    columns = tuple(
        ScenarioColumn(scenario, outcomes[scenario.id], scenario.id == chosen)
        for scenario in study.designs
        if scenario.id in outcomes
    )
    return ScenarioComparison(columns, recorded_figures(base), decisions_today(base), base.currency or NO_CURRENCY)


def _figure_cell(figure: KeyFigure | None) -> str:
    if figure is None:
        return NOT_THERE
    change = figure_change(replace(figure, change=None if figure.change == 0 else figure.change))
    return f"{figure_value(figure)} ({change})" if change else figure_value(figure)


def _place(finding: Finding) -> tuple[str, str, str]:
    return (finding.rule_id, finding.title, finding.subject)


def _order(rule_id: str) -> int:
    from workbench.rules import RULEBOOK  # noqa: PLC0415 - only sorting needs the order of the rules

    ids = [rule.id for rule in RULEBOOK]
    return ids.index(rule_id) if rule_id in ids else len(ids)
