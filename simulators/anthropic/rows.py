"""How Anthropic words a line of the bill: groups, rows and lists, in the shapes of both of its APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.domain.period import DAY
from simulators.anthropic import bill

GROUPS = (
    *("product", "model", "context_window", "inference_geo", "speed", "slack_channel_id", "claude_tag_category"),
    *("claude_tag_user_id", "rbac_group_id", "organization_id", "actor", "actor_type", "api_key_id", "workspace_id"),
    *("service_tier", "user_profile_id", "agent_id", "deployment_id", "environment_id", "session_id"),
    *("cost_type", "token_type"),
)
_FIELDS = {"workspace_id": "workspace", "api_key_id": "key", "context_window": "context"}
FANNED = {"cost_type", "token_type"}


def told_key(line: bill.Line, name: str) -> object:
    """What the analytics tell of a line under the name of a group."""
    if name == "actor":
        return _actor(line)
    return getattr(line, _FIELDS.get(name, name), None)


def report_key(line: bill.Line, name: str) -> str | None:
    """What the older reports tell of it; there the default workspace has no id."""
    result = {
        "workspace_id": None if line.workspace == bill.DEFAULT else line.workspace,
        "api_key_id": line.key,
        "account_id": line.user,
        "context_window": line.context,
    }
    return result[name] if name in result else getattr(line, name, None)


def _actor(line: bill.Line) -> dict[str, Any] | None:
    if line.user:
        name, email = bill.USERS[line.user]
        return {"type": "user_actor", "user_id": line.user, "email_address": email, "name": name, "deleted": False}
    return {"type": "api_actor", "api_key_id": line.key} if line.key else None


def grouped(
    lines: Iterable[bill.Line], group: Sequence[str], key: Callable[[bill.Line, str], Any]
) -> list[tuple[dict[str, Any], list[bill.Line]]]:
    """Lines by what they have in common."""
    groups: dict[tuple[Any, ...], tuple[dict[str, Any], list[bill.Line]]] = {}
    for line in lines:
        values = [key(line, name) for name in group]
        identity = tuple(str(value) for value in values)
        groups.setdefault(identity, (dict(zip(group, values, strict=True)), []))[1].append(line)
    return list(groups.values())


def row(what: str, day: date, whose: dict[str, Any], lines: list[bill.Line], group: list[str]) -> dict[str, Any]:
    """A row of the analytics, of cost or usage."""
    result: dict[str, Any] = {**tokens(lines), "requests": sum(line.requests for line in lines)}
    if what == "cost":
        result = {
            "amount": digits(sum((line.cents for line in lines), Decimal(0))),
            "list_amount": digits(sum((line.list_cents for line in lines), Decimal(0))),
            "currency": "USD",
            "requests": None if FANNED & set(group) else sum(line.requests for line in lines),
        }
    return {
        "starting_at": instant(day),
        "ending_at": instant(day + DAY),
        "group": {**dict.fromkeys(GROUPS), **whose},
        what: result,
    }


def tokens(lines: Sequence[bill.Line]) -> dict[str, Any]:
    """What was metered, in Anthropic's words."""
    return {
        "uncached_input_tokens": _total(lines, bill.INPUT),
        "cache_read_input_tokens": _total(lines, bill.READ),
        "cache_creation": {
            "ephemeral_5m_input_tokens": _total(lines, bill.WRITE),
            "ephemeral_1h_input_tokens": _total(lines, bill.WRITE_HOUR),
        },
        "output_tokens": _total(lines, bill.OUTPUT),
        "server_tool_use": {"web_search_requests": 0},
    }


def coder(day: date, lines: Sequence[bill.Line]) -> dict[str, Any]:
    """What one person did with Claude Code on one day."""
    user, key = lines[0].user, lines[0].key
    person = {"type": "user_actor", "email_address": bill.USERS[user][1]} if user else None
    return {
        "date": instant(day),
        "actor": person or {"type": "api_actor", "api_key_name": key},
        "customer_type": "api",
        "model_breakdown": [
            {
                "model": whose["model"],
                "tokens": {
                    "input": _total(item, bill.INPUT),
                    "output": _total(item, bill.OUTPUT),
                    "cache_read": _total(item, bill.READ),
                    "cache_creation": _total(item, bill.WRITE) + _total(item, bill.WRITE_HOUR),
                },
                "estimated_cost": {"currency": "USD", "amount": int(sum(line.cents for line in item))},
            }
            for whose, item in grouped([line for line in lines if line.model], ["model"], report_key)
        ],
    }


def _total(lines: Sequence[bill.Line], kind: str) -> int:
    return sum(line.tokens for line in lines if line.token_type == kind)


def description(line: bill.Line) -> str:
    """A line's name in the cost report."""
    if not line.token_type:
        return f"{line.cost_type.replace('_', ' ').title()} Usage"
    return f"{line.model} Usage - {line.token_type}{', Long Context' if line.context != '0-200k' else ''}"


def part(line: bill.Line, share: Decimal) -> bill.Line:
    """That much of a line, as a day under way has it."""
    if line.tokens:
        count = int(line.tokens * share)
        price = line.list_cents / line.tokens
        return replace(line, tokens=count, list_cents=price * count, requests=int(line.requests * share))
    return replace(line, list_cents=(line.list_cents * share).quantize(Decimal("0.01")))


LISTS: dict[str, list[dict[str, Any]]] = {
    "workspaces": [{"id": key, "type": "workspace", "name": name} for key, name in bill.WORKSPACES.items()],
    "users": [
        {"id": key, "type": "user", "name": name, "email": email, "role": "developer"}
        for key, (name, email) in bill.USERS.items()
    ],
    "api_keys": [
        {"id": key, "type": "api_key", "name": name, "status": "active", "workspace_id": workspace}
        for key, (name, workspace) in bill.KEYS.items()
    ],
}


def instant(day: date) -> str:
    """The start of a day."""
    return f"{day}T00:00:00Z"


def digits(cents: Decimal) -> str:
    """An amount in plain digits."""
    return format(cents.normalize(), "f")
