"""Hold what is concluded against companies whose truth is known, and write the table into benchmarks/WORLDS.md."""

from __future__ import annotations

import re
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "worlds"))

import judge_reactions  # noqa: E402 - found beside the tests, by the line above
import judge_shapes  # noqa: E402 - the same
import judge_triggers  # noqa: E402
import judge_worth  # noqa: E402
import paying_companies as paying  # noqa: E402
import repriced_companies as repriced  # noqa: E402
import shaped_companies as shaped  # noqa: E402
from growing_companies import KINDS, company  # noqa: E402
from judge_forecasts import HORIZONS, Case, Sign, judge  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TABLE = Path(__file__).parent / "WORLDS.md"
SEEDS = range(1_000, 1_020)
HISTORIES = (12, 24, 36)
COVERAGE, OF_A_KIND = (0.88, 0.99), 0.75
ERRORS = {("usage", 12): 0.12, ("usage", 24): 0.20, ("seats", 12): 0.07, ("seats", 24): 0.12}
SIGN, SIGN_WHEN_SURE = {12: 0.80, 24: 0.75}, 0.95
OF_A_KIND_PRICED, KNOWN, WIDTH = 0.7, 0.7, 0.4
LOSING, OF_THE_BEST = 0.1, 0.85
NEAR_TODAY = ("dearer by a quarter", "cheaper by a fifth")
FOUND_WORDS = (
    "The same four kinds, asked for the best prices of today's plans while 95% of paying accounts are kept, rules of "
    "design aside. What is recommended is held against what customers truly do; the true best is that of the same "
    "plans while 95% truly stay, at up to three times today's prices."
)
VERDICTS = {True: "met", False: "not met", None: "not caught", "told": ""}
FORECAST_WORDS = (
    f"Nine kinds of company ({', '.join(KINDS)}), {len(SEEDS)} of each; two price lists billed on the same draws. "
    "Coverage is the share of 90% ranges that held what came, in brackets the kind held least; the error is the mean "
    "of the medians' absolute errors; the sign is whether the usage list brings more than the seat list, where they "
    "truly lie more than 5% apart."
)
WORTH_WORDS = (
    f"Four kinds of company ({', '.join(paying.KINDS)}) and three whose answers break an assumption "
    f"({', '.join(paying.BROKEN)}), {len(SEEDS)} of each at 600 accounts with 200 answers and at 30 with 15; price "
    "ladders and price sensitivity in turn. Coverage is the share of 90% ranges, at prices 20% lower to 60% higher and "
    "with one plan less, that held the truth or missed it by less than 1% of today's revenue, or one account in a "
    "hundred."
)
REACTION_SEEDS, REACTION_HELD, REACTION_KNOWN = range(1_000, 1_060), (0.80, 0.97), 0.7
REACTION_WORDS = (
    f"Companies of 700 to 1,400 accounts and three years that raised prices for some ({', '.join(repriced.LEARNABLE)}: "
    "at renewals by each account's own amount, for one plan at once, or both with leaving that depends on price over "
    f"worth), {len(REACTION_SEEDS)} of each; the truth is what a rise of 100% added to the share that left within six "
    f"months. From the others ({', '.join(repriced.SILENT)}) nothing can be learned: prices stood, only use or charges "
    "made once moved bills, all prices moved at once, or there are 40 accounts."
)
SHAPE_RIGHT = 0.8
SHAPE_WORDS = (
    f"Four kinds of company ({', '.join(shaped.KINDS)}), {len(SEEDS)} of each at about 600 accounts with 200 answers "
    f"and at 30 with 15; every fourth breaks an assumption ({', '.join(shaped.BROKEN)}). What each of five shapes of "
    "pricing would truly bring is searched by the world itself, alike for all five; companies whose best two lie "
    f"within {judge_shapes.MARGIN:.0%} have no right answer and are left out. Brings is what the decided shape would "
    "bring over the best one, over all companies."
)


LIFT_RUNS, LIFT_HELD, LIFT_WRONGLY, FACTORS = range(200), (0.85, 0.95), 0.1, (2.5, 1.5, 1.0)
LIFT_WORDS = (
    "Companies of 500 accounts and two years whose growth brings both entries of a trigger and expansions, "
    f"{len(LIFT_RUNS)} with each effect: an entry multiplies the hazard of expanding by so much for three months. "
    "Coverage is the share of 90% ranges of the lift that held the true one; evidence is claimed where the lower "
    "end of its 95% range lies above 1."
)


