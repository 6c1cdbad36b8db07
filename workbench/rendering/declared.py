"""The panel of a declared stage: its view drawn as widgets, with nothing of its own but the order of drawing."""

from __future__ import annotations

import importlib
from functools import partial
from itertools import groupby
from mimetypes import guess_type
from typing import TYPE_CHECKING, Any

from workbench.rendering import html
from workbench.rendering.controls import (
    button,
    choice,
    choice_matrix,
    column,
    number_grid,
    row,
    show,
    show_grid,
    show_matrix,
)
from workbench.rendering.panel import StagePanel
from workbench.rendering.parts import (
    Begun,
    Drawn,
    FieldControl,
    FreeForm,
    MadeFigures,
    Several,
    Titled,
    in_tabs,
    offer_pages,
)
from workbench.rendering.section import flat, guarded, working
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.contract import stage
from workbench.stages.view import (
    NOTHING,
    TRIED,
    Action,
    Figures,
    FiguresOf,
    FindingsOf,
    Free,
    Grid,
    KeyFigures,
    Matrix,
    Message,
    Notes,
    Said,
    TableOf,
    Under,
    Work,
    changes_at,
    every_part,
    field_view,
    read_value,
    table_caption,
)
from workbench.study.model import Scenario
from workbench.text import texts, words_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from workbench.rendering.section import Section
    from workbench.rendering.session import Session
    from workbench.results import KeyFigure
    from workbench.stages.contract import Stage
    from workbench.stages.view import FieldView, Items, Made, Parts, SectionView, View
    from workbench.study.model import FrozenModel

say = texts(__name__)

_TOLD = ("intro", "hint")  # what stands under a section's title; the hint is for the hand, and pages leave it out
_BYTES = "application/octet-stream"
_ROWS_MADE = 50
_BESIDE_BOXES = "20px 0 0 0"  # buttons stand beside boxes, below the height of the labels
_COMPACT = {"text": "150px", "choice": "150px", "checkbox": "165px"}  # where every item has a row
# --- One action and one grid, for a decision or an item of a list


class _Form(dict[str, FieldControl]):
    """A control for each field of a form; `on_change` hears that one was changed."""

    def __init__(
        self,
        panel: DeclaredPanel,
        form: type[FrozenModel] | None,
        options: Mapping[str, Callable[..., Mapping[str, object]]],
        on_change: Callable[[Any], None] | None = None,
    ) -> None:
        super().__init__()
        self._panel, self._form = panel, form
        for name in () if form is None else form.model_fields:
            made = field_view(panel.stage.package, form, name)  # type: ignore[arg-type]  # none has no fields
            self[name] = FieldControl(made, on_change, options=options.get(name))

    def offer(self) -> None:
        """Show what can be entered."""
        for each in self.values():
            each.offer((self._panel.result,), self._panel.session.study.currency)

    def filled(self) -> tuple[FrozenModel, ...]:
        """Return the form as it is filled in, nothing where there is none."""
        if self._form is None:
            return ()
        return (self._form(**{name: each.entered() for name, each in self.items()}),)

    def empty(self) -> None:
        """Empty what was entered; what was chosen stays."""
        for each in self.values():
            each.empty(self._form())  # type: ignore[misc]  # as above


