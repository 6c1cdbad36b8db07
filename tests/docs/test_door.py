"""What a second developer meets first: commands that exist, versions that agree, files that are there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
PAGES = (ROOT / "CONTRIBUTING.md", ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = [path for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"]


def targets() -> set[str]:
    """List what `make` can be asked for."""
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def locked(name: str) -> str | None:
    """Return the version of a library in the lock, None where it is none of ours."""
    found = re.search(rf"^{re.escape(name)}==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    return found and found[1]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_on_a_page_exists(path: Path) -> None:
    """What a page tells people to make can be made, and the files of this repository it runs are there."""
    text = path.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text))
    asked = {each for line in re.findall(r"\bmake ((?:[a-z-]+ ?)+)", code) for each in line.split()[:1]}
    assert asked <= targets()
    missing = [each for each in re.findall(r"\btests/[\w./]+", code) if not (ROOT / each).exists()]
    assert not missing


def test_the_pages_do_name_commands() -> None:
    """The search for commands finds those of the page for contributors."""
    assert {"setup", "lab", "test", "test-fast", "docs", "lock"} <= targets()
    assert "make test-fast" in (ROOT / "CONTRIBUTING.md").read_text()


def test_hooks_check_with_the_locked_versions() -> None:
    """A commit is checked by the versions that the lock pins; what is not locked is pinned in the file."""
    hooks = [
        hook
        for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
        for hook in repo["hooks"]
    ]
    assert {"ruff", "ruff-format", "nbstripout", "nbformat", "size"} == {hook["id"] for hook in hooks}
    for hook in hooks:
        for pin in hook["additional_dependencies"]:
            name, _, version = pin.partition("==")
            assert version, f"{pin} is not pinned"
            assert locked(name) in (None, version), f".pre-commit-config.yaml: {pin}, but locked is {locked(name)}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_what_exists(path: Path) -> None:
    """Every step of a workflow makes a target that exists or runs a file that is there."""
    jobs = yaml.safe_load(path.read_text())["jobs"]
    assert jobs
    for job in jobs.values():
        assert job["timeout-minutes"] > 0
        for step in job["steps"]:
            command = step.get("run", "")
            assert set(re.findall(r"\bmake ([a-z-]+)", command)) <= targets()
            assert not command.startswith(".") or (ROOT / command.split()[0]).is_file()


def test_the_site_is_built_for_every_change() -> None:
    """One workflow answers to pull requests; it runs all checks and makes the site."""
    document = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    commands = {step.get("run") for job in document["jobs"].values() for step in job["steps"]}
    assert {".ci/run", "make docs"} <= commands
    assert "pull_request" in document[True]  # YAML reads the word "on" as yes


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_forms_ask_something(path: Path) -> None:
    """Each form for issues has a name, says what it is for, and asks at least one thing that must be answered."""
    form = yaml.safe_load(path.read_text())
    assert form["name"]
    assert form["description"]
    assert any(part.get("validations", {}).get("required") for part in form["body"])


def test_versions_and_licence_agree() -> None:
    """The citation names the version and licence of the package."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert citation["cff-version"] == "1.2.0"
    assert all(citation[field] for field in ("message", "title", "authors", "abstract"))


def test_the_package_says_that_it_is_typed() -> None:
    """Type checkers of others read the annotations: the marker lies in the package, which is packed whole."""
    assert (ROOT / "workbench" / "py.typed").is_file()
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert build["packages"] == ["workbench"]
    assert "exclude" not in build
