"""Tools and groups in words and units people read."""

from __future__ import annotations

import calendar
from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import money, percent

if TYPE_CHECKING:
    from workbench.impact import Portfolio
    from workbench.stages.impact_view.steady.outcome import Steady


def tools_table(found: Steady) -> pd.DataFrame:
    """Return what each tool does to revenue and to customers."""
    table, currency = found.tools, found.currency
    return pd.DataFrame(
        {
            "Way": table["name"],
            "Revenue a month": [money(each / found.months, currency) for each in table["revenue"]],
            "Against as used": [percent(each, 1, signed=True) for each in table["change"]],
            "Sure without use": [
                f"{money(floor, currency)} ({percent(share)})"
                for floor, share in zip(table["floor"], table["floor_share"], strict=True)
            ],
            "Swings by": [percent(each, 1) for each in table["volatility"]],
            "Jump above 25%": [percent(each, 1) for each in table["accounts_over_25"]],
            "Largest jump (95%)": [percent(each, signed=True) for each in table["largest_rise_p95"]],
            "Terms": table["terms"],
        },
        dtype=object,
    )


def groups_table(found: Portfolio) -> pd.DataFrame:
    """Return each group's weight, swings and seasons."""
    table = found.groups
    return pd.DataFrame(
        {
            "Group": table["group"],
            "Accounts": table["accounts"],
            "Share of revenue": [percent(each, 1) for each in table["share"]],
            "Swings by": [percent(each, 1) for each in table["volatility"]],
            "Strongest in": [calendar.month_name[each] for each in table["strongest"]],
            "Weakest in": [calendar.month_name[each] for each in table["weakest"]],
        },
        dtype=object,
    )


def balance_sentence(found: Portfolio) -> str:
    """Say how much of the groups' swings balances out."""
    return (
        f"The revenue of these groups together swings by {percent(found.volatility, 1)} around its trend. If all "
        f"swung as one it would be {percent(found.together, 1)}, if none went with another "
        f"{percent(found.independent, 1)}: "
        f"{percent(max(0.0, found.diversified))} of the swings balances out."
    )
