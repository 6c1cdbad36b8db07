"""Letters to the customers whose bill changes, from a template of one's own, and their lists by segment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from jinja2 import PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workbench import progress
from workbench.errors import FileError, StudyError
from workbench.files import make_folder, parse_json, read_bytes, write_text
from workbench.formatting import billed, percent
from workbench.impact.migration import action_list, for_people
from workbench.locales import in_its_locale
from workbench.outputs import GENERATOR, check_output, save_csv
from workbench.report.content import reported_scenario
from workbench.report.privacy import named, names_for
from workbench.results import HALF_A_CENT
from workbench.stages.contract import result_of
from workbench.study.model import fresh_id, slug
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers.base import CustomerBase
    from workbench.report.privacy import Names, Naming
    from workbench.study.document import Study

say = texts(__name__)

KINDS = (".html", ".txt")
MANIFEST = "letters.json"
"""What lies beside the letters and names them, so that the next ones can take their place."""
SAMPLE = 3
"""How many letters a sample is."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters that were written, the lists by segment beside them, and to how many accounts."""

    letters: tuple[Path, ...]
    lists: tuple[Path, ...]
    accounts: int


def example_template(path: Path | str, *, force: bool = False) -> Path:
    """Write the template letters are made from without another, to begin one's own with; .html or .txt.

    Parameters
    ----------
    path
        Where to write.
    force
        Replace a file that was not written by the workbench.

    Returns
    -------
    Path
        The file's path.

    Raises
    ------
    FileError
        For another ending, or a file that may not be replaced.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.report import example_template
    >>> "{{ before }}" in example_template(Path(tempfile.mkdtemp()) / "letter.txt").read_text()
    True
    """
    place = Path(path)
    kind = _kind_of(place)
    text = _usual(kind)
    check_output(place, content=text.encode("utf-8"), force=force)
    return write_text(place, text)


@in_its_locale
def write_letters(
    base: CustomerBase,
    study: Study,
    folder: Path | str,
    *,
    scenario_id: str | None = None,
    template: Path | str | None = None,
    because: str = "",
    sample: int | None = None,
    names: Names | None = None,
    alias_key: bytes | None = None,
    force: bool = False,
) -> Letters:
    """Write a letter to each customer whose bill changes on the way agreed, and lists of them by segment as CSV.

    Parameters
    ----------
    base, study
        The customers and the scenarios.
    folder
        Where to write; earlier letters in it are replaced.
    scenario_id
        Whose prices; those of the chosen scenario, else of the first design, when None.
    template
        A Jinja template ending in .html or .txt; it can read what a letter says and nothing else.
    because
        Why prices change, in words to customers.
    sample
        So many letters only, those with the largest rises, to look at.
    names, alias_key
        How accounts are named; as the study says, else as they are in letters and by an alias in a sample, when None.
    force
        Replace files in the folder that were not written by the workbench.

    Returns
    -------
    Letters
        The files.

    Raises
    ------
    StudyError
        Where nobody's bill changes, or that is unknown.
    FileError
        For a template that cannot be read or asks for what there is not.

    Examples
    --------
    >>> import pandas as pd
    >>> import tempfile
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> from workbench.report import write_letters
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> write_letters(base, Study.new("acme", "data"), tempfile.mkdtemp())
    Traceback (most recent call last):
        ...
    workbench.errors.StudyError: There is nobody to write to...
    """
    mode = names_for(study, names, "full" if sample is None else "alias")
    source = None if template is None else Path(template)
    kind = ".html" if source is None else _kind_of(source)
    text = _usual(kind) if source is None else _read(source)
    step = progress.Steps({"bills": 3.0, "letters": 2.0})
    with step("bills", "working out bills"):
        found = named(base, study, mode, key=alias_key)
        with found.naming.drawing():
            actions, currency = _actions(found.base, found.study, scenario_id)
    called = _called(base, found.naming, actions)
    chosen = actions if sample is None else actions.nlargest(sample, "change")
    letters_of = [_of(row, called, currency, because) for row in chosen.itertuples()]
    with step("letters", "writing letters"):  # all of them are there before one is put down: called off, none is
        written = _rendered(text, kind, source, letters_of)
    place = make_folder(Path(folder))
    earlier = _earlier(place, force=force)
    taken: set[str] = set()
    files = {}
    for account, content in zip(chosen["account_id"], written, strict=True):
        name = fresh_id(f"letter {found.naming.text(str(account))}", taken)
        taken.add(name)
        files[place / f"{name}{kind}"] = found.naming.text(content)
    # A list of accounts nobody names would be one of single accounts all the same.
    lists = {} if sample is not None or mode == "none" else _lists(actions, currency, found.naming, place)
    for path in (*files, *lists):
        if path.name not in earlier:
            check_output(path, force=force)
    for name in earlier - {path.name for path in (*files, *lists)}:
        (place / name).unlink(missing_ok=True)
    letters = tuple(write_text(path, content, durable=False) for path, content in files.items())
    tables = tuple(save_csv(table, path, force=True) for path, table in lists.items())
    held = {"generator": GENERATOR, "letters": sorted(path.name for path in (*letters, *tables))}
    write_text(place / MANIFEST, json.dumps(held, indent=1) + "\n")
    return Letters(letters, tables, len(chosen))


