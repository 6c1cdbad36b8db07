"""Ranges of revenue for several scenarios at once, in the same draws, and how likely each is to cross a limit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import exact, percent
from workbench.impact.migration.path import MigrationPath, migrate
from workbench.impact.migration.policies import NewCustomersOnly
from workbench.impact.uncertainty.behaviour import (
    NEW_CUSTOMERS,
    OWN_RECORD,
    TAKE_UP,
    Behaviour,
    UncertaintyError,
    about_nobody,
    nobody_reacts,
)
from workbench.impact.uncertainty.scenario_revenue import (
    FORECAST,
    Growing,
    ScenarioOutcome,
    Statistics,
    outcomes,
    spread_normals,
    standard_draws,
    summarise,
)
from workbench.results import LAST_DIGITS, Caution, Floats, Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from workbench.impact.revenue_forecast import RevenueAhead
    from workbench.study.model import Guardrails


# --- What ranges and paths must agree on before they are simulated together

_NOBODY = (0.0, 0.0)


def agreed(behaviour: Behaviour, scenarios: Mapping[str, Statistics]) -> Behaviour:
    """Return the behaviour with the new customers that the scenarios' paths were made with.

    Raises UncertaintyError where a range is about a segment without accounts, or where new customers differ.
    """
    segments = next(iter(scenarios.values())).segments
    for each in about_nobody(behaviour.assumptions, segments):
        raise UncertaintyError(
            f"{each.label} ({each.id}) is about a segment in which no account is.", f"There is: {', '.join(segments)}."
        )
    assumed = behaviour.range_for(NEW_CUSTOMERS, "")
    wanted = {name: each.new_customers for name, each in scenarios.items() if each.new_customers != _NOBODY}
    if (assumed.low, assumed.high) != _NOBODY:
        wanted["the assumptions"] = (assumed.low, assumed.high)
    if len(set(wanted.values())) > 1:
        told = "; ".join(f"{exact(low)} to {exact(high)} in {name}" for name, (low, high) in wanted.items())
        raise UncertaintyError(
            f"New customers a month differ: {told}.", "Assume the same for all scenarios, so that prices decide."
        )
    return behaviour.with_ranges(new_customers=next(iter(wanted.values()), _NOBODY))


# --- Ranges of revenue for several scenarios at once, in the same draws, with today's prices as one of them

TODAY = "today's prices"
_FAN = (5, 25, 50, 75, 95)
_WHALE = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class RevenueTotals:
    """One scenario over all months in every draw, for a condition to look at.

    Every array has one value a draw.

    Attributes
    ----------
    revenue, today
        In currency; `today` is the same customers under today's prices.
    change, segment_change
        Share by which revenue differs, in all and by segment.
    kept
        Share of accounts left at the end.
    contribution
        Revenue less cost; None where cost is not known.
    last_month
        Revenue of the last month.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import nobody_reacts, simulate
    >>> totals = simulate({"new": path}, nobody_reacts(), draws=10).totals("new")
    >>> round(float(totals.change.max()), 3), round(float(totals.kept.min()), 3)
    (0.2, 1.0)
    """

    revenue: Floats
    today: Floats
    change: Floats
    segment_change: Mapping[str, Floats]
    kept: Floats
    contribution: Floats | None
    last_month: Floats


@dataclass(frozen=True, eq=False, repr=False)
class Simulation:
    """Scenarios in the same draws.

    `outcomes` holds each by name, today's prices under `TODAY`.

    Attributes
    ----------
    statistics, outcomes
        What went in and what came out, by scenario.
    behaviour, normals
        The ranges, and the random numbers drawn for them.
    draws, seed, luck
        How it was drawn.
    cautions
        What to know before using it.
    growing
        The forecast they stand on; None where usage stays as it was.
    unreacted
        What each brings if nobody reacts to prices (draws of the forecast x months).

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import Behaviour, simulate
    >>> mild = Behaviour().with_ranges(churn_per_rise=(0.0, 0.1))
    >>> steep = Behaviour().with_ranges(churn_per_rise=(1.5, 2.5))
    >>> chances = [simulate({"new": path}, each, draws=1000).chance_of_beating("new") for each in (mild, steep)]
    >>> chances[0] > 0.8, chances[1] < 0.2
    (True, True)
    """

    statistics: Mapping[str, Statistics]
    behaviour: Behaviour
    outcomes: Mapping[str, ScenarioOutcome] = field(repr=False)
    normals: Mapping[str, Floats] = field(repr=False)
    draws: int = 10_000
    seed: int = 0
    luck: bool = True
    cautions: tuple[Caution, ...] = ()
    growing: Growing | None = field(default=None, repr=False)
    unreacted: Mapping[str, Floats] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        names = ", ".join(each for each in self.outcomes if each != TODAY)
        return f"Simulation({names or TODAY}; {self.draws:,} draws, seed {self.seed})"

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Name the scenarios besides today's prices."""
        return tuple(each for each in self.outcomes if each != TODAY)

    def total(self, name: str) -> Floats:
        """Return a scenario's revenue over all months in every draw."""
        return self._outcome(name).revenue.sum(axis=1)

    def difference(self, name: str, against: str = TODAY) -> Floats:
        """Return in every draw what a scenario brings more than another over all months."""
        return self.total(name) - self.total(against)

    def chance_of_beating(self, name: str, against: str = TODAY) -> float:
        """Return the share of draws in which a scenario brings more revenue than another, by more than rounding."""
        return float((self.difference(name, against) > LAST_DIGITS * self.total(against)).mean())

    def chance_by_month(self, name: str, against: str = TODAY) -> Floats:
        """Return, month by month, the share of draws in which a scenario brings more than another."""
        one, other = self._outcome(name).revenue, self._outcome(against).revenue
        found: Floats = (one - other > LAST_DIGITS * other).mean(axis=0)
        return found

    def chance(self, name: str, condition: Callable[[RevenueTotals], NDArray[np.bool_]]) -> float:
        """Return the share of draws in which a condition on a scenario's totals holds."""
        return float(np.mean(condition(self.totals(name))))

    def interval(self, name: str, level: float = 0.9) -> Interval:
        """Return the range that holds a scenario's total revenue in a share of the draws, with its mean."""
        total = self.total(name)
        low, high = np.quantile(total, [(1 - level) / 2, (1 + level) / 2])
        return Interval(float(low), float(total.mean()), float(high), level)

    def fan(self, name: str, against: str | None = None) -> pd.DataFrame:
        """Return month, p5, p25, p50, p75, p95, mean of monthly revenue, or of its difference to another scenario."""
        revenue = self._outcome(name).revenue
        values = revenue if against is None else revenue - self._outcome(against).revenue
        bands = np.percentile(values, _FAN, axis=0)
        columns = {f"p{point}": band for point, band in zip(_FAN, bands, strict=True)}
        return pd.DataFrame({"month": self.statistics[name].months, **columns, "mean": values.mean(axis=0)})

    def lost_to_price(self, name: str) -> Interval:
        """Return how many accounts leave because of their bills by the last month: 90% of the draws, and the median."""
        lost = np.maximum(1 - self._outcome(name).kept_by_price, 0.0) * len(self.statistics[name].account_ids)
        low, middle, high = np.quantile(lost, (0.05, 0.5, 0.95))
        return Interval(float(low), float(middle), float(high))

    def totals(self, name: str) -> RevenueTotals:
        """Return one scenario's totals beside those under today's prices, draw by draw."""
        here, today = self._outcome(name), self._outcome(TODAY)
        revenue, before = self.total(name), self.total(TODAY)
        segments = self.statistics[name].segments
        return RevenueTotals(
            revenue=revenue,
            today=before,
            change=_share(revenue, before),
            segment_change={
                segment: _share(here.by_segment[:, place], today.by_segment[:, place])
                for place, segment in enumerate(segments)
            },
            kept=here.kept,
            contribution=here.contribution,
            last_month=here.revenue[:, -1],
        )

    def table(self) -> pd.DataFrame:
        """Return a row per scenario with break-even churn beside the churn that was drawn.

        Columns: scenario, revenue (mean of all months), low, high (90% of draws), more_than_today (mean), chance of
        more than today, lost_to_price_low, lost_to_price_high (90% of draws, share of accounts at the end),
        break_even_churn (share that may leave as their bill changes).
        """
        rows = []
        for name, outcome in self.outcomes.items():
            total = self.interval(name)
            lost = np.quantile(np.maximum(1 - outcome.kept_by_price, 0.0), [0.05, 0.95])
            rows.append(
                {
                    "scenario": name,
                    "revenue": total.estimate,
                    "low": total.low,
                    "high": total.high,
                    "more_than_today": float(self.difference(name).mean()),
                    "chance": self.chance_of_beating(name) if name != TODAY else float("nan"),
                    "lost_to_price_low": float(lost[0]),
                    "lost_to_price_high": float(lost[1]),
                    "break_even_churn": self.statistics[name].break_even_churn,
                }
            )
        return pd.DataFrame(rows)

    def _outcome(self, name: str) -> ScenarioOutcome:
        if name not in self.outcomes:
            raise UncertaintyError(f"There is no scenario {name!r}.", f"There is: {', '.join(self.outcomes)}.")
        return self.outcomes[name]


