"""What so much would cost: list prices and our own of the last 30 days, times the quantity."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from seen import as_json, seen, text

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import NotUnderstood
from bot.domain.feed import Feed
from bot.domain.period import Period
from bot.render import csv_file
from bot.render.slack import answer_message
from bot.render.text import printed

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
GRAIN = frozenset({"ServiceProviderName", "ServiceName", "SkuId", "x_Model", "x_TokenType"})
FEED = Feed(source="bill", name="bill", grain=GRAIN)


def charge(service, sku, cost, quantity, unit, **more):
    """So much of a SKU, and what it cost."""
    return Charge(
        billed_cost=Decimal(cost),
        billing_currency="USD",
        service_provider_name="OpenAI" if "x_model" in more else "AWS",
        service_name=service,
        sku_id=sku,
        consumed_quantity=Decimal(quantity),
        consumed_unit=unit,
        charge_category="Usage",
        **{"day": date(2026, 11, 3), **more},
    )


@pytest.fixture
def asker(ledger):
    """A bill of storage, requests, machines and two kinds of tokens, at prices of this company's own."""
    charges = [
        charge("Amazon Simple Storage Service", "TimedStorage-ByteHrs", "2.3", 100, "GB-Mo"),
        charge("Amazon Simple Storage Service", "DataTransfer-Out-Bytes", "9", 100, "GB"),
        charge("AWS Lambda", "Request", "0.4", 2_000_000, "Requests"),
        charge("AWS Lambda", "Lambda-GB-Second", "5", 300_000, "Lambda-GB-Seconds"),
        charge("Amazon Elastic Compute Cloud - Compute", "BoxUsage:m5.large", "9.6", 100, "Hours"),
        charge("OpenAI API", "gpt-5, input", "3", 3_000_000, "Tokens", x_model="gpt-5", x_token_type="input"),
        charge("OpenAI API", "gpt-5, output", "9", 1_000_000, "Tokens", x_model="gpt-5", x_token_type="output"),
        charge(
            "OpenAI API",
            "gpt-5, output",
            "99",
            1_000_000,
            "Tokens",
            x_model="gpt-5",
            x_token_type="output",
            day=date(2026, 9, 1),
        ),
    ]
    ledger.replace(FEED, Period(start=date(2026, 9, 1), end=date(2026, 11, 22)), charges, synced=NOW)
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


def totals(reply):
    """What each price comes to, by what it is of and whose it is."""
    return {(*value["what"].values(), value["kind"]): value["total"] for value in seen(reply).values}


def test_tokens_not_said_to_be_input_or_output_are_priced_as_either_and_as_mixed(asker):
    """The list's price and ours, each with its source and days; the mix is that of our last 30 days, and says so."""
    reply = asker.ask("what would 10M tokens of gpt-5 cost")
    assert totals(reply) == {
        ("gpt-5", "input", "list"): "12.5",
        ("gpt-5", "cached_input", "list"): "1.25",
        ("gpt-5", "output", "list"): "100",
        ("gpt-5", "input", "paid"): "10",
        ("gpt-5", "output", "paid"): "90",
        ("gpt-5", "paid"): "30",
    }
    mix = next(value for value in seen(reply).values if len(value["what"]) == 1)
    assert mix["note"] == "at our usage mix: 75% input, 25% output"
    assert (mix["since"], mix["as_of"], mix["source"]) == ("2026-10-23", "2026-11-22", "our own charges")
    assert all(value["as_of"] and value["source"] for value in seen(reply).values)
    assert reply.read_as == "what 10,000,000 tokens would cost · gpt-5"
    assert text(reply) == (
        "10,000,000 tokens of gpt-5: input $12.50, cached input $1.25 and output $100.00 at list price; "
        "input $10.00, output $90.00 and at our usage mix $30.00 at the price we paid."
    )


def test_tokens_of_one_type_have_no_mix(asker):
    """What was said to be input is priced as input, by the list too."""
    assert totals(asker.ask("cost of 5 million input tokens of gpt-5")) == {
        ("gpt-5", "input", "list"): "6.25", ("gpt-5", "input", "paid"): "5",
    }  # fmt: skip


def test_input_and_output_are_priced_apart_and_together(asker):
    """3M input and 1M output tokens."""
    found = totals(asker.ask("3m input and 1m output tokens of gpt-5"))
    assert (found["gpt-5", "list"], found["gpt-5", "paid"]) == ("13.75", "12")
    assert found["gpt-5", "output", "list"] == "10"


@pytest.mark.parametrize(
    ("text", "sku", "total"),
    [
        ("price of 1000 hours of m5.large", "BoxUsage:m5.large", "96"),
        ("what does 1 TB of s3 storage cost", "TimedStorage-ByteHrs", "23"),
        ("what does 2tb of s3 storage cost for 3 months", "TimedStorage-ByteHrs", "138"),
        ("how much would 10k requests cost on lambda", "Request", "0.002"),
        ("what does 500 GB of data transfer cost", "DataTransfer-Out-Bytes", "45"),
    ],
)
def test_what_is_no_model_is_priced_by_our_own_charges(asker, text, sku, total):
    """One SKU is priced by that unit, and it is said that no list price is known."""
    reply = asker.ask(text)
    assert totals(reply) == {(sku, "paid"): total}
    assert "No list price is known for this, so these are the prices we paid." in seen(reply).notes


