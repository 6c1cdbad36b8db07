"""Results as HTML: every text escaped, every verdict in words, numbers to the right."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd

from workbench.rendering import html
from workbench.results import Basis, Caution, KeyFigure, Missing
from workbench.rules import Finding
from workbench.tables import NUMBER, TEXT, DataTable, Money, Percent

NASTY = "</b><script>alert('x')</script>&\""


class Tags(HTMLParser):
    """Collect tags and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        assert all(not name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def finding(status: str = "breach", **settings: object) -> Finding:
    """Return a finding."""
    return Finding(
        rule_id="T4",
        status=status,
        title="Steps",
        evidence="Two steps are too small.",
        remedy="Widen them.",
        **settings,
    )


def test_every_text_is_escaped() -> None:
    """A name that is a script is only a name, wherever it is shown."""
    frame = pd.DataFrame({NASTY: [NASTY]})
    pages = [
        html.heading_line(NASTY),
        html.paragraph(NASTY),
        html.message(NASTY, "error", NASTY),
        html.lines([NASTY]),
        html.details(NASTY, "x"),
        html.table(frame, NASTY),
        html.key_figure_cards([KeyFigure(NASTY, 1.0, NASTY, NASTY, NASTY, note=NASTY)]),
        html.finding_list([finding(subject=NASTY, affected=(NASTY,), threshold=NASTY, population=NASTY, source=NASTY)]),
        html.caution_messages([Caution(NASTY)]),
        html.basis(Basis(accounts=1, of_accounts=2, note=NASTY)),
        html.missing([Missing(NASTY, NASTY)]),
    ]
    for page in pages:
        read = Tags(page)
        assert "script" not in read.tags
        assert "alert('x')" in read.text


def test_a_key_figure_says_what_it_is() -> None:
    """Label, value with unit, change, interval, period and population are all there; unknown is said."""
    text = Tags(
        html.key_figure_cards([KeyFigure("Revenue", 1234.0, "USD", "per month", "800 accounts", change=-34.0)])
    ).text
    for part in ("Revenue", "$1,234", "\N{MINUS SIGN}$34", "per month", "800 accounts"):
        assert part in text
    assert "unknown" in html.key_figure_cards([KeyFigure("Revenue", None, "USD")])


def test_a_finding_is_told_without_colour() -> None:
    """The verdict is a word and a sign; remedy and the number of affected are there; open ones come first."""
    text = Tags(html.finding_list([finding("ok"), finding("breach", affected=("a", "b"))])).text
    assert text.index("Not met") < text.index("Met", text.index("Not met") + 7)
    for part in ("✕", "✓", "Widen them.", "Affects 2 items", "a, b"):
        assert part in text


def test_a_table_aligns_numbers_and_says_unknown() -> None:
    """Numbers and amounts stand right, words left; a gap is unknown; long tables say how much is left out."""
    columns = (("tier", TEXT), ("price", NUMBER), ("share", Percent()))
    page = html.table(DataTable.of_rows(columns, [("Team", 10.5, 0.12), ("Pro", None, None)]), "Prices")
    assert page.count('class="wb-right"') == 6
    assert "<caption>Prices</caption>" in page
    assert '<th scope="row">Team</th>' in page
    assert '<th scope="col">Tier</th>' in page  # headings are in sentence case, whatever the frame calls a column
    assert '<td class="wb-right">unknown</td>' in page
    assert "and 300 more rows" in html.table(pd.DataFrame({"x": range(500)}))


def test_dates_flags_and_own_formats_are_written_plainly() -> None:
    """Months are written 2024-03, yes and no are words, and a column can be written in its own way."""
    frame = pd.DataFrame({"month": pd.to_datetime(["2024-03-01", None]), "paid": [True, False], "price": [1.5, 2.0]})
    text = Tags(html.table(DataTable.plain(frame, {"price": Money("USD", per="per seat")}))).text
    for part in ("2024-03", "unknown", "yes", "no", "$1.50 per seat"):
        assert part in text


def test_nothing_to_say_is_nothing() -> None:
    """Empty inputs give no empty boxes."""
    assert (
        html.key_figure_cards([])
        == html.finding_list([])
        == html.caution_messages([])
        == html.missing([])
        == html.table(None)
        == ""
    )