def prepare_simulation(paths: Mapping[str, MigrationPath]) -> dict[str, Statistics]:
    """Return the sums of each path and of today's prices, for simulations whose ranges change often.

    Parameters
    ----------
    paths
        Name to path, over the same accounts and months.

    Returns
    -------
    dict[str, Statistics]
        Sums by name, for `simulate`.

    Raises
    ------
    UncertaintyError
        Where the paths are about different accounts or months.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import prepare_simulation, simulate
    >>> prepared = prepare_simulation({"new": path})
    >>> sorted(prepared), simulate(prepared, draws=50).scenarios
    (['new', "today's prices"], ('new',))
    """
    if not paths:
        raise UncertaintyError("There is no path to simulate.", "Give one or more, by name.")
    if TODAY in paths:
        raise UncertaintyError(f"{TODAY!r} is always there.", "Give the scenario another name.")
    first = next(iter(paths.values()))
    today = migrate(first.bills, NewCustomersOnly(), months=len(first.table))
    found = {TODAY: summarise(today, TODAY, today=True)}
    found |= {name: summarise(path, name) for name, path in paths.items()}
    for name, each in found.items():
        if name not in paths or (paths[name].bills is first.bills and len(paths[name].table) == len(first.table)):
            continue
        same = np.array_equal(each.account_ids, found[TODAY].account_ids) and each.months.equals(found[TODAY].months)
        if not same or not np.array_equal(paths[name].bills.old, first.bills.old):
            raise UncertaintyError(
                f"{name} is about other accounts, other months or other bills of today than the first scenario.",
                "Compare scenarios over the same accounts and months.",
            )
    return found


