"""Figures: one specification per look, rows as JSON, the same picture every time, and one readable look."""

from __future__ import annotations

import json
from decimal import Decimal
from html import unescape
from itertools import combinations

import altair as alt
import numpy as np
import pandas as pd
import pytest
from price_stage import bill_chart, bills_figure, curve_chart

from workbench.stages import figure
from workbench.stages.figure import Figure, as_typed, chart_rows, records

BACKGROUNDS = {"white": "#FFFFFF", "dark": "#111111"}


def test_a_chart_is_built_once_for_each_look() -> None:
    """Same key and signature: one build, however often the data change; another signature: another build."""
    calls = []

    def build() -> alt.Chart:
        calls.append(1)
        return bill_chart()

    bills_figure([1.0], "x", build).spec()
    bills_figure([2.0, 3.0], "x", build).spec()
    assert len(calls) == 1
    bills_figure([2.0], "y", build).spec()
    assert len(calls) == 2


def test_the_description_follows_the_data() -> None:
    """The cached specification does not keep an old description."""
    assert bills_figure([1.0]).spec()["description"] == "Bars of 1 bills."
    assert bills_figure([1.0, 2.0]).spec()["description"] == "Bars of 2 bills."


def test_the_full_specification_stands_alone() -> None:
    """It is plain JSON and holds its rows."""
    spec = json.loads(json.dumps(bills_figure([1.0, float("nan")]).full_spec(), allow_nan=False))
    assert spec["datasets"] == {"bills": [{"account": "a0", "bill": 1.0}, {"account": "a1", "bill": None}]}
    assert spec["width"] == figure.STATIC_WIDTH


def test_a_picture_is_the_same_every_time_and_escapes_text() -> None:
    """Same figure, same bytes; a name that is a script stays text."""
    frame = pd.DataFrame({"account": ["</text><script>x</script>"], "bill": [3.0]})
    figure = Figure(key="b", title="", description="Bars.", reading="", build=bill_chart, data={"bills": frame})
    picture = figure.static_svg()
    assert picture == figure.static_svg()
    assert "<script" not in picture
    assert picture.startswith("<svg")


def test_a_users_own_theme_does_not_leak_in() -> None:
    """A theme switched on for hand-written charts changes no figure, and building a figure leaves it on."""
    with alt.theme.enable("dark"):
        spec = bills_figure([1.0], "themed").spec()
        assert alt.theme.active == "dark"
    assert spec["config"]["background"] == "transparent"


def test_layers_name_their_data_and_stretch() -> None:
    """A layered chart draws from both data sets and takes the width of its place."""
    curve = pd.DataFrame({"price": [0.0, 1.0], "revenue": [0.0, 2.0]})
    here = pd.DataFrame({"price": [0.5]})
    figure = Figure(
        key="c", title="", description="", reading="", build=curve_chart, data={"curve": curve, "here": here}
    )
    assert "width" not in figure.spec()
    assert figure.full_spec()["autosize"] == {"type": "fit-x", "contains": "padding"}
    assert figure.static_svg().count("mark-rule role-mark") == 1


def test_rows_carry_every_kind_of_value_and_leave_the_frame_alone() -> None:
    """Dates are local text, unknown numbers null, decimals numbers, categories text; the frame stays as it was."""
    frame = pd.DataFrame(
        {
            "month": pd.to_datetime(["2024-01-01", None]),
            "count": [1, 2],
            "share": [0.5, np.inf],
            "exact": [Decimal("1.25"), None],
            "group": pd.Categorical(["a", None]),
            "flag": [True, False],
            "gap": pd.array([1, None], dtype="Int64"),
            "name": ["x", np.nan],
        }
    )
    before = frame.copy(deep=True)
    rows = chart_rows(frame)
    assert rows["dates"] == ["month"]
    assert rows["columns"] == {
        "month": ["2024-01-01T00:00:00", None],
        "count": [1, 2],
        "share": [0.5, None],
        "exact": [1.25, None],
        "group": ["a", None],
        "flag": [True, False],
        "gap": [1.0, None],
        "name": ["x", None],
    }
    assert records(rows)[1]["count"] == 2
    pd.testing.assert_frame_equal(frame, before)


