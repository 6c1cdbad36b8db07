"""What a starting point made so: a rule that it was built to meet is no evidence for the design."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_serializer

from workbench.study import StageDecision

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pydantic import SerializerFunctionWrapHandler

    from workbench.rules import Finding

FIELD = "set_so"


class SetSoDecision(StageDecision):
    """A decision that remembers which rules its starting point was made to meet.

    `set_so` maps a rule, with its subject where it has one ("T2", "A2: White label"), to a mark of the settings that
    make it hold. A mark counts only while those settings are still the ones it was made of, so that whatever a team
    changes is judged as its own.
    """

    set_so: dict[str, str] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_what_is_not_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A decision without marks is written as it always was, so that nothing seems to differ.
        document: dict[str, Any] = write(self)
        return document if self.set_so else {key: value for key, value in document.items() if key != FIELD}

    def held_by(self, marks: Mapping[str, str]) -> frozenset[str]:
        """Return the rules that still hold because the starting point was made so; `marks` are of today's settings."""
        return frozenset(key for key, mark in self.set_so.items() if marks.get(key) == mark)


def mark(*settings: object) -> str:
    """Return a short mark of settings; equal settings have equal marks, on every machine."""
    text = json.dumps(settings, default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def key_of(rule_id: str, subject: str = "") -> str:
    """Return the key under which a rule on a subject is marked."""
    return f"{rule_id}: {subject}" if subject else rule_id


def said_so(findings: Iterable[Finding], held: Collection[str]) -> tuple[Finding, ...]:
    """Return the findings, those that are met and among the rules `held` marked as met by construction.

    A rule on one subject is looked up with it first, and without it where the whole was made so.
    """

    def is_held(finding: Finding) -> bool:
        keys = {key_of(finding.rule_id, finding.subject), finding.rule_id}
        return finding.status == "ok" and not keys.isdisjoint(held)

    return tuple(replace(each, by_construction=True) if is_held(each) else each for each in findings)
