"""The exact, itemised bill of one account in one month of a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.coverage import BILLED, REASONS
from workbench.impact.errors import ReplayError
from workbench.pricing.adjustments import prorated
from workbench.pricing.bill import Bill
from workbench.pricing.lines import Line, total_of

if TYPE_CHECKING:
    from fractions import Fraction

    import pandas as pd

    from workbench.impact.replay import Replay
    from workbench.pricing import AddOn, Plan


def exact_bill(replay: Replay, account_id: str, month: str | pd.Timestamp) -> Bill:
    """Return the bill whose total the replay's amount equals to within 1e-9; ReplayError where there is none."""
    row = replay.rows.position(account_id, month)
    if replay.reason[row] != BILLED:
        raise ReplayError(
            f"{account_id} has no bill in {replay.rows.months[replay.rows.month[row]]:%Y-%m}: "
            f"{REASONS[int(replay.reason[row])]}.",
            "See `not_billed()` for all such months.",
        )
    lines = [line for offer in offers_of(replay, row) for line in offer_lines(replay, offer, row)]
    return Bill(tuple(lines), total_of(lines), replay.currency)


def offers_of(replay: Replay, row: int) -> list[Plan | AddOn]:
    """Return the plan and the priced add-ons one row pays for."""
    found: list[Plan | AddOn] = [replay.book.plans[replay.plan_index[row]]]
    for name, here in replay.owned.items():
        if replay.book.add_on(name).priced and row in here:
            found.append(replay.book.add_on(name))
    return found


def offer_lines(replay: Replay, offer: Plan | AddOn, row: int) -> list[Line]:
    """Return the lines one plan or add-on puts on the bill of one row."""
    share = replay.rows.shares.of(row)
    lines = []
    if offer.base_fee:
        fee = offer.base_fee if share == 1 else prorated(offer.base_fee, share)
        lines.append(Line(f"{offer.name}: base fee{_part(share)}", fee, None, offer.base_fee, "fee"))
    for charge in offer.charges:
        lines += charge.lines(float(np.asarray(replay.billed(charge.metric))[row]))
    return lines


def _part(share: Fraction) -> str:
    return "" if share == 1 else f", {share} of the month"
