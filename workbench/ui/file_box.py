"""A button that takes files from a person's computer, however many, each up to a stated size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from workbench.ui.assets import script, stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LIMIT = 200 * 1024 * 1024
"""Bytes of one file: what a kernel takes in without getting slow. Larger data is better named by its folder."""


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file a person chose: its name on their computer, and its content."""

    name: str
    content: bytes


class FileBox(anywidget.AnyWidget):
    """Take several files. `on_files` is called with all of them once the last has arrived.

    The page sends them in pieces of 1 MB and waits for each to be answered: one message beyond about 10 MB would be
    dropped by the server without a word. A file above `limit` is refused on the page, with what to do instead.
    """

    _esm = script("file_box")
    _css = stylesheet()
    label = traitlets.Unicode("Files").tag(sync=True)
    accept = traitlets.Unicode().tag(sync=True)
    limit = traitlets.Int(LIMIT).tag(sync=True)
    disabled = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, on_files: Callable[[tuple[TakenFile, ...]], Any], **settings: Any) -> None:  # noqa: ANN401
        super().__init__(**settings)
        self._on_files = on_files
        self._arriving: dict[str, list[bytes]] = {}
        self.on_msg(self._heard)

    def take(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Take files as if they had been chosen on the page."""
        self._on_files(tuple(TakenFile(name, content) for name, content in files))

    def static_html(self) -> str:
        """Return nothing: a page without a kernel takes no files."""
        return ""

    def _heard(self, _widget: FileBox, message: dict[str, Any], buffers: list[Any]) -> None:
        kind = message.get("kind")
        if kind == "begin":
            self._arriving = {}
        elif kind == "piece":
            pieces = self._arriving.setdefault(str(message["name"]), [])
            pieces.extend(bytes(each) for each in buffers)
        elif kind == "end":
            arrived, self._arriving = self._arriving, {}
            self.send({"kind": "next"})
            self.take((name, b"".join(pieces)) for name, pieces in arrived.items())
            return
        self.send({"kind": "next"})
