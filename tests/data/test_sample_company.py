"""The sample company: it arrives at the case study, loads clean, is small, and is made the same each time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth import arpa, retention, use_cases_per_customer

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[2] / "data"
TRUTH = json.loads((DATA / "sample_truth.json").read_text(encoding="utf-8"))
BEFORE, END = "2024-12-01", "2026-06-01"
METRICS = ["seats", "gigabytes_processed", "queries_executed", "insights_generated", "support_tickets"]


@pytest.fixture(scope="module")
def whole() -> CustomerBase:
    """Load the company with its whole history."""
    return CustomerBase.load(DATA / "sample")


@pytest.fixture(scope="module")
def usage(whole: CustomerBase) -> pd.DataFrame:
    """Return usage of paying months before the move: one row per account and month, one column per metric."""
    wide = whole.usage.pivot_table(index=["account_id", "month"], columns="metric", values="quantity")
    return wide[(wide["seats"] > 0) & (wide.index.get_level_values("month") < TRUTH["move"])][METRICS]


def at(table: pd.DataFrame, month: str, column: str) -> float:
    """Return the value of a monthly series."""
    return float(table.set_index("month").loc[month, column])


def test_average_revenue_per_account_rises_by_72_percent(whole: CustomerBase) -> None:
    """Eighteen months after the move, revenue per account is 72% (plus or minus 2 points) above the last seat month."""
    average = arpa(whole.mrr)
    assert at(average, END, "arpa") / at(average, BEFORE, "arpa") - 1 == pytest.approx(0.72, abs=0.02)


def test_use_cases_per_customer_rise_from_2_3_to_6_8(whole: CustomerBase) -> None:
    """Paying customers use 2.3 feature areas a month before the move and 6.8 at the end (within 0.05)."""
    paying = whole.mrr[whole.mrr["amount"] > 0]
    average = use_cases_per_customer(whole.feature_use, whole.features, paying)
    assert at(average, BEFORE, "use_cases") == pytest.approx(2.3, abs=0.05)
    assert at(average, END, "use_cases") == pytest.approx(6.8, abs=0.05)


def test_net_revenue_retention_rises_from_108_to_136_percent(whole: CustomerBase) -> None:
    """Twelve-month net retention is 108% when the move comes and 136% at the end (within one point)."""
    assert retention(whole.mrr, BEFORE).net == pytest.approx(1.08, abs=0.01)
    assert retention(whole.mrr, END).net == pytest.approx(1.36, abs=0.01)


def test_the_rise_is_broad_and_bearable(whole: CustomerBase) -> None:
    """The growth is no artefact of a few accounts: most pay more, few pay several times as much, none dominates."""
    wide = whole.mrr.pivot_table(index="account_id", columns="month", values="amount").fillna(0.0)
    stayed = wide[(wide[pd.Timestamp(BEFORE)] > 0) & (wide[pd.Timestamp(END)] > 0)]
    ratio = stayed[pd.Timestamp(END)] / stayed[pd.Timestamp(BEFORE)]
    assert 1.4 < ratio.median() < 2.2
    assert ratio.quantile(0.95) < 5
    last = wide[pd.Timestamp(BEFORE)]
    assert last.nlargest(10).sum() / last.sum() < 0.30


def test_customers_leave_at_a_believable_rate(whole: CustomerBase) -> None:
    """Between 5 and 20% of customers leave in a year, small ones more often than enterprises."""
    for month in ("2024-01-01", BEFORE, "2025-12-01", END):
        assert 0.80 < retention(whole.mrr, month).logo < 0.95
    segments = whole.accounts.set_index("account_id")["segment"]
    kept = {
        name: retention(whole.mrr, BEFORE, account_ids=list(segments.index[segments == name])).logo
        for name in ("small", "enterprise")
    }
    assert kept["small"] < kept["enterprise"]


def test_the_company_has_the_stated_size(whole: CustomerBase) -> None:
    """About 800 accounts over 42 months, three segments that differ in size by far."""
    assert 750 <= len(whole) <= 850
    assert len(whole.months) == 42
    paid = whole.mrr[(whole.mrr["month"] == BEFORE) & (whole.mrr["amount"] > 0)]
    median = paid.merge(whole.accounts[["account_id", "segment"]]).groupby("segment")["amount"].median()
    assert median["mid"] > 4 * median["small"]
    assert median["enterprise"] > 4 * median["mid"]


def test_nothing_after_the_move_is_seen_at_the_move(whole: CustomerBase) -> None:
    """Loaded as of the last day before the move, no table reaches beyond it and the price list still serves it."""
    base = CustomerBase.load(DATA / "sample", as_of=TRUTH["as_of"])
    move = pd.Timestamp(TRUTH["move"])
    assert base.mrr["month"].max() < move
    assert base.usage["month"].max() < move
    assert base.feature_use["week"].max() < move
    assert base.competitor_offers["seen_on"].max() < move
    assert set(base.mrr["plan"]) == set(base.plans["plan"])
    assert set(base.accounts["plan"]) <= set(base.plans["plan"])
    assert len(base) < len(whole)


def test_today_s_invoices_follow_from_today_s_price_list(whole: CustomerBase) -> None:
    """Before the move, revenue is seats times the plan's price less a discount of at most 20%."""
    paid = whole.mrr[(whole.mrr["month"] == BEFORE) & (whole.mrr["amount"] > 0)]
    seats = whole.usage[(whole.usage["metric"] == "seats") & (whole.usage["month"] == BEFORE)]
    priced = paid.merge(whole.plans[["plan", "unit_price"]].dropna(), on="plan").merge(
        seats[["account_id", "quantity"]], on="account_id"
    )
    share = priced["amount"] / (priced["quantity"] * priced["unit_price"])
    assert len(priced) > 0.9 * len(paid)
    assert share.between(0.7999, 1.0001).all()


