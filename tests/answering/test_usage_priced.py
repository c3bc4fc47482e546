"""Past usage at another model's list prices, by hand; and what only vendors could tell, refused by name."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from seen import as_json, seen, text

from bot.answering.reference_data import list_prices
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import ANY_TAG, Feed
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS, Filter, Question, Usage
from bot.render.slack.answer_message import draw

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
FEED = Feed(source="aws", name="fine", grain=frozenset({*DIMENSIONS, ANY_TAG}))
OPUS = (Filter(dimension="x_Model", values=("claude-opus-5",)),)
USED = {"input": ("3000000", "Tokens", "15"), "output": ("500", "1K tokens", "40"), "thinking": ("7", "Tokens", "0.5")}


def haiku(*more):
    return (Filter(dimension="x_Model", values=("claude-haiku-4-5", *more)),)


@pytest.fixture
def asker(ledger):
    """Three kinds of tokens, of which one is on no list, ten hours of a sandbox, and a credit on the account."""
    fields = {
        "day": OCTOBER.start,
        "billing_currency": "USD",
        "service_provider_name": "AWS",
        "x_model": "claude-opus-5",
    }
    charges = [
        Charge(**fields, service_name="Models", x_token_type=kind, billed_cost=Decimal(cost),
               consumed_quantity=Decimal(count), consumed_unit=unit)
        for kind, (count, unit, cost) in USED.items()
    ]  # fmt: skip
    charges.append(Charge(**fields, service_name="Sandbox", billed_cost=Decimal(9), consumed_quantity=Decimal(10),
                          consumed_unit="Hours"))  # fmt: skip
    ledger.replace(FEED, OCTOBER, charges, synced=NOW)
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


def test_usage_is_priced_kind_by_kind_beside_what_was_paid_for_the_same(asker):
    """Input and output at the list's prices; what the list lacks, and hours, are named and in neither sum."""
    reply = asker.answer(Question(kind="price", where=haiku(), usage=Usage(where=OPUS, period=OCTOBER)))
    prices = {price.what["x_TokenType"]: price for price in list_prices("claude-haiku-4-5", NOW.date())}
    (line,) = seen(reply).lines
    assert line.amount == prices["input"].of(Decimal(3_000_000)) + prices["output"].of(Decimal(500_000))
    assert line.beside == 55
    assert [(fact.model, fact.what, fact.quantity, fact.unit) for fact in seen(reply).facts] == [
        ("claude-haiku-4-5", "thinking", 7, "Tokens"),
        ("", "", 10, "Hours"),
    ]
    assert sum(Decimal(value["total"]) for value in seen(reply).values) == line.amount
    result = json.dumps(draw(reply).blocks, ensure_ascii=False)
    assert "since claude-haiku-4-5 has no list price for thinking tokens" in result
    assert "we paid $55.00" in text(reply)


def test_a_model_without_a_list_price_is_named(asker):
    """Beside one that has one, and alone."""
    usage = Usage(where=OPUS, period=OCTOBER)
    both = asker.answer(Question(kind="price", where=haiku("mystery-9"), usage=usage))
    assert [line.key["x_Model"] for line in seen(both).lines] == ["claude-haiku-4-5"]
    assert [gap.what for gap in seen(both).gaps] == ["no list price of mystery-9 is known"]
    alone = asker.answer(
        Question(kind="price", where=(Filter(dimension="x_Model", values=("mystery-9",)),), usage=usage)
    )
    assert (
        text(alone)
        == "No price is known for the usage of claude-opus-5, October 2026: no list price of mystery-9 is known."
    )


@pytest.mark.parametrize("kind", ["commitments", "recommendations"])
def test_what_only_the_vendor_could_tell_is_never_made_up(asker, kind):
    """No figure at all; the source is named, with what would tell it; the question stands in the JSON."""
    reply = asker.answer(Question(kind=kind, period=OCTOBER))
    assert "aren't available for AWS" in text(reply)
    (gap,) = seen(reply).gaps
    assert gap.hint
    assert not seen(reply).totals
    assert as_json(reply)["question"]["kind"] == kind
    assert "are not in the bills here" in json.dumps(draw(reply).blocks)
