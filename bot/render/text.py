"""An answer in words, as every surface has it: its headline, how it was read, its table, what it rests on.

``printed`` puts them on a terminal. It is drawn by hand: loading a library for it would take a third of the time of a
whole answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from shutil import get_terminal_size
from textwrap import fill
from typing import Protocol
from unicodedata import east_asian_width

from bot import render
from bot.blockkit.build import PAGE
from bot.domain.answers import (
    Answer,
    CommitmentsAnswer,
    CostAnswer,
    CreditsAnswer,
    ExplainAnswer,
    ForecastAnswer,
    InvoiceAnswer,
    Point,
    PriceAnswer,
    RecommendationsAnswer,
    SavingsAnswer,
    Total,
    ValuesAnswer,
)
from bot.domain.answers.notes import RatesUsed
from bot.domain.conversion import as_asked
from bot.domain.question import Question
from bot.render import facts, parts
from bot.render.kinds import rendering
from bot.render.slack import tables
from bot.render.slack.tables import Rows

PROVISIONAL = "Provisional, may still be restated"
_MOST_WIDE = 120


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


def as_read(reply: Reply) -> str:
    """How the question was read; ``""`` where the headline says it: of what is refused there is nothing more to say."""
    return "" if reply.question.kind == "unsupported" else reply.read_as


def table(question: Question, answer: Answer) -> tuple[str, Rows, list[str]]:
    """The table's caption and rows (none where it would say nothing), and what must be said about it."""
    answer = as_asked(answer)
    if isinstance(answer, CostAnswer):
        if parts.part(question, answer):
            from bot.render.slack import part_tables  # only where parts were asked for

            caption, rows, note = part_tables.table(question, answer)
            if rows:
                return caption, rows, [note]
        if question.grain and answer.series:
            return _by_step(question, answer)
    caption, rows = rendering(answer).table(question, answer)
    return caption, rows if len(rows) > 1 else [], [_about_rows(question, answer, rows)]


def _about_rows(question: Question, answer: Answer, rows: Rows) -> str:
    """What must be said about the table of an answer."""
    match answer:
        case CostAnswer():
            return tables.rounding(rows)
        case ForecastAnswer():
            from bot.render.kinds.forecast import NEED_NOT_ADD, over

            return NEED_NOT_ADD if answer.parts and not over(question, answer) else ""
        case ExplainAnswer():
            listed: Sequence[object] = answer.drivers
        case ValuesAnswer():
            listed = answer.values
        case PriceAnswer():
            listed = answer.prices or answer.quotes
        case CreditsAnswer():
            listed = answer.balances
        case InvoiceAnswer():
            listed = answer.reconciliations
        case CommitmentsAnswer():
            listed = answer.lines
        case RecommendationsAnswer():
            listed = answer.items
        case _:
            return ""
    beyond = len(listed) - tables.MOST_ROWS
    return f"{beyond} more rows are in the CSV." if beyond > 0 else ""


def _by_step(question: Question, answer: CostAnswer) -> tuple[str, Rows, list[str]]:
    points, left_out = tables.one_measure(known(answer), "table")
    grain = "day" if question.grain == "hour" else question.grain
    caption, rows = f"By {grain}", tables.series(question, points)
    note = " ".join(filter(None, (left_out, tables.rounding(rows))))
    if len(rows) > PAGE:
        caption, rows = f"{caption}, newest first", [rows[0], *rows[-2:0:-1], rows[-1]]
    return caption, rows, [note]


def totals_of(answer: Answer) -> Sequence[Total]:
    """The totals of kinds that have some."""
    return answer.totals if isinstance(answer, CostAnswer | ExplainAnswer | SavingsAnswer | CreditsAnswer) else ()


def known(answer: CostAnswer) -> list[Point]:
    """The series without its last steps that no source has told anything of yet: those are no zeros."""
    through = [fresh.data_through for fresh in answer.as_of if fresh.data_through]
    if not through:
        return list(answer.series)
    last = max([max(through), *(point.start for point in answer.series if point.amount)])
    return [point for point in answer.series if point.start <= last]


def basis(question: Question, answer: Answer) -> list[str]:
    """What the figures rest on, a sentence each: freshness, what may change, comparison, conversion."""
    known = answer.facts if isinstance(answer, CostAnswer | PriceAnswer) else ()
    sentences = [*_fresh(question, answer), *(facts.sentences(question, known) if known else ()), *_notes(answer)]
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
    return [line, *provisional(question, answer)]


def provisional(question: Question, answer: Answer) -> list[str]:
    """From which day on each source's figures may still be restated."""
    by_day: dict[date, list[str]] = {}
    for fresh in answer.as_of if question.kind != "freshness" else ():
        if question.period and fresh.final_through and fresh.final_through < question.period.last:
            by_day.setdefault(fresh.final_through, []).append(render.source(fresh.source))
    late = [f"{render.listed(sources, most=6)} after {render.day(day)}" for day, sources in sorted(by_day.items())]
    return [f"{PROVISIONAL}: {'; '.join(late)}."] if late else []


def printed(reply: Reply) -> str:
    """The answer: the headline, how it was read, the table, and what it rests on."""
    width = min(get_terminal_size().columns, _MOST_WIDE)
    return "\n".join(
        line for part in _parts(reply) for line in (part if isinstance(part, list) else [fill(part, width)])
    )


def _parts(reply: Reply) -> Iterator[str | list[str]]:
    caption, rows, notes = table(reply.question, reply.answer)
    yield headline_text(reply)
    if read_as := as_read(reply):
        yield read_as
    if rows:
        yield ["", caption, *_grid(rows), ""]
    for priced in (False, True):
        gaps = render.gaps(gap for gap in reply.answer.gaps if (gap.price is not None) == priced)
        yield from (f"! {gap} Allow it with --live." if priced else f"! {gap}" for gap in gaps)
    yield from filter(None, (*notes, *basis(reply.question, reply.answer)))
    if reply.question.kind == "unsupported" and not reply.alternatives:
        from bot.render.slack import plain_message  # only what is refused needs examples

        examples = [f"“{example}”" for example in plain_message.EXAMPLES[:3]]
        yield f"What I can answer, for example: {render.listed(examples)}."
    for other in reply.alternatives:
        lead = "The closest question I can answer" if reply.question.kind == "unsupported" else "Or did you mean"
        yield f"{lead}: {other.label}"


def _grid(rows: Rows) -> list[str]:
    texts = [[cell["text"] for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    numeric = [any(row[at].get("type") == "raw_number" for row in rows[1:]) for at in range(len(widths))]
    lines = ["  ".join(map(_padded, row, widths, numeric)).rstrip() for row in texts]
    return [lines[0], "─" * sum((*widths, 2 * len(widths) - 2)), *lines[1:]]


def _padded(text: str, width: int, numeric: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if numeric else text + space


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two."""
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text)
