"""What a policy bills month by month while nobody reacts: the course of every account, and the sums over all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, assert_never

import numpy as np

from workbench.customers.needs import YEAR
from workbench.formatting import count, percent
from workbench.impact.migration.bills import (
    NEW,
    OLD,
    AccountBills,
    Cohorts,
    Offered,
    PartOfTheWay,
    PriceStanding,
    UnderCap,
    WithinContract,
    cohorts_under,
    old_and_new_of_payers,
    sums_of,
)
from workbench.impact.migration.policies import (
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    NewCustomersOnly,
    OnePolicy,
    OptIn,
    PhasedSteps,
    Policy,
)
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.impact.revenue_forecast import RevenueAhead

    Months = NDArray[np.intp]
    Floats = NDArray[np.float64]

# --- The course of a policy: from which month on an account stands where

NEVER = 1_000_000  # months; later than any path ends


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Accounts, or groups of them, leave old prices in month `first` (one entry each).

    From then on they stand at `standings[k]` after `delays[k]` months; `standings[0]` are old prices, with no delay.
    """

    first: Months
    delays: tuple[int, ...]
    standings: tuple[PriceStanding, ...]

    def places(self, months: int) -> Months:
        """Return (accounts or groups) x months: the place in `standings` of where each stands."""
        since = np.arange(months) - self.first[:, None]
        return np.searchsorted(np.array(self.delays[1:], dtype=np.intp), since, side="right")


def course(
    policy: OnePolicy, who: AccountBills | Cohorts, months: int, here: NDArray[Any] | slice = slice(None)
) -> Course:
    """Return the course over `months` months of accounts or groups of them, or of those `here`.

    Nobody is moved while a contract on record holds the price, and nobody's rises by more than it allows; an offer is
    for the customer to take, so that no contract stands against it.
    """
    notice, renewal, term, held = policy.notice_months, who.renewal[here], who.term[here], who.held[here]
    first = np.full(len(renewal), notice)
    delays: tuple[int, ...] = (0,)
    standings: tuple[PriceStanding, ...] = (NEW,)
    match policy:
        case NewCustomersOnly():
            first[:] = NEVER
        case EveryoneAtOnce():
            pass  # all of them when the notice is over
        case Grandfather():
            first[:] = NEVER if policy.months is None else max(policy.months, notice)
        case AtRenewal():
            first = first_renewal(renewal, term, np.maximum(notice, held))
        case CappedRise():
            first = first_renewal(renewal, term, np.maximum(notice, held)) if policy.at_renewal else first
            delays = tuple(range(0, max(months, 1), YEAR))
            standings = tuple(UnderCap(policy.per_year, number + 1) for number in range(len(delays)))
        case PhasedSteps():
            bringing = [step for step in policy.steps if step.share]  # a step of nothing changes no bill
            first += bringing[0].month
            delays = tuple(step.month - bringing[0].month for step in bringing)
            standings = tuple(PartOfTheWay(step.share, policy.falls_too) for step in bringing)
        case OptIn():
            delays = tuple(range(policy.over_months + (policy.incentive_months if policy.incentive else 0)))
            standings = tuple(_taken(policy, delay) for delay in delays)
        case _:
            assert_never(policy)
    if not isinstance(policy, OptIn):
        first = np.maximum(first, held)
        delays, standings = _within_contracts(delays, standings, who.capped_terms, months)
    return Course(first, (0, *delays), (OLD, *standings))


def _within_contracts(
    delays: tuple[int, ...], standings: tuple[PriceStanding, ...], terms: tuple[int, ...], months: int
) -> tuple[tuple[int, ...], tuple[PriceStanding, ...]]:
    """Return where accounts stand whose contracts cap a rise: once more so much with every term of theirs."""
    if not terms:
        return delays, standings
    again = {since for term in terms for since in range(0, max(months, 1), term)}
    since = np.array(sorted({*delays, *again}))
    at = np.searchsorted(np.array(delays), since, side="right") - 1
    places = zip(at.tolist(), since.tolist(), strict=True)
    return tuple(since.tolist()), tuple(WithinContract(standings[place], later) for place, later in places)


