"""Print a report to PDF with the Chromium that is on the machine."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

from workbench.errors import MissingLibraryError, WorkbenchError
from workbench.files import written
from workbench.outputs import PDF_MARK, check_output

if TYPE_CHECKING:
    from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
SMALLEST_SPACE = 1 << 20  # bytes; with less a browser that prints nothing has met a full disk
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


def print_pdf(html_file: Path, pdf_file: Path, *, force: bool = False) -> Path:
    """Print a report that lies on disk to PDF and return the PDF's path.

    Raises MissingLibraryError without a browser, WorkbenchError when it prints nothing, and FileError for a file that
    is there and was not written by the workbench, unless `force` is set.
    """
    check_output(pdf_file, ".pdf", force=force)
    browser = find_browser()
    if browser is None:
        raise MissingLibraryError(
            "A PDF needs Chromium or Chrome, and none was found.",
            "Install one (for example `apt install chromium`), or open the HTML report and print it there.",
        )
    # A browser that runs confined, as from a snap, sees no hidden files.
    with (
        written(pdf_file, hidden=False) as printed,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        command = [
            browser,
            *SWITCHES,
            *_container_switches(),
            f"--user-data-dir={profile}",
            f"--print-to-pdf={printed.resolve()}",
            html_file.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise WorkbenchError(f"{browser} printed no PDF within {TIME_LIMIT} seconds.", "Try again.") from error
        content = printed.read_bytes()
        if done.returncode != 0 or not content.rstrip().endswith(b"%%EOF"):
            if shutil.disk_usage(printed.parent).free < SMALLEST_SPACE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise WorkbenchError(f"{browser} printed no PDF.", f"It said: {done.stderr.strip()[-300:]}")
        printed.write_bytes(content + PDF_MARK)
    return pdf_file


def _container_switches() -> tuple[str, ...]:
    """Chromium refuses its sandbox to the root user, as in containers; the page it opens is our own file."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ("--no-sandbox",) if is_root else ()
