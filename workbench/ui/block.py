"""A piece of the page: ready HTML from `workbench.ui.html`, replaced in place without closing what is open."""

from __future__ import annotations

import anywidget
import traitlets

from workbench.ui.assets import script, stylesheet


class Block(anywidget.AnyWidget):
    """Show escaped HTML; `value` holds it. `role` makes it speak: "status" politely, "alert" at once."""

    _esm = script("block")
    _css = stylesheet()
    value = traitlets.Unicode().tag(sync=True)
    role = traitlets.Unicode().tag(sync=True)

    def show(self, html: str) -> None:
        """Replace what is shown; the same HTML again costs nothing."""
        self.value = html

    def static_html(self) -> str:
        """Return what is shown, for pages without a kernel."""
        return self.value
