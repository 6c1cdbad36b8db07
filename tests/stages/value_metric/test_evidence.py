"""What the data tells about candidates, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.stages.value_metric import gather
from workbench.stages.value_metric.decision import MEASURES, MetricCandidate, measured_candidates, with_added
from workbench.stats import wilson

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.value_metric.evidence import ValueMetricEvidence

    Tables = dict[str, pd.DataFrame]
    Make = Callable[..., CustomerBase]


def test_seats_come_from_accounts_only_where_usage_has_none(tables: Tables, base_of: Make) -> None:
    """Seats on the accounts are a candidate, unless usage counts them, whatever the spelling."""
    assert MetricCandidate("seats", "accounts") in measured_candidates(base_of(tables))
    counted = tables["usage"].replace({"metric": {"noise": "Seats"}})
    names = [each.name for each in measured_candidates(base_of({**tables, "usage": counted}))]
    assert names == ["Seats", "good"]


def test_added_candidates_are_not_doubled() -> None:
    """A name the data knows, an empty name and a repeated one add nothing."""
    known = (MetricCandidate("api_calls", "usage"),)
    added = with_added(known, ("API calls", " ", "Rows synced", "rows  synced"))
    assert [each.name for each in added] == ["api_calls", "Rows synced"]


def test_every_measure_has_a_value_with_interval_or_a_reason(made_evidence: ValueMetricEvidence) -> None:
    """No candidate lacks a measure in silence."""
    for known in made_evidence.measurements.values():
        assert set(known) == {measure.key for measure in MEASURES}
        for measurement in known.values():
            if measurement.interval is None:
                assert measurement.note
            else:
                interval = measurement.interval
                assert interval.low <= interval.estimate <= interval.high
                assert measurement.accounts >= 10


def test_what_foretells_success_is_seen_to(made_evidence: ValueMetricEvidence) -> None:
    """The metric that grows with health goes with outcomes, retention and expansion; noise goes with none of them."""
    good, noise = made_evidence.measurements["good"], made_evidence.measurements["noise"]
    for key in ("outcomes_change", "retention_change", "expansion_change"):
        assert good[key].interval.low > 0.1
        assert noise[key].interval.low < 0.1


def test_success_is_read_after_the_metric(tables: Tables, base_of: Make) -> None:
    """Usage in the later months, where success is read, does not touch the correlations."""
    late = tables["usage"]["month"] >= "2024-07-01"
    assert gather(base_of(tables)).split.later == "2024-07 to 2024-12"
    changed = tables["usage"].assign(quantity=tables["usage"]["quantity"].where(~late, 1.0))
    before, after = (gather(base_of({**tables, "usage": usage})) for usage in (tables["usage"], changed))
    for key in ("outcomes_level", "retention_change", "expansion_change"):
        assert before.measurements["good"][key].interval == after.measurements["good"][key].interval


def test_outcomes_before_the_split_do_not_count(tables: Tables, base_of: Make) -> None:
    """Earlier outcomes, however large, change nothing."""
    early = tables["outcomes"].assign(date=pd.Timestamp("2024-05-02"), value=1e6)
    more = pd.concat([tables["outcomes"], early.head(40)])
    before, after = (gather(base_of({**tables, "outcomes": table})) for table in (tables["outcomes"], more))
    assert before.measurements["good"]["outcomes_level"] == after.measurements["good"]["outcomes_level"]


def test_what_is_billed_today_proves_nothing_by_expanding(tables: Tables, base_of: Make) -> None:
    """Payments follow the metric of today's price by construction: expansion is shown, and not counted."""
    plans = pd.DataFrame({"plan": ["Only"], "base_fee": [0.0], "metric": ["good"], "unit_price": [50.0]})
    billed = gather(base_of({**tables, "plans": plans}))
    measurement = billed.measurements["good"]["expansion_change"]
    assert measurement.interval is not None
    assert not measurement.counted
    assert "by construction" in measurement.note
    assert billed.measurements["noise"]["expansion_change"].counted


