"""A canvas in a channel's tab that is rewritten whole, so that it never holds yesterday's figures beside today's.

https://docs.slack.dev/reference/methods/canvases.create and …/canvases.edit; the scope is ``canvases:write``.
"""

from __future__ import annotations

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.coordination.exactly_once import DeliveryFailed
from bot.slack.posting.message_sink import channel_id
from bot.slack.posting.transport import error_reason

_GONE = frozenset({"canvas_not_found", "canvas_deleted"})
_REMEDIES = {
    "missing_scope": "Add the scope canvases:write to the app (OAuth & Permissions) and reinstall it.",
    "canvas_disabled_user_team": "Canvases are switched off in this workspace; take the canvas out of the digest.",
    "free_team_canvas_tab_already_exists": "A free workspace has one canvas a channel; this channel has it already.",
}


def keep_canvas(client: WebClient, target: str, title: str, markdown: str, canvas: str) -> str:
    """Replaces what a canvas holds; ``""``, or one that is gone, takes a new one in a tab of the channel. Its id.

    Raises:
        DeliveryFailed: Slack does not let this app, or there is no such channel.
    """
    content = {"type": "markdown", "markdown": markdown}
    try:
        if canvas:
            try:
                client.canvases_edit(canvas_id=canvas, changes=[{"operation": "replace", "document_content": content}])
            except SlackApiError as error:
                if error_reason(error) not in _GONE:
                    raise
            else:
                return canvas
        channel = channel_id(client, target)
        made = client.canvases_create(title=title, channel_id=channel, document_content=content)
    except (SlackClientError, OSError) as error:
        reason = error_reason(error)
        raise DeliveryFailed(reason, remedy=_REMEDIES.get(reason, f"Slack says: {reason}.")) from error
    return str(made["canvas_id"])
