"""Show on the terminal how far a command has come and how long it will still take."""

from __future__ import annotations

import ctypes
import gc
import inspect
import sys
import threading
import time
from contextlib import contextmanager, suppress
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from workbench.progress import OnDisk, Progress, Steps, reported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tqdm import tqdm

    from workbench.progress import Size

Command = TypeVar("Command", bound="Callable[..., Any]")
SHORT = 1.0  # seconds; what is done by then needs no bar
EVERY = 0.25  # seconds
STOPPED = "Stopped before it was done, as asked with Ctrl-C."
INTERRUPTED = 130  # the exit code of a command that was stopped from the keyboard
_MMAP_MAX, _TRIM_THRESHOLD, _NEVER = -4, -1, -1  # parameters of mallopt, from malloc.h
_NEW_OBJECTS = 10_000  # made before cycles are looked for: hardly any are, and the usual 700 cost 3% of a report's time
_SHOWN = typer.Option("--progress/--no-progress", help="Show how far it is; by default on a terminal.")


def with_progress(command: Command) -> Command:
    """Return the command with an option for a bar on stderr, ended by Ctrl-C in one sentence."""

    @wraps(command)
    def run(*args: Any, progress: bool | None = None, **settings: Any) -> Any:  # noqa: ANN401 - as the command has them
        keep_freed_memory()
        gc.set_threshold(_NEW_OBJECTS)
        try:
            with bar(shown=sys.stderr.isatty() if progress is None else progress):
                return command(*args, **settings)
        except KeyboardInterrupt:
            typer.echo(STOPPED, err=True)
            raise typer.Exit(INTERRUPTED) from None

    kind = Annotated[bool | None, _SHOWN]
    asked = inspect.Parameter("progress", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
    known = inspect.signature(command, eval_str=True)
    run.__signature__ = known.replace(parameters=[*known.parameters.values(), asked])  # type: ignore[attr-defined]
    run.__annotations__ = {**command.__annotations__, "progress": kind}
    return run  # type: ignore[return-value]


def keep_freed_memory() -> None:
    """Let this process reuse the memory it has freed, where the C library is glibc; elsewhere nothing changes.

    By default every array over 32 MB is mapped anew and zeroed by the kernel: a third of the CPU time of a company of a
    million accounts.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            tune = ctypes.CDLL(None).mallopt
            tune(_MMAP_MAX, 0)
            tune(_TRIM_THRESHOLD, _NEVER)


def command_steps(data: Path, *, start: float, then: Callable[[Size], Mapping[str, float]] | None = None) -> Steps:
    """Return the steps of a command that starts, loads data and goes on: `then` has the seconds for data of a size.

    Call it first of all: what is loaded of the program, `start` seconds, is the first step. Once the data is loaded,
    its size is known: say what is left with `expect`.
    """
    found = OnDisk.of(data)
    steps = Steps({"start": start, "load": found.loading, **(then(found.size) if then else {})}, seconds=True)
    steps.begin("start")
    return steps


@contextmanager
def bar(*, shown: bool) -> Iterator[None]:
    """Draw a bar for the work in the block, taken away once all of it is done."""
    if not shown:
        yield
        return
    drawing = _Drawing()
    progress = Progress(drawing, started=drawing.started)
    ticking = threading.Thread(target=_tick, args=(progress, drawing), daemon=True)
    ticking.start()
    try:
        with reported(progress):
            yield
    finally:
        drawing.close()
        ticking.join()


def _tick(progress: Progress, drawing: _Drawing) -> None:
    while not drawing.closed.wait(EVERY):
        progress.tell()


class _Drawing:
    """The bar itself: a reporter that draws."""

    def __init__(self) -> None:
        self.started = time.monotonic() - time.process_time()  # the start of the program is part of the wait
        self.closed = threading.Event()
        self._lock = threading.Lock()
        self._bar: tqdm[Any] | None = None

    def __call__(self, share: float, left: float | None, label: str) -> None:
        with self._lock:
            if share >= 1:
                self._close()
            elif not self.closed.is_set() and time.monotonic() - self.started > SHORT:
                self._draw(share, left, label)

    def _draw(self, share: float, left: float | None, label: str) -> None:
        if self._bar is None:
            from tqdm import tqdm  # noqa: PLC0415 - loaded once there is something to wait for

            shape = "{percentage:3.0f}% |{bar:30}| {desc}"
            self._bar = tqdm(total=1.0, file=sys.stderr, leave=False, bar_format=shape, dynamic_ncols=True)
        self._bar.n = share
        what = f" - {label}" if label else ""
        self._bar.set_description_str(f"{time_left(left)}{what}", refresh=True)

    def close(self) -> None:
        """Take the bar away."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        self.closed.set()
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def time_left(seconds: float | None) -> str:
    """Write a time left as people say it: no finer than it is known."""
    if seconds is None:
        return "working out the time left"
    if seconds < 1:
        return "less than a second left"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"about {seconds:.0f} s left"
    minutes = seconds / 60
    return f"about {minutes:.0f} min left" if minutes >= 10 else f"about {minutes:.1f} min left"  # noqa: PLR2004