def test_the_unit_of_a_metric_does_not_matter(
    tables: Tables, base_of: Make, made_evidence: ValueMetricEvidence
) -> None:
    """Counting a metric in thousands leaves every score and every draw as it was."""
    scaled = tables["usage"].assign(quantity=tables["usage"]["quantity"] / 1024)
    other = gather(base_of({**tables, "usage": scaled}))
    np.testing.assert_allclose(other.scores, made_evidence.scores, rtol=1e-9, equal_nan=True)
    np.testing.assert_allclose(other.score_draws, made_evidence.score_draws, rtol=1e-6, equal_nan=True)


def test_same_seed_same_draws(made_base: CustomerBase, made_evidence: ValueMetricEvidence) -> None:
    """Evidence is repeatable: the same seed gives the same draws, another seed others."""
    np.testing.assert_array_equal(gather(made_base).score_draws, made_evidence.score_draws)
    assert not np.array_equal(gather(made_base, seed=1).score_draws, made_evidence.score_draws)


@pytest.mark.parametrize(
    ("names", "unknown", "lacking"),
    [
        (("accounts", "usage"), {"outcomes", "expansion"}, {"mrr", "outcomes", "plans"}),
        (("accounts", "usage", "mrr"), {"outcomes"}, {"outcomes", "plans"}),
        (("accounts", "mrr"), {"growth", "outcomes", "retention"}, {"usage", "outcomes", "plans"}),
    ],
)
def test_missing_tables_leave_measures_unknown(
    tables: Tables, base_of: Make, names: tuple[str, ...], unknown: set[str], lacking: set[str]
) -> None:
    """What a missing table would tell is unknown with a reason, the table is named, and the rest still works."""
    evidence = gather(base_of(tables, *names))
    assert {missing.table for missing in evidence.missing} == lacking
    for known in evidence.measurements.values():
        for key, measurement in known.items():
            if key.partition("_")[0] in unknown:
                assert measurement.interval is None
    assert any(known["breadth"].interval is not None for known in evidence.measurements.values())


def test_few_accounts_tell_nothing(tables: Tables, base_of: Make) -> None:
    """Under ten accounts every measure is unknown, and says how many tell."""
    few = tables["accounts"]["account_id"].head(6)
    small = {name: frame[frame["account_id"].isin(few)] for name, frame in tables.items()}
    known = gather(base_of(small)).measurements["good"]
    assert all(measurement.interval is None for measurement in known.values())
    assert "accounts tell, 10 are needed" in known["growth"].note


def test_a_few_months_still_give_breadth(tables: Tables, base_of: Make) -> None:
    """With five months of history nothing is foretold, but who uses a metric now is known."""
    short = {
        name: frame[frame["month"] >= "2024-08-01"] if "month" in frame else frame for name, frame in tables.items()
    }
    evidence = gather(base_of(short))
    assert evidence.split is None
    assert evidence.measurements["good"]["growth"].interval is None
    assert evidence.measurements["good"]["breadth"].interval is not None


def test_growth_classes_add_up(made_evidence: ValueMetricEvidence) -> None:
    """The classes of growth hold every account whose growth is known, once."""
    sums = made_evidence.growth.groupby("metric")[["accounts", "share"]].sum()
    np.testing.assert_allclose(sums["share"], 1)
    assert sums.loc["good", "accounts"] == made_evidence.measurements["good"]["growth"].accounts


def test_a_share_of_all_or_of_nobody_is_not_certain(tables: Tables, base_of: Make) -> None:
    """Drawing the same accounts again finds no other; Wilson's interval says what so few of them leave open."""
    breadth = gather(base_of(tables)).measurements["good"]["breadth"]
    assert breadth.estimate == 1
    assert breadth.interval == wilson(breadth.accounts, breadth.accounts)
    assert 0.9 < breadth.interval.low < 1
