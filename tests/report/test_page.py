"""The report is one page that opens anywhere and says what the study says."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import altair as alt
import pytest
from markupsafe import escape

from workbench.formatting import figure_value
from workbench.report import report_html
from workbench.report.offline_page import script_json
from workbench.report.page import by_column, drawn_rows, said_by_most, unbroken
from workbench.report.sections import drawn_in_summary, stage_page
from workbench.stages import STAGES
from workbench.stages import figure as figures_of_charts
from workbench.stages.contract import step_title
from workbench.stages.figure import Figure
from workbench.text import words_at

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report import ReportContent

pytestmark = pytest.mark.slow

Row = dict[str, Any]

LARGEST = 2_000_000
FETCHING = {"src", "href", "srcset", "data", "action", "poster"}


class Outline(HTMLParser):
    """Collects what a reader of the page depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.headings: list[str] = []
        self.tags: dict[str, int] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note ids, links and headings."""
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, value in attributes:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href" and (value or "").startswith("#"):
                self.links.append((value or "")[1:])
            elif name in FETCHING:
                self.fetched.append(value or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    """Return the page's outline."""
    parser = Outline()
    parser.feed(page)
    return parser


def test_the_same_study_gives_the_same_bytes(content: ReportContent, page: str) -> None:
    """Nothing in the page depends on the moment or the machine it was written on."""
    assert report_html(content) == page


def test_the_page_is_small(page: str) -> None:
    """It fits into a mail."""
    assert len(page.encode()) < LARGEST


def test_the_page_fetches_nothing(outline: Outline, page: str) -> None:
    """No element names a file to load, and the policy in the page forbids it anyway."""
    assert outline.fetched == []
    assert "default-src 'none'" in page
    assert "unsafe-eval" not in page


def test_every_link_leads_somewhere_and_ids_are_unique(outline: Outline) -> None:
    """The contents list and the skip link land on what they name."""
    assert set(outline.links) <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))


def test_headings_never_skip_a_level(outline: Outline) -> None:
    """Readers who jump from heading to heading find a ladder without missing rungs."""
    levels = [int(tag[1]) for tag in outline.headings]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_names_cannot_break_out_of_the_page(page: str) -> None:
    """A tier named like a script is only a name, in the text and in the charts' data."""
    assert "<script>document.title" not in page
    assert "&lt;/script&gt;&lt;script&gt;document.title" in page
    assert "\\u003c/script>\\u003cscript>document.title" in page
    assert "<b>Second</b>" not in page
    assert page.count("<script") == 3


def test_the_charts_data_reads_back(page: str, content: ReportContent) -> None:
    """The JSON in the page is whole, and holds one chart for each figure of each stage that has something to draw."""
    text = re.search(r'<script type="application/json" id="chart-specs"[^>]*>(.*?)</script>', page, re.DOTALL)
    specs = json.loads(text[1])
    expected = {
        f"figure-{outcome.stage.key}-{figure.key}"
        for outcome in content.outcomes
        for figure in outcome.figures
        if not figure.why_not_drawn
    }
    assert set(specs) == expected
    assert len(expected) > 60
    assert all(spec["description"] for spec in specs.values())
    figures = {f"figure-{each.stage.key}-{figure.key}": figure for each in content.outcomes for figure in each.figures}
    for place, spec in specs.items():
        rows = {name: drawn_rows(each) for name, each in figures[place].full_spec().get("datasets", {}).items()}
        assert {name: _rows(each) for name, each in spec.get("datasets", {}).items()} == rows


def _rows(held: list[Row] | dict[str, Any]) -> list[Row]:
    """Return rows from how a page holds them: by column, words by their number."""
    if isinstance(held, list):
        return held
    columns = [[each["words"][at] for at in each["at"]] if isinstance(each, dict) else each for each in held.values()]
    return [dict(zip(held, row, strict=True)) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{}],
        [{"a": 1}, {"b": 1}],
        [{"a": "x", "b": 1.5}, {"a": "x", "b": None}, {"a": "y", "b": True}],
        [{"a": "x"}, {"a": None}, {"a": "x"}, {"a": ["x"]}],
        [{"a": "x", "b": 1}, {"b": 2, "a": "x"}],
    ],
)
def test_rows_by_column_read_back(rows: list[Row]) -> None:
    """Whatever a chart's rows hold, they come back as they were: words beside numbers, lists, missing names."""
    assert _rows(by_column(rows)) == rows


def test_every_figure_has_a_table_and_every_table_a_caption_or_summary(
    outline: Outline, content: ReportContent
) -> None:
    """Whoever cannot see a chart reads its numbers."""
    figures = [figure for each in content.outcomes for figure in each.figures]
    drawn = [figure for figure in figures if not figure.why_not_drawn]
    with_table = [figure for figure in drawn if figure.table is not None]
    assert outline.tags["figure"] == len(figures)
    assert len(with_table) == len(drawn) > 60
    assert outline.tags["table"] >= len(with_table)


def test_no_line_breaks_between_a_minus_sign_and_the_currency(page: str) -> None:
    """A browser may break a line there; the page keeps the two together wherever it writes an amount."""
    assert unbroken("from \u2212$5 to \u22125%") == "from \u2212\u2060$5 to \u22125%"
    assert unbroken(7) == 7
    words = page.partition('<script type="application/json"')[0]
    assert "\u2212\u2060$" in words
    assert "\u2212$" not in words


