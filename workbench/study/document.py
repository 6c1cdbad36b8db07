"""The study: the document a team edits. Every change returns a new study."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from workbench.errors import StudyError
from workbench.study.assumptions import Assumption
from workbench.study.basis import LAST_MONTH, RevenueBasis
from workbench.study.decisions import DecisionRecord, ScenarioChoice, ThresholdOverride
from workbench.study.guardrails import Guardrails
from workbench.study.model import FrozenModel, Identifier, Title, fresh_id, plain_errors, slug
from workbench.study.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA_VERSION: Literal[1] = 1
BASELINE_ID = "baseline"
CHOICE = "scenarios"
"""The step of the decision log in which a team chooses among its scenarios."""
Currency = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{3}$")]

CurrencyOrNone = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^([A-Za-z]{3})?$")]


class DataSource(FrozenModel):
    """Where the customer base lies; `as_of` hides everything later, `allow_credits` lets usage be below zero.

    `signs_mean` is the currency that a sign such as $ stands for in it, "" for the study's.
    A relative `path` starts at the study's folder, so a study and its data can move together.
    """

    path: str
    as_of: date | None = None
    allow_credits: bool = False
    signs_mean: CurrencyOrNone = ""

    def located(self, study_folder: Path | str) -> Path:
        """Return the path of the data for a study kept in `study_folder`."""
        return Path(study_folder) / Path(self.path).expanduser()


class Study(FrozenModel):
    """The document a team edits: data source, scenarios, assumptions, thresholds, guardrails, decision log.

    `revision` counts the saves; 0 means never saved. `basis` names the months that revenue figures speak of.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    revision: int = 0
    name: Identifier
    title: Title
    currency: Currency = "USD"
    basis: RevenueBasis = LAST_MONTH
    data: DataSource
    scenarios: tuple[Scenario, ...]
    chosen: ScenarioChoice | None = None
    assumptions: tuple[Assumption, ...] = ()
    thresholds: dict[str, ThresholdOverride] = Field(default_factory=dict)
    guardrails: Guardrails = Guardrails()
    decisions: tuple[DecisionRecord, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for noun, items in (
            ("scenarios", self.scenarios),
            ("assumptions", self.assumptions),
            ("decisions", self.decisions),
        ):
            _refuse_repeated(noun, [item.id for item in items])
        baselines = [scenario.id for scenario in self.scenarios if scenario.kind == "baseline"]
        if len(baselines) != 1:
            raise ValueError(f"a study has exactly one baseline scenario; this one has {len(baselines)}")
        if self.chosen and self.chosen.scenario_id not in self.scenario_ids:
            raise ValueError(
                f"the chosen scenario {self.chosen.scenario_id!r} is not in the study; "
                f"it has: {', '.join(self.scenario_ids)}"
            )
        return self

    @classmethod
    def new(
        cls,
        name: str,
        data_path: Path | str,
        *,
        title: str = "",
        currency: str = "USD",
        as_of: date | None = None,
        allow_credits: bool = False,
        signs_mean: str = "",
        basis: RevenueBasis = LAST_MONTH,
        scenario_name: str = "Design A",
    ) -> Self:
        """Return a study with the baseline and one design scenario; nothing is saved yet."""
        with plain_errors("This study cannot be made"):
            return cls(
                name=slug(name),
                title=title or name,
                currency=currency,
                basis=basis,
                data=DataSource(path=str(data_path), as_of=as_of, allow_credits=allow_credits, signs_mean=signs_mean),
                scenarios=(
                    Scenario(id=BASELINE_ID, name="Today", kind="baseline"),
                    Scenario(id=fresh_id(scenario_name, {BASELINE_ID}), name=scenario_name),
                ),
            )

    @classmethod
    def load(cls, folder: Path | str) -> Study:
        """Read the study kept in a folder; StudyError says what is wrong and how to get it back."""
        from workbench.study.store import load  # noqa: PLC0415 - the store reads studies; loaded when used

        return load(folder)

    def save(self, folder: Path | str) -> Study:
        """Save into a folder, merging with what was saved there meanwhile; return the study as saved."""
        from workbench.study.store import save  # noqa: PLC0415 - the store reads studies; loaded when used

        return save(self, folder).study

    @property
    def scenario_ids(self) -> tuple[str, ...]:
        """Return the ids of the scenarios, the baseline's included."""
        return tuple(scenario.id for scenario in self.scenarios)

    @property
    def baseline(self) -> Scenario:
        """Return the scenario of today's prices."""
        return next(scenario for scenario in self.scenarios if scenario.kind == "baseline")

    @property
    def designs(self) -> tuple[Scenario, ...]:
        """Return the candidate scenarios."""
        return tuple(scenario for scenario in self.scenarios if scenario.kind == "design")

    def scenario(self, scenario_id: str) -> Scenario:
        """Return one scenario; StudyError lists those there are."""
        for scenario in self.scenarios:
            if scenario.id == scenario_id:
                return scenario
        raise StudyError(f"The study has no scenario {scenario_id!r}.", f"It has: {', '.join(self.scenario_ids)}.")

    def with_scenario(self, scenario: Scenario) -> Self:
        """Return the study with this scenario in the place of the one with its id, or added at the end."""
        if scenario.id not in self.scenario_ids:
            self._refuse_name(scenario.name)
            return self.replaced(scenarios=(*self.scenarios, scenario))
        old = self.scenario(scenario.id)
        if old.kind != scenario.kind:
            raise StudyError(f"Scenario {old.name!r} is a {old.kind} and cannot become a {scenario.kind}.")
        return self.replaced(scenarios=tuple(scenario if s.id == scenario.id else s for s in self.scenarios))

    def duplicate_scenario(self, scenario_id: str, name: str) -> Self:
        """Return the study with a design scenario that copies another's decisions and waivers."""
        original = self.scenario(scenario_id)
        self._refuse_name(name)
        copy = original.replaced(id=fresh_id(name, self._ids_ever_named()), name=name, kind="design")
        return self.replaced(scenarios=(*self.scenarios, copy))

    def rename_scenario(self, scenario_id: str, name: str) -> Self:
        """Return the study with the scenario under another name; its id stays."""
        scenario = self.scenario(scenario_id)
        if name.strip() != scenario.name:
            self._refuse_name(name)
        return self.with_scenario(scenario.replaced(name=name))

    def remove_scenario(self, scenario_id: str) -> Self:
        """Return the study without a design scenario; the decision log keeps what was decided in it."""
        scenario = self.scenario(scenario_id)
        if scenario.kind == "baseline":
            raise StudyError("The baseline cannot be removed.", "Every scenario is compared with it.")
        if self.chosen and self.chosen.scenario_id == scenario_id:
            raise StudyError(f"Scenario {scenario.name!r} is the chosen one.", "Choose another one before removing it.")
        if len(self.designs) == 1:
            raise StudyError(f"Scenario {scenario.name!r} is the only design.", "Duplicate it before removing it.")
        return self.replaced(scenarios=tuple(s for s in self.scenarios if s.id != scenario_id))

    def choose(
        self,
        scenario_id: str,
        reason: str,
        who: str,
        when: datetime,
        *,
        evidence: Iterable[str] = (),
        findings: Iterable[str] = (),
    ) -> Self:
        """Return the study with a scenario chosen, and a line in the decision log that says so and why."""
        name = self.scenario(scenario_id).name
        with plain_errors("This choice cannot be kept"):
            choice = ScenarioChoice(scenario_id=scenario_id, reason=reason, who=who, when=when)
        return self.replaced(chosen=choice).record_decision(
            CHOICE,
            scenario_id,
            what=f"{name} is the design chosen.",
            reason=reason,
            who=who,
            when=when,
            evidence=evidence,
            findings=findings,
        )

    def record_decision(
        self,
        stage: str,
        scenario_id: str,
        *,
        what: str,
        reason: str,
        who: str,
        when: datetime,
        evidence: Iterable[str] = (),
        findings: Iterable[str] = (),
    ) -> Self:
        """Return the study with a line more in the decision log; the reason may not be empty."""
        self.scenario(scenario_id)
        with plain_errors("This decision cannot be recorded"):
            record = DecisionRecord(
                id=self._record_id(stage),
                stage=stage,
                scenario_id=scenario_id,
                what=what,
                evidence=tuple(evidence),
                findings=tuple(findings),
                reason=reason,
                who=who,
                when=when,
            )
        return self.replaced(decisions=(*self.decisions, record))

    def assumption(self, assumption_id: str, default: Assumption | None = None) -> Assumption:
        """Return an assumption, or the default when the study has none of that id."""
        found = next((item for item in self.assumptions if item.id == assumption_id), default)
        if found is None:
            known = ", ".join(item.id for item in self.assumptions) or "none"
            raise StudyError(f"The study has no assumption {assumption_id!r}.", f"It has: {known}.")
        return found

    def with_assumption(self, assumption: Assumption) -> Self:
        """Return the study with this range in the place of the one with its id, or added at the end."""
        if any(item.id == assumption.id for item in self.assumptions):
            kept = tuple(assumption if item.id == assumption.id else item for item in self.assumptions)
            return self.replaced(assumptions=kept)
        return self.replaced(assumptions=(*self.assumptions, assumption))

    def without_assumption(self, assumption_id: str) -> Self:
        """Return the study without an assumption; StudyError when there is none of that id."""
        self.assumption(assumption_id)
        return self.replaced(assumptions=tuple(item for item in self.assumptions if item.id != assumption_id))

    def with_threshold(
        self, rule: str, reason: str, who: str, when: datetime, *, low: float | None = None, high: float | None = None
    ) -> Self:
        """Return the study with its own threshold for a rule, and why; None keeps the rulebook's side."""
        with plain_errors(f"The threshold of rule {rule} cannot be changed"):
            override = ThresholdOverride(low=low, high=high, reason=reason, who=who, when=when)
        return self.replaced(thresholds={**self.thresholds, rule: override})

    def without_threshold(self, rule: str) -> Self:
        """Return the study with the rulebook's threshold for a rule."""
        return self.replaced(thresholds={key: value for key, value in self.thresholds.items() if key != rule})

    def with_guardrails(self, **changes: float | str | None) -> Self:
        """Return the study with some limits on what new prices may do changed; None switches a limit off."""
        return self.replaced(guardrails=self.guardrails.replaced(**changes))

    def _refuse_name(self, name: str) -> None:
        if any(scenario.name.casefold() == name.strip().casefold() for scenario in self.scenarios):
            raise StudyError(f"The study already has a scenario named {name.strip()!r}.", "Choose another name.")

    def _record_id(self, stage: str) -> str:
        return fresh_id(f"{stage} {len(self.decisions) + 1}", {record.id for record in self.decisions})

    def _ids_ever_named(self) -> set[str]:
        # The log may speak of a scenario that was removed; a new one must not take its id.
        return {*self.scenario_ids, *(record.scenario_id for record in self.decisions)}


def _refuse_repeated(noun: str, ids: list[str]) -> None:
    repeated = sorted({one for one in ids if ids.count(one) > 1})
    if repeated:
        raise ValueError(f"two {noun} share the id {', '.join(repeated)}; ids are unique")
