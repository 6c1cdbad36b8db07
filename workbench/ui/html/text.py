"""Words as HTML: headings, paragraphs, messages, things that open."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from workbench.ui.assets import stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterable

_TONES = {"info": ("i", ""), "ok": ("✓", ""), "warning": ("▲", "Note:"), "error": ("✕", "Not done:")}


def heading(text: str, level: int = 3) -> str:
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


def message(text: str, tone: str = "info", advice: str = "") -> str:
    """Write a message line; `tone` is info, ok, warning or error, told by a sign and a word as well as a colour."""
    sign, word = _TONES[tone]
    told = f'<span aria-hidden="true">{sign}</span> {word}'.strip()
    said = f"{escape(text)} {escape(advice)}".strip()
    return f'<p class="wb-message wb-is-{tone}"><span class="wb-status">{told}</span>{said}</p>'


def details(summary: str, inside: str) -> str:
    """Write something that opens on demand; `inside` is ready HTML."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>" if inside else ""


def download(label: str, file_name: str, content: bytes, kind: str = "application/octet-stream") -> str:
    """Write a link that saves a file from inside the page; `kind` is its media type."""
    data = base64.b64encode(content).decode()
    return (
        f'<a class="wb-download" download="{escape(file_name)}" href="data:{escape(kind)};base64,{data}">'
        f"{escape(label)}</a>"
    )


def style_tag() -> str:
    """Write the stylesheet for a page that has no widgets."""
    return f"<style>{stylesheet()}</style>"
