"""Values that options of the command line take: what is none of them is a usage error."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workbench.report.offline_page import Brand
    from workbench.study.model import RevenueBasis

Force = Annotated[
    bool, typer.Option("--force", help="Also replace files that are there and were not written by the workbench.")
]
EngineName: TypeAlias = Literal["duckdb", "spark", "pandas"]
BasisName: TypeAlias = Literal["last-month", "twelve-months"]
NamesName: TypeAlias = Literal["full", "alias", "none"]
LateName: TypeAlias = Literal["own month", "month received"]
DEFAULT_MEMORY = "4GiB"
Credits = Annotated[
    bool, typer.Option("--allow-credits", help="Usage may be below zero, for returns and corrections: it is credited.")
]
BrandName = Annotated[str, typer.Option("--brand", help="Whose page it is.")]
BrandColour = Annotated[str, typer.Option("--colour", help="The brand's colour, such as #1f5fa8.")]
Logo = Annotated[Path | None, typer.Option("--logo", help="A picture file, put into the page.")]
Names = Annotated[
    NamesName | None,
    typer.Option("--names", help="How accounts are called: as they are, by an alias each, or not at all."),
]
Share = Annotated[
    bool, typer.Option("--share", help="Write for people outside the team: accounts by an alias, as --names alias.")
]
Basis = Annotated[
    BasisName,
    typer.Option("--basis", help="The months that revenue figures speak of: the last complete one, or the mean of 12."),
]


def locale_name(text: str) -> str:
    """Return a locale in the way it is spelled in a study."""
    from workbench.locales import known_locale  # noqa: PLC0415 - each command loads what it needs

    try:
        return known_locale(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


LocaleName = Annotated[
    str,
    typer.Option(
        "--locale",
        callback=locale_name,
        help="How numbers, money and dates are written: a language, or language and territory, e.g. de or pt_BR.",
    ),
]


def brand(name: str, colour: str, logo: Path | None, second_colour: str = "") -> Brand:
    """Return who hands out a page, in the usual colours where none are named."""
    from workbench.report.offline_page import Brand, logo_data_uri  # noqa: PLC0415 - each command loads what it needs

    colours = {"colour": colour, "second_colour": second_colour}
    picture = "" if logo is None else logo_data_uri(logo)
    return Brand(name=name, logo=picture, **{key: value for key, value in colours.items() if value})


def names_in(
    file: NamesName, names: NamesName | None, study: Path | None, *, share: bool = False
) -> dict[str, NamesName | bytes | None]:
    """Return how accounts are called in a file, with the key of a study's aliases: as its study says if nobody does."""
    from workbench.report.privacy import alias_key  # noqa: PLC0415 - each command loads what it needs

    chosen = names or ("alias" if share else None)
    if chosen is None:
        from workbench.study.document import Study  # noqa: PLC0415 - as above
        from workbench.study.folder import STUDY_FILE  # noqa: PLC0415 - as above

        kept = "" if study is None or not (study / STUDY_FILE).is_file() else Study.load(study).names
        chosen = kept or file
    if share and chosen == "full":
        raise typer.BadParameter("--share leaves names out, and --names full asks for them; give one of the two")
    return {"names": chosen, "alias_key": alias_key(study) if chosen == "alias" and study is not None else None}


def basis_named(name: BasisName) -> RevenueBasis:
    """Return the basis of revenue figures that an option names."""
    from workbench.study.model import LAST_MONTH, MEAN_OF_TWELVE  # noqa: PLC0415 - each command loads what it needs

    return LAST_MONTH if name == "last-month" else MEAN_OF_TWELVE


def currency_code(text: str) -> str:
    """Return the code of a currency."""
    from workbench.customers.values import stated_code  # noqa: PLC0415 - each command loads what it needs

    with _usage_errors():
        return stated_code(text)


def day(text: str | None) -> str | None:
    """Pass a day on."""
    try:
        if text is not None and text.strip():
            date.fromisoformat(text.strip())
    except ValueError:
        message = f"{text!r} is not a day. Write it as year-month-day, such as 2024-12-31."
        raise typer.BadParameter(message) from None
    return text


def memory_size(text: str) -> str:
    """Pass an amount of memory on."""
    if text != DEFAULT_MEMORY:
        from workbench.impact.events.engines import memory_amount  # noqa: PLC0415 - as above

        with _usage_errors():
            memory_amount(text)
    return text


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Make a value that an option cannot have a usage error."""
    try:
        yield
    except WorkbenchError as error:
        raise typer.BadParameter(str(error)) from error


def refuse_settings_of_events(context: typer.Context) -> None:
    """Refuse what would do nothing: settings of how events are read, where no events are named."""
    for name in ("engine", "memory", "grace_days", "late"):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = f"--{name.replace('_', '-')}"
            raise typer.BadParameter(f"{option} says how raw events are read; name them with --events")


def values_by_name(given: Iterable[str]) -> dict[str, str]:
    """Return values by name, of texts such as churn=cancellation."""
    return {name.strip(): value.strip() for name, _, value in (each.partition("=") for each in given)}


def revenue_rules(given: list[str] | None) -> list[str]:
    """Return rules of recurring revenue as they are given."""
    from workbench.customers.intake import RevenueRules  # noqa: PLC0415 - each command loads what it needs

    with _usage_errors():
        RevenueRules().with_written(values_by_name(given or ()))
    return given or []


Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        metavar="NAME=VALUE",
        callback=revenue_rules,
        help="A rule of recurring revenue, kept with the study: usage=counted (or not counted), churn=cancellation "
        "(or end of paid period), renewal_days=31, reactivation_months=12 (or always), weeks=52/12 (or 4), "
        "within_month=in its month (or in none). Repeat it for several.",
    ),
]
