"""Find efficient choice tasks: exchange one level at a time while the design tells more (Meyer and Nachtsheim 1995)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.research.design_efficiency import Measure

_LEAST_GAIN = 1e-9
_PARTNERS = 24
_ROUNDS = 12


def random_start(
    random: np.random.Generator, shape: tuple[int, int], levels: tuple[int, ...], mask: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return tasks (tasks x alternatives x attributes) in which every level is equally frequent, where that can be.

    Levels are dealt so that alternatives of a task differ as much as they can; alternatives that are prohibited or
    occur twice in a task are repaired by swaps, or drawn anew where no swap helps.
    """
    tasks, alternatives = shape
    columns = []
    for count in levels:
        needed = tasks * alternatives
        deck = np.concatenate([random.permutation(count) for _ in range(-(-needed // count))])[:needed]
        columns.append(deck.reshape(shape)[random.permutation(tasks)])
    design = np.stack(columns, axis=-1)
    for _ in range(50):
        bad = np.flatnonzero(~task_allowed(design, mask))
        if not bad.size:
            return design
        for task in bad:
            for column in range(len(levels)):
                other = random.integers(tasks)
                here, there = random.integers(alternatives, size=2)
                design[task, here, column], design[other, there, column] = (
                    design[other, there, column], design[task, here, column],
                )  # fmt: skip
    allowed = np.argwhere(~mask)
    for task in np.flatnonzero(~task_allowed(design, mask)):
        design[task] = random.choice(allowed, alternatives, replace=len(allowed) < alternatives)
    return design


def task_allowed(design: NDArray[np.intp], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell for each task whether its alternatives are allowed and all different."""
    prohibited = mask[tuple(np.moveaxis(design, -1, 0))].any(axis=-1)
    number = np.ravel_multi_index(tuple(np.moveaxis(design, -1, 0)), mask.shape)
    ordered = np.sort(number, axis=-1)
    return ~prohibited & (np.diff(ordered, axis=-1) > 0).all(axis=-1)


def exchange_levels(design: NDArray[np.intp], measure: Measure, mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the design after changing single levels, each to the best one, until no change tells more."""
    design = design.copy()
    each = measure.information(design)
    total = each.sum(axis=0)
    best = float(measure.d_error(total))
    for _ in range(_ROUNDS):
        before = best
        for task, place, column in np.ndindex(*design.shape):
            tried = np.repeat(design[task][None], mask.shape[column], axis=0)
            tried[:, place, column] = np.arange(mask.shape[column])
            tried = tried[task_allowed(tried, mask)]
            if not len(tried):
                continue
            information = measure.information(tried)
            errors = measure.d_error(total - each[task] + information)
            at = int(np.argmin(errors))
            if errors[at] < best * (1 - _LEAST_GAIN):
                total = total - each[task] + information[at]
                design[task], each[task], best = tried[at], information[at], float(errors[at])
        if best > before * (1 - 1e-4):
            break
    return design


def swap_levels(
    random: np.random.Generator, design: NDArray[np.intp], measure: Measure, mask: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return the design after swapping levels of an attribute between alternatives while it tells more.

    A swap leaves how often each level is shown as it is.
    """
    design = design.copy()
    each = measure.information(design)
    total = each.sum(axis=0)
    best = float(measure.d_error(total))
    tasks, alternatives, _ = design.shape
    for _ in range(_ROUNDS):
        before = best
        for task, place, column in np.ndindex(*design.shape):
            partners = np.column_stack(
                [random.integers(tasks, size=_PARTNERS), random.integers(alternatives, size=_PARTNERS)]
            )
            here = design[task, place, column]
            differ = design[partners[:, 0], partners[:, 1], column] != here
            partners = partners[differ & (partners[:, 0] != task)]
            if not len(partners):
                continue
            mine = np.repeat(design[task][None], len(partners), axis=0)
            theirs = design[partners[:, 0]].copy()
            at = np.arange(len(partners))
            mine[:, place, column] = theirs[at, partners[:, 1], column]
            theirs[at, partners[:, 1], column] = here
            fine = task_allowed(mine, mask) & task_allowed(theirs, mask)
            mine, theirs, partners = mine[fine], theirs[fine], partners[fine]
            if not len(partners):
                continue
            new_mine, new_theirs = measure.information(mine), measure.information(theirs)
            errors = measure.d_error(total - each[task] - each[partners[:, 0]] + new_mine + new_theirs)
            won = int(np.argmin(errors))
            if errors[won] < best * (1 - _LEAST_GAIN):
                other = partners[won, 0]
                total = total - each[task] - each[other] + new_mine[won] + new_theirs[won]
                design[task], design[other] = mine[won], theirs[won]
                each[task], each[other], best = new_mine[won], new_theirs[won], float(errors[won])
        if best > before * (1 - 1e-3):
            break
    return design


def into_versions(random: np.random.Generator, design: NDArray[np.intp], versions: int) -> NDArray[np.intp]:
    """Return tasks in an order in which equal parts (versions) each show every level about equally often."""
    tasks = len(design)
    size = tasks // versions
    levels = int(design.max()) + 1
    counts = np.stack([(design == level).sum(axis=1) for level in range(levels)], axis=-1).reshape(tasks, -1)
    target = counts.sum(axis=0) / versions
    order = random.permutation(tasks)

    def lopsided(parts: NDArray[np.intp]) -> float:
        return float(((counts[parts].sum(axis=1) - target) ** 2).sum())

    parts = order.reshape(versions, size)
    best = lopsided(parts)
    for _ in range(min(4000, 40 * tasks) if versions > 1 else 0):
        first, second = random.integers(versions, size=2)
        here, there = random.integers(size, size=2)
        tried = parts.copy()
        tried[first, here], tried[second, there] = parts[second, there], parts[first, here]
        if (found := lopsided(tried)) < best:
            parts, best = tried, found
    return design[parts.ravel()]
