"""Changes in words: the sentence that an explanation opens with, drivers and their names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from bot.domain.answers.explanations import CalendarChange, Driver, Explanation, PriceChange, TransferDetail
from bot.domain.money import rounded, total
from bot.domain.period import DAY
from bot.render.driver_rows import driver_rows, row_figures
from bot.render.drivers import calendar_words, detail, event_words, named, places
from bot.render.numbers import MoneyFormat
from bot.render.numbers import money as plain_money
from bot.render.numbers import places as decimal_places

_STANDS_OUT = Decimal("0.2")
"""The part of a change from which on a driver is named as its cause."""
_OFFSET, _ALL = Decimal("1.25"), Decimal("0.995")
"""From here on a cause is offset by others, and worth naming both; from here on it is all of the change."""
_WHY = {
    "new": ", which is new",
    "vanished": ", which is gone",
    "volume": ", driven by usage",
    "mix": ", driven by usage mix",
    "price": ", driven by price",
}


def opening(explanation: Explanation) -> str:
    """The sentence on one currency's change, its amounts as the table below shows them."""
    return headline(explanation.change, explanation.currency, explanation.drivers, _as_shown(explanation))


def _as_shown(explanation: Explanation) -> MoneyFormat:
    """Money rounded as the whole is; a change as the difference of its two amounts, as a table shows them."""
    digits = decimal_places(max(abs(explanation.amount), abs(explanation.against)), explanation.currency)
    rows = [row.whole for row in driver_rows(explanation.drivers)]
    figures = zip(rows, row_figures(rows, digits), strict=True)
    shown = {abs(row.change): abs(figure.change) for row, figure in figures}
    shown[abs(explanation.change)] = abs(rounded(explanation.amount, digits) - rounded(explanation.against, digits))

    def money(amount: Decimal, currency: str) -> str:
        seen = shown.get(amount) or amount
        return plain_money(seen, currency, digits=digits if rounded(seen, digits) else None)

    return money


def headline(change: Decimal, currency: str, drivers: Sequence[Driver], money: MoneyFormat) -> str:
    """``$4,210 more, 83% of it Amazon Bedrock in data-platform since Tuesday 17 Nov``."""
    transfer = _transfer(drivers)
    if not change:
        cancel = ": increases and decreases cancel out" if any(driver.change for driver in drivers) else ""
        return f"No change{f': {_transferred(*transfer, money)}' if transfer else cancel}"
    amount = f"{money(abs(change), currency)} {'more' if change > 0 else 'less'}"
    causes = _causes(drivers)
    if transfer and transfer[1].amount >= max(abs(change), *(abs(cause.change) for cause in causes), Decimal(0)):
        return f"{amount}: {_transferred(*transfer, money)}"
    for driver in drivers:
        if isinstance(driver.detail, CalendarChange) and driver.change / change >= _STANDS_OUT:
            part = _part(driver.change / change)
            return f"{amount}, {part} {calendar_words(driver.detail)}{_besides(change, causes)}"
    return f"{amount}{_by_causes(change, currency, causes, money)}"


def _by_causes(change: Decimal, currency: str, causes: Sequence[_Cause], money: MoneyFormat) -> str:
    """What follows the amount: the first cause, or that there is none."""
    with_it = [cause for cause in causes if cause.change * change > 0]
    against_it = [cause for cause in causes if cause.change * change < 0]
    if not with_it:
        return ""
    first = with_it[0]
    share = first.change / change
    if share > _OFFSET and against_it:
        return f": {_moved(first, currency, money)}, {_moved(against_it[0], currency, money)}"
    if share < _STANDS_OUT:
        return f", spread across many costs; the largest share, {100 * share:.0f}%, is {_name(first.driver)}"
    return f", {_part(share)} {_in_words(first)}"


class _Cause(NamedTuple):
    """A key's whole change, under its largest part."""

    change: Decimal
    driver: Driver
    parts: int


