"""From the time phrases of a sentence to a period and what it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from bot.domain.errors import NotUnderstood
from bot.domain.period import DAY, add_months
from bot.language.dates.arithmetic import anchored, just_before, like_for_like, shifted, under_way
from bot.language.dates.expressions import (
    MONTHS_IN,
    Anchored,
    Back,
    Clock,
    DateRange,
    Day,
    Moment,
    Part,
    Relative,
    Rolling,
    SoFar,
    Unit,
    Weekday,
    Year,
    unit_around,
)
from bot.language.dates.fiscal import Fiscal
from bot.language.dates.holidays import Feast
from bot.language.dates.refusals import conflict, no_start, two_periods, unplaced
from bot.language.dates.sides import a_year_before, adjoined, larger, share_year, share_years
from bot.language.dates.within import Half

_WRAPPED: Final = 200
"""Days up to which "November to February" may have its start in the year before."""
_SIDES: Final = 2
_OF_NOW: Final = frozenset(("recent", "current"))
_BETWEEN_TWO: Final = frozenset(("from_to", "range", "between", "versus_range"))
_AGAINST: Final = {"versus_whole": "versus", "with_date": "versus"}
_STARTS: Final = frozenset(("since", "after"))
_ENDS: Final = frozenset(("until", "before"))


class TimePhrase(Struct, frozen=True):
    """One phrase about time: how it is meant, the dates it names, and its words."""

    sense: str
    dates: tuple[Any, ...]
    text: str


class TimeReferences(Struct):
    """What a sentence says about time; None where it says nothing."""

    period: DateRange | None = None
    against: DateRange | None = None
    only_against: bool = False
    """Only what to compare with was named."""
    recent: str = ""
    current: str = ""
    """The words that say so, where they do."""
    whole_against: bool = False


class _Stretch(Struct):
    """A date, or all from one to another; ``sense`` is how it bounds: when, since, until, before, after, versus."""

    first: Moment
    last: Moment | None
    sense: str
    text: str


def resolve(
    phrases: Sequence[TimePhrase], clock: Clock, *, changing: bool, comparing: bool, base: DateRange | None = None
) -> TimeReferences:
    """The period of a sentence, and what it is compared with.

    ``changing``: a change is spoken of, so that "from A to B" are its two ends. ``base`` is the period before in the
    thread, for dates that are told from it.
    """
    return _Resolver(clock, base, changing=changing, comparing=comparing).resolve(phrases)


class _Resolver:
    def __init__(self, clock: Clock, base: DateRange | None, *, changing: bool, comparing: bool) -> None:
        self._clock, self._base = clock, base
        self._changing, self._comparing = changing, comparing

    def resolve(self, phrases: Sequence[TimePhrase]) -> TimeReferences:
        times = TimeReferences()
        stretches = self._distinct([stretch for phrase in phrases for stretch in self._stretches(phrase, times)])
        against = [stretch for stretch in stretches if stretch.sense == "versus"]
        plain = [stretch for stretch in stretches if stretch.sense != "versus"]
        if len(against) > 1:
            raise two_periods(stretch.text for stretch in stretches)
        if len(plain) == 1 and plain[0].sense == "until" and (text := self._ends_only(phrases)):
            raise no_start(text)
        if against and plain:
            one = plain[0] if len(plain) == 1 else self._united(plain)
            times.period, times.against = self._compared(one, against[0])
        elif against:
            times.only_against = True
            times.period, times.against = self._alone_against(against[0], whole=times.whole_against)
        elif len(plain) > 1:
            times.period, times.against = self._several(plain)
        elif plain:
            times.period = self._single(plain[0])
        self._hold_to_now(times)
        return times

    def _ends_only(self, phrases: Sequence[TimePhrase]) -> str:
        """As in "its part of the october bill to date": a "to" that nothing begins."""
        return next((phrase.text for phrase in phrases if phrase.sense == "to"), "")

    def _hold_to_now(self, times: TimeReferences) -> None:
        """What "recent" and "current" say, and that no period named is older."""
        clock = self._clock
        if times.recent:
            if times.period is not None:
                raise conflict(times.recent, times.period)
            times.period = Rolling("day", 30).span(clock)
        if times.current and times.period is not None and times.period.end <= clock.today - DAY:
            raise conflict(times.current, times.period)

    def _stretches(self, phrase: TimePhrase, times: TimeReferences) -> list[_Stretch]:
        sense, dates, text = phrase.sense, phrase.dates, phrase.text
        if sense in _OF_NOW:
            setattr(times, sense, text)
            return []
        if self._paired(sense, dates):
            return self._pair(dates, text)
        if sense in _BETWEEN_TWO:
            first, last = share_year(*adjoined(dates[0], dates[1]))
            return [_Stretch(first, last, "versus" if sense == "versus_range" else "when", text)]
        if sense == "joined":
            return [_Stretch(moment, None, "joined", text) for moment in share_years(list(dates))]
        if sense == "offset":
            return [_Stretch(_Fixed(self._offset(dates)), None, "when", text)]
        if sense == "with_date" and not self._comparing:
            raise unplaced(text)
        if sense == "as_of":
            raise no_start(text)
        if sense == "to":
            sense = "versus" if self._comparing or self._changing else "until"
        times.whole_against = times.whole_against or sense == "versus_whole"
        return [_Stretch(dates[0], None, _AGAINST.get(sense, sense), text)]

    def _paired(self, sense: str, dates: Sequence[Moment]) -> bool:
        """Whether two dates are the sides of a comparison, and not the ends of one period."""
        match sense:
            case "pair":
                return True
            case "from_to" | "between":
                return self._changing or self._comparing
            case "range":
                return self._comparing or (self._changing and not isinstance(dates[0], Day))
            case "joined":
                return self._comparing and len(dates) == _SIDES
        return False

    def _pair(self, dates: Sequence[Moment], text: str) -> list[_Stretch]:
        """Two sides of a comparison: the first is compared with the second, whichever is later."""
        first, second = share_year(dates[0], dates[1])
        return [_Stretch(first, None, "when", text), _Stretch(second, None, "versus", text)]

    def _offset(self, dates: Sequence[Any]) -> DateRange:
        """So many units after or before a date, which is itself left out."""
        (count, unit, _), relation, moment = dates[0], dates[1], dates[2]
        span = moment.span(self._clock)
        after = relation in {"after", "following", "since"}
        starting = relation in {"starting", "from", "beginning"}
        start = span.end if after else span.start
        if relation in {"before", "preceding"}:
            return DateRange(self._stepped(span.start, unit, -count), span.start)
        if relation in {"ending", "until"}:
            return DateRange(self._stepped(span.end, unit, -count), span.end)
        assert after or starting  # noqa: S101 - the grammar knows no other
        return DateRange(start, self._stepped(start, unit, count))

    def _stepped(self, day: date, unit: str, count: int) -> date:
        if unit in {"day", "hour"}:
            return day + DAY * count
        if unit == "week":
            return day + timedelta(weeks=count)
        return add_months(day, MONTHS_IN[unit] * count)

    def _distinct(self, stretches: list[_Stretch]) -> list[_Stretch]:
        """Without phrases that say the same again, or that only widen what is named ("Monday last week")."""
        found: list[_Stretch] = []
        for stretch in stretches:
            same = next(
                (
                    known
                    for known in found
                    if (known.first, known.last, known.sense) == (stretch.first, stretch.last, stretch.sense)
                ),
                None,
            )
            if same is None:
                found.append(stretch)
        return found

    # -- one ----------------------------------------------------------------------------------------------------------

    def _single(self, stretch: _Stretch) -> DateRange:
        if not isinstance(stretch.first, Anchored) or stretch.last is not None:
            return self._span(stretch)
        if self._base is None:
            of = stretch.first.of
            if stretch.first.same:
                now = DateRange(*unit_around(self._clock.today, of, self._clock.week_start), of)
                return (
                    shifted(now, stretch.first.unit)
                    if of == "day"
                    else _unit_of_last(now, stretch.first.unit, self._clock)
                )
            raise NotUnderstood(
                f"{stretch.text!r} depends on another period, and none is named.",
                'Name both: "October vs the month before".',
                unknown=[stretch.text],
            )
        return anchored(self._base, stretch.first, self._clock)

    def _whole(self, stretch: _Stretch) -> DateRange:
        clock = self._clock
        if stretch.last is None:
            return stretch.first.span(clock)
        start, end = stretch.first.span(clock), stretch.last.span(clock)
        if start.start >= end.end and isinstance(stretch.first, Part | Day):
            start = self._earlier(stretch.first, start, end)
        if start.start >= end.end:
            raise NotUnderstood(
                f"That period ends before it starts: {start.start:%d %b %Y} to {end.end - DAY:%d %b %Y}.",
                "Name the earlier day first.",
                unknown=[stretch.text],
            )
        return DateRange(start.start, end.end)

    def _earlier(self, first: Part | Day, start: DateRange, end: DateRange) -> DateRange:
        """The start a year earlier, where no year was said of it and that makes a sensible period."""
        if first.year is not None and not first.borrowed:
            return start
        earlier = replace(first, year=start.start.year - 1).span(self._clock)
        return earlier if (end.end - earlier.start).days <= _WRAPPED else start

    def _span(self, stretch: _Stretch) -> DateRange:
        clock, whole = self._clock, self._whole(stretch)
        first_day = min(clock.first_day, clock.today)
        match stretch.sense:
            case "since":
                return DateRange(whole.start, max(clock.tomorrow, whole.start + DAY))
            case "after":
                return DateRange(whole.end, max(clock.tomorrow, whole.end + DAY))
            case "until":
                end = min(whole.end, clock.tomorrow)
                return DateRange(min(first_day, end - DAY), end)
            case "before":
                return DateRange(min(first_day, whole.start - DAY), min(whole.start, clock.tomorrow))
        return whole.clipped(clock)

    # -- two ----------------------------------------------------------------------------------------------------------

    def _compared(self, one: _Stretch, other: _Stretch) -> tuple[DateRange, DateRange]:
        """The later is the period, the earlier what it is compared with."""
        if isinstance(one.first, Anchored) and not isinstance(other.first, Anchored):
            one, other = other, one
        if one.last is None and other.last is None:
            one.first, other.first = share_year(one.first, other.first)
            if isinstance(one.first, Half) and isinstance(other.first, Part) and other.first.unit == "half":
                other.first = Half(one.first.of, first=other.first.number == 1)
        period = self._span(one)
        if isinstance(one.first, Feast) and a_year_before(one.first, other.first):
            return period, one.first.before(period, self._clock)
        against = self._against(period, other, relative=one.first.relative)
        if against.start > period.start:
            period = self._span(other)
            against = self._against(period, one, relative=other.first.relative)
        return period, against

    def _against(self, period: DateRange, other: _Stretch, *, relative: bool) -> DateRange:
        """What a period is compared with, like for like where it is still under way."""
        moment = other.first
        if other.last is not None:
            return self._whole(other).clipped(self._clock)
        if isinstance(moment, Anchored):
            return anchored(period, moment, self._clock)
        if isinstance(moment, Relative) and moment.offset == -1 and larger(moment.unit, period.unit):
            return shifted(period, moment.unit)
        whole = self._whole(other).clipped(self._clock)
        previous = isinstance(moment, Relative) and moment.before and not relative
        if previous or (whole.start, whole.end) == (period.start, period.end):
            weekly = isinstance(moment, Weekday) or period.unit == "weekend"
            return shifted(period, "week") if weekly else just_before(period, self._clock)
        if under_way(period, self._clock) and moment.relative and relative:
            return like_for_like(period, whole)
        return whole

    def _alone_against(self, other: _Stretch, *, whole: bool) -> tuple[DateRange, DateRange]:
        """As in "vs last month": against it stands the period before in the thread, else the unit under way."""
        clock, now = self._clock, self._base
        if now is None:
            unit = _unit_of(other)
            now = DateRange(*unit_around(clock.today, unit, clock.week_start), unit).clipped(clock)
        if whole:
            return now, self._whole(other).clipped(clock)
        return now, self._against(now, other, relative=under_way(now, clock))

    def _several(self, plain: list[_Stretch]) -> tuple[DateRange, DateRange | None]:
        if any(isinstance(stretch.first, Anchored) for stretch in plain):
            raise two_periods(stretch.text for stretch in plain)
        if all(stretch.sense == "joined" for stretch in plain):
            return self._joined(plain), None
        return self._meeting(plain), None

    def _united(self, plain: list[_Stretch]) -> _Stretch:
        """Several bounds as one: "since 3 November until the 10th"."""
        span = self._meeting(plain)
        return _Stretch(_Fixed(span), None, "when", " ".join(stretch.text for stretch in plain))

    def _meeting(self, plain: list[_Stretch]) -> DateRange:
        """What all bounds hold: a start and an end of one period; a day within another period."""
        senses = {stretch.sense for stretch in plain}
        if len(plain) == _SIDES and senses & _STARTS and senses & _ENDS:
            shared = share_year(*adjoined(plain[0].first, plain[1].first))
            plain = [replace(bound, first=first) for bound, first in zip(plain, shared, strict=True)]
        spans = [self._span(stretch) for stretch in plain]
        if senses <= _STARTS | _ENDS:
            start, end = max(span.start for span in spans), min(span.end for span in spans)
            if start < end:
                return DateRange(start, end)
        elif senses == {"when"}:
            narrow = min(spans, key=lambda span: span.end - span.start)
            wider = [self._whole(stretch) for stretch in plain]
            within = all(
                span.start <= narrow.start and narrow.end <= max(span.end, self._clock.tomorrow) for span in wider
            )
            day = any(isinstance(stretch.first, Weekday | Day) for stretch in plain)
            if within and (day or len({(span.start, span.end) for span in spans}) == 1):
                return narrow
        raise two_periods(stretch.text for stretch in plain)

    def _joined(self, plain: list[_Stretch]) -> DateRange:
        """As in "September and October": one period, if they are neighbours."""
        spans = sorted((stretch.first.span(self._clock) for stretch in plain), key=lambda span: span.start)
        if any(a.end != b.start for a, b in pairwise(spans)):
            raise two_periods(stretch.text for stretch in plain)
        return DateRange(spans[0].start, spans[-1].end).clipped(self._clock)


class _Fixed(Moment, frozen=True):
    """Days that are already worked out."""

    days: DateRange

    def span(self, clock: Clock) -> DateRange:  # noqa: ARG002 - needs no clock
        """Those days."""
        return self.days


def _unit_of_last(now: DateRange, unit: Unit, clock: Clock) -> DateRange:
    """The same unit a longer unit ago: "the same month last year"."""
    clipped = now.clipped(clock)
    return shifted(clipped, unit)


def _unit_of(stretch: _Stretch) -> Unit:
    """The unit that is under way where only the earlier one was named."""
    moment = stretch.first
    if isinstance(moment, Anchored):
        return "month" if moment.same or moment.unit == "span" else moment.unit
    if isinstance(moment, Back):
        return moment.of.unit
    if isinstance(moment, Relative | Part | SoFar | Fiscal):
        return moment.unit
    return "day" if isinstance(moment, Day) else "year" if isinstance(moment, Year) else "month"
