"""The simulated likelihood of all choices of each respondent, with its gradient, in blocks that stay in the cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import DataErrors
from workbench.research.choice.coding import row_problem
from workbench.research.choice.small_products import product_over_columns, product_over_inner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.research.choice.data import ChoiceData
    from workbench.research.choice.tastes import Tastes

IN_CACHE = 1 << 17
"""How many numbers a block holds at most: about a megabyte, the size of a core's own cache."""
_AT_ONCE = 8


@dataclass(frozen=True, eq=False)
class Block:
    """Respondents (n) with equally many choices T, their rows being the J - 1 alternatives not chosen, times T.

    `gaps` (n, (J - 1) T, K), alternatives outermost; `absent` (n, (J - 1) T) marks alternatives a case did not have.
    """

    person: NDArray[np.int64]
    gaps: NDArray[np.float64]
    absent: NDArray[np.bool_] | None
    others: int


@dataclass(frozen=True, eq=False)
class BlockPoint:
    """A block at one set of parameters: log-likelihood (n,), and each draw's share (n, R) of the likelihood.

    `scores` (n, P) is each respondent's gradient, None when it was not asked for.
    """

    log_likelihood: NDArray[np.float64]
    share: NDArray[np.float64]
    scores: NDArray[np.float64] | None


def blocks(
    data: ChoiceData, draws: int, scale: NDArray[np.float64], people: NDArray[np.int64] | None = None
) -> Iterator[Block]:
    """Yield the respondents, or those numbered in `people`, in blocks; their columns are divided by `scale` (K,)."""
    assert data.person is not None  # noqa: S101 - a panel is read with its respondents
    size = np.bincount(data.person)
    start = np.cumsum(size) - size
    others = data.gaps.shape[1]
    scaled = data.gaps / scale
    asked = np.arange(len(size)) if people is None else people
    for choices in np.unique(size[asked]):
        alike = asked[size[asked] == choices]
        most = max(1, IN_CACHE // (int(choices) * others * draws))
        for first in range(0, len(alike), most):
            person = alike[first : first + most]
            case = start[person][:, None] + np.arange(choices)
            gaps = scaled[case].transpose(0, 2, 1, 3).reshape(len(person), -1, scaled.shape[2])
            absent = None
            if data.offered is not None and not data.offered[case].all():
                absent = ~data.offered[case].transpose(0, 2, 1).reshape(len(person), -1)
            yield Block(person, np.ascontiguousarray(gaps), absent, others)


def person_weights(data: ChoiceData) -> NDArray[np.float64]:
    """Return one weight per respondent; DataErrors when it changes between choices of one respondent."""
    assert data.person is not None  # noqa: S101 - a panel is read with its respondents
    first = np.flatnonzero(np.diff(data.person, prepend=-1))
    weight = data.weight[first]
    wrong = np.flatnonzero(data.weight != weight[data.person])
    if len(wrong):
        remedy = "Write the same weight in every row of the respondent."
        names = [data.people[data.person[at]] for at in wrong.tolist()]
        found = zip(wrong.tolist(), names, strict=True)
        raise DataErrors(row_problem("weights", at, name, "one weight per respondent", remedy) for at, name in found)
    return weight


def block_point(
    block: Block, tastes: Tastes, parameters: NDArray[np.float64], standard: NDArray[np.float64], *, slopes: bool = True
) -> BlockPoint:
    """Return a block's likelihood, averaged over standard normal draws (n, Q, R), and its gradient.

    Chances are worked out against the chosen alternative, so that a choice is 1 / (1 + sum of exp of gaps). Sums over
    rows and over draws are matrix products.
    """
    own = tastes.own(parameters, standard)
    people, columns = len(own), block.gaps.shape[2]
    odds, total = _odds(block, tastes, parameters, own)
    log_likelihood, share = _averaged(total)
    if not slopes:
        return BlockPoint(log_likelihood, share, None)
    logs = np.flatnonzero(tastes.sign)
    spread = share[:, None, :] * standard
    slope = [share[:, None, :], spread]
    if len(logs):
        spread[:, logs] *= own[:, logs]
        slope.append(share[:, None, :] * own[:, logs])
    summed = product_over_inner(odds, np.concatenate(slope, axis=1))
    scores = np.empty((people, columns + len(tastes.columns)))
    scores[:, :columns] = -np.matmul(summed[:, None, :, 0], block.gaps)[:, 0]
    spread_gaps = block.gaps[:, :, tastes.columns]
    scores[:, columns:] = -np.einsum("nrq,nrq->nq", spread_gaps, summed[:, :, 1 : 1 + len(tastes.columns)])
    if len(logs):
        places = tastes.columns[logs]
        scores[:, places] = -np.einsum("nrq,nrq->nq", block.gaps[:, :, places], summed[:, :, -len(logs) :])
    return BlockPoint(log_likelihood, share, scores)


def _odds(
    block: Block, tastes: Tastes, parameters: NDArray[np.float64], own: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the chance (n, rows, R) of each alternative not chosen, and the log of 1 / likelihood (n, R)."""
    people, _, draws = own.shape
    columns = block.gaps.shape[2]
    same = np.ones(columns, dtype=bool)
    same[tastes.columns] = False
    fixed = block.gaps[:, :, same] @ parameters[:columns][same]
    rows = np.concatenate([block.gaps[:, :, tastes.columns], fixed[:, :, None]], axis=2)
    taste = np.concatenate([own, np.ones((people, 1, draws))], axis=1)
    chance, total = _chances(product_over_columns(rows, taste), block, draws)
    surprise = _summed_logs(total)
    if not np.isfinite(surprise).all():  # far out, odds pass what a number can hold: the same again, with care
        chance, surprise = _careful_chances(product_over_columns(rows, taste), block, draws)
    return chance, surprise


def _chances(utility: NDArray[np.float64], block: Block, draws: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn gaps in utility into chances in place; also return 1 / chance of what was chosen (n, T, R)."""
    with np.errstate(over="ignore", invalid="ignore"):
        np.exp(utility, out=utility)
        if block.absent is not None:
            utility[block.absent] = 0.0
        planes = utility.reshape(len(utility), block.others, -1, draws)
        total = np.add.reduce(planes, axis=1)
        total += 1.0
        planes *= np.reciprocal(total)[:, None]
    return utility, total


def _summed_logs(total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum over T of the logs of (n, T, R), infinite where a product overflows; products save logs."""
    summed = np.zeros((total.shape[0], total.shape[2]))
    with np.errstate(over="ignore"):
        for first in range(0, total.shape[1], _AT_ONCE):
            summed += np.log(np.multiply.reduce(total[:, first : first + _AT_ONCE], axis=1))
    return summed


def _careful_chances(
    utility: NDArray[np.float64], block: Block, draws: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if block.absent is not None:
        utility[block.absent] = -np.inf
    planes = utility.reshape(len(utility), block.others, -1, draws)
    top = np.maximum(planes.max(axis=1), 0.0)
    planes -= top[:, None]
    np.exp(planes, out=planes)
    total = planes.sum(axis=1) + np.exp(-top)
    planes /= total[:, None]
    return utility, (np.log(total) + top).sum(axis=1)


def _averaged(surprise: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the log of the average likelihood over draws (n,), and each draw's share (n, R) of it."""
    least = surprise.min(axis=1)
    share = np.exp(least[:, None] - surprise)
    total = share.sum(axis=1)
    share /= total[:, None]
    return np.log(total / surprise.shape[1]) - least, share
