"""App Home: this month at a glance, its forecast, budgets, whatever else the resources add, freshness, settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot import render
from bot.blockkit.build import (
    Block,
    actions,
    bullets,
    button,
    cut,
    data_table,
    header,
    paragraph,
    section,
    small,
)
from bot.blockkit.validate import check_view
from bot.domain.errors import AccessDenied, CostError
from bot.domain.period import DAY, Period, month_of
from bot.domain.period_arithmetic import same_days_of_last_month
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING
from bot.render import text
from bot.render.slack import answer_message, followups
from bot.slack import answers
from bot.slack.context import AppContext, Body, Request, destination_of
from bot.slack.deduplication import is_first_delivery
from bot.slack.delivery import Destination
from bot.slack.listeners import admin, assistant, preferences
from bot.slack.ports import HealthReport, Operations

log = logging.getLogger(__name__)
_MAX_BLOCKS = 100
_MAX_FOLLOW_UPS = 5
_MAX_SOURCES, _MAX_TROUBLE = 8, 200


def listen(app: App, context: AppContext) -> None:
    """Registers the listener for somebody opening the tab."""

    @app.event("app_home_opened")
    def opened(body: Body, client: WebClient) -> None:
        event = body["event"]
        if event.get("tab") == "home" and is_first_delivery(context, body):
            publish(context, body, client)
        elif event.get("tab") == "messages" and context.settings.agent:
            assistant.suggest_prompts(client, str(event.get("channel") or ""))


def publish(context: AppContext, body: Body, client: WebClient) -> None:
    """Publishes the tab for whoever opened it; whoever may see nothing reads why."""
    destination = destination_of(body, client)
    try:
        blocks = list(sections(context, context.authorize(destination, "home")))
    except AccessDenied as denied:
        blocks = [paragraph(denied.message), *small(denied.hint)]
    if context.people.person(client, destination.team, destination.user).admin:
        blocks += admin_sections(context, destination)
    view: Block = {"type": "home", "blocks": blocks[:_MAX_BLOCKS]}
    for problem in check_view(view):
        log.error("App Home is not valid: %s", problem)
    try:
        client.views_publish(user_id=destination.user, view=view)
    except SlackClientError:
        plainer = [block for block in blocks if not block["type"].startswith("data_")]
        client.views_publish(user_id=destination.user, view={**view, "blocks": plainer[:_MAX_BLOCKS]})


# --- for everybody ------------------------------------------------------------------------------------------


def sections(context: AppContext, request: Request) -> Iterator[Block]:
    """The tab's blocks, a section at a time; a section that fails says so and costs no other."""
    yield header(f"{month_of(request.today).start:%B %Y} so far")
    for draw in (month_to_date, forecast, budgets, *(_without_context(home) for home in context.home_sections)):
        yield from _guarded(partial(draw, context, request))
    yield from _guarded(partial(freshness, context, request))
    yield {"type": "divider"}
    yield section("*Your settings*", button("Change", "settings"))
    yield from small(preferences.summary(context, request))


def _without_context(draw: Callable[[Request], list[Block]]) -> Callable[[AppContext, Request], list[Block]]:
    return lambda _context, request: draw(request)


def _guarded(draw: Callable[[], list[Block]]) -> list[Block]:
    try:
        return draw()
    except CostError as error:
        return small(str(error))
    except Exception:
        log.exception("a section of App Home failed")
        return small("This section failed to load. The log has the details.")


def month_to_date(context: AppContext, request: Request) -> list[Block]:
    """The month to date by provider, against the same days of last month."""
    period = Period(start=request.today.replace(day=1), end=request.today + DAY)
    against = same_days_of_last_month(period)
    question = Question(period=period, against=against, by=("ServiceProviderName",))
    reply = answers.reply_to(context, request, question)
    rows = text.table(question, reply.answer)[1]
    stored: dict[str, Mapping[str, Any]] = {}
    buttons = [
        button(label, f"ask:home:{index}", followups.carried(follow_up, stored))
        for index, (label, follow_up) in enumerate(followups.next_questions(question, request.today)[:_MAX_FOLLOW_UPS])
    ]
    for key, value in stored.items():
        context.workspace_memory(request.destination.client).put("question", key, value)
    return [
        answer_message.headline(reply),
        *([data_table("By provider", rows)] if rows else []),
        *small(*text.basis(question, reply.answer)),
        *actions(*buttons),
    ]


