"""Laws of the mixed logit: its gradient, what it recovers, single respondents, refusals and cautions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import DataErrors
from workbench.research import ResearchError, fit_mixed_logit, fit_mnl
from workbench.research.conjoint.data import read_choices
from workbench.research.conjoint.mixed import SimulatedLikelihood, standard_normal_draws
from workbench.research.conjoint.tastes import tastes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.research import MixedModel

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[3] / "data"
TRUTH = {"price": -0.6, "reports": 1.0, "support": 0.2}
SPREADS = {"reports": 0.8, "support": 1.2}
# Ten parameters at 99% each all hold at once in nine studies of ten.
ALL_AT_ONCE = 2.576


@pytest.fixture(scope="module")
def study(survey: Callable) -> tuple[pd.DataFrame, np.ndarray]:
    """Return 400 respondents with tastes of their own, and these tastes."""
    return survey(TRUTH, SPREADS, people=400, tasks=8, seed=21)


@pytest.fixture(scope="module")
def model(study: tuple[pd.DataFrame, np.ndarray]) -> MixedModel:
    """Fit what made the study."""
    return fit_mixed_logit(study[0], starts=2, draws=256, currency="USD")


@pytest.mark.parametrize("random", [None, {"price": "lognormal", "reports": "normal", "support": "lognormal"}])
def test_the_gradient_is_that_of_the_likelihood(survey: Callable, random: dict | None) -> None:
    """Analytic slopes equal central differences, near and far out, with cases and respondents of unequal size."""
    frame, _ = survey(TRUTH, SPREADS, people=20, tasks=5, seed=4, shown=4)
    short = (frame["task"] == "5") & (frame["respondent"] < "R0008")
    lost = (frame["alternative"] == "4") & (frame["chosen"] == 0) & (frame["task"] == "1")
    data = read_choices(frame[~short & ~lost], person="respondent")
    assert data.offered is not None
    tastes = tastes_of(data.coding, random, "price")
    draws = standard_normal_draws(len(data.people), len(tastes.columns), 50, sequence="halton")
    likelihood = SimulatedLikelihood(data, tastes, draws)
    for size in (0.3, 1.0, 12.0):
        at = np.random.default_rng(1).normal(0, size, len(tastes.names))
        if random is not None:
            at = np.clip(at, -2, 2)
        _, slope = likelihood(at)
        steps = 1e-6 * np.eye(len(at))
        numeric = [(likelihood(at + each)[0] - likelihood(at - each)[0]) / 2e-6 for each in steps]
        np.testing.assert_allclose(slope, numeric, rtol=1e-4, atol=1e-6)


def test_odds_past_all_numbers_are_worked_out_with_care(survey: Callable) -> None:
    """Parameters a thousand times too large give a finite likelihood and slope."""
    data = read_choices(survey(TRUTH, SPREADS, people=10, tasks=5, seed=4)[0], person="respondent")
    tastes = tastes_of(data.coding, None, "price")
    likelihood = SimulatedLikelihood(data, tastes, standard_normal_draws(10, 2, 20))
    level, slope = likelihood(np.array([-2000.0, 500.0, 500.0, 800.0, 800.0]))
    assert np.isfinite(level)
    assert np.isfinite(slope).all()


def test_without_spread_it_is_the_multinomial_logit(survey: Callable) -> None:
    """At spread 0 the simulated likelihood is that of the multinomial logit, whatever the draws."""
    frame, _ = survey(TRUTH, {}, people=30, tasks=5, seed=5)
    plain = fit_mnl(frame)
    data = read_choices(frame, person="respondent")
    likelihood = SimulatedLikelihood(data, tastes_of(data.coding, None, "price"), standard_normal_draws(30, 2, 16))
    level, _ = likelihood(np.concatenate([plain.estimates * likelihood.scale, [0.0, 0.0]]))
    assert -level * 30 == pytest.approx(plain.log_likelihood, rel=1e-12)


def test_known_tastes_are_found_again(model: MixedModel) -> None:
    """Means and spreads of the study lie within their intervals, and both starts reach the same peak."""
    truth = TRUTH | {f"spread of {name}": spread for name, spread in SPREADS.items()}
    for name, value in truth.items():
        assert abs(model.coefficients[name] - value) < ALL_AT_ONCE * model.standard_errors[name]
    assert model.starts["log_likelihood"].std() < 0.01
    assert model.log_likelihood > fit_mnl(model_frame(model)).log_likelihood + 50
    worth = model.willingness_to_pay()["reports"]
    assert worth.low < 1.0 / 0.6 < worth.high
    simulated = model.willingness_to_pay(method="simulated")["reports"]
    assert simulated.low == pytest.approx(worth.low, rel=0.1)
    assert simulated.high == pytest.approx(worth.high, rel=0.1)


def model_frame(model: MixedModel) -> pd.DataFrame:
    """Write a model's choices as a frame again."""
    values = np.concatenate([model.data.chosen[:, None, :], model.data.chosen[:, None, :] + model.data.gaps], axis=1)
    cases, shown, _ = values.shape
    frame = pd.DataFrame(values.reshape(cases * shown, -1), columns=list(model.coding.names))
    position = np.tile(np.arange(shown), cases)
    return frame.assign(
        respondent=np.repeat(np.array(model.data.people)[model.data.person], shown),
        task=np.repeat(np.arange(cases), shown).astype(str),
        alternative=position.astype(str),
        chosen=(position == 0).astype(int),
    )


