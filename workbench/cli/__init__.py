"""The command `workbench`: everything the notebooks do that makes sense without a screen."""

from __future__ import annotations

from workbench.cli.commands import app, main

__all__ = ["app", "main"]
