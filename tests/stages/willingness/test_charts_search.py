"""The charts of a price search: they draw, they stay small, and their words carry the numbers of the search."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.demand import ChoiceTask, PriceConstraints, PriceSearch, search_prices
from workbench.formatting import money
from workbench.pricing import AddOn, Plan, PriceBook
from workbench.stages.willingness.charts import found_price_figures


def searched(objective: str = "revenue", **given: object) -> PriceSearch:
    """Return a search over three tiers and an add-on for 1,200 customers."""
    rng = np.random.default_rng(2)
    worth = rng.lognormal(4, 0.7, (1200, 1)) * np.cumsum(rng.lognormal(-0.5, 0.8, (1200, 3)), axis=1) * 0.6
    nothing = np.zeros((1200, 3))
    task = ChoiceTask(
        plans=("Start", "Team", "Company"),
        add_ons=("Audit log",),
        plan_worth=worth,
        plan_usage=nothing,
        plan_cost=nothing + 4,
        fee_units=nothing + 1,
        add_on_worth=rng.lognormal(2.5, 0.9, (1200, 1)),
        add_on_cost=nothing[:, :1],
        add_on_units=nothing[:, :1] + 1,
        add_on_open=np.ones((3, 1), dtype=bool),
        rival=np.zeros(1200),
        weight=np.ones(1200),
        customer=np.arange(1200),
        draw=np.zeros(1200, dtype=int),
    )
    book = PriceBook(
        "Tried", "EUR", tuple(Plan(n, 20 * 2**p) for p, n in enumerate(task.plans)), (AddOn("Audit log", 10),)
    )
    market = PriceConstraints(market={"Company": (50.0, 150.0)})
    return search_prices(task, book, objective, market, starts=8, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def search() -> PriceSearch:
    """Return a search with everything."""
    return searched()


def test_every_chart_draws_and_stays_small(search: PriceSearch) -> None:
    """Each figure has a specification, words, a table and few marks."""
    found = found_price_figures(search)
    assert [figure.key for figure in found] == [f"price-search-{part}" for part in ("flat", "rules", "peaks", "gain")]
    for figure in found:
        spec = figure.full_spec()
        assert sum(len(data) for data in spec["datasets"].values()) < 200
        assert figure.description
        assert figure.reading
        assert figure.table is not None
        assert len(figure.table)
        assert figure.static_svg().startswith("<svg")


def test_the_flat_chart_shows_every_price_between_its_ends(search: PriceSearch) -> None:
    """A found price lies on its thick bar, and the thick bar on the thin one; today's price is that of the book."""
    rows = found_price_figures(search)[0].data["flat"]
    assert tuple(rows["offer"]) == search.searched
    assert (rows["lowest"] <= rows["low"]).all()
    assert (rows["low"] <= rows["found"]).all()
    assert (rows["found"] <= rows["high"]).all()
    assert (rows["high"] <= rows["highest"]).all()
    assert list(rows["today"]) == [20, 40, 80, 10]


def test_the_gain_chart_counts_every_draw_once(search: PriceSearch) -> None:
    """The bars add up to all draws, and no bar lies on both sides of zero."""
    rows = found_price_figures(search)[-1].data["gain"]
    assert rows["share"].sum() == pytest.approx(1)
    assert not ((rows["low"] < -1e-9) & (rows["high"] > 1e-9)).any()
    assert money(search.gain.interval.estimate, "EUR") in found_price_figures(search)[-1].reading


def test_what_was_not_asked_for_is_not_drawn() -> None:
    """Without rule costs and flat region their charts are left out; a share is written as a percentage."""
    found = found_price_figures(searched("share", rule_costs=False, flat=None))
    assert found[-1].key == "price-search-gain"
    assert all(figure.key not in ("price-search-flat", "price-search-rules") for figure in found)
    assert "%" in found[-1].reading
