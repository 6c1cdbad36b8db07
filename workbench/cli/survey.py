"""The commands for surveys: write a questionnaire, combine the files respondents send back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import print_files

MethodName = Annotated[
    str,
    typer.Argument(
        metavar="METHOD",
        help="price-sensitivity, price-ladder, randomised-price, choice, best-worst or feature-fit.",
    ),
]

Force = Annotated[
    bool, typer.Option("--force", help="Also replace files that are there and were not written by the workbench.")
]


def questionnaire(
    method: MethodName,
    design: Annotated[Path, typer.Option("--design", help="What is asked, as a JSON file (.json); see --example.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML file to write.")] = Path(
        "questionnaire.html"
    ),
    *,
    example: Annotated[
        bool, typer.Option("--example", help="Write an example of the design file to begin with, and stop.")
    ] = False,
    brand: Annotated[str, typer.Option("--brand", help="Whose page it is.")] = "",
    colour: Annotated[str, typer.Option("--colour", help="The brand's colour, such as #1f5fa8.")] = "",
    logo: Annotated[Path | None, typer.Option("--logo", help="A picture file, put into the page.")] = None,
    force: Force = False,
) -> None:
    """Write a survey as one page that works anywhere and saves its answers as a file."""
    from workbench.outputs import check_output  # noqa: PLC0415 - each command loads what it needs
    from workbench.report.brand import Brand, logo_data_uri  # noqa: PLC0415
    from workbench.report.questionnaire_page import write_questionnaire  # noqa: PLC0415
    from workbench.research import example_design, load_design, save_design  # noqa: PLC0415

    if example:
        check_output(design, ".json", force=force)
        print_files((save_design(example_design(method), design, force=force),))
        return
    asked = load_design(method, design)
    look = Brand(name=brand, colour=colour or Brand().colour, logo="" if logo is None else logo_data_uri(logo))
    print_files((write_questionnaire(method, asked, output, brand=look, inputs=(design, logo), force=force),))
    if hasattr(asked, "design"):
        planned = asked.design()
        typer.echo(planned.reading)
        for caution in getattr(planned, "cautions", ()):
            typer.echo(f"  Caution: {caution.text}")


def answers(
    folder: Annotated[Path, typer.Argument(help="The folder of answer files respondents sent back.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder of data to write the tables to.")],
    *,
    force: Force = False,
) -> None:
    """Combine answer files into one survey table per method, as the data folder of a study holds it."""
    from workbench.formatting import count  # noqa: PLC0415 - each command loads what it needs
    from workbench.research import combine_answers  # noqa: PLC0415

    found = combine_answers(folder)
    print_files(found.save(output, force=force))
    for name, people in found.respondents.items():
        typer.echo(f"{name}: {count('respondent', people)}")
    for caution in found.cautions:
        typer.echo(f"  Caution: {caution.text}")
    if found.repeated:
        typer.echo(f"Counted once, because they are copies: {', '.join(found.repeated)}")
    if found.ignored:
        typer.echo(f"Not read, because they are no answer files: {', '.join(found.ignored)}")
