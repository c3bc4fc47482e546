"""What OpenAI lists of an organization: projects, API keys, users."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from simulators.company import FIRST
from simulators.openai import bill


def seconds(day: date) -> int:
    """The start of a day, in seconds since 1970."""
    return int(datetime.combine(day, datetime.min.time(), UTC).timestamp())


def projects(*, archived: bool) -> list[dict[str, Any]]:
    """The projects, those archived only where asked for."""
    return [
        {
            "id": key,
            "object": "organization.project",
            "name": name,
            "created_at": seconds(FIRST),
            "archived_at": seconds(bill.PILOT_ENDED) if key == bill.PILOT else None,
            "status": "archived" if key == bill.PILOT else "active",
        }
        for key, name in bill.PROJECTS.items()
        if archived or key != bill.PILOT
    ]


def keys(project: str) -> list[dict[str, Any]]:
    """The API keys of a project."""
    return [
        {"id": key, "object": "organization.project.api_key", "name": name, "redacted_value": "sk-proj-***"}
        for key, (name, owner) in bill.KEYS.items()
        if owner == project
    ]


def users(*, nested: bool) -> list[dict[str, Any]]:
    """The users, their names at the top or under ``user``."""
    people = [(key, {"name": name, "email": email}) for key, (name, email) in bill.USERS.items()]
    return [
        {"id": key, "object": "organization.user", "role": "reader", **({"user": person} if nested else person)}
        for key, person in people
    ]
