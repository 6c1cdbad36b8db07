"""The rows behind the charts of demand: few enough to draw, with the words a reader sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.demand.changes import ELSEWHERE
from workbench.demand.fees import fee_of, fees_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.demand import ChoiceTask, Demand, Fit, Flows
    from workbench.demand.price_lines import AtPrice, PriceLine
    from workbench.pricing import PriceBook

POINTS = 120
TODAY, MODEL = "today", "model"
LONGEST = (0.25, 2.5)


def stretch(fee: float, between: Sequence[float] | None = None) -> tuple[float, float]:
    """Return from which to which price a line is drawn: a quarter to two and a half times the fee, or as given."""
    return (fee * LONGEST[0], fee * LONGEST[1]) if between is None else (float(between[0]), float(between[1]))


def line_rows(line: PriceLine, ends: tuple[float, float]) -> pd.DataFrame:
    """Return share, revenue and margin with their intervals at evenly spread prices."""
    return line.at(np.linspace(*ends, POINTS)).table()


def line_and_price(line: PriceLine, ends: tuple[float, float], fee: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of a line and that of the marked price, from one look: a large line takes its time for each."""
    table = line.at([*np.linspace(*ends, POINTS), fee]).table()
    return table.iloc[:-1], table.iloc[[-1]].reset_index(drop=True)


def price_row(at: AtPrice) -> pd.DataFrame:
    """Return the one row of the marked price."""
    return at.table().iloc[[0]].reset_index(drop=True)


def buyer_rows(demand: Demand, price_book: PriceBook, task: ChoiceTask | None = None) -> pd.DataFrame:
    """Return who buys what: segment, plan, accounts and share of the segment; all segments together come first.

    `task` is the demand's task for the price book, where there is one already.
    """
    codes, segments = demand.customers.segment_codes, demand.customers.segments
    found = (task or demand.task(price_book)).buyers_by(codes, len(segments), *fees_of(price_book))
    blocks = [("all segments", found.sum(axis=0)), *zip(segments, found, strict=True)]
    names = (*price_book.plan_names, ELSEWHERE)
    rows = [
        (segment, name, order, accounts[order], accounts[order] / accounts.sum() if accounts.sum() else np.nan)
        for segment, accounts in (blocks if len(segments) > 1 else blocks[1:])
        for order, name in enumerate(names)
        if name == ELSEWHERE or fee_of(price_book.plan(name)).amount >= 0  # on request: nobody can choose it
    ]
    return pd.DataFrame(rows, columns=["segment", "plan", "order", "accounts", "share"])


def fit_rows(fit: Fit) -> pd.DataFrame:
    """Return actual and predicted shares of each plan, all segments together; plans nobody has or gets are left out."""
    names = (*fit.plans, ELSEWHERE)
    actual, predicted = fit.actual.sum(axis=0), fit.predicted.sum(axis=0)
    total = actual.sum()
    rows = [
        (name, who, accounts[place], accounts[place] / total)
        for place, name in enumerate(names)
        for who, accounts in ((TODAY, actual), (MODEL, predicted))
        if actual[place] > 0 or predicted[place] > total / 1000
    ]
    return pd.DataFrame(rows, columns=["plan", "who", "accounts", "share"])


def flow_rows(flows: Flows) -> pd.DataFrame:
    """Return where the buyers of each plan would go; plans without buyers are left out."""
    order = {name: place for place, name in enumerate((*flows.plans, ELSEWHERE))}
    offered = {
        *flows.table.loc[flows.table["accounts"] > 0, "instead"],
        *flows.table["plan"][flows.table["share"].notna()],
    }
    table = flows.table[flows.table["share"].notna() & flows.table["instead"].isin(offered)]
    return table.assign(order=table["instead"].map(order)).reset_index(drop=True)
