"""From stretches of time to a period and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from bot.domain.errors import NotUnderstood
from bot.domain.period import DAY, add_months
from bot.language.feasts import Feast
from bot.language.meanings import Role
from bot.language.moments import (
    MONTHS_IN,
    Anchored,
    Back,
    Clock,
    Day,
    Moment,
    Part,
    Relative,
    SoFar,
    Span,
    Unit,
    Weekday,
    Year,
    unit_around,
)
from bot.language.sentence import Sentence
from bot.language.stretches import Stretch, joint_of, share_year, share_years, stretches

_SIZE: Final[dict[Unit, int]] = {
    "day": 1, "weekend": 2, "week": 7, "month": 30, "quarter": 91, "half": 182, "year": 365, "span": 0,
}  # fmt: skip


_YEAR_OF_WEEKS: Final = 52 * 7


@dataclass(slots=True)
class Timing:
    """What the sentence says about time. Spans are None where it says nothing."""

    period: Span | None = None
    against: Span | None = None
    only_against: bool = False
    """Only what to compare with was named."""
    pace: Unit | None = None
    """Month over month and the like."""


def read_times(sentence: Sentence, clock: Clock, *, base: Span | None = None) -> Timing:
    """The periods of a sentence; ``base`` is the one before in the thread, for what is told from it."""
    return _Times(sentence, clock, base).read()


class _Times:
    def __init__(self, sentence: Sentence, clock: Clock, base: Span | None) -> None:
        self._sentence, self._clock, self._base = sentence, clock, base
        self._comparing = sentence.any(Role.COMPARE) or bool(sentence.having(Role.CHANGE))

    def read(self) -> Timing:
        """The period and, where one is named, what it is compared with."""
        found = stretches(self._sentence, self._clock, comparing=self._comparing)
        timing = Timing(pace=self._pace())
        against = [each for each in found if each.prefix is Role.VERSUS]
        plain = [each for each in found if each.prefix is not Role.VERSUS]
        if against and plain:
            if len(found) > 2:  # noqa: PLR2004 - a comparison has two sides
                raise _two_periods(found)
            timing.period, timing.against = self._compared(plain[0], against[0])
        elif against:
            timing.only_against = True
            timing.period, timing.against = self._alone_against(against[0])
        elif len(plain) > 1:
            timing.period, timing.against = self._several(plain)
        elif plain:
            timing.period = self._single(plain[0])
        return timing

    def _pace(self) -> Unit | None:
        for item, meaning in self._sentence.having(Role.PACE):
            item.used = f"{meaning.value} over {meaning.value}"
            unit: Unit = meaning.value
            return unit
        return None

    def _single(self, stretch: Stretch) -> Span:
        if not isinstance(stretch.first, Anchored):
            return self._span(stretch)
        if self._base is None and stretch.first.same:
            around = unit_around(self._clock.today, stretch.first.of, self._clock.week_start)
            return anchored(Span(*around, stretch.first.of).clipped(self._clock), stretch.first, self._clock)
        if self._base is None:
            raise NotUnderstood(
                f"{stretch.text!r} is told from another period, and I see none.",
                'Name both: "October vs the month before".',
                unknown=[stretch.text],
            )
        return anchored(self._base, stretch.first, self._clock)

    def _span(self, stretch: Stretch) -> Span:
        clock, whole = self._clock, stretch.whole(self._clock)
        if stretch.prefix is Role.SINCE:
            return Span(whole.start, max(clock.tomorrow, whole.start + DAY))
        if stretch.prefix in {Role.UNTIL, Role.BEFORE}:
            end = min(whole.end if stretch.prefix is Role.UNTIL else whole.start, clock.tomorrow)
            return Span(min(clock.first_day, end - DAY), end)
        return whole.clipped(clock)

    # -- two of them ------------------------------------------------------------------------------------------------

    def _compared(self, one: Stretch, other: Stretch) -> tuple[Span, Span]:
        """The later is the period, the earlier what it is compared with."""
        if isinstance(one.first, Anchored) and not isinstance(other.first, Anchored):
            one, other = other, one
        if one.last is None and other.last is None:
            one.first, other.first = share_year(one.first, other.first)
        period = self._span(one)
        if isinstance(one.first, Feast) and _a_year_before(one.first, other.first):
            return period, one.first.before(period, self._clock)
        against = self._against(period, other, relative=one.first.relative)
        if against.start > period.start:
            period = self._span(other)
            against = self._against(period, one, relative=other.first.relative)
        return period, against

    def _against(self, period: Span, other: Stretch, *, relative: bool) -> Span:
        """What a period is compared with, like for like where it is still under way."""
        moment = other.first
        if other.last is not None:
            return other.whole(self._clock)
        if isinstance(moment, Anchored):
            return anchored(period, moment, self._clock)
        if isinstance(moment, Relative) and moment.offset == -1 and _larger(moment.unit, period.unit):
            return shifted(period, moment.unit)
        whole = other.whole(self._clock).clipped(self._clock)
        previous = isinstance(moment, Relative) and moment.before and not relative
        if previous or (whole.start, whole.end) == (period.start, period.end):
            weekly = isinstance(moment, Weekday) or period.unit == "weekend"
            return shifted(period, "week") if weekly else just_before(period, self._clock)
        if under_way(period, self._clock) and moment.relative and relative:
            return like_for_like(period, whole)
        return whole

    def _alone_against(self, other: Stretch) -> tuple[Span, Span]:
        """As in "Vs last month" is told of the period before in the thread, else of the same unit under way."""
        clock = self._clock
        now = self._base
        if now is None:
            unit = _unit_of(other)
            now = Span(*unit_around(clock.today, unit, clock.week_start), unit).clipped(clock)
        return now, self._against(now, other, relative=under_way(now, clock))

    def _several(self, plain: list[Stretch]) -> tuple[Span, Span | None]:
        if len(plain) == 2 and self._comparing and all(each.prefix is None for each in plain):  # noqa: PLR2004
            return self._compared(*plain)
        if all(joint_of(self._sentence, a, b) is Role.AND for a, b in pairwise(plain)):
            return self._joined(plain), None
        spans = [self._span(each) for each in plain]
        narrow = min(spans, key=lambda span: span.end - span.start)
        if all(span.start <= narrow.start and narrow.end <= span.end for span in spans):
            return narrow, None
        raise _two_periods(plain)

    def _joined(self, plain: list[Stretch]) -> Span:
        """As in "September and October" are one period, if they are neighbours."""
        moments = share_years([each.first for each in plain])
        spans = sorted((moment.span(self._clock) for moment in moments), key=lambda span: span.start)
        if any(a.end < b.start for a, b in pairwise(spans)):
            raise _two_periods(plain)
        return Span(spans[0].start, spans[-1].end).clipped(self._clock)


def _unit_of(stretch: Stretch) -> Unit:
    """The unit that is under way where only the earlier one was named."""
    moment = stretch.first
    if isinstance(moment, Anchored):
        return "month" if moment.same or moment.unit == "span" else moment.unit
    if isinstance(moment, Back):
        return moment.of.unit
    if isinstance(moment, Relative | Part | SoFar):
        return moment.unit
    return "day" if isinstance(moment, Day) else "year" if isinstance(moment, Year) else "month"


def _a_year_before(feast: Feast, other: Moment) -> bool:
    """As in "black friday vs last year", "vs last black friday": the feast, and not the same date."""
    if isinstance(other, Relative):
        return (other.unit, other.offset) == ("year", -1)
    alike = isinstance(other, Feast) and (other.name, other.around, other.year) == (feast.name, feast.around, None)
    return alike or (isinstance(other, Anchored) and other.unit == "year")


def _larger(unit: Unit, than: Unit) -> bool:
    """Whether "last year" beside a month means the same month of it."""
    return than != "span" and _SIZE[unit] > _SIZE[than] and unit in {"year", "week"}


def _two_periods(plain: list[Stretch]) -> NotUnderstood:
    texts = [each.text for each in plain]
    return NotUnderstood(
        f"I read periods that do not make one: {' and '.join(repr(text) for text in texts)}.",
        'Name one period, or compare two: "September vs November".',
        unknown=texts,
    )


# -- arithmetic -------------------------------------------------------------------------------------------------------


def under_way(span: Span, clock: Clock) -> bool:
    """Whether today is in it and it ends with today."""
    return span.start <= clock.today < span.end <= clock.tomorrow


def like_for_like(period: Span, whole: Span) -> Span:
    """The first days of an earlier unit, as many as the period has, at most all of them."""
    days = (period.end - period.start).days
    return Span(whole.start, min(whole.start + DAY * days, whole.end))


def just_before(period: Span, clock: Clock) -> Span:
    """The calendar period before a whole one; the same days for this month; else as many days."""
    first = clock.today.replace(day=1)
    if (period.start, period.end) == (first, clock.tomorrow):
        return like_for_like(period, Span(add_months(first, -1), first))
    if period.start.day == 1 and period.end.day == 1:
        months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
        return Span(add_months(period.start, -months), period.start)
    return Span(period.start - (period.end - period.start), period.start)


def anchored(period: Span, moment: Anchored, clock: Clock) -> Span:
    """As in "The month before", "the same period last year", told from a period."""
    if moment.weekday is not None:
        return Weekday(moment.weekday).span(replace(clock, today=period.start))
    if moment.unit == "span":
        return _unit_before(period, clock) if moment.unit_of else just_before(period, clock)
    if moment.same:
        return shifted(period, moment.unit)
    start, end = unit_around(period.start, moment.unit, clock.week_start, -1)
    if under_way(period, clock):
        return like_for_like(period, Span(start, end))
    size = (period.end - period.start).days
    if size > _SIZE[moment.unit] * 2:
        return just_before(period, clock)
    return Span(start, end) if size * 2 > _SIZE[moment.unit] else shifted(period, moment.unit)


def _unit_before(period: Span, clock: Clock) -> Span:
    """As in "this week vs last": the unit before, like for like."""
    if period.unit not in {"week", "quarter", "year"} or not under_way(period, clock):
        return just_before(period, clock)
    return like_for_like(period, Span(*unit_around(period.start, period.unit, clock.week_start, -1)))


def shifted(period: Span, unit: Unit) -> Span:
    """The same days a unit earlier; a week of last year keeps its weekdays."""
    if unit == "year" and period.unit == "week":
        return Span(period.start - DAY * _YEAR_OF_WEEKS, period.end - DAY * _YEAR_OF_WEEKS, "week")
    if unit in MONTHS_IN:
        start, end = (add_months(day, -MONTHS_IN[unit]) for day in (period.start, period.end))
        return Span(start, end if end > start else start + DAY)
    step = DAY * (7 if unit == "week" else 1)
    return Span(period.start - step, period.end - step)


def paced(period: Span | None, unit: Unit, clock: Clock) -> tuple[Span, Span]:
    """Month over month and the like: the period, or the latest, and the one before, like for like."""
    if period is None:
        complete = unit in {"day", "week"}
        period = Span(*unit_around(clock.today, unit, clock.week_start, -1 if complete else 0)).clipped(clock)
    if unit == "year":
        return period, shifted(period, unit)
    start, end = unit_around(period.start, unit, clock.week_start)
    before = Span(*unit_around(start, unit, clock.week_start, -1))
    if under_way(period, clock) and period.start == start:
        return period, like_for_like(period, before)
    return period, before if (period.start, period.end) == (start, end) else just_before(period, clock)
