"""What the panel of scenarios rests on.

Outcomes remembered, the report written, log, thresholds and ranges in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench import progress
from workbench.errors import StudyError, WorkbenchError
from workbench.formatting import figure_change, figure_value, share_typed, thousands, typed_percent
from workbench.impact.uncertainty.behaviour import MOST, USUAL_CHURN, check_range
from workbench.rendering import html
from workbench.rendering.studies import find_workspace
from workbench.report.files import print_pdf, write_report
from workbench.rules.rulebook import RULEBOOK, Threshold
from workbench.stages.comparison.side_by_side import ScenarioColumn, ScenarioComparison, compare_outcomes
from workbench.stages.contract import StageOutcome, evaluate_scenario, gather_evidence, step_title
from workbench.study.model import Assumption, DecisionRecord, Scenario, plain_errors
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.rendering.session import Session
    from workbench.study.document import Study

say = texts(__name__)


def threshold_typed(end: float | None, band: Threshold) -> float | None:
    """Return what a typed end of a threshold means: a share where percent was typed."""
    return share_typed(end) if band.unit == "share" else end


def threshold_shown(end: float | None, band: Threshold) -> float | None:
    """Return the number an end of a threshold is shown as: percent for a share."""
    return typed_percent(end) if band.unit == "share" else end


def threshold_unit(band: Threshold) -> str:
    """Name the unit written beside a threshold."""
    return {"share": "%", "times": "times", "days": "days", "score": "of 5"}.get(band.unit, "")


def why_moved(override: object) -> tuple[str, str]:
    """Return why a threshold was moved and by whom, "" where it was not."""
    return (getattr(override, "reason", ""), getattr(override, "who", ""))


def threshold_title(key: str) -> str:
    """Name a rule's threshold."""
    rule_id, _, name = key.partition(".")
    title = RULEBOOK[rule_id].title
    return f"{title} ({RULEBOOK.threshold(key).label or name})" if name else title


def threshold_options() -> dict[str, str]:
    """Return the thresholds a study may move, by what they say today."""
    named = ((key, RULEBOOK.threshold(key)) for key in RULEBOOK.threshold_keys)
    return {
        f"{key} {threshold_title(key)}: {band.in_words()}": key
        for key, band in named
        if band.low is not None or band.high is not None
    }


def file_link(path: Path) -> str:
    """Return a link that saves a written file, with its kind and size."""
    label, kind = FILE_KINDS[path.suffix]
    size = f" ({path.stat().st_size / 1024:,.0f} kB)"
    return f"<p>{html.download(f'Save the {label}{size}', path.name, path.read_bytes(), kind)}</p>"


