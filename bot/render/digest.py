"""A digest in words: title, headline, facts, lists, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from bot import render
from bot.digests.content import Detail, DigestContent, Mover, Overview, RestatedTotals
from bot.digests.period import DigestTimes
from bot.digests.schedule import Every
from bot.domain.answers import Answer, CostAnswer, Driver, ForecastAnswer, Line, Total
from bot.domain.answers.gaps import NO_DATA
from bot.domain.conversion import as_asked
from bot.domain.feed import Freshness
from bot.domain.period import Period
from bot.render.drivers import driver_label
from bot.render.kinds.forecast import expected
from bot.render.sentences import anomaly, budget, reconciliation

_NAMES = {"day": "Daily costs", "week": "Weekly costs", "month": "Monthly costs"}
_AVERAGES = {"day": "7-day average", "week": "4-week average", "month": "3-month average"}
_LEADERS = 3
_MOST_LISTED = 5
_KINDS = {
    "new": "new",
    "vanished": "gone",
    "price": "driven by price or mix",
    "volume": "driven by usage",
}


class DigestWords(Struct, frozen=True):
    """What a digest says."""

    title: str
    headline: str
    facts: tuple[tuple[str, str], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def words(content: DigestContent) -> DigestWords:
    """All that a digest says, beside its chart and the answers in its thread."""
    worded = _overview(content, content.overview) if content.overview else _questions(content)
    unknown = [f"Nothing in the ledger is called “{name}”. Check the scope of this digest." for name in content.unknown]
    notes = filter(None, (_restated(content.restated), _missed(content), *worded.notes))
    return DigestWords(
        _title(content), worded.headline, worded.facts, worded.lists, tuple(notes), (*unknown, *worded.warnings)
    )


def _title(content: DigestContent) -> str:
    about = named(content.times.period)
    return f"{_NAMES[content.times.every]}: {about}" if content.overview else f"{content.digest.name}: {about}"


def named(period: Period) -> str:
    """Its days, with the weekday where it is one: ``Sat 21 Nov 2026``."""
    if period.days == 1:
        return f"{period.start:%a} {render.day(period.start, year=True)}"
    return render.period(period)


def line(detail: Detail) -> str:
    """What was asked, with its answer in a sentence or why there is none."""
    asked = f"{detail.asked[:1].upper()}{detail.asked[1:]}"
    result = detail.result
    return f"{asked}: {render.headline(result.question, result.answer) if result else detail.why}"


def _questions(content: DigestContent) -> DigestWords:
    """A digest of questions alone: the first one's answer leads, the others follow in a line each."""
    first = content.lead
    others = tuple(line(detail) for detail in content.details if detail.result is not first)
    return DigestWords(
        title="",
        headline=render.headline(first.question, first.answer) if first else content.details[0].why,
        lists=(("The most money first" if content.digest.review else "More questions", others),) if others else (),
        notes=(first.read_as,) if first else (),
        warnings=tuple(_lateness(content.behind, narrowed=False)),
    )


def review_lines(content: DigestContent) -> tuple[str, ...]:
    """A review in sentences: each fact with the question that it answers, in words that can be asked."""
    lines = []
    for detail in content.details:
        asked = f" ({detail.result.read_as})" if detail.result else ""
        lines.append(f"{line(detail)}{asked}")
    return tuple(lines)


def _overview(content: DigestContent, overview: Overview) -> DigestWords:
    times, lead = content.times, as_asked(overview.lead.answer)
    if not isinstance(lead, CostAnswer):
        raise TypeError(lead)
    facts = [] if overview.silent else [*_compared(lead, times), *_average(lead, overview, times)]
    facts += [*_month(overview, times), *_forecast(overview, times)]
    lists = [("What changed", tuple(map(_mover, overview.movers)))] if overview.movers else []
    lists += [("Budgets", _capped(list(map(budget, overview.budgets))))] if overview.budgets else []
    lists += [("Anomalies", _capped(list(map(anomaly, overview.anomalies))))] if overview.anomalies else []
    if content.invoices:
        lists.append(("Invoices", _capped([f"{reconciliation(found)}." for found in content.invoices])))
    if content.digest.questions:
        lists.append(("Questions", tuple(map(line, content.details))))
    gaps = [gap for gap in lead.gaps if not _is_reported(gap.source, gap.cause, overview.behind)]
    return DigestWords(
        title="",
        headline=f"No data for {named(times.period)} yet." if overview.silent else _headline(overview, lead, times),
        facts=tuple(facts),
        lists=tuple(lists),
        notes=() if overview.silent else _provisional(lead, times.period),
        warnings=(*_lateness(overview.behind, narrowed=overview.narrowed), *render.gaps(gaps)),
    )


def _is_reported(source: str, cause: object, behind: Sequence[Freshness]) -> bool:
    return isinstance(cause, NO_DATA) and source in {fresh.source for fresh in behind}


def _headline(overview: Overview, lead: CostAnswer, times: DigestTimes) -> str:
    if not lead.totals:
        return render.headline(overview.lead.question, overview.lead.answer)
    spent = render.listed([_amount(total) for total in lead.totals])
    shown = zip(lead.lines, render.as_shown(lead.lines), strict=True)
    leaders = [f"{render.label(leader.key)} {amount}" for leader, amount in shown if leader.amount > 0][:_LEADERS]
    most = render.listed(leaders)
    return f"{spent} on {named(times.period)}" + (f": {most}" if len(leaders) > 1 else "") + "."


