"""What a source lacks of a question: days not told, dimensions not told apart; a gap is said, never a zero."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from bot import render
from bot.answering import data_quality
from bot.domain.answer import Gap
from bot.domain.feed import Feed
from bot.domain.period import DAY, Period
from bot.ledger import Ledger


def early(source: str, covered: Period | None, period: Period) -> Gap | None:
    """That the first days are not known, or none is."""
    if covered is None:
        return Gap(source=source, what="no data yet", hint=f"Run: spend sync {source}")
    if period.start >= covered.start:
        return None
    return Gap(
        source=source,
        what=f"no data before {render.day(covered.start, year=True)}",
        hint="Earlier days are not in this answer.",
    )


def late(ledger: Ledger, source: str, through: date | None, period: Period, today: date) -> Gap | None:
    """That the newest of the days that are over are not told yet; or nothing at all is, today included.

    ``through`` is the last day told of, None where that is not known.
    """
    expected = max(min(period.last, today - DAY), period.start)
    if through is None or through >= expected:
        return None
    day = render.day(through, year=True)
    what = f"no data since {day}" if through >= period.start else f"no data after {day}"
    hint = "Its newest days are still missing from this answer."
    return Gap(source=source, what=what, hint=f"{hint} {data_quality.failure(ledger, source)}".rstrip())


def untold(feeds: Sequence[Feed], needed: Collection[str]) -> str:
    """Which dimensions the source does not tell apart, or only each by itself."""
    closest = min((feed.missing(needed) for feed in feeds), key=len)
    apart = [each for each in needed if any(feed.missing([each]) for feed in feeds)]
    if all(any(not feed.missing([each]) for feed in feeds) for each in closest):
        return f"costs are not told apart by {_together(apart)} together, so they are not in this answer"
    return f"costs are not told apart by {_together(closest)} here, so they are not in this answer"


def _together(dimensions: Iterable[str]) -> str:
    return " and ".join(sorted(_named(each) for each in dimensions))


def _named(dimension: str) -> str:
    """The dimension as people say it."""
    name = render.dimension(dimension)
    return f"{name} tag" if dimension.startswith("Tags/") else name
