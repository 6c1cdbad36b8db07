"""Willingness to pay without a survey: at least what customers pay today, and beyond it what their moves show.

A customer who stays after a price rise of the factor r would pay at least r times the old price; one who leaves would
not. Where customers are at their limit, headroom above today's bill is exponential in logarithms with the rate e, which
makes the share that stays r ** -e: a constant elasticity of leaving. Its rate is learned per segment from rises that
were kept or not, against those who leave anyway, from a wide and open start; few moves leave it wide. Survivors may all
be far from their limit too, which no bill shows, so the shape of headroom around its mean stays open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.customers import customers_of
from workbench.demand.draws import Assumed, precision, stream
from workbench.demand.errors import DemandError
from workbench.demand.moves import Moves, observed_moves
from workbench.formatting import count
from workbench.results import Caution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.demand.customers import Customers

HEADROOM = (0.1, 1.3)
"""Mean logarithm of headroom before any move is seen: from hardly more than today to over three times as much."""
EVENNESS = (1.0, 8.0)
"""Shape of headroom among customers: from exponential (many are at their limit) to nearly the same for all."""
_STEPS = 120
_ENOUGH = 30


@dataclass(frozen=True, eq=False, kw_only=True)
class ObservedHeadroom:
    """Who pays, and how much more than today's bill each would pay: `headroom` in logarithms, customers x draws."""

    customers: Customers
    headroom: NDArray[np.floating]
    assumed: tuple[Assumed, ...]
    cautions: tuple[Caution, ...]


def observed_headroom(
    base: CustomerBase,
    *,
    headroom: tuple[float, float] = HEADROOM,
    draws: int = 200,
    seed: int = 0,
    months: int = 3,
) -> ObservedHeadroom:
    """Return how much more than today's bill each paying account would pay for what it has, from moves alone.

    `headroom` is the range of the mean logarithm of what comes on top, before moves are seen. Accounts without a
    recorded payment are left out and counted. Raises DemandError when nobody pays.
    """
    everybody = customers_of(base, months)
    paid = np.zeros(0) if everybody.paid is None else np.nan_to_num(everybody.paid)
    paying = np.flatnonzero(paid > 0)
    if not paying.size:
        raise DemandError(
            "No account has a recorded payment, so nothing says what customers would pay.",
            "Add the table mrr, or field one of the price surveys.",
        )
    customers = everybody.take(paying)
    moves = observed_moves(base)
    rng = stream(seed, "headroom")
    least, most = np.log(EVENNESS)
    shape = np.exp(rng.uniform(least, most, draws))
    more = np.empty((len(customers), draws), dtype=precision(len(customers) * draws))
    for code, name in enumerate(customers.segments):
        rate = drawn_rates(moves.of(name), headroom, draws, rng)
        inside = np.flatnonzero(customers.segment_codes == code)
        more[inside] = rng.standard_gamma(shape, (inside.size, draws)) / (shape * rate)
    return ObservedHeadroom(
        customers=customers,
        headroom=more,
        assumed=(
            Assumed("mean headroom above today's bill before moves are seen, in logarithms", *headroom),
            Assumed("how alike customers are in their headroom (1: many at their limit)", *EVENNESS),
        ),
        cautions=_cautions(moves, len(everybody) - paying.size),
    )


def drawn_rates(
    moves: Moves, headroom: tuple[float, float], draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return draws of the rate of headroom, given which rises were kept; without moves, of the open start alone."""
    borders = np.linspace(*headroom, _STEPS + 1)  # equal steps of the mean headroom, each as likely as any other
    rates = 2 / (borders[:-1] + borders[1:])
    stays = (1 - moves.leaving_anyway) * np.power.outer(moves.factors, -rates)
    likelihood = np.where(moves.kept[:, None], np.log(stays), np.log1p(-np.clip(stays, 0, 1 - 1e-12))).sum(axis=0)
    edges = np.concatenate([[0.0], np.cumsum(np.exp(likelihood - likelihood.max()))])
    ranks = (rng.permutation(draws) + rng.random(draws)) / draws * edges[-1]
    found: NDArray[np.float64] = 1 / np.interp(ranks, edges, borders)
    return found


def _cautions(moves: Moves, not_paying: int) -> tuple[Caution, ...]:
    rises = len(moves.kept)
    left = rises - int(moves.kept.sum())
    found = [
        Caution(
            "Nobody was asked: this is a wide range above what accounts pay today, because bills show the least "
            "customers would pay, never the most. A price survey would narrow it."
        )
    ]
    if not rises:
        found.append(Caution("No price rise is on record, so how much more customers would pay rests on a guess."))
    elif rises < _ENOUGH:
        found.append(Caution(f"Only {count('price rise', rises)} on record ({left} followed by leaving)."))
    else:
        found.append(Caution(f"{count('price rise', rises)} on record, {left} followed by leaving.", "note"))
    if moves.upgrades:
        words = "took a dearer plan and kept it: each would pay at least today's bill"
        found.append(Caution(f"{count('account', moves.upgrades)} {words}.", "note"))
    if not_paying:
        found.append(Caution(f"{count('active account', not_paying)} without a recorded payment left out.", "note"))
    return tuple(found)
