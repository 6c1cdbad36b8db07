"""What the complete offer is worth to every account, from what some of them said, in draws that stay open.

An account's worth is a regression on what is known of it plus the residual of a respondent like it, and never less
than what it pays for what it has. How far people overstate is drawn and not fitted to today's plans: all who are seen
bought, so their choices only look like evidence of it (a feedback that is cut: Plummer 2015). Respondents are resampled
(Bayesian bootstrap, Rubin 1981) and the regression is fitted anew in every draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWS = 200
OVERSTATEMENT = 1.19
"""Stated prices as a multiple of prices in earnest: the middle of studies (Schmidt & Bijmolt 2020, mean 1.21)."""
_OVERSTATEMENT_SPREAD = 0.15  # of its logarithm: 0.93 to 1.52 in 90%
_ANSWER_NOISE, _LARGEST_NOISE = 0.15, 0.4
_CORE = (0.25, 0.75)  # part of the worth without any listed feature: nobody measured it
_CORE_SPREAD, _CORE_ENDS = 0.08, (0.05, 0.95)
_REACH = 0.8  # how far users of smaller plans want what they lack, at most
_FEW_HAVE, _SHARE_OF_FEW = 5, 0.3
_LEAVERS = (1.0, 12.0)  # Beta: share of accounts that would not buy again today
_PENALTIES = {"segment": 2.0, "measure": 0.5}
_REGRESSION_FROM = 8  # linked respondents
_NEAREST = 12
_OTHER_SEGMENT = 0.5  # squared distance
_LEAST_SIGNAL = 0.25  # of the residuals' variance
_ABOVE_FLOOR = 0.15
LEAST_ANSWERS = 5
MOST_BELOW_BILL = 0.15
LEAST_EXPLAINED, _ORDER_FROM = 0.10, 30
Unknown = Literal["few answers", "below the own bill", "no order"]
_FREE = 1 / 3  # of the lowest fee: what a free account counts as paying


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is known of the accounts.

    Parameters
    ----------
    segment
        A whole number per account.
    quantity
        Of the value metric, per account.
    units
        What answers are per: seats, or 1 where they are per account.
    bill
        What each pays a month today; 0 on a free plan.
    uses
        Accounts x features: recorded use.
    has
        Accounts x features: inside the own plan.
    """

    segment: NDArray[np.int64]
    quantity: NDArray[np.float64]
    units: NDArray[np.float64]
    bill: NDArray[np.float64]
    uses: NDArray[np.bool_]
    has: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.bill)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLimits:
    """What respondents said they would pay per unit: still `low`, no longer `high`; above 0.

    `account` is the place of the account each answered for, -1 where nobody knows; `together` says that where the limit
    lies between the two is the same unknown for all (as between "expensive" and "too expensive"), not each one's own.
    """

    account: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    weight: NDArray[np.float64]
    together: bool = False

    def __len__(self) -> int:
        return len(self.low)

    @property
    def middle(self) -> NDArray[np.float64]:
        """Return the middle of each range, in logarithms."""
        return (np.log(self.low) + np.log(self.high)) / 2


