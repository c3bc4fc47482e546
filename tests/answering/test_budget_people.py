"""A budget that is passed names who spent most of it, beside what others spend."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.analytics.budget import Budget
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import Feed
from bot.domain.money import Money
from bot.domain.period import DAY, Period, month_of
from bot.domain.question import Question
from bot.render.answer_json import answer_json
from bot.render.sentences import contributors

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NOVEMBER = month_of(date(2026, 11, 1))
SPENT = {"Priya": "120.10", "Jonas": "30.20", "Maria": "20.05", "Lena": "10", "": "99"}


def standing(ledger, spent, limit="200"):
    """How a budget of everything stands, after one day on which each person spent this."""
    day = Period(start=NOVEMBER.start, end=NOVEMBER.start + DAY)
    feed = Feed(source="anthropic", name="fine", grain=frozenset({"ServiceProviderName", "ServiceName", "x_UserName"}))
    charges = [
        Charge(
            day=day.start,
            billed_cost=Decimal(amount),
            billing_currency="USD",
            service_provider_name="Anthropic",
            service_name="Claude API",
            x_user_name=name,
        )
        for name, amount in spent.items()
    ]
    ledger.replace(feed, day, charges, synced=NOW)
    budget = Budget(
        name="all",
        limit=Money(amount=Decimal(limit), currency="USD"),
        every="month",
        question=Question(period=NOVEMBER),
    )
    service = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, budgets=lambda: [budget]))
    return service.answer(Question(kind="budgets", period=NOVEMBER)).answer


def test_the_person_with_most_stands_beside_the_median_of_the_others(ledger):
    """To the last digit, in words and in JSON; what names nobody is no person."""
    answer = standing(ledger, SPENT)
    [status] = answer.budgets
    assert contributors(status).endswith("Most by one person: Priya $120.10, where the median of 3 others is $20.05")
    assert answer_json(answer)["budgets"][0]["person"] == {
        "name": "Priya",
        "amount": "120.1",
        "median_of_others": "20.05",
        "others": 3,
    }


@pytest.mark.parametrize(
    ("spent", "limit"),
    [({"Priya": "300", "Jonas": "10"}, "200"), ({"": "300"}, "200"), (SPENT, "20000")],
    ids=["two people", "nobody is named", "nothing is passed"],
)
def test_nobody_is_named_without_peers_or_cause(ledger, spent, limit):
    """Two people are no peers; and a budget that is well needs nobody."""
    answer = standing(ledger, spent, limit)
    assert answer.budgets[0].person is None
    assert "person" not in answer_json(answer)["budgets"][0]
