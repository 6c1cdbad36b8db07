"""Replay: the customer base billed again under a price book, month by month, as tables and as exact bills."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers.base import CustomerBase
from workbench.formatting import percent
from workbench.growth.recurring_revenue import MrrLedger
from workbench.impact.billing import (
    BILLED,
    REASONS,
    AddOnsOwned,
    Assignment,
    CheapestThatFits,
    ItemAmounts,
    add_add_ons,
    add_ons_owned,
    bill_plans,
    for_parts_of_months,
    items,
    items_of_offer,
    unbilled_reasons,
)
from workbench.impact.errors import ReplayError
from workbench.impact.monthly_accounts import AccountMonths, account_months
from workbench.pricing.charge import Line, factor_doubt, prorated, total_of
from workbench.pricing.price_book import AddOn, Bill, Plan, PriceBook
from workbench.results import Basis, Caution, Floats

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray


# --- Replay: the customer base billed again under a price book, month by month, with usage as it was

CHEAPEST = CheapestThatFits()
MOST_UNBILLED = 0.05  # share of account-months without a bill from which a replay warns about itself


@dataclass(frozen=True, eq=False, repr=False)
class Replay:
    """What a price book would have billed every customer in every month.

    Tables of results are in `workbench.impact.bill_replay`, and as methods here.

    Attributes
    ----------
    name, book
        What was billed, and what it is called.
    rows
        The account-months; all arrays are in their order.
    plan_index
        Place in the price book's plans, -1 none.
    amounts
        Currency per month, NaN where it could not be billed.
    reason
        Why not, a key of `coverage.REASONS`.
    owned
        Rows that pay for each add-on.
    committed
        Metrics billed on the highest quantity of the recent months.
    cautions
        What to know before using it.
    realisation
        What each row pays of its list, in `amounts` already; None where they are list prices.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> found = replay(base, book)
    >>> found.bills.tolist(), found.revenue, found.bill("B", "2024-02").total
    ([[20.0, 30.0], [100.0, 120.0]], 270.0, Decimal('120'))
    >>> found.by_month()[["month", "accounts", "revenue"]]
           month  accounts  revenue
    0 2024-01-01         2    120.0
    1 2024-02-01         2    150.0
    """

    name: str
    book: PriceBook
    rows: AccountMonths
    plan_index: NDArray[np.intp]
    amounts: Floats
    reason: NDArray[np.uint8]
    owned: Mapping[str, NDArray[np.intp]]
    committed: frozenset[str] = frozenset()
    cautions: tuple[Caution, ...] = ()
    realisation: Floats | None = None

    def __repr__(self) -> str:
        return f"Replay({self.name!r}, {len(self.rows):,} account-months, {percent(self.billed_share, 1)} billed)"

    @property
    def currency(self) -> str:
        """Return the currency of all amounts."""
        return self.book.currency

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Tell which account-months have a bill."""
        return self.reason == BILLED

    @cached_property
    def all_known(self) -> bool:
        """Tell whether every account-month has a bill."""
        return bool(self.known.all())

    @cached_property
    def known_amounts(self) -> Floats:
        """Return the bills with 0 where there is none, for sums."""
        return self.amounts if self.all_known else np.where(self.known, self.amounts, 0.0)

    @cached_property
    def months_billed(self) -> Floats:
        """Return how many months of each account have a bill."""
        return self.rows.months_of_account if self.all_known else self.rows.by_account(self.known.astype(float))

    @cached_property
    def billed_throughout(self) -> NDArray[np.bool_]:
        """Tell which accounts of the base could be billed in all months in which they were customers, one or more."""
        return (self.months_billed == self.rows.months_of_account) & (self.rows.months_of_account > 0)

    def realised(self, amounts: Floats, here: NDArray[np.intp] | slice) -> Floats:
        """Return what rows pay of parts of their list bills."""
        return amounts if self.realisation is None else amounts * self.realisation[here]

    @property
    def billed_share(self) -> float:
        """Return the share of account-months that have a bill."""
        return float(self.known.mean())

    @property
    def revenue(self) -> float:
        """Return the revenue of all months together, from the account-months that could be billed."""
        return float(np.nansum(self.amounts))

    @property
    def bills(self) -> Floats:
        """Return accounts x shown months: the bill, 0 where no customer, NaN where it could not be billed."""
        return self.rows.matrix(self.amounts)

    @property
    def basis(self) -> Basis:
        """Say which part of the customer base the replay stands on."""
        months = self.rows.shown_months
        accounts = len(np.unique(self.rows.account[self.known]))
        return Basis(accounts, len(self.rows.account_ids), f"{months[0]:%Y-%m}", f"{months[-1]:%Y-%m}")

    def billed(self, metric: str) -> Floats:
        """Return the quantity of a metric each row is billed for; NaN unknown."""
        return quantity_to_bill(self.rows, self.committed)(metric)

    def items(self) -> Iterator[ItemAmounts]:
        """Go through every item (base fee or charge, of a plan or an add-on) of all bills, one array each.

        Together the items of a row sum to its amount.
        """
        for each in items(self.book, self.rows, self.plan_index, self.owned, self.billed):
            yield replace(each, amounts=self.realised(each.amounts, each.rows))

    def items_of(self, offer: Plan | AddOn, here: NDArray[np.intp]) -> dict[str, Floats]:
        """Return what rows pay for each fee and metric of an offer, in it or not; nothing where it is on request."""
        found: dict[str, Floats] = {}
        for each in items_of_offer(offer, self.rows, here, self.billed) if offer.priced else ():
            found[each.item] = found[each.item] + each.amounts if each.item in found else each.amounts
        return {item: self.realised(amounts, here) for item, amounts in found.items()}

    def bill(self, account_id: str, month: str | pd.Timestamp) -> Bill:
        """Return the bill whose total the replay's amount equals to within 1e-9; ReplayError where there is none."""
        row = self.rows.position(account_id, month)
        if self.reason[row] != BILLED:
            raise ReplayError(
                f"{account_id} has no bill in {self.rows.months[self.rows.month[row]]:%Y-%m}: "
                f"{REASONS[int(self.reason[row])]}.",
                "See `not_billed()` for all such months.",
            )
        lines = [line for offer in offers_of(self, row) for line in offer_lines(self, offer, row)]
        return Bill(tuple(lines), total_of(lines), self.currency)

    def coverage(self) -> pd.DataFrame:
        """Return one row per reason that occurs, `billed` first: reason, account_months, accounts, share of months."""
        found = []
        for code, words in REASONS.items():
            here = self.reason == code
            months = int(here.sum())
            if months or code == BILLED:
                accounts = len(np.unique(self.rows.account[here]))
                found.append((words, months, accounts, months / len(self.rows)))
        return pd.DataFrame(found, columns=["reason", "account_months", "accounts", "share"])

    def not_billed(self) -> pd.DataFrame:
        """Return one row per account-month without a bill: account_id, month, reason."""
        here = np.flatnonzero(self.reason != BILLED)
        words = np.array(list(REASONS.values()), dtype=object)
        return pd.DataFrame(
            {
                "account_id": self.rows.account_ids[self.rows.account[here]],
                "month": self.rows.months[self.rows.month[here]],
                "reason": words[self.reason[here]],
            }
        )

    def by_month(self) -> pd.DataFrame:
        """Return month, accounts, revenue, not_billed (accounts)."""
        rows = self.rows
        customers = np.bincount(rows.month - rows.window.start, minlength=len(rows.shown_months))
        billed = customers if self.all_known else rows.by_month(self.known.astype(float)).astype(int)
        return pd.DataFrame(
            {
                "month": rows.shown_months,
                "accounts": billed,
                "revenue": rows.by_month(self.known_amounts),
                "not_billed": customers - billed,
            }
        )

    def by_plan(self) -> pd.DataFrame:
        """Return month, plan, accounts, revenue; NaN revenue where nobody in the plan could be billed."""
        names = [*self.book.plan_names, UNPLACED]
        return _by_group(self, np.where(self.plan_index < 0, len(names) - 1, self.plan_index), names, "plan")

    def by_item(self) -> pd.DataFrame:
        """Return month, offer, item (base fee or metric charged), accounts, revenue, of what could be billed."""
        rows = self.rows
        months = rows.shown_months
        column = rows.month - rows.window.start
        parts = []
        for item in self.items():
            here = self.known[item.rows]
            month = column[item.rows][here]
            parts.append(
                pd.DataFrame(
                    {
                        "month": months,
                        "offer": item.offer,
                        "item": item.item,
                        "accounts": np.bincount(month, minlength=len(months)),
                        "revenue": np.bincount(month, item.amounts[here], len(months)),
                    }
                )
            )
        if not parts:
            return pd.DataFrame(columns=["month", "offer", "item", "accounts", "revenue"])
        # An offer with two charges on one metric shows them as one item, and each account counts once.
        table = pd.concat(parts, ignore_index=True)
        table = table.groupby(["month", "offer", "item"], sort=False, as_index=False).agg(
            accounts=("accounts", "max"), revenue=("revenue", "sum")
        )
        return table[table["accounts"] > 0].sort_values("month", kind="stable", ignore_index=True)

    def by_segment(self) -> pd.DataFrame:
        """Return month, segment, accounts, revenue, not_billed (accounts); accounts without a segment are "unknown"."""
        codes, names = pd.factorize(self.rows.segment, sort=True)
        table = _by_group(self, codes[self.rows.account], list(names), "segment", every=True)
        return table.assign(revenue=table["revenue"].fillna(0.0), not_billed=table["accounts"] - table.pop("billed"))

    def by_account(self) -> pd.DataFrame:
        """Return account_id, segment, plan (the last one), months, not_billed (months), revenue, per_month.

        `per_month` is the mean bill of the months that could be billed; NaN where none could.
        """
        rows = self.rows
        months, all_months = self.months_billed, rows.months_of_account
        revenue = rows.by_account(self.known_amounts)
        # Rows come account by account, so an account's last one stands where its rows end.
        last = all_months.cumsum().astype(np.intp) - 1
        names = np.array([*self.book.plan_names, UNPLACED], dtype=object)
        table = pd.DataFrame(
            {
                "account_id": rows.account_ids,
                "segment": rows.segment,
                "plan": names[self.plan_index[last]],
                "months": months.astype(int),
                "not_billed": (all_months - months).astype(int),
                "revenue": np.where(months > 0, revenue, np.nan),
                "per_month": np.divide(revenue, months, out=np.full(len(months), np.nan), where=months > 0),
            }
        )
        return table[all_months > 0].reset_index(drop=True)

    def ledger(self) -> MrrLedger:
        """Return the bills as a revenue ledger, of the accounts that could be billed in all their months.

        An account with an unknown month would look as if it had left, so it is left out.
        """
        rows = self.rows
        billed = self.billed_throughout
        if not billed.any():
            raise ReplayError(f"{self.name}: no account could be billed in all its months.", "See `coverage()`.")
        return MrrLedger(rows.account_ids[billed], rows.shown_months, self.bills[billed])


