"""What the environment, ``.env`` and ``sources.toml`` may set, each with a sentence.

Providers bring settings of their own (``json_schema_extra={"env": …}`` names the variable); this room fills them.
"""

from __future__ import annotations

from bot.app.settings.loading import (
    NOBODY,
    PROVIDERS,
    Source,
    declared_sources,
    installs_into_many,
    load,
    owner_of_files,
    provider_settings,
    sources,
    variables,
    workspaces,
)
from bot.app.settings.model import WEEKDAYS, Settings

__all__ = [
    "NOBODY",
    "PROVIDERS",
    "WEEKDAYS",
    "Settings",
    "Source",
    "declared_sources",
    "installs_into_many",
    "load",
    "owner_of_files",
    "provider_settings",
    "sources",
    "variables",
    "workspaces",
]
