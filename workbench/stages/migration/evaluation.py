"""What comes after the switch: the ways there, the forecast, and the ranges once customers react."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from workbench.cache import RecentOf
from workbench.customers.intake.ledger import movable
from workbench.errors import WorkbenchError
from workbench.impact.comparison import mover_reasons
from workbench.impact.migration.path import compare_policies, migrate
from workbench.impact.migration.schedules import growth_of
from workbench.impact.uncertainty.behaviour import USUAL_CHURN, Behaviour, about_nobody, kind_of, learned
from workbench.impact.uncertainty.sensitivity import tornado, value_of_information
from workbench.impact.uncertainty.simulation import chances_of_missing, prepare_simulation, simulate
from workbench.results import HALF_A_CENT, Basis, Caution
from workbench.stages.comparison.bills import NEW_PRICES, DesignEvidence, replayed
from workbench.stages.contract import StageResult, decided_offer, gather_nothing, later, may_come_later
from workbench.stages.migration.decision import MigrationDecision, new_customers
from workbench.stages.study_replay import charged_anew, first_to_opt_in
from workbench.study.model import Guardrails
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.impact.comparison import Comparison
    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.path import MigrationPath
    from workbench.impact.revenue_forecast import BackTestPoint, RevenueAhead
    from workbench.impact.uncertainty.behaviour import PastReaction
    from workbench.impact.uncertainty.sensitivity import ValueOfInformation
    from workbench.impact.uncertainty.simulation import Simulation
    from workbench.rules.rulebook import Rulebook
    from workbench.study.document import Study
    from workbench.study.model import Assumption, Scenario

say = texts(__name__)

Value = TypeVar("Value")


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

    @cached_property
    def paths(self) -> Mapping[str, MigrationPath]:
        """Return the path of every policy; none without customers to bring over."""
        if self.bills is None:
            return {}
        growth = None if self.forecast is None else growth_of(self.forecast, self.bills, NEW_PRICES)
        coming = new_customers(self.assumptions)
        return compare_policies(self.bills, self.decision.policies(), new_customers=coming, growth=growth)

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


# --- The ways to a scenario's prices, and what comes of them


@dataclass(frozen=True, kw_only=True, eq=False)
class MigrationResult(StageResult):
    """The ways to a scenario's prices: paths by policy, and what comes once customers react.

    `paths` are empty, and `ranges` is None, without customers to bring over. `reasons` say in words why each customer's
    bill changes in them. `forecast` holds both lists month by month, today's first; where it is empty,
    `forecast_reason` says why. `backtest` is the same forecast of a year ago, beside what came. `reactions` are what
    customers did when their price rose before. `contracts` say who can be moved when, None without subscriptions.
    `first` are the accounts that would opt into usage the list charges anew: the first to migrate. What may come later
    is worked out when somebody reads it.
    """

    decision: MigrationDecision
    scenario: Scenario
    ahead: Ahead = may_come_later()
    reasons: Mapping[str, str] = may_come_later()
    paths: Mapping[str, MigrationPath] = may_come_later()
    ranges: Ranges | None = may_come_later(None)
    forecast: tuple[ForecastPoint, ...] = may_come_later(())
    backtest: tuple[BackTestPoint, ...] = may_come_later(())
    forecast_reason: str = may_come_later("")
    reactions: tuple[PastReaction, ...] = may_come_later(())
    contracts: pd.DataFrame | None = may_come_later(None)
    first: tuple[str, ...] = may_come_later(())

    @property
    def path(self) -> MigrationPath | None:
        """Return the path of the policy decided on."""
        return self.paths.get(self.decision.policy)


_MOST_KEPT = 8  # ways ahead of one scenario, each with its draws once they were read
_ahead: RecentOf[DesignEvidence, Hashable, Ahead] = RecentOf(_MOST_KEPT)

gather = gather_nothing


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    study: Study,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: DesignEvidence | None = None,
) -> MigrationResult:
    """Return the ways to a scenario's prices, and the ranges once customers react; each worked out when it is read.

    Parameters
    ----------
    base, scenario, study
        The customers, whose prices, and the study with its ranges, limits and the months bills stand on.
    rulebook
        Not asked: limits are the study's.
    seed
        Of the draws of what customers may do; draws are kept, so that another limit draws nothing anew.
    evidence
        What `workbench.stages.impact.replayed` returned for the scenario; billed where it is needed without it.
    """
    del rulebook
    decision = scenario.decision(MigrationDecision)

    @cache
    def found() -> DesignEvidence:
        return evidence or replayed(base, study, scenario)

    @cache
    def coming() -> Ahead:
        return _ahead.once(found(), (decision.model_dump_json(), study.assumptions, seed), made)

    def made() -> Ahead:
        bills = found().bills_with(decision.term_months)
        forecast, reactions = later(lambda: found().ahead), later(lambda: found().today.reactions)
        return Ahead(bills, decision, study.assumptions, seed, forecast=forecast, reactions=reactions)

    def if_billed(known: Callable[[Comparison], Value], otherwise: Value) -> Value:
        comparison = found().comparison
        return otherwise if comparison is None else known(comparison)

    lists = (study.baseline.id, scenario.id)
    return MigrationResult(
        basis=later(lambda: if_billed(lambda compared: compared.basis, Basis(0, len(base)))),
        why_not=later(lambda: found().why_not),
        missing=later(lambda: found().today.missing),
        decision=decision,
        scenario=scenario,
        ahead=later(coming),
        reasons=later(lambda: action_reasons(found().with_add_ons)),
        paths=later(lambda: if_billed(lambda _: coming().paths, {})),
        ranges=later(lambda: if_billed(lambda _: coming().ranges(study.guardrails), None)),
        forecast=later(lambda: if_billed(lambda _: forecast_points(found().ahead, lists), ())),
        backtest=later(lambda: if_billed(lambda _: back_test_of(found().ahead), ())),
        forecast_reason=later(
            lambda: if_billed(lambda each: why_forecast_unknown(found().ahead, each.currency), found().why_not)
        ),
        reactions=later(lambda: if_billed(lambda _: found().today.reactions, ())),
        contracts=later(lambda: contracts_of(base, decision.term_months)),
        first=later(lambda: first_of_all(base, scenario)),
    )


def first_of_all(base: CustomerBase, scenario: Scenario) -> tuple[str, ...]:
    """Return the accounts that would opt into usage; nobody where the list charges none anew, or it is unknown."""
    if not charged_anew(base, scenario):
        return ()
    try:
        return tuple(first_to_opt_in(base, scenario).accounts["account_id"].astype(str))
    except WorkbenchError:
        return ()


def action_reasons(comparison: Comparison | None) -> dict[str, str]:
    """Return why each customer's bill changes, in words, of the comparison that the bills of the paths are made of."""
    if comparison is None:
        return {}
    here = comparison.accounts[comparison.accounts["change"].abs() > HALF_A_CENT]
    return dict(zip(here["account_id"], mover_reasons(comparison, here), strict=True))


