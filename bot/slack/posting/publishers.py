"""Posts digests and alerts to Slack: to which channel, within what its readers may see, and what its owner is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.alerts.model import Finding
from bot.alerts.service import AlertRule, Case
from bot.blockkit.build import Message
from bot.digests.service import Digest, DigestContent
from bot.domain.answers import BudgetStatus
from bot.domain.errors import AccessDenied, Unavailable
from bot.domain.owners import Owners
from bot.domain.scope import Scope
from bot.render.alert import SNOOZE_OVER, finding_sentence
from bot.render.canvas import canvas_markdown
from bot.render.sentences import budget, contributors, overrun
from bot.render.slack import alert_message, digest_message, plain_message
from bot.slack.audience import audience_scope
from bot.slack.context import AppContext
from bot.slack.posting.canvases import keep_canvas
from bot.slack.posting.message_sink import SlackMessageSink

Clients = Callable[[str], WebClient]
"""A workspace's client; for ``""`` that of the usual workspace."""


class _Publisher:
    def __init__(
        self,
        context: AppContext,
        clients: Clients,
        sink: type[SlackMessageSink] = SlackMessageSink,
        *,
        owners: Owners | None = None,
    ) -> None:
        """``owners`` are mentioned where a message is about what they own."""
        self._context, self._clients, self._sink = context, clients, sink
        self._owners = owners or Owners()

    def _notify(self, team: str, owner: str, key: str, message: Message) -> None:
        """Sends the owner (of what a file declares, the named admins) a direct message, once ever for the key."""
        for user in [owner] if owner else sorted(self._context.settings.admins):
            self._context.delivery.notify_once(self._clients(team), user, f"{key}:{user}", message)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


class DigestPublisher(_Publisher):
    """Renders and posts digests."""

    _home = ""

    def scope(self, digest: Digest) -> Scope:
        """What the digest's readers may see: its channel or person, and no more than its owner.

        Raises:
            AccessDenied: nothing.
            Unavailable: Slack does not say who reads it.
        """
        client, team = self._clients(digest.team), self.team(digest.team)
        home = self._context.people.workspace(client)
        if team != home.team and not home.whole:
            raise AccessDenied(f"{digest.name} is for workspace {team}, and my token is of {home.team}.")
        return audience_scope(self._context, client, team, digest.channel, digest.owner)

    def team(self, team: str) -> str:
        """A workspace's id, that of the usual one too.

        Raises:
            Unavailable: Slack does not say.
        """
        if team or self._home:
            return team or self._home
        try:
            self._home = str(self._clients("").auth_test()["team_id"])
        except (SlackClientError, OSError) as error:
            raise Unavailable("Slack did not identify this workspace.", "It will be retried.") from error
        return self._home

    def draw(self, content: DigestContent) -> Sequence[Message]:
        """The messages: the first for the channel, the others for its thread."""
        return digest_message.draw(content, self._owners)

    def sink(self, digest: Digest, event: str) -> SlackMessageSink:
        """Where it is posted.

        Raises:
            DeliveryFailed: this app sees no such channel.
        """
        return self._sink(self._context.delivery, self._clients(digest.team), digest.channel, event)

    def keep_canvas(self, digest: Digest, content: DigestContent, canvas: str) -> str:
        """Writes the content into the digest's canvas, or into a new one in a tab of its channel; the canvas's id.

        Raises:
            DeliveryFailed: Slack does not let this app, or there is no such channel.
        """
        client = self._clients(digest.team)
        return keep_canvas(client, digest.channel, f"Costs: {digest.name}", canvas_markdown(content), canvas)

    def notify_owner(self, digest: Digest, what: str) -> None:
        """Tells the owner why it was not posted, once for each reason."""
        where = f" to {digest.channel}" if digest.channel.startswith("#") else ""
        message = plain_message.sentence(f"The digest {digest.name} could not be posted{where}.", what)
        self._notify(digest.team, digest.owner, f"digest:{digest.key}:{_digest(what)}", message)


class AlertPublisher(_Publisher):
    """Renders and posts alerts."""

    def scope(self, rule: AlertRule, channel: str) -> Scope:
        """What the readers of the rule's alerts in a channel may see, and no more than its owner.

        Raises:
            AccessDenied: nothing.
            Unavailable: Slack does not say who reads it.
        """
        return audience_scope(self._context, self._clients(rule.team), rule.team, channel, rule.owner)

    def sink(self, rule: AlertRule, channel: str, event: str) -> SlackMessageSink:
        """A channel to post in.

        Raises:
            DeliveryFailed: this app sees no such channel.
        """
        return self._sink(self._context.delivery, self._clients(rule.team), channel, event)

    def draw(self, rule: AlertRule, case: Case, *, moved_to: str = "") -> Message:
        """The message of a case."""
        owners = self._owners.of(case.finding.key)
        return alert_message.card(case, f"{rule.key}:{case.id}", rule.zone, moved_to=moved_to, owners=owners)

    def draw_rest(self, rule: AlertRule, cases: Sequence[Case]) -> Message:
        """The message of all alerts beyond a day's maximum."""
        return alert_message.rest(rule, cases)

    def draw_note(self, news: Finding | None) -> Message:
        """News for a case's thread; None: a snooze is over, and it goes on."""
        return plain_message.sentence(finding_sentence(news) if news else SNOOZE_OVER)

    def budget_sentences(self, status: BudgetStatus) -> tuple[str, str]:
        """How a budget stands and what is forecast of it, in words, with what most of the spend is."""
        most = contributors(status)
        spent, ahead = (f"{sentence}. {most}" if most else sentence for sentence in (budget(status), overrun(status)))
        return spent, ahead

    def notify_owner(self, rule: AlertRule, what: str) -> None:
        """Tells the owner why alerts were not posted, once for each reason."""
        message = plain_message.sentence(f"Alerts of {rule.name} could not be posted.", what)
        self._notify(rule.team, rule.owner, f"alert:{rule.key}:{_digest(what)}", message)
