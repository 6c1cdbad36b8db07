"""Revenue, margin or share under the logit rule with its slope along every searched price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.search.score import Scorer

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Slopes:
    """The objective with its slope, and the shares of accounts that buy, buy in the middle, and go on paying."""

    value: float
    slope: Floats
    buyers: float
    buyers_slope: Floats
    middle: float
    middle_slope: Floats
    kept: float
    kept_slope: Floats

    def beyond(self, share: float) -> float:
        """Return by how much the middle exceeds a share of the buyers, as a share of all accounts."""
        return self.middle - share * self.buyers

    def beyond_slope(self, share: float) -> Floats:
        """Return the slope of `beyond` along every searched price."""
        return self.middle_slope - share * self.buyers_slope


def slopes(scorer: Scorer, prices: Floats) -> Slopes:
    """Return the objective and its slope at these prices; counts as two looks at the customers.

    The share q of a plan with value m changes with any price by q * (m - mean of m) * (change of its surplus) /
    scale; an add-on's own share r changes by r * (1 - r) * (change of its surplus) / scale.
    """
    scorer.count(2)
    task, rules = scorer.task, scorer.rules
    fees, add_on_fees = rules.split(prices)
    offered = [p for p in range(len(fees)) if np.isfinite(fees[p])]
    attach, extra, worth = _add_ons(scorer, add_on_fees)
    utility = np.column_stack([*(_utility(scorer, p, fees[p], extra) for p in offered), task.rival / task.scale])
    share = np.exp(utility - utility.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    values = {
        "value": [_value(scorer, p, fees[p], attach, worth) for p in offered],
        "buyers": [np.ones(task.rows) for _ in offered],
        "middle": [np.full(task.rows, float(rules.middle[p])) for p in offered],
    }
    if rules.kept is not None:
        pays = np.asarray(task.pays, dtype=np.float64)
        values["kept"] = [pays * (bills_at(fees[p], task.fee_units[:, p], task.plan_usage[:, p]) > 0) for p in offered]
    accounts = max(task.accounts, 1e-300)
    found: dict[str, float] = {}
    along: dict[str, Floats] = {}
    for kind, each in values.items():
        table = np.column_stack([*each, np.zeros(task.rows)])
        mean = (share * table).sum(axis=1)
        pull = task.weight[:, None] * share * (table - mean[:, None]) / task.scale
        money = kind == "value" and scorer.objective != "share"
        found[kind] = float(task.weight @ mean) / (1.0 if money else accounts)
        raw = [_along_plan(scorer, share, pull, offered, int(p), money=money) for p in rules.plan_at]
        raw += [
            _along_add_on(scorer, share, pull, offered, int(a), bought=(attach, worth), money=money)
            for a in rules.add_on_at
        ]
        along[kind] = np.array(raw) / (1.0 if money else accounts)
    return Slopes(
        found["value"],
        along["value"],
        found["buyers"],
        along["buyers"],
        found["middle"],
        along["middle"],
        found.get("kept", 0.0),
        along.get("kept", np.zeros(0)),
    )


def _add_ons(scorer: Scorer, add_on_fees: Floats) -> tuple[dict[int, Floats], dict[int, Floats], dict[int, Floats]]:
    """Return, for each add-on on offer, its own share, what it adds to utility, and what a buyer brings."""
    task = scorer.task
    attach, extra, worth = {}, {}, {}
    for a in np.flatnonzero(np.isfinite(add_on_fees)):
        bill = bills_at(add_on_fees[a], task.add_on_units[:, a])
        gain = (task.add_on_worth[:, a] - bill).astype(np.float64) / task.scale
        extra[int(a)] = np.logaddexp(0, gain)
        attach[int(a)] = np.exp(gain - extra[int(a)])
        cost = task.add_on_cost[:, a] if scorer.objective == "margin" else 0.0
        worth[int(a)] = np.asarray(bill - cost, dtype=np.float64)
    return attach, extra, worth


def _utility(scorer: Scorer, plan: int, fee: float, extra: dict[int, Floats]) -> Floats:
    task = scorer.task
    surplus = task.plan_worth[:, plan] - task.plan_usage[:, plan] - bills_at(fee, task.fee_units[:, plan])
    return surplus.astype(np.float64) / task.scale + sum(extra[a] for a in extra if task.add_on_open[plan, a])


def _value(scorer: Scorer, plan: int, fee: float, attach: dict[int, Floats], worth: dict[int, Floats]) -> Floats:
    task = scorer.task
    if scorer.objective == "share":
        return np.ones(task.rows)
    value = bills_at(fee, task.fee_units[:, plan], task.plan_usage[:, plan])
    if scorer.objective == "margin":
        value = value - task.plan_cost[:, plan]
    return value.astype(np.float64) + sum(attach[a] * worth[a] for a in attach if task.add_on_open[plan, a])


def _along_plan(scorer: Scorer, share: Floats, pull: Floats, offered: list[int], plan: int, *, money: bool) -> float:
    column, units = offered.index(plan), scorer.task.fee_units[:, plan]
    direct = float((scorer.task.weight * share[:, column]) @ units) if money else 0.0
    return direct - float(pull[:, column] @ units)


def _along_add_on(
    scorer: Scorer,
    share: Floats,
    pull: Floats,
    offered: list[int],
    add_on: int,
    *,
    bought: tuple[dict[int, Floats], dict[int, Floats]],
    money: bool,
) -> float:
    task, units = scorer.task, scorer.task.add_on_units[:, add_on]
    attach, worth = bought[0][add_on], bought[1][add_on]
    columns = [number for number, plan in enumerate(offered) if task.add_on_open[plan, add_on]]
    drawn = -float(pull[:, columns].sum(axis=1) @ (attach * units))
    if not money:
        return drawn
    each = attach * units - worth * attach * (1 - attach) * units / task.scale
    return drawn + float((task.weight * share[:, columns].sum(axis=1)) @ each)
