"""Voila as the wall needs it: rendered once, with the kernel of that page for everybody who opens it later."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import tornado.web
from jupyter_server.base.handlers import APIHandler
from traitlets import Any as AnyTrait
from traitlets import Dict, List, Unicode
from voila.app import Voila
from voila.handler import VoilaHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 0.3  # seconds a browser waits for the page before it is told that one has to wait


class _Page(VoilaHandler):
    """The page: made when it is first asked for, the same for all, until its kernel ends."""

    made: asyncio.Task[tuple[str, str]] | None = None
    ending: asyncio.Future[None] | None = None

    @tornado.web.authenticated
    async def get(self, _path: str = "") -> None:
        """Send the page; an address with the secret in it is not left on a wall that everybody can read."""
        if "token" in self.request.query_arguments:
            self.redirect(self.request.path)
            return
        known = set(self.kernel_manager.list_kernel_ids())
        task = _Page.made
        if task is None or (task.done() and (task.exception() or task.result()[1] not in known)):
            task = _Page.made = asyncio.ensure_future(self._render(known))
        await asyncio.wait({task}, timeout=AT_ONCE)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(task.result()[0] if task.done() else self.settings["wall_waiting"])

    async def _render(self, before: set[str]) -> tuple[str, str]:
        page = "".join([part async for part in self.get_generator()])
        kernel = next(iter(set(self.kernel_manager.list_kernel_ids()) - before), "")
        if kernel:  # one that was ended from outside comes back empty: the next visit makes a page of its own
            self.kernel_manager.add_restart_callback(kernel, partial(self._forget, kernel))
        return page, kernel

    def _forget(self, kernel: str) -> None:
        _Page.made = None
        _Page.ending = asyncio.ensure_future(self.kernel_manager.shutdown_kernel(kernel, now=True))


class _StaysAlive(APIHandler):
    """A page that is closed or loaded again asks for the end of its kernel, which is the room's."""

    @tornado.web.authenticated
    def post(self, _kernel: str) -> None:
        """Do nothing."""
        self.set_status(204)


class Wall(Voila):
    """Voila for a wall: one notebook, one kernel, nothing of the person's settings, and nothing from elsewhere."""

    headers = Dict()
    asked = List(Unicode())
    extensions = List(Unicode())
    template_folder = Unicode()
    waiting = Unicode()
    opens: Callable[[], Any] | None = AnyTrait(allow_none=True)  # type: ignore[assignment]
    config_file_paths: list[str] = []  # noqa: RUF012 - a trait's default
    log_level = 40
    open_browser = False
    name = "voila"

    def setup_template_dirs(self) -> None:
        """Look for the page's template in our folder first; load our extensions only, and no file beside the page."""
        set_to = self.voila_configuration
        set_to.extension_allowlist, set_to.file_allowlist, set_to.template = list(self.extensions), [], "lab"
        set_to.allow_template_override = set_to.allow_theme_override = "NO"
        super().setup_template_dirs()
        self.template_paths.insert(0, self.template_folder)

    def init_settings(self) -> dict[str, Any]:
        """Answer to this machine's name alone, let pages say little to the kernel, and send our headers."""
        settings: dict[str, Any] = super().init_settings()
        self.kernel_manager.allowed_message_types = list(self.asked)
        settings |= {
            "allow_remote_access": False,
            "local_hostnames": ["localhost", self.ip],
            "headers": dict(self.headers),
            "wall_waiting": self.waiting,
            "cookie_options": {"SameSite": "Strict", "HttpOnly": True},
        }
        return settings

    def init_handlers(self) -> list[Any]:
        """Put the page and the harmless end of a visit in the places of Voila's own."""
        ours = {TornadoVoilaHandler: _Page, VoilaShutdownKernelHandler: _StaysAlive}
        kept = [each for each in super().init_handlers() if "/files/" not in each[0]]
        return [(each[0], ours.get(each[1], each[1]), *each[2:]) for each in kept]

    def listen(self) -> None:
        """Open a browser window where one is wanted."""
        if self.opens is not None:
            asyncio.get_event_loop().call_later(0.5, self.opens)
        super().listen()
