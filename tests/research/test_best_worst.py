"""Best-worst scaling: published numbers, known tastes found again, intervals that hold, answers that cannot be."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.errors import DataErrors
from workbench.research import ResearchError, aggregate_scores, best_worst_utilities, maxdiff
from workbench.research.best_worst import pulled_scores

pytestmark = pytest.mark.slow

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))
DATA = Path(__file__).parents[2] / "data"
TASTES = np.array([1.0, 0.5, 0.2, 0.0, -0.3, -0.6, -0.8])
NAMES = [f"Feature {letter}" for letter in "ABCDEFG"]
# Each of seven features once with every other, in seven tasks of three (a balanced incomplete block design).
BLOCKS = np.array([[0, 1, 3], [1, 2, 4], [2, 3, 5], [3, 4, 6], [4, 5, 0], [5, 6, 1], [6, 0, 2]])


def simulated(random: np.random.Generator, people: int, spread: float = 0.6) -> pd.DataFrame:
    """Return answers of people whose tastes lie around `TASTES`, three features a task."""
    taste = TASTES + random.normal(0, spread, (people, len(TASTES)))
    felt = taste[:, BLOCKS]
    best = (felt + random.gumbel(0, 1, felt.shape)).argmax(axis=2)
    against = random.gumbel(0, 1, felt.shape) - felt
    np.put_along_axis(against, best[:, :, None], -np.inf, axis=2)
    worst = against.argmax(axis=2)
    place = np.arange(3)
    word = np.where(place == best[:, :, None], "best", np.where(place == worst[:, :, None], "worst", "none"))
    grid = np.indices(word.shape).reshape(3, -1)
    return pd.DataFrame(
        {
            "respondent": [f"R{number}" for number in grid[0]],
            "task": grid[1] + 1,
            "feature": np.array(NAMES)[np.broadcast_to(BLOCKS, word.shape).ravel()],
            "choice": word.ravel(),
        }
    )


def oracle() -> dict:
    """Return the published cases, or skip where they are not there."""
    file = ORACLES / "maxdiff.json"
    if not file.is_file():
        pytest.skip(f"the published cases are not at {file}: name their folder in WORKBENCH_ORACLES")
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", ["lipovetsky_conklin_2014_table6", "bwstools_indiv_aggregate"])
def test_published_scores_to_the_last_digit(case: str) -> None:
    """Scores, standard errors, bounds and choice shares are those of the R package, from the published counts."""
    known = oracle()[case]
    found = aggregate_scores(known["totals"], known["bests"], known["worsts"])
    for got, name in (
        (found.score, "b"),
        (found.standard_error, "se"),
        (found.low, "lb"),
        (found.high, "ub"),
        (found.choice_share, "choice_p"),
    ):
        np.testing.assert_allclose(got, known[name], rtol=1e-12, atol=1e-13)


def test_published_scores_of_single_respondents() -> None:
    """A respondent's score pulled towards everybody's is the published one; each feature was shown four times.

    The published table gives the respondent's difference for one feature and the score for two; the second difference
    is the one whole number that leads to the published score, so that case only checks that there is one.
    """
    known = oracle()
    all_of_them = known["bwstools_indiv_aggregate"]
    everybody = aggregate_scores(all_of_them["totals"], all_of_them["bests"], all_of_them["worsts"]).score
    place = {label: number for number, label in enumerate(all_of_them["label"])}
    crime, _, guns = known["indiv_tests"]
    found = pulled_scores([[crime["diffscore"] / 4]], everybody[[place["crime"]]])
    assert round(found.item(), 2) == crime["b_ebayes_round2"]
    possible = pulled_scores(np.arange(-4, 5)[:, None] / 4, everybody[[place["guns"]]]).ravel()
    assert (np.round(possible, 2) == guns["b_ebayes_round2"]).sum() == 1


def test_a_pull_moves_single_scores_towards_everybody() -> None:
    """Without a pull a score is the respondent's own, with much of it everybody's, and so where nothing was shown."""
    everybody = np.array([0.5, -0.2])
    own = pulled_scores([[0.5, np.nan], [-1.0, 1.0]], everybody, pull=0)
    np.testing.assert_allclose(own, [[np.log(3), -0.2], [np.log(1 / 9), np.log(9)]])
    np.testing.assert_allclose(pulled_scores([[0.5, -1.0]], everybody, pull=1e9), [everybody], atol=1e-6)
    with pytest.raises(ResearchError, match="pulled by -1"):
        pulled_scores([[0.5]], [0.0], pull=-1)


def test_single_scores_come_with_the_result() -> None:
    """The result has a row per respondent, in which better liked features score higher on average."""
    found = maxdiff(simulated(np.random.default_rng(4), 60), samples=50)
    assert found.pulled().shape == (60, 7)
    assert found.pulled().mean().corr(pd.Series(dict(zip(NAMES, TASTES, strict=True)))) > 0.9


def test_published_single_scores() -> None:
    """The two worked examples of a single feature come out as published."""
    for known in oracle()["get_b0"]:
        found = aggregate_scores([known["total"]], [known["best"]], [known["worst"]])
        assert found.score[0] == pytest.approx(known["b"], rel=1e-12)
        assert found.standard_error[0] == pytest.approx(known["se"], rel=1e-12)


def test_counts_of_a_small_table() -> None:
    """Shown, best and worst are counted by hand, and weights multiply people."""
    frame = pd.DataFrame(
        {
            "respondent": ["a"] * 3 + ["b"] * 3,
            "task": [1] * 6,
            "feature": ["x", "y", "z"] * 2,
            "choice": ["best", "worst", "none", "none", "best", "worst"],
            "weight": [1.0] * 3 + [3.0] * 3,
        }
    )
    table = maxdiff(frame, samples=50).table.set_index("feature")
    assert table[["shown", "best", "worst"]].loc[["x", "y", "z"]].to_numpy().tolist() == [
        [4, 1, 0],
        [4, 3, 1],
        [4, 0, 3],
    ]
    plain = maxdiff(frame, weights=[1.0] * 6, samples=50).table.set_index("feature")
    assert plain.loc["y", "score"] == pytest.approx(0.0)
    own = maxdiff(frame, samples=50).individual
    assert own.loc["a"].tolist() == [1, -1, 0]
    assert maxdiff(frame, samples=50).wanted().loc["b"].tolist() == [False, True, False]


def test_an_always_chosen_feature_keeps_a_finite_place() -> None:
    """A feature always named best ranks first with a finite score, and one always worst last."""
    found = aggregate_scores([10, 10, 10], [10, 0, 0], [0, 0, 10])
    assert np.isfinite(found.score).all()
    assert found.score.argmax() == 0
    assert found.score.argmin() == 2


def test_the_interval_of_the_score_holds_what_everybody_would_say() -> None:
    """Bootstrap intervals of 90% hold the score of the whole population in 85 to 95 of 100 studies."""
    random = np.random.default_rng(5)
    truth = maxdiff(simulated(random, 20_000), samples=20)
    inside = []
    for study in range(60):
        found = maxdiff(simulated(random, 80), samples=300, seed=study)
        inside += [
            each.low <= known.estimate <= each.high for each, known in zip(found.score, truth.score, strict=True)
        ]
    assert 0.85 <= np.mean(inside) <= 0.95


def test_the_interval_of_utilities_holds_the_truth() -> None:
    """Model intervals of 90% hold the utilities that answers were drawn from in 85 to 95 of 100 studies."""
    random = np.random.default_rng(6)
    truth = TASTES - TASTES.mean()
    inside, spreads = [], []
    for _ in range(40):
        found = best_worst_utilities(simulated(random, 100), draws=32)
        inside += [each.low <= known <= each.high for each, known in zip(found.utilities, truth, strict=True)]
        spreads.append(found.spread)
    assert 0.85 <= np.mean(inside) <= 0.95
    assert np.mean(spreads) == pytest.approx(0.6, abs=0.15)


def test_tastes_of_single_respondents_are_found() -> None:
    """What the model says of each respondent goes with what that respondent truly wants."""
    random = np.random.default_rng(7)
    state = random.bit_generator.state
    frame = simulated(random, 150, 1.2)
    random.bit_generator.state = state
    taste = TASTES + random.normal(0, 1.2, (150, len(TASTES)))
    found = best_worst_utilities(frame)
    centred = taste - taste.mean(axis=1, keepdims=True)
    assert np.corrcoef(found.individual.ravel(), centred.ravel())[0, 1] > 0.75


def test_the_sample_survey_gives_its_truth_back() -> None:
    """The known utilities of the sample company lie inside their intervals, but for what chance allows."""
    truth = json.loads((DATA / "sample_truth.json").read_text(encoding="utf-8"))["surveys"]["best_worst_utility"]
    frame = pd.read_csv(DATA / "sample" / "survey_best_worst.csv")
    found = best_worst_utilities(frame)
    known = np.array([truth[name] for name in found.features])
    known = known - known.mean()
    inside = [each.low <= value <= each.high for each, value in zip(found.utilities, known, strict=True)]
    assert sum(inside) >= 12
    scores = [each.estimate for each in maxdiff(frame, samples=20).score]
    assert np.corrcoef(scores, known)[0, 1] > 0.98


def test_every_impossible_task_is_listed() -> None:
    """Two bests in one task and no worst in another are two problems, with their rows and remedies."""
    frame = simulated(np.random.default_rng(1), 3)
    broken = frame.assign(choice=frame["choice"].where(~((frame["respondent"] == "R1") & (frame["task"] == 2)), "best"))
    first = (broken["respondent"] == "R2") & (broken["task"] == 3) & (broken["choice"] == "worst")
    broken = broken.assign(choice=broken["choice"].mask(first, "none"))
    with pytest.raises(DataErrors) as caught:
        maxdiff(broken)
    assert sum(each.count for each in caught.value.problems) == 3
    assert all("R1" in value or "R2" in value for each in caught.value.problems for value in each.values)  # noqa: PD011


def test_one_feature_cannot_be_compared() -> None:
    """The model needs three features, and counts of nobody are refused."""
    frame = pd.DataFrame({"respondent": ["a", "a"], "task": [1, 1], "feature": ["x", "y"], "choice": ["best", "worst"]})
    with pytest.raises(ResearchError, match="three or more"):
        best_worst_utilities(frame)
    with pytest.raises(ResearchError, match="never shown"):
        aggregate_scores([0, 4], [0, 1], [0, 1])
    with pytest.raises(ResearchError, match="more often"):
        aggregate_scores([4, 4], [5, 1], [0, 1])


def test_too_few_people_and_one_sided_answers_are_said() -> None:
    """As many people as features are too few for utilities; a feature nobody rejects has an open end."""
    random = np.random.default_rng(12)
    with pytest.raises(ResearchError, match="7 respondents are too few"):
        best_worst_utilities(simulated(random, 7))
    frame = simulated(random, 40)
    with_loved = frame.groupby(["respondent", "task"])["feature"].transform(lambda names: "Feature A" in set(names))
    one_sided = pd.concat([frame[~with_loved], _always_best(frame[with_loved])])
    found = best_worst_utilities(one_sided, draws=16)
    assert "Nobody named Feature A worst" in found.cautions[0].text


def _always_best(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks with Feature A best and the first other feature worst."""
    other = frame["feature"] != "Feature A"
    first = frame[other].groupby(["respondent", "task"]).head(1).index
    return frame.assign(choice=np.where(~other, "best", np.where(frame.index.isin(first), "worst", "none")))


def test_cautions_say_what_to_doubt() -> None:
    """Uneven showing, few people and few views are each said."""
    frame = simulated(np.random.default_rng(2), 60)
    assert not maxdiff(frame, samples=20).cautions
    uneven = frame[~((frame["task"] > 3) & (frame["respondent"] != "R1"))]
    texts = " ".join(each.text for each in maxdiff(uneven, samples=20).cautions)
    assert "not shown equally often" in texts
    assert "times on average" in texts
    few = maxdiff(frame[frame["respondent"] == "R1"], samples=20)
    assert "Only 1 respondent" in few.cautions[0].text


def test_the_same_seed_gives_the_same_intervals() -> None:
    """Results repeat exactly, and the answers given are left as they were."""
    frame = simulated(np.random.default_rng(3), 60)
    before = frame.copy()
    assert maxdiff(frame, samples=100).score == maxdiff(frame, samples=100).score
    pd.testing.assert_frame_equal(frame, before)
