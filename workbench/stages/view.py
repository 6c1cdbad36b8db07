"""What a stage shows, declared once and drawn alike in the notebook, on the report's page and in its workbook.

A stage's `view.py` holds one `View`: its sections in the order they are read, and in each the settings a person moves
and the parts that follow. What a setting may be is said by the decision's own field; what everything is called stands
in the stage's `text.toml`, under the same keys.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import annotated_types

from workbench.errors import StudyError
from workbench.formatting import share_typed, typed_percent
from workbench.text import words_at

if TYPE_CHECKING:
    from workbench.results import KeyFigure
    from workbench.study.document import Study
    from workbench.study.model import FrozenModel, Scenario

Kind = Literal["number", "choice", "checkbox", "text", "list", "part"]
PERCENT = "%"
Cells = Sequence[Sequence[float | None]]
NOTHING = ""
"""What a list of choices holds for None: a drop-down shows no words for None itself."""
CURRENCY = "currency"
TRIED = "tried"  # what keeps the settings that are kept nowhere
_SHORT_TEXT = 100  # letters
_IN_PERCENT = 100
_NUMBERS = {float, int, Decimal}


# --- How a field of a decision is entered


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a field of a decision is entered, beside its bounds; stands in the field's annotation.

    Parameters
    ----------
    unit
        What stands beside the number: "%" for a share (0.1 is shown as 10), "currency" for the study's own.
    step
        How far one press of a key goes, in the unit shown.
    slider
        Whether a slider stands below; `slider_end` where the field takes more than one would drag to. Without either
        bound or end it follows the amount, as a price needs it.
    lines
        How many lines a text has room for.
    shown_when
        Values of other fields under which the setting is there at all.
    resets
        Fields that are put back to None when this one is changed, because they were worked out from it.

    Examples
    --------
    >>> from typing import Annotated
    >>> from pydantic import Field
    >>> floor: Annotated[float, Setting(unit="%", slider=True), Field(ge=0, le=1)] = 0.7
    """

    unit: str = ""
    step: float | None = None
    slider: bool = False
    slider_end: float | None = None
    lines: int = 1
    shown_when: Mapping[str, object] = field(default_factory=dict)
    resets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field as a control needs it: its words from the text, its bounds and choices from the decision itself.

    A list is entered as text with commas, and a part that may be absent as a box to tick: `part` is its class.
    `decimal` says that the field keeps exact decimals, `is_long` that a text may take more than a name does.
    """

    path: str
    kind: Kind
    label: str
    help: str
    unit: str
    minimum: float | None
    maximum: float | None
    whole: bool
    decimal: bool
    optional: bool
    options: Mapping[str, object]
    setting: Setting
    part: type[FrozenModel] | None = None
    is_long: bool = False

    @property
    def is_share(self) -> bool:
        """Tell whether a share is entered as a percentage."""
        return self.unit == PERCENT


def field_view(package: str, decision: type[FrozenModel], path: str, *, home: str = "") -> FieldView:
    """Return how a field is entered; `path` names it, with a dot before a field of a part or a key of a mapping.

    `home` names what else keeps the field: its words stand under ``home_path``.

    Raises
    ------
    KeyError
        When the decision has no such field, or the text no label for it.
    """
    kind, limits, setting, optional, choices = _declared(decision, path)
    key = f"{home}.{path}".removeprefix(".").replace(".", "_")
    titles = {choice: words_at(package, "settings", key, "options", _option_key(choice)) for choice in choices}
    scale = _IN_PERCENT if setting.unit == PERCENT else 1
    return FieldView(
        path=path,
        kind=kind,
        label=words_at(package, "settings", key, "label"),
        help=words_at(package, "settings", key, "help", default=""),
        unit=setting.unit,
        minimum=_bound(limits, (annotated_types.Ge, "ge"), (annotated_types.Gt, "gt"), scale),
        maximum=_bound(limits, (annotated_types.Le, "le"), (annotated_types.Lt, "lt"), scale),
        whole=kind == "number" and setting.unit != PERCENT and _is_of(decision, path, int),
        decimal=kind == "number" and _is_of(decision, path, Decimal),
        optional=optional,
        options={title: NOTHING if choice is None else choice for choice, title in titles.items()},
        setting=setting,
        part=_part_of(decision, path) if kind == "part" else None,
        is_long=any(isinstance(each, annotated_types.MaxLen) and each.max_length > _SHORT_TEXT for each in limits),
    )


def read_value(made: FieldView, value: Any) -> Any:  # noqa: ANN401 - a control's value
    """Return what a control's value means for its field: a share, a whole number, a decimal, the parts of a list."""
    if made.kind == "list":
        parts = str(value).split(",") if isinstance(value, str) else value
        return tuple(dict.fromkeys(name.strip() for name in parts if name.strip()))
    if made.part is not None:
        return made.part() if value else None
    if made.kind == "text" and made.setting.lines == 1 and isinstance(value, str):
        value = value.strip()
    if made.kind != "number" or value is None:
        return None if value == NOTHING and made.optional else value
    if made.is_share:
        return share_typed(value)
    return int(value) if made.whole else Decimal(str(value)) if made.decimal else float(value)


