"""The accounts to talk to: who is eligible for which add-on now, and who will be within 90 days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.spreadsheet import as_csv
from workbench.stages.add_ons.gate import has_usage_condition, usage_of

if TYPE_CHECKING:
    from workbench.stages.add_ons.evaluation import AddOnResult
    from workbench.stages.add_ons.outcome import AddOnOutcome

_RANK = {"asked or relies on it": 0, "uses it": 1, "no sign yet": 2, "not known": 3}


def eligible_accounts(result: AddOnResult, add_on_id: str | None = None) -> pd.DataFrame:
    """Return a row per account and add-on it is eligible for now or within 90 days, the most interested first.

    Columns: add-on, account_id, account, segment, plan, when ("now" or the days to go), days as customer, usage of
    the gate's metric, interest, MRR. `add_on_id` picks one add-on.
    """
    chosen = [each for each in result.outcomes if add_on_id in (None, each.choice.id)]
    frames = [_of_one(result, each) for each in chosen]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"account_id": pd.Series(dtype=str)})


def _of_one(result: AddOnResult, each: AddOnOutcome) -> pd.DataFrame:
    evidence, needs, gate = result.evidence, result.evidence.needs, each.eligibility
    rows = np.flatnonzero(gate.now | gate.soon)
    usage = usage_of(evidence, each.choice.usage_metric) if has_usage_condition(each.choice) else None
    frame = pd.DataFrame(
        {
            "add-on": each.name,
            "account_id": needs.account_ids[rows],
            "account": needs.account_names[rows],
            "segment": needs.segment[rows],
            "plan today": needs.plan[rows],
            "eligible": ["now" if now else "soon" for now in gate.now[rows]],
            "days to go": gate.days_to_go[rows].astype(int),
            "days as customer": pd.array(evidence.tenure_days[rows], dtype="Float64").astype("Int64"),
            "usage a month": np.nan if usage is None else usage[rows].round(1),
            "interest": _interest(each, rows),
            f"MRR today ({result.currency})": needs.mrr[rows].round(2),
        }
    )
    order = frame["interest"].map(_RANK)
    return (
        frame.assign(_order=order)
        .sort_values(["days to go", "_order", "account_id"], kind="stable", ignore_index=True)
        .drop(columns="_order")
    )


def _interest(each: AddOnOutcome, rows: np.ndarray) -> list[str]:
    if each.interest is None:
        return ["not known"] * len(rows)
    words = np.where(each.interest.shown, "uses it", "no sign yet").astype(object)
    words[each.interest.strong] = "asked or relies on it"
    return list(words[rows])


__all__ = ["as_csv", "eligible_accounts"]
