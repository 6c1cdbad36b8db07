"""What every account pays today and would pay, and where it can stand on its way to new prices."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np
import pandas as pd

from workbench.cache import Recent
from workbench.customers.needs import YEAR
from workbench.formatting import UNKNOWN, count, exact
from workbench.impact.comparison import relative
from workbench.impact.migration.contracts import contract_terms, renewals_of
from workbench.impact.migration.policies import BySegment, MigrationError, OnePolicy, Policy
from workbench.impact.monthly_accounts import AccountMonths, month_of
from workbench.results import Caution, Floats
from workbench.stats import lot_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Hashable, Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.comparison import Comparison


# --- What every account pays today and would pay under new prices: all that a migration needs to know


@dataclass(frozen=True, eq=False, repr=False)
class AccountBills:
    """Today's accounts with their bills.

    One entry each in every array; money per month in `currency`.

    Attributes
    ----------
    account_ids, segment
        Who.
    old, new
        Bills today and under the new prices.
    renewal, term
        Months from `start` to the next renewal, and from one renewal to the next.
    renewal_known
        Tells contracts from assumptions.
    unit_cost
        What serving one costs, NaN where unknown.
    metered, add_ons
        Parts of the new bill that move with usage, and that come from add-ons.
    plan_before, plan_after
        Plans today and under the new prices.
    currency
        What money is in.
    start
        The month in which the new prices are announced.
    held, rise_cap, notice
        What contracts on record say: the months from `start` in which the price stays, the most it may rise at a
        renewal (0.05 is 5%, infinite without a cap), and how many months ahead a change has to be told.
    left_out
        Accounts with an unknown bill.
    cautions
        What to know before using it.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> bills.rise.round(2).tolist(), bills.segments, bills.only(bills.new < bills.old).account_ids.tolist()
    ([0.2, -0.05], ('big', 'small'), ['B'])
    """

    account_ids: NDArray[np.object_]
    segment: NDArray[np.object_]
    old: Floats
    new: Floats
    renewal: NDArray[np.intp]
    term: NDArray[np.intp]
    renewal_known: NDArray[np.bool_]
    unit_cost: Floats
    metered: Floats
    add_ons: Floats
    plan_before: NDArray[np.object_]
    plan_after: NDArray[np.object_]
    held: NDArray[np.intp]
    rise_cap: Floats
    notice: NDArray[np.intp]
    currency: str
    start: pd.Timestamp
    left_out: int = 0
    cautions: tuple[Caution, ...] = ()

    def __len__(self) -> int:
        """Count the accounts."""
        return len(self.old)

    def __repr__(self) -> str:
        return f"AccountBills({len(self):,} accounts, {self.old.sum():,.0f} -> {self.new.sum():,.0f} {self.currency})"

    @property
    def segments(self) -> tuple[str, ...]:
        """Name the segments, in alphabetical order."""
        return self.cohorts.segments

    @cached_property
    def cohorts(self) -> Cohorts:
        """Return the accounts that go the same way together under any policy."""
        return cohorts_of(self)

    @cached_property
    def capped_terms(self) -> tuple[int, ...]:
        """Return the terms after which a price that contracts cap may rise again; none where nothing is capped."""
        return tuple(np.unique(self.term[np.isfinite(self.rise_cap)]).tolist())

    def at_most(self, rises: int | NDArray[np.intp]) -> Floats:
        """Return what contracts let each bill come to after so many rises; infinite where nothing caps it."""
        cap = np.where(np.isfinite(self.rise_cap), self.rise_cap, 0.0)
        return np.where(np.isfinite(self.rise_cap), self.old * (1 + cap) ** rises, np.inf)

    @property
    def rise(self) -> Floats:
        """Return each bill's relative change: 0.2 is +20%; infinite from nothing, 0 from nothing to nothing."""
        return relative(self.old, self.new)

    def months(self, count: int = 2 * YEAR) -> pd.DatetimeIndex:
        """Return the first `count` months from the announcement on."""
        return pd.date_range(self.start, periods=count, freq="MS")

    def only(self, which: NDArray[np.bool_]) -> AccountBills:
        """Return some of the accounts."""
        parts: dict[str, Any] = {
            each.name: value[which]
            for each in fields(self)
            if isinstance(value := getattr(self, each.name), np.ndarray)
        }
        return replace(self, **parts)


