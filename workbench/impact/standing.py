"""What a design brings on a study's basis, held against what is paid: paid with paid, each account's discount kept.

The one place that says what revenue a design has. Its bills are those of the replay, on the months of the basis; its
plans stand alone here, because whether a customer also takes an add-on is a choice, and shown apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.realised import at_what_is_paid, on_request, placed_by_need, realisation
from workbench.impact.replay import replay
from workbench.tolerances import HALF_A_CENT, LAST_DIGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.account_months import AccountMonths
    from workbench.impact.replay import Replay
    from workbench.pricing import PriceBook

    Floats = NDArray[np.float64]

STEEP = 0.25  # a rise of a bill that guardrails and articles on price changes count as a shock


@dataclass(frozen=True, eq=False)
class Standing:
    """Monthly money of every account on a basis of one or more months; arrays are in the order of `account_ids`.

    `paid` is the revenue on record, NaN where none is; `listed_today` the bill of today's list, NaN where it has no
    price for the account (on request, unknown plan). `listed` is the bill of the design's plans, NaN where it cannot
    be billed, and what is paid where the design's plan is on request. `net` is what it comes to with each account's
    realisation `kept`: what it pays over what today's list says; 1 where today's list has no price for it. Money is a
    mean over the account's months in the basis. `on_contract` marks accounts that the design leaves on request.
    `today` and `after` are the replays behind it.
    """

    currency: str
    months: tuple[str, ...]
    account_ids: NDArray[np.object_]
    segment: NDArray[np.object_]
    paid: Floats
    listed_today: Floats
    listed: Floats
    net: Floats
    kept: Floats
    customer_months: Floats
    on_contract: NDArray[np.bool_]
    today: Replay | None = field(repr=False)
    after: Replay | None = field(repr=False)

    @cached_property
    def is_customer(self) -> NDArray[np.bool_]:
        """Tell which accounts were customers in a month of the basis."""
        return self.customer_months > 0

    @cached_property
    def compared(self) -> NDArray[np.bool_]:
        """Tell which accounts have money on both sides: paid on record, and a bill under the design."""
        return np.isfinite(self.paid) & np.isfinite(self.listed)

    @property
    def accounts(self) -> int:
        """Return how many accounts were customers."""
        return int(self.is_customer.sum())

    @property
    def revenue_today(self) -> float:
        """Return the revenue on record, a month; NaN where none is."""
        return self._a_month(self.paid)

    @property
    def revenue_today_list(self) -> float:
        """Return what today's list bills, a month, discounts left out; NaN without a list.

        Who has no price on it pays what is on record, as under the new list.
        """
        if self.today is None:
            return float("nan")
        return self._a_month(np.where(np.isfinite(self.listed_today), self.listed_today, self.paid))

    @property
    def revenue_list(self) -> float:
        """Return what the design's plans bill, a month, discounts left out."""
        return self._a_month(self.listed)

    @property
    def revenue_net(self) -> float:
        """Return what the design's plans bill, a month, each account with its own discount."""
        return self._a_month(self.net)

    @property
    def not_billed(self) -> float:
        """Return the revenue on record of accounts the design has no bill for: it is in no revenue of the design."""
        return self._a_month(np.where(np.isfinite(self.listed), 0.0, self.paid))

    @property
    def without_list_price(self) -> float:
        """Return the revenue on record of accounts without a price on today's list that the new list bills.

        Their discount is not known, so the new list is taken as it stands for them.
        """
        return self._a_month(np.where(np.isfinite(self.listed_today) | self.on_contract, 0.0, self.paid))

    @cached_property
    def change(self) -> Floats:
        """Return how much more each compared account pays, NaN elsewhere."""
        return np.where(self.compared, self.net - self.paid, np.nan)

    @property
    def pay_more(self) -> float:
        """Return the share of compared accounts whose bill rises, by half a cent or more; NaN without any."""
        return self._share(self.change > HALF_A_CENT)

    @property
    def pay_less(self) -> float:
        """Return the share of compared accounts whose bill falls, by half a cent or more; NaN without any."""
        return self._share(self.change < -HALF_A_CENT)

    def rises_above(self, share: float) -> NDArray[np.bool_]:
        """Tell which compared accounts' bills rise by more than a share (0.25 is +25%); from nothing counts as more."""
        return self.compared & (self.net > self.paid * (1 + share + LAST_DIGITS) + HALF_A_CENT * (self.paid == 0))

    def _a_month(self, values: Floats) -> float:
        """Add up what accounts pay in a month of the basis, from their own means."""
        known = np.isfinite(values)
        if not known.any():
            return float("nan")
        return float((values * self.customer_months)[known].sum()) / len(self.months)

    def _share(self, which: NDArray[np.bool_]) -> float:
        total = int(self.compared.sum())
        return float((which & self.compared).sum()) / total if total else float("nan")


def standing(rows: AccountMonths, book: PriceBook | None, today: Replay | None = None) -> Standing:
    """Bill the months of a basis under a design's plans, and set them beside today's list and what is paid.

    Parameters
    ----------
    rows
        The account-months of the basis, as `account_months` returns them.
    book
        The design's price book; None where there is none, and its bills are then unknown.
    today
        Today's list over the same account-months, everybody on the plan on record; None where there is no list.

    """
    blank = np.full(len(rows), np.nan)
    after = None
    listed = net = blank
    contract = np.zeros(len(rows), dtype=bool)
    if book is not None and book.plans:
        after = replay(rows, replace(book, add_ons=()), assign=placed_by_need(today), name=book.name)
        recorded = blank if rows.recorded is None else rows.recorded
        contract = on_request(after)
        listed = np.where(contract, recorded, after.amounts)
        net = listed if today is None else at_what_is_paid(today, after)[1].amounts
    count = rows.months_of_account

    def mean(values: Floats) -> Floats:
        """Return the mean over an account's months; unknown where one of them is."""
        with np.errstate(invalid="ignore"):
            return np.where(count > 0, rows.by_account(values) / count, np.nan)

    return Standing(
        currency=rows.currency or (book.currency if book else ""),
        months=tuple(f"{month:%Y-%m}" for month in rows.shown_months),
        account_ids=rows.account_ids,
        segment=rows.segment,
        paid=mean(blank if rows.recorded is None else rows.recorded),
        listed_today=mean(blank if today is None else today.amounts),
        listed=mean(listed),
        net=mean(net),
        kept=np.ones(len(rows.account_ids)) if today is None else realisation(today),
        customer_months=count,
        on_contract=rows.by_account(contract.astype(float)) > 0,
        today=today,
        after=after,
    )
