"""The tables and figures of a report's sections: scenarios, and what a design does to customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.formatting import count
from workbench.stages.comparison.side_by_side import FIGURES_CAPTION, compare_outcomes
from workbench.stages.impact.charts import figures_by_part
from workbench.stages.impact.tables import (
    TERMS,
    groups_table,
    guardrail_table,
    movers_table,
    reconciliation_table,
    tools_table,
)
from workbench.stages.migration.tables import chances_table, guesses_table
from workbench.stages.migration.words import information_sentence, renewals_sentence
from workbench.tables import DataTable, as_table
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from workbench.report.content import ReportContent
    from workbench.stages.figure import Figure
    from workbench.stages.impact.evaluation import ImpactResult

say = texts(__name__)


def log_moment(moment: datetime) -> str:
    """Write when something was recorded, with its time zone."""
    return moment.strftime("%Y-%m-%d %H:%M ") + (moment.tzname() or "")


# --- Scenarios side by side in a report: what each decides, what it earns and which rules it breaks


def scenarios_table(content: ReportContent) -> DataTable:
    """Return today and each design as columns: decisions, key figures of every stage, counts of findings."""
    outcomes = {scenario.id: found for scenario, found in ((content.scenario, content.outcomes), *content.others)}
    return as_table(compare_outcomes(content.base, content.study, outcomes).rows(), FIGURES_CAPTION)


# --- The tables of the section on what a design does to every customer


@dataclass(frozen=True, slots=True)
class ImpactTables:
    """The section's figures by part, its own tables (None where there is nothing to show), and what to find out."""

    figures: Mapping[str, tuple[Figure, ...]]
    reconciliation: DataTable | None
    guardrails: DataTable | None
    movers: DataTable | None
    chances: DataTable | None
    guesses: DataTable | None
    value_of_information: str
    renewals: str
    steady: DataTable | None
    groups: DataTable | None


def impact_tables(result: ImpactResult) -> ImpactTables:
    """Return the figures and the tables of the section."""
    frames, captions = impact_frames(result), impact_captions(result)

    def table(name: str) -> DataTable | None:
        return None if name not in frames else as_table(frames[name], captions[name])

    limits = say("limits_of_this_study_what", compared=result.compared)
    return ImpactTables(
        figures=figures_by_part(result),
        reconciliation=table("Reconciliation"),
        guardrails=None if result.guardrails is None else as_table(guardrail_table(result.guardrails), limits),
        movers=table("Movers"),
        chances=table("Chances"),
        guesses=table("Guesses"),
        value_of_information=result.forecast_reason if result.ranges is None else information_sentence(result.ranges),
        renewals="" if result.path is None else renewals_sentence(result.path.bills, result.decision.term_months),
        steady=table("Steadier revenue"),
        groups=table("Groups that swing"),
    )


def impact_captions(result: ImpactResult) -> dict[str, str]:
    """Return what each of the section's own tables holds, of whom and of which months, by name."""
    steady, checked = result.steady, result.reconciliation
    billed = "" if steady is None else say("billed_in_every_one_of", accounts=steady.accounts, months=steady.months)
    basis = None if checked is None else checked.replay.basis
    year = "" if basis is None else f"; {basis.first_month} to {basis.last_month}, {count('account', basis.accounts)}"
    return {
        "Reconciliation": say("recorded_revenue_against_today_s", year=year),
        "Movers": say("the_largest_rises_then_the", compared=result.compared),
        "Chances": say("chance_of_crossing_a_guardrail"),
        "Guesses": say("ranges_the_draws_come_from"),
        "Steadier revenue": say("six_ways_to_bill_the", billed_=billed),
        "Groups that swing": say("groups_of_customers_weight_swings", billed_=billed),
    }


def impact_frames(result: ImpactResult) -> dict[str, DataTable]:
    """Return the tables that no chart of the section carries, by name."""
    found = {}
    if result.reconciliation is not None:
        found["Reconciliation"] = reconciliation_table(result.reconciliation, result.reconciliation.replay.currency)
    if result.comparison is not None and len(result.movers):
        found["Movers"] = movers_table(result.movers, result.comparison.currency)
    if result.ranges is not None:
        if len(result.ranges.chances):
            found["Chances"] = chances_table(result.ranges)
        found["Guesses"] = guesses_table(result.ranges)
    steady = result.steady
    if steady is not None and len(steady.tools):
        # The terms stand in the table of the figure; without them this one fits the width of a page.
        found["Steadier revenue"] = tools_table(steady).without(TERMS)
    if steady is not None and steady.groups is not None:
        found["Groups that swing"] = groups_table(steady.groups)
    return found