def replay(
    base: CustomerBase | AccountMonths,
    price_book: PriceBook,
    *,
    assign: Assignment = CHEAPEST,
    months: int | tuple[str, str] | None = None,
    add_ons: AddOnsOwned = "by need",
    committed: Collection[str] = (),
    name: str = "",
    **settings: Any,  # noqa: ANN401 - passed on to account_months, which names them
) -> Replay:
    """Bill every account-month of a customer base under a price book, by its exact rules.

    Where no account could be billed, the replay says so in its cautions and in `coverage()`.

    Parameters
    ----------
    base
        A customer base, or its account-months prepared with `account_months`.
    price_book
        What to bill by.
    assign
        Who is on which plan: `CheapestThatFits`, `PlanTable`, `ByRule`, `KeepPlan`.
    months
        The last so many months, or the first and the last ("2024-01", "2024-12"); all when None.
    add_ons
        "by need": an account pays for an add-on while it uses a feature of it that its plan lacks, or more of a metric
        than an overage has free; "none"; or a mapping of accounts to the add-ons they own, which they pay for in every
        month and which free them from what limits their plan without.
    committed
        Metrics customers subscribe to: billed on the highest quantity of the recent months, not on the month's own.
    name
        What to call it; the price book's name by default.
    settings
        Those of `account_months`: `population`, `gaps`, `by_day`, `ended`, `needs_months`, `minimum_uses`.

    Returns
    -------
    Replay
        Every bill, by account and month, with why some are missing.

    Raises
    ------
    ReplayError
        For an argument that means nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> replay(base, book, months=1).by_account()[["account_id", "plan", "revenue"]]
      account_id  plan  revenue
    0          A  Team     30.0
    1          B  Team    120.0
    """
    rows = _prepared(base, months, settings)
    _check_book(price_book, rows)
    if rows.allow_credits:
        price_book = price_book.crediting()
    _check_choices(rows, assign, committed)
    billed = quantity_to_bill(rows, frozenset(committed))
    if isinstance(add_ons, Mapping) and isinstance(assign, CheapestThatFits):
        choice = assign.choose_for_owners(rows, price_book, billed, add_ons)
    else:
        for_sale = price_book if add_ons == "by need" else replace(price_book, add_ons=())
        choice = assign.choose(rows, for_sale, billed)
    index = choice.plan_index
    amounts = bill_plans(price_book, index, billed) if choice.bills is None else choice.bills
    owned = add_ons_owned(price_book, rows, index, add_ons, billed)
    if owned:
        amounts = add_add_ons(price_book, owned, billed, amounts)
    amounts = for_parts_of_months(price_book, rows, index, owned, amounts)
    priced = tuple(plan.priced for plan in price_book.plans)
    reason = unbilled_reasons(rows, index, amounts, choice.why_none, priced)
    found = Replay(
        name=name or price_book.name,
        book=price_book,
        rows=rows,
        plan_index=_closed(index),
        amounts=_closed(amounts),
        reason=_closed(reason),
        owned=owned,
        committed=frozenset(committed),
    )
    return replace(found, cautions=(*rows.cautions, *choice.cautions, *_cautions(found, add_ons)))


