"""What the complete offer is worth to every account, from what some of them said, in draws that stay open.

An account's worth is a regression on what is known of it plus the residual of a respondent like it, and never less
than what it pays for what it has. How far people overstate is drawn and not fitted to today's plans: all who are seen
bought, so their choices only look like evidence of it (a feedback that is cut: Plummer 2015). Respondents are resampled
(Bayesian bootstrap, Rubin 1981) and the regression is fitted anew in every draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.demand.like_respondents import Likeness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.account_facts import AccountFacts, StatedLimits

DRAWS = 200
OVERSTATED = (0.93, 1.52)
"""Stated prices as a multiple of prices in earnest, a 90% range: around the middle of studies (Schmidt & Bijmolt 2020,
mean 1.21) and as wide as studies differ (Murphy et al. 2005)."""
CORE = (0.25, 0.75)
"""Part of the worth without any listed feature: nobody measured it."""
_TAILS = 2 * 1.645  # between the ends of a 90% range, in standard deviations
_ANSWER_NOISE, _LARGEST_NOISE = 0.15, 0.4
_CORE_SPREAD, _CORE_ENDS = 0.08, (0.05, 0.95)
_REACH = 0.8  # how far users of smaller plans want what they lack, at most
_FEW_HAVE, _SHARE_OF_FEW = 5, 0.3
_LEAVERS = (1.0, 12.0)  # Beta: share of accounts that would not buy again today
_LEAST_SIGNAL = 0.25  # of the residuals' variance
_ABOVE_FLOOR = 0.15
LEAST_ANSWERS = 5
MOST_BELOW_BILL = 0.15
LEAST_EXPLAINED, _ORDER_FROM = 0.10, 30
Unknown = Literal["few answers", "below the own bill", "no order"]


@dataclass(frozen=True, eq=False, kw_only=True)
class ImputedWorth:
    """Log worth of everything per unit (accounts x draws), the part without features, and what each wants.

    `wants` is features x accounts x draws; `explained` is the share of the answers' variance that the regression
    explains, `below_bill` the share of respondents who state less than they pay; `answers` counts respondents, None
    where nobody was asked.
    """

    facts: AccountFacts
    log_worth: NDArray[np.floating]
    core: NDArray[np.floating]
    wants: NDArray[np.bool_]
    weights: NDArray[np.float64]
    explained: float = 1.0
    below_bill: float = 0.0
    answers: int | None = None

    @property
    def why_unknown(self) -> Unknown | None:
        """Return why nothing may be concluded from what people said, None where it may.

        Thresholds are ours, set on companies with known worth: they catch people who understate, or answer at random.
        """
        if self.answers is None:
            return None
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

    @cached_property
    def whole(self) -> NDArray[np.floating]:
        """Return what an offer with everything is worth a month, accounts x draws."""
        return np.exp(self.log_worth) * self.facts.units[:, None].astype(self.log_worth.dtype)

    @cached_property
    def _wanted(self) -> NDArray[np.floating]:
        return _weighed(self.wants, self.weights, None).astype(self.core.dtype)

    def share(self, features: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Return which part of the worth that features make up these features are, accounts x draws."""
        found = _weighed(self.wants, self.weights, features).astype(self.core.dtype)
        return np.divide(found, self._wanted, out=np.ones_like(self.core), where=self._wanted > 0)

    def part(self, features: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Return which part of the whole an offer with these features is worth, accounts x draws."""
        return self.core + (1 - self.core) * self.share(features)

    def worth(self, features: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Return what an offer with these features is worth a month, accounts x draws."""
        return self.whole * self.part(features)

    def taken(self, accounts: NDArray[np.intp], draws: NDArray[np.intp]) -> ImputedWorth:
        """Return the same for some of the accounts and draws, by their places."""
        at = np.ix_(accounts, draws)
        return replace(
            self,
            facts=self.facts.taken(accounts),
            log_worth=self.log_worth[at],
            core=self.core[at],
            wants=self.wants[:, accounts][:, :, draws],
        )


def part_of(
    wants: NDArray[np.bool_], core: NDArray[np.floating], weights: NDArray[np.float64], features: NDArray[np.bool_]
) -> NDArray[np.floating]:
    """Return core + (1 - core) x the wanted features that are inside; `features` is one offer's, or each account's."""
    wanted, found = _weighed(wants, weights, None), _weighed(wants, weights, features)
    return core + (1 - core) * np.divide(found, wanted, out=np.ones(core.shape), where=wanted > 0)


def _weighed(
    wants: NDArray[np.bool_], weights: NDArray[np.float64], features: NDArray[np.bool_] | None
) -> NDArray[np.floating]:
    """Return the weight of what is wanted and inside, feature by feature: all together would be large."""
    total = np.zeros(wants.shape[1:], dtype=np.float32)
    for place, wanted in enumerate(wants):
        if features is None:
            total += np.float32(weights[place]) * wanted
        elif features[..., place].any():
            total += np.float32(weights[place]) * (wanted & features[..., place, None])
    return total


def impute_worth(
    facts: AccountFacts,
    stated: StatedLimits,
    *,
    draws: int = DRAWS,
    weights: NDArray[np.float64] | None = None,
    core: tuple[float, float] = CORE,
    overstated: tuple[float, float] = OVERSTATED,
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
    core
        Range of the part of the worth that is left without any feature.
    overstated
        Stated prices as a multiple of prices in earnest, a 90% range; one value a draw for everybody, since its error
        is common to all accounts.

    """
    rng = np.random.default_rng(seed)
    known = _Known.of(facts, draws, weights, core, rng)
    likeness = Likeness.of(facts, stated, rng)
    low, high = np.log(overstated)
    over = rng.normal((low + high) / 2, (high - low) / _TAILS, draws)
    noise = np.minimum(_ANSWER_NOISE * np.exp(0.5 * rng.standard_normal(draws)), _LARGEST_NOISE)
    leavers = rng.beta(*_LEAVERS, draws)
    error = float((stated.weight * stated.spread**2).sum() / stated.weight.sum())
    log_worth = np.empty((len(facts), draws), dtype=known.core.dtype)
    explained = np.empty(draws)
    for draw in range(draws):
        said = stated.drawn(rng)[likeness.kept] - over[draw]
        importance = rng.exponential(size=len(said)) * stated.weight[likeness.kept]
        fitted, residuals, variance, explained[draw] = likeness.fit(said, importance)
        signal = 1 - (noise[draw] ** 2 + error) / variance if variance > 0 else 1.0
        kept = np.sqrt(max(_LEAST_SIGNAL, signal))
        floor = known.floor[:, draw]
        worth = likeness.imputed(fitted, kept * residuals, importance, floor, rng)
        own = likeness.answer >= 0
        spread = kept * np.sqrt(max(0.0, (1 - kept**2) * variance))
        worth[own] = fitted[own] + kept**2 * residuals[likeness.answer[own]] + spread * rng.standard_normal(own.sum())
        held = (worth < floor) & (rng.random(len(facts)) >= leavers[draw])
        log_worth[:, draw] = np.where(held, floor + _ABOVE_FLOOR * np.abs(rng.standard_normal(len(facts))), worth)
    return ImputedWorth(
        facts=facts,
        log_worth=log_worth,
        core=known.core,
        wants=known.wants,
        weights=known.weights,
        explained=float(np.median(explained)) if likeness.is_regression else 1.0,
        below_bill=_below_bill(facts, stated, float(np.exp((low + high) / 2))),
        answers=len(stated),
    )


def worth_above_bills(
    facts: AccountFacts,
    headroom: NDArray[np.floating],
    *,
    weights: NDArray[np.float64] | None = None,
    core: tuple[float, float] = CORE,
    seed: int = 0,
) -> ImputedWorth:
    """Return worth where nobody was asked: what each account pays for what it has, and a headroom above it.

    `headroom` (accounts x draws) is in logarithms. What it has is a part of everything, so everything is worth more
    than the bill.
    """
    rng = np.random.default_rng(seed)
    known = _Known.of(facts, headroom.shape[1], weights, core, rng)
    return ImputedWorth(
        facts=facts,
        log_worth=(known.floor + headroom).astype(known.core.dtype),
        core=known.core,
        wants=known.wants,
        weights=known.weights,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What draws hold before anybody is asked: core, wanted features, and the log worth that bills say is the least."""

    core: NDArray[np.floating]
    wants: NDArray[np.bool_]
    weights: NDArray[np.float64]
    floor: NDArray[np.floating]

    @classmethod
    def of(
        cls,
        facts: AccountFacts,
        draws: int,
        weights: NDArray[np.float64] | None,
        core: tuple[float, float],
        rng: np.random.Generator,
    ) -> _Known:
        count, features = facts.uses.shape
        counts = np.ones(features) if weights is None else np.asarray(weights, dtype=np.float64)
        around = rng.uniform(*core, draws) + _CORE_SPREAD * rng.standard_normal((count, draws))
        bare = np.clip(around, *_CORE_ENDS)
        if count * draws > _LARGE:
            bare = bare.astype(np.float32)
        wants = _wanted(facts, draws, rng)
        with np.errstate(divide="ignore"):
            paid = np.log(facts.bill / facts.units)
        return cls(bare, wants, counts, paid[:, None] - np.log(part_of(wants, bare, counts, facts.has)))


_LARGE = 1_000_000  # accounts x draws from which single precision is enough


def _below_bill(facts: AccountFacts, stated: StatedLimits, overstated: float) -> float:
    """Return the share of linked, paying respondents whose answer, taken as usually overstated, is below their bill."""
    linked = stated.account >= 0
    paid = (facts.bill / facts.units)[stated.account[linked]]
    paying = paid > 0
    if not paying.any():
        return 0.0
    return float((np.exp(stated.middle[linked]) / overstated < paid)[paying].mean())


def _wanted(facts: AccountFacts, draws: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return what each account wants: what it uses, and outside its plan what users there make likely."""
    having = facts.has.sum(axis=0)
    using = (facts.uses & facts.has).sum(axis=0)
    share = np.where(having >= _FEW_HAVE, using / np.maximum(having, 1), _SHARE_OF_FEW)
    reach = rng.uniform(0, _REACH, draws)
    wants = np.empty((facts.uses.shape[1], len(facts), draws), dtype=bool)
    for place in range(len(wants)):
        guessed = rng.random((len(facts), draws), dtype=np.float32) < (share[place] * reach).astype(np.float32)
        wants[place] = np.where(facts.has[:, place, None], facts.uses[:, place, None], guessed)
    return wants


__all__ = ["CORE", "DRAWS", "OVERSTATED", "ImputedWorth", "impute_worth", "part_of", "worth_above_bills"]
