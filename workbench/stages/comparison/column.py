"""One scenario of a comparison: its decisions, figures and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.rules.finding import STATUSES

if TYPE_CHECKING:
    from workbench.results import KeyFigure
    from workbench.rules import Finding
    from workbench.stages.walk import StageOutcome
    from workbench.study import Scenario

NOT_DECIDED = "Not decided yet"
SET_ASIDE, SET_SO = "set aside", "set so"
MONEY_STAGE = "tiers"
VERDICTS = ("ok", SET_SO, *reversed(STATUSES[:-1]), SET_ASIDE)


@dataclass(frozen=True)
class ScenarioColumn:
    """A design scenario with the outcome of every stage.

    Figures and findings are those of the stages it has decided: a stage still open speaks about nothing anybody chose.
    """

    scenario: Scenario
    outcomes: tuple[StageOutcome, ...]
    is_chosen: bool = False

    @property
    def name(self) -> str:
        """Return the scenario's name."""
        return self.scenario.name

    @property
    def decided(self) -> tuple[StageOutcome, ...]:
        """Return the outcomes of the stages it has decided."""
        return tuple(each for each in self.outcomes if self.scenario.decided(each.stage.key))

    @property
    def figures(self) -> dict[tuple[str, str], KeyFigure]:
        """Return key figures by the title of their stage and their label."""
        return {(each.stage.title, figure.label): figure for each in self.decided for figure in each.result.key_figures}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the findings of the stages it has decided, those set aside marked as such."""
        return tuple(finding for _, finding in self.findings_by_stage)

    @property
    def findings_by_stage(self) -> tuple[tuple[str, Finding], ...]:
        """Return the same findings, each with the key of its stage."""
        return tuple((each.stage.key, finding) for each in self.decided for finding in each.result.findings)

    def has_decided(self, stage_key: str) -> bool:
        """Tell whether the design has decided a stage."""
        return any(each.stage.key == stage_key for each in self.decided)

    @property
    def counts(self) -> dict[str, int]:
        """Count the findings by verdict; "set so" are met by construction, "set aside" overridden by the team."""
        verdicts = [_verdict(finding) for finding in self.findings]
        return {verdict: verdicts.count(verdict) for verdict in VERDICTS}

    @property
    def open_breaches(self) -> tuple[Finding, ...]:
        """Return the rules that are not met and not set aside."""
        return tuple(finding for finding in self.findings if finding.status == "breach" and finding.is_open)

    @property
    def revenue(self) -> KeyFigure | None:
        """Return what the tiers bring a month with its change against today, None while no tiers are decided."""
        tiers = next((each for each in self.decided if each.stage.key == MONEY_STAGE), None)
        figures = () if tiers is None else tiers.result.key_figures
        return next((figure for figure in figures if figure.unit.isupper()), None)

    def decision_on(self, stage_key: str) -> str:
        """Return the decision of a stage as one sentence, or that there is none yet."""
        return next((each.summary for each in self.decided if each.stage.key == stage_key), NOT_DECIDED)


def _verdict(finding: Finding) -> str:
    if finding.waiver:
        return SET_ASIDE
    return SET_SO if finding.is_set_so else finding.status
