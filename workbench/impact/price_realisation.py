"""What customers pay of the list: discounts they keep under any list, and why what was paid differs from today's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import count, number, percent
from workbench.impact.bill_replay import Replay, replay
from workbench.impact.billing import BILLED, REASONS, Assignment, CheapestThatFits, KeepPlan, offer_bills
from workbench.impact.errors import ReplayError
from workbench.locales import NO_CURRENCY
from workbench.pricing.price_book import Plan, PriceBook
from workbench.results import HALF_A_CENT, LAST_DIGITS, Caution, Floats
from workbench.stats import interval_of_draws, on_one, resampled_sums
from workbench.study.model import Guardrails

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.monthly_accounts import AccountMonths
    from workbench.results import Interval


# --- Replays at what customers pay: each account keeps, under every list, what it pays of today's


def realisation(today: Replay) -> Floats:
    """Return each account's price realisation: paid over what today's list says, from the months that know both."""
    rows = today.rows
    if rows.recorded is None:
        return np.ones(len(rows.account_ids))
    both = np.isfinite(rows.recorded) & np.isfinite(today.amounts)
    paid = rows.by_account(np.where(both, rows.recorded, 0.0))
    listed = rows.by_account(np.where(both, today.amounts, 0.0))
    return share_of_list(paid, listed)


def share_of_list(
    paid: Floats, listed: Floats, *, least: float = 0.0, most: float = np.inf, unknown: float = 1.0
) -> Floats:
    """Return the share of its list price that each account pays: the one definition of it, whoever asks.

    Both are of the same months. The share is not known where one of them is not, where the list asks for nothing, and
    where a credit outweighs what was paid, which is no discount.

    Parameters
    ----------
    least, most
        The shares that are taken for a discount or a surcharge on this list; outside, an account is billed as listed.
    unknown
        What stands where the share is not known, or not taken for one.
    """
    known = (listed > 0) & (paid >= 0)
    share = np.divide(paid, listed, out=np.full(len(paid), unknown), where=known)
    return np.where((share >= least) & (share <= most), share, unknown)


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


def book_on_record(rows: AccountMonths) -> PriceBook:
    """Return the plans that accounts are on as a price book without prices: `at_what_is_paid` bills it as recorded."""
    plans = tuple(Plan(str(name), None) for name in rows.plans.names) or (Plan("Today", None),)
    return PriceBook("Today", rows.currency or NO_CURRENCY, plans)


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

_DRAWS = 2000
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
    def compared(self) -> NDArray[np.bool_]:
        """Tell which accounts have money on both sides: paid on record, and a bill under the design."""
        return np.isfinite(self.paid) & np.isfinite(self.listed)

    @property
    def accounts(self) -> int:
        """Return how many accounts were customers."""
        return int((self.customer_months > 0).sum())

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

    @cached_property
    def on_one(self) -> tuple[int, float] | None:
        """Return the place and the share of the account that pays over half of all; None where none does."""
        return on_one(np.nan_to_num(self.paid) * self.customer_months)

    @cached_property
    def difference(self) -> Interval | None:
        """Return what the design brings more than is paid, as a share of that, had other accounts like these come.

        None where nobody pays and is billed. Bills of these accounts are exact: the range says how far the total hangs
        on which of them there happen to be.
        """
        paid, net = (np.where(self.compared, side * self.customer_months, 0.0) for side in (self.paid, self.net))
        if paid.sum() <= 0:
            return None
        sums = resampled_sums(np.column_stack([paid, net]), draws=_DRAWS)
        drawn = np.divide(sums[:, 1], sums[:, 0], out=np.ones(len(sums)), where=sums[:, 0] > 0) - 1
        return interval_of_draws(drawn, float(net.sum() / paid.sum() - 1))

    @cached_property
    def of_others(self) -> tuple[float, float]:
        """Return what all but the one account pay a month, and what the design brings of them; 0 without others."""
        others = np.arange(len(self.paid)) != (-1 if self.on_one is None else self.on_one[0])
        return self._a_month(np.where(others, self.paid, 0.0)), self._a_month(np.where(others, self.net, 0.0))

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
        months=tuple(f"{month:%Y-%m}" for month in rows.shown_months), account_ids=rows.account_ids,
        segment=rows.segment, paid=mean(blank if rows.recorded is None else rows.recorded),
        listed_today=mean(blank if today is None else today.amounts), listed=mean(listed), net=mean(net),
        kept=np.ones(len(rows.account_ids)) if today is None else realisation(today), customer_months=count,
        on_contract=rows.by_account(contract.astype(float)) > 0, today=today, after=after,
    )  # fmt: skip


# --- Explain, account by account, why what was paid differs from the list

NOT_COMPARED = "not compared"
ROUNDING = "within rounding"
STEADY_DISCOUNT = "steady discount"
STEADY_SURCHARGE = "steady surcharge"
OTHER_MONTHS = "a few months differ"
CHANGED_DISCOUNT = "discount that changed"
OTHER_QUANTITY = "another quantity billed"
OTHER_PLAN = "another plan billed"
UNEXPLAINED = "unexplained"
EXPLAINED = frozenset(
    {ROUNDING, STEADY_DISCOUNT, STEADY_SURCHARGE, OTHER_MONTHS, CHANGED_DISCOUNT, OTHER_QUANTITY, OTHER_PLAN}
)
_STEADY = 0.002  # a discount whose monthly values stay within this is one and the same
_ROUNDED_BILL = 0.001
_FEW_MONTHS = 0.25  # of an account's months, and at most three of them
_MOST_FEW = 3
_LARGEST_DISCOUNT = 0.9
_WHOLE = 1e-6
_FEWEST_MONTHS = 3  # below, two levels of a discount fit anything


def explain_differences(done: Replay, paid: Floats, both: NDArray[np.bool_], tolerance: float) -> Explanations:
    """Return the first explanation that holds for each account: the order is from plain to far-fetched."""
    rows = done.rows
    recorded = rows.matrix(np.where(both, paid, np.nan), np.nan)
    replayed = rows.matrix(np.where(both, done.amounts, np.nan), np.nan)
    found = Explanations(len(rows.account_ids))
    compared = np.isfinite(recorded)
    months = compared.sum(axis=1)
    same = np.abs(recorded - replayed) <= np.maximum(tolerance, _ROUNDED_BILL * replayed)
    found.put(months == 0, NOT_COMPARED)
    found.put(np.asarray((same | ~compared).all(axis=1)), ROUNDING)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(compared & (replayed > 0), recorded / replayed, np.nan)
    middle = _median(ratio)
    known = np.isfinite(ratio).sum(axis=1) == months
    steady = known & (np.nan_to_num(np.abs(ratio - middle[:, None]), nan=0.0) <= _STEADY).all(axis=1)
    quantity = _OtherQuantity(done, paid, both, tolerance)
    # Where a whole number of units explains the bill and the discount would be an odd one, the units do.
    whole = quantity.explains & ~_is_round(middle)
    discount = steady & (middle < 1) & (1 - middle <= _LARGEST_DISCOUNT) & ~whole
    found.put(discount, STEADY_DISCOUNT, lambda i: f"{percent(1 - float(middle[i]), 1)} below the list in every month")
    found.put(
        steady & (middle > 1) & ~whole, STEADY_SURCHARGE, lambda i: f"{percent(float(middle[i]) - 1, 1)} above the list"
    )
    plan = _other_plan(done, both, recorded, compared, tolerance)
    found.put(plan >= 0, OTHER_PLAN, lambda i: f"the bills are those of {done.book.plan_names[plan[i]]}")
    found.put(quantity.explains, OTHER_QUANTITY, quantity.words)
    odd = compared & ~(np.abs(ratio - middle[:, None]) <= _STEADY)
    few = (odd.sum(axis=1) <= np.minimum(_MOST_FEW, _FEW_MONTHS * months)) & (middle <= 1 + _STEADY)
    shown = rows.shown_months
    found.put(few, OTHER_MONTHS, lambda i: _months_text(shown[odd[i]], ratio[i][odd[i]], compared[i], float(middle[i])))
    found.put(
        known & (months >= _FEWEST_MONTHS) & _one_step(ratio),
        CHANGED_DISCOUNT,
        lambda i: _step_text(shown[compared[i]], ratio[i][compared[i]]),
    )
    found.put(np.ones(len(months), dtype=bool), UNEXPLAINED)
    return found


class Explanations:
    """One class and one text per account, in the order of the base: the first explanation that holds for it."""

    def __init__(self, accounts: int) -> None:
        self.kinds = np.full(accounts, "", dtype=object)
        self.details = np.full(accounts, "", dtype=object)

    def put(self, holds: NDArray[np.bool_], kind: str, words: Callable[[int], str] | None = None) -> None:
        """Keep what holds of accounts that have no explanation yet."""
        for place in np.flatnonzero(holds & (self.kinds == "")):
            self.kinds[place] = kind
            self.details[place] = words(int(place)) if words else ""


class _OtherQuantity:
    """Whether another whole number of units of a plan's one unit price explains every month of an account."""

    def __init__(self, done: Replay, paid: Floats, both: NDArray[np.bool_], tolerance: float) -> None:
        rows = done.rows
        units = np.full(len(rows), np.nan)
        used = np.full(len(rows), np.nan)
        self._metric = np.full(len(rows.account_ids), "", dtype=object)
        for place, plan in enumerate(done.book.plans):
            charge = plan.charges[0] if len(plan.charges) == 1 else None
            if not plan.priced or charge is None or charge.model != "per_unit" or not charge.unit_price:
                continue
            here = np.flatnonzero(both & (done.plan_index == place))
            fee, price = float(plan.base_fee or 0), float(Fraction(charge.unit_price) * charge.unit_factor)
            units[here] = (paid[here] - fee) / price + float(Fraction(charge.free_units) / charge.unit_factor)
            used[here] = done.billed(charge.metric)[here]
            self._metric[rows.account[here]] = charge.metric
            slack = tolerance / price + _WHOLE
            units[here] = np.where(np.abs(units[here] - np.round(units[here])) <= slack, np.round(units[here]), np.nan)
        self._units, self._used = rows.matrix(units, np.nan), rows.matrix(used, np.nan)
        compared = rows.matrix(both.astype(float)) > 0
        whole = np.isfinite(self._units) & (self._units >= 0)
        # One number of units over all months is a contract; units that move as they like explain nothing.
        low, high = _extremes(self._units)
        self.explains = compared.any(axis=1) & (whole | ~compared).all(axis=1) & (low == high)

    def words(self, place: int) -> str:
        used, units = self._used[place], self._units[place]
        least, most = np.nanmin(used), np.nanmax(used)
        span = number(least) if least == most else f"{number(least)} to {number(most)}"
        return f"billed for {number(float(np.nanmax(units)))} {self._metric[place]}; usage shows {span}"


