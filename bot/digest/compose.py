"""What a digest says. Every figure is an answer's; this only asks, picks and puts into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bot import wording
from bot.costs.answer import Answer, Line, Total
from bot.costs.currency import as_asked
from bot.costs.errors import CostError
from bot.costs.feed import Freshness
from bot.costs.period import Period, month_of
from bot.costs.question import Filter, Question
from bot.costs.scope import Scope
from bot.digest.model import Asked, Digest
from bot.digest.ports import Alternative, Asker, Reply
from bot.digest.times import Times, moved

_MOVERS = 3
_MATTERS = Decimal("0.01")
"""The part of the whole from which on a move is told."""
_MOST_LISTED = 5
_NAMES = {"day": "Daily costs", "week": "Weekly costs", "month": "Monthly costs"}
_UNITS = {"day": "7-day average", "week": "4-week average", "month": "3-month average"}


@dataclass(frozen=True)
class Detail:
    """One question of the digest: its answer, or why there is none."""

    asked: str
    reply: Reply | None = None
    why: str = ""


@dataclass(frozen=True)
class Edition:
    """One digest as it is to be said; ``said`` is what the next one may restate."""

    digest: Digest
    period: str
    title: str
    headline: str
    facts: tuple[tuple[str, str], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    chart: Reply | None = None
    lead: Reply | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Shown:
    """A reply whose figures are in the currency asked for."""

    reply: Reply
    answer: Answer

    @property
    def question(self) -> Question:
        return self.reply.question

    @property
    def read_as(self) -> str:
        return self.reply.read_as

    @property
    def alternatives(self) -> Sequence[Alternative]:
        return self.reply.alternatives

    @property
    def text(self) -> str:
        return self.reply.text


@dataclass(frozen=True)
class Desk:
    """What composing leans on: who answers, within which scope, about which days."""

    asker: Asker
    scope: Scope
    times: Times

    def ask(self, question: Question, scope: Scope | None = None) -> Reply:
        """The answer within the scope, in the currency that answers are given in."""
        reply = self.billed(question, scope)
        shown = as_asked(reply.answer)
        return reply if shown is reply.answer else _Shown(reply, shown)

    def billed(self, question: Question, scope: Scope | None = None) -> Reply:
        """The same as billed."""
        return self.asker.answer(question, scope=scope or self.scope, today=self.times.today)

    def fresh(self) -> tuple[Freshness, ...]:
        """How current each source is that charges in scope can come from."""
        return self.ask(Question(period=self.times.period)).answer.as_of

    def late(self, fresh: Iterable[Freshness] | None = None) -> list[Freshness]:
        """Those that have not told all of the digest's days."""
        last = self.times.period.last
        known = self.fresh() if fresh is None else fresh
        return [each for each in known if each.data_through is None or each.data_through < last]


def late(digest: Digest, desk: Desk) -> list[Freshness]:
    """The sources of a digest that have not told all of its days: those of its scope, or of its questions."""
    if digest.overview:
        return desk.late()
    return desk.late(_behind(tuple(_detail(each, desk) for each in digest.questions)))


def _behind(details: Sequence[Detail]) -> list[Freshness]:
    found = {each.source: each for detail in details if detail.reply for each in detail.reply.answer.as_of}
    return list(found.values())


