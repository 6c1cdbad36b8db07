"""The study: the document a team edits, its scenarios, ranges, decision log, and the store that keeps it."""

from __future__ import annotations

from workbench.study.assumptions import Assumption
from workbench.study.decisions import (
    DecisionRecord,
    ScenarioChoice,
    StageDecision,
    ThresholdOverride,
    Waiver,
)
from workbench.study.document import BASELINE_ID, SCHEMA_VERSION, DataSource, Study
from workbench.study.model import FrozenModel, explain, fresh_id, plain_errors, slug
from workbench.study.scenario import Scenario

__all__ = [
    "BASELINE_ID",
    "SCHEMA_VERSION",
    "Assumption",
    "DataSource",
    "DecisionRecord",
    "FrozenModel",
    "Scenario",
    "ScenarioChoice",
    "StageDecision",
    "Study",
    "ThresholdOverride",
    "Waiver",
    "explain",
    "fresh_id",
    "plain_errors",
    "slug",
]
