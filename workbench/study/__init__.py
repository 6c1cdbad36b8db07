"""The study: the document a team edits, its scenarios, ranges, decision log, and the store that keeps it."""

from __future__ import annotations

from workbench.study.assumptions import Assumption
from workbench.study.basis import LAST_MONTH, MEAN_OF_TWELVE, MONTHS_OF_BASIS, RevenueBasis
from workbench.study.compare import FieldDifference, compare_scenarios, compare_studies
from workbench.study.decisions import (
    DecisionRecord,
    ScenarioChoice,
    StageDecision,
    ThresholdOverride,
    Waiver,
)
from workbench.study.document import BASELINE_ID, SCHEMA_VERSION, DataSource, Study
from workbench.study.guardrails import Guardrails
from workbench.study.history import History
from workbench.study.keyed import ABSENT
from workbench.study.merge import Conflict, StudyConflictError, merge, resolve
from workbench.study.model import FrozenModel, ImpossibleDocumentError, explain, fresh_id, plain_errors, slug
from workbench.study.scenario import Scenario
from workbench.study.store import Saved, load, restore, save, study_text

__all__ = [
    "ABSENT",
    "BASELINE_ID",
    "LAST_MONTH",
    "MEAN_OF_TWELVE",
    "MONTHS_OF_BASIS",
    "SCHEMA_VERSION",
    "Assumption",
    "Conflict",
    "DataSource",
    "DecisionRecord",
    "FieldDifference",
    "FrozenModel",
    "Guardrails",
    "History",
    "ImpossibleDocumentError",
    "RevenueBasis",
    "Saved",
    "Scenario",
    "ScenarioChoice",
    "StageDecision",
    "Study",
    "StudyConflictError",
    "ThresholdOverride",
    "Waiver",
    "compare_scenarios",
    "compare_studies",
    "explain",
    "fresh_id",
    "load",
    "merge",
    "plain_errors",
    "resolve",
    "restore",
    "save",
    "slug",
    "study_text",
]
