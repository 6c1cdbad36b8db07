"""Prorating, true-ups, coupons and credits against published cases, and where a volume charge falls."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from workbench.errors import ChargeError
from workbench.pricing import Band, Charge, edge_drops
from workbench.pricing.charge import (
    after_credits,
    days_between,
    fixed_discount,
    percentage_discount,
    prorated,
    share_of_days,
    share_of_period,
    true_up,
)


def test_shares_of_a_period_exclude_the_end_day() -> None:
    """From 1 to 14 February are 13 of 28 days (Kill Bill's TestProRation); counting the end day makes 14."""
    start, end = dt.date(2011, 2, 1), dt.date(2011, 2, 14)
    assert share_of_period(start, end, 28) == Fraction(13, 28)
    assert share_of_period(start, end, 28, end_inclusive=True) == Fraction(14, 28)
    with pytest.raises(ChargeError, match="Swap the dates"):
        days_between(end, start)
    with pytest.raises(ChargeError, match="29 days do not fit"):
        share_of_days(29, 28)
    with pytest.raises(ChargeError, match="lasts 0 days"):
        share_of_days(0, 0)


def test_true_ups_follow_lago() -> None:
    """The prorated minimum less what was used, each rounded half up (create_true_up and in_arrears specs)."""
    assert true_up(10, 2, Fraction(15, 31)) == Decimal("2.84")
    assert true_up(10_000, 0, Fraction(25, 28), fees=1000) == Decimal("8035.71")
    assert true_up(2, "6.50") == 0


def test_coupons_and_credits_never_go_below_zero() -> None:
    """A coupon takes at most what is there; credits are used up in order."""
    assert [fixed_discount(base, "0.12") for base in ("3.00", "0.06")] == [Decimal("0.12"), Decimal("0.06")]
    assert percentage_discount(3, 20) == Decimal("0.6")
    assert after_credits(155, [150]) == 5
    assert after_credits(100, [60, 60]) == 0
    with pytest.raises(ChargeError, match="0 to 100"):
        percentage_discount(3, 120)


def test_halves_are_rounded_away_from_zero() -> None:
    """Half a cent becomes a cent, also for a third of an amount that has no end in decimals."""
    assert prorated(1, Fraction(1, 3)) == Decimal("0.33")
    assert prorated("0.01", Fraction(1, 2)) == Decimal("0.01")


def test_falls_of_a_volume_charge_are_ranges() -> None:
    """Stripe's older example (20 units cost 40, 25 cost 25): above 10 and up to 20 units one pays more than for 21."""
    charge = Charge("units", "volume", bands=(Band(5, 5), Band(10, 4), Band(15, 3), Band(20, 2), Band(None, 1)))
    drops = edge_drops(charge)
    assert [drop.edge for drop in drops] == [5, 10, 15, 20]
    assert drops[-1].amount_at == 40
    assert drops[-1].amount_above == 20
    assert drops[-1].saving == 20
    assert drops[0].from_units == 4  # 4 units cost 20, and so do a little more than 5
    assert edge_drops(Charge("units", "graduated", bands=charge.bands)) == ()
    capped = charge.with_(maximum=20)
    assert all(drop.amount_at <= 20 for drop in edge_drops(capped))


def test_the_way_out_of_a_price_trap_may_be_two_bands_away() -> None:
    """With bands up to 10 at 5, up to 11 at 4.90 and 1 above, everyone from 2.2 units gains by using more than 11."""
    charge = Charge("units", "volume", bands=(Band(10, 5), Band(11, "4.9"), Band(None, 1)))
    first, second = edge_drops(charge)
    assert (first.from_units, first.edge, first.amount_at, first.amount_above) == (Decimal("2.2"), 10, 50, 11)
    assert (second.from_units, second.edge, second.amount_above) == (10, 11, 11)
    whole = charge.with_(unit_factor="0.001", rounding="up")  # the next whole unit above 11 is 12
    assert [(drop.edge, drop.amount_above) for drop in edge_drops(whole)] == [(10_000, 12), (11_000, 12)]
