"""What discounts are judged on: what each account pays of its list price, month by month, and how long it is bound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.needs import YEAR
from workbench.errors import WorkbenchError
from workbench.impact.price_realisation import share_of_list
from workbench.impact.terms import Contracts, contracts_in_force
from workbench.results import Basis
from workbench.stages.study_replay import standing_of_last_months
from workbench.text import texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.bill_replay import Replay
    from workbench.results import Floats

say = texts(__name__)
SIZES = 4  # groups of as many accounts each, by what the list asks


@dataclass(frozen=True, eq=False)
class RealisationEvidence:
    """What is paid of the list, of every account-month of the last year with both on record.

    `today` bills those months at list prices, everybody on the plan on record; None where there is no list, and
    `why_not` says why. `share` is what each of its rows pays of it, NaN where one of the two is not known.
    """

    base: CustomerBase
    today: Replay | None
    share: Floats
    contracts: Contracts
    seller: NDArray[np.object_]
    why_not: str = ""

    @property
    def currency(self) -> str:
        """Return what amounts are in."""
        return "" if self.today is None else self.today.currency

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Tell which account-months have a payment and a list price."""
        return np.isfinite(self.share)

    @cached_property
    def in_last_month(self) -> NDArray[np.bool_]:
        """Tell which of those are of the last month."""
        if self.today is None:
            return self.known
        return self.known & self.today.rows.in_last_month

    @cached_property
    def last(self) -> pd.DataFrame:
        """Return the accounts of the last month: account_id, segment, seller, listed, paid, share, bound, size."""
        here = np.flatnonzero(self.in_last_month)
        if self.today is None:
            return pd.DataFrame(columns=["account_id", "segment", "seller", "listed", "paid", "share", "bound", "size"])
        rows, listed = self.today.rows, self.today.amounts[here]
        account = rows.account[here]
        size = np.zeros(len(here), dtype=int)
        if len(here) >= SIZES:
            for place, part in enumerate(np.array_split(np.argsort(listed, kind="stable"), SIZES)):
                size[part] = place
        return pd.DataFrame(
            {
                "account_id": rows.account_ids[account],
                "segment": rows.segment[account],
                "seller": self.seller[account],
                "listed": listed,
                "paid": listed * self.share[here],
                "share": self.share[here],
                "bound": self.contracts.bound[account],
                "size": size,
            },
            index=pd.Index(here, name="row"),
        )

    @property
    def basis(self) -> Basis:
        """Say on which accounts of which month the money stands."""
        if self.today is None:
            return Basis(0, len(self.base))
        month = f"{self.today.rows.shown_months[-1]:%Y-%m}"
        return Basis(len(self.last), len(self.base), month, month)

    @property
    def span(self) -> str:
        """Say which months were replayed."""
        if self.today is None:
            return ""
        months = self.today.rows.shown_months
        return f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}"

    @property
    def has_sellers(self) -> bool:
        """Tell whether it is on record who sold to whom, and more than one did."""
        return int(self.last["seller"].nunique()) > 1


def gather(base: CustomerBase) -> RealisationEvidence:
    """Return what every account pays of today's list, over the last year of the record."""
    contracts, sellers = contracts_in_force(base), base.accounts["seller"].to_numpy(dtype=object)
    try:
        today = standing_of_last_months(base, months=YEAR).today
    except WorkbenchError as error:
        return RealisationEvidence(base, None, np.array([]), contracts, sellers, str(error))
    if today is None or today.rows.recorded is None:
        why = say("no_list" if today is None else "no_revenue")
        return RealisationEvidence(base, None, np.array([]), contracts, sellers, why)
    share = share_of_list(today.rows.recorded, today.amounts, unknown=np.nan)
    return RealisationEvidence(base, today, share, contracts, sellers)
