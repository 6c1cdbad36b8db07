"""Comparison and movers: changes by hand, spreads and shares, reasons that name the right line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from workbench.customers import CustomerBase
from workbench.impact import PlanTable, ReplayError, compare, reconcile, replay, replay_many
from workbench.impact.comparison import bill_parts
from workbench.pricing import AddOn, Band, Charge, Plan, PriceBook

MakeBase = Callable[..., CustomerBase]


def _book(name: str, *charges: Charge, fee: float = 0, add_ons: tuple[AddOn, ...] = ()) -> PriceBook:
    return PriceBook(name, "USD", (Plan("Only", fee, charges),), add_ons)


def _seats(price: float) -> Charge:
    return Charge("seats", "per_unit", unit_price=price)


OLD = _book("Old", _seats(10))


def test_changes_by_hand(base_of: MakeBase) -> None:
    """Two accounts: means per month, change, percent, revenue, spread and shares as worked out on paper."""
    base = base_of({"seats": {"a": [1, 3], "b": [10, 10]}}, segment={"a": "small", "b": "large"})
    done = replay_many(base, {"old": OLD, "new": _book("New", _seats(9), fee=20)})
    change = compare(done["old"], done["new"])
    accounts = change.accounts.set_index("account_id")
    assert accounts.loc["a", ["months", "before", "after", "change"]].tolist() == [2, 20, 38, 18]
    assert accounts.loc["a", "percent"] == pytest.approx(0.9)
    assert accounts.loc["b", ["before", "after", "change"]].tolist() == [100, 110, 10]
    assert (change.revenue_before, change.revenue_after) == (240, 296)
    assert change.revenue_change == pytest.approx(296 / 240 - 1)
    assert change.share_above(0.1) == pytest.approx(0.5)
    assert change.share_above(0.0999) == 1
    assert change.share_below(0) == 0
    assert change.spread.p50 == pytest.approx(0.5)
    assert change.spread.p5 == pytest.approx(0.1 + 0.05 * 0.8)
    assert change.segments.set_index("segment").loc["small", "change"] == 36
    assert change.months["change"].tolist() == [20 - 1 + 20 - 10, 20 - 3 + 20 - 10]
    assert change.bounds(0.5)["accounts_above"].tolist() == [1]


def test_swapping_the_sides_swaps_the_sign(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """From new to old, every change is the negative, and rises become falls."""
    done = replay_many(varied_base, {"a": rich_book, "b": _book("b", Charge("data", "per_unit", unit_price="0.4"))})
    there, back = compare(done["a"], done["b"]), compare(done["b"], done["a"])
    np.testing.assert_allclose(there.accounts["change"], -back.accounts["change"])
    assert (there.accounts["change"] > 0).sum() == (back.accounts["change"] < 0).sum()


def test_only_months_known_on_both_sides_count(base_of: MakeBase) -> None:
    """A month without a bill on one side is no rise and no fall; much of it is a caution."""
    base = base_of({"seats": {"a": [1, 1], "b": [1, 1]}, "data": {"a": [5, None], "b": [None, None]}})
    done = replay_many(base, {"old": OLD, "new": _book("New", Charge("data", "per_unit", unit_price=4))})
    change = compare(done["old"], done["new"])
    assert change.accounts["account_id"].tolist() == ["a"]
    assert change.accounts["months"].tolist() == [1]
    assert change.left_out == pytest.approx(0.75)
    assert any("75.0%" in caution.text for caution in change.cautions)


def test_a_bill_from_nothing_is_an_infinite_rise(base_of: MakeBase) -> None:
    """Who paid nothing counts as above any bound, and stays out of the spread; zero to zero is no change."""
    base = base_of({"seats": {"a": [0, 0], "b": [10, 10]}}, {"a": [1, 1], "b": [100, 100]})
    done = replay_many(base, {"old": OLD, "new": _book("New", _seats(10), fee=5)})
    change = compare(done["old"], done["new"])
    assert np.isinf(change.accounts["percent"]).tolist() == [True, False]
    assert change.share_above(100) == pytest.approx(0.5)
    assert change.spread.p95 == pytest.approx(0.05)
    assert change.movers()["reason"].tolist() == ["base fee of Only: +$5 a month", "base fee of Only: +5%"]
    assert compare(done["old"], done["old"]).accounts["percent"].tolist() == [0, 0]


def test_replays_of_other_account_months_are_refused(base_of: MakeBase) -> None:
    """Comparing replays that were prepared apart is refused with the remedy."""
    base = base_of({"seats": {"a": [1, 1]}})
    with pytest.raises(ReplayError, match="replay_many"):
        compare(replay(base, OLD), replay(base, OLD))
    with pytest.raises(ReplayError, match="no revenue on record"):
        compare(None, replay(base, OLD))


def test_recorded_revenue_can_be_the_other_side(base_of: MakeBase) -> None:
    """Against the record, before is what was paid, under the plan on record."""
    base = base_of({"seats": {"a": [2, 2]}}, {"a": [15, 25]}, plans={"a": ["Legacy", "Legacy"]})
    change = compare(None, replay(base, OLD))
    row = change.accounts.iloc[0]
    assert (row["before"], row["after"], row["plan_before"], row["plan_after"]) == (20, 20, "Legacy", "Only")
    dearer = compare(None, replay(base, _book("New", _seats(30))))
    assert dearer.movers()["reason"].tolist() == ["largest part of the new bill: seats, $60 a month"]


def test_the_reason_names_the_band(base_of: MakeBase) -> None:
    """When only the price above 500 rises, the reason is "storage above 500" with its share of the old bill."""
    bands = (Band(500, 1), Band(None, "0.5"))
    old = _book("Old", Charge("storage", "graduated", bands=bands))
    new = _book("New", Charge("storage", "graduated", bands=(bands[0], Band(None, "1.3"))))
    base = base_of({"storage": {"a": [1000.0], "b": [400.0]}})
    done = replay_many(base, {"old": old, "new": new})
    movers = compare(done["old"], done["new"]).movers()
    assert movers["account_id"].tolist() == ["a"]
    assert movers["reason"].tolist() == ["storage above 500: +53%"]  # 400 more on 750


def test_included_units_shift_the_words_of_a_band(base_of: MakeBase) -> None:
    """Overage beyond included units is named by where it begins in the customer's own units."""
    over = Charge("storage", "per_unit", unit_price=2, free_units=100)
    base = base_of({"storage": {"a": [150.0]}, "seats": {"a": [10]}})
    done = replay_many(base, {"old": _book("Old", fee=50), "new": _book("New", over, fee=50)})
    assert compare(done["old"], done["new"]).movers()["reason"].tolist() == ["storage above 100: +200%"]


