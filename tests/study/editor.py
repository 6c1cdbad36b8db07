"""Load a study, wait for a line on standard input, set one number of one stage, save, and say how it went."""

from __future__ import annotations

import sys
from pathlib import Path

from workbench.study import Study, StudyConflictError, save

folder, stage, value = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
base = Study.load(folder)
sys.stdout.write("loaded\n")
sys.stdout.flush()
sys.stdin.readline()
scenario = base.scenario("design-a")
edited = base.with_scenario(scenario.replaced(stages={**scenario.stages, stage: {"price": value}}))
try:
    saved = save(edited, folder, base=base)
    sys.stdout.write("merged\n" if saved.merged else "saved\n")
except StudyConflictError as conflict:
    sys.stdout.write(f"conflict {conflict.conflicts[0].mine} {conflict.conflicts[0].theirs}\n")
