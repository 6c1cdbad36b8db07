"""Charts do without a grammar of web addresses that takes two seconds to build; whoever asks it gets its answers."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

CHARTS = "import workbench.stages.impact.charts, sys\n"
ASKED = "import jsonschema; print([jsonschema.FormatChecker().conforms(each, 'iri') for each in %r])"
ADDRESSES = ["http://ö.de/a", "http://a b", "mailto:x@y.example", "no address", ""]
IMPORTS = (
    "import rfc3987_syntax as found; print(found.RFC3987_SYNTAX_PARSER_TYPE)",
    "import rfc3987_syntax.utils as found; print(found.load_grammar.__name__)",
    "from rfc3987_syntax import *; print(len(RFC3987_SYNTAX_TERMS), is_valid_syntax('iri', 'http://a.example'))",
)


def printed(program: str) -> str:
    """Return what a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def without_charts() -> dict[str, str]:
    """Return what each program prints where no charts are: one line each, asked of one interpreter."""
    pytest.importorskip("rfc3987_syntax")
    programs = (ASKED % ADDRESSES, *IMPORTS)
    return dict(zip(programs, printed("\n".join(programs)).splitlines(), strict=True))


def test_charts_do_not_build_the_grammar() -> None:
    """The library that builds the grammar is not even loaded."""
    assert printed(CHARTS + "print('lark' in sys.modules)") == "False"


def test_who_checks_an_address_gets_the_same_answer(without_charts: dict[str, str]) -> None:
    """Addresses are right or wrong as they are without the charts."""
    asked = ASKED % ADDRESSES
    assert printed(CHARTS + asked) == without_charts[asked]
    assert "True" in without_charts[asked]
    assert "False" in without_charts[asked]


@pytest.mark.parametrize("program", IMPORTS)
def test_the_grammar_can_be_used_as_ever(program: str, without_charts: dict[str, str]) -> None:
    """Everything the library has is there, however it is imported."""
    assert printed(CHARTS + program) == without_charts[program]


def test_nothing_happens_without_the_grammar() -> None:
    """Where it is not installed, imports say so as they would anyway."""
    hidden = "import sys, importlib.util; importlib.util.find_spec = lambda *_: None\n"
    asked = "from workbench.stages import slow_grammar; slow_grammar.put_off(); print(slow_grammar.NAME in sys.modules)"
    assert printed(hidden + asked) == "False"
