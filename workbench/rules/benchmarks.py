"""Published figures to show beside a result, always as claims of their source and never as a forecast."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A figure reported by a source: what about, the claim in words, the number or range, who says so."""

    id: str
    rule_id: str
    about: str
    claim: str
    low: float
    high: float
    unit: str
    source: str

    @property
    def sentence(self) -> str:
        """Return the claim in one line that says whose it is."""
        return f"{self.claim} (reported by the source: {self.source})"


def _read() -> tuple[Benchmark, ...]:
    text = files("workbench.rules").joinpath("benchmarks.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    return tuple(Benchmark(id=key, **entry) for key, entry in document["benchmarks"].items())


BENCHMARKS = _read()
