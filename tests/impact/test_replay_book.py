"""Repricing from counts equals replaying, for any prices, and refuses what is more than prices."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.impact import KeepPlan, ReplayError, replay, replay_book

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.pricing import Plan, PriceBook


def _dearer(book: PriceBook, factor: str) -> PriceBook:
    """Return the book with every price multiplied: fees, unit prices, flat fees, caps and packages."""
    times = Decimal(factor)

    def scaled(plan: Plan) -> Plan:
        charges = []
        for charge in plan.charges:
            bands = tuple(
                replace(band, unit_price=band.unit_price * times, flat_fee=band.flat_fee * times)
                for band in charge.bands
            )
            names = ("unit_price", "package_price", "minimum", "maximum")
            changed = {name: getattr(charge, name) * times for name in names if getattr(charge, name) is not None}
            charges.append(charge.with_(bands=bands, **changed))
        fee = None if plan.base_fee is None else plan.base_fee * times
        return replace(plan, base_fee=fee, charges=tuple(charges))

    return replace(book, plans=tuple(scaled(p) for p in book.plans), add_ons=tuple(scaled(a) for a in book.add_ons))


@pytest.mark.parametrize("factor", ["1", "0.37", "3.3"])
@pytest.mark.parametrize("assign", [KeepPlan(), None])
def test_repricing_equals_replaying_with_plans_kept(
    varied_base: CustomerBase, rich_book: PriceBook, factor: str, assign: KeepPlan | None
) -> None:
    """Per account and per month, counts times new prices are the new bills: when all prices move alike nobody moves."""
    settings = {} if assign is None else {"assign": assign}
    counts = replay_book(replay(varied_base, rich_book, **settings))
    other = _dearer(rich_book, factor)
    again = replay(varied_base, other, **settings)
    found = counts.reprice(other)
    np.testing.assert_allclose(found.per_account, again.rows.by_account(again.known_amounts), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.per_month, again.by_month()["revenue"], rtol=1e-9)
    assert found.revenue == pytest.approx(again.revenue, rel=1e-9)


def test_one_price_moves_only_who_pays_it(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """A dearer first plan changes the accounts in it by the fee and leaves the others alone."""
    done = replay(varied_base, rich_book, assign=KeepPlan())
    start = rich_book.plan("Start")
    found = replay_book(done).reprice(rich_book.with_plan(replace(start, base_fee=start.base_fee + 1)))
    difference = found.per_account - done.rows.by_account(done.known_amounts)
    months = np.bincount(done.rows.account[done.known & (done.plan_index == 0)], minlength=len(difference))
    np.testing.assert_allclose(difference, months, atol=1e-9)


def test_more_than_prices_is_refused(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """Another band, an unpriced plan or a missing add-on needs a replay, and the error says so."""
    counts = replay_book(replay(varied_base, rich_book))
    grow = rich_book.plan("Grow")
    for other in (
        rich_book.with_plan(replace(grow, charges=grow.charges[:1])),
        rich_book.with_plan(replace(grow, base_fee=None)),
        replace(rich_book, add_ons=()),
        rich_book.with_plan(replace(grow, charges=(grow.charges[0].with_(free_units=60), grow.charges[1]))),
    ):
        assert not counts.matches(other)
        with pytest.raises(ReplayError, match="Replay it"):
            counts.reprice(other)
