"""The fictional company that comes with the workbench, and a study of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from workbench.bundle import bundled
from workbench.customers import CustomerBase
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.offer_documents import tier_of
from workbench.stages.price_book import today
from workbench.stages.tiers.decision import PER_ACCOUNT, TierDecision
from workbench.stages.value_metric.decision import ValueMetricDecision
from workbench.stages.walk import gather_evidence, record_all, with_starting_points
from workbench.study import Assumption, Study

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from workbench.stages.tiers.decision import Tier
    from workbench.study import Scenario

# The last day before the company moved from seats to data volume: the design stages know nothing later.
LAST_DAY_BEFORE_MOVE = date(2024, 12, 31)
SAMPLE_NAME = "sample"
# The sample study is the same on every machine, so its log carries a fixed day.
RECORDED = datetime(2025, 1, 15, 10, 0, tzinfo=UTC)
TEAM = "Sample team"


def sample_folder() -> Path:
    """Return the folder with the sample company's tables."""
    return bundled("data") / "sample"


def sample_base(*, whole_history: bool = False) -> CustomerBase:
    """Load the sample company as it stood before its move, or with everything that came after."""
    return CustomerBase.load(sample_folder(), as_of=None if whole_history else LAST_DAY_BEFORE_MOVE)


def sample_study(base: CustomerBase, data_path: Path | str, *, evidence: Mapping[str, Any] | None = None) -> Study:
    """Return a study of the sample company: every stage decided, on record, and one of three designs chosen.

    Decisions start from what the data suggests; what only people know comes from `data/sample_team.json`.
    `data_path` is where the study finds the data, absolute or relative to the study's folder. `evidence` may hold what
    `gather_evidence` returned.
    """
    team = json.loads((bundled("data") / "sample_team.json").read_text(encoding="utf-8"))
    study = Study.new(
        SAMPLE_NAME,
        data_path,
        title="Sample company: from seats to a metric that grows with value",
        currency=base.currency,
        as_of=LAST_DAY_BEFORE_MOVE,
        scenario_name=team["scenario_name"],
    )
    evidence = gather_evidence(base) if evidence is None else evidence
    draft = with_changes(with_starting_points(base, study.designs[0], evidence=evidence), team["changes"])
    design = _with_plans_kept(base, draft, team["tiers"])
    for waiver in team["waivers"]:
        design = design.with_waiver(waiver["rule"], waiver["reason"], TEAM, RECORDED, subject=waiver["subject"])
    study = study.with_scenario(design)
    for assumption in team["assumptions"]:
        study = study.with_assumption(Assumption(**assumption))
    study = record_all(base, study, design.id, who=TEAM, when=RECORDED, reasons=team["reasons"], evidence=evidence)
    study = _with_rejected(study, design, draft.decision(TierDecision), team["rejected"])
    study = _with_alternative(study, study.designs[-1], team["alternative"])
    return study.choose(design.id, team["choice"], TEAM, RECORDED)


def with_changes(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Return the scenario with parts of its decisions replaced: JSON by stage, merged into what is there."""
    return scenario.replaced(stages=_merged(scenario.stages, changes))


def _with_plans_kept(base: CustomerBase, draft: Scenario, terms: Sequence[Mapping[str, str]]) -> Scenario:
    """Return the design with today's plans as its tiers: prices of its own, and the metric billed beyond a limit.

    What the design sells as an add-on leaves the tiers; whatever else a plan contains stays in it.
    """
    metric = str(draft.decision(ValueMetricDecision).metric)
    apart = {feature for add_on in draft.decision(AddOnDecision).add_ons for feature in add_on.features}
    plans = {plan.name: plan for plan in today(base).plans}
    tiers: list[Tier] = []
    for each in terms:
        tier = tier_of(replace(plans[each["like"]], name=each["name"]), [other.id for other in tiers])
        tier = tier.replaced(features=tuple(feature for feature in tier.features if feature not in apart))
        if not tier.on_request:
            limits, overage = tier.limits | {metric: each["included"]}, {metric: each["overage"]}
            tier = tier.replaced(price=each["price"], limits=limits, overage=overage)
        tiers.append(tier)
    suggested = draft.decision(TierDecision)
    sold = tuple(feature for feature in suggested.sold_separately if feature in apart)
    return draft.with_decision(suggested.replaced(tiers=tuple(tiers), sold_separately=sold, set_so={}))


def _with_rejected(study: Study, design: Scenario, tiers: TierDecision, rejected: Mapping[str, Any]) -> Study:
    """Add the design that was turned down, with the tiers that use alone suggests."""
    study = study.duplicate_scenario(design.id, rejected["name"])
    copy = with_changes(study.designs[-1], rejected["changes"]).replaced(note=rejected["note"], waivers=())
    return study.with_scenario(copy.with_decision(tiers))


def _with_alternative(study: Study, design: Scenario, alternative: Mapping[str, Any]) -> Study:
    """Add a design on data volume alone, with the features of the one it is given."""
    study = study.duplicate_scenario(design.id, alternative["name"])
    copy = with_changes(study.designs[-1], alternative["changes"]).replaced(note=alternative["note"], waivers=())
    decision = copy.decision(TierDecision)
    metric = str(design.decision(ValueMetricDecision).metric)
    tiers = tuple(
        tier.replaced(
            price=terms["price"],
            price_per=PER_ACCOUNT,
            limits={metric: terms["included"]},
            overage={metric: terms["overage"]},
        )
        for tier, terms in zip((each for each in decision.tiers if each.price), alternative["tiers"], strict=True)
    )
    on_request = tuple(each for each in decision.tiers if each.on_request)
    return study.with_scenario(copy.with_decision(decision.replaced(tiers=(*tiers, *on_request))))


def _merged(document: Any, changes: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON document with changes laid over it, key by key."""
    if not (isinstance(document, dict) and isinstance(changes, dict)):
        return changes
    return {**document, **{key: _merged(document.get(key), value) for key, value in changes.items()}}
