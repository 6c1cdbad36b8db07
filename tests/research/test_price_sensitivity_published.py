"""The price points published with the R package pricesensitivitymeter, in both its versions and our convention."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.research import van_westendorp

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))
FILE = ORACLES / "van_westendorp.json"
NAMES = {"tch": "too_cheap", "ch": "cheap", "ex": "expensive", "tex": "too_expensive",
         "pi_cheap": "intent_cheap", "pi_expensive": "intent_expensive", "w": "weight"}  # fmt: skip
POINTS = {"PMC": "pmc", "PME": "pme", "IDP": "idp", "OPP": "opp"}


def _file() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def _cases(kind: str) -> list:
    """List the published results of one kind as parameters, or one that says why they are not here."""
    published = _file()
    if not published:
        reason = f"the published cases are not at {FILE}; set WORKBENCH_ORACLES to their folder"
        return [pytest.param("", "", marks=pytest.mark.skip(reason=reason))]
    if kind == "linear":
        return [pytest.param(name.partition("__")[0], name, id=name) for name in published["linear_results"]]
    return [
        pytest.param(name, key, id=f"{name}-{key}") for name, case in published["cases"].items()
        for key in case["results"]
    ]  # fmt: skip


def _frame(case: str, *, weighted: bool) -> pd.DataFrame:
    frame = pd.DataFrame(_file()["cases"][case]["data"]).rename(columns=NAMES)
    return frame if weighted or "weight" not in frame else frame.drop(columns="weight")


@pytest.mark.parametrize(("case", "key"), _cases("linear"))
def test_the_default_convention_gives_every_stretch(case: str, key: str) -> None:
    """By the default convention every point is the published stretch, weighted or not, in both ranges."""
    expected = _file()["linear_results"][key]
    frame = _frame(case, weighted="weighted" in key)
    standard, narrower = (van_westendorp(frame, range_=kind, samples=20) for kind in ("standard", "narrower"))
    for name, point in POINTS.items():
        assert getattr(standard, point) == pytest.approx(expected[name], abs=1e-9), name
    assert narrower.pmc == pytest.approx(expected["PMC_narrow"], abs=1e-9)
    assert narrower.pme == pytest.approx(expected["PME_narrow"], abs=1e-9)
    assert (standard.valid, standard.total) == (expected["n_valid"], expected["n"])
    assert standard.invalid == expected["n"] - expected["n_valid"]


@pytest.mark.parametrize(("case", "key"), _cases("r"))
def test_both_versions_of_the_r_package_are_followed_to_the_last_digit(case: str, key: str) -> None:
    """Points, reach and revenue are those of version 1.3.0 and 1.3.3, with each of their settings."""
    expected = _file()["cases"][case]["results"][key]
    result = van_westendorp(
        _frame(case, weighted="weighted" in key),
        convention="r-1.3.0" if key.startswith("v1.3.0") else "r-1.3.3",
        range_="narrower" if "narrower" in key else "standard",
        touching=key.partition("_method_")[2] or None,
        grid_step=0.01 if "interp0.01" in key else None,
        keep_invalid="novalidate" in key,
        samples=20,
    )
    for name, point in POINTS.items():
        assert getattr(result, point) == pytest.approx((expected[name],) * 2, abs=1e-9), name
    if "max_reach" in expected:
        assert result.reach_price == expected["price_optimal_reach"]
        assert result.revenue_price == expected["price_optimal_revenue"]
        assert result.reach_curve is not None
        assert result.reach_curve["reach"].max() == pytest.approx(expected["max_reach"], abs=1e-12)
        assert result.reach_curve["revenue"].max() == pytest.approx(expected["max_revenue"], abs=1e-9)
    if "novalidate" not in key:
        assert result.invalid == expected["n_invalid"]
    assert result.total == expected["n_total"]


def test_the_vignette_on_software_prices_by_hand() -> None:
    """Twelve respondents, one out of order: the points of the default convention, worked out by hand.

    At 20, 8 of 11 have called a price cheap and none expensive, at 25 it is 10 and 2: together they reach 11 three
    quarters of the way. From 20 on nobody finds a price too cheap, and below 39 nobody too expensive: they touch.
    """
    frame = pd.DataFrame(
        {
            "too_cheap": [5, 5, 10, 10, 15, 8, 12, 10, 20, 5, 10, 25],
            "cheap": [15, 10, 20, 19, 25, 15, 20, 25, 29, 12, 20, 20],
            "expensive": [29, 25, 39, 29, 49, 29, 35, 49, 59, 25, 39, 30],
            "too_expensive": [49, 39, 59, 49, 79, 45, 59, 99, 89, 39, 49, 40],
        }
    )
    result = van_westendorp(frame, samples=20)
    assert result.pmc == (12, 12)
    assert result.pme == (45, 45)
    assert result.idp == pytest.approx((23.75, 23.75))
    assert result.opp == (20, 35)
    # The R package prints one price for a point: the first of those that tie, unless asked for another.
    assert van_westendorp(frame, convention="r-1.3.0", samples=20).opp == (20, 20)
    stretch = van_westendorp(frame, convention="r-1.3.0", touching="range", samples=20).opp
    assert stretch is not None
    assert stretch[0] == 20 < stretch[1]
    assert result.invalid_rows["row"].tolist() == [13]
    assert result.invalid_rows["why"].tolist() == ["too cheap is not below cheap"]
    np.testing.assert_allclose(result.curves.loc[result.curves["price"] == 20, "too_expensive"], 0)
