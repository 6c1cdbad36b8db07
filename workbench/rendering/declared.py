"""The panel of a declared stage: its view drawn as widgets, with nothing of its own but the order of drawing."""

from __future__ import annotations

import importlib
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.outputs import as_csv
from workbench.pricing.round_prices import price_ceiling, price_step
from workbench.rendering import html
from workbench.rendering.controls import (
    button,
    checkbox,
    choice,
    choice_matrix,
    choices,
    column,
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
    is_at_hand,
    read_value,
    shown_value,
    value_at,
    without_tone,
)
from workbench.text import texts, words_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.rendering.section import Section
    from workbench.rendering.session import Session
    from workbench.stages.contract import Stage
    from workbench.stages.view import Action, FieldView, Free, Grid, Items, Part, SectionView, View
    from workbench.study.model import FrozenModel

say = texts(__name__)

_TOLD = ("intro", "hint")  # what stands under a section's title; the hint is for the hand, and pages leave it out
_BESIDE_BOXES = "20px 0 0 0"  # buttons stand beside boxes, below the height of the labels
_COMPACT = {"text": "150px", "choice": "150px", "checkbox": "165px"}  # where every item has a row
_LONG_TEXT = "430px"
_FIRST_END = 100.0  # of a slider that follows an amount, before there is one

# --- One field, one action and one grid, for a decision, an item of a list or a form


class FieldControl:
    """The control of one field: it shows what a document holds there, and hands on what a person enters.

    `options`, `unit`, `note` and `value` work out what the field alone cannot say, from what `show` is given.
    """

    def __init__(
        self,
        made: FieldView,
        on_change: Callable[[Any], None] | None = None,
        *,
        options: Callable[..., Mapping[str, object]] | None = None,
        unit: Callable[..., str] | None = None,
        note: Callable[..., str] | None = None,
        value: Callable[..., Any] | None = None,
    ) -> None:
        self.made = made
        self._options, self._unit, self._note, self._value = options, unit, note, value
        self._end = 0.0
        self.widget = _control(made, on_change, made.kind == "choice" or options is not None)

    def show(self, held: Any, given: tuple[Any, ...], currency: str, label: str = "") -> None:  # noqa: ANN401 - a document
        """Show what a document holds; `label` names a number where several of its kind stand together."""
        is_here = is_at_hand(held, self.made)
        self.widget.layout.display = None if is_here else "none"
        if not is_here:
            return
        value = value_at(held, self.made.path) if self._value is None else self._value(*given)
        if self._options is not None:
            several = isinstance(value, tuple)
            options, shown = self._options(*given), value if several else shown_value(self.made, value)
            kept = {} if several or shown in options.values() else {str(shown): shown}
            show(self.widget, shown, options={**options, **kept})
        elif self.made.kind == "number":
            shown = shown_value(self.made, value)
            traits = self._slider(shown) | ({"label": label} if label else {})
            show(self.widget, shown, **self._beside(given, currency), **traits)
        else:
            show(self.widget, shown_value(self.made, value))

    def offer(self, given: tuple[Any, ...], currency: str) -> None:
        """Show what can be entered in a form, keeping what was entered while it is still possible."""
        if self._options is not None:
            options = self._options(*given) or {"": NOTHING}
            values = list(options.values())
            show(self.widget, self.widget.value if self.widget.value in values else values[0], options=options)
        elif self.made.kind == "number":
            show(self.widget, self.widget.value, **self._beside(given, currency))

    def entered(self) -> Any:  # noqa: ANN401 - any field's value
        """Return what stands in the control, as the field's value."""
        return read_value(self.made, self.widget.value)

    def empty(self, form: FrozenModel) -> None:
        """Show the form's own value again; what is chosen from a list stays."""
        if self._options is None:
            show(self.widget, shown_value(self.made, value_at(form, self.made.path)))

    def _beside(self, given: tuple[Any, ...], currency: str) -> dict[str, str]:
        unit = currency if self.made.unit == CURRENCY else self.made.unit
        note = {} if self._note is None else {"note": self._note(*given)}
        return {"unit": unit if self._unit is None else self._unit(*given), **note}

    def _slider(self, amount: float | None) -> dict[str, Any]:
        """Return the end and the step of a slider that follows the amount."""
        if not _follows(self.made):
            return {}
        # The end moves only when the amount comes near it, so that it stands still under the hand.
        if amount is not None and not self._end * 0.02 <= amount <= self._end * 0.9:
            self._end = price_ceiling(amount)
        end = self._end or _FIRST_END
        return {"slider_end": end, "step": float(price_step(Decimal(str(end / 8))))}


