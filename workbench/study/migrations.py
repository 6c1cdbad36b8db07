"""Bring a study written by an older version of the workbench to the schema of this one.

A migration from version N is a function from the JSON document of version N to that of version N + 1. It is
written once, when the schema changes, and never edited afterwards: the studies it reads do not change any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from workbench.errors import StudyError
from workbench.study.document import SCHEMA_VERSION

Document: TypeAlias = dict[str, Any]
Migration: TypeAlias = Callable[[Document], Document]

# Version 1 is the first schema, so there is nothing to bring forward yet. Add {1: from_1_to_2} with version 2.
MIGRATIONS: Mapping[int, Migration] = {}


def migrate(
    document: Document,
    *,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    current: int = SCHEMA_VERSION,
) -> Document:
    """Return the document in the current schema; StudyError for a newer one or one without a way forward."""
    version = document.get("schema_version")
    if isinstance(version, bool) or not isinstance(version, int):
        raise StudyError(
            f"The study does not say which schema it follows (schema_version is {version!r}).",
            "Its study.json was not written by this workbench, or was edited by hand.",
        )
    if version > current:
        raise StudyError(
            f"The study was saved by a newer workbench (schema {version}); this one reads schemas up to {current}.",
            "Update the package pricing-design-workbench and open it again.",
        )
    for step in range(version, current):
        if step not in migrations:
            raise StudyError(f"The study follows schema {step}, which this workbench can no longer read.")
        document = {**migrations[step](document), "schema_version": step + 1}
    return document
