"""A room as a program of its own, to be killed: `python room_process.py FOLDER PORT` prints its secrets and serves."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from room_agenda import agenda

from workbench.workshop import Room, RoomServer


async def serve(folder: Path, port: int) -> None:
    """Serve the room of a folder until killed."""
    room = Room(folder / "study" / "workshops" / "room.sqlite", agenda(), held_on="2025-01-14")
    server = RoomServer(room, {}, port=port)
    told = {"url": server.url, "link": room.link, "facilitator": room.ballots.admit("facilitator")}
    print(json.dumps(told), flush=True)  # noqa: T201 - whoever started it reads this
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
