"""The slow part of model fit: adoption order, the history as arrays, and the models billed over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from workbench.customers import profile
from workbench.formatting import NO_CURRENCY
from workbench.impact import AccountMonths, account_months
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.model_fit.comparison import Comparison, compare
from workbench.stages.model_fit.current import current_customers
from workbench.stages.model_fit.history import History, read_history
from workbench.stages.model_fit.metric_choice import MetricChoice, choose_metrics, size_metric
from workbench.stages.model_fit.scalability import Scalability, common_path, scalability
from workbench.stages.model_fit.shapes import shapes
from workbench.stages.model_fit.usage_facts import UsageFacts, usage_facts
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.value_metric.decision import ValueMetricDecision

if TYPE_CHECKING:
    from collections.abc import Hashable

    from workbench.customers import CustomerBase
    from workbench.study import Scenario

Needs: TypeAlias = tuple[int, int]  # how many months needs are read from, and the uses from which a feature counts
NEEDS_MONTHS = 3
MINIMUM_USES = 3
FEWEST_USERS = 5
_KEPT_REPLAYS = 8
_KEPT_NEEDS = 2  # ways to read needs; each holds an array per feature pattern and one per metric


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """What the rest of the scenario decides about: the metric, the facts on it, and the five models on it."""

    choice: MetricChoice
    usage: UsageFacts | None
    comparison: Comparison


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the data says, whatever is decided in this stage.

    `adoption` is the scalability of feature use over the accounts active in the last three months, `path` that of
    the features customers take up in one order; both None without feature use. `replay(scenario)` bills the models;
    it is worked out once for each set of decisions in the other stages that matter here.
    """

    base: CustomerBase = field(repr=False)
    history: History
    currency: str
    size_metric: str | None
    adoption: Scalability | None
    path: Scalability | None
    _replays: dict[Hashable, Replay] = field(default_factory=dict, repr=False)
    _rows: dict[Needs, AccountMonths] = field(default_factory=dict, repr=False)

    @property
    def off_path(self) -> tuple[str, ...]:
        """Return the features that vary but have no place in the common order."""
        if self.adoption is None or self.path is None:
            return ()
        return tuple(name for name in self.adoption.names if name not in self.path.names)

    def replay(self, scenario: Scenario | None = None) -> Replay:
        """Bill the five models over the history as the scenario's other stages shape them."""
        key = _structure(scenario)
        if key not in self._replays:
            while len(self._replays) >= _KEPT_REPLAYS:
                self._replays.pop(next(iter(self._replays)))
            self._replays[key] = self._billed(scenario)
        return self._replays[key]

    def _billed(self, scenario: Scenario | None) -> Replay:
        tiers = TierDecision() if scenario is None else scenario.decision(TierDecision)
        choice = choose_metrics(self.history, self.size_metric, scenario)
        rows = self._account_months((tiers.needs_months, tiers.minimum_uses))
        offers = shapes(scenario, choice, current_customers(self.history, rows), self.currency)
        comparison = compare(self.history, rows, offers, currency=self.currency)
        usage = None if choice.metric is None else usage_facts(self.history, choice.metric)
        return Replay(choice, usage, comparison)

    def _account_months(self, needs: Needs) -> AccountMonths:
        if needs not in self._rows:
            while len(self._rows) >= _KEPT_NEEDS:
                self._rows.pop(next(iter(self._rows)))
            self._rows[needs] = _rows(self.base, needs)
        return self._rows[needs]


def gather(base: CustomerBase, scenario: Scenario | None = None) -> Evidence:
    """Return the evidence of a customer base; the models are billed for `scenario` (or from the data alone)."""
    adoption = path = None
    if base.has("feature_use"):
        needs = profile(base, NEEDS_MONTHS, MINIMUM_USES)
        adoption = scalability(needs.features, needs.feature_names, fewest_users=FEWEST_USERS)
        path = common_path(adoption, needs.features, needs.feature_names)
    usual = (NEEDS_MONTHS, MINIMUM_USES)
    rows = _rows(base, usual)
    history = read_history(base, rows)
    evidence = Evidence(
        base,
        history,
        base.currency or NO_CURRENCY,
        size_metric(base, history.usage),
        adoption,
        path,
        _rows={usual: rows},
    )
    evidence.replay(scenario)
    return evidence


def _rows(base: CustomerBase, needs: Needs) -> AccountMonths:
    months, uses = needs
    return account_months(base, gaps="last", needs_months=months, minimum_uses=uses)


def _structure(scenario: Scenario | None) -> Hashable:
    """Return what of a scenario shapes the models: metric and curve, tiers, add-ons."""
    if scenario is None:
        metric, tiers, add_ons = ValueMetricDecision(), TierDecision(), AddOnDecision()
    else:
        metric = scenario.decision(ValueMetricDecision)
        tiers, add_ons = scenario.decision(TierDecision), scenario.decision(AddOnDecision)
    return (
        (metric.metric, metric.target_ratio, metric.charge),
        tiers.model_dump_json(),
        add_ons.model_dump_json(),
    )
