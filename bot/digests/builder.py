"""What a digest says. Every figure is an answer's; this only asks, picks and puts into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.digests.content import Desk, Detail, Edition
from bot.digests.model import Asked, Digest
from bot.digests.period import Times, moved
from bot.digests.ports import Reply
from bot.digests.provenance import lateness, missed, named, restated
from bot.digests.summary import overview
from bot.domain.errors import CostError
from bot.domain.feed import Freshness
from bot.domain.question import Question

_NAMES = {"day": "Daily costs", "week": "Weekly costs", "month": "Monthly costs"}


def late(digest: Digest, desk: Desk) -> list[Freshness]:
    """The sources of a digest that have not told all of its days: those of its scope, or of its questions."""
    if digest.overview:
        return desk.late()
    return desk.late(_behind(tuple(_detail(each, desk) for each in digest.questions)))


def _behind(details: Sequence[Detail]) -> list[Freshness]:
    found = {each.source: each for detail in details if detail.reply for each in detail.reply.answer.as_of}
    return list(found.values())


def compose(  # noqa: PLR0913 - what a digest depends on
    digest: Digest,
    period: str,
    desk: Desk,
    *,
    before: Mapping[str, Any] | None = None,
    skipped: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> Edition:
    """The digest. ``before`` is what the last one said, ``skipped`` the periods none was posted for."""
    details = tuple(_detail(each, desk) for each in digest.questions)
    edition = Edition(digest=digest, period=period, title=_title(digest, desk.times), headline="", details=details)
    edition = _whole(edition, desk) if digest.overview else _answers(edition, desk)
    told = (restated(before, desk), missed(skipped), *edition.notes)
    return replace(edition, notes=tuple(filter(None, told)), warnings=(*unknown, *edition.warnings))


def _whole(edition: Edition, desk: Desk) -> Edition:
    found = overview(edition, desk)
    return replace(found, details=found.details or _usual(desk))


def _title(digest: Digest, times: Times) -> str:
    about = named(times.period)
    return f"{_NAMES[times.every]}: {about}" if digest.overview else f"{digest.name}: {about}"


# --- questions of its own ---------------------------------------------------------------------------------------


def _detail(asked: str | Asked, desk: Desk) -> Detail:
    try:
        if isinstance(asked, Asked):
            reply = desk.billed(moved(asked.question, asked.on, desk.times.today), currency=asked.currency)
            return Detail(reply.read_as, reply)
        return Detail(asked, desk.asker.ask(asked, today=desk.times.today, scope=desk.scope))
    except CostError as error:
        return Detail(asked if isinstance(asked, str) else "a question", why=str(error))


def _usual(desk: Desk) -> tuple[Detail, ...]:
    """The questions of a digest that names none."""
    times = desk.times
    asked: list[tuple[str, Question]] = [
        ("By service", Question(period=times.period, against=times.against, by=("ServiceName",), top=15)),
        ("By account", Question(period=times.period, against=times.against, by=("SubAccountName",), top=15)),
        ("Why", Question(kind="explain", period=times.period, against=times.against)),
        ("The month", Question(period=times.month, against=times.month_before, by=("ServiceProviderName",))),
    ]
    found = [_answered(name, lambda question=question: desk.ask(question)) for name, question in asked]  # type: ignore[misc]  # binds this question
    return tuple(each for each in found if each.why or (each.reply and each.reply.answer.totals))


def _answered(name: str, make: Callable[[], Reply]) -> Detail:
    try:
        return Detail(name, make())
    except CostError as error:
        return Detail(name, why=str(error))


def _answers(edition: Edition, desk: Desk) -> Edition:
    """A digest of questions alone: the first one's answer leads, the others follow in a line each."""
    first = next((each.reply for each in edition.details if each.reply), None)
    others = tuple(each.line for each in edition.details if each.reply is not first)
    behind = desk.late(_behind(edition.details))
    return replace(
        edition,
        headline=first.text if first else edition.details[0].why,
        lists=(("Also asked", others),) if others else (),
        chart=first,
        lead=first,
        notes=tuple(filter(None, [first.read_as if first else ""])),
        warnings=tuple(lateness(behind, narrowed=False)),
        details=edition.details if len(edition.details) > 1 or not first else (),
    )
