"""Hold what is concluded against companies whose truth is known, and write the table into benchmarks/WORLDS.md."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "worlds"))

from growing_companies import KINDS, company  # noqa: E402 - found beside the tests, by the line above
from judge_forecasts import HORIZONS, Case, Sign, judge  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TABLE = Path(__file__).parent / "WORLDS.md"
SEEDS = range(1_000, 1_020)
HISTORIES = (12, 24, 36)
COVERAGE, OF_A_KIND = (0.88, 0.99), 0.75
ERRORS = {("usage", 12): 0.12, ("usage", 24): 0.20, ("seats", 12): 0.07, ("seats", 24): 0.12}
SIGN, SIGN_WHEN_SURE = {12: 0.80, 24: 0.75}, 0.95


@dataclass(frozen=True)
class Line:
    """One measured figure with its target."""

    cells: tuple[str, ...]
    met: bool


def main() -> int:
    """Judge all worlds and write the table; 1 when a target is missed."""
    lines = forecast_lines()
    head = ("List", "Months ahead", "History", "Measured", "Target", "")
    rows = [head, ("---",) * len(head), *((*line.cells, "met" if line.met else "not met") for line in lines)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    TABLE.write_text(
        "# Held against known worlds\n\nWritten by `make worlds`: companies made by laws that are known "
        "(`tests/worlds`), which know nothing of the workbench.\n\n## Revenue of the months ahead\n\n"
        f"Nine kinds of company ({', '.join(KINDS)}), {len(SEEDS)} of each; two price lists billed on the same draws. "
        "Coverage is the share of 90% ranges that held what came, in brackets the kind held least; the error is the "
        "mean of the medians' absolute errors; the sign is whether the usage list brings more than the seat list, where "
        f"they truly lie more than 5% apart.\n\n{table}\n",
        encoding="utf-8",
    )
    print(table)
    return 0 if all(line.met for line in lines) else 1


def forecast_lines() -> list[Line]:
    """Judge forecasts from each length of history."""
    lines = []
    for months in HISTORIES:
        cases, signs = _judged(months)
        for name, horizon in product(("usage", "seats"), HORIZONS):
            mine = [case for case in cases if (case.list, case.horizon) == (name, horizon)]
            lines += _of_list(mine, (name, str(horizon), str(months)), ERRORS[name, horizon])
        for horizon in HORIZONS:
            lines += _of_signs([sign for sign in signs if sign.horizon == horizon], horizon, months)
    return lines


def _judged(months: int) -> tuple[list[Case], list[Sign]]:
    with ProcessPoolExecutor() as pool:
        done = list(pool.map(_one, *zip(*product(KINDS, SEEDS, [months]), strict=True), chunksize=4))
    return [case for cases, _ in done for case in cases], [sign for _, signs in done for sign in signs]


def _one(kind: str, seed: int, months: int) -> tuple[list[Case], list[Sign]]:
    return judge(company(kind, seed), months)


def _of_list(cases: Sequence[Case], where: tuple[str, str, str], most: float) -> Iterable[Line]:
    held = float(np.mean([case.inside for case in cases]))
    kinds = {kind: float(np.mean([case.inside for case in cases if case.kind == kind])) for kind in KINDS}
    least = min(kinds, key=kinds.__getitem__)
    error = float(np.mean([abs(case.error) for case in cases]))
    width = float(np.median([case.width for case in cases]))
    measured = f"coverage {held:.0%} ({least} {kinds[least]:.0%}), high end {width:.2f} times the low one"
    met = COVERAGE[0] <= held <= COVERAGE[1] and kinds[least] >= OF_A_KIND
    yield Line((*where, measured, f"{COVERAGE[0]:.0%} to {COVERAGE[1]:.0%}, each kind {OF_A_KIND:.0%}"), met)
    yield Line((*where, f"error {error:.1%}", f"at most {most:.0%}"), error <= most)


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
    sys.exit(main())