def shown_value(made: FieldView, value: Any) -> Any:  # noqa: ANN401 - a field's value
    """Return what a control shows for a field's value: the other way round."""
    if made.kind == "list":
        return ", ".join(value)
    if made.kind == "part":
        return value is not None
    if made.kind != "number":
        return NOTHING if value is None else value
    if value is None:
        return None
    return typed_percent(float(value)) if made.is_share else float(value)


def value_at(decision: object, path: str) -> Any:  # noqa: ANN401 - any field
    """Return what a decision holds at a path, None inside a part that is absent."""
    for name in path.split("."):
        if decision is not None:
            decision = decision.get(name) if isinstance(decision, Mapping) else getattr(decision, name)
    return decision


def changes_at(decision: Any, path: str, value: object) -> dict[str, Any]:  # noqa: ANN401 - a decision or a part of it
    """Return the change of a top-level field that puts a value at a path: what ``decision.replaced`` takes."""
    name, _, rest = path.partition(".")
    if not rest:
        return {name: value}
    part = getattr(decision, name)
    if part is None:
        raise StudyError(f"There is no {name.replace('_', ' ')} to change.", "Choose what has one, or make one first.")
    if isinstance(part, Mapping):
        return {name: {**part, rest: value}}
    return {name: part.replaced(**changes_at(part, rest, value))}


def is_at_hand(decision: object, made: FieldView) -> bool:
    """Tell whether a field is there to be set: the part it belongs to is, and other fields are as it needs them."""
    inside, _, _ = made.path.rpartition(".")
    here = all(value_at(decision, path) == value for path, value in made.setting.shown_when.items())
    return here and (not inside or value_at(decision, inside) is not None)


def _declared(decision: type, path: str) -> tuple[Kind, tuple[object, ...], Setting, bool, tuple[object, ...]]:
    """Read a field's declaration: its kind, limits, setting, whether it may be empty, and its choices."""
    annotation, metadata = _annotation(decision, path)
    setting = next((each for each in metadata if isinstance(each, Setting)), Setting())
    inside = [each for each in typing.get_args(annotation) if each is not types.NoneType]
    optional = _is_union(annotation) and len(inside) < len(typing.get_args(annotation))
    core = inside[0] if _is_union(annotation) and len(inside) == 1 else annotation
    choices = typing.get_args(core) if typing.get_origin(core) is Literal else (True, False) if core is bool else ()
    if choices and (optional or core is not bool):
        return "choice", metadata, setting, optional, (*((None,) if optional else ()), *choices)
    if optional and hasattr(core, "model_fields"):
        return "part", metadata, setting, optional, ()
    kinds: dict[object, Kind] = {bool: "checkbox", str: "text"}
    is_list = typing.get_origin(core) is tuple and typing.get_args(core)[-1] is Ellipsis
    kind = "list" if is_list else "text" if typing.get_origin(core) is tuple else kinds.get(core, "number")
    if kind == "number" and not _NUMBERS.intersection((core, *inside)):
        raise KeyError(f"{decision.__name__}.{path} is a {getattr(core, '__name__', core)}, which no control enters")
    return kind, metadata, setting, optional, ()


