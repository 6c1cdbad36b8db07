"""Turn errors in callbacks into a sentence on the panel; nobody sees a traceback, and nothing is swallowed."""

from __future__ import annotations

import functools
import logging
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.ui import html
from workbench.ui.block import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_log = logging.getLogger("workbench.ui")
_strict: ContextVar[bool] = ContextVar("workbench_strict_callbacks", default=False)
UNEXPECTED = "Something unexpected went wrong; your last saved state is safe."
UNEXPECTED_ADVICE = "Run the cell again. If it happens again, the log (View, Show Log Console) says more."


@contextmanager
def strict_callbacks() -> Iterator[None]:
    """Let unexpected errors out of guarded callbacks, as tests need it."""
    token = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(token)


class StatusLine(Block):
    """The line of a panel that says what happened; screen readers hear it."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - settings of any widget
        super().__init__(role="status", **settings)
        self.text = ""

    def say(self, text: str, tone: str = "info", advice: str = "") -> None:
        """Show a message; `tone` is info, ok, warning or error."""
        self.text = f"{text} {advice}".strip()
        self.show(html.message(text, tone, advice) if text else "")

    def clear(self) -> None:
        """Show nothing."""
        self.say("")


def guarded(
    callback: Callable[..., Any], status: StatusLine, *, after_error: Callable[[], Any] | None = None
) -> Callable[..., Any]:
    """Return the callback with its errors shown in the status line.

    A WorkbenchError is shown with its advice; anything else as a short sentence, and logged with its traceback.
    `after_error` runs afterwards, for example to put the controls back to what is saved.
    """

    @functools.wraps(callback)
    def run(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the callback takes and gives
        try:
            return callback(*arguments, **named)
        except WorkbenchError as error:
            if after_error is not None:
                after_error()
            status.say(error.message, "error", error.advice)
        except Exception:
            if _strict.get():
                raise
            _log.exception("A callback of a panel failed")
            status.say(UNEXPECTED, "error", UNEXPECTED_ADVICE)
        return None

    return run
