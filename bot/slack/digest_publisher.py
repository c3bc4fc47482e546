"""Digests in Slack: where they are posted, who may read what in them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from hashlib import blake2b

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.blockkit.build import Message
from bot.coordination.exactly_once import DeliveryFailed
from bot.digests.service import Digest, DigestContent
from bot.domain.errors import AccessDenied, Unavailable
from bot.domain.scope import Scope
from bot.render.slack import answer_message, digest_message
from bot.slack.context import AppContext
from bot.slack.message_sink import MessageSink, channel_id

log = logging.getLogger(__name__)


class Publisher:
    """Draws and posts digests; ``clients`` gives a workspace's client, for ``""`` that of the usual workspace."""

    def __init__(
        self, context: AppContext, clients: Callable[[str], WebClient], sink: type[MessageSink] = MessageSink
    ) -> None:
        self._context, self._clients, self._outlet = context, clients, sink
        self._home = ""

    def scope(self, digest: Digest) -> Scope:
        """What whoever reads the digest may see: its channel or person, and no more than its owner.

        Raises:
            AccessDenied: nothing.
            Unavailable: Slack does not tell who reads it.
        """
        client, team = self._clients(digest.team), self.team(digest.team)
        return readable(self._context, client, team, digest.channel, digest.owner)

    def team(self, team: str) -> str:
        """The workspace's id, of the usual one too.

        Raises:
            Unavailable: Slack does not say.
        """
        if team or self._home:
            return team or self._home
        try:
            self._home = str(self._clients("").auth_test()["team_id"])
        except (SlackClientError, OSError) as error:
            raise Unavailable("Slack does not say which workspace this is.", "It is tried again.") from error
        return self._home

    def draw(self, edition: DigestContent) -> Sequence[Message]:
        """The messages: the first for the channel, the others for its thread."""
        return digest_message.draw(edition)

    def sink(self, digest: Digest, event: str) -> MessageSink:
        """Where it is posted.

        Raises:
            NotSaid: there is no such place.
        """
        return self._outlet(self._context.delivery, self._clients(digest.team), digest.channel, event)

    def notify_owner(self, digest: Digest, what: str) -> None:
        """Tells the owner (of a declared digest the named admins) once why it did not come."""
        mark = blake2b(what.encode(), digest_size=8).hexdigest()
        message = answer_message.sentence(f"The digest {digest.name} could not be posted {_place(digest)}.", what)
        for user in [digest.owner] if digest.owner else sorted(self._context.settings.admins):
            key = f"digest:{digest.key}:{mark}:{user}"
            self._context.delivery.notify_once(self._clients(digest.team), user, key, message)


def _place(digest: Digest) -> str:
    return f"to {digest.channel}" if digest.channel.startswith("#") else "where it goes"


def readable(context: AppContext, client: WebClient, team: str, place: str, owner: str) -> Scope:
    """What may be said by itself in a place, in the name of somebody (``""`` for nobody).

    Raises:
        AccessDenied: nothing.
        Unavailable: Slack does not tell who reads it.
    """
    if place[:1] in {"U", "W"} and place.isupper():
        person = context.people.person(client, team, place)
        return context.access.scope(client, person, "")
    try:
        channel = channel_id(client, place)
    except DeliveryFailed as error:
        raise Unavailable(f"I do not see {place}.", error.remedy) from error
    outside = context.people.shared_outside(client, team, channel)
    if outside is None:
        raise Unavailable(f"I do not see {place}.", "Invite me there (/invite), or choose another.")
    if outside:
        raise AccessDenied("Other organisations read that channel.", "Choose one that only this organisation reads.")
    scope = context.access.channel_scope(team, channel)
    if not owner:
        return scope
    return scope.within(context.access.scope(client, context.people.person(client, team, owner), channel))
