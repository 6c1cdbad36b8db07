"""Values that are kept by what they were worked out from, and such as another process works out meanwhile."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import warnings
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar
from weakref import WeakKeyDictionary

from cachetools import LRUCache

from workbench.progress import unreported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Owner = TypeVar("Owner")
Key = TypeVar("Key")
Value = TypeVar("Value")

_LOCK = RLock()
"""What work beside a page, and the page itself, keep at the same time; nothing is worked out under it."""


class Recent(LRUCache[Key, Value]):
    """Values by what they were worked out from, so many at most; the one asked for longest ago goes first."""

    def once(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return what is kept under a key; made when it is new, or was forgotten because others came since."""
        with _LOCK:
            if key in self:
                return self[key]
        value = make()
        with _LOCK:
            self[key] = value
        return value


class RecentOf(Generic[Owner, Key, Value]):
    """The same for each owner, such as a customer base, and gone with it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: WeakKeyDictionary[Owner, Recent[Key, Value]] = WeakKeyDictionary()

    def once(self, owner: Owner, key: Key, make: Callable[[], Value]) -> Value:
        """Return what is kept of an owner under a key; made when it is new, or was forgotten."""
        with _LOCK:
            kept = self._kept.setdefault(owner, Recent(self._most))
        return kept.once(key, make)


# --- Values that a copy of this process works out meanwhile

_at_work: ContextVar[list[_Copy[Any]] | None] = ContextVar("at_work", default=None)  # None: no copies


@contextmanager
def with_copies(*, allowed: bool = True) -> Iterator[None]:
    """Let `meanwhile` use copies of this process in the block, where there is a processor for one.

    For commands: a copy has none of the threads of this process, so nothing may wait for one. On Linux alone, for
    elsewhere a copy is not safe, and a process started anew would read everything again. However the block ends, no
    copy goes on after it.
    """
    begun: list[_Copy[Any]] = []
    possible = allowed and sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1
    token = _at_work.set(begun if possible else None)
    try:
        yield
    finally:
        _at_work.reset(token)
        for each in begun:
            each.end()


def copies() -> bool:
    """Return whether `meanwhile` begins work here, rather than leaves it until it is asked for.

    Not once jax is loaded: its threads hold locks that a copy would wait for without end.
    """
    return _at_work.get() is not None and "jax" not in sys.modules


def meanwhile(make: Callable[[], Value]) -> Callable[[], Value]:
    """Return what gives `make()`, worked out once: by a copy of this process from now on, else when it is asked for.

    What the copy remembers of its work is lost but for the value. Where it fails, the work is done here.
    """
    begun = _at_work.get()
    if begun is not None and copies():
        with suppress(OSError):  # no process can be started
            copy = _Copy(make)
            begun.append(copy)
            return cache(copy)
    return cache(make)


class _Copy(Generic[Value]):
    """A copy of this process that works a value out, and what waits for it."""

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make = make
        told, tells = os.pipe()
        self._pipe = os.fdopen(told, "rb")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which the work does not ask for
            self._process = os.fork()
        if not self._process:
            _work_apart(make, tells)
        os.close(tells)

    def __call__(self) -> Value:
        if not self._process:
            return self._make()
        told = self._pipe.read()
        _, status = os.waitpid(self._process, 0)
        self.leave()
        value: Value = pickle.loads(told) if status == 0 else self._make()  # noqa: S301 - our own process's
        return value

    def end(self) -> None:
        """Stop the work, unless somebody has had its value."""
        if self._process:
            with suppress(ProcessLookupError, ChildProcessError):  # it was interrupted as it ended
                os.kill(self._process, signal.SIGKILL)
                os.waitpid(self._process, 0)
            self.leave()

    def leave(self) -> None:
        """Ask the copy for nothing from now on: what is still asked for is worked out here."""
        self._pipe.close()
        self._process = 0


def _work_apart(make: Callable[[], Any], tells: int) -> NoReturn:
    """Work a value out, tell it and end, whatever happens: nothing of what the first process would do follows."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for each in _at_work.get() or ():  # copies of the first process, which alone may wait for them
            each.leave()
        _at_work.set(None)
        with unreported(), os.fdopen(tells, "wb") as pipe:
            pipe.write(pickle.dumps(make(), pickle.HIGHEST_PROTOCOL))
        status = 0
    finally:
        os._exit(status)
