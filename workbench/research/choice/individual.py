"""What single respondents like: the taste of everybody, narrowed by what this one chose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import NO_CURRENCY
from workbench.research.choice.panel import block_point, blocks
from workbench.research.choice.willingness import require_price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.research.choice.data import ChoiceData
    from workbench.research.choice.tastes import Tastes

CANDIDATES = 2048
MANY_CANDIDATES = 8 * CANDIDATES
FEW = 64
"""Respondents whose estimate rests on fewer candidates than this are weighed again, with many more."""


@dataclass(frozen=True, eq=False)
class IndividualUtilities:
    """Coefficients of every respondent: N respondents, D draws, K columns.

    `means` (N, K) are averages given the respondent's own choices, `draws` (N, D, K) say how sure that is: each is as
    likely as the next. `effective` (N,) is how many different candidates carry the estimate of a respondent; below
    some dozens its draws repeat one another. `columns` are the names of the K columns, the price among them.
    """

    respondents: tuple[str, ...]
    columns: tuple[str, ...]
    price: str | None
    means: NDArray[np.float64]
    draws: NDArray[np.float64]
    effective: NDArray[np.float64] = field(repr=False)
    currency: str = NO_CURRENCY

    @property
    def table(self) -> pd.DataFrame:
        """Return respondent and the average of each coefficient."""
        return pd.DataFrame(self.means, columns=list(self.columns)).assign(respondent=self.respondents)[
            ["respondent", *self.columns]
        ]

    def willingness(self) -> NDArray[np.float64]:
        """Return what one unit more is worth (N, D, K): -coefficient / price coefficient; the price's own is -1.

        NaN in draws where a higher price is liked: money then measures nothing.
        """
        require_price(self.price)
        price = self.draws[:, :, self.columns.index(str(self.price))]
        return self.draws / np.where(price < 0, -price, np.nan)[:, :, None]


@dataclass(frozen=True, eq=False)
class _Weighed:
    """Candidates (n, Q, R) of a block of respondents with the share (n, R) each has of the likelihood."""

    person: NDArray[np.int64]
    own: NDArray[np.float64]
    share: NDArray[np.float64]

    @property
    def effective(self) -> NDArray[np.float64]:
        """Return how many equally good candidates the shares amount to (Kish)."""
        return 1 / (self.share**2).sum(axis=1)


def individual_utilities(
    data: ChoiceData, tastes: Tastes, parameters: NDArray[np.float64], *, draws: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return means (N, K), draws (N, draws, K) and effective numbers (N,) by weighing candidates from everybody.

    Candidates are drawn from the tastes of everybody and weighed by how likely they make what the respondent chose
    (Train 2009, chapter 11); draws are then taken from them in proportion.
    """
    people = len(data.people)
    middle = tastes.middle(parameters)
    means = np.tile(middle, (people, 1))
    drawn = np.tile(middle, (people, draws, 1))
    effective = np.zeros(people)
    random = np.random.default_rng(seed)
    start = random.random(people)
    for candidates in (CANDIDATES, MANY_CANDIDATES):
        few = np.flatnonzero(effective < FEW)
        for weighed in _weighed(data, tastes, parameters, few, candidates=candidates, seed=seed):
            effective[weighed.person] = weighed.effective
            means[np.ix_(weighed.person, tastes.columns)] = np.einsum("nr,nqr->nq", weighed.share, weighed.own)
            for at, person in enumerate(weighed.person):
                # Evenly spaced points along the shares pick each candidate as often as its share says, then shuffled.
                even = (np.arange(draws) + start[person]) / draws
                picked = np.minimum(np.searchsorted(np.cumsum(weighed.share[at]), even), candidates - 1)
                drawn[person][:, tastes.columns] = weighed.own[at][:, random.permutation(picked)].T
    return means, drawn, effective


def _weighed(
    data: ChoiceData,
    tastes: Tastes,
    parameters: NDArray[np.float64],
    people: NDArray[np.int64],
    *,
    candidates: int,
    seed: int,
) -> Iterator[_Weighed]:
    """Yield candidates for some of the respondents; each has the same even points, moved by a step of its own."""
    even = _even(len(tastes.columns), candidates, seed)
    shift = np.random.default_rng(seed).random((len(data.people), len(tastes.columns)))
    for block in blocks(data, candidates, np.ones(len(data.coding.columns)), people):
        standard = _normal((even + shift[block.person][:, :, None]) % 1.0)
        share = block_point(block, tastes, parameters, standard, slopes=False).share
        yield _Weighed(block.person, tastes.own(parameters, standard), share)


def _even(dimensions: int, points: int, seed: int) -> NDArray[np.float64]:
    from scipy.stats import qmc  # noqa: PLC0415 - loads slowly

    sequence = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
    return sequence.random_base2(int(np.ceil(np.log2(points))))[:points].T


def _normal(even: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtri  # noqa: PLC0415 - loads slowly

    return ndtri(np.clip(even, 1e-12, 1 - 1e-12))
