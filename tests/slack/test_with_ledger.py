"""The real app, the real asker, a real ledger: the same number everywhere, and an answer to whatever is typed."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from slack_app import NOW, running

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import Feed, Freshness
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS
from bot.ledger import Ledger
from bot.render.text import printed
from simulators.slack import ADMIN, MEMBER
from simulators.slack.model import HOME_TEAM

FEED = Feed(source="aws", name="all", grain=frozenset({*DIMENSIONS, "Tags/*"}))
DAYS = Period(start=date(2026, 9, 1), end=date(2026, 11, 22))
EVIL = "<!channel> *x*"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """A small bill: three services in two accounts, one of them with a name that means harm."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.db")
    charges = [
        Charge(
            day=day,
            billed_cost=Decimal(cost) + (day - DAYS.start).days,
            billing_currency="USD",
            service_provider_name="AWS",
            service_name=name,
            sub_account_id=account,
            sub_account_name=account,
            tags={
                "team": "core" if account == "production" else "",
                "squad": "orbit" if account == "production" else "",
                "product": "orbit" if account == "data" else "",
            },
        )
        for day in DAYS
        for name, account, cost in (
            ("Amazon S3", "production", "10.10"),
            ("Amazon Redshift", "data", "20.20"),
            (EVIL, "production", "1.01"),
        )
    ]
    ledger.replace(FEED, DAYS, charges, synced=NOW)
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=DAYS.last, final_through=date(2026, 10, 31)))
    yield ledger
    ledger.close()


@pytest.fixture(scope="module")
def house(ledger):
    """The app at work on that ledger."""
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=ZoneInfo("UTC")))
    with running(asker, ledger.memory) as run:
        run.slack.context.delivery._sleep = lambda _: None
        yield run


def asked(house, text, user=MEMBER):
    """The answer to a slash command."""
    before = len(house.ws.from_bot("#cloud-costs", None, user))
    assert house.ws.slash(user, "#cloud-costs", "/spend", text).acked
    return house.answer("#cloud-costs", user, count=before + 1)


def test_what_may_mean_either_is_asked_with_buttons(house):
    """A squad and a product are called "orbit": each button gives its own number, and no number comes before."""
    sums = {"squad": (Decimal("11.11"), 2), "product": (Decimal("20.20"), 1)}
    reply = asked(house, "orbit this month")
    pressed = [element for block in reply["blocks"] for element in block.get("elements", ()) if "action_id" in element]
    assert "can mean 2 questions" in reply["text"]
    assert [element["text"]["text"].split()[0] for element in pressed] == ["product", "squad"]
    for tag, (fixed, services) in sums.items():
        total = sum(fixed + services * day for day in range(61, 82))
        assert f"${total:,.0f}" in asked(house, f"{tag} orbit this month")["text"]


def test_same_question_same_number_everywhere(house):
    """Command, mention, message, button, App Home, CSV and terminal tell the same total."""
    days = range(61, 82)
    total = sum(Decimal("31.31") + 3 * day for day in days)
    words = f"${total:,.0f}"
    slash = asked(house, "this month by service")
    message = house.ws.mention(MEMBER, "#cloud-costs", "what did we spend this month, by service?")
    direct = house.ws.dm(MEMBER, "this month by service")
    texts = [
        slash["text"],
        house.answer("#cloud-costs", thread=message.ts)["text"],
        house.answer(direct.channel)["text"],
        printed(house.asker.ask("this month by service")),
    ]
    assert all(words in text for text in texts), (words, texts)
    house.ws.open_home(MEMBER)
    assert words in json.dumps(house.ws.wait_for(lambda: house.ws.home(MEMBER))["blocks"])
    csv_button = next(
        element
        for block in slash["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"] == "csv"
    )
    house.ws.click(MEMBER, slash["ts"], "csv", csv_button["value"])
    content = house.ws.wait_for(lambda: [file for file in house.ws.files if file.channels])[-1].content.decode()
    assert sum(Decimal(row["Amount"]) for row in csv.DictReader(io.StringIO(content))) == total


WORDS = [
    "x" * 5000,
    "a b c " * 800,
    "\x00\x07\x1b[31m",
    "\u202e\u200f\u05e9\u05dc\u05d5\u05dd",
    "🤑🔥",
    "'; DROP TABLE fact; --",
    "<!channel> <!here>",
    "florps by blarg",
    "from 30 nov to 1 nov",
    "30 feb 2026",
    "in 1999",
    "&lt;b&gt;",
    "<@U0JONAS> <#C0COSTS|cloud-costs> <https://example.com|link>",
    "```code``` *bold* _it_ ~no~",
]


@pytest.mark.parametrize("text", WORDS)
def test_whatever_is_typed_gets_an_answer_that_slack_takes(house, text):
    """No text is left without an answer, blames us, pings anybody or shows a wrong total."""
    message = asked(house, text)
    result = json.dumps([message["text"], message.get("blocks", [])])
    assert message["text"]
    assert "went wrong on our side" not in result
    assert "<!channel>" not in message["text"]
    assert "<!here>" not in result


