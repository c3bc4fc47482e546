"""The Bolt app: every listener, for Socket Mode and HTTP alike."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt import App, BoltContext, BoltResponse
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.alerts.service import Alerts
from bot.coordination.store import ValueStore
from bot.digests.service import Digests
from bot.slack import answers, installation
from bot.slack.access import Access
from bot.slack.audit import Audit
from bot.slack.context import WORKSPACE, AppContext, SlackSettings, destination_of
from bot.slack.delivery import Delivery
from bot.slack.listeners import (
    admin,
    alert_cases,
    aliases,
    assistant,
    buttons,
    home,
    messages,
    preferences,
    reconcile,
    review,
    workflow_step,
)
from bot.slack.modals import fields
from bot.slack.people import People
from bot.slack.ports import Asker, Operations
from bot.slack.resources import controller
from bot.slack.resources.access_rules import AccessRules
from bot.slack.resources.alert_rules import AlertRules
from bot.slack.resources.budgets import Budgets
from bot.slack.resources.digests import DigestResource
from bot.slack.workspace_memory import WorkspaceMemory

log = logging.getLogger(__name__)

_THREADS = 32
_PATIENCE = 10
_VERIFIED = "verified"


@dataclass(frozen=True)
class Slack:
    """The Bolt app, and what its listeners share."""

    app: App
    context: AppContext

    def take_over(self, client: Callable[[str], WebClient]) -> None:
        """Begins to answer questions that other processes have left; ``client`` reaches a workspace."""
        if self.context.inbox is not None:
            self.context.inbox.watch(client, self.app.listener_runner.listener_executor.submit)

    def close(self) -> None:
        """Waits for what is being answered, then takes no more."""
        if self.context.inbox is not None:
            self.context.inbox.close()
        self.app.listener_runner.listener_executor.shutdown(wait=True)


def client(token: str | None = None, api_url: str = "https://slack.com/api/") -> WebClient:
    """A Web API client that waits as Slack tells it to and never repeats a call that may have arrived."""
    base = api_url if api_url.endswith("/") else f"{api_url}/"
    waits = RateLimitErrorRetryHandler(max_retry_count=2)
    return WebClient(token, base_url=base, timeout=_PATIENCE, retry_handlers=[waits])


def build(  # noqa: PLR0913 - what the composition root hands in
    web: WebClient,
    service: Asker,
    memory: ValueStore,
    *,
    settings: SlackSettings | None = None,
    operations: Operations | None = None,
    signing_secret: str = "",
    oauth: OAuthSettings | None = None,
    verify_token: bool = True,
) -> Slack:
    """The app with all its listeners.

    ``signing_secret`` is for HTTP; ``oauth`` for installs into many workspaces, in place of the client's
    token (then a workspace sees nothing until the settings give it something); without ``verify_token`` the token
    is not tried before the first payload. ``operations`` is what admins see of the sources.
    """
    settings = settings or SlackSettings()
    if oauth is not None and settings.workspaces is None:
        settings = replace(settings, workspaces={})
    people = People(memory, admins=settings.admins)
    context = AppContext(
        answer_service=service,
        memory=memory,
        settings=settings,
        people=people,
        access=Access(memory, people, workspaces=settings.workspaces),
        audit=Audit(memory, settings.now, days=settings.audit_days),
        delivery=Delivery(memory, workspace_memory=lambda web: WorkspaceMemory(memory, people.workspace(web).team)),
        operations=operations,
    )
    app = App(
        name="spend",
        logger=_framework_log(),
        client=web,
        signing_secret=signing_secret,
        oauth_settings=oauth,
        token_verification_enabled=verify_token,
        listener_executor=ThreadPoolExecutor(_THREADS, thread_name_prefix="slack"),
    )
    if oauth is not None:
        installation.renew_tokens_with(oauth, web)
    for listeners in (
        messages,
        buttons,
        preferences,
        admin,
        home,
        installation,
        assistant,
        reconcile,
        review,
        aliases,
        workflow_step,
    ):
        listeners.listen(app, context)
    for resource in (Budgets(context), AccessRules(context)):
        controller.listen(app, context, resource)

    _handle_errors(app, context, web)
    _name_workspace(app, people)
    if context.inbox is not None:
        context.inbox.listen(app)  # after the workspace is named: who takes a question over must know it
    return Slack(app, context)


def _name_workspace(app: App, people: People) -> None:
    """Writes into each payload which workspace's token answers it: not what the payload claims."""

    @app.middleware
    def name_workspace(body: dict[str, Any], context: BoltContext, next_: Callable[[], BoltResponse]) -> None:
        leaving = (body.get("event") or {}).get("type") in installation.LEAVING  # then the token says nothing any more
        if context.client is not None and not leaving:
            home = people.workspace(context.client)
            body[WORKSPACE] = "" if home.whole else home.team
        next_()


def add_digests(slack: Slack, digests: Digests) -> None:
    """Adds the digests: their commands, buttons and forms, and "schedule this" below answers."""
    resource = DigestResource(slack.context, digests)
    registered = controller.listen(slack.app, slack.context, resource)
    slack.context.digest_modal = lambda request, question: registered.form_view(
        request, resource.opening_for(request, question)
    )


def add_alerts(slack: Slack, alerts: Alerts) -> None:
    """Adds the alerts: the commands and forms of their rules, and the buttons of posted ones."""
    controller.listen(slack.app, slack.context, AlertRules(slack.context, alerts))
    alert_cases.listen(slack.app, slack.context, alerts)


def _handle_errors(app: App, app_context: AppContext, web: WebClient) -> None:
    """Answers verified requests that fail with what went wrong; others with 401 and nothing else."""

    @app.middleware
    def verified(context: BoltContext, next_: Callable[[], BoltResponse]) -> None:
        context[_VERIFIED] = True  # what comes so far has passed Bolt's own verification, or came over our socket
        next_()

    @app.error
    def on_error(error: Exception, body: dict[str, object], context: BoltContext) -> BoltResponse:
        if not context.get(_VERIFIED):
            log.error("a request failed before it was verified: %s", type(error).__name__)
            return BoltResponse(status=401, body="")
        find = fields.origin if body.get("type") == "view_submission" else destination_of
        answers.report_error(app_context, find(body, context.client or web), error)
        return BoltResponse(status=200, body="")


def _framework_log() -> logging.Logger:
    """Bolt's log without what it tells below an error: there it writes down whole payloads."""
    logger = logging.getLogger("slack_bolt")
    logger.setLevel(logging.ERROR)
    return logger
