"""The one place that turns quantities into amounts, and says who is on which plan with which add-ons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, overload

import numpy as np
import pandas as pd

from workbench.errors import ChargeError
from workbench.formatting import count
from workbench.impact.errors import ReplayError
from workbench.impact.monthly_accounts import AccountMonths, MonthShares, month_of
from workbench.pricing.charge import Charge, prorated
from workbench.pricing.placement import NO_PLAN, UNKNOWN_COST, Placement, PlacementBook, cheapest, fit_needs, holds
from workbench.pricing.price_book import AddOn, Bill, Plan, PriceBook, plans_that_may_buy
from workbench.pricing.price_curve import ratio_along
from workbench.pricing.values import ZERO, Number
from workbench.results import Caution, Floats

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import ArrayLike, NDArray

    Numbers = NDArray[np.floating]
    Price = float | Floats
    Rows = NDArray[np.intp] | slice

# --- What quantities come to: base fees, charges, add-ons, parts of months, offers as such

BASE_FEE = "base fee"
EVERY_ROW = slice(None)


@dataclass(frozen=True, slots=True, eq=False)
class ItemAmounts:
    """One item of many bills: the offer, what it is for (the base fee or a metric), and the amount of each row."""

    offer: str
    item: str
    rows: Rows
    amounts: Floats
    charge: Charge | None = None


def amount_of(charges: Charge | Iterable[Charge], quantity: Number) -> Decimal:
    """Return exactly what charges on one metric come to in a month, together, at one quantity."""
    every = (charges,) if isinstance(charges, Charge) else charges
    return sum((charge.amount(quantity) for charge in every), start=ZERO)


def amounts_of(charge: Charge, quantities: ArrayLike) -> Floats:
    """Return what a charge comes to in a month at each quantity; NaN where it is unknown."""
    return charge.amounts(quantities)


def bill_of(offer: Plan | AddOn, quantities: Mapping[str, Number]) -> Bill:
    """Return the exact, itemised bill of an offer for a month at one quantity per metric; ChargeError on request."""
    return offer.bill(quantities)


def offer_bills(offer: Plan | AddOn, quantities: Mapping[str, ArrayLike]) -> Floats:
    """Return the bill of an offer for a month per account; NaN where a quantity is unknown, ChargeError on request."""
    return offer.bills(quantities)


@overload
def bills_at(price: float, units: float, rest: float | None = None) -> float: ...


@overload
def bills_at(price: Price, units: Floats, rest: Floats | float | None = None) -> Floats: ...


@overload
def bills_at(price: Price, units: Numbers, rest: Numbers | float | None = None) -> Numbers: ...


def bills_at(price: Price, units: Numbers | float, rest: Numbers | float | None = None) -> Numbers | float:
    """Return bills that are one price times units, with a rest that this price does not move.

    A search tries thousands of prices of one offer: it has split the offer's bills once, and bills nobody anew.
    """
    moving = price * units
    return moving if rest is None else moving + rest


def bills_along(charge: Charge, quantities: ArrayLike) -> pd.DataFrame:
    """Return the bill of a charge at each quantity and at ten times it: quantity, bill, bill_at_multiple, ratio."""
    return ratio_along(charge, quantities)


def placed_under(prepared: PlacementBook, book: PriceBook) -> Placement:
    """Return in which plan of a book each account's needs put it, and its bill there."""
    return prepared.reprice(book)


def plan_rows(plan_index: NDArray[np.intp], place: int) -> Rows:
    """Return the rows in a plan; all of them as a slice, which needs no copy."""
    here = plan_index == place
    return EVERY_ROW if here.all() else np.flatnonzero(here)


def bill_plans(book: PriceBook, plan_index: NDArray[np.intp], billed: Callable[[str], Floats]) -> Floats:
    """Return the bill of each row's plan, without add-ons and for whole months; NaN where it has no price."""
    found = np.full(len(plan_index), np.nan)
    for place, plan in enumerate(book.plans):
        if not plan.priced:
            continue
        here = plan_rows(plan_index, place)
        found[here] = offer_bills(plan, _quantities(plan, billed, here))
    return found


