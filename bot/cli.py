"""``spend``: the commands, and the only reader of the environment."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from bot.costs.errors import CostError, InvalidFile, NotUnderstood

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""Looking through every installed package for plug-ins would take as long as a whole answer."""

if TYPE_CHECKING:
    from bot.ask import Reply
    from bot.costs.question import Question
    from bot.digest import Digests
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


_REAL = dict(os.environ)


def _house(*, running: bool = False) -> House:
    """The rooms, set up from the environment."""
    from bot.wiring import House  # noqa: PLC0415 - --help needs none

    return House(_environment, running=running)


def _environment() -> dict[str, str]:
    """The environment as it is now: ``.env`` is read where it lies, the real one wins.

    Vendors' own libraries look into the process's environment, so that what ``.env`` adds is put there too.
    """
    if Path(".env").is_file():
        from dotenv import dotenv_values  # noqa: PLC0415 - only with a file to read

        added = {name: value for name, value in dotenv_values(".env").items() if value and name not in _REAL}
        os.environ.update(added)
    return dict(os.environ)


# --- export -------------------------------------------------------------------------------------------------


@spend.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--period", metavar="WORDS", help='Only these days: "last month", "2026-10", "since March".')
@click.option("--focus-version", type=click.Choice(["1.2", "1.4"]), default="1.4", show_default=True)
def export(file: Path, *, period: str | None, focus_version: Literal["1.2", "1.4"]) -> None:
    """The ledger as a FOCUS file, CSV (also .gz) or Parquet."""
    from bot.export import export as write  # noqa: PLC0415 - the other commands do without pyarrow

    house = _house()
    house.filled_ledger()
    days = house.asker.read(f"spend {period}").question.period if period else None
    written = write(house.ledger, file, days=days, version=focus_version)
    click.echo(f"{file}: {written:,} charges, FOCUS {focus_version}.")


# --- reconcile ----------------------------------------------------------------------------------------------


@spend.command()
@click.argument("month")
@click.option("--source", required=True, help="Whose invoice: the source's name, as spend sync tells it.")
@click.option("--invoice", required=True, metavar="AMOUNT", help='What the invoice says: 1234.56, "1234.56 EUR".')
@click.option("--json", "as_json", is_flag=True, help="The comparison as JSON, exact.")
def reconcile(month: str, *, source: str, invoice: str, as_json: bool) -> None:
    """A closed month against its invoice: the difference, and which charges make it up."""
    from bot.costs.budget import limit  # noqa: PLC0415 - the other commands do without

    house = _house()
    house.filled_ledger()
    try:
        told = limit(invoice, house.settings.currency or "USD")
    except ValueError:
        raise NotUnderstood(f"{invoice!r} is no amount.", "Write it like 1234.56 or '1234.56 EUR'.") from None
    found = house.asker.reconcile(source, month, told)
    click.echo(json.dumps(found.as_json(), ensure_ascii=False) if as_json else f"{found.sentence()}.")
    sys.exit(0 if found.agrees else _FAILED)


# --- sync ---------------------------------------------------------------------------------------------------


@spend.command()
@click.argument("sources", nargs=-1)
@click.option("--since", metavar="DATE", help="Pull from this day on, even what is known already.")
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")
def sync(sources: tuple[str, ...], *, since: str | None, as_json: bool) -> None:
    """Pull what is new or restated into the ledger; without a name, from every source."""
    from bot.ask import trust  # noqa: PLC0415 - the other commands do without
    from bot.logs import configure  # noqa: PLC0415 - the same
    from bot.sync import sync as pull  # noqa: PLC0415 - the same

    house = _house()
    configure(_log_form(house))
    ledger, opens, began = house.ledger, house.sources(sources), house.clock()
    with _pulling() as progress:
        report = pull(
            opens,
            ledger,
            now=house.clock,
            since=_day(since),
            ceiling=house.settings.api_spend_ceiling,
            progress=progress,
        )
    restated = [] if as_json else list(trust.restated(ledger, began.date(), since=began))
    click.echo(json.dumps(report.json()) if as_json else "\n".join([_synced(report), *restated]))
    sys.exit(0 if report.ok else _FAILED)