def linear(colour: str) -> np.ndarray:
    """Return linear red, green and blue of a colour."""
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio as the accessibility guidelines (WCAG 2.2) define it."""
    light, dark = sorted((float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", BACKGROUNDS)
def test_every_colour_reads_on_both_grounds(ground: str) -> None:
    """Marks have a contrast of at least 3 to 1 on white and on the dark theme."""
    for colour in (*figure.PALETTE.series, figure.PALETTE.watch):
        assert contrast(colour, BACKGROUNDS[ground]) >= 3, colour


def test_roles_stay_apart_for_readers_with_red_green_blindness() -> None:
    """Seen without green-sensitive cones (Machado, Oliveira and Fernandes 2009), no two roles look alike."""
    deuteranopia = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    )
    palette = figure.PALETTE
    roles = (palette.ours, palette.today, palette.competitor, palette.ok, palette.watch, palette.breach)
    seen = {colour: np.clip(deuteranopia @ linear(colour), 0, 1) ** (1 / 2.2) for colour in roles}
    for one, other in combinations(roles, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 0.08, (one, other)


def empty_figure(bills: list[float]) -> Figure:
    """Return a figure of bills over a line that is always there."""
    frame = pd.DataFrame({"account": [f"a{at}" for at in range(len(bills))], "bill": bills})

    def build() -> alt.LayerChart:
        bars = alt.Chart(alt.NamedData("bills")).mark_bar().encode(x="bill:Q", y="account:N")
        words = bars.mark_text().encode(x=alt.X("words_at:Q"))
        return alt.layer(bars, words, alt.Chart(alt.NamedData("line")).mark_rule().encode(x="at:Q"))

    data = {"bills": frame.assign(words_at=np.nan), "line": pd.DataFrame({"at": [1.0]})}
    return Figure(key="e", title="", description="", reading="", build=build, data=data, if_empty="No <bill> is known.")


@pytest.mark.parametrize("bills", [[], [float("nan")], [float("inf"), float("nan")]])
def test_a_figure_without_a_row_to_draw_says_why(bills: list[float]) -> None:
    """A reference line alone is no chart: the picture is a sentence of finite size, with its signs escaped."""
    figure = empty_figure(bills)
    assert figure.why_not_drawn == "No <bill> is known."
    picture = figure.static_svg()
    assert "No &lt;bill&gt; is known." in picture
    assert "Infinity" not in picture


def test_layers_without_rows_are_left_out() -> None:
    """A layer whose places are all unknown is not drawn; its scale would have no end."""
    figure = empty_figure([1.0, float("nan")])
    assert figure.why_not_drawn == ""
    marks = [layer["mark"]["type"] for layer in figure.full_spec()["layer"]]
    assert marks == ["bar", "rule"]


@pytest.mark.parametrize("name", ["constructor", "toString", "valueOf", "__proto__", "hasOwnProperty"])
def test_names_every_object_has_are_only_names(name: str) -> None:
    """Stacked, coloured and grouped by such a name, a chart is drawn, and what is told of it is what was typed."""

    def build() -> alt.Chart:
        order = alt.Scale(domain=[name, "other"])
        base = alt.Chart(alt.NamedData("lines"))
        return base.mark_line(point=True).encode(x="at:Q", y="sum(bill):Q", color=alt.Color("name:N", scale=order))

    frame = pd.DataFrame({"name": [name, name, "other", "other"], "at": [0, 1, 0, 1], "bill": [1.0, 2, 3, 4]})
    figure = Figure(
        key="n", title="", description="", reading="", build=build, data={"lines": frame}, signature=("named", name)
    )
    assert figure.static_svg().count("mark-line role-mark") == 2
    shown = figure.rows()["lines"]["columns"]["name"]
    assert shown[0] != name
    assert [as_typed(each) for each in shown] == [name, name, "other", "other"]


@pytest.mark.parametrize("name", ["\\3c b", "C:\\new\\x", 'a "b" \\'])
def test_a_backslash_in_a_title_is_a_letter(name: str) -> None:
    """Titles of axes, legends and tooltips go into expressions, where a backslash means something else."""

    def build() -> alt.Chart:
        chart = alt.Chart(alt.NamedData("rows")).mark_point()
        return chart.encode(
            x=alt.X("at:Q", title=f"{name} x"),
            color=alt.Color("name:N", title=f"{name} colour"),
            tooltip=[alt.Tooltip("at:Q", title=f"{name} tip")],
        )

    frame = pd.DataFrame({"name": ["one", "two"], "at": [0, 1]})
    figure = Figure(
        key="t", title="", description="", reading="", build=build, data={"rows": frame}, signature=("titled", name)
    )
    drawn = unescape(figure.static_svg())
    for text in (f"{name} x", f"{name} colour", f"{name} tip: 1"):
        assert text in drawn
