"""Take the README's pictures from the running product: JupyterLab on a fresh sample workspace, and the report.

Run as `make screenshots`. The sample study is the same everywhere, so the pictures change only when the product does.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

# The driver is shared with the browser tests.
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "browser"))

from lab_driver import Lab, open_chromium, open_page, start_lab
from notebook_view import section, wait_for_charts

from workbench.report import write_report
from workbench.study import Study
from workbench.workspace import APP_NOTEBOOK, Workspace, load_base, make_workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

FOLDER = Path(__file__).parent / "screenshots"
# A section of a notebook is then about 1280 pixels wide, and whole even where it is long.
WINDOW = (1440, 2600)
REPORT_WINDOW = (1280, 2600)
APP_WINDOW, APP_STEP = (1280, 800), "tiers"
APP_CLIP = {"x": 0, "y": 0, "width": 1280, "height": 560}
REPORT_STAGE, REPORT_HEIGHT = "tiers", 900
# Little to the left, where the notebook has marks of its own; more to the right, where words may end.
BEFORE, AFTER = 4, 12
MOST_BYTES_EACH, MOST_BYTES_TOGETHER = 150_000, 1_200_000
NOTEBOOK_PATIENCE = 120_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: the notebook and the section it shows from the top, at most `height` pixels of it."""

    name: str
    notebook: str
    section: str
    height: int


PICTURES = (
    Picture("start", "00_start_here.ipynb", "Today, as recorded", 420),
    Picture("value_metric", "01_value_metric.ipynb", "Weights and order", 540),
    Picture("model_fit", "02_model_fit.ipynb", "Weigh and choose", 985),
    Picture("tier_design", "03_tier_design.ipynb", "Tiers and prices", 1020),
    Picture("willingness", "03b_willingness_to_pay.ipynb", "Who buys what", 900),
    Picture("add_ons", "04_add_ons.ipynb", "Revenue and overlap", 460),
    Picture("anchoring", "05_competitive_anchoring.ipynb", "Comparison", 660),
    Picture("scenarios", "07_scenarios_and_report.ipynb", "Scenarios side by side", 560),
)


def main() -> None:
    """Take every picture, say what each weighs, and fail where one is too heavy for a page people load."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenshots-") as place, open_chromium() as browser:
        workspace = make_workspace(Path(place) / "workspace")
        with start_lab(workspace.folder) as lab:
            for picture in PICTURES:
                take(browser, lab, picture)
            take_app(browser, lab, workspace)
        study = Study.load(workspace.sample)
        written = write_report(load_base(study, workspace.sample), study, Path(place) / "report.html")
        take_report(browser, written.files[0])
    complain_about_weight()


def take(browser: Browser, lab: Lab, picture: Picture) -> None:
    """Run a notebook and keep the picture of one of its sections."""
    with open_page(browser, viewport=WINDOW) as page:
        lab.open(page, picture.notebook)
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        lab.run_all(page, patience=NOTEBOOK_PATIENCE)
        shown = section(page, picture.section)
        for _ in range(2):  # charts that come into view make their section longer
            shown.evaluate("node => node.scrollIntoView({block: 'start'})")
            wait_for_charts(page)
        page.mouse.move(0, 0)
        keep(page, picture.name, shown, picture.height)
        lab.shut_kernels_down(page)


def take_app(browser: Browser, lab: Lab, workspace: Workspace) -> None:
    """Keep the picture of the app with one step in view."""
    lab.trust(workspace.folder)
    with open_page(browser, viewport=APP_WINDOW) as page:
        lab.open(page, APP_NOTEBOOK)
        page.locator(f"[data-step={APP_STEP}]").click(timeout=NOTEBOOK_PATIENCE)
        page.locator(f".wb-rail-step[aria-current][data-step={APP_STEP}]").wait_for()
        page.locator(".wb-app[aria-busy=false] .wb-page").wait_for(timeout=NOTEBOOK_PATIENCE)
        wait_for_charts(page)
        page.locator(".wb-bar-step").click()  # nothing is pressed, and the focus is on no step
        page.screenshot(path=FOLDER / "app.png", clip=APP_CLIP, animations="disabled")
        lab.shut_kernels_down(page)


def take_report(browser: Browser, report: Path) -> None:
    """Keep the picture of one stage in the report."""
    with open_page(browser, viewport=REPORT_WINDOW) as page:
        page.goto(report.as_uri())
        page.wait_for_function("() => document.documentElement.dataset.charts === 'ready'")
        stage = page.locator("section", has=page.locator(f"#stage-{REPORT_STAGE}"))
        stage.evaluate("node => node.scrollIntoView({block: 'start', behavior: 'instant'})")
        keep(page, "report", stage, REPORT_HEIGHT)


def keep(page: Page, name: str, part: Locator, height: int) -> None:
    """Write the picture of a part of the page, at most `height` pixels of it."""
    box = part.bounding_box()
    if box is None:
        raise RuntimeError(f"there is nothing to see of {name}")
    clip = {
        "x": box["x"] - BEFORE,
        "y": box["y"],
        "width": box["width"] + BEFORE + AFTER,
        "height": min(box["height"], height),
    }
    page.screenshot(path=FOLDER / f"{name}.png", clip=clip, animations="disabled")


def complain_about_weight() -> None:
    """Say what the pictures weigh; SystemExit where that is too much."""
    weights = {path.name: path.stat().st_size for path in sorted(FOLDER.glob("*.png"))}
    for name, weight in weights.items():
        print(f"{name:22} {weight / 1000:6.0f} kB")
    heavy = [name for name, weight in weights.items() if weight > MOST_BYTES_EACH]
    if heavy or sum(weights.values()) > MOST_BYTES_TOGETHER:
        sys.exit(f"Too heavy ({', '.join(heavy) or 'all together'}): show less of the section.")


if __name__ == "__main__":
    main()
