"""`apply`, `export` and `schema`: the configuration as one document (X-13)."""

import json
from pathlib import Path

import typer

from bot.commands.headless import actor_of, translator
from bot.commands.printing import printer
from bot.environment import Environment
from bot.opening import open_house
from core.configuration.applying import ApplyDocument
from core.configuration.exporting import ExportDocument
from core.configuration.plan import Kind
from core.configuration.schema import contract_schema
from core.errors import BadInput
from core.texts import T
from integrations.registry import Registry


async def apply_document(environment: Environment, file: Path, *, dry_run: bool, prune: bool, yes: bool) -> int:
    """Show the plan, and carry it out unless it is a dry run. Removals are asked for first."""
    text = _read(file)
    async with open_house(environment, beside=True, log_level="WARNING") as house:
        apply = await house.container.get(ApplyDocument)
        say = translator(house)
        show = printer()
        plan = await apply(actor_of(house), text, dry_run=True, prune=prune)
        for line in plan.lines():
            show(say(line))
        if dry_run or plan.empty:
            return 0
        if plan.count(Kind.REMOVE) and not yes and not typer.confirm(say(T("Remove what the plan says?"))):
            return 1
        # Only what was shown and agreed to; who changes something meanwhile is noticed.
        await apply(actor_of(house), text, prune=prune, expected=plan.fingerprint)
        show(say(T("Applied.")))
        return 0


async def export_document(environment: Environment) -> int:
    """Print the document that makes this configuration."""
    async with open_house(environment, beside=True, log_level="WARNING") as house:
        export = await house.container.get(ExportDocument)
        typer.echo(await export(actor_of(house)), nl=False)
        return 0


def print_schema() -> None:
    """Print the JSON Schema of the document with every module's settings."""
    typer.echo(json.dumps(contract_schema(Registry.builtin()), indent=2, ensure_ascii=False))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(
            T("The file {file} cannot be read: {reason}.", file=str(file), reason=error.strerror or "?")
        ) from error
