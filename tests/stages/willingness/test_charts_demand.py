"""The charts of demand: they draw, they stay small, and their words carry the numbers of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.demand import Demand, cannibalisation, fee_of, fees_of, fit_to_today, price_line
from workbench.stages.price_book import list_of_today
from workbench.stages.willingness import WillingnessDecision, gather
from workbench.stages.willingness.charts import assumptions, buyers_figure, flows_figure, line_figures
from workbench.stages.willingness.evaluation import buyer_rows, fit_rows, line_rows, stretch

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.pricing import PriceBook
    from workbench.stages.figure import Figure

MOST_MARKS = 2000


@pytest.fixture(scope="module")
def demand(sample_company: CustomerBase) -> Demand:
    """Return demand of the sample company from bills alone."""
    return gather(sample_company, draws=20).sourced(WillingnessDecision(source="what customers pay")).demand


@pytest.fixture(scope="module")
def book(sample_company: CustomerBase) -> object:
    """Return today's price book of the sample company."""
    return list_of_today(sample_company)


@pytest.fixture(scope="module")
def drawn(demand: Demand, book: PriceBook) -> list[Figure]:
    """Return the figures of today's price book: who buys what, what tiers take, and two lines per priced tier."""
    task, fees = demand.task(book), fees_of(book)
    found = [buyers_figure(demand, book, task), flows_figure(cannibalisation(task, *fees), "USD")]
    for place, plan in enumerate(book.plans):
        fee = fee_of(plan)
        if plan.priced and fee.amount > 0:
            line = price_line(task, plan.name, *fees, between=stretch(fee.amount))
            notes = assumptions(demand)
            found += line_figures(line, fee.amount, "USD", place=place, per=fee.per, notes=notes)
    return found


def test_every_figure_draws_and_stays_small(drawn: list[Figure]) -> None:
    """Each figure has a specification, words, a table and fewer than 2,000 marks."""
    assert [figure.key for figure in drawn][:2] == ["who-buys-what", "cannibalisation"]
    assert len({figure.key for figure in drawn}) == len(drawn) == 2 + 2 * 3
    for figure in drawn:
        spec = figure.full_spec()
        assert sum(len(data) for data in spec["datasets"].values()) < MOST_MARKS
        assert figure.description
        assert figure.reading
        assert len(figure.table)


def test_what_is_assumed_stands_under_every_chart_of_demand(drawn: list[Figure]) -> None:
    """Source and open ranges are footnotes of the lines and of who buys what."""
    for figure in drawn:
        if "line" in figure.key or figure.key == "who-buys-what":
            assert "part of the worth that remains" in " ".join(figure.footnotes)
            assert "what customers pay today" in " ".join(figure.footnotes)


def test_a_dragged_price_changes_the_marked_row_only(demand: Demand, book: object) -> None:
    """At another price the chart keeps its look and its curve; the mark is on the curve."""
    fees = fees_of(book)
    line = price_line(demand.task(book), "Team", *fees)
    curve = line_rows(line, (20.0, 100.0))
    before, after = (
        line_figures(line, fee, "USD", per="seats", curve=curve, draggable=True)[1] for fee in (49.0, 60.0)
    )
    assert before.identity == after.identity
    assert before.data["curve"] is after.data["curve"]
    assert "per seat" in after.reading
    marked = after.data["marked"].iloc[0]
    assert np.isclose(marked["revenue"], np.interp(60.0, curve["price"], curve["revenue"]), rtol=0.01)


def test_shares_of_a_segment_add_up(demand: Demand, book: object) -> None:
    """Tiers, and a competitor or nothing, are all accounts of each segment; a tier on request is left out."""
    table = buyer_rows(demand, book)
    assert np.allclose(table.groupby("segment")["share"].sum(), 1)
    assert "Enterprise" not in set(table["plan"])
    fit = fit_rows(fit_to_today(demand, book))
    assert np.isclose(fit.loc[fit["who"] == "today", "share"].sum(), 1)
