"""Try another price without billing every month again: the comparison and the bridge as they would then be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from workbench.impact.billing import BASE_FEE
from workbench.impact.comparison import relative
from workbench.wording import metric_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact import Comparison, ReplayBook
    from workbench.pricing import AddOn, Charge, Plan, PriceBook
    from workbench.stages.impact_view.bridge import Bridge

    Floats = NDArray[np.float64]

Offer = TypeVar("Offer", "Plan", "AddOn")
EVERYTHING = ""
TRIED = "Prices tried out"


@dataclass(frozen=True, slots=True)
class Trial:
    """A price that is tried: `what` is a key of `what_can_be_tried`, `change` a share (0.1: 10% more)."""

    what: str = EVERYTHING
    change: float = 0.0


def what_can_be_tried(book: PriceBook) -> dict[str, str]:
    """Return the prices of a price book that can be moved: words to key."""
    found = {"all prices": EVERYTHING}
    every: list[Plan | AddOn] = [*book.plans, *book.add_ons]
    for offer in every:
        if not offer.priced:
            continue
        subjects = [BASE_FEE] if offer.base_fee else []
        subjects += [charge.metric for charge in offer.charges]
        for subject in dict.fromkeys(subjects):
            found[f"{offer.name}: {metric_words(subject)}"] = _key(offer, subject)
    return found


def tried_book(book: PriceBook, trial: Trial) -> PriceBook:
    """Return the price book with one price, or all of them, moved."""
    return replace(
        book,
        plans=tuple(_tried(plan, trial) for plan in book.plans),
        add_ons=tuple(_tried(add_on, trial) for add_on in book.add_ons),
    )


def tried(comparison: Comparison, counts: ReplayBook, trial: Trial) -> Comparison:
    """Return the comparison with a price tried out; every account stays in its plan."""
    found = counts.reprice(tried_book(comparison.after.book, trial))
    rows = comparison.after.rows
    places = pd.Index(rows.account_ids).get_indexer(pd.Index(comparison.accounts["account_id"], dtype=object))
    months = comparison.accounts["months"].to_numpy(dtype=float)
    before, after = comparison.accounts["before"].to_numpy(dtype=float), found.per_account[places] / months
    accounts = comparison.accounts.assign(after=after, change=after - before, percent=relative(before, after))
    by_segment = pd.Series(found.per_account).groupby(pd.Series(rows.segment)).sum()
    segments = by_segment.reindex(comparison.segments["segment"]).fillna(0.0).to_numpy(dtype=float)
    return replace(
        comparison,
        accounts=accounts,
        months=_resummed(comparison.months, found.per_month),
        segments=_resummed(comparison.segments, segments),
    )


def tried_bridge(bridge: Bridge, comparison: Comparison) -> Bridge:
    """Return the bridge with what is tried out as its last step; `comparison` is the one tried."""
    rows = comparison.after.rows
    places = pd.Index(rows.account_ids).get_indexer(pd.Index(comparison.accounts["account_id"], dtype=object))
    step = np.zeros(len(rows.account_ids))
    totals = comparison.accounts["change"].to_numpy(dtype=float) * comparison.accounts["months"].to_numpy(dtype=float)
    step[places] = totals - bridge.by_account[places].sum(axis=1)
    return replace(
        bridge,
        causes=(*bridge.causes, TRIED),
        by_account=np.column_stack([bridge.by_account, step]),
        after=comparison.revenue_after,
    )


def _resummed(table: pd.DataFrame, after: NDArray) -> pd.DataFrame:
    before = table["before"].to_numpy(dtype=float)
    return table.assign(after=after, change=after - before, percent=relative(before, after))


def _tried(offer: Offer, trial: Trial) -> Offer:
    def here(subject: str) -> bool:
        return trial.what in (EVERYTHING, _key(offer, subject))

    fee = offer.base_fee
    if fee is not None and here(BASE_FEE):
        fee = _moved(fee, trial.change)
    charges = tuple(_charge(charge, trial.change) if here(charge.metric) else charge for charge in offer.charges)
    return replace(offer, base_fee=fee, charges=charges)


def _charge(charge: Charge, change: float) -> Charge:
    """Return a charge with all its prices moved; what is included and where bands end stays."""
    names = ("unit_price", "package_price", "rate_percent", "fixed_fee", "minimum", "maximum")
    moved: dict[str, Any] = {
        name: _moved(price, change) for name in names if (price := getattr(charge, name)) is not None
    }
    bands = tuple(
        replace(
            band,
            unit_price=_moved(band.unit_price, change),
            flat_fee=_moved(band.flat_fee, change),
            rate_percent=_moved(band.rate_percent, change),
        )
        for band in charge.bands
    )
    return replace(charge, bands=bands, **moved)


def _moved(price: Decimal, change: float) -> Decimal:
    return price * Decimal(str(round(1 + change, 6)))


def _key(offer: Plan | AddOn, subject: str) -> str:
    return f"{type(offer).__name__}|{offer.name}|{subject}"
