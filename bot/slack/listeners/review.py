"""``review MONTH`` after the command: the month in some ten facts, the most money first."""

from __future__ import annotations

from slack_bolt import App

from bot.blockkit.build import Message, bullets, escape, header, small
from bot.digests.content import DigestContent
from bot.digests.review import review as month_review
from bot.domain.errors import NotUnderstood
from bot.render.digest import named, review_lines
from bot.slack.context import AppContext, Request


def listen(_app: App, context: AppContext) -> None:
    """Registers the subcommand."""
    context.subcommands["review"] = lambda request, text, _trigger: on_review(context, request, text)


def on_review(context: AppContext, request: Request, text: str) -> None:
    """Reviews a month, the last one where none is named.

    Raises:
        NotUnderstood: the words are no month.
        Unavailable: there are no bills yet.
    """
    words = text or "last month"
    result = context.answer_service.ask(f"spend {words}", today=request.today, scope=request.scope)
    days = result.question.period
    if days is None:
        example = f"Example: {context.settings.command} review October"
        raise NotUnderstood(f"{words!r} is not a month.", example)
    content = month_review(context.answer_service, days.start, request.today, request.scope)
    context.audit.note(
        request.person.team, request.person.id, "reviewed", entry_point=request.entry_point, question=content.period
    )
    context.reply(request, message(content))


def message(content: DigestContent) -> Message:
    """The facts as a list, each with its question."""
    title, lines = f"{named(content.times.period)} in review", review_lines(content)
    drawn = [header(title), bullets("The most money first", lines), *small("Ask any of these for its details.")]
    return Message(escape("\n".join([title, *lines])), drawn)
