"""Set the knobs so that the product's own measures arrive at the published case study."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sample_company import behaviour, simulate
from sample_company import settings as company
from sample_company.behaviour import Knobs
from workbench.growth import arpa, mrr_ledger, retention

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_company.population import Population

LAST_BEFORE = company.MOVE - 1
LAST = len(company.MONTHS) - 1


def calibrate(people: Population, *, rounds: int = 2) -> Knobs:
    """Return knobs under which the company shows the case-study figures.

    One knob answers for each figure; each is found by bisection with the others fixed, before the move
    first. A second round takes up what the knobs do to each other.
    """
    knobs = Knobs()
    before, after = company.TARGET_USE_CASES
    net_before, net_after = company.TARGET_NET_RETENTION
    for _ in range(rounds):
        knobs = _solve(knobs, "adoption_before", (-4.0, 1.0), before, lambda k: _use_cases(people, k, LAST_BEFORE))
        knobs = _solve(knobs, "seat_trend", (-0.01, 0.03), net_before, lambda k: _net(people, k, LAST_BEFORE))
        knobs = _solve(knobs, "data_trend_after", (-0.05, 0.15), net_after, lambda k: _net(people, k, LAST))
        knobs = _solve(knobs, "uplift", (0.7, 1.8), company.TARGET_ARPA_GROWTH, lambda k: _arpa_growth(people, k))
        knobs = _solve(knobs, "adoption_after", (0.0, 6.0), after, lambda k: _use_cases(people, k, LAST))
    return knobs


def _solve(
    knobs: Knobs, name: str, bounds: tuple[float, float], target: float, measure: Callable[[Knobs], float]
) -> Knobs:
    """Bisect one knob, on which the measure rises, until the target is met; keep five digits."""
    low, high = bounds
    for _ in range(16):
        middle = (low + high) / 2
        if measure(replace(knobs, **{name: middle})) < target:
            low = middle
        else:
            high = middle
    return replace(knobs, **{name: round((low + high) / 2, 5)})


def _net(people: Population, knobs: Knobs, month: int) -> float:
    ledger = mrr_ledger(simulate.mrr_table(people, simulate.run(people, knobs)))
    return retention(ledger, company.MONTHS[month]).net


def _arpa_growth(people: Population, knobs: Knobs) -> float:
    average = arpa(simulate.mrr_table(people, simulate.run(people, knobs)))["arpa"]
    return float(average[LAST] / average[LAST_BEFORE] - 1)


def _use_cases(people: Population, knobs: Knobs, month: int) -> float:
    result = simulate.run(people, knobs)
    uses = behaviour.weekly_uses(people, result.allowed, month)
    return float(behaviour.areas_used(uses)[people.paying[:, month]].mean())
