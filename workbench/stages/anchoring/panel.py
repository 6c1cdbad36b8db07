"""The form of what sets us apart: a new item with its range and what drives it, and one to take out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import one_unit
from workbench.rendering.controls import button, choice, column, number_box, row, show, text_box
from workbench.stages.anchoring.decision import with_item, without_item
from workbench.stages.anchoring.view import item_name
from workbench.stages.offers import PER_ACCOUNT
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.rendering.declared import DeclaredPanel

say = texts(__name__)


class ItemForm:
    """Name, range, what it is worth for and where, and a list to take an item out of."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.name = text_box("New item", placeholder=say("such_as_no_analyst_needed"))
        self.low = number_box("Low", optional=True)
        self.high = number_box("High", optional=True)
        self.per = choice("Worth for each", {PER_ACCOUNT: PER_ACCOUNT})
        self.counted = text_box(say("or_for_each_thing_counted"), placeholder="such as: report")
        self.profile = choice("It holds for", {"every profile": ""})
        self.add = button("Add item", panel.guarded(self.add_item), primary=True)
        self.gone = choice("Item to remove", {"none": None})
        self.remove = button("Remove item", panel.guarded(self.remove_item))
        self.add_form = row(self.name, self.low, self.high, self.per, self.counted, self.profile, self.add)
        self.remove_form = row(self.gone, self.remove)
        for form in (self.add_form, self.remove_form):
            form.layout.align_items = "flex-end"
        self.widget = column(self.add_form, self.remove_form)

    def add_item(self) -> None:
        """Add the item typed into the form; StudyError says what it lacks."""
        low, high, profile = self.low.value, self.high.value, self.profile.value
        per = self.counted.value.strip() or self.per.value
        decision = self._panel.decision
        self._panel.revise(
            "Differentiation added", **with_item(decision, self.name.value, low, high, per=per, profile=profile)
        )
        for words in (self.name, self.counted):
            show(words, "")
        for end in (self.low, self.high):
            show(end, None)

    def remove_item(self) -> None:
        """Remove the item chosen."""
        self._panel.revise("Differentiation removed", **without_item(self._panel.decision, self.gone.value))

    def refresh(self) -> None:
        """Show what an item may be worth for, and those there are."""
        decision, result = self._panel.decision, self._panel.result
        every = {"every profile": "", **{each.name: each.id for each in result.profiles}}
        kept = self.profile.value if self.profile.value in every.values() else ""
        show(self.profile, kept, options=every)
        metrics = dict.fromkeys(metric for each in result.profiles for metric in each.quantities)
        drivers = {PER_ACCOUNT: PER_ACCOUNT, **{one_unit(metric): metric for metric in metrics}}
        show(self.per, self.per.value if self.per.value in drivers.values() else PER_ACCOUNT, options=drivers)
        for end in (self.low, self.high):
            show(end, end.value, unit=f"{result.currency} a month")
        gone = _told_apart({each.id: item_name(each, result) for each in decision.differentiation})
        show(self.gone, next(iter(gone.values()), None), options=gone or {"none": None})
        self.remove_form.layout.display = "flex" if gone else "none"


def _told_apart(names: dict[str, str]) -> dict[str, str]:
    """Return names with the key each stands for; a name that comes again gets its number."""
    found: dict[str, str] = {}
    for place, (key, name) in enumerate(names.items()):
        found[f"{name} ({place + 1})" if name in found else name] = key
    return found
