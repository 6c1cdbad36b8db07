"""Open one of our offline pages from disk with the network off, and what every such page must hold to."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CONTRAST = """() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const linear = part => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = numbers(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].some(each => each.nodeType === 3 && each.textContent.trim());
    if (!text || !element.checkVisibility() || element.matches("script, noscript, .unseen")) continue;
    const style = getComputedStyle(element);
    const ink = numbers(element.namespaceURI.endsWith("svg") ? style.fill : style.color);
    const [low, high] = [light(ink), light(behind(element))].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) poor.push(`${element.tagName} ${element.className} ${element.textContent.slice(0, 30)} ${ratio}`);
  }
  return poor;
}"""
NAMELESS = """() => [...document.querySelectorAll("input, select, button, svg[role=img]")].filter(each =>
  !each.labels?.length && !each.getAttribute("aria-label") && !each.textContent.trim()).map(each => each.id)"""


@contextmanager
def opened(
    browser: Browser, folder: Path, html: str, *, scheme: str = "light", width: int = 1280, hash_text: str = ""
) -> Iterator[Page]:
    """Open a page from disk with the network off; whatever it asks for or complains about fails the test."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True)
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri() + hash_text)
    page.locator("html[data-ready=yes]").wait_for()
    page.asked, page.errors = asked, errors
    try:
        yield page
        assert {url.split("#")[0] for url in asked if not url.startswith(("data:", "blob:"))} == {file.as_uri()}
        assert errors == []
    finally:
        context.close()
