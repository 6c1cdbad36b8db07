"""Which respondents are like an account, and the regression of what they said on what is known of them.

A respondent linked to an account is known by quantity, bill and use; one who only named a segment by that; and one
who said neither stands for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.account_facts import AccountFacts, StatedLimits

_PENALTIES = {"segment": 2.0, "measure": 0.5}
_REGRESSION_FROM, _MOST_UNLINKED = 8, 0.5  # linked respondents; share of all who may be unlinked
_NEAREST, _OF_A_SEGMENT = 12, 40
_OTHER_SEGMENT = 0.5  # squared distance
_FREE = 1 / 3  # of the lowest fee: what a free account counts as paying
_BLOCK = 4_000


@dataclass(frozen=True, slots=True)
class Likeness:
    """The regression's columns for accounts and respondents, and each account's nearest respondents.

    `kept` are the places of the respondents who count; `answer` is the place among them of an account's own answer, -1
    without one.
    """

    accounts: NDArray[np.float64]
    respondents: NDArray[np.float64]
    penalties: NDArray[np.float64]
    nearest: NDArray[np.int64]
    answer: NDArray[np.int64]
    kept: NDArray[np.int64]
    is_regression: bool

    @classmethod
    def of(cls, facts: AccountFacts, stated: StatedLimits, rng: np.random.Generator) -> Likeness:
        """Return who is like whom: by what is known of linked respondents, else by segment."""
        linked = np.flatnonzero(stated.account >= 0)
        segments = np.eye(int(facts.segment.max(initial=0)) + 1)
        if len(linked) >= max(_REGRESSION_FROM, (1 - _MOST_UNLINKED) * len(stated)):
            return cls._by_measures(facts, stated, linked, segments)
        everybody = np.arange(len(stated))
        own = _own_answers(stated.account, len(facts))
        columns, said = np.ones((len(facts), 1)), np.ones((len(stated), 1))
        penalties = np.zeros(1)
        if (stated.segment >= 0).any():
            named = np.where((stated.segment >= 0)[:, None], segments[stated.segment], 0.0)
            columns, said = np.column_stack([columns, segments[facts.segment]]), np.column_stack([said, named])
            penalties = np.r_[0.0, np.full(segments.shape[1], _PENALTIES["segment"])]
        nearest = np.empty((len(facts), min(_OF_A_SEGMENT, len(stated))), dtype=np.int64)
        for segment in np.unique(facts.segment):
            inside = np.flatnonzero(facts.segment == segment)
            alike = np.flatnonzero(stated.segment == segment)
            alike = alike if alike.size else everybody
            nearest[inside] = alike[rng.integers(len(alike), size=(inside.size, nearest.shape[1]))]
        return cls(columns, said, penalties, nearest, own, everybody, is_regression=False)

    @classmethod
    def _by_measures(
        cls, facts: AccountFacts, stated: StatedLimits, linked: NDArray[np.int64], segments: NDArray[np.float64]
    ) -> Likeness:
        asked = stated.account[linked]
        measures = _measures(facts)
        columns = np.column_stack([np.ones(len(facts)), segments[facts.segment], measures])
        penalties = np.r_[
            0.0, np.full(segments.shape[1], _PENALTIES["segment"]), np.full(measures.shape[1], _PENALTIES["measure"])
        ]
        parts = []
        for start in range(0, len(facts), _BLOCK):  # all pairs at once would be large
            some = slice(start, start + _BLOCK)
            distance = _OTHER_SEGMENT * (facts.segment[some, None] != facts.segment[asked][None, :])
            for column in measures.T:
                distance += (column[some, None] - column[asked][None, :]) ** 2
            parts.append(np.argsort(distance, axis=1, kind="stable")[:, :_NEAREST])
        return cls(
            columns,
            columns[asked],
            penalties,
            np.concatenate(parts),
            _own_answers(asked, len(facts)),
            linked,
            is_regression=True,
        )

    def fit(
        self, said: NDArray[np.float64], importance: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
        """Return fitted log worth of accounts, respondents' residuals, their variance, and the share explained."""
        weight = importance * len(said) / importance.sum()
        columns = self.respondents
        left = columns.T @ (weight[:, None] * columns) + np.diag(self.penalties)
        centre = np.average(said, weights=weight)
        coefficients = np.linalg.lstsq(left, columns.T @ (weight * (said - centre)), rcond=None)[0]
        residuals = said - centre - columns @ coefficients
        variance = float(np.average(residuals**2, weights=weight))
        total = float(np.average((said - centre) ** 2, weights=weight))
        explained = 1 - variance / total if total > 0 else 0.0
        return centre + self.accounts @ coefficients, residuals, variance, explained

    def imputed(
        self,
        fitted: NDArray[np.float64],
        residuals: NDArray[np.float64],
        importance: NDArray[np.float64],
        floor: NDArray[np.floating],
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Give each account the residual of one of its nearest respondents, among those that reach its floor."""
        near = residuals[self.nearest]
        reaching = fitted[:, None] + near >= floor[:, None]
        chances = importance[self.nearest] * np.where(reaching.any(axis=1, keepdims=True), reaching, 1.0)
        running = np.cumsum(chances, axis=1)
        picked = (rng.random((len(fitted), 1)) * running[:, -1:] > running).sum(axis=1)
        return fitted + near[np.arange(len(fitted)), np.minimum(picked, near.shape[1] - 1)]


def _own_answers(account: NDArray[np.int64], accounts: int) -> NDArray[np.int64]:
    answer = np.full(accounts, -1)
    linked = np.flatnonzero(account >= 0)
    answer[account[linked]] = linked
    return answer


def _measures(facts: AccountFacts) -> NDArray[np.float64]:
    """Return quantity, bill per unit and the part of available features in use, each with mean 0 and spread 1."""
    lowest = facts.bill[facts.bill > 0].min(initial=np.inf)
    paid = np.where(facts.bill > 0, facts.bill, _FREE * lowest if np.isfinite(lowest) else 1.0) / facts.units
    available = np.maximum(facts.has.sum(axis=1), 1)
    used = (facts.uses & facts.has).sum(axis=1) / available
    measures = np.column_stack([np.log(np.maximum(facts.quantity, 1e-9)), np.log(paid), used])
    spread = measures.std(axis=0)
    found: NDArray[np.float64] = (measures - measures.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return found
