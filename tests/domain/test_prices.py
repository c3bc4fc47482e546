"""Unit prices, paid and listed."""

from datetime import date
from decimal import Decimal

from bot.answering.reference_data import list_prices
from bot.domain.aggregate import Cell
from bot.domain.period import Period
from bot.domain.prices import Price, off_list, paid, per_of
from bot.render.answer_json import price_json, price_note

NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
BY = ("x_Model", "x_TokenType")


def cell(key, unit, amount):
    """A cell of one amount."""
    return Cell(key, unit, (Decimal(amount),))


def test_what_was_paid_is_cost_by_quantity():
    """2.5 dollars for two million tokens are 1.25 a million, with the days it rests on."""
    key = ("gpt-5", "input")
    [price] = paid(BY, [cell(key, "USD", "2.5")], [cell(key, "Tokens", 2_000_000)], NOVEMBER)
    assert (price.amount, price.per, price.kind) == (Decimal("1.25"), 1_000_000, "paid")
    assert price_json(price) == {
        "what": {"x_Model": "gpt-5", "x_TokenType": "input"},
        "kind": "paid",
        "currency": "USD",
        "amount": "1.25",
        "per": 1_000_000,
        "unit": "Tokens",
        "source": "our own charges",
        "as_of": "2026-11-22",
        "since": "2026-11-01",
        "note": "",
    }


def test_what_has_no_price_gets_none():
    """Two units, nothing used, nothing billed, or no quantity known."""
    costs = [cell((name,), "USD", amount) for name, amount in (("two", 1), ("none", 1), ("free", 0), ("unmeasured", 1))]
    quantities = [
        cell(("two",), "GB", 1), cell(("two",), "Requests", 1), cell(("none",), "Hours", 0),
        cell(("free",), "Hours", 5), cell(("unmeasured",), "", 3),
    ]  # fmt: skip
    assert paid(("ServiceName",), costs, quantities, NOVEMBER) == ()


def test_currencies_have_their_own_prices():
    """One thing billed in two currencies has two prices only where each has a quantity: never one mixed."""
    costs = [cell(("a",), "USD", 3), cell(("a",), "EUR", 2)]
    prices = paid(("SkuId",), costs, [cell(("a",), "Hours", 3)], NOVEMBER)
    assert [(price.currency, price.per) for price in prices] == [("USD", 1), ("EUR", 1)]


def test_what_would_so_many_tokens_cost():
    """Ten million tokens at three dollars a million are thirty dollars, exactly."""
    price = Price({"x_Model": "m"}, "list", "USD", Decimal(3), "Tokens", "a list", date(2026, 11, 22), per=1_000_000)
    assert price.of(Decimal(10_000_000)) == 30
    assert price.of(Decimal(1)) == Decimal("0.000003")


def test_how_far_from_the_list():
    """What was paid is compared with the list for the same thing, currency and unit only."""
    what = {"x_Model": "m", "x_TokenType": "input"}
    list_price = Price(what, "list", "USD", Decimal(4), "Tokens", "a list", date(2026, 11, 22), per=1_000_000)
    bought = Price(what, "paid", "USD", Decimal("3.6"), "tokens", "our own charges", date(2026, 11, 22), per=1_000_000)
    other = Price({"x_Model": "n"}, "paid", "USD", Decimal(1), "Tokens", "our own charges", date(2026, 11, 22))
    assert off_list([list_price, bought, other]) == {tuple(sorted(what.items())): Decimal("-0.1")}


def test_units_people_price_by():
    """Tokens and characters by the million, everything else by one."""
    assert [per_of(unit) for unit in ("Tokens", "token", "Characters", "Hours", "GB-Mo")] == [10**6] * 3 + [1, 1]


def test_list_prices_of_a_model():
    """Input, cached input and output per million tokens, with library, version and date."""
    prices = {price.what["x_TokenType"]: price for price in list_prices("gpt-5", date(2026, 11, 22), "openai")}
    assert {kind: price.amount for kind, price in prices.items()} == {
        "input": Decimal("1.25"), "cached_input": Decimal("0.125"), "output": Decimal(10),
    }  # fmt: skip
    assert prices["input"].source.startswith("genai-prices 0.")
    sonnet = list_prices("claude-sonnet-4-5", date(2026, 11, 22))
    assert "6 for prompts over 200,000 tokens" in price_note(sonnet[0].note)


def test_an_unknown_model_has_no_list_price():
    """Nothing is guessed."""
    assert list_prices("no-such-model-here", date(2026, 11, 22)) == ()
