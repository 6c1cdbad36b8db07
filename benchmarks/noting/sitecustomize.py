"""Python imports this in every process a benchmark starts: it notes, at the end, which modules were loaded.

Being there without anything asking for it is the point: a chapter need not say, nor know, what its children import.
"""

import atexit
import os
import sys
from pathlib import Path
from types import ModuleType


def note() -> None:
    """Add the files of the project that this process has loaded to those of the chapter being measured."""
    folder, root = os.environ.get("BENCH_NOTES"), os.environ.get("BENCH_ROOT")
    if folder and root:
        script = str(Path(*sys.argv[:1]).absolute())  # by now its module has forgotten where it came from
        # Read past the module's own ways: one that waits for its first use would load, and be timed as if it had been.
        modules = [each for each in list(sys.modules.values()) if isinstance(each, ModuleType)]
        loaded = [object.__getattribute__(module, "__dict__") for module in modules]
        files = {script} | {str(names.get("__file__")) for names in loaded}
        own = sorted(file for file in files if file.startswith(root + os.sep))
        Path(folder, f"{os.getpid()}.txt").write_text("\n".join(own), encoding="utf-8")


atexit.register(note)