def test_a_change_of_metric_tells_both_sides(base_of: MakeBase) -> None:
    """When seats give way to data, the reason names what rises and what falls against it."""
    new = _book("New", Charge("data_volume", "per_unit", unit_price=1))
    base = base_of({"seats": {"a": [10], "b": [10]}, "data_volume": {"a": [150.0], "b": [20.0]}})
    done = replay_many(base, {"old": OLD, "new": new})
    reasons = compare(done["old"], done["new"]).movers().set_index("account_id")["reason"]
    assert reasons["a"] == "data volume: +150%; against it seats: \N{MINUS SIGN}100%"
    assert reasons["b"] == "seats: \N{MINUS SIGN}100%"


def test_caps_discounts_and_add_ons_have_their_own_words(base_of: MakeBase) -> None:
    """A cap that comes in, a discount and an add-on each are named as the reason."""
    base = base_of({"seats": {"a": [10]}})
    cases = {
        "cap on seats: \N{MINUS SIGN}60%": _book("Cap", _seats(10).with_(maximum=40)),
        "discount on seats: \N{MINUS SIGN}25%": _book("Less", _seats(10).with_(discount_percent=25)),
        "minimum for seats: +20%": _book("Least", _seats(10).with_(minimum=120)),
    }
    done = replay_many(base, {"old": OLD, **cases})
    for reason in cases:
        assert compare(done["old"], done[reason]).movers()["reason"].tolist() == [reason]
    more = _book("More", _seats(10), add_ons=(AddOn("Audit", 30),))
    rows = done["old"].rows
    added = replay(rows, more, add_ons={"a": ["Audit"]})
    assert compare(done["old"], added).movers()["reason"].tolist() == ["add-on Audit: +30%"]
    by_seat = _book("More", _seats(10), add_ons=(AddOn("Audit", 0, (_seats(2),)),))
    added = replay(rows, by_seat, add_ons={"a": ["Audit"]})
    assert compare(done["old"], added).movers()["reason"].tolist() == ["add-on Audit: +20%"]


def test_parts_sum_to_the_bills(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """The parts of every account's bills, bands and caps included, sum to its revenue."""
    done = replay(varied_base, rich_book, by_day=True)
    parts = bill_parts(done, np.flatnonzero(done.known)).groupby("account")["amount"].sum()
    revenue = done.rows.by_account(done.known_amounts)
    assert parts.to_numpy() == pytest.approx(revenue[parts.index], rel=1e-9)
    assert len(parts) == (revenue > 0).sum()


def test_movers_are_sorted_and_limited(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """The largest rises come first, the largest falls last; by percent the order is that of percent."""
    dearer = replace(rich_book, plans=tuple(replace(p, base_fee=40) if p.priced else p for p in rich_book.plans))
    done = replay_many(varied_base, {"a": rich_book, "b": dearer})
    change = compare(done["a"], done["b"])
    for by in ("change", "percent"):
        movers = change.movers(3, by=by)
        assert movers[by].is_monotonic_decreasing
        assert (movers["change"] > 0).sum() <= 3
        assert movers[by].max() == change.accounts[by].max()
    with pytest.raises(ReplayError, match="sorted by 'name'"):
        change.movers(by="name")


def test_a_comparison_carries_the_cautions_of_the_reconciliation(base_of: MakeBase) -> None:
    """When today's prices do not reproduce what was paid, every comparison with them says so."""
    base = base_of({"seats": {"a": [1, 2, 3, 4]}}, {"a": [17, 3, 55, 31]}, plans={"a": ["Only"] * 4})
    done = replay_many(base, {"old": OLD, "new": _book("New", _seats(12))}, assign=PlanTable({"a": "Only"}))
    checked = reconcile(done["old"])
    assert any(
        "unexplained" in caution.text for caution in compare(done["old"], done["new"], reconciliation=checked).cautions
    )
    assert not compare(done["old"], done["new"]).cautions
