"""Say in a notebook cell what is being worked out, as long as it takes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show a text in the running cell until the block ends; outside a notebook nothing is shown."""
    from IPython import get_ipython  # noqa: PLC0415 - slow to import, and only notebooks have it loaded
    from IPython.display import clear_output, display  # noqa: PLC0415 - as above

    shell = get_ipython()
    in_notebook = shell is not None and hasattr(shell, "kernel")
    if in_notebook:
        display({"text/plain": text}, raw=True)
    try:
        yield
    finally:
        if in_notebook:
            clear_output()
