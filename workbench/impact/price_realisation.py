"""Designs at what customers pay, not at list: each account keeps under every list the discount it has today."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.assignment import BILLED, CheapestThatFits
from workbench.impact.bill_replay import replay
from workbench.results import HALF_A_CENT, LAST_DIGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.bill_replay import Replay
    from workbench.impact.monthly_accounts import AccountMonths
    from workbench.pricing.price_book import PriceBook

    Floats = NDArray[np.float64]

# --- Replays at what customers pay: each account keeps, under every list, what it pays of today's


def realisation(today: Replay) -> Floats:
    """Return per account of the base what it pays over what today's list says, from the months that know both."""
    rows = today.rows
    if rows.recorded is None:
        return np.ones(len(rows.account_ids))
    both = np.isfinite(rows.recorded) & np.isfinite(today.amounts)
    paid = rows.by_account(np.where(both, rows.recorded, 0.0))
    listed = rows.by_account(np.where(both, today.amounts, 0.0))
    return share_of_list(paid, listed)


def share_of_list(paid: Floats, listed: Floats, *, least: float = 0.0, most: float = np.inf) -> Floats:
    """Return the share of its list price that each account pays: the one definition of it, whoever asks.

    Both are of the same months. The share is 1 where it is not known: where one of them is not, where the list asks
    for nothing, and where a credit outweighs what was paid, which is no discount.

    Parameters
    ----------
    least, most
        The shares that are taken for a discount or a surcharge on this list; outside, an account is billed as listed.
    """
    known = (listed > 0) & (paid >= 0)
    share = np.divide(paid, listed, out=np.ones(len(paid)), where=known)
    return np.where((share >= least) & (share <= most), share, 1.0)


def at_what_is_paid(today: Replay, *others: Replay) -> tuple[Replay, ...]:
    """Return today's replay and others of the same account-months with each account's own discount kept.

    Whom a list puts on request keeps the contract there is, and pays under it what is on record.
    """
    rows = today.rows
    if rows.recorded is None:
        return (today, *others)
    share = realisation(today)[rows.account]
    return (
        _paid(today, share, otherwise=~np.isfinite(today.amounts)),
        *(_paid(each, share, otherwise=on_request(each)) for each in others),
    )


def placed_by_need(today: Replay | None) -> CheapestThatFits:
    """Return how a design places accounts: in the cheapest plan that fits; who has a contract today keeps it."""
    if today is None:
        return CheapestThatFits()
    places = np.unique(today.rows.account[on_request(today)])
    return CheapestThatFits(contracts=frozenset(map(str, today.rows.account_ids[places])))


def on_request(replay: Replay) -> NDArray[np.bool_]:
    """Tell which account-months a replay puts into a plan whose price is on request."""
    unpriced = np.array([*(not plan.priced for plan in replay.book.plans), False])
    found: NDArray[np.bool_] = unpriced[replay.plan_index]
    return found


def _paid(replay: Replay, share: Floats, *, otherwise: NDArray[np.bool_]) -> Replay:
    """Return a replay at a share of its list, and at what is on record where the list is silent."""
    recorded = replay.rows.recorded
    assert recorded is not None  # noqa: S101 - asked only where revenue is on record
    amounts = np.where(otherwise, recorded, replay.amounts * share)
    reason = np.where(np.isfinite(amounts), BILLED, replay.reason)
    return replace(replay, amounts=amounts, reason=reason, realisation=share)


# --- What a design brings on a study's basis, held against what is paid

STEEP = 0.25  # a rise of a bill that guardrails and articles on price changes count as a shock


@dataclass(frozen=True, eq=False)
class DesignStanding:
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


def standing(rows: AccountMonths, book: PriceBook | None, today: Replay | None = None) -> DesignStanding:
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

    return DesignStanding(
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