def account_bills(
    account_ids: ArrayLike,
    segment: ArrayLike,
    old: ArrayLike,
    new: ArrayLike,
    *,
    start: str | pd.Timestamp,
    currency: str = "USD",
    renewal: ArrayLike | None = None,
    term: ArrayLike = YEAR,
    renewal_known: ArrayLike = False,
    unit_cost: ArrayLike = np.nan,
    metered: ArrayLike = 0.0,
    add_ons: ArrayLike = 0.0,
    plan_before: ArrayLike = UNKNOWN,
    plan_after: ArrayLike = UNKNOWN,
    held: ArrayLike = 0,
    rise_cap: ArrayLike = np.inf,
    notice: ArrayLike = 0,
) -> AccountBills:
    """Return the bills of accounts, checked; accounts with an unknown bill are left out and counted.

    An unknown renewal is taken as late as it can be, at the end of a full term, and a caution says how many.

    Parameters
    ----------
    account_ids, segment
        Who; one each.
    old, new
        Bills per month today and under the new prices; accounts with an unknown one are left out and counted.
    start
        Month of the announcement.
    currency
        What money is in.
    renewal, term
        Months from `start` to the next renewal (None: unknown for all), and from one renewal to the next.
    renewal_known
        Tells contracts from assumptions.
    unit_cost
        What serving one costs a month, NaN where unknown.
    metered, add_ons
        Parts of the new bill that move with usage, and that come from add-ons.
    plan_before, plan_after
        Plans today and under the new prices.
    held, rise_cap, notice
        What contracts say: months from `start` in which the price stays, the most it may rise at a renewal (0.05 is
        5%), and how many months ahead a change has to be told.

    Returns
    -------
    AccountBills
        The bills, checked.

    Raises
    ------
    MigrationError
        Where lengths differ, a bill is negative or no account is left.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, float("nan")], [120, 380], start="2025-01")
    >>> bills.account_ids.tolist(), bills.left_out, bills.renewal.tolist(), len(bills.cautions)
    (['A'], 1, [11], 2)
    """
    ids = np.asarray(account_ids, dtype=object)
    size = len(ids)
    floats = {
        "old": old, "new": new, "unit_cost": unit_cost, "metered": metered, "add_ons": add_ons, "term": term,
        "rise_cap": rise_cap,
    }  # fmt: skip
    values: dict[str, Any] = {name: _column(name, value, size, np.float64) for name, value in floats.items()}
    months = {"held": held, "notice": notice}
    values |= {name: _column(name, value, size, np.intp) for name, value in months.items()}
    words = {"segment": segment, "plan_before": plan_before, "plan_after": plan_after}
    values |= {name: _column(name, value, size, object) for name, value in words.items()}
    values["segment"] = np.array([UNKNOWN if pd.isna(each) else str(each) for each in values["segment"]], dtype=object)
    values["renewal_known"] = _column("renewal_known", renewal_known, size, bool)
    values["term"] = _terms(values["term"])
    dates = _column("renewal", np.nan if renewal is None else renewal, size, np.float64)
    unknown_dates = np.isnan(dates)
    values["renewal"] = np.where(unknown_dates, values["term"] - 1, dates).astype(np.intp)
    values["renewal_known"] = values["renewal_known"] & ~unknown_dates
    known = np.isfinite(values["old"]) & np.isfinite(values["new"])
    if not known.any():
        raise MigrationError("No account has both an old and a new bill.", "Replay the new prices first.")
    _check_amounts(ids, values, known)
    left_out = int((~known).sum())
    month = month_of(start)
    cautions = _cautions(left_out, int((unknown_dates & known).sum()))
    whole = AccountBills(
        account_ids=ids, currency=currency, start=month, left_out=left_out, cautions=cautions, **values
    )
    return whole if known.all() else whole.only(known)


def _column(name: str, value: ArrayLike, size: int, kind: type) -> Any:  # noqa: ANN401 - an array of that kind
    given: NDArray[Any] = np.asarray(value, dtype=kind)
    if given.ndim and given.shape != (size,):
        raise MigrationError(f"There are {size} accounts, but {len(given)} values of {name}.", "Give one each.")
    found = np.broadcast_to(given, (size,))
    found.setflags(write=False)
    return found


