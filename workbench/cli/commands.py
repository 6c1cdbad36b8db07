"""The command `workbench`: everything the notebooks do that makes sense without a screen."""

from __future__ import annotations

import sys
import traceback
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from workbench.cli import options
from workbench.cli.desk_commands import URGENT, pages, plan, playbook, talks, watch
from workbench.cli.options import Force  # noqa: TC001 - read when the command is made
from workbench.cli.printing import (
    covered_text,
    print_baseline,
    print_cautions,
    print_currency,
    print_events,
    print_files,
    print_findings,
    print_found,
    print_import,
    print_problems,
    print_replay,
)
from workbench.cli.progress_bar import bar, command_steps, with_progress
from workbench.cli.record_commands import comment, letters, log, state
from workbench.cli.report_commands import HtmlFile, report, run, slides
from workbench.cli.room_commands import present, workshop
from workbench.errors import DataErrors, MissingPlace, UnreadableDataError, WorkbenchError
from workbench.files import is_about_space
from workbench.locales import HOUSE_LOCALE, settle
from workbench.progress import OnDisk, replaying

# --- The commands for surveys: write a questionnaire, combine the files respondents send back

MethodName = Annotated[
    str,
    typer.Argument(
        metavar="METHOD", help="price-sensitivity, price-ladder, randomised-price, choice, best-worst or feature-fit."
    ),
]


def questionnaire_command(
    method: MethodName,
    design: Annotated[Path, typer.Option("--design", help="What is asked, as a JSON file (.json); see --example.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML file to write.")] = Path(
        "questionnaire.html"
    ),
    *,
    example: Annotated[
        bool, typer.Option("--example", help="Write an example of the design file to begin with, and stop.")
    ] = False,
    brand: options.BrandName = "",
    colour: options.BrandColour = "",
    logo: options.Logo = None,
    locale: options.LocaleName = "en",
    force: Force = False,
) -> None:
    """Write a survey as one page that works anywhere and saves its answers as a file."""
    from workbench.outputs import check_output  # noqa: PLC0415 - each command loads what it needs
    from workbench.report.questionnaire_page import write_questionnaire  # noqa: PLC0415
    from workbench.research.survey_design import example_design, load_design, save_design  # noqa: PLC0415

    if example:
        check_output(design, ".json", force=force)
        print_files((save_design(example_design(method), design, force=force),))
        return
    settle(locale)
    asked = load_design(method, design)
    look = options.brand(brand, colour, logo)
    print_files((write_questionnaire(method, asked, output, brand=look, inputs=(design, logo), force=force),))
    if hasattr(asked, "design"):
        planned = asked.design()
        typer.echo(planned.reading)
        print_cautions(getattr(planned, "cautions", ()))


def answers(
    folder: Annotated[Path, typer.Argument(help="The folder of answer files respondents sent back.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder of data to write the tables to.")],
    *,
    force: Force = False,
) -> None:
    """Combine answer files into one survey table per method, as the data folder of a study holds it."""
    from workbench.formatting import count  # noqa: PLC0415 - each command loads what it needs
    from workbench.research.answers import combine_answers  # noqa: PLC0415

    found = combine_answers(folder)
    print_files(found.save(output, force=force))
    for name, people in found.respondents.items():
        typer.echo(f"{name}: {count('respondent', people)}")
    print_cautions(found.cautions)
    if found.repeated:
        typer.echo(f"Counted once, because they are copies: {', '.join(found.repeated)}")
    if found.ignored:
        typer.echo(f"Not read, because they are no answer files: {', '.join(found.ignored)}")


# --- The command `workbench`: everything the notebooks do that makes sense without a screen

