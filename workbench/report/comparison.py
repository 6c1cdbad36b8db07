"""Scenarios side by side in a report: what each decides, what it earns and which rules it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.cells import heading
from workbench.report.tables import Table
from workbench.stages.comparison import FIGURES_CAPTION, compare_outcomes

if TYPE_CHECKING:
    from workbench.report.content import ReportContent


def comparison_table(content: ReportContent) -> Table:
    """Return today and each design as columns: decisions, key figures of every stage, counts of findings."""
    outcomes = {scenario.id: found for scenario, found in ((content.scenario, content.outcomes), *content.others)}
    frame = compare_outcomes(content.base, content.study, outcomes).rows()
    rows = tuple(tuple(map(str, row)) for row in frame.itertuples(index=False, name=None))
    return Table(FIGURES_CAPTION, tuple(map(heading, frame.columns)), rows, (False,) * len(frame.columns))
