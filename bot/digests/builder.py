"""What a digest says. Every figure is an answer's; this only asks, picks and puts into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.digests.content import Detail, DigestContent, DigestContext
from bot.digests.model import Asked, Digest
from bot.digests.period import Times, moved
from bot.digests.ports import Reply
from bot.digests.provenance import lateness, missed, named, restated
from bot.digests.summary import overview
from bot.domain.errors import CostError
from bot.domain.feed import Freshness
from bot.domain.question import Question

_NAMES = {"day": "Daily costs", "week": "Weekly costs", "month": "Monthly costs"}


def late(digest: Digest, context: DigestContext) -> list[Freshness]:
    """The sources of a digest that have not told all of its days: those of its scope, or of its questions."""
    if digest.overview:
        return context.late()
    return context.late(_behind(tuple(_detail(each, context) for each in digest.questions)))


def _behind(details: Sequence[Detail]) -> list[Freshness]:
    found = {each.source: each for detail in details if detail.reply for each in detail.reply.answer.as_of}
    return list(found.values())


def compose(  # noqa: PLR0913 - what a digest depends on
    digest: Digest,
    period: str,
    context: DigestContext,
    *,
    before: Mapping[str, Any] | None = None,
    skipped: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> DigestContent:
    """The digest. ``before`` is what the last one said, ``skipped`` the periods none was posted for."""
    details = tuple(_detail(each, context) for each in digest.questions)
    content = DigestContent(
        digest=digest, period=period, title=_title(digest, context.times), headline="", details=details
    )
    content = _whole(content, context) if digest.overview else _answers(content, context)
    told = (restated(before, context), missed(skipped), *content.notes)
    return replace(content, notes=tuple(filter(None, told)), warnings=(*unknown, *content.warnings))


def _whole(content: DigestContent, context: DigestContext) -> DigestContent:
    found = overview(content, context)
    return replace(found, details=found.details or _usual(context))


def _title(digest: Digest, times: Times) -> str:
    about = named(times.period)
    return f"{_NAMES[times.every]}: {about}" if digest.overview else f"{digest.name}: {about}"


# --- questions of its own ---------------------------------------------------------------------------------------


def _detail(asked: str | Asked, context: DigestContext) -> Detail:
    try:
        if isinstance(asked, Asked):
            reply = context.billed(moved(asked.question, asked.on, context.times.today), currency=asked.currency)
            return Detail(reply.read_as, reply)
        return Detail(asked, context.asker.ask(asked, today=context.times.today, scope=context.scope))
    except CostError as error:
        return Detail(asked if isinstance(asked, str) else "a question", why=str(error))


def _usual(context: DigestContext) -> tuple[Detail, ...]:
    """The questions of a digest that names none."""
    times = context.times
    asked: list[tuple[str, Question]] = [
        ("By service", Question(period=times.period, against=times.against, by=("ServiceName",), top=15)),
        ("By account", Question(period=times.period, against=times.against, by=("SubAccountName",), top=15)),
        ("Why", Question(kind="explain", period=times.period, against=times.against)),
        ("The month", Question(period=times.month, against=times.month_before, by=("ServiceProviderName",))),
    ]
    found = [_answered(name, lambda question=question: context.ask(question)) for name, question in asked]  # type: ignore[misc]  # binds this question
    return tuple(each for each in found if each.why or (each.reply and each.reply.answer.totals))


def _answered(name: str, make: Callable[[], Reply]) -> Detail:
    try:
        return Detail(name, make())
    except CostError as error:
        return Detail(name, why=str(error))


def _answers(content: DigestContent, context: DigestContext) -> DigestContent:
    """A digest of questions alone: the first one's answer leads, the others follow in a line each."""
    first = next((each.reply for each in content.details if each.reply), None)
    others = tuple(each.line for each in content.details if each.reply is not first)
    behind = context.late(_behind(content.details))
    return replace(
        content,
        headline=first.text if first else content.details[0].why,
        lists=(("Also asked", others),) if others else (),
        chart=first,
        lead=first,
        notes=tuple(filter(None, [first.read_as if first else ""])),
        warnings=tuple(lateness(behind, narrowed=False)),
        details=content.details if len(content.details) > 1 or not first else (),
    )
