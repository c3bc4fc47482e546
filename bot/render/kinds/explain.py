"""Changes in words, and their drivers as a table: one row each, adding up as the sentence above them says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from bot.blockkit.build import Block, cut, text_cell
from bot.domain.answers import Driver, ExplainAnswer, Total
from bot.domain.answers.explanations import Others
from bot.domain.conversion import as_asked
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.domain.rounding import apportioned
from bot.render.explanation import detail, driver_label, opening
from bot.render.kinds import cost
from bot.render.labels import day, dimension, period
from bot.render.numbers import money, moved_by, places
from bot.render.slack.cells import MOST_TEXT, Amount, money_cell, name_cell
from bot.render.slack.tables import MOST_ROWS, Rows, cell, header

_WHY = {
    "new": "New",
    "vanished": "Gone",
    "moved": "",
    "volume": "Quantity used",
    "price": "Price or mix",
    "credit": "Credits",
    "purchase": "Purchases",
    "other": "All else",
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
    """For each driver its change, before, now and what happened."""
    now = period(question.period, year=False) if question.period else "Now"
    before = period(question.against, year=False) if question.against else "Before"
    if now == before and question.period and question.against:
        now, before = period(question.period), period(question.against)
    found = _whole(answer.drivers)[:MOST_ROWS]
    figures = _shown([driver for driver, _ in found], as_asked(answer).totals)
    rows = [header("Driver", "Change", before, now, "What happened")]
    rows += [
        [name_cell(driver_label(driver)), *cells, text_cell(cut(happened, MOST_TEXT))]
        for (driver, happened), cells in zip(found, figures, strict=True)
    ]
    names = [name for name in answer.drivers[0].key if not name.startswith("Charge")] if found else []
    return ", by ".join(filter(None, ("What moved", " and ".join(map(dimension, names))))), rows


def _whole(drivers: Sequence[Driver]) -> list[tuple[Driver, str]]:
    """The drivers with what happened; what quantity and price made of one stands in one row."""
    rows: list[tuple[Driver, str]] = []
    for driver in drivers:
        before = rows[-1][0] if rows else None
        if before is None or not _pair(before, driver):
            rows.append((driver, _happened(driver)))
            continue
        named = [f"{_happened(part)} ({money(part.change, part.currency, signed=True)})" for part in (before, driver)]
        both = replace(
            before,
            change=total([before.change, driver.change]),
            against=total([before.against, driver.against]),
            amount=total([before.amount, driver.amount]),
        )
        rows[-1] = both, "; ".join(named)
    return rows


def _pair(one: Driver, other: Driver) -> bool:
    return {one.kind, other.kind} == {"volume", "price"} and (one.key, one.currency) == (other.key, other.currency)


def _happened(driver: Driver) -> str:
    note = detail(driver.detail) if driver.detail else ""
    word = _WHY[driver.kind] or ("Up" if driver.change > 0 else "Down")
    if driver.kind in {"credit", "purchase"} or (driver.kind == "other" and not isinstance(driver.detail, Others)):
        word, note = _WHY.get(note) or f"{note[:1].upper()}{note[1:]}" or word, ""
    turned = _turned(driver)
    if not note:
        return " ".join(filter(None, (word, turned)))
    return f"{word}: {', '.join(filter(None, (note, turned)))}"


def _turned(driver: Driver) -> str:
    """The days on which it was otherwise than before, where it was a stretch of them."""
    since, until = driver.since, driver.until
    if since and until:
        days = period(Period(start=since, end=until), year=False)
        return f"on {days}" if until - since == DAY else days
    if until:
        return f"until {day(until - DAY)}"
    return f"since {day(since)}" if since else ""


def _shown(drivers: Sequence[Driver], totals: Sequence[Total]) -> list[list[Block]]:
    """Change, before and now of each driver, rounded as the totals are so that columns and rows add up as shown."""
    currencies = {driver.currency for driver in drivers}
    if len(currencies) != 1:
        return [
            [
                money_cell(Amount(driver.change, driver.currency), signed=True),
                money_cell(Amount(driver.against, driver.currency)),
                money_cell(Amount(driver.amount, driver.currency)),
            ]
            for driver in drivers
        ]
    measure = (currencies.pop(), None)
    columns = [
        [driver.change for driver in drivers],
        [driver.against for driver in drivers],
        [driver.amount for driver in drivers],
    ]
    sums = [total(column) for column in columns]
    mine = [entry for entry in totals if entry.currency == measure[0]]
    known = [abs(amount) for entry in mine for amount in (entry.amount, entry.against or Decimal(0))]
    digits = places(max([*known, *map(abs, sums[1:])]), measure[0])
    before, now = (apportioned(column, digits) for column in columns[1:])
    return [
        [
            cell(late - early, measure, true[0], digits, signed=True),
            cell(early, measure, true[1], digits),
            cell(late, measure, true[2], digits),
        ]
        for late, early, true in zip(now, before, zip(*columns, strict=True), strict=True)
    ]
