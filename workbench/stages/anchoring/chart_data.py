"""The rows the charts of anchoring draw, ready and small."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import money, percent, priced, with_sign
from workbench.results import Interval
from workbench.stages.anchoring.competitor_offer import PLAN
from workbench.stages.anchoring.freshness import is_stale

if TYPE_CHECKING:
    from workbench.stages.anchoring.comparison import ProfileComparison
    from workbench.stages.anchoring.economic_value import EconomicValue
    from workbench.stages.anchoring.evaluation import AnchoringResult
    from workbench.stages.anchoring.standing import Standing

OURS, COUNTS, OTHER = "Ours", "Vendor's cheapest", "Other plans"
MOST_OFFERS = 24


def ladder_rows(comparison: ProfileComparison, result: AnchoringResult) -> pd.DataFrame:
    """Return a row per offer with a price at the profile, cheapest first: label, price, role, words."""
    rows = [
        (our_label(ours.name), ours.quote.price, ours.quote.price, ours.quote.price, OURS,
         priced(ours.quote.price, result.currency) + (" (our cheapest here)" if ours.chosen else ""))
        for ours in comparison.ours
        if ours.quote.price is not None
    ]  # fmt: skip
    for each in comparison.market:
        if each.price is None or each.offer.kind != PLAN or each.offer.key in result.decision.set_aside:
            continue
        words = priced(each.price.estimate, result.currency)
        if each.price.low != each.price.high:
            words += f" ({priced(each.price.low, result.currency)} to {priced(each.price.high, result.currency)})"
        if is_stale(each.offer, result.today, result.stale_after):
            words += ", stale"
        rows.append((each.offer.name, each.price.estimate, each.price.low, each.price.high,
                     COUNTS if each.counts else OTHER, words))  # fmt: skip
    frame = pd.DataFrame(rows, columns=["offer", "price", "low", "high", "role", "words"])
    frame = frame.sort_values(["price", "offer"], kind="stable").head(MOST_OFFERS).reset_index(drop=True)
    return frame.assign(share=frame["price"] / max(frame["high"].max(), 1e-9) if len(frame) else 0.0)


def our_label(name: str) -> str:
    """Write the name of a tier of ours so that it stands out among others without colour."""
    return f"{name} (ours)"


def range_rows(comparison: ProfileComparison) -> pd.DataFrame:
    """Return the market's range at the profile as one row, or none."""
    span = comparison.range
    rows = [] if span is None else [(span.low.estimate, span.median.estimate, span.high.estimate)]
    return pd.DataFrame(rows, columns=["low", "median", "high"])


def multiple_rows(standings: tuple[Standing, ...], currency: str) -> pd.DataFrame:
    """Return a row per tier where it is judged: our price as a multiple of the market's high, median and low."""
    rows = []
    for each in standings:
        span = each.market
        if not each.is_home or span is None or each.premium is None or span.low.estimate <= 0:
            continue
        low, middle, high = (each.price / end.estimate for end in (span.high, span.median, span.low))
        sign = "above" if middle >= 1 else "below"
        words = f"{percent(abs(middle - 1))} {sign} the median"
        ends = f"{priced(span.low.estimate, currency)} to {priced(span.high.estimate, currency)}"
        prices = f"{priced(each.price, currency)} against {ends}"
        rows.append((f"{each.tier} at {each.at}", low, middle, high, words, prices))
    return pd.DataFrame(rows, columns=["tier", "low", "middle", "high", "words", "prices"])


