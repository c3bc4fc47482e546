"""The two sides of a range or a comparison: what is said of the one and holds for the other, too."""

from __future__ import annotations

from msgspec.structs import replace

from bot.language.dates.arithmetic import DAYS_OF_UNIT
from bot.language.dates.expressions import Anchored, Day, Moment, Part, Relative, Unit
from bot.language.dates.holidays import Feast
from bot.language.dates.within import DayIn, DaysOfMonth, EdgeOf


def adjoined(first: Moment, second: Moment) -> tuple[Moment, Moment]:
    """As in "the 25th to 5 November", "October 25 to the 5th": the day without a month is of the one beside it."""
    if isinstance(second, Day) and second.month is None and isinstance(first, EdgeOf) and isinstance(first.of, Part):
        return first, replace(second, month=first.of.number, year=first.of.year)
    if isinstance(first, Day) and first.month is None and isinstance(second, DayIn):
        return replace(second, day=first.day), second
    if isinstance(first, Day) and isinstance(second, Day) and first.day > second.day:
        if first.month is None and second.month is not None:
            return replace(first, month=(second.month - 2) % 12 + 1), second
        if second.month is None and first.month is not None:
            return first, replace(second, month=first.month % 12 + 1)
    return first, second


def a_year_before(feast: Feast, other: Moment) -> bool:
    """As in "black friday vs last year", "vs last black friday": the feast, and not the same date."""
    if isinstance(other, Relative):
        return (other.unit, other.offset) == ("year", -1)
    alike = isinstance(other, Feast) and (other.name, other.around, other.year) == (feast.name, feast.around, None)
    return alike or (isinstance(other, Anchored) and other.unit == "year")


def larger(unit: Unit, than: Unit) -> bool:
    """Whether "last year" beside a month means the same month of it."""
    return than != "span" and DAYS_OF_UNIT[unit] > DAYS_OF_UNIT[than] and unit in {"year", "week"}


def share_year(first: Moment, second: Moment) -> tuple[Moment, Moment]:
    """A year named once serves both, and so does the month of a day: "october 1st to 15th"."""
    if isinstance(first, Day) and isinstance(second, Day):
        first, second = _share_month(first, second), _share_month(second, first)
    if isinstance(first, Part | Day | DaysOfMonth) and isinstance(second, Part | Day | DaysOfMonth):
        if first.year is None and second.year is not None:
            return replace(first, year=second.year, borrowed=True), second
        if second.year is None and first.year is not None:
            return first, replace(second, year=first.year, borrowed=True)
    return first, second


def _share_month(day: Day, other: Day) -> Day:
    return replace(day, month=other.month) if day.month is None else day


def share_years(moments: list[Moment]) -> list[Moment]:
    """A year named once serves all."""
    dated = next((moment for moment in moments if isinstance(moment, Day) and moment.month is not None), None)
    moments = [_share_month(moment, dated) if dated and isinstance(moment, Day) else moment for moment in moments]
    year = next((moment.year for moment in moments if isinstance(moment, Part | Day) and moment.year is not None), None)
    return [
        replace(moment, year=year, borrowed=True) if isinstance(moment, Part | Day) and moment.year is None else moment
        for moment in moments
    ]