def _terms(months: Floats) -> NDArray[np.intp]:
    if not np.all(months >= 1):
        raise MigrationError("A contract term is shorter than a month.", "Terms are in whole months, one or more.")
    return months.astype(np.intp)


def _check_amounts(ids: NDArray[np.object_], values: dict[str, Any], known: NDArray[np.bool_]) -> None:
    for name in ("old", "new", "metered", "add_ons", "held", "rise_cap", "notice"):
        wrong = np.flatnonzero(known & ~(values[name] >= 0))
        if len(wrong):
            raise MigrationError(
                f"Account {ids[wrong[0]]} has {exact(values[name][wrong[0]])} as {name.replace('_', ' ')}.",
                "Amounts are zero or more.",
            )
    parts = values["metered"] + values["add_ons"]
    wrong = np.flatnonzero(known & (parts > values["new"] * (1 + 1e-6) + 1e-6))
    if len(wrong):
        raise MigrationError(
            f"Usage and add-ons of account {ids[wrong[0]]} come to {exact(parts[wrong[0]])}, more than its new bill.",
            "An add-on charged by usage counts as one of the two, not as both.",
        )
    wrong = np.flatnonzero(known & (values["renewal"] < 0))
    if len(wrong):
        raise MigrationError(f"The next renewal of account {ids[wrong[0]]} lies in the past.", "Count from the start.")


def _cautions(left_out: int, no_date: int) -> tuple[Caution, ...]:
    found = []
    if left_out:
        found.append(Caution(f"{count('account', left_out)} without a known bill on both sides are in no figure."))
    if no_date:
        text = f"The renewal of {count('account', no_date)} is not known and taken as late as it can be."
        found.append(Caution(text, "note"))
    return tuple(found)


# --- Where an account can stand on its way to new prices


class Paid(NamedTuple):
    """One entry per account: the bill, and the shares of the account that have moved and that pay the new price."""

    bill: Floats
    moved: Floats
    arrived: Floats


class PriceStanding(Protocol):
    """A place on the way. It can be compared and hashed, so that what it comes to is worked out once."""

    def paid(self, bills: AccountBills) -> Paid:
        """Return what every account pays that stands here."""


@dataclass(frozen=True, slots=True)
class OnOldPrices:
    """Nothing has changed yet."""

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102 - as in the protocol, here and below
        nobody = np.zeros(len(bills))
        return Paid(bills.old, nobody, nobody)


@dataclass(frozen=True, slots=True)
class UnderCap:
    """After `steps` rises of at most `per_year` each; a fall is given in full."""

    per_year: float
    steps: int

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102
        reached = bills.old * (1 + self.per_year) ** self.steps
        return _arrived(bills, np.where(bills.new < bills.old, bills.new, np.minimum(reached, bills.new)))


@dataclass(frozen=True, slots=True)
class PartOfTheWay:
    """A share of the change, more than nothing, is in the bill; a fall is given in full unless `falls_too`."""

    share: float
    falls_too: bool

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102
        between = bills.old * (1 - self.share) + bills.new * self.share
        full = (bills.new < bills.old) & (not self.falls_too)
        return _arrived(bills, np.where(full, bills.new, between))


