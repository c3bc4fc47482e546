"""Where a sentence speaks of time: single moments, ranges between two, and the words before them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.domain.errors import NotUnderstood
from bot.domain.period import DAY
from bot.language.meanings import Role
from bot.language.moments import Ahead, Clock, Day, Moment, Now, Part, Rolling, Span
from bot.language.segment import Item
from bot.language.sentence import Sentence

_PASSED: Final = frozenset(("the", "of", "only", "just", "all", "entire", "whole"))
_JOINTS: Final = (Role.VERSUS, Role.TO, Role.DASH, Role.UNTIL, Role.AND)
_LIGHT: Final = (
    Role.FILLER, Role.IN, Role.SPEND, Role.FROM, Role.BETWEEN, Role.THAT, Role.WHICH, Role.SHOW, Role.UNTIL,
)  # fmt: skip
_WITH: Final = frozenset(("with", "to"))
_WRAPPED: Final = 200
"""Days up to which "November to February" may have its start in the year before."""
_LAST_DAY: Final = 31


@dataclass(slots=True)
class Stretch:
    """A moment, or all from ``first`` to ``last``; ``prefix`` is the word that governs it."""

    first: Moment
    last: Moment | None
    items: list[Item]
    prefix: Role | None = None

    @property
    def start(self) -> int:
        """Its first token."""
        return self.items[0].start

    @property
    def end(self) -> int:
        """The token after it."""
        return self.items[-1].end

    @property
    def text(self) -> str:
        """As typed."""
        return " … ".join(item.text for item in self.items)

    def whole(self, clock: Clock) -> Span:
        """All the days it names."""
        if self.last is None:
            return self.first.span(clock)
        start, end = self.first.span(clock), self.last.span(clock)
        if start.start >= end.end and isinstance(self.first, Part | Day):
            start = self._earlier(self.first, start, end, clock)
        if start.start >= end.end:
            raise NotUnderstood(
                f"That period ends before it starts: {start.start:%d %b %Y} to {end.end - DAY:%d %b %Y}.",
                "Name the earlier day first.",
                unknown=[self.text],
            )
        return Span(start.start, end.end)

    def _earlier(self, first: Part | Day, start: Span, end: Span, clock: Clock) -> Span:
        """The start a year earlier, where no year was said of it and that makes a sensible period."""
        if first.year is not None and not first.borrowed:
            return start
        earlier = replace(first, year=start.start.year - 1).span(clock)
        return earlier if (end.end - earlier.start).days <= _WRAPPED else start


def stretches(sentence: Sentence, clock: Clock, *, comparing: bool) -> list[Stretch]:
    """Every stretch of time in a sentence, from left to right."""
    return _Finder(sentence, clock, comparing=comparing).find()


class _Finder:
    def __init__(self, sentence: Sentence, clock: Clock, *, comparing: bool) -> None:
        self._sentence, self._clock, self._comparing = sentence, clock, comparing

    def find(self) -> list[Stretch]:
        found: list[Stretch] = []
        for item, meaning in self._sentence.having(Role.WHEN):
            item.used = "period"
            if isinstance(meaning.value, Now) and not found:
                continue  # "so far", with nothing said of a start
            found.append(Stretch(meaning.value, None, [item]))
        merged = self._ranges(self._with_numbers(found))
        versus = False
        for at, stretch in enumerate(merged):
            self._govern(stretch, merged[at - 1] if at else None, versus=versus)
            versus = versus or stretch.prefix is Role.VERSUS
        self._compared_with(merged)
        return merged

    def _compared_with(self, merged: list[Stretch]) -> None:
        """As in "compare our spend with last quarter": one period, and what it is compared with."""
        before = self._before(merged[0]) if len(merged) == 1 else None
        if before is not None and before.said in _WITH and self._sentence.any(Role.COMPARE):
            merged[0].prefix = merged[0].prefix or Role.VERSUS

    # -- ranges ---------------------------------------------------------------------------------------------------

    def _ranges(self, found: list[Stretch]) -> list[Stretch]:
        merged: list[Stretch] = []
        for stretch in found:
            last = merged[-1] if merged else None
            if last and last.last is None and self._is_range(last, stretch):
                first, second = share_year(*_adjoined(last.first, stretch.first))
                merged[-1] = Stretch(first, second, [*last.items, stretch.items[0]])
                for item in self._between(last, stretch):
                    item.used = item.used or "period"
            else:
                merged.append(stretch)
        return merged

    def _is_range(self, first: Stretch, second: Stretch) -> bool:
        joint = joint_of(self._sentence, first, second)
        before = self._before(first)
        if joint is Role.DASH or joint is Role.UNTIL or isinstance(second.first, Now):
            return True
        if joint is Role.TO:
            days = isinstance(first.first, Day) and isinstance(second.first, Day)
            return days or not self._comparing
        return joint is Role.AND and before is not None and before.has(Role.BETWEEN) and not self._comparing

    def _between(self, first: Stretch, second: Stretch) -> list[Item]:
        return [item for item in self._sentence.items if first.end <= item.start and item.end <= second.start]

    def _with_numbers(self, found: list[Stretch]) -> list[Stretch]:
        """As in "Oct 5 to 9" and "5-9 Oct": the bare number is a day of the same month."""
        extra = []
        for stretch in found:
            if isinstance(stretch.first, Day) and stretch.first.month is not None:
                for step in (1, -1):
                    item = self._number(stretch, step)
                    if item:
                        number = item.get(Role.NUMBER)
                        item.used = "period"
                        day = replace(stretch.first, day=int(number.value) if number else 1)
                        extra.append(Stretch(day, None, [item]))
        return sorted([*found, *extra], key=lambda each: each.start)

    def _number(self, stretch: Stretch, step: int) -> Item | None:
        joiner = self._sentence.at(stretch.items[0], step)
        item = self._sentence.at(joiner, step) if joiner else None
        number = item.get(Role.NUMBER) if item and item.free else None
        before = self._sentence.beside(item if step < 0 else stretch.items[0], -1) if item else None
        between = before is not None and before.has(Role.BETWEEN) and joiner is not None and joiner.has(Role.AND)
        joined = between or (joiner is not None and (joiner.has(Role.DASH) or joiner.has(Role.TO)))
        return item if joined and number and 1 <= number.value <= _LAST_DAY else None

    # -- what governs -----------------------------------------------------------------------------------------------

    def _govern(self, stretch: Stretch, last: Stretch | None, *, versus: bool) -> None:
        before = self._before(stretch)
        leader = self._sentence.beside(before, -1) if before is not None and before.has(Role.IN) else None
        before = leader if leader is not None and leader.has(Role.VERSUS) else before
        roles = [Role.VERSUS] if stretch.last else [Role.VERSUS, Role.SINCE, Role.UNTIL, Role.BEFORE]
        stretch.prefix = next((role for role in roles if before and before.has(role)), None)
        if before and stretch.prefix:
            before.used = before.used or stretch.prefix.value
        joint = joint_of(self._sentence, last, stretch) if last else None
        compared = self._comparing and not versus and joint in {Role.TO, Role.AND}
        if stretch.prefix is None and (joint is Role.VERSUS or compared):
            stretch.prefix = Role.VERSUS
        if (
            stretch.prefix is None
            and before
            and before.has(Role.FROM)
            and before.said.startswith("start")
            and not stretch.last
        ):
            stretch.prefix = Role.SINCE
        alone = stretch.prefix is None and not stretch.last and not last and not self._clock.ahead
        if alone and before is not None and before.has(Role.TO) and before.said != "to":
            stretch.prefix = Role.UNTIL  # "through June", with no start said
            before.used = before.used or Role.UNTIL.value
        if self._clock.ahead and isinstance(stretch.first, Rolling) and before and before.said in {"in", "within"}:
            stretch.first = Ahead(stretch.first.unit, stretch.first.count)

    def _before(self, stretch: Stretch) -> Item | None:
        return self._sentence.beside(stretch.items[0], -1, lambda item: item.said in _PASSED)


def joint_of(sentence: Sentence, first: Stretch, second: Stretch) -> Role | None:
    """The word that joins two stretches, where nothing else of weight stands between them."""
    joint = None
    for item in sentence.items:
        if not first.end <= item.start or not item.end <= second.start:
            continue
        role = next((role for role in _JOINTS if item.has(role)), None)
        if role:
            joint = role
        elif item.free and not any(item.has(light) for light in _LIGHT):
            return joint if joint is Role.VERSUS else None
    return joint


def share_year(first: Moment, second: Moment) -> tuple[Moment, Moment]:
    """A year named once serves both, and so does the month of a day: "october 1st to 15th"."""
    if isinstance(first, Day) and isinstance(second, Day):
        first, second = _share_month(first, second), _share_month(second, first)
    if isinstance(first, Part | Day) and isinstance(second, Part | Day):
        if first.year is None and second.year is not None:
            return replace(first, year=second.year, borrowed=True), second
        if second.year is None and first.year is not None:
            return first, replace(second, year=first.year, borrowed=True)
    return first, second


def _adjoined(first: Moment, second: Moment) -> tuple[Moment, Moment]:
    """As in "the 25th to 5 November", "October 25 to the 5th": the day without a month is of the one beside it."""
    if isinstance(first, Day) and isinstance(second, Day) and first.day > second.day:
        if first.month is None and second.month is not None:
            return replace(first, month=(second.month - 2) % 12 + 1), second
        if second.month is None and first.month is not None:
            return first, replace(second, month=first.month % 12 + 1)
    return first, second


def _share_month(day: Day, other: Day) -> Day:
    return replace(day, month=other.month) if day.month is None else day


def share_years(moments: list[Moment]) -> list[Moment]:
    """A year named once serves all."""
    dated = next((each for each in moments if isinstance(each, Day) and each.month is not None), None)
    moments = [_share_month(each, dated) if dated and isinstance(each, Day) else each for each in moments]
    year = next((each.year for each in moments if isinstance(each, Part | Day) and each.year is not None), None)
    return [
        replace(each, year=year, borrowed=True) if isinstance(each, Part | Day) and each.year is None else each
        for each in moments
    ]
