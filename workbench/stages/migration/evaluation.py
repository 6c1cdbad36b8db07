"""What comes after the switch: the ways there, the forecast, and the ranges once customers react."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.impact.migration.path import compare_policies, migrate
from workbench.impact.migration.policies import NewCustomers
from workbench.impact.migration.schedules import growth_of
from workbench.impact.uncertainty.behaviour import NEW_CUSTOMERS, USUAL_CHURN, Behaviour, about_nobody, kind_of, learned
from workbench.impact.uncertainty.sensitivity import tornado, value_of_information
from workbench.impact.uncertainty.simulation import chances_of_missing, prepare_simulation, simulate
from workbench.results import Caution
from workbench.stages.contract import may_come_later
from workbench.study.model import Guardrails
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.path import MigrationPath
    from workbench.impact.migration.schedules import BillGrowth
    from workbench.impact.revenue_forecast import RevenueAhead
    from workbench.impact.uncertainty.behaviour import PastReaction
    from workbench.impact.uncertainty.sensitivity import ValueOfInformation
    from workbench.impact.uncertainty.simulation import Simulation
    from workbench.stages.migration.decision import MigrationDecision
    from workbench.study.model import Assumption

say = texts(__name__)


def why_forecast_unknown(ahead: RevenueAhead | None, currency: str) -> str:
    """Say why the months ahead are unknown, with the last month as what it is; empty where they are not."""
    if ahead is None:
        return say("the_months_ahead_are_unknown_2")
    if ahead.reach.ranges:
        return ""
    last = ahead.past.iloc[-1]
    return say(
        "the_months_ahead_are_unknown",
        reason=ahead.reach.reason,
        last=last["month"],
        last_2=float(last["revenue"]),
        currency=currency,
    )


def forecast_points(ahead: RevenueAhead | None, scenarios: tuple[str, ...]) -> tuple[ForecastPoint, ...]:
    """Return the forecast under every list, month by month; `scenarios` are the ids of its lists, in their order."""
    if ahead is None:
        return ()
    return tuple(
        ForecastPoint(scenario, f"{month:%Y-%m}", float(middle), float(low), float(high))
        for scenario, name in zip(scenarios, ahead.names, strict=True)
        for month, low, middle, high in ahead.table(name).itertuples(index=False)
    )


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """Revenue of one month ahead under one scenario's list if nobody reacts to it: median, and 90% from low to high."""

    scenario: str
    month: str
    revenue: float
    low: float
    high: float


NEW_PRICES = "the new prices"
DRAWS = 2_000
TORNADO_DRAWS = 200


@dataclass(frozen=True, eq=False)
class Ranges:
    """One way to the new prices once customers react: `name` in the simulation, what drives it, what is at stake.

    `ahead` is the forecast it stands on, `past` what customers did when their price rose before.
    """

    name: str
    simulation: Simulation
    drivers: pd.DataFrame
    chances: pd.DataFrame
    value_of_information: ValueOfInformation
    ahead: RevenueAhead | None = None
    past: tuple[PastReaction, ...] = ()


@dataclass(frozen=True, eq=False)
class Ahead:
    """What lies ahead of today's customers under one decision: paths and draws, worked out once when first read.

    `forecast` is what usage, leavers and new customers become; without one there are paths but no ranges. `reactions`
    are what customers did when their price rose before.
    """

    bills: AccountBills | None
    decision: MigrationDecision
    assumptions: tuple[Assumption, ...] = ()
    seed: int = 0
    forecast: RevenueAhead | None = may_come_later(None)
    reactions: tuple[PastReaction, ...] = may_come_later(())

    def is_for(self, other: Ahead) -> bool:
        """Tell whether another one would come to the same."""
        mine, theirs = ((a.decision, a.assumptions, a.seed) for a in (self, other))
        return self.bills is other.bills and mine == theirs

    @cached_property
    def paths(self) -> Mapping[str, MigrationPath]:
        """Return the path of every policy; none without customers to bring over."""
        if self.bills is None:
            return {}
        growth = None if self.forecast is None else growth_of(self.forecast, self.bills, NEW_PRICES)
        return paths(self.bills, self.decision, new_customers(self.assumptions), growth)

    def ranges(self, guardrails: Guardrails) -> Ranges | None:
        """Return the ranges of the policy decided on, held against limits."""
        return None if self._drawn is None else under(self._drawn, guardrails)

    @cached_property
    def _drawn(self) -> Ranges | None:
        way = self.paths.get(self.decision.policy)
        if way is None or self.forecast is None or not self.forecast.reach.ranges:
            return None
        months = self.forecast.reach.ranges
        if months < len(way.table):
            way = migrate(way.bills, way.policy, months=months, new_customers=way.new_customers, name=way.name)
        return ranges(way, Guardrails(), self.assumptions, ahead=self.forecast, past=self.reactions, seed=self.seed)


def paths(
    bills: AccountBills, decision: MigrationDecision, comers: NewCustomers, growth: BillGrowth | None = None
) -> dict[str, MigrationPath]:
    """Return the path of every policy with the settings of a decision."""
    return compare_policies(bills, decision.policies(), new_customers=comers, growth=growth)


def new_customers(assumptions: Iterable[Assumption]) -> NewCustomers:
    """Return how many new customers a study assumes to come in a month; none where it assumes nothing."""
    found = next((each for each in assumptions if each.id == NEW_CUSTOMERS), None)
    return NewCustomers() if found is None else NewCustomers(low=max(0.0, found.low), high=max(0.0, found.high))


def ranges(
    path: MigrationPath,
    guardrails: Guardrails,
    assumptions: Iterable[Assumption] = (),
    *,
    ahead: RevenueAhead | None = None,
    past: tuple[PastReaction, ...] = (),
    seed: int = 0,
) -> Ranges:
    """Return the ranges of one path: the study's own guesses, else what the record says, else wide ones.

    A guess about a segment none of the accounts is in is left out, and so is one that a forecast answers from the
    record; a caution says so.
    """
    names: Mapping[str, MigrationPath] = {NEW_PRICES: path}
    given = tuple(assumptions)
    unused = about_nobody(given, path.bills.segments)
    known = tuple(each for each in given if ahead is not None and kind_of(each.id) == USUAL_CHURN)
    own = [each for each in given if each not in (*unused, *known)]
    behaviour = Behaviour.of((*learned(past), *own))
    simulation = simulate(prepare_simulation(names), behaviour, draws=DRAWS, seed=seed, ahead=ahead)
    cautions = (
        *simulation.cautions,
        *(Caution(say("not_drawn_from_for_it", named=_named(each))) for each in unused),
        *(Caution(say("not_drawn_from_for_the", named=_named(each))) for each in known),
    )
    simulation = replace(simulation, cautions=cautions)
    return Ranges(
        name=NEW_PRICES,
        simulation=simulation,
        drivers=tornado(simulation, NEW_PRICES, draws=TORNADO_DRAWS),
        chances=chances_of_missing(simulation, NEW_PRICES, guardrails),
        value_of_information=value_of_information(simulation),
        ahead=ahead,
        past=past,
    )


def under(found: Ranges, guardrails: Guardrails) -> Ranges:
    """Return the same ranges held against other limits."""
    return replace(found, chances=chances_of_missing(found.simulation, found.name, guardrails))


def _named(assumption: Assumption) -> str:
    return f"{assumption.label} ({assumption.id})"
