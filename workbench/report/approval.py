"""What somebody sees who proposes, approves or launches a scenario: its inputs and figures, as short sums and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbench.locales import in_its_locale
from workbench.report.result_figures import amount_in_words, figures_of_standing
from workbench.stages.contract import evaluate_scenario
from workbench.stages.study_replay import scenario_standing
from workbench.study.states import ScenarioState, inputs_seen, state_of, sum_of, with_state
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Any

    from workbench.customers.base import CustomerBase
    from workbench.report.content import ReportContent
    from workbench.study.document import Study
    from workbench.study.model import Scenario, Status

say = texts(__name__)

_DIGITS = 9  # of a figure, so that two machines agree on its sum
_SHOWN = ("revenue.today", "revenue.list", "revenue.net", "pay_more.share", "rise_over_25.accounts")


@dataclass(frozen=True, slots=True)
class WhatIsSeen:
    """What is seen of a scenario: a short sum of each input and of its figures, and the main ones in sentences."""

    sums: Mapping[str, str]
    figures: tuple[str, ...]


@in_its_locale
def what_is_seen(
    base: CustomerBase, study: Study, scenario_id: str, *, evidence: Mapping[str, Any] | None = None
) -> WhatIsSeen:
    """Return what somebody sees who decides how far a scenario has come.

    Parameters
    ----------
    base, study, scenario_id
        The customers, the study, and which scenario.
    evidence
        What stages gathered, to save the time it takes.

    Returns
    -------
    WhatIsSeen
        Sums of data, decisions, assumptions and figures, and the main figures in words.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> from workbench.report import what_is_seen
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> list(what_is_seen(base, Study.new("acme", "data"), "design-a").sums)
    ['data', 'decisions', 'assumptions', 'figures']
    """
    scenario = study.scenario(scenario_id)
    outcomes = evaluate_scenario(base, study, scenario, evidence=evidence)
    stands, why = scenario_standing(base, study, scenario)
    money = list(figures_of_standing(stands, study.basis, base.currency, why=why))
    held = [(each.id, _rounded(each.value)) for each in money]
    held += [
        (f"{outcome.stage.key}.{each.label}", _rounded(each.value))
        for outcome in outcomes
        if outcome.stage.designs
        for each in outcome.result.key_figures
    ]
    told = tuple(f"{each.name}: {amount_in_words(each.value, each.unit)}" for each in money if each.id in _SHOWN)
    return WhatIsSeen({**inputs_seen(study, scenario, base.fingerprint), "figures": sum_of(held)}, told)


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.{_DIGITS}g}"


def taken_further(
    base: CustomerBase,
    study: Study,
    scenario_id: str,
    status: Status,
    *,
    reason: str,
    who: str,
    when: datetime,
    evidence: Mapping[str, Any] | None = None,
) -> Study:
    """Return the study with a scenario in another state, on what is seen of it now.

    Parameters
    ----------
    base, study, scenario_id
        The customers, the study, and which scenario.
    status, reason, who, when
        What it is now, why, by whom, and when.
    evidence
        What stages gathered, to save the time it takes.

    Returns
    -------
    Study
        The study, with the step in its log.

    Raises
    ------
    StudyError
        Where another step comes first, or has to be taken again because something changed.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> from workbench.report import taken_further
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base, day = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid}), datetime.now(UTC)
    >>> said = {"reason": "Ready.", "who": "Ana", "when": day}
    >>> taken_further(base, Study.new("acme", "data"), "design-a", "proposed", **said).designs[0].state.status
    'proposed'
    """
    seen = what_is_seen(base, study, scenario_id, evidence=evidence)
    return with_state(
        study, scenario_id, status, reason=reason, who=who, when=when, seen=seen.sums, evidence=seen.figures
    )


def state_in_words(state: ScenarioState) -> str:
    """Say how far a scenario has come, by whom and when, and what opened it again.

    Parameters
    ----------
    state
        How far it has come.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> from workbench.report import state_in_words
    >>> from workbench.study import ScenarioState
    >>> state_in_words(ScenarioState("draft"))
    'draft'
    """
    step = state.step
    values = {"who": step.who, "when": step.when, "was": step.status} if step is not None else {}
    return say("state", status=state.status, changed=list(state.changed), step=step is not None, **values)


def states_of(study: Study, base: CustomerBase) -> tuple[tuple[Scenario, ScenarioState], ...]:
    """Return every scenario of a team with its state.

    Parameters
    ----------
    study, base
        The scenarios, and the customers they were looked at on.

    Returns
    -------
    tuple of pairs
        Scenario and state, in the order of the study.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.report import states_of
    >>> from workbench.study import Study
    >>> paid = pd.DataFrame({"account_id": ["A"], "month": "2024-01-01", "amount": [50], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> [state.status for _, state in states_of(Study.new("acme", "data"), base)]
    ['draft']
    """
    return tuple((each, state_of(study, each, base.fingerprint)) for each in study.designs)


def states_told(content: ReportContent) -> list[tuple[str, str]]:
    """Return each scenario of a report with how far it has come, where one is more than a draft."""
    # Held against customers and study as they are: the marks of a file without names are no change.
    base, study = content.naming.origin or (content.base, content.study)
    found = states_of(study, base)
    if all(state.step is None for _, state in found):
        return []
    shown = (each.name for each in content.study.designs)  # the same ones, by the names they have in this file
    return [(name, state_in_words(state)) for name, (_, state) in zip(shown, found, strict=True)]


RECORD = ("when", "who", "kind", "scenario", "about", "what", "reason", "evidence", "findings")


def record_table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return what `trail_of` says as a table, several sentences in one cell."""
    flat = [{key: " | ".join(each) if isinstance(each, list) else each for key, each in row.items()} for row in rows]
    return pd.DataFrame(flat, columns=list(RECORD), dtype=object)
