"""The coalescer: the latest value wins, at once when quiet, after a pause when busy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.rendering.scheduler import PAUSE, Debounce, Throttle

if TYPE_CHECKING:
    from session_clock import HandTimer


def coalescer(hand_timer: HandTimer, done: list[int]) -> Throttle[int]:
    """Return a coalescer that notes what it ran."""
    return Throttle(done.append, clock=hand_timer.clock, timer=hand_timer.timer)


def test_the_first_value_after_a_quiet_spell_runs_at_once(hand_timer: HandTimer) -> None:
    """A single change waits for nothing."""
    done: list[int] = []
    work = coalescer(hand_timer, done)
    work.submit(1)
    hand_timer.advance(10)
    work.submit(2)
    assert done == [1, 2]


def test_of_many_values_only_the_latest_runs(hand_timer: HandTimer) -> None:
    """Values that come during the pause replace each other."""
    done: list[int] = []
    work = coalescer(hand_timer, done)
    for value in range(10):
        work.submit(value)
    assert done == [0]
    hand_timer.advance(PAUSE)
    assert done == [0, 9]
    assert not work.pending


def test_flush_runs_what_waits_and_only_once(hand_timer: HandTimer) -> None:
    """Flush does not wait for the pause, and the plan it overtakes does nothing later."""
    done: list[int] = []
    work = coalescer(hand_timer, done)
    work.submit(1)
    work.submit(2)
    work.flush()
    hand_timer.advance(10)
    assert done == [1, 2]


def test_a_plan_whose_loop_has_ended_does_not_block(hand_timer: HandTimer) -> None:
    """When a planned run never happens, the next value runs all the same."""
    done: list[int] = []
    work = coalescer(hand_timer, done)
    work.submit(1)
    work.submit(2)
    hand_timer.plans.clear()
    hand_timer.now += 5
    work.submit(3)
    assert done == [1, 3]


def test_a_value_submitted_by_the_action_itself_waits_its_turn(hand_timer: HandTimer) -> None:
    """An action that causes another change is not run inside itself."""
    done: list[int] = []

    def act(value: int) -> None:
        done.append(value)
        if value < 3:
            work.submit(value + 1)
            assert done[-1] == value

    work: Throttle[int] = Throttle(act, clock=hand_timer.clock, timer=hand_timer.timer)
    work.submit(1)
    hand_timer.advance(PAUSE)
    hand_timer.advance(PAUSE)
    assert done == [1, 2, 3]


def test_without_a_loop_every_value_runs_at_once() -> None:
    """In a script there is no later."""
    done: list[int] = []
    work: Throttle[int] = Throttle(done.append)
    for value in range(3):
        work.submit(value)
    assert done == [0, 1, 2]


def test_an_action_that_fails_does_not_stop_the_next() -> None:
    """An error passes through, and the next value runs."""
    done: list[int] = []

    def act(value: int) -> None:
        if value == 1:
            raise ValueError("one")
        done.append(value)

    work: Throttle[int] = Throttle(act)
    with pytest.raises(ValueError, match="one"):
        work.submit(1)
    work.submit(2)
    assert done == [2]


def afterwards(hand_timer: HandTimer, done: list[float]) -> Debounce:
    """Return something that notes when it ran: after 1 second of quiet, at most 3 after the first request."""
    note = lambda: done.append(hand_timer.now)  # noqa: E731 - a shorthand
    return Debounce(note, quiet=1, at_most=3, clock=hand_timer.clock, timer=hand_timer.timer)


def test_afterwards_waits_for_quiet(hand_timer: HandTimer) -> None:
    """Requests that keep coming put the action off; it runs once when they stop."""
    done: list[float] = []
    rest = afterwards(hand_timer, done)
    for _ in range(3):
        rest.request()
        hand_timer.advance(0.5)
    assert done == []
    hand_timer.advance(0.5)
    assert done == [2.0]
    assert not rest.pending


def test_afterwards_never_waits_for_ever(hand_timer: HandTimer) -> None:
    """While requests never stop, the action still runs in time."""
    done: list[float] = []
    rest = afterwards(hand_timer, done)
    for _ in range(13):
        rest.request()
        hand_timer.advance(0.5)
    assert done == [3.0, 6.0]


def test_afterwards_runs_at_once_when_flushed_or_without_a_loop(hand_timer: HandTimer) -> None:
    """Flush runs what waits and only that; in a script there is no later."""
    done: list[float] = []
    rest = afterwards(hand_timer, done)
    rest.flush()
    assert done == []
    rest.request()
    rest.flush()
    hand_timer.advance(10)
    assert done == [0.0]
    at_once: list[int] = []
    Debounce(lambda: at_once.append(1), quiet=1, at_most=3).request()
    assert at_once == [1]