def compose(  # noqa: PLR0913 - what a digest depends on
    digest: Digest,
    period: str,
    desk: Desk,
    *,
    before: Mapping[str, Any] | None = None,
    skipped: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> Edition:
    """The digest. ``before`` is what the last one said, ``skipped`` the periods none was posted for."""
    details = tuple(_detail(each, desk) for each in digest.questions)
    edition = Edition(digest=digest, period=period, title=_title(digest, desk.times), headline="", details=details)
    edition = _overview(edition, desk) if digest.overview else _answers(edition, desk)
    restated = _restated(before, desk)
    missed = _skipped(skipped)
    return replace(
        edition, notes=tuple(filter(None, (restated, missed, *edition.notes))), warnings=(*unknown, *edition.warnings)
    )


def _title(digest: Digest, times: Times) -> str:
    about = _period_name(times.period)
    return f"{_NAMES[times.every]}: {about}" if digest.overview else f"{digest.name}: {about}"


def _period_name(period: Period) -> str:
    if period.days == 1:
        return f"{period.start:%a} {wording.day(period.start, year=True)}"
    return wording.period(period)


# --- the overview -----------------------------------------------------------------------------------------------


def _overview(edition: Edition, desk: Desk) -> Edition:
    times, known = desk.times, desk.fresh()
    behind = desk.late(known)
    told = [each for each in known if each not in behind]
    # A day that a source has not told yet is no zero: it is left out on both sides, so that like meets like.
    fair = _only(desk.scope, told) if behind and told and times.every == "day" else desk.scope
    lead = desk.ask(Question(period=times.period, against=times.against, by=("ServiceProviderName",)), fair)
    silent = times.every == "day" and bool(behind) and not told
    facts = [] if silent else [*_compared(lead, times), *_average(desk, fair, lead)]
    facts += [*_month(desk), *_forecast(desk)]
    lists = [] if silent else [*_movers(desk, fair, lead)]
    lists += [*_budgets(desk), *_anomalies(desk)]
    if edition.digest.questions:
        lists.append(("Questions", tuple(_first(each) for each in edition.details)))
    chart = desk.ask(Question(period=times.chart, by=("ServiceProviderName",), grain=times.grain))
    return replace(
        edition,
        headline=f"No data for {_period_name(times.period)} yet." if silent else _headline(lead, times),
        facts=tuple(facts),
        lists=tuple(lists),
        chart=chart if any(each.amount for each in chart.answer.series) else None,
        lead=lead,
        notes=() if silent else _provisional(lead.answer, times.period),
        warnings=(*_late(behind, narrowed=fair is not desk.scope), *_gaps(lead.answer, behind)),
        said={} if silent else _said(desk.billed(lead.question, fair).answer, times.period),
        details=edition.details or _usual(desk),
    )


def _only(scope: Scope, told: Sequence[Freshness]) -> Scope:
    return scope.model_copy(update={"sources": tuple(each.source for each in told)})


def _headline(lead: Reply, times: Times) -> str:
    if not lead.answer.totals:
        return lead.text
    spent = wording.listed([_amount(each) for each in lead.answer.totals])
    shown = zip(lead.answer.lines, wording.as_shown(lead.answer.lines), strict=True)
    leaders = [f"{wording.label(line.key)} {amount}" for line, amount in shown if line.amount > 0][:_MOVERS]
    most = wording.listed(leaders)
    return f"{spent} on {_period_name(times.period)}" + (f": {most}" if len(leaders) > 1 else "") + "."


def _amount(figure: Total | Line) -> str:
    return wording.figure(figure.amount, figure.currency, figure.unit)


def _compared(lead: Reply, times: Times) -> Iterator[tuple[str, str]]:
    told = _changes(lead.answer)
    if told:
        name = (
            f"{times.against.start:%a} {wording.day(times.against.start)}"
            if times.every == "day"
            else wording.period(times.against, year=False)
        )
        yield f"vs {name}", told


def _changes(answer: Answer) -> str:
    return wording.listed(
        [
            wording.change(each.amount, each.against, each.currency, each.unit)
            for each in answer.totals
            if each.against is not None
        ]
    )


def _average(desk: Desk, scope: Scope, lead: Reply) -> Iterator[tuple[str, str]]:
    """The period against the average of those just before it; only where all of them were told."""
    times = desk.times
    found = desk.ask(Question(period=times.average), scope).answer
    if any("no data before" in gap.what for gap in found.gaps):
        return
    now = {each.currency: each.amount for each in lead.answer.totals}
    told = []
    for each in found.totals:
        mean = each.amount / times.averaged
        amount = now.get(each.currency)
        if amount is not None and each.currency:
            told.append(f"{wording.change(amount, mean, each.currency)}, average {wording.money(mean, each.currency)}")
    if told:
        yield f"vs {_UNITS[times.every]}", wording.listed(told)


def _month(desk: Desk) -> Iterator[tuple[str, str]]:
    times = desk.times
    if times.month == times.period:
        return
    found = desk.ask(Question(period=times.month, against=times.month_before))
    if found.answer.totals:
        spent = wording.listed([_amount(each) for each in found.answer.totals])
        days = wording.period(times.month, year=False)
        before = wording.period(times.month_before, year=False)
        yield f"Month to date, {days}", f"{spent}, {_changes(found.answer)} vs {before}"


def _forecast(desk: Desk) -> Iterator[tuple[str, str]]:
    found = desk.ask(Question(kind="forecast", period=month_of(desk.times.today)))
    if found.answer.forecast:
        yield f"Forecast, {desk.times.today:%B}", found.text


# --- what moved -------------------------------------------------------------------------------------------------


def _movers(desk: Desk, scope: Scope, lead: Reply) -> Iterator[tuple[str, tuple[str, ...]]]:
    times = desk.times
    asked = Question(period=times.period, against=times.against, by=("ServiceName",), order="change", top=_MOVERS)
    found = desk.ask(asked, scope).answer
    whole = {each.currency: max(each.amount, each.against or Decimal(0)) for each in lead.answer.totals}
    told = [
        _mover(desk, scope, line)
        for line in found.lines
        if not line.other
        and abs(_moved_by(line)) >= _MATTERS * whole.get(line.currency, Decimal(0))
        and _moved_by(line)
    ]
    if told:
        yield "What moved", tuple(told)


def _moved_by(line: Line) -> Decimal:
    return line.amount - (line.against or Decimal(0))


def _mover(desk: Desk, scope: Scope, line: Line) -> str:
    """``Amazon S3 +$120 (+15%): production +$90, since Tue 17 Nov``."""
    change = _moved_by(line)
    ratio = wording.percent(line.amount, line.against)
    name = f"{wording.label(line.key)} {wording.figure(change, line.currency, line.unit, signed=True)}"
    name += f" ({ratio})" if ratio else ""
    why = _cause(desk, scope, line, change)
    return f"{name}: {why}" if why else name


def _cause(desk: Desk, scope: Scope, line: Line, change: Decimal) -> str:
    """The driver that made most of the change, in words."""
    where = tuple(Filter(dimension=name, values=(value or "",)) for name, value in line.key.items())
    # The scope's own filters are told too: what they hold to one value explains nothing.
    where = (*where, *desk.scope.where)
    asked = Question(kind="explain", period=desk.times.period, against=desk.times.against, where=where)
    try:
        drivers = desk.ask(asked, scope).answer.drivers
    except CostError:
        return ""
    sized = [(wording.amount_of(each, "change") or Decimal(0), each) for each in drivers]
    same = sorted((each for each in sized if each[0] * change > 0), key=lambda each: -abs(each[0]))
    return _driver(same[0][1]) if same else ""


_KINDS = {
    "new": "new",
    "vanished": "gone",
    "price": "from the price or mix",
    "volume": "from the quantity used",
}


def _driver(found: Mapping[str, Any]) -> str:
    key = {name: text for name, text in (found.get("key") or {}).items() if name != "ChargeCategory"}
    told = [f"{found.get('label') or wording.label(key)} {wording.money_of(found, 'change', signed=True)}"]
    told += [_KINDS[found["kind"]]] if found.get("kind") in _KINDS else []
    told += [f"since {_weekday(str(found['since']))}"] if found.get("since") else []
    return ", ".join(told)


def _weekday(text: str) -> str:
    day = date.fromisoformat(text[:10])
    return f"{day:%a} {wording.day(day)}"


# --- budgets and what is unusual --------------------------------------------------------------------------------


def _budgets(desk: Desk) -> Iterator[tuple[str, tuple[str, ...]]]:
    found = desk.ask(Question(kind="budgets", period=month_of(desk.times.period.last))).answer.budgets
    if found:
        yield "Budgets", _capped([str(each["note"]) for each in found])


def _anomalies(desk: Desk) -> Iterator[tuple[str, tuple[str, ...]]]:
    times = desk.times
    days = (
        Period(start=times.period.end - timedelta(days=7), end=times.period.end)
        if times.every == "day"
        else times.period
    )
    found = desk.ask(Question(kind="anomalies", period=days)).answer.anomalies
    if found:
        yield "Unusual", _capped([str(each["note"]) for each in found])


def _capped(lines: Sequence[str]) -> tuple[str, ...]:
    more = [f"and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else []
    return (*lines[:_MOST_LISTED], *more)


# --- what it rests on -------------------------------------------------------------------------------------------


def _late(behind: Sequence[Freshness], *, narrowed: bool) -> Iterator[str]:
    for each in behind:
        through = f"nothing after {wording.day(each.data_through)} yet" if each.data_through else "nothing yet"
        left_out = ", so it is left out on both sides" if narrowed else ", so its part is missing"
        yield f"{wording.source(each.source)} has told {through}{left_out}."


def _gaps(answer: Answer, behind: Sequence[Freshness]) -> Iterator[str]:
    known = {each.source for each in behind}
    for gap in answer.gaps:
        if gap.source not in known or not gap.what.startswith("no data"):
            yield f"{wording.source(gap.source)}: {gap.what.rstrip('.')}. {gap.hint}".strip()


def _provisional(answer: Answer, period: Period) -> tuple[str, ...]:
    moving = [
        wording.source(each.source)
        for each in answer.as_of
        if each.final_through is None or each.final_through < period.last
    ]
    if not moving:
        return ()
    verb = "is" if period.days == 1 else "are"
    return (f"{_period_name(period)} {verb} provisional: {wording.listed(moving)} may still restate it.",)


def _said(answer: Answer, period: Period) -> dict[str, Any]:
    totals = {str(each.currency): str(each.amount) for each in answer.totals if each.currency}
    sources = [each.source for each in answer.as_of]
    return {"start": period.start.isoformat(), "end": period.end.isoformat(), "totals": totals, "sources": sources}


def _restated(before: Mapping[str, Any] | None, desk: Desk) -> str:
    """What the last digest's figure was when posted and is now; ``""`` where it reads the same."""
    if not before or not before.get("totals"):
        return ""
    period = Period(start=date.fromisoformat(before["start"]), end=date.fromisoformat(before["end"]))
    now = {each.currency: each.amount for each in desk.billed(Question(period=period)).answer.totals}
    told = []
    for currency, amount in before["totals"].items():
        was = wording.money(Decimal(amount), currency)
        current = wording.money(now[currency], currency) if currency in now else was
        told += [f"{was} when posted, is {current} now"] if was != current else []
    return f"{_period_name(period)} was {wording.listed(told)}." if told else ""


def _skipped(periods: Sequence[str]) -> str:
    if not periods:
        return ""
    return f"No digest was posted for {wording.listed(list(periods))}: I was not running."


# --- questions of its own ---------------------------------------------------------------------------------------


def _detail(asked: str | Asked, desk: Desk) -> Detail:
    try:
        if isinstance(asked, Asked):
            reply = desk.ask(moved(asked.question, asked.on, desk.times.today))
            return Detail(reply.read_as, reply)
        return Detail(asked, desk.asker.ask(asked, today=desk.times.today, scope=desk.scope))
    except CostError as error:
        return Detail(asked if isinstance(asked, str) else "a question", why=str(error))


def _usual(desk: Desk) -> tuple[Detail, ...]:
    """The questions of a digest that names none."""
    times = desk.times
    asked: list[tuple[str, Question]] = [
        ("By service", Question(period=times.period, against=times.against, by=("ServiceName",), top=15)),
        ("By account", Question(period=times.period, against=times.against, by=("SubAccountName",), top=15)),
        ("Why", Question(kind="explain", period=times.period, against=times.against)),
        ("The month", Question(period=times.month, against=times.month_before, by=("ServiceProviderName",))),
    ]
    found = [_answered(name, lambda question=question: desk.ask(question)) for name, question in asked]  # type: ignore[misc]  # binds this question
    return tuple(each for each in found if each.why or (each.reply and each.reply.answer.totals))


def _answered(name: str, make: Callable[[], Reply]) -> Detail:
    try:
        return Detail(name, make())
    except CostError as error:
        return Detail(name, why=str(error))


def _first(detail: Detail) -> str:
    return detail.reply.text if detail.reply else f"{detail.asked}: {detail.why}"


def _answers(edition: Edition, desk: Desk) -> Edition:
    """A digest of questions alone: the first one's answer leads, the others follow in a line each."""
    first = next((each.reply for each in edition.details if each.reply), None)
    others = tuple(_first(each) for each in edition.details if each.reply is not first)
    behind = desk.late(_behind(edition.details))
    return replace(
        edition,
        headline=first.text if first else edition.details[0].why,
        lists=(("Also asked", others),) if others else (),
        chart=first,
        lead=first,
        notes=tuple(filter(None, [first.read_as if first else ""])),
        warnings=tuple(_late(behind, narrowed=False)),
        details=edition.details if len(edition.details) > 1 or not first else (),
    )
