"""A bar on the terminal while an engine works."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERY = 0.25  # seconds between two looks at the engine
WHOLE = 100.0


@contextmanager
def progress_bar(words: str, share_done: Callable[[], float | None], *, shown: bool | None) -> Iterator[None]:
    """Show how far a piece of work is, in percent, while the block runs.

    `share_done` is asked from another thread; None means that the engine does not know. `shown` None shows the bar on
    a terminal only.
    """
    from tqdm import tqdm  # noqa: PLC0415 - only those who wait need it

    form = "{desc}: {percentage:3.0f}% |{bar}| {elapsed}"
    with tqdm(total=WHOLE, desc=words, bar_format=form, disable=None if shown is None else not shown) as bar:
        if bar.disable:
            yield
            return
        finished = threading.Event()

        def watch() -> None:
            while not finished.wait(EVERY):
                done = share_done()
                if done is not None and done * WHOLE > bar.n:  # an engine that plans anew must not run backwards
                    bar.update(min(done * WHOLE, WHOLE) - bar.n)
                bar.refresh()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
            bar.update(WHOLE - bar.n)
        finally:
            finished.set()
            watcher.join()