def _annotation(decision: Any, path: str) -> tuple[Any, tuple[object, ...]]:  # noqa: ANN401 - a pydantic class
    name, _, rest = path.partition(".")
    if name not in decision.model_fields:
        raise KeyError(f"{decision.__name__} has no field {name!r}; it has {', '.join(decision.model_fields)}")
    info = decision.model_fields[name]
    if not rest:
        return info.annotation, tuple(info.metadata)
    if typing.get_origin(info.annotation) in (dict, Mapping):
        value = typing.get_args(info.annotation)[1]
        if typing.get_origin(value) is typing.Annotated:
            return typing.get_args(value)[0], (*_unpacked(value.__metadata__), *info.metadata)
        return value, tuple(info.metadata)
    return _annotation(_part_of(decision, name), rest)


def _part_of(decision: Any, path: str) -> type[FrozenModel]:  # noqa: ANN401 - a pydantic class
    """Return the class of the part a field holds, be it always there or not."""
    annotation = _annotation(decision, path)[0]
    return next(each for each in (annotation, *typing.get_args(annotation)) if hasattr(each, "model_fields"))


def _unpacked(metadata: Iterable[Any]) -> Iterable[object]:
    """Go through the limits inside pydantic's own field, and what else stands in an annotation."""
    for each in metadata:
        yield from getattr(each, "metadata", None) or (each,)


def _is_union(annotation: object) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _is_of(decision: type, path: str, kind: type) -> bool:
    annotation = _annotation(decision, path)[0]
    return annotation is kind or kind in typing.get_args(annotation)


def _bound(
    limits: Iterable[object], including: tuple[type, str], excluding: tuple[type, str], scale: float
) -> float | None:
    pairs = ((each, name) for kind, name in (including, excluding) for each in limits if isinstance(each, kind))
    return next((float(getattr(each, name)) * scale for each, name in pairs), None)


def _option_key(choice: object) -> str:
    return "none" if choice is None else str(choice).lower().replace(" ", "_")


# --- What stands in a section


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The stage's key figures, or those that `of` returns for the result."""

    of: Callable[[Any], Iterable[KeyFigure]] | None = None


class Notes:
    """What the result stands on, its cautions and missing tables, where the eye needs them; a page says them last."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of the stage by key, side by side where there is room; `tables` False where theirs stand in the open."""

    keys: tuple[str, ...]
    tables: bool = True


