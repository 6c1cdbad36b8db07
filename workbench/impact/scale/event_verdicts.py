"""Which events count, and why others do not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import narwhals as nw

if TYPE_CHECKING:
    from workbench.impact.scale.event_rules import EventRules

COUNTED = 0
NO_ACCOUNT = 1
NO_TIME = 2
NO_QUANTITY = 3
NEGATIVE = 4
UNKNOWN_METRIC = 5

VERDICTS = {
    COUNTED: "counted",
    NO_ACCOUNT: "no account",
    NO_TIME: "no time, or none that can be read",
    NO_QUANTITY: "no quantity, or none that can be read",
    NEGATIVE: "negative quantity",
    UNKNOWN_METRIC: "unknown metric",
}


def judged(events: nw.LazyFrame, rules: EventRules) -> nw.LazyFrame:
    """Return the events with their `verdict`, the first that applies in the order of VERDICTS.

    Of events that do not count, nothing is kept but the verdict and, where it is unknown, the metric: so they are few
    groups later, however many they are.
    """
    quantity = nw.col("quantity")
    # Engines disagree on how NaN compares, but never call it less than the largest float.
    readable = quantity <= sys.float_info.max
    known = ~nw.col("metric").is_null() if rules.metrics is None else nw.col("metric").is_in(rules.metrics)
    verdict = nw.when(known).then(nw.lit(COUNTED)).otherwise(nw.lit(UNKNOWN_METRIC))
    for wrong, code in (
        (quantity < 0, NEGATIVE),
        (quantity.is_null() | ~readable, NO_QUANTITY),
        (nw.col("timestamp").is_null(), NO_TIME),
        (nw.col("account_id").is_null(), NO_ACCOUNT),
    ):
        verdict = nw.when(wrong).then(nw.lit(code)).otherwise(verdict)
    marked = events.with_columns(verdict.alias("verdict"))
    counts, named = nw.col("verdict") == COUNTED, nw.col("verdict") == UNKNOWN_METRIC
    names = [name for name in events.collect_schema().names() if name != "metric"]
    return marked.select(
        "verdict",
        nw.when(counts | named).then(nw.col("metric")).alias("metric"),
        *(nw.when(counts).then(nw.col(name)).alias(name) for name in names),
    )
