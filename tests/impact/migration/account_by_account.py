"""Every account and every month in plain loops: what the paths of policies are held against."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from workbench.impact.migration import (
    AccountBills,
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    NewCustomersOnly,
    OptIn,
    Part,
    PhasedSteps,
    Policy,
    Split,
    account_bills,
    schedule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.impact.migration.policies import OnePolicy

LOW, MIDDLE, HIGH = 0, 1, 2
NEVER = 10**9


class Account(NamedTuple):
    """What is known of one account; its contract holds the price for so many months, and lets it rise by so much."""

    old: float
    new: float
    renewal: int
    term: int
    held: int = 0
    cap: float = float("inf")


@dataclass(frozen=True)
class Life:
    """One way an account may go: how much of the account goes it, and month by month what it pays and where it is."""

    weight: float
    bill: list[float] = field(default_factory=list)
    moved: list[bool] = field(default_factory=list)
    arrived: list[bool] = field(default_factory=list)

    def add(self, bill: float, *, moved: bool, arrived: bool) -> None:
        """Live one more month."""
        self.bill.append(bill)
        self.moved.append(moved)
        self.arrived.append(arrived)


def lives(policy: OnePolicy, account: Account, months: int, end: int = MIDDLE) -> list[Life]:
    """Return the ways of an account under a policy, from its definition."""
    old, new = account.old, account.new
    if isinstance(policy, OptIn):
        return _lives_of_an_offer(policy, old, new, months, end)
    life = Life(1.0)
    begins = _begins(policy, account)
    for month in range(months):
        moved = month >= begins
        bill = _in_contract(account, _bill(policy, old, new, month - begins), month - begins) if moved else old
        life.add(bill, moved=moved, arrived=moved and abs(bill - new) <= 1e-9 * new)
    return [life]


def _in_contract(account: Account, bill: float, since: int) -> float:
    """Return the bill as the contract lets it be: it rises by the cap when it first changes, then again every term."""
    if bill <= account.old or account.cap == float("inf"):
        return bill
    most = account.old
    for _ in range(since // account.term + 1):
        most *= 1 + account.cap
    return min(bill, most)


def _begins(policy: OnePolicy, account: Account) -> int:
    """Return the month in which new prices begin for an account: as the policy says, when its contract allows it."""
    begins = _wanted(policy, account)
    return begins if isinstance(policy, OptIn) else max(begins, account.held)


def _wanted(policy: OnePolicy, account: Account) -> int:
    renewal = account.renewal
    if isinstance(policy, NewCustomersOnly) or (isinstance(policy, Grandfather) and policy.months is None):
        return NEVER
    if isinstance(policy, Grandfather):
        return max(policy.months, policy.notice_months)
    if isinstance(policy, AtRenewal) or (isinstance(policy, CappedRise) and policy.at_renewal):
        while renewal < max(policy.notice_months, account.held):
            renewal += account.term
        return renewal
    if isinstance(policy, PhasedSteps):
        return policy.notice_months + next(step.month for step in policy.steps if step.share > 0)
    return policy.notice_months


def _bill(policy: OnePolicy, old: float, new: float, since: int) -> float:
    """Return the bill so many months after new prices began for an account."""
    if isinstance(policy, CappedRise):
        bill = old
        for _ in range(since // 12 + 1):
            bill = min(bill * (1 + policy.per_year), new)
        return bill
    if isinstance(policy, PhasedSteps) and (new >= old or policy.falls_too):
        first = next(step.month for step in policy.steps if step.share > 0)
        share = max(step.share for step in policy.steps if first + since >= step.month)
        return old + share * (new - old)
    return new


def _lives_of_an_offer(policy: OptIn, old: float, new: float, months: int, end: int) -> list[Life]:
    """Return who stays, and one life for each month in which some of the account moves."""
    ends = (policy.take_up_low, (policy.take_up_low + policy.take_up_high) / 2, policy.take_up_high)
    taken = 1.0 if new <= old else ends[end]
    found = [Life(1 - taken, [old] * months, [False] * months, [False] * months)]
    for wave in range(policy.over_months):
        life = Life(taken / policy.over_months)
        for month in range(months):
            since = month - policy.notice_months - wave
            reduced = policy.incentive > 0 and since < policy.incentive_months
            if since < 0:
                life.add(old, moved=False, arrived=False)
            elif reduced:
                life.add(new * (1 - policy.incentive), moved=True, arrived=False)
            else:
                life.add(new, moved=True, arrived=True)
        found.append(life)
    return found


def accounts_of(bills: AccountBills) -> list[Account]:
    """Return every account by itself."""
    columns = (bills.old, bills.new, bills.renewal, bills.term, bills.held, bills.rise_cap)
    return [Account(*(each.item() for each in one)) for one in zip(*columns, strict=True)]


def followed(policy: Policy, bills: AccountBills) -> list[tuple[object, OnePolicy]]:
    """Return for every account the group it belongs to, and the single policy it follows."""
    if not isinstance(policy, BySegment):
        return [("all", policy)] * len(bills)
    found = []
    drawn = {name: _parts_drawn(name, each, bills) for name, each in policy.segments.items() if isinstance(each, Split)}
    for place, segment in enumerate(bills.segment):
        own = policy.segments.get(segment, policy.otherwise)
        if isinstance(own, Split):
            number = drawn[segment][place]
            found.append(((segment, number), own.parts[number].policy))
        else:
            found.append(((segment, 0), own))
    return found


def _parts_drawn(segment: str, split: Split, bills: AccountBills) -> list[int]:
    """Return which part of a split every account of a segment is in: for each part, who moves if only that part does.

    Which accounts are drawn is not for this file to say; that the shares hold, and that nobody is in two parts, is.
    """
    found, free = [-1] * len(bills), replace(bills, held=np.zeros_like(bills.held))  # so that all of a part can move
    still = (NewCustomersOnly(), Grandfather(), Grandfather())
    for number in range(len(split.parts)):
        probe = []
        for other, part in enumerate(split.parts):
            quiet = still[other - (other > number)]
            probe.append(Part(share=part.share, policy=EveryoneAtOnce() if other == number else quiet))
        moved = schedule(
            BySegment(segments={segment: Split(parts=tuple(probe))}, otherwise=Grandfather()), free, 1
        ).moved
        for place in np.flatnonzero(moved[:, 0]):
            assert bills.segment[place] == segment
            assert found[place] == -1
            found[place] = number
    size = sum(each == segment for each in bills.segment)
    for number, part in enumerate(split.parts):
        assert abs(found.count(number) - part.share * size) <= 1
    return found


@dataclass(frozen=True)
class Months:
    """The sums over all accounts, month by month."""

    revenue: list[float]
    on_old: list[float]
    in_between: list[float]
    on_new: list[float]


def month_by_month(policy: Policy, bills: AccountBills, months: int, end: int = MIDDLE) -> Months:
    """Return revenue and where the accounts are, month by month, with offers taken up by the low, middle or high."""
    found = Months(*([0.0] * months for _ in range(4)))
    for account, (_, single) in zip(accounts_of(bills), followed(policy, bills), strict=True):
        for life in lives(single, account, months, end):
            for month in range(months):
                found.revenue[month] += life.weight * life.bill[month]
                where = found.on_new if life.arrived[month] else found.in_between
                where = where if life.moved[month] else found.on_old
                where[month] += life.weight
    return found


def ends_of_revenue(policy: Policy, bills: AccountBills, months: int) -> tuple[list[float], list[float]]:
    """Return the least and the most revenue of each month, every offer taken up as little or as much as assumed."""
    groups: dict[object, list[list[float]]] = {}
    for account, (group, single) in zip(accounts_of(bills), followed(policy, bills), strict=True):
        sums = groups.setdefault(group, [[0.0] * months, [0.0] * months])
        for number, end in enumerate((LOW, HIGH)):
            for life in lives(single, account, months, end):
                for month in range(months):
                    sums[number][month] += life.weight * life.bill[month]
    least, most = [0.0] * months, [0.0] * months
    for low, high in groups.values():
        for month in range(months):
            least[month] += min(low[month], high[month])
            most[month] += max(low[month], high[month])
    return least, most


def revenue_when_some_leave(policy: Policy, bills: AccountBills, months: int, share: float) -> float:
    """Return all revenue when a share of every account leaves in the month in which new prices begin for it."""
    total = 0.0
    for account, (_, single) in zip(accounts_of(bills), followed(policy, bills), strict=True):
        for life in lives(single, account, months):
            left = 1.0
            for month in range(months):
                if life.moved[month] and (month == 0 or not life.moved[month - 1]):
                    left = 1 - share
                total += life.weight * left * life.bill[month]
    return total


def any_bills(rng: np.random.Generator) -> AccountBills:
    """Return one to fourteen accounts with rises, falls, free bills, unchanged ones, terms and unknown renewals."""
    size = int(rng.integers(1, 15))
    old = np.round(rng.lognormal(4, 1, size), 2)
    new = np.round(old * rng.lognormal(0.05, 0.5, size), 2)
    old[rng.random(size) < 0.15] = 0
    new[rng.random(size) < 0.1] = 0
    same = rng.random(size) < 0.15
    new[same] = old[same]
    renewal = np.where(rng.random(size) < 0.3, np.nan, rng.integers(0, 30, size))
    ids = [f"A{number}" for number in rng.permutation(1000)[:size]]
    segment = rng.choice(["small", "mid", "large"], size)
    return account_bills(
        ids, segment, old, new, start="2025-11", renewal=renewal, term=rng.choice([1, 3, 12, 24], size)
    )


def with_contracts(rng: np.random.Generator, bills: AccountBills) -> AccountBills:
    """Return bills of which some contracts hold the price for a while, some for good, and some cap how far it rises."""
    held = np.where(rng.random(len(bills)) < 0.5, rng.integers(0, 40, len(bills)), 0)
    caps = np.where(rng.random(len(bills)) < 0.5, rng.choice([0.0, 0.03, 0.1, 0.5], len(bills)), np.inf)
    return replace(bills, held=held, rise_cap=caps)


def any_policies(rng: np.random.Generator) -> Iterator[Policy]:
    """Go through one policy of every kind with any terms, notice beyond the horizon among them, and mixtures."""
    yield from _singles(rng)
    singles = _singles(rng)
    yield BySegment(segments={"small": singles[5], "mid": singles[2], "nobody": singles[1]}, otherwise=singles[3])
    for _ in range(2):
        parts = rng.choice(len(singles), 3, replace=False)
        cut = np.sort(rng.integers(1, 100, 2)) / 100
        shares = [cut[0], cut[1] - cut[0] or 1e-9, 1 - cut[1]]
        split = Split(parts=tuple(Part(share=float(s), policy=singles[p]) for s, p in zip(shares, parts, strict=True)))
        yield BySegment(
            segments={"small": split, "large": singles[int(rng.integers(7))], "nobody": split},
            otherwise=singles[int(rng.integers(7))],
        )


def _singles(rng: np.random.Generator) -> list[OnePolicy]:
    def notice() -> int:
        return int(rng.choice([0, 0, 1, 3, 7, 40]))

    steps = np.sort(rng.choice(20, 3, replace=False))
    shares = (*np.sort(rng.choice(9, 2, replace=False)) / 10, 1.0)
    low, high = np.sort(rng.random(2))
    return [
        NewCustomersOnly(notice_months=notice()),
        EveryoneAtOnce(notice_months=notice()),
        AtRenewal(notice_months=notice()),
        Grandfather(notice_months=notice(), months=rng.choice([None, 0, 5, 60])),
        CappedRise(notice_months=notice(), per_year=float(rng.uniform(0.01, 0.6)), at_renewal=bool(rng.random() < 0.5)),
        OptIn(
            notice_months=notice(),
            incentive=float(rng.choice([0, 0.1, 1])),
            incentive_months=int(rng.choice([0, 3, 30])),
            over_months=int(rng.choice([1, 6, 30])),
            take_up_low=float(low),
            take_up_high=float(high),
        ),
        PhasedSteps(
            notice_months=notice(),
            falls_too=bool(rng.random() < 0.5),
            steps=[{"month": int(m), "share": float(s)} for m, s in zip(steps, shares, strict=True)],
        ),
    ]