def simulate(
    paths: Mapping[str, MigrationPath] | Mapping[str, Statistics],
    behaviour: Behaviour | None = None,
    *,
    draws: int = 10_000,
    seed: int = 0,
    luck: bool = True,
    ahead: RevenueAhead | None = None,
) -> Simulation:
    """Simulate what customers do under each scenario and under today's prices, all in the same draws.

    Parameters
    ----------
    paths
        Migration paths by name, or what `prepare` made of them.
    behaviour
        The ranges of what customers may do; the wide default ones when None. New customers a month are those of the
        paths where these were made with some.
    draws, seed
        How many draws; the same seed gives the same numbers.
    luck
        Whether single accounts stay or leave by chance, besides what is not known about their behaviour.
    ahead
        The forecast of usage, leavers and new customers, with lists by the names of the scenarios. It takes the place
        of the range of customers lost whatever the prices; a range of new customers above nothing says how many come.
        Without a forecast everybody goes on using what was used.

    Returns
    -------
    Simulation
        Revenue by scenario, month and draw.

    Raises
    ------
    UncertaintyError
        Where a range is about a segment without accounts, or new customers differ between paths.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import nobody_reacts, simulate
    >>> behaviour = nobody_reacts().with_ranges(churn_per_rise=(0.2, 0.4))
    >>> found = simulate({"new": path}, behaviour, draws=1000).interval("new")
    >>> bool(0.8 * path.revenue < found.low < found.estimate < path.revenue)
    True
    """
    prepared = {name: each for name, each in paths.items() if isinstance(each, Statistics)}
    if len(prepared) < len(paths) or not paths:
        prepared = prepare_simulation({name: each for name, each in paths.items() if isinstance(each, MigrationPath)})
    if TODAY not in prepared:
        raise UncertaintyError("Today's prices are missing among the scenarios.", "Prepare paths with `prepare`.")
    assumed = agreed(behaviour or Behaviour.of(), prepared)
    segments = prepared[TODAY].segments
    normals = standard_draws(assumed, segments, draws, seed)
    normals[NEW_CUSTOMERS] = spread_normals(seed, NEW_CUSTOMERS, draws)
    normals[TAKE_UP] = spread_normals(seed, TAKE_UP, draws)
    scenarios = {TODAY: prepared[TODAY], **prepared}
    growing = None if ahead is None else Growing.of(ahead, scenarios)
    unreacted: dict[str, Floats] = {}
    if growing is not None:
        growing, unreacted = _in_order(growing, scenarios)
        normals[FORECAST] = spread_normals(seed, FORECAST, draws)
    found = outcomes(list(scenarios.values()), assumed, normals, seed=seed, luck=luck, growing=growing)
    return Simulation(
        statistics=scenarios,
        behaviour=assumed,
        outcomes=dict(zip(scenarios, found, strict=True)),
        normals=normals,
        draws=draws,
        seed=seed,
        luck=luck,
        cautions=_cautions(prepared, assumed),
        growing=growing,
        unreacted=unreacted,
    )


