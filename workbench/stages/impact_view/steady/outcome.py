"""What ways of taming usage bills would do, on the terms of a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count
from workbench.results import Caution

if TYPE_CHECKING:
    from workbench.impact import Portfolio
    from workbench.stages.impact_view.steady.decision import SteadyDecision
    from workbench.stages.impact_view.steady.years import Years


@dataclass(frozen=True, eq=False)
class Steady:
    """Tools and groups side by side.

    `tools` has one row per tool: name, terms, then the columns of `workbench.impact.ToolComparison`. `by_month` has
    month, name, revenue. `groups` is None where swings cannot be told, and `why_no_groups` says why; likewise
    `tools` is empty with `why_not`.
    """

    decision: SteadyDecision
    tools: pd.DataFrame
    by_month: pd.DataFrame
    groups: Portfolio | None
    currency: str
    accounts: int
    months: int
    usual_baseline: float
    why_not: str = ""
    why_no_groups: str = ""
    cautions: tuple[Caution, ...] = ()


def steady(years: Years, decision: SteadyDecision) -> Steady:
    """Return every tool on a decision's terms, and how groups of customers balance out."""
    found = years.portfolio(decision.groups)
    groups, why = (None, found) if isinstance(found, str) else (found, "")
    bills, replay = years.bills, years.replay
    if bills is None or replay is None:
        empty = pd.DataFrame()
        return Steady(decision, empty, empty, groups, "", 0, 0, 0.0, years.why_not, why)
    tools = decision.tools(years.usual_baseline, bills.charged, bills.currency)
    outcomes = {name: years.outcome(tool) for name, tool in tools.items()}
    rows = [{"name": name, **each.row} for name, each in outcomes.items()]
    by_month = pd.DataFrame(
        {
            "month": np.tile(bills.months.to_numpy(), len(outcomes)),
            "name": np.repeat(list(outcomes), len(bills.months)),
            "revenue": np.concatenate([each.by_month for each in outcomes.values()]),
        }
    )
    few = count("month", len(bills.months))
    first = Caution(f"Terms come from the first twelve months, figures from the {few} after them.", "note")
    return Steady(
        decision=decision,
        tools=pd.DataFrame(rows).rename(columns={"tool": "terms"}),
        by_month=by_month,
        groups=groups,
        currency=replay.currency,
        accounts=len(bills),
        months=len(bills.months),
        usual_baseline=years.usual_baseline,
        why_no_groups=why,
        cautions=(first, *bills.cautions()),
    )
