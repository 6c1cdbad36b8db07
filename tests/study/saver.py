"""Save one change after another to a study until stopped; print each title once it is safely saved."""

from __future__ import annotations

import sys
from pathlib import Path

from workbench.study import Study

folder = Path(sys.argv[1])
study = Study.load(folder)
for number in range(100_000):
    study = study.replaced(title=f"Title {int(sys.argv[2]) + number}").save(folder)
    sys.stdout.write(f"{study.title}\n")
    sys.stdout.flush()
