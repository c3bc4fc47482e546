"""What the commands share: the group, the rooms they are run in, how they end."""

from __future__ import annotations

import os
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.domain.errors import CostError, InvalidFile, NotUnderstood

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""Looking through every installed package for plug-ins would take as long as a whole answer."""

if TYPE_CHECKING:
    from bot.app.container import Container

FAILED, REFUSED = 1, 2
_NOT_UNDERSTOOD = 3


class _Commands(click.Group):
    """A group whose modules are imported when one of their commands, or the list of all, is asked for."""

    _MODULES = ("bills", "init", "mcp", "run", "teach")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None where there is none of that name."""
        if cmd_name not in self.commands:
            self._load()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in order."""
        self._load()
        return super().list_commands(ctx)

    def every(self) -> dict[str, click.Command]:
        """All commands by name, in order."""
        self._load()
        return dict(sorted(self.commands.items()))

    def _load(self) -> None:
        for module in self._MODULES:
            import_module(f"bot.app.cli.{module}")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="spend", prog_name="spend")
def spend() -> None:
    """What a team spends on AWS, Google Cloud, OpenAI and Anthropic, and why."""


def exit_code(error: CostError) -> int:
    """How a command that failed so ends."""
    if isinstance(error, InvalidFile):
        return REFUSED
    return _NOT_UNDERSTOOD if isinstance(error, NotUnderstood) else FAILED


def say(error: CostError) -> None:
    """One sentence of what happened and one of what to do, on standard error."""
    click.echo(error.message, err=True)
    if error.hint:
        click.echo(error.hint, err=True)
    for choice in error.choices if isinstance(error, NotUnderstood) else ():
        click.echo(f'  spend ask "{choice}"', err=True)


_REAL = dict(os.environ)


def opened(*, running: bool = False) -> Container:
    """The rooms, set up from the environment."""
    from bot.app.container import Container  # --help needs none

    container = Container(environment, running=running)
    if container.settings.otel_endpoint:
        from bot.app.opentelemetry import trace  # an extra, imported only where it is switched on

        trace()
    return container


def environment() -> dict[str, str]:
    """The environment as it is now: ``.env`` is read where it lies, the real one wins; ``…_FILE`` names a secret file.

    Vendors' own libraries look into the process's environment, so that what is added is put there too.
    """
    from bot.app.settings.loading import secrets_from_files  # --help needs none

    values = dict(_REAL)
    if Path(".env").is_file():
        from dotenv import dotenv_values  # only with a file to read

        values = {**{name: value for name, value in dotenv_values(".env").items() if value}, **values}
    values |= secrets_from_files(values)
    os.environ.update({name: value for name, value in values.items() if name not in _REAL})
    return dict(os.environ)


def day_of(text: str | None) -> date | None:
    """The date of an option.

    Raises:
        NotUnderstood: it is none.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotUnderstood(f"{text!r} is not a date.", "Use a date like 2026-11-22.") from None


def log_form(container: Container) -> str:
    """Logs stay off the terminal, where they would stand between what people read."""
    return container.settings.log_format if not sys.stderr.isatty() else "quiet"
