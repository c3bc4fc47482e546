"""What an answer rests on, in words: what is missing, how fresh it is, how far a forecast has come true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bot.domain.answer import Answer, Gap
from bot.domain.conversion import as_asked
from bot.domain.question import Question
from bot.render.labels import day, listed, source
from bot.render.numbers import amount_of, money_of, rounded


def gaps(missing: Iterable[Gap], *, hints: bool = True) -> list[str]:
    """What is missing from an answer, a sentence or two each; what several sources lack alike is said once."""
    lacking: dict[str, list[str]] = {}
    for each in missing:
        what = f"{each.what.rstrip('.')}. {each.hint if hints else ''}".strip()
        lacking.setdefault(what, []).append(source(each.source))
    return [f"{listed(list(dict.fromkeys(sources)), most=8)}: {what}" for what, sources in lacking.items()]


def told_through(answer: Answer) -> list[str]:
    """Through which day the sources have told anything, those of one day together."""
    by_day: dict[date | None, list[str]] = {}
    for each in answer.as_of:
        by_day.setdefault(each.data_through, []).append(source(each.source))
    return [
        f"{listed(sources, most=6)} {f'through {day(last)}' if last else 'without data yet'}"
        for last, sources in by_day.items()
    ]


def expected(answer: Answer) -> str:
    """What a forecast comes to in few words: ``about $73,293, 80% sure between $73,046 and $74,007``."""
    found = as_asked(answer).forecast or {}
    band = f", {sure}" if (sure := surety(found)) else ""
    return f"about {money_of(found, 'total')}{band}{others(found)}"


def surety(found: Mapping[str, Any]) -> str:
    """Between what a forecast is, and how sure that is: ``80% sure between $73,046 and $74,007``."""
    low, high, level = money_of(found, "low"), money_of(found, "high"), amount_of(found, "level")
    sure = f"{rounded(level * 100, 0):f}% sure " if level and level < 1 else ""
    return f"{sure}between {low} and {high}" if low and high else ""


def others(found: Mapping[str, Any]) -> str:
    """The end of a sentence: what a forecast comes to in other currencies than its own, if in any."""
    return f"; in other currencies about {listed(elsewhere(found))}" if elsewhere(found) else ""


def elsewhere(found: Mapping[str, Any]) -> list[str]:
    """What a forecast comes to in other currencies than its own, where that is known."""
    return [money_of(each, "total") for each in found.get("others", ()) if amount_of(each, "total") is not None]


def begun(question: Question, answer: Answer) -> bool:
    """Whether a forecast's period has days that any source has told of."""
    through = (answer.forecast or {}).get("actual_through", "9999")
    return question.period is None or str(through or "") >= question.period.start.isoformat()


def over(question: Question, answer: Answer) -> bool:
    """Whether all days of a forecast's period are billed."""
    told = [each.data_through for each in answer.as_of]
    last = question.period.last if question.period else date.max
    return bool(told) and all(each is not None and each > last for each in told)
