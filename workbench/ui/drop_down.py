"""A drop-down list in which one option may stand for None, such as "none" or "not chosen yet"."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets


class DropDown(ipywidgets.Dropdown):
    """A drop-down list that shows the text of the option that stands for None.

    The plain one takes the value None for "nothing chosen" and shows an empty box.
    """

    index: Any

    @traitlets.observe("value")
    def _propagate_value(self, change: dict[str, Any]) -> None:
        """Point at the option that stands for the new value."""
        values = self._options_values
        index = next((place for place, value in enumerate(values) if self._is_same(value, change["new"])), None)
        if self.index != index:
            self.index = index

    @traitlets.observe("options")
    def _propagate_options(self, change: dict[str, Any] | None) -> None:
        """Take the first of new options, also where the list was empty or pointed at none of them."""
        super()._propagate_options(change)
        if change is not None and self.index is None and self._options_values:
            self.index = 0

    def _is_same(self, value: Any, wanted: Any) -> bool:  # noqa: ANN401 - an option can stand for anything
        return value is None if wanted is None else value is not None and bool(self.equals(value, wanted))