@dataclass(frozen=True, slots=True)
class WithinContract:
    """Where an account would stand `since` months after it left old prices, but for what its contract caps.

    The price rises by at most the cap when it first changes, and once more with every term since then.
    """

    standing: PriceStanding
    since: int

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102
        wanted = self.standing.paid(bills).bill
        most = np.maximum(bills.old, bills.at_most(1 + self.since // bills.term))
        return _arrived(bills, np.minimum(wanted, most))


@dataclass(frozen=True, slots=True)
class Offered:
    """A share `moved` of those who save has taken an offer, and `arrived` no longer has the incentive.

    `new_paid` is the share of the new bill they pay on average. Those who would pay more stay where they are here:
    how many of them move is a guess.
    """

    new_paid: float
    moved: float
    arrived: float

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102
        saves = bills.new <= bills.old
        change = bills.new * self.new_paid - bills.old * self.moved
        moved, arrived = (np.where(saves, share, 0.0) for share in (self.moved, self.arrived))
        return Paid(bills.old + np.where(saves, change, 0.0), moved, arrived)


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One entry per account: which `share` of it pays `bill`, of which the new bill times `of_new` is a part."""

    share: Floats
    bill: Floats
    of_new: Floats


def ways(standing: PriceStanding, bills: AccountBills) -> tuple[Way, ...]:
    """Return the bills that are really paid where an account stands: of an offer it may take, several at once."""
    paid = standing.paid(bills)
    if not isinstance(standing, Offered):
        of_new = np.divide(paid.moved * paid.bill, bills.new, out=np.zeros(len(bills)), where=bills.new > 0)
        return (Way(np.ones(len(bills)), paid.bill, of_new),)
    every, start = np.ones(len(bills)), standing.moved - standing.arrived
    reduced = (standing.new_paid - standing.arrived) / start if start > 0 else 1.0
    return (
        Way(1 - paid.moved, bills.old, np.zeros(len(bills))),
        Way(paid.moved - paid.arrived, bills.new * reduced, every * reduced),
        Way(paid.arrived, bills.new, every),
    )


OLD, NEW = OnOldPrices(), PartOfTheWay(1.0, falls_too=True)
_CLOSE = 1e-12


def _arrived(bills: AccountBills, found: Floats) -> Paid:
    arrived = np.abs(found - bills.new) <= _CLOSE * np.abs(bills.new)
    return Paid(found, np.ones(len(bills)), arrived.astype(float))


# --- Accounts that go the same way together: sums per segment and renewal, from which every path is made

Value = TypeVar("Value")
MOST_KEPT = 64  # sums of places on the way, each a few numbers per cohort


@dataclass(frozen=True, eq=False, repr=False)
class Cohorts:
    """The cohorts of some bills: one entry each in `segment` (place in `segments`), `renewal`, `term`, `held`, `part`.

    `part` tells apart the accounts of a segment that is split between policies, 0 where it is not. `of_account` is
    the cohort of each account, `capped_terms` is as in the bills.
    """

    segments: tuple[str, ...]
    segment: NDArray[np.intp]
    renewal: NDArray[np.intp]
    term: NDArray[np.intp]
    held: NDArray[np.intp]
    part: NDArray[np.intp]
    of_account: NDArray[np.intp]
    capped_terms: tuple[int, ...] = ()
    _kept: Recent[Hashable, Any] = field(default_factory=lambda: Recent(MOST_KEPT))

    def __len__(self) -> int:
        """Count the cohorts."""
        return len(self.segment)

    def total(self, values: Floats) -> Floats:
        """Add up one value per account over each cohort."""
        return np.bincount(self.of_account, values, len(self)).astype(np.float64, copy=False)

    def once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return what is kept under a key; made the first time, forgotten when many others came since."""
        return self._kept.once(key, make)

    def parts(self, policy: Policy) -> Iterator[tuple[OnePolicy, NDArray[np.intp]]]:
        """Go through the single policies of a policy that somebody follows, each with its cohorts."""
        if not isinstance(policy, BySegment):
            yield policy, np.arange(len(self))
            return
        for place, segment in enumerate(self.segments):
            for number, single in enumerate(policy.of(segment)):
                here = np.flatnonzero((self.segment == place) & (self.part == number))
                if len(here):  # a share can be too small for a single account
                    yield single, here


def cohorts_of(bills: AccountBills, cuts: tuple[tuple[float, ...], ...] = ()) -> Cohorts:
    """Return the cohorts of bills; `cuts` says for each segment where, from 0 to 1, its parts end."""
    place, names = pd.factorize(bills.segment, sort=True)
    part = np.zeros(len(bills), dtype=np.intp)
    for number, ends in enumerate(cuts):
        if ends:
            here = np.flatnonzero(place == number)
            part[here] = np.searchsorted(np.array(ends), _lots(bills.account_ids[here]), side="right")
    keys = np.column_stack([place, bills.renewal, bills.term, bills.held, part])
    sizes = keys.max(axis=0) + 1
    single = np.ravel_multi_index(tuple(keys.T), tuple(sizes.tolist()))
    _, first, of_account = np.unique(single, return_index=True, return_inverse=True)
    segment, renewal, term, held, piece = keys[first].T
    segments = tuple(str(each) for each in names)
    return Cohorts(segments, segment, renewal, term, held, piece, of_account, bills.capped_terms)


def cohorts_under(bills: AccountBills, policy: Policy) -> Cohorts:
    """Return the cohorts that a policy needs: finer ones where it splits a segment between policies."""
    if not isinstance(policy, BySegment):
        return bills.cohorts
    cuts = tuple(policy.cuts(segment) for segment in bills.segments)
    return bills.cohorts.once(("cut", cuts), lambda: cohorts_of(bills, cuts)) if any(cuts) else bills.cohorts


def _lots(account_ids: NDArray[np.object_]) -> Floats:
    """Return a place from 0 to 1 for each account, evenly spread, in an order that its id alone decides."""
    drawn = np.array([lot_of(str(each)) for each in account_ids])
    places = np.empty(len(drawn))
    places[np.argsort(drawn, kind="stable")] = (np.arange(len(drawn)) + 0.5) / max(1, len(drawn))
    return places


def sums_of(bills: AccountBills, cohorts: Cohorts, standing: PriceStanding) -> Floats:
    """Return five sums per cohort whose accounts stand here: bills, moved, arrived, old bills of those moved, unmoved.

    Unmoved is what of the bills is billed at today's prices.
    """

    def make() -> Floats:
        paid = standing.paid(bills)
        unmoved = np.sum(
            [way.share * np.where(way.of_new == 0, way.bill, 0.0) for way in ways(standing, bills)], axis=0
        )
        parts = (paid.bill, paid.moved, paid.arrived, bills.old * paid.moved, unmoved)
        return np.stack([cohorts.total(each) for each in parts])

    return cohorts.once(("sums", standing), make)


def old_and_new_of_payers(bills: AccountBills, cohorts: Cohorts) -> Floats:
    """Return three sums per cohort of accounts that would pay more: old bills, new bills, how many they are."""

    def make() -> Floats:
        more = (bills.new > bills.old).astype(float)
        return np.stack([cohorts.total(each) for each in (bills.old * more, bills.new * more, more)])

    return cohorts.once("payers", make)


# --- Bills for a migration from two replays

_NAMED = 5  # unknown accounts in an error


def bills_of(
    comparison: Comparison,
    base: CustomerBase,
    *,
    start: str | pd.Timestamp | None = None,
    contracts: Mapping[str, dt.date | str] | None = None,
    term: int = YEAR,
    subscribed: Collection[str] = ("seats",),
) -> AccountBills:
    """Return the bills of today's customers: those of the comparison's last month, as of that month.

    What they paid on average over a year would be what they used half a year ago, where usage grows.

    Parameters
    ----------
    comparison
        Of today's prices, or what was paid, with the new prices.
    base
        The customers, with renewals and costs where they are known.
    start
        Month of the announcement; the month after the comparison's last one when None.
    contracts
        Next renewal by account, where it differs from `renews_on` in the table of accounts, or else in that of
        subscriptions. Without either, a renewal is assumed on the anniversary of sign-up.
    term
        Months from one renewal to the next.
    subscribed
        Metrics that do not move with usage; charges by all others are taken as metered.

    Returns
    -------
    AccountBills
        Bills of those with a bill on both sides; others, such as those on request, are left out and counted.

    Raises
    ------
    MigrationError
        When no account is left.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.impact import compare, replay_many
    >>> from workbench.impact.migration import bills_of
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> used = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "metric": "seats", "quantity": [3, 12]})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": used}, currency="USD")
    >>> seats = PriceBook("today", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> both = replay_many(base, {"today": seats, "flat": PriceBook("flat", "USD", [Plan("Team", 60)])})
    >>> bills = bills_of(compare(both["today"], both["flat"]), base)
    >>> bills.old.tolist(), bills.new.tolist(), f"{bills.start:%Y-%m}"
    ([30.0, 120.0], [60.0, 60.0], '2024-02')
    """
    if isinstance(subscribed, str):
        raise MigrationError(f"subscribed={subscribed!r} is one word.", f'Give a list, such as ["{subscribed}"].')
    if strangers := sorted(set(contracts or ()) - set(base.accounts["account_id"])):
        raise MigrationError(
            f"Contracts are given for accounts the customer base does not have: {', '.join(strangers[:_NAMED])}.",
            "Correct their ids; they are those of the accounts table.",
        )
    rows = comparison.after.rows
    last = rows.shown_months[-1]
    month = month_of(last + pd.DateOffset(months=1) if start is None else start)
    here = np.unique(rows.account[rows.in_last_month])
    ids = pd.Index(rows.account_ids[here], dtype=object)
    table = comparison.accounts.set_index("account_id").reindex(ids)
    counted = _counted(comparison)
    first = rows.recorded if comparison.before is None else comparison.before.amounts
    assert first is not None  # noqa: S101 - the comparison has a first side
    old, new = (_monthly(amounts, counted, rows)[here] for amounts in (first, comparison.after.amounts))
    terms = contract_terms(base.subscriptions, rows.account_ids[here], month, term)
    renewal, known = renewals_of(
        base.accounts, rows.account_ids[here], month, term, contracts=contracts, others=terms.renews_on
    )
    metered, add_ons = _parts(comparison, subscribed, counted)
    return account_bills(
        ids.to_numpy(),
        rows.segment[here],
        old,
        new,
        start=month,
        currency=comparison.currency,
        renewal=renewal,
        term=term,
        renewal_known=known,
        unit_cost=rows.unit_cost[here],
        metered=metered[here],
        add_ons=add_ons[here],
        plan_before=table["plan_before"].fillna(UNKNOWN).to_numpy(dtype=object),
        plan_after=table["plan_after"].fillna(UNKNOWN).to_numpy(dtype=object),
        held=terms.held,
        rise_cap=terms.rise_cap,
        notice=terms.notice,
    )


def with_term(
    bills: AccountBills, accounts: pd.DataFrame, term: int, subscriptions: pd.DataFrame | None = None
) -> AccountBills:
    """Return bills with contracts renewed every `term` months, the next time when the tables say.

    Parameters
    ----------
    bills
        The bills.
    accounts
        The table of accounts, with `renews_on` or the day of sign-up.
    term
        Months from one renewal to the next.
    subscriptions
        The table of subscriptions, with the terms of contracts.

    Returns
    -------
    AccountBills
        The same bills with other renewals.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.migration import account_bills, with_term
    >>> bills = account_bills(["A"], ["small"], [100], [120], start="2025-01", renewal=[7])
    >>> accounts = pd.DataFrame({"account_id": ["A"], "signed_up": pd.to_datetime(["2023-08-10"])})
    >>> quarterly = with_term(bills, accounts.assign(renews_on=pd.NaT), 3)
    >>> quarterly.renewal.tolist(), quarterly.term.tolist()
    ([1], [3])
    """
    terms = contract_terms(subscriptions, bills.account_ids, bills.start, term)
    renewal, known = renewals_of(accounts, bills.account_ids, bills.start, term, others=terms.renews_on)
    late = np.where(np.isnan(renewal), term - 1, renewal).astype(np.intp)
    months = np.full(len(bills), term, dtype=np.intp)
    return replace(bills, renewal=late, term=months, renewal_known=known, held=terms.held)


def _counted(comparison: Comparison) -> Floats:
    """Return 1 for the account-months of the last month that are compared."""
    rows, compared = comparison.after.rows, comparison.rows
    counted = np.zeros(len(rows))
    counted[compared[rows.in_last_month[compared]]] = 1.0
    return counted


def _parts(comparison: Comparison, subscribed: Collection[str], counted: Floats) -> tuple[Floats, Floats]:
    """Return per account of the base the monthly amounts of the new bill for usage in plans, and for add-ons."""
    replay, rows = comparison.after, comparison.after.rows
    add_on_names = {each.name for each in replay.book.add_ons}
    fixed = {*replay.committed, *subscribed}
    metered, add_ons = np.zeros(len(rows)), np.zeros(len(rows))
    for item in replay.items():
        if item.offer in add_on_names:
            add_ons[item.rows] += np.nan_to_num(item.amounts)
        elif item.charge is not None and item.item not in fixed:
            metered[item.rows] += np.nan_to_num(item.amounts)
    usage, extra = (np.nan_to_num(_monthly(each, counted, rows)) for each in (metered, add_ons))
    return usage, extra


def _monthly(amounts: Floats, counted: Floats, rows: AccountMonths) -> Floats:
    """Return per account of the base the amount that counts; NaN where none does."""
    total = rows.by_account(np.where(counted > 0, amounts, 0.0))
    return np.where(rows.by_account(counted) > 0, total, np.nan)