def forecast(context: AppContext, request: Request) -> list[Block]:
    """What this month will come to."""
    question = Question(kind="forecast", period=month_of(request.today))
    return [
        section("*Forecast*"),
        paragraph(text.headline_text(answers.reply_to(context, request, question))),
    ]


def budgets(context: AppContext, request: Request) -> list[Block]:
    """Every budget with how much of it is used; nothing where there are none."""
    question = Question(kind="budgets", period=month_of(request.today))
    reply = answers.reply_to(context, request, question)
    rows = text.table(question, reply.answer)[1]
    if not rows:
        return []
    return [
        section("*Budgets*"),
        paragraph(text.headline_text(reply)),
        data_table("How much of each budget is used", rows),
    ]


def freshness(context: AppContext, request: Request) -> list[Block]:
    """How current each source is, and what is missing."""
    reply = answers.reply_to(context, request, Question(kind="freshness"))
    lines = [
        f"{render.source(source.source)}: synced {source.synced:%d %b %H:%M} UTC, data through "
        f"{render.day(source.data_through) if source.data_through else 'nothing yet'}"
        for source in reply.answer.as_of
    ]
    gaps = [f"⚠️ {gap}" for gap in render.gaps(reply.answer.gaps)]
    return [section("*Sources*"), *small(*gaps, *lines)] if lines or gaps else []


# --- for admins ---------------------------------------------------------------------------------------------


def admin_sections(context: AppContext, destination: Destination) -> list[Block]:
    """What admins look after."""
    waiting = len(admin.open_reports(context, destination.team))
    blocks: list[Block] = [
        {"type": "divider"},
        header("For admins"),
        *_guarded(partial(operations, context, destination)),
    ]
    for draw in context.admin_home_sections:
        blocks += _guarded(partial(draw, destination))
    blocks += [
        section("*Reported numbers*", button("Show", "reports")),
        *small(f"{waiting} waiting" if waiting else "None waiting"),
        section("*Audit log*", button("Export", "audit")),
        *small("Who asked what, and from where; never the amounts."),
    ]
    return blocks


def operations(context: AppContext, destination: Destination) -> list[Block]:
    """How the workspace's sources are doing, and what requests to vendors have cost against the ceiling."""
    if context.operations is None:
        return []
    scope = context.access.workspace(destination.team)
    sources = [health for health in context.operations.sources() if scope.sees(health.source)]
    cost = sum((health.cost for health in sources), Decimal(0))
    requests = [render.money(cost, "USD", digits=2)]
    if scope == EVERYTHING:  # ceiling and plan are of all sources together
        requests = _paid_requests(context.operations, cost)
    worst_first = sorted(sources, key=lambda health: (not health.trouble, health.source))
    lines = [_health(health) for health in worst_first[:_MAX_SOURCES]] or ["No source has been synced yet."]
    lines += [f"and {len(sources) - _MAX_SOURCES} more"] if len(sources) > _MAX_SOURCES else []
    return [bullets("Source health", lines), bullets("Provider requests this month", requests)]


def _paid_requests(operations: Operations, cost: Decimal) -> list[str]:
    """What all requests of the month have cost against the ceiling, and what is planned yet."""
    ceiling, spent = operations.ceiling, render.money(cost, "USD", digits=2)
    spent += f" of the ceiling of {render.money(ceiling, 'USD')}" if ceiling is not None else ", with no ceiling"
    reached = ceiling is not None and cost >= ceiling
    return [operations.plan() or spent, *(["⚠️ Paid requests are paused until next month."] if reached else [])]


def _health(source: HealthReport) -> str:
    pulled = f"synced {source.tried:%d %b %H:%M} UTC" if source.tried else "never synced"
    through = f"data through {render.day(source.through)}" if source.through else "no data yet"
    requests = f"{source.requests:,} {'request' if source.requests == 1 else 'requests'}"
    cost = f" ({render.money(source.cost, 'USD', digits=2)})" if source.cost else ""
    trouble = f". {cut(source.trouble, _MAX_TROUBLE)}" if source.trouble else ""
    mark = "⚠️" if source.trouble else "✅"
    return f"{mark} {render.source(source.source)}: {pulled}, {through}, {requests}{cost}{trouble}"
