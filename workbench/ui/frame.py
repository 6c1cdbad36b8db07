"""The frame of panels under one name: sections, figure views and the stage panel."""

from __future__ import annotations

from workbench.ui.block import Block
from workbench.ui.figure_view import FigureView
from workbench.ui.panel import StagePanel
from workbench.ui.section import Section

__all__ = ["Block", "FigureView", "Section", "StagePanel"]