def replay_many(
    base: CustomerBase | AccountMonths,
    price_books: Mapping[str, PriceBook],
    *,
    assign: Assignment | Mapping[str, Assignment] = CHEAPEST,
    months: int | tuple[str, str] | None = None,
    add_ons: AddOnsOwned = "by need",
    committed: Collection[str] = (),
    **settings: Any,  # noqa: ANN401 - passed on to account_months, which names them
) -> dict[str, Replay]:
    """Replay several price books over the same account-months, prepared once; results under the names given.

    Parameters
    ----------
    base
        A customer base, or its account-months prepared with `account_months`.
    price_books
        Name to price book.
    assign
        One for all, or one per name; names left out take the cheapest plan that fits.
    months, add_ons, committed, settings
        As for `replay`.

    Returns
    -------
    dict[str, Replay]
        A replay under each name.

    Raises
    ------
    ReplayError
        As `replay`.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import replay_many
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> flat = PriceBook("flat", "USD", [Plan("Team", 60)])
    >>> {name: found.revenue for name, found in replay_many(base, {"per seat": book, "flat": flat}).items()}
    {'per seat': 270.0, 'flat': 240.0}
    """
    if not isinstance(price_books, Mapping):
        raise ReplayError(
            f"Several price books are given as a {type(price_books).__name__}.",
            'Give a mapping of names to price books: {"Today": ..., "New": ...}.',
        )
    if isinstance(assign, Mapping) and (strangers := [str(name) for name in assign if name not in price_books]):
        raise ReplayError(
            f"An assignment is given for {', '.join(strangers)}, but no price book has that name.",
            f"There are: {', '.join(map(str, price_books)) or 'none'}.",
        )
    rows = _prepared(base, months, settings)
    each = assign if isinstance(assign, Mapping) else dict.fromkeys(price_books, assign)
    return {
        name: replay(rows, book, assign=each.get(name, CHEAPEST), add_ons=add_ons, committed=committed, name=name)
        for name, book in price_books.items()
    }