class _Button(Drawn):
    """A button with its form; `given` returns what its functions are given after decision and result, None for none."""

    def __init__(self, panel: DeclaredPanel, action: Action, given: Callable[[], tuple[Any, ...] | None]) -> None:
        self.action, self.given, self._panel = action, given, panel
        package = panel.stage.package
        self.form = _Form(panel, action.form, action.options)
        label = words_at(package, "actions", action.key, "label")
        tooltip = words_at(package, "actions", action.key, "help", default="")
        self.button = button(label, panel.guarded(self.press), tooltip=tooltip, primary=action.primary)
        self.widget = row(*(each.widget for each in self.form.values()), self.button) if self.form else self.button
        self.button.layout.margin = _BESIDE_BOXES if self.form else None
        self.made = HtmlBlock(role="status")
        if action.makes is not None:
            self.widget = column(self.widget, self.made)
        self._shown = self.widget.layout.display

    def press(self) -> None:
        """Do what the button does, with what stands in its form."""
        given = self.given()
        if given is not None:
            self._panel.act(self.action, *given, *self.form.filled(), made=self.made)
            if not self.action.keeps:
                self.form.empty()

    def refresh(self) -> None:
        """Show what can be entered, and the button only where it can be pressed."""
        panel, given = self._panel, self.given()
        held = (panel.decision, panel.result, *(given or ()))
        is_here = given is not None and (self.action.shown is None or self.action.shown(*held))
        self.widget.layout.display = self._shown if is_here else "none"
        if is_here:
            self.form.offer()


class _Table(Drawn):
    """A grid or a matrix to fill in, with the list of its pages above where it has any.

    One that changes nothing keeps what is typed until other numbers come to stand there.
    """

    def __init__(
        self, panel: DeclaredPanel, declared: Grid | Matrix, given: Callable[[], tuple[Any, ...] | None]
    ) -> None:
        self.declared, self._panel, self._given = declared, panel, given
        package = panel.stage.package
        title, heading = (words_at(package, "grids", declared.key, name) for name in ("title", "rows"))
        on_change = panel.guarded(self._typed) if declared.changes is None else panel.change(title, self._changed)
        if isinstance(declared, Grid) and declared.keeps_typed:
            on_change = guarded(lambda cells: panel.revise(title, **self._changed(cells)), panel.status)
        self._shown: object = None
        self.told = HtmlBlock(role="status")
        self.pages = None if declared.pages is None else panel.pages_of("grids", declared.key, self.refresh)
        self.grid: Any
        if isinstance(declared, Matrix):
            self.grid = choice_matrix(title, (), (), {}, row_heading=heading, on_change=on_change)
        else:
            self.grid = number_grid(title, (), (), (), row_heading=heading, on_change=on_change)
        actions = declared.actions if isinstance(declared, Grid) else ()
        self.actions = [panel.button_of(each, lambda: (self.grid.value,), each.key) for each in actions]
        above = () if self.pages is None else (self.pages,)
        below = (self.told, row(*(each.widget for each in self.actions))) if actions else ()
        self.widget = column(*above, self.grid, *below) if above or below else self.grid
        self._display = self.widget.layout.display

    def refresh(self) -> None:
        """Show rows, columns and cells of the page or item chosen; nothing without rows."""
        declared, held = self.declared, (self._panel.decision, self._panel.result)
        if self.pages is not None and declared.pages is not None:
            offer_pages(self.pages, declared.pages(*held))
        given = self._more()
        rows: Any = () if given is None else declared.rows(*held, *given)
        columns: Any = () if given is None else declared.columns(*held, *given)
        if given is not None and isinstance(declared, Matrix):
            show_matrix(self.grid, rows, columns, declared.value(*held, *given))
        elif given is not None and not isinstance(declared, Matrix):
            cells = declared.cells(*held, *given)
            if declared.changes is not None or self._shown != (rows, columns, cells):
                show_grid(self.grid, rows, columns, cells)
            self._shown = (rows, columns, cells)
        self.widget.layout.display = self._display if rows and columns else "none"
        for each in self.actions:
            each.refresh()

    def refresh_words(self) -> None:
        """Say what follows from the numbers as they stand."""
        declared = self.declared
        if isinstance(declared, Grid) and declared.says is not None and self.grid.rows:
            self.told.show("".join(map(html.paragraph, declared.says(self._panel.result, self.grid.value))))

    def _more(self) -> tuple[Any, ...] | None:
        given = self._given()
        return given if given is None or self.pages is None else (*given, self.pages.value)

    def _typed(self, _cells: object) -> None:
        self.refresh_words()

    def _changed(self, cells: Any) -> dict[str, Any]:  # noqa: ANN401 - numbers, or what is on
        assert self.declared.changes is not None  # noqa: S101 - otherwise it changes nothing
        return dict(self.declared.changes(self._panel.decision, self._panel.result, *(self._more() or ()), cells))


