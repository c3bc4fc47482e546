"""The bot in Slack: the app, its digests and its alerts, joined to each other and to the ledger."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slack_sdk import WebClient

from bot.alerts.service import Alerts
from bot.app.metrics import posting
from bot.app.settings import installs_into_many, workspaces
from bot.blockkit.build import Message
from bot.digests.service import Digests
from bot.domain.errors import Misconfigured
from bot.domain.period import DAY, add_months
from bot.slack import app as slack
from bot.slack.context import SlackSettings
from bot.slack.installation import client_of, forget_states, oauth
from bot.slack.ports import Asker
from bot.slack.posting.message_sink import SlackMessageSink
from bot.slack.posting.publishers import AlertPublisher, DigestPublisher
from bot.sync.status import Health

if TYPE_CHECKING:
    from bot.app.container import Container


class _Counted(SlackMessageSink):
    """A sink whose messages are counted for the operator, without those in their threads."""

    def post(self, message: Message, stamp: Mapping[str, Any], thread: str = "") -> str:
        if thread:
            return super().post(message, stamp, thread)
        with posting(self.event.removeprefix("spend_")):
            return super().post(message, stamp, thread)


class SlackService:
    """One process's side to Slack. ``verify_token``: whether the token is tried at once."""

    def __init__(self, container: Container, service: Asker, *, verify_token: bool = True) -> None:
        """Put together.

        Raises:
            Misconfigured: a token is missing, or a file says what cannot be.
        """
        self._container = container
        settings, memory = container.settings, container.ledger.memory
        token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
        self._web = slack.client(token, settings.slack_api_url)
        self._oauth = None
        if installs_into_many(settings) and settings.slack_client_secret:
            keys = settings.encryption_key.get_secret_value() if settings.encryption_key else ""
            secret = settings.slack_client_secret.get_secret_value()
            self._oauth = oauth(settings.slack_client_id, secret, memory, keys)
        elif token is None:
            raise Misconfigured(
                "SLACK_BOT_TOKEN is not set.",
                "Create the app from manifest.yml at https://api.slack.com/apps, install it, and copy its "
                "Bot User OAuth Token.",
            )
        self.slack = slack.build(
            self._web,
            service,
            memory,
            settings=self._settings(),
            operations=Health(container.ledger, settings.api_spend_ceiling, container.clock),
            signing_secret=settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else "",
            oauth=self._oauth,
            verify_token=verify_token,
        )
        context, owners = self.slack.context, container.owners()
        self.digests = Digests(
            service,
            memory,
            clock=container.clock,
            zone=settings.timezone,
            file=container.digests(),
            publisher=DigestPublisher(context, self.client, _Counted, owners=owners),
            week_start=settings.week_start,
        )
        self.alerts = Alerts(
            service,
            memory,
            clock=container.clock,
            publisher=AlertPublisher(context, self.client, _Counted, owners=owners),
        )
        slack.add_digests(self.slack, self.digests)
        slack.add_alerts(self.slack, self.alerts)

    def client(self, team: str) -> WebClient:
        """What reaches a workspace; ``""`` for the one of ``SLACK_BOT_TOKEN``.

        Raises:
            Misconfigured: the app is not installed there.
        """
        if self._oauth is None or (not team and self._web.token):
            return self._web
        return client_of(self._oauth, self._web, team)

    def tidy(self) -> None:
        """Lets go of what has been kept as long as was set."""
        settings, today = self._container.settings, self._container.clock().date()
        oldest = today - DAY * settings.audit_days
        self.digests.forget_before(oldest)
        self.alerts.forget_before(oldest)
        forget_states(self._container.ledger.memory, time.time())
        ledger, month = self._container.ledger, today.replace(day=1)
        if settings.keep_months:
            ledger.forget_before(add_months(month, -settings.keep_months))
        if settings.detail_months:
            from bot.ledger.folding import fold_before  # numpy, and only where it is set

            fold_before(ledger, add_months(month, -settings.detail_months))
        ledger.vacuum()

    def _settings(self) -> SlackSettings:
        settings = self._container.settings
        return SlackSettings(
            command=settings.slash_command,
            admins=frozenset(settings.admins),
            workspaces=workspaces(settings) if self._oauth else None,
            audit_days=settings.audit_days,
            agent=settings.agent_view,
            now=self._container.clock,
        )