def _other_plan(
    done: Replay, both: NDArray[np.bool_], recorded: Floats, compared: NDArray[np.bool_], tolerance: float
) -> NDArray[np.intp]:
    """Return per account the plan whose bills meet the record in every month, -1 when there is none."""
    rows = done.rows
    found = np.full(len(rows.account_ids), -1, dtype=np.intp)
    for place, plan in enumerate(done.book.plans):
        if not plan.priced:
            continue
        bills = offer_bills(plan, {charge.metric: done.billed(charge.metric) for charge in plan.charges})
        there = rows.matrix(np.where(both, bills, np.nan), np.nan)
        same = np.abs(recorded - there) <= np.maximum(tolerance, _ROUNDED_BILL * there)
        found[(found < 0) & compared.any(axis=1) & (same | ~compared).all(axis=1)] = place
    return found


def _is_round(ratio: Floats) -> NDArray[np.bool_]:
    """Tell whether a ratio is a discount somebody would give: a multiple of half a percent."""
    steps = np.abs(1 - ratio) * 200
    return np.abs(steps - np.round(steps)) <= 0.02  # noqa: PLR2004 - a ten-thousandth of the bill


def _one_step(ratio: Floats) -> NDArray[np.bool_]:
    """Tell whether a ratio stays at one level up to some month and at another from there on."""
    found = np.zeros(len(ratio), dtype=bool)
    for split in range(1, ratio.shape[1]):
        parts = []
        for part in (ratio[:, :split], ratio[:, split:]):
            low, high = _extremes(part)
            parts.append(np.isfinite(low) & (high - low <= 2 * _STEADY) & (high <= 1 + _STEADY))
        found |= parts[0] & parts[1]
    return found


