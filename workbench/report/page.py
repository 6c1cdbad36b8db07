"""Write a report's content as one HTML file that opens anywhere, with the network off."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from workbench import formatting, progress
from workbench.customers.base import problems_frame
from workbench.locales import in_its_locale
from workbench.progress import drawing
from workbench.report.approval import states_told
from workbench.report.content import size_of
from workbench.report.offline_page import paper_rule, policy_hash, script_json
from workbench.report.privacy import as_named
from workbench.report.result_figures import ResultFigures, amount_in_words
from workbench.report.results_document import priced_offers, results_of
from workbench.report.sections import (
    PLACES,
    drawn_in_summary,
    how_findings_stand,
    in_summary,
    log_moment,
    scenarios_table,
    section_names,
    stage_page,
    told_outside,
    what_is_inside,
)
from workbench.stages.contract import step_title
from workbench.stages.figure import chart_library, ink, look, merged
from workbench.tables import as_table
from workbench.text import sentences, texts, words_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.report.content import ReportContent
    from workbench.stages.figure import Figure

say = texts(__name__)
Audience = Literal["team", "customers"]

# --- The words a report uses, defined once for readers who were not in the room

DEFINITIONS: dict[str, str] = {
    term: words_at(__package__, "definitions", term) for term in sentences(__package__)["definitions"]
}

# --- Write a report's content as one HTML file that opens anywhere, with the network off

_MINUS_BEFORE_SIGN, _KEPT = re.compile(r"\u2212(?=[^\s\w])"), "\u2212\u2060"
STATUS_SIGNS = {"ok": "\u2713", "watch": "!", "breach": "\u2715", "unknown": "?"}


@in_its_locale
@as_named
def report_html(
    content: ReportContent, results: Mapping[str, Any] | None = None, *, audience: Audience = "team"
) -> str:
    """Return the report as one HTML document.

    The page carries its own scripts. Its content security policy forbids the network and lets nothing run but these
    scripts, by their hashes. What people typed is escaped: in the page by the template, in the charts' data by
    `script_json`. The same content gives the same text, byte for byte.

    Parameters
    ----------
    content
        What `gather_content` returned.
    results
        What `results_of` returned, worked out here without it; the first page reads it alone.
    audience
        "customers" for the page of those who speak with customers: offers with their prices, and what stages declare
        for them; no figure of the company's own.

    Returns
    -------
    str
        The document.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> from workbench.report import gather_content, report_html
    >>> page = report_html(gather_content(base, Study.new("acme", "data", title="Acme <new prices>")))
    >>> "Acme &lt;new prices&gt;" in page, "Acme <new" in page
    (True, False)
    """
    step = progress.Steps(drawing(size_of(content.base)), seconds=True)
    with step("library"):
        library = inline_chart_library()
    step.begin("figures")
    environment, concluded = _environment(), results_of(content) if results is None else results
    style, script = _own_text(environment, "report.css") + paper_rule(), _own_text(environment, "report.js")
    template = environment.get_template("report.html.j2" if audience == "team" else "customers.html.j2")
    page = template.render(
        content=content,
        naming=content.naming,
        results=concluded,
        first=ResultFigures(concluded),
        places=Places(),
        also=in_summary(content) if audience == "team" else (),
        pictured=drawn_in_summary(content) if audience == "team" else (),
        comparison=scenarios_table(content),
        coverage=as_table(content.base.coverage().frame(), caption=say("rows_accounts_and_first_and")),
        worth_a_look=as_table(problems_frame(content.base.findings), caption=say("worth_a_look_read_as"))
        if content.base.findings
        else None,
        definitions=DEFINITIONS,
        sections=section_names(),
        places_of_page=PLACES,
        states=states_told(content),
        told=told_outside(content) if audience == "customers" else (),
        offers=priced_offers(content) if audience == "customers" else (),
        library=library,
        style=style,
        script=script,
        script_hashes=f"{policy_hash(library)} {policy_hash(script)}",
        style_hash=policy_hash(style),
    )
    return content.naming.text(page)


class Places:
    """The places charts have in a page, and the charts: one is in the list because its place has been printed."""

    def __init__(self) -> None:
        self._specs: dict[str, dict[str, Any] | None] = {}
        self._look = merged(ink(), look())

    def new(self, section: str, figure: Figure) -> str:
        """Return the id of a figure's place that is being printed, and keep its chart to be drawn there."""
        place = f"figure-{section}-{figure.key}"
        if place in self._specs:
            raise ValueError(f"two figures would stand in {place}")
        if figure.why_not_drawn:
            self._specs[place] = None
        else:
            spec = figure.full_spec()
            rows = {name: by_column(drawn_rows(each)) for name, each in spec.get("datasets", {}).items()}
            self._specs[place] = {**spec, "datasets": rows} if rows else spec
        return place

    def specs(self) -> Markup:
        """Write the charts of the places printed so far, by place, as JSON; what cannot be drawn is left out.

        The look they share stands once, in `look`; a chart with settings of its own keeps its whole look.
        """
        shared = {"config": self._look}
        drawn = {place: spec for place, spec in self._specs.items() if spec is not None}
        return script_json(
            {
                place: {name: part for name, part in spec.items() if shared.get(name) != part}
                for place, spec in drawn.items()
            }
        )

    def look(self) -> str:
        """Write the look the charts share, as JSON: fonts, colours of axes and the like."""
        return json.dumps(self._look, ensure_ascii=False, separators=(",", ":"))