def _amount(figure: Total | Line) -> str:
    return render.figure(figure.amount, figure.currency, figure.unit)


def _compared(lead: CostAnswer, times: DigestTimes) -> Iterator[tuple[str, str]]:
    changes = _changes(lead)
    if changes:
        name = _weekday(times.against.start) if times.every == "day" else render.period(times.against, year=False)
        yield f"vs {name}", changes


def _changes(answer: CostAnswer) -> str:
    return render.listed(
        [
            render.change(total.amount, total.against, total.currency, total.unit)
            for total in answer.totals
            if total.against is not None
        ]
    )


def _average(lead: CostAnswer, overview: Overview, times: DigestTimes) -> Iterator[tuple[str, str]]:
    """The period against the average of those just before it."""
    now = {total.currency: total.amount for total in lead.totals}
    averages = []
    for mean in overview.averages:
        amount = now.get(mean.currency)
        if amount is not None and mean.currency:
            change = render.change(amount, mean.amount, mean.currency)
            averages.append(f"{change}, average {render.money(mean.amount, mean.currency)}")
    if averages:
        yield f"vs {_AVERAGES[times.every]}", render.listed(averages)


def _month(overview: Overview, times: DigestTimes) -> Iterator[tuple[str, str]]:
    if overview.month:
        spent = render.listed([_amount(total) for total in overview.month.totals])
        days, before = (render.period(span, year=False) for span in (times.month, times.month_before))
        yield f"Month to date, {days}", f"{spent}, {_changes(overview.month)} vs {before}"


def _forecast(overview: Overview, times: DigestTimes) -> Iterator[tuple[str, str]]:
    result = overview.forecast
    if result and isinstance(result.answer, ForecastAnswer):
        outlook = expected(result.answer)
        sentence = f"{outlook[:1].upper()}{outlook[1:]}" if outlook else render.headline(result.question, result.answer)
        yield f"Forecast, {times.today:%B}", sentence


def _mover(mover: Mover) -> str:
    """``Amazon S3 +$120 (+15%): production +$90, since Tue 17 Nov``."""
    moved = mover.line
    ratio = render.percent(moved.amount, moved.against)
    change = render.figure(moved.amount - (moved.against or 0), moved.currency, moved.unit, signed=True)
    name = f"{render.label(moved.key)} {change}" + (f" ({ratio})" if ratio else "")
    return f"{name}: {_driver(mover.cause, moved.currency)}" if mover.cause else name


def _driver(driver: Driver, currency: str | None) -> str:
    """How much of the change it made: in money, or where that is in another currency, in parts."""
    share = driver.share if driver.currency != currency else None
    size = render.money(driver.change, driver.currency, signed=True) if share is None else f"{100 * share:.0f}% of it"
    parts = [f"{driver_label(driver)} {size}"]
    parts += [_KINDS[driver.kind]] if driver.kind in _KINDS else []
    parts += [f"since {_weekday(driver.since)}"] if driver.since else []
    return ", ".join(parts)


def _weekday(day: date) -> str:
    return f"{day:%a} {render.day(day)}"


def _capped(lines: Sequence[str]) -> tuple[str, ...]:
    more = [f"and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else []
    return (*lines[:_MOST_LISTED], *more)


# --- what it rests on -------------------------------------------------------------------------------------------


def _lateness(behind: Sequence[Freshness], *, narrowed: bool) -> Iterator[str]:
    """Which sources have no data for all of it; ``narrowed``: they are left out of what is compared."""
    for fresh in behind:
        through = f"no data after {render.day(fresh.data_through)} yet" if fresh.data_through else "no data yet"
        left_out = ", so it is left out of both periods" if narrowed else ", so its costs are missing"
        yield f"{render.source(fresh.source)} has {through}{left_out}."


def _provisional(answer: Answer, period: Period) -> tuple[str, ...]:
    """That sources may still restate the period; nothing where it is final."""
    moving = [
        render.source(fresh.source)
        for fresh in answer.as_of
        if fresh.final_through is None or fresh.final_through < period.last
    ]
    if not moving:
        return ()
    verb = "is" if period.days == 1 else "are"
    return (f"{named(period)} {verb} provisional: {render.listed(moving)} may still restate it.",)


def _restated(restated: RestatedTotals | None) -> str:
    """What the last digest's figure was when posted and is now; ``""`` where it reads the same."""
    if restated is None:
        return ""
    changes = []
    for currency, amount in restated.was.items():
        was = render.money(amount, currency)
        now = render.money(restated.now[currency], currency) if currency in restated.now else was
        changes += [f"{was} when posted and is {now} now"] if was != now else []
    return f"{named(restated.period)} was {render.listed(changes)}." if changes else ""


def _missed(content: DigestContent) -> str:
    """For which periods none was posted; ``""`` where all were."""
    if not content.skipped:
        return ""
    periods = [_period(day, content.times.every) for day in content.skipped]
    return f"No digest was posted for {render.listed(periods)} because the bot was not running."


def _period(day: date, every: Every) -> str:
    if every == "week":
        return f"the week of {day.day} {day:%b}"
    return f"{day:%B}" if every == "month" else f"{day:%a} {day.day} {day:%b}"
