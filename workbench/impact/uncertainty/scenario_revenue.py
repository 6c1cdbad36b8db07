"""Revenue of scenarios in every draw: responses per segment, multiplied with the sums of exact bills."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.customers.needs import YEAR
from workbench.impact.comparison import relative
from workbench.impact.migration.bills import (
    AccountBills,
    Cohorts,
    PriceStanding,
    Way,
    cohorts_under,
    old_and_new_of_payers,
    ways,
)
from workbench.impact.migration.policies import OptIn
from workbench.impact.migration.schedules import course, offers
from workbench.impact.uncertainty.behaviour import (
    ATTACH,
    CHURN,
    DOWNGRADE,
    MOST,
    NEW_CUSTOMERS,
    SAVING,
    TAKE_UP,
    USAGE,
    USUAL_CHURN,
    Behaviour,
    UncertaintyError,
)
from workbench.stats import product, stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.forecast.totals import Parts
    from workbench.impact.migration.path import MigrationPath
    from workbench.impact.revenue_forecast import RevenueAhead

    Floats = NDArray[np.float64]

# --- All a simulation needs to know about the accounts of a scenario

# Fine where most rises are, coarse where few are. Usage alone answers a fall, in a straight line down to the one that
# doubles it; that is never a smaller fall than the strongest answer there can be needs.
_STEP = 1 / 30
RISES = np.concatenate(
    [
        np.linspace(-1, -1 / MOST[USAGE], round((1 - 1 / MOST[USAGE]) / _STEP) + 1),
        np.arange(31) * _STEP,
        1 + np.arange(1, 11) * 0.2,
        3 + np.arange(1, 8) * 1.0,
    ]
)
RISES.setflags(write=False)
SUMS = ("flat", "metered", "add_ons", "unmoved", "squares", "accounts", "cost")


@dataclass(frozen=True, eq=False, repr=False)
class Statistics:
    """A scenario in sums of account-months, segment x rise x month.

    Sums are segment x rise x month unless said otherwise; money in `currency`.

    Attributes
    ----------
    name, segments, months, currency
        What the sums are about.
    flat, metered, add_ons
        The parts of the bills.
    unmoved
        What of `flat` is billed at today's prices.
    squares
        The squared bills.
    accounts
        A count.
    cost
        The cost of serving; None where it is not known for every account.
    old, new
        The bills of a segment under today's prices and under the scenario's.
    offered, offered_old
        Segment x month: what revenue changes when everybody takes an offer, and old bills that then end.
    take_up
        Low and high share per segment that takes it.
    new_bill, new_cost
        What a new customer pays a month, and what serving one costs (NaN where `cost` is None).
    new_customers
        The range of how many the path lets come in a month.
    break_even_churn
        Share of customers that may leave.
    largest
        The largest account's share of revenue.
    account_ids
        Whose.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import summarise
    >>> sums = summarise(path)
    >>> round(float(sums.flat.sum()), 2), sums.old.tolist(), sums.new.tolist(), sums.largest
    (72000.0, [5000.0], [6000.0], 0.02)
    """

    name: str
    segments: tuple[str, ...]
    months: pd.DatetimeIndex
    currency: str
    flat: Floats
    metered: Floats
    add_ons: Floats
    unmoved: Floats
    squares: Floats
    accounts: Floats
    cost: Floats | None
    old: Floats
    new: Floats
    offered: Floats
    offered_old: Floats
    take_up: Floats
    new_bill: float
    new_cost: float
    new_customers: tuple[float, float]
    break_even_churn: float
    largest: float
    account_ids: NDArray[np.object_]

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.flat.shape))
        return f"Statistics({self.name!r}, {len(self.account_ids):,} accounts as {shape} sums)"


def summarise(path: MigrationPath, name: str = "", *, today: bool = False) -> Statistics:
    """Return the sums a simulation of a path works on; `today` counts by the old prices.

    Parameters
    ----------
    path
        A way to new prices.
    name
        What to call it; the path's name by default.
    today
        Count by the old prices.

    Returns
    -------
    Statistics
        The sums.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import summarise
    >>> sums = summarise(path, "all at once")
    >>> sums.name, sums.segments, len(sums.months), round(sums.break_even_churn, 3)
    ('all at once', ('small',), 12, 0.167)
    """
    bills, months = path.bills, len(path.table)
    cohorts = cohorts_under(bills, path.policy)
    names = cohorts.segments
    sums = np.zeros((len(SUMS), len(names), len(RISES), months))
    offered, offered_old = np.zeros((2, len(names), months))
    take_up = np.zeros((len(names), 2))
    for part, here in cohorts.parts(path.policy):
        steps = course(part, cohorts, months, here)
        places = steps.places(months)
        for place in np.unique(places):
            table, inside = _table(bills, cohorts, steps.standings[place]), (places == place).astype(float)
            for segment in np.unique(cohorts.segment[here]):
                which = cohorts.segment[here] == segment
                found = np.tensordot(table[:, here[which]], inside[which], axes=(1, 0))
                sums[:, segment] += found
        if isinstance(part, OptIn):
            old, new, _ = old_and_new_of_payers(bills, cohorts)
            paid, moved, _ = offers(steps, months)
            for segment in np.unique(cohorts.segment[here]):
                which = here[cohorts.segment[here] == segment]
                offered_old[segment] = old[which].sum() * moved
                offered[segment] = new[which].sum() * paid - offered_old[segment]
                take_up[segment] = part.take_up_low, part.take_up_high
    named = dict(zip(SUMS, sums, strict=True))
    comers = path.new_customers
    charged = bills.old if today else bills.new
    return Statistics(
        name=name or path.name,
        segments=names,
        months=bills.months(months),
        currency=bills.currency,
        **{key: named[key] for key in SUMS[:-1]},
        cost=named["cost"] if np.isfinite(bills.unit_cost).all() else None,
        old=_by_segment(bills.old, cohorts),
        new=_by_segment(charged, cohorts),
        offered=offered,
        offered_old=offered_old,
        take_up=take_up,
        new_bill=float(charged.mean()) if comers.bill is None else comers.bill,
        new_cost=float(bills.unit_cost.mean()),
        new_customers=(comers.low, comers.high),
        break_even_churn=path.break_even_churn,
        largest=float(charged.max() / charged.sum()) if charged.any() else 0.0,
        account_ids=bills.account_ids,
    )


def _table(bills: AccountBills, cohorts: Cohorts, standing: PriceStanding) -> Floats:
    """Return sums x cohorts x rises of the accounts that stand at one place of the way; worked out once."""

    def make() -> Floats:
        size = len(cohorts) * len(RISES)
        found = np.zeros((len(SUMS), size))
        for way in ways(standing, bills):
            lower, weight = _places(bills.old, way.bill)
            at = cohorts.of_account * len(RISES) + lower
            for place, values in enumerate(_parts(bills, way)):
                amount = values * way.share
                found[place] += np.bincount(at, amount - amount * weight, size)
                found[place] += np.bincount(at + 1, amount * weight, size + 1)[:size]
        return found.reshape(len(SUMS), len(cohorts), len(RISES))

    return cohorts.once(("table", standing), make)


def _parts(bills: AccountBills, way: Way) -> tuple[Floats, ...]:
    """Return the values of every account that are summed, in the order of `SUMS`."""
    metered, add_ons = bills.metered * way.of_new, bills.add_ons * way.of_new
    cost = np.nan_to_num(bills.unit_cost)
    unmoved = np.where(way.of_new == 0, way.bill, 0.0)
    return (way.bill - metered - add_ons, metered, add_ons, unmoved, way.bill**2, np.ones(len(bills)), cost)


def _by_segment(values: Floats, cohorts: Cohorts) -> Floats:
    return np.bincount(cohorts.segment[cohorts.of_account], values, len(cohorts.segments)).astype(
        np.float64, copy=False
    )


def _places(old: Floats, bill: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the rise of the grid below each bill's rise, and how far it is to the next one (0 to 1)."""
    rise = np.clip(relative(old, bill), RISES[0], RISES[-1])
    lower = np.clip(np.searchsorted(RISES, rise, side="right") - 1, 0, len(RISES) - 2)
    return lower, (rise - RISES[lower]) / (RISES[lower + 1] - RISES[lower])


