"""A small company's bill in a real ledger, and digests over it posted to a simulated workspace."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.answering.service import AnswerService, Defaults
from bot.coordination.exactly_once import Pace
from bot.digests.service import Digests, declared
from bot.domain.charge import Charge
from bot.domain.feed import ANY_TAG, Feed, Freshness
from bot.domain.period import DAY, Period
from bot.domain.question import DIMENSIONS
from bot.slack.app import build, client
from bot.slack.context import SlackSettings
from bot.slack.delivery import Delivery
from bot.slack.posting.publishers import DigestPublisher
from simulators.slack import BOT_TOKEN

NOW = datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC)
"""A Monday, half a minute after nine."""
FIRST = date(2026, 7, 1)
GRAIN = frozenset({*DIMENSIONS, ANY_TAG})
BILL = {
    "aws": ("AWS", {("Amazon S3", "production"): Decimal(100), ("Amazon EC2", "production"): Decimal(300)}),
    "openai": ("OpenAI", {("OpenAI API", "research"): Decimal("50.25")}),
}
"""What each source's services cost a day, by account; a day's number of the month is added to the first."""


def feed(source):
    return Feed(source=source, name="fine", grain=GRAIN)


def amount(source, key, day):
    base = BILL[source][1][key]
    return base + day.day if key == next(iter(BILL[source][1])) else base


def charges(source, days, factor=1):
    provider, parts = BILL[source]
    return [
        Charge(
            day=day,
            billed_cost=amount(source, key, day) * factor,
            billing_currency="USD",
            service_provider_name=provider,
            service_name=key[0],
            sub_account_name=key[1],
            tags={"team": "core"} if key[1] == "production" else {},
        )
        for day in days
        for key in parts
    ]


def until(through):
    """All days up to and with ``through``."""
    return Period(start=FIRST, end=through + DAY)


def tell(ledger, source, days, now=NOW, *, factor=1):
    """The source tells its bill of the days."""
    ledger.replace(feed(source), days, charges(source, days, factor), synced=now)
    final = days.last.replace(day=1) - DAY
    ledger.fresh(Freshness(source=source, synced=now, data_through=days.last, final_through=final))


def fill(ledger, now=NOW, through=None):
    """Every source has told all up to yesterday."""
    for source in BILL:
        tell(ledger, source, until(through or (now - DAY).date()), now)


def asker(ledger, clock):
    return AnswerService(ledger, clock=clock, defaults=Defaults(zone=ZoneInfo("UTC")))


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        """The present."""
        return self.now

    def to(self, *args):
        """To an instant (UTC)."""
        self.now = datetime(*args, tzinfo=UTC)

    def on(self, **span):
        """By a span of time."""
        self.now += timedelta(**span)


def daily(**more):
    """The digests of a file with one in it."""
    return declared({"digest": [{"name": "daily", "channel": "#cloud-costs", "at": "09:00", **more}]})


def office(ledger, ws, clock, file=(), **settings):
    """The app, and the digests it posts; as one replica has them."""
    answers = asker(ledger, clock)
    slack = build(
        client(BOT_TOKEN, ws.api_url),
        answers,
        ledger.memory,
        settings=SlackSettings(now=clock, **settings),
        signing_secret="not used",
        verify_token=False,
    )
    slack.context.delivery = Delivery(ledger.memory, sleep=lambda _seconds: None)
    publisher = DigestPublisher(slack.context, lambda _team: client(BOT_TOKEN, ws.api_url))
    digests = Digests(
        answers, ledger.memory, clock=clock, zone=ZoneInfo("UTC"), file=file, publisher=publisher, pace=Pace(1, 0.1)
    )
    return slack, digests