# --- The items of a list


class _Slot:
    """The controls of one item: its settings in rows, and what can be done with it."""

    def __init__(self, panel: DeclaredPanel, declared: Items, item: Callable[[], Any], key: str) -> None:
        self._panel, self._declared, self._item = panel, declared, item
        self.fields: dict[str, FieldControl] = {}
        self.said = HtmlBlock()
        remove = words_at(panel.stage.package, "items", declared.key, "remove", default=say("remove"))
        self.remove = self._button(remove, self.take_out, is_there=True)
        self.back = self._button("↑", lambda: self.move(-1), is_there=declared.moves, tooltip=say("earlier"))
        self.on = self._button("↓", lambda: self.move(1), is_there=declared.moves, tooltip=say("later"))
        self.buttons = tuple(each for each in (self.back, self.on, self.remove) if each is not None)
        self.actions = tuple(panel.button_of(each, self._given, f"{key}.{each.key}") for each in declared.actions)
        self.tables = tuple(panel.table_of(each, self._given, f"{key}.{each.key}") for each in declared.grids)
        rows = [tuple(self._setting(path) for path in paths) for paths in declared.settings]
        acting = tuple(each.widget for each in self.actions)
        if declared.at_once:
            self.widget = row(
                *(each for line in rows for each in line), *acting, row(*self.buttons, gap="4px"), gap="2px 18px"
            )
            self.widget.add_class("wb-card")
        else:
            under = (row(*acting),) if acting else ()
            said = () if declared.says is None else (self.said,)
            self.widget = column(*(row(*line) for line in rows), *under, *said)
            self.widget.layout.grid_gap = "8px"
        panel.settings |= {f"{key}.{path}": each.widget for path, each in self.fields.items()}
        panel.buttons |= {f"{key}.remove": self.remove, f"{key}.earlier": self.back, f"{key}.later": self.on}

    def refresh(self) -> None:
        """Show the item, or nothing where there is none."""
        panel, item, declared = self._panel, self._item(), self._declared
        self.widget.layout.display = "none" if item is None else "flex"
        items = declared.of(panel.decision)
        gone = {self.back: items[:1], self.on: items[-1:]}  # neither end can be passed
        for made in self.buttons:
            made.layout.display = "none" if item is None or item in gone.get(made, ()) else None
        acting: tuple[_Button | _Table, ...] = (*self.actions, *self.tables)
        for each in acting:
            each.refresh()
        if item is None:
            return
        for control in self.fields.values():
            label = f"{item.name}: {control.made.label.lower()}" if declared.at_once else ""
            control.show(item, (panel.result, item), panel.session.study.currency, label)
        if declared.says is not None:
            self.said.show("".join(html.paragraph(each, soft=True) for each in declared.says(panel.result, item)))

    def take_out(self) -> None:
        """Take the item out of the list."""
        item = self._item()
        done = say("removed", name=item.name)
        self._panel.revise(done, **self._declared.without(self._panel.decision, item.id))
        self._panel.offer_undo(done)

    def move(self, by: int) -> None:
        """Move the item in the list."""
        item = self._item()
        self._panel.revise(say("moved", name=item.name), **self._declared.moved(self._panel.decision, item.id, by))

    def _given(self) -> tuple[Any, ...] | None:
        item = self._item()
        return None if item is None else (item,)

    def _button(self, label: str, press: Callable[[], None], *, is_there: bool, tooltip: str = "") -> Any:  # noqa: ANN401
        if not is_there:
            return None
        made = button(label, self._panel.guarded(press), tooltip=tooltip)
        made.layout.margin, made.layout.width = _BESIDE_BOXES, "auto"
        return made

    def _setting(self, path: str) -> Any:  # noqa: ANN401 - a control
        declared = self._declared
        made = field_view(self._panel.stage.package, declared.part, path)

        def changed(value: Any) -> None:  # noqa: ANN401 - the control's value
            item = self._item()
            if item is not None:
                changes = declared.changed(
                    self._panel.decision, item.id, **changes_at(item, path, read_value(made, value)),
                    **dict.fromkeys(made.setting.resets),
                )  # fmt: skip
                self._panel.revise(f"{item.name}: {made.label.lower()}", **changes)

        control = FieldControl(
            made, self._panel.guarded(changed), options=declared.options.get(path), unit=declared.units.get(path),
            note=declared.notes.get(path),
        )  # fmt: skip
        self.fields[path] = control
        kind = "choice" if path in declared.options else made.kind
        if declared.at_once and kind in _COMPACT:
            control.widget.layout.width, control.widget.layout.min_width = _COMPACT[kind], "0"
        return control.widget