def test_names_of_vendors_do_no_harm(house):
    """A service whose name is a mention is shown as its letters."""
    message = asked(house, "this month by service")
    assert "<!channel>" not in message["text"]
    assert "&lt;!channel&gt;" in message["text"]


def test_autocomplete_and_rules_work_on_the_ledger(house):
    """The access window offers sources and values of the ledger; a rule narrows what is told."""
    house.ws.slash(ADMIN, "#cloud-costs", "/spend", "access new")
    modal = house.ws.wait_for(lambda: house.ws.views(ADMIN))[-1]
    offered = house.ws.suggest(ADMIN, modal["id"], "only", "core")
    assert [item["text"]["text"] for item in offered] == ["core · team"]
    house.ws.submit(ADMIN, modal["id"], {"subject": "user", "user": "U0MEI", "only": [offered[0]["value"]]})
    message = asked(house, "this month by service", "U0MEI")
    assert "Redshift" not in json.dumps([message["text"], message["blocks"]])
    assert "Amazon S3" in message["text"]


def test_every_example_of_the_help_is_understood(house):
    """What the help offers to press is answered, never refused."""
    shown = asked(house, "help")
    buttons = [element for block in shown["blocks"] if block["type"] == "actions" for element in block["elements"]]
    for button in buttons:
        before = len(house.ws.from_bot("#cloud-costs", None, MEMBER))
        house.ws.click(MEMBER, shown["ts"], button["action_id"], button["value"])
        result = house.answer("#cloud-costs", MEMBER, count=before + 1)["text"]
        assert "I don't know any" not in result
        assert "went wrong on our side" not in result


def test_explaining_a_colleagues_message_reads_what_it_can(house):
    """The shortcut on somebody's words leaves out what means nothing here, and says so."""
    text = house.ws.say(MEMBER, "#cloud-costs", "redshift yesterday was wild")
    before = len(house.ws.from_bot("#cloud-costs", None, MEMBER))
    house.ws.shortcut(MEMBER, "explain_cost", text.ts)
    result = house.answer("#cloud-costs", MEMBER, count=before + 1)
    assert "Amazon Redshift" in result["text"]
    assert "Ignored" in json.dumps(result["blocks"])


def test_days_are_those_of_the_asker(house):
    """Yesterday is the day before today where the asker is."""
    assert "21 Nov 2026" in asked(house, "yesterday")["text"]
    assert DAYS.last == date(2026, 11, 22) - timedelta(1)


def test_how_it_was_computed_names_the_feed(house):
    """The window names each source's feed that the answer was taken from."""
    message = asked(house, "this month by service")
    more = next(
        element
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"] == "more"
    )
    house.ws.click(MEMBER, message["ts"], "more", more["options"][0]["value"])
    shown = json.dumps(house.ws.wait_for(lambda: house.ws.views(MEMBER))[-1]["blocks"])
    assert "AWS, all: synced 22 Nov 2026 09:00 UTC" in shown


@pytest.mark.parametrize("words", ["reconcile october", "reconcile 2026-10 aws", "reconcile"])
def test_without_an_amount_the_vendors_invoice_is_meant(house, words):
    """Nobody told one here: the answer says whose is missing and what to type."""
    before = len(house.ws.from_bot("#cloud-costs", None, MEMBER))
    house.ws.slash(MEMBER, "#cloud-costs", "/spend", words)
    found = house.ws.wait_for(lambda: house.ws.from_bot("#cloud-costs", None, MEMBER)[before:])[-1]
    assert found["text"].startswith("There is no invoice to compare with")
    assert "reconcile 2026-10 aws 1234.56" in json.dumps(found["blocks"])


def test_a_month_is_reconciled_with_its_invoice(house):
    """What the invoice is against the charges, in a table, for those who ask alone."""
    house.ws.slash(MEMBER, "#cloud-costs", "/spend", "reconcile 2026-10 aws $5,000")
    found = house.ws.wait_for(
        lambda: next(
            (item for item in house.ws.from_bot("#cloud-costs", None, MEMBER) if "the invoice is" in item["text"]),
            None,
        )
    )
    assert found["text"].startswith("October 2026: the invoice is $5,000")
    table = next(block for block in found["blocks"] if block["type"] == "data_table")
    assert [row[0]["text"] for row in table["rows"][1:4]] == ["Invoice", "Charges", "Difference"]


def pressed(house, message, words):
    """Presses a button of a message by what it says."""
    button = next(
        element
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element.get("text", {}).get("text") == words
    )
    house.ws.click(MEMBER, message["ts"], button["action_id"], button["value"])


