"""Feature fit (Kano): the published table and coefficients, known kinds found again, intervals that hold."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.errors import DataErrors
from workbench.research import kano, kano_model

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))
DATA = Path(__file__).parents[2] / "data"
LETTERS = {
    "M": "must_be",
    "O": "one_dimensional",
    "A": "attractive",
    "I": "indifferent",
    "R": "reverse",
    "Q": "questionable",
}
# One pair of answers (with it, without it) that the published table puts into each category.
PAIR = {"M": (3, 5), "O": (1, 5), "A": (1, 3), "I": (3, 3), "R": (5, 1), "Q": (1, 1)}


@pytest.fixture(scope="module")
def published() -> dict:
    """Return the published cases."""
    file = ORACLES / "turf_kano.json"
    if not file.is_file():
        pytest.skip(f"the published cases are not at {file}: name their folder in WORKBENCH_ORACLES")
    return json.loads(file.read_text(encoding="utf-8"))["kano"]


def answers(counts: dict[str, int], feature: str = "Export") -> pd.DataFrame:
    """Return answers whose categories have these counts."""
    pairs = [PAIR[letter] for letter, count in counts.items() for _ in range(count)]
    return pd.DataFrame(
        {
            "respondent": [f"R{place}" for place in range(len(pairs))],
            "feature": feature,
            "functional": [pair[0] for pair in pairs],
            "dysfunctional": [pair[1] for pair in pairs],
        }
    )


def test_every_pair_of_answers_is_evaluated_as_published(published: dict) -> None:
    """All 25 pairs fall into the category of the published table."""
    for functional, row in enumerate(published["table"], start=1):
        for dysfunctional, letter in enumerate(row, start=1):
            place = int(kano_model.categories_of(functional, dysfunctional))
            assert kano_model.CATEGORIES[place] == LETTERS[letter]


def test_the_published_example(published: dict) -> None:
    """Category, coefficients and strengths of the published counts come out to the printed digits."""
    found = kano(answers(published["example_counts"]), samples=50).of("Export")
    expected = published["expected"]
    assert found.category == LETTERS[expected["modal"]]
    assert found.satisfaction.estimate == pytest.approx(expected["better"], rel=1e-12)
    assert found.dissatisfaction.estimate == pytest.approx(expected["worse"], rel=1e-12)
    assert 100 * found.total_strength == pytest.approx(expected["total_strength_pct"])
    assert 100 * found.category_strength == pytest.approx(expected["category_strength_pct"])


def test_ties_go_to_what_is_missed_most() -> None:
    """Equal counts are decided in the order must-be, one-dimensional, attractive, indifferent."""
    for tied, winner in (("MO", "must_be"), ("OA", "one_dimensional"), ("AI", "attractive")):
        found = kano(answers(dict.fromkeys(tied, 10)), samples=20).of("Export")
        assert found.category == winner
        assert found.ambiguous


def test_too_close_to_call_follows_the_published_test() -> None:
    """Two categories are told apart exactly when their counts differ by 1.65 standard errors or more."""
    both, total = 60, 80
    line = 1.65 * np.sqrt(both * (2 * total - both) / (2 * total))
    for first in range(30, 60):
        counts = np.array([first, both - first, 0, total - both, 0, 0])
        second = max(both - first, total - both)
        near = 1.65 * np.sqrt((first + second) * (2 * total - first - second) / (2 * total))
        assert bool(kano_model.is_ambiguous(counts)) == (first - second < near)
    assert line == pytest.approx(1.65 * 6.12, abs=0.01)


def test_the_sample_survey_gives_its_truth_back() -> None:
    """Every feature of the sample company is of the kind its answers were drawn from, and surely so."""
    truth = json.loads((DATA / "sample_truth.json").read_text(encoding="utf-8"))["surveys"]["feature_fit_kind"]
    found = kano(pd.read_csv(DATA / "sample" / "survey_feature_fit.csv"))
    assert {each.feature: each.category for each in found.features} == truth
    assert min(each.sureness for each in found.features) > 0.9
    assert not any(each.ambiguous for each in found.features)


def test_intervals_of_the_coefficients_hold_the_truth() -> None:
    """Bootstrap intervals of 90% hold the true coefficients in 85 to 95 of 100 studies."""
    random = np.random.default_rng(8)
    share = np.array([0.15, 0.2, 0.35, 0.25, 0.03, 0.02])
    clear = share[:4].sum()
    truth = ((share[1] + share[2]) / clear, -(share[0] + share[1]) / clear)
    letters = list(LETTERS)
    inside = []
    for study in range(150):
        drawn = dict(zip(letters, random.multinomial(120, share).tolist(), strict=True))
        one = kano(answers(drawn), samples=300, seed=study).of("Export")
        inside += [
            one.satisfaction.low <= truth[0] <= one.satisfaction.high,
            one.dissatisfaction.low <= truth[1] <= one.dissatisfaction.high,
        ]
    assert 0.85 <= np.mean(inside) <= 0.95


def test_weights_count_people() -> None:
    """A respondent of weight three counts as three, and equal weights change nothing."""
    frame = answers({"M": 10, "A": 10})
    heavy = frame.assign(weight=[1.0] * 10 + [3.0] * 10)
    assert kano(heavy, samples=20).of("Export").category == "attractive"
    assert kano(frame.assign(weight=2.0), samples=20).table.equals(kano(frame, samples=20).table)


def test_importance_is_unknown_when_nobody_was_asked() -> None:
    """Without the question importance is None; with it, its mean lies inside its interval."""
    frame = answers({"M": 20, "A": 10})
    found = kano(frame, samples=20)
    assert found.of("Export").importance is None
    assert "importance is unknown" in " ".join(each.text for each in found.cautions)
    asked = kano(frame.assign(importance=[7] * 20 + [None] * 5 + [4] * 5), samples=100).of("Export").importance
    assert asked.estimate == pytest.approx((7 * 20 + 4 * 5) / 25)
    assert asked.low < asked.estimate < asked.high


def test_answers_outside_the_scale_are_listed() -> None:
    """An answer of 6 and a blank are two problems."""
    frame = answers({"M": 3}).astype({"functional": "Float64"})
    frame.loc[0, "functional"] = 6
    frame.loc[1, "functional"] = None
    with pytest.raises(DataErrors) as caught:
        kano(frame)
    assert len(caught.value.problems) == 2


def test_the_reading_names_what_is_expected_and_what_delights() -> None:
    """The reading sorts features in words, and cautions name those few people answered about."""
    frame = pd.concat([answers({"M": 40}, "Login"), answers({"A": 40}, "Magic"), answers({"Q": 5}, "Odd")])
    found = kano(frame, samples=20)
    assert "Expected as a matter of course: Login." in found.reading
    assert "A delight nobody expects: Magic." in found.reading
    texts = " ".join(each.text for each in found.cautions)
    assert "about Odd: take" in texts
    assert "contradict themselves for Odd" in texts
    with pytest.raises(KeyError):
        found.of("Unknown")
