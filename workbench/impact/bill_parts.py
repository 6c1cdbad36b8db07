"""What the bills of chosen accounts consist of, down to the bands of a charge, in words a customer would use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import exact
from workbench.impact.billing import fees, offers_of_rows
from workbench.pricing.band_parts import band_parts
from workbench.pricing.schedule import schedule_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.impact.replay import Replay
    from workbench.pricing import AddOn, Charge, Plan
    from workbench.pricing.schedule import Segment

    Floats = NDArray[np.float64]

COLUMNS = ["account", "subject", "part", "amount"]


def bill_parts(replay: Replay, rows: NDArray[np.intp]) -> pd.DataFrame:
    """Return the parts of the bills of some account-months, added up per account.

    Columns: account (place in `account_ids`), subject ("base fee", a metric or an add-on), part (the words for a
    band, a cap, a fee), amount. The parts of an account sum to its bills.
    """
    account = replay.rows.account
    chosen = np.zeros(len(replay.rows), dtype=bool)
    chosen[rows] = True
    found = []
    for offer, here in offers_of_rows(replay.book, replay.plan_index, replay.owned):
        inside = rows if isinstance(here, slice) else here[chosen[here]]
        if not len(inside):
            continue
        for subject, part, listed in _parts(replay, offer, inside):
            amounts = replay.realised(listed, inside)
            who, place = np.unique(account[inside], return_inverse=True)
            sums = np.bincount(place, amounts)
            found.append(pd.DataFrame({"account": who, "subject": subject, "part": part, "amount": sums}))
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    every = pd.concat(found, ignore_index=True)
    return every.groupby(COLUMNS[:-1], sort=False, as_index=False).agg(amount=("amount", "sum"))


def _parts(replay: Replay, offer: Plan | AddOn, inside: NDArray[np.intp]) -> Iterator[tuple[str, str, Floats]]:
    is_plan = offer.name in replay.book.plan_names
    own = "" if is_plan else f"add-on {offer.name}"
    if offer.base_fee:
        amounts = fees(offer.base_fee, inside, replay.rows.shares, len(replay.rows))
        yield own or "base fee", own or f"base fee of {offer.name}", amounts
    for charge in offer.charges:
        metric = in_words(charge.metric)
        for part, amounts in charge_parts(charge, replay.billed(charge.metric)[inside]):
            # "seats" alone would name the plan's seats.
            yield own or metric, _of_add_on(own, part, metric) if own else part, amounts


def _of_add_on(own: str, part: str, metric: str) -> str:
    return own if part == metric else f"{own}, {part}"


def charge_parts(charge: Charge, units: Floats) -> Iterator[tuple[str, Floats]]:
    """Go through the parts of a charge over many quantities; together they sum to its amounts."""
    schedule = schedule_of(charge)
    gross = np.zeros(len(units))
    for band in band_parts(charge, units):
        amounts = band.units * float(band.segment.price) + band.fees * float(band.segment.fee)
        gross += amounts
        yield _band_words(charge, band.segment), amounts
    metric = in_words(charge.metric)
    off = 1 - float(schedule.kept)
    if off:
        yield f"discount on {metric}", -gross * off
    net = gross * (1 - off)
    if schedule.maximum is not None:
        capped = np.clip(net, -float(schedule.maximum), float(schedule.maximum))
        yield f"cap on {metric}", capped - net
        net = capped
    if schedule.minimum is not None:
        yield f"minimum for {metric}", np.maximum(net, float(schedule.minimum)) - net


def in_words(metric: str) -> str:
    """Write a metric's name as words."""
    return metric.replace("_", " ")


def _band_words(charge: Charge, segment: Segment) -> str:
    metric = in_words(charge.metric)
    lower = segment.lower + charge.free_units
    upper = None if segment.upper is None else segment.upper + charge.free_units
    below = "" if upper is None else f" up to {exact(upper)}"
    if charge.model == "volume":
        # All units take the price of the band reached, so the band names the size of the customer.
        return f"{metric} of customers{' above ' + exact(lower) if lower else ''}{below}" if charge.bands else metric
    return f"{metric}{' above ' + exact(lower) if lower else ''}{below}"
