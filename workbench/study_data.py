"""The customer base of a study: the data it points at, as of its day, in its currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.customers import CustomerBase

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.study import Study


def load_base(study: Study, folder: Path | str) -> CustomerBase:
    """Read the data of a study kept in `folder`, as known on the study's day.

    Amounts are in the study's currency where the data names none, and a sign such as $ means what the study was made
    with. Raises DataErrors with every problem of the data.
    """
    return CustomerBase.load(
        study.data.located(folder),
        as_of=study.data.as_of,
        currency=study.data.signs_mean or study.currency,
        allow_credits=study.data.allow_credits,
    )