class _Button:
    """A button with its form; `given` returns what its functions are given after decision and result, None for none."""

    def __init__(self, panel: DeclaredPanel, action: Action, given: Callable[[], tuple[Any, ...] | None]) -> None:
        self.action, self.given, self._panel = action, given, panel
        package = panel.stage.package
        fields = () if action.form is None else action.form.model_fields
        self.form = {
            name: FieldControl(field_view(package, action.form, name), options=action.options.get(name))
            for name in fields
            if action.form is not None
        }
        label = words_at(package, "actions", action.key, "label")
        tooltip = words_at(package, "actions", action.key, "help", default="")
        self.button = button(label, panel.guarded(self.press), tooltip=tooltip, primary=action.primary)
        self.widget = row(*(each.widget for each in self.form.values()), self.button) if self.form else self.button
        self.button.layout.margin = _BESIDE_BOXES if self.form else None
        self._shown = self.widget.layout.display

    def press(self) -> None:
        """Do what the button does, with what stands in its form."""
        given = self.given()
        if given is not None:
            self._panel.act(self.action, *given, *self._filled())
            if self.action.form is not None and not self.action.keeps:
                for each in self.form.values():
                    each.empty(self.action.form())

    def refresh(self) -> None:
        """Show what can be entered, and the button only where it can be pressed."""
        panel, given = self._panel, self.given()
        held = (panel.decision, panel.result, *(given or ()))
        is_here = given is not None and (self.action.shown is None or self.action.shown(*held))
        self.widget.layout.display = self._shown if is_here else "none"
        for each in self.form.values() if is_here else ():
            each.offer((panel.result,), panel.session.study.currency)

    def _filled(self) -> tuple[FrozenModel, ...]:
        if self.action.form is None:
            return ()
        return (self.action.form(**{name: each.entered() for name, each in self.form.items()}),)


class _Table:
    """A grid or a matrix to fill in, with the list of its pages above where it has any."""

    def __init__(
        self, panel: DeclaredPanel, declared: Grid | Matrix, given: Callable[[], tuple[Any, ...] | None]
    ) -> None:
        self.declared, self._panel, self._given = declared, panel, given
        package = panel.stage.package
        title, heading = (words_at(package, "grids", declared.key, name) for name in ("title", "rows"))
        on_change = panel.change(title, self._changed)
        self.pages = None if declared.pages is None else panel.pages_of("grids", declared.key, self.refresh)
        self.grid: Any
        if isinstance(declared, Matrix):
            self.grid = choice_matrix(title, (), (), {}, row_heading=heading, on_change=on_change)
        else:
            self.grid = number_grid(title, (), (), (), row_heading=heading, on_change=on_change)
        self.widget = self.grid if self.pages is None else column(self.pages, self.grid)

    def refresh(self) -> None:
        """Show rows, columns and cells of the page or item chosen; nothing without rows."""
        declared, held = self.declared, (self._panel.decision, self._panel.result)
        if self.pages is not None and declared.pages is not None:
            _offer_pages(self.pages, declared.pages(*held))
        given = self._more()
        rows: Any = () if given is None else declared.rows(*held, *given)
        columns: Any = () if given is None else declared.columns(*held, *given)
        if given is not None and isinstance(declared, Matrix):
            show_matrix(self.grid, rows, columns, declared.value(*held, *given))
        elif given is not None and not isinstance(declared, Matrix):
            show_grid(self.grid, rows, columns, declared.cells(*held, *given))
        self.widget.layout.display = (None if self.pages is None else "flex") if rows and columns else "none"

    def _more(self) -> tuple[Any, ...] | None:
        given = self._given()
        return given if given is None or self.pages is None else (*given, self.pages.value)

    def _changed(self, cells: Any) -> dict[str, Any]:  # noqa: ANN401 - numbers, or what is on
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
        self._panel.revise(say("removed", name=item.name), **self._declared.without(self._panel.decision, item.id))

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