def contracts_of(base: CustomerBase, term: int) -> pd.DataFrame | None:
    """Return when the price of each account may change first by its contracts, as of the end of the data; None without.

    A contract renews every `term` months.

    The columns are those of `workbench.customers.intake.movable`, and held: whether that is later than the data.
    """
    if not base.has("subscriptions"):
        return None
    day = base.months[-1] + pd.offsets.MonthEnd(0)
    terms = movable(base.frames["subscriptions"], day, term)
    return terms.assign(held=terms["from"] > day)


def back_test_of(ahead: RevenueAhead | None) -> tuple[BackTestPoint, ...]:
    """Return the forecast of a year ago beside what came; nothing without one."""
    return () if ahead is None else ahead.back_test


def reads(study: Study, scenario: Scenario) -> tuple[object, ...]:
    """Return what the result follows from beside the customers: where that stays, nothing is worked out again."""
    names = tuple((each.id, each.name) for each in study.designs)
    decision = scenario.decision(MigrationDecision)
    return (scenario.id, decided_offer(scenario), decision, study.basis, study.guardrails, study.assumptions, names)


def summarise(decision: MigrationDecision, result: MigrationResult) -> str:
    """Return the way decided on in a sentence, or why there is none."""
    if result.path is None:
        return result.why_not or decision.policies()[decision.policy].describe()
    return result.path.policy.describe()
