"""How an existing customer base grows: recurring-revenue movements, retention, adoption."""

from __future__ import annotations

from workbench.growth.adoption import feature_adoption, use_cases, use_cases_per_customer
from workbench.growth.movements import Movements, MrrLedger, mrr_ledger, mrr_movements
from workbench.growth.retention import Retention, arpa, retention, retention_path

__all__ = [
    "Movements",
    "MrrLedger",
    "Retention",
    "arpa",
    "feature_adoption",
    "mrr_ledger",
    "mrr_movements",
    "retention",
    "retention_path",
    "use_cases",
    "use_cases_per_customer",
]
