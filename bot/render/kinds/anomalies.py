"""Anomalies in words and as a table."""

from __future__ import annotations

from bot.blockkit.build import cut, text_cell
from bot.domain.answers import AnomaliesAnswer, Anomaly
from bot.domain.period import Period
from bot.domain.question import Question
from bot.render.drivers import named
from bot.render.labels import about, day, listed, period, subject
from bot.render.numbers import money
from bot.render.slack.cells import MOST_TEXT, CellAmount, column, name_cell
from bot.render.slack.tables import MOST_ROWS, Rows, header

_KINDS = {"spike": "Spike", "dip": "Dip", "drop": "Dropped to zero", "new": "New"}
_NAMED = 3


def summary(question: Question, answer: AnomaliesAnswer) -> str:
    """``2 cost anomalies, November 2026: Amazon EC2 in production $38 a day more than usual since 9 Nov and …``."""
    count = len(answer.anomalies)
    if not count and not answer.as_of:
        return f"Anomaly detection has no data {about(question, '')}."
    if not count:
        return f"No cost anomalies{_within(question)}."
    sentences = [_sentence(anomaly) for anomaly in answer.anomalies[:_NAMED]] + [f"{count - _NAMED} more"] * (
        count > _NAMED
    )
    return f"{count} cost {'anomaly' if count == 1 else 'anomalies'}{_within(question)}: {listed(sentences)}."


def _within(question: Question) -> str:
    what = subject(question)
    return "".join((f" {what}" if what else "", f", {period(question.period)}" if question.period else ""))


def _sentence(found: Anomaly) -> str:
    size = money(abs(found.change), found.currency)
    days = f" since {day(found.period.start)}" if found.ongoing else f" ({period(found.period, year=False)})"
    return f"{named(found.key)} {size} a day {'more' if found.change > 0 else 'less'} than usual{days}"


def table(_question: Question, answer: AnomaliesAnswer) -> tuple[str, Rows]:
    """A row an anomaly."""
    found = answer.anomalies[:MOST_ROWS]
    columns = [
        column([CellAmount(anomaly.amount, anomaly.currency) for anomaly in found]),
        column([CellAmount(anomaly.expected, anomaly.currency) for anomaly in found]),
        column([CellAmount(anomaly.total, anomaly.currency) for anomaly in found], signed=True),
        column(
            [CellAmount(anomaly.per_month if anomaly.ongoing else None, anomaly.currency) for anomaly in found],
            signed=True,
        ),
    ]
    rows = [header("Cost", "What happened", "Per day", "Usual", "Impact", "Per month")]
    rows += [
        [name_cell(named(anomaly.key)), text_cell(cut(_happened(anomaly), MOST_TEXT)), *cells]
        for anomaly, *cells in zip(found, *columns, strict=True)
    ]
    return "Cost anomalies", rows


def _happened(found: Anomaly) -> str:
    """``Higher since 9 Nov``, ``Lower 17–19 Nov``, ``New since 20 Oct``."""
    days: Period = found.period
    when = f"since {day(days.start)}" if found.ongoing else period(days, year=False)
    return " ".join(filter(None, (_KINDS.get(found.kind) or ("Higher" if found.change > 0 else "Lower"), when)))
