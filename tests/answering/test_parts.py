"""Who sees a part of the bill is told the same, whatever the rest of it is."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from seen import seen, text

from bot.analytics.budget import Budget
from bot.analytics.credits import DeclaredCredit
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import CostError
from bot.domain.feed import ANY_TAG, Feed, Freshness
from bot.domain.money import Money
from bot.domain.period import DAY, Period
from bot.domain.question import DIMENSIONS, Filter, Question
from bot.domain.scope import Scope
from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = Period(start=date(2026, 8, 1), end=date(2026, 11, 23))
WATCHED = Period(start=date(2026, 10, 25), end=date(2026, 11, 22))
AWS, SECRET = (
    Feed(source=source, name="fine", grain=frozenset({*DIMENSIONS, ANY_TAG})) for source in ("aws", "secret")
)
ASKED = (
    *(
        "this month",
        "last month by service",
        "by account last month",
        "why did it go up last month",
        "yesterday in eur",
    ),
    *("forecast", "forecast by service", "anomalies", "what changed most last week", "top 5 services last week"),
    *("savings last month", "reconcile october", "does aws match the invoice", "budgets", "how fresh is the data"),
    *("list services", "list accounts", "last 30 days by day", "price of S1", "price of 10 hours of S1"),
    *("amortized last month", "before credits last month", "at list price last month", "last month by service in eur"),
    *("services over 100 eur last month", "share of S1 last month", "how much on secret last month"),
)
PARTS = (
    Scope(sources=("aws",), where=(Filter(dimension="SubAccountName", values=("web",)),)),
    Scope(sources=("aws",), where=(Filter(dimension="SubAccountName", values=("secret",), exclude=True),)),
    Scope(sources=("aws",), where=(Filter(dimension="ServiceName", values=("S1", "S2")),)),
)


def charges(day, account, services, amount, currency="USD"):
    """An account's day."""
    return [
        Charge(
            day=day,
            billed_cost=Decimal(amount) * (3 + (day.day * at) % 5) / 8,
            billing_currency=currency,
            service_provider_name="AWS",
            sub_account_name=account,
            service_name=service,
        )
        for at, service in enumerate(services, 1)
    ]


def told(ledger, rest):
    """Two accounts of a source, of which the second costs ``rest``; it is told in part first, all of it a day later."""
    known = [charge for day in DAYS for charge in charges(day, "web", ("S1", "S2"), 10)]
    hidden = [charge for day in DAYS for charge in charges(day, "secret", ("Secret",), rest)]
    ledger.replace(AWS, DAYS, [*known, *hidden],
                   synced=NOW - 60 * DAY)  # fmt: skip
    for day in WATCHED:
        for late, part in ((1, rest // 2), (2, rest)):
            both = [*charges(day, "web", ("S1", "S2"), 10), *charges(day, "secret", ("Secret",), part)]
            at = datetime.combine(day + late * DAY, time(8), UTC)
            if at <= NOW:
                ledger.replace(AWS, Period(start=day, end=day + DAY), both, synced=at)
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=WATCHED.last, final_through=date(2026, 11, 10)))


def secrets(ledger):
    """What a sync keeps beside the bill, all of it of the whole, and another source."""
    invoice = {"id": "SECRET-1", "amount": "777", "currency": "USD", "issued": None, "issuer": ""}
    ledger.memory.put("invoice", "aws/2026-10", {"at": NOW.isoformat(), "done": True, "invoices": [invoice]})
    limit = {"kind": "budget", "name": "SECRET", "source": "aws", "limit": "5", "currency": "USD", "every": "monthly"}
    ledger.memory.put("advice", "aws/budget/SECRET", {**limit, "at": NOW.isoformat()})
    disagreeing = {"day": "2026-11-03", "currency": "USD", "bill": "999", "feed": "888"}
    ledger.memory.put("warning", "aws/fine", {"days": [disagreeing]})
    other = [charge for day in DAYS for charge in charges(day, "secret", ("Secret",), 50, "CHF")]
    ledger.replace(SECRET, DAYS, other, synced=NOW)
    ledger.fresh(Freshness(source="secret", synced=NOW, data_through=DAYS.start, final_through=DAYS.start))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Two companies whose web account is the same: in one the rest is next to nothing, in the other it is a lot."""
    about = Filter(dimension="SubAccountName", values=("secret",))
    budget = Budget(name="SECRET", limit=Money(amount=Decimal(5), currency="USD"), question=Question(where=(about,)))
    grant = DeclaredCredit("aws", Money(amount=Decimal(9999), currency="USD"), date(2026, 1, 1), None, "SECRET")
    found = []
    for name, rest in (("small", 2), ("large", 4000)):
        ledger = Ledger(tmp_path_factory.mktemp(name) / "ledger.db")
        told(ledger, rest)
        if name == "large":
            secrets(ledger)
        defaults = Defaults(zone=UTC, budgets=lambda: (budget,), declared_credits=lambda: (grant,))
        found.append(AnswerService(ledger, clock=lambda: NOW, defaults=defaults))
    return found


def received(asker, words, scope):
    """All that somebody learns: the sentence, the reading and the whole answer, or the refusal."""
    try:
        reply = asker.ask(words, scope=scope)
    except CostError as error:
        return str(error)
    return text(reply), reply.read_as, seen(reply).model_dump_json(exclude={"requests"})


@pytest.mark.parametrize("scope", PARTS, ids=["one account", "all but one account", "some services"])
def test_what_the_rest_comes_to_changes_nothing_that_a_part_is_told(worlds, scope):
    """Neither amounts nor names, invoices, budgets, credits, restatements or doubts of the rest are in any answer."""
    for words in ASKED:
        small, large = (received(asker, words, scope) for asker in worlds)
        assert small == large, words
        assert "secret" not in str(large).casefold() or "secret" in words


def test_who_sees_it_all_is_told_of_the_rest(worlds):
    """The two companies do differ, and in all of what a part is not told."""
    for words in ("this month", "forecast", "reconcile october", "budgets"):
        small, large = (received(asker, words, Scope()) for asker in worlds)
        assert small != large, words
    assert "expected to grow" in received(worlds[0], "forecast", Scope())[2]
