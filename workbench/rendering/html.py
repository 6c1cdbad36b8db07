"""Results as HTML in which every text is escaped, with the stylesheet and scripts that come with the panels."""

from __future__ import annotations

import base64
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod

from workbench.formatting import (
    basis_sentence,
    count,
    figure_change,
    figure_interval,
    figure_value,
    first_of,
    thousands,
)
from workbench.outputs import csv_bytes
from workbench.rules.rulebook import by_urgency
from workbench.tables import DataTable, as_table
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from workbench.report.privacy import Naming
    from workbench.results import Basis, Caution, KeyFigure, Missing
    from workbench.rules.rulebook import Finding

say = texts(__name__)

# --- How accounts are called on pages and in what they hand out: one way at a time, as numbers have one locale


class _Called:
    """Who says how accounts are called now; weakly held, as a session that is gone says nothing."""

    by: WeakMethod | None = None


def call_accounts(find: Callable[[], Naming | None]) -> None:
    """Call accounts from now on as the naming says that a method returns; by their names where it is None."""
    _Called.by = WeakMethod(find)


def naming() -> Naming | None:
    """Return how accounts are called instead of by their names; None where they are called as they are."""
    find = None if _Called.by is None else _Called.by()
    return None if find is None else find()


def alias_in(text: str) -> str:
    """Return a text with accounts called as they are to be."""
    called = naming()
    return text if called is None else called.told(text)