def test_lognormal_tastes_are_found_again(survey: Callable) -> None:
    """Respondents whose price coefficient is minus a lognormal one give back its two parameters."""
    random = np.random.default_rng(9)
    frame, _ = survey({"price": 0.0, "reports": 0.0}, {}, people=500, tasks=8, seed=31)
    own = -np.exp(random.normal(-0.5, 0.6, 500))[frame["respondent"].str[1:].astype(int)]
    utility = own * frame["price"] + 1.0 * frame["reports"] + random.gumbel(size=len(frame))
    best = utility.groupby([frame["respondent"], frame["task"]]).transform("max")
    frame = frame.assign(chosen=(utility == best).astype(int))
    model = fit_mixed_logit(frame, random={"price": "lognormal"}, starts=2, draws=256)
    for name, value in {"price": -0.5, "reports": 1.0, "spread of price": 0.6}.items():
        assert abs(model.coefficients[name] - value) < ALL_AT_ONCE * model.standard_errors[name]
    assert model.tastes.middle(model.estimates)[0] == pytest.approx(-np.exp(model.coefficients["price"]))
    assert (model.individual(draws=20).draws[:, :, 0] < 0).all()
    assert "negative lognormal" in set(model.table["distribution"])


def test_single_respondents_are_told_apart(study: tuple[pd.DataFrame, np.ndarray], model: MixedModel) -> None:
    """Averages given the choices follow the true tastes, and the draws of each respondent hold its truth."""
    own = model.individual(draws=200, seed=3)
    assert own.draws.shape == (400, 200, 3)
    assert own.respondents[0] == "R0000"
    for column in (1, 2):
        truth = study[1][:, column]
        # How well averages follow the truth is how much of its spread they keep.
        kept = own.means[:, column].std() / model.estimates[column + 2]
        assert np.corrcoef(own.means[:, column], truth)[0, 1] == pytest.approx(kept, abs=0.08)
        low, high = np.quantile(own.draws[:, :, column], (0.05, 0.95), axis=1)
        # Draws take the estimates of everybody's tastes for certain, which costs some of the 90%.
        assert 0.8 <= ((low <= truth) & (truth <= high)).mean() <= 0.95
        np.testing.assert_allclose(own.draws[:, :, column].mean(axis=1), own.means[:, column], atol=0.3)
    # Averages over respondents lead back to everybody's (Train 2009, section 11.5).
    np.testing.assert_allclose(own.means.mean(axis=0), model.estimates[:3], atol=0.08)
    worth = own.willingness()
    np.testing.assert_allclose(worth[:, :, 1], own.draws[:, :, 1] / -own.draws[:, :, 0])
    np.testing.assert_array_equal(model.individual(draws=200, seed=3).draws, own.draws)
    assert list(own.table.columns) == ["respondent", "price", "reports", "support"]


def test_weighed_candidates_agree_with_plain_chance(model: MixedModel) -> None:
    """A respondent's averages equal those from 200,000 draws by chance weighed by hand."""
    own = model.individual()
    random = np.random.default_rng(2)
    taste = np.tile(model.estimates[:3], (200_000, 1))
    taste[:, 1:] += random.normal(size=(200_000, 2)) * model.estimates[3:]
    for person in (0, 7):
        gaps = model.data.gaps[model.data.person == person]
        likelihood = (1 / (1 + np.exp(np.einsum("cjk,rk->rcj", gaps, taste)).sum(axis=2))).prod(axis=1)
        expected = (likelihood[:, None] * taste).sum(axis=0) / likelihood.sum()
        np.testing.assert_allclose(own.means[person], expected, atol=0.02)


def test_predicted_chances_are_averages_over_tastes(study: tuple[pd.DataFrame, np.ndarray], model: MixedModel) -> None:
    """Chances add up to 1 in every case and come close to how often alternatives were chosen."""
    frame = study[0]
    chance = model.predict(frame)
    np.testing.assert_allclose(chance.groupby([frame["respondent"], frame["task"]]).sum(), 1.0, rtol=1e-12)
    for name in TRUTH:
        seen = frame["chosen"].groupby(frame[name]).mean()
        np.testing.assert_allclose(chance.groupby(frame[name]).mean(), seen, atol=0.03)


def test_the_spread_of_willingness_is_that_of_the_distributions(model: MixedModel) -> None:
    """With a price alike for everybody, quantiles are those of a normal distribution, in money."""
    found = model.spread_of_willingness().set_index("attribute")
    price, mean = -model.coefficients["price"], model.coefficients["support"]
    spread = model.coefficients["spread of support"]
    assert found.loc["support", "p50"] == pytest.approx(mean / price, abs=0.02)
    assert found.loc["support", "p90"] == pytest.approx((mean + 1.2816 * spread) / price, rel=0.02)
    assert 0.5 < found.loc["support", "positive"] < 0.7


