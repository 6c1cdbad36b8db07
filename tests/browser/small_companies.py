"""Small companies cut out of the sample company: few months, few accounts, tables left out, names that mislead."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from workbench.customers import CustomerBase
from workbench.rendering.studies import FALLBACK_CURRENCY
from workbench.stages.contract import gather_evidence, record_all, with_starting_points
from workbench.study import Study
from workbench.workspace import sample_base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SURVEYS = (
    "survey_price_sensitivity",
    "survey_price_ladder",
    "survey_choice",
    "survey_best_worst",
    "survey_feature_fit",
)
FEATURES = ("Data connectors", "Live dashboards", "Saved views", "Drill-down paths")
PLANS = ("Team", "Business")
_DATES = {"usage": "month", "mrr": "month", "feature_use": "week", "outcomes": "date", "requests": "date"}
_LAST_BEFORE_MOVE, _ALL = pd.Timestamp("2024-12-31"), 42


@cache
def _whole() -> CustomerBase:
    return sample_base(whole_history=True)


def small_company(
    months: int, accounts: int, *, without: Iterable[str] = (), renamed: Mapping[str, str] | None = None
) -> CustomerBase:
    """Return the sample company with its last months before its move and its oldest accounts, without some tables.

    All 42 months reach past the move. `renamed` gives features, plans and metrics other names, wherever they stand.
    """
    whole = _whole().frames
    end = max(whole["mrr"]["month"]) + pd.offsets.MonthEnd(1) if months == _ALL else _LAST_BEFORE_MOVE
    start = (end + pd.Timedelta(days=1)) - pd.DateOffset(months=months)
    by_segment = whole["accounts"].groupby("segment").cumcount()  # the oldest of every segment come first
    kept = set(whole["accounts"].loc[by_segment.sort_values(kind="stable").index, "account_id"].head(accounts))
    frames = {}
    for name, frame in whole.items():
        if name in set(without):
            continue
        cut = frame
        if name in SURVEYS:
            cut = cut.assign(account_id=cut["account_id"].where(cut["account_id"].isin(kept)))
        elif "account_id" in cut:
            cut = cut[cut["account_id"].isin(kept)]
        if name in _DATES:
            cut = cut[cut[_DATES[name]].between(start, end)]
        if renamed:
            cut = cut.replace(dict(renamed)).rename(columns=dict(renamed))
        if len(cut):
            frames[name] = cut.dropna(axis=1, how="all")
    return CustomerBase.from_tables(frames).in_currency(FALLBACK_CURRENCY)


def decided_study(base: CustomerBase) -> Study:
    """Return a study of a company in which every stage has its computed starting point on record."""
    study = Study.new("small", "data", title="A small company", currency=base.currency)
    evidence = gather_evidence(base)
    study = study.with_scenario(with_starting_points(base, study.designs[0], evidence=evidence))
    when = datetime(2025, 1, 15, 10, 0, tzinfo=UTC)
    return record_all(base, study, study.designs[0].id, who="Test", when=when, evidence=evidence)
