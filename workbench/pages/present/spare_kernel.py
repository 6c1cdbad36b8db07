"""The kernels of the workbench's JupyterLab: the next notebook finds one that has loaded all that its cells ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import ApiPath
from tornado.ioloop import IOLoop

QUIET_SECONDS = 20.0
"""Seconds without work in any kernel before the next one is prepared: it must not slow down what somebody waits for."""
# What a kernel warns of as it starts and ends helps nobody at the terminal; errors are still told.
_QUIET = "--IPKernelApp.log_level=ERROR"
WARM_UP = "--IPKernelApp.exec_lines=import workbench.pages.lab as _ahead; _ahead.warm_up(pictures={}); del _ahead"


class SpareKernel(AsyncMappingKernelManager):
    """Kernels of a server with one in reserve, which no list of running kernels shows until a notebook takes it.

    It stands in the folder served. Who asks for another kernel, or in another folder, gets one of their own.
    """

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - handed on
        super().__init__(**kwargs)
        self._spare: str | None = None
        self._is_preparing = False
        # The first kernel is the app's, which draws no pictures and is waited for.
        IOLoop.current().add_callback(self._prepare, pictures=False)

    async def _async_start_kernel(
        self,
        *,
        kernel_id: str | None = None,
        path: ApiPath | None = None,
        **kwargs: Any,  # noqa: ANN401 - handed on
    ) -> str:
        """Return the spare kernel where it is what is asked for, else a new one."""
        here = path is not None and Path(self.cwd_for_path(path)) == Path(self.root_dir)
        usual = kwargs.get("kernel_name") in {None, self.default_kernel_name}
        if kernel_id is None and here and usual and self._spare is not None:
            spare, self._spare = self._spare, None  # at once: two that ask at the same time get two
            self._later()
            if spare in self and await self.is_alive(spare):
                return spare
        return await super()._async_start_kernel(kernel_id=kernel_id, path=path, extra_arguments=[_QUIET], **kwargs)

    start_kernel = _async_start_kernel  # type: ignore[assignment] # as the class above has it

    async def _prepare(self, *, pictures: bool = True) -> None:
        if self._spare is not None or self._is_preparing:
            return
        self._is_preparing = True
        try:
            arguments = [_QUIET, WARM_UP.format(pictures)]
            self._spare = await super()._async_start_kernel(path=ApiPath(""), extra_arguments=arguments)
        finally:
            self._is_preparing = False

    def _later(self) -> None:
        IOLoop.current().call_later(QUIET_SECONDS, self._when_quiet)

    async def _when_quiet(self) -> None:
        if any(each["execution_state"] != "idle" for each in self.list_kernels()):
            self._later()
        else:
            await self._prepare()

    async def _async_shutdown_all(self, now: bool = False) -> None:
        """End all kernels, the one nobody uses without waiting for what it loads."""
        spare, self._spare = self._spare, None
        if spare is not None and spare in self:
            await self._async_shutdown_kernel(spare, now=True)
        await super()._async_shutdown_all(now=now)

    shutdown_all = _async_shutdown_all  # type: ignore[assignment] # as the class above has it

    def list_kernels(self) -> list[dict[str, Any]]:
        """Return the kernels that somebody has started."""
        return [each for each in super().list_kernels() if each["id"] != self._spare]