FILE_KINDS = {
    ".html": ("HTML report", "text/html"),
    ".pdf": ("PDF", "application/pdf"),
    ".xlsx": ("Excel tables", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def findings_sentence(column: ScenarioColumn) -> str:
    """Count a scenario's findings by verdict."""
    counts = column.counts
    words = {"ok": "met", "set so": "set so", "watch": "watch", "breach": "not met", "unknown": "unknown"}
    told = [f"{counts[verdict]} {word}" for verdict, word in {**words, "set aside": "set aside"}.items()]
    return f"Findings: {', '.join(told)}"


def design_revenue_sentence(column: ScenarioColumn) -> str:
    """Say a scenario's revenue a month and its change against today."""
    figure = column.revenue
    if figure is None:
        return say("revenue_a_month_unknown_until")
    change = figure_change(figure)
    return f"{figure.label}: {figure_value(figure)}" + (f" ({change} against today)" if change else "")


def comparison_in_words(study: Study, comparison: ScenarioComparison) -> str:
    """Return which scenario is chosen, and what each one comes to, in a few lines."""
    chosen = study.scenario(study.chosen.scenario_id).name if study.chosen else "none yet"
    lines = ["Scenarios and report", f"Chosen: {chosen}"]
    for column in comparison.columns:
        lines += ["", column.name, f"  {design_revenue_sentence(column)}", f"  {findings_sentence(column)}"]
    return "\n".join(lines)


def _scenario_name(study: Study, scenario_id: str) -> str:
    found = next((each.name for each in study.scenarios if each.id == scenario_id), None)
    return found or f"{scenario_id} (removed)"


def evidence_of_record(study: Study, record: DecisionRecord) -> str:
    """Return what was known when a decision was put on record."""
    head = f"{record.when:%Y-%m-%d %H:%M}, {step_title(record.stage)}, "
    head += _scenario_name(study, record.scenario_id)
    inside = html.lines((*record.evidence, *record.findings)) or html.paragraph(say("nothing_was_kept_with_it"))
    return f"<p><b>{escape(head)}</b></p>{inside}"


def log_frame(study: Study) -> pd.DataFrame:
    """Return the decision log as a table, the latest line first."""
    rows = [
        (
            f"{record.when:%Y-%m-%d %H:%M}",
            step_title(record.stage),
            _scenario_name(study, record.scenario_id),
            record.what,
            record.reason,
            record.who,
        )
        for record in reversed(study.decisions)
    ]
    return pd.DataFrame(rows, columns=["When", "Stage", "Scenario", "What was decided", "Reason", "Who"], dtype=object)


def log_html(study: Study) -> str:
    """Write the decision log with the evidence behind each line."""
    table = html.table(log_frame(study), f"{thousands(len(study.decisions))} decisions on record")
    behind = "".join(evidence_of_record(study, record) for record in reversed(study.decisions))
    return table + html.details(say("evidence_and_findings_behind_each"), behind)


def settings_that_differ(frame: pd.DataFrame) -> str:
    """Say how many settings differ."""
    return say("settings_differ", n=len(frame))


def no_rule_differs(comparison: ScenarioComparison) -> str:
    """Say why no rule is listed as different."""
    if len(comparison.columns) == 1:
        return say("there_is_one_design_so")
    return say("no_rule_tells_these_designs")


def checked_assumption(assumption_id: str, label: str, low: float, high: float, **words: str) -> Assumption:
    """Return a range that can be kept; StudyError says what is wrong with it."""
    with plain_errors(say("this_range_cannot_be_kept")):
        made = Assumption(id=assumption_id, label=label, low=low, high=high, **words)
    check_range(made)
    return made


def assumption_name(assumption: Assumption) -> str:
    """Name a range of the study with its id."""
    return f"{assumption.label} ({assumption.id})"


OFFERED = frozenset(MOST) - {USUAL_CHURN}
EVERYBODY = ""
ANYTHING = ""
NEW_RANGE = ""

# --- Remember what every scenario came to, so that a comparison works out only what has changed


class Evaluations:
    """The evidence of one customer base and the outcomes of the scenarios seen last.

    `say` hears what is being worked out.
    """

    def __init__(self, say: Callable[[str], Any] = lambda _: None) -> None:
        self._say = say
        self._fingerprint = ""
        self._evidence: dict[str, Any] = {}
        self._known: dict[str, tuple[Scenario, object, tuple[StageOutcome, ...]]] = {}

    def evidence(self, base: CustomerBase) -> dict[str, Any]:
        """Return every stage's evidence, gathered once for a customer base."""
        if self._fingerprint != base.fingerprint:
            self._say(say("gathering_the_evidence_of_accounts", base=len(base)))
            self._evidence = gather_evidence(base)
            self._known = {}
            self._fingerprint = base.fingerprint
        return self._evidence

    def comparison(self, base: CustomerBase, study: Study) -> ScenarioComparison:
        """Return the designs side by side, the same as `stages.comparison.compare`."""
        evidence = self.evidence(base)
        known = {}
        for scenario in study.designs:
            seen = self._known.get(scenario.id)
            if seen is None or seen[:2] != (scenario, study.thresholds):
                self._say(f"Working out {scenario.name} …")
                outcomes = evaluate_scenario(base, study, scenario, evidence=evidence)
                seen = (scenario, study.thresholds, outcomes)
            known[scenario.id] = seen
        self._known = known
        return compare_outcomes(base, study, {key: seen[2] for key, seen in known.items()})


# --- Write the report of the study on a session to the workspace

REPORTS = "reports"


@dataclass(frozen=True, slots=True)
class ExportedReport:
    """The files written, the HTML first, and what could not be written, in a sentence each."""

    files: tuple[Path, ...]
    troubles: tuple[WorkbenchError, ...] = ()


def saved_study(session: Session) -> Study:
    """Save the study, and return it with its revision; StudyError while changes cannot be saved."""
    session.save()
    if session.conflict is not None or session.save_error:
        raise StudyError(
            "The study has changes that are not saved, so its report would not match it.",
            session.save_error or "Settle the conflict first: keep yours or take theirs.",
        )
    return session.study.replaced(revision=session.revision)


def export_report(
    session: Session,
    *,
    study: Study | None = None,
    scenario_id: str | None = None,
    pdf: bool = False,
    xlsx: bool = False,
    folder: Path | str | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> ExportedReport:
    """Write the report of the study to `reports/` in the workspace, as HTML and as PDF and Excel where asked.

    `study` is what `saved_study` returned; it is saved here without it. The HTML is written whatever becomes of the
    PDF; without a browser that can print, the PDF is left out and said to be. `scenario_id` None reports on the chosen
    design. Raises StudyError while changes cannot be saved.
    """
    study = study or saved_study(session)
    place = Path(folder) if folder is not None else find_workspace(session.folder) / REPORTS
    page = place / f"{study.name}.html"
    step = progress.Steps({"report": 3.0, "pdf": 1.0 if pdf else 0.0})
    with step("report"):
        written = write_report(
            session.base,
            study,
            page,
            scenario_id=scenario_id,
            xlsx=page.with_suffix(".xlsx") if xlsx else None,
            evidence=evidence,
            alias_key=session.alias_key,
        )
    if not pdf:
        return ExportedReport(written.files)
    try:
        with step("pdf", "printing"):
            return ExportedReport((*written.files, print_pdf(page, page.with_suffix(".pdf"))))
    except WorkbenchError as error:
        return ExportedReport(written.files, (error,))
