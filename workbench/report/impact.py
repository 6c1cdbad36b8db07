"""The tables of the section on what a design does to every customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.formatting import count
from workbench.report.tables import table_of
from workbench.stages.impact_view.accounts.tables import movers_table
from workbench.stages.impact_view.charts import figures_by_part
from workbench.stages.impact_view.range_tables import chances_table, guesses_table, knowing_sentence
from workbench.stages.impact_view.steady.tables import groups_table, tools_table
from workbench.stages.impact_view.tables import guardrail_table, reconciliation_table, renewals_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from workbench.report.tables import Table
    from workbench.stages.figure import Figure
    from workbench.stages.impact_view import ImpactResult


@dataclass(frozen=True, slots=True)
class ImpactTables:
    """The section's figures by part, its own tables (None where there is nothing to show), and what to find out."""

    figures: Mapping[str, tuple[Figure, ...]]
    reconciliation: Table | None
    guardrails: Table | None
    movers: Table | None
    chances: Table | None
    guesses: Table | None
    knowing: str
    renewals: str
    steady: Table | None
    groups: Table | None


def impact_tables(result: ImpactResult) -> ImpactTables:
    """Return the figures and the tables of the section."""
    frames, captions = impact_frames(result), impact_captions(result)

    def table(name: str) -> Table | None:
        return None if name not in frames else table_of(frames[name], captions[name])

    limits = f"Limits of this study, what was found, and how many accounts stand behind it; {result.compared}"
    return ImpactTables(
        figures=figures_by_part(result),
        reconciliation=table("Reconciliation"),
        guardrails=None if result.guardrails is None else table_of(guardrail_table(result.guardrails), limits),
        movers=table("Movers"),
        chances=table("Chances"),
        guesses=table("Guesses"),
        knowing=result.forecast_reason if result.ranges is None else knowing_sentence(result.ranges),
        renewals="" if result.path is None else renewals_sentence(result.path.bills, result.decision.term_months),
        steady=table("Steadier revenue"),
        groups=table("Groups that swing"),
    )


def impact_captions(result: ImpactResult) -> dict[str, str]:
    """Return what each of the section's own tables holds, of whom and of which months, by name."""
    steady, checked = result.steady, result.reconciliation
    billed = (
        "" if steady is None else f"{count('account', steady.accounts)} billed in every one of {steady.months} months"
    )
    basis = None if checked is None else checked.replay.basis
    year = "" if basis is None else f"; {basis.first_month} to {basis.last_month}, {count('account', basis.accounts)}"
    return {
        "Reconciliation": f"Recorded revenue against today's list, by what explains the difference{year}",
        "Movers": f"The largest rises, then the largest falls, with the reason; {result.compared}",
        "Chances": "Chance of crossing a guardrail once customers react, in the draws of the months ahead",
        "Guesses": "Ranges the draws come from",
        "Steadier revenue": f"Six ways to bill the same usage: revenue, what is sure, swings, bill shock; {billed}",
        "Groups that swing": f"Groups of customers: weight, swings around the trend, and seasons; {billed}",
    }


def impact_frames(result: ImpactResult) -> dict[str, pd.DataFrame]:
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
        found["Steadier revenue"] = tools_table(steady).drop(columns="Terms")
    if steady is not None and steady.groups is not None:
        found["Groups that swing"] = groups_table(steady.groups)
    return found
