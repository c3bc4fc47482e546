"""What a source lacks of a question: days not told, dimensions not told apart; a gap is said, never a zero."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from bot.answering import data_quality
from bot.domain.answers.gaps import Gap, MissingDimensions, NoDataAfter, NoDataBefore, NoDataYet
from bot.domain.feed import Feed
from bot.domain.period import DAY, Period
from bot.ledger import Ledger


def early(source: str, covered: Period | None, period: Period) -> Gap | None:
    """That the first days are not known, or none is."""
    if covered is None:
        return Gap(source, NoDataYet())
    return None if period.start >= covered.start else Gap(source, NoDataBefore(covered.start))


def late(ledger: Ledger, source: str, through: date | None, period: Period, today: date) -> Gap | None:
    """That the newest of the days that are over are missing; or nothing at all is known, today included.

    ``through`` is the last day with data, None where that is not known.
    """
    expected = max(min(period.last, today - DAY), period.start)
    if through is None or through >= expected:
        return None
    return Gap(source, NoDataAfter(through, through >= period.start, data_quality.failed_at(ledger, source)))


def missing_dimensions(feeds: Sequence[Feed], needed: Collection[str]) -> MissingDimensions:
    """Which dimensions the source does not tell apart, or only each by itself."""
    closest = min((feed.missing(needed) for feed in feeds), key=len)
    together = all(any(not feed.missing([name]) for feed in feeds) for name in closest)
    apart = [name for name in needed if any(feed.missing([name]) for feed in feeds)]
    return MissingDimensions(tuple(sorted(apart if together else closest)), together)
