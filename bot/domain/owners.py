"""Whom to ask about a cost: an owner for a tag value, an account, a project or any other value of a dimension."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.errors import Misconfigured
from bot.domain.question import DIMENSIONS

_EXAMPLE = 'Write for example [Tags.team], then platform = "U0AMARA": the id of a person, group or channel, or a name.'


class Owners:
    """Owners by dimension and value; a value is found whatever its case."""

    def __init__(self, owners: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._owners = {
            dimension: {value.casefold(): owner for value, owner in values.items()}
            for dimension, values in (owners or {}).items()
        }

    def of(self, key: Mapping[str, str | None]) -> tuple[str, ...]:
        """The owners of what a key names, each once: Slack ids (``U…``, ``S…``, ``C…``) or names."""
        found = (self._owners.get(dimension, {}).get((value or "").casefold()) for dimension, value in key.items())
        return tuple(dict.fromkeys(owner for owner in found if owner))


def declared(table: Mapping[str, object], path: str) -> Owners:
    """The owners of a file by dimension: ``[Tags.team]`` or ``[SubAccountName]``, then ``production = "U0AMARA"``.

    Raises:
        Misconfigured: naming the section, and the value, that cannot be read.
    """
    found: dict[str, dict[str, str]] = {}
    for section, values in table.items():
        if not isinstance(values, Mapping):
            raise Misconfigured(f"{path}: {section!r} is not a section.", _EXAMPLE)
        if section == "Tags":
            for key, tagged in values.items():
                found[f"Tags/{key}"] = _values(tagged, path, f"Tags.{key}")
        elif section in DIMENSIONS:
            found[section] = _values(values, path, section)
        else:
            known = ", ".join((*DIMENSIONS, "Tags.<key>"))
            raise Misconfigured(f"{path}: there is no dimension {section!r}.", f"Available: {known}.")
    return Owners(found)


def _values(values: object, path: str, section: str) -> dict[str, str]:
    if not isinstance(values, Mapping):
        raise Misconfigured(f"{path}: {section!r} is not a section.", _EXAMPLE)
    for value, owner in values.items():
        if not isinstance(owner, str) or not owner.strip():
            raise Misconfigured(f"{path}, {section}: {value!r} has no owner.", _EXAMPLE)
    return {str(value): owner.strip() for value, owner in values.items()}
