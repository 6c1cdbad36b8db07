"""The picture of the architecture: folders of the package as boxes, what they import as lines, drawn from the code."""

from __future__ import annotations

import ast
from collections import Counter, deque
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BOX_WIDTH, BOX_HEIGHT, LANE, ACROSS, DOWN, MARGIN = 112, 44, 10, 14, 50, 6
BESIDE = 12  # how far a line back up lies beside the one down
SWEEPS = 6
SHARED = "shared"
"""Modules of the package that lie in no folder and import none: errors, files, formats."""

Line = tuple[str, str]


def imports_between(package: Path) -> Counter[Line]:
    """Count the import statements from each folder to each other one, type-only ones and those in functions too.

    Modules of no folder are one, and left out where they import a folder.
    """
    raw: Counter[Line] = Counter()
    for path in package.rglob("*.py"):
        if path != package / "__init__.py":  # the public names; it belongs to no folder
            here = path.relative_to(package).parts[0].removesuffix(".py")
            raw.update((here, there) for there in parts_imported(path, package.name))
    alone = {path.stem for path in package.glob("*.py")}
    high: set[str] = set()  # modules of no folder that reach one: they are no shared ground
    while more := {one for one, other in raw if one in alone - high and (other not in alone or other in high)}:
        high |= more
    found: Counter[Line] = Counter()
    for pair, count in raw.items():
        one, other = (SHARED if name in alone else name for name in pair)
        if one != other and not high & set(pair):
            found[one, other] += count
    return found


def parts_imported(path: Path, package: str) -> list[str]:
    """List the parts of a package that a file's import statements name, one for each statement and name."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules = [node.module]
        found += [module.split(".")[1] for module in modules if module.startswith(f"{package}.")]
    return found


def without_circles(imports: Counter[Line]) -> tuple[set[Line], set[Line]]:
    """Part the lines into those that point down and those that point back up: the rarest of each shortest circle."""
    down: dict[Line, int] = dict(imports)
    back = set()
    while circle := shortest_circle(down):
        rarest = min(circle, key=lambda pair: (down[pair], pair))
        back.add(rarest)
        del down[rarest]
    return set(down), back


def shortest_circle(lines: Iterable[Line]) -> list[Line]:
    """Return the lines of the shortest circle; empty where there is none."""
    below: dict[str, list[str]] = {}
    for upper, lower in sorted(lines):
        below.setdefault(upper, []).append(lower)
    best: list[Line] = []
    for start in sorted(below):
        ways: deque[list[str]] = deque([[start]])
        seen = set()
        while ways:
            way = ways.popleft()
            for lower in below.get(way[-1], []):
                if lower == start:
                    circle = list(zip(way, [*way[1:], start], strict=True))
                    best = circle if not best or len(circle) < len(best) else best
                    ways.clear()
                    break
                if lower not in seen:
                    seen.add(lower)
                    ways.append([*way, lower])
    return best


def floors_of(lines: Iterable[Line]) -> dict[str, int]:
    """Put every folder one floor above the highest it imports."""
    floors: dict[str, int] = {}
    listed = sorted(lines)

    def floor(node: str) -> int:
        if node not in floors:
            floors[node] = max((floor(lower) + 1 for upper, lower in listed if upper == node), default=0)
        return floors[node]

    for pair in listed:
        for node in pair:
            floor(node)
    return floors


def not_implied(lines: set[Line]) -> set[Line]:
    """Leave out a line where another way down leads to the same folder."""

    def reaches(upper: str, lower: str) -> bool:
        return any(mid == lower or reaches(mid, lower) for high, mid in lines if high == upper)

    return {
        (upper, lower)
        for upper, lower in lines
        if not any(mid != lower and reaches(mid, lower) for high, mid in lines if high == upper)
    }


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a row: a folder's box, or the lane by which a line passes a floor."""

    name: str
    floor: int
    is_lane: bool = False

    @property
    def width(self) -> int:
        """Return how much room it takes."""
        return LANE if self.is_lane else BOX_WIDTH


def ways_of(lines: Iterable[Line], floors: dict[str, int]) -> dict[Line, list[Spot]]:
    """Return, for each line, the spots it passes from its upper box to its lower one."""
    ways = {}
    for upper, lower in sorted(lines):
        lanes = [
            Spot(f"{upper} to {lower}", floor, is_lane=True) for floor in range(floors[upper] - 1, floors[lower], -1)
        ]
        ways[upper, lower] = [Spot(upper, floors[upper]), *lanes, Spot(lower, floors[lower])]
    return ways


