"""Many sets of prices scored at once have the scores that asking the customers of each gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from markets import FREE, book_of, drawn_market

from workbench.demand.choice_task import Repeated
from workbench.demand.search import PriceConstraints
from workbench.demand.search.constraints import search_rules
from workbench.demand.search.objective import Scorer, SmoothLooks, Tally, line, missed_by, objective_value

if TYPE_CHECKING:
    from workbench.demand.choice_task import Ties
    from workbench.demand.search.constraints import Objective

ROWS, SETS = 300, 40
TYPICAL = np.array([20.0, 40.0, 80.0, 10.0, 8.0])
SOME_OPEN = np.array([[True, True], [True, False], [False, True]])


def scorer_of(seed: int, objective: Objective, ties: Ties, *, mixed: bool) -> Scorer:
    """Return a scorer under T2 and accounts to keep; `mixed` customers pay for several units and some usage."""
    rng = np.random.default_rng(seed)
    given: dict[str, object] = {"ties": ties, "pays": rng.random(ROWS) < 0.8, "plan_cost": np.full((ROWS, 3), 5.0)}
    if mixed:
        given |= {"plan_usage": rng.integers(0, 3, (ROWS, 3)).astype(float), "add_on_open": SOME_OPEN}
        given |= {"fee_units": rng.integers(0, 5, (ROWS, 3)).astype(float)}
    task = drawn_market(ROWS, 3, 2, seed, **given)
    # Worth in whole amounts and prices in whole amounts: many are then as well off with one plan as with another.
    task = replace(task, plan_worth=np.round(task.plan_worth), add_on_worth=np.round(task.add_on_worth))
    rules = search_rules(task, book_of(task), PriceConstraints(off=FREE - {"T2"}, kept=0.5))
    return Scorer(task, rules, objective, Tally(), is_part=False)


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("ties", ["seller", "customer"])
@pytest.mark.parametrize("objective", ["revenue", "margin", "share"])
def test_sets_scored_together_score_as_customers_choose(objective: Objective, ties: Ties, *, mixed: bool) -> None:
    """Value, T2 and accounts kept come out as the choice model has them, with customers on the edge of their choice."""
    for seed in range(4):
        scorer = scorer_of(seed, objective, ties, mixed=mixed)
        rng = np.random.default_rng(seed)
        prices = np.maximum(np.round(TYPICAL * np.exp(rng.normal(0, 0.5, (SETS, 5)))), 1.0)
        for number in range(0, SETS, 2):  # at a threshold somebody is just as well off either way
            place = number // 2 % 5
            prices[number, place] = line(scorer, prices[number], place, 1.0, 300.0).best()[0]
        together = scorer.scores(prices)
        for score, each in zip(together, prices, strict=True):
            found = scorer.outcome(each)
            inside, buyers = float(found.buyers[scorer.rules.middle].sum()), float(found.buyers.sum())
            missed = missed_by(inside, buyers, scorer.rules.band) + scorer.lost_beyond(found.draws.kept[0, 0])
            assert score == pytest.approx(float(scorer.ranked(objective_value(found, objective), missed)), rel=1e-9)


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("ties", ["seller", "customer"])
@pytest.mark.parametrize("objective", ["revenue", "margin", "share"])
def test_who_chooses_the_same_between_two_ends_is_counted_once(
    objective: Objective, ties: Ties, *, mixed: bool
) -> None:
    """Fewer customers are asked between two ends, and value, buyers and accounts kept are those of all."""
    for seed in range(3):
        looks, rng = scorer_of(seed, objective, ties, mixed=mixed).looks, np.random.default_rng(seed)
        prices = np.maximum(np.round(TYPICAL * np.exp(rng.normal(0, 0.1, (SETS, 5)))), 1.0)
        near = looks.within(prices.min(axis=0), prices.max(axis=0))
        nearer = near.within(prices.min(axis=0), prices.max(axis=0))
        assert nearer.task.rows == near.task.rows < looks.task.rows
        for name in ("value", "buyers", "middle", "kept"):
            asked = getattr(looks.each(prices), name)
            for fewer in (looks.at(prices), near.each(prices), nearer.each(prices)):
                assert getattr(fewer, name) == pytest.approx(asked, rel=1e-12), name


def test_looks_are_counted_once_for_each_set_of_prices() -> None:
    """A set of prices asked for again costs no look, alone or among others."""
    scorer = scorer_of(1, "revenue", "seller", mixed=False)
    scorer.scores(np.array([TYPICAL, TYPICAL * 2, TYPICAL]))
    assert scorer.tally.whole == 2
    assert scorer.score(TYPICAL) == scorer.scores(np.array([TYPICAL * 3, TYPICAL]))[1]
    assert scorer.tally.whole == 3


def test_a_table_kept_once_for_all_draws_is_read_as_the_whole() -> None:
    """What a smooth search is made ready with is the same from a table of accounts as from one row a draw."""
    draws, accounts = 2, 60
    task = replace(drawn_market(draws * accounts, 3, 2, 1), scale=5.0)
    once = Repeated(np.asarray(task.plan_worth)[::draws], draws)
    ready = []
    for table in (once, np.asarray(once)):
        held = replace(task, plan_worth=table)
        rules = search_rules(held, book_of(held), PriceConstraints(off=FREE))
        ready.append(SmoothLooks(Scorer(held, rules, "revenue", Tally(), is_part=False)))
    np.testing.assert_array_equal(ready[0].free, ready[1].free)
