"""Try another price without billing every month again: the comparison and the bridge as they would then be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from workbench.impact.billing import BASE_FEE
from workbench.impact.comparison import relative
from workbench.stages.impact_view.price_sums import EVERYTHING, price_key
from workbench.stages.later import later
from workbench.wording import metric_words

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.impact import Comparison
    from workbench.pricing import AddOn, Charge, Plan, PriceBook
    from workbench.stages.impact_view.bridge import Bridge
    from workbench.stages.impact_view.price_sums import PriceSums

    Floats = NDArray[np.float64]

Offer = TypeVar("Offer", "Plan", "AddOn")
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
            found[f"{offer.name}: {metric_words(subject)}"] = price_key(offer, subject)
    return found


def tried_book(book: PriceBook, trial: Trial) -> PriceBook:
    """Return the price book with one price, or all of them, moved."""
    return replace(
        book,
        plans=tuple(_tried(plan, trial) for plan in book.plans),
        add_ons=tuple(_tried(add_on, trial) for add_on in book.add_ons),
    )


def tried(comparison: Comparison, sums: PriceSums, trial: Trial) -> Comparison:
    """Return the comparison with a price tried out; every account stays in its plan."""
    more = trial.change * sums.per_account.get(trial.what, np.zeros(len(comparison.accounts)))
    months = trial.change * sums.per_month.get(trial.what, np.zeros(len(comparison.months)))
    segments = trial.change * sums.per_segment.get(trial.what, np.zeros(len(comparison.segments)))
    before = comparison.accounts["before"].to_numpy(dtype=float)
    change = comparison.accounts["change"].to_numpy(dtype=float) + more
    accounts = comparison.accounts.assign(
        after=before + change, change=change, percent=tried_percent(comparison, sums, trial)
    )
    return replace(
        comparison,
        accounts=accounts,
        months=_resummed(comparison.months, months),
        segments=_resummed(comparison.segments, segments),
    )


def tried_percent(comparison: Comparison, sums: PriceSums, trial: Trial) -> Floats:
    """Return each account's bill change as a share with a price tried out: what stays, stays exactly."""
    found: Floats = comparison.accounts["percent"].to_numpy(dtype=float)
    if trial.change and trial.what in sums.share_of_bill:
        found = found + trial.change * sums.share_of_bill[trial.what]
    return found


def tried_bridge(bridge: Bridge, comparison: Comparison, sums: PriceSums, trial: Trial) -> Bridge:
    """Return the bridge of a comparison with what is tried out as its last step."""
    step = trial.change * sums.totals.get(trial.what, 0.0)

    def by_account() -> Floats:
        column = np.zeros(len(comparison.after.rows.account_ids))
        if trial.what in sums.per_account:
            months = comparison.accounts["months"].to_numpy(dtype=float)
            column[comparison.places] = trial.change * sums.per_account[trial.what] * months
        return np.column_stack([bridge.by_account, column])

    return replace(
        bridge,
        causes=(*bridge.causes, TRIED),
        amounts=np.append(bridge.amounts, step),
        by_account=later(by_account),
        after=bridge.after + step,
    )


def _resummed(table: pd.DataFrame, more: Floats) -> pd.DataFrame:
    before = table["before"].to_numpy(dtype=float)
    after = table["after"].to_numpy(dtype=float) + more
    return table.assign(after=after, change=after - before, percent=relative(before, after))


def _tried(offer: Offer, trial: Trial) -> Offer:
    def here(subject: str) -> bool:
        return trial.what in (EVERYTHING, price_key(offer, subject))

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