def _log_form(house: House) -> str:
    """Logs stay off the terminal, where they would stand between what people read."""
    return house.settings.log_format if not sys.stderr.isatty() else "quiet"


@contextmanager
def _pulling() -> Iterator[Any]:
    """A bar a source on a terminal; silence elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def tell(made: Any) -> None:  # noqa: ANN401 - bot.sync.Progress, which is loaded late
            name = f"{made.source}: {made.feed}"
            tasks.setdefault(name, bars.add_task(name, total=1.0) if name not in tasks else None)
            bars.update(tasks[name], completed=made.share)

        yield tell


def _synced(report: Any) -> str:  # noqa: ANN401 - bot.sync.Report, which is loaded late
    lines = []
    for source in report.sources:
        told = source.json()
        charges = sum(feed["charges"] for feed in told["feeds"])
        days = f"{told['feeds'][0]['from']} to {told['feeds'][0]['to']}" if told["feeds"] else "nothing new"
        asked = f"{told['requests']} requests, {told['cost']}"
        lines.append(f"{told['source']}: {told['status']}, {charges:,} charges ({days}; {asked})")
        lines += [f"  {warning}" for warning in told["warnings"]]
        if told["error"]:
            lines.append(f"  {told['error']['message']} {told['error']['hint']}".rstrip())
    return "\n".join(lines)


# --- doctor -------------------------------------------------------------------------------------------------


@spend.command()
@click.option("--json", "as_json", is_flag=True, help="The checks as JSON.")
def doctor(*, as_json: bool) -> None:
    """Try every credential, permission, table and Slack scope for real, and say how to mend each."""
    from bot.doctor import checks  # noqa: PLC0415 - the other commands do without
    from bot.logs import configure  # noqa: PLC0415 - the same

    house = _house()
    configure(_log_form(house))
    found = list(checks(house))
    if as_json:
        told = [{"what": c.what, "ok": c.ok, "message": c.message, "hint": c.hint} for c in found]
        click.echo(json.dumps({"checks": told}, ensure_ascii=False))
    else:
        for check in found:
            click.echo(f"{'ok  ' if check.ok else 'MEND'} {check.what}: {check.message}")
            if check.hint and not check.ok:
                click.echo("     " + check.hint.replace("\n", "\n     "))
    sys.exit(0 if all(check.ok for check in found) else _FAILED)


@spend.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """A consistent copy of the ledger, taken while the bot runs."""
    if file.exists():
        raise InvalidFile(f"{file} is there already.", "Choose another name; a backup never overwrites.")
    _house().ledger.backup(file)
    click.echo(f"{file}: {file.stat().st_size / 1e6:,.1f} MB.")


# --- serve, demo --------------------------------------------------------------------------------------------


@spend.command()
def serve() -> None:
    """The bot: Socket Mode with SLACK_APP_TOKEN, else HTTP on PORT; syncs and digests on their clocks."""
    from bot.serve import run  # noqa: PLC0415 - the other commands do without

    run(_house(running=True))


@spend.command()
@click.option("--port", default=8080, show_default=True, help="Where the simulated workspace is.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def demo(*, port: int, no_browser: bool) -> None:
    """The whole bot without an account: simulated providers and workspace, the real adapters and the real app."""
    from bot.demo.run import run  # noqa: PLC0415 - the other commands do without

    run(port, browser=not no_browser)


# --- digest -------------------------------------------------------------------------------------------------


@spend.command()
@click.argument("name", required=False)
@click.option("--dry-run", is_flag=True, help="Print the message as JSON; post nothing.")
@click.option("--again", is_flag=True, help="Post it however often it was posted for its period.")
def digest(name: str | None, *, dry_run: bool, again: bool) -> None:
    """Run one digest now, once for its period; without a name, list them."""
    house = _house()
    house.filled_ledger()
    if name is None or dry_run:
        digests = _unposted(house)
        click.echo(_listed(digests) if name is None else _dry(digests, name))
        return
    from bot.front import Front  # noqa: PLC0415 - only to post

    ran = Front(house, house.asker, verify_token=False).digests.run(name, again=again)
    click.echo(f"{ran.digest.name} for {ran.period}: {ran.state}{f'. {ran.why}' if ran.why else '.'}")
    sys.exit(_FAILED if ran.state == "failed" else 0)


def _unposted(house: House) -> Digests:
    """The digests, with nowhere to post them."""
    from bot.digest import Digests  # noqa: PLC0415 - the other commands do without

    settings = house.settings
    return Digests(
        house.asker,
        house.ledger.memory,
        clock=house.clock,
        zone=settings.timezone,
        file=house.digests(),
        week_start=settings.week_start,
    )


def _listed(digests: Digests) -> str:
    lines = []
    for each in digests.listing():
        told, state = each.last or ("", {})
        run = each.next_run and each.next_run.astimezone(each.digest.zone(digests.zone))
        last = f"last {told}: {state.get('state')}" if told else "not posted yet"
        where = f"{each.digest.name}: {each.digest.when()} to {each.digest.channel}"
        lines.append(f"{where}; {f'next {run:%a %d %b %H:%M}' if run else 'paused'}; {last}")
    return "\n".join(lines) or "There are no digests. Make one in Slack, or in digests.toml."


def _dry(digests: Digests, name: str) -> str:
    from bot.slack.editions import draw  # noqa: PLC0415 - drawn only when shown

    ran = digests.run(name, dry_run=True)
    assert ran.edition is not None  # noqa: S101 - a dry run composes or raises
    message = draw(ran.edition)[0]
    return json.dumps({"text": message.text, "blocks": message.blocks}, ensure_ascii=False)


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
            charges = f"{each.charges:,} charge{'s' * (each.charges != 1)}"
            click.echo(f"{each.file}: {charges} from {each.days.start} to {each.days.last}.")
            if len(each.currencies) > 1:
                click.echo(f"  It bills in {' and '.join(each.currencies)}; these are never added up.")


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
@click.option("--explain-reading", is_flag=True, help='Show which words became what; with --json under "reading".')
def ask(  # noqa: PLR0913 - its options
    text: str, *, as_json: bool, today: str | None, thread: Path | None, live: bool, explain_reading: bool
) -> None:
    """One answer in the terminal; "-" reads questions from standard input, one a line."""
    if text != "-":
        gc.disable()  # what one answer leaves behind ends with the process
    day = _day(today)
    house = _house()
    house.filled_ledger()
    if live:
        from bot.logs import configure  # noqa: PLC0415 - only vendors' requests are logged

        configure(_log_form(house))
    earlier = _earlier(house, thread, day)
    if text == "-":
        sys.exit(_ask_many(house, day, earlier, as_json=as_json, live=live))
    try:
        reply = house.asker.ask(text, today=day, previous=earlier, live=live)
    except CostError as error:
        if as_json:
            click.echo(json.dumps(_error(error), ensure_ascii=False))
            sys.exit(_exit_code(error))
        raise
    words = _words(reply) if explain_reading else []
    if as_json:
        click.echo(json.dumps({**_reply(reply), **({"reading": words} if words else {})}, ensure_ascii=False))
        return
    for word in words:
        click.echo(f"{word['text']:<24} {word['meaning']}")
    click.echo(_printed(reply))


def _words(reply: Reply) -> list[dict[str, Any]]:
    """Which words became what, from left to right."""
    found = reply.reading.words if reply.reading else ()
    return [{"text": w.text, "start": w.start, "end": w.end, "meaning": w.meaning} for w in found]


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
        try:
            found = house.asker.read(str(each), today=day, previous=question).question
        except NotUnderstood:
            continue  # as in Slack: a slip in between does not lose what was asked before
        question = question if question and found.period is None else found
    return question


def _ask_many(house: House, day: date | None, earlier: Question | None, *, as_json: bool, live: bool) -> int:
    """As many lines out as in; 3 when any was not understood."""
    worst = 0
    for raw in sys.stdin.buffer:
        text = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        try:
            reply = house.asker.ask(text, today=day, previous=earlier, live=live)
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
