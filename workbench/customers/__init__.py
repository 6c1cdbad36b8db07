"""What a company knows about its customers: validated tables, their coverage, and what accounts need."""

from __future__ import annotations

from workbench.customers.base import CustomerBase
from workbench.customers.coverage import Coverage, Gap
from workbench.customers.needs import Profile, mrr_matrix, profile, usage_cube

__all__ = ["Coverage", "CustomerBase", "Gap", "Profile", "mrr_matrix", "profile", "usage_cube"]