_DRAWN_DIGITS = 8  # more than an eye or a tooltip tells apart; the workbook has them all


def drawn_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a chart with as many digits as can be drawn, which is a tenth of the charts of a page."""
    return [
        {name: float(f"{each:.{_DRAWN_DIGITS}g}") if isinstance(each, float) else each for name, each in row.items()}
        for row in rows
    ]


def by_column(rows: list[dict[str, Any]]) -> list[dict[str, Any]] | dict[str, Any]:
    """Return the rows of a chart as the page holds them: names once, and words that come again by their number.

    That is two fifths of the charts of a page. Rows that do not all have the same names stay as they are.
    """
    names = list(rows[0]) if rows else []
    if not names or any(list(row) != names for row in rows):
        return rows
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in names}
    for name, values in columns.items():
        if all(isinstance(each, str) for each in values):
            words = {word: at for at, word in enumerate(dict.fromkeys(values))}
            if len(words) <= len(values) / 2:
                columns[name] = {"words": list(words), "at": [words[each] for each in values]}
    return columns


def said_by_most(figures: Sequence[Figure]) -> tuple[str, ...]:
    """Return the footnotes that more than half of several figures carry, in the order they are first said."""
    if len(figures) < 2:  # noqa: PLR2004 - one chart says everything itself
        return ()
    told = Counter(note for each in figures for note in dict.fromkeys(each.footnotes))
    return tuple(note for note, times in told.items() if times > len(figures) / 2)


def unbroken(value: object) -> object:
    """Keep a minus sign on the line of the currency sign behind it; a browser may break the line between the two."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else _MINUS_BEFORE_SIGN.sub(_KEPT, value)


@cache
def inline_chart_library() -> Markup:
    """Return the JavaScript that draws the charts, as the chart package bundles it."""
    library = chart_library()
    if re.search(r"</script|<!--|\r", library, re.IGNORECASE):
        raise ValueError("the chart library holds a tag or a line end that a page would read in its own way")
    return Markup(library)  # noqa: S704 - the chart library's own text, from its package


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
        table_of=as_table,
        written=amount_in_words,
        status_signs=STATUS_SIGNS,
        said_by_most=said_by_most,
        stage_page=stage_page,
        inside=what_is_inside,
        findings_stand=how_findings_stand,
    )
    environment.filters.update(
        value=formatting.figure_value,
        change=formatting.figure_change,
        interval=formatting.figure_interval,
        basis=formatting.basis_sentence,
        exact_quantity=formatting.exact_quantity,
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
