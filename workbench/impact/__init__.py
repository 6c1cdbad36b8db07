"""What a price book would have done to every customer: replay, reconciliation, guardrails, volatility."""

from __future__ import annotations

# Some modules carry the name of their function. Importing here binds the name to the function, once and for all.
from workbench.impact.account_months import AccountMonths, account_months
from workbench.impact.assignment import Assignment, ByRule, CheapestThatFits, KeepPlan, PlanRule, PlanTable
from workbench.impact.comparison import Comparison, compare
from workbench.impact.errors import ReplayError
from workbench.impact.guardrail_report import GuardrailCheck, GuardrailReport
from workbench.impact.guardrails import check_guardrails
from workbench.impact.measures import Measures, key_figures, measures
from workbench.impact.portfolios import Portfolio, portfolio, usage_cycles
from workbench.impact.reconciliation import Reconciliation, reconcile
from workbench.impact.replay import Replay, replay, replay_many
from workbench.impact.volatility import ToolComparison, compare_tools, usual_tools

__all__ = [
    "AccountMonths",
    "Assignment",
    "ByRule",
    "CheapestThatFits",
    "Comparison",
    "GuardrailCheck",
    "GuardrailReport",
    "KeepPlan",
    "Measures",
    "PlanRule",
    "PlanTable",
    "Portfolio",
    "Reconciliation",
    "Replay",
    "ReplayError",
    "ToolComparison",
    "account_months",
    "check_guardrails",
    "compare",
    "compare_tools",
    "key_figures",
    "measures",
    "portfolio",
    "reconcile",
    "replay",
    "replay_many",
    "usage_cycles",
    "usual_tools",
]
