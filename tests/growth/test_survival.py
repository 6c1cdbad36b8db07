"""Survival curves against published ones, and the time to first expansion of ledgers made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from workbench.growth import MrrLedger, first_expansion, log_rank, survival_curve
from workbench.growth.recurring_revenue import MovementsError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def published(oracle: Callable[[str], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the published cases."""
    return {each["id"]: each for each in oracle("survival.json")["cases"]}


def test_the_remission_of_treated_patients(published: dict[str, Any]) -> None:
    """Shares, errors, numbers at risk, limits, median and restricted mean of Freireich et al. 1963."""
    case = published["freireich_6mp"]
    curve = survival_curve(case["time"], case["event"])
    rows = zip(curve.survival, curve.error, curve.at_risk, curve.events, strict=True)
    for (time, wanted), found in zip(case["survival_se_at_risk_events"].items(), rows, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6, err_msg=time)
    for time, wanted in case["confidence_95_loglog"].items():
        at = int(np.flatnonzero(curve.times == float(time))[0])
        np.testing.assert_allclose((curve.low[at], curve.high[at]), wanted, atol=1e-4)
    assert curve.median == case["median"]
    assert curve.restricted_mean(23) == pytest.approx(case["restricted_mean_to_23"], abs=1e-4)
    mean = np.mean(np.asarray(case["time"])[np.asarray(case["event"]) == 1])
    assert mean == pytest.approx(case["wrong_mean_of_events_only"], abs=1e-4)


def test_the_two_groups_differ(published: dict[str, Any]) -> None:
    """The log-rank statistic of both groups, and the median of the other."""
    treated, other = published["freireich_6mp"], published["freireich_placebo"]
    time, event = treated["time"] + other["time"], treated["event"] + other["event"]
    groups = ["treated"] * len(treated["time"]) + ["other"] * len(other["time"])
    found = log_rank(time, event, groups)
    assert found.statistic == pytest.approx(published["logrank"]["chi_square"], abs=1e-4)
    assert found.p_value == pytest.approx(published["logrank"]["p"], rel=1e-6)
    assert survival_curve(other["time"], other["event"]).median == other["median"]


def test_what_happened_to_nobody_is_not_reached(published: dict[str, Any]) -> None:
    """Nobody expanded: the share stays whole and there is no median."""
    case = published["never"]
    curve = survival_curve(case["time"], case["event"])
    assert curve.after(8) == case["survival_at_8"]
    assert curve.median is case["median"]
    assert curve.median_between == (None, None)


def test_a_case_by_hand(published: dict[str, Any]) -> None:
    """Who is last seen at a time at which it happens to another was still waiting then."""
    case = published["small_hand"]
    curve = survival_curve(case["time"], case["event"])
    assert {str(int(t)): round(s, 9) for t, s in zip(curve.times, curve.survival, strict=True)} == case["survival"]
    assert curve.median == case["median"]


def test_a_time_that_is_none_is_refused() -> None:
    """Unknown and negative times are refused."""
    for time in (-1.0, float("nan")):
        with pytest.raises(MovementsError, match="A time is"):
            survival_curve([1.0, time], [True, True])


def ledger(*rows: list[float]) -> MrrLedger:
    """Return a ledger, an account per row."""
    months = pd.date_range("2024-01-01", periods=len(rows[0]), freq="MS")
    return MrrLedger(np.array([f"A{n}" for n in range(len(rows))], dtype=object), months, np.asarray(rows, dtype=float))


def test_first_expansion_by_group() -> None:
    """Small accounts expand after a month, large ones not at all; who was there before is left out."""
    book = ledger(*[[0, 10, 20, 20]] * 6, *[[0, 10, 10, 10]] * 6, [10, 20, 30, 40], [0, 10, 0, 0])
    groups = {f"A{n}": "small" if n < 6 else "large" for n in range(13)}
    found = first_expansion(book, groups)
    assert found.left_out == 1
    assert found.curve.cases == 13
    assert found.by_group["small"].median == pytest.approx(365 / 12)
    assert found.by_group["large"].median is None
    assert found.difference is not None
    assert found.difference.p_value < 0.01
    assert found.mean_of_expanded == pytest.approx(365 / 12)
    assert found.accounts.set_index("account_id").loc["A13"].tolist() == [0, False]


def test_the_mean_of_those_who_expanded_is_too_short() -> None:
    """With waiting times of 10 months on average and 12 months on record, the mean is far off and the median is not."""
    chance = np.random.default_rng(3)
    began, waits = chance.integers(1, 13, 4000), np.ceil(chance.exponential(10, 4000)).astype(int)
    columns = np.arange(25)
    amounts = np.where(columns < began[:, None], 0.0, np.where(columns >= (began + waits)[:, None], 20.0, 10.0))
    found = first_expansion(ledger(*amounts.tolist()))
    assert found.curve.median == pytest.approx(np.ceil(10 * np.log(2)) * 365 / 12)
    assert found.mean_of_expanded < 0.8 * waits.mean() * 365 / 12
