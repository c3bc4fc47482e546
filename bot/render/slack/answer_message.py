"""Draws an answer for Slack. Pure: a reply in, a message out, the same for the same reply.

A message is: the number and the change in words; how the question was read; at most one native chart
and one native table; freshness, basis and gaps in small type; then buttons that lead on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from bot import render
from bot.blockkit.build import (
    NOTHING,
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
    Answer,
    BudgetsAnswer,
    CommitmentsAnswer,
    CostAnswer,
    ExplainAnswer,
    ForecastAnswer,
    PriceAnswer,
    RecommendationsAnswer,
)
from bot.domain.conversion import as_asked
from bot.domain.live_query import ConsoleLink
from bot.domain.question import Question
from bot.render import parts
from bot.render.gaps import hint
from bot.render.kinds.forecast import over
from bot.render.numbers import request_cost
from bot.render.slack import charts, followups, part_charts, part_tables, plain_message, report_charts, tables
from bot.render.slack.charts import Chart
from bot.render.text import Reply, as_read, basis, headline_text, known, provisional, table, totals_of

_TEXT = 3500
_MOST_GAPS = 5
_PLAIN_ROWS = 15


def draw(reply: Reply, links: Sequence[ConsoleLink] = ()) -> Message:
    """The whole message for a reply; ``links`` are the vendors' own pages for it."""
    if reply.question.kind == "help":
        return plain_message.welcome(headline_text(reply))
    kept: dict[str, Mapping[str, Any]] = {}
    drawn = chart(reply.question, reply.answer)
    caption, rows, notes = table(reply.question, reply.answer)
    blocks = [headline(reply), *small(as_read(reply)), *_warnings(reply.answer)]
    blocks += [drawn.block] if drawn else []
    blocks += [data_table(caption, rows)] if rows else []
    blocks += small(drawn.note if drawn else "", *notes, *basis(reply.question, reply.answer))
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


def chart(question: Question, answer: Answer) -> Chart | None:
    """The chart that suits the answer; kinds that have none need not stand here."""
    answer = as_asked(answer)
    match answer:
        case CostAnswer():
            return _of_costs(question, answer)
        case ForecastAnswer():
            return None if over(question, answer) else charts.running(answer)
        case ExplainAnswer():
            return charts.changes(answer)
        case BudgetsAnswer():
            return charts.budgets(answer)
        case CommitmentsAnswer() | RecommendationsAnswer():
            return report_charts.chart(answer)
        case _:
            return None


def _of_costs(question: Question, answer: CostAnswer) -> Chart | None:
    if parts.part(question, answer) and part_tables.table(question, answer)[1]:
        return part_charts.chart(question, answer)
    if question.grain and answer.series:
        points, left_out = tables.one_measure(known(answer))
        drawn = charts.over_time(question, points)
        return Chart(drawn.block, " ".join(filter(None, (drawn.note, left_out)))) if drawn else None
    return charts.breakdown(question, answer)


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
    late = provisional(reply.question, reply.answer)
    return escape(cut("\n".join(filter(None, [headline_text(reply), *gaps, *late, *lines, as_read(reply)])), _TEXT))


def _line(cells: Sequence[str]) -> str:
    """A row of a table as a line: its name, then what stands beside it."""
    return ": ".join(filter(None, (cells[0], ", ".join(cell for cell in cells[1:] if cell != NOTHING))))