def add_add_ons(
    book: PriceBook, owned: Mapping[str, NDArray[np.intp]], billed: Callable[[str], Floats], amounts: Floats
) -> Floats:
    """Return the amounts with the priced add-ons that rows pay for."""
    total = amounts.copy()
    for name, here in owned.items():
        add_on = book.add_on(name)
        if add_on.priced and len(here):
            total[here] += offer_bills(add_on, _quantities(add_on, billed, here))
    return total


def _quantities(offer: Plan | AddOn, billed: Callable[[str], Floats], here: Rows) -> dict[str, Floats]:
    return {charge.metric: billed(charge.metric)[here] for charge in offer.charges}


def offers_of_rows(
    book: PriceBook, plan_index: NDArray[np.intp], owned: Mapping[str, NDArray[np.intp]]
) -> Iterator[tuple[Plan | AddOn, Rows]]:
    """Go through the priced offers with the rows that pay for them."""
    for place, plan in enumerate(book.plans):
        if plan.priced:
            yield plan, plan_rows(plan_index, place)
    for name, here in owned.items():
        if book.add_on(name).priced:
            yield book.add_on(name), here


def items(
    book: PriceBook,
    rows: AccountMonths,
    plan_index: NDArray[np.intp],
    owned: Mapping[str, NDArray[np.intp]],
    billed: Callable[[str], Floats],
) -> Iterator[ItemAmounts]:
    """Go through every item of every bill; together they sum to the bills."""
    for offer, here in offers_of_rows(book, plan_index, owned):
        yield from items_of_offer(offer, rows, here, billed)


def items_of_offer(
    offer: Plan | AddOn, rows: AccountMonths, here: Rows, billed: Callable[[str], Floats]
) -> Iterator[ItemAmounts]:
    """Go through the items that rows have on their bill for an offer, whether or not they are in it."""
    if offer.base_fee:
        yield ItemAmounts(offer.name, BASE_FEE, here, fees(offer.base_fee, here, rows.shares, len(rows)))
    for charge in offer.charges:
        yield ItemAmounts(offer.name, charge.metric, here, amounts_of(charge, billed(charge.metric)[here]), charge)


def fees(fee: Decimal, here: Rows, shares: MonthShares, size: int) -> Floats:
    """Return the base fee of each row, by the share of the month where only a part is billed."""
    if not shares.parts:
        return np.full(size if isinstance(here, slice) else len(here), float(fee))
    every = np.full(size, float(fee))
    part = np.array([float(prorated(fee, share)) for share in shares.parts])
    every[shares.rows] = part[shares.code]
    return every[here]


def for_parts_of_months(
    book: PriceBook,
    rows: AccountMonths,
    plan_index: NDArray[np.intp],
    owned: Mapping[str, NDArray[np.intp]],
    amounts: Floats,
) -> Floats:
    """Return the amounts with base fees of partial months reduced to their share; usage is billed as used."""
    if not rows.shares.parts:
        return amounts
    total = amounts.copy()
    for offer, here in offers_of_rows(book, plan_index, owned):
        if offer.base_fee:
            total[here] += fees(offer.base_fee, here, rows.shares, len(rows)) - float(offer.base_fee)
    return total


# --- Why an account-month could not be billed

BILLED = 0
NO_PLAN_FITS = 1
PLAN_UNKNOWN = 2
PLAN_NOT_OFFERED = 3
ON_REQUEST = 4
NO_USAGE = 5
QUANTITY_UNKNOWN = 6
PAID_UNKNOWN = 7
REASONS = {
    BILLED: "billed",
    NO_PLAN_FITS: "no plan fits",
    PLAN_UNKNOWN: "plan not known",
    PLAN_NOT_OFFERED: "plan not in the price book",
    ON_REQUEST: "price on request",
    NO_USAGE: "no usage on record that month",
    QUANTITY_UNKNOWN: "quantity of a charged metric unknown",
    PAID_UNKNOWN: "what was paid is not on record",
}