class ItemsEditor:
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
    `forms` and `pages` those by their key, `blocks` what is said and tables by theirs, `free` the parts the stage draws
    itself. An item's controls are named after its list: `add_ons.price`, or `tiers.0.price` where all stand at once.
    """

    decision: Any
    result: Any

    def __init__(self, session: Session, stage: Stage) -> None:
        self.stage_key = stage.key  # type: ignore[misc]  # a panel of its own class says it once for all
        self.view: View = stage.module.VIEW
        self.leading = self.view.leading  # type: ignore[misc]
        self.settings: dict[str, Any] = {}
        self.items: dict[str, ItemsEditor] = {}
        self.grids: dict[str, Any] = {}
        self.buttons: dict[str, Any] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.pages: dict[str, Any] = {}
        self.blocks: dict[str, HtmlBlock] = {}
        self.free: dict[str, Any] = {}
        self._fields: list[FieldControl] = []
        self._blocks: list[tuple[HtmlBlock, Part]] = []
        self._acting: list[_Button | _Table] = []
        super().__init__(session)

    def build(self) -> None:
        """Make the controls and sections the view declares."""
        for each in self.view.sections:
            setattr(self, each.key, self._section(each))

    def refresh(self) -> None:
        """Show the decision in the controls, and what is said of the result."""
        for control in self._fields:
            control.show(self.decision, (self.result,), self.session.study.currency)
        for each in (*self.items.values(), *self._acting):
            each.refresh()
        for part in self.free.values():
            getattr(part, "refresh", lambda: None)()
        self._show_blocks(tables=False)

    def refresh_tables(self) -> None:
        """Show the tables, which may come a moment later."""
        self._show_blocks(tables=True)

    def act(self, action: Action, *given: Any) -> None:  # noqa: ANN401 - an item, a form
        """Do what a button does: replace the fields its declaration names."""
        changes = action.changes(self.decision, self.result, *given)
        self.revise(self._words("actions", action.key, "label"), **changes)

    def button_of(self, action: Action, given: Callable[[], tuple[Any, ...] | None], name: str) -> _Button:
        """Return the button of an action with its form, known by a name."""
        made = _Button(self, action, given)
        self.buttons[name] = made.button
        self.forms[name] = {key: each.widget for key, each in made.form.items()}
        return made

    def table_of(self, declared: Grid | Matrix, given: Callable[[], tuple[Any, ...] | None], name: str) -> _Table:
        """Return a grid or a matrix, known by a name."""
        made = _Table(self, declared, given)
        self.grids[name] = made.grid
        return made

    def pages_of(self, kind: str, key: str, turn: Callable[[], None]) -> Any:  # noqa: ANN401 - a drop-down
        """Return the list of a part's pages; `turn` shows the one chosen."""
        self.pages[key] = choice(
            self._words(kind, key, "page"), {"": NOTHING}, on_change=self.guarded(lambda _: turn())
        )
        return self.pages[key]

    def _section(self, declared: SectionView) -> Section:
        controls = [row(*(self._setting(path) for path in paths)) for paths in declared.settings]
        for listed in declared.items:
            self.items[listed.key] = ItemsEditor(self, listed)
            controls += self.items[listed.key].widgets
        tables = [self.table_of(each, lambda: (), each.key) for each in declared.grids]
        buttons = [self.button_of(each, lambda: (), each.key) for each in declared.actions]
        self._acting += [*tables, *buttons]
        for each in declared.free:
            self.free[each.key] = _made(each, self)
        controls += [each.widget for each in tables] + [row(*(each.widget for each in buttons))] * bool(buttons)
        controls += [self.free[each.key].widget for each in declared.free]
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
        if not isinstance(part, FindingsOf):
            self.blocks[part.key] = block
        if isinstance(part, TableOf) and part.pages is not None:
            return column(self.pages_of("pages", part.key, self.refresh_tables), block)
        return block

    def _setting(self, path: str) -> Any:  # noqa: ANN401 - a control of any kind
        view, made = self.view, field_view(self.stage.package, self.stage.module.Decision, path)
        own = view.values.get(path)
        control = FieldControl(
            made, self.change(made.label, self._changes(made)), options=view.options.get(path),
            unit=view.units.get(path), note=view.notes.get(path),
            value=None if own is None else lambda result: own(self.decision, result),
        )  # fmt: skip
        self._fields.append(control)
        self.settings[path] = control.widget
        return control.widget

    def _changes(self, made: FieldView) -> Callable[[Any], dict[str, Any]]:
        def changes(value: Any) -> dict[str, Any]:  # noqa: ANN401 - the control's value
            read = read_value(made, value)
            if made.path in self.view.changes:
                return dict(self.view.changes[made.path](self.decision, self.result, read))
            return {**changes_at(self.decision, made.path, read), **dict.fromkeys(made.setting.resets)}

        return changes

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
        page: tuple[Any, ...] = ()
        if part.pages is not None:
            _offer_pages(self.pages[part.key], part.pages(self.result))
            page = (self.pages[part.key].value,)
        table = part.of(self.result, *page)
        if table is None:
            return ""
        caption = part.caption(self.result) if part.caption else self._words("captions", part.key, default="")
        most: dict[str, Any] = {} if part.most_rows is None else {"most_rows": part.most_rows}
        link = ""
        if part.saved is not None:
            label, whole = part.saved(self.result, *page)
            link = html.csv_link(label, f"{part.key}.csv", as_csv(whole))
        shown = html.table(table, "" if part.folded else caption, **most)
        return html.details(caption, link + shown) if part.folded else link + shown

    def _words(self, *path: str, default: str | None = None) -> str:
        return words_at(self.stage.package, *path, default=default)