@dataclass(frozen=True, slots=True)
class FiguresOf:
    """Figures made of the result, as many as there are; worked out when somebody looks at their section."""

    make: Callable[[Any], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table of the result by its name, or one made of it; a folded one is opened by who wants it.

    Screens and pages show `most_rows` of it and say how many more there are; files hold all.
    With `pages(result)`, words and what each stands for, one page is shown at a time, chosen in a list above: `make`
    is given its key after the result. `saved` returns, given the table, the label of a link that saves it as CSV: all
    its rows, hidden columns as well. A `live` one speaks to the hand alone: pages and files leave it out. On the
    screen a table beside charts is folded, unless it `stays_open` because it is what is worked on.
    """

    key: str
    make: Callable[..., Any] | None = None
    caption: Callable[[Any], str] | None = None
    folded: bool = False
    most_rows: int | None = None
    pages: Callable[[Any], Mapping[str, object]] | None = None
    saved: Callable[[Any], str] | None = None
    live: bool = False
    stays_open: bool = False

    def of(self, result: Any, *page: object) -> Any:  # noqa: ANN401 - a stage's own result
        """Return the table, None where the result has none; the first of its pages where none is named."""
        if self.pages is not None and not page:
            page = tuple(self.pages(result).values())[:1]
        return self.make(result, *page) if self.make is not None else result.tables.get(self.key)


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence that stands out: how things are, what was done, or what asks for attention."""

    text: str
    tone: Literal["info", "ok", "warning"] = "info"


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences that follow from the result: `say(result)` returns them, plain or as messages.

    Folded ones stand as a list under a title, opened by who wants it. `live` ones speak to the hand alone: pages and
    files leave them out. With a `form`, as that of an action, a control for each of its fields stands above them, and
    `say` is given the form as it is filled in: what a person tries. Pages leave that out, too.
    """

    key: str
    say: Callable[..., Iterable[str | Message]]
    folded: bool = False
    live: bool = False
    form: type[FrozenModel] | None = None
    options: Mapping[str, Callable[[Any], Mapping[str, object]]] = field(default_factory=dict)

    def of(self, result: Any, *filled: object) -> tuple[str | Message, ...]:  # noqa: ANN401 - a stage's own result
        """Return the sentences there are; one alone may come as it is."""
        told = self.say(result, *filled)
        return tuple(each for each in ([told] if isinstance(told, str | Message) else told) if each)


@dataclass(frozen=True, slots=True)
class FindingsOf:
    """The findings of some rules, again, where they are decided."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Free:
    """A control that is more than settings and grids: "module:class", made with the panel, a few in all.

    The class has a `widget`, may have `refresh()`, `lead()` for what the eye follows and `refresh_words()` for what
    may wait. Pages show `pages` in its place.
    """

    key: str
    home: str
    pages: tuple[FiguresOf | TableOf | Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What a button makes: a sentence, files to save (what each link says, file name, content), a table to look at."""

    told: str
    files: tuple[tuple[str, str, bytes], ...] = ()
    table: Any = None
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button: `changes(decision, result)` returns the fields it replaces, so a script can do the same.

    Where it changes other stages as well it returns the whole scenario. One that `makes` something returns that, shown
    below it; one of a layer above is named (``module:function``). With a `form`, a document whose fields all have
    defaults, a control for each stands beside the button and the function is given it filled in; then it is empty
    again, unless it `keeps`. `options` are those of View, by field. In an item's actions the item comes before it.
    """

    key: str
    changes: Callable[..., Mapping[str, object] | Scenario] | None = None
    makes: Callable[..., Made] | str | None = None
    primary: bool = False
    shown: Callable[..., bool] | None = None
    form: type[FrozenModel] | None = None
    options: Mapping[str, Callable[[Any], Mapping[str, object]]] = field(default_factory=dict)
    keeps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of numbers a person fills in, its title and the heading of its rows in the text; hidden without rows.

    All its functions are given the decision and the result, and the page or the item where it has one; what `changes`
    returns are the fields replaced.

    Parameters
    ----------
    pages
        What returns words and what each stands for: one page is filled in at a time, chosen in a list above.
    rows
        What returns the words of the rows.
    columns
        What returns the columns: label, unit, minimum, maximum, step, whole, optional (`part_columns` of a class).
    cells
        What returns the numbers, row by row.
    changes
        What takes the numbers a person left there: ``changes(decision, result, cells)``. None keeps them at the panel
        until others come to stand there.
    keeps_typed
        Whether numbers that cannot be kept yet stay where they were typed, as where a row must come to 100%.
    says, actions
        What returns sentences on the numbers as they stand, ``says(result, cells)``, and buttons that are given them.
    """

    key: str
    rows: Callable[..., Sequence[str]]
    columns: Callable[..., Sequence[Mapping[str, Any]]]
    cells: Callable[..., Sequence[Sequence[float | None]]]
    changes: Callable[..., Mapping[str, object]] | None = None
    pages: Callable[[Any, Any], Mapping[str, object]] | None = None
    keeps_typed: bool = False
    says: Callable[[Any, Cells], Iterable[str]] | None = None
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A table of cells that are on or off; like a grid, with keyed rows and columns (key, label, group, note)."""

    key: str
    rows: Callable[..., Sequence[Mapping[str, str]]]
    columns: Callable[..., Sequence[Mapping[str, str]]]
    value: Callable[..., Mapping[str, Sequence[str]]]
    changes: Callable[..., Mapping[str, object]]
    pages: Callable[[Any, Any], Mapping[str, object]] | None = None


def part_columns(package: str, part: type, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the columns of a grid whose cells are fields of a part: bounds from the fields, labels from the text."""
    columns = [
        {
            "label": made.label, "unit": made.unit or made.help, "minimum": made.minimum, "maximum": made.maximum,
            "step": made.setting.step or 1, "whole": made.whole, "optional": made.optional,
        }
        for made in (field_view(package, part, name) for name in names)
    ]  # fmt: skip
    return [{name: value for name, value in column.items() if value is not None} for column in columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items of a list, each with an id and a name: one is chosen, set, removed or moved, and others are added.

    What the list is called stands in the text under `items` and its key: `choose`, `none`, and where there are such
    buttons `add` and `remove`. A script makes the same changes by `added`, `changed`, `moved` and `without`, which
    return what `decision.replaced` takes.

    Parameters
    ----------
    key
        The decision's field with the list.
    part
        The class of an item.
    noun
        What one of them is called, such as "tier".
    settings
        Fields of an item in rows, as those of a section.
    at_once
        Whether each item has a row of its own; otherwise the settings are those of the item chosen in a list.
    fewest, most
        How many items there may be.
    make
        What returns a new item for the end of the list: ``make(decision, result)``; its button is there with it.
    moves
        Whether items change places by a button.
    actions, grids
        Those of the item chosen; their functions are given it after decision and result.
    says
        What returns sentences on the item chosen: ``says(result, item)``.
    options, units, notes
        By field of an item what returns its choices, its unit, what stands below it: ``options(result, item)``.
    """

    key: str
    part: type[FrozenModel]
    noun: str
    settings: tuple[tuple[str, ...], ...]
    at_once: bool = False
    fewest: int = 0
    most: int = 100
    make: Callable[[Any, Any], Any] | None = None
    moves: bool = False
    actions: tuple[Action, ...] = ()
    grids: tuple[Grid | Matrix, ...] = ()
    says: Callable[[Any, Any], Iterable[str]] | None = None
    options: Mapping[str, Callable[[Any, Any], Mapping[str, object]]] = field(default_factory=dict)
    units: Mapping[str, Callable[[Any, Any], str]] = field(default_factory=dict)
    notes: Mapping[str, Callable[[Any, Any], str]] = field(default_factory=dict)

    def of(self, decision: object) -> tuple[Any, ...]:
        """Return the items a decision holds."""
        return tuple(getattr(decision, self.key))

    def added(self, decision: object, item: Any) -> dict[str, tuple[Any, ...]]:  # noqa: ANN401 - an item
        """Return the change that puts an item at the end; StudyError where there are too many or its name is taken."""
        items = self.of(decision)
        if len(items) >= self.most:
            raise StudyError(f"There are {len(items)} {self.noun}s already.", "Remove one before adding another.")
        self._refuse_taken(items, item.name)
        return {self.key: (*items, item)}

    def changed(self, decision: object, item_id: str, **changes: object) -> dict[str, tuple[Any, ...]]:
        """Return the change that replaces fields of an item; StudyError where it is gone or its new name is taken."""
        items = self.of(decision)
        if item_id not in {each.id for each in items}:
            raise StudyError(f"This {self.noun} is no longer there.", "Choose another one.")
        if "name" in changes:
            self._refuse_taken([each for each in items if each.id != item_id], str(changes["name"]))
        return {self.key: tuple(each.replaced(**changes) if each.id == item_id else each for each in items)}

    def without(self, decision: object, item_id: str) -> dict[str, tuple[Any, ...]]:
        """Return the change that takes an item out; StudyError where none would be left that has to be."""
        items = self.of(decision)
        if len(items) <= self.fewest:
            raise StudyError(f"This is the only {self.noun}.", "Add another one before removing it.")
        return {self.key: tuple(each for each in items if each.id != item_id)}

    def moved(self, decision: object, item_id: str, by: int) -> dict[str, tuple[Any, ...]]:
        """Return the change that moves an item so many places on, or back where it is below 0; never past an end."""
        items = list(self.of(decision))
        place = next(at for at, each in enumerate(items) if each.id == item_id)
        items.insert(max(0, min(len(items) - 1, place + by)), items.pop(place))
        return {self.key: tuple(items)}

    def _refuse_taken(self, others: Iterable[Any], name: str) -> None:
        if name.strip().casefold() in {each.name.casefold() for each in others}:
            raise StudyError(f"Another {self.noun} is named {name.strip()!r} already.", "Choose another name.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """Parts under a title of their own (in the text under `captions`); those that follow each other are tabs.

    Where `why_not(result)` says something, that stands there and the parts do not.
    """

    key: str
    parts: tuple[Parts, ...]
    why_not: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What takes a while: begun with a button (`actions` of the text), done at once where a page is made.

    `run(result)` leaves what it finds with the result or its evidence, and says how far it is through
    `workbench.progress`; until `is_done(result)` nothing of `parts` is shown. A person may call it off.
    """

    key: str
    run: Callable[[Any], object]
    is_done: Callable[[Any], bool]
    parts: tuple[Parts, ...]


Control = Action | Grid | Matrix | Free
"""What a person uses: pages leave it out, but for what a free one names in its place."""
Part = KeyFigures | Notes | Figures | FiguresOf | TableOf | Said | FindingsOf | Under | Work | Control
Parts = Part | tuple[Part, ...]
"""A part, or several side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A section by key: settings in rows, lists of items, grids, buttons, and the parts in the order they are read.

    Grids, buttons and free-form controls stand above the parts, or among them. Where `why_not(result)` says something,
    that stands there instead of the parts. A lazy section is worked out when somebody first looks at it. One that
    `rests` takes long after every change: it follows when the hand rests, after all the others.
    """

    key: str
    settings: tuple[tuple[str, ...], ...] = ()
    items: tuple[Items, ...] = ()
    actions: tuple[Action, ...] = ()
    grids: tuple[Grid | Matrix, ...] = ()
    free: tuple[Free, ...] = ()
    parts: tuple[Parts, ...] = ()
    why_not: Callable[[Any], str] | None = None
    lazy: bool = False
    rests: bool = False


@dataclass(frozen=True, slots=True)
class StudyPart:
    """What settings belong to where that is no decision: a part of the study, alike for all its scenarios.

    The fields of `form` say how they are entered; `read(study)` returns the document the study holds, and
    ``keep(study, changes)`` the study with some of its fields replaced.
    """

    form: type[FrozenModel]
    read: Callable[[Study], Any]
    keep: Callable[[Study, Mapping[str, Any]], Study]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All a stage shows, in order.

    Parameters
    ----------
    sections
        In the order they are read.
    leading
        The figures that follow a moved control at once; all where none is named.
    options
        By setting, what returns its choices from the result, words and what each stands for; several for a list.
    units
        By setting, what returns its unit from the result, where the field alone cannot say.
    values
        By setting, what returns the value shown, where it is not the field's: ``value(decision, result)``.
    changes
        By setting, what a changed value replaces beside its own field: ``change(decision, result, value)``.
    kept
        By name, the part of the study that settings such as ``limits.most`` belong to; `kept` of the text has the name.
    tried
        The class of what is tried out and kept nowhere, settings ``tried.price``; `evaluate` is handed it.
    against_today
        Whether it holds a scenario against today's pricing, so that there is nothing to show of today's itself.
    """

    sections: tuple[SectionView, ...]
    leading: tuple[str, ...] = ()
    options: Mapping[str, Callable[[Any], Mapping[str, object]]] = field(default_factory=dict)
    units: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    values: Mapping[str, Callable[[Any, Any], Any]] = field(default_factory=dict)
    changes: Mapping[str, Callable[[Any, Any, Any], Mapping[str, object]]] = field(default_factory=dict)
    kept: Mapping[str, StudyPart] = field(default_factory=dict)
    tried: type[FrozenModel] | None = None
    against_today: bool = False

    @property
    def every_part(self) -> Iterator[Part]:
        """Go through the parts of all sections one by one, those inside others as well."""
        return (part for section in self.sections for part in every_part(section.parts))

    @property
    def names_figures(self) -> bool:
        """Tell whether it shows figures of the stage by their keys; otherwise all are made where they stand."""
        return any(isinstance(part, Figures) for part in self.every_part)


def every_part(parts: Iterable[Parts]) -> Iterator[Part]:
    """Go through parts one by one, those inside others as well."""
    for part in parts:
        if isinstance(part, tuple):
            yield from every_part(part)
            continue
        yield part
        if isinstance(part, Under | Work):
            yield from every_part(part.parts)


# --- A view worked out for one result, for pages and files


@dataclass(frozen=True, slots=True)
class Shown:
    """A part worked out: what kind it is, its caption, and what it holds (figures, a table, sentences, parts)."""

    kind: Literal["figures", "key_figures", "table", "said", "under"]
    caption: str
    holds: Any
    folded: bool = False
    most_rows: int | None = None

    @property
    def rows_left_out(self) -> int:
        """Count the rows of a table that a page has no room for; files hold them all."""
        return 0 if self.most_rows is None else max(0, len(self.holds) - self.most_rows)

    @property
    def on_a_page(self) -> Any:  # noqa: ANN401 - a table
        """Return the rows of a table that a page shows."""
        return self.holds.head(self.most_rows) if self.rows_left_out else self.holds


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section worked out: its title, the sentence under it, and its parts."""

    key: str
    title: str
    intro: str
    parts: tuple[Shown, ...]

    @property
    def all_parts(self) -> Iterator[Shown]:
        """Go through the parts, in place of a title those under it."""
        return _each_of(self.parts)


def _each_of(parts: Iterable[Shown]) -> Iterator[Shown]:
    for part in parts:
        yield from _each_of(part.holds) if part.kind == "under" else (part,)


def shown_sections(package: str, view: View, result: Any, figures: Mapping[str, Any]) -> tuple[ShownSection, ...]:  # noqa: ANN401 - a stage's own result
    """Return the sections of a view for one result, without hints for the hand and parts that hold nothing.

    Parameters
    ----------
    package
        The stage's package, whose text has the words.
    view
        What the stage declares.
    result
        What `evaluate` returned.
    figures
        The stage's figures by key.
    """
    walk = _Walk(package, result, figures)
    return tuple(
        ShownSection(
            section.key,
            words_at(package, "sections", section.key, "title"),
            words_at(package, "sections", section.key, "intro", default=""),
            walk.parts(section.parts, section.why_not),
        )
        for section in view.sections
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    """The parts of a view for one result, as a page shows them."""

    package: str
    result: Any
    figures: Mapping[str, Any]

    def parts(self, parts: Sequence[Parts], why_not: Callable[[Any], str] | None = None) -> tuple[Shown, ...]:
        """Work parts out; figures that follow each other stand together, so that a page leaves no place empty."""
        if why_not is not None and (why := why_not(self.result)):
            return () if why == self.result.why_not else (Shown("said", "", (why,)),)  # a stage says it at its head
        together: list[Shown] = []
        for each in (one for part in parts for one in (part if isinstance(part, tuple) else (part,))):
            for shown in (every for every in self._part(each) if len(every.holds)):
                if together and shown.kind == together[-1].kind == "figures":
                    together[-1] = replace(shown, holds=(*together[-1].holds, *shown.holds))
                else:
                    together.append(shown)
        return tuple(together)

    def _part(self, part: Part) -> Iterable[Shown]:  # noqa: PLR0911 - one for each kind
        """Work a part out: key figures stand at the head of a stage, its findings at the end, and controls nowhere."""
        match part:
            case KeyFigures(of=of) if of is not None:
                return (Shown("key_figures", "", tuple(of(self.result))),)
            case Figures():
                drawn = [each for each in map(self.figures.get, part.keys) if each is not None]
                shown = drawn if part.tables else [replace(each, table=None) for each in drawn]
                return (Shown("figures", "", tuple(shown)),)
            case FiguresOf():
                return (Shown("figures", "", tuple(part.make(self.result))),)
            case TableOf(live=False) if (table := part.of(self.result)) is not None and len(table):
                if all(each.table is not table for each in self.figures.values()):
                    caption = table_caption(self.package, part, self.result)
                    return (Shown("table", caption, table, part.folded, part.most_rows),)
            case Said(form=None, live=False):
                told = tuple(each.text if isinstance(each, Message) else each for each in part.of(self.result))
                title = words_at(self.package, "captions", part.key) if part.folded else ""
                return (Shown("said", title, told, part.folded),)
            case Under():
                inside = self.parts(part.parts, part.why_not)
                return (Shown("under", words_at(self.package, "captions", part.key), inside),)
            case Work():
                part.run(self.result)
                return self.parts(part.parts) if part.is_done(self.result) else ()
            case Free():
                return self.parts(part.pages)
        return ()


def table_caption(package: str, part: TableOf, result: Any) -> str:  # noqa: ANN401 - a stage's own result
    """Return what stands above a table: what is worked out of the result, else the words of its key."""
    return part.caption(result) if part.caption else words_at(package, "captions", part.key, default="")
