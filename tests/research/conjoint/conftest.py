"""Choices with known tastes, and the published yogurt data."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[4] / "shared" / "oracles"))


def _file(name: str) -> Path:
    path = ORACLES / name
    if not path.exists():
        pytest.skip(f"the published numbers are not at {path}; set WORKBENCH_ORACLES to their folder")
    return path


@pytest.fixture(scope="session")
def published() -> dict:
    """Return the published estimates."""
    return json.loads(_file("choice_models.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def yogurt() -> pd.DataFrame:
    """Return the yogurt choices of 100 households (Jain, Vilcassim & Chintagunta 1994; data of R package logitr)."""
    return pd.read_csv(_file("data/yogurt_long.csv")).rename(columns={"alt": "brand"})


@pytest.fixture(scope="session")
def survey() -> Callable[..., tuple[pd.DataFrame, np.ndarray]]:
    """Return what makes surveys of known tastes."""
    return _survey


def _survey(
    means: dict[str, float], spreads: dict[str, float], *, people: int, tasks: int, seed: int, shown: int = 3
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a survey in the bundled layout, and each respondent's true coefficients in the order of `means`.

    Prices are 1 to 6, other attributes 0 or 1.
    """
    random = np.random.default_rng(seed)
    names = list(means)
    taste = np.array([means[name] + spreads.get(name, 0.0) * random.normal(size=people) for name in names]).T
    shape = (people, tasks, shown)
    values = np.stack(
        [random.integers(1, 7, shape) if name == "price" else random.integers(0, 2, shape) for name in names], axis=-1
    ).astype(float)
    utility = np.einsum("ptak,pk->pta", values, taste) + random.gumbel(size=shape)
    picked = utility.argmax(axis=2)
    grid = np.indices(shape).reshape(3, -1)
    frame = pd.DataFrame(
        {
            "respondent": [f"R{number:04}" for number in grid[0]],
            "task": (grid[1] + 1).astype(str),
            "alternative": (grid[2] + 1).astype(str),
            "chosen": (picked[grid[0], grid[1]] == grid[2]).astype(int),
        }
    )
    return frame.assign(**{name: values[..., at].ravel() for at, name in enumerate(names)}), taste
