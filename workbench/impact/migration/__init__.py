"""How to bring today's customers to new prices: policies, revenue on the way, break-even churn, whom to talk to."""

from __future__ import annotations

from workbench.impact.migration.actions import action_list, action_sheets, for_people, save_actions
from workbench.impact.migration.bills import AccountBills, account_bills
from workbench.impact.migration.break_even import break_even_by_segment, break_even_churn, break_even_words
from workbench.impact.migration.errors import MigrationError
from workbench.impact.migration.from_comparison import bills_of, with_term
from workbench.impact.migration.growth import BillGrowth, growth_of
from workbench.impact.migration.inflow import NewCustomers
from workbench.impact.migration.path import MigrationPath, compare_policies, migrate, paths_table
from workbench.impact.migration.policies import (
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    NewCustomersOnly,
    OptIn,
    Part,
    PhasedSteps,
    Policy,
    Split,
    Step,
)
from workbench.impact.migration.renewals import months_to_anniversary, months_to_contract
from workbench.impact.migration.schedules import Schedule, schedule
from workbench.impact.migration.usage_beside_seats import opt_in_overage, who_would_opt_in

__all__ = [
    "AccountBills",
    "AtRenewal",
    "BillGrowth",
    "BySegment",
    "CappedRise",
    "EveryoneAtOnce",
    "Grandfather",
    "MigrationError",
    "MigrationPath",
    "NewCustomers",
    "NewCustomersOnly",
    "OptIn",
    "Part",
    "PhasedSteps",
    "Policy",
    "Schedule",
    "Split",
    "Step",
    "account_bills",
    "action_list",
    "action_sheets",
    "bills_of",
    "break_even_by_segment",
    "break_even_churn",
    "break_even_words",
    "compare_policies",
    "for_people",
    "growth_of",
    "migrate",
    "months_to_anniversary",
    "months_to_contract",
    "opt_in_overage",
    "paths_table",
    "save_actions",
    "schedule",
    "who_would_opt_in",
    "with_term",
]
