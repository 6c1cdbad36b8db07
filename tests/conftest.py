"""What all tests share: the sample company, worked out once, engines, and figures of the long checks on faults."""

from __future__ import annotations

import importlib.util
import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from workbench.impact.events import open_engine
from workbench.stages import STAGES, figure
from workbench.stages.contract import evaluate_scenario, gather_evidence
from workbench.workspace import make_workspace, sample_base, sample_folder, sample_study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from workbench.customers import CustomerBase
    from workbench.impact.events import Engine
    from workbench.stages.contract import StageOutcome
    from workbench.study import Study
    from workbench.workspace import Workspace

RELIABILITY = Path(__file__).parent.parent / "benchmarks" / "RELIABILITY.md"
TOGETHER = "tests/report"
HEAD = "# Held under attack\n\nWritten by `make torture`: what was done to the product, and what came of it.\n"

figure.checks_charts = True  # every chart a test builds is one the chart package knows
# What jax compiles takes longer than what it then works out: it is kept, by what was compiled, for all processes.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(__file__).parent.parent / ".pytest_cache" / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")

# The laws are about results: how long one example takes depends on what else the machine does. A check tries the same
# examples each time, so that it fails for what was changed; new ones are drawn every night.
settings.register_profile("fresh", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take how many of the slowest files to name."""
    parser.addoption("--slowest-files", type=int, default=0, metavar="N", help="name the N files that took longest")


INSTALLED = {each.key for each in STAGES}
_MARKED = re.compile(r"^pytestmark = (?:\[[^\]]*\]|.*)", re.MULTILINE)
_NEEDS = re.compile(r"needs_stage\(\W(\w+)\W\)")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out a file that needs a stage which is not installed: it could not even be imported.

    One of which no test is asked for is not loaded either: of all files, those in a browser are few.
    """
    if collection_path.suffix != ".py":
        return None
    written = collection_path.read_text(encoding="utf-8")
    marked = _MARKED.search(written)
    always = marked.group() if marked else ""
    if set(_NEEDS.findall(always)) - INSTALLED:
        return True
    first, *_ = asked = config.getoption("markexpr").split(" and ")
    if any(" or " in each for each in asked) or first not in {"browser", "not browser"}:
        return None
    return True if ("mark.browser" not in written if first == "browser" else "mark.browser" in always) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs a stage that is not there, and begin with the files that take long.

    Otherwise one process would be left with one of them when the others are done.
    """
    for item in items:
        for each in item.iter_markers("needs_stage"):
            if each.args[0] not in INSTALLED:
                item.add_marker(pytest.mark.skip(reason=f"the stage {each.args[0]} is not installed"))
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


class Rooms(LoadFileScheduling):
    """Files go to whichever process is free, those of the report together: what they share takes longer than they."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(f"{TOGETHER}/") else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Rooms | None:  # noqa: ANN401 - the plugin's own
    """Share files out by `Rooms` where whole files are shared out."""
    return Rooms(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the files that took longest, so that who adds tests sees what they cost."""
    took: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for each in reports:
            if isinstance(each, pytest.TestReport):
                took[each.nodeid.partition("::")[0]] += each.duration
    named = config.getoption("slowest_files")
    if named and took:
        terminalreporter.section(f"slowest {named} files, with what they share")
        for file, seconds in took.most_common(named):
            terminalreporter.write_line(f"{seconds:7.1f} s  {file}")


# The sample company is the same in every test, and reading, deciding and evaluating it takes seconds each time: a test
# that only looks at it takes these, and one about reading or deciding itself calls what it is about.


@pytest.fixture(scope="session")
def sample_company() -> CustomerBase:
    """Return the sample company before its move."""
    return sample_base()


@pytest.fixture(scope="session")
def gathered_sample(sample_company: CustomerBase) -> dict[str, Any]:
    """Return every stage's evidence on it."""
    return gather_evidence(sample_company)


@pytest.fixture(scope="session")
def decided_sample(sample_company: CustomerBase, gathered_sample: dict[str, Any]) -> Study:
    """Return its study: three designs, every stage decided, one chosen."""
    return sample_study(sample_company, sample_folder(), evidence=gathered_sample)


@pytest.fixture(scope="session")
def evaluated_sample(
    sample_company: CustomerBase, gathered_sample: dict[str, Any], decided_sample: Study
) -> list[dict[str, StageOutcome]]:
    """Return what each of its designs comes to, by stage."""
    every = (
        evaluate_scenario(sample_company, decided_sample, design, evidence=gathered_sample)
        for design in decided_sample.designs
    )
    return [{each.stage.key: each for each in outcomes} for outcomes in every]


@pytest.fixture(scope="session")
def make_sample_workspace(sample_company: CustomerBase, decided_sample: Study) -> Callable[[Path], Workspace]:
    """Return what makes a folder as `make lab` leaves it, with the study worked out already; it points at its data."""

    def study_at(_base: CustomerBase, data: Path) -> Study:
        return decided_sample.replaced(data=decided_sample.data.replaced(path=str(data)))

    def make(folder: Path) -> Workspace:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("workbench.workspace.sample_base", lambda: sample_company)
            patch.setattr("workbench.workspace.sample_study", study_at)
            return make_workspace(folder)

    return make


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    """Start Spark once; skip without it, unless it is required."""
    if not importlib.util.find_spec("pyspark"):
        reason = "Spark is not installed: `make setup-spark` installs the locked extra"
        (pytest.fail if os.environ.get("WORKBENCH_SPARK_REQUIRED") == "1" else pytest.skip)(reason)
    with open_engine("spark", memory="1GiB", progress=False) as engine:
        # Compiling each plan takes longer than running it on a handful of rows.
        engine.session.conf.set("spark.sql.shuffle.partitions", "2")
        engine.session.conf.set("spark.sql.codegen.wholeStage", "false")
        engine.session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        engine.session.conf.set("spark.sql.adaptive.enabled", "false")
        yield engine


@pytest.fixture(params=["pandas", "duckdb", "spark"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Go through the engines."""
    if request.param == "spark":
        yield request.getfixturevalue("spark")
        return
    with open_engine(request.param, memory="1GiB", progress=False) as found:
        yield found


@pytest.fixture
def reliability(request: pytest.FixtureRequest) -> Iterator[Callable[[str, object], None]]:
    """Return what notes a figure of a long check (`note("kills", 1000)`); a passed `torture` test keeps its figures.

    The chapter is the first line of the test's docstring. In tests that are no torture nothing is written.
    """
    figures: dict[str, object] = {}
    yield figures.__setitem__
    report = getattr(request.node, "call_report", None)
    if figures and request.node.get_closest_marker("torture") and report is not None and report.passed:
        title = (request.function.__doc__ or request.node.name).strip().splitlines()[0].rstrip(".")
        table = "".join(f"| {name} | {value} |\n" for name, value in figures.items())
        keep_chapter(title, f"| What | Figure |\n| --- | --- |\n{table}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures see whether their test passed."""
    report = yield
    if report.when == "call":
        item.call_report = report
    return report


def keep_chapter(title: str, text: str) -> None:
    """Put a chapter into RELIABILITY.md in place of its older one; the others stay as they were measured."""
    written = RELIABILITY.read_text(encoding="utf-8") if RELIABILITY.exists() else ""
    parts = re.split(r"^## (.+)$", written, flags=re.MULTILINE)[1:]
    chapters = dict(zip(parts[::2], parts[1::2], strict=True)) | {title: text}
    body = "".join(f"\n## {name}\n\n{content.strip()}\n" for name, content in sorted(chapters.items()))
    RELIABILITY.write_text(HEAD + body, encoding="utf-8")
