"""Questions in the terminal: one answer, or one a line."""

from __future__ import annotations

import gc
import json
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.app.cli.base import day_of, exit_code, log_form, opened, say, spend
from bot.domain.errors import CostError, InvalidFile, NotUnderstood
from bot.tracing import span

if TYPE_CHECKING:
    from bot.answering.service import AnswerResult
    from bot.app.container import Container
    from bot.domain.question import Question


@spend.command()
@click.argument("text")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "markdown"]),
    default="text",
    help="Output format: text (rounded for reading), json and csv (exact), or markdown.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--today", metavar="DATE", help="Answer as if today were DATE.")
@click.option("--thread", type=click.Path(path_type=Path), help="A JSON list of the earlier questions in the thread.")
@click.option("--live", is_flag=True, help="Allow the paid requests that a gap offers.")
@click.option("--explain-reading", is_flag=True, help='Show how each word was read; with --json, under "reading".')
def ask(  # noqa: PLR0913 - its options
    text: str, *, form: str, as_json: bool, today: str | None, thread: Path | None, live: bool, explain_reading: bool
) -> None:
    """Answer a question in the terminal; "-" reads questions from standard input, one per line."""
    as_json = as_json or form == "json"
    if text == "-" and form in {"csv", "markdown"}:
        raise click.BadParameter(
            f"Questions from standard input can't be answered as {form}; use text or json.", param_hint="--format"
        )
    if text != "-":
        gc.disable()  # what one answer leaves behind ends with the process
    day = day_of(today)
    container = opened()
    container.filled_ledger()
    if live:
        from bot.app.logs import configure  # only vendors' requests are logged

        configure(log_form(container))
    earlier = _earlier(container, thread, day)
    if text == "-":
        sys.exit(_ask_many(container, day, earlier, as_json=as_json, live=live))
    try:
        with span("question", entry_point="terminal"):
            reply = container.answer_service.ask(text, today=day, previous=earlier, live=live)
    except CostError as error:
        if as_json:
            click.echo(json.dumps(_error(error), ensure_ascii=False))
        else:
            say(error)
        _keep(container, [(text, error)])
        sys.exit(exit_code(error))
    words = _words(reply) if explain_reading else []
    if as_json:
        click.echo(json.dumps({**_reply(reply), **({"reading": words} if words else {})}, ensure_ascii=False))
    else:
        for word in words:
            click.echo(f"{word['text']:<24} {word['meaning']}")
        click.echo(_written(reply, form), nl=form == "text")
    _keep(container, [(text, reply)])


@spend.command()
@click.argument("month", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Each fact with its question and answer, exact.")
@click.option("--today", metavar="DATE", help="Answer as if today were DATE.")
def review(month: tuple[str, ...], *, as_json: bool, today: str | None) -> None:
    """A month in some ten facts, the most money first; last month unless another is named."""
    from bot.digests.review import review as reviewed  # the other commands do without
    from bot.render.digest import named, review_lines

    container = opened()
    container.filled_ledger()
    day = day_of(today) or container.answer_service.today()
    words = " ".join(month) or "last month"
    days = container.answer_service.read(f"spend {words}", today=day).question.period
    if days is None:
        raise NotUnderstood(f"{words!r} is not a month.", "Write it like: spend review October")
    content = reviewed(container.answer_service, days.start, day)
    if as_json:
        facts: list[dict[str, object]] = [
            {"name": detail.asked, "why": detail.why} for detail in content.details if detail.result is None
        ]
        facts += [{"name": detail.asked, **_reply(detail.result)} for detail in content.details if detail.result]
        click.echo(json.dumps({"period": content.period, "facts": facts}, ensure_ascii=False))
        return
    click.echo(f"{named(content.times.period)} in review\n")
    click.echo("\n".join(f"- {text}" for text in review_lines(content)))


def _keep(container: Container, outcomes: list[tuple[str, AnswerResult | CostError]]) -> None:
    """Keeps what was not understood for ``spend doctor language``, where the ledger can be written."""
    with suppress(CostError):
        for text, outcome in outcomes:
            if isinstance(outcome, NotUnderstood):
                container.answer_service.sentences.refused(text, outcome, team="", person="")
            elif not isinstance(outcome, CostError) and outcome.reading is not None and outcome.reading.unread:
                container.answer_service.sentences.unanswered(outcome.reading, team="", person="")


def _words(reply: AnswerResult) -> list[dict[str, object]]:
    """Which words became what, from left to right."""
    found = reply.reading.words if reply.reading else ()
    return [{"text": w.text, "start": w.start, "end": w.end, "meaning": w.meaning} for w in found]


def _earlier(container: Container, thread: Path | None, day: date | None) -> Question | None:
    """The question that the thread's earlier texts amount to."""
    if thread is None:
        return None
    try:
        texts = json.loads(thread.read_text())
    except (OSError, ValueError) as error:
        raise InvalidFile(f"{thread} is not a JSON list of questions: {error}.", 'Write ["spend last week"].') from None
    return container.answer_service.read_earlier(map(str, texts), today=day)


def _ask_many(container: Container, day: date | None, earlier: Question | None, *, as_json: bool, live: bool) -> int:
    """As many lines out as in; 3 when any was not understood."""
    worst = 0
    refused: list[tuple[str, AnswerResult | CostError]] = []
    for raw in sys.stdin.buffer:
        text = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        try:
            reply = container.answer_service.ask(text, today=day, previous=earlier, live=live)
            line = json.dumps(_reply(reply), ensure_ascii=False) if as_json else " ".join(_headline(reply).split())
            if reply.reading is not None and reply.reading.unread:
                refused.append((text, reply))
        except CostError as error:
            worst = max(worst, exit_code(error))
            refused.append((text, error))
            line = json.dumps(_error(error), ensure_ascii=False) if as_json else str(error)
        click.echo(line)
    _keep(container, refused)
    return worst


def _reply(reply: AnswerResult) -> dict[str, object]:
    from bot.render.answer_json import result_json  # drawn only when shown
    from bot.render.slack.answer_message import draw

    message = draw(reply)
    return {**result_json(reply, message.text), "blocks": message.blocks}


def _headline(reply: AnswerResult) -> str:
    from bot.render.text import headline_text

    return headline_text(reply)


def _error(error: CostError) -> dict[str, object]:
    fields: dict[str, object] = {"type": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, NotUnderstood):
        fields["unknown"] = list(error.unknown)
        if error.choices:
            fields["choices"] = list(error.choices)
    return {"error": fields}


def _written(reply: AnswerResult, form: str) -> str:
    if form == "csv":
        from bot.render.csv_file import as_csv  # drawn only when shown

        return as_csv(reply.question, reply.answer)
    if form == "markdown":
        from bot.render.markdown import markdown

        return markdown(reply)
    from bot.render.text import printed

    return printed(reply)
