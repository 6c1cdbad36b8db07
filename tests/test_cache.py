"""Laws of what is kept of lately, made once and bounded, and of what another process works out meanwhile."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING

import psutil
import pytest

from workbench import progress
from workbench.cache import Recent, copies, meanwhile, with_copies

if TYPE_CHECKING:
    from collections.abc import Callable

COPIES = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="no processor for a copy of this process"
)


def test_a_value_is_made_once() -> None:
    """Asking again returns the same object, and its maker is not called."""
    recent: Recent[str, list[int]] = Recent(2)
    first = recent.once("a", lambda: [1])
    assert recent.once("a", lambda: [2]) is first


def test_the_one_asked_for_longest_ago_is_forgotten() -> None:
    """With room for two, a third value takes the place of the one that nobody asked for since."""
    recent: Recent[str, int] = Recent(2)
    recent.once("a", lambda: 1)
    recent.once("b", lambda: 2)
    recent.once("a", lambda: -1)
    recent.once("c", lambda: 3)
    assert len(recent) == 2
    assert recent.once("a", lambda: -1) == 1
    assert recent.once("b", lambda: -2) == -2


def test_making_a_value_may_ask_for_others() -> None:
    """A value worked out from others is returned, however many of them came in between."""
    recent: Recent[int, int] = Recent(1)

    def double(number: int) -> int:
        return recent.once(number, lambda: 2 * double(number - 1) if number else 1)

    assert double(5) == 32
    assert len(recent) == 1


@pytest.fixture(autouse=True)
def _without_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let copies be made whatever an earlier test of the same process has loaded."""
    monkeypatch.delitem(sys.modules, "jax", raising=False)


def test_work_is_left_until_it_is_asked_for_where_no_copy_may_be_made() -> None:
    """Outside the block nothing is begun; what is asked for twice is worked out once, here."""
    done: list[int] = []
    begun = meanwhile(lambda: done.append(1) or os.getpid())
    assert not copies()
    assert not done
    assert begun() == begun() == os.getpid()
    assert done == [1]


@COPIES
def test_a_copy_of_the_process_works_a_value_out_once() -> None:
    """It comes from another process, as the same object each time, and nothing heard of its progress."""
    heard: list[float] = []
    with progress.reported(progress.Progress(lambda share, *_: heard.append(share))), with_copies():
        begun = meanwhile(lambda: (os.getpid(), list(progress.each(range(3)))))
        at_work = list(heard)
        pid, items = begun()
        assert heard == at_work
    assert pid != os.getpid()
    assert items == [0, 1, 2]
    assert begun() is begun()


@COPIES
@pytest.mark.parametrize("fails", ["raises", "dies", "cannot tell"])
def test_what_a_copy_cannot_do_is_done_here(fails: str) -> None:
    """Whether its work fails, it is killed or its value cannot travel: the value is worked out, here."""
    here = os.getpid()
    ways: dict[str, Callable[[], object]] = {
        "raises": lambda: 1 / 0,
        "dies": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "cannot tell": lambda: (number for number in ()),
    }

    def work() -> object:
        return "done" if os.getpid() == here else ways[fails]()

    with with_copies():
        assert meanwhile(work)() == "done"


@COPIES
def test_an_error_of_the_work_is_raised_to_who_asks() -> None:
    """As if it had been worked out here, which it then was."""
    with with_copies():
        begun = meanwhile(lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            begun()


@COPIES
@pytest.mark.parametrize("ends", [None, ValueError, KeyboardInterrupt])
def test_no_copy_goes_on_after_the_block(ends: type[BaseException] | None) -> None:
    """However it ends: a copy nobody waited for is stopped, and what is asked for later is worked out here."""
    here = os.getpid()

    def work() -> int:
        if os.getpid() != here:
            time.sleep(60)
        return os.getpid()

    before = psutil.Process().children()
    with suppress(*([ends] if ends else [])), with_copies():
        begun = meanwhile(work)
        (copy,) = set(psutil.Process().children()) - set(before)
        assert copy.is_running()
        if ends:
            raise ends
    assert not copy.is_running()
    assert begun() == here


@COPIES
def test_a_copy_asks_no_other_copy() -> None:
    """Nor makes one: what it needs of what another works out it works out itself, and the other's value still comes."""
    with with_copies():
        first = meanwhile(os.getpid)
        own, asked, further = meanwhile(lambda: (os.getpid(), first(), copies()))()
        assert own == asked
        assert not further
        assert first() not in (own, os.getpid())


def test_without_leave_there_are_no_copies() -> None:
    """So a command can say that its data is too large to be worked on twice."""
    with with_copies(allowed=False):
        assert not copies()
        assert meanwhile(os.getpid)() == os.getpid()


@COPIES
def test_once_jax_is_loaded_there_are_no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy could wait without end for a lock that a thread of it held."""
    with with_copies():
        assert copies()
        monkeypatch.setitem(sys.modules, "jax", ModuleType("jax"))
        assert not copies()
        assert meanwhile(os.getpid)() == os.getpid()
