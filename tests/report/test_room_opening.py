"""A study's workshop is opened frozen with its scenario, kept in the study, and closed by a changed scenario."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from workbench.errors import StudyError
from workbench.pages.lab import free_port, lab_command, write_settings
from workbench.report.room.in_lab import room_in_lab
from workbench.report.room.opening import open_room
from workbench.stages.offers import TierDecision
from workbench.study import Study
from workbench.workshop import BallotError, SentAnswer, held_in

if TYPE_CHECKING:
    from workbench.customers import CustomerBase


@pytest.fixture
def folder(decided_sample: Study, tmp_path: Path) -> Path:
    """Return the folder of the sample's study."""
    decided_sample.save(tmp_path / "study")
    return tmp_path / "study"


async def answered(room: object, key: str) -> None:
    """Let six people score, and reveal it."""
    held = room.server.room
    role = held.agenda.roles[0] if held.agenda.roles else ""
    people = [held.ballots.join(held.ballots.link, f"P{number}", role) for number in range(6)]
    exercise = held.agenda.exercises[0]
    assert exercise.key == key
    for move in ("next", "open"):
        await held.move(move, held.place.revision)
    value = {option.id: 4 for option in exercise.options}
    held.ballots.save([SentAnswer(each, 0, 1, value) for each in people])
    for move in ("close", "reveal"):
        await held.move(move, held.place.revision)


def test_what_a_room_said_is_in_its_study(sample_company: CustomerBase, folder: Path) -> None:
    """Opened, answered, stopped, opened again where it was; ended, the next one is a second workshop."""

    async def test() -> None:
        study = Study.load(folder)
        room = open_room(sample_company, study, folder, port=0)
        await answered(room, room.server.room.agenda.exercises[0].key)
        assert room.server.room.trouble == ""
        await room.server.stop()
        key = room.server.room.key
        held = next(each for each in held_in(Study.load(folder)) if each.key == key)
        assert (held.people, held.scenario_id) == (6, study.chosen.scenario_id)
        again = open_room(sample_company, Study.load(folder), folder, port=0)
        assert again.server.room.place.phase == "revealed"
        await again.server.room.move("end", again.server.room.place.revision)
        await again.server.stop()
        second = open_room(sample_company, Study.load(folder), folder, port=0)
        assert second.server.room.place.step == -1
        assert second.server.room.key != key
        await second.server.stop()

    asyncio.run(test())


def test_a_changed_scenario_closes_the_ballot_it_was_frozen_with(sample_company: CustomerBase, folder: Path) -> None:
    """A new price in the study's file closes the open round, and the ballot is not opened on it again."""

    async def test() -> None:
        study = Study.load(folder)
        room = open_room(sample_company, study, folder, port=0).server
        for move in ("next", "open"):
            await room.room.move(move, room.room.place.revision)
        await room.room.close_when_changed()
        assert room.room.place.phase == "open"
        scenario = study.scenario(study.chosen.scenario_id)
        tiers = scenario.decision(TierDecision)
        dearer = tiers.replaced(tiers=tuple(each.replaced(price=(each.price or 0) + 1) for each in tiers.tiers))
        study.with_scenario(scenario.with_decision(dearer)).save(folder)
        await room.room.close_when_changed()
        assert room.room.place.phase == "closed"
        await room.stop()
        with pytest.raises(BallotError, match="another agenda or scenario"):
            open_room(sample_company, Study.load(folder), folder, port=0)
        fresh = open_room(sample_company, Study.load(folder), folder, port=0, fresh=True)
        await fresh.server.stop()
        with pytest.raises(StudyError, match="no agenda called 'lunch'"):
            open_room(sample_company, Study.load(folder), folder, agenda_key="lunch")

    asyncio.run(test())


def answers(runtime: Path) -> bool:
    """Tell whether a JupyterLab has written where it is, and answers there."""
    try:
        told = [json.loads(each.read_text()) for each in runtime.glob("jpserver-*.json")]
        return bool(told) and httpx.get(f"{told[0]['url']}api").status_code == 200
    except (ValueError, httpx.TransportError):
        return False


@pytest.mark.slow
def test_a_room_in_the_server_of_jupyterlab(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened through JupyterLab with its token, the room answers on its own port and knows nothing of JupyterLab."""
    runtime = Path(tempfile.mkdtemp(prefix="wb-"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    settings = tmp_path / "settings"
    settings.mkdir()
    token = secrets.token_urlsafe(16)
    command, environment = lab_command(
        tmp_path, settings=write_settings(settings), port=free_port(8911), token=token, browser=False,
        environment=os.environ,
    )  # fmt: skip
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while not answers(runtime):
            assert time.monotonic() < until
            time.sleep(0.1)
        told = room_in_lab(folder)
        assert room_in_lab(folder) == told, "it is opened once"
        assert b"page-data" in httpx.get(told["participants"]).content
        for path in ("api/contents", "lab", "files/study/study.json"):
            assert httpx.get(f"{told['participants']}{path}?token={token}").status_code == 404
        running = json.loads(next(runtime.glob("jpserver-*.json")).read_text())
        for address in (told["facilitator"], told["wall"]):  # what the room hands out opens nothing of JupyterLab
            secret = address.partition("#s=")[2]
            for path in ("api/contents", "api/kernels", "api/terminals", "files/study/study.json", "workbench/room"):
                refused = httpx.get(f"{running['url']}{path}", headers={"Authorization": f"token {secret}"})
                assert refused.status_code in (302, 403, 404, 405), path
        assert httpx.post(f"{running['url']}workbench/room", json={"study": str(folder)}).status_code == 403
        assert room_in_lab(folder, stop=True) == {}
        with pytest.raises(httpx.ConnectError):
            httpx.get(told["participants"])
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(runtime)
    with pytest.raises(StudyError, match="No JupyterLab serves"):
        room_in_lab(folder)
