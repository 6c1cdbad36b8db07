"""Hierarchical Bayes: convergence figures anywhere, and a small real run where the extra is installed."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.errors import MissingLibraryError, WorkbenchError
from workbench.research import ResearchError, fit_hierarchical
from workbench.research.conjoint.hierarchical import convergence, effective_samples, split_r_hat

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.research import HierarchicalModel

pytestmark = pytest.mark.slow

REQUIRED = os.environ.get("WORKBENCH_BAYES_REQUIRED") == "1"
TRUTH = {"price": -0.6, "reports": 1.0, "support": 0.2}
SPREADS = {"reports": 0.8, "support": 1.2}


@pytest.fixture(scope="module")
def extra() -> None:
    """Skip without the extra, unless it is required."""
    if not importlib.util.find_spec("numpyro"):
        reason = "numpyro is not installed: `make setup-bayes` installs the locked extra"
        (pytest.fail if REQUIRED else pytest.skip)(reason)


@pytest.fixture(scope="module")
def fitted(extra: None, survey: Callable) -> tuple[HierarchicalModel, np.ndarray]:
    """Fit 60 respondents for real."""
    assert extra is None
    frame, taste = survey(TRUTH, SPREADS, people=60, tasks=8, seed=12)
    return fit_hierarchical(frame, warm_up=120, samples=120, chains=2, seed=2, currency="USD"), taste


def _noise(chains: int, samples: int, hold: float, seed: int = 1) -> np.ndarray:
    """Return chains in which each sample keeps a part of the one before."""
    random = np.random.default_rng(seed)
    fresh = random.normal(size=(chains, samples + 200))
    made = np.zeros_like(fresh)
    for at in range(1, fresh.shape[1]):
        made[:, at] = hold * made[:, at - 1] + fresh[:, at]
    return made[:, 200:]


@pytest.mark.usefixtures("extra")
@pytest.mark.parametrize("hold", [0.0, 0.5, 0.9])
def test_effective_samples_are_those_of_a_known_chain(hold: float) -> None:
    """A chain that keeps a part h of its last value has n (1 - h) / (1 + h) independent samples."""
    chains = _noise(4, 20_000, hold)
    assert effective_samples(chains) == pytest.approx(80_000 * (1 - hold) / (1 + hold), rel=0.1)


@pytest.mark.usefixtures("extra")
def test_r_hat_is_one_when_chains_agree_and_more_when_not() -> None:
    """Chains from one distribution have R-hat 1; a chain shifted by three standard deviations is found."""
    chains = _noise(4, 2000, 0.0)
    assert split_r_hat(chains) == pytest.approx(1.0, abs=0.005)
    assert split_r_hat(chains + np.array([[0.0], [0.0], [0.0], [3.0]])) > 1.3
    drifting = chains + np.linspace(0, 3, 2000)
    assert split_r_hat(drifting) > 1.1  # halves of one chain differ, though the chains do not


@pytest.mark.usefixtures("extra")
def test_bad_convergence_is_told() -> None:
    """Chains apart, few samples and steps astray each bring a caution; good chains bring none."""
    good = convergence({"a": _noise(4, 1000, 0.0)}, 0)
    assert good.cautions == ()
    bad = convergence({"a": _noise(4, 100, 0.9) + np.array([[0.0], [0.0], [0.0], [9.0]])}, 3)
    told = " ".join(each.text for each in bad.cautions)
    assert "do not agree" in told
    assert "independent" in told
    assert "astray 3 times" in told


def test_without_the_extra_it_says_how_to_install_it(survey: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing library is a WorkbenchError with the command."""
    monkeypatch.setitem(sys.modules, "numpyro", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'pricing-design-workbench\[bayes\]'") as raised:
        fit_hierarchical(survey(TRUTH, SPREADS, people=5, tasks=3, seed=1)[0])
    assert isinstance(raised.value, WorkbenchError)


def test_the_truth_lies_within_the_ranges(fitted: tuple[HierarchicalModel, np.ndarray]) -> None:
    """Five parameters at 98% each all hold at once in nine studies of ten."""
    model, _ = fitted
    found = model.intervals(0.98)
    for name, value in (TRUTH | {f"spread of {name}": spread for name, spread in SPREADS.items()}).items():
        assert found[name].low < value < found[name].high, name
    worth = model.willingness_to_pay(level=0.98)["reports"]
    assert worth.low < 1.0 / 0.6 < worth.high


def test_convergence_is_part_of_the_result(fitted: tuple[HierarchicalModel, np.ndarray]) -> None:
    """R-hat and effective samples stand beside every parameter, and in the reading."""
    model, _ = fitted
    assert list(model.convergence.table["parameter"]) == list(model.names)
    assert 0.9 < model.convergence.worst_r_hat < 1.2
    assert model.convergence.fewest_effective > 20
    assert "R-hat" in model.reading
    assert model.convergence.cautions == model.cautions[: len(model.convergence.cautions)]


def test_single_respondents_are_told_apart(fitted: tuple[HierarchicalModel, np.ndarray]) -> None:
    """Averages follow true tastes; draws are those of the samples and shaped as for the mixed logit."""
    model, taste = fitted
    own = model.individual(draws=100)
    assert own.draws.shape == (60, 100, 3)
    assert np.corrcoef(own.means[:, 2], taste[:, 2])[0, 1] > 0.6
    assert own.effective.shape == (60,)
    assert model.individual(draws=500).draws.shape == (60, 500, 3)
    assert model.correlations.shape == (2, 2)
    assert list(model.table["attribute"]) == list(TRUTH)


def test_settings_that_make_no_sense_are_refused(
    fitted: tuple[HierarchicalModel, np.ndarray], survey: Callable
) -> None:
    """No samples or chains at all are refused."""
    assert fitted
    with pytest.raises(ResearchError, match="0 chains"):
        fit_hierarchical(survey(TRUTH, SPREADS, people=5, tasks=3, seed=1)[0], chains=0)
