"""Laws of the rulebook, its thresholds and its benchmarks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import StudyError
from workbench.results import Interval
from workbench.rules import BENCHMARKS, RULEBOOK, Threshold, packaging
from workbench.study import Study

WHEN = datetime(2025, 3, 4, tzinfo=UTC)
IDS = ["VM1", "VM2", "VM3", "VM4", "VM5", "VM6", "MF1", "MF2", "MF3", "MF4", "MF5", "MF6", "T1", "T2", "T3", "T4"]
IDS += ["T5", "T6", "T7", "T8"]
IDS += ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "U1", "U2", "U3"]
IDS += ["X1", "X2", "X3", "X4", "X5", "S1", "S2", "S3", "S4", "S5", "S6", "C1", "C2", "C3", "C4"]
RANK = {"ok": 0, "watch": 1, "breach": 2}


def test_every_rule_is_there_with_its_words_and_source() -> None:
    """All rules of the stages are data: sentence, severity, kind and a named source."""
    assert [rule.id for rule in RULEBOOK] == IDS
    for rule in RULEBOOK:
        assert rule.stage in {"value_metric", "model_fit", "tiers", "add_ons", "expansion", "anchoring"}
        assert rule.kind in {"measured", "judgement"}
        assert rule.severity in {"high", "medium", "low"}
        assert rule.sentence.endswith(".")
        assert rule.source.startswith(("Jake McMahon", "Ajit Ghuman", "This workbench"))


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("VM3", 5, 8),
        ("T1", 3, 4),
        ("T2", 0.6, 0.7),
        ("T4", 3, 5),
        ("A2", 0.2, 0.4),
        ("A3", 60, 90),
        ("A4", 1, 5),
        ("A5", None, 0.3),
        ("A6", 0.4, 0.6),
        ("A6.share", 0.12, 0.18),
        ("U2", 7, 8),
        ("S1", 0.1, None),
        ("S2", None, 90),
        ("S3", 0.2, None),
        ("S4", 0.15, None),
        ("S5", 1, None),
        ("S6", 0.6, None),
    ],
)
def test_thresholds_are_those_of_the_sources(key: str, low: float | None, high: float | None) -> None:
    """The numbers the sources name stand in the rulebook as they are named."""
    assert (RULEBOOK.threshold(key).low, RULEBOOK.threshold(key).high) == (low, high)


def test_numbers_of_our_own_say_so() -> None:
    """A threshold that no source names carries a note that it is a default of this workbench."""
    for key in ("VM1.score", "VM2", "VM3.reach", "MF1", "MF4", "MF5", "C3"):
        assert RULEBOOK.threshold(key).note


def test_a_study_moves_a_threshold_with_a_reason() -> None:
    """A threshold moved by a study changes the verdict, and the finding names who moved it and why."""
    prices = {"Entry": 25, "Top": 150}
    assert packaging.top_to_entry(prices).status == "breach"
    study = Study.new("Acme", "data").with_threshold("T4", "two customer groups", "Ann", WHEN, high=6)
    finding = packaging.top_to_entry(prices, rulebook=RULEBOOK.for_study(study))
    assert (finding.status, finding.threshold) == ("ok", "3x to 6x (set by this study)")
    assert finding.override == "T4 set by Ann: two customer groups"
    assert RULEBOOK["T4"].high == 5


def test_a_second_threshold_is_moved_by_its_own_key() -> None:
    """The key "A6.share" moves that band and leaves the first one."""
    study = Study.new("Acme", "data").with_threshold("A6.share", "r", "Ann", WHEN, low=0.1)
    moved = RULEBOOK.for_study(study)
    assert (moved.threshold("A6.share").low, moved["A6"].low) == (0.1, 0.4)


@pytest.mark.parametrize(
    ("key", "low", "high", "message"),
    [
        ("T9", None, 3, "'T9', which no rule has"),
        ("T4", 7, None, "runs from 7 to 5"),
        ("A5", 0.1, None, "does not have"),
    ],
)
def test_an_impossible_threshold_is_refused(key: str, low: float | None, high: float | None, message: str) -> None:
    """An unknown rule, crossed ends and an end the rule lacks are named."""
    study = Study.new("Acme", "data").with_threshold(key, "r", "Ann", WHEN, low=low, high=high)
    with pytest.raises(StudyError, match=message):
        RULEBOOK.for_study(study)


def test_an_unknown_rule_lists_those_there_are() -> None:
    """Asking for a rule that is not there names the ones that are."""
    with pytest.raises(KeyError, match="VM1, VM2"):
        RULEBOOK["Z1"]


def test_benchmarks_are_claims_of_their_source() -> None:
    """Every benchmark belongs to a rule and is worded as reported by the source."""
    assert len(BENCHMARKS) >= 11
    for benchmark in BENCHMARKS:
        assert benchmark.rule_id in IDS
        assert benchmark.low <= benchmark.high
        assert "reported by the source: Jake McMahon" in benchmark.sentence


bands = [RULEBOOK.threshold(key) for key in RULEBOOK.threshold_keys]


@given(st.sampled_from(bands), st.floats(-100, 1000), st.floats(0, 1000))
def test_a_verdict_never_improves_away_from_the_band(band: Threshold, value: float, further: float) -> None:
    """Moving away from the band on either side, the verdict stays or gets worse."""
    if band.low is not None and value <= band.low:
        assert RANK[band.status(value - further)] >= RANK[band.status(value)]
    if band.high is not None and value >= band.high:
        assert RANK[band.status(value + further)] >= RANK[band.status(value)]


@given(st.sampled_from(bands), st.floats(-2, 20), st.floats(0, 5), st.floats(0, 5))
def test_an_interval_is_only_sure_when_both_ends_agree(band: Threshold, value: float, down: float, up: float) -> None:
    """Ok and breach for an interval mean that each of its ends has that verdict by itself."""
    interval = Interval(value - down, value, value + up)
    verdict = band.status_of_interval(interval)
    if verdict != "watch":
        assert {band.status(interval.low), band.status(interval.high)} == {verdict}


def test_an_end_of_the_band_belongs_to_it_and_the_end_of_the_watch_zone_does_not() -> None:
    """At 70% the middle tier is fine, at 80% it is not, and between the two it is on watch."""
    band = RULEBOOK["T2"].threshold
    shares = (0.5, 0.55, 0.6, 0.7, 0.75, 0.8)
    assert [band.status(share) for share in shares] == ["breach", "watch", "ok", "ok", "watch", "breach"]
    assert band.status(0.1 + 0.2 + 0.3) == "ok"
    assert band.status(None) == band.status(float("nan")) == "unknown"
