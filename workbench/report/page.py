"""Write a report's content as one HTML file that opens anywhere, with the network off."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from workbench import progress, wording
from workbench.customers.check import problems_frame
from workbench.expected import drawing
from workbench.report.comparison import comparison_table
from workbench.report.definitions import DEFINITIONS
from workbench.report.impact import impact_tables
from workbench.report.offline import policy_hash
from workbench.report.results_document import results_of
from workbench.report.results_words import Figures, amount_in_words
from workbench.report.tables import log_moment, table_of
from workbench.report.willingness import size_of, source_in_words
from workbench.report.willingness_tables import WillingnessView
from workbench.stages.registry import step_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.report.content import ReportContent
    from workbench.stages.figure import Figure

AFTER_STAGE = "add_ons"
"""The stage after which willingness to pay stands: it looks at the offer that stage completes."""
_MINUS_BEFORE_SIGN, _KEPT = re.compile(r"\u2212(?=[^\s\w])"), "\u2212\u2060"
STATUS_SIGNS = {"ok": "\u2713", "watch": "!", "breach": "\u2715", "unknown": "?"}


def report_html(content: ReportContent, results: Mapping[str, Any] | None = None) -> str:
    """Return the report as one HTML document; the same content gives the same text, byte for byte.

    The page carries its own scripts. Its content security policy forbids the network and lets nothing run but these
    scripts, by their hashes. What people typed is escaped: in the page by the template, in the charts' data by
    `script_json`. `results` is what `results_of` returned, worked out here without it; the first page reads it alone.
    """
    step = progress.Steps(drawing(size_of(content.base)), seconds=True)
    with step("library"):
        library = chart_library()
    step.begin("figures")
    environment, concluded = _environment(), results_of(content) if results is None else results
    style, script = _own_text(environment, "report.css"), _own_text(environment, "report.js")
    return environment.get_template("report.html.j2").render(
        content=content,
        results=concluded,
        first=Figures(concluded),
        places=Places(),
        figures={each.stage.key: tuple(each.stage.module.figures(each.result)) for each in content.outcomes},
        comparison=comparison_table(content),
        impact=impact_tables(content.impact),
        willingness=WillingnessView(content.willingness),
        after_stage=AFTER_STAGE,
        coverage=table_of(
            content.base.coverage().frame(), caption="Rows, accounts and first and last day of every table"
        ),
        worth_a_look=table_of(problems_frame(content.base.findings), caption="Worth a look, read as it stands")
        if content.base.findings
        else None,
        definitions=DEFINITIONS,
        library=library,
        style=style,
        script=script,
        script_hashes=f"{policy_hash(library)} {policy_hash(script)}",
        style_hash=policy_hash(style),
    )


class Places:
    """The places charts have in a page, and the charts: one is in the list because its place has been printed."""

    def __init__(self) -> None:
        self._specs: dict[str, dict[str, Any] | None] = {}

    def new(self, section: str, figure: Figure) -> str:
        """Return the id of a figure's place that is being printed, and keep its chart to be drawn there."""
        place = f"figure-{section}-{figure.key}"
        if place in self._specs:
            raise ValueError(f"two figures would stand in {place}")
        self._specs[place] = None if figure.why_not_drawn else figure.full_spec()
        return place

    def specs(self) -> Markup:
        """Write the charts of the places printed so far, by place, as JSON; what cannot be drawn is left out."""
        return script_json({place: spec for place, spec in self._specs.items() if spec is not None})


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
def chart_library() -> Markup:
    """Return the JavaScript that draws the charts, as the chart package bundles it."""
    library = _bundled()
    if re.search(r"</script|<!--|\r", library, re.IGNORECASE):
        raise ValueError("the chart library holds a tag or a line end that a page would read in its own way")
    return Markup(library)  # noqa: S704 - the chart library's own text, from its package


def _bundled() -> str:
    """Return the bundle made in a process of its own: for a second it would let nothing else of this one run."""
    program = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"
    try:
        made = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, check=True)  # noqa: S603 - our own
        return made.stdout.decode()
    except (OSError, subprocess.SubprocessError):
        import vl_convert  # noqa: PLC0415 - large; mostly the other process has it

        return vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub is stricter than it is


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
        written=amount_in_words,
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
