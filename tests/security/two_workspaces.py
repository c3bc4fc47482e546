"""Two workspaces with disjoint scopes in one bot, and somebody in one of them who tries everything there is to try."""

import json
import os
import re
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from cryptography.fernet import Fernet
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.oauth.installation_store import Installation

from bot.alerts.service import AlertRule
from bot.analytics.budget import Budget
from bot.app.container import Container
from bot.app.gateway import EVENTS, Gateway, MetricsAccess, SlackEndpoints
from bot.app.listener import EventListener
from bot.app.slack import SlackService
from bot.digests.service import Digest
from bot.domain.charge import Charge
from bot.domain.feed import ANY_TAG, Feed, Freshness
from bot.domain.money import Money
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS, Question
from simulators.slack import CLIENT_ID, CLIENT_SECRET, SIGNING_SECRET, Workspace
from simulators.slack.model import SCOPES, Channel, Install, Person, Team
from simulators.slack.store import walk

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAYS = Period(start=date(2026, 8, 1), end=date(2026, 11, 22))
FILES = ("budgets", "digests", "aliases", "sources", "units")
KEY = Fernet.generate_key().decode()


@dataclass(frozen=True)
class Company:
    """One workspace's people, bill and what is declared and made for it. Every name of it has its mark in it."""

    mark: str
    team: str
    daily: Decimal
    """What its first service costs a day."""
    evil: tuple = ()
    """Further services, with names that mean harm."""

    @property
    def source(self):
        """The source of its bill."""
        return f"{self.mark}source"

    @property
    def admin(self):
        """Its workspace's admin."""
        return f"U{self.mark.upper()}ADMIN"

    @property
    def member(self):
        """A member of its workspace."""
        return f"U{self.mark.upper()}MEMBER"

    @property
    def channel(self):
        """The channel that its people are in."""
        return f"C{self.mark.upper()}"

    def charges(self):
        """A bill of two services in two accounts, a jump last week, a credit."""
        for day in DAYS:
            for n, (service, account) in enumerate((("Compute", "prod"), ("Models", "lab"))):
                jump = 3 if n == 0 and day >= date(2026, 11, 15) else 1
                yield self._charge(day, self.daily * jump / (n + 1), service, account)
            for n, name in enumerate(self.evil):
                more = 4 if day >= date(2026, 11, 14 + n % 3) else 1
                yield self._charge(
                    day, self.daily * (3 + n) * more, "x", "prod", service_name=name, sub_account_name=name
                )
            if day.day == 1:
                yield self._charge(day, -self.daily, "Compute", "prod", charge_category="Credit")

    def _charge(self, day, cost, service, account, **more):
        names = {"service_name": f"{self.mark} {service}", "sub_account_name": f"{self.mark}-{account}"}
        return Charge(
            day=day,
            billed_cost=cost,
            billing_currency="USD",
            service_provider_name=f"{self.mark} Cloud",
            sub_account_id=f"{self.mark}{account}1",
            region_id=f"{self.mark}-north-1",
            resource_id=f"arn:{self.mark}:{service}",
            x_model=f"{self.mark}-large" if service == "Models" else "",
            consumed_quantity=Decimal(1000),
            consumed_unit="Tokens" if service == "Models" else "Hours",
            tags={f"{self.mark}team": f"{self.mark}core"},
            **(names | more),
        )

    def fill(self, ledger):
        """Its bill, and what is made in Slack for it."""
        feed = Feed(source=self.source, name="fine", grain=frozenset({*DIMENSIONS, ANY_TAG}))
        ledger.replace(feed, DAYS, self.charges(), synced=NOW)
        final = date(2026, 10, 31)
        ledger.fresh(Freshness(source=self.source, synced=NOW, data_through=DAYS.last, final_through=final))
        for n in range(3 + len(self.mark)):
            ledger.requests.add(self.source, "GetCostAndUsage", Decimal("0.11") * n, NOW)
        error = {"kind": "AccessDenied", "message": f"{self.mark} refuses the key.", "hint": f"Mend {self.mark}."}
        result = {"at": NOW.isoformat(), "status": "failed", "error": error, "warnings": [f"{self.mark} is slow"]}
        ledger.memory.put("sync", self.source, result)
        ledger.memory.put("plan", self.source, {"expected": f"{len(self.mark)}.5", "ceiling": "10"})
        mine = {"channel": self.channel, "team": self.team, "owner": self.admin}
        made = [
            ("budget", Budget(name=f"{self.mark}budget", limit=self.limit, question=Question(), team=self.team)),
            ("digest", Digest(name=f"{self.mark}digest", at="08:00", **mine)),
            ("alert_rule", AlertRule(name=f"{self.mark}alerts", **mine)),
        ]
        for kind, item in made:
            ledger.memory.put(kind, item.key, item.model_dump(mode="json"))
        result = {"at": NOW.isoformat(), "team": self.team, "user": self.admin, "question": f"{self.mark} by service"}
        ledger.memory.put("audit", f"2026-11-21T10:00:00.000000Z:{self.mark}", {**result, "act": "asked"})
        report = {
            **result,
            "note": f"{self.mark} is wrong",
            "read_as": f"{self.mark} last month",
            "text": f"{self.mark} $1",
        }
        ledger.memory.put("report", f"2026-11-21T10:00:00Z:{self.mark}", {**report, "question": {}, "answer": {}})

    @property
    def limit(self):
        """Of its budgets."""
        return Money(amount=self.daily * 40 + 1, currency="USD")

    def declared(self):
        """Its part of each file: budgets, digests, names, credits and what it may see."""
        budgets = f'[[budget]]\nname = "{self.mark}declared"\nlimit = "{self.limit.amount} USD"\n'
        budgets += f'question = "{self.mark} Cloud this month"\nteam = "{self.team}"\n'
        digests = (
            f'[[digest]]\nname = "{self.mark}morning"\nchannel = "{self.channel}"\nat = "08:30"\nteam = "{self.team}"\n'
        )
        aliases = f'"{self.mark}nickname" = "{self.mark} Compute"\n'
        credit = f'[[credit]]\nsource = "{self.source}"\nname = "{self.mark}grant"\namount = "25000 USD"\n'
        credit += "start = 2026-08-01\nexpires = 2027-02-28\n"
        credit += f'[[source]]\nprovider = "openai"\nname = "{self.mark}silent"\nadmin_key = "sk-admin-none"\n'
        workspace = f'[[workspace]]\nteam = "{self.team}"\nsources = ["{self.source}", "{self.mark}silent"]\n'
        units = f'[[unit]]\nname = "{self.mark}orders"\nteam = "{self.team}"\nquestion = "{self.mark} Cloud"\n'
        units += "days = { 2026-11-01 = 1180, 2026-11-02 = 1322 }\n"
        return budgets, digests, aliases, credit + workspace, units


