"""The panel of a declared stage: its view drawn as widgets, with nothing of its own but the order of drawing."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from workbench.rendering import html
from workbench.rendering.controls import (
    button,
    checkbox,
    choice,
    choice_matrix,
    choices,
    number_box,
    number_grid,
    row,
    show,
    show_grid,
    show_matrix,
    text_area,
    text_box,
)
from workbench.rendering.panel import StagePanel
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.contract import stage
from workbench.stages.view import (
    CURRENCY,
    NOTHING,
    Figures,
    FindingsOf,
    KeyFigures,
    Matrix,
    Message,
    Said,
    TableOf,
    changes_at,
    field_view,
    read_value,
    shown_value,
    value_at,
    without_tone,
)
from workbench.text import words_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.rendering.section import Section
    from workbench.rendering.session import Session
    from workbench.stages.contract import Stage
    from workbench.stages.view import Action, FieldView, Free, Grid, Part, SectionView, View


_TOLD = ("intro", "hint")  # what stands under a section's title; the hint is for the hand, and pages leave it out


class DeclaredPanel(StagePanel):
    """The panel of a stage that declares what it shows; each section is an attribute by its key.

    `settings` are the controls by the path of their field, `grids` and `buttons` those by their key, `free` the parts
    the stage draws itself.
    """

    decision: Any
    result: Any

    def __init__(self, session: Session, stage: Stage) -> None:
        self.stage_key = stage.key  # type: ignore[misc]  # a panel of its own class says it once for all
        self.view: View = stage.module.VIEW
        self.leading = self.view.leading  # type: ignore[misc]
        self.settings: dict[str, Any] = {}
        self.free: dict[str, Any] = {}
        self._fields: dict[str, FieldView] = {}
        self._blocks: list[tuple[HtmlBlock, Part]] = []
        self.grids: dict[str, Any] = {}
        self.buttons: dict[str, Any] = {}
        self._grids: list[Grid | Matrix] = []
        self._actions: list[Action] = []
        super().__init__(session)

    def build(self) -> None:
        """Make the controls and sections the view declares."""
        for each in self.view.sections:
            setattr(self, each.key, self._section(each))

    def refresh(self) -> None:
        """Show the decision in the controls, and what is said of the result."""
        for path, control in self.settings.items():
            self._show_setting(self._fields[path], control)
        for grid in self._grids:
            self._show_grid(grid, self.grids[grid.key])
        for action in self._actions:
            is_here = action.shown is None or action.shown(self.decision, self.result)
            self.buttons[action.key].layout.display = None if is_here else "none"
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
        controls += [self._grid(each) for each in declared.grids]
        controls += [row(*buttons)] * bool(buttons) + [self.free[each.key].widget for each in declared.free]
        return self.section(
            self._words("sections", declared.key, "title"),
            controls=controls,
            parts=[self._part(part) for part in declared.parts],
            intro=" ".join(filter(None, (self._words("sections", declared.key, part, default="") for part in _TOLD))),
        )

    def _part(self, part: Part | tuple[Part, ...]) -> Any:  # noqa: ANN401 - a widget, a figure's place or several of them
        if isinstance(part, tuple):
            return tuple(self._part(each) for each in part)
        if isinstance(part, KeyFigures):
            return self.key_figures
        if isinstance(part, Figures):
            return tuple(self.figure_view(key) for key in part.keys)
        block = HtmlBlock(role="status" if isinstance(part, FindingsOf) else "")
        self._blocks.append((block, part))
        return block

    def _setting(self, path: str) -> Any:  # noqa: ANN401 - a control of any kind
        made = field_view(self.stage.package, self.stage.module.Decision, path)
        self._fields[path] = made
        is_choice = made.kind == "choice" or path in self.view.options
        self.settings[path] = _control(made, self._unit(made), self.change(made.label, self._changes(made)), is_choice)
        return self.settings[path]

    def _changes(self, made: FieldView) -> Callable[[Any], dict[str, Any]]:
        def changes(value: Any) -> dict[str, Any]:  # noqa: ANN401 - the control's value
            read = read_value(made, value)
            if made.path in self.view.changes:
                return dict(self.view.changes[made.path](self.decision, self.result, read))
            return {**changes_at(self.decision, made.path, read), **dict.fromkeys(made.setting.resets)}

        return changes

    def _unit(self, made: FieldView) -> str:
        if made.path in self.view.units:
            return self.view.units[made.path](self.result) if self.has_result else ""
        return self.session.study.currency if made.unit == CURRENCY else made.unit

    def _show_setting(self, made: FieldView, control: Any) -> None:  # noqa: ANN401 - of any kind
        here = all(value_at(self.decision, path) == wanted for path, wanted in made.setting.shown_when.items())
        control.layout.display = None if here else "none"
        path = made.path
        is_own = path in self.view.values
        value = self.view.values[path](self.decision, self.result) if is_own else value_at(self.decision, path)
        if path in self.view.options:
            options = self.view.options[path](self.result)
            several = isinstance(value, tuple)
            shown = value if several else shown_value(made, value)
            kept = {} if several or shown in options.values() else {str(shown): shown}
            show(control, shown, options={**options, **kept})
        elif made.kind == "number":
            show(control, shown_value(made, value), unit=self._unit(made))
        else:
            show(control, shown_value(made, value))

    def _grid(self, declared: Grid | Matrix) -> Any:  # noqa: ANN401 - one of two widgets
        def changed(cells: Any) -> dict[str, Any]:  # noqa: ANN401 - numbers, or what is on
            return dict(declared.changes(self.decision, self.result, cells))

        title, heading = (self._words("grids", declared.key, name) for name in ("title", "rows"))
        on_change = self.change(title, changed)
        made: Any
        if isinstance(declared, Matrix):
            made = choice_matrix(title, (), (), {}, row_heading=heading, on_change=on_change)
        else:
            made = number_grid(title, (), (), (), row_heading=heading, on_change=on_change)
        self._grids.append(declared)
        self.grids[declared.key] = made
        return made

    def _show_grid(self, declared: Grid | Matrix, made: Any) -> None:  # noqa: ANN401 - as above
        held = (self.decision, self.result)
        rows: Any = declared.rows(*held)
        columns: Any = declared.columns(*held)
        if isinstance(declared, Matrix):
            show_matrix(made, rows, columns, declared.value(*held))
        else:
            show_grid(made, rows, columns, declared.cells(*held))
        made.layout.display = None if rows and columns else "none"

    def _button(self, action: Action) -> Any:  # noqa: ANN401 - a button
        made = button(
            self._words("actions", action.key, "label"),
            self.guarded(lambda: self.act(action)),
            tooltip=self._words("actions", action.key, "help", default=""),
            primary=action.primary,
        )
        self._actions.append(action)
        self.buttons[action.key] = made
        return made

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
        told = [each for each in part.say(self.result) if each]
        if part.folded:
            return html.details(self._words("captions", part.key), html.lines(map(without_tone, told))) if told else ""
        return "".join(
            html.message(each.text, each.tone) if isinstance(each, Message) else html.paragraph(each) for each in told
        )

    def _table(self, part: TableOf) -> str:
        table = part.of(self.result)
        if table is None:
            return ""
        caption = part.caption(self.result) if part.caption else self._words("captions", part.key, default="")
        most: dict[str, Any] = {} if part.most_rows is None else {"most_rows": part.most_rows}
        return html.details(caption, html.table(table, **most)) if part.folded else html.table(table, caption, **most)

    def _words(self, *path: str, default: str | None = None) -> str:
        return words_at(self.stage.package, *path, default=default)


def _made(part: Free, panel: DeclaredPanel) -> Any:  # noqa: ANN401 - whatever the stage draws itself
    module, _, name = part.home.partition(":")
    return getattr(importlib.import_module(module), name)(panel)


def _control(made: FieldView, unit: str, on_change: Callable[[Any], None], is_choice: bool) -> Any:  # noqa: ANN401 - a control of any kind
    if is_choice and made.kind == "list":
        return choices(made.label, (), rows=5, on_change=on_change)
    if is_choice:
        options = made.options or {"": NOTHING}
        return choice(made.label, options, next(iter(options.values())), on_change=on_change)
    if made.kind == "checkbox":
        return checkbox(made.label, on_change=on_change)
    if made.setting.lines > 1:
        return text_area(made.label, rows=made.setting.lines, placeholder=made.help, on_change=on_change)
    if made.kind in ("text", "list"):
        return text_box(made.label, placeholder=made.help, on_change=on_change)
    setting = made.setting
    return number_box(
        made.label, minimum=made.minimum, maximum=made.maximum, step=setting.step, unit=unit, whole=made.whole,
        optional=made.optional, slider=setting.slider, slider_end=setting.slider_end, note=made.help,
        on_change=on_change,
    )  # fmt: skip


def open_stage(session: Session, key: str) -> StagePanel:
    """Open the panel of a stage on a session.

    Parameters
    ----------
    session
        What `open_study` returned.
    key
        The stage's key.

    Returns
    -------
    StagePanel
        The panel, with a section for each key its view declares; shown alone, it shows all of them.

    Raises
    ------
    KeyError
        When there is no such stage; it lists those there are.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from workbench import CustomerBase, Session, Study, open_stage
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> folder = tempfile.mkdtemp()
    >>> panel = open_stage(Session(folder, Study.new("acme", "data").save(folder), base=base), "model_fit")
    >>> panel.choose.title
    'Weigh and choose'
    """
    found = stage(key)
    own = getattr(found.module, "open_panel", None)
    opened: StagePanel = DeclaredPanel(session, found) if own is None else own(session)
    return opened
