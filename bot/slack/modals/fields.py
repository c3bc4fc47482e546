"""What stands in the fields of a submitted modal, and where a modal was opened from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

from slack_sdk import WebClient

from bot.blockkit.build import Block
from bot.slack.context import Body, team_of
from bot.slack.delivery import Destination

State = Mapping[str, Any]
"""``view.state.values``: by block, by action."""


@dataclass(frozen=True)
class Field:
    """Something entered that cannot be: the block to blame, and why."""

    block: str
    why: str


def errors(found: Sequence[Field], state: State | None = None) -> dict[str, str]:
    """As a view's acknowledgement wants them; ``state`` is of a view whose blocks are of an edition."""
    blocks = {block.partition("#")[0]: block for block in state or ()}
    return {blocks.get(each.block, each.block): each.why for each in found}


def edition(blocks: Sequence[Block], of: object) -> list[Block]:
    """The inputs under names of an edition of their own: Slack keeps what was typed into the same names."""
    mark = blake2b(repr(of).encode(), digest_size=4).hexdigest()
    return [{**each, "block_id": f"{each['block_id']}#{mark}"} if each["type"] == "input" else each for each in blocks]


def metadata(destination: Destination, **more: str) -> str:
    """The place, and more, for a view to carry."""
    kept = {
        "channel": destination.channel,
        "thread": destination.thread,
        "url": destination.response_url,
        "public": "" if destination.private else "1",
        **more,
    }
    return json.dumps({key: value for key, value in kept.items() if value})


def carried(view: Mapping[str, Any]) -> dict[str, str]:
    """What ``metadata`` wrote."""
    try:
        told = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in told.items()} if isinstance(told, dict) else {}


def origin(body: Body, client: WebClient) -> Destination:
    """Where the modal of a submission was opened from."""
    told = carried(body.get("view") or {})
    return Destination(
        client,
        team_of(body),
        told.get("channel", ""),
        str((body.get("user") or {}).get("id") or ""),
        told.get("thread", ""),
        told.get("url", ""),
        "public" not in told,
    )


class Entered:
    """What stands in the fields of a submitted view."""

    def __init__(self, state: State) -> None:
        self._state = {block.partition("#")[0]: fields for block, fields in state.items()}

    def _field(self, name: str) -> Mapping[str, Any]:
        found = self._state.get(name, {}).get(name, {})
        return found if isinstance(found, Mapping) else {}

    def option(self, name: str) -> str:
        """The value of the chosen option, or ``""``."""
        return str((self._field(name).get("selected_option") or {}).get("value") or "")

    def options(self, name: str) -> list[str]:
        """The values of the chosen options."""
        return [str(each["value"]) for each in self._field(name).get("selected_options") or ()]

    def day(self, name: str) -> date | None:
        """The chosen day."""
        told = self._field(name).get("selected_date")
        return date.fromisoformat(told) if told else None

    def text(self, name: str) -> str:
        """What was typed."""
        return str(self._field(name).get("value") or "").strip()

    def whom(self, name: str) -> str:
        """The chosen person, conversation or channel."""
        field = self._field(name)
        told = [field.get(f"selected_{kind}") for kind in ("conversation", "user", "channel")]
        return str(next(filter(None, told), ""))