RICH = Company("zephyr", "T0ZEPHYR", Decimal(7_131_117))
POOR = Company("quartz", "T0QUARTZ", Decimal("3.25"))


@dataclass
class World:
    """The bot at work for some companies."""

    ws: Workspace
    slack_service: SlackService
    house: Container
    said: dict = field(default_factory=dict)

    def quiet(self):
        """Returns once nothing is being answered."""
        executor, calm = self.slack_service.slack.app.listener_runner.listener_executor, 0
        while calm < 3:
            busy = executor._work_queue.qsize() or executor._idle_semaphore._value < len(executor._threads)
            calm = 0 if busy else calm + 1
            time.sleep(0.002)


@contextmanager
def world(folder, *companies):
    """The bot in HTTP mode, installed for each company; what is declared lies in the folder's files."""
    parts = list(zip(*(company.declared() for company in companies), strict=True))
    for name, part in zip(FILES, parts, strict=True):
        head = "[ServiceName]\n" if name == "aliases" else ""
        (folder / f"{name}.toml").write_text(head + "\n".join(part))
    with Workspace(now=lambda: NOW.timestamp() + time.monotonic() % 1000) as ws:
        ws.store.installs.clear()
        environment = {
            "LEDGER_URL": f"sqlite:///{folder}/ledger.db",
            "SLACK_API_URL": ws.api_url,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_CLIENT_ID": CLIENT_ID,
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "SPEND_ENCRYPTION_KEY": KEY,
            "SPEND_NOW": NOW.isoformat(),
            **{
                f"{name.upper()}_FILE": f"{folder}/{name}.toml" for name in ("budgets", "digests", "aliases", "sources")
            },
        }
        house = Container(lambda: environment)
        for company in companies:
            company.fill(house.ledger)
        slack_service = SlackService(house, house.answer_service)
        slack_service.slack.context.delivery._sleep = lambda _: None
        for company in companies:
            _found(ws, slack_service, company)
        with _listening(ws, slack_service):
            yield World(ws, slack_service, house)
        slack_service.slack.close()
        house.ledger.close()


