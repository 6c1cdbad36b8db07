"""Prices of every kind, tried from sums, give what billing the accounts again in their plans gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from tried_prices import tried_book

from workbench.customers import CustomerBase
from workbench.impact import PlanTable, account_months, compare, replay
from workbench.pricing import AddOn, Band, Charge, Plan, PriceBook
from workbench.stages.comparison.bills import EVERYTHING, price_sums
from workbench.stages.impact import Trial
from workbench.stages.impact.evaluation import what_can_be_tried, with_trial

if TYPE_CHECKING:
    from workbench.impact import AccountMonths, Comparison, Replay

BANDS = (Band(100, "0.50", 5), Band(1000, "0.30", 2), Band(None, "0.20"))
SEATS = Charge("seats", "per_unit", unit_price="3.10", minimum=15, maximum=60)
RICH = PriceBook(
    "Rich",
    "USD",
    (
        Plan("Graduated", 20, (Charge("data", "graduated", bands=BANDS),)),
        Plan("Volume", 60, (Charge("data", "volume", bands=BANDS, free_units=50, discount_percent=10), SEATS)),
        Plan("Package", 200, (Charge("data", "package", package_size=250, package_price=35, free_units=500),)),
    ),
    (AddOn("Audit", 25, (Charge("seats", "per_unit", unit_price="0.5", maximum=8),)),),
)
ACCOUNTS, MONTHS = 30, 6
NAMES = [f"A{number:02d}" for number in range(ACCOUNTS)]


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Return accounts that use two metrics, a third of them signed up in the middle of the first month."""
    draw = np.random.default_rng(8)
    months = pd.date_range("2024-01-01", periods=MONTHS, freq="MS")
    usage = [
        (name, month, metric, float(np.round(draw.lognormal(middle, 1), 2)))
        for name in NAMES
        for month in months
        for metric, middle in (("data", 5), ("seats", 2))
    ]
    signed_up = [pd.Timestamp("2023-01-01") if number % 3 else pd.Timestamp("2024-01-12") for number in range(ACCOUNTS)]
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": NAMES, "segment": "s", "signed_up": signed_up}),
            "usage": pd.DataFrame(usage, columns=["account_id", "month", "metric", "quantity"]),
        }
    )


@pytest.fixture(scope="module")
def comparison(base: CustomerBase) -> Comparison:
    """Return the accounts spread over all plans, some with the add-on, against one flat fee."""
    return _compared(account_months(base))


def _compared(rows: AccountMonths) -> Comparison:
    return compare(replay(rows, PriceBook("Old", "USD", (Plan("Only", 50),))), _billed(rows, RICH))


def _billed(rows: AccountMonths, book: PriceBook) -> Replay:
    plans = PlanTable({name: RICH.plan_names[number % 3] for number, name in enumerate(NAMES)})
    return replay(rows, book, assign=plans, add_ons={name: ["Audit"] for name in NAMES[::4]})


@pytest.mark.parametrize("change", [-0.63, 0.0, 2.3])
@pytest.mark.parametrize("what", what_can_be_tried(RICH).values())
def test_a_price_tried_is_a_price_billed(comparison: Comparison, what: str, change: float) -> None:
    """Bands, volumes, packages, caps, floors and discounts: per account, month and segment the bills agree."""
    trial = Trial.model_construct(what=what, change=change)  # further than a person can drag it
    found = with_trial(comparison, price_sums(comparison), trial)
    again = compare(comparison.before, _billed(comparison.after.rows, tried_book(RICH, trial)))
    for table in ("accounts", "months", "segments"):
        ours, billed = getattr(found, table), getattr(again, table)
        np.testing.assert_allclose(ours["after"], billed["after"], rtol=1e-9)


def test_fees_of_parts_of_months_are_within_a_cent_each(base: CustomerBase) -> None:
    """A bill rounds the fee of a part of a month to cents, a trial moves it as it is: a cent an account at most."""
    before = _compared(account_months(base, by_day=True))
    trial = Trial(what=EVERYTHING, change=0.5)
    ours = with_trial(before, price_sums(before), trial).accounts
    billed = compare(before.before, _billed(before.after.rows, tried_book(RICH, trial))).accounts
    off = np.abs(ours["after"] - billed["after"]) * billed["months"]
    assert 1e-4 < off.max() <= 0.0125  # half a cent on either bill, one of them moved by half


def test_a_price_moves_only_who_pays_it(comparison: Comparison) -> None:
    """A dearer plan leaves the accounts of other plans alone, and the single prices together bring everything."""
    sums = price_sums(comparison)
    single = sum(sums.totals[key] for key in sums.keys if key != EVERYTHING)
    assert single == pytest.approx(sums.totals[EVERYTHING])
    key = what_can_be_tried(RICH)["Graduated: base fee"]
    moved = with_trial(comparison, sums, Trial(what=key, change=0.5)).accounts["change"] - comparison.accounts["change"]
    pays = np.arange(ACCOUNTS) % 3 == 0
    assert (moved[pays] > 0).all()
    assert (moved[~pays] == 0).all()
