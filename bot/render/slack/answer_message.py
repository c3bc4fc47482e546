"""Draws an answer for Slack. Pure: a reply in, a message out, the same for the same reply.

A message is: the number and the change in words; how the question was read; at most one native chart
and one native table; freshness, basis and gaps in small type; then buttons that lead on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from typing import Any, Protocol, assert_never

from bot import render
from bot.blockkit.build import (
    NOTHING,
    PAGE,
    Block,
    Message,
    actions,
    button,
    cut,
    data_table,
    emphasized,
    escape,
    link,
    option,
    rich_text,
    run,
    small,
)
from bot.domain.answers import (
    AnomaliesAnswer,
    Answer,
    BudgetsAnswer,
    CommitmentsAnswer,
    CostAnswer,
    CreditsAnswer,
    ExplainAnswer,
    ForecastAnswer,
    FreshnessAnswer,
    HelpAnswer,
    InvoiceAnswer,
    Point,
    PriceAnswer,
    RecommendationsAnswer,
    SavingsAnswer,
    Total,
    UnsupportedAnswer,
    ValuesAnswer,
)
from bot.domain.answers.notes import RatesUsed
from bot.domain.conversion import as_asked
from bot.domain.live_query import ConsoleLink
from bot.domain.question import Question
from bot.render import facts, parts
from bot.render.gaps import hint
from bot.render.kinds import rendering
from bot.render.kinds.forecast import NEED_NOT_ADD, over
from bot.render.numbers import request_cost
from bot.render.slack import charts, followups, part_charts, part_tables, plain_message, report_charts, tables
from bot.render.slack.charts import Chart

PROVISIONAL = "Provisional, may still be restated"
_TEXT = 3500
_MOST_GAPS = 5
_PLAIN_ROWS = 15


class AlternativeReading(Protocol):
    """Another reading of the same words."""

    @property
    def label(self) -> str:
        """What it would mean, in a few words."""

    @property
    def question(self) -> Question:
        """The question it would be."""


class Reply(Protocol):
    """What is drawn: a question, how it was read, its answer, and what it might have meant instead."""

    @property
    def question(self) -> Question:
        """As it was read."""

    @property
    def read_as(self) -> str:
        """The reading in words."""

    @property
    def answer(self) -> Answer:
        """The figures."""

    @property
    def alternatives(self) -> Sequence[AlternativeReading]:
        """Other readings that would give other numbers."""


def headline_text(reply: Reply) -> str:
    """The answer in a sentence or two."""
    return render.headline(reply.question, reply.answer)


def draw(reply: Reply, links: Sequence[ConsoleLink] = ()) -> Message:
    """The whole message for a reply; ``links`` are the vendors' own pages for it."""
    if reply.question.kind == "help":
        return plain_message.welcome(headline_text(reply))
    kept: dict[str, Mapping[str, Any]] = {}
    chart, caption, rows, notes = figures(reply.question, reply.answer)
    blocks = [headline(reply), *small(as_read(reply)), *_warnings(reply.answer)]
    blocks += [chart.block] if chart else []
    blocks += [data_table(caption, rows)] if rows else []
    blocks += small(*notes, *basis(reply.question, reply.answer))
    blocks += _consoles(links)
    blocks += _alternatives(reply, kept)
    blocks += buttons(reply, kept)
    return Message(spoken(reply, rows), blocks, kept)


def _consoles(links: Sequence[ConsoleLink]) -> list[Block]:
    """Where to check the same days and filters at the vendor."""
    if not links:
        return []
    named = [link(f"{render.source(found.source)} console", found.url) for found in links]
    separated = chain.from_iterable((run(" · "), one) for one in named)
    return [rich_text(run("Check in: "), *islice(separated, 1, None))]


def as_read(reply: Reply) -> str:
    """How the question was read; ``""`` where the headline says it: of what is refused there is nothing more to say."""
    return "" if reply.question.kind == "unsupported" else reply.read_as


def figures(question: Question, answer: Answer) -> tuple[Chart | None, str, tables.Rows, list[str]]:
    """The chart, the table's caption and rows, and what must be said about them."""
    answer = as_asked(answer)
    if isinstance(answer, CostAnswer):
        caption, rows, note = part_tables.table(question, answer)
        if rows:
            chart = part_charts.chart(question, answer)
            return chart, caption, rows, [chart.note if chart else "", note]
        if question.grain and answer.series:
            return _by_step(question, answer)
    caption, rows = rendering(answer).table(question, answer)
    chart, notes = _chart(question, answer)
    notes += [tables.rounding(rows)] if isinstance(answer, CostAnswer) else []
    return chart, caption, rows if len(rows) > 1 else [], notes


