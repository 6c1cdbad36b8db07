"""Usage below zero: refused, or credited where a study says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench import CustomerBase, Study
from workbench.customers import profile
from workbench.errors import DataErrors
from workbench.rendering.studies import new_study
from workbench.stages.contract import gather_evidence, with_starting_points
from workbench.stages.study_replay import replay_study
from workbench.workspace import load_base

if TYPE_CHECKING:
    from pathlib import Path

MONTHS = pd.date_range("2024-01-01", periods=6, freq="MS")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return data of three accounts at $2 a call, one of which returns 50 calls in the last month."""
    folder = tmp_path / "data"
    folder.mkdir()
    accounts = ["A", "B", "C"]
    pd.DataFrame({"account_id": accounts, "plan": "Pro"}).to_csv(folder / "accounts.csv", index=False)
    rows = [(account, month, "calls", 100.0) for account in accounts for month in MONTHS]
    usage = pd.DataFrame(rows, columns=["account_id", "month", "metric", "quantity"])
    usage.loc[(usage["account_id"] == "B") & (usage["month"] == MONTHS[-1]), "quantity"] = -50.0
    usage.to_csv(folder / "usage.csv", index=False)
    plans = pd.DataFrame({"plan": ["Pro"], "base_fee": [10], "metric": ["calls"], "unit_price": [2]})
    plans.assign(currency="USD").to_csv(folder / "plans.csv", index=False)
    return folder


def test_usage_below_zero_is_refused_with_its_row(data: Path) -> None:
    """Without a word on credits a negative quantity is a problem of the data."""
    with pytest.raises(DataErrors, match="-50"):
        CustomerBase.load(data)


def test_a_study_that_allows_credits_bills_them(data: Path, tmp_path: Path) -> None:
    """The return is taken off that month's bill: $10 less 50 calls at $2; everything else is billed as ever."""
    new_study(tmp_path / "study", data, allow_credits=True)
    study = Study.load(tmp_path / "study")
    assert study.data.allow_credits
    base = load_base(study, tmp_path / "study")
    design = with_starting_points(base, study.designs[0], evidence=gather_evidence(base))
    done = replay_study(base, study.with_scenario(design), months=6)
    billed = done.scenarios[0].comparison.before
    assert billed.revenue == pytest.approx(17 * 210 + 10 - 100)


def test_needs_are_never_below_zero(data: Path) -> None:
    """What limits must allow for is nothing where more came back than went out."""
    base = CustomerBase.load(data, allow_credits=True)
    assert "B" not in profile(base, 1).account_ids
    assert profile(base, 3, summary="mean").quantities["calls"].min() == 50
    usage = base.frames["usage"].assign(quantity=-5.0)
    mrr = usage[["account_id", "month"]].assign(amount=9.0)
    returned = CustomerBase.from_tables({**base.frames, "usage": usage, "mrr": mrr}, allow_credits=True)
    assert profile(returned, 1).quantities["calls"].max() == 0
