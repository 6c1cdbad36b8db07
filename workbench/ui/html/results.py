"""What stages hand back, as HTML: key figures, findings, cautions, what a result stands on and lacks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from workbench.formatting import count, first_of
from workbench.rules.finding import by_urgency
from workbench.ui.html.text import details, message
from workbench.wording import basis_sentence, figure_change, figure_interval, figure_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.results import Basis, Caution, KeyFigure, Missing
    from workbench.rules.finding import Finding

_SIGNS = {"ok": "✓", "watch": "▲", "breach": "✕", "unknown": "?"}
_NAMED = 12


def key_figures(figures: Iterable[KeyFigure]) -> str:
    """Write key figures as cards: label, value, change against today, interval, period and population."""
    cards = "".join(_card(figure) for figure in figures)
    return f'<dl class="wb-figures">{cards}</dl>' if cards else ""


def findings(found: Iterable[Finding]) -> str:
    """Write findings, the open ones first: verdict in a word, a sign and a colour, evidence, remedy, who it touches."""
    items = "".join(_finding(finding) for finding in by_urgency(found))
    return f'<ul class="wb-findings">{items}</ul>' if items else ""


def cautions(warnings: Iterable[Caution]) -> str:
    """Write the warnings a result carries about itself."""
    return "".join(message(each.text, "warning" if each.severity == "warning" else "info") for each in warnings)


def basis(stands_on: Basis | None) -> str:
    """Write the part of the data a result stands on."""
    return f'<p class="wb-note">{escape(basis_sentence(stands_on))}</p>' if stands_on is not None else ""


def missing(tables: Iterable[Missing]) -> str:
    """Write the tables a stage lacks and what each would add."""
    items = "".join(f"<li><b>{escape(each.table)}</b>: {escape(each.would_add)}</li>" for each in tables)
    return details("What more data would add", f"<ul>{items}</ul>") if items else ""


def _card(figure: KeyFigure) -> str:
    change = figure_change(figure)
    changed = f'<dd class="wb-change">{escape(change)} against today</dd>' if change else ""
    notes = (figure_interval(figure), figure.period, figure.population, figure.note)
    said = "".join(f'<dd class="wb-note">{escape(note)}</dd>' for note in notes if note)
    return (
        f'<div class="wb-figure"><dt>{escape(figure.label)}</dt>'
        f'<dd class="wb-value">{escape(figure_value(figure))}</dd>{changed}{said}</div>'
    )


def _finding(finding: Finding) -> str:
    about = f" ({escape(finding.subject)})" if finding.subject else ""
    sign, tone = ("=", "note") if finding.is_set_so else (_SIGNS[finding.status], finding.status)
    verdict = f'<span class="wb-status"><span aria-hidden="true">{sign}</span> '
    verdict += f"{escape(finding.status_word)}</span>"
    title = (
        f'<p>{verdict}<b>{escape(finding.title)}</b>{about} <span class="wb-note">{escape(finding.rule_id)}</span></p>'
    )
    parts = [f"<p>{escape(finding.evidence)}</p>"]
    if finding.remedy and finding.status != "ok":
        parts.append(f'<p><span class="wb-soft">What would help:</span> {escape(finding.remedy)}</p>')
    if finding.waiver is not None:
        said = f"Set aside by {finding.waiver.who}: {finding.waiver.reason}"
        parts.append(f'<p class="wb-soft">{escape(said)}</p>')
    if finding.override:
        parts.append(f'<p class="wb-soft">Threshold of this study: {escape(finding.override)}</p>')
    parts.append(_more(finding))
    return f'<li class="wb-is-{tone}">{title}{"".join(parts)}</li>'


def _more(finding: Finding) -> str:
    facts = (
        ("Threshold", finding.threshold),
        ("Population", finding.population),
        (f"Affects {len(finding.affected):,}", first_of(finding.affected, _NAMED)),
        ("Source", finding.source),
    )
    inside = "".join(f"<p>{label}: {escape(text)}</p>" for label, text in facts if text)
    summary = f"Affects {count('item', len(finding.affected))}, details" if finding.affected else "Details"
    return details(summary, inside)
