"""Digests in the currency that answers are given in: one currency in all of a message, restatements as billed."""

import json
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from bills import NOW, fill, tell

from bot.answering.service import Asker, Habits
from bot.digests.builder import DigestContext, compose
from bot.digests.model import Asked
from bot.digests.period import times
from bot.digests.service import Digest
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING
from bot.render.slack import digest_message

MONTH = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))


def context(ledger, currency=None):
    """Who composes on Monday, and answers in a currency."""
    asker = Asker(ledger, clock=lambda: NOW, habits=Habits(zone=ZoneInfo("UTC"), currency=currency))
    return DigestContext(asker, EVERYTHING, times("day", NOW.date()))


def drawn(edition):
    """All that is posted."""
    return json.dumps([[each.text, each.blocks] for each in digest_message.draw(edition)], ensure_ascii=False)


def test_an_overview_is_in_one_currency(ledger):
    """Headline, facts, movers, chart and tables are all in euros where answers are; dollars are named as billed."""
    fill(ledger)
    edition = compose(Digest(name="daily", channel="C0COSTS"), "2026-11-23", context(ledger, "EUR"))
    told = [
        edition.headline,
        *(text for _, text in edition.facts),
        *(text for _, lines in edition.lists for text in lines),
    ]
    assert edition.headline.startswith("€")
    assert not [each for each in told if "$" in each.replace("as billed", "")]
    assert "Amazon S3 +€6.27 (+6.1%): production 100% of it" in dict(edition.lists)["What moved"]
    assert "Converted to EUR at each day's rate" in drawn(edition)


def test_what_was_posted_is_restated_as_billed(ledger):
    """What the next digest compares with is the bill: a new rate for an old day is no restatement."""
    fill(ledger)
    first = compose(Digest(name="daily", channel="C0COSTS"), "2026-11-23", context(ledger, "EUR"))
    assert set(first.said["totals"]) == {"USD"}
    again = compose(Digest(name="daily", channel="C0COSTS"), "2026-11-23", context(ledger, "GBP"), before=first.said)
    assert not [each for each in again.notes if "when posted" in each]
    tell(ledger, "openai", (NOW - DAY).date(), factor=2)
    later = compose(Digest(name="daily", channel="C0COSTS"), "2026-11-23", context(ledger, "EUR"), before=first.said)
    assert [each for each in later.notes if "when posted" in each and "$" in each]


def test_a_scheduled_question_keeps_its_currency(ledger):
    """What was asked in euros is posted in euros, and kept so."""
    fill(ledger)
    asked = Asked(question=Question(period=MONTH, by=("ServiceName",)), on=NOW.date(), currency="EUR")
    digest = Digest(name="euros", channel="C0COSTS", overview=False, questions=(asked,))
    kept = Digest.model_validate_json(digest.model_dump_json())
    edition = compose(kept, "2026-11-23", context(ledger))
    assert edition.headline.startswith("€")
    assert digest_message.draw(edition)[0].blocks[1]["elements"][0]["elements"][0]["text"].startswith("€")
    (detail,) = [each for each in [edition.lead] if each]
    assert detail.answer.totals[0].converted.amount < Decimal(detail.answer.totals[0].amount)
