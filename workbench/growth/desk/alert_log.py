"""The log of alerts as a file in the folder of a study, which the monthly command and the growth desk share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workbench.files import read_json, write_text
from workbench.growth.desk.alerts import AlertLog
from workbench.outputs import GENERATOR
from workbench.study.folder import study_rights
from workbench.study.model import plain_errors

if TYPE_CHECKING:
    from pathlib import Path

ALERTS = "alerts.json"
"""The log of alerts in the folder of a study: what is open since when, and who looks after it."""


def read_alerts(study_folder: Path) -> AlertLog:
    """Return the log of alerts of a study; an empty one before the first run.

    Parameters
    ----------
    study_folder
        The folder of the study.

    Returns
    -------
    AlertLog
        Its alerts.

    Raises
    ------
    StudyError
        When the file holds something else.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.growth.desk import read_alerts
    >>> read_alerts(Path(tempfile.mkdtemp())).alerts
    ()
    """
    path = study_folder / ALERTS
    if not path.exists():
        return AlertLog()
    found = read_json(path)
    with plain_errors(f"{path} does not hold a log of alerts"):
        return AlertLog.model_validate(found.get("log", found) if isinstance(found, dict) else found)


def save_alerts(log: AlertLog, study_folder: Path) -> Path:
    """Save the log of alerts in the folder of a study, and return the file's path.

    Parameters
    ----------
    log
        The log.
    study_folder
        The folder of the study.

    Returns
    -------
    Path
        The file's path.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.growth.desk import AlertLog, read_alerts, save_alerts
    >>> folder = Path(tempfile.mkdtemp())
    >>> save_alerts(AlertLog(month="2024-06"), folder).name, read_alerts(folder).month
    ('alerts.json', '2024-06')
    """
    document = {"generator": GENERATOR, "log": log.model_dump(mode="json")}
    path = study_folder / ALERTS
    return write_text(
        path, json.dumps(document, indent=1, ensure_ascii=False) + "\n", rights=study_rights(study_folder)
    )
