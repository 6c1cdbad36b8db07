"""Guardrails and growth of a replay held against plain loops over accounts and months."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.impact import Comparison, Replay, check_guardrails, compare, key_figures, replay, replay_many
from workbench.impact.migration import bills_of
from workbench.impact.revenue_measures import growth_shown
from workbench.pricing import Charge, Plan, PriceBook
from workbench.study import Guardrails

MakeBase = Callable[..., CustomerBase]
Row = list[float | None]
SEEDS = range(12)
GONE = -1.0  # was no customer
EVERY_LIMIT = Guardrails(
    least_revenue_change=0.02,
    most_revenue_change=0.1,
    steep_rise=0.2,
    most_accounts_above_steep_rise=0.3,
    most_rise_in_top_ten=0.5,
    most_accounts_below_cost=0.2,
    most_p95_rise=0.8,
    least_segment_change=-0.05,
)


class Book:
    """What every account is billed under old and new prices, month by month: GONE no customer, None not known."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        size, self.months = int(rng.choice([1, 2, 9, 30])), int(rng.integers(2, 20))
        self.names = [f"a{place:02d}" for place in range(size)]
        self.old: dict[str, Row] = {}
        self.new: dict[str, Row] = {}
        for name in self.names:
            there = rng.random(self.months) < rng.choice([1, 0.8])
            there[0] |= not there.any()
            usual = float(rng.choice([0, 10, 100, round(float(rng.lognormal(4, 1)), 2)]))
            factor = float(rng.choice([0, 0.5, 1, 1.2, round(float(rng.lognormal(0, 0.5)), 3)]))
            wave = rng.choice([0, 0.5]) * rng.random(self.months)
            old = [round(usual * (1 + up), 4) for up in wave]
            new = [round(amount * factor, 4) if amount else float(factor) for amount in old]
            self.old[name] = self._with_gaps(rng, old, there)
            self.new[name] = self._with_gaps(rng, new, there)
        self.segment = {name: str(rng.choice(["small", "mid", "large"])) for name in self.names}
        self.cost = {name: float(rng.uniform(1, 100)) for name in self.names if rng.random() < 0.7}

    @staticmethod
    def _with_gaps(rng: np.random.Generator, amounts: list[float], there: np.ndarray) -> Row:
        unknown = rng.random(len(amounts)) < rng.choice([0, 0.1])
        found: Row = [None if gap else amount for amount, gap in zip(amounts, unknown, strict=True)]
        return [each if now else GONE for each, now in zip(found, there, strict=True)]

    def base(self, base_of: MakeBase) -> CustomerBase:
        """Return a customer base with a metric for each side, which its price book charges one to one."""
        quantities = {
            side: {name: [None if each == GONE else each for each in row] for name, row in bills.items()}
            for side, bills in (("old", self.old), ("new", self.new))
        }
        paid = {name: [None if each == GONE else 1.0 for each in row] for name, row in self.old.items()}
        joined = dict.fromkeys(self.names, pd.Timestamp("2023-03-15"))
        return base_of(quantities, paid, segment=self.segment, unit_cost=self.cost, signed_up=joined)

    def replays(self, base_of: MakeBase) -> dict[str, Replay]:
        """Return the bills as two replays."""
        books = {
            side: PriceBook(side, "USD", (Plan("Only", 0, (Charge(side, "per_unit", unit_price=1),)),))
            for side in ("old", "new")
        }
        return replay_many(self.base(base_of), books)

    def both(self) -> dict[str, tuple[float, float, int]]:
        """Return old and new bills summed, and how many, over the months in which both are known."""
        found = {}
        for name in self.names:
            pairs = [
                (before, after)
                for before, after in zip(self.old[name], self.new[name], strict=True)
                if before not in {GONE, None} and after not in {GONE, None}
            ]
            if pairs:
                found[name] = (sum(each[0] for each in pairs), sum(each[1] for each in pairs), len(pairs))
        return found


def change(before: float, after: float) -> float:
    """Return a change as a share: endless from nothing, none from nothing to nothing."""
    if abs(before) < 1e-12:
        return 0.0 if abs(after) < 1e-12 else math.inf
    return after / before - 1


def compared(book: Book, base_of: MakeBase) -> Comparison | None:
    """Return the comparison of a book's two sides, or None where no account-month is known on both."""
    if not book.both():
        return None
    done = book.replays(base_of)
    return compare(done["old"], done["new"])


