"""Alerts over a book of findings that tests write themselves, posted to a simulated workspace."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import made

from bot.alerts.service import Alerts
from bot.analytics.budget import Budget, status
from bot.coordination.exactly_once import Pace
from bot.domain.answers import AnomaliesAnswer, Answer, BudgetsAnswer, CostAnswer, Forecast
from bot.domain.money import Money
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING
from bot.slack.app import build, client
from bot.slack.context import SlackSettings
from bot.slack.delivery import Delivery
from bot.slack.posting.publishers import AlertPublisher
from simulators.slack import BOT_TOKEN, MEMBER

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TEAM = "T0LUMEN"
BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Told:
    """A reply."""

    question: Question
    answer: Answer
    read_as: str = "what is unusual"
    text: str = "$100 in total."
    alternatives: tuple = ()


class FindingsBook:
    """Answers with the anomalies and budgets that stand in it, within the scope's sources and accounts."""

    def __init__(self):
        self.anomalies, self.budgets, self.asked = [], [], []

    def ask(self, _text, *, scope=EVERYTHING, **_):
        """Any words are about the month."""
        return self.answer(Question(), scope=scope)

    def answer(self, question, *, scope=EVERYTHING, **_):
        """What stands in the book."""
        self.asked.append(question)
        if question.kind == "anomalies":
            return Told(
                question, AnomaliesAnswer(anomalies=tuple(found(item) for item in self.anomalies if seen(item, scope)))
            )
        if question.kind == "budgets":
            return Told(question, BudgetsAnswer(budgets=tuple(self.budgets)))
        return Told(question, CostAnswer())

    def closest(self, dimension, prefix, **_):
        """Every account there is."""
        return [name for name in ("data", "prod") if prefix.lower() in name and dimension == "SubAccountName"]


def found(fields):
    """The anomaly of plain fields."""
    return made.anomaly(fields)


def seen(found, scope):
    return all(found["key"].get(item.dimension) in item.values for item in scope.where)


def anomaly(service="Amazon Bedrock", account="data", change="540", start=date(2026, 11, 20), **more):
    """An anomaly as answers tell it: from a Friday to yesterday, ongoing."""
    return {
        "key": {"ServiceName": service, "SubAccountName": account},
        "currency": "USD",
        "kind": "shift",
        "start": start.isoformat(),
        "end": "2026-11-23",
        "ongoing": True,
        "provisional": True,
        "amount": str(float(change) + 100),
        "expected": "100",
        "change": change,
        "per_month": str(float(change) * 30),
        "share": str(float(change) / 100),
        "also": [],
        **more,
    }


def budget(share="0.85", forecast=None, **more):
    """How a budget of $3,000 stands today, as answers tell it; ``forecast`` is what the month will come to."""
    kept = Budget(name="Chat App", limit=Money(amount=Decimal(3000), currency="USD"), question=Question(), **more)
    day, spent = NOW.date(), Decimal(share) * 3000
    whole = kept.period(day)
    ahead = None
    if forecast:
        total = Decimal(forecast)
        ahead = Forecast(
            currency="USD", period=whole, actual=spent, actual_through=day, rest=total - spent, total=total, low=total,
            high=total, level=Decimal("0.8"), correction=Decimal(0), history_days=90, backtests=9,
            days=((date(2026, 11, 26), total - spent),),
        )  # fmt: skip
    return status(kept, day, spent, forecast=ahead)


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        """The present."""
        return self.now

    def on(self, **span):
        """By a span of time."""
        self.now += timedelta(**span)


def replica(ledger, ws, clock, book):
    """The app, and the alerts it posts; as one replica has them."""
    slack = build(
        client(BOT_TOKEN, ws.api_url),
        book,
        ledger.memory,
        settings=SlackSettings(now=clock),
        signing_secret="not used",
        verify_token=False,
    )
    slack.context.delivery = Delivery(ledger.memory, sleep=lambda _seconds: None)
    publisher = AlertPublisher(slack.context, lambda _team: client(BOT_TOKEN, ws.api_url))
    return slack, Alerts(book, ledger.memory, clock=clock, publisher=publisher, pace=Pace(1, 0.05))


def rule(**more):
    """A rule as a member makes one."""
    given = {"name": "alerts", "channel": "C0COSTS", "team": TEAM, "owner": MEMBER, "timezone": "Europe/Berlin"}
    return {**given, **more}
