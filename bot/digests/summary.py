"""The overview that a digest opens with: what the period came to, what moved and why, the month, what is unusual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bot import render
from bot.digests.content import DigestContent, DigestContext
from bot.digests.period import Times
from bot.digests.ports import Reply
from bot.digests.provenance import gaps, lateness, named, provisional, said
from bot.domain.answer import Answer, Line, Total
from bot.domain.errors import CostError
from bot.domain.feed import Freshness
from bot.domain.period import Period, month_of
from bot.domain.question import Filter, Question
from bot.domain.scope import Scope

_MOVERS = 3
_MATTERS = Decimal("0.01")
"""The part of the whole from which on a move is told."""
_MOST_LISTED = 5
_UNITS = {"day": "7-day average", "week": "4-week average", "month": "3-month average"}


def overview(content: DigestContent, context: DigestContext) -> DigestContent:
    """The edition with its overview."""
    times, known = context.times, context.fresh()
    behind = context.late(known)
    told = [each for each in known if each not in behind]
    # A day that a source has not told yet is no zero: it is left out on both sides, so that like meets like.
    fair = _only(context.scope, told) if behind and told and times.every == "day" else context.scope
    lead = context.ask(Question(period=times.period, against=times.against, by=("ServiceProviderName",)), fair)
    silent = times.every == "day" and bool(behind) and not told
    facts = [] if silent else [*_compared(lead, times), *_average(context, fair, lead)]
    facts += [*_month(context), *_forecast(context)]
    lists = [] if silent else [*_movers(context, fair, lead)]
    lists += [*_budgets(context), *_anomalies(context)]
    if content.digest.questions:
        lists.append(("Questions", tuple(each.line for each in content.details)))
    chart = context.ask(Question(period=times.chart, by=("ServiceProviderName",), grain=times.grain))
    return replace(
        content,
        headline=f"No data for {named(times.period)} yet." if silent else _headline(lead, times),
        facts=tuple(facts),
        lists=tuple(lists),
        chart=chart if any(each.amount for each in chart.answer.series) else None,
        lead=lead,
        notes=() if silent else provisional(lead.answer, times.period),
        warnings=(*lateness(behind, narrowed=fair is not context.scope), *gaps(lead.answer, behind)),
        said={} if silent else said(context.billed(lead.question, fair).answer, times.period, context.scope),
    )


def _only(scope: Scope, told: Sequence[Freshness]) -> Scope:
    return scope.model_copy(update={"sources": tuple(each.source for each in told)})


def _headline(lead: Reply, times: Times) -> str:
    if not lead.answer.totals:
        return lead.text
    spent = render.listed([_amount(each) for each in lead.answer.totals])
    shown = zip(lead.answer.lines, render.as_shown(lead.answer.lines), strict=True)
    leaders = [f"{render.label(line.key)} {amount}" for line, amount in shown if line.amount > 0][:_MOVERS]
    most = render.listed(leaders)
    return f"{spent} on {named(times.period)}" + (f": {most}" if len(leaders) > 1 else "") + "."


def _amount(figure: Total | Line) -> str:
    return render.figure(figure.amount, figure.currency, figure.unit)


def _compared(lead: Reply, times: Times) -> Iterator[tuple[str, str]]:
    told = _changes(lead.answer)
    if told:
        name = (
            f"{times.against.start:%a} {render.day(times.against.start)}"
            if times.every == "day"
            else render.period(times.against, year=False)
        )
        yield f"vs {name}", told


def _changes(answer: Answer) -> str:
    return render.listed(
        [
            render.change(each.amount, each.against, each.currency, each.unit)
            for each in answer.totals
            if each.against is not None
        ]
    )


def _average(context: DigestContext, scope: Scope, lead: Reply) -> Iterator[tuple[str, str]]:
    """The period against the average of those just before it; only where all of them were told."""
    times = context.times
    found = context.ask(Question(period=times.average), scope).answer
    if any("no data before" in gap.what for gap in found.gaps):
        return
    now = {each.currency: each.amount for each in lead.answer.totals}
    told = []
    for each in found.totals:
        mean = each.amount / times.averaged
        amount = now.get(each.currency)
        if amount is not None and each.currency:
            told.append(f"{render.change(amount, mean, each.currency)}, average {render.money(mean, each.currency)}")
    if told:
        yield f"vs {_UNITS[times.every]}", render.listed(told)


def _month(context: DigestContext) -> Iterator[tuple[str, str]]:
    times = context.times
    if times.month == times.period:
        return
    found = context.ask(Question(period=times.month, against=times.month_before))
    if found.answer.totals:
        spent = render.listed([_amount(each) for each in found.answer.totals])
        days = render.period(times.month, year=False)
        before = render.period(times.month_before, year=False)
        yield f"Month to date, {days}", f"{spent}, {_changes(found.answer)} vs {before}"


def _forecast(context: DigestContext) -> Iterator[tuple[str, str]]:
    found = context.ask(Question(kind="forecast", period=month_of(context.times.today)))
    if found.answer.forecast:
        told = render.expected(found.answer)
        yield f"Forecast, {context.times.today:%B}", f"{told[:1].upper()}{told[1:]}" if told else found.text


# --- what moved -------------------------------------------------------------------------------------------------


def _movers(context: DigestContext, scope: Scope, lead: Reply) -> Iterator[tuple[str, tuple[str, ...]]]:
    times = context.times
    asked = Question(period=times.period, against=times.against, by=("ServiceName",), order="change", top=_MOVERS)
    found = context.ask(asked, scope).answer
    whole = {each.currency: max(each.amount, each.against or Decimal(0)) for each in lead.answer.totals}
    told = [
        _mover(context, scope, line)
        for line in found.lines
        if not line.other
        and abs(_moved_by(line)) >= _MATTERS * whole.get(line.currency, Decimal(0))
        and _moved_by(line)
    ]
    if told:
        yield "What moved", tuple(told)


def _moved_by(line: Line) -> Decimal:
    return line.amount - (line.against or Decimal(0))


def _mover(context: DigestContext, scope: Scope, line: Line) -> str:
    """``Amazon S3 +$120 (+15%): production +$90, since Tue 17 Nov``."""
    change = _moved_by(line)
    ratio = render.percent(line.amount, line.against)
    name = f"{render.label(line.key)} {render.figure(change, line.currency, line.unit, signed=True)}"
    name += f" ({ratio})" if ratio else ""
    why = _cause(context, scope, line, change)
    return f"{name}: {why}" if why else name


def _cause(context: DigestContext, scope: Scope, line: Line, change: Decimal) -> str:
    """The driver that made most of the change, in words."""
    where = tuple(Filter(dimension=name, values=(value or "",)) for name, value in line.key.items())
    # The scope's own filters are told too: what they hold to one value explains nothing.
    where = (*where, *context.scope.where)
    asked = Question(kind="explain", period=context.times.period, against=context.times.against, where=where)
    try:
        drivers = context.ask(asked, scope).answer.drivers
    except CostError:
        return ""
    sized = [(render.amount_of(each, "change") or Decimal(0), each) for each in drivers]
    same = sorted((each for each in sized if each[0] * change > 0), key=lambda each: -abs(each[0]))
    return _driver(same[0][1], line.currency) if same else ""


_KINDS = {
    "new": "new",
    "vanished": "gone",
    "price": "from the price or mix",
    "volume": "from the quantity used",
}


def _driver(found: Mapping[str, Any], currency: str | None) -> str:
    """How much of the change it made: in money, or where that is told in another currency, in parts."""
    key = {name: text for name, text in (found.get("key") or {}).items() if name != "ChargeCategory"}
    share = render.amount_of(found, "share") if found.get("currency") != currency else None
    size = render.money_of(found, "change", signed=True) if share is None else f"{100 * share:.0f}% of it"
    told = [f"{found.get('label') or render.label(key)} {size}"]
    told += [_KINDS[found["kind"]]] if found.get("kind") in _KINDS else []
    told += [f"since {_weekday(str(found['since']))}"] if found.get("since") else []
    return ", ".join(told)


def _weekday(text: str) -> str:
    day = date.fromisoformat(text[:10])
    return f"{day:%a} {render.day(day)}"


# --- budgets and what is unusual --------------------------------------------------------------------------------


def _budgets(context: DigestContext) -> Iterator[tuple[str, tuple[str, ...]]]:
    found = context.ask(Question(kind="budgets", period=month_of(context.times.period.last))).answer.budgets
    if found:
        yield "Budgets", _capped([str(each["note"]) for each in found])


def _anomalies(context: DigestContext) -> Iterator[tuple[str, tuple[str, ...]]]:
    times = context.times
    days = (
        Period(start=times.period.end - timedelta(days=7), end=times.period.end)
        if times.every == "day"
        else times.period
    )
    found = context.ask(Question(kind="anomalies", period=days)).answer.anomalies
    if found:
        yield "Unusual", _capped([str(each["note"]) for each in found])


def _capped(lines: Sequence[str]) -> tuple[str, ...]:
    more = [f"and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else []
    return (*lines[:_MOST_LISTED], *more)
