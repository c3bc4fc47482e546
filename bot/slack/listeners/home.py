"""App Home: this month at a glance, what it will come to, how fresh the data is, and what can be set."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot import render
from bot.blockkit.build import Block, actions, button, cut, data_table, escape, header, section, small
from bot.blockkit.validate import check_view
from bot.domain.conversion import as_asked
from bot.domain.errors import AccessDenied, CostError
from bot.domain.period import DAY, Period, month_of
from bot.domain.question import Question
from bot.render.slack import answer_message, followups, kind_tables, tables
from bot.slack import answers
from bot.slack.context import AppContext, Request, destination_of
from bot.slack.delivery import Destination
from bot.slack.listeners import assistant, preferences
from bot.slack.listeners.messages import is_first_delivery
from bot.slack.ports import SourceHealth
from bot.slack.resources import access_rules

log = logging.getLogger(__name__)
_MOST = 100
_SOURCES, _TROUBLE = 8, 200


def listen(app: App, context: AppContext) -> None:
    """Registers the listener for somebody opening the tab."""

    @app.event("app_home_opened")
    def opened(body: dict[str, Any], client: WebClient) -> None:
        event = body["event"]
        if event.get("tab") == "home" and is_first_delivery(context, body):
            publish(context, body, client)
        elif event.get("tab") == "messages" and context.settings.agent:
            assistant.prompts(client, str(event.get("channel") or ""))


def publish(context: AppContext, body: dict[str, Any], client: WebClient) -> None:
    """Draws the tab for whoever opened it; who may see nothing is told so there."""
    destination = destination_of(body, client)
    try:
        drawn = list(view(context, context.authorize(destination, "home")))
    except AccessDenied as refused:
        drawn = [section(escape(refused.message)), *small(refused.hint)]
    if context.people.person(client, destination.team, destination.user).admin:
        drawn += admin(context, destination)
    told: Block = {"type": "home", "blocks": drawn[:_MOST]}
    for problem in check_view(told):
        log.error("App Home is not sound: %s", problem)
    try:
        client.views_publish(user_id=destination.user, view=told)
    except SlackClientError:
        plainer = [block for block in drawn if not block["type"].startswith("data_")]
        client.views_publish(user_id=destination.user, view={**told, "blocks": plainer[:_MOST]})


def view(context: AppContext, request: Request) -> Iterator[Block]:
    """The tab's blocks, a section at a time; a section that fails says so and costs no other."""
    month = month_of(request.today)
    yield header(f"{month.start:%B %Y} so far")
    yield from _guarded(lambda: month_to_date(context, request))
    yield from _guarded(lambda: outlook(context, request))
    yield from _guarded(lambda: used_budgets(context, request))
    for draw in context.home_sections:
        yield from _guarded(lambda draw=draw: draw(request))  # type: ignore[misc]  # binds this draw
    yield from _guarded(lambda: freshness(context, request))
    yield {"type": "divider"}
    yield section(f"*Your settings*\n{escape(preferences.settled(context, request))}", button("Change", "settings"))


def _guarded(draw: Callable[[], list[Block]]) -> list[Block]:
    try:
        return draw()
    except CostError as error:
        return small(str(error))
    except Exception:
        log.exception("a section of App Home failed")
        return small("This part broke, and that is our bug; the log says more.")


def month_to_date(context: AppContext, request: Request) -> list[Block]:
    """The month to date by provider, against the same days of last month."""
    period = Period(start=request.today.replace(day=1), end=request.today + DAY)
    against = followups.previous(period)[0]
    question = Question(period=period, against=against, by=("ServiceProviderName",))
    reply = answers.made(context, request, question)
    rows = tables.breakdown(question, as_asked(reply.answer))
    kept: dict[str, Any] = {}
    onward = [
        button(words, f"ask:home:{at}", followups.carried(each, kept))
        for at, (words, each) in enumerate(followups.next_questions(question, request.today)[:5])
    ]
    for key, found in kept.items():
        context.kept(request.destination.client).put("question", key, found)
    return [
        section(answer_message.bold(reply)),
        *([data_table("By provider", rows)] if rows else []),
        *small(*answer_message.basis(question, reply.answer)),
        *actions(*onward),
    ]


