"""Answers with parts as people see them: headline, table, chart, CSV and terminal, from a real ledger."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from seen import text

from bot.analytics.budget import Budget
from bot.answering.service import AnswerService, Defaults
from bot.blockkit.validate import check_message
from bot.domain.charge import Charge
from bot.domain.feed import ANY_TAG, Feed
from bot.domain.money import Money
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS, Filter, Question, Threshold, UnitCost
from bot.ledger import Ledger
from bot.render import parts
from bot.render.csv_file import as_csv
from bot.render.slack.answer_message import draw
from bot.render.text import printed

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = Period(start=date(2026, 9, 1), end=date(2026, 11, 22))
OCTOBER, SEPTEMBER = (Period(start=date(2026, m, 1), end=date(2026, m + 1, 1)) for m in (10, 9))
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
FEED = Feed(source="acme", name="fine", grain=frozenset({*DIMENSIONS, ANY_TAG}))
AI = Filter(dimension="ServiceCategory", values=("AI",))
TOKENS = UnitCost(unit="Tokens")


def charge(day, service, cost, **more):
    fields = {"service_provider_name": "Acme", "billing_currency": "USD", "service_category": "Compute", **more}
    return Charge(day=day, service_name=service, billed_cost=Decimal(cost), **fields)


def bill():
    """Servers at 100 a day (150 from 13 October on), models at 50 for two million tokens, disks in September only."""
    for day in DAYS:
        jumped = day >= date(2026, 10, 13)
        yield charge(day, "Servers", 150 if jumped else 100, list_cost=Decimal(200), tags={"team": "core"})
        yield charge(day, "Models", 50, service_category="AI", x_model="large", tags={"team": "ml"},
                     consumed_quantity=Decimal(2_000_000), consumed_unit="Tokens")  # fmt: skip
        if day.month == 9:
            yield charge(day, "Disks", 10)
        if day == OCTOBER.start:
            yield charge(day, "Promotion", -1000, charge_category="Credit")


@pytest.fixture(scope="module")
def asker(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("drawn") / "ledger.db")
    ledger.replace(FEED, DAYS, list(bill()), synced=NOW)
    yield AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    ledger.close()


HEADLINES = {
    "Models is 27.7% of October 2026: $1,550.00 of $5,600.00.": {
        "where": (Filter(dimension="ServiceName", values=("Models",)),), "share_of": (), "charges": "gross"},
    "AI is 33.7% of October 2026: $1,550.00 of $4,600.00.": {
        "where": (AI,), "share_of": (), "by": ("Tags/team",)},
    "No data on Nowhere, October 2026, so there is no share to show.": {
        "where": (AI,), "share_of": (Filter(dimension="ServiceName", values=("Nowhere",)),)},
    "$200.00 a day on average, 1–22 Nov 2026 ($4,200 over 21 days).": {"period": NOVEMBER, "average": "day"},
    "1–22 Nov 2026 has no complete month of data yet, so there is no average.": {
        "period": NOVEMBER, "average": "month"},
    "$25.00 per million tokens, October 2026: $1,550.00 for 62M tokens, 33.7% of the cost.": {"per": TOKENS},
    "$6,750 at list price, $4,600 billed: $2,150 (31.9%) lower, in total, October 2026.": {
        "metric": "ListCost", "beside": "BilledCost"},
    "$5,600 before credits and refunds, $4,600 net: $1,000 (17.9%) lower, in total, October 2026.": {
        "charges": "gross", "beside": "net"},
    "1 service is new in October 2026 (no cost in September): Promotion -$1,000.": {
        "against": SEPTEMBER, "only": "new", "by": ("ServiceName",)},
    "1 service is gone in October 2026 (cost in September): Disks $300.00.": {
        "against": SEPTEMBER, "only": "gone", "by": ("ServiceName",)},
    "Servers rose most, October 2026 compared with September: +$1,050.00 ($3,000.00 to $4,050.00, +35%). $4,600": {
        "against": SEPTEMBER, "order": "increase", "by": ("ServiceName",), "top": 1},
    "No service rose by that much in October 2026 compared with September. $4,600": {
        "against": SEPTEMBER, "order": "increase", "by": ("ServiceName",),
        "threshold": Threshold(op=">", amount=Decimal(9999), of="change")},
    "2 Oct rose most: +$1,000.00 (-$850.00 to $150.00) over the day before.": {
        "order": "increase", "grain": "day", "top": 1},
    "No services with less than -$2,000. $4,600 after $1,000 of credits in total, October 2026.": {
        "by": ("ServiceName",), "threshold": Threshold(op="<", amount=Decimal(-2000))},
    "1 service with more than $2,000: Servers $4,050. $4,600 after $1,000 of credits in total, October 2026.": {
        "by": ("ServiceName",), "threshold": Threshold(op=">", amount=Decimal(2000))},
    "2 teams with at least 30% of the total: core $4,050 and ml $1,550. $4,600": {
        "by": ("Tags/team",), "threshold": Threshold(op=">=", amount=Decimal(30), percent=True)},
    "No teams with more than $9,000. $4,600": {
        "by": ("Tags/team",), "threshold": Threshold(op=">", amount=Decimal(9000))},
    "19 days with more than $150: 13 Oct $200.00, 14 Oct $200.00, 15 Oct $200.00 and 16 more.": {
        "grain": "day", "threshold": Threshold(op=">", amount=Decimal(150))},
    "Servers changed most, October 2026 compared with September: +$1,050.00 ($3,000.00 to $4,050.00, +35%). $4,600": {
        "against": SEPTEMBER, "order": "change", "by": ("ServiceName",), "top": 1},
    "$4,600 after $1,000 of credits in total, October 2026.": {},
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "question"), HEADLINES.items())
def test_the_headline_says_the_part_that_was_asked_for(asker, sentence, question):
    """Amounts worked out by hand; Slack's own rules hold for the message; the terminal says the same."""
    reply = asker.answer(Question(**{"period": OCTOBER, **question}))
    assert text(reply).startswith(sentence), text(reply)
    message = draw(reply)
    assert not check_message({"text": message.text, "blocks": message.blocks})
    assert "".join(text(reply).split()) in "".join(printed(reply).split())


