"""A panel that belongs to no stage: sections one below the other, one status line, errors as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from workbench.ui import html
from workbench.ui.guard import StatusLine, guarded
from workbench.ui.section import Section, close_all, mimebundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class PlainPanel:
    """Sections that share a status line. A subclass makes them with `section`; shown alone, it shows all of them."""

    title = ""

    def __init__(self) -> None:
        self.status = StatusLine()
        self._sections: list[Section] = []
        self._all: ipywidgets.VBox | None = None

    def section(
        self, title: str, *, controls: Iterable[Any] = (), parts: Iterable[Any] = (), intro: str = ""
    ) -> Section:
        """Return a new section of this panel."""
        made = Section(title, controls=controls, parts=parts, intro=intro, status=self.status)
        self._sections.append(made)
        return made

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback with its errors in the status line."""
        return guarded(callback, self.status)

    def flush(self) -> None:
        """Finish what is waiting; a panel that waits for nothing has nothing to do."""

    def close(self) -> None:
        """Close every widget of the panel."""
        for section in self._sections:
            section.close()
        close_all(self.status)
        if self._all is not None:
            close_all(self._all)

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        self.flush()
        if self._all is None:
            self._all = ipywidgets.VBox(tuple(section.widget for section in self._sections))
        page = html.style_tag() + "".join(section.static_html() for section in self._sections)
        return mimebundle(self._all, self.title, page)
