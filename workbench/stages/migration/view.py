"""What the way to new prices shows: a policy and its path, the list to act on, and what comes once customers react."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.impact.migration.path import action_list, action_sheets, for_people
from workbench.outputs import csv_bytes, workbook_bytes
from workbench.stages.migration.decision import (
    BY_SEGMENT,
    SINGLE_POLICIES,
    Comers,
    comers_of,
    mixture_cells,
    with_comers,
    with_mixture,
)
from workbench.stages.migration.tables import (
    chances_table,
    contracts_sentence,
    contracts_table,
    guesses_table,
    information_sentence,
    policies_table,
    renewals_sentence,
)
from workbench.stages.view import Action, Figures, Grid, KeyFigures, Made, Said, SectionView, StudyPart, TableOf, View
from workbench.text import texts, words_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.stages.migration.decision import MigrationDecision
    from workbench.stages.migration.evaluation import MigrationResult
    from workbench.tables import DataTable

say = texts(__name__)


def people_to_talk_to(decision: MigrationDecision, result: MigrationResult) -> Made:
    """Return the list of customers whose bill changes, as CSV and as Excel file; StudyError where there is nobody."""
    del decision
    path, reasons = result.path, result.reasons
    if path is None:
        raise StudyError("There is nobody to list.", result.why_not or say("nobody"))
    listed = for_people(action_list(path, reasons, result.first), path.bills.currency)
    name = say("file", id=result.scenario.id)
    files = (
        (say("as_excel"), f"{name}.xlsx", workbook_bytes(action_sheets(path, reasons, result.first))),
        (say("as_csv"), f"{name}.csv", csv_bytes(listed)),
    )
    return Made(say("on_the_list", listed=len(listed)), files, listed, say("listed", listed=len(listed)))


def _no_way(result: MigrationResult) -> str:
    return "" if result.path is not None else result.why_not or say("nobody")


def _segments(decision: MigrationDecision, result: MigrationResult) -> Sequence[str]:
    bills = result.ahead.bills
    return () if bills is None or decision.policy != BY_SEGMENT else tuple(map(str, bills.segments))


def _policies(*_: object) -> list[dict[str, object]]:
    """Return a column for each policy; seven fit on a small screen with short headings."""
    names = (words_at(__package__, "policies", name.replace(" ", "_"), default=name) for name in SINGLE_POLICIES)
    return [{"label": name, "unit": "%", "minimum": 0, "maximum": 100, "step": 5} for name in names]


def _way(result: MigrationResult) -> Iterable[str]:
    if result.path is not None:
        yield renewals_sentence(result.path.bills, result.decision.term_months)
        if result.first:
            yield say("go_first", accounts=len(result.first))


def _contracts(result: MigrationResult) -> Iterable[str]:
    return () if result.contracts is None or result.contracts.empty else (contracts_sentence(result.contracts),)


def _contract_table(result: MigrationResult) -> DataTable | None:
    return None if result.contracts is None or result.contracts.empty else contracts_table(result.contracts)


def _unknown(result: MigrationResult) -> str:
    return "" if result.ranges is not None else result.forecast_reason or say("nobody")


def _first(result: MigrationResult) -> Iterable[str]:
    if result.ranges is not None:
        yield information_sentence(result.ranges)


def _chances(result: MigrationResult) -> DataTable | None:
    return None if result.ranges is None else chances_table(result.ranges)


def _guesses(result: MigrationResult) -> DataTable | None:
    return None if result.ranges is None else guesses_table(result.ranges)


VIEW = View(
    against_today=True,
    kept={"comers": StudyPart(Comers, comers_of, with_comers)},
    leading=("paths", "on_old"),
    sections=(
        SectionView(
            key="way",
            why_not=_no_way,
            settings=(
                ("policy", "notice_months", "cap_per_year", "kept_months", "incentive", "term_months"),
                ("comers.low", "comers.high"),
            ),
            grids=(
                Grid(
                    key="mixture",
                    rows=_segments,
                    columns=_policies,
                    cells=lambda decision, result: mixture_cells(decision, _segments(decision, result)),
                    changes=lambda decision, result, cells: with_mixture(_segments(decision, result), cells),
                    keeps_typed=True,
                ),
            ),
            parts=(
                Said("way", _way),
                KeyFigures(lambda result: () if result.path is None else result.path.key_figures()),
                (Figures(("paths",), tables=False), Figures(("on_old",))),
                TableOf("policies", lambda result: policies_table(result.paths, result.decision.policy)),
                Said("contracts", _contracts),
                TableOf("contracts", _contract_table, folded=True),
                Action(key="list", makes=people_to_talk_to),
            ),
        ),
        SectionView(
            key="ranges",
            rests=True,
            why_not=_unknown,
            parts=(
                Said("first", _first),
                Figures(("fan", "backtest", "tornado")),
                TableOf("chances", _chances),
                TableOf("guesses", _guesses, folded=True),
            ),
        ),
    ),
)
