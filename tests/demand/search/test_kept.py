"""Prices that keep enough of the accounts that pay today, held against every price counted out."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from markets import FREE, book_of, drawn_market

from workbench.demand import DemandError, PriceConstraints, search_prices
from workbench.demand.search import best_prices

pytestmark = pytest.mark.slow


def paying_market(rows: int = 60, seed: int = 3, **given: object) -> object:
    """Return customers of two plans, two in three of whom pay today."""
    return drawn_market(rows, 2, 0, seed, pays=np.arange(rows) % 3 > 0, **given)


@pytest.mark.parametrize("least", [0.6, 0.8, 0.95])
def test_found_prices_keep_enough_and_no_others_bring_more(least: float) -> None:
    """On a grid of prices nothing that keeps as many brings more than what the search finds, two percent aside."""
    task = paying_market()
    given = PriceConstraints(off=FREE, kept=least)
    found = search_prices(task, book_of(task), constraints=given, starts=8, rule_costs=False, flat=None)
    assert found.outcome.kept_by_draw.mean() >= least - 1e-9
    best = 0.0
    for fees in product(np.geomspace(4, 400, 60), repeat=2):
        outcome = task.outcome(fees)
        if outcome.kept_by_draw.mean() >= least:
            best = max(best, outcome.revenue)
    assert found.value >= 0.98 * best


def test_keeping_more_brings_less_and_what_it_costs_is_counted() -> None:
    """The more accounts must stay, the less the best prices bring; without the rule they bring what it costs more."""
    task = paying_market()
    values = []
    for least in (None, 0.5, 0.7, 0.9):
        given = PriceConstraints(off=FREE, kept=least)
        found = search_prices(task, book_of(task), constraints=given, starts=6, rule_costs=False, flat=None)
        values.append(found.value)
    assert all(more <= less * (1 + 1e-6) for less, more in pairwise(values))
    assert values[-1] < values[0]
    costs = search_prices(
        task, book_of(task), constraints=PriceConstraints(off=FREE, kept=0.9), starts=6, flat=None
    ).rule_costs
    [cost] = [each for each in costs if each.rule == "kept"]
    assert cost.gain == pytest.approx(values[0] - values[3], rel=0.02)


def test_the_logit_rule_keeps_enough_too() -> None:
    """Under the smooth rule the share kept is a constraint of the ascent."""
    task = paying_market(rule="logit", scale=8.0)
    asked = [PriceConstraints(off=FREE, kept=least) for least in (None, 0.7)]
    free, held = (
        search_prices(task, book_of(task), constraints=given, starts=4, rule_costs=False, flat=None) for given in asked
    )
    assert free.outcome.kept_by_draw.mean() < 0.7 <= held.outcome.kept_by_draw.mean() + 1e-6
    assert held.value < free.value


def test_who_moves_to_a_free_plan_does_not_count_as_kept() -> None:
    """An account that paid and now takes the free plan has left for the count; a free plan wins nobody back."""
    task = paying_market()
    outcome = task.outcome([0.0, 1e6])
    assert outcome.buyers[0] > 0
    assert outcome.kept_by_draw.max() == 0


def test_more_than_can_be_kept_is_refused_with_a_sentence() -> None:
    """Prices held high lose accounts whatever the others do: the sentence says how many stay at best."""
    task = paying_market()
    given = PriceConstraints(off=FREE, kept=0.95, asked={"Plan 1": (300.0, 400.0), "Plan 2": (600.0, 700.0)})
    with pytest.raises(DemandError, match=r"95% of the accounts that pay today go on paying"):
        search_prices(task, book_of(task), constraints=given, starts=3, rule_costs=False, flat=None)


def test_prices_stay_inside_what_was_asked_whatever_is_switched_off() -> None:
    """What nobody was asked about is no rule to be set aside."""
    task = paying_market()
    given = PriceConstraints(asked={"Plan 1": (None, 30.0), "Plan 2": (10.0, 50.0)}).without(
        ["T2", "T4", "A2", "C4", "kept", "order", "bounds", "fixed", "ending"]
    )
    found = search_prices(task, book_of(task), constraints=given, starts=3, rule_costs=False, flat=None)
    assert found.prices["Plan 1"] <= 30 * (1 + 1e-9)
    assert found.prices["Plan 2"] * (1 + 1e-9) >= 10
    assert found.prices["Plan 2"] <= 50 * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_climbing_from_prices_found_before_brings_as_much_as_starting_anew(seed: int) -> None:
    """Asked to keep more, the search from the best prices under less reaches what many starts do, one percent aside."""
    task = drawn_market(120, 3, 2, seed, pays=np.arange(120) % 3 > 0)
    book = book_of(task)
    less, more = (PriceConstraints(off=FREE, kept=least) for least in (0.7, 0.85))
    first = best_prices(task, book, constraints=less, seed=seed, starts=8)
    again = best_prices(task, book, constraints=more, seed=seed, starts=8, near=first)
    anew = search_prices(task, book, constraints=more, seed=seed, starts=8, rule_costs=False, flat=None)
    found = again.finished(rule_costs=False, flat=None)
    assert found.outcome.kept_by_draw.mean() >= 0.85 - 1e-9
    assert found.value >= 0.99 * anew.value
    assert found.starts > first.found.starts
    assert found.looks > first.found.tally.whole
