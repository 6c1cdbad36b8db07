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

_INTEREST = ("asked or relies on it", "uses it", "no sign yet", "not known")


def eligible_accounts(result: AddOnResult, add_on_id: str | None = None, most: int | None = None) -> pd.DataFrame:
    """Return a row per account and add-on it is eligible for now or within 90 days, the most interested first.

    Columns: add-on, account_id, account, segment, plan today, eligible ("now" or "soon"), days to go, days as
    customer, usage a month of what the gate asks for, interest, MRR today. `add_on_id` picks one add-on; `most` keeps
    the first so many of each.
    """
    chosen = [each for each in result.outcomes if add_on_id in (None, each.choice.id)]
    frames = [_of_one(result, each, most) for each in chosen]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"account_id": pd.Series(dtype=str)})


def _of_one(result: AddOnResult, each: AddOnOutcome, most: int | None) -> pd.DataFrame:
    evidence, needs, gate = result.evidence, result.evidence.needs, each.eligibility
    rank = _interest(each, len(evidence))
    rows = np.flatnonzero(gate.now | gate.soon)
    # By days to go, then by interest; accounts of equal standing stay in the order of the base.
    rows = rows[np.lexsort((rank[rows], gate.days_to_go[rows]))][:most]
    usage = usage_of(evidence, each.choice.usage_metric) if has_usage_condition(each.choice) else None
    return pd.DataFrame(
        {
            "add-on": each.name,
            "account_id": needs.account_ids[rows],
            "account": needs.account_names[rows],
            "segment": needs.segment[rows],
            "plan today": needs.plan[rows],
            "eligible": np.where(gate.now[rows], "now", "soon"),
            "days to go": gate.days_to_go[rows].astype(int),
            "days as customer": pd.array(evidence.tenure_days[rows], dtype="Float64").astype("Int64"),
            "usage a month": np.nan if usage is None else usage[rows].round(1),
            "interest": np.array(_INTEREST, dtype=object)[rank[rows]],
            f"MRR today ({result.currency})": needs.mrr[rows].round(2),
        }
    )


def _interest(each: AddOnOutcome, accounts: int) -> np.ndarray:
    """Return each account's interest as its place in the list of words, the strongest first."""
    if each.interest is None:
        return np.full(accounts, _INTEREST.index("not known"))
    return np.where(each.interest.strong, 0, np.where(each.interest.shown, 1, 2))


__all__ = ["as_csv", "eligible_accounts"]
