"""From moments and the words between them to a period and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.costs.errors import NotUnderstood
from bot.costs.period import DAY, Period, add_months
from bot.language.meanings import Role
from bot.language.moments import (
    MONTHS_IN,
    Ahead,
    Anchored,
    Clock,
    Day,
    Moment,
    Part,
    Relative,
    Rolling,
    Span,
    Unit,
    Year,
    unit_around,
)
from bot.language.segment import Item

_SIZE: Final = {"day": 1, "weekend": 2, "week": 7, "month": 30, "quarter": 91, "half": 182, "year": 365, "span": 0}


@dataclass(slots=True)
class Timing:
    """What the sentence says about time. Spans are None where it says nothing."""

    period: Span | None = None
    against: Span | None = None
    relative: bool = False
    """The period is told from today (this month), not by name (November)."""
    only_against: bool = False
    """Only what to compare with was named."""
    pace: Unit | None = None


@dataclass(slots=True)
class _Stretch:
    """A moment or a range between two, where it stands in the sentence."""

    first: Moment
    last: Moment | None
    items: list[Item]
    prefix: Role | None = None

    @property
    def start(self) -> int:
        return self.items[0].start

    @property
    def end(self) -> int:
        return self.items[-1].end


class Times:
    """Reads the periods of one sentence."""

    def __init__(self, items: list[Item], clock: Clock, *, comparing: bool) -> None:
        self._items, self._clock, self._comparing = items, clock, comparing

    def read(self) -> Timing:
        """The period and, where one is named, what it is compared with."""
        stretches = self._prefixed(self._ranges(self._moments()))
        timing = Timing(pace=self._pace())
        against = [each for each in stretches if each.prefix is Role.VERSUS]
        plain = [each for each in stretches if each.prefix is not Role.VERSUS]
        if against and plain:
            return self._compared(timing, plain[0], against[0], plain[1:] + against[1:])
        if against:
            timing.against = self._whole(against[0])
            timing.only_against = True
            return self._alone_against(timing, against[0])
        if len(plain) > 1:
            return self._several(timing, plain)
        if plain:
            timing.period = self._span(plain[0])
            timing.relative = plain[0].first.relative
            if isinstance(plain[0].first, Anchored):
                raise _unclear([plain[0].items[0].text])
        return timing

    # -- finding ----------------------------------------------------------------------------------------

    def _moments(self) -> list[_Stretch]:
        found = []
        for item in self._items:
            meaning = item.get(Role.WHEN)
            if meaning and item.free:
                item.used = "period"
                found.append(_Stretch(meaning.value, None, [item]))
        return found

    def _pace(self) -> Unit | None:
        for item in self._items:
            meaning = item.get(Role.PACE)
            if meaning and item.free:
                item.used = f"{meaning.value} over {meaning.value}"
                unit: Unit = meaning.value
                return unit
        return None

    def _between(self, first: _Stretch, second: _Stretch) -> list[Item]:
        return [item for item in self._items if first.end <= item.start and item.end <= second.start]

    def _joint(self, first: _Stretch, second: _Stretch) -> Role | None:
        """The word that joins two stretches, where nothing else stands between them."""
        roles = None
        for item in self._between(first, second):
            for role in (Role.VERSUS, Role.TO, Role.DASH, Role.UNTIL, Role.AND):
                if item.has(role):
                    roles = role
                    break
            else:
                if item.free and not _light(item):
                    return roles if roles is Role.VERSUS else None
        return roles

    def _before(self, stretch: _Stretch) -> Item | None:
        """The phrase just before, articles passed over."""
        for item in reversed([item for item in self._items if item.end <= stretch.start]):
            if item.text.casefold() not in {"the", "of", "only", "just", "all", "entire", "whole"}:
                return item
        return None

    def _ranges(self, stretches: list[_Stretch]) -> list[_Stretch]:
        merged: list[_Stretch] = []
        for stretch in self._with_numbers(stretches):
            last = merged[-1] if merged else None
            if last and last.last is None and self._is_range(last, stretch):
                first, second = _share_year(last.first, stretch.first)
                merged[-1] = _Stretch(first, second, [*last.items, stretch.items[0]])
                for item in self._between(last, stretch):
                    item.used = item.used or "period"
            else:
                merged.append(stretch)
        return merged

    def _is_range(self, first: _Stretch, second: _Stretch) -> bool:
        joint = self._joint(first, second)
        before = self._before(first)
        if joint is Role.DASH or joint is Role.UNTIL:
            return True
        if joint is Role.TO:
            dates = isinstance(first.first, Day) and isinstance(second.first, Day)
            return dates or not self._comparing
        if joint is Role.AND and before and before.has(Role.BETWEEN):
            dates = isinstance(first.first, Day) and isinstance(second.first, Day) and not before.has(Role.COMPARE)
            return not self._comparing or (dates and first.first.month is not None and False)
        return False

    def _with_numbers(self, stretches: list[_Stretch]) -> list[_Stretch]:
        """ "Oct 5 to 9" and "5-9 Oct": the bare number is a day of the same month."""
        found = list(stretches)
        for stretch in stretches:
            if not isinstance(stretch.first, Day) or stretch.first.month is None:
                continue
            for step in (1, -1):
                number = self._neighbour_number(stretch, step)
                if number is not None:
                    item, value = number
                    item.used = "period"
                    day = replace(stretch.first, day=value)
                    found.append(_Stretch(day, None, [item]))
        return sorted(found, key=lambda each: each.start)

    def _neighbour_number(self, stretch: _Stretch, step: int) -> tuple[Item, int] | None:
        items = self._items
        index = items.index(stretch.items[0]) + step
        if not (0 <= index < len(items) and (items[index].has(Role.DASH) or items[index].has(Role.TO))):
            return None
        index += step
        number = items[index].get(Role.NUMBER) if 0 <= index < len(items) else None
        if number is None or not items[index].free or not 1 <= number.value <= 31:
            return None
        return items[index], int(number.value)

    def _prefixed(self, stretches: list[_Stretch]) -> list[_Stretch]:
        """What stands before each: since, until, before, vs; and what joins two of them."""
        for at, stretch in enumerate(stretches):
            before = self._before(stretch)
            for role in (Role.VERSUS, Role.SINCE, Role.UNTIL, Role.BEFORE):
                if before and before.has(role) and not (stretch.last and role is not Role.VERSUS):
                    stretch.prefix = role
                    before.used = before.used or role.value
                    break
            ahead = self._clock.ahead and isinstance(stretch.first, Rolling)
            if ahead and before and before.text.casefold() in {"in", "within"}:
                stretch.first = Ahead(stretch.first.unit, stretch.first.count)
            if (
                at
                and self._comparing
                and stretch.prefix is None
                and not any(s.prefix is Role.VERSUS for s in stretches)
            ):
                joint = self._joint(stretches[at - 1], stretch)
                if joint in {Role.TO, Role.AND, Role.VERSUS}:
                    stretch.prefix = Role.VERSUS
            if at and stretch.prefix is None and self._joint(stretches[at - 1], stretch) is Role.VERSUS:
                stretch.prefix = Role.VERSUS
            if (
                stretch.prefix is None
                and before
                and before.has(Role.FROM)
                and not stretch.last
                and "start" in before.text.casefold()
            ):
                stretch.prefix = Role.SINCE
        return stretches

    # -- meaning ------------------------------------------------------------------------------------------

    def _whole(self, stretch: _Stretch) -> Span:
        if stretch.last is None:
            return stretch.first.span(self._clock)
        end = stretch.last.span(self._clock)
        start = stretch.first.span(self._clock)
        if start.start >= end.end or (stretch.first.year is None and stretch.last.year is not None):
            start, end = _ordered(stretch.first, stretch.last, self._clock)
        if start.start >= end.end:
            text = f"{stretch.items[0].text} … {stretch.items[-1].text}"
            raise NotUnderstood(
                f"That period ends before it starts: {start.start:%d %b %Y} to {end.end - DAY:%d %b %Y}.",
                "Name the earlier day first.",
                unknown=[text],
            )
        return Span(start.start, end.end)

    def _span(self, stretch: _Stretch) -> Span:
        clock, whole = self._clock, self._whole(stretch)
        if stretch.prefix is Role.SINCE:
            if whole.start > clock.today and not clock.ahead:
                return whole
            return Span(whole.start, clock.tomorrow)
        if stretch.prefix in {Role.UNTIL, Role.BEFORE}:
            end = whole.end if stretch.prefix is Role.UNTIL else whole.start
            end = min(end, clock.tomorrow)
            return Span(min(clock.first_day, end - DAY), end)
        return whole.clipped(clock)

    def _compared(self, timing: Timing, one: _Stretch, other: _Stretch, rest: list[_Stretch]) -> Timing:
        if rest:
            raise _two_periods([each.items[0].text for each in (one, other, *rest)])
        if other.last is None and isinstance(one.first, Anchored | Relative) and isinstance(other.first, Moment):
            one, other = _anchor_second(one, other)
        if one.last is None and other.last is None:
            first, second = _share_year(one.first, other.first)
            one.first, other.first = first, second
        period = self._span(one)
        timing.relative = one.first.relative
        against = self.against(period, other, relative=one.first.relative)
        if against.start > period.start:
            timing.relative = other.first.relative
            period, against = self._span(other), self.against(self._span(other), one, relative=other.first.relative)
        timing.period, timing.against = period, against
        return timing

    def against(self, period: Span, other: _Stretch, *, relative: bool) -> Span:
        """What a period is compared with, like for like where it is still under way."""
        moment = other.first
        if other.last is not None:
            return self._whole(other)
        if isinstance(moment, Anchored):
            return anchored(period, moment, self._clock)
        if isinstance(moment, Relative) and moment.offset == -1:
            if _SIZE[moment.unit] > _SIZE[period.unit] and period.unit != "span" and moment.unit in {"year", "week"}:
                return anchored(period, Anchored(moment.unit, same=True), self._clock)
            if moment.before and not relative:
                return just_before(period, self._clock)
        whole = self._whole(other).clipped(self._clock)
        if whole == period:
            return just_before(period, self._clock)
        if under_way(period, self._clock) and moment.relative and relative:
            return like_for_like(period, whole)
        return whole

    def _alone_against(self, timing: Timing, other: _Stretch) -> Timing:
        moment, clock = other.first, self._clock
        unit: Unit = "month"
        if isinstance(moment, Relative | Anchored | Part) and moment.unit != "span":
            unit = "month" if isinstance(moment, Anchored) and moment.same else moment.unit
        elif isinstance(moment, Day):
            unit = "day"
        elif isinstance(moment, Year):
            unit = "year"
        now = Span(*unit_around(clock.today, unit, clock.week_start), unit).clipped(clock)
        timing.against = self.against(now, other, relative=True)
        timing.period, timing.relative = now, True
        return timing

    def _several(self, timing: Timing, plain: list[_Stretch]) -> Timing:
        spans = [self._span(each) for each in plain]
        if len(plain) == 2 and self._comparing and all(each.prefix is None for each in plain):
            return self._compared(timing, plain[0], plain[1], [])
        if len(plain) >= 2 and all(self._joint(a, b) is Role.AND for a, b in zip(plain, plain[1:], strict=False)):
            moments = _shared_years([each.first for each in plain])
            spans = sorted((m.span(self._clock) for m in moments), key=lambda span: span.start)
            if all(a.end >= b.start for a, b in zip(spans, spans[1:], strict=False)):
                timing.period = Span(spans[0].start, spans[-1].end).clipped(self._clock)
                return timing
            raise _two_periods([each.items[0].text for each in plain])
        narrow = min(spans, key=lambda span: span.end - span.start)
        if all(span.start <= narrow.start and narrow.end <= span.end for span in spans):
            timing.period = narrow
            timing.relative = plain[spans.index(narrow)].first.relative
            return timing
        raise _two_periods([each.items[0].text for each in plain])


def _light(item: Item) -> bool:
    return any(
        item.has(role)
        for role in (
            Role.FILLER,
            Role.IN,
            Role.SPEND,
            Role.FROM,
            Role.BETWEEN,
            Role.THAT,
            Role.WHICH,
            Role.SHOW,
            Role.UNTIL,
        )
    )


def _anchor_second(one: _Stretch, other: _Stretch) -> tuple[_Stretch, _Stretch]:
    if isinstance(one.first, Anchored) and not isinstance(other.first, Anchored):
        return other, one
    return one, other


def _share_year(first: Moment, second: Moment) -> tuple[Moment, Moment]:
    """A year named once serves both."""
    named = isinstance(first, Part | Day) and isinstance(second, Part | Day)
    if named and first.year is None and second.year is not None:
        return replace(first, year=second.year), second
    if named and second.year is None and first.year is not None:
        return first, replace(second, year=first.year)
    return first, second


def _shared_years(moments: list[Moment]) -> list[Moment]:
    year = next((each.year for each in moments if isinstance(each, Part | Day) and each.year is not None), None)
    if year is None:
        return moments
    return [
        replace(each, year=year) if isinstance(each, Part | Day) and each.year is None else each for each in moments
    ]


def _ordered(first: Moment, last: Moment, clock: Clock) -> tuple[Span, Span]:
    """The start in the year that lets it lie before the end."""
    end = last.span(clock)
    start = first.span(clock)
    if isinstance(first, Part | Day) and start.start >= end.end:
        for year in (end.start.year, end.start.year - 1):
            start = replace(first, year=year).span(clock)
            if start.start < end.end:
                break
    return start, end


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
    if period.start == first and period.end == clock.tomorrow:
        return like_for_like(period, Span(add_months(first, -1), first))
    if period.start.day == 1 and period.end.day == 1:
        months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
        return Span(add_months(period.start, -months), period.start)
    return Span(period.start - (period.end - period.start), period.start)


def anchored(period: Span, moment: Anchored, clock: Clock) -> Span:
    """ "The month before", "the same period last year", told from a period."""
    if moment.unit == "span":
        return just_before(period, clock)
    if moment.same:
        return shifted(period, moment.unit)
    if under_way(period, clock):
        start, end = unit_around(period.start, moment.unit, clock.week_start, -1)
        return like_for_like(period, Span(start, end, moment.unit))
    size = (period.end - period.start).days
    if size <= _SIZE[moment.unit]:
        start, end = unit_around(period.start, moment.unit, clock.week_start, -1)
        return Span(start, end, moment.unit) if size > _SIZE[moment.unit] // 2 else shifted(period, moment.unit)
    return just_before(period, clock)


def shifted(period: Span, unit: Unit) -> Span:
    """The same days a unit earlier."""
    if unit in MONTHS_IN:
        months = MONTHS_IN[unit]
        start, end = add_months(period.start, -months), add_months(period.end, -months)
        return Span(start, end if end > start else start + DAY)
    step = DAY * (7 if unit == "week" else 1)
    return Span(period.start - step, period.end - step)


def paced(period: Span | None, unit: Unit, clock: Clock, *, relative: bool) -> tuple[Span, Span]:
    """Month over month and the like: the period and the one before, like for like."""
    if period is None:
        offset = -1 if unit in {"day", "week"} else 0
        start, end = unit_around(clock.today, unit, clock.week_start, offset)
        period = Span(start, end, unit).clipped(clock)
        before = Span(*unit_around(start, unit, clock.week_start, -1), unit)
        return period, like_for_like(period, before) if under_way(period, clock) else before
    if unit == "year" or (unit == "month" and under_way(period, clock) and period.unit in {"day", "week"}):
        return period, shifted(period, unit)
    start, end = unit_around(period.start, unit, clock.week_start, 0)
    if under_way(period, clock) and period.start == start:
        return period, like_for_like(period, Span(*unit_around(start, unit, clock.week_start, -1)))
    if (period.start, period.end) == (start, end):
        return period, Span(*unit_around(start, unit, clock.week_start, -1))
    return period, just_before(period, clock)


def _two_periods(texts: list[str]) -> NotUnderstood:
    return NotUnderstood(
        f"I read two periods that do not make one: {' and '.join(repr(text) for text in texts)}.",
        'Name one period, or compare them: "September vs November".',
        unknown=texts,
    )


def _unclear(texts: list[str]) -> NotUnderstood:
    return NotUnderstood(
        f"{texts[0]!r} is told from another period, and I see none.",
        'Name both: "October vs the month before".',
        unknown=texts,
    )


def as_period(span: Span | None) -> Period | None:
    """A span as a period."""
    return None if span is None else span.period
