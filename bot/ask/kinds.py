"""One answerer a kind of question."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.ask import changes, conversion, costs, limits, outlook, tariffs, thrift, unusual
from bot.ask.figures import Reader
from bot.costs.answer import Answer, Gap
from bot.costs.question import Question
from bot.costs.scope import Scope
from bot.ledger import Ledger

if TYPE_CHECKING:
    from bot.ask import Habits


def answer(  # noqa: PLR0913 - everything an answer may depend on
    question: Question, ledger: Ledger, scope: Scope, today: date, habits: Habits, *, currency: str | None = None
) -> Answer:
    """The answer to a question, narrowed to the scope."""
    reader = Reader(ledger, scope, today)
    match question.kind:
        case "cost":
            found = costs.answer(question, reader, week_start=habits.customs.week_start)
        case "explain":
            found = changes.answer(question, reader)
        case "forecast":
            found = outlook.answer(question, reader)
        case "anomalies":
            found = unusual.answer(question, reader)
        case "budgets":
            found = limits.answer(question, reader, habits.budgets())
        case "savings":
            found = thrift.answer(question, reader)
        case "price":
            found = tariffs.answer(question, reader)
        case "values":
            found = _values(question, reader, ledger)
        case "freshness":
            found = _freshness(reader)
        case _:
            found = Answer()
    return conversion.converted(found, question, reader, currency) if currency else found


def _values(question: Question, reader: Reader, ledger: Ledger) -> Answer:
    if question.by == ("Tags",):
        keys = sorted({key for _, feeds in reader.sources() for feed in feeds for key in ledger.query.tag_keys(feed)})
        return Answer(values=tuple({"value": key} for key in keys), as_of=tuple(reader.freshness()))
    found = costs.answer(question, reader)
    values = [
        {"value": next(iter(line.key.values())), "amount": line.amount, "currency": line.currency}
        for line in found.lines
        if not line.other
    ]
    return Answer(
        values=tuple({**each, "amount": f"{each['amount']:f}"} for each in values), as_of=found.as_of, gaps=found.gaps
    )


def _freshness(reader: Reader) -> Answer:
    told = {each.source for each in reader.freshness()}
    silent = [source for source, _ in reader.sources() if source not in told]
    gaps = [Gap(source=source, what="never synced", hint=f"Run: spend sync {source}") for source in silent]
    return Answer(as_of=tuple(reader.freshness()), gaps=tuple(gaps))