def test_what_has_another_unit_is_left_out_and_named(asker):
    """Requests of a function say nothing of how long it runs."""
    assert "Not included, since priced by another unit: Lambda-GB-Second (per Lambda-GB-Second)." in (
        seen(asker.ask("how much would 10k requests cost on lambda")).notes
    )


def test_a_unit_that_fits_nothing_is_a_gap_and_no_number(asker):
    """Hours of storage have no price; what there is instead is named."""
    reply = asker.ask("what would 1000 hours of s3 cost")
    assert seen(reply).values == ()
    [gap] = seen(reply).gaps
    assert gap.what.startswith("no price per Hour, only ")
    assert {"DataTransfer-Out-Bytes (per GB)", "TimedStorage-ByteHrs (per GB-Mo)"} == set(
        gap.what.partition("only ")[2].split(", ")
    )
    assert text(reply) == "No price of 1,000 hours is known on Amazon Simple Storage Service."


def test_a_model_nobody_knows_is_refused_with_the_nearest(asker):
    """No other model's price is given in its place."""
    with pytest.raises(NotUnderstood) as refusal:
        asker.ask("what would 10M tokens of gpt-7 cost")
    assert refusal.value.unknown == ("gpt-7",)
    assert "gpt-5" in refusal.value.hint


def test_a_quantity_of_nothing_asks_of_what(asker):
    """And offers what there is."""
    with pytest.raises(NotUnderstood, match="10,000,000 tokens of what") as refusal:
        asker.ask("what would 10M tokens cost")
    assert "price of 10,000,000 tokens of gpt-5" in refusal.value.suggestions
    assert seen(asker.ask(refusal.value.suggestions[0])).values


def test_it_is_drawn_printed_and_exported(asker):
    """The table in Slack and in the terminal, the exact figures in the CSV and in the JSON."""
    reply = asker.ask("what would 10M tokens of gpt-5 cost")
    table = next(block for block in answer_message.draw(reply).blocks if block["type"] == "data_table")
    last = [cell["text"] for cell in table["rows"][-1]]
    assert last == [
        "gpt-5", "$30.00", "$3.00 per million tokens",
        "What we paid, 23 Oct–22 Nov 2026; at our usage mix: 75% input, 25% output",
    ]  # fmt: skip
    assert "What 10M tokens would cost" in printed(reply)
    both = printed(asker.ask("what would 3M input and 1M output tokens of gpt-5 cost"))
    assert "What it would cost" in both
    assert "Quantity" in both
    assert "10000000,30" in csv_file.as_csv(reply.question, reply.answer)
    assert as_json(reply)["question"]["quantities"] == [{"amount": "10000000", "unit": "Tokens"}]
    assert "quantities" not in as_json(asker.ask("price of gpt-5"))["question"]


def test_a_model_that_only_lists_know_is_priced_by_them(asker):
    """And it is said that nothing of it was used."""
    reply = asker.ask("what would 10M input tokens of gpt-4.1 cost")
    assert totals(reply) == {("gpt-4.1", "input", "list"): "20"}
    assert seen(reply).notes == ("We used none of this in the last 30 days, so only list prices are shown.",)


def test_tokens_that_a_vendor_counts_by_the_thousand_are_priced_like_any_others(ledger):
    """Prices of one model can be compared, whoever sells it and however many tokens are one for them."""
    charges = [
        charge(
            "Amazon Bedrock", "Claude-input", "3", 1_000, "1K tokens", x_model="Claude Sonnet 5", x_token_type="input"
        )
    ]
    ledger.replace(FEED, Period(start=date(2026, 9, 1), end=date(2026, 11, 22)), charges, synced=NOW)
    reply = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC)).ask("price of claude sonnet 5")
    (own,) = [value for value in seen(reply).values if value["kind"] == "paid"]
    assert (own["amount"], own["per"], own["unit"]) == ("3", 1_000_000, "Tokens")


def test_what_a_cache_write_cost_is_not_held_to_the_list(ledger):
    """Lists tell five minutes of keeping, bills five minutes and an hour as one: dearer is no overcharge."""
    kinds = {"input": "2.2", "cache_write": "4"}
    charges = [
        charge("Claude API", f"sonnet, {name}", cost, 1_000_000, "Tokens", x_model="claude-sonnet-5", x_token_type=name)
        for name, cost in kinds.items()
    ]
    ledger.replace(FEED, Period(start=date(2026, 9, 1), end=date(2026, 11, 22)), charges, synced=NOW)
    reply = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC)).ask("price of claude-sonnet-5")
    assert seen(reply).notes == ("claude-sonnet-5 input: 10% above the list price.",)


def test_the_quantity_that_is_asked_after_is_the_only_one(asker):
    """Tokens are not hidden behind hours and gigabytes: no other unit is shown."""
    reply = asker.ask("how many tokens this month")
    assert text(reply).startswith("4M tokens")
    assert {total.unit for total in seen(reply).totals} == {"Tokens"}
    assert text(asker.ask("how many requests this month")).startswith("2M requests")