def _chart(question: Question, answer: Answer) -> tuple[Chart | None, list[str]]:
    """The chart that suits the kind, and what must be said about it and about the table."""
    match answer:
        case CostAnswer():
            chart = charts.breakdown(question, answer)
            return chart, [chart.note if chart else ""]
        case ForecastAnswer():
            if over(question, answer):
                return None, []
            chart = charts.running(answer)
            return chart, [chart.note if chart else "", NEED_NOT_ADD if answer.parts else ""]
        case ExplainAnswer():
            return charts.changes(answer), [beyond(answer.drivers)]
        case BudgetsAnswer():
            return charts.budgets(answer), []
        case ValuesAnswer():
            return None, [beyond(answer.values)]
        case PriceAnswer():
            return None, [beyond(answer.prices or answer.quotes)]
        case CreditsAnswer():
            return None, [beyond(answer.balances)]
        case InvoiceAnswer():
            return None, [beyond(answer.reconciliations)]
        case AnomaliesAnswer() | SavingsAnswer() | FreshnessAnswer() | HelpAnswer() | UnsupportedAnswer():
            return None, []
        case CommitmentsAnswer() | RecommendationsAnswer():
            rows = answer.lines if isinstance(answer, CommitmentsAnswer) else answer.items
            return report_charts.chart(answer), [beyond(rows)]
        case _:
            assert_never(answer)


def beyond(rows: Sequence[object]) -> str:
    """How many more there are than a table shows."""
    return f"{len(rows) - tables.MOST_ROWS} more rows are in the CSV." if len(rows) > tables.MOST_ROWS else ""


def totals_of(answer: Answer) -> Sequence[Total]:
    """The totals of kinds that have some."""
    return answer.totals if isinstance(answer, CostAnswer | ExplainAnswer | SavingsAnswer | CreditsAnswer) else ()


def _by_step(question: Question, answer: CostAnswer) -> tuple[Chart | None, str, tables.Rows, list[str]]:
    chart, points, note = _course(question, answer)
    grain = "day" if question.grain == "hour" else question.grain
    caption, rows = f"By {grain}", tables.series(question, points)
    note = " ".join(filter(None, (note, tables.rounding(rows))))
    if len(rows) > PAGE:
        caption, rows = f"{caption}, newest first", [rows[0], *rows[-2:0:-1], rows[-1]]
    return chart, caption, rows, [note]


def _course(question: Question, answer: CostAnswer) -> tuple[Chart | None, list[Point], str]:
    points, other = charts.one_measure(known(answer))
    chart = charts.over_time(question, points)
    left_out = " ".join(filter(None, (chart.note if chart else "", other)))
    return chart, points, left_out


def known(answer: CostAnswer) -> list[Point]:
    """The series without its last steps that no source has told anything of yet: those are no zeros."""
    through = [fresh.data_through for fresh in answer.as_of if fresh.data_through]
    if not through:
        return list(answer.series)
    last = max([max(through), *(point.start for point in answer.series if point.amount)])
    return [point for point in answer.series if point.start <= last]


def headline(reply: Reply) -> Block:
    """The headline, its first figure in bold."""
    text, answer = headline_text(reply), as_asked(reply.answer)
    totals = [render.figure(total.amount, total.currency, total.unit) for total in totals_of(answer)[:1]]
    figures = (*(parts.lead(reply.question, answer) if isinstance(answer, CostAnswer | PriceAnswer) else ()), *totals)
    return emphasized(text, next((figure for figure in figures if _stands(figure, text)), ""))


def _stands(figure: str, text: str) -> bool:
    """Whether a figure is in a text as it is, and not the beginning of a longer one."""
    return re.search(rf"{re.escape(figure)}(?![\d%]|[.,]\d)", text) is not None


def _warnings(answer: Answer) -> list[Block]:
    """What is missing, where nobody overlooks it."""
    gaps = render.gaps(answer.gaps)
    beyond = len(gaps) - _MOST_GAPS
    more = [f"⚠️ {beyond} more gaps"] if beyond > 0 else []
    return small(*(f"⚠️ {gap}" for gap in gaps[:_MOST_GAPS]), *more)


def basis(question: Question, answer: Answer) -> list[str]:
    """What the figures rest on, a sentence each: freshness, what may change, comparison, conversion."""
    known = answer.facts if isinstance(answer, CostAnswer | PriceAnswer) else ()
    sentences = [*_fresh(question, answer), *facts.sentences(question, known), *_notes(answer)]
    unequal = question.period and question.against and question.period.days != question.against.days
    if question.period and question.against and unequal and question.kind != "explain":
        sentences.append(f"Compares {question.period.days} days with {question.against.days}.")
    sentences += _weekdays(question)
    for total in totals_of(answer):
        if total.converted and not any(isinstance(note, RatesUsed) for note in answer.notes):
            rate = render.day(total.converted.rate_date, year=True)
            sentences.append(f"Converted at the rate of {rate} ({total.converted.source}).")
    if answer.requests.made:
        cost = render.money(answer.requests.cost, "USD")
        requests = f"{answer.requests.made} paid request{'s' * (answer.requests.made != 1)}"
        sentences.append(f"This answer made {requests} ({cost}).")
    return sentences