def test_support_tickets_are_the_worst_value_metric(whole: CustomerBase, usage: pd.DataFrame) -> None:
    """On growth, predictability, outcomes and retention alike, support tickets come last of the five metrics."""
    evidence = value_metric_evidence(whole, usage)
    assert (evidence.idxmin() == "support_tickets").all()


def test_gigabytes_processed_is_the_best_value_metric_overall(whole: CustomerBase, usage: pd.DataFrame) -> None:
    """Averaged over ranks on the four kinds of evidence, gigabytes processed come first without leading on all."""
    evidence = value_metric_evidence(whole, usage)
    assert evidence.rank().mean(axis=1).idxmax() == "gigabytes_processed"
    assert (evidence.idxmax() != "gigabytes_processed").any()


def value_metric_evidence(whole: CustomerBase, usage: pd.DataFrame) -> pd.DataFrame:
    """Measure each metric plainly, more is better: metrics x growth, predictability, outcomes, retention."""
    year_ago, now = usage.xs(pd.Timestamp("2023-12-01"), level=1), usage.xs(pd.Timestamp(BEFORE), level=1)
    steps = np.log(usage.where(usage > 0)).groupby(level=0).diff().groupby(level=0).std()
    reviews = whole.outcomes[whole.outcomes["date"] < TRUTH["move"]]
    value = reviews.pivot_table(index="account_id", columns="kind", values="value", aggfunc="mean")
    typical = usage.groupby(level=0).mean()
    paid = whole.mrr[(whole.mrr["month"] == BEFORE) & (whole.mrr["amount"] > 0)]
    kept = pd.Series(year_ago.index.isin(paid["account_id"]).astype(float), index=year_ago.index)
    start = usage[usage.index.get_level_values("month").isin(pd.date_range("2023-10-01", "2023-12-01", freq="MS"))]
    return pd.DataFrame(
        {
            "growth": (now / year_ago).replace(np.inf, np.nan).median(),
            "predictability": -steps.median(),
            "outcomes": typical.apply(
                lambda metric: value.corrwith(metric.reindex(value.index), method="spearman").mean()
            ),
            "retention": start.groupby(level=0).mean().reindex(year_ago.index).corrwith(kept, method="spearman"),
        }
    )


def used_in_quarter(whole: CustomerBase, month: str) -> pd.DataFrame:
    """Return which account used which feature in the three months up to and with this one."""
    ends = whole.feature_use["week"] + pd.Timedelta(days=6)
    first, last = pd.Timestamp(month) - pd.DateOffset(months=2), pd.Timestamp(month) + pd.offsets.MonthEnd(0)
    quarter = whole.feature_use[ends.between(first, last)]
    return pd.crosstab(quarter["account_id"], quarter["feature"]) > 0


