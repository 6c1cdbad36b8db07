"""Usage beside per-seat plans is opted into; the plans stay."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.impact.migration import MigrationError, opt_in_overage, who_would_opt_in
from workbench.pricing import Charge, Limit, Plan, PriceBook

SEATS = Charge("seats", "per_unit", unit_price=20)


def book(*limits: int) -> PriceBook:
    """Return per-seat plans with these limits on calls."""
    plans = [Plan(f"P{at}", 0, (SEATS,), (Limit("calls", most),) if most else ()) for at, most in enumerate(limits)]
    return PriceBook("Today", "USD", tuple(plans))


def test_the_plans_are_unchanged() -> None:
    """The scenario differs from the per-seat price book by add-ons alone."""
    before = book(1000, 1000)
    after = opt_in_overage(before, "calls", unit_price="0.01")
    assert after.plans == before.plans
    assert [each.name for each in after.add_ons] == ["Calls overage"]


def test_an_overage_costs_nothing_until_it_is_used() -> None:
    """Up to what is included the bill is the old one; beyond, each unit costs its price up to the cap."""
    after = opt_in_overage(book(1000, 1000), "calls", unit_price="0.01", most_per_month=50)
    bills = [after.bill("P0", {"seats": 5, "calls": calls}, ["Calls overage"]).total for calls in (0, 1000, 1500, 9e9)]
    assert bills == [100, 100, 105, 150]


def test_an_accelerator_sells_a_block() -> None:
    """An accelerator costs its block, and units beyond the block cost their price."""
    after = opt_in_overage(
        book(1000), "calls", unit_price="0.01", kind="accelerator", block=500, block_price=4, name="More calls"
    )
    bills = [after.bill("P0", {"seats": 5, "calls": calls}, ["More calls"]).total for calls in (0, 1500, 1600)]
    assert bills == [104, 104, 105]


def test_an_accelerator_is_for_whoever_uses_more_than_is_included() -> None:
    """Usage inside the block is a reason to buy it, as usage beyond the block is."""
    after = opt_in_overage(book(1000), "calls", unit_price="0.01", kind="accelerator", block=500, block_price=4)
    owners = who_would_opt_in(after, "calls", ["a", "b", "c"], [1000, 1001, 2000], ["P0"] * 3)
    assert sorted(owners) == ["b", "c"]


def test_different_limits_make_an_add_on_each() -> None:
    """Where plans include different amounts, each limited plan has its own add-on and its users buy that one."""
    after = opt_in_overage(book(100, 1000, 0), "calls", unit_price=1)
    assert [each.name for each in after.add_ons] == ["Calls overage for P0", "Calls overage for P1"]
    owners = who_would_opt_in(after, "calls", ["a", "b", "c", "d"], [500, 500, 5000, np.nan], ["P0", "P1", "P1", "P0"])
    assert owners == {"a": ("Calls overage for P0",), "c": ("Calls overage for P1",)}


@pytest.mark.parametrize(
    ("before", "settings", "said"),
    [
        (PriceBook("Flat", "USD", (Plan("One", 10),)), {}, "No priced plan of Flat charges by seats"),
        (
            PriceBook("Used", "USD", (Plan("One", 10, (SEATS, Charge("calls", "per_unit", unit_price=1))),)),
            {},
            "already",
        ),
        (book(0), {}, "not known what is included"),
        (book(10), {"kind": "accelerator"}, "sells a block"),
    ],
)
def test_what_is_no_opt_in_is_refused(before: PriceBook, settings: dict[str, str], said: str) -> None:
    """Without a per-seat base, or where the metric is billed already, the error says what to change."""
    with pytest.raises(MigrationError, match=said):
        opt_in_overage(before, "calls", unit_price=1, **settings)