def _weekdays(question: Question) -> list[str]:
    """That two days compared are not of one weekday: weekends differ from workdays everywhere."""
    if not question.period or not question.against or question.period.days != 1 or question.against.days != 1:
        return []
    now, before = (f"a {days.start:%A}" for days in (question.period, question.against))
    return [] if now == before else [f"Compares {now} with {before}."]


def _notes(answer: Answer) -> Sequence[str]:
    """The notes; without those that the headline says."""
    if isinstance(answer, InvoiceAnswer) and not answer.reconciliations:
        return ()
    return list(map(render.note, answer.notes))


def _fresh(question: Question, answer: Answer) -> list[str]:
    """Through which day each source has told anything, and from when on it may still be restated."""
    if question.kind == "freshness" or not answer.as_of:
        return []
    line = f"Data: {'; '.join(render.data_through(answer))}. Days are UTC."
    return [line, *_provisional(question, answer)]


def _provisional(question: Question, answer: Answer) -> list[str]:
    by_day: dict[date, list[str]] = {}
    for fresh in answer.as_of if question.kind != "freshness" else ():
        if question.period and fresh.final_through and fresh.final_through < question.period.last:
            by_day.setdefault(fresh.final_through, []).append(render.source(fresh.source))
    late = [f"{render.listed(sources, most=6)} after {render.day(day)}" for day, sources in sorted(by_day.items())]
    return [f"{PROVISIONAL}: {'; '.join(late)}."] if late else []


def _alternatives(reply: Reply, kept: dict[str, Mapping[str, Any]]) -> list[Block]:
    found = reply.alternatives[:5]
    if not found:
        return []
    shown_in = {"currency": reply.question.currency}
    rows = [
        button(
            other.label,
            f"ask:alternative:{at}",
            followups.carried(other.question.model_copy(update=shown_in), kept),
        )
        for at, other in enumerate(found)
    ]
    lead = "The closest question I can answer:" if reply.question.kind == "unsupported" else "Or did you mean:"
    return [*small(lead), *actions(*rows)]


def buttons(reply: Reply, kept: dict[str, Mapping[str, Any]]) -> list[Block]:
    """Where it leads on, then what can be done with the answer; what they refer to goes into ``kept``."""
    question = reply.question
    if question.kind == "unsupported":
        made = (("New alerts", "alert_new"), ("New budget", "budget_new"), ("New digest", "digest_new"))
        return actions(button("What can I ask?", "help"), *(button(words, name) for words, name in made))
    synced = [fresh.synced.date() for fresh in reply.answer.as_of]
    empty = isinstance(reply.answer, CostAnswer) and not reply.answer.totals
    onward = [
        button(words, f"ask:{at}", followups.carried(following, kept))
        for at, (words, following) in enumerate(followups.next_questions(question, max(synced, default=None)))
        if not empty
    ]
    value, key = followups.carried(question, kept), followups.key_of(question)
    kept[key] = followups.compact(question)
    more = {
        "type": "overflow",
        "action_id": "more",
        "options": [
            option("How was this computed?", f"computed:{key}"),
            option("Report a wrong number", f"wrong:{key}"),
            option("Schedule this", f"schedule:{key}"),
        ],
    }
    asks = [button(words, "live", value) for words in _offers(reply.answer)]
    tools = [("CSV", "csv"), ("Share", "share"), ("Change…", "change")]
    return [*actions(*asks), *actions(*onward), *actions(*(button(text, name, value) for text, name in tools), more)]


def _offers(answer: Answer) -> list[str]:
    """What the button says that fills all gaps a paid request can fill, with its price; at most one."""
    offered = [gap for gap in answer.gaps if gap.price is not None]
    if len(offered) == 1:
        return [hint(offered[0]).partition(";")[0].rstrip(".")]
    price = sum((gap.price for gap in offered if gap.price is not None), Decimal(0))
    return [f"Ask {len(offered)} providers now ({request_cost(price)})"] if offered else []


def spoken(reply: Reply, rows: Sequence[Sequence[Block]] = ()) -> str:
    """The answer without blocks: the headline, what is missing and what may change, rows of the table; escaped."""
    gaps = [gap for gap in render.gaps(reply.answer.gaps) if gap not in headline_text(reply)]
    lines = [_line([cell["text"] for cell in row]) for row in rows[1:]]
    beyond = len(lines) - _PLAIN_ROWS
    if beyond > 1:  # the last row may be the total
        lines[_PLAIN_ROWS - 1 : -1] = [f"… {beyond} more rows"]
    late = _provisional(reply.question, reply.answer)
    return escape(cut("\n".join(filter(None, [headline_text(reply), *gaps, *late, *lines, as_read(reply)])), _TEXT))


def _line(cells: Sequence[str]) -> str:
    """A row of a table as a line: its name, then what stands beside it."""
    return ": ".join(filter(None, (cells[0], ", ".join(cell for cell in cells[1:] if cell != NOTHING))))
