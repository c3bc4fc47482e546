import json
import re
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from bad_words import BAD, NOTHING
from slack_app import NOW, running

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import Feed, Freshness
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS
from bot.ledger import Ledger
from simulators.slack import MEMBER

FEED = Feed(source="aws", name="all", grain=frozenset(DIMENSIONS))
DAYS = Period(start=date(2026, 9, 1), end=date(2026, 11, 22))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The app at work on a ledger of one service."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.db")
    known = {"billing_currency": "USD", "service_provider_name": "AWS", "service_name": "Amazon S3"}
    ledger.replace(FEED, DAYS, [Charge(day=day, billed_cost=Decimal("1.1"), **known) for day in DAYS], synced=NOW)
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=DAYS.last, final_through=date(2026, 10, 31)))
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=ZoneInfo("UTC")))
    with running(asker, ledger.memory) as run:
        run.slack.context.delivery._sleep = lambda _: None
        run.ledger = ledger
        yield run
    ledger.close()


def asked(house, text):
    before = len(house.ws.from_bot("#cloud-costs", None, MEMBER))
    assert house.ws.slash(MEMBER, "#cloud-costs", "/spend", text).acked
    return house.answer("#cloud-costs", MEMBER, count=before + 1)


@pytest.mark.parametrize("name", BAD)
def test_bad_words_get_one_clear_sentence_in_slack(house, name):
    """The sentence of the terminal, in blocks that Slack takes, pinging nobody; no charge is touched."""
    text, pattern = BAD[name]
    generation = house.ledger.generation()
    message = asked(house, text)

    assert re.search(pattern, message["text"])
    assert message["blocks"]
    assert "<!channel>" not in json.dumps(message)
    assert house.ledger.generation() == generation


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_leads_to_the_help_in_slack(house, text):
    """The bare command shows what can be asked."""
    assert asked(house, text)["text"].startswith("Ask in your own words")
