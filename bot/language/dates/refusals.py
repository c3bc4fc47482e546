"""What is said of dates that do not fit together."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.errors import NotUnderstood
from bot.domain.period import DAY
from bot.language.dates.expressions import DateRange
from bot.language.semantics.slots import Unfit


def two_periods(spoken: Iterable[str]) -> NotUnderstood:
    """Of periods that cannot both hold, by their words."""
    texts = list(dict.fromkeys(spoken))
    return Unfit(
        f"Those periods don't combine: {' and '.join(repr(text) for text in texts)}.",
        'Name one period, or compare two: "September vs November".',
        unknown=texts,
    )


def conflict(word: str, period: DateRange) -> NotUnderstood:
    """Of a word that a period contradicts."""
    return Unfit(
        f"{word!r} and {period.start:%d %b %Y} to {period.end - DAY:%d %b %Y} contradict each other.",
        "Name one period.",
        unknown=[word],
    )


def no_start(text: str) -> NotUnderstood:
    """Of an end without a start."""
    return NotUnderstood(
        f"I can't tell from which day on {text!r} counts.",
        'Name the first day, too: "from 1 to 10 November".',
        unknown=[text],
    )


def unplaced(text: str) -> NotUnderstood:
    """Of a date that nothing is compared with."""
    return Unfit(
        f"I can't tell what {text!r} is to be compared with or added to.",
        'Compare two periods with "vs": "October vs September".',
        unknown=[text],
    )
