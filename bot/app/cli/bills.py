"""Bills in and out of the ledger: sync, import, export, reconcile, backup."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bot.app.cli import completion
from bot.app.cli.base import FAILED, REFUSED, day_of, log_form, opened, spend
from bot.domain.errors import InvalidFile, NotUnderstood

if TYPE_CHECKING:
    from bot.ledger import Ledger
    from bot.sync.report import Report


@spend.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--period", metavar="WORDS", help='Only these days: "last month", "2026-10", "since March".')
@click.option("--focus-version", type=click.Choice(["1.2", "1.4"]), default="1.4", show_default=True)
def export(file: Path, *, period: str | None, focus_version: Literal["1.2", "1.4"]) -> None:
    """Export the ledger as a FOCUS file: CSV (also .gz) or Parquet."""
    from bot.focus.exporter import export as write  # the other commands do without pyarrow

    container = opened()
    container.filled_ledger()
    days = container.answer_service.read(f"spend {period}").question.period if period else None
    written = write(container.ledger, file, days=days, version=focus_version)
    click.echo(f"{file}: {written:,} charges, FOCUS {focus_version}.")


@spend.command()
@click.argument("month")
@click.option("--source", required=True, help="The source that sent the invoice, by its name in spend sync.")
@click.option(
    "--invoice",
    metavar="AMOUNT",
    help='The invoice total, 1234.56 or "1234.56 EUR"; by default the one the provider reports.',
)
@click.option("--json", "as_json", is_flag=True, help="Print the exact comparison as JSON.")
def reconcile(month: str, *, source: str, invoice: str | None, as_json: bool) -> None:
    """Compare a closed month with its invoice: the difference, and the charges behind it."""
    from bot.analytics.budget import limit  # the other commands do without
    from bot.render.answer_json import reconciliation_json
    from bot.render.sentences import reconciliation

    container = opened()
    container.filled_ledger()
    try:
        invoiced = limit(invoice, container.settings.currency or "USD") if invoice else None
    except ValueError:
        raise NotUnderstood(f"{invoice!r} is not an amount.", "Use an amount like 1234.56 or '1234.56 EUR'.") from None
    found = container.answer_service.reconcile(source, month, invoiced)
    text = json.dumps(reconciliation_json(found), ensure_ascii=False) if as_json else f"{reconciliation(found)}."
    click.echo(text)
    sys.exit(0 if found.agrees else FAILED)


@spend.command()
@click.argument("sources", nargs=-1, shell_complete=completion.sources)
@click.option("--since", metavar="DATE", help="Sync from this day on, even days already in the ledger.")
@click.option("--due", is_flag=True, help="Sync only what is due now, as the scheduler would; for cron.")
@click.option(
    "--dry-run", is_flag=True, help="List the requests with their permissions and prices, without sending any."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def sync(sources: tuple[str, ...], *, since: str | None, due: bool, dry_run: bool, as_json: bool) -> None:
    """Sync new and restated charges into the ledger, from every source unless you name some."""
    from bot.answering import data_quality  # the other commands do without
    from bot.app.logs import configure
    from bot.render import note
    from bot.sync.service import sync as pull

    container = opened()
    configure(log_form(container))
    ledger, opens, began = container.ledger, container.sources(sources), container.clock()
    if dry_run:
        from bot.sync.dry_run import planned

        ceiling = container.settings.api_spend_ceiling
        click.echo(planned(opens, ledger, container.clock(), ceiling, due=due).text(as_json=as_json))
        return
    with _bars() as show:
        report = pull(
            opens,
            ledger,
            now=container.clock,
            since=day_of(since),
            ceiling=container.settings.api_spend_ceiling,
            by_hand=not due,
            progress=lambda made: show(f"{made.source}: {made.feed}", made.share, 1.0),
        )
    restated = [] if as_json else list(map(note, data_quality.restated(ledger, began.date(), since=began)))
    click.echo(json.dumps(report.json()) if as_json else "\n".join([_synced(report), *restated]))
    sys.exit(0 if report.ok else FAILED)


@contextmanager
def _bars(doing: str = "") -> Iterator[Callable[[str, float, float | None], None]]:
    """A bar for each thing under way on a terminal, silence elsewhere. Yields ``show(name, done, total)``."""
    if not sys.stderr.isatty():
        yield lambda _name, _done, _total: None
        return
    from rich.console import Console  # only on a terminal
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: float, total: float | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(f"{doing} {name}".strip(), total=total)
            bars.update(tasks[name], completed=done)

        yield show


def _synced(report: Report) -> str:
    lines = []
    for source in report.sources:
        summary = source.json()
        charges = sum(feed["charges"] for feed in summary["feeds"])
        days = f"{summary['feeds'][0]['from']} to {summary['feeds'][0]['to']}" if summary["feeds"] else "nothing new"
        asked = f"{summary['requests']} requests, {summary['cost']}"
        lines.append(f"{summary['source']}: {summary['status']}, {charges:,} charges ({days}; {asked})")
        lines += [f"  {sentence}" for sentence in (*summary["warnings"], *summary["notes"])]
        if summary["error"]:
            lines.append(f"  {summary['error']['message']} {summary['error']['hint']}".rstrip())
    return "\n".join(lines)


@spend.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change, without importing anything.")
@click.option("--force", is_flag=True, help="Import an older run too, replacing the newer one.")
@click.option(
    "--encoding",
    metavar="NAME",
    help="Encoding of files that do not declare one: latin-1, cp1252, utf-16; UTF-8 by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def import_(files: tuple[Path, ...], *, dry_run: bool, force: bool, encoding: str | None, as_json: bool) -> None:
    """Import FOCUS files (CSV, TSV, Parquet; gzip, zip, zstd); importing the same file twice changes nothing.

    A newer run of one export and month replaces the older one, which is said first; parts of a run and other
    sub accounts stand beside each other. A folder stands for the files in it.
    """
    from bot.focus.importer import Options, import_files  # the other commands do without pyarrow
    from bot.render.imports import imported_json, imported_lines

    container = opened()
    sizes = {file.name: file.stat().st_size for file in files if file.is_file()}
    with _bars("Reading") as show:
        imported = import_files(
            container.ledger,
            files,
            now=container.clock(),
            options=Options(encoding=encoding, force=force, dry_run=dry_run),
            progress=lambda path, done: show(path.name, done, sizes.get(path.name)),
            announce=lambda outcome: None if as_json else _announce(imported_lines(outcome, dry_run=dry_run)),
        )
    if as_json:
        click.echo(json.dumps({"files": [imported_json(outcome) for outcome in imported]}, ensure_ascii=False))
    refused = sum(outcome.error is not None for outcome in imported)
    sys.exit(0 if not refused else REFUSED if refused == len(imported) else FAILED)


def _announce(lines: tuple[list[str], list[str]]) -> None:
    """What was done to standard output, what was refused to standard error."""
    done, refused = lines
    for line in done:
        click.echo(line)
    for line in refused:
        click.echo(line, err=True)


@spend.group("imports", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the imports as JSON.")
@click.pass_context
def imports(context: click.Context, *, as_json: bool) -> None:
    """List imported files, newest first; "spend imports undo" undoes the last import."""
    if context.invoked_subcommand:
        return
    from bot.render.imports import deliveries_json, delivery_line  # the other commands do without

    container = opened()
    deliveries, sources = container.ledger.deliveries.all(), dict(_sources(container.ledger))
    if as_json:
        click.echo(json.dumps({"deliveries": deliveries_json(deliveries, sources)}, ensure_ascii=False))
    elif not deliveries:
        click.echo("Nothing has been imported yet: spend import FILE.")
    for delivery in () if as_json else deliveries:
        click.echo(delivery_line(delivery, sources))


def _sources(ledger: Ledger) -> Iterator[tuple[int, str]]:
    return ((number, feed.source) for feed, number in ledger.numbered_feeds())


@imports.command("undo")
def undo() -> None:
    """Undo the last import and restore what it replaced."""
    from bot.focus.importer import undo as take_back  # the other commands do without pyarrow
    from bot.render.imports import delivery_line

    container = opened()
    sources = dict(_sources(container.ledger))
    undone = take_back(container.ledger, container.clock())
    if not undone:
        click.echo("There is no import to take back.")
    for delivery in undone:
        click.echo(f"Taken back: {delivery_line(delivery, sources)}")


@spend.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write a consistent copy of the ledger, even while the bot runs."""
    if file.exists():
        raise InvalidFile(f"{file} already exists.", "Choose another name; a backup never overwrites a file.")
    opened().ledger.backup(file)
    click.echo(f"{file}: {file.stat().st_size / 1e6:,.1f} MB.")


@spend.command()
@click.option("--to", "target", required=True, metavar="URL", help="The new ledger: postgresql://… or sqlite:///path.")
def migrate(target: str) -> None:
    """Copy the ledger to a new one, SQLite or PostgreSQL, and check every day's totals; resumes if interrupted."""
    from bot.ledger import Ledger  # --help needs none
    from bot.ledger.copy import copy_ledger

    source, copy = opened().filled_ledger(), Ledger.open(target)
    with _bars("Copying") as show:
        rows = copy_ledger(source, copy, show)
    click.echo(f"{rows:,} rows copied to {copy.name}; the totals of every day agree. Now set LEDGER_URL to it.")


@spend.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(file: Path) -> None:
    """Restore a backup into the ledger at LEDGER_URL, which must be empty."""
    from bot.ledger import Ledger  # --help needs none
    from bot.ledger.copy import copy_ledger

    ledger = opened().ledger
    with _bars("Restoring") as show:
        rows = copy_ledger(Ledger(file), ledger, show)
    click.echo(f"{rows:,} rows restored to {ledger.name}; the totals of every day agree.")
