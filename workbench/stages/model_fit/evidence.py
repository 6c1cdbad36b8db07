"""The slow part of model fit: adoption order, the history as arrays, and the models billed over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.customers import profile
from workbench.formatting import NO_CURRENCY
from workbench.impact import AccountMonths, account_months
from workbench.stages.model_fit.comparison import Comparison, compare
from workbench.stages.model_fit.contribution import Contributions, contributions
from workbench.stages.model_fit.current import current_customers
from workbench.stages.model_fit.history import History, read_history
from workbench.stages.model_fit.metric_choice import MetricChoice, choose_metrics, size_metric
from workbench.stages.model_fit.resampling import Resamples
from workbench.stages.model_fit.scalability import Scalability, common_path, scalability
from workbench.stages.model_fit.score_draws import drawn_scores, measure_draws
from workbench.stages.model_fit.scoring import ScoreTable, score_models, score_table
from workbench.stages.model_fit.shapes import shapes
from workbench.stages.model_fit.usage_facts import UsageFacts, usage_facts
from workbench.stages.value_metric.decision import ValueMetricDecision

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.study import Scenario

    Floats = NDArray[np.float64]

NEEDS_MONTHS = 3
MINIMUM_USES = 3
FEWEST_USERS = 5
_KEPT_REPLAYS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """What the decided value metric leads to: the facts on it, and the five models on it.

    `brought` is what each model would bring once tuned, None where nothing says what customers are worth; `drawn` what
    is measured when the accounts are resampled, by model and criterion.
    """

    choice: MetricChoice
    usage: UsageFacts | None
    comparison: Comparison
    brought: Contributions | None
    drawn: Mapping[tuple[str, str], Floats]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the data says, whatever is decided in this stage.

    `adoption` is the scalability of feature use over the accounts active in the last three months, `path` that of
    the features customers take up in one order; both None without feature use. `replay(scenario)` bills the models;
    it is worked out once for each value metric.
    """

    base: CustomerBase = field(repr=False)
    history: History
    currency: str
    size_metric: str | None
    adoption: Scalability | None
    path: Scalability | None
    rows: AccountMonths = field(repr=False)
    _replays: dict[str | None, Replay] = field(default_factory=dict, repr=False)

    @property
    def off_path(self) -> tuple[str, ...]:
        """Return the features that vary but have no place in the common order."""
        if self.adoption is None or self.path is None:
            return ()
        return tuple(name for name in self.adoption.names if name not in self.path.names)

    def replay(self, scenario: Scenario | None = None) -> Replay:
        """Bill the five models over the history on the value metric the scenario decided.

        Nothing else of the scenario plays a part: the models are drafts from the data, each tuned alike.
        """
        key = None if scenario is None else scenario.decision(ValueMetricDecision).metric
        if key not in self._replays:
            while len(self._replays) >= _KEPT_REPLAYS:
                self._replays.pop(next(iter(self._replays)))
            self._replays[key] = self._billed(scenario)
        return self._replays[key]

    def scores(self, scenario: Scenario | None, weights: Mapping[str, float], *, seed: int = 0) -> ScoreTable:
        """Score the models under these weights, with sampling error: the same for a suggestion and its evaluation."""
        replay = self.replay(scenario)
        cells = score_models(replay.comparison, self.adoption, replay.brought)
        order = None if self.adoption is None else self.adoption.h
        drawn = drawn_scores(replay.drawn, order, [model.key for model in replay.comparison.models], seed=seed)
        return score_table(cells, weights, drawn=drawn, seed=seed)

    def _billed(self, scenario: Scenario | None) -> Replay:
        choice = choose_metrics(self.history, self.size_metric, scenario)
        brought = contributions(self.base, choice)
        drafts = None if brought is None else brought.drafts
        offers = shapes(choice, current_customers(self.history, self.rows), self.currency, drafts)
        comparison = compare(self.history, self.rows, offers, currency=self.currency)
        usage = None if choice.metric is None else usage_facts(self.history, choice.metric)
        drawn = measure_draws(comparison, brought, Resamples.of(len(self.history.account_ids), seed=0))
        return Replay(choice, usage, comparison, brought, drawn)


def gather(base: CustomerBase, scenario: Scenario | None = None) -> Evidence:
    """Return the evidence of a customer base; the models are billed for `scenario` (or from the data alone)."""
    adoption = path = None
    if base.has("feature_use"):
        needs = profile(base, NEEDS_MONTHS, MINIMUM_USES)
        adoption = scalability(needs.features, needs.feature_names, fewest_users=FEWEST_USERS)
        path = common_path(adoption, needs.features, needs.feature_names)
    rows = account_months(base, gaps="last", needs_months=NEEDS_MONTHS, minimum_uses=MINIMUM_USES)
    history = read_history(base, rows)
    evidence = Evidence(
        base,
        history,
        base.currency or NO_CURRENCY,
        size_metric(base, history.usage),
        adoption,
        path,
        rows,
    )
    if scenario is not None:
        evidence.replay(scenario)
    return evidence
