"""The scorecard by hand, on the sample company and on a replay; and the published case that the sample arrives at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.growth import MrrLedger, arpa, retention, scorecard, use_cases_per_customer
from workbench.growth.recurring_revenue import MovementsError
from workbench.growth.scorecard import METRICS
from workbench.impact import replay
from workbench.stages.price_book import list_of_today
from workbench.workspace import sample_base

if TYPE_CHECKING:
    from workbench.customers import CustomerBase


def ledger(*rows: list[float]) -> MrrLedger:
    """Return a ledger, an account per row."""
    months = pd.date_range("2023-01-01", periods=len(rows[0]), freq="MS")
    return MrrLedger(np.array([f"A{n}" for n in range(len(rows))], dtype=object), months, np.asarray(rows, dtype=float))


BY_HAND = ledger(
    [100.0] * 6 + [120.0] * 10,  # expands in July 2023
    [100.0] * 10 + [0.0] * 2 + [100.0] * 4,  # leaves in November, comes back in January 2024
    [100.0] * 16,
    [100.0] * 15 + [150.0],  # expands in the last month
    [0.0] * 6 + [50.0] * 3 + [60.0] * 7,  # new in July, expands in October
    [0.0] * 14 + [40.0] * 2,  # new in March 2024
)


def test_every_metric_by_hand() -> None:
    """Sixteen months of six accounts, the year from April 2023 to April 2024."""
    card = scorecard(BY_HAND, draws=0)
    values = {line.metric.key: (line.printed.value, line.strict.value) for line in card.lines}
    start, end = 400.0, 120 + 100 + 100 + 150 + 60 + 40.0
    quarter = 120 + 100 + 100 + 100 + 60.0
    assert values["S1"] == pytest.approx(((end - quarter) / quarter, 50 / quarter))
    assert values["S3"] == pytest.approx((2 / 4, 2 / 4))
    now = (2 * 420 + 470 + 3 * 60 + 2 * 40) / (4 * 3 + 3 + 2)
    assert values["S4"] == pytest.approx((now / 100 - 1, (3 * 420 + 50) / (3 * 400) - 1))
    assert values["S5"] == pytest.approx(((start + 70 - 100) / start, (start + 70) / start))
    assert values["S6"] == pytest.approx((80 / (80 + 90), 70 / (70 + 100)))


def test_time_to_first_expansion_is_said_twice() -> None:
    """The mean of those who expanded, labelled; and the time by which half have, or that it is not reached."""
    card = scorecard(BY_HAND, draws=0)
    line = card["S2"]
    assert line.printed.value == pytest.approx(3 * 365 / 12)
    assert "of the customers who expanded" in line.printed.definition
    assert line.strict.value == pytest.approx(3 * 365 / 12)
    nobody = scorecard(ledger(*[[0.0, *[10.0] * 15]] * 9), draws=0)["S2"]
    assert nobody.strict.value is None
    assert nobody.strict.reason.startswith("not reached: 0% have expanded within 4")
    assert nobody.strict.verdict == "breach"
    assert nobody.printed.reason == "nobody who began within the history has expanded"


@pytest.mark.parametrize(("lag", "verdict"), [(80, "watch"), (100, "watch"), (50, "ok"), (140, "breach")])
def test_months_cannot_tell_days_apart(lag: int, verdict: str) -> None:
    """Known to the day, all expand after so many days: the range holds that, and nothing is said that months hide."""
    rng = np.random.default_rng(lag)
    began = rng.integers(31, 300, 400)
    last_days = np.cumsum(pd.date_range("2023-01-01", periods=16, freq="MS").days_in_month.to_numpy()) - 1
    paid = 10.0 * (last_days >= began[:, None]) + 5.0 * (last_days >= began[:, None] + lag)
    found = scorecard(ledger(*paid.tolist()), draws=0)["S2"].strict
    assert found.interval is not None
    assert found.interval.low <= lag <= found.interval.high
    assert found.verdict == verdict


def test_under_thirteen_months_and_no_revenue_are_refused() -> None:
    """Eleven months of history have no year to compare with."""
    with pytest.raises(MovementsError, match="begins in 2023-01"):
        scorecard(ledger([10.0] * 11))


def test_bands_of_net_retention() -> None:
    """100, 110, 120, 140%: a band ends below its upper mark."""
    for end, words in (
        (99.0, "shrinking"),
        (100.0, "healthy"),
        (110.0, "good"),
        (120.0, "top"),
        (140.0, "exceptional"),
    ):
        assert scorecard(ledger([100.0] * 12 + [end]), draws=0).band.startswith(words)


def test_what_moves_a_metric_is_named() -> None:
    """The account that grew most moves it up, the one that left moves it down."""
    rows = [[100.0] * 13 for _ in range(20)]
    rows[3] = [100.0] * 12 + [300.0]
    rows[7] = [100.0] * 12 + [0.0]
    moved = scorecard(ledger(*rows), draws=0).moved_by("S5", most=1)
    assert moved["Account"].tolist() == ["A3", "A7"]
    assert moved["Moves it by"].iloc[0] > 0 > moved["Moves it by"].iloc[1]


def test_the_trend_ends_with_the_card_and_is_that_of_earlier_cards(sample_company: CustomerBase) -> None:
    """Each point of the trend is what the scorecard said then, with nothing from after it."""
    card = scorecard(sample_company, draws=0)
    for key in ("S1", "S4", "S5", "S6"):
        trend = card[key].trend
        assert trend["strict"].iloc[-1] == pytest.approx(card[key].strict.value)
        assert trend["printed"].iloc[-1] == pytest.approx(card[key].printed.value)
    earlier = scorecard(sample_company, "2024-09", draws=0)
    for key in ("S1", "S4", "S5", "S6"):
        then = card[key].trend.set_index("month").loc["2024-09-01"]
        assert then["strict"] == pytest.approx(earlier[key].strict.value)
    assert earlier.period == "2023-09 to 2024-09"


def test_the_sample_has_every_metric_with_range_and_verdict(sample_company: CustomerBase) -> None:
    """Twelve readings, each with a definition of its own; retention is that of the rest of the workbench."""
    card = scorecard(sample_company, draws=200)
    assert [line.metric.key for line in card.lines] == [metric.key for metric in METRICS]
    for line in card.lines:
        assert line.printed.definition != line.strict.definition
        for reading in (line.printed, line.strict):
            assert reading.value is not None
            assert reading.interval is not None
            assert reading.verdict in ("ok", "watch", "breach")
    assert card["S5"].strict.value == pytest.approx(retention(sample_company.mrr).net)
    assert set(card.expansion.by_group) == set(sample_company.segments)
    assert card.expansion.difference is not None
    table = card.table()
    assert len(table.rows) == 6
    assert "Printed definition" in table.frame.columns


def test_a_replay_has_a_scorecard_and_its_retention_is_one_number(sample_company: CustomerBase) -> None:
    """What a price list would have billed is a ledger like any other; its measures say the same retention."""
    from workbench.impact import measures  # noqa: PLC0415 - used by this law alone

    billed = replay(sample_company, list_of_today(sample_company))
    card = scorecard(billed.ledger(), draws=0)
    shown = measures(billed).growth
    assert card["S5"].strict.value == pytest.approx(shown.net_retention)


def test_the_published_case_by_these_functions() -> None:
    """Seats to data volume in 18 months: revenue per account +72%, use cases 2.3 to 6.8, net retention 108% to 136%."""
    whole = sample_base(whole_history=True)
    before, end = pd.Timestamp("2024-12-01"), pd.Timestamp("2026-06-01")
    cards = [scorecard(whole, month, draws=0) for month in (before, end)]
    assert [card["S5"].strict.value for card in cards] == pytest.approx([1.08, 1.36], abs=0.01)
    assert cards[0].band == "healthy: 100% to 110%"
    assert cards[1].band == "top quartile: 120% to 140%"
    per_account = arpa(whole.mrr).set_index("month")["arpa"]
    assert per_account[end] / per_account[before] - 1 == pytest.approx(0.72, abs=0.02)
    paying = whole.mrr.loc[whole.mrr["amount"] > 0, ["account_id", "month"]]
    used = use_cases_per_customer(whole.feature_use, whole.features, paying).set_index("month")["use_cases"]
    assert [used[before], used[end]] == pytest.approx([2.3, 6.8], abs=0.05)