def _extremes(values: Floats) -> tuple[Floats, Floats]:
    """Return the least and the most of each row; NaN where nothing is known."""
    return np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)


def _median(values: Floats) -> Floats:
    """Return each row's lower median of what is known; NaN where nothing is."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    known = np.isfinite(values).sum(axis=1)
    return ordered[np.arange(len(values)), np.maximum(known - 1, 0) // 2]


def _months_text(months: pd.DatetimeIndex, ratios: Floats, compared: NDArray[np.bool_], usual: float) -> str:
    known = ratios[np.isfinite(ratios)]
    if not known.size:
        what = "paid, though the list asks nothing"
    else:
        what = "promotion or part of a month" if float(known.mean()) < usual else "more than usual"
    named = ", ".join(f"{month:%Y-%m}" for month in months)
    else_paid = "at the list" if abs(usual - 1) <= _STEADY else f"{percent(1 - usual, 1)} below the list"
    return f"{named}: {what}; the other {count('month', int(compared.sum()) - len(months))} {else_paid}"


def _step_text(months: pd.DatetimeIndex, ratios: Floats) -> str:
    jump = int(np.argmax(np.abs(np.diff(ratios)))) + 1
    before, after = 1 - float(ratios[0]), 1 - float(ratios[-1])
    return f"{percent(before, 1)} below the list before {months[jump]:%Y-%m}, {percent(after, 1)} from then on"


# --- Today's prices against what was paid: does the replay start from the truth, and if not, why not

MOST_UNEXPLAINED = Guardrails().most_unexplained  # share of recorded revenue
MOST_BELOW_LIST = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class Reconciliation:
    """How well a replay of today's prices meets recorded revenue, account by account.

    Attributes
    ----------
    accounts
        account_id, segment, months (compared), months_not_compared, recorded, replayed (sums of the months compared),
        difference, share (difference over replayed), without_bill (recorded revenue of the other months), explanation
        (a class), detail (in words).
    recorded, compared
        All recorded revenue, and the part of it that has a bill beside it.
    replayed
        What today's prices bill for the part compared.
    off, unexplained
        Sum of all absolute monthly differences, and the part of it in accounts nothing explains.
    most_unexplained
        Share from which comparisons warn.
    replay
        The replay of today's prices.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import reconcile
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> found = reconcile(base, book)
    >>> found.recorded, found.replayed, found.off, round(found.below_list, 3)
    (250.0, 270.0, 20.0, 0.074)
    """

    accounts: pd.DataFrame
    recorded: float
    compared: float
    replayed: float
    off: float
    unexplained: float
    most_unexplained: float | None
    replay: Replay

    def __repr__(self) -> str:
        return f"Reconciliation({len(self.accounts):,} accounts, {percent(self.unexplained_share, 1)} unexplained)"

    @property
    def not_compared_share(self) -> float:
        """Return the share of recorded revenue without a bill beside it."""
        return 1 - self.compared / self.recorded if self.recorded else float("nan")

    @property
    def unexplained_share(self) -> float:
        """Return unexplained differences and revenue without a bill, as a share of all recorded revenue."""
        if not self.recorded:
            return float("nan")
        return (self.unexplained + self.recorded - self.compared) / self.recorded

    @property
    def below_list(self) -> float:
        """Return by how much recorded revenue stays below today's list, as a share of the list (discounts)."""
        return 1 - self.compared / self.replayed if self.replayed else float("nan")

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what every comparison with this baseline has to say about itself."""
        found = []
        if not self.recorded:
            return (Caution("No revenue is on record for these months, so today's prices could not be checked."),)
        if self.most_unexplained is not None and self.unexplained_share > self.most_unexplained:
            found.append(
                Caution(
                    f"Today's prices do not account for {percent(self.unexplained_share, 1)} of recorded revenue: "
                    f"{percent(self.not_compared_share, 1)} has no bill beside it{self._why_none()}, and differences "
                    f"worth {percent(self.unexplained / self.recorded, 1)} are unexplained. Changes against today's "
                    "prices carry that error."
                )
            )
        if self.below_list > MOST_BELOW_LIST:
            found.append(
                Caution(
                    f"Customers pay {percent(self.below_list, 1)} less than today's list: what a list brings and what "
                    "is paid are two things, and each is compared with its like."
                )
            )
        return tuple(found)

    def _why_none(self) -> str:
        reasons = self.replay.coverage().query("reason != 'billed'")["reason"]
        return f" ({', '.join(reasons)})" if len(reasons) else ""

    def summary(self) -> pd.DataFrame:
        """Return one row per explanation: explanation, accounts, recorded, without_bill, difference, share_of_recorded.

        The share is that of the recorded revenue compared.
        """
        table = self.accounts.groupby("explanation", sort=False).agg(
            accounts=("account_id", "size"),
            recorded=("recorded", "sum"),
            without_bill=("without_bill", "sum"),
            difference=("difference", "sum"),
        )
        table["share_of_recorded"] = table["recorded"] / self.compared if self.compared else float("nan")
        return table.sort_values("accounts", ascending=False).reset_index()


def reconcile(
    base: CustomerBase | AccountMonths | Replay,
    today_book: PriceBook | None = None,
    *,
    assign: Assignment | None = None,
    tolerance: float = 0.01,
    most_unexplained: float | None = MOST_UNEXPLAINED,
    **settings: Any,  # noqa: ANN401 - passed on to replay, which names them
) -> Reconciliation:
    """Compare a replay of today's prices with recorded revenue, and explain the difference account by account.

    Parameters
    ----------
    base
        A customer base, its account-months, or a replay of today's prices that exists already.
    today_book
        Today's price book; only a replay brings its own.
    assign
        The plan on record (`KeepPlan`) by default.
    tolerance
        What counts as rounding, in currency per month (a thousandth of the bill where that is more).
    most_unexplained
        Share of recorded revenue from which every comparison warns; None: never.
    settings
        Those of `account_months`.

    Returns
    -------
    Reconciliation
        Recorded against replayed revenue, account by account, with what explains the difference.

    Raises
    ------
    ReplayError
        Without recorded revenue.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import reconcile
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> reconcile(base, book).accounts[["account_id", "recorded", "replayed", "explanation"]]
      account_id  recorded  replayed              explanation
    0          A      50.0      50.0          within rounding
    1          B     200.0     220.0  another quantity billed
    """
    if isinstance(base, Replay):
        done = base
    elif today_book is None:
        raise ReplayError("Reconciling needs today's price book.", "Give it, or a replay of it.")
    else:
        done = replay(base, today_book, assign=assign or KeepPlan(), **settings)
    rows = done.rows
    if rows.recorded is None:
        raise ReplayError("There is no revenue on record to reconcile with.", "It needs the table mrr.")
    on_record = np.isfinite(rows.recorded)
    both = on_record & np.isfinite(done.amounts)
    recorded, replayed = np.where(both, rows.recorded, 0.0), np.where(both, done.amounts, 0.0)
    difference = recorded - replayed
    found = explain_differences(done, rows.recorded, both, tolerance)
    here = np.bincount(rows.account, on_record, len(rows.account_ids)) > 0
    table = _table(done, both, recorded, replayed).assign(explanation=found.kinds, detail=found.details)
    _say_why_not_compared(table, done, both)
    unexplained = ~np.isin(found.kinds, list(EXPLAINED))
    return Reconciliation(
        accounts=table[here].reset_index(drop=True), recorded=float(np.nansum(rows.recorded)),
        compared=float(recorded.sum()), replayed=float(replayed.sum()), off=float(np.abs(difference).sum()),
        unexplained=float(rows.by_account(np.abs(difference))[unexplained].sum()), most_unexplained=most_unexplained,
        replay=done,
    )  # fmt: skip


def _table(done: Replay, both: NDArray[np.bool_], recorded: Floats, replayed: Floats) -> pd.DataFrame:
    rows = done.rows
    months = rows.by_account(both.astype(float)).astype(int)
    first, second = rows.by_account(recorded), rows.by_account(replayed)
    unmet = np.zeros(len(rows)) if rows.recorded is None else np.where(both, 0.0, np.nan_to_num(rows.recorded))
    share = np.divide(first - second, second, out=np.full(len(first), np.nan), where=second > 0)
    return pd.DataFrame(
        {
            "account_id": rows.account_ids,
            "segment": rows.segment,
            "months": months,
            "months_not_compared": np.bincount(rows.account, minlength=len(rows.account_ids)) - months,
            "recorded": first,
            "replayed": second,
            "difference": first - second,
            "share": share,
            "without_bill": rows.by_account(unmet),
        }
    )


def _say_why_not_compared(table: pd.DataFrame, done: Replay, both: NDArray[np.bool_]) -> None:
    """Write into the new table why accounts without any month compared have none: their most frequent reason."""
    rows = done.rows
    alone = (table["explanation"] == NOT_COMPARED).to_numpy()
    codes = list(REASONS)
    counts = np.bincount(
        rows.account * len(codes) + np.where(both, BILLED, done.reason), minlength=len(table) * len(codes)
    )
    counts = counts.reshape(len(table), len(codes))
    counts[:, BILLED] = 0
    names = np.array(list(REASONS.values()), dtype=object)
    table.loc[alone, "detail"] = names[counts.argmax(axis=1)][alone]
    table.loc[alone, "explanation"] = NOT_COMPARED + ": " + table.loc[alone, "detail"]