def outlook(context: AppContext, request: Request) -> list[Block]:
    """What this month will come to."""
    question = Question(kind="forecast", period=month_of(request.today))
    reply = answers.made(context, request, question)
    return [section(f"*Forecast*\n{escape(reply.text)}")]


def used_budgets(context: AppContext, request: Request) -> list[Block]:
    """Budgets and how much of them is used; nothing where there are none."""
    question = Question(kind="budgets", period=month_of(request.today))
    reply = answers.made(context, request, question)
    rows = kind_tables.table(question, reply.answer)[1]
    return [section(f"*Budgets*\n{escape(reply.text)}"), data_table("How much of each is used", rows)] if rows else []


def freshness(context: AppContext, request: Request) -> list[Block]:
    """How current each source is."""
    question = Question(kind="freshness")
    reply = answers.made(context, request, question)
    told = [
        f"{render.source(each.source)}: read {each.synced:%d %b %H:%M} UTC, data through "
        f"{render.day(each.data_through) if each.data_through else 'nothing yet'}"
        for each in reply.answer.as_of
    ]
    gaps = [f"⚠️ {each}" for each in render.gaps(reply.answer.gaps)]
    return [section("*Sources*"), *small(*gaps, *told)] if told or gaps else []


def operations(context: AppContext, destination: Destination) -> list[Block]:
    """How the workspace's sources are doing, and what asking them has cost against the ceiling."""
    if context.operations is None:
        return []
    may = context.access.workspace(destination.team)
    found = [each for each in context.operations.sources() if may.sees(each.source)]
    spent, ceiling = sum((each.cost for each in found), Decimal(0)), context.operations.ceiling
    told = render.money(spent, "USD", digits=2)
    told += f" of the ceiling of {render.money(ceiling, 'USD')}" if ceiling is not None else ", without a ceiling"
    reached = ceiling is not None and spent >= ceiling
    asked = f"*Requests to vendors this month*\n{told}{' ⚠️ nothing more is asked' if reached else ''}"
    shown = sorted(found, key=lambda each: (not each.trouble, each.source))[:_SOURCES]
    lines = [_health(each) for each in shown] or ["None has been pulled yet."]
    lines += [f"and {len(found) - _SOURCES} more"] if len(found) > _SOURCES else []
    sources = "\n".join(lines)
    return [section(f"*Health of the sources*\n{sources}"), section(asked)]


def _health(found: SourceHealth) -> str:
    tried = f"pulled {found.tried:%d %b %H:%M} UTC" if found.tried else "never pulled"
    through = f"data through {render.day(found.through)}" if found.through else "no data yet"
    cost = f" ({render.money(found.cost, 'USD', digits=2)})" if found.cost else ""
    told = f"{tried}, {through}, {found.requests:,} requests{cost}"
    trouble = f"\n{escape(cut(found.trouble, _TROUBLE))}" if found.trouble else ""
    return f"{'⚠️' if found.trouble else '✅'} *{escape(render.source(found.source))}*: {told}{trouble}"


def admin(context: AppContext, destination: Destination) -> list[Block]:
    """What admins look after."""
    waiting = len(preferences.reports(context, destination.team))
    drawn: list[Block] = [
        {"type": "divider"},
        header("For admins"),
        *_guarded(lambda: operations(context, destination)),
        section(f"*Access*\n{escape(access_rules.summary(context, destination.team))}", button("Open", "access")),
        section(f"*Reported numbers*\n{waiting} waiting", button("Show", "reports")),
        section("*Audit log*\nWho asked what, from where; never the amounts", button("Export", "audit")),
    ]
    for draw in context.admin_home_sections:
        drawn += _guarded(lambda draw=draw: draw(destination))  # type: ignore[misc]  # binds this draw
    return drawn
