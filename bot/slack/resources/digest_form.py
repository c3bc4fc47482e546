"""The modal that makes or changes a digest, and the digest that comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bot.blockkit.build import Block, input_block, modal, option, paragraph, plain, select, small
from bot.digests.model import Asked, Digest, DigestScope, reason
from bot.slack.listeners import options
from bot.slack.modals.fields import Entered, Field, State
from bot.slack.workspace_memory import WorkspaceMemory

CALLBACK = "digest"
_DAYS = (
    ("mon-fri", "Monday to Friday"),
    ("daily", "Every day"),
    ("mon", "Mondays (a weekly digest)"),
    ("fri", "Fridays (a weekly digest)"),
    ("1", "First of the month (a monthly digest)"),
    ("last", "Last of the month (a monthly digest)"),
)
_FIELDS = {"channel": "where", "scope": "only", "at": "at", "cron": "cron", "wait_until": "wait_until"}


def view(digest: Digest, memory: WorkspaceMemory, metadata: str, *, about: str = "", here: str = "") -> Block:
    """The modal for a digest. ``about`` says the question that is to be scheduled; ``here`` is the channel at first."""
    words = [each for each in digest.questions if isinstance(each, str)]
    channel = digest.channel if digest.channel[:1] in {"C", "G"} else here
    custom = digest.days if digest.days and digest.days not in dict(_DAYS) else ""
    days = [*_DAYS, *([(custom, custom)] if custom else [])]
    overview = option("With the overview: cost, what moved, month, forecast, budgets, unusual costs", "overview")
    blocks = [
        *([paragraph(f"Asked again each time, its days moving along: {about}")] if about else []),
        input_block("name", "Name", _text(digest.name, most=60), optional=False),
        input_block("where", "Channel", _channel(channel), hint="Without one it comes to you alone."),
        input_block("days", "Days", select(days, digest.days or ("mon-fri" if not digest.cron else None))),
        input_block("at", "Time", _time(digest.at or "09:00")),
        input_block("cron", "Or a cron line", _text(digest.cron), hint="In place of days and time: 0 9 * * 1-5"),
        input_block("timezone", "Timezone", _zone(digest.timezone), optional=False),
        input_block("wait_until", "Wait for late data until", _time(digest.wait_until)),
        input_block("overview", "Contents", _ticked(overview, ticked=digest.overview)),
        input_block("questions", "Questions, one a line", _text("\n".join(words), lines=True)),
        input_block("only", "Only these", _only(memory, digest.scope)),
        *small("It runs with what you may see, and posts nothing where other organisations read."),
    ]
    title = "Change digest" if digest.since else "New digest"
    return modal(CALLBACK, title, blocks, submit="Save", metadata=metadata)


def _text(value: str, *, most: int = 1000, lines: bool = False) -> Block:
    first = {"initial_value": value} if value else {}
    return {"type": "plain_text_input", "multiline": lines, "max_length": most, **first}


def _time(value: str) -> Block:
    return {"type": "timepicker", **({"initial_time": value.zfill(5)} if value else {})}


def _zone(value: str) -> Block:
    first = {"initial_option": option(value, value)} if value else {}
    return {"type": "external_select", "min_query_length": 2, "placeholder": plain("Europe/Berlin"), **first}


def _channel(value: str) -> Block:
    include = {"include": ["public", "private"], "exclude_external_shared_channels": True, "exclude_bot_users": True}
    return {"type": "conversations_select", "filter": include, **({"initial_conversation": value} if value else {})}


def _ticked(one: Block, *, ticked: bool) -> Block:
    return {"type": "checkboxes", "options": [one], **({"initial_options": [one]} if ticked else {})}


def _only(memory: WorkspaceMemory, scope: DigestScope) -> Block:
    first = options.initial(memory, scope.where, exclude=False)
    return {
        "type": "multi_external_select",
        "min_query_length": 0,
        "placeholder": plain("Accounts, tags, services …"),
        **({"initial_options": first} if first else {}),
    }


def read(  # noqa: PLR0913 - what a digest is made of
    memory: WorkspaceMemory, state: State, *, owner: str, team: str, asked: Sequence[Asked], paused: bool
) -> Digest | list[Field]:
    """The digest that was entered, or what is wrong with it, by field."""
    entered = Entered(state)
    cron = entered.text("cron")
    told: dict[str, Any] = {
        "name": entered.text("name"),
        "channel": entered.whom("where") or owner,
        "at": "" if cron else _entered_time(state, "at"),
        "days": "" if cron else entered.option("days"),
        "cron": cron,
        "timezone": entered.option("timezone"),
        "wait_until": _entered_time(state, "wait_until"),
        "overview": "overview" in entered.options("overview"),
        "questions": (*asked, *filter(None, map(str.strip, entered.text("questions").splitlines()))),
        "scope": DigestScope(where=options.filters(memory, entered.options("only"), exclude=False)),
        "owner": owner,
        "team": team,
        "paused": paused,
    }
    try:
        return Digest.model_validate(told)
    except ValidationError as error:
        key, why = reason(error)
        return [Field(_FIELDS.get(key, key or "overview"), why[:150])]


def _entered_time(state: State, name: str) -> str:
    fields: Mapping[str, Any] = state.get(name) or {}
    return str((fields.get(name) or {}).get("selected_time") or "")
