"""Alerts and digests mention whoever owns what they are about."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.alerts.model import Case, Finding
from bot.answering.service import AnswerResult
from bot.blockkit.build import mention, slack_mention
from bot.digests.content import Detail, DigestContent
from bot.digests.model import Digest
from bot.digests.period import times
from bot.domain.answers import AnomaliesAnswer, Anomaly
from bot.domain.owners import Owners
from bot.domain.period import Period
from bot.domain.question import Question
from bot.render.slack import alert_message, digest_message

DAYS = Period(start=date(2026, 11, 20), end=date(2026, 11, 22))
KEY = {"ServiceName": "Amazon S3", "SubAccountName": "production"}


def owners_shown(owner, *, own=""):
    """The owners on the card of an anomaly in production."""
    finding = Finding(
        watched="anomalies", subjects=("s",), key=KEY, currency="USD", start=DAYS.start, end=DAYS.end, owner=own
    )
    case = Case(id="c", rule="r", channel="C0COSTS", finding=finding, opened=datetime(2026, 11, 22, tzinfo=UTC))
    owners = Owners({"SubAccountName": {"production": owner}}).of(KEY)
    card = alert_message.card(case, "key", ZoneInfo("UTC"), owners=owners)
    fields = [field for block in card.blocks if block["type"] == "section" for field in block["fields"]]
    return [field["text"].partition("\n")[2] for field in fields if "Owner" in field["text"]]


@pytest.mark.parametrize(
    ("owner", "shown"),
    [
        ("U0AMARA", "<@U0AMARA>"),
        ("S0DATATEAM", "<!subteam^S0DATATEAM>"),
        ("C0COSTS", "<#C0COSTS>"),
        ("Sam", "Sam"),
        ("<!channel>", "<!channel>"),
    ],
)
def test_a_card_names_the_owner(owner, shown):
    """People, groups and channels by id are mentioned; any other text stands as it is, and mentions nobody."""
    assert owners_shown(owner) == [shown]
    assert slack_mention(owner) == (shown if owner[1:2] == "0" else "")
    assert (mention(owner)["type"] == "text") == (owner[1:2] != "0")


def test_an_owner_is_named_once():
    """The owner that a budget names and the file's are both there, and one that is both is there once."""
    assert owners_shown("U0AMARA", own="U0AMARA") == ["<@U0AMARA>"]
    assert owners_shown("U0AMARA", own="U0OTHER") == ["<@U0OTHER>", "<@U0AMARA>"]


def test_a_digest_mentions_the_owners_of_what_is_unusual():
    """Each with what they own, in the message itself; without owners nothing is added."""
    found = Anomaly(
        KEY, "USD", "spike", DAYS, DAYS.start, ongoing=True, provisional=False, amount=Decimal(9), expected=Decimal(1)
    )
    result = AnswerResult(Question(kind="anomalies", period=DAYS), "anomalies", AnomaliesAnswer(anomalies=(found,)))
    total = AnswerResult(Question(kind="anomalies", period=DAYS), "anomalies", AnomaliesAnswer())
    digest = Digest(name="daily", channel="C0COSTS", cron="0 9 * * *")
    details = (Detail("total", total), Detail("anything unusual?", result))
    content = DigestContent(digest, "2026-11-21", times("day", DAYS.end), details)
    owned = digest_message.draw(content, Owners({"SubAccountName": {"production": "U0AMARA"}}))[0].blocks
    [line] = [block for block in owned if "U0AMARA" in str(block)]
    shown = [part.get("text") or part.get("user_id") for part in line["elements"][0]["elements"]]
    assert shown == ["Owners: ", "U0AMARA", " (Amazon S3 in production)"]
    assert [block for block in owned if block != line] == digest_message.draw(content)[0].blocks