# --- The draws all scenarios share

END = 1.6448536269514722  # a range's ends in standard deviations: 5% of a normal lies beyond each


def spread_normals(seed: int, name: str, count: int) -> Floats:
    """Return stratified standard normal draws (Latin hypercube): one from each of `count` equally likely slices."""
    from scipy.special import ndtri  # noqa: PLC0415 - loaded when something is simulated

    rng = stream(seed, name)
    found: Floats = ndtri((rng.permutation(count) + rng.random(count)) / count)
    return found


def standard_draws(behaviour: Behaviour, segments: tuple[str, ...], count: int, seed: int) -> dict[str, Floats]:
    """Return a column of standard normals per assumption in use, by id.

    A segment's own range shares `alike` of its variance with the range for all segments of its kind.
    """
    found = {}
    for each in behaviour.in_use(segments):
        kind, _, segment = each.id.partition(":")
        own = spread_normals(seed, each.id, count)
        if segment:
            common = spread_normals(seed, kind, count)
            own = np.sqrt(behaviour.alike) * common + np.sqrt(1 - behaviour.alike) * own
        found[each.id] = own
    return found


def between(low: float, high: float, normals: Floats, most: float) -> Floats:
    """Return values whose 5% and 95% points are `low` and `high`, kept from 0 to `most`."""
    found: Floats = np.clip((low + high) / 2 + normals * ((high - low) / 2 / END), 0.0, most)
    return found


