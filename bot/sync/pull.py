"""One feed, from the provider into the ledger: which days, in which slices, tried how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import stamina

from bot.domain.charge import Charge
from bot.domain.errors import Unavailable, UnexpectedReply
from bot.domain.feed import Feed
from bot.domain.period import DAY, Period, month_of
from bot.ledger import Ledger, WriteResult
from bot.providers import Dated, Editioned, Horizon, Provider, ReadsColumns
from bot.sync.report import FeedReport, OnProgress, Progress

if TYPE_CHECKING:
    from bot.ledger.columns import Columns
    from bot.providers._block import Block, TextColumn

T = TypeVar("T")
WHOLE = 62
"""Up to so many days are asked and committed at once; more land month by month."""
MANY = 5_000
"""Charges that are worth a commit of their own."""
OFTEN = 500
"""Charges between two words of progress."""
EXPORT_VERSION = "edition"
"""The kind of memory that says which edition of each month of a feed is in the ledger."""
PULLED = "pulled"
"""The kind of memory that says, for each feed, when it was last pulled and from which day it still moved."""
_SHORT, _LONG = 4, 70
"""Days of a pull of open days at the most, and of one of all that may be restated."""


class _Disorder(Exception):
    """Charges came that belong to a month already committed."""


@dataclass(frozen=True)
class Patience:
    """How often, and for how long, an unavailable vendor is asked again."""

    attempts: int = 4
    seconds: float = 300.0


@dataclass
class Pull:
    """The pull of one feed."""

    provider: Provider
    ledger: Ledger
    feed: Feed
    now: Callable[[], datetime]
    progress: OnProgress
    patience: Patience
    whole_window: bool = True
    """Pull all days that may move; else, of a vendor that dates what it tells, from the first that did."""
    open_days: bool = False
    """Pull no more than the days that the vendor still fills in, where it says which these are."""

    def __post_init__(self) -> None:
        self._restated_old = False

    def run(self, since: date | None) -> tuple[FeedReport, list[str]]:
        """Makes the ledger agree with the source; what lands, lands whole months at a time.

        Returns:
            what was told, and what had to be left out, in words.

        Raises:
            CostError: what had landed before stays.
        """
        horizon = self.provider.horizon(self.feed, self.now())
        editions = patiently(self.patience, self._editions)
        if editions is not None:
            return self._renew(editions, horizon, since), []
        older, window, left_out = self._plan(horizon, since)
        self.report = FeedReport(self.feed.name, Period(start=(older or window).start, end=window.end))
        if older:
            for month in reversed(_months(older)):  # newest first: what is covered stays without holes
                self._land(month, horizon)
        self._land(window, horizon)
        self._note(horizon)
        return self.report, left_out

    def extend(self) -> FeedReport | None:
        """Brings the month before the first one known, if the vendor keeps it."""
        horizon, covered = self.provider.horizon(self.feed, self.now()), self.ledger.covered(self.feed)
        if covered is None or covered.start <= horizon.deepest:
            return None
        month = month_of(covered.start - DAY)
        days = Period(start=max(month.start, horizon.deepest), end=covered.start)
        self.report = FeedReport(self.feed.name, days)
        self._land(days, horizon)
        return self.report

    def _note(self, horizon: Horizon) -> None:
        at, last = self.now().isoformat(), pulled(self.ledger, self.feed) or {}
        whole = not (self.open_days and horizon.open and last)
        known: dict[str, object] = {"at": at, "moving": horizon.moving.isoformat(), "whole_at": at}
        if not whole:
            known |= {name: last[name] for name in ("moving", "whole_at") if name in last}
        elif horizon.open:
            known["quiet"] = 0 if self._restated_old else min(int(last.get("quiet", -1)) + 1, 8)
        self.ledger.memory.put(PULLED, _key(self.feed), {**last, **known})

    def price(self, cost: Decimal) -> None:
        """Notes what this pull has cost: of a first one, which reaches far back, nothing is learnt."""
        last = pulled(self.ledger, self.feed)
        if last is None or self.report.days.days > _LONG:
            return
        name = "cost" if self.open_days and self.report.days.days <= _SHORT else "whole_cost"
        self.ledger.memory.put(PULLED, _key(self.feed), {**last, name: f"{cost:f}"})

    def _editions(self) -> Mapping[date, str] | None:
        return self.provider.editions(self.feed) if isinstance(self.provider, Editioned) else None

    def _renew(self, editions: Mapping[date, str], horizon: Horizon, since: date | None) -> FeedReport:
        """Pulls the months whose edition is not the one in the ledger."""
        first = min(since or horizon.deepest, horizon.deepest).replace(day=1)
        months = {month_of(day): version for day, version in sorted(editions.items()) if day >= first}
        if not months:
            raise Unavailable(f"{self.feed.name} has no data yet.", "The first delivery takes up to a day.")
        ends = [min(month.end, horizon.end) for month in months]
        self.report = FeedReport(self.feed.name, Period(start=next(iter(months)).start, end=ends[-1]))
        for (month, version), end in zip(months.items(), ends, strict=True):
            key = f"{_key(self.feed)}/{month.start:%Y-%m}"
            if self.ledger.memory.get(EXPORT_VERSION, key) == {"id": version}:
                continue
            self._land(Period(start=month.start, end=end), horizon)
            self.ledger.memory.put(EXPORT_VERSION, key, {"id": version})
        self._note(horizon)
        return self.report

    def _plan(self, horizon: Horizon, since: date | None) -> tuple[Period | None, Period, list[str]]:
        """Days older than all that is known, and the days from there to the end."""
        left_out = []
        if since and horizon.floor and since < horizon.floor:
            left_out.append(f"The vendor tells of nothing before {horizon.floor}")
            since = horizon.floor
        covered = self.ledger.covered(self.feed)
        if covered is None:
            return None, Period(start=min(since or horizon.deepest, horizon.end - DAY), end=horizon.end), left_out
        start = min(covered.end, horizon.end - DAY, since or self._first_moved(horizon, covered))
        if start < covered.start:
            older = Period(start=start, end=covered.start)
            return older, Period(start=covered.start, end=horizon.end), left_out
        return None, Period(start=start, end=horizon.end), left_out

    def _first_moved(self, horizon: Horizon, covered: Period) -> date:
        """The start of the window, or of what the vendor says has changed since the last pull, however old."""
        window = min(horizon.moving, self._moving(horizon))
        if self.open_days and horizon.open:
            return max(window, horizon.open)
        last = self.ledger.memory.get(PULLED, _key(self.feed))
        if last is None or not isinstance(self.provider, Dated):
            return window
        dated, days = self.provider, Period(start=covered.start, end=horizon.end)
        since = datetime.fromisoformat(last["at"])
        changed = patiently(self.patience, lambda: dated.first_changed(self.feed, days, since)) or horizon.end
        return min(window, changed) if self.whole_window else changed

    def _moving(self, horizon: Horizon) -> date:
        """The first day that could still move when the feed was last pulled."""
        last = pulled(self.ledger, self.feed)
        return date.fromisoformat(last["moving"]) if last else horizon.moving

    def _land(self, days: Period, horizon: Horizon) -> None:
        """All of these days, resumed where a failed attempt left off; patience begins anew with each that landed some.

        A vendor that allows 60 requests a minute interrupts a first pull more often than anybody would try in vain.
        """
        self._rest: Period | None = days
        self._ordered = horizon.in_day_order
        while self._rest:
            before = self._rest
            try:
                patiently(self.patience, self._ask_rest)
            except Unavailable:
                if self._rest == before or self.patience.attempts <= 1:
                    raise

    def _ask_rest(self) -> None:
        while asked := self._rest:
            try:
                self._ask(asked, ordered=self._ordered)
            except _Disorder:
                self._ordered, self._rest = False, asked

    def _ask(self, days: Period, *, ordered: bool) -> None:
        blocks = self.provider.blocks(self.feed, days) if isinstance(self.provider, ReadsColumns) else None
        if blocks is not None:
            self._kept(days, self.ledger.replace_columns(self.feed, days, map(_columns, blocks), synced=self.now()))
            self._rest = None
            return
        parts = _months(days) if days.days > WHOLE else [days]
        for asked in [days] if ordered else parts:
            charges = self._watched(asked, self.provider.charges(self.feed, asked))
            slices = [part for part in parts if asked.start <= part.start and part.end <= asked.end]
            self._keep(_sliced(charges, slices), days.end)

    def _keep(self, slices: Iterator[tuple[Period, list[Charge]]], end: date) -> None:
        """Commits what was read whole, small months together; after a failure too, so that none is asked again."""
        whole: Period | None = None
        batch: list[Charge] = []
        try:
            for part, charges in slices:
                whole = Period(start=whole.start if whole else part.start, end=part.end)
                batch += charges
                if len(batch) >= MANY:
                    self._commit(whole, batch, end)
                    whole, batch = None, []
        except _Disorder:
            whole = None
            raise
        finally:
            if whole:
                self._commit(whole, batch, end)

    def _commit(self, part: Period, batch: list[Charge], end: date) -> None:
        self._kept(part, self.ledger.replace(self.feed, part, batch, synced=self.now()))
        self._rest = Period(start=part.end, end=end) if part.end < end else None

    def _kept(self, part: Period, replaced: WriteResult) -> None:
        """Reports what has landed."""
        self.report.charges += replaced.charges
        restated = {day.day for day in replaced.restated if day.day < self.now().date()}
        self.report.restated += len(restated)
        self._restated_old = self._restated_old or any(day < self.now().date() - DAY * _SHORT for day in restated)
        self._say(part.last)

    def _watched(self, days: Period, charges: Iterable[Charge]) -> Iterator[Charge]:
        for number, charge in enumerate(charges, start=1):
            if charge.day not in days:
                raise UnexpectedReply(
                    f"{self.feed.source} returned {charge.day}, which was not requested.",
                    "Please report it; nothing from this sync was saved.",
                )
            if number % OFTEN == 0:
                self._say(charge.day)
            yield charge

    def _say(self, through: date) -> None:
        days = self.report.days
        self.progress(Progress(self.feed.source, self.feed.name, days, through, self.report.charges))


def patiently(patience: Patience, ask: Callable[[], T]) -> T:
    """What ``ask`` returns, asked again while the vendor is unavailable; its ``retry_after`` is heeded.

    Raises:
        CostError: the last failure.
    """
    for attempt in stamina.retry_context(
        on=_again, attempts=patience.attempts, timeout=patience.seconds, wait_max=30.0
    ):
        with attempt:
            return ask()
    raise AssertionError  # stamina raises the last failure


def pulled(ledger: Ledger, feed: Feed) -> Mapping[str, Any] | None:
    """What is remembered of the last pulls of a feed; None before the first.

    ``at`` and ``whole_at`` are instants, ``moving`` a day; of paid ones ``cost`` and ``whole_cost`` are USD, ``quiet``
    how many pulls of the whole window in a row found nothing restated.
    """
    return ledger.memory.get(PULLED, _key(feed))


def due(ledger: Ledger, feed: Feed, rest: Horizon, now: datetime) -> bool:
    """Whether the last pull of the feed is no longer good enough for a sync on the clock."""
    last = ledger.memory.get(PULLED, _key(feed))
    return last is None or now - datetime.fromisoformat(last["at"]) >= rest.rest


def _again(error: Exception) -> bool | float:
    if not isinstance(error, Unavailable):
        return False
    return error.retry_after if error.retry_after is not None else True


def _sliced(charges: Iterable[Charge], parts: list[Period]) -> Iterator[tuple[Period, list[Charge]]]:
    """Each part with its charges, as soon as a later day shows that it is whole."""
    waiting = iter(parts)
    part = next(waiting)
    batch: list[Charge] = []
    for charge in charges:
        if charge.day < part.start:
            raise _Disorder
        while charge.day >= part.end:
            yield part, batch
            part, batch = next(waiting), []
        batch.append(charge)
    yield part, batch
    for empty in waiting:
        yield empty, []


def _columns(block: Block) -> Columns:
    from bot.ledger.columns import Columns, Labels  # numpy only where columns come

    def labelled(texts: Mapping[str, TextColumn]) -> dict[str, Labels]:
        return {name: Labels(text.values, text.codes) for name, text in texts.items()}

    return Columns(block.day, block.amounts, labelled(block.series), labelled(block.details), block.unknown)


def _months(days: Period) -> list[Period]:
    parts, start = [], days.start
    while start < days.end:
        end = min(month_of(start).end, days.end)
        parts.append(Period(start=start, end=end))
        start = end
    return parts


def _key(feed: Feed) -> str:
    return f"{feed.source}/{feed.name}"
