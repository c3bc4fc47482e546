"""What a model is told: the contract in a page, the schema of its reply, and the names it may use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Final, get_args

from bot.domain.question import DIMENSIONS, Beside, Question
from bot.language import Vocabulary

JsonSchema = Mapping[str, object]
MOST: Final = 150
"""Names of a dimension that are sent, the dearest ones; the rest may still be answered with."""
COST: Final = "cost"
"""The part of words that only say that costs are meant."""
PARTS: Final = (
    COST, "kind", "metric", "period", "against", "grain", "by", "where", "charges", "top", "order", "threshold", "only",
    "share_of", "average", "cumulative", "per", "beside", "currency", "unit",
)  # fmt: skip
"""What of a question a word may say."""
_UNSENT: Final = frozenset({"ResourceId"})

INSTRUCTIONS: Final = """\
You turn one message about cloud and AI costs into one question, as JSON. You never answer it and never state an amount.

Kinds: cost (totals, breakdowns, trends, comparisons), explain (why did it change), forecast, anomalies, budgets,
values (which services, accounts, models, tags there are; the dimension stands in "by"), price (a list price; "where"
names the model or SKU), savings (by commitments and discounts), credits (how many are left, when they run out; credits
that were used are cost), freshness (how current the data is), help,
invoice (whether a month's charges agree with the vendor's invoice), unsupported (understood, but not about past, coming
or list costs: orders, advice, unit costs, invoices as documents).
Metric: BilledCost unless amortized (EffectiveCost), list price (ListCost), contracted (ContractedCost) or a quantity
such as tokens, requests, hours, GB (ConsumedQuantity) is asked for.
Periods are days, "end" exclusive. A period under way ends tomorrow; "last N days" end yesterday; "last week", "last
month", "last 3 months" are whole calendar ones. No period named: the first of this month to tomorrow; for a daily
trend, anomalies and values the last 30 days; for forecast all of this month. price, freshness, help and unsupported
have period null. "against" is the earlier period of a comparison, null unless one is asked for; explain always has
one, by default the same days of the month before.
"by": at most two dimensions to break down by. Values set against each other are a filter and a breakdown by their
dimension. "where": filters, AND-ed, their values OR-ed; exclude is true for "except". Use only names from the lists
you are given, exactly as they are written; "" stands for "names none".
charges: net unless before credits (gross), only credits and refunds (credits) or only tax (tax) is asked for.
"grain" makes a series; "top" and "order" rank ("order": "change" for what moved most); "threshold" holds lines to an
amount that the message names.

only: "new" or "gone" for what has cost in one of "period" and "against" alone; share_of: the whole that "where" is a
part of ([] is everything); average: per day, week or month; cumulative: running sums; per: cost per unit; beside: a
second metric, or "net" beside gross; currency: an ISO code that was asked for; unit: which quantity is meant.

In "words", give for each word of the message that carries meaning the part of the question which says it; a word that
only says that costs are meant has the part "cost". No word may be left out: put every word that names something you
find in no list, or that no part says, into "unread", and do not guess what it could be. If the message is not about
costs at all, the kind is unsupported."""


def schema(vocabulary: Vocabulary) -> JsonSchema:
    """The JSON schema of a reply; every key is required, as both vendors' strict modes want it."""
    dimension = {"type": "string", "enum": dimensions(vocabulary)}
    period = _nullable(_object(start={"type": "string", "format": "date"}, end={"type": "string", "format": "date"}))
    filters = {
        "type": "array",
        "items": _object(
            dimension=dimension,
            values={"type": "array", "items": {"type": "string"}},
            exclude={"type": "boolean"},
        ),
    }
    question = _object(
        kind=_literal("kind"),
        metric=_literal("metric"),
        period=period,
        against=period,
        grain=_nullable({"type": "string", "enum": ["hour", "day", "week", "month", "quarter"]}),
        by={"type": "array", "items": {"type": "string", "enum": [*dimensions(vocabulary), "Tags"]}},
        where=filters,
        charges=_literal("charges"),
        top=_nullable({"type": "integer"}),
        order=_literal("order"),
        threshold=_nullable(_object(op={"type": "string", "enum": [">", ">=", "<", "<="]}, amount={"type": "string"})),
        only=_nullable({"type": "string", "enum": ["new", "gone"]}),
        share_of=_nullable(filters),
        average=_nullable({"type": "string", "enum": ["day", "week", "month"]}),
        cumulative={"type": "boolean"},
        per=_nullable(_object(unit={"type": "string"})),
        beside=_nullable({"type": "string", "enum": list(get_args(Beside))}),
        currency=_nullable({"type": "string"}),
        unit=_nullable({"type": "string"}),
    )
    word = _object(word={"type": "string"}, part={"type": "string", "enum": list(PARTS)})
    unread = {"type": "array", "items": {"type": "string"}}
    return _object(words={"type": "array", "items": word}, unread=unread, question=question)


def dimensions(vocabulary: Vocabulary) -> list[str]:
    """The dimensions that the asker's ledger tells apart."""
    return [*(dimension for dimension in DIMENSIONS if dimension in vocabulary.dimensions), *vocabulary.tags]


def message(text: str, *, today: date, vocabulary: Vocabulary, previous: Question | None) -> str:
    """What is asked of the model: names in alphabetical order, so that not even their rank by cost is told."""
    names = {
        dimension: sorted(vocabulary.values(dimension)[:MOST])
        for dimension in dimensions(vocabulary)
        if dimension not in _UNSENT
    }
    facts = {
        "today": f"{today:%A} {today.isoformat()}",
        "names": names,
        "question_before": previous.model_dump(mode="json") if previous else None,
        "message": text,
    }
    return json.dumps(facts, ensure_ascii=False)


def _literal(name: str) -> JsonSchema:
    found: Mapping[str, object] = Question.model_json_schema()["properties"][name]
    return {"type": "string", "enum": found["enum"]}


def _object(**properties: object) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _nullable(what: JsonSchema) -> JsonSchema:
    return {"anyOf": [what, {"type": "null"}]}
