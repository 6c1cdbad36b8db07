"""Terms of sale replayed on history: what contracts bind accounts to, and what a discount policy leaves of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.base import account_places, mrr_matrix
from workbench.customers.intake.ledger import months_between, months_of
from workbench.customers.needs import YEAR
from workbench.impact.bill_replay import replay
from workbench.impact.billing import BILLED, PAID_UNKNOWN, CheapestThatFits, bill_of
from workbench.impact.errors import ReplayError
from workbench.locales import minor_digits
from workbench.pricing.annual import bill_for_a_year, bill_of_switch
from workbench.pricing.currencies import rate_on
from workbench.pricing.discounts import discounted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.bill_replay import Replay
    from workbench.impact.billing import Assignment
    from workbench.impact.monthly_accounts import AccountMonths
    from workbench.pricing.annual import AnnualTerms, RefundRule
    from workbench.pricing.currencies import DatedRate
    from workbench.pricing.discounts import DiscountPolicy
    from workbench.pricing.price_book import Bill, Plan, PriceBook
    from workbench.pricing.values import Number
    from workbench.results import Floats

# --- What contracts say: how long one payment lasts, and how long an account is bound


@dataclass(frozen=True, eq=False)
class Contracts:
    """What the contracts in force say of each account, in the order of the base; NaN where none is on record.

    Attributes
    ----------
    paid_for
        Months that one payment pays for: 1 by the month, 12 by the year.
    bound
        Months the contract runs, from its first to its last day; one without an end binds for the time that is paid.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.impact import Contracts
    >>> Contracts(np.array([1, 12, np.nan]), np.array([1, 24, np.nan])).known.tolist()
    [True, True, False]
    """

    paid_for: Floats
    bound: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """Tell of which accounts a contract is on record."""
        return np.isfinite(self.paid_for)


def contracts_in_force(base: CustomerBase) -> Contracts:
    """Return what the table subscriptions says is in force at the end of the last month; of several lines the longest.

    Parameters
    ----------
    base
        The customers.

    Returns
    -------
    Contracts
        Of each account.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> sold = {"account_id": ["A", "B"], "start": "2024-01-01", "amount": [50, 1200], "period": ["month", "year"]}
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A", "B", "C"]}), "subscriptions": pd.DataFrame(sold)}
    >>> from workbench.impact import contracts_in_force
    >>> contracts_in_force(CustomerBase.from_tables(tables, currency="EUR")).paid_for.tolist()
    [1.0, 12.0, nan]
    """
    paid_for = np.full(len(base), -np.inf)
    bound = paid_for.copy()
    table = base.table("subscriptions") if base.has("subscriptions") else None
    if table is not None:
        day = np.datetime64((base.months[-1] + pd.offsets.MonthEnd(1)).date(), "D")
        start = table["start"].to_numpy(dtype="datetime64[D]")
        none = np.full(len(table), np.datetime64("NaT"), dtype="datetime64[D]")
        end = table["end"].to_numpy(dtype="datetime64[D]") if "end" in table else none
        codes, names = pd.factorize(table["period"])
        months = np.append([months_of(str(name)) for name in names], np.nan).astype(float)[codes]
        runs = months.copy()
        ended = ~np.isnat(start) & ~np.isnat(end)
        runs[ended] = np.fmax(months[ended], np.round(months_between(start[ended], end[ended])[0]))
        here = (start <= day) & (np.isnat(end) | (end >= day)) & np.isfinite(months)
        place = account_places(base, table)
        here &= place >= 0
        np.maximum.at(paid_for, place[here], months[here])
        np.maximum.at(bound, place[here], runs[here])
    return Contracts(*(np.where(np.isfinite(each), each, np.nan) for each in (paid_for, bound)))


# --- A discount policy replayed: nobody pays less than it allows


def under_policy(listed: Replay, share: Floats, policy: DiscountPolicy, bound: Floats) -> Replay:
    """Return the replay in which each account-month pays its share of the list, and at least what a policy allows.

    Parameters
    ----------
    listed
        At list prices.
    share
        What each account-month pays of its list price; NaN where it is not known, and then neither is the bill.
    policy
        How far below the list a deal may be sold.
    bound
        Months each account is bound, NaN where nothing is on record: the shortest term, then.

    Returns
    -------
    Replay
        The same plans and quantities, with what is paid of their list price.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.impact import KeepPlan, replay, under_policy
    >>> from workbench.pricing import DiscountBand, DiscountPolicy, Plan, PriceBook
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [95, 60], "plan": "Team"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid}, currency="USD")
    >>> listed = replay(base, PriceBook("list", "USD", [Plan("Team", 100)]), assign=KeepPlan())
    >>> policy = DiscountPolicy([DiscountBand(0, 20)])
    >>> under_policy(listed, np.array([0.95, 0.6]), policy, np.array([np.nan, np.nan])).amounts.tolist()
    [95.0, 80.0]
    """
    allowed = policy.allowed(listed.amounts, bound[listed.rows.account])
    kept = np.where(np.isnan(allowed), np.nan, np.maximum(share, 1 - allowed))
    amounts = listed.amounts * kept
    reason = np.where(np.isfinite(amounts), BILLED, np.where(listed.reason == BILLED, PAID_UNKNOWN, listed.reason))
    return replace(listed, amounts=amounts, reason=reason.astype(np.uint8), realisation=kept)


def bill_at_least(listed: Replay, account_id: str, month: str, policy: DiscountPolicy, bound: int = 1) -> Bill:
    """Return the exact bill of an account at the deepest discount a policy allows it.

    Parameters
    ----------
    listed
        The replay at list prices.
    account_id, month
        Whose bill, and of which month.
    policy, bound
        What may be given off, and the months the contract binds.

    Returns
    -------
    Bill
        The itemised bill.

    Raises
    ------
    ReplayError
        When it has no bill in that month, or is billed at less than the list already.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.impact import bill_at_least, replay
    >>> from workbench.pricing import DiscountBand, DiscountPolicy, Plan, PriceBook
    >>> paid = pd.DataFrame({"account_id": ["A"], "month": "2024-01-01", "amount": [80], "plan": "Team"})
    >>> used = pd.DataFrame({"account_id": ["A"], "month": "2024-01-01", "metric": "seats", "quantity": [2]})
    >>> tables = {"accounts": paid[["account_id"]], "usage": used, "mrr": paid}
    >>> listed = replay(CustomerBase.from_tables(tables, currency="USD"), PriceBook("list", "USD", [Plan("Team", 100)]))
    >>> str(bill_at_least(listed, "A", "2024-01", DiscountPolicy([DiscountBand(0, 15)])).total)
    '85.00'
    """
    if listed.realisation is not None:
        raise ReplayError(f"{listed.name} bills what is paid, not the list.", "Give the replay at list prices.")
    bill = listed.bill(account_id, month)
    return discounted(bill, policy.allowed_percent(bill.total, bound))


# --- Paying by the year: what it brings over a customer's time, in closed form


def break_even_discount(churn: float) -> float:
    """Return the discount at which a year in advance brings what twelve months bring of who leaves at this churn.

    A customer who pays M a month and leaves with probability c each month brings M (1 - (1 - c)^12) / c over a year, a
    year in advance 12 M (1 - d); without churn any discount costs.

    Parameters
    ----------
    churn
        Share of the customers that leaves each month.

    Returns
    -------
    float
        As a share.

    Examples
    --------
    >>> from workbench.impact import break_even_discount
    >>> round(break_even_discount(0.02), 4), break_even_discount(0.0)
    (0.103, 0.0)
    """
    return 0.0 if churn <= 0 else float(1 - (1 - (1 - churn) ** YEAR) / (YEAR * churn))


def break_even_renewal(churn: float, discount: float) -> float:
    """Return the share that may leave at the end of each year before paying by the year costs money.

    Over a customer's whole time M a month brings M / c, a year in advance 12 M (1 - d) / r where a share r leaves at
    the end of each year: the same at r = 12 c (1 - d).

    Parameters
    ----------
    churn
        Share of those who pay by the month that leaves each month.
    discount
        What the year gets off, as a share.

    Returns
    -------
    float
        As a share, at most 1.

    Examples
    --------
    >>> from workbench.impact import break_even_renewal
    >>> round(break_even_renewal(0.02, 1 / 6), 4)
    0.2
    """
    return float(min(1.0, YEAR * churn * (1 - discount)))


@dataclass(frozen=True, eq=False)
class YearlyOffer:
    """What a month's revenue comes to when some of it is paid by the year; shares may be arrays of draws.

    Attributes
    ----------
    discount, discount_today
        What the year gets off under the offer, and what who pays by the year today gets off already.
    take_up
        Share of the revenue paid by the month that is paid by the year from then on.
    churn, renewal_churn
        Share of those who pay by the month that leaves each month, and of those by the year at the end of each.
    yearly_share
        Share of the revenue that is paid by the year today; those are taken to stay, whatever is offered.
    ramp
        Months over which those who switch do, as many each month.

    Examples
    --------
    >>> from workbench.impact import YearlyOffer
    >>> YearlyOffer(discount=0.1, take_up=0.2, churn=0.01, renewal_churn=0.1).ramp
    1
    """

    discount: float
    take_up: Floats | float
    churn: Floats | float
    renewal_churn: Floats | float
    yearly_share: float = 0.0
    discount_today: float = 0.0
    ramp: int = 1

    def by_month(self, months: int) -> dict[str, Floats]:
        """Return, for one unit of revenue a month, what each month brings: draws x months.

        "mrr before" and "cash before" go on as today; "mrr" counts a twelfth of each year that is running, "cash"
        the whole of it in the month it is billed. "prepaid" is what has been paid for months still to come, beyond
        what was when the offer began.
        """
        take, churn, leave = (
            np.atleast_1d(np.asarray(each, dtype=float))[:, None]
            for each in (self.take_up, self.churn, self.renewal_churn)
        )
        month = np.arange(months)
        monthly, yearly = 1 - self.yearly_share, self.yearly_share
        stays = (1 - churn) ** month
        before = monthly * stays + yearly
        switched = np.minimum(month + 1, self.ramp) / self.ramp
        mrr = monthly * (1 - take * switched) * stays
        cash = mrr.copy()
        for start in range(min(self.ramp, months)):
            running = np.where(month >= start, (1 - leave) ** ((month - start) // YEAR), 0.0)
            part = monthly * take / self.ramp * (1 - churn) ** start * (1 - self.discount) * running
            mrr = mrr + part
            cash = cash + np.where((month - start) % YEAR == 0, YEAR * part, 0.0)
        deeper = max(0.0, (self.discount - self.discount_today) / (1 - self.discount_today))
        # Who pays by the year today renews as the year goes round, a twelfth each month, and then at the new discount.
        renewed = np.minimum(month + 1, YEAR) / YEAR
        mrr, cash = mrr + yearly * (1 - deeper * renewed), cash + yearly * (1 - deeper)
        held = np.cumsum(cash - mrr, axis=1)
        every = np.broadcast_to(before, mrr.shape)
        return {"mrr before": every, "cash before": every, "mrr": mrr, "cash": cash, "prepaid": held}

    @property
    def gain(self) -> float:
        """Return what one unit of revenue a month brings more over a customer's whole time, once it pays by the year.

        Unknown churn makes it unknown; where nobody leaves either way there is no end to count to.
        """
        churn, leave = float(np.mean(self.churn)), float(np.mean(self.renewal_churn))
        if churn <= 0 or leave <= 0:
            return float("nan")
        return YEAR * (1 - self.discount) / leave - 1 / churn

    def break_even_take_up(self, months: int) -> float | None:
        """Return the take-up from which the offer brings more than it costs over so many months; None where none does.

        Each unit that switches at once gains the same, so gain over take-up is a line; what it has to make up for is
        the deeper discount of those who pay by the year already.
        """
        churn, leave = float(np.mean(self.churn)), float(np.mean(self.renewal_churn))
        month = np.arange(months)
        gain = ((1 - self.discount) * (1 - leave) ** (month // YEAR) - (1 - churn) ** month).sum()
        deeper = max(0.0, (self.discount - self.discount_today) / (1 - self.discount_today))
        cost = self.yearly_share * deeper * (np.minimum(month + 1, YEAR) / YEAR).sum()
        if not cost:
            return 0.0 if gain > 0 else None
        needed = cost / ((1 - self.yearly_share) * gain) if gain > 0 and self.yearly_share < 1 else np.inf
        return float(needed) if needed <= 1 else None


# --- Paying by the year, replayed: the same customers, had they paid the first month of the record for a year


def paid_by_the_year(paid: Floats, discount: float, refund: RefundRule) -> Floats:
    """Return what each account would have paid over the months of the record, had it paid by the year at their start.

    Parameters
    ----------
    paid
        Accounts x twelve months: what was paid by the month, nothing or NaN once an account has left.
    discount
        What the year gets off, as a share.
    refund
        What is paid back to who leaves, by whole months; see `workbench.pricing.AnnualTerms`.

    Returns
    -------
    np.ndarray
        Per account. What it grew or shrank while it stayed is billed as it happened, at the same discount; months
        after it left are due at its last month's price, and then paid back as the rule says.

    Raises
    ------
    ReplayError
        When the record is no year of twelve months.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.impact import paid_by_the_year
    >>> left_after_three = np.array([[100.0] * 3 + [0.0] * 9])
    >>> rules = ("none", "unused days", "used months at the monthly price")
    >>> [round(float(paid_by_the_year(left_after_three, 0.1, rule)[0])) for rule in rules]
    [1080, 270, 300]
    """
    if paid.shape[1] != YEAR:
        raise ReplayError(f"The record has {paid.shape[1]} months.", "A year replayed needs twelve of them.")
    here = np.nan_to_num(paid) > 0
    active = np.where(here.all(axis=1), YEAR, np.argmin(here, axis=1))  # up to the first month without a payment
    month = np.arange(YEAR)
    used = np.where(month < active[:, None], np.nan_to_num(paid), 0.0)
    last = used[np.arange(len(used)), np.maximum(active - 1, 0)]
    monthly = used.sum(axis=1)
    year = (1 - discount) * (monthly + (YEAR - active) * last)
    if refund == "unused days":
        return (1 - discount) * monthly
    if refund == "used months at the monthly price":
        return np.asarray(np.where(active < YEAR, np.minimum(year, monthly), year))
    return np.asarray(year)


def renewed_years(base: CustomerBase) -> tuple[int, int]:
    """Return how many contracts of a year or longer ended on record, and how many accounts paid nothing afterwards.

    A contract counts where the month after its end is on record; without an end, or without revenue, none does.

    Parameters
    ----------
    base
        The customers.

    Returns
    -------
    tuple[int, int]
        Contracts that ended, and those after which nothing was paid.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.impact import renewed_years
    >>> paid = pd.DataFrame({"account_id": ["A"], "month": "2024-01-01", "amount": [50], "currency": "USD"})
    >>> renewed_years(CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid}))
    (0, 0)
    """
    if not (base.has("subscriptions") and base.has("mrr")):
        return 0, 0
    table = base.table("subscriptions")
    if table is None or "end" not in table:
        return 0, 0
    table = table[table["end"].notna()]
    months = table["period"].map(lambda period: months_of(str(period))).to_numpy(dtype=float)
    after = table["end"].to_numpy(dtype="datetime64[M]")
    column = (after - np.datetime64(base.months[0], "M")).astype(int)
    place = account_places(base, table)
    known = (months >= YEAR) & (column >= 0) & (column < len(base.months)) & (place >= 0)
    paid = mrr_matrix(base)[2][place[known], column[known]]
    return int(known.sum()), int((np.nan_to_num(paid) <= 0).sum())


# --- Exact bills of a year, as an example of each plan


@dataclass(frozen=True, slots=True)
class AnnualBills:
    """What a customer of a plan pays by the month and by the year, on the day of a switch, and is paid back.

    The switch is on the eleventh of a month of thirty days that is paid already; who is paid back leaves after six
    months and two weeks.

    Attributes
    ----------
    monthly, yearly, switch
        The bills of a month, of a year in advance, and of the day of the switch.
    refund
        What is paid back.

    Examples
    --------
    >>> from workbench.impact import annual_bills
    >>> from workbench.pricing import AnnualTerms, Plan
    >>> str(annual_bills(Plan("Team", 100), {}, AnnualTerms(10), "USD").monthly.total)
    '100'
    """

    monthly: Bill
    yearly: Bill
    switch: Bill
    refund: Decimal


_MONTH, _SWITCH, _NEXT = dt.date(2025, 4, 1), dt.date(2025, 4, 11), dt.date(2025, 5, 1)
_YEAR, _LEAVES = dt.date(2025, 1, 1), dt.date(2025, 7, 15)


def annual_bills(plan: Plan, quantities: Mapping[str, Number], terms: AnnualTerms, currency: str) -> AnnualBills:
    """Return the exact bills of a plan under the terms of a year; ChargeError where it has no price.

    Parameters
    ----------
    plan, quantities
        The plan, and the monthly quantity of each metric it charges for.
    terms, currency
        What a year paid at once gets off, and what amounts are in.

    Returns
    -------
    AnnualBills
        The bills.

    Examples
    --------
    >>> from workbench.impact import annual_bills
    >>> from workbench.pricing import AnnualTerms, Plan
    >>> found = annual_bills(Plan("Team", 100), {}, AnnualTerms(10, "unused days"), "USD")
    >>> [str(each) for each in (found.yearly.total, found.switch.total, found.refund)]
    ['1080.00', '1013.33', '503.01']
    """
    monthly = replace(bill_of(plan, quantities), currency=currency)
    yearly = bill_for_a_year(plan, quantities, terms, currency)
    switch = bill_of_switch(monthly, yearly, _MONTH, _SWITCH, _NEXT)
    back = terms.refund_due(yearly.total, monthly.total, _YEAR, _LEAVES, digits=minor_digits(currency))
    return AnnualBills(monthly, yearly, switch, back)


# --- Lists in several currencies, replayed: each account billed in its own, and counted at the rate of each month


@dataclass(frozen=True, eq=False)
class CurrencyReplay:
    """The same account-months billed under the list of each account's currency.

    Attributes
    ----------
    rows
        The account-months.
    lists
        Currency to replay, each of all rows in its own currency.
    at_home
        Currency to what its bills are worth in the currency of the study, at the rate of each month; NaN where no
        rate was given by then.
    code
        Each account's place among the currencies, in the order of `lists`.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.impact import CurrencyReplay
    >>> CurrencyReplay(None, {}, {}, np.zeros(2, dtype=int)).code.tolist()
    [0, 0]
    """

    rows: AccountMonths
    lists: Mapping[str, Replay]
    at_home: Mapping[str, Floats]
    code: NDArray[np.intp]

    @property
    def own(self) -> Floats:
        """Return what each row pays under its own list, in the currency of the study."""
        return np.choose(self.code[self.rows.account], list(self.at_home.values()))

    @property
    def cheapest(self) -> Floats:
        """Return what each row would pay under the list that is cheapest for it; NaN where any is not known."""
        return np.min(np.stack(list(self.at_home.values())), axis=0)


def replay_in_currencies(
    rows: AccountMonths,
    books: Mapping[str, PriceBook],
    rates: Iterable[DatedRate],
    currency_of: Sequence[str],
    *,
    assign: Assignment | None = None,
) -> CurrencyReplay:
    """Bill account-months under a list for each currency, and count the bills at dated rates.

    Parameters
    ----------
    rows
        The account-months, in the currency of the study.
    books
        Currency to price list; one is in the study's.
    rates
        What other currencies are worth, from given days on.
    currency_of
        The currency each account of the base buys in.
    assign
        How accounts find their plan; by default the cheapest that fits.

    Returns
    -------
    CurrencyReplay
        Each list's replay, and what it comes to at home.

    Raises
    ------
    ReplayError
        When an account buys in a currency without a list.

    Examples
    --------
    >>> import datetime as dt, pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.impact import account_months, replay_in_currencies
    >>> from workbench.pricing import DatedRate, Plan, PriceBook, PriceSteps, book_in
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 50], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> home = PriceBook("list", "USD", [Plan("Team", 50)])
    >>> books = {"USD": home, "JPY": book_in(home, PriceSteps("JPY", 100), "0.007")}
    >>> rates = [DatedRate("JPY", dt.date(2024, 1, 1), "0.0065")]
    >>> found = replay_in_currencies(account_months(base), books, rates, ["USD", "JPY"])
    >>> found.lists["JPY"].bill("B", "2024-01").total, found.own.tolist()
    (Decimal('7100'), [50.0, 46.15])
    """
    known, given = tuple(books), tuple(rates)
    if strangers := sorted(set(currency_of) - set(known)):
        raise ReplayError(f"Accounts buy in {', '.join(strangers)}, for which there is no list.", "Add one.")
    lists, at_home = {}, {}
    ends = [(month + pd.offsets.MonthEnd(0)).date() for month in rows.months]
    for code, book in books.items():
        local = rows if code == rows.currency else replace(rows, currency=code, recorded=None)
        lists[code] = replay(local, book, assign=assign or CheapestThatFits(), name=book.name)
        worth = np.ones(len(ends))
        if code != rows.currency:
            found = [rate_on(given, code, day) for day in ends]
            worth = np.array([np.nan if each is None else float(each.worth) for each in found])
        at_home[code] = lists[code].amounts * worth[rows.month]
    places = np.array([known.index(code) for code in currency_of], dtype=np.intp)
    return CurrencyReplay(rows, lists, at_home, places)
