"""A study of the sample company with a hostile name in it, gathered once for all report tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.report import gather_content
from workbench.stages.contract import gather_evidence
from workbench.stages.tiers.decision import TierDecision
from workbench.workspace import RECORDED, sample_base, sample_folder, sample_study

if TYPE_CHECKING:
    from workbench.report import ReportContent
    from workbench.study import Study

HOSTILE = "</script><script>document.title='taken'</script>"


def hostile(study: Study) -> Study:
    """Return the study with names that would break out of a careless page, and a second design."""
    design = study.designs[0]
    decision = design.decision(TierDecision)
    first = decision.tiers[0].replaced(name=HOSTILE)
    study = study.with_scenario(design.with_decision(decision.with_tier(first)))
    study = study.duplicate_scenario(design.id, "<b>Second</b>")
    return study.choose(design.id, "=HYPERLINK(1) because & why <i>not</i>", "A & B", RECORDED)


@pytest.fixture(scope="session")
def content() -> ReportContent:
    """Return what the report of the hostile study says."""
    base = sample_base()
    study = hostile(sample_study(base, sample_folder()))
    return gather_content(base, study, evidence=gather_evidence(base))
