"""Discount policy: what customers pay below the list, whether size explains it, and what a floor would bring."""

from discount_policy.decision import DiscountDecision as Decision
from discount_policy.evaluation import evaluate
from discount_policy.evidence import gather
from discount_policy.suggestion import suggest
from discount_policy.view import VIEW, figures, summarise

__all__ = ["VIEW", "Decision", "evaluate", "figures", "gather", "suggest", "summarise"]
