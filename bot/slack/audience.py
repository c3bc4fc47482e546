"""Who reads what is posted without being asked for: a digest, an alert."""

from __future__ import annotations

from slack_sdk import WebClient

from bot.coordination.exactly_once import DeliveryFailed
from bot.domain.errors import AccessDenied, Unavailable
from bot.domain.scope import Scope
from bot.slack.context import AppContext
from bot.slack.posting.message_sink import channel_id


def audience_scope(context: AppContext, client: WebClient, team: str, target: str, owner: str) -> Scope:
    """What may be posted to a channel or a person on behalf of somebody (``""`` for nobody).

    Raises:
        AccessDenied: nothing.
        Unavailable: Slack does not say who reads it.
    """
    if target[:1] in {"U", "W"} and target.isupper():
        person = context.people.person(client, team, target)
        return context.access.scope(client, person, "")
    try:
        channel = channel_id(client, target)
    except DeliveryFailed as error:
        raise Unavailable(f"I can't see {target}.", error.remedy) from error
    outside = context.people.shared_outside(client, team, channel)
    if outside is None:
        raise Unavailable(f"I can't see {target}.", "Invite me to it (/invite), or choose another channel.")
    if outside:
        raise AccessDenied(
            "People from other organizations read that channel.", "Choose a channel that only your organization reads."
        )
    scope = context.access.channel_scope(team, channel)
    if not owner:
        return scope
    return scope.within(context.access.scope(client, context.people.person(client, team, owner), channel))
