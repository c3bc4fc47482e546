"""What the business counts (orders, customers), day by day, so that costs can be told per one of them.

``units.toml``::

    [[unit]]
    name = "orders"
    question = "project shop"             # whose costs they share, in words; without it all costs
    file = "orders.csv"                   # columns day and quantity; unit too where it holds several

    [[unit]]
    name = "customers"
    days = { 2026-11-01 = 4100, 2026-11-02 = 4108 }

or a CSV alone, with the columns day, unit and quantity.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

from bot.domain.errors import CostError, Misconfigured
from bot.domain.money import total
from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.domain.scope import Scope

_FORM = 'It needs name and either file = "orders.csv" or days = { 2026-11-01 = 1200 }; question is optional.'
_COLUMNS = 'It needs the columns day, unit and quantity: "2026-11-01,orders,1200".'


class BusinessUnit(Struct, frozen=True):
    """A count by day; ``where`` are the costs it shares, ``()`` all of them."""

    name: str
    quantities: Mapping[date, Decimal]
    where: tuple[Filter, ...] = ()
    words: str = ""
    team: str = ""
    """The workspace whose it is; ``""`` where there is one workspace only."""

    @property
    def about(self) -> Scope:
        """All that it is about: who may not see all of that is told nothing of it."""
        return Scope(where=self.where)

    def is_called(self, name: str) -> bool:
        """Whether a word means it: ``order``, ``Orders``."""
        return _singular(name) == _singular(self.name)

    def within(self, days: Period) -> Decimal:
        """How many in some days."""
        return total([amount for day, amount in self.quantities.items() if day in days])

    def missing(self, days: Period) -> list[date]:
        """The days that nothing was told of."""
        return [day for day in days if day not in self.quantities]


def _singular(name: str) -> str:
    folded = " ".join(name.casefold().split())
    if folded.endswith("ies"):
        return f"{folded[:-3]}y"
    return folded.removesuffix("s")


def read_units(
    declared: Mapping[str, Any], read: Callable[[str], Question], text_of: Callable[[str], str]
) -> tuple[BusinessUnit, ...]:
    """The units of a parsed ``units.toml``; ``read`` turns words into a question, ``text_of`` gives a file's text.

    Raises:
        Misconfigured: names the unit, what is wrong with it, and how it should look.
    """
    entries = declared.get("unit", [])
    if set(declared) - {"unit"} or not isinstance(entries, list):
        raise Misconfigured("units.toml has entries that are not units.", "Start each with [[unit]].")
    units = tuple(_unit(entry, at, read, text_of) for at, entry in enumerate(entries, 1))
    return _distinct(units)


def names(declared: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the units of a parsed ``units.toml`` are called, as far as they have names, and whose each is."""
    entries = declared.get("unit", [])
    found = entries if isinstance(entries, list) else []
    return [
        (str(entry["name"]), str(entry.get("team", "")))
        for entry in found
        if isinstance(entry, dict) and entry.get("name")
    ]


def _distinct(units: tuple[BusinessUnit, ...]) -> tuple[BusinessUnit, ...]:
    for at, unit in enumerate(units):
        if any(unit.is_called(other.name) for other in units[:at]):
            raise Misconfigured(f"Two units are called {unit.name!r}.", "Give each a different name.")
    return units


def _unit(
    entry: Mapping[str, Any],
    at: int,
    read: Callable[[str], Question],
    text_of: Callable[[str], str],
) -> BusinessUnit:
    name = str(entry.get("name", f"number {at}")) if isinstance(entry, dict) else f"number {at}"
    try:
        _check_keys(entry)
        days = {_day(str(day)): _count(str(count)) for day, count in entry.get("days", {}).items()}
        if "file" in entry:
            days |= _of_file(text_of(str(entry["file"])), str(entry["name"]), str(entry["file"]))
        words = str(entry.get("question", ""))
        return BusinessUnit(
            str(entry["name"]), days, read(words).where if words else (), words, str(entry.get("team", ""))
        )
    except Misconfigured:
        raise
    except CostError as error:
        raise Misconfigured(f"The question of unit {name!r} is not clear: {error.message}", error.hint) from error
    except OSError as error:
        raise Misconfigured(f"The file of unit {name!r} cannot be read: {error.strerror}.", _FORM) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Misconfigured(f"Unit {name!r} cannot be read: {error}.", _FORM) from error


def _check_keys(entry: Mapping[str, Any]) -> None:
    if unknown := sorted(set(entry) - {"name", "question", "file", "days", "team"}):
        raise ValueError(f"{unknown[0]} is not a known key")
    if not {"file", "days"} & set(entry):
        raise ValueError("it has no quantities")


def units_of_csv(text: str, name: str) -> tuple[BusinessUnit, ...]:
    """The units of a CSV with the columns day, unit and quantity; ``name`` is the file's.

    Raises:
        Misconfigured: names the file and the row.
    """
    found: dict[str, dict[date, Decimal]] = {}
    for unit, day, count in _rows(text, name):
        days = found.setdefault(unit, {})
        if day in days:
            raise Misconfigured(f"{name} has two values of {unit} for {day}.", "Keep one row per day and unit.")
        days[day] = count
    return _distinct(tuple(BusinessUnit(unit, days) for unit, days in found.items()))


def _of_file(text: str, unit: str, name: str) -> dict[date, Decimal]:
    """The days of one unit; every row where the file names no units."""
    wanted = BusinessUnit(unit, {})
    days: dict[date, Decimal] = {}
    for named, day, count in _rows(text, name):
        if named and not wanted.is_called(named):
            continue
        if day in days:
            raise Misconfigured(f"{name} has two values of {unit} for {day}.", "Keep one row per day.")
        days[day] = count
    return days


def _rows(text: str, name: str) -> Iterator[tuple[str, date, Decimal]]:
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    columns = {(column or "").strip().casefold(): column for column in rows.fieldnames or ()}
    if not {"day", "quantity"} <= set(columns):
        raise Misconfigured(f"{name} is not a list of quantities.", _COLUMNS)
    for at, row in enumerate(rows, 2):
        try:
            unit = str(row[columns["unit"]] or "").strip() if "unit" in columns else ""
            yield unit, _day(row[columns["day"]]), _count(row[columns["quantity"]])
        except (TypeError, ValueError, AttributeError) as error:
            raise Misconfigured(f"{name}, row {at}: {error}.", _COLUMNS) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a date like 2026-11-01") from None


def _count(text: str) -> Decimal:
    try:
        count = Decimal(text.strip())
        if not count.is_finite() or count < 0:
            raise ValueError(f"{text.strip()!r} is not a quantity")
        return total([count])
    except InvalidOperation:
        raise ValueError(f"{text.strip()!r} is not a quantity") from None
