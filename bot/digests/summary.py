"""The overview that a digest opens with: what the period came to, what moved and why, the month, what is unusual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from bot.answering.service import AnswerResult
from bot.digests.content import DigestContext, Mover, Overview
from bot.domain.answers import (
    AnomaliesAnswer,
    Anomaly,
    BudgetsAnswer,
    BudgetStatus,
    CostAnswer,
    Driver,
    ExplainAnswer,
    ForecastAnswer,
    Line,
    Total,
)
from bot.domain.answers.gaps import NoDataBefore
from bot.domain.conversion import as_asked
from bot.domain.errors import CostError
from bot.domain.feed import Freshness
from bot.domain.period import Period, month_of
from bot.domain.question import Filter, Question
from bot.domain.scope import Scope

_MOVERS = 3
_MATTERS = Decimal("0.01")
"""The part of the whole from which on a move is named."""
_WEEK = timedelta(days=7)


def overview(context: DigestContext) -> Overview:
    """What the period came to, and all that stands beside it."""
    times, known = context.times, context.fresh()
    behind = context.late(known)
    complete = [source for source in known if source not in behind]
    # A day without data from a source is no zero: it is left out on both sides, so that like meets like.
    daily = times.every == "day"
    fair = _only(context.scope, complete) if behind and complete and daily else context.scope
    lead = context.ask(Question(period=times.period, against=times.against, by=("ServiceProviderName",)), fair)
    silent = daily and bool(behind) and not complete
    chart = context.ask(Question(period=times.chart, by=("ServiceProviderName",), grain=times.grain))
    drawn = isinstance(chart.answer, CostAnswer) and any(point.amount for point in chart.answer.series)
    return Overview(
        lead=lead,
        scope=fair,
        behind=tuple(behind),
        narrowed=fair is not context.scope,
        silent=silent,
        averages=() if silent else _averages(context, fair),
        month=_month(context),
        forecast=_forecast(context),
        movers=() if silent else _movers(context, fair, lead),
        budgets=_budgets(context),
        anomalies=_anomalies(context),
        chart=chart if drawn else None,
    )


def _only(scope: Scope, sources: Sequence[Freshness]) -> Scope:
    return scope.model_copy(update={"sources": tuple(source.source for source in sources)})


def _averages(context: DigestContext, scope: Scope) -> tuple[Total, ...]:
    """The mean of the periods just before, one a currency; nothing where not all of them are known."""
    times = context.times
    answer = context.costs(Question(period=times.average), scope)
    if any(isinstance(gap.cause, NoDataBefore) for gap in answer.gaps):
        return ()
    return tuple(
        total.model_copy(update={"amount": total.amount / times.averaged}) for total in answer.totals if total.currency
    )


def _month(context: DigestContext) -> CostAnswer | None:
    times = context.times
    if times.month == times.period:
        return None
    answer = context.costs(Question(period=times.month, against=times.month_before))
    return answer if answer.totals else None


def _forecast(context: DigestContext) -> AnswerResult | None:
    result = context.ask(Question(kind="forecast", period=month_of(context.times.today)))
    return result if isinstance(result.answer, ForecastAnswer) and result.answer.forecast else None


def _movers(context: DigestContext, scope: Scope, lead: AnswerResult) -> tuple[Mover, ...]:
    times = context.times
    asked = Question(period=times.period, against=times.against, by=("ServiceName",), order="change", top=_MOVERS)
    shown = as_asked(lead.answer)
    totals = shown.totals if isinstance(shown, CostAnswer) else ()
    whole = {total.currency: max(total.amount, total.against or Decimal(0)) for total in totals}
    return tuple(
        Mover(line, _cause(context, scope, line))
        for line in context.costs(asked, scope).lines
        if not line.other and moved_by(line) and abs(moved_by(line)) >= _MATTERS * whole.get(line.currency, Decimal(0))
    )


def moved_by(line: Line) -> Decimal:
    """How much a line changed."""
    return line.amount - (line.against or Decimal(0))


def _cause(context: DigestContext, scope: Scope, line: Line) -> Driver | None:
    """The driver that made most of the change."""
    where = tuple(Filter(dimension=name, values=(value or "",)) for name, value in line.key.items())
    # The scope's own filters are named too: what they hold to one value explains nothing.
    where = (*where, *context.scope.where)
    asked = Question(kind="explain", period=context.times.period, against=context.times.against, where=where)
    try:
        answer = context.ask(asked, scope).answer
    except CostError:
        return None
    drivers = answer.drivers if isinstance(answer, ExplainAnswer) else ()
    same = [driver for driver in drivers if driver.change * moved_by(line) > 0]
    return max(same, key=lambda driver: abs(driver.change), default=None)


def _budgets(context: DigestContext) -> tuple[BudgetStatus, ...]:
    answer = context.ask(Question(kind="budgets", period=month_of(context.times.period.last))).answer
    return answer.budgets if isinstance(answer, BudgetsAnswer) else ()


def _anomalies(context: DigestContext) -> tuple[Anomaly, ...]:
    times = context.times
    end = times.period.end
    days = Period(start=end - _WEEK, end=end) if times.every == "day" else times.period
    answer = context.ask(Question(kind="anomalies", period=days)).answer
    return answer.anomalies if isinstance(answer, AnomaliesAnswer) else ()