class ItemsEditor(Drawn):
    """The items of a list: a row for each, or a list to choose one from with its settings below."""

    def __init__(self, panel: DeclaredPanel, declared: Items) -> None:
        self._panel, self._declared = panel, declared
        key, package = declared.key, panel.stage.package
        self._known: tuple[str, ...] = ()
        self.which: Any = None
        if declared.at_once:
            self.slots = tuple(
                _Slot(panel, declared, partial(self._at, place), f"{key}.{place}") for place in range(declared.most)
            )
        else:
            self.which = choice(
                words_at(package, "items", key, "choose"), {"": NOTHING}, on_change=panel.guarded(self._turn)
            )
            self.slots = (_Slot(panel, declared, self.chosen, key),)
        self.add: Any = None
        if declared.make is not None:
            self.add = button(words_at(package, "items", key, "add", default=say("add")), panel.guarded(self.add_one))
            self.add.layout.margin = _BESIDE_BOXES
            panel.buttons[f"{key}.add"] = self.add
        heads = [] if self.which is None else [row(self.which, *self.slots[0].buttons)]
        self.widgets = (
            *heads, *(each.widget for each in self.slots), *(t.widget for s in self.slots for t in s.tables),
            *((self.add,) if self.add is not None else ()),
        )  # fmt: skip

    def chosen(self) -> Any:  # noqa: ANN401 - an item, None without any
        """Return the item chosen."""
        return next((each for each in self._items() if each.id == self.which.value), None)

    def add_one(self) -> None:
        """Put a new item at the end."""
        panel, declared = self._panel, self._declared
        if declared.make is not None:
            item = declared.make(panel.decision, panel.result)
            panel.revise(say("added", name=item.name), **declared.added(panel.decision, item))

    def refresh(self) -> None:
        """Show the items there are; an item that is new is the one chosen."""
        items, declared = self._items(), self._declared
        ids = tuple(each.id for each in items)
        if self.which is not None:
            new = [each for each in ids if each not in self._known]
            was = self.which.value
            kept = new[0] if len(new) == 1 and self._known else was if was in ids else next(iter(ids), NOTHING)
            none = words_at(self._panel.stage.package, "items", declared.key, "none", default=say("none_yet"))
            show(self.which, kept, options={each.name: each.id for each in items} or {none: NOTHING})
        self._known = ids
        if self.add is not None:
            self.add.layout.display = None if len(items) < declared.most else "none"
        for each in self.slots:
            each.refresh()

    def _items(self) -> tuple[Any, ...]:
        return self._declared.of(self._panel.decision)

    def _at(self, place: int) -> Any:  # noqa: ANN401 - an item, None where there are fewer
        items = self._items()
        return items[place] if place < len(items) else None

    def _turn(self, _chosen: object) -> None:
        for each in self.slots:
            each.refresh()


# --- The panel


