"""The checks of the rulebook: pure functions from plain numbers to findings, one module per group of rules."""

from __future__ import annotations