def corridor_rows(result: AnchoringResult) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the bounds as bars and our prices as marks, all as bills a month at the profile where each is judged.

    Open ends reach to the end of the axis.
    """
    bars, marks = [], []
    for each in result.corridors:
        price = each.amount if each.price is None or not each.price.units else each.price.as_bill(each.price.price)
        for label, low, high in each.bills:
            kind = "Market" if label.startswith("the market") else "Design rules"
            bars.append((each.label, label, kind, low, high))
        if price is not None and each.bounds:
            words = f"{priced(price, result.currency)}, {_corridor_words(each.finding)}"
            marks.append((each.label, price, words))
    bar_frame = pd.DataFrame(bars, columns=["offer", "bound", "kind", "low", "high"])
    ends = [value for value in (*bar_frame["low"], *bar_frame["high"], *(m[1] for m in marks)) if _is_positive(value)]
    least, most = (0.8 * min(ends), 1.25 * max(ends)) if ends else (1.0, 10.0)
    bar_frame["from"] = [max(least, value) if _is_positive(value) else least for value in bar_frame["low"]]
    bar_frame["to"] = [max(least, value) if value is not None and not math.isnan(value) else most
                       for value in bar_frame["high"]]  # fmt: skip
    bar_frame["words"] = [
        f"{_end(low, result.currency, 'any')} to {_end(high, result.currency, 'any')}"
        for low, high in zip(bar_frame["low"], bar_frame["high"], strict=True)
    ]
    prices = pd.DataFrame(marks, columns=["offer", "price", "words"])
    prices["share"] = [
        math.log(price / least) / math.log(most / least) if price > 0 else 0.0 for price in prices["price"]
    ]
    prices["price"] = prices["price"].clip(lower=least)
    return bar_frame, prices


def value_rows(value: EconomicValue, reference: str, currency: str) -> pd.DataFrame:
    """Return the steps from the reference price to the economic value, with the 90% range of each.

    Without anything that sets us apart the value is not known, and only the reference stands there.
    """
    at = value.reference.estimate
    rows = [_step(reference, "Reference", 0.0, value.reference, currency)]
    for item in value.items:
        worth = item.worth
        kind = "Better here" if worth.estimate >= 0 else "Better there"
        upto = Interval(at + worth.low, at + worth.estimate, at + worth.high)
        rows.append(_step(item.label, kind, at, upto, currency, worth=worth.estimate))
        at = upto.estimate
    if value.is_known:
        rows.append(_step("Economic value", "Value", 0.0, value.total, currency))
    frame = pd.DataFrame(rows)
    frame["words_at"] = [_clear_of(value.price, end, frame["right"].max()) for end in frame["right"]]
    frame["room"] = frame["right"].max() * 1.8  # words stand beyond the longest bar
    # Labels stay apart even where two items carry the same name.
    again = frame.groupby("step").cumcount()
    frame["step"] = [
        f"{name} ({number + 1})" if number else name for name, number in zip(frame["step"], again, strict=True)
    ]
    return frame


def _clear_of(price: float | None, end: float, longest: float) -> float:
    """Return where the words after a bar start: its end, or our price where its line would cross them."""
    return price if price is not None and end <= price < end + 0.3 * longest else end


def price_rows(value: EconomicValue, currency: str) -> pd.DataFrame:
    """Return our price as one row, or none."""
    rows = [] if value.price is None else [(value.price, f"our price {priced(value.price, currency)}")]
    return pd.DataFrame(rows, columns=["price", "words"])


def _step(
    name: str, kind: str, start: float, upto: Interval, currency: str, *, worth: float | None = None
) -> dict[str, object]:
    """Return a bar from `start` to where a step ends, with the range of that end."""
    end, low, high = upto.estimate, upto.low, upto.high
    amount = end if worth is None else worth
    write = priced if low == high else money  # what has a range is an estimate, and rounded as one
    text = write(amount, currency) if worth is None else with_sign(write(abs(worth), currency), worth)
    if low != high:
        shift = 0.0 if worth is None else start
        text += f" ({write(low - shift, currency)} to {write(high - shift, currency)})"
    return {"step": name, "kind": kind, "start": start, "end": end, "low": low, "high": high, "words": text,
            "right": max(start, end, high)}  # fmt: skip


def _corridor_words(finding: object) -> str:
    return {"ok": "inside", "watch": "bounds contradict", "breach": "outside", "unknown": "not known"}[
        getattr(finding, "status", "unknown")
    ]


def _end(value: float | None, currency: str, otherwise: str) -> str:
    return otherwise if value is None or np.isnan(value) else priced(value, currency)


def _is_positive(value: float | None) -> bool:
    return value is not None and not math.isnan(value) and value > 0
