"""Reach of feature sets: the published example, brute force, and bounds that hold."""

from __future__ import annotations

import json
import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.research import ResearchError, turf

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))


def test_the_published_example() -> None:
    """Every set of the hand-made example has its reach and frequency; step by step is worse at two features."""
    file = ORACLES / "turf_kano.json"
    if not file.is_file():
        pytest.skip(f"the published cases are not at {file}: name their folder in WORKBENCH_ORACLES")
    known = json.loads(file.read_text(encoding="utf-8"))["turf"]
    found = turf(known["matrix"], known["items"])
    for sets in known["all"].values():
        for names, expected in sets.items():
            one = found.of(names.split("+"))
            assert (one.reach, one.frequency) == (expected["reach"], expected["freq"])
    assert list(found.best[1].features) == known["optimal_k2"]
    assert found.best[1].reach == known["optimal_k2_reach"]
    assert list(found.greedy[1].features) == known["greedy_k2"]
    assert found.greedy[1].reach == known["greedy_k2_reach"]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_every_size_is_the_best_of_all_sets(depth: int) -> None:
    """For every size and depth the set found reaches as many weighted people as the best by brute force."""
    random = np.random.default_rng(depth)
    hits = random.random((70, 8)) < 0.25
    weight = random.uniform(0.5, 2, 70)
    found = turf(hits, list("abcdefgh"), weight, depth=depth)
    assert found.exact
    for each in found.best:
        size = len(each.features)
        best = max(weight @ (hits[:, list(chosen)].sum(axis=1) >= depth) for chosen in combinations(range(8), size))
        assert each.reach == pytest.approx(best)


def test_beyond_twenty_features_the_gap_is_a_true_bound() -> None:
    """Step by step with exchanges never beats the best and never lies further below it than it says."""
    random = np.random.default_rng(9)
    hits = random.random((120, 21)) < 0.12
    found = turf(hits, [f"f{place}" for place in range(21)], most=3)
    assert not found.exact
    for each in found.best:
        size = len(each.features)
        best = max((hits[:, list(chosen)].any(axis=1)).sum() for chosen in combinations(range(21), size))
        assert each.reach <= best <= each.reach + each.gap + 1e-9
        assert each.reach >= found.greedy[size - 1].reach
    assert any("bounded" in caution.text for caution in found.cautions)


def test_depth_two_beyond_twenty_features_is_bounded_too() -> None:
    """With depth above one the bound counts wishes, and still holds."""
    hits = np.random.default_rng(4).random((60, 21)) < 0.2
    found = turf(hits, [f"f{place}" for place in range(21)], depth=2, most=3)
    best = max((hits[:, list(chosen)].sum(axis=1) >= 2).sum() for chosen in combinations(range(21), 3))
    assert found.best[2].reach <= best <= found.best[2].reach + found.best[2].gap + 1e-9


def test_the_share_interval_holds_the_truth() -> None:
    """Intervals of 90% around a set's reached share hold the true share in 85 to 95 of 100 studies."""
    random = np.random.default_rng(11)
    truth = 1 - 0.7 * 0.8
    inside = []
    for _ in range(300):
        share = turf(random.random((150, 2)) < [0.3, 0.2], ["a", "b"]).of(["a", "b"]).share
        inside.append(share.low <= truth <= share.high)
    assert 0.85 <= np.mean(inside) <= 0.95


def test_a_frame_names_its_features_and_the_reading_speaks() -> None:
    """Columns are names; the table has a row per size, and the reading names people and features."""
    found = turf(pd.DataFrame({"a": [1, 0, 1], "b": [0, 1, 0]}))
    assert found.table["features"].tolist() == ["a", "a, b"]
    assert found.table["reach"].tolist() == [2, 3]
    assert "3 respondents" in found.reading
    assert "Only 3 respondents" in found.cautions[0].text


def test_what_does_not_fit_is_refused() -> None:
    """Names, weights, wishes and settings that do not fit are refused with a sentence."""
    hits = np.ones((3, 2))
    for arguments, words in (
        ((hits, ["a"]), "do not match"),
        ((hits, ["a", "a"]), "twice"),
        ((np.zeros((3, 2)), ["a", "b"]), "Nobody"),
        ((hits, ["a", "b"], [1, 2]), "weights"),
    ):
        with pytest.raises(ResearchError, match=words):
            turf(*arguments)
    with pytest.raises(ResearchError, match="at least 1"):
        turf(hits, ["a", "b"], depth=0)
    with pytest.raises(KeyError, match="no answers about c"):
        turf(hits, ["a", "b"]).of(["c"])
