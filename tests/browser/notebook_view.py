"""What can be seen of a notebook on the page: its sections, figures, charts and findings, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab_driver import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import ConsoleMessage, Locator, Page

# Pixels a page may be wider than its window: fractions of a pixel are rounded up.
_ROUNDING = 2
# Words JupyterLab shows where a widget should be.
_DEAD_WIDGETS = ("model not found", "Error displaying widget", "Loading widget...", "A Jupyter widget could not be")
_ALL_DRAWN = """() => [...document.querySelectorAll(".wb-chart-canvas")]
    .filter((canvas) => canvas.offsetParent !== null)
    .every((canvas) => canvas.dataset.drawn && canvas.querySelector("svg"))"""
# Parts wider than the place they have, except where they can be scrolled, and charts, whose drawing is looked at alone.
_TOO_WIDE = """(rounding) => {
    const scrolls = (node) => ["auto", "scroll"].includes(getComputedStyle(node).overflowX);
    const outputs = [...document.querySelectorAll(".jp-Notebook .jp-OutputArea-output")];
    const wide = outputs.filter((output) => {
        const edge = output.getBoundingClientRect().right + rounding;
        return [...output.querySelectorAll("*")].some((node) => {
            if (node.closest("svg") || node.offsetParent === null) return false;
            for (let around = node.parentElement; around && around !== output; around = around.parentElement) {
                if (scrolls(around)) return false;
            }
            return node.getBoundingClientRect().right > edge;
        });
    }).map((output) => output.innerText.slice(0, 80));
    const notebook = document.querySelector(".jp-Notebook .jp-WindowedPanel-outer") ?? document.body;
    if (notebook.scrollWidth > notebook.clientWidth + rounding) wide.push("the notebook itself");
    return wide;
}"""
# Charts whose drawing is cut at the edge of their picture: text and marks that reach beyond it.
_CUT_OFF = """(rounding) => [...document.querySelectorAll(".wb-chart-canvas svg")].flatMap((svg) => {
    const place = svg.getBoundingClientRect();
    const title = svg.closest(".wb-chart-canvas").getAttribute("aria-label")?.slice(0, 50);
    return [...svg.querySelectorAll("text")].filter((text) => {
        const box = text.getBoundingClientRect();
        const seen = box.width > 0 && text.textContent.trim() !== "" && text.getAttribute("opacity") !== "0";
        return seen && (box.right > place.right + rounding || box.left < place.left - rounding);
    }).map((text) => `${text.textContent} (in: ${title})`);
})"""


class Listener:
    """Keeps what a page complains about on its console; `complaints` are errors, in the order they came."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


def section(page: Page, title: str) -> Locator:
    """Return the section with this title."""
    return page.locator(".wb-section", has=page.get_by_role("heading", name=title, exact=True)).last


def sections(page: Page) -> list[Locator]:
    """Return every section on the page, in the order they are walked."""
    return page.locator(".jp-Notebook .wb-section").all()


def key_figure(page: Page, label: str) -> Locator:
    """Return the value of a key figure."""
    return page.locator(".wb-figure", has=page.get_by_text(label, exact=True)).locator(".wb-value").first


def finding(page: Page, rule: str) -> Locator:
    """Return the finding of a rule."""
    return page.locator(".wb-findings > li", has=page.get_by_text(rule, exact=True)).first


def drawing(page: Page, description: str) -> Locator:
    """Return the picture of the chart whose description begins so."""
    return page.locator(f'.wb-chart-canvas[aria-label^="{description}"] svg').first


def wait_until(page: Page, holds: Callable[[], object], words: str) -> None:
    """Wait until something holds that the page cannot be asked for, such as what a file or a picture holds by now."""
    for _ in range(PATIENCE // 100):
        if holds():
            return
        page.wait_for_timeout(100)
    pytest.fail(words)


def at_rest(page: Page, wrong: Callable[[], list[str]]) -> list[str]:
    """Return what is still wrong when the page has had time to come to rest; nothing as soon as nothing is."""
    for _ in range(50):
        if not (found := wrong()):
            return []
        page.wait_for_timeout(100)
    return found


def wait_for_charts(page: Page) -> None:
    """Wait until every chart that has a place on the page is drawn."""
    page.wait_for_function(_ALL_DRAWN, timeout=PATIENCE)


def troubles(page: Page) -> list[str]:
    """Go through the notebook section by section and return what is wrong with it, in words.

    Looked for are errors in cells, dead widgets, charts that are missing or cut off, and what is wider than its place.
    JupyterLab lays out only what is in view, so every section is scrolled to.
    """
    found = [f"error in a cell: {(each.text_content() or '')[-600:]}" for each in page.locator(_ERROR_OUTPUT).all()]
    found += [f"text on the error stream: {each.text_content()}" for each in page.locator(_STDERR).all()]
    words = page.locator(".jp-Notebook").text_content() or ""
    found += [f"dead widget: {sign!r} is on the page" for sign in _DEAD_WIDGETS if sign in words]
    for each in sections(page):
        each.scroll_into_view_if_needed()
        wait_for_charts(page)
        found += [f"chart not drawn: {note.text_content()}" for note in page.locator(_FAILED_CHART).all()]
        found += [f"wider than its place: {part!r}" for part in page.evaluate(_TOO_WIDE, _ROUNDING)]
        found += [f"cut off in a chart: {text}" for text in page.evaluate(_CUT_OFF, _ROUNDING)]
    return list(dict.fromkeys(found))


_ERROR_OUTPUT = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]'
_STDERR = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
_FAILED_CHART = '.wb-chart-note:visible:has-text("could not be drawn")'


# --- What axe finds

SERIOUS = {"serious", "critical"}
OURS = ".jp-NotebookPanel:not(.lm-mod-hidden)"
# JupyterLab lays a cell out when it comes into view; axe looks at all of them.
LAID_OUT = ".jp-Cell { content-visibility: visible !important; }"


def violations(page: Page, inside: str | None = None) -> list[str]:
    """Return what axe finds that is serious or critical: the rule, the place and what is wrong there."""
    wanted = {"resultTypes": ["violations"]}
    found = Axe().run(page, context=inside, options=wanted).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {' '.join(node['failureSummary'].split())}"
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]
