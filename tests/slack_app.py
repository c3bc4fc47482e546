"""The real app in the simulated workspace, asking a small bookkeeper of its own."""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from msgspec import Struct
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot import render
from bot.domain.answers import (
    Answer,
    BudgetsAnswer,
    CostAnswer,
    ForecastAnswer,
    HelpAnswer,
    Line,
    Point,
    Total,
    Value,
    ValuesAnswer,
)
from bot.domain.errors import NotUnderstood
from bot.domain.feed import Freshness
from bot.domain.period import Period
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING
from bot.slack.app import build, client
from bot.slack.context import SlackSettings
from simulators.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Workspace

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
THIS_MONTH = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
BILL = {
    ("aws", "AWS", "Amazon S3", "production"): Decimal("815.86"),
    ("aws", "AWS", "Amazon Redshift", "data"): Decimal("1087.19"),
    ("openai", "OpenAI", "OpenAI API", "research"): Decimal("412.5"),
}
"""What each source's services cost a day, by account."""


class Told(Struct, frozen=True):
    """A reply."""

    question: Question
    read_as: str
    answer: Answer
    alternatives: tuple = ()
    notes: tuple = ()
    reading: object = None


class Other(Struct, frozen=True):
    """Another reading."""

    label: str
    question: Question


DIMENSIONS = ("ServiceProviderName", "ServiceName", "SubAccountName")


class Kept:
    """The sentences that were not understood, and who said them."""

    def __init__(self):
        self.words = []

    def refused(self, text, _refusal, *, team, person):
        """Keeps it."""
        self.words.append((team, person, text))

    def reported(self, text, *_asked, team, person):
        """Keeps it."""
        self.words.append((team, person, text))

    def forget(self, team):
        """Lets go of those of a workspace."""
        self.words = [word for word in self.words if word[0] != team]


class Bookkeeper:
    """Answers a handful of texts and any cost question over ``BILL``, within the scope; a tiny real asker."""

    def __init__(self):
        self.slow = 0.0
        self.broken = None
        self.scopes = []
        self.sentences = self.teaching = Kept()

    def ask(self, text, *, today=None, previous=None, scope=EVERYTHING, complete=lambda question: question, **_):
        """Reads a few texts."""
        time.sleep(self.slow)
        if self.broken:
            raise self.broken
        words = text.lower().strip(" ?")
        base = previous or Question(period=THIS_MONTH)
        if words.startswith("and "):
            words = words.removeprefix("and ")
        else:
            base = Question(period=THIS_MONTH)
        readings = {
            "this month": {},
            "spend": {},
            "by service": {"by": ("ServiceName",)},
            "by account": {"by": ("SubAccountName",)},
            "by day": {"grain": "day"},
            "help": {"kind": "help", "period": None},
            "yesterday": {"period": Period(start=today - timedelta(1), end=today)} if today else {},
        }
        if words not in readings:
            raise NotUnderstood(
                f"I know no service, account, tag or model like '{text}'.",
                "Closest: Amazon S3.",
                unknown=(text,),
                suggestions=("by service",),
            )
        return self.answer(complete(base.model_copy(update=readings[words])), scope=scope, today=today)

    def console_links(self, _result, **_):
        """None: no vendor has a page for these."""
        return ()

    def answer(self, question, *, scope=EVERYTHING, **_):
        """Adds up the bill."""
        self.scopes.append(scope)
        if question.by == ("Tags",):
            return Told(question, "tags", ValuesAnswer(values=(Value("team"),)))
        rows = [(key, amount) for key, amount in BILL.items() if self._seen(key, question, scope)]
        days = question.period.days if question.period else 1
        total = sum((amount for _, amount in rows), Decimal(0))
        ratio = Decimal(question.against.days if question.against else 0)
        names = [DIMENSIONS.index(item) + 1 for item in question.by]
        lines = [
            Line(
                key={name: key[at] for name, at in zip(question.by, names, strict=True)},
                currency="USD",
                amount=amount * days,
                against=amount * ratio if question.against else None,
            )
            for key, amount in rows
            if names
        ]
        series = [
            Point(start=day, key={}, currency="USD", amount=total) for day in (question.period or []) if question.grain
        ]
        answer = CostAnswer(
            totals=(
                Total(
                    currency="USD",
                    amount=total * days,
                    against=total * ratio if question.against else None,
                ),
            ),
            lines=tuple(lines),
            series=tuple(series),
            as_of=tuple(
                Freshness(source=item, synced=NOW, data_through=date(2026, 11, 21))
                for item in sorted({key[0] for key, _ in rows})
            ),
        )
        read_as = render.period(question.period) if question.period else question.kind
        if question.kind != "cost":
            kinds = {"help": HelpAnswer, "forecast": ForecastAnswer, "budgets": BudgetsAnswer}
            answer = kinds[question.kind]() if question.kind in kinds else answer
        return Told(question, read_as, answer)

    @staticmethod
    def _seen(key, question, scope):
        if not scope.sees(key[0]):
            return False
        for item in (*question.where, *scope.where):
            found = key[DIMENSIONS.index(item.dimension) + 1] in item.values
            if found == item.exclude:
                return False
        return True

    def sees_all(self, about, scope):
        """By what the two scopes say."""
        return scope.covers(about)

    def closest(self, dimension, prefix, *, scope=EVERYTHING):
        """Values with the letters in them."""
        if dimension not in DIMENSIONS:
            return []
        at = DIMENSIONS.index(dimension) + 1
        found = {key[at] for key in BILL if self._seen(key, Question(), scope)}
        return sorted(item for item in found if prefix.lower() in item.lower())


@dataclass
class Running:
    """The app at work in the workspace."""

    ws: Workspace
    slack: object
    asker: object
    memory: object

    def answer(self, channel, user=None, thread=None, count=1):
        """The bot's newest message there, once there are so many and none only says that work is under way."""
        return self.ws.wait_for(lambda: (seen := self._answers(channel, thread, user))[count - 1 :] and seen)[-1]

    def _answers(self, channel, thread, user):
        messages = self.ws.from_bot(channel, thread, user)
        return [] if any(message["text"] == "Reading the ledger…" for message in messages) else messages


@contextmanager
def over_socket(slack, ws):
    """Reached by Socket Mode."""
    web = WebClient(APP_TOKEN, base_url=ws.api_url)
    handler = SocketModeHandler(slack.app, APP_TOKEN, web_client=web, ping_interval=1)
    handler.connect()
    try:
        ws.wait_connected()
        yield
    finally:
        handler.close()


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        """Tests need no access log."""


@contextmanager
def over_http(slack, ws):
    """Reached by signed requests to /slack/events."""
    server = make_server("127.0.0.1", 0, SlackRequestHandler(slack.app), _Threads, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    ws.connect_http(f"http://127.0.0.1:{server.server_port}/slack/events")
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running(asker, memory, reached=over_http, **settings):
    """The app at work in a workspace of its own."""
    commands = {settings["command"]: ("Ask what you spend", "")} if "command" in settings else None
    with Workspace(now=lambda: NOW.timestamp() + time.monotonic() % 1000, commands=commands) as ws:
        slack = build(
            client(BOT_TOKEN, ws.api_url),
            asker,
            memory,
            settings=SlackSettings(now=lambda: NOW, **settings),
            signing_secret=SIGNING_SECRET,
        )
        with reached(slack, ws):
            yield Running(ws, slack, asker, memory)
        slack.close()
