"""What every price that can be tried brings, summed once, so that moving one bills nothing again.

A bill is a sum of fees and charges, and each of these is proportional to its own prices: caps and floors are prices
too, and move with them. So a price moved by a share moves a bill by that share of what its fee or charge comes to,
and totals need one multiplication, however many accounts stand behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import offers_of_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact import Comparison
    from workbench.pricing import AddOn, Plan

    Floats = NDArray[np.float64]

EVERYTHING = ""


@dataclass(frozen=True, eq=False, repr=False)
class PriceSums:
    """The account-months of a comparison, by price: `keys` names the prices, all of them together under "".

    Each mapping goes from a key to amounts in currency: `per_account` to the mean a month of every account compared,
    `share_of_bill` to the same as a share of today's bill (0 where today's bill is nothing), `per_month` and
    `per_segment` to sums of the account-months, in the order of the comparison's tables. `totals` sums them all.
    `by_size` puts the accounts in the order of today's bill.
    """

    per_account: dict[str, Floats] = field(repr=False)
    share_of_bill: dict[str, Floats] = field(repr=False)
    per_month: dict[str, Floats] = field(repr=False)
    per_segment: dict[str, Floats] = field(repr=False)
    totals: dict[str, float]
    by_size: NDArray[np.intp] = field(repr=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """Name the prices that bring anything."""
        return tuple(self.totals)


def price_sums(comparison: Comparison) -> PriceSums:
    """Return what each price brings in the account-months of a comparison."""
    replay, rows = comparison.after, comparison.after.rows
    compared = np.zeros(len(rows), dtype=bool)
    compared[comparison.rows] = True
    found: dict[str, Floats] = {EVERYTHING: np.zeros(len(rows))}
    for offer, here in offers_of_rows(replay.book, replay.plan_index, replay.owned):
        inside = np.arange(len(rows))[here]
        inside = inside[compared[inside]]
        for subject, amounts in replay.items_of(offer, inside).items():
            found.setdefault(price_key(offer, subject), np.zeros(len(rows)))[inside] += amounts
            found[EVERYTHING][inside] += amounts
    before = comparison.accounts["before"].to_numpy(dtype=float)
    months = comparison.accounts["months"].to_numpy(dtype=float)
    codes, names = rows.segment_codes
    of_segment = codes[rows.account]
    sums: dict[str, tuple[Floats, Floats, Floats, Floats]] = {}
    for key, amounts in found.items():
        mean = rows.by_account(amounts)[comparison.places] / months
        share = np.divide(mean, before, out=np.zeros(len(mean)), where=before > 0)
        segments = np.bincount(of_segment, amounts, len(names)).astype(float)
        sums[key] = (mean, share, rows.by_month(amounts), segments)
    per_account, share_of_bill, per_month, per_segment = (
        {key: part[place] for key, part in sums.items()} for place in range(4)
    )
    totals = {key: float(amounts.sum()) for key, amounts in per_month.items()}
    by_size = np.argsort(before, kind="stable")
    return PriceSums(per_account, share_of_bill, per_month, per_segment, totals, by_size)


def price_key(offer: Plan | AddOn, subject: str) -> str:
    """Return the key of an offer's base fee or of what it charges for a metric."""
    return f"{type(offer).__name__}|{offer.name}|{subject}"
