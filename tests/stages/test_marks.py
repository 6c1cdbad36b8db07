"""Laws of the marks: a declared chart is a value, keeps its words inside, and draws without the chart package."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from workbench import stages
from workbench.stages import marks
from workbench.stages.figure import PALETTE, Figure

ROWS = pd.DataFrame(
    {
        "name": ["Small", "Middle", "Large"],
        "kind": ["one", "other", "one"],
        "low": [1.0, 2.0, 3.0],
        "value": [2.0, 3.0, 5.0],
        "high": [3.0, 5.0, 8.0],
        "share": [0.2, 0.3, 0.5],
        "order": [0, 1, 2],
        "said": ["two", "three", "five"],
    }
)
BY = marks.roles("kind", {"one": PALETTE.ours, "other": PALETTE.today})
NAMES, VALUES = marks.by_name("name", ("Small", "Middle", "Large")), marks.by_money("value", "A month", "USD")
TIPS = marks.tips(name="Name", value=("Value", "exact"))


def bar_chart(label: str = "said") -> marks.Picture:
    """Return bars with words beside them."""
    return marks.bar_chart(y=NAMES, x=VALUES, by=BY, label=label, tips=TIPS)


def interval_chart(line: float = 4) -> marks.Picture:
    """Return points with intervals against a line."""
    return marks.interval_chart(line=line, y=NAMES, x=VALUES, by=BY, tips=TIPS)


STAGES = sorted(each.parent.name for each in Path(stages.__file__).parent.glob("*/charts.py"))
KINDS = {
    "bars": bar_chart(),
    "intervals": interval_chart(),
    "ranges": marks.picture(marks.range_bars(), marks.ticks(), marks.words("said", at="high"), y=NAMES, x=VALUES),
    "columns": marks.picture(marks.bars(), marks.words("said"), x=NAMES, y=VALUES, by=BY),
    "stack": marks.stack_chart(
        y=marks.by_name("kind"), x=marks.by_share("share", "Share"),
        by=marks.roles("name", marks.in_series(("Small",))), least=0.1,
    ),
    "steps": marks.step_chart(
        y=NAMES, x=marks.by_number("low", "Low"), by=BY, end="high", label="said"
    ),
    "cells": marks.cell_chart(
        x=NAMES, y=marks.by_name("kind"), text="said", shade=marks.fill("value", {0: "#FFF", 5: "#000"}, "#888"),
        ink=marks.light_where("datum.value > 4"), strong="datum.value > 4",
    ),
    "strengths": marks.cell_chart(x=NAMES, y=marks.by_name("kind"), text="said", shade=marks.strength("value", 5)),
    "lines": marks.picture(
        marks.areas("low", "high"), marks.line_marks(),
        x=marks.by_number("value", "At"), y=marks.by_number("low", "Low"),
        by=marks.line_roles("kind", {"one": PALETTE.ours, "other": PALETTE.today}),
    ),
    "logs": marks.picture(
        marks.dots(), marks.shade(2, 3, on="x"),
        x=marks.by_money("value", "Price", "EUR", scale=marks.LOG, ticks=None), y=marks.by_count("low", "Low"),
    ),
    "beside": marks.bar_chart(
        y=NAMES, x=VALUES, label="said", facet=marks.small_multiples("kind", ("one", "other"), width=100, height=80)
    ),
}  # fmt: skip


def figure(chart: object, rows: pd.DataFrame = ROWS) -> Figure:
    """Return a figure of a chart on rows."""
    return Figure(key="k", title="", description="", reading="", build=chart, data={"rows": rows})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_in_the_grammar_and_draws_its_rows(kind: str) -> None:
    """Each kind passes the grammar, draws its axes and its words, and knows when there is nothing to draw."""
    drawn = figure(KINDS[kind])
    svg = drawn.static_svg()
    assert drawn.why_not_drawn == ""
    assert "NaN" not in svg
    assert svg.count("<path") > len(ROWS)
    assert figure(KINDS[kind], ROWS.head(0)).why_not_drawn


@pytest.mark.parametrize("make", [bar_chart, interval_chart])
def test_a_declared_chart_is_a_value_and_its_own_signature(make: partial) -> None:
    """Said twice it is one chart on screen; said otherwise it is another."""
    assert figure(make()).identity == figure(make()).identity
    assert hash(figure(make()).identity) == hash(figure(make()).identity)
    other = make("name") if make is bar_chart else make(3)
    assert figure(make()).identity != figure(other).identity
    assert figure(make()).spec() != figure(other).spec()


def test_what_a_function_is_given_is_part_of_the_signature() -> None:
    """A chart made by a function of some settings is another with other settings."""
    first, again, other = (figure(partial(dict, mark="bar", title=title)) for title in ("a", "a", "b"))
    assert first.identity == again.identity != other.identity


def test_charts_need_no_chart_package() -> None:
    """Charts of the stages are there, and drawn, without altair and the grammar its checks take seconds to load."""
    made = (
        "import sys, importlib; import pandas as pd;"
        f"[importlib.import_module('workbench.stages.' + name + '.charts') for name in {STAGES}];"
        "from workbench.stages import marks; from workbench.stages.figure import Figure;"
        "p = marks.picture(marks.dots(), x=marks.by_number('a', 'A'), y=marks.by_number('b', 'B'));"
        "rows = {'r': pd.DataFrame({'a': [1], 'b': [1]})};"
        "f = Figure(key='k', title='', description='', reading='', build=p, data=rows);"
        "assert f.full_spec()['mark']['type'] == 'point';"
        "assert f.static_svg().startswith('<svg');"
        "assert not {'altair', 'jsonschema', 'lark'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", made], check=True)


def test_words_beside_the_longest_bar_have_room() -> None:
    """The axis goes on beyond the longest bar, whatever its length."""
    for times in (1, 1e6):
        svg = figure(
            marks.bar_chart(y=NAMES, x=VALUES, label="said"), ROWS.assign(value=ROWS["value"] * times)
        ).static_svg()
        longest = max(
            float(width) for width in re.findall(r'aria-roledescription="bar"[^>]*d="M[^"]*?h?([0-9.]+)', svg)
        )
        assert longest < 0.9 * 520


def test_a_line_at_a_number_is_drawn_once() -> None:
    """However many rows there are, one line stands for the number."""
    assert figure(interval_chart()).static_svg().count('stroke-dasharray="5,4"') == 1


def test_a_mark_with_a_setting_nobody_knows_is_noticed() -> None:
    """A wrong name does not reach a report."""
    with pytest.raises(Exception, match="colour"):
        figure(marks.picture(marks.bars(colour="red"), x=VALUES, y=NAMES)).spec()


def test_names_in_a_series_keep_the_colour_they_are_given() -> None:
    """A colour that is given belongs to one name only, and no two names share one while there are enough."""
    found = marks.in_series(("a", "b", "today"), today=PALETTE.today)
    assert list(found) == ["a", "b", "today"]
    assert found["today"] == PALETTE.today
    assert len(set(found.values())) == 3


def test_a_selection_stands_at_the_top_and_names_its_mark() -> None:
    """Whoever shows a chart finds what can be held in it without looking through its marks."""
    held = marks.reference("value").holding({"name": "here", "select": "point"})
    spec = figure(marks.picture(marks.dots(), held, x=VALUES, y=NAMES)).spec()
    (param,) = spec["params"]
    assert param["name"] == "here"
    assert param["views"] == [each["name"] for each in spec["layer"] if "name" in each]