def quantity_to_bill(rows: AccountMonths, committed: frozenset[str]) -> Callable[[str], Floats]:
    """Return the function that gives each row's billed quantity of a metric."""

    def billed(metric: str) -> Floats:
        return rows.quantity(metric, rows.needs_months if metric in committed else 1)

    return billed


def _prepared(
    base: CustomerBase | AccountMonths, months: int | tuple[str, str] | None, settings: Mapping[str, Any]
) -> AccountMonths:
    if isinstance(base, CustomerBase):
        return account_months(base, months=months, **settings)
    if months is not None or settings:
        asked = ", ".join(["months"] * (months is not None) + list(settings))
        raise ReplayError(f"The account-months are prepared already, so {asked} would do nothing.", "Prepare anew.")
    if not isinstance(base, AccountMonths):
        raise ReplayError(
            f"A {type(base).__name__} is no customer base.",
            "Give the one that CustomerBase.load(...) returns, or account-months prepared with account_months(...).",
        )
    return base


def _check_book(book: PriceBook, rows: AccountMonths) -> None:
    if not isinstance(book, PriceBook):
        raise ReplayError(
            f"A {type(book).__name__} is no price book.",
            "Give a PriceBook, or workbench.stages.price_book.price_book(base, scenario) of a study's scenario.",
        )
    if not book.plans:
        raise ReplayError(f"The price book {book.name} has no plans, so nothing can be billed.", "Add a plan.")
    if rows.currency and book.currency != rows.currency:
        raise ReplayError(
            f"The price book {book.name} is in {book.currency}, the customer base in {rows.currency}.",
            "Convert the prices: bills in different currencies cannot be compared.",
        )