@pytest.mark.parametrize("seed", SEEDS)
def test_guardrails_measure_what_loops_find(base_of: MakeBase, seed: int) -> None:
    """Every figure, verdict and account behind it is what a loop over the accounts comes to."""
    book = Book(seed)
    comparison = compared(book, base_of)
    if comparison is None:
        return
    sums = book.both()
    rise = {name: change(before, after) for name, (before, after, _) in sums.items()}
    found = {(check.key, check.subject): check for check in check_guardrails(comparison, EVERY_LIMIT).checks}

    def holds(key: str, measured: float, behind: set[str], *, subject: str = "", most: bool = True) -> None:
        check = found.pop((key, subject))
        if math.isnan(measured):
            assert (check.verdict, check.measured) == ("unknown", None)
            return
        assert check.measured == pytest.approx(measured, abs=1e-12)
        over = measured - getattr(EVERY_LIMIT, key) if most else getattr(EVERY_LIMIT, key) - measured
        if abs(over) > 1e-9:
            assert check.verdict == ("fail" if over > 0 else "pass")
        assert set(check.accounts) == behind

    total = [sum(each[side] for each in sums.values()) for side in (0, 1)]
    moved = change(*total) if total[0] else math.nan
    down = {name for name, (before, after, _) in sums.items() if after < before}
    up = {name for name, (before, after, _) in sums.items() if after > before}
    holds("least_revenue_change", moved, down, most=False)
    holds("most_revenue_change", moved, up)
    steep = {name for name, each in rise.items() if each > 0.2 + 1e-9}
    holds("most_accounts_above_steep_rise", len(steep) / len(sums), steep)
    largest = sorted(sums, key=lambda name: (-sums[name][0] / sums[name][2], name))[:10]
    steepest = max(rise[name] for name in largest)
    holds("most_rise_in_top_ten", steepest, {name for name in largest if rise[name] > 0.5 + 1e-9})
    known = [name for name in sums if name in book.cost]
    loss = {name for name in known if sums[name][1] / sums[name][2] < book.cost[name]}
    holds("most_accounts_below_cost", len(loss) / len(known) if known else math.nan, loss)
    holds("most_p95_rise", _mark(sorted(rise.values()), 0.95), {name for name in sums if rise[name] > 0.8 + 1e-9})
    for segment in {book.segment[name] for name in sums}:
        here = [name for name in sums if book.segment[name] == segment]
        moved = change(*(sum(sums[name][side] for name in here) for side in (0, 1)))
        holds("least_segment_change", moved, down & set(here), subject=segment, most=False)
    assert not found


def _mark(ordered: list[float], share: float) -> float:
    """Return the value that a share of accounts does not exceed; half way to a rise without end has no end."""
    place = share * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return high if high in {low, math.inf} else low + (place - math.floor(place)) * (high - low)


@pytest.mark.parametrize("months", [1, 6, 12])
@pytest.mark.parametrize("seed", SEEDS)
def test_growth_is_that_of_the_tables_by_month(base_of: MakeBase, seed: int, months: int) -> None:
    """Retention and growth per account are sums over the accounts billed in all their months, at both ends."""
    book = Book(seed)
    done = book.replays(base_of)
    whole = {name: row for name, row in book.new.items() if None not in row and set(row) != {GONE}}
    found = growth_shown(done["new"], months)
    before, after, least = 0.0, 0.0, 0.0
    paying = {0: [0.0, 0], 1: [0.0, 0]}  # at the start and at the end: revenue, accounts that pay
    for row in whole.values() if months < book.months else ():
        first, last = (max(0.0, row[place]) for place in (-1 - months, -1))
        for end, amount in enumerate((first, last)):
            paying[end][0] += amount
            paying[end][1] += amount > 0
        if first > 0:
            before, after, least = before + first, after + last, least + min(first, last)
    assert found.accounts == len(whole)
    if not before:
        assert math.isnan(found.net_retention)
        assert math.isnan(found.gross_retention)
        assert math.isnan(found.arpa_growth)
        return
    assert found.net_retention == pytest.approx(after / before)
    assert found.gross_retention == pytest.approx(least / before)
    if not paying[1][1]:
        assert math.isnan(found.arpa_growth)
    else:
        start, end = (revenue / accounts for revenue, accounts in paying.values())
        assert found.arpa_growth == pytest.approx(end / start - 1)


def test_a_gap_in_every_account_leaves_growth_unknown(base_of: MakeBase) -> None:
    """Where nobody could be billed in all months, growth is not known, and the other figures are there."""
    book = PriceBook("Book", "USD", (Plan("Only", 5, (Charge("data", "per_unit", unit_price=1),)),))
    usage = {"a": [10.0, None, 10.0], "b": [10.0, 10.0, None]}
    done = replay(base_of({"data": usage}, {"a": [1.0] * 3, "b": [1.0] * 3}), book)
    figures = {each.label: each.value for each in key_figures(done, 1)}
    assert figures["Revenue at list prices, all months together"] == 60
    assert figures["Net revenue retention"] is None
    assert growth_shown(done, 1).accounts == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_bills_to_migrate_are_those_of_the_last_month(base_of: MakeBase, seed: int) -> None:
    """Customers of the last month come with its bills where both are known, and the others are counted."""
    book = Book(seed)
    comparison = compared(book, base_of)
    last = {name for name in book.names if book.old[name][-1] != GONE}
    bills = {name: (book.old[name][-1], book.new[name][-1]) for name in sorted(last)}
    known = {name: each for name, each in bills.items() if None not in each}
    if comparison is None or not known:
        return
    found = bills_of(comparison, book.base(base_of), term=6)
    assert found.account_ids.tolist() == sorted(known)
    assert found.left_out == len(last) - len(known)
    for place, name in enumerate(found.account_ids):
        before, after = known[name]
        assert found.old[place] == pytest.approx(before)
        assert found.new[place] == pytest.approx(after)
        assert found.metered[place] == pytest.approx(after)
        assert found.unit_cost[place] == pytest.approx(book.cost.get(name, math.nan), nan_ok=True)
        assert found.segment[place] == book.segment[name]
        since = 10 + book.months  # from March 2023 to the first month after those compared
        assert found.renewal[place] == -since % 6
