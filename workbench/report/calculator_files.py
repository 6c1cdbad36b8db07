"""Write the usage calculator of a study: today's prices from its data, new ones from a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.needs import profile
from workbench.errors import StudyError
from workbench.files import write_text
from workbench.outputs import PAGE, check_output
from workbench.pricing.round_numbers import two_digits
from workbench.report.calculator import DEFAULT_TITLE, calculator_html
from workbench.report.calculator_data import metric_names
from workbench.report.content import reported_scenario
from workbench.stages.price_book import price_book, today

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.pricing import PriceBook
    from workbench.report.brand import Brand
    from workbench.study import Study


def write_calculator(
    base: CustomerBase,
    study: Study,
    path: Path | str,
    *,
    scenario_id: str | None = None,
    brand: Brand | None = None,
    title: str = "",
    note: str = "",
    inputs: Iterable[Path | None] = (),
    force: bool = False,
) -> Path:
    """Write the calculator of a scenario (the chosen one, else the first design) and return the file's path.

    Without a list of today's prices the page shows the new ones alone. It begins at what the middle account uses.
    Raises StudyError when the scenario offers nothing yet, and FileError for a file that is there and was not written
    by the workbench, unless `force` is set. The data and further `inputs` are never replaced.
    """
    file = Path(path)
    check_output(file, *PAGE, inputs=(base.place, *inputs), force=force)
    scenario = reported_scenario(study, scenario_id)
    new = price_book(base, scenario)
    if not new.public_plans:
        raise StudyError(
            f"The scenario {scenario.name!r} offers no plan yet.", "Decide on tiers or a price curve, or name another."
        )
    current = today(base)
    compared = current if current.public_plans and scenario.kind != "baseline" else None
    start = usual_quantities(base, [new, current])
    text = calculator_html(compared, new, brand=brand, title=title or DEFAULT_TITLE, note=note, start=start)
    return write_text(file, text)


def usual_quantities(base: CustomerBase, books: list[PriceBook]) -> dict[str, Decimal]:
    """Return the median of the active accounts per metric of the books: two digits, whole where all quantities are."""
    known = profile(base).quantities
    found = {name: values[np.isfinite(values)] for name, values in known.items() if name in metric_names(books)}
    return {name: _middle(values) for name, values in found.items() if values.size}


def _middle(values: NDArray[np.float64]) -> Decimal:
    median = float(np.median(values))
    return two_digits(np.ceil(median) if np.array_equal(values, np.rint(values)) else median)