def _in_order(growing: Growing, scenarios: Mapping[str, Statistics]) -> tuple[Growing, dict[str, Floats]]:
    """Order the draws of a forecast by what the first scenario brings more than today's prices if nobody reacts."""
    from scipy.special import ndtri  # noqa: PLC0415 - loaded when something is simulated

    nobody, count = nobody_reacts(), growing.draws
    still = {each.id: np.zeros(count) for each in nobody.assumptions} | {TAKE_UP: np.zeros(count)}
    every = {FORECAST: ndtri((np.arange(count) + 0.5) / count)}
    found = outcomes(list(scenarios.values()), nobody, still | every, luck=False, growing=growing)
    revenue = {name: each.revenue for name, each in zip(scenarios, found, strict=True)}
    first = next((name for name in scenarios if name != TODAY), TODAY)
    growing = growing.ordered(_share(revenue[first].sum(axis=1), revenue[TODAY].sum(axis=1)))
    return growing, {name: each[growing.order] for name, each in revenue.items()}


def _share(after: Floats, before: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(before > 0, after / before - 1, np.nan)


def _cautions(prepared: Mapping[str, Statistics], assumed: Behaviour) -> tuple[Caution, ...]:
    measured = any(each.source == OWN_RECORD for each in assumed.assumptions)
    how = "assumed, but for what own price moves say" if measured else "assumed, not measured"
    text = f"What customers do is {how}: read every range beside its break-even value."
    found = [Caution(text, "note")]
    largest = max(each.largest for each in prepared.values())
    if largest > _WHALE:
        text = f"One account is {percent(largest)} of revenue: that it stays or leaves is a matter of its own."
        found.append(Caution(text))
    return tuple(found)


# --- How likely a scenario is to cross a limit once customers react


def chances_of_missing(simulation: Simulation, name: str, guardrails: Guardrails) -> pd.DataFrame:
    """Return how likely each limit on revenue is crossed.

    Covered are the limits on revenue, against the same customers under today's prices over all months. Limits on
    bills do not depend on how customers react; a replay answers those. A draw that stands on a limit keeps it.

    Parameters
    ----------
    simulation
        The scenarios.
    name
        Which of them.
    guardrails
        The limits of a study.

    Returns
    -------
    pd.DataFrame
        One row per limit: guardrail, subject (a segment or empty), limit, chance between 0 and 1.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import chances_of_missing, nobody_reacts, simulate
    >>> from workbench.study import Guardrails
    >>> chances_of_missing(simulate({"new": path}, nobody_reacts(), draws=20), "new", Guardrails())
                       guardrail subject  limit  chance
    0    Least change of revenue          -0.02     0.0
    1  Least change of a segment   small  -0.10     0.0
    """
    totals = simulation.totals(name)
    rows: list[tuple[str, str, float, float]] = []
    if (least := guardrails.least_revenue_change) is not None:
        rows.append(("Least change of revenue", "", least, _below(totals.change, least)))
    if (most := guardrails.most_revenue_change) is not None:
        rows.append(("Most change of revenue", "", most, _below(-totals.change, -most)))
    if (least := guardrails.least_segment_change) is not None:
        for segment, change in totals.segment_change.items():
            rows.append(("Least change of a segment", segment, least, _below(change, least)))
    return pd.DataFrame(rows, columns=["guardrail", "subject", "limit", "chance"])


def _below(change: Floats, limit: float) -> float:
    return float(np.mean(change < limit - LAST_DIGITS))
