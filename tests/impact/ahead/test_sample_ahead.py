"""The forecast of the sample company against what would have come without the effect of its own move."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.customers import CustomerBase
from workbench.files import bundled
from workbench.impact import CheapestThatFits, KeepPlan, account_months, replay
from workbench.impact.revenue_forecast import PricesAhead, RevenueAhead, revenue_ahead
from workbench.stages.price_book import list_of_today, price_book

if TYPE_CHECKING:
    from workbench.study import Study

pytestmark = pytest.mark.slow

TODAY, DESIGN = "today", "design"
SEEN, LAST = "2024-12", "2026-06"


@pytest.fixture(scope="module")
def unmoved() -> CustomerBase:
    """Return the sample company as it would have gone on: nobody moves, no data is moved in, no features open."""
    sys.path.insert(0, str(bundled("data")))
    try:
        from sample_company import behaviour, population, revenue, simulate, tables  # noqa: PLC0415 - beside the data
    finally:
        sys.path.pop(0)
    truth = json.loads((bundled("data") / "sample_truth.json").read_text(encoding="utf-8"))
    people = population.make_population()
    knobs = replace(behaviour.Knobs(**truth["calibrated"]), data_trend_after=0.0, adoption_after=0.0)
    run = simulate.run(people, knobs)
    paid = np.where(people.paying, revenue.seat_revenue(people, run.seats, run.seat_plan).round(2), 0.0)
    run = replace(run, moved=np.zeros_like(run.moved), amount=paid)
    return CustomerBase.from_tables(tables.behaviour_tables(people, run))


@pytest.fixture(scope="module", params=["seats-with-volume-limits", "data-volume-with-overage"])
def looked(
    request: pytest.FixtureRequest, unmoved: CustomerBase, sample_company: CustomerBase, decided_sample: Study
) -> tuple[RevenueAhead, dict[str, np.ndarray]]:
    """Return what is forecast from December 2024 under both lists, and what customers then truly pay, by list."""
    base = sample_company
    book = price_book(base, decided_sample.scenario(request.param))
    lists = {TODAY: PricesAhead(list_of_today(base)), DESIGN: PricesAhead(book, CheapestThatFits())}
    found = revenue_ahead(base, account_months(base), lists)
    rows = account_months(unmoved, months=(SEEN, LAST))
    paid = rows.recorded
    assert paid is not None
    listed = replay(rows, list_of_today(base), assign=KeepPlan()).amounts
    under_new = replay(rows, book, assign=CheapestThatFits()).amounts * paid / listed
    truth = {TODAY: rows.by_month(paid), DESIGN: rows.by_month(np.where(np.isnan(listed), paid, under_new))}
    return found, truth


def test_the_truth_lies_inside_the_range(looked: tuple[RevenueAhead, dict[str, np.ndarray]]) -> None:
    """At 6, 12 and 18 months what came lies in the 90% range of both lists, and within a tenth of the median."""
    found, truth = looked
    for name, came in truth.items():
        table = found.table(name)
        for months in (6, 12, 18):
            low, middle, high = table.loc[months - 1, ["low", "revenue", "high"]]
            assert low < came[months] < high
            assert middle == pytest.approx(came[months], rel=0.1)


def test_the_forecast_begins_where_the_record_ends(looked: tuple[RevenueAhead, dict[str, np.ndarray]]) -> None:
    """December's revenue is what was paid, and January is within a few per cent of it under today's list."""
    found, truth = looked
    assert found.last_month == pytest.approx(truth[TODAY][0])
    first = found.table(TODAY).loc[0]
    assert first["month"].strftime("%Y-%m") == "2025-01"
    assert first["revenue"] == pytest.approx(found.last_month, rel=0.04)


def test_the_back_test_stands_beside_what_came(looked: tuple[RevenueAhead, dict[str, np.ndarray]]) -> None:
    """Two years of history are tested on the second: twelve months, each with what was paid."""
    found, truth = looked
    assert [each.month for each in found.back_test] == [f"2024-{month:02}" for month in range(1, 13)]
    assert found.back_test[-1].was == pytest.approx(truth[TODAY][0])
    assert all(each.low <= each.revenue <= each.high for each in found.back_test)