def _made(part: Free, panel: DeclaredPanel) -> Any:  # noqa: ANN401 - whatever the stage draws itself
    module, _, name = part.home.partition(":")
    return getattr(importlib.import_module(module), name)(panel)


def _offer_pages(pages: Any, options: Mapping[str, object]) -> None:  # noqa: ANN401 - a drop-down
    """Show the pages there are, keeping the one chosen while it is still there."""
    values = list(options.values()) or [NOTHING]
    show(pages, pages.value if pages.value in values else values[0], options=options or {"": NOTHING})


def _follows(made: FieldView) -> bool:
    """Tell whether a field's slider has no end of its own, so that it follows the amount."""
    return made.setting.slider and made.setting.slider_end is None and made.maximum is None


def _control(made: FieldView, on_change: Callable[[Any], None] | None, is_choice: bool) -> Any:  # noqa: ANN401 - a control of any kind
    if is_choice and made.kind == "list":
        return choices(made.label, (), rows=5, on_change=on_change)
    if is_choice:
        options = made.options or {"": NOTHING}
        return choice(made.label, options, next(iter(options.values())), on_change=on_change)
    if made.kind in ("checkbox", "part"):
        return checkbox(made.label, on_change=on_change)
    if made.setting.lines > 1:
        return text_area(made.label, rows=made.setting.lines, placeholder=made.help, on_change=on_change)
    if made.kind in ("text", "list"):
        box = text_box(made.label, placeholder=made.help, on_change=on_change)
        box.layout.width = _LONG_TEXT if made.is_long else None
        return box
    setting = made.setting
    return number_box(
        made.label, minimum=made.minimum, maximum=made.maximum, step=setting.step,
        unit="" if made.unit == CURRENCY else made.unit, whole=made.whole, optional=made.optional,
        slider=setting.slider, slider_end=_FIRST_END if _follows(made) else setting.slider_end, note=made.help,
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
