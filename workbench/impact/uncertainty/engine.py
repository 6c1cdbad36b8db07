"""Revenue of scenarios in every draw: responses per segment, multiplied with the sums of exact bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.windows import YEAR
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
)
from workbench.impact.uncertainty.draws import between, stream, value_of
from workbench.impact.uncertainty.growing import FORECAST
from workbench.impact.uncertainty.responses import respond
from workbench.impact.uncertainty.statistics import RISES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.impact.uncertainty.behaviour import Behaviour
    from workbench.impact.uncertainty.growing import Future, Growing
    from workbench.impact.uncertainty.responses import Responses
    from workbench.impact.uncertainty.statistics import Statistics

    Floats = NDArray[np.float64]

_BLOCK = 500  # draws worked on together: products this small need no threads, and stay in the cache


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
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
) -> list[Outcome]:
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
) -> list[Outcome]:
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
        staying = np.sqrt(np.maximum(self._kept @ squares, 0.0)) * self._walk
        variance = np.maximum(self._either @ squares, 0.0)
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
    revenue = found.pay @ (scenario.flat[place, used] - unmoved)
    if scenario.metered[place].any():
        revenue += found.pay_metered @ scenario.metered[place, used]
    if scenario.add_ons[place].any():
        revenue += (found.pay @ scenario.add_ons[place, used]) * attach[:, None]
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
        revenue = (revenue + ended) * after + (found.pay @ unmoved - ended) * before
    if luck is not None:
        revenue += luck.of(scenario.squares[place, used]) * (1.0 if grown is None else grown[1])
        np.maximum(revenue, 0.0, out=revenue)
    total.revenue += revenue
    total.by_segment.append(revenue.sum(axis=1))
    kept = found.keep @ scenario.accounts[place, used, -1]
    total.by_price += kept
    total.accounts += kept * usual[:, -1]
    if scenario.cost is not None:
        total.cost += ((found.keep @ scenario.cost[place, used]) * usual).sum(axis=1)


def _finished(total: _Sum, scenario: Statistics, comers: Floats, future: Future | None) -> Outcome:
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
    return Outcome(
        revenue, np.column_stack(total.by_segment), total.accounts / people, total.by_price / people, contribution
    )


def _joined(parts: Sequence[Outcome]) -> Outcome:
    """Put the draws of one scenario together again."""
    if len(parts) == 1:
        return parts[0]
    revenue, by_segment, kept, by_price = (
        np.concatenate([getattr(each, name) for each in parts])
        for name in ("revenue", "by_segment", "kept", "kept_by_price")
    )
    earned = [each.contribution for each in parts if each.contribution is not None]
    return Outcome(revenue, by_segment, kept, by_price, np.concatenate(earned) if earned else None)


def _values(behaviour: Behaviour, kind: str, segment: str, normals: Mapping[str, Floats]) -> Floats:
    assumption = behaviour.range_for(kind, segment)
    return value_of(assumption, normals[assumption.id], MOST[kind])


def _used_rises(scenarios: Sequence[Statistics]) -> NDArray[np.intp]:
    """Return the rises at which any scenario has accounts."""
    return np.flatnonzero(np.any([each.accounts.any(axis=(0, 2)) for each in scenarios], axis=0))
