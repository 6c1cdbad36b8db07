"""What pages say of a study: names with numbers, with whom and when they speak of, read back from what was written.

Nothing here knows how a page is made: text is read as a reader would, a number with the digits it is written in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import openpyxl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SPOKEN_OF = re.compile(
    r"\brevenue\b|\bmrr\b|\bpays? (?:more|less)\b|\bwinners?\b|\bmovers?\b|\battach|\bbuy(?:ers)?\b|placed in"
    r"|bills? (?:that rise|up)|share of (?:the )?(?:active )?accounts",
    re.IGNORECASE,
)
WHO = re.compile(r"\b(?:accounts?|respondents?|customers?|people|that paid)\b", re.IGNORECASE)
WHEN = re.compile(r"\b20\d\d\b|\bmonths?\b|\bby price\b|\bstated\b|\basked\b|\bhistory\b|\bin force\b", re.IGNORECASE)
_SCALES = {"B": 1e9, "M": 1e6, "k": 1e3, "": 1.0}
_NUMBER = re.compile(r"^([+\u2212-]?)[\u2060]?(?:\$|USD )?([\d,]+(?:\.\d+)?)([BMk]?)\s*(%|x|accounts?|USD)?$")


@dataclass(frozen=True)
class Number:
    """A number with how far it may be off: half of the last digit that is written."""

    value: float
    off: float

    def agrees(self, other: Number) -> bool:
        """Tell whether both can be the same number, each rounded as it is written."""
        return abs(self.value - other.value) <= (self.off + other.off) * (1 + 1e-9) + 1e-9 * abs(self.value)


@dataclass(frozen=True)
class Said:
    """A name with a number, as one page has it; `about` is the whole of what stands beside it."""

    where: str
    name: str
    number: Number | None
    when: str
    who: str
    about: str = ""


def read_number(text: str) -> Number | None:
    """Return the number a text is; None where it is none, or more than one."""
    found = _NUMBER.match(text.strip())
    if found is None:
        return None
    sign, digits, letter, unit = found.groups()
    plain = digits.replace(",", "")
    scale = _SCALES[letter] / (100 if unit == "%" else 1)
    decimals = len(plain.partition(".")[2])
    return Number((-1 if sign and sign != "+" else 1) * float(plain) * scale, 0.5 * 10**-decimals * scale)


def of_results(results: dict[str, Any]) -> Iterator[Said]:
    """Go through the figures of the document."""
    for row in results["figures"]:
        number = None if row["value"] is None else Number(row["value"], 0.0)
        about = f"{row['basis']} {row['population']} {row['period']}"
        yield Said("results", row["name"], number, row["period"], row["population"], about)


@dataclass
class Table:
    """A table of a page: caption, header, and rows of cells."""

    caption: str
    header: list[str]
    rows: list[list[str]]


class Page(HTMLParser):
    """The figures, lists of key figures and tables of an HTML report."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.marked: list[tuple[str, str]] = []
        self.key_figures: list[tuple[str, str, list[str]]] = []
        self.tables: list[Table] = []
        self._open: list[tuple[str, list[str]]] = []
        self._figure: dict[str, list[str]] | None = None
        self._table: Table | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin to collect what stands in a cell, a caption, or a marked span."""
        given = dict(attrs)
        kind = given.get("class") or ""
        if tag == "table":
            self._table = Table("", [], [])
        elif tag == "tr" and self._table is not None:
            self._table.rows.append([])
        elif tag == "ul" and kind == "figures":
            self._figure = {}
        elif tag == "li" and self._figure is not None:
            self._figure = {"label": [], "value": [], "more": []}
        if tag in {"td", "th", "caption"}:
            self._open.append((tag, []))
        elif tag == "span":
            name = f"figure:{given['data-figure']}" if "data-figure" in given else f"span:{kind}"
            self._open.append((name, []))

    def handle_endtag(self, tag: str) -> None:
        """Keep what was collected."""
        if tag in {"td", "th", "caption", "span"} and self._open:
            name, parts = self._open.pop()
            text = " ".join("".join(parts).split())
            self._keep(name, text)
        elif tag == "table" and self._table is not None:
            rows = [row for row in self._table.rows if row]
            self.tables.append(Table(self._table.caption, rows[0] if rows else [], rows[1:]))
            self._table = None
        elif tag == "li" and self._figure:
            label, value, more = (self._figure[name] for name in ("label", "value", "more"))
            if label and value:
                self.key_figures.append((label[0], value[0], more))
        elif tag == "ul":
            self._figure = None

    def handle_data(self, data: str) -> None:
        """Add text to everything that is open; what a reader sees beside a number is no part of it."""
        for name, parts in self._open:
            if name != "th" or self._open[-1][0] == "th":
                parts.append(data)

    def _keep(self, name: str, text: str) -> None:
        kind, _, which = name.partition(":")
        if kind == "figure":
            self.marked.append((which, text))
        elif kind == "span" and self._figure is not None and which in self._figure:
            self._figure[which].append(text)
        elif kind == "caption" and self._table is not None:
            self._table.caption = text
        elif kind in {"td", "th"} and self._table is not None and self._table.rows:
            self._table.rows[-1].append(text)

    def said(self) -> Iterator[Said]:
        """Go through the lists of key figures."""
        for label, value, more in self.key_figures:
            where = " ".join(more)
            yield Said("report", label, read_number(value), where, where, where)


def of_workbook(path: Path) -> tuple[list[Said], list[Table]]:
    """Return the key figures and the tables of a workbook, each with what its sheet of contents says it holds."""
    book = openpyxl.load_workbook(path, read_only=True)
    sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    said = []
    for row in sheets["Key figures"][1:]:
        cells = dict(zip(sheets["Key figures"][0], row, strict=True))
        when, who = (str(cells[name] or "") for name in ("Period", "Population"))
        scale = 0.01 if cells["Unit"] == "percent" else 1.0
        number = None if cells["Value"] is None else Number(cells["Value"] * scale, 1e-9 * abs(cells["Value"]))
        said.append(Said("workbook", cells["Figure"], number, when, who, f"{when} {who}"))
    tables = [
        Table(
            f"{title}: {holds}",
            [str(cell) for cell in sheets[sheet][0]],
            [list(map(_cell, row)) for row in sheets[sheet][1:]],
        )
        for sheet, title, holds in sheets["Contents"][1:]
        if sheet not in {"Key figures", "Findings", "Decision log", "Data coverage", "Data worth a look"}
    ]
    return said, tables


def of_replay(printed: str) -> Iterator[Said]:
    """Go through the lines of a replay that name a number, with what stands in brackets behind it."""
    for line in printed.splitlines():
        found = re.match(r"^\s+([^:(]+): ([^(]+?) \((.+)\)$", line)
        if found:
            name, value, about = found.groups()
            when, who = _apart(about)
            yield Said("replay", name, read_number(value), when, who, about)


def _apart(about: str) -> tuple[str, str]:
    """Split "last complete month, 2024-12, 522 accounts that paid" into its months and its accounts."""
    parts = about.split(", ")
    place = next((at for at, part in enumerate(parts) if re.match(r"20\d\d-\d\d", part)), 0)
    return parts[place], ", ".join(parts[place + 1 :])


def without_names(text: str, names: Iterable[str]) -> str:
    """Return a text without the names people gave to plans, add-ons and features: they may say anything."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name), "", text, flags=re.IGNORECASE)
    return text


def _cell(value: object) -> str:
    return "" if value is None else str(value)
