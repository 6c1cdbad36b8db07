"""The panel of a declared stage: its view drawn as widgets, with nothing of its own but the order of drawing."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from workbench.rendering import html
from workbench.rendering.controls import (
    button,
    checkbox,
    choice,
    number_box,
    row,
    share_typed,
    show,
    text_box,
    typed_percent,
)
from workbench.rendering.panel import StagePanel
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.contract import stage
from workbench.stages.view import (
    CURRENCY,
    Figures,
    FindingsOf,
    Free,
    KeyFigures,
    Said,
    TableOf,
    changes_at,
    field_view,
    value_at,
)
from workbench.text import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.rendering.section import Section
    from workbench.rendering.session import Desk
    from workbench.stages.contract import Stage
    from workbench.stages.view import Action, FieldView, Part, SectionView, View


class DeclaredPanel(StagePanel):
    """The panel of a stage that declares what it shows; each section is an attribute by its key.

    `settings` are the controls by the path of their field, `free` the parts the stage draws itself.
    """

    def __init__(self, desk: Desk, stage: Stage) -> None:
        self.stage_key = stage.key  # type: ignore[misc]  # a panel of its own class says it once for all
        self.view: View = stage.module.VIEW
        self.leading = self.view.leading  # type: ignore[misc]
        self.settings: dict[str, Any] = {}
        self.free: dict[str, Any] = {}
        self._fields: dict[str, FieldView] = {}
        self._blocks: list[tuple[HtmlBlock, Part]] = []
        super().__init__(desk)

    def build(self) -> None:
        """Make the controls and sections the view declares."""
        for each in self.view.sections:
            setattr(self, each.key, self._section(each))

    def refresh(self) -> None:
        """Show the decision in the controls, and what is said of the result."""
        for path, control in self.settings.items():
            _show_field(control, self._fields[path], self.decision, self._unit(self._fields[path]))
        for part in self.free.values():
            getattr(part, "refresh", lambda: None)()
        self._show_blocks(tables=False)

    def refresh_tables(self) -> None:
        """Show the tables, which may come a moment later."""
        self._show_blocks(tables=True)

    def act(self, action: Action) -> None:
        """Do what a button does: replace the fields its declaration names."""
        self.revise(self._words("actions", action.key, "label"), **action.changes(self.decision, self.result))

    def _section(self, declared: SectionView) -> Section:
        controls = [row(*(self._setting(path) for path in paths)) for paths in declared.settings]
        buttons = [self._button(action) for action in declared.actions]
        for each in declared.free:
            self.free[each.key] = _made(each, self)
        controls += [row(*buttons)] * bool(buttons) + [self.free[each.key].widget for each in declared.free]
        return self.section(
            self._words("sections", declared.key, "title"),
            controls=controls,
            parts=[self._part(part) for part in declared.parts],
            intro=self._words("sections", declared.key, "intro", default=""),
        )

    def _part(self, part: Part | tuple[Part, ...]) -> Any:  # noqa: ANN401 - a widget, a figure's place or several of them
        if isinstance(part, tuple):
            return tuple(self._part(each) for each in part)
        if isinstance(part, KeyFigures):
            return self.key_figures
        if isinstance(part, Figures):
            return tuple(self.figure_view(key) for key in part.keys)
        if isinstance(part, Free):
            self.free[part.key] = _made(part, self)
            return self.free[part.key]
        block = HtmlBlock(role="status" if isinstance(part, FindingsOf) else "")
        self._blocks.append((block, part))
        return block

    def _setting(self, path: str) -> Any:  # noqa: ANN401 - a control of any kind
        made = field_view(self.stage.package, self.stage.module.Decision, path)
        self._fields[path] = made
        self.settings[path] = _control(made, self._unit(made), self._taken(made))
        return self.settings[path]

    def _taken(self, made: FieldView) -> Callable[[Any], None]:
        def changes(value: Any) -> dict[str, Any]:  # noqa: ANN401 - the control's value
            read = share_typed(value) if made.is_share else int(value) if made.whole and value is not None else value
            return changes_at(self.decision, made.path, read)

        return self.change(made.label, changes)

    def _unit(self, made: FieldView) -> str:
        return self.desk.study.currency if made.unit == CURRENCY else made.unit

    def _button(self, action: Action) -> Any:  # noqa: ANN401 - a button
        tooltip = self._words("actions", action.key, "help", default="")
        return button(
            self._words("actions", action.key, "label"), self.guarded(lambda: self.act(action)), tooltip=tooltip
        )

    def _show_blocks(self, *, tables: bool) -> None:
        for block, part in self._blocks:
            if isinstance(part, TableOf) == tables:
                block.show(self._drawn(part))

    def _drawn(self, part: Part) -> str:
        if isinstance(part, TableOf):
            return self._table(part)
        if isinstance(part, FindingsOf):
            return html.finding_list(each for each in self.all_findings() if each.rule_id in part.rules)
        assert isinstance(part, Said)  # noqa: S101 - all other kinds have places of their own
        told = [text for text in part.say(self.result) if text]
        if part.folded:
            return html.details(self._words("captions", part.key), html.lines(told)) if told else ""
        return "".join(html.message(text, part.tone) if part.tone else html.paragraph(text) for text in told)

    def _table(self, part: TableOf) -> str:
        table, caption = part.of(self.result), self._words("captions", part.key, default="")
        if table is None:
            return ""
        most: dict[str, Any] = {} if part.most_rows is None else {"most_rows": part.most_rows}
        return html.details(caption, html.table(table, **most)) if part.folded else html.table(table, caption, **most)

    def _words(self, *path: str, default: str | None = None) -> str:
        return words(self.stage.package, *path, default=default)


def _made(part: Free, panel: DeclaredPanel) -> Any:  # noqa: ANN401 - whatever the stage draws itself
    module, _, name = part.home.partition(":")
    return getattr(importlib.import_module(module), name)(panel)


def _control(made: FieldView, unit: str, on_change: Callable[[Any], None]) -> Any:  # noqa: ANN401 - a control of any kind
    if made.kind == "choice":
        return choice(made.label, made.options, next(iter(made.options.values())), on_change=on_change)
    if made.kind == "checkbox":
        return checkbox(made.label, on_change=on_change)
    if made.kind == "text":
        return text_box(made.label, placeholder=made.help, on_change=on_change)
    setting = made.setting
    return number_box(
        made.label, minimum=made.minimum, maximum=made.maximum, step=setting.step, unit=unit, whole=made.whole,
        optional=made.optional, slider=setting.slider, slider_end=setting.slider_end, note=made.help,
        on_change=on_change,
    )  # fmt: skip


def _show_field(control: Any, made: FieldView, decision: Any, unit: str) -> None:  # noqa: ANN401 - of any stage
    value = value_at(decision, made.path)
    here = all(value_at(decision, path) == wanted for path, wanted in made.setting.shown_when.items())
    control.layout.display = None if here else "none"
    if made.kind != "number":
        show(control, value)
        return
    shown = None if value is None else float(value)
    show(control, typed_percent(shown) if made.is_share else shown, unit=unit)


def open_stage(desk: Desk, key: str) -> StagePanel:
    """Open the panel of a stage on a desk.

    Parameters
    ----------
    desk
        What `open_study` returned.
    key
        The stage's key; KeyError lists those there are.
    """
    found = stage(key)
    own = getattr(found.module, "open_panel", None)
    opened: StagePanel = DeclaredPanel(desk, found) if own is None else own(desk)
    return opened