# --- How customers respond to a rise, as a function of its size and of the values drawn

MOST_USAGE = 2.0  # a lower price can at most double usage in this form


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Draws x rises: `keep` is the share of customers kept, `pay` of the bill, `pay_metered` of its metered part."""

    keep: Floats
    pay: Floats
    pay_metered: Floats


def respond(
    rises: Floats, *, churn: Floats, downgrade: Floats, saving: Floats, usage: Floats, most_extra_churn: float
) -> Responses:
    """Return the responses at each rise (0.2 is +20%) for each draw of the four values."""
    up = np.maximum(rises, 0.0)[None, :]
    keep = np.multiply(churn[:, None], up)
    np.minimum(keep, most_extra_churn, out=keep)
    np.subtract(1.0, keep, out=keep)
    pay = np.multiply(downgrade[:, None], up)
    np.minimum(pay, 1.0, out=pay)
    pay *= -saving[:, None]
    pay += 1.0
    pay *= keep
    metered = np.multiply(usage[:, None], -rises[None, :])
    metered += 1.0
    np.clip(metered, 0.0, MOST_USAGE, out=metered)
    metered *= pay
    return Responses(keep, pay, metered)


# --- The forecast of usage and customers, laid under what customers do about prices

FORECAST = "forecast"


@dataclass(frozen=True, eq=False, repr=False)
class Growing:
    """A forecast and the order of its draws; `low` and `high` are the ends of what it says of the new prices.

    These are shares of revenue under today's prices, over all months, if nobody reacts; 90% lies between them.
    """

    names: tuple[str, ...]
    segments: tuple[str, ...]
    parts: Parts
    order: NDArray[np.intp]
    low: float = 0.0
    high: float = 0.0

    @classmethod
    def of(cls, ahead: RevenueAhead, scenarios: Mapping[str, Statistics]) -> Growing:
        """Return the forecast of scenarios, its draws in no order yet; UncertaintyError where it is not about them."""
        months = next(iter(scenarios.values())).months
        if ahead.parts is None:
            raise UncertaintyError("The months ahead are not known.", f"The forecast says: {ahead.reach.reason}.")
        if missing := [name for name in scenarios if name not in ahead.names]:
            raise UncertaintyError(
                f"The forecast does not bill {', '.join(missing)}.", f"It bills: {', '.join(ahead.names)}."
            )
        if not months.equals(ahead.months[: len(months)]):
            raise UncertaintyError(
                f"The forecast begins in {ahead.months[0]:%Y-%m} and the scenarios in {months[0]:%Y-%m}, "
                f"over {len(months)} months.",
                f"Announce the new prices in {ahead.months[0]:%Y-%m}, and look at most {len(ahead.months)} months on.",
            )
        parts, every = ahead.parts, ("staying", "joining", "kept", "joined")
        cut: Any = {name: getattr(parts, name)[..., : len(months)] for name in every}
        return cls(ahead.names, ahead.segments, replace(parts, **cut), np.arange(parts.joined.shape[0]))

    @property
    def draws(self) -> int:
        """Return how many draws the forecast has."""
        return len(self.order)

    def ordered(self, gain: Floats) -> Growing:
        """Return the same forecast, its draws in the order of `gain` (one share each)."""
        low, high = np.quantile(gain, [0.05, 0.95])
        return replace(self, order=np.argsort(gain, kind="stable"), low=float(low), high=float(high))

    def at(self, normals: Floats | None) -> Future:
        """Return the futures that standard normals pick by their place in the order; None: the mean of all."""
        if normals is None:
            return Future(self, None)
        from scipy.special import ndtr  # noqa: PLC0415 - loaded when something is simulated

        places = np.minimum((ndtr(normals) * self.draws).astype(np.intp), self.draws - 1)
        return Future(self, self.order[places])


@dataclass(frozen=True, slots=True, eq=False)
class Future:
    """What some draws of a forecast say; everything is draws x months."""

    growing: Growing
    places: NDArray[np.intp] | None

    def factors(self, scenario: Statistics, today: str, segment: int) -> tuple[Floats, Floats]:
        """Return what a segment's bills under today's prices, and under the scenario's, are to be multiplied with."""
        name = scenario.segments[segment]
        group = self.growing.segments.index(name) if name in self.growing.segments else None
        ends = ((today, float(scenario.old[segment])), (scenario.name, float(scenario.new[segment])))
        before, after = (
            np.ones((1, 1))
            if group is None or whole <= 0
            else self._taken(self.growing.parts.staying[group, self.growing.names.index(of)]) / whole
            for of, whole in ends
        )
        return before, after

    def kept(self, segment: str) -> Floats:
        """Return the share of a segment's accounts that are left, prices aside."""
        group = self.growing.segments.index(segment) if segment in self.growing.segments else -1
        return self._taken(self.growing.parts.kept[group])

    def unmoved(self, name: str) -> Floats:
        """Return what accounts bring that keep what they pay whatever the list."""
        return self._taken(self.growing.parts.staying[-1, self.growing.names.index(name)])

    def joining(self, name: str) -> Floats:
        """Return what customers bring who join."""
        return self._taken(self.growing.parts.joining[self.growing.names.index(name)])

    def joined(self) -> Floats:
        """Return how many customers who joined are there."""
        return self._taken(self.growing.parts.joined)

    def _taken(self, values: Floats) -> Floats:
        return values.mean(axis=0, keepdims=True) if self.places is None else values[self.places]


