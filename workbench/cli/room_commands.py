"""The commands of a room: a workshop with phones, wall and facilitator around one ballot, and the stages on a wall."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Names, NamesName  # noqa: TC001 - read when the command is made
from workbench.cli.record_commands import StudyFolder, opened

if TYPE_CHECKING:
    from workbench.report.room.opening import OpenedRoom


def workshop(
    study: StudyFolder,
    *,
    share: Annotated[
        str | None,
        typer.Option("--share", metavar="ADDRESS", help="An address of this machine at which phones find the room."),
    ] = None,
    agenda: Annotated[
        str | None,
        typer.Option(
            "--agenda", help="metric-to-tiers, whole-redesign or price-check; the scenario's own if left out."
        ),
    ] = None,
    scenario: Annotated[str | None, typer.Option("--scenario", help="Ask about this scenario, not the chosen.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; a free one if left out.")] = None,
    names: Names = None,
    new: Annotated[bool, typer.Option("--new", help="Begin a new ballot, though one is not ended.")] = False,
) -> None:
    """Open a workshop for phones in the room, on this machine alone unless --share names an address.

    Accounts are called by an alias each on every page, unless the study or --names says otherwise.
    """
    from workbench.report.room.opening import open_room  # noqa: PLC0415 - each command loads what it needs
    from workbench.workshop.server import LOOPBACK, own_addresses  # noqa: PLC0415

    base, document = opened(study)

    async def hold() -> None:
        asked: dict[str, Any] = {"scenario_id": scenario, "agenda_key": agenda, "fresh": new, "names": names}
        room = open_room(base, document, study, share=share or LOOPBACK, port=port, **asked)
        _tell(room)
        if share is None and len(own_addresses()) > 1:
            typer.echo(f"Only this machine reaches it. For phones: --share {own_addresses()[0]}")
        typer.echo("Ctrl-C stops it, as do four hours in which nobody does anything; started again, it goes on.")
        await _until_stopped(room.server.stopped)
        await room.server.stop()
        typer.echo(f"Stopped. Its answers are in {room.server.room.ballots.path}; what was revealed is in the study.")

    asyncio.run(hold())


def present(
    study: StudyFolder,
    *,
    names: Annotated[
        NamesName, typer.Option("--names", help="How accounts are called on the wall: as they are, by aliases, not.")
    ] = "alias",
    share: Annotated[
        str | None,
        typer.Option("--share", metavar="ADDRESS", help="An address of this machine; this machine alone if left out."),
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port; a free one if left out.")] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window where there is one.")] = True,
) -> None:
    """Show every stage on the wall, one section at a time in large type; keys move, accounts are called by aliases."""
    from workbench.pages.present.server import start_presenter  # noqa: PLC0415 - each command loads what it needs
    from workbench.study.document import Study  # noqa: PLC0415
    from workbench.workshop.server import LOOPBACK, own_addresses  # noqa: PLC0415

    if share is not None and share not in own_addresses():
        raise typer.BadParameter(f"{share} is no address of this machine; it has {', '.join(own_addresses())}")
    Study.load(study)
    start_presenter(study, names=names, address=share or LOOPBACK, port=port, browser=browser, tell=typer.echo)


def _tell(room: OpenedRoom) -> None:
    typer.echo(f"Facilitator (secret): {room.facilitator}")
    typer.echo(f"Screen on the wall (secret): {room.wall}")
    typer.echo(f"Participants: {room.participants} with the code {room.server.room.code}")


async def _until_stopped(by_itself: asyncio.Event) -> None:
    stopped = asyncio.Event()
    for name in ("SIGINT", "SIGTERM"):
        with suppress(NotImplementedError):  # where the system has no such signals, Ctrl-C ends the loop itself
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), stopped.set)
    ways = {asyncio.create_task(each.wait()) for each in (stopped, by_itself)}
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