# Exit codes, each with one meaning, so that a pipeline can tell them apart; 2 is the usage error of every command line.
GUARDRAIL_CROSSED, BAD_DATA, CANNOT, FAULT = 1, 3, 4, 5
EXIT_CODES = (
    f"Exit codes: 0 done; {GUARDRAIL_CROSSED} a guardrail is crossed (replay --guard); 2 the command is not written as "
    f"it should be; {BAD_DATA} the data has problems; {CANNOT} anything else you can put right, as a missing file, "
    f"folder or study; {FAULT} a fault of the program; {URGENT} an alert is urgent (watch); 130 stopped with Ctrl-C."
)
app = typer.Typer(
    help="Redesign how a software company charges, on the company's own data.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Folder = Annotated[Path, typer.Argument(help="A folder.")]
DataPath = Annotated[Path, typer.Argument(help="A folder of CSV, Excel or Parquet files, or one workbook.")]
StudyFolder = Annotated[Path, typer.Argument(help="The folder of a study (it holds study.json).")]
_ADVICE_ON_FILES = "Name a file or folder that may be written, and close it where another program has it open."
_SECONDS_PER_BYTE_OF_EVENTS = 2e-8
_FEW = 3  # notebooks named one by one
DEFAULT_CALCULATOR = Path("calculator.html")


def main() -> None:
    """Run the command line; a problem the user can act on ends with its sentence and the exit code of its kind."""
    try:
        app()
    except DataErrors as error:
        print_problems(error)
        sys.exit(CANNOT if isinstance(error.problems[0], MissingPlace) else BAD_DATA)
    except UnreadableDataError as error:
        typer.echo(str(error), err=True)
        sys.exit(BAD_DATA)
    except WorkbenchError as error:
        typer.echo(str(error), err=True)
        sys.exit(CANNOT)
    except OSError as error:
        if error.strerror is None or (error.filename is None and not is_about_space(error)):
            _fail()  # no file of the user's: a fault to be seen in full
        what = f"{error.filename} cannot be used" if error.filename else "The output cannot be written"
        typer.echo(f"{what}: {error.strerror}. {_ADVICE_ON_FILES}", err=True)
        sys.exit(CANNOT)
    except Exception:  # noqa: BLE001 - shown in full, under a code that no crossed guardrail has
        _fail()


def _fail() -> NoReturn:
    """End with the traceback of a fault that is the program's own."""
    traceback.print_exc()
    sys.exit(FAULT)


@app.command()
def lab(
    folder: Annotated[Path, typer.Argument(help="The folder to work in; made when missing.")] = Path("workspace"),
    port: Annotated[
        int, typer.Option(help="The port to listen on; the next free one is taken when it is busy.")
    ] = 8888,
    *,
    browser: Annotated[bool, typer.Option(help="Open a browser window where there is one.")] = True,
) -> None:
    """Open the workbench in JupyterLab: every step of a study, beginning with a copy of the sample's."""
    from workbench.pages.lab import start_lab  # noqa: PLC0415 - each command loads what it needs
    from workbench.workspace import APP_NOTEBOOK, make_workspace  # noqa: PLC0415

    with bar(shown=sys.stderr.isatty()):
        workspace = make_workspace(folder)
    if workspace.added:
        notebooks = [each for each in workspace.added if each.endswith(".ipynb")]
        others = [each for each in workspace.added if each not in notebooks]
        told = notebooks if len(notebooks) <= _FEW else [f"{len(notebooks)} notebooks"]
        typer.echo(f"Put into {workspace.folder}: {', '.join([*told, *others])}")
    raise typer.Exit(start_lab(workspace.folder, APP_NOTEBOOK, port=port, browser=browser))


@app.command()
@with_progress
def check(
    data: DataPath,
    currency: Annotated[
        str,
        typer.Option(
            callback=options.currency_code,
            help="What a sign that several currencies share, such as $, stands for; e.g. USD.",
        ),
    ] = "",
    *,
    allow_credits: options.Credits = False,
    rule: options.Rules = None,
) -> None:
    """Check a folder of data and list every problem, one line for each cause; exit code 3 when there is one."""
    step = command_steps(data, start=0.5, then=lambda size: {"look": 0.05 + 0.15 * size.many})
    from workbench.customers.base import CustomerBase  # noqa: PLC0415
    from workbench.customers.intake import RevenueRules  # noqa: PLC0415

    with step("load"):
        rules = RevenueRules().with_written(options.values_by_name(rule or ()))
        base = CustomerBase.load(data, currency=currency, allow_credits=allow_credits, rules=rules)
    with step("look", "counting what it covers"):
        covered, _ = covered_text(base), base.findings
    typer.echo(covered)
    print_findings(base)
    typer.echo("No problems found.")


@app.command("import")
@with_progress
def import_command(
    exports: Annotated[Path, typer.Argument(help="A folder, workbook or file of exports, whatever they are called.")],
    study: Annotated[Path, typer.Option("-o", "--output", help="The folder of the study, made when missing.")],
    *,
    accept: Annotated[bool, typer.Option("--accept", help="Take every suggestion without a question.")] = False,
    currency: Annotated[
        str,
        typer.Option(
            callback=options.currency_code,
            help="What amounts are in where nothing says so, and what others are converted to; e.g. EUR.",
        ),
    ] = "",
    as_of: Annotated[
        str | None, typer.Option(callback=options.day, help="Hide everything later than this day, e.g. 2024-12-31.")
    ] = None,
    title: Annotated[str, typer.Option(help="The title of a new study.")] = "",
    locale: options.LocaleName = "en",
    rule: options.Rules = None,
) -> None:
    """Make a study of exports as they are, or renew its data; what is not certain is asked about in mapping.toml."""
    step = command_steps(exports, start=0.7)
    from workbench.pages.data_import import import_exports  # noqa: PLC0415 - each command loads what it needs

    with step("load"):
        settings: dict[str, Any] = {"currency": currency, "as_of": as_of, "title": title, "locale": locale}
        rules = options.values_by_name(rule or ())
        done = import_exports(exports, study, accept=accept, show=print_found, rules=rules, **settings)
    print_import(done)
    of_a_new_study = {"--title": title, "--as-of": as_of, "--locale": locale != HOUSE_LOCALE}
    given = [name for name, value in of_a_new_study.items() if value]
    if given and done.study is not None and not done.is_new:
        typer.echo(f"{', '.join(given)} set up a new study; this one keeps what it has.")
    if done.study is None:
        raise typer.Exit(BAD_DATA)


@app.command()
def template(folder: Folder, *, force: Force = False) -> None:
    """Write empty tables and a guide to their columns into a folder."""
    from workbench.workspace import write_template  # noqa: PLC0415

    for path in write_template(folder, force=force):
        typer.echo(str(path))


@app.command()
@with_progress
def new(
    study: StudyFolder,
    data: Annotated[Path, typer.Option(help="The data the study stands on.")],
    as_of: Annotated[
        str | None, typer.Option(callback=options.day, help="Hide everything later than this day, e.g. 2024-12-31.")
    ] = None,
    title: Annotated[str, typer.Option(help="The study's title.")] = "",
    currency: Annotated[
        str,
        typer.Option(
            callback=options.currency_code,
            help="What amounts are in where the data names no currency, or only a sign such as $; else US dollars.",
        ),
    ] = "",
    *,
    locale: options.LocaleName = "en",
    allow_credits: options.Credits = False,
    basis: options.Basis = "last-month",
    rule: options.Rules = None,
) -> None:
    """Make a study of your own data, after checking it."""
    step = command_steps(data, start=1.0)
    from workbench.rendering.studies import FALLBACK_CURRENCY, new_study  # noqa: PLC0415

    with step("load"):
        named: dict[str, Any] = {"title": title, "locale": locale, "basis": options.basis_named(basis)}
        read: dict[str, Any] = {"as_of": as_of, "currency": currency, "allow_credits": allow_credits}
        read["rules"] = options.values_by_name(rule or ())
        made = new_study(study, data, show=print_findings, **named, **read)
    typer.echo(f"Made the study {made.name!r} in {study}. Open it in a notebook: open_study({str(study)!r})")
    if not currency and made.currency == FALLBACK_CURRENCY:
        print_currency(made.currency)
    elif currency and made.currency != currency:
        typer.echo(
            f"The data names its currency, {made.currency}, which counts; {currency} is only what a sign that several "
            "currencies share stands for."
        )


@app.command()
@with_progress
def calculator(
    study: StudyFolder,
    output: HtmlFile = DEFAULT_CALCULATOR,
    *,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="Use this scenario's prices, not the chosen one's.")
    ] = None,
    brand: options.BrandName = "",
    colour: options.BrandColour = "",
    second_colour: Annotated[str, typer.Option("--second-colour", help="The colour of today's prices.")] = "",
    logo: options.Logo = None,
    title: Annotated[str, typer.Option("--title", help="The page's heading.")] = "",
    note: Annotated[str, typer.Option("--note", help="A sentence under the heading.")] = "",
    without_today: Annotated[
        bool, typer.Option("--without-today", help="Leave out today's prices and what changes against them.")
    ] = False,
    force: Force = False,
) -> None:
    """Write a page in which a customer sees the bill for any usage, today and under the new prices."""
    from workbench.report.calculator import write_calculator  # noqa: PLC0415
    from workbench.study.document import Study  # noqa: PLC0415
    from workbench.workspace import load_base  # noqa: PLC0415

    look = options.brand(brand, colour, logo, second_colour)
    document = Study.load(study)
    settle(document.locale)
    step = command_steps(document.data.located(study), start=0.3, then=lambda _: {"page": 0.5})
    with step("load"):
        base = load_base(document, study)
    with step("page", "writing the page"):
        page: dict[str, Any] = {"brand": look, "title": title, "note": note, "with_today": not without_today}
        written = write_calculator(base, document, output, scenario_id=scenario, inputs=(logo,), force=force, **page)
    print_files((written,))