# --- Revenue of scenarios in every draw: responses per segment, multiplied with the sums of exact bills

_BLOCK = 500  # draws worked on together: their arrays stay in the cache


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioOutcome:
    """One scenario in every draw: revenue (draws x months), by segment (draws x segments, all months), and at the end.

    `kept` is the share of today's accounts that are left in the last month, `kept_by_price` what that share would be
    if prices alone drove customers away. `contribution` (draws) is revenue less cost, None where cost is not known.
    """

    revenue: Floats
    by_segment: Floats
    kept: Floats
    kept_by_price: Floats
    contribution: Floats | None


@dataclass(slots=True)
class _Sum:
    """What is being added up for one scenario, segment after segment."""

    revenue: Floats
    by_segment: list[Floats]
    accounts: Floats
    by_price: Floats
    cost: Floats


def outcomes(
    scenarios: Sequence[Statistics],
    behaviour: Behaviour,
    normals: Mapping[str, Floats],
    *,
    seed: int = 0,
    luck: bool = True,
    growing: Growing | None = None,
) -> list[ScenarioOutcome]:
    """Return what every scenario brings in every draw of the normals; all scenarios meet the same customers.

    With `luck` the outcome of a draw also varies because single accounts stay or leave whole: the variance is that
    of independent accounts, from the sums of squared bills. With a forecast, bills grow as it says, and who leaves
    whatever the prices and who joins is what it says; the first scenario is today's prices then. Without, usage stays.
    """
    draws = len(next(iter(normals.values())))
    blocks = [
        _block(scenarios, behaviour, part, seed, at, luck, growing)
        for at in range(0, draws, _BLOCK)
        if (part := {key: column[at : at + _BLOCK] for key, column in normals.items()})
    ]
    return [_joined(parts) for parts in zip(*blocks, strict=True)]


