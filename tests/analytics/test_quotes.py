"""What so much would cost at every price that is known."""

from datetime import date
from decimal import Decimal

from bot.analytics.price_estimate import quoted
from bot.domain.aggregate import Cell
from bot.domain.period import Period
from bot.domain.prices import Price, mixed
from bot.domain.question import Quantity
from bot.render.answer_json import price_json, price_note, quote_json

TODAY = date(2026, 11, 22)
LATELY = Period(start=date(2026, 10, 23), end=date(2026, 11, 23))
BY = ("x_Model", "x_TokenType")


def listed(token_type, amount, model="m"):
    """A list price of a million tokens."""
    what = {"x_Model": model, "x_TokenType": token_type}
    return Price(what, "list", "USD", Decimal(amount), "Tokens", "a list", TODAY, per=1_000_000)


def asked(amount, unit, token_type=None):
    """A quantity."""
    return Quantity(amount=Decimal(amount), unit=unit, token_type=token_type)


def test_each_price_is_multiplied_exactly():
    """Ten million tokens at 1.25 and at 10 dollars a million; the JSON is that of the price and two keys more."""
    quotes = quoted([listed("input", "1.25"), listed("output", 10)], [asked(10_000_000, "Tokens")])
    assert [quote.total for quote in quotes] == [Decimal("12.5"), 100]
    assert quote_json(quotes[0]) == {**price_json(listed("input", "1.25")), "quantity": "10000000", "total": "12.5"}


def test_several_quantities_are_told_one_by_one_and_together():
    """3M input and 1M output tokens of the model that has a price for both; of another only what is known."""
    prices = [listed("input", "1.25"), listed("output", 10), listed("cached_input", "0.125"), listed("input", 2, "n")]
    quotes = quoted(prices, [asked(3_000_000, "Tokens", "input"), asked(1_000_000, "Tokens", "output")])
    assert [(quote.price.what["x_Model"], quote.price.what.get("x_TokenType"), quote.total) for quote in quotes] == [
        ("m", "input", Decimal("3.75")), ("m", "output", 10), ("n", "input", 6), ("m", None, Decimal("13.75")),
    ]  # fmt: skip
    assert (quotes[-1].quantity, quotes[-1].price.amount) == (4_000_000, Decimal("3.4375"))


def test_a_size_fits_what_is_moved_and_what_is_kept_for_a_month():
    """1 TB is 1,000 GB at the price of a transfer, and of a month of storage, which is said; hours fit neither."""
    moved = Price({"SkuId": "out"}, "paid", "USD", Decimal("0.09"), "GB", "ours", TODAY)
    stored = Price({"SkuId": "stored"}, "paid", "USD", Decimal("0.023"), "GB-Mo", "ours", TODAY)
    quotes = quoted([moved, stored], [asked(1, "TB")])
    assert [(quote.quantity, quote.total, quote.kept) for quote in quotes] == [
        (1000, 90, False), (1000, 23, True),
    ]  # fmt: skip
    assert [item.total for item in quoted([moved, stored], [asked(3, "TB-Months")])] == [69]
    assert quoted([moved, stored], [asked(1000, "Hours")]) == []


def test_the_mix_is_what_was_paid_for_all_types_together():
    """Six dollars for three million tokens are two a million, and the parts are told."""
    costs = [Cell(("m", "input"), "USD", (Decimal(1),)), Cell(("m", "output"), "USD", (Decimal(5),))]
    used = [Cell(("m", "input"), "Tokens", (Decimal(2_000_000),)), Cell(("m", "output"), "Tokens", (Decimal(10**6),))]
    [price] = mixed(BY, costs, used, LATELY)
    assert (price.what, price.amount, price.per) == ({"x_Model": "m"}, 2, 1_000_000)
    assert price_note(price.note) == "at our usage mix: 67% input, 33% output"


def test_there_is_no_mix_of_one_type_nor_of_what_is_measured_otherwise():
    """A price of everything together needs a quantity of everything."""
    costs = [Cell(("m", kind), "USD", (Decimal(1),)) for kind in ("input", "output")]
    tokens, searches = Cell(("m", "input"), "Tokens", (Decimal(5),)), Cell(("m", "output"), "Calls", (Decimal(5),))
    assert mixed(BY, costs[:1], [tokens], LATELY) == ()
    assert mixed(BY, costs, [tokens], LATELY) == ()
    assert mixed(BY, costs, [tokens, searches], LATELY) == ()