@app.command("replay")
@with_progress
def replay_command(
    context: typer.Context,
    study: StudyFolder,
    scenario: Annotated[
        list[str] | None, typer.Option("--scenario", help="A scenario's id; several times for several.")
    ] = None,
    months: Annotated[int, typer.Option(min=1, help="Replay the last so many months.")] = 12,
    *,
    basis: Annotated[
        options.BasisName | None,
        typer.Option("--basis", help="The months that revenue figures speak of; those of the study if left out."),
    ] = None,
    guard: Annotated[bool, typer.Option("--guard", help="Exit with 1 when a guardrail is crossed.")] = False,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Compare the new list as it stands with recorded revenue.")
    ] = False,
    with_add_ons: Annotated[
        bool, typer.Option("--with-add-ons", help="Bill add-ons as well, to every account that needs one.")
    ] = False,
    events: Annotated[
        Path | None, typer.Option("--events", help="Take usage from raw events: a Parquet or CSV file, or a folder.")
    ] = None,
    engine: Annotated[options.EngineName, typer.Option("--engine", help="What reads the events.")] = "duckdb",
    memory: Annotated[
        str,
        typer.Option("--memory", callback=options.memory_size, help="What the engine may use; the rest goes to disk."),
    ] = options.DEFAULT_MEMORY,
    grace_days: Annotated[int, typer.Option(min=0, help="A month closes so many days after its end (UTC).")] = 3,
    late: Annotated[
        options.LateName,
        typer.Option("--late", help="Later events count in their 'own month' or the 'month received'."),
    ] = "own month",
) -> None:
    """Bill the customer base again under a study's scenarios, and hold them against its guardrails."""
    from workbench.study.document import Study  # noqa: PLC0415

    if events is None:
        options.refuse_settings_of_events(context)
    document = Study.load(study)
    settle(document.locale)
    if basis is not None:
        document = document.replaced(basis=options.basis_named(basis))
    counting = _SECONDS_PER_BYTE_OF_EVENTS * (OnDisk.of(events).total if events else 0)
    step = command_steps(document.data.located(study), start=0.5, then=lambda size: replaying(size, counting))
    from workbench.stages.study_replay import replay_study  # noqa: PLC0415
    from workbench.workspace import load_base  # noqa: PLC0415

    with step("load"):
        base = load_base(document, study)
    sold = "by need" if with_add_ons else "none"
    settings: dict[str, Any] = {"months": months, "against_recorded": recorded, "add_ons": sold}
    if events is None:
        with step("replay"):
            done = replay_study(base, document, scenario, **settings)
    else:
        from workbench.impact.events.engines import open_engine  # noqa: PLC0415
        from workbench.impact.events.metering import EventRules  # noqa: PLC0415
        from workbench.stages.study_replay import replay_events  # noqa: PLC0415

        rules = EventRules(grace_days=grace_days, late=late)
        with step("replay", "counting and billing the events"), open_engine(engine, memory=memory) as opened:
            on_events = replay_events(base, document, events, opened, rules=rules, scenario_ids=scenario, **settings)
        print_events(on_events, engine)
        done = on_events.study
    with step("say", "adding up"), redirect_stdout(StringIO()) as said:
        print_baseline(done)
        for each in done.scenarios:
            print_replay(each, document.scenario(each.scenario_id).name, document.basis)
    typer.echo(said.getvalue(), nl=False)
    if guard and not done.passed:
        raise typer.Exit(GUARDRAIL_CROSSED)


