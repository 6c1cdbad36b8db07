"""The stages of a pricing redesign, each a room with the same furniture."""

from __future__ import annotations

from workbench.stages.contract import STAGES, Stage, stage

__all__ = ["STAGES", "Stage", "stage"]