def centres_of(floors: dict[str, int], ways: dict[Line, list[Spot]]) -> dict[Spot, float]:
    """Give every spot its middle: rows are sorted by where their neighbours lie, up and down, some times."""
    steps = [pair for way in ways.values() for pair in pairwise(way)]
    spots = {Spot(name, floor) for name, floor in floors.items()} | {spot for pair in steps for spot in pair}
    rows = [
        sorted((s for s in spots if s.floor == each), key=lambda s: s.name) for each in range(max(floors.values()) + 1)
    ]
    centres: dict[Spot, float] = {}
    for row in rows:
        _spread(row, centres)
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wishes = {spot: _wish(spot, steps, centres, above=sweep % 2 == 1) for spot in row}
            row.sort(key=lambda spot: (wishes[spot], spot.name))
            _spread(row, centres, sum(wishes.values()) / len(row))
    return centres


def _wish(spot: Spot, steps: list[tuple[Spot, Spot]], centres: dict[Spot, float], *, above: bool) -> float:
    """Return the middle of a spot's neighbours on the floor above or below; its own where it has none."""
    near = [high for high, low in steps if low == spot] if above else [low for high, low in steps if high == spot]
    return sum(centres[each] for each in near) / len(near) if near else centres[spot]


def _spread(row: list[Spot], centres: dict[Spot, float], around: float = 0.0) -> None:
    """Set the spots of a row side by side around a middle."""
    edge = around - (sum(spot.width for spot in row) + ACROSS * (len(row) - 1)) / 2
    for spot in row:
        centres[spot] = edge + spot.width / 2
        edge += spot.width + ACROSS


def picture(package: Path, pages: Iterable[str] = ()) -> str:
    """Return the picture as SVG that takes its colours from the page; boxes lead to the API page where there is one."""
    down, back = without_circles(imports_between(package))
    floors, lines = floors_of(down), not_implied(down)
    ways = ways_of(lines, floors)
    centres = centres_of(floors, ways)
    left = min(middle - spot.width / 2 for spot, middle in centres.items()) - MARGIN
    width = max(middle + spot.width / 2 for spot, middle in centres.items()) + MARGIN - left
    top = max(floors.values())
    places = {
        spot: (middle - left, MARGIN + (top - spot.floor) * (BOX_HEIGHT + DOWN)) for spot, middle in centres.items()
    }
    drawn = [_way([places[spot] for spot in way]) for way in ways.values()]
    for lower, upper in sorted(back):  # the lower folder imports the upper one
        ends = [places[Spot(each, floors[each])] for each in (upper, lower)]
        drawn.append(_way([(x + BESIDE, y) for x, y in ends], "back"))
    drawn += [_box(package, name, places[Spot(name, floor)], set(pages)) for name, floor in sorted(floors.items())]
    height = (top + 1) * (BOX_HEIGHT + DOWN) - DOWN + 2 * MARGIN
    return (
        f'<div class="imports" tabindex="0"><svg viewBox="0 0 {width:.0f} {height:.0f}" role="group" '
        f'aria-label="{escape(_said(floors, lines))}">{"".join(drawn)}</svg></div>'
    )


def _said(floors: dict[str, int], lines: set[Line]) -> str:
    """Say the picture in words, from the top floor down."""
    names = sorted((name for name, floor in floors.items() if floor), key=lambda name: (-floors[name], name))
    return "; ".join(
        f"{name} imports {', '.join(sorted(low for high, low in lines if high == name))}" for name in names
    )


def _way(points: list[tuple[float, float]], kind: str = "down") -> str:
    """Draw a line from the bottom of a box by its lanes to the top of another."""
    (x, y), *rest = points
    drawn = f"M{x:.1f},{y + BOX_HEIGHT:.1f}"
    y += BOX_HEIGHT
    for place, (to_x, to_y) in enumerate(rest):
        bend = (to_y - y) / 2
        drawn += f" C{x:.1f},{y + bend:.1f} {to_x:.1f},{to_y - bend:.1f} {to_x:.1f},{to_y:.1f}"
        x, y = to_x, to_y
        if place < len(rest) - 1:
            y += BOX_HEIGHT
            drawn += f" V{y:.1f}"
    return f'<path class="{kind}" d="{drawn}"/>'


def _box(package: Path, name: str, place: tuple[float, float], pages: set[str]) -> str:
    """Draw a folder with its name and how many modules it has."""
    x, y = place
    files = list((package / name).rglob("*.py"))
    size = {True: f"{len(files)} modules", False: "module"}[len(files) > 1] if name != SHARED else "errors, files, text"
    drawn = (
        f'<g><rect x="{x - BOX_WIDTH / 2:.1f}" y="{y:.1f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>'
        f'<text class="name" x="{x:.1f}" y="{y + 19:.1f}">{escape(name)}</text>'
        f'<text class="size" x="{x:.1f}" y="{y + 34:.1f}">{size}</text></g>'
    )
    page = f"{package.name}.{name}"
    return f'<a href="generated/api/{page}.html">{drawn}</a>' if page in pages else drawn
