"""What an answer rests on, in words: what is missing, how fresh it is, how far a forecast has come true."""

from __future__ import annotations

from datetime import date

from bot.domain.answers import AnswerBasis, Forecast, ForecastAnswer
from bot.domain.conversion import as_asked
from bot.domain.question import Question
from bot.render.labels import day, listed, source
from bot.render.numbers import money, whole_percent


def data_through(answer: AnswerBasis) -> list[str]:
    """Through which day the sources have data, those of one day together."""
    by_day: dict[date | None, list[str]] = {}
    for fresh in answer.as_of:
        by_day.setdefault(fresh.data_through, []).append(source(fresh.source))
    return [
        f"{listed(sources, most=6)} {f'through {day(last)}' if last else '(no data yet)'}"
        for last, sources in by_day.items()
    ]


def expected(answer: ForecastAnswer) -> str:
    """What a forecast comes to in few words: ``about $73,293, 80% likely between $73,046 and $74,007``; else ``""``."""
    shown = as_asked(answer)
    found = shown.forecast
    if not isinstance(found, Forecast):
        return ""
    return f"about {money(found.total, found.currency)}, {surety(found)}{others(shown)}"


def surety(found: Forecast) -> str:
    """Between what a forecast is, and how sure that is: ``80% likely between $73,046 and $74,007``."""
    low, high = money(found.low, found.currency), money(found.high, found.currency)
    sure = f"{whole_percent(found.level)} likely " if found.level < 1 else ""
    return f"{sure}between {low} and {high}"


def others(answer: ForecastAnswer) -> str:
    """The end of a sentence: what a forecast comes to in other currencies than its own, if in any."""
    amounts = elsewhere(answer)
    return f"; in other currencies about {listed(amounts)}" if amounts else ""


def elsewhere(answer: ForecastAnswer) -> list[str]:
    """What a forecast comes to in other currencies than its own, where that is known."""
    return [money(other.total, other.currency) for other in answer.others if isinstance(other, Forecast)]


def begun(question: Question, answer: ForecastAnswer) -> bool:
    """Whether a forecast's period has days with data."""
    through = answer.forecast.actual_through if answer.forecast else None
    return question.period is None or (through is not None and through >= question.period.start)


def over(question: Question, answer: AnswerBasis) -> bool:
    """Whether all days of a forecast's period are billed."""
    through = [fresh.data_through for fresh in answer.as_of]
    last = question.period.last if question.period else date.max
    return bool(through) and all(day is not None and day > last for day in through)
