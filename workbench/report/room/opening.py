"""Open a workshop of a study: its agenda frozen with the scenario, its ballot in the study's folder, on a port."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, get_args

from workbench.errors import StudyError
from workbench.report.content import reported_scenario
from workbench.report.privacy import alias_key, names_for, naming_of
from workbench.report.room.room_pages import room_pages
from workbench.stages.contract import decision_class, stage
from workbench.study.document import Study
from workbench.workshop.ballots import Ballots
from workbench.workshop.record import HeldWorkshop, with_held
from workbench.workshop.room import Room
from workbench.workshop.server import LOOPBACK, RoomServer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from workbench.customers.base import CustomerBase
    from workbench.report.privacy import Names
    from workbench.study.model import Scenario

FOLDER = "workshops"
_STAGE = "workshop"


@dataclass(frozen=True, slots=True)
class OpenedRoom:
    """A workshop that is open: its server, and the addresses of its pages with their secrets.

    Parameters
    ----------
    server
        To stop it.
    facilitator, wall, participants
        Addresses; the first two are secrets.
    """

    server: RoomServer
    facilitator: str
    wall: str
    participants: str


def open_room(
    base: CustomerBase,
    study: Study,
    folder: Path,
    *,
    scenario_id: str | None = None,
    agenda_key: str | None = None,
    share: str = LOOPBACK,
    port: int | None = None,
    fresh: bool = False,
    names: Names | None = None,
) -> OpenedRoom:
    """Open a study's workshop, a new one or the one that was begun; call it where an event loop runs.

    Parameters
    ----------
    base, study, folder
        The customers, the study and its folder.
    scenario_id, agenda_key
        The scenario asked about, the chosen one if None; a ready-made agenda, the one of the scenario if None.
    share, port
        The address to listen at, this machine alone unless named; the port, a usual one that is free if None.
    fresh
        Begin a new ballot, also where one is not ended.
    names
        How accounts are called on every page; as the study says, else by an alias each, when None. The study keeps
        what was asked and answered as it was.

    Raises
    ------
    StudyError
        When nothing can be asked, or there is no such agenda.
    BallotError
        When the ballot was begun on another scenario or is open elsewhere, or nothing can listen there.
    """
    made = made_room(base, study, folder, scenario_id=scenario_id, agenda_key=agenda_key, fresh=fresh, names=names)
    return served_room(made, share=share, port=port)


def made_room(
    base: CustomerBase,
    study: Study,
    folder: Path,
    *,
    scenario_id: str | None = None,
    agenda_key: str | None = None,
    fresh: bool = False,
    names: Names | None = None,
) -> Room:
    """Return the room of a study's workshop before it is served: what takes seconds, in any thread.

    Parameters
    ----------
    base, study, folder, scenario_id, agenda_key, fresh, names
        As `open_room` takes them.
    """
    scenario = reported_scenario(study, scenario_id)
    agenda = stage(_STAGE).module.frozen_agenda(base, study, _asked(scenario, agenda_key))
    if not agenda.exercises:
        raise StudyError("There is nothing to ask about this scenario yet.", "Decide its tiers or its metric first.")
    number = _number(study, folder, agenda.key, fresh=fresh)
    key = agenda.key if number == 1 else f"{agenda.key}-{number}"
    frozen = decisions_of(scenario)
    mode = names_for(study, names, "alias")
    naming = naming_of(base, study, mode, key=alias_key(folder) if mode == "alias" else None)
    return Room(
        folder / FOLDER / f"{key}.sqlite",
        agenda,
        key=key,
        scenario_id=scenario.id,
        held_on=f"{date.today():%Y-%m-%d}",  # noqa: DTZ011 - the day where the room is
        frozen=frozen,
        keep=lambda held: keep_workshop(folder, held),
        is_current=watcher(folder, scenario.id, frozen),
        sent=naming.sent,
    )


def served_room(room: Room, *, share: str = LOOPBACK, port: int | None = None) -> OpenedRoom:
    """Serve a room; call it where an event loop runs.

    Parameters
    ----------
    room, share, port
        What `made_room` returned, and where to listen.
    """
    server = RoomServer(room, room_pages(room.title), address=share, port=port)
    hosted, shown = (room.ballots.admit(role) for role in ("facilitator", "wall"))
    pages = (f"{server.url}/facilitator#s={hosted}", f"{server.url}/wall#s={shown}", f"{server.url}/")
    return OpenedRoom(server, *pages)


def _asked(scenario: Scenario, agenda_key: str | None) -> Scenario:
    """Return the scenario with a ready-made agenda in the place of its own."""
    if agenda_key is None:
        return scenario
    of_stage = decision_class(_STAGE)
    every = get_args(of_stage.model_fields["ready"].annotation)
    ready = next((each for each in every if each == agenda_key.replace("-", "_")), None)
    if ready is None:
        known = ", ".join(each.replace("_", "-") for each in every)
        raise StudyError(f"There is no agenda called {agenda_key!r}.", f"There are: {known}.")
    decision = scenario.decision(of_stage).replaced(ready=ready, exercises=())
    return scenario.replaced(stages={**scenario.stages, _STAGE: decision.model_dump(mode="json")})


def _number(study: Study, folder: Path, key: str, *, fresh: bool) -> int:
    """Return which workshop of this agenda it is: the one that is not ended, else a new one."""
    for number in count(1):
        name = key if number == 1 else f"{key}-{number}"
        path = folder / FOLDER / f"{name}.sqlite"
        if not path.exists():
            if name not in study.workshops:  # as of a workshop held elsewhere
                return number
        elif not fresh:
            ballots = Ballots(path, None, ())
            ended = ballots.place.ended
            ballots.close()
            if not ended:
                return number
    raise AssertionError


def decisions_of(scenario: Scenario) -> dict[str, object]:
    """Return what a ballot rests on: every decision of the scenario but the one about workshops.

    Parameters
    ----------
    scenario
        The scenario asked about.
    """
    return {key: each for key, each in scenario.stages.items() if key != _STAGE}


def watcher(folder: Path, scenario_id: str, frozen: Mapping[str, object]) -> Callable[[], bool]:
    """Return what tells whether the scenario in the study's file is still the frozen one; it reads what changed only.

    Parameters
    ----------
    folder, scenario_id, frozen
        The study's folder, the scenario, and what `decisions_of` it was.
    """
    seen: dict[str, object] = {}

    def is_current() -> bool:
        file = folder / "study.json"
        try:
            stamp = file.stat().st_mtime_ns
            if seen.get("stamp") != stamp:
                decisions = decisions_of(Study.load(folder).scenario(scenario_id))
                seen.update(stamp=stamp, current=decisions == frozen)
        except (StudyError, OSError):  # a study that cannot be read now changes nothing; saving says what is wrong
            return bool(seen.get("current", True))
        return bool(seen["current"])

    return is_current


def keep_workshop(folder: Path, held: HeldWorkshop) -> None:
    """Save a workshop in its study, beside whatever else was changed meanwhile.

    Parameters
    ----------
    folder, held
        The study's folder and the workshop.
    """
    with_held(Study.load(folder), held).save(folder)