def _check_choices(rows: AccountMonths, assign: object, committed: Collection[str]) -> None:
    if isinstance(assign, type) or not hasattr(assign, "choose"):
        raise ReplayError(
            f"{assign!r} does not say who is on which plan.",
            "Give CheapestThatFits(), PlanTable(...), ByRule(...) or KeepPlan().",
        )
    if isinstance(committed, str):
        raise ReplayError(f"committed={committed!r} is one word.", f'Give several, or one in a list: ["{committed}"].')
    if strangers := sorted(set(committed) - set(rows.metrics)):
        raise ReplayError(
            f"Customers are said to subscribe to {', '.join(strangers)}, of which no usage is on record.",
            f"There is usage of: {', '.join(rows.metrics) or 'nothing'}.",
        )


def _cautions(found: Replay, add_ons: AddOnsOwned) -> list[Caution]:
    cautions = []
    every: list[Plan | AddOn] = [*found.book.plans, *found.book.add_ons]
    offers = [offer for offer in every if offer.priced]
    charged = {charge.metric for offer in offers for charge in offer.charges}
    lacking = sorted(charged - set(found.rows.metrics))
    if lacking:
        text = f"{', '.join(lacking)} is charged for, but usage has no such metric: those bills are unknown."
        cautions.append(Caution(text))
    doubts = dict.fromkeys(factor_doubt(charge) for offer in offers for charge in offer.charges)
    cautions += [Caution(doubt) for doubt in doubts if doubt]
    if 1 - found.billed_share > MOST_UNBILLED:
        text = f"{percent(1 - found.billed_share, 1)} of account-months could not be billed and are in no figure."
        cautions.append(Caution(text))
    if add_ons == "by need" and found.book.add_ons:
        by_use = any(limit.up_to is None for add_on in found.book.add_ons for limit in add_on.limits)
        if found.rows.features is None and not by_use:
            text = "Without a record of feature use nobody is known to need an add-on; none is billed."
        else:
            used = "one of their features" + (" or more than they include" if by_use else "")
            text = f"Add-ons are billed to every account that used {used}; how many would buy is a guess."
        cautions.append(Caution(text, "note"))
    return cautions


def _closed(values: Any) -> Any:  # noqa: ANN401 - any array
    values = np.asarray(values)
    values.setflags(write=False)
    return values


# --- The results of a replay as tables: revenue per month, plan, item, segment and account

UNPLACED = "no plan"


def _by_group(
    replay: Replay, group: NDArray[np.integer], names: list[str], column: str, *, every: bool = False
) -> pd.DataFrame:
    """Sum accounts and revenue per month and group; groups nobody is in are left out of the month."""
    rows = replay.rows
    months = rows.shown_months
    place = (rows.month - rows.window.start) * len(names) + group
    size = len(months) * len(names)
    accounts = np.bincount(place, minlength=size)
    billed = np.bincount(place[replay.known], minlength=size)
    revenue = np.bincount(place, replay.known_amounts, size)
    found = pd.DataFrame(
        {
            "month": months.repeat(len(names)),
            column: np.tile(np.array(names, dtype=object), len(months)),
            "accounts": accounts,
            "revenue": np.where(billed > 0, revenue, np.nan),
        }
    )
    if every:
        found["billed"] = billed
    return found[accounts > 0].reset_index(drop=True)


# --- The exact, itemised bill of one account in one month of a replay


def offers_of(replay: Replay, row: int) -> list[Plan | AddOn]:
    """Return the plan and the priced add-ons one row pays for."""
    found: list[Plan | AddOn] = [replay.book.plans[replay.plan_index[row]]]
    for name, here in replay.owned.items():
        if replay.book.add_on(name).priced and row in here:
            found.append(replay.book.add_on(name))
    return found


def offer_lines(replay: Replay, offer: Plan | AddOn, row: int) -> list[Line]:
    """Return the lines one plan or add-on puts on the bill of one row."""
    share = replay.rows.shares.of(row)
    lines = []
    if offer.base_fee:
        fee = offer.base_fee if share == 1 else prorated(offer.base_fee, share)
        lines.append(Line(f"{offer.name}: base fee{_part(share)}", fee, None, offer.base_fee, "fee"))
    for charge in offer.charges:
        lines += charge.lines(float(np.asarray(replay.billed(charge.metric))[row]))
    return lines


def _part(share: Fraction) -> str:
    return "" if share == 1 else f", {share} of the month"
