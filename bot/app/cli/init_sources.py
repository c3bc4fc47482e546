"""Further payers and organizations of a provider, as ``spend init`` writes them to ``sources.toml``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.app.settings import provider_settings

FILE = Path("sources.toml")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass
class FurtherSource:
    """One that is declared in the file, with its values by variable; secrets stay in the environment."""

    provider: str
    name: str
    values: dict[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()

    def table(self) -> str:
        """Its ``[[source]]``, in which a secret is the name of the variable that holds it."""
        lines = ["[[source]]", f"provider = {json.dumps(self.provider)}", f"name = {json.dumps(self.name)}"]
        keys = _keys(self.provider)
        for variable, value in self.values.items():
            if value:
                shown = f"env:{self.own(variable)}" if variable in self.secrets else value
                lines.append(f"{keys[variable]} = {json.dumps(shown)}")
        return "\n".join(lines) + "\n"

    def environment(self) -> dict[str, str]:
        """The variables of its secrets."""
        return {self.own(variable): value for variable, value in self.values.items() if variable in self.secrets}

    def own(self, variable: str) -> str:
        """The variable of one of its secrets: ``OPENAI_ADMIN_KEY`` of ``openai-eu`` is ``OPENAI_EU_ADMIN_KEY``."""
        rest = variable.removeprefix(f"{self.provider.upper()}_")
        return f"{self.name.upper().replace('-', '_')}_{rest}"


def where_else(provider: str, known: Mapping[str, str]) -> dict[str, str]:
    """Another base address of the provider's API (a proxy), which a further source goes through too."""
    return {name: known[name] for name in _keys(provider) if name.endswith("_BASE_URL") and known.get(name)}


def refusal(name: str, taken: Mapping[str, object]) -> str:
    """Why a source cannot have this name; ``""`` where it can."""
    if name in taken:
        return f"There is a source {name!r} already."
    return "" if _NAME.fullmatch(name) else "Write letters, digits and hyphens, beginning with a letter."


def with_tables(text: str, added: list[FurtherSource]) -> str:
    """What the file holds with these behind what stood there."""
    return "\n".join([*([text.rstrip() + "\n"] if text.strip() else []), *(source.table() for source in added)])


def _keys(provider: str) -> dict[str, str]:
    """What the file calls each variable of a provider."""
    found = {}
    for key, info in provider_settings(provider).model_fields.items():
        if isinstance(info.json_schema_extra, dict) and "env" in info.json_schema_extra:
            found[str(info.json_schema_extra["env"])] = key
    return found
