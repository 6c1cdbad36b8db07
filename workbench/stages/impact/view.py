"""What an impact shows: how far today's list is what is paid, who pays more, and which limits hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from workbench.formatting import first_of
from workbench.stages.impact.charts import guardrail_table, movers_table, off_accounts_table, reconciliation_table
from workbench.stages.impact.evaluation import Trial, reconciliation_figures, what_can_be_tried
from workbench.stages.view import (
    PERCENT,
    Figures,
    Free,
    KeyFigures,
    Message,
    Notes,
    Said,
    SectionView,
    Setting,
    StudyPart,
    TableOf,
    View,
)
from workbench.study.model import FrozenModel
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.results import KeyFigure
    from workbench.stages.impact.evaluation import ImpactResult
    from workbench.study.document import Study
    from workbench.tables import DataTable

say = texts(__name__)

_NAMED = 40  # accounts behind each limit that is crossed


def _nothing_checked(result: ImpactResult) -> str:
    if result.from_paid:
        return say("no_list")
    return "" if result.reconciliation is not None else result.why_not or say("no_revenue")


def _explained(result: ImpactResult) -> tuple[KeyFigure, ...]:
    return () if result.reconciliation is None else reconciliation_figures(result.reconciliation)


def _open(result: ImpactResult) -> Iterable[Message]:
    return () if result.reconciliation is None else (Message(e.text, "warning") for e in result.reconciliation.cautions)


def _reconciliation(result: ImpactResult) -> DataTable | None:
    found = result.reconciliation
    return None if found is None else reconciliation_table(found, found.replay.currency)


def _off_accounts(result: ImpactResult) -> DataTable | None:
    found = result.reconciliation
    return None if found is None else off_accounts_table(found, found.replay.currency)


def _year(result: ImpactResult) -> str:
    return "" if result.reconciliation is None else say("explained", basis=result.reconciliation.replay.basis)


def _can_be_tried(result: ImpactResult) -> Mapping[str, object]:
    return what_can_be_tried(None if result.comparison is None else result.comparison.after.book)


def _movers(result: ImpactResult) -> DataTable | None:
    return None if result.comparison is None else movers_table(result.movers, result.comparison.currency)


def _verdict(result: ImpactResult) -> Iterable[Message]:
    """Say how many limits are met."""
    report = result.guardrails
    if report is None:
        return
    counts = {"n": len(report.failures), "checks": len(report.checks), "unmeasured": report.unmeasured}
    told = "crosses" if report.failures else "unmeasured" if report.unmeasured else "keeps"
    text = say(told, name=result.scenario.name, tried=bool(result.trial.change), **counts)
    yield Message(text, "ok" if told == "keeps" else "warning")


def _behind(result: ImpactResult) -> Iterable[str]:
    """Name the accounts behind the limits that are crossed."""
    for check in () if result.guardrails is None else result.guardrails.failures:
        if len(check.behind):
            yield f"{check.title} {check.subject}".strip() + ": " + first_of(check.accounts, _NAMED)


_PER_CENT = Setting(unit=PERCENT, step=1)
Change = Annotated[float | None, Field(ge=-1, le=10), _PER_CENT]
Rise = Annotated[float | None, Field(ge=0, le=10), _PER_CENT]
Share = Annotated[float | None, Field(ge=0, le=1), _PER_CENT]


class Limits(FrozenModel):
    """The study's guardrails as they are entered; None switches a limit off."""

    least_revenue_change: Change = None
    most_revenue_change: Change = None
    steep_rise: Annotated[float, Field(ge=0, le=10), _PER_CENT] = 0.25
    most_accounts_above_steep_rise: Share = None
    most_rise_in_top_ten: Rise = None
    most_accounts_below_cost: Share = None
    most_p95_rise: Rise = None
    least_segment_change: Change = None
    most_unexplained: Share = None
    note: str = ""


def with_limits(study: Study, changes: Mapping[str, object]) -> Study:
    """Return the study with some of its guardrails replaced."""
    return study.replaced(guardrails=study.guardrails.replaced(**changes))


VIEW = View(
    against_today=True,
    tried=Trial,
    kept={"limits": StudyPart(Limits, lambda study: study.guardrails, with_limits)},
    options={"tried.what": _can_be_tried},
    leading=("bridge", "distribution"),
    sections=(
        SectionView(
            key="reconcile",
            why_not=_nothing_checked,
            parts=(
                KeyFigures(_explained),
                Said("open", _open),
                TableOf("reconciliation", _reconciliation, caption=_year),
                TableOf("off_accounts", _off_accounts, folded=True),
            ),
        ),
        SectionView(
            key="who_pays",
            why_not=lambda result: result.why_not,
            settings=(("tried.what", "tried.change"),),
            free=(Free("scenario", "workbench.rendering.panel:ScenarioList"),),
            parts=(
                KeyFigures(),
                Notes(),
                Figures(("bridge", "distribution")),
                Figures(("old_new",)),
                Free("account", "workbench.stages.impact.panel:AccountItemised"),
                TableOf("movers", _movers, caption=lambda result: say("movers", compared=result.compared), folded=True),
            ),
        ),
        SectionView(
            key="guardrails",
            why_not=lambda result: result.why_not,
            settings=(tuple(f"limits.{name}" for name in Limits.model_fields if name != "note"), ("limits.note",)),
            parts=(
                Said("verdict", _verdict),
                Figures(("guardrails",), tables=False),
                TableOf(
                    "guardrails",
                    lambda result: None if result.guardrails is None else guardrail_table(result.guardrails),
                    caption=lambda result: say("limits", compared=result.compared),
                ),
                Said("behind", _behind, folded=True),
            ),
        ),
    ),
)
