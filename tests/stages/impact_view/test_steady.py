"""Ways to steadier revenue, as figures: also of designs that bill nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.growth.programme import CommitmentFrontier
from workbench.pricing import Plan, PriceBook
from workbench.results import Basis
from workbench.stages.steady import figures
from workbench.stages.steady.decision import SteadyDecision
from workbench.stages.steady.evaluation import SteadyResult, gather_years, rows_of_years, steady
from workbench.stages.steady.view import NOTHING_BILLED, revenue_by_way

if TYPE_CHECKING:
    from workbench.customers import CustomerBase


def test_a_free_design_is_drawn_and_read_without_a_winner(sample_company: CustomerBase) -> None:
    """Where every bill is nothing no way is best: the figures say so, and every share is unknown."""
    base = sample_company
    free = PriceBook("Free", "USD", (Plan("Free", 0),))
    found = steady(gather_years(lambda: rows_of_years(base), free, "free"), SteadyDecision())
    floors = CommitmentFrontier(pd.DataFrame(), pd.DataFrame())
    result = SteadyResult(basis=Basis(0, 0), decision=found.decision, steady=found, frontier=floors)
    assert [each.value for each in revenue_by_way(result)] == [None] * (len(found.tools) - 1)
    drawn = figures(result)
    assert drawn["steady_tools"].reading == NOTHING_BILLED
    assert drawn["steady_tools"].why_not_drawn
    for figure in filter(None, drawn.values()):
        assert figure.spec()
        assert figure.table is not None