@dataclass(frozen=True)
class Line:
    """One measured figure with its target."""

    cells: tuple[str, ...]
    met: bool | Literal["told"] | None


def main(only: Sequence[str] = ()) -> int:
    """Judge all worlds, or those of some chapters, and write the tables; 1 when a target is missed."""
    chapters = {
        "Revenue of the months ahead": (FORECAST_WORDS, ("List", "Months ahead", "History"), forecast_lines),
        "Revenue and accounts kept at other prices": (WORTH_WORDS, ("Companies", "Size"), worth_lines),
        "The shape of pricing that is decided": (SHAPE_WORDS, ("Companies", "Size"), shape_lines),
        "Prices that are recommended": (FOUND_WORDS, ("Companies", "Size"), found_lines),
        "Customers lost over a rise, from own price moves": (REACTION_WORDS, ("Companies",), reaction_lines),
        "What follows a trigger": (LIFT_WORDS, ("Effect",), lift_lines),
    }
    written = re.split(r"^## (.+)$", TABLE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    kept = dict(zip(written[::2], (each.strip() for each in written[1::2]), strict=True))
    missed = False
    for title, (words, where, judged) in chapters.items():
        if only and title not in only:
            continue
        head, lines = (*where, "Measured", "Target", ""), judged()
        rows = [head, ("---",) * len(head), *((*line.cells, VERDICTS[line.met]) for line in lines)]
        table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        print(table, "\n", flush=True)
        kept[title] = f"{words}\n\n{table}"
        missed |= any(line.met is False for line in lines)
    text = "# Held against known worlds\n\nWritten by `make worlds`: companies made by laws that are known, "
    text += "which know nothing of the workbench (`tests/worlds`).\n"
    text += "".join(f"\n## {title}\n\n{kept[title]}\n" for title in chapters if title in kept)
    TABLE.write_text(text, encoding="utf-8")
    return 1 if missed else 0


def lift_lines() -> list[Line]:
    """Judge what is said of expansions after a trigger, with an effect and without."""
    lines = []
    for factor in FACTORS:
        done = [judge_triggers.judge(factor, seed) for seed in LIFT_RUNS]
        held, shown = (float(np.mean([getattr(case, name) for case in done])) for name in ("held", "shown"))
        named, least, most = f"{factor:g} times", *LIFT_HELD
        lines.append(Line((named, f"coverage {held:.1%}", f"{least:.0%} to {most:.0%}"), least <= held <= most))
        words = f"evidence claimed in {shown:.1%}"
        target = "no target" if factor > 1 else f"at most {LIFT_WRONGLY:.0%}"
        lines.append(Line((named, words, target), "told" if factor > 1 else shown <= LIFT_WRONGLY))
    return lines


def worth_lines() -> list[Line]:
    """Judge what the stage says at given prices, and what is caught where an assumption is broken."""
    worlds = [(kind, seed, size) for kind in (*paying.KINDS, *paying.BROKEN) for seed in SEEDS for size in paying.SIZES]
    with ProcessPoolExecutor() as pool:
        done = list(pool.map(_priced, *zip(*worlds, strict=True), chunksize=4))
    cases = [(size, case) for (_, _, size), found in zip(worlds, done, strict=True) for case in found]
    lines = []
    usual = [case for _, case in cases if case.kind in paying.KINDS]
    for size in paying.SIZES:
        for kind in paying.KINDS:
            mine = [case for at, case in cases if (case.kind, at) == (kind, size) and not case.unknown]
            held = _held(mine)
            words = f"coverage {held[0]:.0%} of revenue, {held[1]:.0%} of accounts kept"
            lines.append(Line((kind, size, words, "at least 70%"), min(held) >= OF_A_KIND_PRICED))
    for held, words in zip(
        _held([case for case in usual if not case.unknown]), ("of revenue", "of accounts kept"), strict=True
    ):
        lines.append(Line(("all", "both", f"coverage {held:.0%} {words}", "80% to 97%"), 0.8 <= held <= 0.97))  # noqa: PLR2004
    full = [case for at, case in cases if case.kind in paying.KINDS and at == "full"]
    known = float(np.mean([not case.unknown for case in full]))
    lines.append(Line(("all", "full", f"known in {known:.0%}", "at least 70%"), known >= KNOWN))
    near = float(np.nanmedian([case.width for case in full if case.prices in NEAR_TODAY]))
    lines.append(Line(("all", "full", f"near today's prices {near:.0%} wide", "at most 40%"), near <= WIDTH))
    for kind in paying.BROKEN:
        caught = float(np.mean([case.unknown for _, case in cases if case.kind == kind]))
        met = True if caught >= KNOWN else None
        slipped = _held([case for _, case in cases if case.kind == kind and not case.unknown])
        words = f"caught as unknown in {caught:.0%}; the others hold {slipped[0]:.0%} and {slipped[1]:.0%}"
        lines.append(Line((f"{kind} answers", "both", words, "70%, or said here"), met))
    return lines


def reaction_lines() -> list[Line]:
    """Judge what the record says of customers lost over a rise, and that it says nothing where it cannot."""
    worlds = [(kind, seed) for kind in repriced.KINDS for seed in REACTION_SEEDS]
    with ProcessPoolExecutor() as pool:
        done = list(pool.map(_reacted, *zip(*worlds, strict=True), chunksize=8))
    lines = []
    for kind in repriced.LEARNABLE:
        mine = [case for case in done if case.kind == kind]
        known = [case for case in mine if case.known]
        held = float(np.mean([case.inside for case in known]))
        width, away = (float(np.median([getattr(case, name) for case in known])) for name in ("width", "away"))
        words = f"coverage {held:.0%}, {width:.2f} wide, middle off by {away:+.2f}"
        met = REACTION_HELD[0] <= held <= REACTION_HELD[1]
        lines.append(Line((kind, words, f"{REACTION_HELD[0]:.0%} to {REACTION_HELD[1]:.0%}"), met))
        share = len(known) / len(mine)
        target = f"at least {REACTION_KNOWN:.0%}"
        lines.append(Line((kind, f"known in {share:.0%} of {len(mine)}", target), share >= REACTION_KNOWN))
    for kind in repriced.SILENT:
        unknown = float(np.mean([not case.known for case in done if case.kind == kind]))
        lines.append(Line((kind, f"unknown in {unknown:.0%}", "all"), unknown == 1.0))
    return lines


def _reacted(kind: str, seed: int) -> judge_reactions.Case:
    return judge_reactions.judge(repriced.company(kind, seed))


def found_lines() -> list[Line]:
    """Judge the prices the stage recommends."""
    worlds = [(kind, seed, size) for kind in paying.KINDS for seed in SEEDS for size in paying.SIZES]
    with ProcessPoolExecutor() as pool:
        done = list(pool.map(_found, *zip(*worlds, strict=True), chunksize=2))
    lines = []
    for size in paying.SIZES:
        mine = [case for (_, _, at), case in zip(worlds, done, strict=True) if at == size]
        share = float(np.mean([case.recommended for case in mine]))
        lines.append(Line(("all", size, f"recommended in {share:.0%} of {len(mine)}", "no target"), met="told"))
    taken = [case for case in done if case.recommended]
    if not taken:
        return lines
    lose = float(np.mean([case.of_today < 1 for case in taken]))
    best = float(np.median([case.of_best for case in taken]))
    said = float(np.median([case.said for case in taken]))
    kept = float(np.median([case.truly_kept for case in taken]))
    return [
        *lines,
        Line(("all", "both", f"truly below today in {lose:.0%} of {len(taken)}", "at most 10%"), lose <= LOSING),
        Line(("all", "both", f"bring {best:.0%} of the true best", "at least 85%"), best >= OF_THE_BEST),
        Line(("all", "both", f"said {said:.2f} times what they bring; {kept:.0%} truly kept", "no target"), met="told"),
    ]


def _held(cases: Sequence[judge_worth.Case]) -> tuple[float, float]:
    if not cases:
        return float("nan"), float("nan")
    return float(np.mean([case.revenue_inside for case in cases])), float(np.mean([case.kept_inside for case in cases]))


def _priced(kind: str, seed: int, size: str) -> list[judge_worth.Case]:
    return judge_worth.judge(paying.company(kind, seed, size))


def shape_lines() -> list[Line]:
    """Judge which pricing model is decided, by kind, and how sure it is said to be."""
    worlds = [(kind, seed, size) for size in shaped.SIZES for kind in shaped.KINDS for seed in SEEDS]
    with ProcessPoolExecutor() as pool:
        done = list(pool.map(_shaped, *zip(*worlds, strict=True), chunksize=4))
    lines = []
    for size in shaped.SIZES:
        cases = [case for (_, _, at), case in zip(worlds, done, strict=True) if at == size]
        for kind in (*shaped.KINDS, "broken", "all"):
            mine = [case for case in cases if kind in (case.kind, "all") or (kind == "broken" and case.broken)]
            lines.append(_of_shapes(mine, kind, size))
        low = float(np.mean([case.certainty in ("unknown", "low") for case in cases]))
        first = float(np.mean([case.first for case in cases]))
        words = f"low certainty or unknown in {low:.0%}, first in {first:.0%} of draws"
        target = "all low or unknown" if size == "small" else "said here"
        lines.append(Line(("all", size, words, target), low == 1.0 if size == "small" else "told"))
    return lines


def _of_shapes(cases: Sequence[judge_shapes.Case], kind: str, size: str) -> Line:
    counted = [case.is_right for case in cases if case.counts]
    right = float(np.mean(counted)) if counted else 0.0
    brings = float(np.mean([case.brings for case in cases]))
    words = f"right in {right:.0%} of {len(counted)} ({len(cases) - len(counted)} left out), brings {brings:.0%}"
    if size == "small":
        return Line((kind, size, words, "said here"), "told")
    met = right >= SHAPE_RIGHT
    return Line((kind, size, words, f"at least {SHAPE_RIGHT:.0%}"), met if kind == "all" else met or "told")


def _shaped(kind: str, seed: int, size: str) -> judge_shapes.Case:
    return judge_shapes.judge(shaped.company(kind, seed, size))


def _found(kind: str, seed: int, size: str) -> judge_worth.FoundCase:
    return judge_worth.judge_found(paying.company(kind, seed, size))


def forecast_lines() -> list[Line]:
    """Judge forecasts from each length of history."""
    lines, everything = [], []
    for months in HISTORIES:
        cases, signs = _judged(months)
        everything += cases
        for name, horizon in product(("usage", "seats"), HORIZONS):
            mine = [case for case in cases if (case.list, case.horizon) == (name, horizon)]
            lines += _of_list(mine, (name, str(horizon), str(months)), ERRORS[name, horizon])
        for horizon in HORIZONS:
            lines += _of_signs([sign for sign in signs if sign.horizon == horizon], horizon, months)
    for horizon in HORIZONS:
        mine = [case for case in everything if case.horizon == horizon]
        lines.append(_coverage(mine, ("both", str(horizon), "all")))
    return lines


def _judged(months: int) -> tuple[list[Case], list[Sign]]:
    with ProcessPoolExecutor() as pool:
        done = list(pool.map(_one, *zip(*product(KINDS, SEEDS, [months]), strict=True), chunksize=4))
    return [case for cases, _ in done for case in cases], [sign for _, signs in done for sign in signs]


def _one(kind: str, seed: int, months: int) -> tuple[list[Case], list[Sign]]:
    return judge(company(kind, seed), months)


def _of_list(cases: Sequence[Case], where: tuple[str, str, str], most: float) -> Iterable[Line]:
    error = float(np.mean([abs(case.error) for case in cases]))
    yield _coverage(cases, where)
    yield Line((*where, f"error {error:.1%}", f"at most {most:.0%}"), error <= most)


def _coverage(cases: Sequence[Case], where: tuple[str, str, str]) -> Line:
    held = float(np.mean([case.inside for case in cases]))
    kinds = {kind: float(np.mean([case.inside for case in cases if case.kind == kind])) for kind in KINDS}
    least = min(kinds, key=kinds.__getitem__)
    width = float(np.median([case.width for case in cases]))
    measured = f"coverage {held:.1%} ({least} {kinds[least]:.0%}), high end {width:.2f} times the low one"
    met = COVERAGE[0] <= held <= COVERAGE[1] and kinds[least] >= OF_A_KIND
    return Line((*where, measured, f"{COVERAGE[0]:.0%} to {COVERAGE[1]:.0%}, each kind {OF_A_KIND:.0%}"), met)


def _of_signs(signs: Sequence[Sign], horizon: int, months: int) -> Iterable[Line]:
    where = ("which brings more", str(horizon), str(months))
    right = float(np.mean([sign.right for sign in signs]))
    sure = [sign.right for sign in signs if sign.sure]
    yield Line(
        (*where, f"right in {right:.0%} of {len(signs)}", f"at least {SIGN[horizon]:.0%}"), right >= SIGN[horizon]
    )
    when_sure = float(np.mean(sure)) if sure else 1.0
    measured = f"right in {when_sure:.0%} of {len(sure)} where 90% of draws agree"
    yield Line((*where, measured, f"at least {SIGN_WHEN_SURE:.0%}"), when_sure >= SIGN_WHEN_SURE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
