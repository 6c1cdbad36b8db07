"""Whose answers stand in for an account's: a respondent of its segment, drawn by weight, another in each draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.demand.customers import Customers

_FEW = 30


def stand_ins(
    respondents: Customers, accounts: Customers, draws: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Go through the segments of accounts: the places of the accounts, and a respondent for each of them and each draw.

    In each draw the people who answered are drawn anew with replacement, and accounts take from those: with few
    answers it matters who happened to answer, so few answers make wide intervals. Segments nobody answered for take
    from all.
    """
    for name in accounts.segments:
        inside = np.flatnonzero(accounts.segment == name)
        said = np.flatnonzero(respondents.segment == name)
        if not said.size:
            said = np.arange(len(respondents))
        yield inside, _drawn(said, respondents.weight[said], len(inside), draws, rng)


def segments_without_answers(respondents: Customers, accounts: Customers) -> list[str]:
    """Return the segments of accounts that no respondent belongs to."""
    return [name for name in accounts.segments if not (respondents.segment == name).any()]


def few_answers(respondents: Customers, accounts: Customers) -> tuple[Caution, ...]:
    """Return the caution that names the segments few answered for, when there are such."""
    sizes = {name: int((respondents.segment == name).sum()) for name in accounts.segments}
    few = [f"{name} ({size})" for name, size in sizes.items() if 0 < size < _FEW]
    return (Caution(f"Few answers, so wide intervals: {', '.join(few)}."),) if few else ()


def _drawn(
    said: NDArray[np.intp], weight: NDArray[np.float64], size: int, draws: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    found = np.empty((size, draws), dtype=np.intp)
    for draw in range(draws):
        people = rng.multinomial(said.size, np.full(said.size, 1 / said.size)) * weight
        edges = np.cumsum(people) if people.sum() else np.cumsum(weight)
        found[:, draw] = said[np.searchsorted(edges, rng.random(size) * edges[-1], side="right")]
    return found
