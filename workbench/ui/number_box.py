"""A labelled number box with its unit, and a slider that mirrors it on the page where one helps."""

from __future__ import annotations

import math
from typing import Any

import anywidget
import traitlets

from workbench.ui.assets import script, stylesheet


class NumberBox(anywidget.AnyWidget):
    """One number. `value` is a float, an int when `whole`, or None when `optional` and left empty.

    A value outside `minimum` and `maximum` is moved to the nearest possible one, and the page says so. `slider_end` is
    where the slider ends when the box itself goes further.
    """

    _esm = script("number_box")
    _css = stylesheet()
    # Not traitlets.Any: that lets None pass without asking the validator.
    # The page that sends a number shows it already: an echo would only stand in the queue before the chart's rows.
    value: Any = traitlets.TraitType(None).tag(sync=True, echo_update=False)
    label = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    minimum = traitlets.Float(None, allow_none=True).tag(sync=True)
    maximum = traitlets.Float(None, allow_none=True).tag(sync=True)
    step = traitlets.Float(None, allow_none=True).tag(sync=True)
    whole = traitlets.Bool(default_value=False).tag(sync=True)
    optional = traitlets.Bool(default_value=False).tag(sync=True)
    slider = traitlets.Bool(default_value=False).tag(sync=True)
    slider_end = traitlets.Float(None, allow_none=True).tag(sync=True)
    disabled = traitlets.Bool(default_value=False).tag(sync=True)

    @traitlets.validate("value")
    def _possible(self, proposal: dict[str, Any]) -> float | int | None:
        value = proposal["value"]
        if value is None:
            if self.optional or self.value is None:
                return None
            raise traitlets.TraitError(f"{self.label} needs a number.")
        number = float(value)
        if math.isnan(number):
            raise traitlets.TraitError(f"{self.label} needs a number.")
        if self.minimum is not None:
            number = max(number, self.minimum)
        if self.maximum is not None:
            number = min(number, self.maximum)
        return round(number) if self.whole else number
