"""A figure: one chart on named data with its words and its table, drawn live, as a picture or in the report."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from workbench.recent import Recent
from workbench.stages import chart_style
from workbench.stages.chart_rows import ChartRows, chart_rows, only_names, records, titles_as_text
from workbench.stages.drawable import has_marks, without_empty_layers
from workbench.stages.later import may_come_later

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    import pandas as pd

NOTHING_TO_DRAW = "There is nothing to draw: no row of this chart has a known value."
checks_charts = False
"""Whether charts are held against the grammar of the chart package as they are built: tests do, a report need not."""
_specs: Recent[Hashable, dict[str, Any]] = Recent(128)


@dataclass(frozen=True, eq=False, kw_only=True)
class Figure:
    """One chart with everything a reader needs to use it.

    `build` returns an Altair chart (unit or layered charts stretch with their place; leave `width` unset) whose data
    are ``alt.NamedData(name)`` for the names in `data`. It is called once per `key` and `signature`: what the chart
    looks like may depend on the signature only, and what it shows on the rows only. `description` says what is
    drawn, for those who cannot see it; `reading` what the numbers mean. `table` stands under the chart.
    `if_empty` says why there is nothing to draw where no row can be drawn. Description, reading, data, table, footnotes
    and `if_empty` may be given as `later(function)`, run when somebody reads them.
    """

    key: str
    title: str
    description: str = may_come_later()
    reading: str = may_come_later()
    build: Callable[[], Any]
    data: Mapping[str, pd.DataFrame] = may_come_later()
    table: pd.DataFrame | None = may_come_later(None)
    table_caption: str = ""
    signature: Hashable = ()
    footnotes: tuple[str, ...] = may_come_later(())
    if_empty: str = may_come_later(NOTHING_TO_DRAW)
    height: int = field(default=chart_style.HEIGHT)

    @property
    def identity(self) -> Hashable:
        """Return what decides whether a chart on screen can be kept and given new rows."""
        maker = getattr(self.build, "func", self.build)
        home = (getattr(maker, "__module__", ""), getattr(maker, "__qualname__", repr(maker)))
        return (home, self.key, self.signature, self.height)

    @property
    def why_not_drawn(self) -> str:
        """Return why there is nothing to draw, "" where there is something."""
        return "" if has_marks(self.spec(), self.data) else self.if_empty

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite specification on named data, without rows, width or text colours."""
        return {**_specs.once(self.identity, self._compose), "description": self.description}

    def rows(self) -> dict[str, ChartRows]:
        """Return the rows of every data set by column, ready for JSON (unknown numbers are None)."""
        return {name: chart_rows(frame) for name, frame in self.data.items()}

    def full_spec(self, *, width: int = chart_style.STATIC_WIDTH, dark: bool = False) -> dict[str, Any]:
        """Return the specification with its rows, its width and its ink: complete in itself.

        Layers without a row to draw are left out.
        """
        spec = without_empty_layers(self.spec(), self.data)
        sized = {"width": width, "autosize": {"type": "fit-x", "contains": "padding"}} if stretches(spec) else {}
        datasets = {name: records(rows) for name, rows in self.rows().items()}
        inked = chart_style.merged(chart_style.ink(dark=dark), spec.get("config", {}))
        return {**spec, **sized, "config": inked, "datasets": datasets}

    def static_svg(self, *, width: int = chart_style.STATIC_WIDTH) -> str:
        """Return the chart as an SVG picture for white paper, the same bytes for the same figure.

        Where nothing can be drawn, the picture says why.
        """
        if self.why_not_drawn:
            return _written(self.why_not_drawn, width)
        import vl_convert  # noqa: PLC0415 - its engine starts slowly; loaded when a picture is asked for

        return _own_ids(vl_convert.vegalite_to_svg(self.full_spec(width=width)), self.key)

    def _compose(self) -> dict[str, Any]:
        import altair as alt  # noqa: PLC0415 - slow to import; the text of a figure works without it
        from altair.utils.schemapi import debug_mode  # noqa: PLC0415 - as above

        with alt.theme.enable("none"), debug_mode(checks_charts):
            spec = self.build().to_dict(validate=checks_charts)
        spec.pop("$schema", None)
        if stretches(spec):
            spec.setdefault("height", self.height)
        spec["config"] = chart_style.merged(chart_style.config(), spec.get("config", {}))
        return titles_as_text(only_names(spec))


def _written(sentence: str, width: int) -> str:
    """Return a picture of a sentence, in lines that fit its width."""
    size = 13
    lines = textwrap.wrap(sentence, int(width / (0.55 * size)))
    spans = "".join(f'<tspan x="0" dy="{1.4 * size:g}">{escape(line)}</tspan>' for line in lines)
    height = round(1.4 * size * (len(lines) + 0.5))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<text font-family="{escape(chart_style.FONT)}" font-size="{size}" fill="#57606A">{spans}</text></svg>'
    )


def _own_ids(svg: str, key: str) -> str:
    """Give the ids of a picture numbers of its own: the engine counts on, and a page holds many pictures."""
    seen: dict[str, str] = {}

    def own(match: re.Match[str]) -> str:
        before, name = match.groups()
        return before + seen.setdefault(name, f"{key}-{len(seen) + 1}")

    return re.sub(r'(id="|url\(#|href="#)((?:clip|gradient_)\d+)', own, svg)


def stretches(spec: Mapping[str, Any]) -> bool:
    """Tell whether a chart takes the width of its place: one view, no facets, no width of its own."""
    encoding = spec.get("encoding", {})
    is_single = ("mark" in spec or "layer" in spec) and not {"row", "column", "facet"} & set(encoding)
    return is_single and spec.get("width", "container") == "container"
