"""Progress: shares only rise, estimates come true where weights are right, and without a reporter nothing changes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.progress import Progress, Steps, each, reported, within

if TYPE_CHECKING:
    from collections.abc import Iterator

Work = float | list["Work"]
WORK = st.recursive(st.floats(0.1, 10), lambda parts: st.lists(parts, min_size=1, max_size=4), max_leaves=20)


class Clock:
    """A clock that work moves."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def seconds(work: Work) -> float:
    """Return how long some work takes."""
    return sum(map(seconds, work)) if isinstance(work, list) else work


def do(work: Work, clock: Clock, factors: Iterator[float]) -> None:
    """Do work that takes its time, each part a step as heavy as it says."""
    if not isinstance(work, list):
        clock.now += work * next(factors)
        return
    for part in each(work, seconds, "working"):
        do(part, clock, factors)


@given(work=st.lists(WORK, min_size=1, max_size=5), factors=st.lists(st.floats(0.8, 1.25), min_size=100, max_size=100))
def test_shares_rise_and_the_time_left_comes_true(work: list[Work], factors: list[float]) -> None:
    """Where every step takes its weight to a quarter, so does all, told at any moment after the first step."""
    clock, told = Clock(), list[tuple[float, float, float | None]]()
    with reported(Progress(lambda share, left, _: told.append((clock.now, share, left)), clock=clock)):
        do(work, clock, iter(factors))
    shares = [share for _, share, _ in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] == 1
    for moment, share, left in told:
        assert left is not None
        assert 0.8 / 1.25 - 1e-6 <= (moment - 100 + left) / (clock.now - 100) <= 1.25 / 0.8 + 1e-6
        assert moment == 100 or share > 0


def test_a_step_under_way_goes_on_at_the_pace_so_far_and_stops_before_its_end() -> None:
    """Nothing is told for a long while: the share goes on, but a step is not done before it is."""
    clock, told = Clock(), list[float]()
    progress = Progress(lambda share, _, __: told.append(share), clock=clock)
    with reported(progress):
        step = Steps({"first": 1, "second": 3})
        with step("first"):
            clock.now += 1
        with step("second"):
            told.clear()
            for _ in range(10):
                clock.now += 1
                progress.tell()
            under_way = list(told)
    assert under_way[:2] == [0.5, 0.75]
    assert under_way == sorted(under_way)
    assert under_way[-1] < 1 == told[-1]


def test_a_loop_of_unknown_length_says_how_far_it_is() -> None:
    """A share within a step counts in that step alone."""
    clock, told = Clock(), list[float]()
    with reported(Progress(lambda share, _, __: told.append(share), clock=clock)):
        step = Steps({"read": 2, "rest": 2})
        with step("read"):
            clock.now += 1
            within(0.5)
            clock.now += 1
    assert told == pytest.approx([0, 0.25, 0.5, 1])


def test_what_is_known_later_takes_the_place_of_what_was_expected() -> None:
    """A step that says its own seconds and steps weighed again count as they say, at the pace of what is done."""
    clock, left = Clock(), list[float | None]()
    with reported(Progress(lambda _, seconds, __: left.append(seconds), clock=clock)):
        step = Steps({"load": 1, "report": 100, "print": 5})
        with step("load"):
            clock.now += 1
        step.expect(report=10, print=4)
        assert left[-1] == pytest.approx(14)
        with step("report"):
            inner = Steps({"gather": 1, "draw": 2}, seconds=True)
            with inner("gather"):
                clock.now += 1
            assert left[-1] == pytest.approx(2 + 4)
            with inner("draw"):
                clock.now += 6  # three times as long as expected: what is left is expected to take longer, too
            assert left[-1] is not None
            assert 4 < left[-1] <= 4 * 3
        with step("print"):
            clock.now += 4


def test_steps_that_are_left_out_are_not_waited_for() -> None:
    """A step that begins ends the wait for those declared before it."""
    clock, left = Clock(), list[float | None]()
    with reported(Progress(lambda _, seconds, __: left.append(seconds), clock=clock)):
        step = Steps({"first": 1, "left out": 50, "last": 2})
        with step("first"):
            clock.now += 1
        with step("last"):
            assert left[-1] == pytest.approx(2)


def test_without_a_reporter_items_and_steps_pass_through() -> None:
    """Nobody asked, so nothing is told, and an unknown step or a failing one is the caller's own."""
    assert list(each([1, 2, 3])) == [1, 2, 3]
    step = Steps({"one": 1})
    with step("one"), step("another"):
        within(0.5)
    with pytest.raises(ValueError, match="as it was"), step("one"):
        raise ValueError("as it was")


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is tuned")
def test_a_command_reuses_the_memory_it_has_freed() -> None:
    """Twenty arrays of 64 MB one after the other take the pages of the first; not tuned, each has its own."""
    script = (
        "import resource, sys, numpy as np\n"
        "from workbench.cli.progress_bar import keep_freed_memory\n"
        "if sys.argv[1] == 'tuned': keep_freed_memory()\n"
        "faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "np.ones(8_000_000); before = faults()\n"
        "for _ in range(20): np.ones(8_000_000)\n"
        "print(faults() - before)"
    )
    faults = {
        how: int(subprocess.run([sys.executable, "-c", script, how], capture_output=True, text=True, check=True).stdout)
        for how in ("tuned", "as it is")
    }
    assert faults["tuned"] < 20 <= faults["as it is"]