def _found(ws, slack_service, company):
    """The workspace, its people and channel, and the app installed in it."""
    ws.store.teams[company.team] = Team(company.team, company.mark, company.mark)
    bot = Person(f"UBOT{company.mark.upper()}", company.team, "spend", "Spend", is_bot=True)
    for person in (
        Person(company.admin, company.team, f"{company.mark}admin", "Admin", is_admin=True),
        Person(company.member, company.team, f"{company.mark}member", "Member"),
        bot,
    ):
        ws.store.people[person.id] = person
    members = {company.admin, company.member, bot.id}
    ws.store.channels[company.channel] = Channel(company.channel, f"{company.mark}-costs", company.team, members)
    token, scopes = f"xoxb-{company.mark}-token", frozenset(SCOPES.split())
    ws.store.installs[token] = Install(company.team, bot.id, f"B{company.mark.upper()}", scopes)
    result = {"bot_id": f"B{company.mark.upper()}", "bot_user_id": bot.id, "user_id": company.admin}
    slack_service.slack.app.installation_store.save(Installation(team_id=company.team, bot_token=token, **result))


@contextmanager
def _listening(ws, slack_service):
    slack = SlackEndpoints(SlackRequestHandler(slack_service.slack.app, path=EVENTS), SIGNING_SECRET)
    access = MetricsAccess(())
    gateway = Gateway(healthy=lambda: True, metrics=lambda: b"", metrics_access=access, slack=slack)
    listener = EventListener(gateway, "127.0.0.1", 0, gateway.refusals.count)
    thread = threading.Thread(target=listener.run, daemon=True)
    thread.start()
    ws.connect_http(f"http://127.0.0.1:{listener.port}{EVENTS}")
    try:
        yield
    finally:
        listener.close()
        thread.join(5)
        listener.task_dispatcher.shutdown()


COMMANDS = (
    *("", "help", "settings", "access", "audit", "reports", "florps", "quartz", "zephyr", "zephyr Compute last month"),
    *("zephyrnickname this month", "quartznickname this month", "this month by service", "last month by account"),
    *("last week by day", "why did it go up this week?", "forecast this month", "anything unusual?", "freshness"),
    *("budgets", "budget", "budget list", "budget new", "budget edit zephyrbudget", "budget delete zephyrdeclared"),
    *("budget edit nothing", "digest", "digest new", "digest test zephyrdigest", "digest history zephyrmorning"),
    *("digest test nothing", "digest pause zephyrmorning", "alerts", "alerts new", "alerts test zephyralerts"),
    *("alerts pause nothing", "reconcile 2026-10 zephyrsource 5", "reconcile 2026-10 nothing 5", "credits left"),
    *("services", "accounts", "tags", "models", "regions", "savings", "commitments", "invoices"),
    *("price of zephyr-large", "by zephyrteam this month", "resources this month", "tokens by model", "cost per hour"),
    *("cost per quartzorder this month", "cost per zephyrorder this month", "cost per florp this month"),
    *("top 5 services", "review October", "recommendations", "what changed?", "arn:zephyr:Compute last month"),
)
EACH = int(os.environ.get("SPEND_WALK_EACH", "1"))
"""How many of each kind of button, menu and window are tried; more for a sweep by hand."""


