"""Forecasts in words, and as a table of parts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bot.blockkit.build import Block, text_cell
from bot.domain.answers import AnswerBasis, Forecast, ForecastAnswer, TooShort
from bot.domain.conversion import as_asked
from bot.domain.money import apportioned, total
from bot.domain.question import Question
from bot.render.answer_json import plain_money
from bot.render.gaps import what
from bot.render.labels import about, dimension, label, listed, sentence_case
from bot.render.notes import note
from bot.render.numbers import money, places, whole_percent
from bot.render.sentences import forecast
from bot.render.slack.cells import CellAmount, column, name_cell
from bot.render.slack.tables import MOST_ROWS, Rows, cell, header

NEED_NOT_ADD = "Each row is forecast separately, so rows may not add up to the total."
_BAND = ("Forecast", "Low estimate", "High estimate")
_SO_FAR, _AHEAD, _WHOLE = "Billed so far", "Still to come", "Total"


def summary(question: Question, answer: ForecastAnswer) -> str:
    """``About $73,293 (80% likely between …) in total, November 2026, $41,000 so far.``."""
    answer = as_asked(answer)
    found = answer.forecast
    if not isinstance(found, Forecast):
        return f"No forecast {about(question)}{_why(answer, found)}."
    whole = money(found.total, found.currency)
    if over(question, answer):
        came = listed([whole, *elsewhere(answer)])
        return f"{came} {about(question)}. The period is over, so nothing is left to forecast."
    so_far = f", {money(found.actual, found.currency)} so far" if begun(question, answer) else ""
    return f"About {whole} ({surety(found)}) {about(question)}{so_far}{others(answer)}."


def _why(answer: ForecastAnswer, found: TooShort | None) -> str:
    reasons = [forecast(found, plain_money)] if found else []
    reasons += [*map(what, answer.gaps), *map(note, answer.notes)]
    return f": {reasons[0].rstrip('.')}" if reasons else ""


def table(question: Question, answer: ForecastAnswer) -> tuple[str, Rows]:
    """The parts where a breakdown was asked for, else what is billed, to come and expected."""
    answer = as_asked(answer)
    found = answer.forecast
    if found is None:
        return "Forecast", []
    if answer.parts:
        return _parts(question, answer, found)
    rows = [header("Forecast", "Amount")]
    if over(question, answer):
        return "Forecast", []
    if not isinstance(found, Forecast):
        shown = [(_SO_FAR, found.actual)] if begun(question, answer) else []
        rows += [[text_cell(name), _money(amount, found.currency)] for name, amount in shown]
        return "Forecast", rows if len(rows) > 1 else []
    amounts = {_SO_FAR: found.actual, _AHEAD: found.rest, _WHOLE: found.total}
    cells = _added(found) or {name: _money(amount, found.currency) for name, amount in amounts.items()}
    left_out = () if begun(question, answer) else (_SO_FAR, _AHEAD)
    rows += [[text_cell(name), made] for name, made in cells.items() if name not in left_out]
    rows += [
        [text_cell(name), _money(amount, found.currency)]
        for name, amount in zip(_BAND[1:], (found.low, found.high), strict=True)
    ]
    return "Forecast", rows


def _money(amount: Decimal, currency: str) -> Block:
    return cell(amount, (currency, None), amount, places(amount, currency))


def _added(found: Forecast) -> dict[str, Block]:
    """What is billed and what is to come, rounded so that they add up to what is expected."""
    if found.actual + found.rest != found.total:
        return {}
    digits = places(found.total, found.currency)
    parts = apportioned([found.actual, found.rest], digits)
    names, exact = (_SO_FAR, _AHEAD, _WHOLE), (found.actual, found.rest, found.total)
    shown = zip(names, (*parts, parts[0] + parts[1]), exact, strict=True)
    return {name: cell(amount, (found.currency, None), true, digits) for name, amount, true in shown}


def _parts(question: Question, answer: ForecastAnswer, whole: Forecast | TooShort) -> tuple[str, Rows]:
    """A row a part, then what is left of what is billed so far, then the whole."""
    name = dimension(question.by[0]) if question.by else "part"
    parts = answer.parts[:MOST_ROWS]
    billed = [part.forecast.actual for part in parts if part.forecast.currency == whole.currency]
    rest = total([whole.actual, -total(billed)])
    rows: list[tuple[str, str, tuple[Decimal | None, ...]]] = [
        (label(part.key), part.forecast.currency, _amounts(part.forecast)) for part in parts
    ]
    rows += [("Other", whole.currency, (rest, None, None, None))] if rest else []
    rows.append(("Total", whole.currency, _amounts(whole)))
    columns = [column([CellAmount(amounts[at], currency) for _, currency, amounts in rows]) for at in range(4)]
    drawn = [[name_cell(title), *cells] for (title, _, _), *cells in zip(rows, *columns, strict=True)]
    return f"Forecast by {name}", [header(sentence_case(name), _SO_FAR, *_BAND), *drawn]


def _amounts(found: Forecast | TooShort) -> tuple[Decimal | None, ...]:
    if isinstance(found, TooShort):
        return (found.actual, None, None, None)
    return (found.actual, found.total, found.low, found.high)


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
