"""How long each notebook is as it opens: screens of 1280 x 800, and words.

On the sample study, everything folded that opens folded and code hidden as it is. Counted are the cells' heights, and
words and numbers that can be read; those inside charts and lists to choose from are left out.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import Row

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "browser"))

from app_view import visit  # noqa: E402 - its folder is named above
from lab_driver import VIEWPORT, open_chromium, open_page, start_lab  # noqa: E402 - as above
from notebook_view import wait_for_charts  # noqa: E402 - as above

from workbench.files import bundled  # noqa: E402 - as above
from workbench.workspace import make_workspace  # noqa: E402 - as above

MOST_SCREENS = 10
SETTLED = 1500  # milliseconds, for charts that are drawn when their cell is laid out
# JupyterLab lays a cell out when it comes into view, and guesses its height before.
LAID_OUT = ".jp-Cell { content-visibility: visible !important; }"
HEIGHT = """() => [...document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")]
    .reduce((sum, cell) => sum + cell.getBoundingClientRect().height, 0)"""
WORDS = """() => {
    const root = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook");
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let words = 0;
    while (walk.nextNode()) {
        const { parentElement, data } = walk.currentNode;
        const isRead = parentElement.checkVisibility() && !parentElement.closest("svg, option, style, script");
        if (isRead) words += data.split(/\\s+/).filter((word) => /[\\p{L}\\p{N}]/u.test(word)).length;
    }
    return words;
}"""


def rows() -> list[Row]:
    """Open every notebook of the sequence by itself, and measure it."""
    found = []
    with tempfile.TemporaryDirectory() as place, start_lab(Path(place)) as lab, open_chromium() as browser:
        space = make_workspace(lab.folder / "workspace")
        lab.trust(space.folder)
        for name in sorted(path.name for path in bundled("notebooks").glob("[0-9]*.ipynb")):
            with open_page(browser) as page:
                visit(lab, page, space, name)
                page.add_style_tag(content=LAID_OUT)
                wait_for_charts(page)
                page.wait_for_timeout(SETTLED)
                screens, words = page.evaluate(HEIGHT) / VIEWPORT[1], page.evaluate(WORDS)
                lab.shut_kernels_down(page)
            target, met = f"at most {MOST_SCREENS} screens", screens <= MOST_SCREENS
            long = f"{screens:.1f} screens, {words:,} words"
            found.append(Row(f"notebook {Path(name).stem}", long, "", "", target, met))
    return found


if __name__ == "__main__":
    for row in rows():
        print(*row.cells(), sep=" | ", flush=True)
