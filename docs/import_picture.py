"""The picture of the architecture: folders of the package as boxes, what they import as lines, drawn from the code."""

from __future__ import annotations

import ast
from collections import Counter
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BOX_WIDTH, BOX_HEIGHT, ACROSS, DOWN, MARGIN = 116, 46, 18, 52, 6
SHARED = "shared modules"
"""Modules of the package that lie in no folder: errors, files, formats."""

Imports = Counter[tuple[str, str]]


def imports_between(package: Path) -> Imports:
    """Count the import statements from each folder of a package to each other one, those inside functions too."""
    found: Imports = Counter()
    for path in package.rglob("*.py"):
        if path == package / "__init__.py":  # the public names; it belongs to no folder
            continue
        here = folder_of(package, path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for module in modules_of(node):
                parts = module.split(".")
                if parts[0] == package.name and len(parts) > 1:
                    is_folder = (package / parts[1]).is_dir()
                    found[here, parts[1] if is_folder else SHARED] += 1
    return Counter({pair: count for pair, count in found.items() if pair[0] != pair[1]})


def folder_of(package: Path, path: Path) -> str:
    """Name the folder of the package a file belongs to."""
    inside = path.relative_to(package).parts
    return inside[0] if len(inside) > 1 else SHARED


def modules_of(node: ast.AST) -> list[str]:
    """List the modules an import statement names."""
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return [each.name for each in node.names] if isinstance(node, ast.Import) else []


def without_circles(imports: Imports) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Part the lines into those that point down and those that point back up: the rarest of each circle."""
    down, back = dict(imports), set()
    while circle := _circle(set(down)):
        rarest = min(circle, key=lambda pair: (down[pair], pair))
        back.add(rarest)
        del down[rarest]
    return set(down), back


def _circle(lines: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the lines of one circle; empty where there is none."""
    below: dict[str, list[str]] = {}
    for upper, lower in sorted(lines):
        below.setdefault(upper, []).append(lower)
    seen: set[str] = set()

    def walk(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in seen:
            return []
        for lower in below.get(node, []):
            if found := walk(lower, [*path, node]):
                return found
        seen.add(node)
        return []

    round_trip = next((found for node in sorted(below) if (found := walk(node, []))), [])
    return list(zip(round_trip, round_trip[1:], strict=False))


def floors_of(lines: set[tuple[str, str]]) -> dict[str, int]:
    """Put every folder one floor above the highest it imports."""
    floors: dict[str, int] = {}

    def floor(node: str) -> int:
        if node not in floors:
            floors[node] = max((floor(lower) + 1 for upper, lower in lines if upper == node), default=0)
        return floors[node]

    for pair in sorted(lines):
        for node in pair:
            floor(node)
    return floors


def not_implied(lines: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Leave out a line where another way down leads to the same folder."""

    def reaches(upper: str, lower: str) -> bool:
        return any(mid == lower or reaches(mid, lower) for high, mid in lines if high == upper)

    return {
        (upper, lower)
        for upper, lower in lines
        if not any(mid != lower and reaches(mid, lower) for high, mid in lines if high == upper)
    }


def places_of(floors: dict[str, int], lines: set[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Give every box its place: a row a floor, each box as near as it can be to the middle of those below it."""
    rows = [sorted(node for node, floor in floors.items() if floor == each) for each in range(max(floors.values()) + 1)]
    width = max(map(len, rows)) * (BOX_WIDTH + ACROSS)
    places: dict[str, tuple[float, float]] = {}
    for floor, row in enumerate(rows):

        def wish(node: str) -> float:
            below = [places[lower][0] for upper, lower in lines if upper == node and lower in places]
            return sum(below) / len(below) if below else width / 2

        y = MARGIN + (len(rows) - 1 - floor) * (BOX_HEIGHT + DOWN)
        start = (width - len(row) * (BOX_WIDTH + ACROSS) + ACROSS) / 2
        for place, node in enumerate(sorted(row, key=lambda node: (wish(node), node))):
            places[node] = start + place * (BOX_WIDTH + ACROSS) + MARGIN, y
    return places


def picture(package: Path, pages: set[str] = frozenset()) -> str:
    """Return the picture as SVG that takes its colours from the page; boxes lead to the API page where there is one."""
    imports = imports_between(package)
    down, back = without_circles(imports)
    lines, floors = not_implied(down), floors_of(down)
    places = places_of(floors, lines)
    width = max(x for x, _ in places.values()) + BOX_WIDTH + MARGIN
    height = max(y for _, y in places.values()) + BOX_HEIGHT + MARGIN
    drawn = [_line(places[upper], places[lower]) for upper, lower in sorted(lines)]
    drawn += [_line(places[lower], places[upper], "back") for upper, lower in sorted(back)]
    drawn += [_box(package, node, place, f"{package.name}.{node}" in pages) for node, place in sorted(places.items())]
    said = "; ".join(f"{upper} imports {', '.join(sorted(b for a, b in lines if a == upper))}" for upper in floors_down(floors))
    return (
        f'<div class="imports" tabindex="0"><svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="Folders and imports: {escape(said)}">{"".join(drawn)}</svg></div>'
    )


def floors_down(floors: dict[str, int]) -> list[str]:
    """List the folders that import something, from the top floor down."""
    return sorted((node for node, floor in floors.items() if floor), key=lambda node: (-floors[node], node))


def _line(upper: tuple[float, float], lower: tuple[float, float], kind: str = "down") -> str:
    """Draw a line from the bottom of one box to the top of another."""
    (x1, y1), (x2, y2) = upper, lower
    x1, y1, x2 = x1 + BOX_WIDTH / 2, y1 + BOX_HEIGHT, x2 + BOX_WIDTH / 2
    bend = DOWN * 0.6
    return f'<path class="{kind}" d="M{x1:.1f},{y1:.1f} C{x1:.1f},{y1 + bend:.1f} {x2:.1f},{y2 - bend:.1f} {x2:.1f},{y2:.1f}"/>'


def _box(package: Path, node: str, place: tuple[float, float], has_page: bool) -> str:
    """Draw a folder with its name and how many modules it has."""
    x, y = place
    folder = package / node
    files = list(folder.rglob("*.py")) if folder.is_dir() else list(package.glob("*.py"))
    count = "1 module" if len(files) == 1 else f"{len(files)} modules"
    middle = x + BOX_WIDTH / 2
    drawn = (
        f'<g><rect x="{x:.1f}" y="{y:.1f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>'
        f'<text class="name" x="{middle:.1f}" y="{y + 20:.1f}">{escape(node)}</text>'
        f'<text class="size" x="{middle:.1f}" y="{y + 36:.1f}">{count}</text></g>'
    )
    return f'<a href="generated/api/{package.name}.{node}.html">{drawn}</a>' if has_page else drawn
