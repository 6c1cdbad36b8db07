"""Dragging a price line over 10,000 respondents x 200 draws: the part of a change that Python does.

A step looks the new price up in all two million rows, with 90% intervals, and makes the marked row and the words of
both charts. An empty change makes the same charts for a price that is looked up already. "Worked out anew" is what a
step would cost without the line: the choice of every row at the new price.
"""

from __future__ import annotations

import itertools
import timeit
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from measure import Row, compared, median_seconds, milliseconds

from workbench.demand import ChoiceTask, price_line
from workbench.stages.willingness.charts import line_figures
from workbench.stages.willingness.evaluation import line_rows

if TYPE_CHECKING:
    from workbench.demand.outcome import AtPrice
    from workbench.demand.price_lines import SmoothLine, StepLine

RESPONDENTS, DRAWS = 10_000, 200
FEES = (50.0, 100.0, 180.0, 250.0)
AT_MOST = 3.0
TURNS = 15


def rows() -> list[Row]:
    """Return the measurements for both rules."""
    return [*_rows("surplus", "highest surplus"), *_rows("logit", "logit")]


def _rows(rule: str, name: str) -> list[Row]:
    task = _task(rule)
    line = price_line(task, "Growth", FEES)
    curve = line_rows(line, (40.0, 200.0))
    prices = itertools.cycle(np.linspace(60, 180, 97))
    still = _Still(line, line.at(100.0))

    def redraw(at: StepLine | SmoothLine | _Still, fee: float) -> None:
        for figure in line_figures(at, fee, "USD", curve=curve):  # type: ignore[arg-type]
            figure.rows()

    # taken in turns, the fastest of five each, so that what else the machine does falls on neither
    turns = [
        (
            min(timeit.repeat(lambda: redraw(still, 100.0), number=1, repeat=5)),
            min(timeit.repeat(lambda: redraw(line, float(next(prices))), number=1, repeat=5)),
        )
        for _ in range(TURNS)
    ]
    empty, step = (float(np.median(times)) for times in zip(*turns, strict=True))
    anew = median_seconds(lambda: task.outcome([FEES[0], float(next(prices)), *FEES[2:]]), 5, 1)
    build = median_seconds(partial(price_line, task, "Growth", FEES), 3, 0)
    return [
        compared(f"one step of the drag, {name}", step, ("empty change", empty), at_most=AT_MOST),
        Row(f"the same worked out anew, {name}", milliseconds(anew), "", f"{anew / step:,.0f}x a step"),
        Row(f"working the line out, once per line, {name}", milliseconds(build), "", ""),
    ]


class _Still:
    """A line on which one price is looked up already."""

    def __init__(self, line: StepLine | SmoothLine, found: AtPrice) -> None:
        self.plan = line.plan
        self._found = found

    def at(self, fees: float) -> AtPrice:  # noqa: ARG002 - whatever is asked, the answer is at hand
        """Return what was looked up."""
        return self._found


def _task(rule: str) -> ChoiceTask:
    rng = np.random.default_rng(11)
    size, plans, single = RESPONDENTS * DRAWS, len(FEES), np.float32
    base = rng.lognormal(5, 0.5, size).astype(single)
    nothing, once = np.zeros((size, plans), single, order="F"), np.ones((size, plans), single, order="F")
    none = np.zeros((size, 0), single)
    return ChoiceTask(
        plans=("Starter", "Growth", "Business", "Scale"),
        add_ons=(),
        plan_worth=np.asfortranarray(base[:, None] * np.array([0.8, 1.0, 1.3, 1.5], single)),
        plan_usage=nothing,
        plan_cost=once,
        fee_units=once,
        add_on_worth=none,
        add_on_cost=none,
        add_on_units=none,
        add_on_open=np.zeros((plans, 0), dtype=bool),
        rival=np.zeros(size, single),
        weight=np.full(size, 1 / DRAWS),
        customer=np.repeat(np.arange(RESPONDENTS, dtype=np.int32), DRAWS),
        draw=np.tile(np.arange(DRAWS, dtype=np.int32), RESPONDENTS),
        rule=rule,  # type: ignore[arg-type]
        scale=20.0,
    )
