"""The order of candidates, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.stages.offers import METRIC_WEIGHTS, TeamScores
from workbench.stages.value_metric import gather
from workbench.stages.value_metric.decision import CRITERIA, with_added
from workbench.stages.value_metric.result import rank
from workbench.stages.value_metric.tables import reason_line, reasons

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.value_metric.evidence import ValueMetricEvidence
    from workbench.stages.value_metric.result import Ranked

FULL = TeamScores(wanted=5, visible=5, measured=5)
NONE = TeamScores(wanted=1, visible=1, measured=1)


def ranked(
    evidence: ValueMetricEvidence, *added: str, scores: dict[str, TeamScores] | None = None, **more: object
) -> list[Ranked]:
    """Rank the evidence's candidates and those added, with the default weights unless others are given."""
    weights = more.pop("weights", METRIC_WEIGHTS)
    return list(rank(evidence, with_added(evidence.candidates, added), scores or {}, weights, **more))


def test_the_metric_made_to_be_best_ranks_first(made_evidence: ValueMetricEvidence) -> None:
    """The metric that grows steadily with success beats the one that is noise, almost surely."""
    order = ranked(made_evidence)
    assert order[0].candidate.name == "good"
    assert order[-1].candidate.name == "noise"
    assert order[0].probability_first > 0.9


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 5), min_size=9, max_size=9), st.floats(0, 1), st.integers(0, 5))
def test_probabilities_of_being_first_add_up(
    made_evidence: ValueMetricEvidence, values: list[float], doubt: float, seed: int
) -> None:
    """Whatever the weights and the doubt, someone is first: probabilities add to 1, ranks to 1 + 2 + ... + n."""
    weights = dict(zip(CRITERIA, values, strict=True))
    order = ranked(made_evidence, "API calls", weights=weights, weight_doubt=doubt, seed=seed)
    assert sum(each.probability_first for each in order) == pytest.approx(1)
    assert sum(each.expected_rank for each in order) == pytest.approx(len(order) * (len(order) + 1) / 2)
    assert all(0 <= each.score.low <= each.score.estimate <= each.score.high <= 1 for each in order)


def test_a_copy_in_another_unit_shares_the_place(
    tables: dict[str, pd.DataFrame], base_of: Callable[..., CustomerBase]
) -> None:
    """A metric counted twice, once in another unit, has the same scores, and with team marks the same rank."""
    good = tables["usage"][tables["usage"]["metric"] == "good"]
    twice = pd.concat([tables["usage"], good.assign(metric="good in thousands", quantity=good["quantity"] / 1024)])
    evidence = gather(base_of({**tables, "usage": twice}))
    order = ranked(evidence, scores={"good": FULL, "good in thousands": FULL})
    by_name = {each.candidate.name: each for each in order}
    one, other = by_name["good"], by_name["good in thousands"]
    assert other.probability_first == pytest.approx(one.probability_first, abs=0.02)
    assert other.expected_rank == pytest.approx(one.expected_rank, abs=0.02)
    assert other.score.estimate == pytest.approx(one.score.estimate, rel=1e-9)


def test_the_unknown_widens_and_is_not_zero(made_evidence: ValueMetricEvidence) -> None:
    """A candidate nobody measured stands in the middle, with the widest interval of all."""
    by_name = {each.candidate.name: each for each in ranked(made_evidence, "API calls")}
    unknown = by_name["API calls"]
    assert unknown.score.estimate == pytest.approx(0.5)
    assert unknown.known_weight == 0
    width = unknown.score.high - unknown.score.low
    assert all(width > each.score.high - each.score.low for each in by_name.values() if each is not unknown)


def test_scoring_narrows_and_moves(made_evidence: ValueMetricEvidence) -> None:
    """Team marks narrow a candidate's interval; high marks lift it, low ones lower it."""
    places = {
        label: next(each for each in ranked(made_evidence, scores=scores) if each.candidate.name == "good")
        for label, scores in (("open", {}), ("full", {"good": FULL}), ("none", {"good": NONE}))
    }
    width = {label: each.score.high - each.score.low for label, each in places.items()}
    assert width["full"] < width["open"]
    assert width["none"] < width["open"]
    assert places["none"].score.estimate < places["open"].score.estimate < places["full"].score.estimate
    assert places["full"].known_weight == pytest.approx(1)


def test_adding_a_candidate_leaves_the_scores_of_others(made_evidence: ValueMetricEvidence) -> None:
    """Scales are absolute and draws are by name: a new idea on the table changes nobody else's score."""
    before = {each.candidate.name: each.score for each in ranked(made_evidence)}
    after = {each.candidate.name: each.score for each in ranked(made_evidence, "API calls", "rows synced")}
    assert all(after[name] == score for name, score in before.items())


def test_only_the_proportions_of_weights_count(made_evidence: ValueMetricEvidence) -> None:
    """Doubling all weights changes nothing; a weight of zero takes a criterion out."""
    double = {key: 2 * weight for key, weight in METRIC_WEIGHTS.items()}
    assert [each.expected_rank for each in ranked(made_evidence, weights=double)] == pytest.approx(
        [each.expected_rank for each in ranked(made_evidence)]
    )
    only_breadth = dict.fromkeys(CRITERIA, 0.0) | {"breadth": 1.0}
    for each in ranked(made_evidence, weights=only_breadth):
        assert each.score.estimate == pytest.approx(each.criteria["breadth"])


def test_without_doubt_and_fully_known_evidence_alone_decides(made_evidence: ValueMetricEvidence) -> None:
    """With no doubt about weights the spread left is that of the evidence, and it is smaller."""
    scores = {each.name: FULL for each in made_evidence.candidates}
    sure = ranked(made_evidence, scores=scores, weight_doubt=0.0)
    unsure = ranked(made_evidence, scores=scores, weight_doubt=1.0)
    width = [np.mean([each.score.high - each.score.low for each in order]) for order in (sure, unsure)]
    assert width[0] < width[1]


def test_reasons_name_what_holds_a_candidate_back(made_evidence: ValueMetricEvidence) -> None:
    """The last candidate's line carries the numbers that put it there."""
    last = ranked(made_evidence)[-1]
    line = reason_line(last, made_evidence, {})
    assert "Against it" in line
    assert "No team scores yet." in line
    variation = made_evidence.measurements["noise"]["variation"]
    assert any(
        f"{np.expm1(variation.estimate):.0%}" in reason for reason in reasons(last, made_evidence, {}, most=3, sign=-1)
    )


def test_team_marks_can_be_the_reason(made_evidence: ValueMetricEvidence) -> None:
    """A low mark shows among the reasons, with what it was given for."""
    scores = {"good": NONE, "noise": FULL}
    by_name = {each.candidate.name: each for each in ranked(made_evidence, scores=scores)}
    assert "the team gives 1 of 5" in reason_line(by_name["good"], made_evidence, scores)


def test_a_gap_is_what_it_says(made_evidence: ValueMetricEvidence) -> None:
    """The gaps of a candidate add up to its score minus the mean score."""
    order = ranked(made_evidence)
    mean = np.mean([each.score.estimate for each in order])
    for each in order:
        assert sum(each.gaps.values()) == pytest.approx(each.score.estimate - mean)