@dataclass(frozen=True, eq=False, kw_only=True)
class ImputedWorth:
    """Log worth of everything per unit (accounts x draws), the part without features, and what each wants.

    `wants` is accounts x features x draws; `explained` is the share of the answers' variance that the regression
    explains, `below_bill` the share of respondents who state less than they pay.
    """

    facts: AccountFacts
    log_worth: NDArray[np.float64]
    core: NDArray[np.float64]
    wants: NDArray[np.bool_]
    weights: NDArray[np.float64]
    explained: float
    below_bill: float
    answers: int

    @property
    def why_unknown(self) -> Unknown | None:
        """Return why nothing may be concluded from it, None where it may.

        Thresholds are ours, set on companies with known worth: they catch people who understate, or answer at random.
        """
        if self.answers < LEAST_ANSWERS:
            return "few answers"
        if self.below_bill > MOST_BELOW_BILL:
            return "below the own bill"
        if self.answers >= _ORDER_FROM and self.explained < LEAST_EXPLAINED:
            return "no order"
        return None

    @property
    def draws(self) -> int:
        """Return how many draws there are."""
        return self.log_worth.shape[1]

    def part(self, features: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return which part of the whole an offer with these features is worth, accounts x draws."""
        return part_of(self.wants, self.core, self.weights, features)

    def worth(self, features: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return what an offer with these features is worth a month, accounts x draws."""
        return np.exp(self.log_worth) * self.facts.units[:, None] * self.part(features)


def part_of(
    wants: NDArray[np.bool_], core: NDArray[np.float64], weights: NDArray[np.float64], features: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return core + (1 - core) x the wanted features that are inside; `features` is one offer's, or each account's."""
    inside = features if features.ndim > 1 else np.broadcast_to(features, (len(wants), len(features)))
    wanted = np.einsum("afd,f->ad", wants, weights)
    found = np.einsum("afd,af->ad", wants, inside * weights)
    return core + (1 - core) * np.divide(found, wanted, out=np.ones_like(core), where=wanted > 0)


def impute_worth(
    facts: AccountFacts,
    stated: StatedLimits,
    *,
    draws: int = DRAWS,
    weights: NDArray[np.float64] | None = None,
    seed: int = 0,
) -> ImputedWorth:
    """Return what everything is worth to each account, in draws.

    Parameters
    ----------
    facts
        The accounts.
    stated
        What respondents said.
    draws, seed
        How many draws, and where their random numbers start.
    weights
        What each feature carries of the part that features make up; the same for all where nobody studied it.

    """
    rng = np.random.default_rng(seed)
    count, features = facts.uses.shape
    weights = np.ones(features) if weights is None else weights
    core = np.clip(rng.uniform(*_CORE, draws) + _CORE_SPREAD * rng.standard_normal((count, draws)), *_CORE_ENDS)
    wants = _wanted(facts, draws, rng)
    with np.errstate(divide="ignore"):
        paid = np.log(facts.bill / facts.units)
    floor = paid[:, None] - np.log(part_of(wants, core, weights, facts.has))
    design = _Design.of(facts, stated)
    over = rng.normal(np.log(OVERSTATEMENT), _OVERSTATEMENT_SPREAD, draws)
    noise = np.minimum(_ANSWER_NOISE * np.exp(0.5 * rng.standard_normal(draws)), _LARGEST_NOISE)
    leavers = rng.beta(*_LEAVERS, draws)
    places = rng.random(draws)[:, None] if stated.together else rng.random((draws, len(stated)))
    low, high = np.log(stated.low), np.log(stated.high)
    log_worth = np.empty((count, draws))
    explained = np.empty(draws)
    for draw in range(draws):
        said = low + places[draw] * (high - low) - over[draw]
        importance = rng.exponential(size=len(stated)) * stated.weight
        fitted, residuals, variance, explained[draw] = design.fit(said, importance)
        kept = np.sqrt(max(_LEAST_SIGNAL, 1 - noise[draw] ** 2 / variance)) if variance > 0 else 1.0
        worth = _like_respondents(design, fitted, kept * residuals, importance, floor=floor[:, draw], rng=rng)
        own = design.answer >= 0
        spread = kept * np.sqrt(max(0.0, (1 - kept**2) * variance))
        of_own = fitted[own] + kept**2 * residuals[design.answer[own]] + spread * rng.standard_normal(own.sum())
        worth[own] = of_own
        held = (worth < floor[:, draw]) & (rng.random(count) >= leavers[draw])
        worth = np.where(held, floor[:, draw] + _ABOVE_FLOOR * np.abs(rng.standard_normal(count)), worth)
        log_worth[:, draw] = worth
    return ImputedWorth(
        facts=facts,
        log_worth=log_worth,
        core=core,
        wants=wants,
        weights=weights,
        explained=float(np.median(explained)) if design.is_regression else 1.0,
        below_bill=_below_bill(facts, stated),
        answers=len(stated),
    )


def _below_bill(facts: AccountFacts, stated: StatedLimits) -> float:
    """Return the share of linked, paying respondents whose answer, taken as usually overstated, is below their bill."""
    linked = stated.account >= 0
    paid = (facts.bill / facts.units)[stated.account[linked]]
    paying = paid > 0
    if not paying.any():
        return 0.0
    return float((np.exp(stated.middle[linked]) / OVERSTATEMENT < paid)[paying].mean())


def _wanted(facts: AccountFacts, draws: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return what each account wants: what it uses, and outside its plan what users there make likely."""
    having = facts.has.sum(axis=0)
    using = (facts.uses & facts.has).sum(axis=0)
    share = np.where(having >= _FEW_HAVE, using / np.maximum(having, 1), _SHARE_OF_FEW)
    reach = rng.uniform(0, _REACH, draws)
    chance = share[None, :, None] * reach
    guessed = rng.random((*facts.uses.shape, draws)) < chance
    return np.where(facts.has[:, :, None], facts.uses[:, :, None], guessed)


def _like_respondents(
    design: _Design,
    fitted: NDArray[np.float64],
    residuals: NDArray[np.float64],
    importance: NDArray[np.float64],
    *,
    floor: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Give each account the residual of one of its nearest respondents, among those that reach its floor."""
    near = residuals[design.nearest]
    reaching = fitted[:, None] + near >= floor[:, None]
    chances = importance[design.nearest] * np.where(reaching.any(axis=1, keepdims=True), reaching, 1.0)
    running = np.cumsum(chances, axis=1)
    picked = (rng.random((len(fitted), 1)) * running[:, -1:] > running).sum(axis=1)
    return fitted + near[np.arange(len(fitted)), np.minimum(picked, near.shape[1] - 1)]


@dataclass(frozen=True, slots=True)
class _Design:
    """The regression's columns for accounts and respondents, and each account's nearest respondents.

    `answer` is the place of an account's own answer, -1 without one.
    """

    accounts: NDArray[np.float64]
    respondents: NDArray[np.float64]
    penalties: NDArray[np.float64]
    nearest: NDArray[np.int64]
    answer: NDArray[np.int64]

    @property
    def is_regression(self) -> bool:
        """Tell whether there are columns beside the mean."""
        return self.accounts.shape[1] > 1

    @classmethod
    def of(cls, facts: AccountFacts, stated: StatedLimits) -> _Design:
        linked = np.flatnonzero(stated.account >= 0)
        answer = np.full(len(facts), -1)
        answer[stated.account[linked]] = linked
        if len(linked) < max(_REGRESSION_FROM, len(stated)):
            ones, everybody = np.ones((len(facts), 1)), np.tile(np.arange(len(stated)), (len(facts), 1))
            return cls(ones, np.ones((len(stated), 1)), np.zeros(1), everybody, answer)
        lowest = facts.bill[facts.bill > 0].min(initial=np.inf)
        paid = np.where(facts.bill > 0, facts.bill, _FREE * lowest if np.isfinite(lowest) else 1.0) / facts.units
        available = np.maximum(facts.has.sum(axis=1), 1)
        measures = np.column_stack(
            [
                np.log(np.maximum(facts.quantity, 1e-9)),
                np.log(paid),
                (facts.uses & facts.has).sum(axis=1) / available,
            ]
        )
        spread = measures.std(axis=0)
        measures = (measures - measures.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        segments = np.eye(int(facts.segment.max(initial=0)) + 1)[facts.segment]
        columns = np.column_stack([np.ones(len(facts)), segments, measures])
        penalties = np.r_[
            0.0, np.full(segments.shape[1], _PENALTIES["segment"]), np.full(measures.shape[1], _PENALTIES["measure"])
        ]
        asked = stated.account
        distance = ((measures[:, None, :] - measures[asked][None, :, :]) ** 2).sum(axis=2)
        distance += _OTHER_SEGMENT * (facts.segment[:, None] != facts.segment[asked][None, :])
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :_NEAREST]
        return cls(columns, columns[asked], penalties, nearest, answer)

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
