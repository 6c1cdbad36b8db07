"""How a stage stands in a report: its pictures first, then its sections, folded; and scenarios side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.rules.rulebook import by_urgency
from workbench.stages.comparison.side_by_side import FIGURES_CAPTION, compare_outcomes
from workbench.stages.contract import STAGES
from workbench.tables import as_table
from workbench.text import entry, sentences, texts, words_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from workbench.report.content import ReportContent
    from workbench.results import KeyFigure
    from workbench.rules.rulebook import Finding
    from workbench.stages.contract import Stage, StageOutcome
    from workbench.stages.figure import Figure
    from workbench.stages.view import Shown, ShownSection
    from workbench.tables import DataTable

say = texts(__name__)
_IN_VIEW = 2  # pictures side by side
CUSTOMERS = "customers"


def log_moment(moment: datetime) -> str:
    """Write when something was recorded, with its time zone."""
    return moment.strftime("%Y-%m-%d %H:%M ") + (moment.tzname() or "")


def scenarios_table(content: ReportContent) -> DataTable:
    """Return today and each design as columns: decisions, key figures of every stage, counts of findings."""
    outcomes = {scenario.id: found for scenario, found in ((content.scenario, content.outcomes), *content.others)}
    return as_table(compare_outcomes(content.base, content.study, outcomes).rows(), FIGURES_CAPTION)


PLACES = ("summary", "decided", "scenarios", "assumptions", "log", "coverage", "definitions")
"""The sections of a report that no stage declares, by the names their links have."""


def section_names() -> dict[str, str]:
    """Return what each section of a report is called, by the key a remark names it with."""
    return {each.key: each.title for each in STAGES} | {key: words_at(__package__, "places", key) for key in PLACES}


def section_named(key: str) -> str:
    """Return what a section is called; StudyError lists those there are."""
    known = section_names()
    if key not in known:
        raise StudyError(f"The report has no section {key!r}.", f"It has: {', '.join(known)}.")
    return known[key]


# --- A stage in a report: what it says at a glance, and what is opened by who wants to know


@dataclass(frozen=True, slots=True)
class StagePage:
    """The pictures of a stage that are in view, and its sections without them."""

    pictures: tuple[Figure, ...]
    sections: tuple[ShownSection, ...]


def stage_page(outcome: StageOutcome, elsewhere: Sequence[Figure] = ()) -> StagePage:
    """Return a stage as a report shows it: before all else the pictures that follow a control, or the first two.

    A figure that stands elsewhere in the report is in view there, in the place of one here.
    """
    sections, away = outcome.sections, {each.key for each in elsewhere}
    drawn = _drawn(sections)
    view = getattr(outcome.stage.module, "VIEW", None)
    first = [each for each in drawn if view is not None and each.key in view.leading] or drawn
    pictures = tuple(each for each in first if each.key not in away)[: max(min(_IN_VIEW, len(first)) - len(away), 0)]
    taken = {id(each) for each in (*pictures, *(each for each in drawn if each.key in away))}
    rest = (replace(each, parts=tuple(_without(each.parts, taken))) for each in sections)
    kept = (each for each, whole in zip(rest, sections, strict=True) if each.parts or (whole.parts and each.intro))
    return StagePage(pictures, tuple(kept))


def _drawn(sections: Iterable[ShownSection]) -> list[Figure]:
    return [each for section in sections for part in section.all_parts if part.kind == "figures" for each in part.holds]


def _without(parts: Iterable[Shown], taken: set[int]) -> Iterator[Shown]:
    for part in parts:
        holds = part.holds
        if part.kind == "figures":
            holds = tuple(each for each in holds if id(each) not in taken)
        elif part.kind == "under":
            holds = tuple(_without(holds, taken))
        if part.kind == "table" or holds:
            yield replace(part, holds=holds)


def in_summary(content: ReportContent) -> tuple[tuple[StageOutcome, KeyFigure], ...]:
    """Return the stages that put a key figure into the summary, each with it: `in_summary` of [stage] names one."""
    found = []
    for each in content.outcomes:
        key = words_at(each.stage.package, "stage", "in_summary", default="")
        label = words_at(each.stage.package, "key_figures", key, "label") if key else ""
        found += [(each, figure) for figure in each.result.key_figures if label and figure.label == label]
    return tuple(found)


def drawn_in_summary(content: ReportContent) -> tuple[tuple[StageOutcome, Figure], ...]:
    """Return the stages that put a picture into the summary, each with it: `summary_figure` of [stage] names one."""
    return tuple(
        (each, figure)
        for each in content.outcomes
        if (key := words_at(each.stage.package, "stage", "summary_figure", default=""))
        for figure in _drawn(each.sections)
        if figure.key == key and not figure.why_not_drawn
    )


def what_is_inside(section: ShownSection) -> str:
    """Say what is found where a section is opened."""
    parts = list(section.all_parts)
    charts = sum(len(part.holds) for part in parts if part.kind == "figures")
    tables = sum(part.kind == "table" for part in parts)
    return say("inside", charts=charts, tables=tables) if charts or tables else ""


def how_findings_stand(findings: Sequence[Finding]) -> str:
    """Say how many findings there are of each verdict, the worst first."""
    counts = Counter(each.status_word.lower() for each in by_urgency(findings))
    return " \u00b7 ".join(f"{n} {word}" for word, n in counts.items())


# --- What those read who speak with customers: what a stage says they may, and nothing else


@dataclass(frozen=True, slots=True)
class ToldOutside:
    """What one stage says to people who speak with customers.

    `summary` is its sentence, `sections` are those it opens, `terms` what customers are told of the decision.
    """

    stage: Stage
    summary: str
    sections: tuple[ShownSection, ...]
    terms: tuple[str, ...] = ()


def told_outside(content: ReportContent) -> tuple[ToldOutside, ...]:
    """Return what stages declare for people who speak with customers.

    `audience` of [stage] and of a section opens these; [customers.terms] has sentences that are handed the decision and
    the currency alone, so that no figure of the company can stand in them. Of what nobody has decided nothing is told.
    """
    found = []
    for each in content.outcomes:
        package = each.stage.package
        terms = _terms(each, content) if content.scenario.decided(each.stage.key) else ()
        summary = each.summary if _is_open(package, "stage") else ""
        keys = [one.key for one in each.stage.module.VIEW.sections] if hasattr(each.stage.module, "VIEW") else []
        told = {key for key in keys if _is_open(package, "sections", key)}
        sections = tuple(one for one in each.sections if one.key in told) if told else ()
        if summary or sections or terms:
            found.append(ToldOutside(each.stage, summary, sections, terms))
    return tuple(found)


def _terms(outcome: StageOutcome, content: ReportContent) -> tuple[str, ...]:
    package = outcome.stage.package
    if "terms" not in sentences(package).get(CUSTOMERS, {}):
        return ()
    values = {"decision": outcome.decision, "currency": content.base.currency}
    said = entry(package, CUSTOMERS, "terms")
    return tuple(line.strip() for line in said.lines("lines", values))


def _is_open(package: str, *path: str) -> bool:
    return words_at(package, *path, "audience", default="") == CUSTOMERS