@app.command()
def stages(
    key: Annotated[str, typer.Argument(metavar="[STAGE]", help="The stage to check; all are listed without.")] = "",
    data: Annotated[
        Path | None, typer.Option(help="The data a stage is worked out on; the sample company if left out.")
    ] = None,
) -> None:
    """List the stages there are and those left out, or check one: everything wrong with it, a line each."""
    from workbench.customers.base import CustomerBase  # noqa: PLC0415 - each command loads what it needs
    from workbench.rendering.stage_check import check_stage  # noqa: PLC0415
    from workbench.stages.contract import STAGES, stages_left_out  # noqa: PLC0415

    if not key:
        for each in STAGES:
            typer.echo(f"{each.key}: {each.title} ({each.notebook}, from {each.package})")
        for each, reason in stages_left_out().items():
            typer.echo(f"{each.key} is left out: {reason}")
        return
    faults = check_stage(key, None if data is None else CustomerBase.load(data))
    for fault in faults:
        typer.echo(f"- {fault}")
    if faults:
        raise typer.Exit(CANNOT)
    typer.echo(f"Nothing is wrong with {key}: declared, worded, worked out, shown in its panel and on its page.")


app.command()(with_progress(report))
app.command()(with_progress(run))
app.command()(with_progress(slides))
app.command()(with_progress(state))
app.command()(with_progress(letters))
app.command()(with_progress(watch))
app.command()(with_progress(pages))
app.command()(with_progress(plan))
app.command()(with_progress(talks))
app.command()(with_progress(playbook))
app.command()(workshop)
app.command()(present)
app.command()(comment)
app.command()(log)
app.command("questionnaire")(with_progress(questionnaire_command))
app.command()(with_progress(answers))
