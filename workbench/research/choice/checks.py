"""What makes estimates of choices impossible or doubtful: collinear columns, separation, dominated alternatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count, percent
from workbench.research.choice.coding import NONE
from workbench.research.choice.fitted import covariance_of
from workbench.research.choice.newton import column_scale
from workbench.research.errors import ResearchError
from workbench.results import Caution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.research.choice.data import ChoiceData
    from workbench.research.choice.newton import NewtonResult

_FLAT = 1e-9
_NAMED = 0.05
FEWEST_CHOICES = 6
"""Choices per respondent below which tastes of single respondents rest mostly on everybody else's."""
MOST_DOMINATED = 0.1
_SETTLED = 2.0
_LARGE_ERROR = 2.0
_MANY_STEPS = 15
_PER_COLUMN = 10


def require_separate_columns(data: ChoiceData) -> None:
    """Raise when columns do not vary inside cases, or add up to one another, naming them."""
    names = data.coding.names
    flat = data.gaps.reshape(-1, len(names))
    size = np.abs(flat).max(axis=0)
    if constant := [name for name, each in zip(names, size, strict=True) if each == 0]:
        raise ResearchError(
            f"The alternatives of a case never differ in {', '.join(constant)}, so nothing can be learned about it.",
            "Leave it out, or show alternatives that differ in it.",
        )
    scaled = flat / column_scale(data)
    values, vectors = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    tied = np.abs(vectors[:, values < _FLAT * values[-1]]).max(axis=1, initial=0.0) > _NAMED
    if tied.any():
        raise ResearchError(
            f"These columns are collinear, each is a sum of the others: {', '.join(np.array(names)[tied])}.",
            "Leave one of them out.",
        )


def separated_columns(data: ChoiceData, found: NewtonResult) -> tuple[str, ...]:
    """Return the columns along which every choice goes one way, so that no finite coefficient is best.

    Asked only where the multinomial logit ended oddly. A linear program looks for a direction in which no chosen
    alternative is ever worse than another one shown, and some are better (Albert & Anderson 1984, Biometrika 71, 1-10).
    """
    if not _ended_oddly(data, found):
        return ()
    from scipy.optimize import linprog  # noqa: PLC0415 - loads slowly; only doubtful fits come here

    flat = (data.gaps / column_scale(data)).reshape(-1, data.gaps.shape[2])
    used = flat[np.repeat(data.weight > 0, data.gaps.shape[1])]
    best = linprog(used.sum(axis=0), A_ub=used, b_ub=np.zeros(len(used)), bounds=(-1, 1), method="highs")
    if best.status != 0 or best.fun > -_FLAT * len(used):
        return ()
    return tuple(name for name, part in zip(data.coding.names, best.x, strict=True) if abs(part) > _NAMED)


def separated_caution(columns: tuple[str, ...]) -> Caution:
    """Return a warning about columns whose coefficient has no finite best value."""
    return Caution(
        f"Every choice goes the same way along {', '.join(columns)}: no finite coefficient is best, and its size and "
        "interval say nothing. Ask more people, or leave it out."
    )


def _ended_oddly(data: ChoiceData, found: NewtonResult) -> bool:
    """Tell whether the climb was long, did not arrive, or left errors beyond all sense."""
    variance = np.diag(covariance_of(found.point.information)) * column_scale(data) ** 2
    settled = found.arrived and found.steps < _MANY_STEPS and np.isfinite(variance).all()
    return not settled or bool((variance > _LARGE_ERROR**2).any())


@dataclass(frozen=True)
class Dominated:
    """In how many cases an alternative was better in nothing and worse in something, and how often it was chosen."""

    cases: int
    chosen: int
    of_cases: int


def dominated(data: ChoiceData, coefficients: NDArray[np.float64], errors: NDArray[np.float64]) -> Dominated:
    """Count dominated alternatives: alike in all that is a matter of taste, otherwise never better and once worse.

    What is better follows from the signs of the coefficients. Levels of words, and columns whose sign the choices do
    not settle, are matters of taste.
    """
    words = np.array([column.level is not None or column.name == NONE for column in data.coding.columns])
    taste = words | ~(np.abs(coefficients) > _SETTLED * errors)
    gains = data.gaps * np.sign(coefficients)
    offered = np.ones(gains.shape[:2], dtype=bool) if data.offered is None else data.offered
    chosen = (_worse(-gains, taste) & offered).any(axis=1)
    cases = chosen | (_worse(gains, taste) & offered).any(axis=1)
    for one in range(gains.shape[1]):
        for other in range(one + 1, gains.shape[1]):
            gap = gains[:, one] - gains[:, other]
            cases |= (_worse(gap, taste) | _worse(-gap, taste)) & offered[:, one] & offered[:, other]
    return Dominated(int(cases.sum()), int(chosen.sum()), len(data))


def _worse(gap: NDArray[np.float64], taste: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell where the first of two alternatives is dominated; `gap` (..., K) is what it has more of what is good."""
    rest = gap[..., ~taste]
    return (gap[..., taste] == 0).all(axis=-1) & (rest <= 0).all(axis=-1) & (rest < 0).any(axis=-1)


def data_cautions(data: ChoiceData, coefficients: NDArray[np.float64], errors: NDArray[np.float64]) -> list[Caution]:
    """Return what the choices themselves say about how far to trust what is estimated from them."""
    cautions = []
    columns = len(data.coding.columns)
    if data.person is not None:
        median = float(np.median(np.bincount(data.person)))
        if median < FEWEST_CHOICES:
            cautions.append(
                Caution(
                    f"Half of the respondents made {median:g} choices or fewer; ask {FEWEST_CHOICES} or more of each "
                    "to tell respondents apart."
                )
            )
    if len(data) < _PER_COLUMN * columns:
        cautions.append(
            Caution(f"There are {count('choice', len(data))} for {count('coefficient', columns)}; estimates are rough.")
        )
    found = dominated(data, coefficients, errors)
    if found.cases > MOST_DOMINATED * found.of_cases:
        cautions.append(
            Caution(
                f"In {percent(found.cases / found.of_cases)} of the cases an alternative is better in nothing and "
                f"worse in something than another one shown; such a one was chosen in {count('case', found.chosen)}. "
                "These cases say little about what people would pay, and choosing it says that the answer was careless "
                "or that an attribute is missing.",
                "note",
            )
        )
    return cautions


def price_caution(price: str, coefficient: float) -> Caution | None:
    """Return a warning when a higher price seems to be liked."""
    if coefficient < 0:
        return None
    return Caution(
        f"The coefficient of {price} is not negative: dearer alternatives were chosen more often, other things equal. "
        "What people would pay cannot be read from these choices; look for an attribute that moves with the price."
    )