@dataclass
class Visitor:
    """Somebody of a company who tries what there is, and notes all that they and their workspace get to see."""

    world: World
    company: Company
    user: str
    seen: list = field(default_factory=list)
    """Each act, what it was answered with at once, and all that was new to see after it."""
    _old: dict = field(default_factory=dict)
    _tried: dict = field(default_factory=dict)
    _waiting: deque = field(default_factory=deque)

    def ask(self, text):
        """A slash command."""
        self._do(f"/spend {text}", lambda: self.world.ws.slash(self.user, self.company.channel, "/spend", text))

    def say(self, text):
        """A mention, a direct message and a look at App Home."""
        ws = self.world.ws
        self._do("mention", lambda: ws.mention(self.user, self.company.channel, text), later=True)
        self._do("dm", lambda: ws.dm(self.user, text), later=True)
        self._do("home", lambda: ws.open_home(self.user), later=True)

    def try_everything(self):
        """Every command, then every button, menu and window that comes of them; the most that were seen at once."""
        for text in COMMANDS:
            self.ask(text)
        self.say("why did zephyr go up?")
        while self._waiting:
            self.use(0)

    def use(self, at):
        """Presses, chooses from, types into or submits one of the things that wait to be tried."""
        where, element = self._waiting[at % len(self._waiting)]
        self._waiting.remove((where, element))
        ws, kind, name = self.world.ws, element["type"], element["action_id"]
        block = {"block_id": element["block"]}
        try:
            if kind == "button":
                self._do(f"press {name}", lambda: ws.click(self.user, where, name, element.get("value"), **block))
            elif kind == "overflow":
                for value in (option["value"] for option in element["options"]):
                    self._do(f"choose {value}", lambda value=value: ws.click(self.user, where, name, value, **block))
            elif "external_select" in kind:
                for typed in ("", "z", "q", "zephyr"):
                    self._do(f"type {typed} into {name}", lambda typed=typed: ws.suggest(self.user, where, name, typed))
            else:
                self._do("submit", lambda: ws.submit(self.user, where, self._filled(where)))
                self._do("close", lambda: ws.close(self.user, where))
        except LookupError:
            self.seen.append((f"{kind} {name} is not there any more", "", []))

    def _do(self, what, act, *, later=False):
        calls = len(self.world.ws.calls)
        reply = act()
        if later:
            self.world.ws.wait_for(lambda: any(call.method.startswith(SHOWS) for call in self.world.ws.calls[calls:]))
        self.world.quiet()
        self.seen.append((plain(what), plain(json.dumps(getattr(reply, "body", ""))), sorted(self._fresh())))

    def _fresh(self):
        """All that is new to see in the workspace; what can be used of it is put on the list of what waits."""
        store, fresh = self.world.ws.store, []
        with store.lock:
            mine = {item.id for item in store.channels.values() if item.team == self.company.team}
            for view in (item for channel in mine for item in store.spoken.get(channel, {}).values()):
                if view.text == WAITING:
                    continue
                readable = view.ephemeral_for in (None, self.user)
                fresh += self._noted(view.ts, (view.text, view.blocks, view.metadata), view.blocks if readable else ())
            for view in store.views.values():
                if view.team == self.company.team:
                    shown = view.id in store.stacks.get(self.user, ()) or store.homes.get(self.user) == view.id
                    submit = [{"type": "submit", "action_id": view.payload.get("callback_id", "")}]
                    blocks = view.payload["blocks"] if shown else ()
                    fresh += self._noted(view.id, (view.payload, view.errors), blocks, submit if blocks else ())
            for view in store.files.values():
                if mine & set(view.channels) and view.content is not None:
                    lines = sorted(view.content.decode().splitlines())
                    fresh += self._noted(view.id, (view.name, view.title, lines), ())
        return fresh

    def _noted(self, name, parts, blocks, also=()):
        text = plain(json.dumps(parts))
        if self._old.get(name) == text:
            return []
        self._old[name] = text
        elements = [{**element, "block": block["block_id"]} for block, element in walk(blocks)]
        for element in (*elements, *({**item, "block": ""} for item in also)):
            if element["type"] not in USED and "external_select" not in element["type"]:
                continue
            kind = (element["type"], element["action_id"].partition(":")[0])
            self._tried[kind] = self._tried.get(kind, 0) + 1
            if self._tried[kind] <= EACH:
                self._waiting.append((name, element))
        return [text]

    def _filled(self, view):
        """Something in the fields that need something."""
        given = {"name": "probe", "question": "this month", "amount": "100", "note": "probe"}
        fields = {item.get("action_id") for _, item in walk(self.world.ws.store.views[view].payload["blocks"])}
        return {name: value for name, value in given.items() if name in fields}


SHOWS = ("chat.", "views.publish")
"""What the bot calls to show something: only then is an event being answered."""
WAITING = "Reading the ledger…"
"""What is said where an answer takes a second: how fast this machine is, is no matter here."""
USED = frozenset({"button", "overflow", "submit"})
_VOLATILE = re.compile(
    r"\b(?:\d{10}\.\d{6}|[A-Za-z]*\d{8,}|[0-9a-f]{8,}|\d{10,})\b"
    r"|\d{4}-\d\d-\d\dT[\d:.+]+Z?|https?://127[^\"\\ ]+"
)


def plain(text):
    """The text without what is different in every run: ids, timestamps, keys."""
    return _VOLATILE.sub("·", text)