def test_what_most_charts_of_a_group_say_stands_once_below_them(page: str, content: ReportContent) -> None:
    """A note on the whole survey is read once, not under each of its charts; a single chart keeps its notes."""
    sections = next(each.sections for each in content.outcomes if each.stage.key == "willingness")
    groups = [part.holds for section in sections for part in section.all_parts if part.kind == "figures"]
    together = next(each for each in groups if len(each) > 1)
    shared = said_by_most(together)
    assert shared
    carrying = [sum(note in each.footnotes for each in together) for note in shared]
    assert min(carrying) > len(together) / 2
    assert said_by_most(together[:1]) == ()
    assert page.count(f'<p class="source">{escape(shared[0])}</p>') == 1


def test_a_report_holds_every_part(page: str, content: ReportContent) -> None:
    """Summary, the five stages, scenarios, assumptions, log, coverage and definitions are there."""
    for heading in ("Summary", "Assumptions", "Decision log", "What the data covers", "Definitions"):
        assert f">{heading}</h2>" in page
    for stage in STAGES:
        assert f'id="stage-{stage.key}"' in page
    assert 'id="scenarios"' in page
    for record in content.study.decisions:
        assert str(escape(record.reason)) in page
        assert f"<h3>{escape(step_title(record.stage))}</h3>" in page
        assert f"<p>{escape(record.what)}</p>" in page


def test_the_summary_has_a_line_with_a_figure_of_each_stage_that_names_one(page: str, content: ReportContent) -> None:
    """Its value, the months and a link to where it comes from stand before what was decided."""
    summary = page[page.index('id="summary"') : page.index('id="decided"')]
    named = [each for each in content.outcomes if words_at(each.stage.package, "stage", "in_summary", default="")]
    assert {each.stage.key for each in named} == {"expansion", "growth_desk"} & {each.key for each in STAGES}
    for each in named:
        key = words_at(each.stage.package, "stage", "in_summary")
        label = words_at(each.stage.package, "key_figures", key, "label")
        figure = next(one for one in each.result.key_figures if one.label == label)
        assert f'<a href="#stage-{each.stage.key}">' in summary
        assert f"{label} <strong>{unbroken(figure_value(figure))}</strong>" in summary
        assert figure.period in summary


def test_the_summary_draws_a_picture_of_each_stage_that_names_one(page: str, content: ReportContent) -> None:
    """It stands there and nowhere else, and the stage's section leads to it."""
    summary = page[page.index('id="summary"') : page.index('id="decided"')]
    drawn = drawn_in_summary(content)
    named = {"expansion": "trend", "growth_desk": "alerts_by_month"}
    assert {each.stage.key: figure.key for each, figure in drawn} == {
        key: figure for key, figure in named.items() if key in {each.key for each in STAGES}
    }
    for each, figure in drawn:
        place = f"figure-{each.stage.key}-{figure.key}"
        assert summary.count(f'id="{place}"') == page.count(f'id="{place}"') == 1
        assert f'<a href="#{place}">{escape(figure.title)}</a> stands in the summary.' in page
        assert figure.key not in {one.key for one in stage_page(each, [figure]).pictures}


def test_every_finding_is_said_once_in_its_stage(page: str, content: ReportContent) -> None:
    """No verdict is left out, whatever its status; one of no rule of the book is told by its sentence."""
    stages = page[page.index('id="stage-value_metric"') :]
    for _, finding in content.findings:
        told = f"rule {finding.rule_id})" if finding.rule_id else str(escape(finding.evidence))
        assert told in stages


@pytest.mark.parametrize("text", ["</script>", "<!--", "\u2028", "]]>", "&lt;"])
def test_script_json_survives_any_text(text: str) -> None:
    """Whatever a name holds, it reads back the same and closes no script element."""
    written = str(script_json({"name": text}))
    assert json.loads(written) == {"name": text}
    assert "<" not in written
    assert "\u2028" not in written


def test_charts_come_out_the_same_unchecked(content: ReportContent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Holding charts against the grammar, as tests do and a report does not, changes nothing in them."""
    drawn = [figure for each in content.outcomes for figure in each.figures]
    checked = [figure._compose() for figure in drawn]
    monkeypatch.setattr(figures_of_charts, "checks_charts", False)
    assert checked
    assert [figure._compose() for figure in drawn] == checked


def test_a_chart_out_of_the_grammar_is_noticed_by_every_test() -> None:
    """Tests hold each chart against the grammar of the chart package, so that a wrong name does not reach a report."""
    wrong = Figure(key="x", title="", description="", reading="", build=lambda: alt.Chart().mark_bar(colour=1), data={})
    with pytest.raises(Exception, match="colour"):
        wrong.spec()


def test_the_chart_library_is_the_same_when_no_other_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be started it is bundled here, and is the same."""
    apart = figures_of_charts._bundled()
    assert figures_of_charts.chart_library() == apart
    monkeypatch.setattr(figures_of_charts.sys, "executable", "/nowhere/python")
    assert figures_of_charts._bundled() == apart


def test_the_chart_library_is_kept_by_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is kept of one version is not taken for another's, nor is what is damaged."""
    made: list[str] = []

    def asked(version: str) -> str:
        monkeypatch.setattr(figures_of_charts, "version", lambda _: version)
        return figures_of_charts.chart_library.__wrapped__()

    monkeypatch.setattr(figures_of_charts, "__file__", str(tmp_path / "figure.py"))
    monkeypatch.setattr(figures_of_charts, "_bundled", lambda: made.append("bundled") or f"bundle {len(made)}")
    monkeypatch.setattr(figures_of_charts.sys, "dont_write_bytecode", False)
    assert [asked("1"), asked("1"), asked("2"), asked("1")] == ["bundle 1", "bundle 1", "bundle 2", "bundle 1"]
    (kept,) = (tmp_path / "__pycache__").glob("*-1.js.gz")
    kept.write_bytes(kept.read_bytes()[:-9])
    assert asked("1") == "bundle 3"
    assert asked("1") == "bundle 3"
