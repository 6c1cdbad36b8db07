"""Write a report's content as one HTML file that opens anywhere, with the network off."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from workbench import wording
from workbench.customers.check import problems_frame
from workbench.report.comparison import comparison_table
from workbench.report.definitions import DEFINITIONS
from workbench.report.impact import impact_tables
from workbench.report.tables import log_moment, table_of
from workbench.report.willingness import source_in_words
from workbench.report.willingness_tables import WillingnessView
from workbench.stages.impact_view.charts import figures as impact_figures
from workbench.stages.registry import step_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.report.content import ReportContent
    from workbench.stages.figure import Figure

IMPACT = "impact"
WILLINGNESS = "willingness"
AFTER_STAGE = "add_ons"
"""The stage after which willingness to pay stands: it looks at the offer that stage completes."""
_MINUS_BEFORE_SIGN, _KEPT = re.compile(r"\u2212(?=[^\s\w])"), "\u2212\u2060"
STATUS_SIGNS = {"ok": "\u2713", "watch": "!", "breach": "\u2715", "unknown": "?"}


def report_html(content: ReportContent) -> str:
    """Return the report as one HTML document; the same content gives the same text, byte for byte.

    The page carries its own scripts and forbids the network by a content security policy. What people typed is
    escaped: in the page by the template, in the charts' data by `script_json`.
    """
    figures = {each.stage.key: tuple(each.stage.module.figures(each.result)) for each in content.outcomes}
    figures[IMPACT] = impact_figures(content.impact)
    willingness = WillingnessView(content.willingness)
    figures[WILLINGNESS] = willingness.figures
    specs = {figure_id(key, figure): figure.full_spec() for key, group in figures.items() for figure in group}
    environment = _environment()
    return environment.get_template("report.html.j2").render(
        content=content,
        figures=figures,
        comparison=comparison_table(content),
        impact=impact_tables(content.impact),
        willingness=willingness,
        after_stage=AFTER_STAGE,
        coverage=table_of(
            content.base.coverage().frame(), caption="Rows, accounts and first and last day of every table"
        ),
        worth_a_look=table_of(problems_frame(content.base.findings), caption="Worth a look, read as it stands")
        if content.base.findings
        else None,
        definitions=DEFINITIONS,
        specs=script_json(specs),
        library=Markup(chart_library()),  # noqa: S704 - the chart library's own text, from its package
        style=_own_text(environment, "report.css"),
        script=_own_text(environment, "report.js"),
    )


def figure_id(stage: str, figure: Figure) -> str:
    """Return the id of a figure's place in the page."""
    return f"figure-{stage}-{figure.key}"


def said_by_most(figures: Sequence[Figure]) -> tuple[str, ...]:
    """Return the footnotes that more than half of several figures carry, in the order they are first said."""
    if len(figures) < 2:  # noqa: PLR2004 - one chart says everything itself
        return ()
    told = Counter(note for each in figures for note in dict.fromkeys(each.footnotes))
    return tuple(note for note, times in told.items() if times > len(figures) / 2)


def unbroken(value: object) -> object:
    """Keep a minus sign on the line of the currency sign behind it; a browser may break the line between the two."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else _MINUS_BEFORE_SIGN.sub(_KEPT, value)


def script_json(document: Any) -> Markup:  # noqa: ANN401 - any JSON document
    """Write JSON that can stand inside a script element whatever names it holds."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(safe)  # noqa: S704 - escaped on the line above


@cache
def chart_library() -> str:
    """Return the JavaScript that draws the charts, as the chart package bundles it."""
    import vl_convert  # noqa: PLC0415 - large; only a report needs it

    library = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub is stricter than it is
    if "</script" in library.lower():
        raise ValueError("the chart library holds a closing script tag and cannot stand in a page")
    return library


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("workbench.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        table_of=table_of,
        figure_id=figure_id,
        status_signs=STATUS_SIGNS,
        source_in_words=source_in_words,
        said_by_most=said_by_most,
    )
    environment.filters.update(
        value=wording.figure_value,
        change=wording.figure_change,
        interval=wording.figure_interval,
        basis=wording.basis_sentence,
        exact_quantity=wording.exact_quantity,
        moment=log_moment,
        step=step_title,
    )
    return environment


def _own_text(environment: Environment, name: str) -> Markup:
    """Return one of the report's own style or script files."""
    loader = environment.loader
    assert loader is not None  # noqa: S101 - set four lines above
    source, _, _ = loader.get_source(environment, name)
    return Markup(source)  # noqa: S704 - our own file
