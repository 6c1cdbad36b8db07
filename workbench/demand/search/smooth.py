"""Ascent under the logit rule, where the objective is smooth: analytic gradient, rules as constraints.

Prices are searched as logarithms, in which bounds, order and ratios are linear; steps are those of sequential least
squares programming (Kraft 1988), as scipy has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.demand.search.gradient import Slopes, SmoothLooks
from workbench.demand.search.peaks import Peak

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.search.score import Scorer

    Floats = NDArray[np.float64]

_STEPS = 200
PRECISION, ROUGH = 1e-14, 1e-10
"""Steps that gain less than this part of the most there could be are the last: at a peak, and on the way to one."""


def ascend(scorer: Scorer, start: Floats, precision: float = PRECISION) -> Peak:
    """Return the peak that ascent from a start reaches, with T2 as a constraint where it is in force."""
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import

    known = _Known(scorer)
    found = minimize(
        known.loss,
        np.log(start),
        jac=known.loss_slope,
        method="SLSQP",
        bounds=[np.log(scorer.rules.space.span(place)) for place in range(scorer.rules.space.size)],
        constraints=[*_ratios(scorer), *known.middle(), *known.kept()],
        options={"maxiter": _STEPS, "ftol": precision},
    )
    prices = scorer.rules.space.nearest(np.exp(np.clip(found.x, -600, 600)))
    score = scorer.score(prices)
    before = scorer.score(start)
    return Peak(prices, score) if score >= before else Peak(np.array(start), before)


class _Known:
    """Keep the last prices looked at, so that value and gradient cost one look together."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer, self.looks = scorer, SmoothLooks(scorer)
        self.at: Floats | None = None
        self.last: Slopes | None = None

    def look(self, logs: Floats) -> Slopes:
        if self.last is None or self.at is None or not np.array_equal(self.at, logs):
            self.at, self.last = np.array(logs), self.looks.at(np.exp(logs))
        return self.last

    def loss(self, logs: Floats) -> float:
        return -self.look(logs).value / self.scorer.most

    def loss_slope(self, logs: Floats) -> Floats:
        return -self.look(logs).slope * np.exp(logs) / self.scorer.most

    def middle(self) -> list[dict[str, Any]]:
        """Return T2 as two constraints on accounts: linear in them, so that no share of nothing arises."""
        band = self.scorer.rules.band
        ends = [] if band is None else [(band.low, 1.0), (band.high, -1.0)]
        return [
            {
                "type": "ineq",
                "fun": lambda logs, end=end, side=side: side * self.look(logs).beyond(end),
                "jac": lambda logs, end=end, side=side: side * self.look(logs).beyond_slope(end) * np.exp(logs),
            }
            for end, side in ends
            if end is not None
        ]

    def kept(self) -> list[dict[str, Any]]:
        """Return the least share of paying accounts to keep as a constraint on accounts."""
        least, task = self.scorer.rules.kept, self.scorer.task
        if least is None or not task.paying:
            return []
        share = least * task.paying / max(task.accounts, 1e-300)
        return [
            {
                "type": "ineq",
                "fun": lambda logs: self.look(logs).kept - share,
                "jac": lambda logs: self.look(logs).kept_slope * np.exp(logs),
            }
        ]


def _ratios(scorer: Scorer) -> list[dict[str, Any]]:
    """Return the rules between two prices as one linear constraint on logarithms."""
    space = scorer.rules.space
    pairs = [each for each in space.limits if each.above is not None and each.below is not None]
    if not pairs:
        return []
    matrix = np.zeros((len(pairs), space.size))
    for row, limit in enumerate(pairs):
        matrix[row, limit.below], matrix[row, limit.above] = 1.0, -1.0
    room = np.log([limit.factor for limit in pairs])
    return [{"type": "ineq", "fun": lambda logs: matrix @ logs + room, "jac": lambda _: matrix}]