def _kind_of(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise FileError(f"{path.name} is no template of a letter.", "End its name in .html or .txt.")
    return kind


def _usual(kind: str) -> str:
    loader = PackageLoader("workbench.report")
    environment = ImmutableSandboxedEnvironment()
    return loader.get_source(environment, f"letters/letter{kind}.j2")[0]


def _read(path: Path) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not written in UTF-8.", "Save it as UTF-8 text.") from error
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.", "Name the template's file.") from error


def _actions(base: CustomerBase, study: Study, scenario_id: str | None) -> tuple[pd.DataFrame, str]:
    """Return the accounts whose bill changes, the earliest first, and the currency."""
    scenario = reported_scenario(study, scenario_id)
    result: Any = result_of("migration", base, scenario, study=study)
    path = None if result is None else result.path
    if path is None:
        why = "" if result is None else result.why_not
        raise StudyError(
            f"There is nobody to write to: {why or 'no stage says how customers come over'}",
            "Decide the prices of the scenario, and how customers come over.",
        )
    actions = action_list(path, result.reasons)
    if not len(actions):
        raise StudyError(
            f"There is nobody to write to: {path.policy.describe()}", "Agree another way to the new prices."
        )
    return actions, path.bills.currency


def _called(base: CustomerBase, naming: Naming, actions: pd.DataFrame) -> dict[str, str]:
    """Return what each customer is called in a letter: its name, else its id; its alias where names are hidden."""
    if naming.hides:
        return {account: naming.text(account) for account in actions["account_id"]}
    accounts = base.frames["accounts"]
    known = dict(zip(accounts["account_id"], accounts["name"], strict=True))
    return {each: str(known[each]) if pd.notna(known.get(each)) else str(each) for each in actions["account_id"]}


def _of(row: Any, called: Mapping[str, str], currency: str, because: str) -> dict[str, Any]:  # noqa: ANN401 - a row
    """Return what a letter can say, by the names templates use."""
    later = pd.notna(row.full_price_from) and row.full_price_from > row.first_change
    stepped = abs(row.first_bill - row.new_bill) > HALF_A_CENT
    return {
        "account": called[row.account_id],
        "account_id": row.account_id,
        "segment": row.segment,
        "before": billed(row.old_bill, currency),
        "after": billed(row.new_bill, currency),
        "change": billed(row.change, currency),
        "percent": percent(row.percent, 1, signed=True) if np.isfinite(row.percent) else "",
        "rises": bool(row.change > 0),
        "first_bill": billed(row.first_bill, currency),
        "steps": bool(stepped),
        "date": f"{row.first_change:%Y-%m-%d}",
        "full_from": f"{row.full_price_from:%Y-%m-%d}" if later else "",
        "notify_by": f"{row.notify_by:%Y-%m-%d}",
        "optional": bool(row.optional),
        "reason": row.reason,
        "because": because,
        "currency": currency,
    }


def _rendered(text: str, kind: str, source: Path | None, letters: list[dict[str, Any]]) -> list[str]:
    """Return the letters; a template reads what it is given, writes it escaped, and reaches nothing else."""
    environment = ImmutableSandboxedEnvironment(
        autoescape=kind == ".html", undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    try:
        template = environment.from_string(text)
        written = []
        for at, each in enumerate(letters):
            progress.within(at / len(letters))
            written.append(template.render(each))
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, OverflowError) as error:
        line = getattr(error, "lineno", None)
        where = f"{source or 'The template'}{f', line {line}' if line else ''}"
        known = ", ".join(letters[0]) if letters else ""
        raise FileError(f"{where}: {error}.", f"A letter can say: {known}.") from error
    return written


def _lists(actions: pd.DataFrame, currency: str, naming: Naming, place: Path) -> dict[Path, Any]:
    """Return the accounts of each segment as a table, by the file it goes to; small groups stand together."""
    found: dict[Path, Any] = {}
    segments = actions["segment"].astype(str).map(naming.text)
    taken: set[str] = set()
    for segment in sorted(segments.unique()):
        name = fresh_id(f"accounts {slug(segment)}", taken)
        taken.add(name)
        table = for_people(actions[segments == segment].reset_index(drop=True), currency)
        found[place / f"{name}.csv"] = naming.listed(table)
    return found


def _earlier(place: Path, *, force: bool) -> set[str]:
    """Return the names of letters that lie in a folder from before, and may be replaced."""
    manifest = place / MANIFEST
    check_output(manifest, ".json", force=force)
    if not manifest.exists():
        return set()
    held = parse_json(read_bytes(manifest), str(manifest))
    names = held.get("letters", []) if isinstance(held, dict) else []
    return {
        str(each)
        for each in names
        if Path(str(each)).name == str(each) and str(each).startswith(("letter", "accounts"))
    }
