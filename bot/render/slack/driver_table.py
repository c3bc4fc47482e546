"""The drivers of a change as a table: one row each, adding up as the sentence above them says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot import render
from bot.blockkit.build import Block, cut, text_cell
from bot.domain.answer import Answer, Total
from bot.domain.money import total
from bot.domain.period import DAY
from bot.domain.question import Question
from bot.render.slack.cells import MOST_TEXT, Found, date_of, days, money_cell, name_of
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


def table(question: Question, answer: Answer) -> tuple[str, Rows]:
    """The caption, and for each driver its change, before, now and what happened."""
    now = render.period(question.period, year=False) if question.period else "Now"
    before = render.period(question.against, year=False) if question.against else "Before"
    if now == before and question.period and question.against:
        now, before = render.period(question.period), render.period(question.against)
    found = _whole(answer.drivers)[:MOST_ROWS]
    figures = _shown(found, answer.totals)
    rows = [header("Driver", "Change", before, now, "What happened")]
    rows += [
        [text_cell(name_of(each)), *cells, text_cell(cut(_happened(each), MOST_TEXT))]
        for each, cells in zip(found, figures, strict=True)
    ]
    names = [name for name in answer.drivers[0].get("key") or () if not name.startswith("Charge")] if found else []
    return ", by ".join(filter(None, ("What moved", " and ".join(map(render.dimension, names))))), rows


def _whole(drivers: Sequence[Found]) -> list[Found]:
    """The drivers, what quantity and price made of one told in one row."""
    told: list[Found] = []
    for each in drivers:
        before = told[-1] if told else {}
        parts = {before.get("kind"), each.get("kind")} == {"volume", "price"}
        if not parts or (before.get("key"), before.get("currency")) != (each.get("key"), each.get("currency")):
            told.append(each)
            continue
        keys = ("change", "against", "amount")
        sums = {key: total([render.amount_of(one, key) or Decimal(0) for one in (before, each)]) for key in keys}
        named = [f"{_happened(one)} ({render.money_of(one, 'change', signed=True)})" for one in (before, each)]
        told[-1] = {**before, **sums, "kind": "both", "note": "; ".join(named)}
    return told


def _happened(driver: Found) -> str:
    if driver.get("kind") == "both":
        return str(driver["note"])
    kind, note = str(driver.get("kind") or ""), str(driver.get("note") or "")
    if kind in {"credit", "purchase"} or (kind == "other" and not note[:1].isdigit()):
        kind, note = note or _WHY.get(kind, kind), ""
    turned, change = _turned(driver), render.amount_of(driver, "change") or Decimal(0)
    word = _WHY.get(kind, kind[:1].upper() + kind[1:]) or ("Up" if change > 0 else "Down")
    if not note:
        return " ".join(filter(None, (word, turned)))
    return f"{word}: {', '.join(filter(None, (note, turned)))}"


def _turned(driver: Found) -> str:
    """The days on which it was otherwise than before, where it was a stretch of them."""
    since, until = date_of(driver.get("since")), date_of(driver.get("until"))
    if since and until:
        told = days({"start": since, "end": until})
        return f"on {told}" if until - since == DAY else told
    if until:
        return f"until {render.day(until - DAY)}"
    return f"since {render.day(since)}" if since else ""


def _shown(drivers: Sequence[Found], totals: Sequence[Total]) -> list[list[Block]]:
    """Change, before and now of each driver, rounded as the totals are so that columns and rows add up as shown."""
    exact = [[render.amount_of(each, key) for key in ("change", "against", "amount")] for each in drivers]
    currencies = {str(each.get("currency") or "USD") for each in drivers}
    if len(currencies) != 1 or any(one is None for row in exact for one in row):
        return [
            [money_cell(each, "change", signed=True), money_cell(each, "against"), money_cell(each, "amount")]
            for each in drivers
        ]
    measure = (currencies.pop(), None)
    columns = [[one or Decimal(0) for one in column] for column in zip(*exact, strict=True)]
    sums = [total(column) for column in columns]
    mine = [each for each in totals if each.currency == measure[0]]
    known = [abs(one) for each in mine for one in (each.amount, each.against or Decimal(0))]
    places = render.places(max([*known, *map(abs, sums[1:])]), measure[0])
    before, now = (render.apportioned(column, places) for column in columns[1:])
    return [
        [
            cell(late - early, measure, true[0], places, signed=True),
            cell(early, measure, true[1], places),
            cell(late, measure, true[2], places),
        ]
        for late, early, true in zip(now, before, zip(*columns, strict=True), strict=True)
    ]
