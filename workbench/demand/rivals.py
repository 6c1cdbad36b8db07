"""Named competitors as the other choice: a published price, and worth that lacks something against ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.allowance import part_served
from workbench.demand.draws import Assumed, stream
from workbench.demand.fees import fee_of, units_and_usage
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from workbench.demand.worth import Worth
    from workbench.pricing import Plan

LACKS = (0.1, 0.5)


@dataclass(frozen=True)
class Rival:
    """One competitor's offer: `plan` with its published price per month, and what it lacks against all of ours.

    `lacks` is the range of the part of a customer's worth that the rival does not give (0: as good as everything we
    have, 1: worth nothing). Nobody measured it; it includes what changing would cost the customer.
    """

    name: str
    plan: Plan
    lacks: tuple[float, float] = LACKS

    @property
    def assumed(self) -> Assumed:
        """Return what is assumed about the rival."""
        return Assumed(f"part of the worth that {self.name} lacks", *self.lacks)


def rival_surplus(
    worth: Worth, rivals: Iterable[Rival], rule: str, scale: float, seed: int
) -> tuple[NDArray[np.floating], tuple[Caution, ...]]:
    """Return what the best other choice leaves, customers x draws, and cautions about rivals that could not be used.

    Highest surplus: the best of all rivals and nothing (0). Logit: their joint pull, scale * log(1 + sum of exp).
    """
    whole = worth.whole
    best = np.zeros_like(whole)
    cautions = []
    for rival in rivals:
        surplus = _surplus(worth, rival, seed)
        if not np.isfinite(surplus).any():
            why = "it has no published price" if not rival.plan.priced else "what it charges for is not recorded"
            cautions.append(Caution(f"{rival.name} is left out of the choice: {why}."))
        elif rule == "logit":
            best = (scale * np.logaddexp(best / scale, surplus / scale)).astype(whole.dtype)
        else:
            np.maximum(best, surplus, out=best)
    return best, tuple(cautions)


def _surplus(worth: Worth, rival: Rival, seed: int) -> NDArray[np.floating]:
    customers, whole = worth.customers, worth.whole
    if not rival.plan.priced:
        return np.full_like(whole, -np.inf)
    quantities = customers.quantities(tuple(charge.metric for charge in rival.plan.charges))
    units, usage = units_and_usage(rival.plan, quantities, len(customers))
    bill = fee_of(rival.plan).amount * units + usage
    lacks = rival.assumed.values(worth.draws, stream(seed, rival.assumed.label))
    served = part_served(customers, rival.plan.limits, "cannot serve")
    surplus = whole * (1 - lacks).astype(whole.dtype) - bill[:, None].astype(whole.dtype)
    surplus[(served == 0) | np.isnan(bill)] = -np.inf
    return surplus
