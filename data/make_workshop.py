"""Make `sample_workshop.json`: a fictional workshop of 14 people, known by their role, on the sample company's design.

Run `python data/make_workshop.py` where the workbench is installed. Opinions are invented; the seed is fixed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from workbench.stages.workshop import frozen_agenda
from workbench.workshop import Agenda, Exercise, HeldWorkshop, Vote
from workbench.workspace import sample_base, sample_study

PLACE = Path(__file__).parent / "sample_workshop.json"
ROLES = ("Product",) * 4 + ("Sales",) * 4 + ("Customer success",) * 3 + ("Finance",) * 2 + ("Marketing",)
SEED = 20250114
# What the room leans to, from 1 to 5, by criterion and metric; `apart` is how far people are from it before the talk.
SCORES = {
    "wanted": {
        "gigabytes_processed": 4,
        "insights_generated": 5,
        "queries_executed": 3,
        "seats": 2,
        "support_tickets": 1,
    },
    "visible": {
        "gigabytes_processed": 4,
        "insights_generated": 2,
        "queries_executed": 3,
        "seats": 5,
        "support_tickets": 3,
    },
    "measured": {
        "gigabytes_processed": 3,
        "insights_generated": 4,
        "queries_executed": 2,
        "seats": 2,
        "support_tickets": 1,
    },
}
MODELS = {"hybrid": 1.2, "tiered": 1.6, "value_metric": 3.2, "add_on": 3.6, "usage_based": 4.6}
RISKS = {"leave": (3, 4), "explain": (4, 3), "bill": (2, 4), "undercut": (3, 2), "discount": (4, 3)}
OBJECTIONS = (
    "Customers cannot see their gigabytes before the bill comes; first the meter, then the price.",
    "Sales sells seats. Without a new plan of pay nobody will talk about data.",
)
APART = (0.9, 0.45)


def main() -> None:
    """Make the workshop and write it."""
    base = sample_base()
    study = sample_study(base, "data/sample")
    agenda = frozen_agenda(base, study, study.designs[0])
    agenda = agenda.frozen(dict.fromkeys((each.key for each in agenda.exercises), ""))
    held = HeldWorkshop(key="first-workshop", held_on="2025-01-14", scenario_id=study.designs[0].id, agenda=agenda)
    held = held.with_votes(votes(agenda))
    document = held.model_dump(mode="json", exclude_defaults=True)
    PLACE.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def votes(agenda: Agenda) -> list[Vote]:
    """Return every answer of both rounds: the same leaning of a person, nearer to the room after the talk."""
    draw, given = np.random.default_rng(SEED), []
    people = [f"{draw.integers(2**32):08x}" for _ in ROLES]
    for exercise in agenda.exercises:
        own = draw.standard_normal((len(people), max(1, len(exercise.options)), 3))
        for number in range(1, exercise.rounds + 1):
            for at, person in enumerate(people):
                if number == 2 and at == len(people) - 1:
                    continue  # one had to leave early
                answer = answer_of(exercise, own[at], APART[number - 1], at, number)
                given.append(Vote(exercise.key, number, person, ROLES[at], answer))
    return given


def answer_of(exercise: Exercise, own: Any, apart: float, at: int, number: int) -> Any:  # noqa: ANN401 - plain JSON
    """Return what a person answers who stands so far from the room."""
    ids = [each.id for each in exercise.options]
    if exercise.kind == "score":
        lean = SCORES[exercise.key]
        return {key: int(np.clip(round(lean[key] + apart * own[i, 0]), 1, 5)) for i, key in enumerate(ids)}
    if exercise.kind == "rank":
        return sorted(ids, key=lambda key: MODELS[key] + 1.1 * apart * own[ids.index(key), 0])
    if exercise.kind == "cards":
        groups, found = [each.id for each in exercise.groups], {}
        for i, key in enumerate(ids):
            lean = (i + 0.5) / len(ids) * (len(groups) - 1) + 1.1 * apart * own[i, 0] * (0.2 if i % 3 else 1.0)
            found[key] = groups[int(np.clip(round(lean), 0, len(groups) - 1))]
        return found
    if exercise.kind == "price_ranges":
        ranges = {}
        for i, each in enumerate(exercise.options):
            asked = (each.low or 1) * 10
            likely = asked * np.exp(0.04 + 0.18 * apart * own[i, 0])
            wide = 0.12 + 0.06 * abs(own[i, 1])
            ranges[each.id] = [
                round(float(end), 0 if asked > 20 else 1)
                for end in (likely * np.exp(-wide), likely, likely * np.exp(wide))
            ]
        return ranges
    if exercise.kind == "risks":
        return {
            key: [int(np.clip(round(RISKS[key][part] + apart * own[i, part]), 1, 5)) for part in (0, 1)]
            for i, key in enumerate(ids)
        }
    fingers = int(np.clip(round(3.6 + 0.3 * number + apart * own[0, 0]), 1, 5))
    objection = OBJECTIONS[at % 2] if number == 2 and at in (5, 8) else ""
    return {"fingers": min(fingers, 3) if objection else fingers, "objection": objection}


if __name__ == "__main__":
    main()
