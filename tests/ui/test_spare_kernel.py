"""The kernel in reserve: given to one notebook at most, unseen before, and never where another is asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from jupyter_server.utils import ApiPath

from workbench import Study, workspace
from workbench.errors import WorkbenchError
from workbench.pages.lab import warm_up
from workbench.pages.present import spare_kernel
from workbench.pages.present.spare_kernel import SpareKernel
from workbench.workspace import load_base, read_ahead

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

HERE = ApiPath("")


def with_kernels(folder: Path, try_it: Callable[[SpareKernel], Awaitable[None]]) -> None:
    """Try something on the kernels of a server in a folder, and end them."""

    async def go() -> None:
        kernels = SpareKernel(root_dir=str(folder))
        try:
            await reserve(kernels)
            await try_it(kernels)
        finally:
            await kernels.shutdown_all(now=True)

    asyncio.run(go())


async def reserve(kernels: SpareKernel) -> None:
    """Wait until there is a kernel in reserve."""
    while kernels._spare is None:  # noqa: ASYNC110 - nobody is told
        await asyncio.sleep(0.01)


def seen(kernels: SpareKernel) -> set[str]:
    """Name the kernels that are listed."""
    return {each["id"] for each in kernels.list_kernels()}


@pytest.fixture
def _nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spare_kernel, "WARM_UP", "--IPKernelApp.exec_lines=1")


@pytest.mark.usefixtures("_nothing_loaded")
def test_one_notebook_gets_the_kernel_in_reserve_and_the_next_a_new_one(tmp_path: Path) -> None:
    """Two that ask at the same time get two kernels; the one in reserve is in no list before."""

    async def try_it(kernels: SpareKernel) -> None:
        spare = kernels._spare
        assert seen(kernels) == set()
        first, second = await asyncio.gather(*(kernels.start_kernel(path=HERE) for _ in range(2)))
        assert (first == spare) != (second == spare)
        assert seen(kernels) == {first, second}

    with_kernels(tmp_path, try_it)


@pytest.mark.usefixtures("_nothing_loaded")
def test_another_folder_or_a_dead_reserve_means_a_kernel_of_its_own(tmp_path: Path) -> None:
    """What stands in another folder, or has ended, is not handed out; the next that fits still is."""
    (tmp_path / "below").mkdir()

    async def try_it(kernels: SpareKernel) -> None:
        spare = kernels._spare
        assert await kernels.start_kernel(path=ApiPath("below")) != spare
        assert kernels._spare == spare
        await kernels.shutdown_kernel(spare, now=True)
        alone = await kernels.start_kernel(path=HERE)
        assert alone != spare
        assert alone in seen(kernels)

    with_kernels(tmp_path, try_it)


@pytest.mark.usefixtures("_nothing_loaded")
def test_the_next_is_prepared_once_nobody_waits_for_a_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one works none is prepared; when all are idle there is a kernel in reserve again."""
    monkeypatch.setattr(spare_kernel, "QUIET_SECONDS", 0.05)

    async def try_it(kernels: SpareKernel) -> None:
        taken = kernels.get_kernel(await kernels.start_kernel(path=HERE))
        taken.execution_state = "busy"
        await kernels._when_quiet()
        assert kernels._spare is None
        taken.execution_state = "idle"
        await reserve(kernels)
        assert len(seen(kernels)) == 1

    with_kernels(tmp_path, try_it)


def test_data_read_ahead_is_taken_once_and_not_after_a_file_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before a file changed is not what the study is worked on with."""
    paid = tmp_path / "data" / "mrr.csv"
    paid.parent.mkdir()
    (paid.parent / "accounts.csv").write_text("account_id,segment\nA1,small\n")
    paid.write_text("account_id,month,amount\nA1,2024-01,50\n")
    folder = tmp_path / "studies" / "acme"
    Study.new("acme", "../../data").save(folder)
    study = Study.load(folder)
    monkeypatch.chdir(tmp_path)
    warm_up()
    ahead = load_base(study, folder)
    assert load_base(study, folder) is not ahead
    warm_up()
    paid.write_text("account_id,month,amount\nA1,2024-01,50\nA1,2024-02,60\n")
    assert len(load_base(study, folder).months) == 2
    paid.write_text("account_id,month,amount\nA1,2024-01,fifty\n")
    warm_up()  # data nobody can read is told to whoever opens the study
    with pytest.raises(WorkbenchError, match="fifty"):
        load_base(study, folder)


def test_data_of_a_large_company_are_not_read_for_a_notebook_nobody_may_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files beyond the bound stay unread until a study is opened."""
    monkeypatch.setattr(workspace, "_read_whole", lambda *_: pytest.fail("read ahead"))
    monkeypatch.setattr(workspace, "MOST_BYTES_AHEAD", 100)
    (tmp_path / "accounts.csv").write_text("account_id\n" + "A1\n" * 40)
    read_ahead(Study.new("acme", str(tmp_path)), tmp_path)
