"""Fixtures that really start JupyterLab on this machine and drive it with Chromium."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the driver, which benchmarks and screenshots use as well

from lab_driver import PATIENCE, ROOT, Lab, chromium, open_chromium, open_page, start_lab
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from workbench.workspace import Workspace

REQUIRED = "WORKBENCH_BROWSER_REQUIRED"
SCREENSHOTS = ROOT / "out" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what drives a browser last: its driver keeps an event loop running, which plain tests take for a kernel's."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium; without it tests are skipped, or fail where WORKBENCH_BROWSER_REQUIRED is set."""
    if chromium() is None:
        lacking = "needs Chromium: install the package chromium, or name it in WORKBENCH_CHROMIUM"
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(lacking)
    expect.set_options(timeout=PATIENCE)  # a busy machine may be late; what never comes fails all the same
    with open_chromium() as started:
        yield started


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a JupyterLab serving an empty folder, with settings of its own."""
    with start_lab(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture(scope="session")
def workspace(lab: Lab, make_sample_workspace: Callable[[Path], Workspace]) -> Workspace:
    """Return a folder as `make lab` leaves it, served by JupyterLab: notebooks, sample data, sample study."""
    return make_sample_workspace(lab.folder / "workspace")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page of the size of a small laptop."""
    with open_page(browser) as opened:
        yield opened


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Return the folder that keeps pictures of the running product."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