def _block(  # noqa: PLR0917 - the parts of one block of draws
    scenarios: Sequence[Statistics],
    behaviour: Behaviour,
    normals: Mapping[str, Floats],
    seed: int,
    start: int,
    luck: bool,
    growing: Growing | None,
) -> list[ScenarioOutcome]:
    """Return the outcomes of some of the draws, few enough for their arrays to stay near the processor."""
    first = scenarios[0]
    draws, months = len(next(iter(normals.values()))), len(first.months)
    sums = [_Sum(np.zeros((draws, months)), [], *(np.zeros(draws) for _ in range(3))) for _ in scenarios]
    month = np.arange(months) / YEAR
    future = None if growing is None else growing.at(normals.get(FORECAST))
    used = _used_rises(scenarios)
    responses: dict[tuple[str, ...], Responses] = {}  # segments with the same ranges respond the same
    for place, segment in enumerate(first.segments):
        values = {kind: _values(behaviour, kind, segment, normals) for kind in MOST}
        if future is None:
            usual = staying = np.exp(np.log1p(-values[USUAL_CHURN])[:, None] * month)
        else:  # the luck of leaving for usual reasons is in the forecast
            usual, staying = future.kept(segment), np.ones((draws, months))
        ranges = tuple(behaviour.range_for(kind, segment).id for kind in (CHURN, DOWNGRADE, SAVING, USAGE))
        if ranges not in responses:
            responses[ranges] = respond(
                RISES[used], churn=values[CHURN], downgrade=values[DOWNGRADE], saving=values[SAVING],
                usage=values[USAGE], most_extra_churn=behaviour.most_extra_churn,
            )  # fmt: skip
        found = responses[ranges]
        chance = _Luck(stream(seed, f"luck of {segment} from {start}"), staying, found) if luck else None
        for total, scenario in zip(sums, scenarios, strict=True):
            grown = None if future is None else future.factors(scenario, first.name, place)
            _add(total, scenario, place, used, found, usual, values[ATTACH], normals, chance, grown)
    comers = _values(behaviour, NEW_CUSTOMERS, "", normals)
    return [_finished(total, scenario, comers, future) for total, scenario in zip(sums, scenarios, strict=True)]


class _Luck:
    """The luck of single accounts in one segment: who leaves, as deviations of revenue from its mean (draws x months).

    Leaving for usual reasons follows u(1 - u), with the covariance over time of a count of survivors; leaving because
    of a rise follows k(1 - k), summed as more accounts meet their rise. The deviates are the same for all scenarios.
    """

    def __init__(self, rng: np.random.Generator, usual: Floats, found: Responses) -> None:
        time = (1 - usual) / usual
        self._own = rng.standard_normal(usual.shape)
        steps = np.sqrt(np.diff(time, axis=1, prepend=0.0)) * rng.standard_normal(usual.shape)
        self._walk = usual * steps.cumsum(axis=1)
        self._root = np.sqrt(usual)
        self._kept, self._either = found.keep**2, found.keep * (1 - found.keep)

    def of(self, squares: Floats) -> Floats:
        """Return the deviations for squared bills (rises x months)."""
        staying = np.sqrt(np.maximum(product(self._kept, squares), 0.0)) * self._walk
        variance = np.maximum(product(self._either, squares), 0.0)
        steps = np.sqrt(np.maximum(np.diff(variance, axis=1, prepend=0.0), 0.0))
        reacting: Floats = (steps * self._own).cumsum(axis=1) * self._root
        return staying + reacting