class DeclaredPanel(StagePanel):
    """The panel of a stage that declares what it shows; each section is an attribute by its key.

    `settings` are the controls by the path of their field, `items` the editors of lists by theirs, `grids`, `buttons`,
    `made` (what they made), `forms` and `pages` those by their key, `blocks` what is said and tables by theirs, `free`
    the parts the stage draws itself. An item's controls are named after its list: `add_ons.price`, or `tiers.0.price`
    where all stand at once.
    """

    decision: Any
    result: Any

    def __init__(self, session: Session, stage: Stage) -> None:
        self.stage_key = stage.key  # type: ignore[misc]  # a panel of its own class says it once for all
        self.view: View = stage.module.VIEW
        self.leading = self.view.leading  # type: ignore[misc]
        self.against_today = self.view.against_today
        self.tried = None if self.view.tried is None else self.view.tried()
        self._rests = {each.key for each in self.view.sections if each.rests}
        late = (part for each in self.view.sections if each.rests for part in every_part(each.parts))
        self.resting = frozenset(key for part in late if isinstance(part, Figures) for key in part.keys)
        self.settings: dict[str, Any] = {}
        self.items: dict[str, ItemsEditor] = {}
        self.grids: dict[str, Any] = {}
        self.buttons: dict[str, Any] = {}
        self.made: dict[str, HtmlBlock] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.pages: dict[str, Any] = {}
        self.blocks: dict[str, HtmlBlock] = {}
        self._beside_charts = False
        self.free: dict[str, Any] = {}
        self._drawn: dict[str, list[Drawn]] = {}
        self._looked_at = {each.key for each in self.view.sections if not each.lazy}
        super().__init__(session)

    def build(self) -> None:
        """Make the controls and sections the view declares."""
        for each in self.view.sections:
            if hasattr(self, each.key) or each.key in ("findings", "record"):
                raise ValueError(f"a section has the key {each.key!r}, which every panel has; choose another")
            setattr(self, each.key, self._section(each))

    def recompute(self) -> None:
        """Work out the result of what the session holds now; what the eye follows is drawn at once."""
        super().recompute()
        for part in self._parts_looked_at():
            part.lead()

    def refresh(self) -> None:
        """Show the decision in the controls, and charts made of the result."""
        for part in self._parts_looked_at():
            part.refresh()

    def refresh_tables(self) -> None:
        """Show sentences and tables, which may come a moment later."""
        for part in self._parts_looked_at():
            part.refresh_words()

    def refresh_resting(self) -> None:
        """Show the sections that take long."""
        self._show_all(list(self._parts_looked_at(rests=True)))

    def act(self, action: Action, *given: Any, made: HtmlBlock | None = None) -> None:  # noqa: ANN401 - an item, a form
        """Do what a button does: replace the fields its declaration names, or show what it makes in a place."""
        if action.makes is not None:
            makes = _function(action.makes) if isinstance(action.makes, str) else action.makes
            found = makes(self.decision, self.result, *given)
            if made is not None:
                made.show(_made_links(found))
            self.status.say(found.told, "ok")
        changes = None if action.changes is None else action.changes(self.decision, self.result, *given)
        if changes is None:
            return
        note = self.words("actions", action.key, "label")
        if isinstance(changes, Scenario):
            self.status.clear()
            self.session.propose(changes, note)
        else:
            self.revise(note, **changes)

    @property
    def main_section(self) -> Section:
        """Return the section the stage's key figures stand in, beside charts where there are any."""
        parts = {each.key: set(map(type, every_part(each.parts))) for each in self.view.sections}
        told = [key for key, kinds in parts.items() if KeyFigures in kinds]
        drawn = [key for key in told if parts[key] & {Figures, FiguresOf}]
        main: Section = getattr(self, next(iter((*drawn, *told, *parts))))
        return main

    def button_of(self, action: Action, given: Callable[[], tuple[Any, ...] | None], name: str) -> _Button:
        """Return the button of an action with its form, known by a name."""
        made = _Button(self, action, given)
        self.buttons[name], self.made[name] = made.button, made.made
        self.forms[name] = {key: each.widget for key, each in made.form.items()}
        return made

    def table_of(self, declared: Grid | Matrix, given: Callable[[], tuple[Any, ...] | None], name: str) -> _Table:
        """Return a grid or a matrix, known by a name."""
        made = _Table(self, declared, given)
        self.grids[name] = made.grid
        return made

    def pages_of(self, kind: str, key: str, turn: Callable[[], None]) -> Any:  # noqa: ANN401 - a drop-down
        """Return the list of a part's pages; `turn` shows the one chosen."""
        self.pages[key] = choice(self.words(kind, key, "page"), {"": NOTHING}, on_change=self.guarded(lambda _: turn()))
        return self.pages[key]

    def _section(self, declared: SectionView) -> Section:
        settings = [[self._setting(path) for path in paths] for paths in declared.settings]
        for listed in declared.items:
            self.items[listed.key] = ItemsEditor(self, listed)
        items = [self.items[listed.key] for listed in declared.items]
        tables, buttons, free = (
            [self.part(each) for each in some] for some in (declared.grids, declared.actions, declared.free)
        )
        # A chart carries the section it stands in; what it is drawn from opens on demand.
        self._beside_charts = any(isinstance(each, Figures | FiguresOf) for each in every_part(declared.parts))
        parts = [self.part(each) for each in in_rows(declared.parts)]
        if declared.why_not is not None:
            parts = [Several(self, parts, declared.why_not)]
        made = [*flat(map(tuple, settings)), *items, *tables, *buttons, *free, *flat(parts)]
        self._drawn[declared.key] = [each for each in made if isinstance(each, Drawn)]
        return self.section(
            self.words("sections", declared.key, "title"),
            controls=[
                *(row(*(each.widget for each in some)) for some in settings),
                *(widget for each in items for widget in each.widgets),
                *(each.widget for each in tables),
                *([row(*(each.widget for each in buttons))] * bool(buttons)),
                *(each.widget for each in free),
            ],
            parts=in_tabs(parts),
            intro=" ".join(filter(None, (self.words("sections", declared.key, part, default="") for part in _TOLD))),
            finish=lambda: self.look(declared.key),
        )

    def part(self, part: Parts) -> Any:  # noqa: ANN401, C901, PLR0911 - a widget, a figure's place or several; one each
        """Return what draws a part, known by its key."""
        match part:
            case tuple():
                return tuple(flat(self.part(each) for each in part))
            case Notes():
                return self.notes
            case KeyFigures(of=None):
                return self.key_figures
            case Figures():
                return tuple(self.figure_view(key, table=part.tables) for key in part.keys)
            case FiguresOf():
                return MadeFigures(self, part.make)
            case Under():
                return Titled(self, self.words("captions", part.key), list(map(self.part, part.parts)), part.why_not)
            case Work():
                return self._begun(part)
            case Free():
                self.free[part.key] = _function(part.home)(self)
                return self._kept(FreeForm(self.free[part.key]))
            case Action():
                return self._kept(self.button_of(part, lambda: (), part.key))
            case Grid() | Matrix():
                made = self.table_of(part, lambda: (), part.key)
                return made if part.changes is None else self._kept(made)
        return _Block(self, part, folds=self._beside_charts)

    def _begun(self, part: Work) -> Begun:
        label, told = (self.words("actions", part.key, name, default="") for name in ("label", "help"))
        made = Begun(self, part, label, told, list(map(self.part, part.parts)))
        self.buttons[part.key] = made.begin
        return made

    def _kept(self, made: Drawn) -> Drawn:
        """Keep a control to be switched off for the baseline."""
        self._controls.append(made.widget)
        return made

    def _parts_looked_at(self, *, rests: bool = False) -> Iterator[Drawn]:
        here = {key for key in self._looked_at if (key in self._rests) == rests}
        return (part for key, parts in self._drawn.items() if key in here for part in parts)

    @property
    def figures_shown(self) -> tuple[KeyFigure, ...]:
        """Return the figures that stay in view: those of the result, else the first ones the view makes of it."""
        made = (part.of for part in self.view.every_part if isinstance(part, KeyFigures) and part.of is not None)
        of = next(made, None)
        return self.result.key_figures or (() if of is None else tuple(of(self.result)))

    @property
    def is_looked_at(self) -> bool:
        """Tell whether somebody has looked at a section, or nothing here waits for that."""
        return bool(self._looked_at)

    def look(self, key: str = "") -> None:
        """Bring a section up to date, that of findings or of the record without a key.

        One that is lazy is worked out when it is first looked at. A section waits for no other one that takes long.
        """
        if not key or key in self._rests or not self._rests:
            self.flush()
        else:
            self.finish_words()
        if self.has_result and key not in self._looked_at and (key or not self._looked_at):
            title = self.words("sections", key, "title") if key else self.stage.title
            with working(say("working_out", title=title)):
                is_first = not self._looked_at
                self._looked_at.add(key)
                if is_first:
                    self.show_again()
                    self.flush()
                self.guarded(self._show_all)(self._drawn.get(key, ()))

    def _show_all(self, parts: Sequence[Drawn]) -> None:
        for part in parts:
            part.lead()
            part.refresh()
            part.refresh_words()

    def _setting(self, path: str) -> Drawn:
        view, (home, rest) = self.view, self._home(path)
        form: Any = self.stage.module.Decision if not home else view.tried if home == TRIED else view.kept[home].form
        made, own = field_view(self.stage.package, form, rest, home=home), view.values.get(path)
        control = FieldControl(
            made, self.guarded(lambda value: self._change(path, home, made, value)), options=view.options.get(path),
            unit=view.units.get(path),
            value=None if own is None else lambda result: own(self.decision, result),
        )  # fmt: skip
        self.settings[path] = control.widget
        return _Setting(self, control, home)

    def _home(self, path: str) -> tuple[str, str]:
        """Return what keeps a field, "" for the decision, and the field's path there."""
        name, _, rest = path.partition(".")
        return (name, rest) if name in self.view.kept or (name == TRIED and self.view.tried) else ("", path)

    def document(self, home: str) -> Any:  # noqa: ANN401 - a document of any kind
        """Return what keeps settings: the decision, a part of the study, or what is tried out."""
        if home in self.view.kept:
            return self.view.kept[home].read(self.session.study)
        return self.tried if home == TRIED else self.decision

    def _change(self, path: str, home: str, made: FieldView, value: Any) -> None:  # noqa: ANN401 - the control's value
        read = read_value(made, value)
        if path in self.view.changes:
            changes = dict(self.view.changes[path](self.decision, self.result, read))
        else:
            changes = {**changes_at(self.document(home), made.path, read), **dict.fromkeys(made.setting.resets)}
        if home == TRIED:
            self.try_out(**changes)
        elif home:
            self.status.clear()
            note = self.words("kept", home, default=made.label)
            self.session.propose(self.view.kept[home].keep(self.session.study, changes), note)
        else:
            self.revise(made.label, **changes)

    def words(self, *path: str, default: str | None = None) -> str:
        """Return words of the stage's text."""
        return words_at(self.stage.package, *path, default=default)


