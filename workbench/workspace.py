"""A folder to work in: the notebooks, a copy of the sample data and the sample study, ready to open."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from workbench.bundle import bundled
from workbench.errors import StudyError
from workbench.files import copy_folder, make_folder, remove_leftovers, write_bytes, write_text
from workbench.sample import SAMPLE_NAME, sample_base, sample_folder, sample_study

START_NOTEBOOK = "00_start_here.ipynb"
STUDIES = "studies"
# Widgets cannot live in an exported page. Without their saved state the export shows the tables and pictures
# that every panel carries along.
EXPORT_SETTINGS = {"ExecutePreprocessor": {"store_widget_state": False}}


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with notebooks and studies; `added` lists what was put there this time."""

    folder: Path
    added: tuple[str, ...]

    @property
    def sample(self) -> Path:
        """Return the folder of the sample study."""
        return self.folder / STUDIES / SAMPLE_NAME


def make_workspace(folder: Path | str) -> Workspace:
    """Put notebooks, sample data and sample study into a folder; what is already there stays as it is."""
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise StudyError(f"{target} is a file, not a folder.", "Name a folder to work in.")
    for place in (make_folder(target), target / "data"):
        remove_leftovers(place)
    added = [*_add_notebooks(target), *_add_sample(target), *_add_export_settings(target)]
    return Workspace(target, tuple(added))


def _add_notebooks(target: Path) -> list[str]:
    """Copy the notebooks that are not there yet; a notebook somebody has worked in is theirs."""
    missing = [each for each in sorted(bundled("notebooks").glob("*.ipynb")) if not (target / each.name).exists()]
    for notebook in missing:
        write_bytes(target / notebook.name, notebook.read_bytes())
    return [notebook.name for notebook in missing]


def _add_sample(target: Path) -> list[str]:
    """Copy the sample data and make the sample study where they are missing or were never finished."""
    data = target / "data" / SAMPLE_NAME
    added = []
    if not data.exists():
        copy_folder(sample_folder(), data)
        added.append(f"data/{SAMPLE_NAME}")
    elif mended := _complete(data):
        added.append(f"data/{SAMPLE_NAME} (completed: {', '.join(mended)})")
    study_folder = target / STUDIES / SAMPLE_NAME
    if not (study_folder / "study.json").exists():
        sample_study(sample_base(), Path("..") / ".." / "data" / SAMPLE_NAME).save(study_folder)
        added.append(f"{STUDIES}/{SAMPLE_NAME}")
    return added


def _complete(data: Path) -> list[str]:
    """Copy what a copy of the sample lacks that was stopped midway; a table somebody changed or replaced is theirs."""
    there = {path.stem for path in data.iterdir()}
    mended = []
    for source in sorted(sample_folder().iterdir()):
        copy = data / source.name
        if source.stem not in there or (copy.is_file() and _is_torn(copy, source.read_bytes())):
            write_bytes(copy, source.read_bytes())
            mended.append(source.name)
    return mended


def _is_torn(copy: Path, whole: bytes) -> bool:
    """Tell whether a copy ends before its source does, in the middle of a line."""
    part = copy.read_bytes()
    return len(part) < len(whole) and whole.startswith(part) and not part.endswith(b"\n")


def _add_export_settings(target: Path) -> list[str]:
    settings = target / "jupyter_nbconvert_config.json"
    if settings.exists():
        return []
    write_text(settings, json.dumps(EXPORT_SETTINGS, indent=2) + "\n")
    return [settings.name]
