"""The same tables in words and amounts, as they stand under the charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import capitalised, percent, priced
from workbench.stages.anchoring.comparison import premium
from workbench.stages.anchoring.freshness import age_in_days, is_stale
from workbench.stages.anchoring.offer_table import offer_table, short_source
from workbench.stages.anchoring.tables import SEATS, role_of, value_by_profile_table, value_table

if TYPE_CHECKING:
    from workbench.results import Interval
    from workbench.stages.anchoring.comparison import MarketRange, ProfileComparison
    from workbench.stages.anchoring.evaluation import AnchoringResult

NONE = "-"


def offer_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return every competitor's offer with its published price, day seen, age, state and source."""
    table = offer_table(result).rename(columns=capitalised)
    # A date that breaks over two lines is hard to read; this hyphen does not break.
    days = [day.replace("-", "\u2011") for day in table["Seen on"]]
    return table.assign(**{"Seen on": days, "Source": [short_source(source) for source in table["Source"]]})


def ladder_reading(comparison: ProfileComparison, result: AnchoringResult) -> pd.DataFrame:
    """Return every offer at a profile: price per account and per seat, role, source, day seen, currency, age, state."""
    seats = comparison.profile.quantities.get(SEATS) or None
    rows = []
    for ours in comparison.ours:
        price = ours.quote.price
        role = ours.quote.reason or ("ours, the cheapest that serves" if ours.chosen else "ours")
        rows.append((ours.name, _amount(price, result), _seat(price, seats, result), role, result.currency, NONE, NONE,
                     NONE, NONE))  # fmt: skip
    for each in comparison.market:
        offer, estimate = each.offer, None if each.price is None else each.price.estimate
        rows.append(
            (
                offer.name, _range_words(each.price, result), _seat(estimate, seats, result),
                ": ".join(filter(None, (role_of(each, result), each.quote.reason))), offer.currency or "unknown",
                f"{offer.seen_on:%Y-%m-%d}", f"{age_in_days(offer, result.today):,}",
                "stale" if is_stale(offer, result.today, result.stale_after) else "fresh",
                short_source(offer.source) or "unknown",
            )
        )  # fmt: skip
    columns = ["Offer", "Per account and month", "Per seat and month", "Role", "Published in", "Seen on", "Age (days)",
               "Price is", "Source"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def standing_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return each tier at each profile it serves: our price, the market, and how far above or below it."""
    rows = []
    for each in result.standings:
        over = _premiums(each.price, each.market)
        span = each.market
        market = (
            [NONE] * 3 if span is None else [_range_words(end, result) for end in (span.low, span.median, span.high)]
        )
        rows.append((each.tier, each.at, "yes" if each.is_home else "no", _amount(each.price, result), *market, *over,
                     "none" if span is None else ", ".join(span.vendors)))  # fmt: skip
    columns = ["Tier", "Profile", "Judged here", "Our price", "Market low", "Median", "High", "Over low",
               "Over median", "Over high", "Vendors"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def corridor_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return what each bound leaves open for each price, and where the price stands in all of them together."""
    said = {"ok": "inside", "watch": "bounds contradict", "breach": "outside", "unknown": "not known"}
    rows = []
    for each in result.corridors:
        shown = (each.label, _amount(each.amount, result), each.unit)
        rows += [
            (*shown, bound.label, _end(bound.low, result), _end(bound.high, result), NONE) for bound in each.bounds
        ]
        status = "unknown" if each.finding is None else each.finding.status
        low, high = each.open
        rows.append((*shown, "all together", _end(low, result), _end(high, result), said[status]))
    columns = ["Offer", "Our price", "Unit", "Left open by", "From", "To", "Our price is"]
    return pd.DataFrame(rows, columns=columns)


def value_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return the parts of the economic value at the profile shown, with their 90% ranges."""
    table = value_table(result)
    return pd.DataFrame(
        {
            "Part": [capitalised(str(part)) for part in table.iloc[:, 0]],
            "Middle": [_amount(value, result) for value in table.iloc[:, 1]],
            "90% from": [_amount(value, result) for value in table.iloc[:, 2]],
            "90% to": [_amount(value, result) for value in table.iloc[:, 3]],
            "How": [str(how) or NONE for how in table.iloc[:, 4]],
        }
    )


def values_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return the economic value at every profile, with the formula of each item and what our price takes of it."""
    table = value_by_profile_table(result)
    columns = ["Profile", "Reference", "What sets us apart", "Economic value", "Our price", "Price over value",
               "Differentiation captured"]  # fmt: skip
    rows = []
    for row in table.itertuples(index=False):
        name, reference, how, worth, price, over, captured = row
        known = [None if value is None or np.isnan(value) else float(value) for value in (worth, price, over, captured)]
        shares = [NONE if share is None else percent(share / 100) for share in known[2:]]
        rows.append(
            (name, _amount(reference, result), how or NONE, *(_amount(each, result) for each in known[:2]), *shares)
        )
    return pd.DataFrame(rows, columns=columns)


def _premiums(price: float, span: MarketRange | None) -> list[str]:
    if span is None:
        return [NONE] * 3
    over = [premium(price, end) for end in (span.low, span.median, span.high)]
    return [NONE if each is None else percent(each.estimate, signed=True) for each in over]


def _range_words(price: Interval | None, result: AnchoringResult) -> str:
    if price is None:
        return NONE
    words = _amount(price.estimate, result)
    return (
        words if price.low == price.high else f"{words} ({_amount(price.low, result)} to {_amount(price.high, result)})"
    )


def _amount(value: float | None, result: AnchoringResult) -> str:
    return NONE if value is None else priced(value, result.currency)


def _end(value: float | None, result: AnchoringResult) -> str:
    return "open" if value is None else priced(value, result.currency)


def _seat(price: float | None, seats: float | None, result: AnchoringResult) -> str:
    return NONE if price is None or seats is None else priced(price / seats, result.currency)
