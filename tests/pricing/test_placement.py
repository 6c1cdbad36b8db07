"""Placement: the cheapest plan that meets the needs, the same as trying every plan for every account."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import ChargeError
from workbench.pricing import Charge, Limit, Plan, PriceBook, place, prepare

NAMES = ("reports", "api", "sso")


def _book(top: float = 300, seat: float | None = None, *, on_request: bool = True) -> PriceBook:
    charges = () if seat is None else (Charge("seats", "per_unit", unit_price=seat),)
    plans = [
        Plan("Start", 50, charges, (Limit("seats", 10),), ("reports",)),
        Plan("Grow", 120, charges, (Limit("seats", 50),), ("reports", "api")),
        Plan("Scale", top, charges, (Limit("seats", 500),), NAMES),
    ]
    if on_request:
        plans.append(Plan("Enterprise", None, (), (), NAMES))
    return PriceBook("Book", "USD", plans)


def _needs(accounts: int, *, whole: bool, seed: int = 0) -> tuple[dict, np.ndarray]:
    rng = np.random.default_rng(seed)
    seats = rng.lognormal(2.5, 1.5, accounts)
    seats = np.ceil(seats) if whole else seats
    return {"seats": seats}, rng.random((accounts, 3)) < 0.2


def _by_hand(book: PriceBook, quantities: dict, features: np.ndarray) -> list[tuple[int, float]]:
    found = []
    for seats, needs in zip(quantities["seats"], features, strict=True):
        needed = {name for name, wanted in zip(NAMES, needs, strict=True) if wanted}
        fits = [
            (place_in_book, plan)
            for place_in_book, plan in enumerate(book.plans)
            if needed <= set(plan.features) and all(seats <= float(limit.up_to) for limit in plan.limits)
        ]
        priced = [(float(plan.bill({"seats": float(seats)}).total), at) for at, plan in fits if plan.priced]
        if priced:
            bill, at = min(priced)
            found.append((at, bill))
        else:
            found.append((next((at for at, _ in fits), -1), np.nan))
    return found


@pytest.mark.parametrize("seat", [None, 3])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("on_request", [True, False])
def test_placement_equals_trying_every_plan(seat: float | None, whole: bool, on_request: bool) -> None:
    """Grouped, repriced and one by one, every account lands in the same plan at the same bill."""
    quantities, features = _needs(400, whole=whole)
    prepared = prepare(_book(seat=seat, on_request=on_request), quantities, features, NAMES)
    for top in (300, 90):
        book = _book(top, None if seat is None else seat * 2, on_request=on_request)
        expected = _by_hand(book, quantities, features)
        for found in (prepared.reprice(book), place(book, quantities, features, NAMES)):
            assert found.plan_index.tolist() == [at for at, _ in expected]
            np.testing.assert_allclose(found.bill, [bill for _, bill in expected], rtol=1e-12)
            assert found.counts.tolist() == [
                sum(at == number for at, _ in expected) for number in range(len(book.plans))
            ]
            assert found.revenue == pytest.approx(np.nansum(found.bill))
            assert found.counts.sum() + found.without_plan == 400
            held = sum(at == 3 for at, _ in expected)
            assert found.on_request == held
            assert found.feasible.shape == (400, len(book.plans))


def test_capacity_tiers_as_kill_bill_publishes_them() -> None:
    """The lowest tier whose inclusive limits hold for every unit (killbill TestContiguousIntervalCapacityInArrear)."""
    tiers = ((10, 100, 1000), (20, 200, 2000), (30, None, None))
    plans = [Plan(str(fee), fee, (), (Limit("a", first), Limit("b", second))) for fee, first, second in tiers]
    found = place(PriceBook("Capacity", "USD", plans), {"a": [100, 100, 101, 201], "b": [1000, 1001, 1000, 0]})
    assert found.bill.tolist() == [10, 20, 20, 30]
    assert found.shares.tolist() == [0.25, 0.5, 0.25]


def test_unknown_needs_keep_nobody_out_and_are_counted() -> None:
    """An unknown quantity is no known need; a bill that depends on it is unknown, not zero."""
    seats = {"seats": [5.0, np.nan]}
    flat = place(_book(), seats)
    assert flat.plan_index.tolist() == [0, 0]
    assert (flat.fit.unknown, flat.unknown_bills, flat.revenue) == (1, 0, 100)
    per_seat = place(_book(seat=2), seats)
    assert np.isnan(per_seat.bill).tolist() == [False, True]
    assert (per_seat.unknown_bills, per_seat.revenue) == (1, 60)
    assert place(_book(), {"rows": [1.0]}).fit.unchecked_metrics == ("seats",)


def test_only_prices_may_change_between_preparing_and_repricing() -> None:
    """Another limit, feature, plan or charged metric needs a new preparation, and says so."""
    prepared = prepare(_book(), *_needs(20, whole=True), NAMES)
    assert prepared.matches(_book(99))
    for other in (_book(seat=1), _book(on_request=False), _book().with_plan(Plan("Start", 50))):
        assert not prepared.matches(other)
        with pytest.raises(ChargeError, match="Prepare the placement again"):
            prepared.reprice(other)


def test_needs_that_do_not_line_up_are_refused() -> None:
    """Lengths, feature columns and missing charged metrics are named."""
    with pytest.raises(ChargeError, match="seats 2, rows 1"):
        place(_book(), {"seats": [1, 2], "rows": [1]})
    with pytest.raises(ChargeError, match="2 feature names"):
        place(_book(), {"seats": [1]}, [[True]], ["a", "b"])
    with pytest.raises(ChargeError, match="no quantities of it"):
        place(_book(seat=1), {"rows": [1]})
    with pytest.raises(ChargeError, match="no needs"):
        place(_book(), {})


def test_a_feature_no_plan_has_leaves_the_account_without_plan() -> None:
    """Nobody is placed where a need is unmet, and it shows."""
    found = place(_book(), {"seats": [1]}, [[True]], ["teleport"])
    assert found.plan_index.tolist() == [-1]
    assert (found.without_plan, found.revenue, found.on_request) == (1, 0, 0)
    assert np.isnan(found.bill[0])
    assert np.isnan(found.shares).all()
