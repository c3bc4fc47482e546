"""Every modal, App Home, list and error as it reads; a change is reviewed as a diff (``pytest --snapshot-update``)."""

from zoneinfo import ZoneInfo

import pytest
from slack_app import NOW, Bookkeeper, running
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from bot.alerts.service import AlertRule, Alerts
from bot.analytics.budget import Budget
from bot.digests.service import Digest, Digests
from bot.domain.money import Money
from bot.domain.question import Question
from bot.slack.access import AccessRule
from bot.slack.app import add_alerts, add_digests
from bot.slack.posting.publishers import AlertPublisher, DigestPublisher
from simulators.slack import ADMIN, GUEST, MEMBER

COSTS = "#cloud-costs"
MODALS = ("settings", "budget new", "digest new", "alerts new", "access new", "budget edit chat", "digest edit morning")
LISTS = ("budget", "digest", "alerts", "access", "reports")
ERRORS = (
    "digest pause nothing",
    "alerts explode",
    "reconcile october aws much",
    "help",
)


class Outline(SingleFileSnapshotExtension):
    """One text file a snapshot."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def snapshot(snapshot):
    """Snapshots as outlines."""
    return snapshot.use_extension(Outline)


@pytest.fixture
def app(memory):
    """The whole app with one of each resource."""
    with running(Bookkeeper(), memory) as run:
        context = run.slack.context
        web = run.slack.app.client
        alerts = Alerts(run.asker, memory, clock=lambda: NOW, publisher=AlertPublisher(context, lambda _: web))
        publisher = DigestPublisher(context, lambda _: web)
        digests = Digests(run.asker, memory, clock=lambda: NOW, zone=ZoneInfo("UTC"), publisher=publisher)
        add_alerts(run.slack, alerts)
        add_digests(run.slack, digests)
        common = {"channel": "C0COSTS", "team": "T0LUMEN", "owner": ADMIN}
        alerts.save(AlertRule(name="spikes", quiet_from="20:00", quiet_to="08:00", **common))
        plan = {"days": "mon-fri", "holidays": "US", "questions": ("this month",), "since": NOW}
        digests.save(Digest(name="morning", **plan, **common))
        limit = Money(amount=3000, currency="USD")
        budget = Budget(name="chat", limit=limit, question=Question(), words="OpenAI, project Chat App", **common)
        memory.put("budget", budget.key, budget.model_dump(mode="json"))
        context.access.change("T0LUMEN", (AccessRule(subject="user", id="U0MEI", deny=True),))
        yield run


def outline(value, depth=0):
    """What somebody reads in blocks, a line each: texts, labels, hints, buttons, entered values, but no JSON."""
    lines = []
    if isinstance(value, list):
        for item in value:
            lines += outline(item, depth)
        return lines
    kind = value.get("type", "")
    texts = [_text(value.get(part)) for part in ("title", "text", "label", "placeholder", "hint", "description")]
    entered = [str(value[name]) for name in value if name.startswith("initial_") and isinstance(value[name], str)]
    chosen = [_text(option.get("text")) for option in _chosen(value)]
    shown = " | ".join(filter(None, [*texts, *entered, *(f"({text})" for text in chosen)]))
    named = kind not in {"", "plain_text", "mrkdwn", "rich_text_section"}
    if shown or named:
        lines.append(f"{'  ' * depth}{kind if named else '-'} {shown}".rstrip())
    for part in ("blocks", "elements", "fields", "options", "rows", "accessory", "element"):
        inner = value.get(part)
        if inner and kind not in {"rich_text_section", "rich_text_preformatted"}:
            lines += outline(inner, depth + 1)
    if kind == "rich_text_section":
        lines.append(f"{'  ' * (depth + 1)}{''.join(map(_run, value['elements']))}")
    return lines


def _run(run):
    text = run.get("text") or f"<{run.get('user_id') or run.get('channel_id')}>"
    return f"*{text}*" if run.get("style", {}).get("bold") else text


def _text(value):
    return value if isinstance(value, str) else (value or {}).get("text", "")


def _chosen(value):
    initial = value.get("initial_option") or value.get("initial_options") or []
    return initial if isinstance(initial, list) else [initial]


def drawn(value):
    """An outline as one text."""
    return "\n".join(outline(value)) + "\n"


def test_modals(app, snapshot):
    """Every form that a command opens."""
    for words in MODALS:
        app.ws.slash(ADMIN, COSTS, "/spend", words)
        view = app.ws.wait_for(lambda: app.ws.views(ADMIN))[-1]
        assert drawn({"type": "modal", **view}) == snapshot(name=words)
        app.ws.close(ADMIN, view["id"], everything=True)


def test_modals_of_an_answer(app, snapshot):
    """Change, share, computation, report and schedule."""
    app.ws.slash(ADMIN, COSTS, "/spend", "by service")
    answer = app.answer(COSTS, ADMIN)
    elements = {e["action_id"]: e for b in answer["blocks"] if b["type"] == "actions" for e in b["elements"]}
    pressed = {name: (name, elements[name]["value"]) for name in ("change", "share")}
    pressed |= {option["value"].partition(":")[0]: ("more", option["value"]) for option in elements["more"]["options"]}
    for name, (action, value) in pressed.items():
        app.ws.click(ADMIN, answer["ts"], action, value)
        view = app.ws.wait_for(lambda: app.ws.views(ADMIN))[-1]
        assert drawn({"type": "modal", **view}) == snapshot(name=name)
        app.ws.close(ADMIN, view["id"], everything=True)


def test_home(app, snapshot):
    """App Home of a member, an admin and a guest."""
    for user, name in ((MEMBER, "member"), (ADMIN, "admin"), (GUEST, "guest")):
        app.ws.open_home(user)
        view = app.ws.wait_for(lambda user=user: app.ws.home(user))
        assert drawn(view["blocks"]) == snapshot(name=name)


def test_lists_and_errors(app, snapshot):
    """What the commands without a form answer, and what is said where one cannot be followed."""
    for count, words in enumerate((*LISTS, *ERRORS), start=1):
        app.ws.slash(ADMIN, COSTS, "/spend", words)
        message = app.answer(COSTS, ADMIN, count=count)
        assert f"{message['text']}\n---\n{drawn(message['blocks'])}" == snapshot(name=words)
