"""What every chart shares: log axes that carry numbers, however few the accounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.stages.figure import LOG_ROOM, Figure, log_axis, log_span

if TYPE_CHECKING:
    from collections.abc import Sequence


@given(st.floats(1e-5, 1e9), st.floats(1, 1e6))
def test_a_log_axis_spans_its_data_with_room_for_two_numbers(low: float, over: float) -> None:
    """The axis holds the data, is as wide as asked, and no wider than the data where they are wide enough."""
    first, last = log_span(low, low * over)
    assert first <= low * (1 + 1e-9)
    assert last >= low * over * (1 - 1e-9)
    assert last / first == pytest.approx(max(over, LOG_ROOM), rel=1e-6)


def _chart() -> alt.Chart:
    x = alt.X("at:Q", scale=alt.Scale(type="log", nice=False), axis=log_axis("x", "'at ' + datum.value"))
    return alt.Chart(alt.NamedData("points")).mark_point().encode(x=x)


@pytest.mark.parametrize("ends", [(150.0, 150.0), (11.0, 11.0), (38.0, 42.0), (0.02, 0.02), (2.1, 2.2), (1.0, 1e6)])
def test_the_axis_of_one_price_has_two_numbers_and_none_outside(ends: Sequence[float]) -> None:
    """Around a single value or along a wide range, a few numbers lie on the axis, none of them twice."""
    low, high = log_span(*ends)
    rows = pd.DataFrame({"at": [low, high]})
    figure = Figure(key="log", title="", description="", reading="", build=_chart, data={"points": rows})
    told = [float(text) for text in re.findall(r">at ([0-9.e-]+)<", figure.static_svg())]
    assert 2 <= len(told) == len(set(told)) <= 14
    assert all(low * (1 - 1e-9) <= value <= high * (1 + 1e-9) for value in told)