def sent(document: Any, **settings: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON document with accounts called as they are to be."""
    called = naming()
    return document if called is None else called.sent(document, **settings)


# --- A file to save, carried by the page itself: it works without a server and without a kernel


def csv_link(label: str, file_name: str, table: pd.DataFrame | DataTable) -> str:
    """Write a link that saves a table as CSV under that name."""
    content = csv_bytes(table if naming() is None else as_called(table))
    return f"<p>{download(label, file_name, content, 'text/csv;charset=utf-8')}</p>"


def as_called(table: pd.DataFrame | DataTable, caption: str = "") -> DataTable:
    """Return a table with accounts called as they are to be, and no row of a group that is to be merged."""
    called = naming()
    return as_table(table, caption) if called is None else called.shown(table, caption)


def download(label: str, file_name: str, content: bytes, kind: str = "application/octet-stream") -> str:
    """Write a link that saves a file from inside the page; `kind` is its media type."""
    if (called := naming()) is not None and kind.startswith("text/"):
        # A folded line of a calendar could break a name in two.
        written = content.decode("utf-8-sig").replace("\r\n ", "") if "calendar" in kind else content.decode("utf-8")
        content = (called.told_html if "html" in kind else called.told)(written).encode()
        file_name = called.told(file_name)
    data = base64.b64encode(content).decode()
    return (
        f'<a class="wb-download" download="{escape(file_name)}" href="data:{escape(kind)};base64,{data}">'
        f"{escape(label)}</a>"
    )


# --- The scripts and the stylesheet that come with the kit, read once

_STATIC = Path(__file__).parent / "static"


@cache
def script(name: str) -> str:
    """Return the script of one widget, such as "live_chart", with what several make their elements with before it."""
    own = (_STATIC / f"{name}.js").read_text(encoding="utf-8")
    return f"{script('elements')}\n{own}" if name in _OF_ELEMENTS else own


_OF_ELEMENTS = frozenset({"app_rail", "choice_matrix", "import_map", "number_box", "number_grid", "presenter"})


@cache
def stylesheet(*more: str) -> str:
    """Return the stylesheet of every widget and of static pages, and after it those that are named, such as "strip".

    A widget carries no more than it needs: what it carries is sent with each one.
    """
    return "".join((_STATIC / f"{name}.css").read_text(encoding="utf-8") for name in ("workbench", *more))


# --- Words as HTML: headings, paragraphs, messages, things that open

_TONES = {"info": ("i", ""), "ok": ("✓", ""), "warning": ("▲", "Note:"), "error": ("✕", "Not done:")}


def heading_line(text: str, level: int = 3) -> str:
    """Write a heading."""
    return f"<h{level}>{escape(text)}</h{level}>"


def paragraph(text: str, *, soft: bool = False) -> str:
    """Write a paragraph, or nothing for an empty text."""
    style = ' class="wb-soft"' if soft else ""
    return f"<p{style}>{escape(text)}</p>" if text else ""


def lines(texts: Iterable[str]) -> str:
    """Write a bulleted list, or nothing when there is none."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def message(text: str, tone: str = "info", advice: str = "", *, press: str = "") -> str:
    """Write a message line; `tone` is info, ok, warning or error, told by a sign and a word as well as a colour.

    `press` is the label of a button behind it, which takes back what was done.
    """
    sign, word = _TONES[tone]
    told = f'<span aria-hidden="true">{sign}</span> {word}'.strip()
    said = f"{escape(text)} {escape(advice)}".strip()
    button = f' <button type="button" class="wb-strip-button" data-do="undo">{escape(press)}</button>' if press else ""
    return f'<p class="wb-message wb-is-{tone}"><span class="wb-status">{told}</span>{said}{button}</p>'


def progress_line(text: str, share: float) -> str:
    """Write how far some work is: a bar, and what is done now."""
    bar = f'<progress class="wb-progress" max="1" value="{share:.3f}" aria-hidden="true"></progress>'
    return f'<p class="wb-soft">{bar} {escape(text)}</p>'


def details(summary: str, inside: str) -> str:
    """Write something that opens on demand; `inside` is ready HTML."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>" if inside else ""


def style_tag() -> str:
    """Write the stylesheet for a page that has no widgets."""
    return f"<style>{stylesheet()}</style>"


# --- What stages hand back, as HTML: key figures, findings, cautions, what a result stands on and lacks

_SIGNS = {"ok": "✓", "watch": "▲", "breach": "✕", "unknown": "?"}
_NAMED = 12


def key_figure_cards(figures: Iterable[KeyFigure]) -> str:
    """Write key figures as cards: label, value, change against today, interval, period and population."""
    cards = "".join(_card(figure) for figure in figures)
    return f'<dl class="wb-figures">{cards}</dl>' if cards else ""


def finding_list(found: Iterable[Finding]) -> str:
    """Write findings, the open ones first: verdict in a word, a sign and a colour, evidence, remedy, who it touches."""
    items = "".join(finding_card(finding) for finding in by_urgency(found))
    return f'<ul class="wb-findings">{items}</ul>' if items else ""


def caution_messages(warnings: Iterable[Caution]) -> str:
    """Write the warnings a result carries about itself."""
    return "".join(message(each.text, "warning" if each.severity == "warning" else "info") for each in warnings)


def basis(stands_on: Basis | None) -> str:
    """Write the part of the data a result stands on."""
    return f'<p class="wb-note">{escape(basis_sentence(stands_on))}</p>' if stands_on is not None else ""


def missing(tables: Iterable[Missing]) -> str:
    """Write the tables a stage lacks and what each would add."""
    items = "".join(f"<li><b>{escape(each.table)}</b>: {escape(each.would_add)}</li>" for each in tables)
    return details(say("what_more_data_would_add"), f"<ul>{items}</ul>") if items else ""


def _card(figure: KeyFigure) -> str:
    change = figure_change(figure)
    changed = f'<dd class="wb-change">{escape(change)} against today</dd>' if change else ""
    notes = (figure_interval(figure), figure.period, figure.population, figure.note)
    said = "".join(f'<dd class="wb-note">{escape(note)}</dd>' for note in notes if note)
    return (
        f'<div class="wb-figure"><dt>{escape(figure.label)}</dt>'
        f'<dd class="wb-value">{escape(figure_value(figure))}</dd>{changed}{said}</div>'
    )


def finding_tone(finding: Finding) -> str:
    """Return the tone of a finding: its status, or a note where it was made so."""
    return "note" if finding.is_set_so else finding.status


def verdict_line(finding: Finding) -> str:
    """Write a verdict as a sign and a word."""
    sign = "=" if finding.is_set_so else _SIGNS[finding.status]
    return f'<span class="wb-status"><span aria-hidden="true">{sign}</span> {escape(finding.status_word)}</span>'


def finding_card(finding: Finding) -> str:
    """Write one finding as an item of a list: verdict, evidence, remedy, who it touches."""
    about = f" ({escape(finding.subject)})" if finding.subject else ""
    named = f'<b>{escape(finding.title)}</b>{about} <span class="wb-note">{escape(finding.rule_id)}</span>'
    title = f"<p>{verdict_line(finding)}{named}</p>"
    parts = [f"<p>{escape(finding.evidence)}</p>"]
    if finding.remedy and finding.status != "ok":
        parts.append(f'<p><span class="wb-soft">What would help:</span> {escape(finding.remedy)}</p>')
    if finding.waiver is not None:
        said = say("set_aside_by", who=finding.waiver.who, reason=finding.waiver.reason)
        parts.append(f'<p class="wb-soft">{escape(said)}</p>')
    if finding.override:
        parts.append(f'<p class="wb-soft">Threshold of this study: {escape(finding.override)}</p>')
    parts.append(_more(finding))
    return f'<li class="wb-is-{finding_tone(finding)}">{title}{"".join(parts)}</li>'


def _more(finding: Finding) -> str:
    facts = (
        ("Threshold", finding.threshold),
        ("Population", finding.population),
        (f"Affects {thousands(len(finding.affected))}", first_of(finding.affected, _NAMED)),
        ("Source", finding.source),
    )
    inside = "".join(f"<p>{label}: {escape(text)}</p>" for label, text in facts if text)
    summary = f"Affects {count('item', len(finding.affected))}, details" if finding.affected else "Details"
    return details(summary, inside)


# --- A frame as an HTML table: caption, headers, numbers to the right, unknown said as such

MOST_ROWS = 200
_SHORT, _LONG = 16, 60  # letters: dates and the like stay on one line, sentences get room


def table(frame: pd.DataFrame | DataTable | None, caption: str = "", *, most_rows: int = MOST_ROWS) -> str:
    """Write a table; the first column names the rows, and beyond `most_rows` it says how many more there are.

    A plain frame shows all its columns, its numbers to about three digits; its index is left out.
    """
    if frame is None or not len(frame.columns):
        return ""
    whole = as_called(frame, caption)
    shown = whole.head(most_rows)
    columns = shown.cells()
    kinds = [
        _kind(texts, aligned=column.kind.right, names=at == 0)
        for at, (texts, column) in enumerate(zip(columns, shown.columns, strict=True))
    ]
    head = "".join(
        f'<th scope="col"{kind if column.kind.right else ""}>{escape(column.heading)}</th>'
        for column, kind in zip(shown.columns, kinds, strict=True)
    )
    body = "".join(_row(texts, kinds) for texts in zip(*columns, strict=True))
    title = f"<caption>{escape(whole.caption)}</caption>" if whole.caption else ""
    more = len(whole) - len(shown)
    rest = f'<p class="wb-note">and {thousands(more)} more rows</p>' if more > 0 else ""
    return (
        f'<div class="wb-scroll" tabindex="0" role="group" aria-label="{escape(whole.caption or "Table")}">'
        f'<table class="wb-table">{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{rest}'
    )


def _row(texts: tuple[str, ...], kinds: list[str]) -> str:
    name, *values = texts
    cells = "".join(f"<td{kind}>{escape(text)}</td>" for text, kind in zip(values, kinds[1:], strict=True))
    return f'<tr><th scope="row"{kinds[0]}>{escape(name)}</th>{cells}</tr>'


def _kind(texts: list[str], *, aligned: bool, names: bool) -> str:
    """Write the class of a column's cells: amounts to the right, what is short on one line, sentences with room."""
    longest = max(map(len, texts), default=0)
    could_break = not names or any("-" in text for text in texts)
    kind = "wb-long" if longest > _LONG else "wb-short" if longest <= _SHORT and could_break else ""
    kind = "wb-right" if aligned else kind
    return f' class="{kind}"' if kind else ""
