"""The charts of feature research draw what the results say, in few marks, with names that do not cover each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import vl_convert

from workbench.customers import CustomerBase
from workbench.research import feature_values, kano, maxdiff, turf
from workbench.stages.willingness.figures_preferences import feature_figures, spread_labels

if TYPE_CHECKING:
    from workbench.stages.figure import Figure

DATA = Path(__file__).parents[3] / "data" / "sample"


@pytest.fixture(scope="module")
def drawn() -> dict[str, Figure]:
    """Return the figures of the sample company's surveys by key."""
    base = CustomerBase.load(DATA, as_of="2024-12-31")
    ranked, fits = maxdiff(base.survey_best_worst, samples=100), kano(base.survey_feature_fit, samples=100)
    found = feature_figures(ranked, fits, turf(ranked.wanted(0.5)), feature_values(base, ranked, fits))
    return {figure.key: figure for figure in found}


def test_every_figure_can_be_drawn_and_says_what_it_shows(drawn: dict[str, Figure]) -> None:
    """Four figures draw as pictures, light and dark, with description, reading, table and footnotes."""
    assert list(drawn) == ["feature-preference", "feature-reach", "feature-fit", "feature-places"]
    for figure in drawn.values():
        assert len(figure.description) > 40
        assert figure.reading.endswith(".")
        assert len(figure.table)
        assert figure.footnotes
        for dark in (False, True):
            assert vl_convert.vegalite_to_svg(figure.full_spec(dark=dark)).startswith("<svg")
        assert sum(len(frame) for frame in figure.data.values()) < 200


def test_only_results_that_are_there_are_drawn() -> None:
    """Without any result there is no figure."""
    assert feature_figures() == ()


def test_preference_is_sorted_and_reach_stops_where_nothing_is_added(drawn: dict[str, Figure]) -> None:
    """The most preferred feature stands first; sizes end with the first that reaches everybody reachable."""
    shares = drawn["feature-preference"].data["preference"]["share"]
    assert shares.is_monotonic_decreasing
    reach = drawn["feature-reach"].data["reach"]["share"]
    assert reach.is_monotonic_increasing
    assert reach.is_unique


def test_unknown_use_is_said_not_drawn_as_zero() -> None:
    """A feature nobody recorded the use of has no point, and the words say that its use is unknown."""
    base = CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": ["a"]}),
            "mrr": pd.DataFrame({"account_id": ["a"], "month": "2024-01", "amount": [5.0]}),
            "features": pd.DataFrame({"feature": ["Mystery"], "must_have": [True]}),
        }
    )
    (figure,) = feature_figures(values=feature_values(base))
    assert figure.data["places"]["adoption"].isna().all()
    assert "use unknown" in vl_convert.vegalite_to_svg(figure.full_spec())


def test_names_stay_inside_and_apart() -> None:
    """Names beside crowded points lie on the map, and no two of them overlap."""
    random = np.random.default_rng(3)
    x, y = random.uniform(0.4, 0.7, 12), random.uniform(0.6, 0.9, 12)
    lengths = [14] * 12
    places = spread_labels(x, y, lengths)
    width = 14 * 0.0155
    left = np.where(np.array(places.align) == "left", places.x, places.x - width)
    assert ((left >= 0) & (left + width <= 1)).all()
    for one in range(12):
        for two in range(one):
            beside = abs(left[one] - left[two]) >= width - 1e-9
            apart = abs(places.y[one] - places.y[two]) >= 0.042 - 1e-9
            assert beside or apart


def test_a_lone_name_stands_right_of_its_point_or_left_at_the_edge() -> None:
    """A name stands on its point's height: to the right, or to the left where the map ends."""
    places = spread_labels(np.array([0.2, 0.95]), np.array([0.5, 0.9]), [10, 10])
    assert places.align == ["left", "right"]
    assert places.y.tolist() == [0.5, 0.9]
