"""A panel that belongs to no stage: sections one below the other, errors as sentences where they happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from workbench.ui import html
from workbench.ui.guard import StatusLine, guarded
from workbench.ui.section import Section, close_all, mimebundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class SectionView:
    """One section of a plain panel: its parts, and a status line of its own that speaks where the person acts."""

    def __init__(self) -> None:
        self.status = StatusLine()

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback with its errors in this section's status line."""
        return guarded(callback, self.status)


class PlainPanel:
    """A panel of sections. A subclass makes them with `section`; shown alone, it shows all of them."""

    title = ""

    def __init__(self) -> None:
        self._sections: list[Section] = []
        self._all: ipywidgets.VBox | None = None

    def section(
        self,
        title: str,
        *,
        controls: Iterable[Any] = (),
        parts: Iterable[Any] = (),
        intro: str = "",
        status: StatusLine | None = None,
        finish: Callable[[], None] | None = None,
    ) -> Section:
        """Return a new section of this panel; `finish` brings it up to date when it is shown, the panel otherwise."""
        finish = finish or self.flush
        made = Section(title, controls=controls, parts=parts, intro=intro, status=status, finish=finish)
        self._sections.append(made)
        return made

    def flush(self) -> None:
        """Finish what is waiting; a panel that waits for nothing has nothing to do."""

    def close(self) -> None:
        """Close every widget of the panel."""
        for section in self._sections:
            section.close()
        if self._all is not None:
            close_all(self._all)

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        self.flush()
        if self._all is None:
            self._all = ipywidgets.VBox(tuple(section.widget for section in self._sections))
        page = html.style_tag() + "".join(section.static_html() for section in self._sections)
        return mimebundle(self._all, self.title, page)
