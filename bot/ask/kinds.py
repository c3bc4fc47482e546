"""One answerer a kind of question."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.ask import advised, changes, conversion, costs, limits, outlook, tariffs, thrift, unusual
from bot.ask.figures import Reader
from bot.ask.live import Counter
from bot.costs.answer import Answer, Gap
from bot.costs.question import Question
from bot.costs.scope import Scope
from bot.ledger import Ledger

if TYPE_CHECKING:
    from bot.ask import Habits


def answer(  # noqa: PLR0913 - everything an answer may depend on
    question: Question,
    ledger: Ledger,
    scope: Scope,
    today: date,
    habits: Habits,
    *,
    currency: str | None = None,
    counter: Counter | None = None,
) -> Answer:
    """The answer to a question, narrowed to the scope; ``counter`` is where a vendor may be asked what costs lack."""
    counter = counter if question.kind == "cost" else None
    daily = currency is not None or question.grain in ("hour", "day", "week")
    reader = Reader(ledger, scope, today, counter, daily=daily, expected=habits.sources)
    found = _found(question, reader, ledger, habits)
    if question.kind in advised.KINDS:
        said = advised.notes(question, ledger, scope, reader.touched(question))
        found = found.model_copy(update={"notes": (*found.notes, *said)})
    if currency:
        found = conversion.converted(found, question, reader, currency)
    return found.model_copy(update={"requests": counter.requests}) if counter else found


def _found(  # noqa: PLR0911 - one for each kind
    question: Question, reader: Reader, ledger: Ledger, habits: Habits
) -> Answer:
    match question.kind:
        case "cost":
            return costs.answer(question, reader, week_start=habits.customs.week_start)
        case "explain":
            return changes.answer(question, reader)
        case "forecast":
            return outlook.answer(question, reader)
        case "anomalies":
            return unusual.answer(question, reader)
        case "budgets":
            return limits.answer(question, reader, habits.budgets())
        case "savings":
            return thrift.answer(question, reader)
        case "price":
            return tariffs.answer(question, reader, lambda skus: advised.prices(skus, ledger, reader.sees))
        case "values":
            return _values(question, reader, ledger)
        case "freshness":
            return _freshness(reader)
        case _:
            return Answer()


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
    undated = reader.undated()
    gaps = [Gap(source=source, what="never synced", hint=f"Run: spend sync {source}") for source in undated]
    gaps += reader.silent()
    return Answer(as_of=tuple(reader.freshness()), gaps=tuple(gaps), notes=tuple(reader.restated()))
