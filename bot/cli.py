"""``spend``: the commands, and the only reader of the environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bot.costs.errors import CostError, InvalidFile, NotUnderstood

if TYPE_CHECKING:
    from bot.ask import Reply
    from bot.costs.question import Question
    from bot.wiring import House

_REFUSED, _NOT_UNDERSTOOD, _FAILED = 2, 3, 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="spend", prog_name="spend")
def spend() -> None:
    """What a team spends on AWS, Google Cloud, OpenAI and Anthropic, and why."""


def main() -> None:
    """Run a command; an expected failure is one sentence and a hint, without a traceback."""
    try:
        spend(standalone_mode=False)
    except CostError as error:
        _fail(error)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_FAILED)


def _fail(error: CostError) -> NoReturn:
    click.echo(error.message, err=True)
    if error.hint:
        click.echo(error.hint, err=True)
    sys.exit(_exit_code(error))


def _exit_code(error: CostError) -> int:
    if isinstance(error, InvalidFile):
        return _REFUSED
    return _NOT_UNDERSTOOD if isinstance(error, NotUnderstood) else _FAILED


def _house(*, running: bool = False, **changes: str) -> House:
    """The rooms, set up from the environment; ``.env`` is read where it lies, the real environment wins."""
    from bot.settings import load  # noqa: PLC0415 - --help needs no settings
    from bot.wiring import House  # noqa: PLC0415 - the same

    return House(load({**_environment(), **changes}), running=running)


def _environment() -> dict[str, str]:
    if Path(".env").is_file():
        from dotenv import load_dotenv  # noqa: PLC0415 - only with a file to read

        load_dotenv(".env")
    return dict(os.environ)


# --- import -------------------------------------------------------------------------------------------------


@spend.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def import_(files: tuple[Path, ...]) -> None:
    """FOCUS files (CSV, CSV.gz, Parquet) into the ledger; the same file twice changes nothing."""
    from bot.imports import import_files  # noqa: PLC0415 - the other commands do without pyarrow

    house = _house()
    with _progress("Reading", [(file.name, file.stat().st_size if file.is_file() else 0) for file in files]) as tell:
        imported = import_files(
            house.ledger, files, now=house.clock(), progress=lambda path, done: tell(path.name, done)
        )
    for each in imported:
        if each.already:
            click.echo(f"{each.file}: in the ledger already, nothing changed.")
        elif each.days:
            click.echo(f"{each.file}: {each.charges:,} charges from {each.days.start} to {each.days.last}.")


@contextmanager
def _progress(what: str, parts: list[tuple[str, int]]) -> Iterator[Any]:
    """A bar a part on a terminal; silence elsewhere. Yields ``tell(name, done)``."""
    if not sys.stderr.isatty():
        yield lambda _name, _done: None
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks = {name: bars.add_task(f"{what} {name}", total=size or None) for name, size in parts}
        yield lambda name, done: bars.update(tasks[name], completed=done)


# --- ask ----------------------------------------------------------------------------------------------------


@spend.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON, exact.")
@click.option("--today", metavar="DATE", help="The day it is for the asker.")
@click.option("--thread", type=click.Path(path_type=Path), help="A JSON list of the earlier texts of the thread.")
@click.option("--live", is_flag=True, help="Allow the paid requests that a gap offers.")
@click.option("--explain-reading", is_flag=True, help="Show which words became what.")
def ask(  # noqa: PLR0913 - its options
    text: str, *, as_json: bool, today: str | None, thread: Path | None, live: bool, explain_reading: bool
) -> None:
    """One answer in the terminal; "-" reads questions from standard input, one a line."""
    day = _day(today)
    house = _house()
    house.filled_ledger()
    _ = live  # nothing in this version is answered by a paid request
    earlier = _earlier(house, thread, day)
    if text == "-":
        sys.exit(_ask_many(house, day, earlier, as_json=as_json))
    try:
        reply = house.asker.ask(text, today=day, previous=earlier)
    except CostError as error:
        if as_json:
            click.echo(json.dumps(_error(error), ensure_ascii=False))
            sys.exit(_exit_code(error))
        raise
    if explain_reading and reply.reading:
        for word in reply.reading.words:
            click.echo(f"{word.text:<24} {word.meaning}")
    click.echo(json.dumps(_reply(reply), ensure_ascii=False) if as_json else _printed(reply))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotUnderstood(f"{text!r} is no date.", "Write it like 2026-11-22.") from None


def _earlier(house: House, thread: Path | None, day: date | None) -> Question | None:
    """The question that the thread's earlier texts amount to."""
    if thread is None:
        return None
    try:
        texts = json.loads(thread.read_text())
    except (OSError, ValueError) as error:
        raise InvalidFile(f"{thread} is not a JSON list of texts: {error}.", 'Write ["spend last week"].') from None
    question = None
    for each in texts:
        question = house.asker.read(str(each), today=day, previous=question).question
    return question


def _ask_many(house: House, day: date | None, earlier: Question | None, *, as_json: bool) -> int:
    """As many lines out as in; 3 when any was not understood."""
    worst = 0
    for raw in sys.stdin.buffer:
        text = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        try:
            reply = house.asker.ask(text, today=day, previous=earlier)
            line = json.dumps(_reply(reply), ensure_ascii=False) if as_json else " ".join(reply.text.split())
        except CostError as error:
            worst = max(worst, _exit_code(error))
            line = json.dumps(_error(error), ensure_ascii=False) if as_json else str(error)
        click.echo(line)
    return worst


def _reply(reply: Reply) -> dict[str, Any]:
    from bot.slack.blocks import draw  # noqa: PLC0415 - drawn only when shown

    message = draw(reply)
    return {**reply.as_json(), "text": message.text, "blocks": message.blocks}


def _error(error: CostError) -> dict[str, Any]:
    told: dict[str, Any] = {"type": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, NotUnderstood):
        told["unknown"] = list(error.unknown)
    return {"error": told}


def _printed(reply: Reply) -> str:
    from bot.terminal import printed  # noqa: PLC0415 - drawn only when shown

    return printed(reply)
