"""From a pressed key on a control to the redrawn chart on the page, in JupyterLab, at three sizes.

Measured in the page: from the key's event to the first frame after the picture changed. The three ways take turns
in random order on one page: a bare round trip (slider to text label through the kernel), the panel of tier design
(price of the middle tier to its chart, everything else on the panel following), and an Altair chart widget given a
new chart.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Row, compared

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "browser"))

from lab_driver import open_chromium, open_page, start_lab  # noqa: E402 - its folder is named above

if TYPE_CHECKING:
    from lab_driver import Lab
    from playwright.sync_api import Browser, Page

TARGETS = {1_000: 1.2, 100_000: None, 1_000_000: 2.0}
PRESSES = 61  # of each way; the difference looked for is small beside the spread of single presses
WARM_UP = 4
PAUSE = (250, 400)  # milliseconds between presses, so that they fall on all phases of a frame
BUILDING = 600_000  # milliseconds; a million accounts take a while to make up
CELLS = (
    "from chart_widget import bare_round_trip, replaced_chart\nfrom many_accounts import open_session",
    "from workbench import open_stage\nsession = open_session({accounts}, 'study-{accounts}')",
    "panel = open_stage(session, 'tiers')\nbare_round_trip()",
    "replaced_chart(panel)",
    "panel",
)
# What is pressed, and what changes on the page.
WAYS = {
    "bare": (".measured-bare .noUi-handle", ".measured-bare > .widget-label"),
    "ours": (".measured-ours", ".measured-chart"),
    "replaced": (".measured-replaced .noUi-handle", ".measured-replaced"),
}
# Marks the middle tier's slider and the chart of shares, and installs the stop watch. A mutation inside the place
# counts when it changes the text of the label, or the picture; the time is that of the next frame.
PREPARE = """() => {
  const sliders = [...document.querySelectorAll("input.wb-slider")].filter((node) => node.offsetParent
    && node.getAttribute("aria-label").includes(": price"));
  sliders[Math.floor(sliders.length / 2)].classList.add("measured-ours");
  document.querySelector('.wb-chart-canvas[aria-label^="Two bars per tier"]').classList.add("measured-chart");
  window.stopWatch = (place) => new Promise((resolve, reject) => {
    const root = document.querySelector(place);
    const old = root.querySelector("svg.marks");
    let start = null;
    const timer = setTimeout(() => reject(new Error(`nothing changed in ${place}`)), 20000);
    const begin = () => (start = performance.now());
    window.addEventListener("keydown", begin, { capture: true, once: true });
    const watcher = new MutationObserver((changes) => {
      const now = root.querySelector("svg.marks");
      const drawn = !old || (now && (now !== old || changes.some((change) => now.contains(change.target))));
      if (start === null || !drawn) return;
      watcher.disconnect();
      clearTimeout(timer);
      requestAnimationFrame(() => resolve(performance.now() - start));
    });
    watcher.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  });
}"""


def rows() -> list[Row]:
    """Measure the three ways at each size."""
    found = []
    with tempfile.TemporaryDirectory() as folder, open_chromium() as browser:
        for accounts, target in TARGETS.items():
            paths = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH", "")]))
            with start_lab(Path(folder), environment={"PYTHONPATH": paths}) as lab:
                times = _times(lab, browser, accounts)
            bare = ("a bare round trip", statistics.median(times["bare"]))
            size = f"{accounts:,} accounts"
            found += [
                compared(f"price to chart, {size}", statistics.median(times["ours"]), bare, at_most=target),
                compared(f"a chart widget replaced, {size}", statistics.median(times["replaced"]), bare),
            ]
    return found


def _times(lab: Lab, browser: Browser, accounts: int) -> dict[str, list[float]]:
    """Return the seconds of every press, by way."""
    name = f"measure-{accounts}.ipynb"
    lab.write_notebook(name, [cell.format(accounts=accounts) for cell in CELLS])
    with open_page(browser, viewport=(1280, 2400)) as page:
        lab.open(page, name)
        lab.run_all(page, patience=BUILDING)

        for chart in (".measured-replaced", '.wb-chart-canvas[aria-label^="Two bars per tier"]'):
            page.locator(f"{chart} svg.marks").wait_for()
        page.wait_for_timeout(2000)
        page.evaluate(PREPARE)
        times: dict[str, list[float]] = {way: [] for way in WAYS}
        draw = random.Random(7)  # noqa: S311 - spreads the presses, no secret
        for at in range(WARM_UP + PRESSES):
            for way in draw.sample(tuple(WAYS), len(WAYS)):  # no way always follows the same other
                seconds = press(page, WAYS[way], forth=at % 2 == 0)
                if at >= WARM_UP:
                    times[way].append(seconds)
                page.wait_for_timeout(draw.uniform(*PAUSE))
    return times


def press(page: Page, way: tuple[str, str], *, forth: bool) -> float:
    """Press an arrow on a control, and return the seconds until its place on the page has changed."""
    control, place = way
    page.evaluate(
        "([control, place]) => { document.querySelector(control).focus({ preventScroll: true });"
        " window.measured = window.stopWatch(place); }",
        [control, place],
    )
    page.keyboard.press("ArrowRight" if forth else "ArrowLeft")
    return page.evaluate("() => window.measured") / 1000
