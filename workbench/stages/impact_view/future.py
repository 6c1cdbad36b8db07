"""What comes after the switch: the ways there, and the ranges once customers react."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.impact.migration import NewCustomers, compare_policies
from workbench.impact.uncertainty import (
    Behaviour,
    about_nobody,
    chances_of_missing,
    prepare,
    simulate,
    tornado,
    value_of_knowing,
)
from workbench.impact.uncertainty.behaviour import NEW_CUSTOMERS
from workbench.results import Caution
from workbench.study import Guardrails

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from workbench.impact.migration import AccountBills, MigrationPath
    from workbench.impact.uncertainty import Simulation, ValueOfKnowing
    from workbench.stages.impact_view.decision import MigrationDecision
    from workbench.study import Assumption

NEW_PRICES = "the new prices"
DRAWS = 2_000
TORNADO_DRAWS = 200


@dataclass(frozen=True, eq=False)
class Ranges:
    """One way to the new prices once customers react: `name` in the simulation, what drives it, what is at stake."""

    name: str
    simulation: Simulation
    drivers: pd.DataFrame
    chances: pd.DataFrame
    knowing: ValueOfKnowing


@dataclass(frozen=True, eq=False)
class Ahead:
    """What lies ahead of today's customers under one decision: paths and draws, worked out once when first read."""

    bills: AccountBills | None
    decision: MigrationDecision
    assumptions: tuple[Assumption, ...] = ()
    seed: int = 0

    def is_for(self, other: Ahead) -> bool:
        """Tell whether another one would come to the same."""
        mine, theirs = ((a.decision, a.assumptions, a.seed) for a in (self, other))
        return self.bills is other.bills and mine == theirs

    @cached_property
    def paths(self) -> Mapping[str, MigrationPath]:
        """Return the path of every policy; none without customers to bring over."""
        return {} if self.bills is None else paths(self.bills, self.decision, new_customers(self.assumptions))

    def ranges(self, guardrails: Guardrails) -> Ranges | None:
        """Return the ranges of the policy decided on, held against limits."""
        return None if self._drawn is None else under(self._drawn, guardrails)

    @cached_property
    def _drawn(self) -> Ranges | None:
        way = self.paths.get(self.decision.policy)
        return None if way is None else ranges(way, Guardrails(), self.assumptions, seed=self.seed)


def paths(bills: AccountBills, decision: MigrationDecision, comers: NewCustomers) -> dict[str, MigrationPath]:
    """Return the path of every policy with the settings of a decision."""
    return compare_policies(bills, decision.policies(), new_customers=comers)


def new_customers(assumptions: Iterable[Assumption]) -> NewCustomers:
    """Return how many new customers a study assumes to come in a month; none where it assumes nothing."""
    found = next((each for each in assumptions if each.id == NEW_CUSTOMERS), None)
    return NewCustomers() if found is None else NewCustomers(low=max(0.0, found.low), high=max(0.0, found.high))


def ranges(
    path: MigrationPath, guardrails: Guardrails, assumptions: Iterable[Assumption] = (), *, seed: int = 0
) -> Ranges:
    """Return the ranges of one path, under the study's own guesses where it has them and wide ones elsewhere.

    A guess about a segment none of the accounts is in is left out, and a caution says so.
    """
    names: Mapping[str, MigrationPath] = {NEW_PRICES: path}
    given = tuple(assumptions)
    unused = about_nobody(given, path.bills.segments)
    behaviour = Behaviour.of(each for each in given if each not in unused)
    simulation = simulate(prepare(names), behaviour, draws=DRAWS, seed=seed)
    cautions = (
        *simulation.cautions,
        *(Caution(f"Not drawn from, for it is about nobody: {_named(each)}.") for each in unused),
    )
    simulation = replace(simulation, cautions=cautions)
    return Ranges(
        name=NEW_PRICES,
        simulation=simulation,
        drivers=tornado(simulation, NEW_PRICES, draws=TORNADO_DRAWS),
        chances=chances_of_missing(simulation, NEW_PRICES, guardrails),
        knowing=value_of_knowing(simulation),
    )


def under(found: Ranges, guardrails: Guardrails) -> Ranges:
    """Return the same ranges held against other limits."""
    return replace(found, chances=chances_of_missing(found.simulation, found.name, guardrails))


def _named(assumption: Assumption) -> str:
    return f"{assumption.label} ({assumption.id})"
