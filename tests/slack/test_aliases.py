"""A workspace's own words: taught by an admin, read at once everywhere, and what calls for them."""

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
from bot.domain.scope import Scope
from bot.ledger import Ledger
from simulators.slack import ADMIN, GUEST, MEMBER
from simulators.slack.model import HOME_TEAM

FEED = Feed(source="aws", name="all", grain=frozenset({*DIMENSIONS, "Tags/*"}))
DAYS = Period(start=date(2026, 10, 1), end=date(2026, 11, 22))
COSTS = "#cloud-costs"


def asker(ledger):
    """Who answers from a ledger."""
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=ZoneInfo("UTC")))


@pytest.fixture
def ledger(tmp_path):
    """Two services in two accounts, each of them some dollars a day."""
    ledger = Ledger(tmp_path / "ledger.db")
    charges = [
        Charge(
            day=day,
            billed_cost=Decimal(cost),
            billing_currency="USD",
            service_provider_name="AWS",
            service_name=service,
            sub_account_id=account,
            sub_account_name=account,
        )
        for day in DAYS
        for service, account, cost in (
            ("Amazon S3", "production", "10"),
            ("Amazon Redshift", "production", "300"),
            ("Amazon S3", "data", "7"),
        )
    ]
    ledger.replace(FEED, DAYS, charges, synced=NOW)
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=DAYS.last, final_through=date(2026, 10, 31)))
    yield ledger
    ledger.close()


@pytest.fixture
def house(ledger):
    """The app at work on that ledger."""
    with running(asker(ledger), ledger.memory) as run:
        run.slack.context.delivery._sleep = lambda _: None
        yield run


def asked(house, text, user=MEMBER):
    """The answer to a slash command: its text, and all of it as JSON."""
    channel = "#site-refresh" if user == GUEST else COSTS
    before = len(house.ws.from_bot(channel, None, user))
    house.ws.slash(user, channel, "/spend", text)
    message = house.answer(channel, user, count=before + 1)
    return message["text"], json.dumps(message, ensure_ascii=False)


def test_an_admin_teaches_and_everybody_is_understood(house):
    """Before, the phrase is unknown; after, it is its account, which the reading says; undone, it is unknown again."""
    assert "I don't know any" in asked(house, "blue thing october")[0]
    message, _ = asked(house, 'alias "blue thing" = production', ADMIN)
    assert message.startswith("“blue thing” now means account production.")
    text, everything = asked(house, "blue thing october")
    assert "$9,610" in text
    assert "“blue thing” = production" in everything
    assert "“blue thing”: account production" in asked(house, "alias")[0]
    assert "again" not in asked(house, "alias undo", ADMIN)[0]
    assert "I don't know any" in asked(house, "blue thing october")[0]
    assert asked(house, "alias")[0].startswith("There are no aliases yet.")


def test_several_filters_by_one_phrase(house):
    """An expression of a service in an account is exactly their charges."""
    asked(house, "alias tapes = s3 in production", ADMIN)
    assert "$310" in asked(house, "tapes october")[0]


def test_what_is_taught_holds_in_other_replicas_at_once(house, ledger):
    """A second process on the same ledger reads the phrase by its next question, and forgets it as soon."""
    elsewhere = Ledger(ledger.name)
    replica, scope = asker(elsewhere), Scope(team=HOME_TEAM.id)
    words = "red barn in october"
    before = replica.vocabulary(scope)
    assert before.taught == {}
    asked(house, "alias red barn = data", ADMIN)
    assert replica.ask(words, scope=scope).answer.totals[0].amount == Decimal(217)
    asked(house, "alias remove red barn", ADMIN)
    assert replica.vocabulary(scope).taught == {}
    elsewhere.close()


@pytest.mark.parametrize("words", ['alias "blue thing" = production', "alias remove blue thing", "alias undo"])
@pytest.mark.parametrize("user", [MEMBER, GUEST])
def test_only_admins_change_aliases(house, ledger, words, user):
    """Members and guests are refused, and nothing changes."""
    asked(house, 'alias "blue thing" = data', ADMIN)
    version = ledger.aliases_version()
    text, _ = asked(house, words, user)
    assert "Only" in text
    assert ledger.aliases_version() == version


def test_guests_see_no_aliases(house):
    """Their names are names of the bill."""
    asked(house, 'alias "blue thing" = data', ADMIN)
    assert "blue thing" not in asked(house, "alias", GUEST)[0]


