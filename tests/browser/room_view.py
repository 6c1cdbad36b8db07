"""A workshop for browser tests: pages that speak with a served room, and note whatever they complain about."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "workshop"))

from lab_driver import PATIENCE
from room_agenda import ANSWERS, agenda
from room_client import Served, served

__all__ = ["ANSWERS", "Screen", "Served", "agenda", "served"]

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Screen:
    """One browser page, with whatever it complained about."""

    def __init__(self, browser: Browser, width: int, height: int, scheme: str = "light") -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors: list[str] = []
        self.asked: set[str] = set()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)
        self.page.on("request", lambda request: self.asked.add(request.url))

    def _note(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error" and "net::ERR" not in text and "Failed to load resource" not in text:
            self.errors.append(text)

    def open(self, address: str) -> Page:
        """Go to an address and wait until the page is ready."""
        self.page.goto(address)
        self.page.locator("html[data-ready=yes]").wait_for()
        return self.page

    def join(self, served: Served, alias: str, role: str = "Finance", *, by_picture: bool = False) -> Page:
        """Join the room, by the typed code or by the address of the picture."""
        self.open(f"{served.url}/#j={served.room.link}" if by_picture else served.url)
        if not by_picture:
            self.page.fill("#code", served.room.code.lower())
        self.page.fill("#alias", alias)
        self.page.locator(f"label:has-text('{role}')").click()
        self.page.locator("button.main").click()
        self.page.locator("#whose:has-text('" + role + "')").wait_for()
        return self.page
