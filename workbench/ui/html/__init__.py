"""Results as HTML in which every text is escaped; one stylesheet reads in light and dark."""

from __future__ import annotations

from workbench.ui.html.download import csv_link
from workbench.ui.html.results import basis, cautions, findings, key_figures, missing
from workbench.ui.html.table import table
from workbench.ui.html.text import details, download, heading, lines, message, paragraph, style_tag

__all__ = [
    "basis",
    "cautions",
    "csv_link",
    "details",
    "download",
    "findings",
    "heading",
    "key_figures",
    "lines",
    "message",
    "missing",
    "paragraph",
    "style_tag",
    "table",
]