def test_who_may_not_see_an_account_is_not_told_its_alias(house):
    """A rule that hides the account hides the alias from list and language."""
    asked(house, 'alias "blue thing" = data', ADMIN)
    house.ws.slash(ADMIN, COSTS, "/spend", "access new")
    modal = house.ws.wait_for(lambda: house.ws.views(ADMIN))[-1]
    offered = house.ws.suggest(ADMIN, modal["id"], "only", "production")
    house.ws.submit(ADMIN, modal["id"], {"subject": "user", "user": MEMBER, "only": [offered[0]["value"]]})
    assert "blue thing" not in asked(house, "alias")[0]
    assert "I don't know any" in asked(house, "blue thing october")[0]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("alias last month = production", "would hide it"),
        ("alias s3 = production", "know already"),
        ("alias blue thing = florp", "nothing that I know"),
        ("alias blue thing = production by day", "more than names"),
        ("alias remove green thing", "There is no alias"),
        ("alias undo", "could be undone"),
        ("alias blue thing", "equals sign"),
    ],
)
def test_what_cannot_be_taught_is_said(house, ledger, words, why):
    """Hidden words, unknown names and half sentences are refused with the reason, and nothing changes."""
    assert why in asked(house, words, ADMIN)[1]
    assert ledger.aliases.all(HOME_TEAM.id) == []


def test_changes_are_in_the_audit_log(house):
    """Who taught what, and when; listing is no change."""
    asked(house, 'alias "blue thing" = production', ADMIN)
    asked(house, "alias")
    asked(house, "alias remove blue thing", ADMIN)
    log = [entry for entry in house.slack.context.audit.entries(HOME_TEAM.id) if entry["act"] == "changed aliases"]
    assert sorted((entry["user"], entry["question"]) for entry in log) == [
        (ADMIN, 'alias "blue thing" = production'),
        (ADMIN, "alias remove blue thing"),
    ]


def test_what_is_not_understood_is_kept_without_amounts(house, ledger):
    """The words that were refused, who said them and the unknown word: no amount, no figure."""
    asked(house, "florp over $5,000 in october")
    asked(house, "florp over $6,000 in october")
    (kept,) = ledger.corrections.all(since=NOW - timedelta(days=1))
    assert (kept.kind, kept.person, kept.team, kept.times) == ("refused", MEMBER, HOME_TEAM.id, 2)
    assert kept.words == "florp over [amount] in october"
    assert kept.unread == ("florp",)


def test_a_report_keeps_the_words_that_were_asked(house, ledger):
    """A report of a wrong number keeps words, reading and question for the language, beside the admins' report."""
    asked(house, "production in october by service")
    message = house.ws.from_bot(COSTS, None, MEMBER)[-1]
    menus = [element for block in message["blocks"] if block["type"] == "actions" for element in block["elements"]]
    menu = next(item for item in menus if item["action_id"] == "more")
    value = next(option["value"] for option in menu["options"] if option["value"].startswith("wrong"))
    house.ws.click(MEMBER, message["ts"], "more", value)
    modal = house.ws.wait_for(lambda: house.ws.views(MEMBER))[-1]
    house.ws.submit(MEMBER, modal["id"], {"note": "It should be $12."})
    (kept,) = house.ws.wait_for(lambda: ledger.corrections.all(since=NOW - timedelta(days=1)))
    assert (kept.kind, kept.words) == ("reported", "production in october by service")
    assert kept.question.by == ("ServiceName",)
    assert "production" in kept.reading
    assert "$" not in kept.reading


def test_candidates_name_the_word_and_what_would_teach_it(house):
    """What was refused becomes an alias line and a test case; once taught, the case is the question."""
    asked(house, "prodution2 spend october")
    asked(house, "prodution2 spend october", ADMIN)
    (found,) = house.asker.candidates(HOME_TEAM.id)
    assert (found.times, found.unread) == (2, ("prodution2",))
    assert found.aliases == ['alias "prodution2" = production']
    assert found.case["accept"] == [{"error": "NotUnderstood", "unknown": ["prodution2"]}]
    asked(house, found.aliases[0], ADMIN)
    (found,) = house.asker.candidates(HOME_TEAM.id)
    assert found.aliases == []
    assert found.case["accept"][0]["where"][0]["values"] == ["production"]


def test_a_workspace_that_leaves_takes_its_words_along(house, ledger):
    """Uninstalling deletes the aliases and the sentences."""
    asked(house, 'alias "blue thing" = production', ADMIN)
    asked(house, "florp in october")
    for forget in house.slack.context.on_uninstall:
        forget(HOME_TEAM.id)
    assert ledger.aliases.all(HOME_TEAM.id) == []
    assert ledger.corrections.all(since=NOW - timedelta(days=1)) == []
