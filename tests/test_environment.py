"""The three ways to install must lead to the same libraries."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
CONDA_NAMES = {"python-duckdb": "duckdb"}


def project() -> dict[str, Requirement]:
    """Read every requirement of pyproject.toml, those of the development extra included."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*table["dependencies"], *table["optional-dependencies"]["dev"]]
    return {Requirement(line).name: Requirement(line) for line in lines}


def locked(path: Path = ROOT / "requirements.lock") -> dict[str, tuple[Version, int]]:
    """Read the locked versions with the number of hashes behind each."""
    found: dict[str, tuple[Version, int]] = {}
    name = ""
    for line in path.read_text().splitlines():
        pinned = re.match(r"([A-Za-z0-9_.-]+)==([^\s;]+)", line)
        if pinned:
            name = pinned[1].lower()
            found[name] = (Version(pinned[2]), 0)
        elif "--hash=sha256:" in line:
            version, hashes = found[name]
            found[name] = (version, hashes + 1)
    return found


def conda() -> dict[str, Requirement]:
    """Read environment.yml, its pip part included, under the names pip uses."""
    document = yaml.safe_load((ROOT / "environment.yml").read_text())
    lines = [line for line in document["dependencies"] if isinstance(line, str)]
    lines += [line for part in document["dependencies"] if isinstance(part, dict) for line in part["pip"]]
    parsed = [Requirement(line) for line in lines if not line.startswith("-e")]
    return {CONDA_NAMES.get(each.name, each.name): each for each in parsed}


def test_the_lock_pins_every_requirement_inside_its_range_with_hashes() -> None:
    """Each requirement of the project is locked to a version it allows, with at least one hash."""
    versions = locked()
    for name, requirement in project().items():
        version, hashes = versions[name.lower()]
        assert version in requirement.specifier, f"{name} {version} is outside {requirement.specifier}"
        assert hashes >= 1, f"{name} has no hash"


def test_conda_and_pip_ask_for_the_same_ranges() -> None:
    """environment.yml names the same libraries with the same ranges as pyproject.toml, plus Python and pip."""
    ours, theirs = project(), conda()
    assert set(theirs) - {"python", "pip"} == set(ours)
    assert {n: r.specifier for n, r in theirs.items() if n in ours} == {n: r.specifier for n, r in ours.items()}
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert str(theirs["python"].specifier) == requires


def test_the_lock_names_no_registry() -> None:
    """The lock installs from whichever registry a machine reaches, so it may name none."""
    text = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"https?://|file:|--index-url|--find-links|--extra-index-url", text)


@pytest.mark.parametrize("name_of_extra", ["spark", "bayes", "workshop"])
def test_the_lock_of_an_extra_adds_to_the_main_lock_and_changes_nothing(name_of_extra: str) -> None:
    """What both locks name has the same version in both, every added library has a hash, and no registry is named."""
    path = ROOT / f"requirements-{name_of_extra}.lock"
    main, extra = locked(), locked(path)
    assert {name: extra[name][0] for name in main if name in extra} == {
        name: version for name, (version, _) in main.items() if name in extra
    }
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][name_of_extra]
    for requirement in map(Requirement, lines):
        version, hashes = extra[requirement.name.lower()]
        assert version in requirement.specifier
        assert hashes >= 1
    assert not re.search(r"https?://|file:|--index-url|--find-links|--extra-index-url", path.read_text())


@pytest.mark.parametrize("stated", [None, "3"])
def test_matrices_are_summed_by_one_thread_unless_somebody_says_otherwise(stated: str | None) -> None:
    """Split among threads, sums round otherwise: the last digits of results would depend on the machine."""
    known = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    asked = "import os, workbench, numpy; print(os.environ['OPENBLAS_NUM_THREADS'])"
    given = known if stated is None else known | {"OPENBLAS_NUM_THREADS": stated}
    said = subprocess.run([sys.executable, "-c", asked], env=given, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == (stated or "1")


def test_the_grammar_of_addresses_is_read_when_an_address_is_checked() -> None:
    """Internationalised addresses are checked as ever, and nobody who does not ask waits for its grammar."""
    program = """
import sys
import workbench, jsonschema
assert "rfc3987_syntax.syntax_helpers" not in sys.modules
check = jsonschema.Draft7Validator.FORMAT_CHECKER.conforms
print(*(check(text, "iri") for text in ("https://example.org/ü", "https://[ü")))
import rfc3987_syntax
print(rfc3987_syntax.is_valid_syntax("iri", "https://example.org/ü"), rfc3987_syntax.parse.__module__)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert ran.stdout.split() == ["True", "False", "True", "rfc3987_syntax.syntax_helpers"]
