"""Which events count, and why others do not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import narwhals as nw

from workbench.customers.columns import LARGEST
from workbench.impact.scale.keeping import fetched

if TYPE_CHECKING:
    import pandas as pd

    from workbench.impact.scale.event_rules import EventRules

NO_ACCOUNT = 1
NO_TIME = 2
NO_QUANTITY = 3
NEGATIVE = 4
UNKNOWN_METRIC = 5
TOO_LARGE = 6

VERDICTS = {
    NO_ACCOUNT: "no account",
    NO_TIME: "no time, or none that can be read",
    NO_QUANTITY: "no quantity, or none that can be read",
    NEGATIVE: "negative quantity",
    UNKNOWN_METRIC: "unknown metric",
    TOO_LARGE: f"a quantity over {LARGEST:,.0f}, which no number holds exactly",
}


def counts(rules: EventRules) -> nw.Expr:
    """Return whether an event counts; an unknown answer is no."""
    known = _said("metric") if rules.metrics is None else nw.col("metric").is_in(rules.metrics)
    # Engines disagree on how NaN compares, but none calls it less than a number.
    readable = (nw.col("quantity") >= 0) & (nw.col("quantity") <= LARGEST)
    return _said("account_id") & ~nw.col("timestamp").is_null() & readable & known


def left_out(events: nw.LazyFrame, rules: EventRules) -> pd.DataFrame:
    """Return verdict, metric (of unknown ones, else missing) and the number of events that do not count."""
    wrong = events.filter(~nw.coalesce(counts(rules), nw.lit(value=False)))
    named = nw.when(nw.col("verdict") == UNKNOWN_METRIC).then(nw.col("metric"))
    wrong = wrong.select(_verdict().alias("verdict"), "metric").select("verdict", named.alias("metric"))
    return fetched(wrong.group_by("verdict", "metric").agg(nw.len().alias("events")))


def _verdict() -> nw.Expr:
    """Return why an event does not count: the first reason that applies, from no account to unknown metric."""
    quantity = nw.col("quantity")
    found = nw.lit(UNKNOWN_METRIC)
    for wrong, code in (
        (quantity < 0, NEGATIVE),
        (quantity > LARGEST, TOO_LARGE),
        (quantity.is_null() | ~(quantity <= sys.float_info.max), NO_QUANTITY),
        (nw.col("timestamp").is_null(), NO_TIME),
        (~_said("account_id"), NO_ACCOUNT),
    ):
        found = nw.when(wrong).then(nw.lit(code)).otherwise(found)
    return found


def _said(name: str) -> nw.Expr:
    """Return whether a text says anything; pandas calls a missing text different from an empty one."""
    return ~nw.col(name).is_null() & (nw.col(name) != "")
