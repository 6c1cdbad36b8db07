"""What discounts are judged on: what each account pays, and what today's list asks of it, in the last month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import WorkbenchError
from workbench.impact.price_realisation import standing
from workbench.results import Basis
from workbench.stages.study_replay import standing_of_last_months

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DiscountEvidence:
    """Accounts with a payment on record and a price on today's list; arrays are in the same order.

    `listed` and `paid` are amounts a month in `currency`. Without any such account the arrays are empty and `why_not`
    says why.
    """

    basis: Basis
    currency: str
    account_ids: NDArray[np.object_]
    listed: Floats
    paid: Floats
    why_not: str = ""

    @property
    def share(self) -> Floats:
        """Return the share of its list price that each account pays."""
        return self.paid / self.listed


def gather(base: CustomerBase) -> DiscountEvidence:
    """Return what every account of the last month pays beside what today's list asks of it."""
    nothing = np.array([])
    try:
        last = standing_of_last_months(base)
    except WorkbenchError as error:
        return DiscountEvidence(_basis(base, 0, ""), "", np.array([], dtype=object), nothing, nothing, str(error))
    money = standing(last.rows, None, last.today)
    known = np.isfinite(money.paid) & np.isfinite(money.listed_today) & (money.listed_today > 0) & (money.paid >= 0)
    return DiscountEvidence(
        _basis(base, int(known.sum()), money.months[-1]),
        money.currency,
        money.account_ids[known],
        money.listed_today[known],
        money.paid[known],
    )


def _basis(base: CustomerBase, accounts: int, month: str) -> Basis:
    return Basis(accounts, len(base), month, month)