def _part(share: Decimal) -> str:
    return "all of it" if share >= _ALL else f"{100 * share:.0f}% of it"


def _in_words(cause: _Cause) -> str:
    """``Logs, nearly all in staging, since Friday 9 Oct, driven by usage``."""
    driver = cause.driver
    where, when, why = places(driver.places), _when(driver), _why(cause)
    if events := event_words(driver.events):
        when, why = "", f": {events}"
    if not where:
        return f"{_name(driver)}{when}{why}"
    if events:
        return f"{_name(driver)}, {where}{why}"
    return ", ".join(filter(None, (_name(driver), where, f"{when.strip()}{why}".removeprefix(", "))))


def _besides(change: Decimal, causes: Sequence[_Cause]) -> str:
    """What moved most beside the calendar."""
    first = next((cause for cause in causes if cause.change * change > 0), None)
    if first is None:
        return ""
    share = first.change / change
    if share < _STANDS_OUT:
        return (
            f"; the rest is spread across many costs; the largest share, {100 * share:.0f}%, is {_name(first.driver)}"
        )
    return f", and {100 * share:.0f}% {_in_words(first)}"


def _causes(drivers: Sequence[Driver]) -> list[_Cause]:
    """The named keys by size, the parts of a split one together under its largest part; no transfers."""
    by_key: dict[tuple[str | None, ...], list[Driver]] = {}
    for driver in drivers:
        values = tuple(driver.key.values())
        if None not in values and not isinstance(driver.detail, TransferDetail):
            by_key.setdefault(values, []).append(driver)
    causes = [
        _Cause(total([part.change for part in parts]), max(parts, key=lambda part: abs(part.change)), len(parts))
        for parts in by_key.values()
    ]
    return sorted(causes, key=lambda cause: -abs(cause.change))


def _transfer(drivers: Sequence[Driver]) -> tuple[Driver, TransferDetail] | None:
    """The key that most was moved from, if any was."""
    moves = [(driver, driver.detail) for driver in drivers if isinstance(driver.detail, TransferDetail)]
    return max((move for move in moves if move[1].amount > 0), key=lambda move: move[1].amount, default=None)


def _transferred(loss: Driver, moved: TransferDetail, money: MoneyFormat) -> str:
    """``$3,988 moved from production to staging since Friday 9 Oct``."""
    where = f", {words}" if (words := places(loss.places)) else ""
    return (
        f"{money(moved.amount, loss.currency)} moved from {named(loss.key)} to {named(moved.other)}{where}{_when(loss)}"
    )


def _moved(cause: _Cause, currency: str, money: MoneyFormat) -> str:
    change, driver = cause.change, cause.driver
    words = f"{_name(driver)} {money(abs(change), currency)} {'more' if change > 0 else 'less'}"
    about = "; ".join(filter(None, (places(driver.places), event_words(driver.events))))
    return f"{words}{'' if driver.events else _when(driver)}{f' ({about})' if about else ''}"


def _name(driver: Driver) -> str:
    name = named(driver.key)
    if driver.kind in {"credit", "purchase", "other"} and driver.detail:
        note = detail(driver.detail, driver.currency)
        return f"{note} ({name})" if name else note
    return name or "all of it"


def _when(driver: Driver) -> str:
    if driver.since and driver.until:
        last = driver.until - DAY
        return f" on {_day(last)}" if last == driver.since else f" from {_day(driver.since)} to {_day(last)}"
    if driver.until:
        return f" until {_day(driver.until - DAY)}"
    return f" since {_day(driver.since)}" if driver.since else ""


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%b}"


def _why(cause: _Cause) -> str:
    clear = cause.parts == 1 or abs(cause.driver.change) >= abs(cause.change) * Decimal("0.75")
    why = _WHY.get(cause.driver.kind, "") if clear else ""
    mixed = isinstance(cause.driver.detail, PriceChange) and cause.driver.detail.mixed
    return f"{why} or mix" if why and mixed else why
