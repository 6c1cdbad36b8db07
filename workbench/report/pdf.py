"""Print a report to PDF with the Chromium that is on the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

from workbench.errors import MissingLibraryError, WorkbenchError

if TYPE_CHECKING:
    from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
TIME_LIMIT = 120  # seconds; a report prints in a few
SWITCHES = (
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    # Gives the page's charts time to be drawn before it is printed.
    "--virtual-time-budget=20000",
)


def find_browser() -> str | None:
    """Return the path of a Chromium-like browser, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def print_pdf(html_file: Path, pdf_file: Path) -> Path:
    """Print a report that lies on disk to PDF and return the PDF's path.

    Raises MissingLibraryError without a browser and WorkbenchError when it prints nothing.
    """
    browser = find_browser()
    if browser is None:
        raise MissingLibraryError(
            "A PDF needs Chromium or Chrome, and none was found.",
            "Install one (for example `apt install chromium`), or open the HTML report and print it there.",
        )
    pdf_file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser,
            *SWITCHES,
            *_container_switches(),
            f"--user-data-dir={profile}",
            f"--print-to-pdf={pdf_file.resolve()}",
            html_file.resolve().as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)  # noqa: S603
    if done.returncode != 0 or not pdf_file.exists():
        raise WorkbenchError(f"{browser} printed no PDF.", f"It said: {done.stderr.strip()[-300:]}")
    return pdf_file


def _container_switches() -> tuple[str, ...]:
    """Chromium refuses its sandbox to the root user, as in containers; the page it opens is our own file."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ("--no-sandbox",) if is_root else ()
