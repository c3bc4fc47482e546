"""Changes in words, and their drivers as a table: one row each, adding up as the sentence above them says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.blockkit.build import Block, cut, text_cell
from bot.domain.answers import Driver, ExplainAnswer, Total
from bot.domain.answers.explanations import CalendarChange, Others, PriceChange, TransferDetail
from bot.domain.conversion import as_asked
from bot.domain.money import apportioned, total
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.render.driver_rows import RowFigures, driver_rows, row_figures
from bot.render.drivers import detail, driver_label, event_words
from bot.render.drivers import places as place_words
from bot.render.explanation import opening
from bot.render.kinds import cost
from bot.render.labels import day, dimension, period
from bot.render.numbers import money, moved_by, places
from bot.render.slack.cells import MOST_TEXT, CellAmount, money_cell, name_cell
from bot.render.slack.tables import MOST_ROWS, Rows, cell, header

_WHY = {
    "new": "New",
    "vanished": "Gone",
    "moved": "",
    "volume": "Usage",
    "mix": "Usage mix",
    "price": "Price",
    "calendar": "",
    "transfer": "",
    "credit": "Credits",
    "purchase": "Purchases",
    "other": "Other",
}


def summary(question: Question, answer: ExplainAnswer) -> str:
    """What made the change first, a sentence a currency, then what it came to."""
    if not answer.totals:
        return cost.no_data(question, answer)
    whole = cost.spent(question.model_copy(update={"by": (), "grain": None}), answer)
    for entry in answer.totals if answer.explanations else ():
        whole = whole.replace(f" ({moved(entry)})", "", 1)
    return " ".join((*(f"{opening(explanation)}." for explanation in answer.explanations), whole))


def moved(whole: Total) -> str:
    """The change of a total, as it is shown: the difference of the two amounts shown."""
    return moved_by(whole.amount, whole.against or Decimal(0), whole.currency or "USD")


def table(question: Question, answer: ExplainAnswer) -> tuple[str, Rows]:
    """For each driver its change, before, now and what happened.

    Where the calendar is a row of its own, no other change has its part of it, and the column says so.
    """
    now = period(question.period, year=False) if question.period else "Now"
    before = period(question.against, year=False) if question.against else "Before"
    if now == before and question.period and question.against:
        now, before = period(question.period), period(question.against)
    found = driver_rows(answer.drivers)[:MOST_ROWS]
    digits = _digits([row.whole for row in found], as_asked(answer).totals)
    figures = _shown([row.whole for row in found], digits)
    shown: list[Decimal | None] = [None] * len(found)
    if digits is not None:
        shown = [row.change for row in row_figures([row.whole for row in found], digits)]
    change = "Change without calendar" if any(row.whole.calendar for row in found) else "Change"
    rows = [header("Driver", change, before, now, "What happened")]
    rows += [
        [
            name_cell(driver_label(row.whole)),
            *cells,
            text_cell(cut(_happened(row.parts, digits, change_shown), MOST_TEXT)),
        ]
        for row, cells, change_shown in zip(found, figures, shown, strict=True)
    ]
    names = [name for name in answer.drivers[0].key if not name.startswith("Charge")] if found else []
    return ", by ".join(filter(None, ("What changed", " and ".join(map(dimension, names))))), rows


def _happened(parts: Sequence[Driver], digits: int | None, whole: Decimal | None) -> str:
    """What happened, where and when: ``Usage: 1.2M → 2.4M tokens, nearly all in staging, since 9 Oct``."""
    if len(parts) == 1:
        words = _what(parts[0], digits, whole)
    else:
        changes = [part.change for part in parts]
        shown = changes if digits is None else apportioned(changes, digits)
        words = "; ".join(
            f"{_what(part, digits, None)} ({money(change, part.currency, digits=digits, signed=True)})"
            for part, change in zip(parts, shown, strict=True)
            if change
        )
    events = event_words([event for part in parts for event in part.events])
    where, turned = place_words(parts[0].places), "" if events else _turned(parts[0])
    if turned and not where and len(parts) == 1 and ":" not in words:
        return f"{words} {turned}"
    return ", ".join(filter(None, (words, where, turned, events)))


def _what(driver: Driver, digits: int | None, whole: Decimal | None) -> str:
    note = detail(driver.detail, driver.currency, digits, whole) if driver.detail else ""
    if isinstance(driver.detail, CalendarChange | TransferDetail | Others):
        return f"{note[:1].upper()}{note[1:]}"
    word = _WHY[driver.kind] or ("Up" if driver.change > 0 else "Down")
    if isinstance(driver.detail, PriceChange) and driver.detail.mixed:
        word = "Price or mix"
    if driver.kind in {"credit", "purchase"} or (driver.kind == "other" and not isinstance(driver.detail, Others)):
        return _WHY.get(note) or f"{note[:1].upper()}{note[1:]}" or word
    return f"{word}: {note}" if note else word


def _turned(driver: Driver) -> str:
    """The days on which it was otherwise than before, where it was a stretch of them."""
    since, until = driver.since, driver.until
    if since and until:
        days = period(Period(start=since, end=until), year=False)
        return f"on {days}" if until - since == DAY else days
    if until:
        return f"until {day(until - DAY)}"
    return f"since {day(since)}" if since else ""


def _digits(drivers: Sequence[Driver], totals: Sequence[Total]) -> int | None:
    """The decimal places of all figures of one currency, as its totals have them; None where there are several."""
    currencies = {driver.currency for driver in drivers}
    if len(currencies) != 1:
        return None
    currency = currencies.pop()
    sums = [total([getattr(driver, name) for driver in drivers]) for name in ("against", "amount")]
    mine = [whole for whole in totals if whole.currency == currency]
    known = [abs(amount) for whole in mine for amount in (whole.amount, whole.against or Decimal(0))]
    return places(max([*known, *map(abs, sums)]), currency)


def _shown(drivers: Sequence[Driver], digits: int | None) -> list[list[Block]]:
    """Change, before and now of each driver, rounded as the totals are so that every column adds up as shown.

    A change is the difference of the two amounts shown, less what the calendar makes of it as that is shown.
    """
    if digits is None:
        return [_cells(driver, RowFigures(driver.change, driver.against, driver.amount), None) for driver in drivers]
    return [_cells(row, figures, digits) for row, figures in zip(drivers, row_figures(drivers, digits), strict=True)]


def _cells(driver: Driver, amounts: RowFigures, digits: int | None) -> list[Block]:
    """The three cells of a row; the calendar has no bill of its own."""
    change, against, amount = amounts
    if digits is None:
        figures = [
            money_cell(CellAmount(change, driver.currency), signed=True),
            money_cell(CellAmount(against, driver.currency)),
            money_cell(CellAmount(amount, driver.currency)),
        ]
    else:
        measure = (driver.currency, None)
        figures = [
            cell(change, measure, driver.change, digits, signed=True),
            cell(against, measure, driver.against, digits),
            cell(amount, measure, driver.amount, digits),
        ]
    none = text_cell("–")
    return [figures[0], none, none] if isinstance(driver.detail, CalendarChange) else figures
