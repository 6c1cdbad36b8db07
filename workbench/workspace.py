"""A folder to work in: the notebooks, a copy of the sample data and the sample study, ready to open."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from workbench.bundle import bundled
from workbench.errors import StudyError
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
    target.mkdir(parents=True, exist_ok=True)
    added = [*_add_notebooks(target), *_add_sample(target), *_add_export_settings(target)]
    return Workspace(target, tuple(added))


def _add_notebooks(target: Path) -> list[str]:
    """Copy the notebooks that are not there yet; a notebook somebody has worked in is theirs."""
    missing = [each for each in sorted(bundled("notebooks").glob("*.ipynb")) if not (target / each.name).exists()]
    for notebook in missing:
        shutil.copyfile(notebook, target / notebook.name)
    return [notebook.name for notebook in missing]


def _add_sample(target: Path) -> list[str]:
    """Copy the sample data and make the sample study where they are missing."""
    data = target / "data" / SAMPLE_NAME
    added = []
    if not data.exists():
        shutil.copytree(sample_folder(), data)
        added.append(f"data/{SAMPLE_NAME}")
    study_folder = target / STUDIES / SAMPLE_NAME
    if not (study_folder / "study.json").exists():
        sample_study(sample_base(), Path("..") / ".." / "data" / SAMPLE_NAME).save(study_folder)
        added.append(f"{STUDIES}/{SAMPLE_NAME}")
    return added


def _add_export_settings(target: Path) -> list[str]:
    settings = target / "jupyter_nbconvert_config.json"
    if settings.exists():
        return []
    settings.write_text(json.dumps(EXPORT_SETTINGS, indent=2) + "\n", encoding="utf-8")
    return [settings.name]
