"""Ways to steadier revenue, as figures: also of designs that bill nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.pricing import Plan, PriceBook
from workbench.stages.impact import SteadyDecision
from workbench.stages.impact.charts import NOTHING_BILLED, steady_figures
from workbench.stages.impact.evaluation import steady
from workbench.stages.impact.evidence import gather_years, rows_of_years

if TYPE_CHECKING:
    from workbench.customers import CustomerBase


def test_a_free_design_is_drawn_and_read_without_a_winner(sample_company: CustomerBase) -> None:
    """Where every bill is nothing no way is best: the figures say so, and every share is unknown."""
    base = sample_company
    free = PriceBook("Free", "USD", (Plan("Free", 0),))
    found = steady(gather_years(lambda: rows_of_years(base), free, "free"), SteadyDecision())
    figures = {each.key: each for each in steady_figures(found)}
    assert figures["steady_tools"].reading == NOTHING_BILLED
    assert figures["steady_tools"].why_not_drawn
    for figure in figures.values():
        assert figure.spec()
        assert figure.table is not None
