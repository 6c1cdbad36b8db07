"""Holds the pricing model the workbench decides against what each shape would truly bring."""

from __future__ import annotations

from dataclasses import dataclass

from shaped_companies import Company, tables
from true_shapes import true_contributions

from workbench.customers import CustomerBase
from workbench.stages import model_fit, value_metric
from workbench.study import Scenario

MARGIN = 0.03  # worlds whose best two shapes are nearer than this have no right answer


@dataclass(frozen=True)
class Case:
    """What was decided for one company, how sure it was said to be, and what is true."""

    kind: str
    broken: str
    right: str
    margin: float
    decided: str
    first: float
    certainty: str
    brings: float

    @property
    def counts(self) -> bool:
        """Tell whether there is a right answer."""
        return self.margin >= MARGIN

    @property
    def is_right(self) -> bool:
        """Tell whether it was found."""
        return self.decided == self.right


def judge(made: Company) -> Case:
    """Let the workbench decide value metric and model from the company's records."""
    base = CustomerBase.from_tables(tables(made))
    scenario = Scenario(id="design", name="Design")
    scenario = scenario.with_decision(value_metric.suggest(base, scenario))
    evidence = model_fit.gather(base, scenario)
    scenario = scenario.with_decision(model_fit.suggest(base, scenario, evidence))
    result = model_fit.evaluate(base, scenario, evidence=evidence)
    truth = true_contributions(made)
    ordered = sorted(truth.values())
    right = max(truth, key=truth.__getitem__)
    decided = result.decision.model or ""
    first = result.ranking[0][2] if result.ranking else 0.0
    certainty = result.certainty
    brought = truth.get(decided, 0.0) / ordered[-1]
    return Case(made.kind, made.broken, right, 1 - ordered[-2] / ordered[-1], decided, first, certainty, brought)
