"""The total asked for is one exact value, rounded for people, wherever an answer says it."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from chance import seeded

from bot import render
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import ANY_TAG, Feed
from bot.domain.money import rounded, total
from bot.domain.period import DAY, Period
from bot.domain.question import DIMENSIONS
from bot.ledger import Ledger
from bot.render.answer_json import answer_json
from bot.render.csv_file import as_csv
from bot.render.slack import answer_message

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
START = date(2026, 11, 1)
DAYS = Period(start=START, end=START + 21 * DAY)
BILL = Feed(source="acme", name="bill", grain=frozenset({*DIMENSIONS, ANY_TAG}))


@pytest.fixture(scope="module", params=range(4))
def asker(request, tmp_path_factory):
    """A bill of amounts that no column of rounded figures adds up to by itself."""
    chance = seeded(request.param)

    ledger = Ledger(tmp_path_factory.mktemp("words") / "ledger.db")
    most = 10 ** chance.randrange(4, 9)
    charges = [
        Charge(
            day=START + DAY * (n % 21),
            billed_cost=Decimal(chance.randrange(1, most)) / 10**4,
            billing_currency="USD",
            service_provider_name="Acme",
            service_name=f"Service {n % (7 + request.param)}",
            sub_account_name=f"account {n % 3}",
        )
        for n in range(120)
    ]
    ledger.replace(BILL, DAYS, charges, synced=NOW)
    exact = total([charge.billed_cost for charge in charges])
    yield AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC)), exact
    ledger.close()


def blocks(message, kind):
    return [block for block in message.blocks if block["type"] == kind]


@pytest.mark.parametrize(
    "words",
    ["this month by service", "top 3 services this month", "this month", "this month daily", "by account this month"],
)
def test_headline_table_chart_csv_and_json_say_one_value(asker, words):
    """JSON and CSV have it to the last digit, the chart's points come to it, headline and total row its rounding."""
    service, exact = asker
    reply = service.ask(words)
    message = answer_message.draw(reply)
    shown = render.money(exact, "USD")
    listed = answer_json(reply.answer)
    written = csv.DictReader(io.StringIO(as_csv(reply.question, reply.answer)))

    assert Decimal(listed["totals"][0]["amount"]) == exact
    assert total([Decimal(row["Amount"]) for row in written]) == exact
    assert message.text.startswith(f"{shown} in total")
    for rows in (table["rows"] for table in blocks(message, "data_table")):
        assert rows[-1][0]["text"] == "Total"
        assert shown in [cell["text"] for cell in rows[-1]]
    for chart in blocks(message, "data_visualization"):
        if chart["chart"]["type"] == "bar":
            points = [point["value"] for series in chart["chart"]["series"] for point in series["data"]]
            assert abs(sum(points) - float(exact)) < 1e-6 * float(exact)


@pytest.mark.parametrize("words", ["this month by service", "top 3 services this month", "by account this month"])
def test_rows_add_up_to_the_total_as_shown_and_none_is_bent(asker, words):
    """The column of a breakdown adds up through "Other" or "Rounding"; every other row is the rounding of its own."""
    service, _ = asker
    reply = service.ask(words)
    (table,) = blocks(answer_message.draw(reply), "data_table")
    *body, last = ({"name": row[0]["text"], "text": row[1]["text"]} for row in table["rows"][1:])
    digits = len(last["text"].partition(".")[2])
    amounts = {row["name"]: money(row["text"]) for row in body}

    assert sum(amounts.values()) == money(last["text"])
    for line in reply.answer.lines:
        if not line.other:
            assert amounts[line.key[next(iter(line.key))]] == rounded(line.amount, digits)


def money(text):
    """The number that a person reads; ``<$1`` is nothing of the sum."""
    return Decimal(0) if text.startswith("<") else Decimal(text.replace("$", "").replace(",", ""))
