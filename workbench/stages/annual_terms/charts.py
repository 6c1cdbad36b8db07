"""The charts of the stage: cash beside revenue by month, and what a customer brings by who leaves after a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.needs import YEAR
from workbench.stages import marks
from workbench.stages.annual_terms.tables import life_table
from workbench.stages.figure import PALETTE, Figure, figure_maker
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.stages.annual_terms.result import AnnualResult

say, draw = texts(__name__), figure_maker(__package__)
BEFORE, MRR, CASH = "revenue as today", "revenue with the offer", "cash with the offer"
_LINES = {BEFORE: PALETTE.today, MRR: PALETTE.ours, CASH: PALETTE.watch}
_POINTS = 25
_UNIT = 100  # of the currency a month


def figures(result: AnnualResult) -> tuple[Figure, ...]:
    """Return the two figures of the stage."""
    return (_cash_and_revenue(result), _over_a_customers_time(result))


def _cash_and_revenue(result: AnnualResult) -> Figure:
    path, currency = result.path, result.evidence.currency
    lines = pd.concat(
        [
            pd.DataFrame({"month": path["month"], "money": path[column].astype(float).round(2), "line": name})
            for column, name in (("mrr before", BEFORE), ("mrr", MRR), ("cash", CASH))
        ]
    )
    drawn = marks.picture(
        marks.line_marks(),
        marks.dots(size=30),
        x=marks.by_count("month", say("month"), ticks=8),
        y=marks.by_money("money", say("money", currency=currency), currency, marks.BIG_MONEY, scale=marks.FROM_ZERO),
        by=marks.line_roles("line", _LINES),
        tips=marks.tips(month=(say("month"), "whole"), money=(say("money", currency=currency), ",.0f"), line="Line"),
    )
    first = path.head(YEAR)
    return draw(
        "cash_and_revenue",
        drawn,
        {"lines": lines},
        result.tables["path"] if len(path) else None,
        signature=(currency,),
        currency=currency,
        months=len(path),
        more=result.more_in_all,
        accounts=result.basis.accounts,
        period=result.basis.last_month,
        cash=float(first["cash"].sum() - first["mrr before"].sum()) if len(path) else 0.0,
        why="" if len(path) else next(each.note for each in result.key_figures if each.value is None),
    )


def _over_a_customers_time(result: AnnualResult) -> Figure:
    """Draw what a customer brings over its time by how many leave at the end of a year, beside paying by the month."""
    churn, discount, currency = result.churn, result.decision.discount, result.evidence.currency
    low, high = result.decision.range_of("renewal")
    table = life_table(result)
    even = result.break_even.renewal
    if churn is None or even is None or not churn.estimate:
        lines, monthly = pd.DataFrame({"leave": [], "worth": []}), float("nan")
    else:
        most = min(1.0, max(2 * even.estimate, (high or 0.0) * 1.1))
        leave = np.linspace(most / _POINTS, most, _POINTS)
        worth = _UNIT * YEAR * (1 - discount) / leave
        monthly = _UNIT / churn.estimate
        keep = worth < 4 * monthly
        lines = pd.DataFrame({"leave": leave[keep], "worth": worth[keep].round(2)})
    is_held = low is not None and high is not None
    held = pd.DataFrame({"low": [low] if is_held else [], "high": [high] if is_held else []})
    drawn = marks.picture(
        marks.shade("low", "high", "held", on="x", color=PALETTE.watch),
        marks.reference("monthly", "month", on="y"),
        marks.line_marks(color=PALETTE.ours),
        x=marks.by_share("leave", say("leave")),
        y=marks.by_money("worth", say("worth", currency=currency), currency, marks.BIG_MONEY, scale=marks.FROM_ZERO),
        tips=marks.tips(leave=(say("leave"), ".1%"), worth=(say("worth", currency=currency), ",.0f")),
    )
    return draw(
        "over_a_customers_time",
        drawn,
        {"lines": lines, "held": held, "month": pd.DataFrame({"monthly": [monthly] if len(lines) else []})},
        table,
        signature=(currency,),
        currency=currency,
        even=even,
        monthly=monthly,
        unit=_UNIT,
        discount=discount,
        has_range=is_held,
    )
