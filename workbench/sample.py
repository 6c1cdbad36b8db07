"""The fictional company that comes with the workbench, and a study of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from workbench.bundle import bundled
from workbench.customers import CustomerBase
from workbench.stages.walk import STARTING_POINT, record_all, with_starting_points
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.study import Scenario

# The month before the company moved from seats to data volume: the design stages know nothing later.
LAST_MONTH_BEFORE_MOVE = date(2024, 12, 31)
SAMPLE_NAME = "sample"
# The sample study is the same on every machine, so its log carries a fixed day.
RECORDED = datetime(2025, 1, 15, 10, 0, tzinfo=UTC)
TEAM = "Sample team"


def sample_folder() -> Path:
    """Return the folder with the sample company's tables."""
    return bundled("data") / "sample"


def sample_base(*, whole_history: bool = False) -> CustomerBase:
    """Load the sample company as it stood before its move, or with everything that came after."""
    return CustomerBase.load(sample_folder(), as_of=None if whole_history else LAST_MONTH_BEFORE_MOVE)


def sample_study(base: CustomerBase, data_path: Path | str) -> Study:
    """Return a study of the sample company with every stage decided from the data and on record.

    `data_path` is where the study finds the data, absolute or relative to the study's folder.
    """
    study = Study.new(
        SAMPLE_NAME,
        data_path,
        title="Sample company: from seats to a metric that grows with value",
        currency=base.currency,
        as_of=LAST_MONTH_BEFORE_MOVE,
    )
    design: Scenario = with_starting_points(base, study.designs[0])
    study = study.with_scenario(design)
    return record_all(base, study, design.id, who=TEAM, when=RECORDED, reason=STARTING_POINT)
