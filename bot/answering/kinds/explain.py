"""Answers of the kind ``explain``: what drove a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from bot.analytics.calendar_effect import HISTORY
from bot.analytics.driver_dimension import Movement, choose, named_dimensions
from bot.analytics.driver_timing import Timing
from bot.analytics.explain import Candidate, explain, leading
from bot.analytics.price_volume import Priced
from bot.analytics.transfers import with_transfers
from bot.answering.account_names import AccountNames
from bot.answering.before_and_now import cells, columns, narrowed
from bot.answering.dispatch import AnswerRequest
from bot.answering.driver_events import EventReader
from bot.answering.driver_places import PlaceReader
from bot.answering.kinds.cost import figures as figures_of
from bot.answering.kinds.cost import with_credits
from bot.answering.query import Figures, LedgerReader
from bot.domain.aggregate import Cell
from bot.domain.answers.explanations import Driver, ExplainAnswer, Explanation, TransferDetail
from bot.domain.answers.figures import Total
from bot.domain.answers.notes import DaysThatStandOut, DaysUnfinished, Note, RateEffect
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.question import Question

if TYPE_CHECKING:
    from bot.ledger.query import Courses

_WAYS = (
    ("ServiceName",),
    ("SubAccountName",),
    ("x_Model",),
    ("SkuId",),
    ("RegionId",),
    ("SubAccountName", "ServiceName"),
    ("ServiceName", "SkuId"),
    ("ServiceProviderName", "ServiceName"),
)
"""Breakdowns tried for where a change concentrates."""
_SORTS = (("ChargeCategory", "ChargeFrequency"), ("ChargeCategory",), ())
"""What sort of charge it is, as far as every source tells."""
_USUAL = ("Usage", "Usage-Based", None)
_MAX_EXACT_KEYS = 24
"""So many keys of each source are read exactly; the rest is one."""
_TELLING = Decimal("0.01")
"""Less than this, other rates made nothing."""
_MEASURED = 8
"""Of so many keys quantities are read,"""
_BY_SKU = 4
"""and of so many what each SKU cost, so that mix is told from price; of keys of several units always."""


def answer(request: AnswerRequest) -> ExplainAnswer:
    """The drivers of the change between ``against`` and ``period``, with the totals they add up to, as billed.

    Totals alone are converted: what moved in another currency is the rate's doing too.
    """
    question, reader, exchange = request.question, request.reader, request.exchange
    if question.period is None or question.against is None:
        return ExplainAnswer()
    plain = question.model_copy(update={"kind": "cost", "by": (), "grain": None, "top": None, "threshold": None})
    whole = with_credits(plain, figures_of(plain, reader, exchange=exchange), reader, exchange)
    accounts = AccountNames.read(reader, question, question.against, question.period)
    ways = list(_ways(question, question.period, question.against, reader, accounts))
    if not ways or not whole.totals:
        return ExplainAnswer(totals=whole.totals, as_of=whole.as_of, gaps=whole.gaps, notes=whole.notes)
    asked = _Asked(question, question.period, question.against, reader)
    best = asked.candidate(choose(ways), whole.totals)
    days = _days(question.period, question.against, reader.first_day())
    daily = asked.gather([*days, days[-1] + DAY], best.dimensions, only=leading(best))
    whole_daily = asked.gather([*days, days[-1] + DAY], ())
    through = reader.data_through_of(whole_daily)
    timing = Timing(
        question.period,
        question.against,
        days=tuple(days),
        daily=[Cell(group.key, group.unit, group.amounts) for group in daily.groups],
        totals=[Cell((), group.unit, group.amounts) for group in whole_daily.groups],
        complete_through=through,
    )
    explanations = explain(best, timing)
    places = PlaceReader(question, question.period, question.against, reader, best.dimensions, accounts)
    known = [day for day in days if day <= through] or days
    events = EventReader(question, question.period, known, reader)
    explanations = tuple(
        with_transfers(events.with_events(places.with_places(explanation))) for explanation in explanations
    )
    notes: list[Note] = [note for explanation in explanations for note in _notes(explanation)]
    notes += _unfinished(question.period, through, reader.today)
    notes += [note for converted in whole.totals for note in _rates_part(converted)]
    return ExplainAnswer(
        totals=whole.totals,
        explanations=tuple(_plainly(explanation, accounts) for explanation in explanations),
        as_of=whole.as_of,
        gaps=whole.gaps,
        notes=(*notes, *whole.notes),
    )


def _notes(explanation: Explanation) -> Iterator[Note]:
    """The days that make most of it."""
    if explanation.days:
        off = total([standout.amount - standout.usual for standout in explanation.days])
        yield DaysThatStandOut(tuple(sorted(standout.day for standout in explanation.days)), off, explanation.currency)


def _rates_part(whole: Total) -> list[RateEffect]:
    """What other rates than before make of the change in the currency asked for, at what is billed now."""
    converted = whole.converted
    if converted is None or not converted.against or not whole.against:
        return []
    part = converted.amount - whole.amount * converted.against / whole.against
    return [RateEffect(whole.currency or "", converted.currency, part)] if abs(part) >= _TELLING else []


def _unfinished(period: Period, through: date, today: date) -> list[DaysUnfinished]:
    """Days that are not over weigh less than those they are compared with."""
    last = min(period.last, today)
    return [] if last <= through else [DaysUnfinished(Period(start=through + DAY, end=last + DAY))]


def _plainly(explanation: Explanation, accounts: AccountNames) -> Explanation:
    """Accounts by their name, and without the sort of charge where it is the usual one: that says nothing."""
    dimensions = tuple(accounts.place(name, "")[0] for name in explanation.dimensions)
    drivers = tuple(_plain_driver(driver, accounts) for driver in explanation.drivers)
    return replace(explanation, dimensions=dimensions, drivers=drivers)


def _plain_driver(driver: Driver, accounts: AccountNames) -> Driver:
    detail = driver.detail
    if isinstance(detail, TransferDetail):
        detail = replace(detail, other=_plain_key(accounts.named(detail.other)))
    places = []
    for place in driver.places:
        name, value = accounts.place(place.dimension, place.value)
        places.append(replace(place, dimension=name, value=value))
    return replace(driver, key=_plain_key(accounts.named(driver.key)), detail=detail, places=tuple(places))


def _plain_key(key: Mapping[str, str | None]) -> dict[str, str | None]:
    sorts = {name: value for name, value in key.items() if name in _SORTS[0] and value not in _USUAL}
    return {name: value for name, value in key.items() if name not in _SORTS[0]} | sorts


class _Way(Struct, frozen=True):
    """One breakdown, as floats: enough to see where the change concentrates."""

    dimensions: tuple[str, ...]
    courses: Sequence[Courses]

    def movements(self) -> Iterable[Movement]:
        """The movement of each currency; a key of two sources counts twice."""
        by_currency: dict[str, list[Movement]] = {}
        for series in self.courses:
            units, place = series.split.units()
            names = series.split.named(slice(len(named_dimensions(self.dimensions))))
            for at, unit in enumerate(units):
                rows = place == at
                before, now = series.amounts[rows, 0], series.amounts[rows, -1]
                by_currency.setdefault(unit, []).append(Movement(before, now, names[rows]))
        for movements in by_currency.values():
            before, now, names = (np.concatenate(part) for part in zip(*movements, strict=True))
            yield Movement(before, now, names)

    def tells(self) -> bool:
        """Whether most of the money has a name in this breakdown."""
        whole = unnamed = 0.0
        for before, now, names in self.movements():
            sizes = np.abs(before) + np.abs(now)
            whole, unnamed = whole + sizes.sum(), unnamed + sizes[~np.asarray(names)].sum()
        return 2 * unnamed <= whole

    def leading(self) -> set[tuple[str, ...]]:
        """The keys that moved most."""
        found: set[tuple[str, ...]] = set()
        for series in self.courses:
            moves = np.abs(series.amounts[:, -1] - series.amounts[:, 0])
            rows = np.argsort(moves)[-_MAX_EXACT_KEYS:]
            found.update(key[:-1] for key in series.split.keys(rows[moves[rows] > 0]))
        return found

    def count(self) -> int:
        """How many keys were charged at all."""
        return sum(int(series.amounts[:, [0, -1]].any(axis=1).sum()) for series in self.courses)


def _ways(
    question: Question, now: Period, then: Period, reader: LedgerReader, accounts: AccountNames
) -> Iterator[_Way]:
    """Every breakdown whose sources all tell it, so that all add up to the same totals."""
    for named in [tuple(question.by)] if question.by else [way for way in _WAYS if not _held(question, way)]:
        way = accounts.by_id(named)
        by = next(
            (found for sort in _SORTS if reader.tells(question, found := tuple(dict.fromkeys((*way, *sort))))), ()
        )
        if not by:
            continue
        courses = columns(reader, question, then, now, by)
        breakdown = _Way(by, courses)
        if courses and (question.by or breakdown.tells()):
            yield breakdown


def _held(question: Question, way: Sequence[str]) -> bool:
    """Whether a filter leaves one value of a dimension, so that it explains nothing."""
    return any(
        condition.dimension in way and len(condition.values) == 1 and not condition.exclude
        for condition in question.where
    )


class _Asked(Struct, frozen=True):
    """The exact figures behind one breakdown."""

    question: Question
    period: Period
    against: Period
    reader: LedgerReader

    def gather(
        self,
        edges: Sequence[date],
        by: Sequence[str],
        metric: str | None = None,
        only: Iterable[tuple[str, ...]] | None = None,
    ) -> Figures:
        """As the reader does."""
        return self.reader.gather(self.question, edges, by, metric, None if only is None else set(only))

    def candidate(self, way: _Way, totals: Sequence[Total]) -> Candidate:
        """The keys that moved most, exactly, and what all others came to."""
        leaders = self._cells(way.dimensions, only=way.leading())
        rest = []
        for whole in totals:
            sums = [total([cell.amounts[at] for cell in leaders if cell.unit == whole.currency]) for at in (0, 1)]
            left = (total([whole.against or Decimal(0), -sums[0]]), total([whole.amount, -sums[1]]))
            rest.append(Cell((), whole.currency or "", left))
        bare = Candidate(way.dimensions, tuple(leaders))
        keys = set(leading(bare, _MEASURED))
        finer = set(leading(bare, _BY_SKU))
        quantities = self._cells(way.dimensions, "ConsumedQuantity", keys)
        units = Counter(quantity.key for quantity in quantities)
        return Candidate(
            way.dimensions,
            tuple(leaders),
            tuple(quantities),
            tuple(self._priced(way.dimensions, {key for key in keys if key in finer or units[key] != 1})),
            tuple(cell for cell in rest if any(cell.amounts)),
            max(way.count() - len(leaders), 0),
        )

    def _cells(
        self, by: Sequence[str], metric: str | None = None, only: set[tuple[str, ...]] | None = None
    ) -> list[Cell]:
        """Before and now of each key."""
        return cells(self.reader, self.question, self.against, self.period, by, metric, only)

    def _priced(self, dimensions: tuple[str, ...], keys: set[tuple[str, ...]]) -> Iterator[Priced]:
        """What the keys' SKUs cost and how much of each was used, where they are measured in one unit."""
        by = tuple(dict.fromkeys((*dimensions, "SkuId")))
        if not keys or "SkuId" in dimensions or not self.reader.tells(self.question, by):
            return
        within = _Asked(narrowed(self.question, dimensions, keys), self.period, self.against, self.reader)
        costs = {(cell.key, cell.unit): cell for cell in within._cells(by)}
        measured = sorted(within._cells(by, "ConsumedQuantity"), key=lambda cell: cell.key)
        quantities = {key: list(same) for key, same in groupby(measured, key=lambda cell: cell.key)}
        for (key, currency), cost in costs.items():
            known = quantities.get(key, [])
            if len(known) == 1 and key[: len(dimensions)] in keys:
                pair, used = cost.amounts, known[0].amounts
                yield Priced(key[: len(dimensions)], currency, known[0].unit, (pair[0], pair[1]), (used[0], used[1]))


def _days(period: Period, against: Period, first: date | None) -> list[date]:
    """The days of both periods, and those before them that show the week's rhythm."""
    earlier = max(against.end - DAY * HISTORY, first or against.start)
    start, end = min(period.start, against.start, earlier), max(period.end, against.end)
    return list(Period(start=start, end=end))