def unbilled_reasons(
    rows: AccountMonths,
    plan_index: NDArray[np.intp],
    amounts: Floats,
    without_plan: NDArray[np.uint8] | int,
    priced: tuple[bool, ...],
) -> NDArray[np.uint8]:
    """Return why each account-month has no bill; BILLED where it has one.

    `without_plan` says why a row whose place in the price book is -1 has no plan.
    """
    found = np.zeros(len(rows), dtype=np.uint8)
    unknown = np.isnan(amounts)
    if not unknown.any():
        return found
    has_price = np.append(np.array(priced, dtype=bool), False)[plan_index]
    found[unknown] = np.where(rows.any_usage()[unknown], QUANTITY_UNKNOWN, NO_USAGE)
    found = np.where(unknown & ~has_price, np.uint8(ON_REQUEST), found)
    return np.where(plan_index < 0, np.asarray(without_plan, dtype=np.uint8), found)


# --- Which add-ons each account pays for in a replay

AddOnsOwned: TypeAlias = "Literal['by need', 'none'] | Mapping[str, Iterable[str]]"


def add_ons_owned(
    book: PriceBook,
    rows: AccountMonths,
    plan_index: NDArray[np.intp],
    owned: AddOnsOwned,
    billed: Callable[[str], Floats],
) -> dict[str, NDArray[np.intp]]:
    """Return the rows that pay for each add-on.

    "by need": a row needs a feature of the add-on that its plan lacks, or uses more of a metric that the add-on sets
    free than is included. A mapping names each account's add-ons. `billed(metric)` gives the quantities that
    are billed. Rows without a plan pay for none.
    """
    if isinstance(owned, Mapping):
        return _as_told(book, rows, plan_index, owned)
    if owned not in ("by need", "none"):
        raise ReplayError(f"add_ons {owned!r} is unknown.", 'Write "by need", "none", or a mapping of accounts.')
    if owned == "none" or not book.add_ons:
        return {}
    found = {}
    for add_on in book.add_ons:
        need = _for_features(add_on, book, rows, plan_index) | _for_usage(add_on, billed, len(plan_index))
        able = plans_that_may_buy(add_on, book)
        need &= np.array([*(name in able for name in book.plan_names), False])[plan_index]
        if need.any():
            found[add_on.name] = np.flatnonzero(need)
    return found