# --- The parts of a section as widgets


class _Setting(Drawn):
    """A field of the decision, or of what else keeps it."""

    def __init__(self, panel: DeclaredPanel, control: FieldControl, home: str) -> None:
        self._panel, self._control, self._home, self.widget = panel, control, home, control.widget

    def refresh(self) -> None:
        """Show what it holds."""
        panel = self._panel
        self._control.show(panel.document(self._home), (panel.result,), panel.session.study.currency)


class _Block(Drawn):
    """Sentences, a table, key figures or findings; what can be chosen or tried stands above."""

    def __init__(self, panel: DeclaredPanel, part: Said | TableOf | FindingsOf | KeyFigures, *, folds: bool) -> None:
        self._panel, self._part, self._folds = panel, part, folds
        self.block = HtmlBlock(role="" if isinstance(part, Said | TableOf) else "status", explains=True)
        above: list[Any] = []
        if isinstance(part, TableOf) and part.pages is not None:
            above.append(panel.pages_of("pages", part.key, self.refresh_words))
        form, options = (part.form, part.options) if isinstance(part, Said) else (None, {})
        self.form = _Form(panel, form, options, panel.guarded(lambda _: self.refresh_words()))
        if isinstance(part, Said) and self.form:
            panel.forms[part.key] = {key: each.widget for key, each in self.form.items()}
            above.append(row(*panel.forms[part.key].values()))
        if isinstance(part, Said | TableOf):
            panel.blocks[part.key] = self.block
        self.widget = column(*above, self.block) if above else self.block

    def refresh(self) -> None:
        """Show what can be tried."""
        self.form.offer()

    def refresh_words(self) -> None:
        """Show the words as they are now."""
        part, panel = self._part, self._panel
        if isinstance(part, TableOf):
            self.block.show(self._table(part))
        elif isinstance(part, KeyFigures):
            self.block.show(html.key_figure_cards(() if part.of is None else part.of(panel.result)))
        elif isinstance(part, FindingsOf):
            self.block.show(html.finding_list(each for each in panel.all_findings() if each.rule_id in part.rules))
        else:
            self.block.show(self._said(part))

    def _said(self, part: Said) -> str:
        told = part.of(self._panel.result, *self.form.filled())
        if part.folded:
            title = self._panel.words("captions", part.key)
            plain = (each.text if isinstance(each, Message) else each for each in told)
            return html.details(title, html.lines(plain)) if told else ""
        return "".join(
            html.message(each.text, each.tone) if isinstance(each, Message) else html.paragraph(each) for each in told
        )

    def _table(self, part: TableOf) -> str:
        panel, result, page = self._panel, self._panel.result, tuple[Any, ...]()
        if part.pages is not None:
            offer_pages(panel.pages[part.key], part.pages(result))
            page = (panel.pages[part.key].value,)
        table = part.of(result, *page)
        if table is None:
            return ""
        caption = table_caption(panel.stage.package, part, result)
        link = ""
        if part.saved is not None:
            link = html.csv_link(part.saved(table), f"{part.key}.csv", table)
        is_folded = bool(caption) and (part.folded or (self._folds and not part.stays_open))
        shown = html.table(table, "" if is_folded else caption, most_rows=part.most_rows or html.MOST_ROWS)
        return html.details(caption, link + shown) if is_folded else link + shown


def in_rows(parts: Sequence[Parts]) -> Iterator[Parts]:
    """Go through parts, with figures that follow each other in one row, which wraps where there is no room."""
    for are_figures, some in groupby(parts, lambda part: isinstance(part, Figures)):
        if are_figures:
            yield Figures(tuple(key for part in some if isinstance(part, Figures) for key in part.keys))
        else:
            yield from some


def _function(named: str) -> Any:  # noqa: ANN401 - what stands under the name
    """Return what a declaration names as module:name."""
    module, _, name = named.partition(":")
    return getattr(importlib.import_module(module), name)


def _made_links(made: Made) -> str:
    """Write what a button made: a link for each file, and the table."""
    links = "".join(
        f"<p>{html.download(label, name, content, guess_type(name)[0] or _BYTES)}</p>"
        for label, name, content in made.files
    )
    return links + html.table(made.table, made.caption, most_rows=_ROWS_MADE)


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
    with working(say("working_out", title=found.title)):
        opened: StagePanel = DeclaredPanel(session, found) if own is None else own(session)
    return opened
