"""Digests in the currency that answers are given in: one currency in all of a message, restatements as billed."""

import json
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from bills import NOW, fill, tell, until
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.digests.builder import DigestContext, build
from bot.digests.model import Asked
from bot.digests.period import times
from bot.digests.service import Digest
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING
from bot.render.digest import words
from bot.render.slack import digest_message

MONTH = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))


def context(ledger, currency=None):
    """Who composes on Monday, and answers in a currency."""
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=ZoneInfo("UTC"), currency=currency))
    return DigestContext(asker, EVERYTHING, times("day", NOW.date()))


def drawn(edition):
    """All that is posted."""
    return json.dumps([[item.text, item.blocks] for item in digest_message.draw(edition)], ensure_ascii=False)


def test_an_overview_is_in_one_currency(ledger):
    """Headline, facts, movers, chart and tables are all in euros where answers are; dollars are named as billed."""
    fill(ledger)
    edition = build(Digest(name="daily", channel="C0COSTS"), "2026-11-23", context(ledger, "EUR"))
    message = words(edition)
    result = [
        message.headline,
        *(text for _, text in message.facts),
        *(text for _, lines in message.lists for text in lines),
    ]
    assert message.headline.startswith("€")
    assert not [item for item in result if "$" in item.replace("as billed", "")]
    assert "Amazon S3 +€6.27 (+6.1%): production 100% of it" in dict(message.lists)["What changed"]
    assert "Converted to EUR at daily rates" in drawn(edition)


def test_what_was_posted_is_restated_as_billed(ledger):
    """What the next digest compares with is the bill: a new rate for an old day is no restatement."""
    fill(ledger)
    first = build(Digest(name="daily", channel="C0COSTS"), "2026-11-23", context(ledger, "EUR"))
    assert set(first.posted_totals["totals"]) == {"USD"}
    again = build(
        Digest(name="daily", channel="C0COSTS"), "2026-11-23", context(ledger, "GBP"), before=first.posted_totals
    )
    assert not [note for note in words(again).notes if "when posted" in note]
    tell(ledger, "openai", until((NOW - DAY).date()), factor=2)
    later = build(
        Digest(name="daily", channel="C0COSTS"), "2026-11-23", context(ledger, "EUR"), before=first.posted_totals
    )
    assert [note for note in words(later).notes if "when posted" in note and "$" in note]


def test_a_scheduled_question_keeps_its_currency(ledger):
    """What was asked in euros is posted in euros, and kept so."""
    fill(ledger)
    asked = Asked(question=Question(period=MONTH, by=("ServiceName",), currency="EUR"), on=NOW.date())
    digest = Digest(name="euros", channel="C0COSTS", overview=False, questions=(asked,))
    kept = Digest.model_validate_json(digest.model_dump_json())
    edition = build(kept, "2026-11-23", context(ledger))
    assert words(edition).headline.startswith("€")
    assert digest_message.draw(edition)[0].blocks[1]["elements"][0]["elements"][0]["text"].startswith("€")
    (detail,) = [item for item in [edition.lead] if item]
    assert seen(detail).totals[0].converted.amount < Decimal(seen(detail).totals[0].amount)
