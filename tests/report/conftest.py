"""A study of the sample company with a hostile name in it, gathered once for all report tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.customers import CustomerBase
from workbench.report import gather_content, report_html
from workbench.stages.offers import TierDecision
from workbench.workspace import RECORDED

if TYPE_CHECKING:
    from typing import Any

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
def content(sample_company: CustomerBase, gathered_sample: dict[str, Any], decided_sample: Study) -> ReportContent:
    """Return what the report of the hostile study says."""
    return gather_content(sample_company, hostile(decided_sample), evidence=gathered_sample)


@pytest.fixture(scope="session")
def part(content: ReportContent) -> CustomerBase:
    """Return a sixth of the sample without its surveys, for what is seen of few accounts as of many."""
    frames = {name: frame for name, frame in content.base.frames.items() if not name.startswith("survey_")}
    some = set(frames["accounts"]["account_id"].iloc[::6])
    kept = {
        name: frame[frame["account_id"].isin(some)].reset_index(drop=True) if "account_id" in frame else frame
        for name, frame in frames.items()
    }
    return CustomerBase.from_tables({name: frame for name, frame in kept.items() if len(frame)})


@pytest.fixture(scope="session")
def page(content: ReportContent) -> str:
    """Return the report as a page."""
    return report_html(content)
