"""The command line. Exit 0: done; 1: a failed or partial result; 2: wrong usage or configuration.

Commands import what they need when they run: those without chat never load the chat library.
"""

import asyncio
import gc
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer

from bot.commands.printing import printer
from bot.environment import read_environment, spoken_language
from core.errors import BadInput, ChimeraError, NotFound, StartError
from core.i18n import Translator
from core.texts import T

app = typer.Typer(
    help="Chimera, an operations hub for retail chains.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Stores = Annotated[list[str] | None, typer.Option("--store", help="Name, CNPJ or beginning of a name; repeatable.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Compute everything, send nothing.")]
JobName = Annotated[str | None, typer.Option("--job", help="Which job, if there are several.")]

USAGE = 2


@app.command()
def run() -> None:
    """Run the bot, its schedule and its worker until stopped."""
    environment = read_environment()
    environment.token()
    environment.make_clock()
    # The collector finds nothing among thousands of new classes, and takes a fifth of the start.
    gc.disable()
    from bot.hub import main  # noqa: PLC0415 - loads the chat library, so what is wrong at a glance is refused first

    main(environment)


@app.command()
def sync(store: Stores = None, dry_run: DryRun = False, job: JobName = None) -> None:
    """Run the discount sync now and wait for its end."""
    from bot.commands.headless import run_job  # noqa: PLC0415
    from core.jobs.model import JobType  # noqa: PLC0415

    _finish(run_job(read_environment(), JobType.SYNC_PRODUCTS, job, store or [], dry_run=dry_run))


@app.command()
def compare(store: Stores = None, job: JobName = None) -> None:
    """Compare the ERP with the platform now and wait for the end."""
    from bot.commands.headless import run_job  # noqa: PLC0415
    from core.jobs.model import JobType  # noqa: PLC0415

    _finish(run_job(read_environment(), JobType.COMPARE_DATA, job, store or [], dry_run=False))


@app.command()
def release(
    store: Stores = None,
    run_number: Annotated[int | None, typer.Option("--run", help="Everything held in this run.")] = None,
) -> None:
    """Release what guard rails hold, for some stores or one run, and send it."""
    from bot.commands.headless import release_held  # noqa: PLC0415

    if not store and run_number is None:
        raise BadInput(T("Name what to release: --store NAME (repeatable) or --run NUMBER."))
    _finish(release_held(read_environment(), store or [], run_number))


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="Configuration document (YAML).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan, change nothing.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove what the document does not name.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before removing.")] = False,
) -> None:
    """Make the configuration be as the document says."""
    from bot.commands.documents import apply_document  # noqa: PLC0415

    _finish(apply_document(read_environment(), file, dry_run=dry_run, prune=prune, yes=yes))


@app.command()
def export() -> None:
    """Print the whole configuration as one document, secrets left out."""
    from bot.commands.documents import export_document  # noqa: PLC0415

    _finish(export_document(read_environment()))


@app.command()
def forget_pin(person: Annotated[str, typer.Argument(help="Telegram id, or name.")]) -> None:
    """Void the PIN or authenticator app of somebody who cannot use it; a new one is set in the chat."""
    from bot.commands.people import forget_pin as forget  # noqa: PLC0415

    _finish(forget(read_environment(), person))


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration document."""
    from bot.commands.documents import print_schema  # noqa: PLC0415

    print_schema()


@app.command()
def probe(integration: Annotated[str, typer.Argument(help="Name of the integration.")]) -> None:
    """Reach an integration once and print keys and types of real answers, never values."""
    from bot.commands.checks import probe_integration  # noqa: PLC0415

    _finish(probe_integration(read_environment(), integration))


@app.command()
def doctor() -> None:
    """Check environment, folder, key, database, token and integrations."""
    from bot.commands.checks import examine  # noqa: PLC0415

    _finish(examine())


@app.command()
def demo(
    tour: Annotated[bool, typer.Option("--tour", help="Play the walk without a person, then end.")] = False,
) -> None:
    """Try everything against the sandbox; no account is needed."""
    from bot.demo import play  # noqa: PLC0415 - loads the sandbox

    _finish(play(tour=tour))


def main() -> None:
    """Entry point of the `chimera` command."""
    try:
        app()
    except ChimeraError as error:
        _explain(error)
        raise SystemExit(USAGE if isinstance(error, StartError | BadInput | NotFound) else 1) from None


def _finish(work: Coroutine[Any, Any, int]) -> NoReturn:
    raise typer.Exit(asyncio.run(work))


def _explain(error: ChimeraError) -> None:
    """Say what is wrong in the command line's language: a sentence, and every problem found."""
    try:
        zone = read_environment().timezone
    except StartError:
        zone = "UTC"
    say = Translator(spoken_language(), ZoneInfo(zone))
    show = printer(stderr=True)
    show(say(error.text))
    for problem in getattr(error, "problems", []):
        show(f"  {say(problem)}")
