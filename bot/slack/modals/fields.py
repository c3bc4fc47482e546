"""What a submitted modal holds: its entered values, and where it was opened from."""

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
"""``view.state.values``: by block id, by action id."""


@dataclass(frozen=True)
class FieldError:
    """What is wrong with what was entered in a field, in a sentence."""

    field: str
    reason: str


def errors(problems: Sequence[FieldError], state: State | None = None) -> dict[str, str]:
    """The errors as a view's acknowledgment carries them; ``state`` tells the block ids of a ``versioned`` view."""
    blocks = {block.partition("#")[0]: block for block in state or ()}
    return {blocks.get(error.field, error.field): error.reason[:150] for error in problems}


def versioned(blocks: Sequence[Block], version: object) -> list[Block]:
    """The blocks with ids of their own for a version of the view: Slack keeps what was typed into ids that stay."""
    mark = blake2b(repr(version).encode(), digest_size=4).hexdigest()
    return [
        {**block, "block_id": f"{block['block_id']}#{mark}"} if block["type"] == "input" else block for block in blocks
    ]


def metadata(destination: Destination, **more: str) -> str:
    """Where a modal is opened from, and more, for it to carry."""
    values = {
        "channel": destination.channel,
        "thread": destination.thread,
        "url": destination.response_url,
        "public": "" if destination.private else "1",
        **more,
    }
    return json.dumps({name: value for name, value in values.items() if value})


def read_metadata(view: Mapping[str, Any]) -> dict[str, str]:
    """What ``metadata`` wrote into the view; empty where it carries nothing."""
    try:
        values = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}


def origin(body: Body, client: WebClient) -> Destination:
    """Where the modal of a submission was opened from."""
    values = read_metadata(body.get("view") or {})
    return Destination(
        client,
        team_of(body),
        values.get("channel", ""),
        str((body.get("user") or {}).get("id") or ""),
        values.get("thread", ""),
        values.get("url", ""),
        "public" not in values,
    )


class Entered:
    """The entered values of a submitted view, by the name of their field."""

    def __init__(self, state: State) -> None:
        self._state = {block.partition("#")[0]: fields for block, fields in state.items()}

    def _field(self, name: str) -> Mapping[str, Any]:
        field = self._state.get(name, {}).get(name, {})
        return field if isinstance(field, Mapping) else {}

    def text(self, name: str) -> str:
        """The typed text, without space around it."""
        return str(self._field(name).get("value") or "").strip()

    def option(self, name: str) -> str:
        """The value of the chosen option, or ``""``."""
        return str((self._field(name).get("selected_option") or {}).get("value") or "")

    def options(self, name: str) -> list[str]:
        """The values of the chosen options."""
        return [str(option["value"]) for option in self._field(name).get("selected_options") or ()]

    def day(self, name: str) -> date | None:
        """The chosen day."""
        day = self._field(name).get("selected_date")
        return date.fromisoformat(day) if day else None

    def time(self, name: str) -> str:
        """The chosen time as ``HH:MM``, or ``""``."""
        return str(self._field(name).get("selected_time") or "")

    def conversation(self, name: str) -> str:
        """The id of the chosen conversation, person or channel, or ``""``."""
        field = self._field(name)
        chosen = [field.get(f"selected_{kind}") for kind in ("conversation", "user", "channel")]
        return str(next(filter(None, chosen), ""))
