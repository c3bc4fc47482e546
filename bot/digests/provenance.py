"""What a digest rests on, in words: sources that are late, gaps, what is provisional, what was restated since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot import render
from bot.digests.content import DigestContext
from bot.domain.answer import Answer
from bot.domain.feed import Freshness
from bot.domain.period import Period
from bot.domain.question import Question
from bot.domain.scope import Scope


def named(period: Period) -> str:
    """Its days, with the weekday where it is one: ``Sat 21 Nov 2026``."""
    if period.days == 1:
        return f"{period.start:%a} {render.day(period.start, year=True)}"
    return render.period(period)


def lateness(behind: Sequence[Freshness], *, narrowed: bool) -> Iterator[str]:
    """Which sources have not told all of it; ``narrowed``: they are left out of what is compared."""
    for each in behind:
        through = f"nothing after {render.day(each.data_through)} yet" if each.data_through else "nothing yet"
        left_out = ", so it is left out on both sides" if narrowed else ", so its part is missing"
        yield f"{render.source(each.source)} has told {through}{left_out}."


def gaps(answer: Answer, behind: Sequence[Freshness]) -> list[str]:
    """What else the answer lacks, and what would fill it."""
    known = {each.source for each in behind}
    return render.gaps(gap for gap in answer.gaps if gap.source not in known or not gap.what.startswith("no data"))


def provisional(answer: Answer, period: Period) -> tuple[str, ...]:
    """That sources may still restate the period; nothing where it is final."""
    moving = [
        render.source(each.source)
        for each in answer.as_of
        if each.final_through is None or each.final_through < period.last
    ]
    if not moving:
        return ()
    verb = "is" if period.days == 1 else "are"
    return (f"{named(period)} {verb} provisional: {render.listed(moving)} may still restate it.",)


def said(answer: Answer, period: Period, scope: Scope) -> dict[str, Any]:
    """What the next digest needs, to tell what has been restated since; of no use to one for other readers."""
    totals = {str(each.currency): str(each.amount) for each in answer.totals if each.currency}
    sources = [each.source for each in answer.as_of]
    days = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    return {**days, "totals": totals, "sources": sources, "scope": _scope(scope)}


def _scope(scope: Scope) -> dict[str, Any]:
    return scope.model_dump(mode="json", exclude={"team"})


def restated(before: Mapping[str, Any] | None, context: DigestContext) -> str:
    """What the last digest's figure was when posted and is now; ``""`` where it reads the same.

    What was posted for readers who see more, less or something else is neither compared nor quoted.
    """
    if not before or not before.get("totals") or before.get("scope") != _scope(context.scope):
        return ""
    period = Period(start=date.fromisoformat(before["start"]), end=date.fromisoformat(before["end"]))
    now = {each.currency: each.amount for each in context.billed(Question(period=period)).answer.totals}
    told = []
    for currency, amount in before["totals"].items():
        was = render.money(Decimal(amount), currency)
        current = render.money(now[currency], currency) if currency in now else was
        told += [f"{was} when posted, is {current} now"] if was != current else []
    return f"{named(period)} was {render.listed(told)}." if told else ""


def missed(periods: Sequence[str]) -> str:
    """For which periods none was posted; ``""`` where all were."""
    if not periods:
        return ""
    return f"No digest was posted for {render.listed(list(periods))}: I was not running."
