"""What sources report stands beside the company's own figure, as a claim of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.growth import mrr_ledger
from workbench.rules import BENCHMARKS
from workbench.stages.claims import NOT_MEASURED, claims_beside, claims_table, months_to_expansion

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.claims import ClaimBeside
    from workbench.stages.contract import StageOutcome
    from workbench.study import Study


@pytest.fixture(scope="module")
def base(sample_company: CustomerBase) -> CustomerBase:
    """Return the sample company before its move."""
    return sample_company


def ledger_of(rows: list[list[float]]) -> pd.DataFrame:
    """Return a table of revenue: a row per account, a column per month."""
    months = pd.date_range("2023-01-01", periods=len(rows[0]), freq="MS")
    return pd.DataFrame(
        [(f"a{at}", month, paid) for at, row in enumerate(rows) for month, paid in zip(months, row, strict=True)],
        columns=["account_id", "month", "amount"],
    )


@pytest.fixture(scope="module")
def claims(base: CustomerBase, decided_sample: Study) -> tuple[ClaimBeside, ...]:
    """Return the claims beside the figures of the sample's first design."""
    return claims_beside(base, decided_sample.designs[0])


def test_every_claim_has_an_own_figure_or_says_why_not(claims: tuple[ClaimBeside, ...]) -> None:
    """None of the thirteen is left out, and none stands without a reason where nothing measures it."""
    found = claims
    assert [each.claim.id for each in found] == [each.id for each in BENCHMARKS]
    for each in found:
        assert each.own is not None or each.why_not
        assert (NOT_MEASURED in each.own_words) == (each.own is None)
    assert len(claims_table(found)) == len(BENCHMARKS)


def test_own_figures_are_the_companys(base: CustomerBase, claims: tuple[ClaimBeside, ...]) -> None:
    """Retention, growth and list of the sample, worked out here from its tables."""
    own = {each.claim.id: each.own for each in claims}
    mrr = base.mrr.pivot_table(index="account_id", columns="month", values="amount", aggfunc="sum").fillna(0.0)
    before, last = mrr.iloc[:, -13], mrr.iloc[:, -1]
    cohort = before > 0
    assert own["usage_retention"].value == pytest.approx(last[cohort].sum() / before.sum())
    assert own["value_metric_growth"].value == pytest.approx(last.sum() / before.sum() - 1)
    rose = (last - before)[cohort & (last > before)].sum()
    assert own["modules_expansion"].value == pytest.approx(rose / before.sum())
    assert own["public_tiers"].value == 3
    assert "1 plan on request" in own["public_tiers"].what
    assert own["usage_adoption"].value == 0
    assert own["hybrid_share"].value == pytest.approx(0)


def test_months_to_expansion_counts_who_never_expanded() -> None:
    """Kaplan and Meier by hand: one rises after 1 month, one after 3, two never; the first began before the ledger.

    At one month one of four rises (3/4 left); one leaves after two months; at three one of two rises (3/8 left).
    """
    rows = [
        [5, 5, 5, 5, 5, 9],
        [0, 5, 9, 9, 9, 9],
        [0, 5, 5, 5, 9, 9],
        [0, 5, 5, 5, 0, 0],
        [0, 5, 5, 5, 5, 5],
    ]
    assert months_to_expansion(mrr_ledger(ledger_of(rows))) == 3
    assert months_to_expansion(mrr_ledger(ledger_of(rows[:1]))) is None
    assert months_to_expansion(mrr_ledger(ledger_of(rows[3:]))) is None


def test_the_table_of_model_fit_shows_all_of_them(evaluated_sample: list[dict[str, StageOutcome]]) -> None:
    """Notebook and report read this table; a claim is worded as its source reports it."""
    table = evaluated_sample[0]["model_fit"].result.tables["benchmarks"]
    assert table["Reported by the source"].tolist() == [each.claim for each in BENCHMARKS]
    assert not table["This company"].isna().any()
    assert np.all(table["Source"].str.startswith("Jake McMahon"))