def table_of(message):
    rows = next(block["rows"] for block in message.blocks if block["type"] == "data_table")
    return [[cell["text"] for cell in row] for row in rows]


def test_a_unit_cost_is_a_line_with_the_volume_in_the_table(asker):
    """Weekly cost per million tokens as a line chart; cost and quantity stand beside it."""
    message = draw(asker.answer(Question(period=OCTOBER, per=TOKENS, grain="week")))
    (chart,) = [block for block in message.blocks if block["type"] == "data_visualization"]
    assert chart["chart"]["type"] == "line"
    assert {point["value"] for point in chart["chart"]["series"][0]["data"]} == {25.0}
    assert table_of(message)[:2] == [
        ["Week", "Per million tokens", "Cost", "Quantity"], ["1–4 Oct", "$25.00", "$200.00", "8M tokens"],
    ]  # fmt: skip


def test_a_running_total_is_drawn_beside_last_months(asker):
    """Two lines of one length; the table has both and their difference, and no meaningless total."""
    against = Period(start=OCTOBER.start, end=date(2026, 10, 23))
    message = draw(asker.answer(Question(period=NOVEMBER, against=against, cumulative=True, grain="day")))
    (chart,) = [block for block in message.blocks if block["type"] == "data_visualization"]
    now, then = chart["chart"]["series"]
    assert [now["name"], then["name"]] == ["1–22 Nov", "1–22 Oct"]
    assert len(now["data"]) == len(then["data"])
    rows = table_of(message)
    assert rows[0] == ["Day", "Running total", "1–22 Oct 2026", "Change"]
    assert rows[-1][0] != "Total"


def test_what_an_average_leaves_out_and_a_growth_ranks_is_in_small_type(asker):
    """Days not over, the floor of a growth, and what is new and so has none."""
    average = draw(asker.answer(Question(period=NOVEMBER, average="day")))
    assert "Left out: 22 Nov (not yet complete)." in json.dumps(average.blocks, ensure_ascii=False)
    growth = draw(asker.answer(Question(period=OCTOBER, against=SEPTEMBER, order="growth", by=("ServiceName",))))
    assert "Growth ranks only costs of at least $20.00 in the period before." in json.dumps(growth.blocks)


def test_the_csv_has_the_parts_to_the_last_digit(asker):
    """Share, average and unit cost in columns of their own, exact."""

    def row(**question):
        reply = asker.answer(Question(period=OCTOBER, **question))
        return next(csv.DictReader(io.StringIO(as_csv(reply.question, reply.answer))))

    share = row(where=(AI,), share_of=())
    assert (share["Part"], share["Whole"], share["Share"][:8]) == ("1550", "4600", "0.336956")
    unit = row(per=TOKENS)
    assert (unit["Amount"], unit["Currency"], unit["Unit"]) == ("0.000025", "USD", "Tokens")
    assert (unit["Cost"], unit["Quantity"]) == ("1550", "62000000")
    average = row(average="day")
    assert (average["Total"], average["Periods"]) == ("4600", "31")
    both = row(metric="ListCost", beside="BilledCost")
    assert (both["Amount"], both["Beside"]) == ("6750", "4600")


@pytest.mark.parametrize(
    ("share", "words"),
    [("0.373", "37.3%"), ("1", "100%"), ("0.9999", ">99.9%"), ("0.0001", "<0.1%"), ("0", "0%"), (None, "–")],
)
def test_a_percentage_never_says_none_or_all_of_what_is_not(share, words):
    """One decimal; what would round to nothing or everything says that it is neither."""
    assert parts.percentage(None if share is None else Decimal(share)) == words


def test_credits_that_no_unit_is_told_of_are_not_in_a_unit_cost(asker):
    """Models cost more than the bill that the promotion leaves: that is said, and no share of more than all."""
    service = Filter(dimension="ServiceName", values=("Models", "Promotion"))
    reply = asker.answer(Question(period=OCTOBER, per=TOKENS, where=(service,)))
    assert "$1,550.00 for 62M tokens before credits and refunds, which have no unit." in draw(reply).text


def test_a_running_total_runs_towards_the_budget_of_the_same_costs(asker, tmp_path):
    """A line of its own, and how much is used; a budget about other costs or of a quarter in full is none of it."""

    def budget(name, limit, **more):
        return Budget(name=name, limit=Money(amount=Decimal(limit), currency="USD"), question=Question(), **more)

    other = Budget(name="other", limit=Money(amount=Decimal(1), currency="USD"), question=Question(where=(AI,)))
    budgets = (budget("all", 6000), budget("euros", 7000), other, budget("quarter", 100, every="quarter"))
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.replace(FEED, DAYS, list(bill()), synced=NOW)
    own = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, budgets=lambda: budgets))
    reply = own.answer(Question(period=NOVEMBER, cumulative=True, grain="day"))
    assert [(fact.name, fact.limit, fact.used) for fact in reply.answer.facts] == [("all", 6000, Decimal("0.7"))]
    message = draw(reply)
    (chart,) = [block for block in message.blocks if block["type"] == "data_visualization"]
    assert {point["value"] for point in chart["chart"]["series"][-1]["data"]} == {6000.0}
    assert "Budget “all”: $6,000, 70% used." in json.dumps(message.blocks, ensure_ascii=False)
    ledger.close()