def _taken(policy: OptIn, after: int) -> Offered:
    moved = min((after + 1) / policy.over_months, 1.0)
    no_longer = min(max((after + 1 - policy.incentive_months) / policy.over_months, 0.0), 1.0)
    # Who moved and still has the incentive pays less; who moved earlier pays in full.
    paid = moved - policy.incentive * (moved - no_longer)
    return Offered(paid, moved, no_longer if policy.incentive else moved)


def first_renewal(renewal: Months, term: Months, notice: int | Months) -> Months:
    """Return the month of each first renewal that leaves the notice; one for all accounts, or one each."""
    terms = np.maximum(0, -((renewal - notice) // term))  # whole terms to wait, rounded up
    return renewal + terms * term


# --- What a policy bills every account month by month, while nobody reacts


@dataclass(frozen=True, eq=False)
class Schedule:
    """What is certain to be billed: who may choose and would pay more stays on old prices.

    All arrays are accounts x months.

    Attributes
    ----------
    bills
        The bill of each month.
    moved
        Share of the account (0 or 1, between where the month of an opt-in is uncertain) that has left the old price.
    arrived
        Share that pays the full new one.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import AtRenewal, schedule
    >>> found = schedule(AtRenewal(), bills, 9)
    >>> found.bills[0].tolist(), found.moved[1].tolist()
    ([100.0, 100.0, 100.0, 120.0, 120.0, 120.0, 120.0, 120.0, 120.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    """

    bills: Floats
    moved: Floats
    arrived: Floats


def schedule(policy: Policy, bills: AccountBills, months: int) -> Schedule:
    """Return what every account pays month by month under a policy.

    Parameters
    ----------
    policy
        How customers move.
    bills
        The bills.
    months
        How far it goes.

    Returns
    -------
    Schedule
        Bills and shares moved, accounts x months.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import EveryoneAtOnce, schedule
    >>> schedule(EveryoneAtOnce(notice_months=1), bills, 3).bills.tolist()
    [[100.0, 120.0, 120.0], [400.0, 380.0, 380.0]]
    """
    found = np.zeros((3, len(bills), months))
    for single, here in parts_of(policy, bills):
        some = bills.only(here)
        steps = course(single, some, months)
        places = steps.places(months)
        paid = zip(*(standing.paid(some) for standing in steps.standings), strict=True)
        for kind, columns in zip(found, paid, strict=True):
            kind[here] = np.take_along_axis(np.column_stack(columns), places, axis=1)
    return Schedule(*found)


def parts_of(policy: Policy, bills: AccountBills) -> Iterator[tuple[OnePolicy, NDArray[np.bool_]]]:
    """Go through the single policies of a policy that somebody follows, each with the accounts it holds for."""
    cohorts = cohorts_under(bills, policy)
    for single, here in cohorts.parts(policy):
        yield single, np.isin(cohorts.of_account, here)


def offers(steps: Course, months: int) -> tuple[Floats, Floats, Floats]:
    """Return month by month, where an offer runs: the share of new bills paid, and the shares moved and arrived."""
    first = Course(steps.first[:1], steps.delays, steps.standings)
    at = [steps.standings[place] for place in first.places(months)[0]]
    rows = [(each.new_paid, each.moved, each.arrived) if isinstance(each, Offered) else (0.0,) * 3 for each in at]
    paid, moved, arrived = np.array(rows, dtype=float).T
    return paid, moved, arrived


# --- What bills grow by over the months of a path, as a forecast of usage and leavers says


@dataclass(frozen=True, slots=True, eq=False)
class BillGrowth:
    """What the bills of a segment come to, month by month.

    Attributes
    ----------
    segments
        The rows.
    before, after
        Factors under today's prices and under new ones, segments x months; 1 is today's bill.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> import numpy as np
    >>> from workbench.impact.migration import BillGrowth, NewCustomersOnly, migrate
    >>> growth = BillGrowth(bills.segments, np.full((2, 3), 1.1), np.full((2, 3), 1.1))
    >>> migrate(bills, NewCustomersOnly(), months=3, growth=growth).table["today"].round(2).tolist()
    [550.0, 550.0, 550.0]
    """

    segments: tuple[str, ...]
    before: Floats
    after: Floats

    def of(self, cohorts: Cohorts, months: int) -> tuple[Floats, Floats]:
        """Return the factors of each cohort (cohorts x months) under today's prices and under new ones."""
        places = np.array([self.segments.index(name) for name in cohorts.segments])[cohorts.segment]
        return self.before[places, :months], self.after[places, :months]


def growth_of(ahead: RevenueAhead, bills: AccountBills, new: str) -> BillGrowth | None:
    """Return the mean growth a forecast says of the bills; None where it does not go as far as a path.

    Parameters
    ----------
    ahead
        The forecast.
    bills
        Whose.
    new
        Name of the new list in the forecast.

    Returns
    -------
    BillGrowth | None
        Factors per segment and month; None where the forecast does not go as far as a path.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> import pandas as pd
    >>> from workbench.forecast import Reach
    >>> from workbench.impact.migration import growth_of
    >>> from workbench.impact.revenue_forecast import RevenueAhead
    >>> short = Reach(ranges=0, sign=0, tested=False, reason="Too few months.")
    >>> past = pd.DataFrame({"month": pd.to_datetime(["2024-12-01"]), "revenue": [500.0]})
    >>> ahead = RevenueAhead(("today", "new"), bills.months(12), short, past)
    >>> growth_of(ahead, bills, "new") is None
    True
    """
    if ahead.parts is None or ahead.reach.ranges < len(ahead.months):
        return None
    staying = ahead.parts.staying.mean(axis=2)
    lists = (0, ahead.names.index(new))
    before, after = (np.ones((len(bills.segments), len(ahead.months))) for _ in lists)
    for place, segment in enumerate(bills.segments):
        here = bills.segment == segment
        for factors, number, each in zip((before, after), lists, (bills.old, bills.new), strict=True):
            if (whole := float(each[here].sum())) > 0 and segment in ahead.segments:
                factors[place] = staying[ahead.segments.index(segment), number] / whole
    return BillGrowth(bills.segments, before, after)


# --- A policy month by month, as sums over all accounts, from the sums of cohorts


@dataclass(frozen=True, slots=True, eq=False)
class OfferTaken:
    """What happens each month when everybody in a part takes its offer who may choose and would pay more.

    `change` is what revenue changes, `moved` and `arrived` count accounts, `moved_old` sums the old bills of those
    moved. `low` and `high` are the ends of the share that does.
    """

    change: Floats
    moved: Floats
    arrived: Floats
    moved_old: Floats
    low: float
    high: float

    @property
    def middle(self) -> float:
        """Return the middle of the share that takes it."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True, eq=False)
class MonthSums:
    """What is certain each month: revenue, accounts moved and arrived, the old bills of those moved; and offers."""

    revenue: Floats
    moved: Floats
    arrived: Floats
    moved_old: Floats
    offers: tuple[OfferTaken, ...] = ()


def month_sums(policy: Policy, bills: AccountBills, months: int, growth: BillGrowth | None = None) -> MonthSums:
    """Return a policy's sums over all accounts, month by month; old and new bills grow where a growth is given."""
    cohorts = cohorts_under(bills, policy)
    certain, chosen = np.zeros((4, months)), []
    before, after = (np.ones((len(cohorts), 1)),) * 2 if growth is None else growth.of(cohorts, months)
    for part, here in cohorts.parts(policy):
        steps = course(part, cohorts, months, here)
        by_place = np.stack([sums_of(bills, cohorts, each)[:, here] for each in steps.standings])
        found = by_place[steps.places(months), :, np.arange(len(here))[:, None]]  # cohorts x months x sums
        if growth is not None:
            unmoved = found[..., 4]
            found[..., 0] = (found[..., 0] - unmoved) * after[here] + unmoved * before[here]
        certain += found[..., :4].sum(axis=0).T
        if isinstance(part, OptIn):
            old, new, accounts = old_and_new_of_payers(bills, cohorts)[:, here, None]
            paid, moved, arrived = offers(steps, months)
            change = (new * after[here]).sum(axis=0) * paid - (old * before[here]).sum(axis=0) * moved
            ends = (part.take_up_low, part.take_up_high)
            count, left = float(accounts.sum()), float(old.sum())
            chosen.append(OfferTaken(change, count * moved, count * arrived, left * moved, *ends))
    revenue, moved, arrived, moved_old = certain
    return MonthSums(revenue, moved, arrived, moved_old, tuple(chosen))


# --- What a reader has to know about a way to new prices before trusting it


def policy_cautions(policy: Policy, bills: AccountBills, months: int) -> list[Caution]:
    """Return what to know about a policy over some months: assumed renewals, caps, contracts broken or kept."""
    assumed = stuck = inside = held = capped = 0
    for part, here in parts_of(policy, bills):
        waits = isinstance(part, AtRenewal) or (isinstance(part, CappedRise) and part.at_renewal)
        assumed += int((here & ~bills.renewal_known).sum()) if waits else 0
        stuck += int((here & _stuck(part, bills)).sum())
        if not isinstance(part, OptIn):  # who takes an offer chooses the day
            inside += _inside_contracts(part, bills.only(here & bills.renewal_known), months)
            later, less = _held_back(part, bills.only(here), months)
            held, capped = held + later, capped + less
    found = []
    if isinstance(policy, BySegment) and (strangers := sorted(set(policy.segments) - set(bills.segments))):
        text = f"No account is in the segment {' or '.join(strangers)}: what is agreed for it holds for nobody."
        found.append(Caution(text))
    if assumed:
        share = percent(assumed / len(bills))
        text = f"The renewal of {count('account', assumed)} ({share}) is an assumption: no contract is on record."
        found.append(Caution(text, "note"))
    if stuck:
        text = (
            f"{count('account', stuck)} pay nothing today; a capped rise of nothing is nothing, so they never arrive."
        )
        found.append(Caution(text))
    if inside:
        text = f"The bills of {count('account', inside)} would change inside a running contract."
        found.append(Caution(text))
    if held:
        text = f"{count('account', held)} move later than the policy says, when contracts on record allow it."
        found.append(Caution(text, "note"))
    if capped:
        text = f"Contracts on record cap the rise of {count('account', capped)} below the new price, once a term."
        found.append(Caution(text, "note"))
    return found


def _stuck(policy: OnePolicy, bills: AccountBills) -> NDArray[np.bool_]:
    return (bills.old == 0) & (bills.new > 0) & isinstance(policy, CappedRise)


def _inside_contracts(policy: OnePolicy, bills: AccountBills, months: int) -> int:
    """Count the accounts whose first changed bill of the path comes between two renewals."""
    first = course(policy, bills, months).first
    early = first_renewal(bills.renewal, bills.term, first) > first
    return int((early & (first < months) & (bills.new != bills.old) & ~_stuck(policy, bills)).sum())


def _held_back(policy: OnePolicy, bills: AccountBills, months: int) -> tuple[int, int]:
    """Count the accounts whose bills contracts on record let change later than the policy has it, or rise by less."""
    first = course(policy, bills, months).first
    alone = course(policy, replace(bills, held=np.zeros_like(bills.held)), months).first
    later = (first > alone) & (alone < months) & (bills.new != bills.old)
    return int(later.sum()), int(((first < months) & (bills.new > bills.at_most(1))).sum())
