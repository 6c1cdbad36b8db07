"""Name an add-on after the job a feature does, and say the job in a sentence."""

from __future__ import annotations

from workbench.formatting import capitalised
from workbench.rules.checks.names import is_specific, suggested_name

_JOBS = {
    "dashboard": "See {rest} at a glance",
    "report": "Report on {rest}",
    "export": "Hand out the {rest} when asked for it",
    "alert": "Get {rest} alerts as soon as something happens",
    "builder": "Build a {rest} without help",
    "sync": "Keep the {rest} up to date without copying",
    "portal": "Give customers a {rest} portal of their own",
    "layer": "See figures on a {rest}",
    "chart": "Show {rest} charts where people already work",
    "simulation": "Try out a {rest} before deciding",
    "api": "Build on the data from own programs ({rest} API)",
    "residency": "Keep {rest} in the region where it has to stay",
    "permission": "Decide who may see and change what, by {rest}",
}
"""The job behind the last word of a feature's name; `{rest}` stands for the words before it."""


def job_name(feature: str, area: str = "") -> str:
    """Return a name for the add-on that sells a feature: the feature's own where it is specific, else with its area."""
    plain = suggested_name("", features=(feature,))
    if plain:
        return plain
    with_area = suggested_name("", features=(f"{area} {feature}".strip(),))
    return with_area or _plain(feature)


def job_of(feature: str) -> str:
    """Return the job a feature does, as a sentence to start from."""
    words = _plain(feature).split()
    last = words[-1].casefold() if words else ""
    pattern = _JOBS.get(last) or _JOBS.get(last.removesuffix("s"))
    rest = " ".join(words[:-1])
    if pattern is None or not rest or not is_specific(rest):
        return f"Use {_lower_first(_plain(feature))}"
    return pattern.format(rest=_lower_first(rest))


def _plain(feature: str) -> str:
    text = " ".join(feature.replace("_", " ").split())
    return capitalised(text)


def _lower_first(text: str) -> str:
    # An abbreviation such as API or CRM keeps its capitals.
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