def test_the_sample_survey_gives_its_truth_back() -> None:
    """The bundled choices were drawn from known tastes: all of them lie within their intervals at once.

    The levels of the intervals are such that all hold at once nine times in ten.
    """
    truth = json.loads((DATA / "sample_truth.json").read_text(encoding="utf-8"))["surveys"]
    unit = float(truth["choice_units"]["price"].split()[1])
    shown = CustomerBase.load(DATA / "sample", as_of="2024-12-31").survey_choice
    doublings = np.log2(shown["data_included_gb"].clip(lower=1) / 250).where(shown["none"] == 0, 0.0)
    frame = shown.assign(price=shown["price"] / unit, data_included_gb=doublings)
    spread = [name for name, each in truth["choice_utility"].items() if each["spread"] > 0]
    model = fit_mixed_logit(frame, random=dict.fromkeys(spread, "normal"), starts=2)
    assert set(model.coding.names) == set(truth["choice_utility"])
    for name, each in truth["choice_utility"].items():
        assert abs(model.coefficients[name] - each["mean"]) < ALL_AT_ONCE * model.standard_errors[name]
        if name in spread:
            label = f"spread of {name}"
            assert abs(model.coefficients[label] - each["spread"]) < ALL_AT_ONCE * model.standard_errors[label]


def test_weights_of_respondents_count_and_must_not_change(study: tuple[pd.DataFrame, np.ndarray]) -> None:
    """Doubling respondents and weighing them twice climb to the same place; a changing weight is refused."""
    frame = study[0][study[0]["respondent"] < "R0060"]
    first = frame["respondent"] < "R0030"
    settings = {"random": {"support": "normal"}, "starts": 1, "draws": 128}
    weighted = fit_mixed_logit(frame, weights=np.where(first, 3.0, 1.0), **settings)
    plain = fit_mixed_logit(frame, **settings)
    assert weighted.coefficients["support"] != pytest.approx(plain.coefficients["support"], abs=1e-3)
    same = fit_mixed_logit(frame, weights=np.full(len(frame), 5.0), **settings)
    np.testing.assert_allclose(same.estimates, plain.estimates, rtol=1e-3, atol=1e-4)
    with pytest.raises(DataErrors, match="one weight per respondent"):
        fit_mixed_logit(frame, weights=np.where(frame["task"] == "1", 3.0, 1.0), **settings)


def test_cautions_name_one_start_and_a_price_some_seem_to_like(study: tuple[pd.DataFrame, np.ndarray]) -> None:
    """One start is told; so is a normal price coefficient by which many like to pay more."""
    frame = study[0][study[0]["respondent"] < "R0120"]
    liking = frame["respondent"].str[1:].astype(int) % 3 == 0
    turned = frame.assign(price=frame["price"].where(~liking, 7 - frame["price"]))
    model = fit_mixed_logit(turned, random={"price": "normal"}, starts=1, draws=128)
    told = " ".join(each.text for each in model.cautions)
    assert "one start only" in told
    assert "like to pay more" in told
    assert "lognormal" in told


def test_separated_choices_end_and_are_told(study: tuple[pd.DataFrame, np.ndarray]) -> None:
    """When everybody takes what has reports, the climbs end and the column is named."""
    frame = study[0][study[0]["respondent"] < "R0040"]
    keys = [frame["respondent"], frame["task"]]
    rank = frame["reports"] - 0.01 * frame["price"] - 0.0001 * frame["alternative"].astype(int)
    chosen = (rank == rank.groupby(keys).transform("max")).astype(int)
    model = fit_mixed_logit(frame.assign(chosen=chosen), random={"support": "normal"}, starts=1, draws=32)
    assert "reports" in model.separated
    assert "no finite coefficient" in model.cautions[0].text


def test_settings_that_make_no_sense_are_refused(study: tuple[pd.DataFrame, np.ndarray]) -> None:
    """Unknown distributions, attributes and sequences, and too few starts or draws, are named."""
    frame = study[0]
    for settings, words in (
        ({"random": {"reports": "uniform"}}, "distribution 'uniform'"),
        ({"random": {"colour": "normal"}}, "colour"),
        ({"random": {}}, "No coefficient"),
        ({"starts": 0}, "0 starts"),
        ({"draws": 0}, "0 draws"),
        ({"sequence": "dice"}, "no sequence"),
        ({"respondent": "who"}, "no column .who."),
    ):
        with pytest.raises(ResearchError, match=words):
            fit_mixed_logit(frame, **settings)


def test_the_reading_names_what_divides_respondents(model: MixedModel) -> None:
    """Money with its range, and the attribute respondents differ most about."""
    assert "400 respondents, 3,200 choices" in model.reading
    assert "$" in model.reading
    assert "differ most about support" in model.reading
