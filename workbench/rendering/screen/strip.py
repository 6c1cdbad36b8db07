"""The strip of a step: its figures before and now, the rules met and not, the scenario, undo, and the way on."""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from workbench.formatting import figure_change, figure_interval, figure_value
from workbench.rendering import html
from workbench.rendering.html import script, stylesheet
from workbench.stages.contract import STAGES, step_title
from workbench.study.document import CHOICE
from workbench.text import texts
from workbench.workspace import LAST_NOTEBOOK, START_NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from workbench.results import KeyFigure
    from workbench.rules.rulebook import Finding

say = texts(__name__)

MOST_FIGURES = 5
_BUTTONS = ("undo", "redo", "start_over")
_WORDS = ("strip", "scenario", *_BUTTONS, *(f"{name}_told" for name in _BUTTONS), "back", "on", "against_today")
_MET = ("Met", "Set so")
# Worst first: the first verdict there is colours the count.
_OPEN = (("Not met", "not_met", "breach"), ("Watch", "to_watch", "watch"), ("Unknown", "unknown", "unknown"))


def steps() -> dict[str, str]:
    """Return the steps of a study in order: the title of each by its notebook."""
    ours = {each.notebook: each.title for each in STAGES}
    last = Path(LAST_NOTEBOOK).stem  # it holds several stages, and is called by what they are about together
    return dict(sorted({**ours, Path(START_NOTEBOOK).stem: say("start_title"), last: step_title(CHOICE)}.items()))


def step_of(notebook: str) -> dict[str, Any]:
    """Return where a notebook stands among the steps, with the one before and the one after it."""
    known = steps()
    if notebook not in known:
        return {}
    order = list(known)
    at = order.index(notebook)
    beside = {"back": order[max(at - 1, 0) : at], "on": order[at + 1 : at + 2]}
    ways = {way: {"notebook": each, "title": known[each]} for way, some in beside.items() for each in some}
    return {"said": say("step", at=at + 1, of=len(order), title=known[notebook]), **ways}


class Strip(anywidget.AnyWidget):
    """Show a step's figures, rules, scenario and buttons in one place that stays in view.

    Parameters
    ----------
    does
        What a press does, by name: undo, redo, start_over, and with the id chosen select.
    step
        Where the step stands, as `step_of` says it.
    """

    _esm = script("strip")
    _css = stylesheet("strip")
    figures = traitlets.List(traitlets.Dict()).tag(sync=True)
    rules = traitlets.Dict().tag(sync=True)
    before = traitlets.Unicode().tag(sync=True)
    scenarios = traitlets.List(traitlets.Dict()).tag(sync=True)
    scenario = traitlets.Unicode().tag(sync=True)
    can = traitlets.Dict().tag(sync=True)
    step = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, does: Mapping[str, Callable[..., Any]], step: Mapping[str, Any]) -> None:
        super().__init__(step=dict(step), words={name: say(name) for name in _WORDS})
        self._does = dict(does)
        self._opened: dict[str, tuple[dict[str, str], str]] = {}
        self.on_msg(self._heard)

    def press(self, name: str, *given: str) -> None:
        """Do what a button does; one that can do nothing does nothing."""
        if self.can.get(name, True):
            self._does[name](*given)

    def show_hand(self, scenarios: Mapping[str, str], scenario: str, **can: bool) -> None:
        """Show the scenarios by name, the one in view, and which buttons can be pressed."""
        self.scenarios = [{"name": name, "id": key} for name, key in scenarios.items()]
        self.scenario, self.can = scenario, dict(can)

    def show_numbers(self, scenario: str, figures: Sequence[KeyFigure], findings: Iterable[Finding]) -> None:
        """Show figures now and as they were when the scenario was first shown here, or last recorded."""
        now = {each.label: figure_value(each) for each in figures}
        then, said = self._opened.setdefault(scenario, (now, say("when_opened")))
        self.figures = [_card(each, then.get(each.label, "")) for each in figures[:MOST_FIGURES]]
        self.before = said if any(each["before"] for each in self.figures) else ""
        self.rules = _rules(findings)

    def recorded(self, scenario: str, figures: Iterable[KeyFigure]) -> None:
        """Hold later figures against these, which were put on record."""
        self._opened[scenario] = ({each.label: figure_value(each) for each in figures}, say("as_recorded"))

    def static_html(self) -> str:
        """Return step, scenario and figures for pages without a kernel."""
        name = next((each["name"] for each in self.scenarios if each["id"] == self.scenario), "")
        said = ". ".join(filter(None, (self.step.get("said", ""), f"{self.words['scenario']}: {name}" if name else "")))
        shown = ", ".join(f"{each['label']} {each['value']}" for each in self.figures)
        return html.paragraph(said, soft=True) + (f'<p class="wb-note">{escape(shown)}</p>' if shown else "")

    def _heard(self, _widget: Strip, message: dict[str, Any], _buffers: object) -> None:
        name = message.get("do")
        if name in self._does:
            self.press(str(name), *(str(message[part]) for part in ("with",) if part in message))


def _card(figure: KeyFigure, then: str) -> dict[str, str]:
    now, change = figure_value(figure), figure_change(figure)
    told = (figure_interval(figure), figure.period, figure.population, figure.note)
    return {
        "label": figure.label,
        "value": now,
        "before": then if then != now else "",
        "change": change,
        "period": figure.period,
        "told": ". ".join(filter(None, told)),
    }


def _rules(findings: Iterable[Finding]) -> dict[str, str]:
    """Count rules met and not; those set aside are said apart, because they are neither."""
    counts = Counter("aside" if each.waiver is not None else each.verdict for each in findings)
    if not counts:
        return {}
    met = sum(counts[verdict] for verdict in _MET)
    judged = met + sum(counts[verdict] for verdict, _, _ in _OPEN)
    said = [say(key, n=counts[verdict]) for verdict, key, _ in _OPEN if counts[verdict]]
    said += [say("set_aside", n=counts["aside"])] if counts["aside"] else []
    tone = next((tone for verdict, _, tone in _OPEN if counts[verdict]), "ok")
    return {
        "label": say("rules"),
        "met": say("met", met=met, of=judged),
        "open": ", ".join(said),
        "tone": tone,
        "told": say("rules_told"),
    }
