"""The best prices of four tiers and two add-ons over 10,000 respondents, against a brute-force grid.

The grid tries 10 prices for each of the six offers, a million combinations, all of them within the same rules: each
price runs over what the ones before it leave open, from what nine in ten respondents would pay to what one in ten
would. Around the best of them a second grid of 7 prices each (118,000 combinations) is tried. All combinations are
scored on all respondents; one combination is one evaluation. Those of the search are counted the same way, one for
each time the respondents are asked: a scan along one price, which gives all prices along it at once, counts as one, a
gradient as two, and a look at a sample as a whole one.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from measure import Row, milliseconds

from workbench.demand import ChoiceTask, PriceConstraints, search_prices
from workbench.demand.search.constraints import search_rules
from workbench.pricing import AddOn, Plan, PriceBook

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RESPONDENTS, TIERS, ADD_ONS = 10_000, 4, 2
COARSE, FINE, NEAR, SAME = 10, 7, 1.35, 1e-6
WITHIN, FEWER = 0.001, 100
FREE = frozenset({"T2", "T4", "order", "A2"})
RULED = frozenset({"T2"})


def rows() -> list[Row]:
    """Return the measurements."""
    found = []
    for rule, off in (("surplus", RULED), ("surplus", FREE), ("logit", RULED)):
        task, book = market(rule)
        constraints = PriceConstraints(off=off, step=0.0)
        start = time.perf_counter()
        search = search_prices(task, book, constraints=constraints, rule_costs=False, flat=None)
        ours = time.perf_counter() - start
        start = time.perf_counter()
        best, evaluations = grid(task, book, constraints)
        theirs = time.perf_counter() - start
        looks = search.looks + search.looks_at_part
        named = f"{rule} rule, {'T4, A2 and order' if 'T4' not in off else 'no rules'}"
        lead = search.value / best - 1
        found += [
            Row(
                f"{named}: revenue found", f"{search.value:,.0f}", f"grid: {best:,.0f}", f"{lead:+.3%}",
                f"at least {-WITHIN:.1%}", lead >= -WITHIN,
            ),
            Row(
                f"{named}: evaluations", f"{looks:,}", f"grid: {evaluations:,}", f"{evaluations / looks:,.0f}x fewer",
                f"at least {FEWER}x fewer", evaluations / looks >= FEWER,
            ),
            Row(f"{named}: time", milliseconds(ours), f"grid: {milliseconds(theirs)}", f"{theirs / ours:,.0f}x faster"),
        ]  # fmt: skip
    return [*found, full_search()]


def full_search() -> Row:
    """Return the time of a search with the cost of every rule, the flat region and round prices."""
    task, book = market("surplus")
    start = time.perf_counter()
    search_prices(task, book, constraints=PriceConstraints(ending="nine"))
    return Row(
        "all rules, their costs, flat region, prices that end in 9", milliseconds(time.perf_counter() - start), "", ""
    )


def market(rule: str) -> tuple[ChoiceTask, PriceBook]:
    """Return respondents who differ in size and in which tiers they value, and a price book of doubling prices."""
    rng = np.random.default_rng(11)
    size = rng.lognormal(4, 0.7, RESPONDENTS)
    worth = size[:, None] * np.cumsum(rng.lognormal(-0.5, 0.8, (RESPONDENTS, TIERS)), axis=1) * 0.6
    nothing, one = np.zeros((RESPONDENTS, TIERS)), np.ones((RESPONDENTS, TIERS))
    task = ChoiceTask(
        plans=("Start", "Team", "Company", "Group"),
        add_ons=("Audit log", "Forecasts"),
        plan_worth=worth,
        plan_usage=nothing,
        plan_cost=nothing,
        fee_units=one,
        add_on_worth=rng.lognormal(2.5, 0.9, (RESPONDENTS, ADD_ONS)),
        add_on_cost=nothing[:, :ADD_ONS],
        add_on_units=one[:, :ADD_ONS],
        add_on_open=np.ones((TIERS, ADD_ONS), dtype=bool),
        rival=np.maximum(rng.normal(0, 5, RESPONDENTS), 0),
        weight=np.ones(RESPONDENTS),
        customer=np.arange(RESPONDENTS),
        draw=np.zeros(RESPONDENTS, dtype=int),
        rule=rule,  # type: ignore[arg-type]
        scale=10.0,
    )
    plans = tuple(Plan(name, 20 * 2**place) for place, name in enumerate(task.plans))
    return task, PriceBook("Tried", "USD", plans, tuple(AddOn(name, 10) for name in task.add_ons))


def grid(task: ChoiceTask, book: PriceBook, constraints: PriceConstraints) -> tuple[float, int]:
    """Return the highest revenue on both grids, and how many combinations were scored."""
    worths = dict(zip((*task.plans, *task.add_ons), (*task.plan_worth.T, *task.add_on_worth.T), strict=True))
    ends = {name: tuple(np.quantile(worth, (0.1, 0.9))) for name, worth in worths.items()}
    ends |= {name: (ends[name][0] / 4, ends[name][1]) for name in task.add_ons}
    best, prices = tried(task, book, replace(constraints, bounds=ends), COARSE)
    around = {
        name: (max(low, price / NEAR), min(high, price * NEAR))
        for (name, (low, high)), price in zip(ends.items(), prices, strict=True)
    }
    finer, _ = tried(task, book, replace(constraints, bounds=around), FINE)
    return max(best, finer), COARSE ** (TIERS + ADD_ONS) + FINE ** (TIERS + ADD_ONS)


def tried(task: ChoiceTask, book: PriceBook, constraints: PriceConstraints, steps: int) -> tuple[float, Floats]:
    """Return the highest revenue over `steps` prices for each offer within the rules, and its prices."""
    space = search_rules(task, book, constraints).space
    share = np.linspace(0, 1, steps)
    add_on_shares = np.array(list(product(share, share)))
    best, at = -np.inf, np.zeros(space.size)
    for plan_shares in product(share, repeat=TIERS):
        points = np.column_stack([np.tile(plan_shares, (steps * steps, 1)), add_on_shares])
        prices = space.spread(points)
        found = revenues(task, prices[0, :TIERS], prices[::steps, TIERS], prices[:steps, TIERS + 1])
        if found.max() > best:
            best, at = float(found.max()), prices[int(found.argmax())]
    said = task.outcome(at[:TIERS], at[TIERS:], by_draw=False).revenue
    if abs(said / best - 1) > SAME:
        raise AssertionError(f"The grid's revenue {best:,.2f} is not that of the choice model, {said:,.2f}.")
    return said, at


def revenues(task: ChoiceTask, fees: Floats, first: Floats, second: Floats) -> Floats:
    """Return the revenue at these fees for every pair of add-on prices, in one row."""
    surplus = task.plan_worth - fees
    gains = [task.add_on_worth[:, place] - prices[:, None] for place, prices in enumerate((first, second))]
    if task.rule == "surplus":
        chosen = surplus.argmax(axis=1)
        left, fee = surplus[np.arange(task.rows), chosen] - task.rival, fees[chosen]
        extra = [np.maximum(gain, 0) for gain in gains]
        paid = [(gain >= 0) * prices[:, None] for gain, prices in zip(gains, (first, second), strict=True)]
        found = []
        for one, pays in zip(extra[0], paid[0], strict=True):
            buys = (left + one + extra[1]) >= -task.tolerance
            found.append((buys * (fee + pays + paid[1])).sum(axis=1))
        return np.concatenate(found)
    pull = np.exp((surplus - task.rival[:, None]) / task.scale)
    together = pull.sum(axis=1)
    fee = pull @ fees / together
    odds = [1 + np.exp(gain / task.scale) for gain in gains]
    paid = [prices[:, None] * (1 - 1 / each) for prices, each in zip((first, second), odds, strict=True)]
    found = []
    for one, pays in zip(odds[0], paid[0], strict=True):
        wanted = together * one * odds[1]
        found.append((wanted / (1 + wanted) * (fee + pays + paid[1])).sum(axis=1))
    return np.concatenate(found)


if __name__ == "__main__":
    for row in rows():
        print(" | ".join(row.cells()))