def _for_features(
    add_on: AddOn, book: PriceBook, rows: AccountMonths, plan_index: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Tell which rows need a feature of the add-on that their plan lacks; none without a record of feature use."""
    known = () if rows.features is None else rows.features.names
    wanted = [name for name in add_on.features if name in known]
    if rows.features is None or not wanted:
        return np.zeros(len(rows), dtype=bool)
    buys = np.zeros((len(book.plans) + 1, len(rows.features.patterns)), dtype=bool)
    for name in wanted:
        lacking = np.array([*(name not in plan.features for plan in book.plans), False])
        buys |= lacking[:, None] & rows.features.patterns[None, :, rows.features.names.index(name)]
    return buys[plan_index, rows.features.code]


def _for_usage(add_on: AddOn, billed: Callable[[str], Floats], rows: int) -> NDArray[np.bool_]:
    """Tell which rows use more than is included of a metric whose limit the add-on lifts."""
    free = {limit.metric for limit in add_on.limits if limit.up_to is None}
    need = np.zeros(rows, dtype=bool)
    for charge in add_on.charges:
        if charge.metric in free:
            need |= billed(charge.metric) > float(charge.free_units)
    return need


def _as_told(
    book: PriceBook, rows: AccountMonths, plan_index: NDArray[np.intp], owned: Mapping[str, Iterable[str]]
) -> dict[str, NDArray[np.intp]]:
    holders: dict[str, set[str]] = {add_on.name: set() for add_on in book.add_ons}
    for account, names in owned.items():
        for name in names:
            book.add_on(name)  # refuses an unknown one, and lists those there are
            holders[name].add(account)
    found = {}
    for name, accounts in holders.items():
        holds = np.array([account in accounts for account in rows.account_ids], dtype=bool)
        found[name] = np.flatnonzero(holds[rows.account] & (plan_index >= 0))
    return found


# --- The cheapest plan where add-ons can do what a plan cannot


def with_what_add_ons_allow(book: PriceBook, add_ons: Iterable[AddOn] | None = None) -> PriceBook:
    """Return the price book with plans that hold whoever they can hold together with add-ons.

    Those are all that have a price, or the ones given.
    """
    sold = [add_on for add_on in book.add_ons if add_on.priced] if add_ons is None else tuple(add_ons)
    if not sold:
        return book
    inside = _inside(book)
    plans = []
    for plan in book.plans:
        own = [add_on for add_on in sold if plan.name in plans_that_may_buy(add_on, book)]
        free = {metric for add_on in own for metric in _sets_free(add_on)}
        brought = [name for add_on in own for name in add_on.features if name in inside]
        limits = tuple(limit for limit in plan.limits if limit.metric not in free)
        plans.append(replace(plan, limits=limits, features=tuple(dict.fromkeys((*plan.features, *brought)))))
    return replace(book, plans=tuple(plans), features=())


def owners_by_what_it_allows(
    book: PriceBook, account_ids: NDArray[np.object_], owned: Mapping[str, Iterable[str]]
) -> Iterator[tuple[PriceBook, NDArray[np.intp]]]:
    """Go through the places of accounts whose own add-ons allow the same, each with the price book this makes theirs.

    `owned` names each account's add-ons. One that sets no limit free and brings no feature of a plan makes no
    difference; one on request does, for who has it.
    """
    inside = _inside(book)
    able = {each.name: each for each in book.add_ons if _sets_free(each) or inside & set(each.features)}
    groups: dict[frozenset[str], list[int]] = {}
    for place, account in enumerate(account_ids):
        groups.setdefault(frozenset(able.keys() & set(owned.get(account, ()))), []).append(place)
    for names, places in groups.items():
        yield with_what_add_ons_allow(book, [able[name] for name in sorted(names)]), np.array(places, dtype=np.intp)


def add_ons_decide(book: PriceBook) -> bool:
    """Tell whether what an account pays for add-ons depends on its plan, so that it counts in the choice of one."""
    inside = _inside(book)
    return any(
        add_on.priced and (inside & set(add_on.features) or len(plans_that_may_buy(add_on, book)) < len(book.plans))
        for add_on in book.add_ons
    )


def cheapest_with_add_ons(
    book: PriceBook, rows: AccountMonths, pattern: NDArray[np.uint32], billed: Callable[[str], Floats]
) -> tuple[NDArray[np.intp], Floats]:
    """Return each row's cheapest plan, the add-ons it would need there counted, and the bill of the plan alone.

    `pattern` tells which plans can hold a row, one bit per plan. A plan on request holds who fits into no other.
    """
    index, best, bills = (
        np.full(len(rows), NO_PLAN, dtype=np.intp),
        np.full(len(rows), np.inf),
        np.full(len(rows), np.nan),
    )
    for place, plan in enumerate(book.plans):
        if not plan.priced:
            continue
        everywhere = np.full(len(rows), place, dtype=np.intp)
        own = bill_plans(book, everywhere, billed)
        total = add_add_ons(book, add_ons_owned(book, rows, everywhere, "by need", billed), billed, own)
        total = np.where(np.isnan(total), UNKNOWN_COST, total)
        better = holds(pattern, place) & (total < best)
        best[better], bills[better], index[better] = total[better], own[better], place
    for place, plan in enumerate(book.plans):
        if not plan.priced:
            index[holds(pattern, place) & (index < 0)] = place
    return index, bills


def _inside(book: PriceBook) -> set[str]:
    return {name for plan in book.plans for name in plan.features}


def _sets_free(add_on: AddOn) -> set[str]:
    return {limit.metric for limit in add_on.limits if limit.up_to is None}


# --- Which plan each account is on in a replay: the cheapest that fits, a mapping, a rule, or as recorded

Billed: TypeAlias = "Callable[[str], Floats]"
PlanNames: TypeAlias = "Callable[[AccountMonths], ArrayLike]"


@dataclass(frozen=True, slots=True, eq=False)
class PlanChoice:
    """Each row's place in the price book's plans (-1: none, `why_none` says why), and the plan's bill if known.

    `bills` is None where nobody has worked out the bills yet.
    """

    plan_index: NDArray[np.intp]
    why_none: NDArray[np.uint8] | int
    bills: Floats | None = None
    cautions: tuple[Caution, ...] = ()


class Assignment(Protocol):
    """Anything that puts account-months into plans.

    The price book has the add-ons that accounts buy by need, and no others; `billed(metric)` gives the quantities that
    will be billed. `CheapestThatFits`, `KeepPlan`, `PlanTable` and `ByRule` are there; one of your own needs `choose`.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import CheapestThatFits, PlanTable, replay
    >>> from workbench.pricing import Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 20), Plan("Pro", 60)])
    >>> [replay(base, book, assign=way).revenue for way in (CheapestThatFits(), PlanTable({"A": "Team", "B": "Pro"}))]
    [80.0, 160.0]
    """

    def choose(self, rows: AccountMonths, book: PriceBook, billed: Billed) -> PlanChoice:
        """Return the plan of every account-month."""


@dataclass(frozen=True, slots=True)
class CheapestThatFits:
    """Put every account into the cheapest plan whose limits and features meet its needs.

    A feature that no plan contains keeps nobody out. Where add-ons are bought by need, an add-on that brings a feature
    or lifts a limit lets an account stay in a plan without, and counts in what that plan costs it; where accounts are
    told to own add-ons, those of its owner let it stay, and cost the same in every plan.

    Parameters
    ----------
    at
        A month ("2024-12"): the plan an account has in it, or in its last month before (else its first after), holds
        for the whole replay. None places month by month.
    needs_months
        Limits must hold the highest quantity of the month and so many - 1 before it; None: as many as the
        account-months count for features. Bills are those of the month.
    contracts
        Ids of accounts that have a contract instead of a list price: they stay on request where the price book has a
        plan on request, whatever else they would fit.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import CheapestThatFits, replay
    >>> from workbench.pricing import Limit, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 20, limits=[Limit("seats", 10)]), Plan("Pro", 60)])
    >>> replay(base, book, assign=CheapestThatFits(needs_months=1)).bills.tolist()
    [[20.0, 20.0], [20.0, 60.0]]
    >>> replay(base, book, assign=CheapestThatFits(at="2024-02")).bills.tolist()
    [[20.0, 20.0], [60.0, 60.0]]
    """

    at: str | None = None
    needs_months: int | None = None
    contracts: frozenset[str] = frozenset()

    def choose(self, rows: AccountMonths, book: PriceBook, billed: Billed) -> PlanChoice:
        """Return the plan of every account-month."""
        pattern = self._fit(rows, with_what_add_ons_allow(book))
        if add_ons_decide(book):
            return self._placed(rows, book, *cheapest_with_add_ons(book, rows, pattern, billed))
        return self._placed(rows, book, *cheapest(book, pattern, _charged(book, billed)))

    def choose_for_owners(
        self, rows: AccountMonths, book: PriceBook, billed: Billed, owned: Mapping[str, Iterable[str]]
    ) -> PlanChoice:
        """Return the plan of every account-month where accounts own add-ons, by name, whether they need them or not."""
        pattern = np.zeros(len(rows), dtype=np.uint32)
        for wide, places in owners_by_what_it_allows(book, rows.account_ids, owned):
            here = np.isin(rows.account, places)
            pattern[here] = self._fit(rows, wide)[here]
        return self._placed(rows, book, *cheapest(book, pattern, _charged(book, billed)))

    def _placed(self, rows: AccountMonths, book: PriceBook, index: NDArray[np.intp], bills: Floats) -> PlanChoice:
        on_request = next((place for place, plan in enumerate(book.plans) if not plan.priced), None)
        if self.contracts and on_request is not None:
            stays = np.isin(rows.account_ids.astype(str), list(self.contracts))[rows.account]
            index, bills = np.where(stays, on_request, index), np.where(stays, np.nan, bills)
        if self.at is None:
            return PlanChoice(index, NO_PLAN_FITS, bills)
        return PlanChoice(index[_row_at(rows, self.at)][rows.account], NO_PLAN_FITS)

    def _fit(self, rows: AccountMonths, book: PriceBook) -> NDArray[np.uint32]:
        # Prices do not change who fits where, so scenarios that differ in prices only share the answer.
        key = ("fit", self.needs_months, tuple((plan.limits, plan.features) for plan in book.plans))
        return rows.remembered(key, lambda: self._pattern(rows, book))

    def _pattern(self, rows: AccountMonths, book: PriceBook) -> NDArray[np.uint32]:
        limited = {limit.metric for plan in book.plans for limit in plan.limits if limit.up_to is not None}
        months = self.needs_months or rows.needs_months
        needs = {metric: rows.quantity(metric, months) for metric in sorted(limited & set(rows.metrics))}
        pattern = fit_needs(book, needs or {"": np.zeros(len(rows))}).pattern
        # The line above knows no features; those are judged once per pattern of needs.
        if rows.features is None:
            return pattern
        offered = {name for plan in book.plans for name in plan.features}
        columns = [place for place, name in enumerate(rows.features.names) if name in offered]
        names = [rows.features.names[place] for place in columns]
        if not names:
            return pattern
        fit = fit_needs(book, {}, rows.features.patterns[:, columns], names)
        return pattern & fit.pattern[rows.features.code]


@dataclass(frozen=True, slots=True)
class PlanTable:
    """Put each account into the plan a table names (account to plan), in all months.

    Parameters
    ----------
    plans
        Account to plan; accounts left out have no plan.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import PlanTable, replay
    >>> from workbench.pricing import Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 20), Plan("Pro", 60)])
    >>> found = replay(base, book, assign=PlanTable({"B": "Pro"}))
    >>> found.revenue, found.billed_share
    (120.0, 0.5)
    """

    plans: Mapping[str, str]

    def choose(self, rows: AccountMonths, book: PriceBook, billed: Billed) -> PlanChoice:  # noqa: ARG002 - no bills needed
        """Return the plan of every account-month."""
        strangers = set(self.plans) - set(rows.account_ids)
        note = f"The customer base does not have {count('account', len(strangers))} in the table of plans."
        cautions = (Caution(note, "note"),) if strangers else ()
        if missing := sorted({str(plan) for plan in self.plans.values() if not pd.isna(plan)} - set(book.plan_names)):
            text = (
                f"The table puts accounts into {', '.join(missing)}, which {book.name} does not have: they get no bill."
            )
            cautions = (*cautions, Caution(text))
        names = pd.Series(rows.account_ids, dtype=object).map(dict(self.plans)).to_numpy(dtype=object)
        codes, known = pd.factorize(names)
        return _named(codes[rows.account], tuple(known), book, cautions)


@dataclass(frozen=True, slots=True)
class PlanRule:
    """One line of a table of rules: accounts of a segment, with a metric above and up to a quantity, go to a plan.

    What is left open matches everybody. Quantities are those billed in the month; an unknown one matches no bound.

    Parameters
    ----------
    plan
        Where it puts them.
    segment
        Only accounts of this segment.
    metric, above, up_to
        Only where the quantity lies above the one and up to the other, which is included.
    recorded_plan
        Only accounts on this plan on record.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import ByRule, PlanRule, replay
    >>> from workbench.pricing import Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 20), Plan("Pro", 60)])
    >>> rules = ByRule((PlanRule("Team", segment="small"), PlanRule("Pro")))
    >>> replay(base, book, assign=rules).by_account()[["account_id", "plan", "per_month"]]
      account_id  plan  per_month
    0          A  Team       20.0
    1          B   Pro       60.0
    """

    plan: str
    segment: str | None = None
    metric: str | None = None
    above: float | None = None
    up_to: float | None = None
    recorded_plan: str | None = None

    def matches(self, rows: AccountMonths, billed: Billed) -> NDArray[np.bool_]:
        """Return which account-months the line is about."""
        found = np.ones(len(rows), dtype=bool)
        if self.segment is not None:
            found &= (rows.segment == self.segment)[rows.account]
        if self.recorded_plan is not None:
            names = rows.plans.names
            code = names.index(self.recorded_plan) if self.recorded_plan in names else len(names)
            found &= rows.plans.code == code
        if self.above is None and self.up_to is None:
            return found
        if self.metric is None:
            raise ReplayError(f"The rule for {self.plan} has a bound but no metric.", "Name the metric it is about.")
        quantity = billed(self.metric)
        if self.above is not None:
            found &= quantity > self.above
        return found if self.up_to is None else found & (quantity <= self.up_to)


@dataclass(frozen=True, slots=True)
class ByRule:
    """Put each account-month into the plan of the first rule it matches, or where a function says.

    Parameters
    ----------
    rules
        A table of PlanRule, or a function from the account-months to one plan name per row (None: no plan).

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import ByRule, PlanRule, replay
    >>> from workbench.pricing import Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 20), Plan("Pro", 60)])
    >>> rules = (PlanRule("Pro", metric="seats", above=10), PlanRule("Team"))
    >>> replay(base, book, assign=ByRule(rules)).bills.tolist()
    [[20.0, 20.0], [20.0, 60.0]]
    """

    rules: tuple[PlanRule, ...] | PlanNames

    def choose(self, rows: AccountMonths, book: PriceBook, billed: Billed) -> PlanChoice:
        """Return the plan of every account-month."""
        if callable(self.rules):
            names = np.asarray(self.rules(rows), dtype=object)
            if names.shape != (len(rows),):
                raise ReplayError(
                    f"The rule returned plans in the shape {names.shape} for {len(rows):,} account-months.",
                    "Return one plan name per account-month.",
                )
            codes, known = pd.factorize(names)
            return _named(codes, tuple(known), book)
        if isinstance(self.rules, str) or not all(isinstance(rule, PlanRule) for rule in self.rules):
            raise ReplayError(f"{self.rules!r} is no table of rules.", "Give PlanRule(...)s in a tuple, or a function.")
        index = np.full(len(rows), -1, dtype=np.intp)
        for rule in self.rules:
            if rule.plan not in book.plan_names:
                raise ChargeError(
                    f"A rule names the plan {rule.plan!r}, which {book.name} does not have.",
                    f"It has: {', '.join(book.plan_names)}.",
                )
            index[(index < 0) & rule.matches(rows, billed)] = book.plan_names.index(rule.plan)
        return PlanChoice(index, NO_PLAN_FITS)


@dataclass(frozen=True, slots=True)
class KeepPlan:
    """Leave each account on the plan on record for the month.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import KeepPlan, replay
    >>> from workbench.pricing import Plan, PriceBook
    >>> replay(base, PriceBook("list", "USD", [Plan("Basic", 5), Plan("Team", 20)]), assign=KeepPlan()).bills.tolist()
    [[20.0, 20.0], [20.0, 20.0]]
    """

    def choose(self, rows: AccountMonths, book: PriceBook, billed: Billed) -> PlanChoice:  # noqa: ARG002 - no bills needed
        """Return the plan of every account-month."""
        cautions: tuple[Caution, ...] = ()
        if rows.plans.from_accounts:
            text = "Revenue on record names no plan, so every month is billed on the plan the account has today."
            cautions = (Caution(text),)
        return _named(rows.plans.code, rows.plans.names, book, cautions)


def _named(
    codes: NDArray[np.integer], names: tuple[str, ...], book: PriceBook, cautions: tuple[Caution, ...] = ()
) -> PlanChoice:
    """Turn codes of plan names (-1 unknown) into places in the price book."""
    offered = {name: place for place, name in enumerate(book.plan_names)}
    place = np.array([*(offered.get(str(name), -1) for name in names), -1], dtype=np.intp)
    index = place[codes]
    why = np.where(codes < 0, np.uint8(PLAN_UNKNOWN), np.uint8(PLAN_NOT_OFFERED))
    return PlanChoice(index, why, None, cautions)


def _charged(book: PriceBook, billed: Billed) -> dict[str, Floats]:
    metrics = {charge.metric for plan in book.plans if plan.priced for charge in plan.charges}
    return {metric: billed(metric) for metric in sorted(metrics)}


def _row_at(rows: AccountMonths, at: str) -> NDArray[np.intp]:
    """Return per account the row of the month, of its last month before, or else of its first after.

    Rows come account by account and month by month, so a later one in time overwrites an earlier one.
    """
    month = month_of(at)
    found = np.zeros(len(rows.account_ids), dtype=np.intp)
    order = np.arange(len(rows))
    found[rows.account[::-1]] = order[::-1]
    before = np.flatnonzero(rows.months[rows.month] <= month)
    found[rows.account[before]] = before
    return found