def _add(  # noqa: PLR0917 - what a segment of a scenario is made of
    total: _Sum,
    scenario: Statistics,
    place: int,
    used: NDArray[np.intp],
    found: Responses,
    usual: Floats,
    attach: Floats,
    normals: Mapping[str, Floats],
    luck: _Luck | None,
    grown: tuple[Floats, Floats] | None,
) -> None:
    """Add one segment's revenue, accounts and cost to a scenario; `grown` multiplies old and new bills."""
    unmoved = np.zeros(1) if grown is None else scenario.unmoved[place, used]
    revenue = product(found.pay, scenario.flat[place, used] - unmoved)
    if scenario.metered[place].any():
        revenue += product(found.pay_metered, scenario.metered[place, used])
    if scenario.add_ons[place].any():
        revenue += product(found.pay, scenario.add_ons[place, used]) * attach[:, None]
    ended: Floats = np.zeros(1)
    if scenario.offered[place].any():
        low, high = scenario.take_up[place]
        taken = between(low, high, normals[TAKE_UP], 1.0)[:, None]
        ended = taken * scenario.offered_old[place]
        revenue += taken * scenario.offered[place]
    if grown is None:
        revenue *= usual
    else:  # what ends of old bills ends as they would have grown
        before, after = grown
        revenue = (revenue + ended) * after + (product(found.pay, unmoved) - ended) * before
    if luck is not None:
        revenue += luck.of(scenario.squares[place, used]) * (1.0 if grown is None else grown[1])
        np.maximum(revenue, 0.0, out=revenue)
    total.revenue += revenue
    total.by_segment.append(revenue.sum(axis=1))
    kept = found.keep @ scenario.accounts[place, used, -1]
    total.by_price += kept
    total.accounts += kept * usual[:, -1]
    if scenario.cost is not None:
        total.cost += (product(found.keep, scenario.cost[place, used]) * usual).sum(axis=1)


def _finished(total: _Sum, scenario: Statistics, comers: Floats, future: Future | None) -> ScenarioOutcome:
    """Add new customers, and who keeps what it pays: `comers` is how many come a month, where somebody says so."""
    people = len(scenario.account_ids)
    if future is None:
        there = comers[:, None] * np.arange(1, len(scenario.months) + 1)
        revenue = total.revenue + there * scenario.new_bill
    else:
        there, joining = future.joined(), future.joining(scenario.name)
        if comers.any():  # said by the team: the record says what they are like, not how many come
            rate = there[:, :1]
            stated = np.divide(comers[:, None], rate, out=np.zeros((len(comers), 1)), where=rate > 0)
            there, joining = there * stated, joining * stated
        revenue = total.revenue + future.unmoved(scenario.name) + joining
    cost = total.cost + there.sum(axis=1) * scenario.new_cost
    contribution = None if scenario.cost is None else revenue.sum(axis=1) - cost
    return ScenarioOutcome(
        revenue, np.column_stack(total.by_segment), total.accounts / people, total.by_price / people, contribution
    )


def _joined(parts: Sequence[ScenarioOutcome]) -> ScenarioOutcome:
    """Put the draws of one scenario together again."""
    if len(parts) == 1:
        return parts[0]
    revenue, by_segment, kept, by_price = (
        np.concatenate([getattr(each, name) for each in parts])
        for name in ("revenue", "by_segment", "kept", "kept_by_price")
    )
    earned = [each.contribution for each in parts if each.contribution is not None]
    return ScenarioOutcome(revenue, by_segment, kept, by_price, np.concatenate(earned) if earned else None)


def _values(behaviour: Behaviour, kind: str, segment: str, normals: Mapping[str, Floats]) -> Floats:
    assumption = behaviour.range_for(kind, segment)
    return between(assumption.low, assumption.high, normals[assumption.id], MOST[kind])


def _used_rises(scenarios: Sequence[Statistics]) -> NDArray[np.intp]:
    """Return the rises at which any scenario has accounts."""
    return np.flatnonzero(np.any([each.accounts.any(axis=(0, 2)) for each in scenarios], axis=0))
