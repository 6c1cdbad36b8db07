"""The usual way to a chart that follows a control: the same chart as an Altair widget, replaced at every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import ipywidgets

from workbench.stages import tiers
from workbench.stages.figure import records
from workbench.stages.offers import typed_decimal
from workbench.stages.tiers.view import TIERS

if TYPE_CHECKING:
    from workbench.rendering.declared import DeclaredPanel
    from workbench.stages.figure import Figure

KEY = "placement"


def replaced_chart(panel: DeclaredPanel) -> ipywidgets.VBox:
    """Return a slider for the price of the middle tier and a chart widget that gets a new chart each time."""
    alt.JupyterChart.enable_offline()
    base, evidence, scenario, decision = panel.base, panel.evidence, panel.scenario, panel.decision
    tier = decision.tiers[len(decision.tiers) // 2]

    def chart(price: float) -> alt.TopLevelMixin:
        changed = decision.replaced(**TIERS.changed(decision, tier.id, price=typed_decimal(price)))
        result = tiers.evaluate(base, scenario.with_decision(changed), evidence=evidence)
        return _complete(tiers.figures(result)[KEY])

    price = float(tier.price or 10)
    slider = ipywidgets.FloatSlider(value=price, min=0, max=2 * price, step=0.5)
    widget = alt.JupyterChart(chart(price))
    slider.observe(lambda change: setattr(widget, "chart", chart(change["new"])), "value")
    return _named("replaced", slider, widget)


def bare_round_trip() -> ipywidgets.VBox:
    """Return a slider whose number comes back from the kernel in a label."""
    slider, label = ipywidgets.IntSlider(value=50), ipywidgets.Label("50")
    slider.observe(lambda change: setattr(label, "value", str(change["new"])), "value")
    return _named("bare", slider, label)


def _complete(figure: Figure) -> alt.TopLevelMixin:
    chart = figure.build()
    chart.datasets = {name: records(rows) for name, rows in figure.rows().items()}
    return chart.properties(height=figure.height)


def _named(name: str, *parts: ipywidgets.Widget) -> ipywidgets.VBox:
    box = ipywidgets.VBox(parts)
    box.add_class(f"measured-{name}")
    return box
