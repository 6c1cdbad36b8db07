"""The site: it builds without a warning or a network, describes every public name, and links to what is there."""

from __future__ import annotations

import doctest
import html
import importlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.rules import RULEBOOK

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
MUST_BE_PUBLIC = {
    "workbench",
    *(f"workbench.{name}" for name in ("customers", "demand", "forecast", "growth", "market", "pricing", "report")),
    *(f"workbench.{name}" for name in ("research", "rules", "stages", "study")),
}
NOT_FOR_SCRIPTS = ("cli", "pages", "rendering", "ui", "widgets")
# Attributes by which a page loads something, in contrast to a link that somebody may follow.
LOADING = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}


class Page(HTMLParser):
    """What a page of the site holds: its anchors, the links to follow, and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        said = {name: value or "" for name, value in attrs}
        self.anchors.add(said.get("id", ""))
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        if LOADING.get(tag) in said and "canonical" not in said.get("rel", ""):
            self.loaded.append(said[LOADING[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does, without a network, and return where it is."""
    folder = tmp_path_factory.mktemp("site")
    program = (
        "import socket, sys\n"
        "def refuse(*_): raise OSError('the site is built without a network')\n"
        "socket.socket.connect = refuse\n"
        "from sphinx.cmd.build import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", program, "-W", "--keep-going", "-q", "-b", "html", "-d", str(folder / "trees")]
    built = subprocess.run([*command, str(DOCS), str(folder / "html")], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert not built.stderr.strip(), built.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Read every page."""
    found = {path: Page(path) for path in site.rglob("*.html")}
    assert len(found) > 30
    return found


def public_names() -> dict[str, list[str]]:
    """List what folders make public: written out in `__all__`, or loaded late by a `__dir__` of their own."""
    found = {}
    for path in sorted((ROOT / "workbench").rglob("__init__.py")):
        name = ".".join(path.parent.relative_to(ROOT).parts)
        inside = vars(importlib.import_module(name))
        names = inside.get("__all__") or inside.get("__dir__", list)()
        if names and name.split(".")[1:2] not in [[each] for each in NOT_FOR_SCRIPTS]:
            found[name] = sorted(names)
    assert set(found) >= MUST_BE_PUBLIC
    return found


def test_every_public_name_is_described(site: Path) -> None:
    """Each public name of each folder stands on the page of its folder: described, or as a link to where it is."""
    described = {
        anchor for path in (site / "generated" / "api").glob("*.html") for anchor in Page(path).anchors if anchor
    }
    for name, public in public_names().items():
        page = Page(site / "generated" / "api" / f"{name}.html")
        linked = {urlsplit(link).fragment for link in page.links} & described
        for each in public:
            here = f"{name}.{each}" in page.anchors
            elsewhere = any(link.startswith("workbench.") and link.endswith(f".{each}") for link in linked)
            assert here or elsewhere, f"{name}.{each} is on no page"


def test_no_link_leads_into_nothing(site: Path, pages: dict[Path, Page]) -> None:
    """Every link inside the site leads to a page that is there, and to a place that is on it."""
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                broken.append(f"{path.relative_to(site)}: {link}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                broken.append(f"{path.relative_to(site)}: {link} (no such place)")
    assert not broken


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    """Pages and their styles load files of the site alone, and those are there."""
    for path, page in pages.items():
        for address in page.loaded:
            parts = urlsplit(address)
            if parts.scheme == "data" or address == "#":
                continue
            assert not parts.scheme, f"{path.name} loads {address}"
            assert not parts.netloc, f"{path.name} loads {address}"
            assert (path.parent / unquote(parts.path)).is_file(), f"{path.name} lacks {address}"
    for style in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", style.read_text(encoding="utf-8")), style.name


def test_columns_are_those_of_the_command(site: Path, tmp_path: Path) -> None:
    """The page on data describes every column of every table that `workbench template` writes."""
    text = (site / "data.html").read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["template", str(tmp_path)]).exit_code == 0
    tables = {path.stem: path.read_text().strip().split(",") for path in tmp_path.glob("*.csv")}
    assert len(tables) > 10
    for name, columns in tables.items():
        part = text[text.index(f'<section id="{name.replace("_", "-")}">') :]
        part = part[: part.index("</section>")]
        missing = [column for column in columns if f'<span class="pre">{column}</span></code></p></td>' not in part]
        assert not missing, f"{name} lacks {missing}"


def test_every_rule_is_listed(site: Path) -> None:
    """The page on rules names each rule of the rulebook with its title and its threshold."""
    text = re.sub(r"<[^>]+>", "", (site / "rules.html").read_text(encoding="utf-8"))
    shown = html.unescape(text)
    missing = [
        rule.id for rule in RULEBOOK.rules.values() if rule.title not in shown or rule.threshold.in_words() not in shown
    ]
    assert len(RULEBOOK.rules) > 30
    assert not missing


@pytest.mark.parametrize("path", sorted((DOCS / "methods").glob("*.md")), ids=lambda path: path.stem)
def test_a_method_says_formula_source_and_limits(path: Path) -> None:
    """Each page of a method has a formula, limits, sources, and the function that computes it; the list names all."""
    text = path.read_text(encoding="utf-8")
    if path.stem == "index":
        missing = [each.name for each in path.parent.glob("*.md") if each != path and f"({each.name})" not in text]
    else:
        missing = [
            part for part in ("$$\n", "\n## Limits\n", "\n## Sources\n", "\nIn code: {py:obj}") if part not in text
        ]
    assert not missing


def test_the_walk_of_a_number_is_what_the_code_does() -> None:
    """The commands on the page about the architecture give what the page says they give."""
    blocks = re.findall(r"```pycon\n(.*?)```", (DOCS / "architecture.md").read_text(encoding="utf-8"), re.DOTALL)
    text = "\n".join(blocks).replace('"data/sample"', repr(str(ROOT / "data" / "sample")))
    walk = doctest.DocTestParser().get_doctest(text, {}, "the walk of a number", "architecture.md", 0)
    assert len(walk.examples) > 8
    assert doctest.DocTestRunner().run(walk).failed == 0


def test_the_picture_shows_what_the_code_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every import between folders is a line of the picture, implied by lines of it, or a line back up."""
    monkeypatch.syspath_prepend(str(DOCS))
    picture = importlib.import_module("import_picture")
    imports = picture.imports_between(ROOT / "workbench")
    assert imports["stages", "study"] > 0
    down, back = picture.without_circles(imports)
    lines, floors = picture.not_implied(down), picture.floors_of(down)
    reached = set(lines)
    while more := {(a, d) for a, b in reached for c, d in lines if b == c} - reached:
        reached |= more
    assert down <= reached
    assert down | back == set(imports)
    assert all(floors[upper] > floors[lower] for upper, lower in down)