def test_the_currency_asked_for_goes_along(house):
    """What was asked in euros stays in euros: by a button, in the CSV, in the thread, until another one is named."""
    text = house.ws.mention(MEMBER, "#cloud-costs", "this month by service in EUR")
    first = house.answer("#cloud-costs", thread=text.ts)
    assert first["text"].startswith("€")
    pressed(house, first, "By day")
    assert house.answer("#cloud-costs", thread=text.ts, count=2)["text"].startswith("€")
    before = len([file for file in house.ws.files if file.channels])
    pressed(house, first, "CSV")
    files = house.ws.wait_for(lambda: [file for file in house.ws.files if file.channels][before:])
    rows = list(csv.DictReader(io.StringIO(files[0].content.decode())))
    assert {(row["Currency"], row["ConvertedCurrency"]) for row in rows} == {("USD", "EUR")}
    house.ws.mention(MEMBER, "#cloud-costs", "and by account?", thread_ts=text.ts)
    followed = house.ws.wait_for(lambda: _about(house, text.ts, "data"))
    assert followed["text"].startswith("€")
    house.ws.mention(MEMBER, "#cloud-costs", "and in USD?", thread_ts=text.ts)
    assert house.ws.wait_for(lambda: _about(house, text.ts, "$", starts=True))


def _with_fields(house):
    """The window on top, once it is one to change a question in; a window of before may lie below it."""
    views = house.ws.views(MEMBER)
    return views[-1] if views and any(block["type"] == "input" for block in views[-1]["blocks"]) else None


def _about(house, thread, words, *, starts=False):
    """The newest message of a thread, if it says so."""
    newest = house.ws.from_bot("#cloud-costs", thread)[-1]
    return newest if (newest["text"].startswith(words) if starts else words in newest["text"]) else None


def test_words_come_before_a_persons_own_currency(house):
    """Whoever set pounds and asks for euros, of costs or of what they will come to, is told euros; else pounds."""
    house.memory.put("preferences", f"{HOME_TEAM.id}:{MEMBER}", {"currency": "GBP"})
    try:
        assert asked(house, "this month in EUR")["text"].startswith("€")
        assert asked(house, "forecast in EUR")["text"].startswith("About €")
        assert asked(house, "this month")["text"].startswith("£")
        assert asked(house, "forecast")["text"].startswith("About £")
        house.ws.open_home(MEMBER)
        house.ws.wait_for(lambda: "About £" in str(house.ws.home(MEMBER)))
        table = next(block for block in house.ws.home(MEMBER)["blocks"] if block["type"] == "data_table")
        assert not [cell for row in table["rows"] for cell in row if "$" in cell["text"]]
    finally:
        house.memory.forget("preferences", f"{HOME_TEAM.id}:{MEMBER}")


def test_windows_keep_the_currency(house):
    """A question changed in its window is still in euros."""
    message = asked(house, "this month in EUR")
    pressed(house, message, "Change…")
    modal = house.ws.wait_for(lambda: _with_fields(house))
    before = len(house.ws.from_bot("#cloud-costs", None, MEMBER))
    house.ws.submit(MEMBER, modal["id"], {"grain": "week"})
    assert house.answer("#cloud-costs", MEMBER, count=before + 1)["text"].startswith("€")


def test_a_price_of_so_much_keeps_its_quantity_when_it_is_changed(house):
    """The quantity has no field in the window; it stays, where a price is still what is asked for."""
    house.asker.ask("price of gpt-4.1")  # loads the price list, which takes a second
    message = asked(house, "what would 10M tokens of gpt-4.1 cost")
    assert "10,000,000 tokens of gpt-4.1: input $20.00" in message["text"]
    pressed(house, message, "Change…")
    modal = house.ws.wait_for(lambda: _with_fields(house))
    before = len(house.ws.from_bot("#cloud-costs", None, MEMBER))
    house.ws.submit(MEMBER, modal["id"], {})
    again = house.answer("#cloud-costs", MEMBER, count=before + 1)
    assert "10,000,000 tokens of gpt-4.1: input $20.00" in again["text"]


class Counting(AnswerService):
    """The real service, which remembers what it was asked to answer."""

    def answer(self, question, **more):
        """Answers, and notes the question."""
        self.answered = [*getattr(self, "answered", []), question]
        return super().answer(question, **more)


def test_a_question_is_answered_once_for_one_reply(ledger):
    """Filters and a currency that a person has set are part of the question before it is answered."""
    service = Counting(ledger, clock=lambda: NOW, defaults=Defaults(zone=ZoneInfo("UTC")))
    kept = {"currency": "EUR", "where": [{"dimension": "SubAccountName", "values": ["production"]}]}
    ledger.memory.put("preferences", f"{HOME_TEAM.id}:{MEMBER}", kept)
    try:
        with running(service, ledger.memory) as run:
            assert asked(run, "last month")["text"].startswith("€")
    finally:
        ledger.memory.forget("preferences", f"{HOME_TEAM.id}:{MEMBER}")
    (question,) = service.answered
    assert (question.currency, question.where[0].values) == ("EUR", ("production",))