def test_use_keeps_to_the_life_of_the_account(whole: CustomerBase) -> None:
    """No feature is used in a week that ended before sign-up, nor in a month the account did not pay for."""
    used = whole.feature_use.assign(ends=whole.feature_use["week"] + pd.Timedelta(days=6))
    signed_up = whole.accounts.set_index("account_id")["signed_up"]
    assert (used["ends"] >= used["account_id"].map(signed_up)).all()
    months = used.assign(month=used["ends"].dt.to_period("M").dt.to_timestamp())
    paid = whole.mrr[whole.mrr["amount"] > 0].set_index(["account_id", "month"]).index
    assert pd.MultiIndex.from_frame(months[["account_id", "month"]].drop_duplicates()).isin(paid).all()


def test_the_design_view_measures_the_same_use_cases(whole: CustomerBase) -> None:
    """Seen as of the last day before the move, use cases of that month are what the whole history says."""
    views = (whole, CustomerBase.load(DATA / "sample", as_of=TRUTH["as_of"]))
    seen = [
        at(
            use_cases_per_customer(view.feature_use, view.features, view.mrr[view.mrr["amount"] > 0]),
            BEFORE,
            "use_cases",
        )
        for view in views
    ]
    assert seen[0] == seen[1]


def test_minority_needs_do_not_follow_the_common_order(whole: CustomerBase) -> None:
    """Each add-on candidate has 2.5 to 25% users, unrelated to how many common features an account uses."""
    paying = whole.mrr[(whole.mrr["month"] == BEFORE) & (whole.mrr["amount"] > 0)]["account_id"]
    used = used_in_quarter(whole, BEFORE).reindex(paying, fill_value=False)
    few = used[list(TRUTH["minority_features"])]
    assert few.mean().between(0.025, 0.25).all()
    common = used.drop(columns=few.columns).sum(axis=1)
    assert abs(np.corrcoef(common, few.sum(axis=1))[0, 1]) < 0.12


@pytest.mark.parametrize("month", [BEFORE, END])
def test_common_features_are_adopted_in_a_mostly_common_order(whole: CustomerBase, month: str) -> None:
    """Loevinger's H of the common features that at least one in twenty uses lies between 0.4 and 0.6."""
    paying = whole.mrr[(whole.mrr["month"] == month) & (whole.mrr["amount"] > 0)]["account_id"]
    used = used_in_quarter(whole, month).reindex(paying, fill_value=False)
    used = used[[name for name in TRUTH["feature_order"] if name in used.columns]]
    matrix = used.loc[:, used.mean().between(0.05, 0.97)].to_numpy(float)
    share = matrix.mean(axis=0)
    matrix = matrix[:, np.argsort(-share)]
    share = np.sort(share)[::-1]
    upper = np.triu(np.ones((len(share), len(share)), dtype=bool), k=1)
    errors = ((1 - matrix).T @ matrix)[upper].sum()
    expected = (len(matrix) * np.outer(1 - share, share))[upper].sum()
    assert 0.4 <= 1 - errors / expected <= 0.6


def test_the_sample_is_small() -> None:
    """The whole sample stays under six megabytes."""
    assert sum(file.stat().st_size for file in (DATA / "sample").iterdir()) < 6_000_000


def test_making_the_sample_again_gives_the_same_company(tmp_path: Path) -> None:
    """The script writes the same text bytes, the same big tables and the same truth as what is bundled."""
    import duckdb  # noqa: PLC0415 - only this test reads Parquet directly

    target = tmp_path / "sample"
    subprocess.run([sys.executable, DATA / "make_sample.py", target], check=True, capture_output=True)
    made, kept = (sorted((root / "sample").iterdir()) for root in (tmp_path, DATA))
    assert [file.relative_to(tmp_path) for file in made] == [file.relative_to(DATA) for file in kept]
    for new, old in zip(made, kept, strict=True):
        if new.suffix == ".parquet":
            frames = [duckdb.read_parquet(str(file)).df() for file in (new, old)]
            pd.testing.assert_frame_equal(*frames)
        else:
            assert new.read_bytes() == old.read_bytes(), new.name
    assert json.loads((tmp_path / "sample_truth.json").read_text(encoding="utf-8")) == TRUTH
